package article

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// WithdrawnSince returns the ids of what was withdrawn since then, the newest first,
// and nothing else of it: for those who may have shown it, and must not any more.
func (s *Store) WithdrawnSince(ctx context.Context, since time.Time, limit int) (ids []string, err error) {
	rows, err := s.DB.Query(ctx, `select id from article
		where state = 'withdrawn' and withdrawn >= $1
		order by withdrawn desc, id desc
		limit $2`, db.Time(since), limit)
	if err != nil {
		return nil, fmt.Errorf("list what was withdrawn: %w", err)
	}
	defer rows.Close()
	ids = []string{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list what was withdrawn: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
