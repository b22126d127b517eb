package network

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/event"
)

// A PanelItem is an item as the panel shows it.
type PanelItem struct {
	ID       string // ours, for its address here
	Kind     Kind
	Category string // in one spelling; "" for none
	Title    string
	Address  string // where it leads in the end
	Site     string // the name of the paper that it is of
	Language string
	Picture  string // path of ours, "" for none
	Width    int
	Height   int
	Pinned   bool
	Sister   string // "" for ours

	theirs  string // the sister's own id
	picture string // id
	folded  string // title
}

// Path is where the panel's link leads: to us, who count and send on.
func (i PanelItem) Path() string { return "/network/to/" + i.ID }

// A Panel is what is shown, and what else could be. It is never changed.
type Panel struct {
	Items []PanelItem

	made     time.Time
	all      map[string]PanelItem // by id: also what was shown a short time ago
	until    map[string]time.Time // of what is no candidate any more
	pictures map[string]bool      // that readers may have
}

// linger is how long the links of something work that only fell off a list: pages that
// still show it are a few minutes old at most.
const linger = 20 * time.Minute

// Panel is the panel of this moment; an empty one before the first was made.
func (s *Store) Panel() *Panel {
	if p := s.panel.Load(); p != nil {
		return p
	}
	return &Panel{}
}

// Find is an item by its id.
func (p *Panel) Find(id string) (PanelItem, bool) {
	i, ok := p.all[id]
	return i, ok
}

// Hear makes the panel again when something has changed, here or in another process.
func (s *Store) Hear(ctx context.Context, e event.Event) error {
	if e.Kind != (Changed{}).EventKind() {
		return nil
	}
	return s.Refresh(ctx)
}

// gathered is what a panel is made of.
type gathered struct {
	papers [][]PanelItem
	offers []PanelItem
	rules  rules
	dead   map[string]bool  // sister and id of what was withdrawn
	on     map[string]reach // sisters that are heard, and how far they reach
}

// may reports whether an item that was shown may be shown on: it is of a sister that is
// heard, which has not withdrawn it and may lead there, and no editor blocks it.
func (g *gathered) may(i PanelItem) bool {
	r, on := g.on[i.Sister]
	return on && i.Sister != "" && r.holds(i.Address) && !g.dead[i.Sister+" "+i.theirs] && !g.rules.blocks(i)
}

func (s *Store) gather(ctx context.Context, now time.Time) (g gathered, err error) {
	g.dead, g.on = map[string]bool{}, map[string]reach{}
	list, err := s.Rules(ctx)
	if err != nil {
		return g, err
	}
	g.rules = sorted(list)
	sisters, err := s.Sisters(ctx)
	if err != nil {
		return g, err
	}
	for _, x := range sisters {
		if x.State != On || x.Lag(now) >= stands {
			continue
		}
		far, err := s.reach(x)
		if err != nil {
			continue // one on this machine, as a demo has them, in a paper that is none
		}
		g.on[x.ID] = far
		for _, id := range x.Gone {
			g.dead[x.ID+" "+id] = true
		}
		have, err := s.pictures(ctx, x.ID)
		if err != nil {
			return g, err
		}
		g.papers = append(g.papers, x.panelItems(have, now))
	}
	offers, err := s.running(ctx, now)
	if err != nil {
		return g, err
	}
	lent, err := s.lent(ctx, offers)
	if err != nil {
		return g, err
	}
	p := s.Paper()
	for _, o := range offers {
		i := PanelItem{ID: o.ID, Kind: o.Kind, Category: o.Category, Title: o.Title, Address: o.absolute(p.Base), Site: p.Name, Language: p.Language, theirs: o.ID, folded: article.Fold(o.Title)}
		i.show(lent[o.Picture])
		g.offers = append(g.offers, i)
	}
	spell(append(slices.Clone(g.papers), g.offers)...)
	return g, nil
}

// panelItems are a sister's items as the panel has them.
func (x Sister) panelItems(have map[string]drawn, now time.Time) (list []PanelItem) {
	for _, i := range x.Items {
		if !i.Until.IsZero() && !now.Before(i.Until) || i.Published.After(now.Add(skew)) {
			continue
		}
		sum := sha256.Sum256([]byte(x.ID + "\n" + i.ID))
		p := PanelItem{
			ID: hex.EncodeToString(sum[:10]), Kind: i.Kind, Category: i.Category, Title: i.Title, Address: i.Address, Site: x.Name, Language: i.Language,
			Sister: x.ID, theirs: i.ID, folded: article.Fold(i.Title),
		}
		if i.Picture != nil {
			p.show(have[i.Picture.Address])
		}
		list = append(list, p)
	}
	return list
}

// show gives an item its picture, if there is one.
func (i *PanelItem) show(d drawn) {
	if d.width > 0 {
		i.Picture, i.picture, i.Width, i.Height = PicturePath(d.id), d.id, d.width, d.height
	}
}

// Refresh makes the panel of this moment. When something that the last one showed must
// be seen no more (it was withdrawn, blocked, its sister switched off, its time ended), or
// when there was none, Vanished is called, and Recalled where its sister has withdrawn it:
// what has only fallen off a list is not worth rendering all pages again, which do so by
// themselves within a minute of being read.
func (s *Store) Refresh(ctx context.Context) error {
	s.mixing.Lock()
	defer s.mixing.Unlock()
	now := s.Now()
	g, err := s.gather(ctx, now)
	if err != nil {
		return err
	}
	wanted := func(list []PanelItem) []PanelItem {
		return slices.DeleteFunc(slices.Clone(list), g.rules.blocks)
	}
	var papers [][]PanelItem
	for _, list := range g.papers {
		papers = append(papers, wanted(list))
	}
	offers := wanted(g.offers)
	p := &Panel{made: now, Items: mix(papers, offers, g.rules), all: map[string]PanelItem{}, until: map[string]time.Time{}, pictures: map[string]bool{}}
	for _, list := range append(papers, offers) {
		for _, i := range list {
			p.all[i.ID] = i
		}
	}
	was := s.Panel()
	vanished, recalled := (len(was.Items) == 0) != (len(p.Items) == 0), false
	for id, i := range was.all {
		if _, there := p.all[id]; there {
			continue
		}
		if !g.may(i) {
			shown := slices.ContainsFunc(was.Items, func(x PanelItem) bool { return x.ID == id }) || !was.until[id].IsZero()
			vanished, recalled = vanished || shown, recalled || shown && g.dead[i.Sister+" "+i.theirs]
			continue
		}
		end := was.until[id]
		if end.IsZero() {
			end = now.Add(linger)
		}
		if now.Before(end) {
			p.all[id], p.until[id] = i, end
		}
	}
	for _, i := range p.all {
		if i.picture != "" {
			p.pictures[i.picture] = true
		}
	}
	s.panel.Store(p)
	switch {
	case recalled && s.Recalled != nil:
		s.Recalled()
	case vanished && s.Vanished != nil:
		s.Vanished()
	}
	return nil
}
