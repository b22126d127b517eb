package site

import (
	"kawaraban/internal/article"
	"kawaraban/internal/media"
)

// newsletterPage is what newsletter.html shows: articles as a newsletter brings
// them, in the frame of the paper's letters.
type newsletterPage struct {
	letter
	Note  string // what stands above a preview, "" in the mail itself
	Items []mailItem
}

// A mailItem is one article in a newsletter.
type mailItem struct {
	Kicker   string
	Headline string
	About    string
	Link     string // a whole address
	Picture  *mailPicture
}

// A mailPicture is a picture that programs for mail can show.
type mailPicture struct{ URL, Alt, Credit string }

// mailWidth is how wide a picture in a letter has to be, for screens with two
// points to the pixel.
const mailWidth = 1120

// forMail is the smallest file that is wide enough, or else the widest.
func forMail(p *media.Picture) media.File {
	best := widest(p)
	if p == nil {
		return best
	}
	for _, f := range p.Renditions {
		if f.Format == media.JPEG && f.Width >= mailWidth && f.Width < best.Width {
			best = f
		}
	}
	return best
}

// inNewsletter is an article alone in a newsletter.
func (s *Site) inNewsletter(r *article.Reading, p *media.Picture, note string) newsletterPage {
	w := s.lang
	it := mailItem{Kicker: r.Kicker, Headline: r.Headline, About: summary(r), Link: s.Paper.URL(r.Path())}
	if it.Kicker == "" {
		it.Kicker = r.Section.Name
	}
	if f := forMail(p); f.Key != "" {
		it.Picture = &mailPicture{URL: p.Base + f.Key, Alt: r.Lead.Alt}
		if it.Picture.Alt == "" {
			it.Picture.Alt = p.Alt
		}
		if c := credit(r.Lead, p); c != "" {
			it.Picture.Credit = w.Say("image", c)
		}
	}
	return newsletterPage{
		letter: letter{
			Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(),
			Subject: r.Headline, Notice: s.Paper.Notice,
		},
		Note: note, Items: []mailItem{it},
	}
}
