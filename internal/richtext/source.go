package richtext

import (
	"regexp"
)

// maxSource is the longest source that is read, in bytes. The largest body that
// may be stored is shorter when Source writes it.
const maxSource = 1 << 20

// Source returns the body as HTML that a person can edit: one block on a line,
// without classes and roles. FromSource reads the same body from it.
//
// A figure is <figure><img src="its picture's id" alt="…"><figcaption>caption
// <span class="credit">credit</span></figcaption></figure>, with data-video="its id"
// in the img when the picture stands for a video; an embed
// <iframe src="…" title="…"></iframe>; the rest is as on the page.
func Source(d Doc) string {
	w := writer{feed: true, source: true}
	w.doc(d)
	return w.String()
}

// FromSource reads what somebody made of a Source. As with FromHTML, only what a
// block can say survives; an empty line in a text ends its paragraph, so that
// paragraphs can be typed without tags. Nothing is cut off and no address is
// dropped unsaid: the error is a Problem, TooLarge or Invalid, that says what is
// wrong.
func FromSource(s string) (Doc, error) {
	r := reader{source: true, line: newLine()}
	d, err := r.read(s, maxSource)
	if err == nil {
		err = d.Check()
	}
	if err != nil {
		return Doc{}, err
	}
	return d, nil
}

// picture writes a figure with all that it holds.
func (w *writer) picture(b Block) {
	w.put("<figure><img")
	attr := func(name, value string) {
		if value != "" {
			w.put(" ", name, `="`)
			w.attr(value)
			w.put(`"`)
		}
	}
	switch {
	case b.URL == "" && address(b.Picture, nil) == "": // like any id
		attr("src", b.Picture)
	default:
		attr("src", b.URL)
		attr("data-picture", b.Picture)
	}
	attr("data-video", b.Video)
	w.put(` alt="`)
	w.attr(b.Alt)
	w.put(`">`)
	if len(b.Text) > 0 || b.Credit != "" {
		w.put("<figcaption>")
		w.spans(b.Text)
		if b.Credit != "" {
			w.put(` <span class="credit">`)
			w.text(b.Credit)
			w.put("</span>")
		}
		w.put("</figcaption>")
	}
	w.put("</figure>\n")
}

// frame writes an embed.
func (w *writer) frame(b Block) {
	w.put(`<iframe src="`)
	w.attr(b.URL)
	w.put(`" title="`)
	w.attr(b.Title)
	w.put(`"></iframe>`, "\n")
}

// picture reads an image of a source: what is no address is the id of a picture.
func (r *reader) picture(n *node) {
	b := Block{Kind: Figure, Picture: n.get("data-picture"), Alt: n.get("alt"), Video: n.get("data-video")}
	src := n.get("src")
	if b.URL = address(src, nil); b.URL != "" {
		b.URL = r.address(src, address)
	} else if b.Picture == "" {
		b.Picture = src
	}
	r.emit(b)
}

var emptyLine = regexp.MustCompile(`\n[ \t\r]*\n`)

// typed adds text of a source, in which an empty line ends the paragraph.
func (r *reader) typed(m Span) {
	for i, text := range emptyLine.Split(m.Text, -1) {
		if i > 0 {
			r.flush()
		}
		r.line.add(oneLine(m.say(text)))
	}
}
