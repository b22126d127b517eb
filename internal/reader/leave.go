package reader

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
)

// BeginLeave has the actor's account erased in 14 days, unless that is undone.
// Who works for the paper gives that up first.
func (s *Store) BeginLeave(ctx context.Context, a *Actor, how Leave) error {
	if err := s.sure(a); err != nil {
		return err
	}
	if how != KeepComments && how != RemoveComments {
		return refuse("comments", "Choose what becomes of your comments.")
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		r, err := lock(ctx, tx, a.Reader.ID)
		if err != nil {
			return err
		}
		if r.Role.Staff() {
			return &problem.Problem{Kind: problem.Conflict, Detail: "You work for the paper. Ask a publisher to make you a reader first; then you can delete the account."}
		}
		if !r.Leaving.IsZero() {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Your account is to be erased already."}
		}
		return s.beginLeave(ctx, tx, r, how, audit.Entry{Actor: r.ID, Detail: string(how) + " comments"})
	})
}

// beginLeave has an account erased in 14 days, and tells its owner.
func (s *Store) beginLeave(ctx context.Context, tx *db.Tx, r Reader, how Leave, e audit.Entry) error {
	at := s.Now().Add(leaveTime)
	if _, err := tx.Exec(ctx, `update reader set leaving = $1, leave_how = $2 where id = $3`, db.Time(at), how, r.ID); err != nil {
		return fmt.Errorf("begin to erase %s: %w", r.ID, err)
	}
	if err := s.Jobs.Add(ctx, tx, eraseJob, at, r.ID); err != nil {
		return err
	}
	if err := s.write(ctx, tx, Letter{Kind: LeaveBegins, Reader: r.ID, Detail: stamp(at)}); err != nil {
		return err
	}
	e.Act, e.Subject = LeaveBegun, r.ID
	return s.note(ctx, tx, e)
}

// UndoLeave keeps the actor's account.
func (s *Store) UndoLeave(ctx context.Context, a *Actor) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.stay(ctx, tx, a.Reader.ID) })
}

// MayUndoLeave looks whether the link of a letter is good, and changes nothing.
func (s *Store) MayUndoLeave(ctx context.Context, token string) error {
	_, _, err := s.link(ctx, s.DB, leaveUndoLink, token)
	return tooLate(err)
}

// UndoLeaveByLink keeps the account of whoever has the link of the letter.
func (s *Store) UndoLeaveByLink(ctx context.Context, token string) error {
	return tooLate(s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, _, err := s.use(ctx, tx, leaveUndoLink, token)
		if err != nil {
			return err
		}
		return s.stay(ctx, tx, id)
	}))
}

// tooLate is what is told of a link that works no more. After the account is
// gone nothing is left by which it could be known.
func tooLate(err error) error {
	if !problem.Is(err, problem.Gone) {
		return err
	}
	return &problem.Problem{Kind: problem.Gone, Detail: "This link has been used, or the 14 days have passed. If you can still log in, your account is there. One that has been erased cannot be brought back, not by us either."}
}

func (s *Store) stay(ctx context.Context, tx *db.Tx, id string) error {
	r, err := lock(ctx, tx, id)
	if err != nil || r.Leaving.IsZero() {
		return err
	}
	if _, err := tx.Exec(ctx, `update reader set leaving = 0, leave_how = '' where id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from reader_link where reader = $1 and purpose = $2`, id, leaveUndoLink); err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{Actor: id, Act: LeaveUndone, Subject: id})
}

// erase removes everything personal of an account whose time has come. The row
// stays, empty, so that comments keep their place, and says what becomes of
// them; the log keeps the id. It is a job and may run twice, and too early when
// the deletion was undone and begun again: the row knows.
func (s *Store) erase(ctx context.Context, id string) error {
	gone := false
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update reader set created = created where id = $1`, id)
		if err := db.One(res, err); err != nil {
			return err
		}
		var r Reader
		if err := tx.QueryRow(ctx, `select `+columns+` from reader as r where r.id = $1`, id).Scan(r.into()...); err != nil {
			return err
		}
		switch {
		case r.Erased:
			gone = true
			return nil
		case r.Leaving.IsZero() || r.Leaving.After(s.Now()):
			return nil
		case r.Role.Staff():
			// Somebody has been given a role in the meantime, and stays.
			return s.stay(ctx, tx, id)
		}
		gone = true
		return s.eraseRow(ctx, tx, r)
	})
	if err != nil {
		return fmt.Errorf("erase %s: %w", id, err)
	}
	if !gone {
		return nil
	}
	for _, folder := range []string{portraits(id), exported(id)} {
		if err := s.dropAll(ctx, folder); err != nil {
			return fmt.Errorf("erase %s: %w", id, err)
		}
	}
	return nil
}

// A Leaver is a reader whose account is being erased.
type Leaver struct {
	ID     string
	Emails []string // the addresses that it has and had
	How    Leave
}

func (s *Store) eraseRow(ctx context.Context, tx *db.Tx, r Reader) error {
	addresses, err := s.addresses(ctx, tx, r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update reader
		set email = '', name = '', handle = $1, bio = '', portrait = '', language = '', password = '', totp = '', totp_step = 0, letters = 'off', erased = $2
		where id = $3`, s.goneHandle(r.Handle), db.Time(s.Now()), r.ID)
	if err != nil {
		return err
	}
	for _, query := range []string{
		`delete from session where reader = $1`,
		`delete from device where reader = $1`,
		`delete from passkey where reader = $1`,
		`delete from recovery_code where reader = $1`,
		`delete from identity where reader = $1`,
		`delete from reader_link where reader = $1`,
		`delete from ceremony where reader = $1`,
		`delete from alerts_wanted where reader = $1`,
	} {
		if _, err := tx.Exec(ctx, query, r.ID); err != nil {
			return err
		}
	}
	for _, forget := range s.Forget {
		if err := forget(ctx, tx, Leaver{ID: r.ID, Emails: slices.Sorted(maps.Keys(addresses)), How: r.LeaveHow}); err != nil {
			return err
		}
	}
	for email := range addresses {
		if _, err := tx.Exec(ctx, `delete from registration where email = $1`, email); err != nil {
			return err
		}
	}
	err = job.Forget(ctx, s.Jobs, tx, LetterJob, func(l Letter) bool { return l.Reader == r.ID || addresses[l.Email] })
	if err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{Act: WasErased, Subject: r.ID}, SessionsEnded{r.ID}, Erased{r.ID})
}

// addresses are those that a reader has and had, as far as they are still known.
func (s *Store) addresses(ctx context.Context, tx *db.Tx, r Reader) (map[string]bool, error) {
	rows, err := readRows(ctx, tx, `select detail from reader_link where reader = $1 and purpose = $2 order by hash`, 1, 0, r.ID, emailUndoLink)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{r.Email: true}
	for _, row := range rows {
		e, err := parseEarlier(row[0])
		if err != nil {
			return nil, err
		}
		known[e.email] = true
	}
	delete(known, "")
	return known, nil
}

// sweepLeaving erases the accounts whose time has come and whose job was lost,
// with a database that was restored from before it was added.
func (s *Store) sweepLeaving(ctx context.Context) error {
	late := s.Now().Add(-time.Hour)
	rows, err := readRows(ctx, s.DB, `select id from reader where leaving > 0 and leaving < $1 and erased = 0 order by leaving, id limit 100`, 1, 0, db.Time(late))
	if err != nil {
		return fmt.Errorf("look for accounts to erase: %w", err)
	}
	for _, row := range rows {
		if err := s.erase(ctx, row[0]); err != nil {
			return err
		}
	}
	return nil
}
