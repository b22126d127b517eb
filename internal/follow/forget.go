package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// toldLife is how long it is kept what somebody was told.
const toldLife = 30 * 24 * time.Hour

// Forget takes away what a reader follows, in the transaction that erases the account.
func (s *Store) Forget(ctx context.Context, tx *db.Tx, reader string) error {
	_, err := tx.Exec(ctx, `delete from follow where reader = $1`, reader)
	_, err2 := tx.Exec(ctx, `delete from follow_told where reader = $1`, reader)
	return errors.Join(err, err2)
}

// Sweep drops what nobody can be told a second time any more.
func (s *Store) Sweep(ctx context.Context) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from follow_told where created < $1`, db.Time(s.Now().Add(-toldLife)))
		return err
	})
}

// A Table is part of the file with all that the paper knows of a reader.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// Known is what is kept of a reader here.
func (s *Store) Known(ctx context.Context, reader string) ([]Table, error) {
	list, err := s.Of(ctx, reader)
	if err != nil {
		return nil, fmt.Errorf("read what %s follows: %w", reader, err)
	}
	t := Table{Name: "following", Columns: []string{"kind", "what", "way", "since"}}
	for _, f := range list {
		t.Rows = append(t.Rows, []string{string(f.Kind), f.Key, string(f.Way), f.Created.UTC().Format(time.RFC3339)})
	}
	return []Table{t}, nil
}
