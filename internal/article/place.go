package article

import (
	"context"
	"slices"
	"strings"
	"time"
)

// An Area is a part of a page in which stories stand.
type Area string

const (
	AreaLead    Area = "lead"
	AreaSeconds Area = "seconds"
	AreaOpinion Area = "opinion"
	AreaTop     Area = "top" // of a section's page: below its lead, above what follows by time
)

const blockPrefix = "section:"

// AreaBlock is a section's block on the front page.
func AreaBlock(section string) Area { return Area(blockPrefix + section) }

// Block is the section whose block the area is, "" for another area.
func (a Area) Block() string {
	section, ok := strings.CutPrefix(string(a), blockPrefix)
	if !ok {
		return ""
	}
	return section
}

// Size is how many stories an area holds; 0 says that there is no such area.
func (a Area) Size() int {
	switch a {
	case AreaLead:
		return 1
	case AreaSeconds:
		return frontSeconds
	case AreaOpinion:
		return frontOpinion
	case AreaTop:
		return sectionTop
	}
	if a.Block() != "" {
		return frontPerSection
	}
	return 0
}

// FrontAreas are the areas of the front page of a paper with these sections.
func FrontAreas(sections []Section) []Area {
	areas := []Area{AreaLead, AreaSeconds, AreaOpinion}
	for _, sec := range sections {
		areas = append(areas, AreaBlock(sec.Slug))
	}
	return areas
}

// SectionAreas are the areas of a section's page.
func SectionAreas() []Area { return []Area{AreaLead, AreaTop} }

// A Place is where an editor has put a story: a slot of an area, counted from 0.
type Place struct {
	Area    Area      `json:"area"`
	Slot    int       `json:"slot"`
	Article string    `json:"article"`
	Until   time.Time `json:"until,omitzero"` // from then on the slot fills itself again; zero is never
}

// Same reports whether two places are one: where, what and until when.
func (p Place) Same(other Place) bool {
	return p.Area == other.Area && p.Slot == other.Slot && p.Article == other.Article && p.Until.Equal(other.Until)
}

// A Layout is what editors have placed on a page. The zero Layout is a page that
// fills itself.
type Layout struct {
	Places []Place
	Early  bool // what is scheduled stands too: for the desk that looks ahead, never for readers
}

// curated are the stories that stand where an editor has put them.
type curated struct {
	at     map[Area]map[int]Card
	placed map[string]string // whatever stands on the page so far: its section, by id
}

// curate finds which stories of a layout stand now. One that readers may not have
// leaves its slot to what fills it.
func (s *Store) curate(ctx context.Context, l Layout, areas []Area) (c curated, err error) {
	c = curated{map[Area]map[int]Card{}, map[string]string{}}
	now := s.Now()
	var ids []string
	for _, p := range l.Places {
		ids = append(ids, p.Article)
	}
	cards, err := s.cardsOf(ctx, ids, func(a *Article) bool {
		return a.access(now) == Readable || l.Early && a.State == Scheduled
	})
	if err != nil {
		return c, err
	}
	for _, p := range l.Places {
		card, stands := cards[p.Article]
		if !stands || !slices.Contains(areas, p.Area) || p.Slot < 0 || p.Slot >= p.Area.Size() || !p.Until.IsZero() && !p.Until.After(now) {
			continue
		}
		if _, twice := c.placed[p.Article]; twice {
			continue
		}
		if c.at[p.Area] == nil {
			c.at[p.Area] = map[int]Card{}
		}
		if _, taken := c.at[p.Area][p.Slot]; !taken {
			c.at[p.Area][p.Slot] = card
			c.place(card)
		}
	}
	return c, nil
}

func (c curated) place(card Card) Card {
	c.placed[card.ID] = card.Section.Slug
	return card
}

// take removes the first of list that stands nowhere yet and is wanted, and places
// it.
func (c curated) take(list []Card, wanted func(Card) bool) (Card, bool) {
	i := slices.IndexFunc(list, func(card Card) bool {
		_, placed := c.placed[card.ID]
		return !placed && wanted(card)
	})
	if i < 0 {
		return Card{}, false
	}
	return c.place(list[i]), true
}

// fill sets an area: what an editor has put there at its slot, and between them
// what is wanted of list.
func (c curated) fill(area Area, list []Card, wanted func(Card) bool) (cards []Card) {
	for slot := range area.Size() {
		card, ok := c.at[area][slot]
		if !ok {
			card, ok = c.take(list, wanted)
		}
		if ok {
			cards = append(cards, card)
		}
	}
	return cards
}

// free is how many slots of an area fill themselves.
func (c curated) free(area Area) int { return area.Size() - len(c.at[area]) }

// A Top is how the newest page of a section begins.
type Top struct {
	Lead *Card // nil: one of the list leads
	Rest []Card
}

// Over sets the top on a list of the newest: none of them stands twice. lead is the
// place of the story that leads, -1 for none.
func (t Top) Over(newest []Card) (list []Card, lead int) {
	placed := map[string]bool{}
	if t.Lead != nil {
		list = append(list, *t.Lead)
	}
	list = append(list, t.Rest...)
	for _, c := range list {
		placed[c.ID] = true
	}
	top := len(list)
	for _, c := range newest {
		if !placed[c.ID] {
			list = append(list, c)
		}
	}
	switch {
	case t.Lead != nil:
		return list, 0
	case len(list) == top:
		return list, -1
	default:
		return list, top + Leading(list[top:])
	}
}

// sectionTop is how many stories can be put on top of a section's page.
const sectionTop = 4

// Top finds what editors have put on top of a section's page.
func (s *Store) Top(ctx context.Context, l Layout) (t Top, err error) {
	c, err := s.curate(ctx, l, SectionAreas())
	if err != nil {
		return t, err
	}
	t.Rest = c.fill(AreaTop, nil, nil)
	var cards []*Card
	if lead, ok := c.at[AreaLead][0]; ok {
		t.Lead = &lead
		cards = append(cards, t.Lead)
	}
	for i := range t.Rest {
		cards = append(cards, &t.Rest[i])
	}
	return t, s.sign(ctx, cards)
}

// leadAmong is how many of the newest stories may lead a section.
const leadAmong = 8

// Leading is the place in a list, newest first, of the story that leads a section
// where no editor has said which: the biggest of the newest, one with a picture
// before one without, and what is paid for after everything else.
func Leading(list []Card) (best int) {
	weight := func(c Card) int {
		w := 2 * c.Weight
		if c.Lead.Picture != "" {
			w++
		}
		if c.Paid() {
			w = -1
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
