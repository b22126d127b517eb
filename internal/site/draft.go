package site

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// A Look is how somebody wants to see an article before it is published.
type Look string

const (
	LookPage Look = "page"
	LookDark Look = "dark"
	LookFeed Look = "feed" // as a feed reader shows it
	LookCard Look = "card" // as other sites show a link to it
	LookMail Look = "mail" // as a newsletter brings it
)

// Looks lists them in the order in which a desk offers them.
func Looks() []Look { return []Look{LookPage, LookDark, LookFeed, LookMail, LookCard} }

// draftPage is what draft.html shows: an article as it looks elsewhere.
type draftPage struct {
	chrome
	Note  string
	Look  Look
	Item  article.Card
	Text  template.HTML // of a feed's item
	Card  *share
	Host  string
	About string // the sentence under a card's title
}

// ShowDraft renders an article that readers do not have, as they would have it.
// pictures is where its pictures are found, with a slash at its end.
func (s *Site) ShowDraft(ctx context.Context, a *article.Article, look Look, pictures string) (*page.Body, error) {
	r := a.Draft()
	if r.Published.IsZero() {
		r.Published = s.Now()
	}
	report, err := s.readReport(ctx, r, "")
	if err != nil {
		return nil, err
	}
	found, err := s.Media.Pictures(ctx, append(a.Pictures(), report.pictures()...)...)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		p.Base = pictures
	}
	note := s.lang.Say("draft.note")
	if a.State == article.Published {
		note = s.lang.Say("draft.note.change")
	}
	switch look {
	case LookFeed, LookCard:
		return s.draftElsewhere(r, found, look, note), nil
	case LookMail:
		own, err := s.roomsIn("")
		if err != nil {
			return nil, err
		}
		return s.hidden(own.newsletter.With(s.inNewsletter(r, found[r.Card.Lead.Picture], note))), nil
	}
	related, _, err := s.Articles.Latest(ctx, article.Filter{Section: r.Section.Slug, Without: r.ID, Limit: relatedCount})
	if err != nil {
		return nil, err
	}
	p := articlePage{chrome: s.chrome("article"), Draft: note}
	l := lister{s, p.Today, found, nil, formatted{}}
	p.card, p.Related = l.card(r.Card), l.cards(related)
	films, err := s.Media.Videos(ctx, a.Videos()...)
	if err != nil {
		return nil, err
	}
	show := player{s, found, films, pictures, r.Paid()}
	p.Lead = show.lead(r.Card.Lead)
	p.Report = s.reportView(report, r.Path(), found)
	p.Changed = s.later(r.Published, r.Updated)
	p.Here, p.Title, p.NoIndex = r.Section.Slug, r.Headline, true
	p.Darkened = look == LookDark
	if err := s.dress(ctx, &p, r); err != nil {
		return nil, err
	}
	p.Opening, p.Body = show.body(r.Body)
	return s.hidden(s.views.article.With(p)), nil
}

// draftElsewhere is the article on other people's pages.
func (s *Site) draftElsewhere(r *article.Reading, found map[string]*media.Picture, look Look, note string) *page.Body {
	p := draftPage{chrome: s.chrome("draft"), Note: note, Look: look, Item: r.Card, Host: strings.TrimPrefix(strings.TrimPrefix(s.Paper.BaseURL, "https://"), "http://"), About: s.summary(r)}
	p.Title, p.NoIndex = r.Headline, true
	p.Card = s.articleShare(r, found[r.Card.Lead.Picture])
	if f := widest(found[r.Card.Lead.Picture]); f.Key != "" {
		p.Card.Image = found[r.Card.Lead.Picture].Base + f.Key
	}
	if look == LookFeed && r.Paid() {
		p.Note += " " + s.lang.Say("draft.note.paid")
	}
	if look == LookFeed {
		p.Text = s.draftText(r, found)
	}
	return s.hidden(s.views.draft.With(p))
}

// draftText is the article as a feed has it, with its pictures where those who may
// look before find them.
func (s *Site) draftText(r *article.Reading, found map[string]*media.Picture) template.HTML {
	return s.feedHTML(*r, found, func(p *media.Picture, f media.File) string { return p.Base + f.Key })
}

// hidden keeps a page from search engines.
func (s *Site) hidden(b *page.Body) *page.Body {
	b.Robots = "noindex"
	return b
}

func (s *Site) draftRoutes(rt *page.Router) {
	s.anyone(rt, "GET /preview/{token}", s.showPreview)
	s.anyone(rt, "GET /preview/{token}/media/{key}", s.showPreviewPicture)
}

// showPreview shows a story to somebody outside the house who has a link to it.
func (s *Site) showPreview(v *visit) (*page.Answer, error) {
	p, err := s.Desk.Preview(v.Context(), v.Path("token"))
	if err != nil {
		return nil, err
	}
	b, err := s.ShowDraft(v.Context(), p.Article, LookPage, "/preview/"+v.Path("token")+"/media/")
	if err != nil {
		return nil, err
	}
	return Framed(page.Show(b)), nil
}

// Framed is a draft that may stand in a frame of ours, in which nothing runs: what
// a colleague wrote acts for nobody who looks at it (R19).
func Framed(a *page.Answer) *page.Answer {
	return a.Allow("frame-ancestors", "'self'").Allow("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox")
}

// FramedLetter is Framed for a letter, which brings its styles in its text, as mail
// has to.
func FramedLetter(a *page.Answer) *page.Answer {
	return Framed(a).Allow("style-src", "'unsafe-inline'")
}

// showPreviewPicture shows a picture of a story to whoever has a link to the story.
func (s *Site) showPreviewPicture(v *visit) (*page.Answer, error) {
	p, err := s.Desk.Preview(v.Context(), v.Path("token"))
	if err != nil {
		return nil, err
	}
	f, err := s.Media.Open(v.Context(), v.Path("key"))
	if err != nil {
		return nil, err
	}
	if f.Video && !f.Ended && slices.Contains(p.Shown(), f.Picture) {
		return page.Long(f.Type, f), nil
	}
	defer f.Close()
	reports, err := s.Live.Showing(v.Context(), f.Picture)
	if err != nil {
		return nil, err
	}
	if f.Ended || !slices.Contains(p.Shown(), f.Picture) && !slices.Contains(reports, p.ID) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such picture."}
	}
	content, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	return page.Picture(f.Type, content), nil
}

// ShowFront renders the front page, or the page of a section where that is no "",
// as it would be with a layout: also with stories that are only scheduled. pictures
// is where their pictures are found, with a slash at its end.
func (s *Site) ShowFront(ctx context.Context, section string, placed article.Layout, dark bool, pictures string) (b *page.Body, err error) {
	placed.Early = true
	as := proof{s.lang.Say("draft.note.front"), pictures, dark}
	if section == "" {
		b, err = s.composeFront(ctx, placed, as)
	} else {
		var sec article.Section
		if sec, err = s.Articles.Section(ctx, section); err == nil {
			b, err = s.composeSection(ctx, sec, "", placed, as)
		}
	}
	if err != nil {
		return nil, err
	}
	return s.hidden(b), nil
}
