package comment

import (
	"context"
	"fmt"

	"kawaraban/internal/db"
)

// Readable lists the comments on an article that readers may have whole, by their
// ids after one, for those who look through their words.
func (s *Store) Readable(ctx context.Context, article, after string, limit int) ([]Comment, error) {
	found, err := list(ctx, s.DB, `select `+columns+` from comment as c
		where c.article = $1 and c.id > $2 and c.state = 'visible' and c.seat > 0
		order by c.id
		limit $3`, article, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list what can be read on %s: %w", article, err)
	}
	return wholly(found), nil
}

// ReadableOf returns those of some comments that readers may have whole.
func (s *Store) ReadableOf(ctx context.Context, ids ...string) ([]Comment, error) {
	var args []any
	found, err := list(ctx, s.DB, `select `+columns+` from comment as c where c.id `+db.In(&args, ids)+` order by c.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read comments: %w", err)
	}
	return wholly(found), nil
}

// wholly keeps what readers may have with its text.
func wholly(found []Comment) (kept []Comment) {
	for _, c := range found {
		if c, ok := c.public(); ok && c.State == Visible {
			kept = append(kept, c)
		}
	}
	return kept
}
