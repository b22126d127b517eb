package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// Logout ends the session of a token, whatever it is.
func (s *Store) Logout(ctx context.Context, token string) error {
	t, ok := secret.ParseToken(token)
	if !ok {
		return nil
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		var reader string
		err := tx.QueryRow(ctx, `delete from session where hash = $1 returning reader`, t.Hash().String()).Scan(&reader)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("log out: %w", err)
		}
		return s.note(ctx, tx, audit.Entry{Actor: reader, Act: LoggedOut, Subject: reader}, SessionsEnded{reader})
	})
}

// EndSession ends one of the actor's own sessions by its id.
func (s *Store) EndSession(ctx context.Context, a *Actor, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `delete from session where id = $1 and reader = $2`, id, a.Reader.ID)
		if problem.Is(db.One(res, err), problem.NotFound) {
			return &problem.Problem{Kind: problem.NotFound, Detail: "This session has ended already."}
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: LoggedOut, Subject: a.Reader.ID, Detail: "another session"}, SessionsEnded{a.Reader.ID})
	})
}

// EndOthers ends all of the actor's sessions but this one.
func (s *Store) EndOthers(ctx context.Context, a *Actor) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.endAll(ctx, tx, a.Reader.ID, a.Session.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: LoggedOut, Subject: a.Reader.ID, Detail: "everywhere else"})
	})
}

// endAll ends every session of a reader but one (none is spared when it is ""),
// and what was begun and not finished, and every link that would let in or give
// the account to another address.
func (s *Store) endAll(ctx context.Context, tx *db.Tx, reader, spare string) error {
	for _, query := range []string{
		`update reader set created = created where id = $1 and $2 <> '-'`, // as enter does: whoever begins a session waits
		`delete from session where reader = $1 and id <> $2`,
		`delete from ceremony where reader = $1 and $2 <> '-'`,
		`delete from reader_link where reader = $1 and purpose in ('reset', 'invite', 'email') and $2 <> '-'`,
	} {
		if _, err := tx.Exec(ctx, query, reader, spare); err != nil {
			return fmt.Errorf("end the sessions of %s: %w", reader, err)
		}
	}
	return s.tell(ctx, tx, SessionsEnded{reader})
}

// Sweep removes what time has ended. It is a job of every hour.
func (s *Store) Sweep(ctx context.Context) error {
	return errors.Join(s.sweep(ctx), s.sweepLeaving(ctx))
}

func (s *Store) sweep(ctx context.Context) error {
	now := s.Now()
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, old := range []struct {
			query string
			until time.Time
		}{
			{`delete from session where seen < $1`, now.Add(-readerIdle)},
			{`delete from session where kind = 'staff' and seen < $1`, now.Add(-staffLife)},
			{`delete from session where kind = 'pending' and seen < $1`, now.Add(-pendingLife)},
			{`delete from session where created < $1`, now.Add(-readerLife)},
			{`delete from registration where expires < $1`, now},
			{`delete from reader_link where expires < $1`, now},
			{`delete from ceremony where expires < $1`, now},
			{`delete from facebook_deletion where asked < $1`, now.Add(-deletionLife)},
			{`delete from brake where free < $1`, now},
			{`delete from device where seen < $1`, now.Add(-DeviceLife)},
		} {
			if _, err := tx.Exec(ctx, old.query, db.Time(old.until)); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
		return nil
	})
}
