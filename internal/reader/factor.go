package reader

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// An Enroller may set up a second factor: an actor who has proved a short while
// ago who this is, or somebody who must have one before the session is whole.
type Enroller interface {
	enrols(s *Store) (Reader, Session, error)
}

func (a *Actor) enrols(s *Store) (Reader, Session, error) { return a.Reader, a.Session, s.sure(a) }

func (p *Pending) enrols(*Store) (r Reader, at Session, err error) {
	if !p.Enrol() {
		return r, at, errHasFactor()
	}
	return p.Reader, p.Session, nil
}

func errHasFactor() error {
	return &problem.Problem{Kind: problem.Conflict, Detail: "Your account has a second factor by now. Use that one."}
}

// Enrolled is what somebody gets who has set up a second factor.
type Enrolled struct {
	Codes []string // new recovery codes, to be shown this once; nil where there are some
	Entry *Entry   // the whole session of who had a pending one
}

// enrol runs add in a transaction that has the reader's row to itself, and then
// does what belongs to every second factor: recovery codes, a letter, an entry
// in the audit log and, for somebody pending, the whole session. Whoever has got
// a factor meanwhile must use that one: adding another would go round it.
func (s *Store) enrol(ctx context.Context, who Enroller, b Browser, e audit.Entry, letter string, add func(tx *db.Tx, r Reader) error) (done Enrolled, err error) {
	r, _, err := who.enrols(s)
	if err != nil {
		return done, err
	}
	pending, _ := who.(*Pending)
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		done = Enrolled{}
		if r, err = lock(ctx, tx, r.ID); err != nil {
			return err
		}
		if pending != nil {
			if has, err := hasFactor(ctx, tx, r); err != nil || has {
				return orElse(err, errHasFactor)
			}
		}
		if err := add(tx, r); err != nil {
			return err
		}
		left, err := codesLeft(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if left == 0 {
			if done.Codes, err = s.newCodes(ctx, tx, r.ID); err != nil {
				return err
			}
		}
		if pending != nil {
			entry, err := s.upgrade(ctx, tx, pending, b)
			if err != nil {
				return err
			}
			done.Entry = &entry
		}
		if err := s.write(ctx, tx, Letter{Kind: FactorSet, Reader: r.ID, Detail: letter}); err != nil {
			return err
		}
		e.Actor, e.Subject = r.ID, r.ID
		return s.note(ctx, tx, e)
	})
	return done, err
}

// orElse is err, or what is made where that is nil.
func orElse(err error, other func() error) error {
	if err != nil {
		return err
	}
	return other()
}

// Ways are the ways into an account.
type Ways struct {
	Password  bool
	Passkeys  int
	Providers int
	TOTP      bool
	Codes     int // recovery codes that are left
}

// Ways counts the ways into a reader's account.
func (s *Store) Ways(ctx context.Context, reader string) (Ways, error) {
	return waysOf(ctx, s.DB, reader)
}

func waysOf(ctx context.Context, q db.Querier, reader string) (w Ways, err error) {
	err = q.QueryRow(ctx, `select password <> '', totp <> '',
			(select count(*) from passkey where reader = $1),
			(select count(*) from identity where reader = $1),
			(select count(*) from recovery_code where reader = $1)
		from reader
		where id = $1`, reader).Scan(&w.Password, &w.TOTP, &w.Passkeys, &w.Providers, &w.Codes)
	if err != nil {
		return w, fmt.Errorf("count the ways into an account: %w", err)
	}
	return w, nil
}

// loseFactor removes one second factor of the actor's. Staff keep one, and
// everybody keeps a way in; with the last factor the recovery codes go.
func (s *Store) loseFactor(ctx context.Context, a *Actor, e audit.Entry, letter string, remove func(tx *db.Tx) error) error {
	if err := s.sure(a); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		r, err := lock(ctx, tx, a.Reader.ID)
		if err != nil {
			return err
		}
		if err := remove(tx); err != nil {
			return err
		}
		w, err := waysOf(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		switch {
		case r.Role.Staff() && !w.TOTP && w.Passkeys == 0:
			return &problem.Problem{Kind: problem.Conflict, Detail: "People who work for the paper keep a second factor. Add another one first, then remove this."}
		case e.Act == PasskeyRemoved && !w.Password && w.Passkeys == 0 && w.Providers == 0:
			return &problem.Problem{Kind: problem.Conflict, Detail: "This is the last way into your account. Set a password or add another passkey first, then remove this."}
		case !w.TOTP && w.Passkeys == 0:
			if _, err := tx.Exec(ctx, `delete from recovery_code where reader = $1`, r.ID); err != nil {
				return fmt.Errorf("remove recovery codes: %w", err)
			}
		}
		if err := s.write(ctx, tx, Letter{Kind: FactorSet, Reader: r.ID, Detail: letter}); err != nil {
			return err
		}
		e.Actor, e.Subject = r.ID, r.ID
		return s.note(ctx, tx, e)
	})
}

// brakeCode counts an attempt at a second factor before it is looked at. The
// owner in a known browser has a count apart, as with passwords.
func (s *Store) brakeCode(ctx context.Context, reader string, b Browser) (key string, err error) {
	known, err := s.knows(ctx, reader, b)
	if err != nil {
		return "", err
	}
	if key = reader; known {
		key = reader + " " + b.Known
	}
	var wait time.Duration
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		wait, err = s.take(ctx, tx, codes, key)
		return err
	})
	if err == nil && wait > 0 {
		err = tooMany("Too many codes that were not right. Wait a few minutes, and take the newest code then.", wait)
	}
	return key, err
}
