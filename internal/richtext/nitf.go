package richtext

import (
	"strings"
	"unicode/utf8"
)

// FromNITF reads the body of an NITF document (IPTC NITF 3.x): body.content,
// what is inside it, or the whole body, with or without a namespace. The head
// of the body (headline, byline, dateline) and its end are not part of the text
// and are left out.
//
// It reads broken XML too, and never resolves an entity that a document
// declares. It keeps to the same limits as FromHTML.
func FromNITF(s string) Doc {
	d, _ := ReadNITF(s)
	return d
}

// ReadNITF is FromNITF, and says whether something was cut off, as ReadHTML does.
func ReadNITF(s string) (Doc, error) {
	r := reader{nitf: true, line: newLine()}
	return r.read(s, maxInput)
}

// media reads a picture (NITF media). What it is called, a file's name or the
// agency's own reference, is kept as it is for whoever has the pictures.
func (r *reader) media(n *node) {
	b := Block{Kind: Figure}
	for _, ref := range n.children {
		if ref.name == "media-reference" && b.Picture == "" {
			name := ref.get("source")
			if name == "" {
				name = ref.get("data-location")
			}
			b.Picture = strings.TrimPrefix(strings.TrimSpace(name), "#")
			b.Alt = ref.get("alt")
		}
	}
	if caption := n.child("media-caption"); caption != nil {
		b.Text = r.phrase(caption, Span{})
	}
	if producer := n.child("media-producer"); producer != nil {
		b.Credit = r.plain(producer)
	}
	r.emit(b)
}

// footnote reads a note (NITF fn) into the line that it belongs to.
func (r *reader) footnote(n *node, m Span) { r.note(n, m, " (", ")") }

// frac reads a fraction (NITF frac), which may come without its stroke.
func (r *reader) frac(n *node, m Span) {
	if above, below := n.child("numer", "frac-num"), n.child("denom", "frac-den"); above != nil && below != nil {
		r.line.add(m.say(r.plain(above) + "/" + r.plain(below)))
		return
	}
	r.flow(n, m)
}

// maxHead is the longest line, in characters, that can be a cross-head between dashes.
const maxHead = 80

// nitfParagraph makes of a paragraph's text what agencies mean by it: a line
// between dashes is a cross-head, and line breaks at the width of a teleprinter
// are no line breaks.
func nitfParagraph(text []Span) Block {
	plain := Plain(text)
	if utf8.RuneCountInString(plain) <= maxHead && betweenDashes(plain) {
		return Block{Kind: CrossHead, Text: trimDashes(text)}
	}
	if wrapped(strings.Split(plain, "\n")) {
		text = unwrap(text)
	}
	return Block{Kind: Paragraph, Text: text}
}

const dashes = "-–—"

// betweenDashes reports whether s reads "- Words -" and nothing more.
func betweenDashes(s string) bool {
	for _, d := range []string{"- ", "– ", "— "} {
		end := " " + strings.TrimSpace(d)
		if strings.HasPrefix(s, d) && strings.HasSuffix(s, end) && len(s) > len(d)+len(end) {
			inner := s[len(d) : len(s)-len(end)]
			return !strings.Contains(inner, "\n") && strings.Trim(inner, dashes+" ") != ""
		}
	}
	return false
}

// trimDashes removes the dashes around "- Words -".
func trimDashes(text []Span) []Span {
	if !betweenDashes(Plain(text)) {
		return text
	}
	return trimRight(trimLeft(text, dashes), dashes)
}

// unwrap makes line breaks spaces.
func unwrap(text []Span) []Span {
	out := make([]Span, len(text))
	for i, s := range text {
		s.Text = flat(s.Text)
		out[i] = s
	}
	return tidy(out)
}
