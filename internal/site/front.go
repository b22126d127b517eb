package site

import (
	"context"
	"html/template"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/network"
	"kawaraban/internal/page"
	"kawaraban/internal/promo"
)

// frontPage is what front.html shows.
type frontPage struct {
	chrome
	Lead    *card // nil on the day of the foundation
	Credit  string
	Seconds []card
	Opinion []card
	Latest  []card
	River   []block
	Since   time.Time     // of the newest story, when that is long ago; else zero
	Marked  bool          // something on it is no story
	Ranked  *ranked       // nil for nothing
	Times   string        // the name of the zone of the times in lists: "JST"
	Slot    *slotView     // the sponsored video; nil where nothing is booked
	Panel   template.HTML // what is trending at sister papers; "" for nothing
}

// A block is one section on the front page.
type block struct {
	article.Section
	Main card
	Rest []card
}

// Voice reports whether the block's main story is somebody's opinion.
func (b block) Voice() bool { return b.Main.Kind == article.Opinion }

// quiet is how long after the newest story the front page says since when
// there has been none.
const quiet = 24 * time.Hour

func (s *Site) showFront(ctx context.Context, _ page.Query) (*page.Body, error) {
	held, until, err := s.Desk.Holds(ctx, desk.FrontPage)
	if err != nil {
		return nil, err
	}
	b, err := s.composeFront(ctx, held.Layout(), proof{})
	if err != nil {
		return nil, err
	}
	return b.Tagged(desk.FrontPage.Tag()).Until(until), nil
}

// A proof is how an editor looks at a page before it is published. The zero proof
// is the page that readers have.
type proof struct {
	note     string // that it is not published
	pictures string // where its pictures are found
	dark     bool
}

// on makes what is around a page, and its pictures, those of the proof.
func (p proof) on(c *chrome, found map[string]*media.Picture) {
	if p.note == "" {
		return
	}
	c.Proof, c.NoIndex, c.Darkened = p.note, true, p.dark
	for _, picture := range found {
		picture.Base = p.pictures
	}
}

func (s *Site) composeFront(ctx context.Context, placed article.Layout, as proof) (*page.Body, error) {
	f, err := s.Articles.Front(ctx, placed)
	if err != nil {
		return nil, err
	}
	all := f.Latest
	if f.Lead != nil {
		all = append(all[:len(all):len(all)], *f.Lead)
	}
	lists := [][]article.Card{all, f.Seconds, f.Opinion}
	for _, sec := range f.Sections {
		lists = append(lists, sec.Cards)
	}
	found, err := s.pictures(ctx, pictured(f))
	if err != nil {
		return nil, err
	}

	counted, err := s.counts(ctx, lists...)
	if err != nil {
		return nil, err
	}

	formats, err := s.formats(ctx, lists...)
	if err != nil {
		return nil, err
	}

	ranked, with, err := s.ranks(ctx, "")
	if err != nil {
		return nil, err
	}
	lists = append(lists, with)

	now := s.Now()
	c, err := s.newsChrome(ctx, "front")
	if err != nil {
		return nil, err
	}
	as.on(&c, found)
	l := lister{s, now, found, counted, formats}
	p := frontPage{
		chrome: c, Ranked: ranked, Latest: l.cards(f.Latest), Opinion: l.cards(f.Opinion),
		Times: now.In(s.lang.Zone).Format("MST"),
	}
	if p.Panel, err = s.panel(); err != nil {
		return nil, err
	}
	slot, slotted := s.slot(promo.Front)
	p.Slot = slot
	if f.Lead != nil {
		lead := l.pictured(*f.Lead, leadSizes)
		if lead.Picture != nil {
			lead.Picture.First = true
			p.Credit = credit(f.Lead.Lead, found[f.Lead.Lead.Picture])
		}
		p.Lead = &lead
		newest := f.Lead.Newest()
		for _, c := range f.Latest {
			if c.Newest().After(newest) {
				newest = c.Newest()
			}
		}
		if now.Sub(newest) > quiet {
			p.Since = newest
		}
	}
	for i, c := range f.Seconds {
		if i == 0 || c.Format == article.Picture {
			second := l.pictured(c, cardSizes)
			if second.Picture != nil && i == 0 {
				second.Picture.Soon = true
			}
			p.Seconds = append(p.Seconds, second)
		} else {
			p.Seconds = append(p.Seconds, l.card(c))
		}
	}
	for _, sec := range f.Sections {
		p.River = append(p.River, block{sec.Section, l.pictured(sec.Cards[0], cardSizes), l.cards(sec.Cards[1:])})
	}
	p.Marked = marked(lists...)
	p.Description = s.Paper.about()
	p.Canonical = s.Paper.URL("/")
	p.Share = &share{Type: "website", Title: s.Paper.Name, Card: "summary", Image: s.mark(), Width: markSize, Height: markSize}
	p.Data = s.paperData()

	b := slotted(s.withBar(s.views.front.With(p), p.Bar)).Tagged(article.ListTag, audience.Tag(""), network.Tag).Tagged(countTags(lists...)...).Tagged(pollTags(lists...)...)
	return ends(s.dated(shows(b, found)), lists...), nil
}

// pictured lists the stories that stand on the page with their pictures.
func pictured(f *article.FrontPage) (list []article.Card) {
	if f.Lead != nil {
		list = append(list, *f.Lead)
	}
	for i, c := range f.Seconds {
		if i == 0 || c.Format == article.Picture {
			list = append(list, c)
		}
	}
	for _, sec := range f.Sections {
		list = append(list, sec.Cards[0])
	}
	return list
}

// markSize is the width of the seal that other sites show.
const markSize = 180

// mark is the whole address of the paper's seal.
func (s *Site) mark() string { return s.Paper.URL(s.assets.Named("seal.png").Path) }
