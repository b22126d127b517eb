package newsletter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
)

// spare is how many times as many stories as it shows a part keeps ready, for those
// who have had the first of them.
const spare = 3

// compose makes the parts of a digest from the paper of this moment, and its subject:
// its biggest story.
func (s *Store) compose(ctx context.Context, l List) (parts []Part, subject string, err error) {
	last, err := s.lastBegun(ctx, l.ID)
	if err != nil {
		return nil, "", err
	}
	for _, b := range l.Blocks {
		p, err := s.part(ctx, b, s.since(b, last))
		if err != nil {
			return nil, "", err
		}
		if b.stories() && len(p.Stories) == 0 || b.Kind == Best && p.Comment == "" || b.Kind == Corrections && len(p.Stories) == 0 {
			continue
		}
		parts = append(parts, p)
	}
	subject = l.Name
	for _, p := range parts {
		if !p.stories() {
			continue
		}
		cards, err := s.Articles.Readable(ctx, p.Stories[0])
		if err != nil {
			return nil, "", err
		}
		if c, ok := cards[p.Stories[0]]; ok {
			subject = shorten(c.Headline, maxSubject)
		}
		break
	}
	return parts, subject, nil
}

// fresh reports whether there is anything in a digest that a reader could not have
// had before.
func fresh(parts []Part) bool {
	return slices.ContainsFunc(parts, func(p Part) bool { return p.stories() && len(p.Stories) > 0 })
}

// lastBegun is when the last edition of a list went out, the zero time for never.
func (s *Store) lastBegun(ctx context.Context, list string) (at time.Time, err error) {
	err = s.DB.QueryRow(ctx, `select coalesce(max(begun), 0) from edition where list = $1 and state in ('sending', 'paused', 'sent')`, list).Scan((*db.Time)(&at))
	if err != nil {
		return at, fmt.Errorf("find the last edition of %s: %w", list, err)
	}
	return at, nil
}

// since is how far a block looks back.
func (s *Store) since(b Block, last time.Time) time.Time {
	now := s.Now()
	switch {
	case b.Hours > 0:
		return now.Add(-time.Duration(b.Hours) * time.Hour)
	case last.IsZero() || now.Sub(last) > maxHours*time.Hour:
		return now.Add(-24 * time.Hour)
	}
	return last
}

// part fills a block.
func (s *Store) part(ctx context.Context, b Block, since time.Time) (p Part, err error) {
	p = Part{Block: b, Show: b.Limit}
	switch b.Kind {
	case Front:
		p.Stories, err = s.Sources.Front(ctx)
	case Read:
		p.Stories, err = s.Sources.Read(ctx, since)
	case Section:
		var cards []article.Card
		cards, _, err = s.Articles.Latest(ctx, article.Filter{Section: b.Section, Since: since, Unpaid: true, Limit: b.Limit * spare})
		for _, c := range cards {
			p.Stories = append(p.Stories, c.ID)
		}
		return p, err
	case Best:
		p.Comment, err = s.Sources.Best(ctx, since)
		return p, err
	case Corrections:
		return s.corrected(ctx, p, since)
	default:
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return p, s.keepNew(ctx, &p, since)
}

// keepNew leaves those of a part's stories that appeared since a time, that readers may
// have and that nobody has paid for.
func (s *Store) keepNew(ctx context.Context, p *Part, since time.Time) error {
	if len(p.Stories) == 0 {
		return nil
	}
	cards, err := s.Articles.Readable(ctx, p.Stories...)
	if err != nil {
		return err
	}
	p.Stories = slices.DeleteFunc(p.Stories, func(id string) bool {
		c, ok := cards[id]
		return !ok || c.Paid() || c.Newest().Before(since)
	})
	p.Stories = p.Stories[:min(len(p.Stories), p.Limit*spare)]
	return nil
}

// corrected are the corrections since a time.
func (s *Store) corrected(ctx context.Context, p Part, since time.Time) (Part, error) {
	if p.Limit == 0 {
		p.Limit = 5
	}
	list, _, err := s.Articles.Corrections(ctx, "", p.Limit)
	for _, c := range list {
		if c.At.After(since) {
			p.Stories, p.Corrections = append(p.Stories, c.ID), append(p.Corrections, c.Number)
		}
	}
	return p, err
}

// shorten cuts a text to so many characters, at a word where there is one.
func shorten(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	cut := limit - 1
	for i := cut; i > limit/2; i-- {
		if runes[i] == ' ' {
			cut = i
			break
		}
	}
	return string(runes[:cut]) + "…"
}

// pick chooses for one reader: of each part the first stories that they have not had
// and that no part before it brings. may tells what can be read now. What is paid for
// comes only where an editor has chosen it.
func pick(parts []Part, may map[string]article.Card, had map[string]bool, sections, followed []string) [][]string {
	picked, used := make([][]string, len(parts)), map[string]bool{}
	for i, p := range parts {
		if p.Kind == Corrections || p.Kind == Section && len(sections) > 0 && !slices.Contains(sections, p.Section) {
			continue
		}
		of := p.Stories
		if p.Kind == Followed {
			of = followed
		}
		for _, id := range of {
			if c, ok := may[id]; !ok || had[id] || used[id] || c.Paid() && p.Kind != Stories {
				continue
			}
			if len(picked[i]) == p.Show && p.Show > 0 {
				break
			}
			used[id] = true
			picked[i] = append(picked[i], id)
		}
	}
	return picked
}
