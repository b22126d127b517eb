package poll

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
)

// Forget deletes the votes of a reader, in the transaction that erases the account.
// Where a poll is open the vote goes with its row: whoever comes back may vote again.
// The results of one that is closed have been read, and stay; nothing says any more
// whose vote is among them.
func (s *Store) Forget(ctx context.Context, tx *db.Tx, reader string) error {
	if _, err := voter(ctx, tx, reader); err != nil {
		return fmt.Errorf("forget %s in polls: %w", reader, err)
	}
	list, err := casts(ctx, tx, reader)
	if err != nil {
		return fmt.Errorf("forget %s in polls: %w", reader, err)
	}
	for _, c := range list {
		if err := s.forget(ctx, tx, reader, c); err != nil {
			return fmt.Errorf("forget %s in polls: %w", reader, err)
		}
	}
	if _, err := tx.Exec(ctx, `delete from poll_voter where reader = $1`, reader); err != nil {
		return fmt.Errorf("forget %s in polls: %w", reader, err)
	}
	return nil
}

func (s *Store) forget(ctx context.Context, tx *db.Tx, reader string, c cast) error {
	p, err := lock(ctx, tx, c.article)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from poll_vote where article = $1 and reader = $2`, c.article, reader); err != nil {
		return err
	}
	switch {
	case !c.counted:
		return nil
	case p.Closed(s.Now()):
		return db.One(tx.Exec(ctx, `update poll_option set gone = gone + 1 where id = $1`, c.option))
	}
	if err := count(ctx, tx, c.option, -1); err != nil {
		return err
	}
	return event.Record(ctx, tx, Voted{c.article})
}

// A Table is one sort of thing that the polls know of a reader.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// Known returns everything that the polls know of a reader, for the reader.
func (s *Store) Known(ctx context.Context, reader string) ([]Table, error) {
	t := Table{Name: "poll-votes", Columns: []string{"article", "choice", "cast"}}
	rows, err := s.DB.Query(ctx, `select v.article, o.words, v.created
		from poll_vote as v
		join poll_option as o on o.id = v.choice
		where v.reader = $1
		order by v.created, v.article`, reader)
	if err != nil {
		return nil, fmt.Errorf("read the votes of %s in polls: %w", reader, err)
	}
	defer rows.Close()
	for rows.Next() {
		var article, words string
		var at time.Time
		if err := rows.Scan(&article, &words, (*db.Time)(&at)); err != nil {
			return nil, fmt.Errorf("read the votes of %s in polls: %w", reader, err)
		}
		t.Rows = append(t.Rows, []string{article, words, at.UTC().Format(time.RFC3339)})
	}
	return []Table{t}, rows.Err()
}
