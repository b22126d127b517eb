package follow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
)

const perThing = 50 // stories of one thing that lines are made of

// Lines are the stories that are new since then of what readers follow for their
// newsletters, by the reader, the newest first. What several follow is looked up
// once. They are ids: whether readers may have them is asked again by who brings them.
func (s *Store) Lines(ctx context.Context, readers []string, since time.Time) (map[string][]string, error) {
	lines, found := map[string][]string{}, map[What][]article.Card{}
	for some := range slices.Chunk(readers, 500) {
		followed, err := s.digested(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, reader := range some {
			var cards []article.Card
			for _, w := range followed[reader] {
				if _, known := found[w]; !known {
					if found[w], err = s.since(ctx, w, since); err != nil {
						return nil, err
					}
				}
				cards = append(cards, found[w]...)
			}
			slices.SortStableFunc(cards, func(a, b article.Card) int { return b.Newest().Compare(a.Newest()) })
			for _, c := range cards {
				if !slices.Contains(lines[reader], c.ID) {
					lines[reader] = append(lines[reader], c.ID)
				}
			}
		}
	}
	return lines, nil
}

// since are the stories of a thing that are new since then.
func (s *Store) since(ctx context.Context, w What, since time.Time) (cards []article.Card, err error) {
	f := article.Filter{Since: since, Unpaid: true, Limit: perThing}
	switch w.Kind {
	case Section:
		f.Section = w.Key
	case Topic:
		f.Topic = w.Key
	case Author:
		f.Author = w.Key
	default:
		list, err := s.Articles.Developments(ctx, w.Key, since)
		if err != nil || len(list) == 0 {
			return nil, err
		}
		readable, err := s.Articles.Readable(ctx, w.Key)
		if c, ok := readable[w.Key]; ok {
			cards = append(cards, c)
		}
		return cards, err
	}
	cards, _, err = s.Articles.Latest(ctx, f)
	return cards, err
}

func (s *Store) digested(ctx context.Context, readers []string) (map[string][]What, error) {
	var args []any
	rows, err := s.DB.Query(ctx, `select reader, kind, key
		from follow
		where way = 'digest' and reader `+db.In(&args, readers)+`
		order by reader, kind, key`, args...)
	if err != nil {
		return nil, fmt.Errorf("read what newsletters are to bring: %w", err)
	}
	defer rows.Close()
	followed := map[string][]What{}
	for rows.Next() {
		var reader string
		var w What
		if err := rows.Scan(&reader, &w.Kind, &w.Key); err != nil {
			return nil, fmt.Errorf("read what newsletters are to bring: %w", err)
		}
		followed[reader] = append(followed[reader], w)
	}
	return followed, rows.Err()
}
