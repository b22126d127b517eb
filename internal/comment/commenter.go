package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Bar is what keeps a reader from taking part.
type Bar string

const (
	NoBar      Bar = ""
	Mute       Bar = "mute"       // may not write, for some time
	Suspension Bar = "suspension" // may do nothing, for some time
	Ban        Bar = "ban"        // may do nothing any more; the votes do not count
)

// A commenter is what the threads know of a reader.
type commenter struct {
	id      string
	posted  int // comments, whatever became of them
	visible int // of these can be read now
	warned  int
	barred  Bar
	until   time.Time
	last    time.Time // the last comment
}

// commenter reads a reader's row, which is made when it is not there, and makes
// others who change it wait.
func (s *Store) commenter(ctx context.Context, tx *db.Tx, reader string) (w commenter, err error) {
	err = tx.QueryRow(ctx, `insert into commenter (reader, posted, visible, warned, barred, until, last) values ($1, 0, 0, 0, '', 0, 0)
		on conflict (reader) do update set reader = excluded.reader
		returning `+commenterColumns, reader).Scan(w.into()...)
	if err != nil {
		return w, fmt.Errorf("read what the threads know of %s: %w", reader, err)
	}
	return w, nil
}

const commenterColumns = `reader, posted, visible, warned, barred, until, last`

func (w *commenter) into() []any {
	return []any{&w.id, &w.posted, &w.visible, &w.warned, &w.barred, (*db.Time)(&w.until), (*db.Time)(&w.last)}
}

// peek is commenter without the lock; a reader without a row is a new one.
func (s *Store) peek(ctx context.Context, q db.Querier, reader string) (w commenter, err error) {
	err = q.QueryRow(ctx, `select `+commenterColumns+` from commenter where reader = $1`, reader).Scan(w.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return commenter{id: reader}, nil
	}
	return w, err
}

// bar is what keeps the reader out at a moment.
func (w commenter) bar(now time.Time) Bar {
	if w.barred == Ban || w.barred != NoBar && w.until.After(now) {
		return w.barred
	}
	return NoBar
}

// may refuses an act that a bar of at least this strength forbids.
func (w commenter) may(now time.Time, least Bar) error {
	switch w.bar(now) {
	case Ban:
		return &problem.Problem{Kind: problem.Forbidden, Detail: "Your account may not take part in the threads any more. Your account's page says why, and how to appeal."}
	case Suspension:
		return &problem.Problem{Kind: problem.Forbidden, Wait: w.until.Sub(now), Detail: "Your account is suspended from the threads for now. Your account's page says why and until when, and how to appeal."}
	case Mute:
		if least == Mute {
			return &problem.Problem{Kind: problem.Forbidden, Wait: w.until.Sub(now), Detail: "You cannot write in the threads for now. Your account's page says why and until when, and how to appeal."}
		}
	}
	return nil
}

// Barred returns what keeps a reader out of the threads now, and until when; a
// ban has no end.
func (s *Store) Barred(ctx context.Context, reader string) (Bar, time.Time, error) {
	w, err := s.peek(ctx, s.DB, reader)
	return w.bar(s.Now()), w.until, err
}

// MuteMember hides the comments of a member from a reader, or shows them again.
// Nobody else is told.
func (s *Store) MuteMember(ctx context.Context, reader, member string, on bool) error {
	if reader == member {
		return &problem.Problem{Kind: problem.Conflict, Detail: "You cannot mute yourself."}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if !on {
			_, err := tx.Exec(ctx, `delete from mute where reader = $1 and muted = $2`, reader, member)
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from (select 1 from mute where reader = $1 limit $2) as m`, reader, maxMutes).Scan(&n); err != nil {
			return err
		}
		if n >= maxMutes {
			return &problem.Problem{Kind: problem.Conflict, Detail: "You have muted 500 members, which is the most. Show some of them again first."}
		}
		_, err := tx.Exec(ctx, `insert into mute (reader, muted, created) values ($1, $2, $3) on conflict do nothing`, reader, member, db.Time(s.Now()))
		if db.IsForeign(err) {
			return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such member.", Err: err}
		}
		return err
	})
}

// maxMutes is how many members one reader can mute.
const maxMutes = 500

// Muted lists the members whose comments a reader does not want to see.
func (s *Store) Muted(ctx context.Context, reader string) (ids []string, err error) {
	return texts(ctx, s.DB, `select muted from mute where reader = $1 order by created, muted`, reader)
}

// texts reads one column.
func texts(ctx context.Context, q db.Querier, query string, args ...any) (list []string, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// MayVote refuses a reader who may not vote now, wherever the paper has votes.
func (s *Store) MayVote(ctx context.Context, reader string) error {
	w, err := s.peek(ctx, s.DB, reader)
	if err != nil {
		return fmt.Errorf("read what the threads know of %s: %w", reader, err)
	}
	return w.may(s.Now(), Suspension)
}
