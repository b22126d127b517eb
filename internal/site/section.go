package site

import (
	"context"
	"net/url"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
)

// sectionPage is what section.html shows.
type sectionPage struct {
	chrome
	Section article.Section
	Lead    *card // on the newest page only; nil when the section is empty
	List    []card
	Older   string // address of the next page, "" on the last
	Newest  bool   // this is the newest page
}

// perSection is how many stories a section shows at a time.
const perSection = 25

func (s *Site) showSection(ctx context.Context, q page.Query) (*page.Body, error) {
	sec, err := s.Articles.Section(ctx, q.Path("section"))
	if err != nil {
		return nil, err
	}
	before := q.Get("before")
	list, older, err := s.Articles.Latest(ctx, article.Filter{Section: sec.Slug, Before: before, Limit: perSection})
	if err != nil {
		return nil, err
	}
	found, err := s.pictures(ctx, list)
	if err != nil {
		return nil, err
	}
	counted, err := s.counts(ctx, list)
	if err != nil {
		return nil, err
	}

	p := sectionPage{chrome: s.chrome("section"), Section: sec, Newest: before == ""}
	l, lead := lister{s, p.Today, found, counted}, leading(list)
	for i, c := range list {
		if i == lead && p.Newest {
			first := l.pictured(c, leadSizes)
			if first.Picture != nil {
				first.Picture.First = true
			}
			p.Lead = &first
		} else {
			p.List = append(p.List, l.pictured(c, thumbSizes))
		}
	}
	path := sec.Path()
	if older != "" {
		p.Older = path + "?" + url.Values{"before": {older}}.Encode()
	}
	if !p.Newest {
		path += "?" + url.Values{"before": {before}}.Encode()
	}
	p.Here, p.Title = sec.Slug, sec.Name
	p.Description = s.lang.Say("section.description", sec.Name, s.Paper.Name)
	p.Canonical = s.Paper.URL(path)
	p.Feed, p.FeedName = sec.Path()+"/feed", s.lang.Say("title", sec.Name, s.Paper.Name)
	p.Share = &share{Type: "website", Title: p.FeedName, Card: "summary", Image: s.mark(), Width: markSize, Height: markSize}
	p.Data = &data{Context: schema, Graph: []node{s.crumbs(sec, "", "")}}

	b := s.views.section.With(p).Tagged(article.ListTag).Tagged(countTags(list)...)
	return ends(s.dated(shows(b, found)), list), nil
}

// leadAmong is how many of the newest stories may lead a section.
const leadAmong = 8

// leading is the place of the story that leads a section: the biggest of the
// newest, one with a picture before one without.
func leading(list []article.Card) (best int) {
	weight := func(c article.Card) int {
		w := 2 * c.Weight
		if c.Lead.Picture != "" {
			w++
		}
		return w
	}
	for i, c := range list[:min(len(list), leadAmong)] {
		if weight(c) > weight(list[best]) {
			best = i
		}
	}
	return best
}
