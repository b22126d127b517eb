package site

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
)

// correctionsTag is that of the pages that list corrections.
const correctionsTag = "corrections"

const (
	correctionsPerPage = 30

	// lineLength is how many characters of a correction stand above its article.
	lineLength = 200
)

// A correctionView is one correction as it is set.
type correctionView struct {
	Day, When, At string
	Note          string
	Version       string // its place in the article's history
	Line          string // the note on one line, and no longer than that
}

func (s *Site) correctionView(c article.Correcting) correctionView {
	return correctionView{
		Day: s.lang.ShortDay(c.At), When: s.lang.Moment(c.At), At: s.lang.Machine(c.At), Note: c.Note, Version: "v" + strconv.Itoa(c.Number),
		Line: oneLine(c.Note, lineLength),
	}
}

// oneLine is text on one line, cut after a word when it is longer than most
// characters. Half of a correction may say what was wrong, so it is cut late.
func oneLine(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	text = string(runes[:most])
	if i := strings.LastIndexByte(text, ' '); i > len(text)/2 {
		text = text[:i]
	}
	return text + "…"
}

// correctionsPage is what corrections.html shows: what the paper got wrong.
type correctionsPage struct {
	chrome
	List  []correctedView
	Newer bool
	Older string
}

// A correctedView is a correction with its article.
type correctedView struct {
	card
	Correction correctionView
}

func (s *Site) correctionRoutes(rt *page.Router) {
	rt.Public("GET /category/{section}/{slug}/history", s.showHistory, "before")
	rt.Public("GET /corrections", s.showCorrections, "before")
	rt.Public("GET /corrections/feed", s.showCorrectionsFeed)
	s.errorRoutes(rt)
}

func (s *Site) showCorrections(ctx context.Context, q page.Query) (*page.Body, error) {
	list, older, err := s.Articles.Corrections(ctx, q.Get("before"), correctionsPerPage)
	if err != nil {
		return nil, err
	}
	p := correctionsPage{chrome: s.chrome("history"), Newer: q.Get("before") != "", Older: older}
	p.Title, p.Description = s.lang.Say("corrections.title"), s.lang.Say("corrections.lead", s.Paper.Name)
	p.Canonical = s.Paper.URL("/corrections")
	p.Feed, p.FeedName = "/corrections/feed", s.lang.Say("title", p.Title, s.Paper.Name)
	l := lister{s, p.Today, nil, nil, formatted{}}
	for _, c := range list {
		p.List = append(p.List, correctedView{l.card(c.Card), s.correctionView(c.Correcting)})
	}
	b, cards := corrected(s.views.corrections.With(p), list)
	return ends(s.dated(b), cards), nil
}

// corrected tags a page with the articles whose corrections it shows, and returns
// them.
func corrected(b *page.Body, list []article.Corrected) (*page.Body, []article.Card) {
	b.Tagged(correctionsTag)
	var cards []article.Card
	for _, c := range list {
		cards = append(cards, c.Card)
	}
	return b, cards
}

// showCorrectionsFeed is the log of corrections for those who follow it.
func (s *Site) showCorrectionsFeed(ctx context.Context, _ page.Query) (*page.Body, error) {
	list, _, err := s.Articles.Corrections(ctx, "", correctionsPerPage)
	if err != nil {
		return nil, err
	}
	title := s.lang.Say("title", s.lang.Say("corrections.title"), s.Paper.Name)
	ch := rssChannel{
		Title: title, Link: s.Paper.URL("/corrections"), Description: s.lang.Say("corrections.lead", s.Paper.Name),
		Language: s.lang.Tag.String(), Copyright: s.Paper.Notice,
		Self:  rssSelf{Href: s.Paper.URL("/corrections/feed"), Rel: "self", Type: "application/rss+xml"},
		Image: rssImage{URL: s.mark(), Title: title, Link: s.Paper.URL("/corrections")},
	}
	var built time.Time
	for _, c := range list {
		ch.Items = append(ch.Items, rssItem{
			Title: s.lang.Say("corrections.item", c.Headline), Link: s.Paper.URL(fed(c.Path()) + "#corrections"),
			GUID:      rssGUID{false, s.Paper.URL(fmt.Sprintf("/a/%s#correction-%d", c.ID, c.Number))},
			Published: rfc822(c.At.In(s.lang.Zone)), Category: c.Section.Name, Description: c.Note,
		})
		if c.At.After(built) {
			built = c.At
		}
	}
	if !built.IsZero() {
		ch.Built = rfc822(built.In(s.lang.Zone))
	}
	b, cards := corrected(page.Rendered("application/rss+xml", writeXML(newRSS(ch))), list)
	return ends(b, cards), nil
}
