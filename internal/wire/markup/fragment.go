package markup

import (
	"encoding/xml"
	"slices"
	"strings"
)

// An Inner is what stands inside an element, as markup: well-formed, without
// prefixes, namespaces, comments and processing instructions, so that it can be
// read as HTML or NITF. Of the elements of another namespace only the local
// names remain. It is not safe to show: give it to richtext.
type Inner string

// UnmarshalXML implements [xml.Unmarshaler].
func (in *Inner) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	var b strings.Builder
	empty := false // the last token was a start tag that is still open: "<p"
	for depth := 1; ; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if end, ok := t.(xml.EndElement); ok {
			if depth--; depth == 0 {
				*in = Inner(b.String())
				return nil
			}
			switch {
			case empty && void(end.Name.Local):
				b.WriteString("/>")
			case empty:
				b.WriteString("></" + end.Name.Local + ">")
			default:
				b.WriteString("</" + end.Name.Local + ">")
			}
			empty = false
			continue
		}
		if empty {
			b.WriteByte('>')
			empty = false
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			empty = true
			b.WriteString("<" + t.Name.Local)
			for _, a := range t.Attr {
				if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
					continue
				}
				b.WriteString(" " + a.Name.Local + `="` + escaper.Replace(a.Value) + `"`)
			}
		case xml.CharData:
			b.WriteString(escaper.Replace(string(t)))
		}
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// void reports whether HTML forbids an end tag for name: "<br></br>" would be
// two line breaks.
func void(name string) bool {
	return slices.Contains([]string{"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}, name)
}

// A Text is the text of an element and of everything inside it, with white
// space collapsed: what to use for headlines and names, in which agencies put
// line breaks and emphasis.
type Text string

// UnmarshalXML implements [xml.Unmarshaler].
func (text *Text) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	var b strings.Builder
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "br" || t.Name.Local == "p" {
				b.WriteByte(' ')
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			b.Write(t)
		}
		if b.Len() > maxText {
			return tooLarge("has a headline, a name or another line of %d bytes", b.Len(), maxText)
		}
	}
	*text = Text(strings.Join(strings.Fields(b.String()), " "))
	return nil
}
