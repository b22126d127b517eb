package wire

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/newsml"
)

// isBody reports whether a rendition is the story itself. Beside it, agencies
// send its headline, its teaser and even their private notes as renditions: only
// what is known to be the story is taken.
func isBody(in newsml.Inline) bool {
	if editorsOnly(in.Rendition) || editorsOnly(in.PubConstraint) || in.Encoding != "" || in.Content == "" {
		return false
	}
	if bodyFormat(in) == "text" {
		return slices.Contains([]string{"", "text", "body", "story", "main", "plain"}, local(in.Rendition))
	}
	return bodyFormat(in) != ""
}

// bodyFormat returns the format of a rendition's content: html, nitf, text, or
// "" for one that is not a story (SportsML, events, binary data).
func bodyFormat(in newsml.Inline) string {
	kind, content := strings.ToLower(in.ContentType), strings.TrimSpace(string(in.Content))
	switch {
	case strings.Contains(kind, "nitf"):
		return "nitf"
	case strings.Contains(kind, "html"):
		return "html"
	case strings.HasPrefix(kind, "text/plain"):
		return "text"
	case kind != "" && kind != "text/xml" && kind != "application/xml":
		return ""
	case strings.HasPrefix(content, "<nitf"):
		return "nitf"
	case strings.HasPrefix(content, "<html"), strings.HasPrefix(content, "<div"), strings.HasPrefix(content, "<p>"):
		return "html"
	case !strings.HasPrefix(content, "<"):
		return "text"
	}
	return ""
}

// header matches the head of an XHTML body in which some agencies repeat the
// fields of the item, embargo included.
var header = regexp.MustCompile(`(?s)<header[ >].*?</header>`)

// ownImage and ownEmbed match the elements that dpa made up for pictures and
// for what is embedded; ownMark those, always in mixed case, with which others
// mark names: "<Company>".
var (
	ownMark  = regexp.MustCompile(`</?[A-Z]+[a-z][A-Za-z]*(?: [^<>]*)?>`)
	ownImage = regexp.MustCompile(`<dnl-image ref="([^"]*)"(?: caption="([^"]*)")?(?: creditline="([^"]*)")?[^>]*>`)
	ownEmbed = regexp.MustCompile(`<dnl-[a-z]+ src="([^"]*)"[^>]*>`)
)

// g2Body returns the story: of the renditions, which are alternatives, the one
// that says most about its structure. The error is richtext's, for one whose end
// is lost.
func g2Body(set newsml.ContentSet, links []newsml.Link) (richtext.Doc, error) {
	all := slices.Concat(set.XML, set.Data)
	for _, format := range []string{"html", "nitf", "text"} {
		for _, in := range all {
			if !isBody(in) || bodyFormat(in) != format {
				continue
			}
			s := string(in.Content)
			switch {
			case format == "nitf":
				return richtext.ReadNITF(s)
			case format == "text":
				return richtext.ReadText(html.UnescapeString(s))
			case !strings.Contains(s, "<"): // HTML as the text of an inlineData
				s = html.UnescapeString(s)
			}
			return richtext.ReadHTML(standard(s, links), "")
		}
	}
	return richtext.Doc{}, nil
}

// standard returns XHTML in which the agency's own elements are those that HTML
// has for the purpose.
func standard(s string, links []newsml.Link) string {
	address := make(map[string]string)
	for _, l := range links {
		address[l.Ref] = l.Href
	}
	s = ownMark.ReplaceAllString(header.ReplaceAllString(s, ""), "")
	s = ownImage.ReplaceAllStringFunc(s, func(image string) string {
		m := ownImage.FindStringSubmatch(image)
		href := address[html.UnescapeString(m[1])]
		if href == "" {
			return ""
		}
		return `<figure><img src="` + html.EscapeString(href) + `"/><figcaption>` + m[2] +
			` <span class="credit">` + m[3] + `</span></figcaption></figure>`
	})
	return ownEmbed.ReplaceAllString(s, `<iframe src="$1"></iframe>`)
}

// nameFiguresG2 lets the body's figures name the item's pictures, and gives
// these the words that only the body has for them.
func nameFiguresG2(blocks []richtext.Block, pictures []PictureRef) {
	byAddress := make(map[string]*PictureRef)
	for i := range pictures {
		byAddress[pictures[i].Href] = &pictures[i]
	}
	for i := range blocks {
		b := &blocks[i]
		if p := byAddress[b.URL]; p != nil && b.Kind == richtext.Figure {
			b.Picture = p.Ref
			p.Caption = first(p.Caption, richtext.Plain(b.Text))
			p.Credit = first(p.Credit, b.Credit)
		}
	}
}
