package site

import (
	"context"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
)

// sectionPage is what section.html shows.
type sectionPage struct {
	chrome
	Section article.Section
	Lead    *card // on the newest page only; nil when the section is empty
	List    []card
	Older   string    // address of the next page, "" on the last
	Marked  bool      // something on it is no story
	Slot    *slotView // the sponsored video; nil where nothing is booked
	Ranked  *ranked   // on the newest page only; nil for nothing
	Newest  bool      // this is the newest page
}

// perSection is how many stories a section shows at a time.
const perSection = 25

func (s *Site) showSection(ctx context.Context, q page.Query) (*page.Body, error) {
	sec, err := s.Articles.SectionAt(ctx, q.Path("section"))
	if err != nil {
		return nil, err
	}
	if sec.Address != q.Path("section") {
		return movedTo(sec.Path(), q), nil
	}
	var placed article.Layout
	var until time.Time
	if q.Get("before") == "" {
		held, changes, err := s.Desk.Holds(ctx, desk.SectionPage(sec.Slug))
		if err != nil {
			return nil, err
		}
		placed, until = held.Layout(), changes
	}
	b, err := s.composeSection(ctx, sec, q.Get("before"), placed, proof{})
	if err != nil {
		return nil, err
	}
	return b.Tagged(desk.SectionPage(sec.Slug).Tag()).Until(until), nil
}

// movedTo leads to where something is by now, with what was asked of it.
func movedTo(path string, q page.Query) *page.Body {
	if _, asked, ok := strings.Cut(q.Key(), "?"); ok {
		path += "?" + asked
	}
	return page.Moved(path)
}

func (s *Site) composeSection(ctx context.Context, sec article.Section, before string, placed article.Layout, as proof) (*page.Body, error) {
	list, older, err := s.Articles.Latest(ctx, article.Filter{Section: sec.Slug, Before: before, Limit: perSection})
	if err != nil {
		return nil, err
	}
	lead := -1 // none
	if before == "" {
		top, err := s.Articles.Top(ctx, placed)
		if err != nil {
			return nil, err
		}
		list, lead = top.Over(list)
	}
	found, err := s.pictures(ctx, list)
	if err != nil {
		return nil, err
	}
	counted, err := s.counts(ctx, list)
	if err != nil {
		return nil, err
	}

	formats, err := s.formats(ctx, list)
	if err != nil {
		return nil, err
	}
	around, err := s.newsChrome(ctx, "section")
	if err != nil {
		return nil, err
	}
	as.on(&around, found)
	p := sectionPage{chrome: around, Section: sec, Newest: before == ""}
	l := lister{s, p.Today, found, counted, formats}
	for i, c := range list {
		if i == lead {
			first := l.pictured(c, leadSizes)
			if first.Picture != nil {
				first.Picture.First = true
			}
			p.Lead = &first
		} else {
			item := l.pictured(c, thumbSizes)
			if item.Wide() {
				item.Picture.Sizes = wideSizes
			}
			p.List = append(p.List, item)
		}
	}
	var with []article.Card
	if p.Newest {
		if p.Ranked, with, err = s.ranks(ctx, sec.Slug); err != nil {
			return nil, err
		}
	}
	slot, slotted := s.slot(sec.Slug)
	p.Slot = slot
	p.Marked = marked(list)
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

	b := slotted(s.withBar(s.views.section.With(p), p.Bar)).Tagged(article.ListTag, audience.Tag(sec.Slug)).Tagged(countTags(list, with)...).Tagged(pollTags(list)...)
	return ends(s.dated(shows(b, found)), list, with), nil
}
