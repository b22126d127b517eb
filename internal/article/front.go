package article

import (
	"context"
	"slices"
	"time"
)

// A FrontPage is the front of the paper as it fills itself: the biggest story
// of the day leads, and no story stands twice.
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
func (s *Store) Front(ctx context.Context) (*FrontPage, error) {
	newest, older, err := s.unsigned(ctx, Filter{Limit: frontCandidates})
	if err != nil {
		return nil, err
	}
	sections, err := s.Sections(ctx)
	if err != nil {
		return nil, err
	}
	f, placed := &FrontPage{}, map[string]bool{}
	place := func(c Card) Card {
		placed[c.ID] = true
		return c
	}

	ranked := slices.Clone(newest)
	now := s.Now()
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
	for _, c := range ranked {
		if c.Kind == Opinion {
			continue
		}
		if f.Lead == nil {
			lead := place(c)
			f.Lead = &lead
		} else if len(f.Seconds) < frontSeconds {
			f.Seconds = append(f.Seconds, place(c))
		}
	}
	for _, c := range newest {
		if c.Kind == Opinion && len(f.Opinion) < frontOpinion {
			f.Opinion = append(f.Opinion, place(c))
		}
	}
	for _, sec := range sections {
		cards, err := s.newestOf(ctx, sec.Slug, newest, older == "", placed)
		if err != nil {
			return nil, err
		}
		block := FrontSection{Section: sec}
		for _, c := range cards {
			if !placed[c.ID] && len(block.Cards) < frontPerSection {
				block.Cards = append(block.Cards, place(c))
			}
		}
		block.mainFirst()
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

// newestOf lists the newest of a section, as many as its block needs beside those
// that are placed. Where the newest of the whole paper hold so many, they are
// the ones: most sections of most days cost no query. all says that newest is
// the whole paper.
func (s *Store) newestOf(ctx context.Context, section string, newest []Card, all bool, placed map[string]bool) (cards []Card, err error) {
	want := frontPerSection
	for _, c := range newest {
		if c.Section.Slug == section {
			cards = append(cards, c)
			if placed[c.ID] {
				want++
			}
		}
	}
	if !all && len(cards) < want {
		cards, _, err = s.unsigned(ctx, Filter{Section: section, Limit: want})
	}
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

// mainFirst puts a story with a picture in front: the block has one picture.
func (b *FrontSection) mainFirst() {
	if i := slices.IndexFunc(b.Cards, func(c Card) bool { return c.Lead.Picture != "" }); i > 0 {
		c := b.Cards[i]
		b.Cards = slices.Insert(slices.Delete(b.Cards, i, i+1), 0, c)
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
