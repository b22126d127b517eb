package site

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/richtext"
)

// A video is one video in one place of an article. Nothing of it is fetched before
// its reader asks for it, and its place is there from the start.
type video struct {
	Width, Height int
	Src, Type     string // the file; "" for what lives elsewhere
	Poster        string
	Captions      string // address, "" for none
	Language      string // of the captions
	Spoken        string // the language by its name
	Away          string // address of a stream elsewhere, "" for a file of ours
	Host          string // where that is
	Name          string // what is to be seen
	Length        string // "2:05", "" when it is not known
	Size          string // "3.1 MB"
}

// A player sets the pictures and videos of an article.
type player struct {
	s     *Site
	found map[string]*media.Picture
	films map[string]*media.Video
	base  string // where the files are, with a slash at its end; "" is where readers find them
	paid  bool   // somebody has paid for the article
}

// video is a video over its poster; nil when there is none, or the right to show it
// has ended: then its poster stands there as a picture.
func (p player) video(id string, poster *picture) *video {
	f := p.films[id]
	if f == nil || f.Ended {
		return nil
	}
	v := &video{
		Width: f.Width, Height: f.Height, Type: f.Kind.Type(), Poster: poster.Src,
		Name: cmp.Or(f.Title, poster.Alt), Length: f.Clock(),
	}
	if f.Kind == media.HLS {
		v.Away, v.Host = f.Address, host(f.Address)
		return v
	}
	base := cmp.Or(p.base, "/media/")
	v.Src, v.Size = base+f.Key(), fmt.Sprintf("%.1f MB", float64(max(f.Size, 50_000))/1e6)
	if key := f.CaptionsKey(); key != "" {
		v.Captions, v.Language, v.Spoken = base+key, f.Language, page.TongueOf(f.Language)
	}
	return v
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// figure is a picture, or a video in its place; nil when there is nothing to show.
func (p player) figure(shown *picture, id string) *figure {
	if shown == nil {
		return nil
	}
	f := &figure{Picture: shown}
	if id != "" {
		f.Video = p.video(id, shown)
	}
	return f
}

// Tall reports whether the figure is higher than wide, so that a page can keep it from
// filling the screen.
func (f figure) Tall() bool {
	if f.Video != nil && f.Video.Src != "" {
		return f.Video.Height > f.Video.Width
	}
	return f.Picture.Tall()
}

// body is the article's text, the first paragraph apart.
func (p player) body(d richtext.Doc) (opening, rest template.HTML) {
	if len(d.Blocks) > 0 && d.Blocks[0].Kind == richtext.Paragraph {
		opening = p.line(d.Blocks[0].Text)
		d.Blocks = d.Blocks[1:]
	}
	return opening, p.text(d)
}

// line is a text in one line.
func (p player) line(spans []richtext.Span) template.HTML {
	if p.paid {
		return richtext.PaidHTML(spans)
	}
	return richtext.PlainHTML(spans)
}

// text is a text with its pictures and videos.
func (p player) text(d richtext.Doc) template.HTML {
	web := d.Web
	if p.paid {
		web = d.Paid
	}
	return web(func(b richtext.Block) template.HTML {
		f := p.figure(newPicture(p.found[b.Picture], b.Alt, bodySizes), b.Video)
		if f == nil {
			return "" // a picture that is not in the paper has no place
		}
		f.Caption, f.Credit = p.line(b.Text), b.Credit
		html, err := p.s.views.figure.Fragment(*f)
		if err != nil {
			p.s.Log.Error("a figure is left out", "picture", b.Picture, "error", err)
		}
		return html
	})
}

// lead is the picture above an article; nil for none.
func (p player) lead(lead article.Lead) *figure {
	own := p.found[lead.Picture]
	f := p.figure(newPicture(own, lead.Alt, articleSizes), lead.Video)
	if f == nil {
		return nil
	}
	f.Picture.First = true
	f.Caption = richtext.PlainHTML([]richtext.Span{{Text: cmp.Or(lead.Caption, own.Caption)}})
	f.Credit = credit(lead, own)
	return f
}

// data is what machines read of the videos of an article.
func (p player) data(r *article.Reading) (list []node) {
	at := func(id, picture, said string) {
		v, poster := p.films[id], widest(p.found[picture])
		if v == nil || v.Ended || poster.Key == "" {
			return
		}
		n := node{
			Type: "VideoObject", Name: cmp.Or(v.Title, r.Headline), Description: cmp.Or(said, v.Title, r.Headline),
			Thumbnail: p.s.Paper.URL("/media/" + poster.Key), Uploaded: p.s.lang.Machine(v.Created), Duration: v.ISO(),
			Content: v.Address, Credit: v.Credit,
		}
		if v.Address == "" {
			n.Content, n.Width, n.Height = p.s.Paper.URL("/media/"+v.Key()), v.Width, v.Height
		}
		if !v.Expires.IsZero() {
			n.Expires = p.s.lang.Machine(v.Expires)
		}
		list = append(list, n)
	}
	at(r.Card.Lead.Video, r.Card.Lead.Picture, r.Card.Lead.Caption)
	for _, b := range r.Body.Figures() {
		at(b.Video, b.Picture, richtext.Plain(b.Text))
	}
	return list
}

// on notes for the cache what a page shows, as shows does.
func (p player) on(b *page.Body) *page.Body {
	for _, id := range slices.Sorted(maps.Keys(p.films)) {
		b.Tagged(media.Tag(id))
		if v := p.films[id]; !v.Ended {
			b.Until(v.Expires)
		}
	}
	return shows(b, p.found)
}
