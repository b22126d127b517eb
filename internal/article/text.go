package article

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// Texts returns those of the articles of which readers may have all now, for those
// who look through their words, by id. It reads in q.
func (s *Store) Texts(ctx context.Context, q db.Querier, ids ...string) (map[string]*Reading, error) {
	found := map[string]*Reading{}
	names, topics, err := aside(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var args []any
	rows, err := q.Query(ctx, `select `+columns+` from article a join section s on s.slug = a.section where a.id `+db.In(&args, ids)+` order by a.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	defer rows.Close()
	now := s.Now()
	for rows.Next() {
		a, err := scan(rows)
		if err != nil {
			return nil, err
		}
		if a.access(now) == Readable {
			a.Bylines, a.Topics = names[a.ID], topics[a.ID]
			found[a.ID] = a.Draft()
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	return found, nil
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
