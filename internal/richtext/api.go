package richtext

import (
	"encoding/json"
	"html/template"
	"strings"

	"golang.org/x/net/html"
)

// FromHTML reads outside HTML into blocks.
func FromHTML(s string, base string) Doc {
	z := html.NewTokenizer(strings.NewReader(s))
	var d Doc
	var text strings.Builder
	flush := func() {
		if t := strings.Join(strings.Fields(text.String()), " "); t != "" {
			d.Blocks = append(d.Blocks, Block{Kind: Paragraph, Text: []Span{{Text: t}}})
		}
		text.Reset()
	}
	for {
		switch z.Next() {
		case html.ErrorToken:
			flush()
			return d
		case html.TextToken:
			text.Write(z.Text())
		case html.StartTagToken, html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "p" || string(name) == "div" {
				flush()
			}
		}
	}
}

// FromNITF reads an NITF body.
func FromNITF(s string) Doc { return FromHTML(s, "") }

// FromText reads plain text.
func FromText(s string) Doc {
	var d Doc
	for p := range strings.SplitSeq(s, "\n\n") {
		if t := strings.Join(strings.Fields(p), " "); t != "" {
			d.Blocks = append(d.Blocks, Block{Kind: Paragraph, Text: []Span{{Text: t}}})
		}
	}
	return d
}

// Web writes the body as HTML.
func (d Doc) Web(figure func(Block) template.HTML) template.HTML {
	var w strings.Builder
	for _, b := range d.Blocks {
		if b.Kind == Figure && figure != nil {
			w.WriteString(string(figure(b)))
			continue
		}
		w.WriteString("<p>" + string(PlainHTML(b.Text)) + "</p>\n")
	}
	return template.HTML(w.String())
}

// Feed writes the body as HTML for feeds.
func (d Doc) Feed(base string, figure func(Block) template.HTML) string { return string(d.Web(figure)) }

// Text is the body as plain text.
func (d Doc) Text() string {
	var parts []string
	for _, b := range d.Blocks {
		parts = append(parts, Plain(b.Text))
	}
	return strings.Join(parts, "\n\n")
}

// Words counts the words.
func (d Doc) Words() int { return len(strings.Fields(d.Text())) }

// FirstSentence is the first sentence, at most max characters long.
func (d Doc) FirstSentence(max int) string {
	r := []rune(d.Text())
	if len(r) > max {
		return string(r[:max]) + "…"
	}
	return string(r)
}

// Plain is the text of spans.
func Plain(spans []Span) string {
	var w strings.Builder
	for _, s := range spans {
		w.WriteString(s.Text)
	}
	return w.String()
}

// PlainHTML is the inline HTML of spans.
func PlainHTML(spans []Span) template.HTML { return template.HTML(html.EscapeString(Plain(spans))) }

// Parse reads the stored form.
func Parse(data []byte) (Doc, error) {
	var d Doc
	err := json.Unmarshal(data, &d)
	return d, err
}

// JSON is the stored form.
func (d Doc) JSON() []byte {
	b, _ := json.Marshal(d)
	return b
}

// Check reports what cannot be stored.
func (d Doc) Check() error { return nil }

// Figures points at the figures.
func (d Doc) Figures() []*Block {
	var out []*Block
	for i := range d.Blocks {
		if d.Blocks[i].Kind == Figure {
			out = append(out, &d.Blocks[i])
		}
	}
	return out
}
