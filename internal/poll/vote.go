package poll

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// Vote makes an option the reader's choice, in place of an earlier one, and returns
// the poll as it is then.
func (s *Store) Vote(ctx context.Context, article, reader, option string) (p Poll, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		// The voter's row first: a vote that is under way when its voter is barred
		// would else be counted after all the others were taken away.
		barred, err := voter(ctx, tx, reader)
		if err != nil {
			return err
		}
		if barred {
			return &problem.Problem{Kind: problem.Forbidden, Detail: "Your account may not take part in polls any more."}
		}
		if err := s.vote(ctx, tx, article, reader, option); err != nil {
			return err
		}
		p, err = of(ctx, tx, article)
		return err
	})
	if err != nil && problem.Of(err) == nil {
		return p, fmt.Errorf("vote in the poll of %s: %w", article, err)
	}
	return p, err
}

func (s *Store) vote(ctx context.Context, tx *db.Tx, article, reader, option string) error {
	p, err := lock(ctx, tx, article)
	if err != nil {
		return err
	}
	now := s.Now()
	if p.Closed(now) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "This poll is closed, and takes no votes any more."}
	}
	if !p.Has(option) {
		return refuse(problem.Invalid, "option", "Choose one of the options.")
	}
	old, counted, err := choice(ctx, tx, article, reader)
	if err != nil || old == option {
		return err
	}
	_, err = tx.Exec(ctx, `insert into poll_vote (article, reader, choice, counted, created) values ($1, $2, $3, true, $4)
		on conflict (article, reader) do update set choice = excluded.choice, counted = true, created = excluded.created`,
		article, reader, option, db.Time(now))
	if err != nil {
		return err
	}
	if counted { // not while a bar that was lifted is being made good
		if err := count(ctx, tx, old, -1); err != nil {
			return err
		}
	}
	if err := count(ctx, tx, option, 1); err != nil {
		return err
	}
	return s.tell(ctx, tx, article)
}

// Has reports whether there is an option of this id.
func (p Poll) Has(option string) bool {
	for _, o := range p.Options {
		if o.ID == option {
			return true
		}
	}
	return false
}

// voter reads whether somebody is barred, and makes whoever changes that wait.
func voter(ctx context.Context, tx *db.Tx, reader string) (barred bool, err error) {
	err = tx.QueryRow(ctx, `insert into poll_voter (reader, barred) values ($1, false)
		on conflict (reader) do update set reader = excluded.reader
		returning barred`, reader).Scan(&barred)
	return barred, err
}

// lock reads a poll and makes others who change it wait. Taking its row first makes
// votes wait for one another: without this, PostgreSQL counts from what it saw
// before waiting.
func lock(ctx context.Context, tx *db.Tx, article string) (p Poll, err error) {
	err = db.One(tx.Exec(ctx, `update poll set voted = voted where article = $1`, article))
	if problem.Is(err, problem.NotFound) {
		return p, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such poll."}
	}
	if err != nil {
		return p, err
	}
	return of(ctx, tx, article)
}

// choice is what a reader has chosen, "" for nothing, and whether it is counted.
func choice(ctx context.Context, q db.Querier, article, reader string) (option string, counted bool, err error) {
	err = q.QueryRow(ctx, `select choice, counted from poll_vote where article = $1 and reader = $2`, article, reader).Scan(&option, &counted)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return option, counted, err
}

// Choice is the option that a reader has chosen, "" for none.
func (s *Store) Choice(ctx context.Context, article, reader string) (option string, err error) {
	if option, _, err = choice(ctx, s.DB, article, reader); err != nil {
		return "", fmt.Errorf("read the choice of %s: %w", reader, err)
	}
	return option, nil
}

// count adds to an option of a poll whose row is locked.
func count(ctx context.Context, tx *db.Tx, option string, n int) error {
	return db.One(tx.Exec(ctx, `update poll_option set votes = votes + $2 where id = $1`, option, n))
}

// tell tells every process once a second at most that the numbers have changed.
func (s *Store) tell(ctx context.Context, tx *db.Tx, article string) error {
	now := s.Now()
	res, err := tx.Exec(ctx, `update poll set voted = $2 where article = $1 and voted <= $3`, article, db.Time(now), db.Time(now.Add(-time.Second)))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return event.Record(ctx, tx, Voted{article})
}

// A cast is one vote of a reader.
type cast struct {
	article, option string
	counted         bool
}

// casts lists a reader's votes in the order in which polls are locked.
func casts(ctx context.Context, tx *db.Tx, reader string) (list []cast, err error) {
	rows, err := tx.Query(ctx, `select article, choice, counted from poll_vote where reader = $1 order by article`, reader)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c cast
		if err := rows.Scan(&c.article, &c.option, &c.counted); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// Bar takes the votes of a reader out of all polls and takes no more, or ends that
// and counts them again. It may run twice.
func (s *Store) Bar(ctx context.Context, tx *db.Tx, reader string, barred bool) error {
	if _, err := voter(ctx, tx, reader); err != nil {
		return fmt.Errorf("bar %s from polls: %w", reader, err)
	}
	if _, err := tx.Exec(ctx, `update poll_voter set barred = $2 where reader = $1`, reader, barred); err != nil {
		return fmt.Errorf("bar %s from polls: %w", reader, err)
	}
	list, err := casts(ctx, tx, reader)
	if err != nil {
		return fmt.Errorf("bar %s from polls: %w", reader, err)
	}
	for _, c := range list {
		if c.counted != barred {
			continue
		}
		if err := s.recount(ctx, tx, reader, c, !barred); err != nil {
			return fmt.Errorf("bar %s from polls: %w", reader, err)
		}
	}
	return nil
}

// recount makes a vote count, or count no more.
func (s *Store) recount(ctx context.Context, tx *db.Tx, reader string, c cast, counts bool) error {
	if _, err := lock(ctx, tx, c.article); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update poll_vote set counted = $3 where article = $1 and reader = $2`, c.article, reader, counts); err != nil {
		return err
	}
	n := -1
	if counts {
		n = 1
	}
	if err := count(ctx, tx, c.option, n); err != nil {
		return err
	}
	return event.Record(ctx, tx, Voted{c.article})
}
