package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// bestScore is the least score of a comment that is called the best of its time.
const bestScore = 3

// Best returns the visible comment with the best score of those written since a
// moment; ok is false when none has a good one.
func (s *Store) Best(ctx context.Context, since time.Time) (c Comment, ok bool, err error) {
	err = s.DB.QueryRow(ctx, `select `+columns+`
		from comment as c
		where c.id >= $1 and c.created >= $2 and c.state = 'visible' and c.up - c.down >= $3
		order by c.up - c.down desc, c.id
		limit 1`, db.IDSince(since), db.Time(since), bestScore).Scan(c.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("find the best comment: %w", err)
	}
	c, ok = c.public()
	return c, ok, nil
}
