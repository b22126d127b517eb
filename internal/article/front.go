package article

import (
	"context"
	"slices"
	"time"
)

// A FrontPage is the front of the paper: what editors have placed, and below that
// it fills itself. The biggest story of the day leads, and no story stands twice.
type FrontPage struct {
	Lead     *Card // nil on the day of the foundation
	Seconds  []Card
	Opinion  []Card
	Sections []FrontSection
	Latest   []Card
}

// A FrontSection is a section's block: the first card is its main story.
type FrontSection struct {
	Section
	Cards []Card
}

const (
	frontCandidates = 60 // newest articles among which the lead and seconds are found
	frontSeconds    = 3
	frontPerSection = 5
	frontLatest     = 10
	frontOpinion    = 4
)

// Front composes the front page. Its cost does not grow with the number of
// articles.
func (s *Store) Front(ctx context.Context, l Layout) (*FrontPage, error) {
	newest, older, err := s.unsigned(ctx, Filter{Limit: frontCandidates})
	if err != nil {
		return nil, err
	}
	sections, err := s.Sections(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.curate(ctx, l, FrontAreas(sections))
	if err != nil {
		return nil, err
	}
	f := &FrontPage{}
	// What is paid for stands on top only where an editor has put it.
	news := func(c Card) bool { return c.Kind != Opinion && !c.Paid() }
	ranked := s.ranked(newest)
	if lead := c.fill(AreaLead, ranked, news); len(lead) > 0 {
		f.Lead = &lead[0]
	}
	f.Seconds = c.fill(AreaSeconds, ranked, news)
	f.Opinion = c.fill(AreaOpinion, newest, func(c Card) bool { return c.Kind == Opinion && !c.Paid() })
	for _, sec := range sections {
		block, err := s.block(ctx, c, sec, newest, older == "")
		if err != nil {
			return nil, err
		}
		if len(block.Cards) > 0 {
			f.Sections = append(f.Sections, block)
		}
	}
	for _, c := range newest {
		if len(f.Latest) < frontLatest && (f.Lead == nil || c.ID != f.Lead.ID) {
			f.Latest = append(f.Latest, c) // a list by the clock: here, and only here, a story may stand again
		}
	}
	return f, s.sign(ctx, f.cards())
}

// ranked are the newest by their prominence.
func (s *Store) ranked(newest []Card) []Card {
	ranked, now := slices.Clone(newest), s.Now()
	slices.SortStableFunc(ranked, func(a, b Card) int {
		switch x, y := prominence(a, now), prominence(b, now); {
		case x > y:
			return -1
		case x < y:
			return 1
		default:
			return 0 // as they were: the newest first
		}
	})
	return ranked
}

// block sets a section's block. Where it fills itself from its beginning, a story
// with a picture comes first: the block has one picture.
func (s *Store) block(ctx context.Context, c curated, sec Section, newest []Card, all bool) (b FrontSection, err error) {
	b.Section = sec
	area := AreaBlock(sec.Slug)
	cards, err := s.newestOf(ctx, sec.Slug, newest, all, c)
	if err != nil {
		return b, err
	}
	cards = slices.DeleteFunc(cards, func(card Card) bool { _, placed := c.placed[card.ID]; return placed })
	cards = cards[:min(len(cards), c.free(area))]
	if _, led := c.at[area][0]; !led {
		mainFirst(cards)
	}
	b.Cards = c.fill(area, cards, func(Card) bool { return true })
	return b, nil
}

// newestOf lists the newest of a section, as many as its block needs beside those
// that are placed. Where the newest of the whole paper hold so many, they are
// the ones: most sections of most days cost no query. all says that newest is
// the whole paper.
func (s *Store) newestOf(ctx context.Context, section string, newest []Card, all bool, c curated) (cards []Card, err error) {
	free := c.free(AreaBlock(section))
	want, beside := free, 0
	for _, card := range newest {
		if card.Section.Slug == section {
			cards = append(cards, card)
			if _, placed := c.placed[card.ID]; placed {
				want++
			}
		}
	}
	if free == 0 || all || len(cards) >= want {
		return cards, nil
	}
	for _, in := range c.placed {
		if in == section {
			beside++
		}
	}
	cards, _, err = s.unsigned(ctx, Filter{Section: section, Limit: free + beside})
	return cards, err
}

// cards are all that stand on the page.
func (f *FrontPage) cards() (list []*Card) {
	if f.Lead != nil {
		list = append(list, f.Lead)
	}
	add := func(cards []Card) {
		for i := range cards {
			list = append(list, &cards[i])
		}
	}
	add(f.Seconds)
	add(f.Opinion)
	add(f.Latest)
	for _, sec := range f.Sections {
		add(sec.Cards)
	}
	return list
}

// mainFirst puts a story with a picture in front, or what is shown as more than a
// headline without one: a quotation, a question, a poll. What is paid for comes first
// only where there is nothing else.
func mainFirst(cards []Card) {
	fills := func(c Card) bool {
		return !c.Paid() && (c.Lead.Picture != "" || c.Format == Quote || c.Format == Question || c.Format == Poll)
	}
	i := slices.IndexFunc(cards, fills)
	if i < 0 {
		i = slices.IndexFunc(cards, func(c Card) bool { return !c.Paid() })
	}
	if i > 0 {
		c := cards[i]
		copy(cards[1:i+1], cards[:i])
		cards[0] = c
	}
}

// prominence weighs a story's weight against its age: a step of weight is worth
// eight hours, a picture two.
func prominence(c Card, now time.Time) float64 {
	p := float64(c.Weight)*8 - now.Sub(c.Newest()).Hours()
	if c.Lead.Picture != "" {
		p += 2
	}
	return p
}
