package richtext

import "html/template"

// Letter returns the body as HTML for a letter: as Feed, without pictures, each
// element with the style that look has for its name, as programs for mail know
// nothing else, and each link as to makes it.
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
