package richtext

import (
	"html/template"
	"strings"
)

// Letter returns the body as HTML for a letter: as Feed, without pictures, each
// element with the style that look has for its name, as programs for mail know
// nothing else, and each link as to makes it. It has only what Outlook on Windows
// knows, which pads cells of tables and nothing else: docs/newsletters.md lists it. The
// names that are no elements are "quote" (the cell in which one stands), "quote-text"
// and "attribution".
func (d Doc) Letter(look func(element string) string, to func(href string) string) template.HTML {
	w := writer{feed: true, look: look, to: to}
	w.doc(d)
	return template.HTML(w.String())
}

// Uncarried returns the kind of the first block that a letter does not carry, "" when
// it carries all: pictures in a text, and what lives elsewhere, are for pages.
func (d Doc) Uncarried() Kind {
	for _, b := range d.Blocks {
		if b.Kind == Figure || b.Kind == Embed {
			return b.Kind
		}
	}
	return ""
}

// letter writes a block that is written otherwise in a letter, and reports whether it is
// one.
func (w *writer) letter(b Block) bool {
	switch b.Kind {
	case Quote:
		w.open("blockquote")
		w.put("\n", `<table role="presentation" cellpadding="0" cellspacing="0"><tr>`)
		w.openAs("td", "quote")
		w.put("\n")
		w.elementAs("p", "quote-text", b.Text)
		if len(b.Attribution) > 0 {
			w.elementAs("p", "attribution", append([]Span{{Text: "— "}}, b.Attribution...))
		}
		w.put("</td></tr></table></blockquote>\n")
	case Table:
		w.letterTable(b)
	case Preformatted:
		w.openAs("p", "pre")
		for _, s := range b.Text {
			w.span(s, w.agate)
		}
		w.put("</p>\n")
	default:
		return false
	}
	return true
}

// letterTable writes a table with a caption above it that is no part of it: Outlook knows
// none.
func (w *writer) letterTable(b Block) {
	if len(b.Text) > 0 {
		w.elementAs("p", "caption", b.Text)
	}
	w.put(`<table width="100%" cellpadding="0" cellspacing="0" style="`)
	w.attr(w.look("table"))
	w.put("\">\n")
	for _, row := range b.Rows {
		w.put("<tr>")
		for _, cell := range row.Cells {
			name := "td"
			if row.Head && len(cell) > 0 {
				name = "th"
			}
			w.open(name)
			w.spans(cell)
			w.put("</", name, ">")
		}
		w.put("</tr>\n")
	}
	w.put("</table>\n")
}

// agate writes text in which line breaks and spaces count, for programs that know no
// white-space: lines may be broken where they are too long.
func (w *writer) agate(s string) {
	s = strings.ReplaceAll(s, "\t", "    ")
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.put("<br>")
		}
		for strings.Contains(line, "  ") {
			line = strings.ReplaceAll(line, "  ", "\u00a0 ")
		}
		if rest, ok := strings.CutPrefix(line, " "); ok {
			line = "\u00a0" + rest
		}
		w.text(line)
	}
}
