package newsroom

import (
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
)

// An areaView is one area of a page that is curated.
type areaView struct {
	Area  article.Area `json:"area"`
	Name  string       `json:"name"`
	Slots []slotView   `json:"slots"`
}

// A slotView is one place of an area, with what stands in it. The script sets it in
// a copy of the same template.
type slotView struct {
	Area      article.Area `json:"area"`
	Slot      int          `json:"slot"`
	Name      string       `json:"name"`      // "Seconds 2"
	Story     string       `json:"story"`     // id, "" for none
	Headline  string       `json:"headline"`  // or that the place is empty
	About     string       `json:"about"`     // section and state
	Placed    bool         `json:"placed"`    // by an editor; else the page fills itself
	How       string       `json:"how"`       // says which, by whom and until when
	Until     string       `json:"until"`     // end of the pin, as it is typed
	Waits     string       `json:"waits"`     // why it does not stand there yet, "" when it does
	Meanwhile string       `json:"meanwhile"` // what stands there until then
	First     bool         `json:"first"`
	Last      bool         `json:"last"`

	Path  string `json:"path"`  // of the story in the newsroom
	Base  int    `json:"-"`     // the version that the page shows
	Act   string `json:"-"`     // address of the page's forms
	Mark  string `json:"mark"`  // the state's shape
	Shape string `json:"shape"` // the state
}

// setter makes the slots of a page.
type setter struct {
	*Desk
	w     *page.Language
	lines map[string]desk.Line // of what is placed
	by    names
	whose map[string]string // who has placed it, by story
	base  int
	act   string
}

// slots sets an area: what is placed, and what of stands fills the rest.
func (s setter) slots(area article.Area, name string, places []article.Place, stands []article.Card) areaView {
	v := areaView{Area: area, Name: name}
	own := func(c article.Card) bool {
		return slices.ContainsFunc(places, func(p article.Place) bool { return p.Area == area && p.Article == c.ID })
	}
	var fills []article.Card
	for _, c := range stands {
		if !own(c) {
			fills = append(fills, c)
		}
	}
	next := func() (c article.Card, ok bool) {
		if len(fills) == 0 {
			return c, false
		}
		c, fills = fills[0], fills[1:]
		return c, true
	}
	for slot := range area.Size() {
		view := slotView{Area: area, Slot: slot, Name: name, Base: s.base, Act: s.act, First: slot == 0, Last: slot == area.Size()-1}
		if area.Size() > 1 {
			view.Name = s.w.Say("front.slot", name, slot+1)
		}
		i := slices.IndexFunc(places, func(p article.Place) bool { return p.Area == area && p.Slot == slot })
		if i >= 0 {
			s.placed(&view, places[i])
			if !slices.ContainsFunc(stands, func(c article.Card) bool { return c.ID == places[i].Article }) {
				view.Waits = s.waits(places[i].Article)
				if c, ok := next(); ok {
					view.Meanwhile = s.w.Say("front.meanwhile", c.Headline)
				}
			}
		} else if c, ok := next(); ok {
			view.Story, view.Headline, view.Path = c.ID, c.Headline, storyPath(c.ID)
			view.About, view.How = c.Section.Name+" · "+s.w.Moment(c.Newest()), s.w.Say("front.itself")
			if c.Paid() {
				view.About = s.w.Say("sponsored", c.Sponsor) + " · " + view.About
			}
			view.Mark, view.Shape = stateMark(article.Published), string(article.Published)
		} else {
			view.Headline = s.w.Say("front.empty")
		}
		v.Slots = append(v.Slots, view)
	}
	return v
}

// placed sets what an editor has put there.
func (s setter) placed(view *slotView, p article.Place) {
	view.Story, view.Placed, view.Path = p.Article, true, storyPath(p.Article)
	line := s.storyLine(s.w, s.lines[p.Article])
	view.Headline, view.Mark, view.Shape = line.Headline, line.Mark, string(line.Shape)
	view.About = line.about(line.State)
	if id := s.whose[p.Article]; id != "" {
		view.How = s.w.Say("front.by", s.by.name(id))
	} else {
		view.How = s.w.Say("front.new")
	}
	if !p.Until.IsZero() {
		view.Until = p.Until.In(s.Paper.Zone).Format(localTime)
		view.How = s.w.Say("front.by.until", view.How, s.w.Moment(p.Until))
	}
}

// waits says why readers do not see what is placed.
func (s setter) waits(id string) string {
	switch l := s.lines[id]; {
	case l.State == article.Scheduled:
		return s.w.Say("front.waits.scheduled", s.w.Moment(l.Published))
	case l.State == article.Withdrawn:
		return s.w.Say("front.waits.withdrawn")
	case l.Open || l.Embargo.After(s.Now()):
		return s.w.Say("front.waits.embargo")
	default:
		return s.w.Say("front.waits.other")
	}
}

// put places a story. What stands in the slot moves on to the next, and so on, until
// a slot is free; in an area that is full the last falls out. A story that moves
// within its area leaves the slot towards which the others move.
func put(places []article.Place, area article.Area, slot int, story string) []article.Place {
	carry, step := article.Place{Area: area, Slot: slot, Article: story}, 1
	var list []article.Place
	for _, p := range places {
		if p.Article != story {
			list = append(list, p)
			continue
		}
		carry.Until = p.Until
		if p.Area == area && p.Slot < slot {
			step = -1
		}
	}
	for ; slot >= 0 && slot < area.Size(); slot += step {
		carry.Slot = slot
		i := slices.IndexFunc(list, func(p article.Place) bool { return p.Area == area && p.Slot == slot })
		if i < 0 {
			return append(list, carry)
		}
		list[i], carry = carry, list[i]
	}
	return list
}

// without takes a story from its place.
func without(places []article.Place, story string) []article.Place {
	return slices.DeleteFunc(slices.Clone(places), func(p article.Place) bool { return p.Article == story })
}
