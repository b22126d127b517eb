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

// A Tombstone says that what feeds had is gone.
type Tombstone struct {
	ID string
	At time.Time
}

// Tombstones lists what was withdrawn since then and may have been in feeds: of a section,
// or of the whole paper where it is "", the newest first.
func (s *Store) Tombstones(ctx context.Context, section string, since time.Time, limit int) (list []Tombstone, err error) {
	args := []any{db.Time(since)}
	of := ""
	if section != "" {
		of = " and section = " + db.Arg(&args, section)
	}
	rows, err := s.DB.Query(ctx, `select id, withdrawn from article
		where state = 'withdrawn' and withdrawn >= $1 and published > 0 and published <= withdrawn
			and embargo <= withdrawn and not embargo_open and feed <> 'none' and sponsor = ''`+of+`
		order by withdrawn desc, id desc
		limit `+db.Arg(&args, limit), args...)
	if err != nil {
		return nil, fmt.Errorf("list what is gone from feeds: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Tombstone
		if err := rows.Scan(&t.ID, (*db.Time)(&t.At)); err != nil {
			return nil, fmt.Errorf("list what is gone from feeds: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
