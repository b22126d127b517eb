package article

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// Whole returns all that readers may have of an article now, for those who look
// through its words; nil when that is not all of it. It reads in q.
func (s *Store) Whole(ctx context.Context, q db.Querier, id string) (*Reading, error) {
	a, err := s.Get(ctx, q, id)
	if problem.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil || a.access(s.Now()) != Readable {
		return nil, err
	}
	return a.Draft(), nil
}

// Texts returns those of the articles that readers may have now, with their bodies
// and bylines, by id. The topics are missing.
func (s *Store) Texts(ctx context.Context, ids ...string) (map[string]*Reading, error) {
	var args []any
	rows, err := s.DB.Query(ctx, `select `+columns+` from article a join section s on s.slug = a.section where a.id `+db.In(&args, ids)+` order by a.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	defer rows.Close()
	found, now := map[string]*Reading{}, s.Now()
	var cards []*Card
	for rows.Next() {
		a, err := scan(rows)
		if err != nil {
			return nil, err
		}
		if a.access(now) == Readable {
			found[a.ID] = a.Draft()
			cards = append(cards, &found[a.ID].Card)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	rows.Close()
	return found, s.sign(ctx, cards)
}

// Stirred lists articles, by their ids after one, which somebody or the clock may
// have changed for readers since a moment; all of them when it is zero.
func (s *Store) Stirred(ctx context.Context, since time.Time, after string, limit int) (ids []string, err error) {
	rows, err := s.DB.Query(ctx, `select id from article
		where id > $1 and (changed >= $2 or published >= $2 or embargo >= $2 or expires >= $2)
		order by id
		limit $3`, after, db.Time(since), limit)
	if err != nil {
		return nil, fmt.Errorf("list what has changed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list what has changed: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
