package newsletter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// Begin begins an edition of a list: a digest is composed, another one is empty.
func (s *Store) Begin(ctx context.Context, a *reader.Actor, list string) (e Edition, err error) {
	if !a.May(reader.MayEdit) {
		return e, forbidden()
	}
	l, err := s.ListByID(ctx, list)
	if err != nil {
		return e, err
	}
	if l.Kind == Alert {
		return e, &problem.Problem{Kind: problem.Invalid, Detail: "Alerts are written on their own page."}
	}
	e = Edition{List: l.ID, Stage: Draft, Author: a.Reader.ID, Subject: l.Name}
	if l.Kind == Digest {
		if e.Parts, e.Subject, err = s.compose(ctx, l); err != nil {
			return e, err
		}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := lockList(ctx, tx, l.ID); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &e); err != nil {
			return err
		}
		return s.note(ctx, tx, a, EditionBegan, e.ID, l.Slug)
	})
	return e, err
}

// Discard throws a draft away.
func (s *Store) Discard(ctx context.Context, a *reader.Actor, id string, version int) error {
	_, err := s.step(ctx, a, id, version, EditionStopped, []Stage{Draft, Waiting, Scheduled}, func(tx *db.Tx, e *Edition) error {
		e.Stage, e.Ended = Cancelled, s.Now()
		return nil
	})
	return err
}

// Schedule has a draft go out at a time; the zero time is now. Where the list asks
// for it somebody else has to approve it first.
func (s *Store) Schedule(ctx context.Context, a *reader.Actor, id string, version int, at time.Time) (Edition, error) {
	if err := s.ready(ctx, a, id, at.IsZero()); err != nil {
		return Edition{}, err
	}
	return s.step(ctx, a, id, version, EditionSet, []Stage{Draft}, func(tx *db.Tx, e *Edition) error {
		if err := (Manuscript{e.Subject, e.Preview, e.Parts}).check(false); err != nil {
			return err
		}
		l, err := listBy(ctx, tx, `id = $1`, e.List)
		if err != nil {
			return err
		}
		if !at.IsZero() && !at.After(s.Now()) {
			return &problem.Problem{
				Kind: problem.Invalid, Detail: "This time has passed. Choose one that is to come, or send now.",
				Fields: map[string]string{"at": "Choose a time that is to come."},
			}
		}
		e.Stage, e.At = Scheduled, at
		if e.Author == "" {
			e.Author = a.Reader.ID
		}
		if l.Approve {
			e.Stage = Waiting
			return nil
		}
		return s.setOut(ctx, tx, e)
	})
}

// Ready says what has to be put right before a draft can go out now.
func (s *Store) Ready(ctx context.Context, a *reader.Actor, id string) error {
	return s.ready(ctx, a, id, true)
}

func (s *Store) ready(ctx context.Context, a *reader.Actor, id string, now bool) error {
	e, err := s.EditionByID(ctx, a, id)
	if err != nil || e.Stage != Draft {
		return err
	}
	m := Manuscript{e.Subject, e.Preview, e.Parts}
	if err := m.check(false); err != nil {
		return err
	}
	return s.gone(ctx, m, now)
}

// Approve lets an edition go out that waits for it. Whoever wrote it does not
// approve it.
func (s *Store) Approve(ctx context.Context, a *reader.Actor, id string, version int) (Edition, error) {
	return s.step(ctx, a, id, version, EditionSet, []Stage{Waiting}, func(tx *db.Tx, e *Edition) error {
		if e.Author == a.Reader.ID {
			return &problem.Problem{Kind: problem.Forbidden, Detail: "You have written this edition: somebody else has to approve it."}
		}
		e.Stage, e.Approver = Scheduled, a.Reader.ID
		return s.setOut(ctx, tx, e)
	})
}

// setOut sends an edition whose time has come at once.
func (s *Store) setOut(ctx context.Context, tx *db.Tx, e *Edition) error {
	if e.At.After(s.Now()) {
		return nil
	}
	return s.begin(ctx, tx, e)
}

// Unschedule makes a draft again of what has not begun to go out.
func (s *Store) Unschedule(ctx context.Context, a *reader.Actor, id string, version int) (Edition, error) {
	return s.step(ctx, a, id, version, EditionUnset, []Stage{Waiting, Scheduled}, func(tx *db.Tx, e *Edition) error {
		e.Stage, e.At, e.Approver = Draft, time.Time{}, ""
		return nil
	})
}

// Pause stops the sending of an edition until it is resumed. Letters that are with a
// server at this moment still go.
func (s *Store) Pause(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionPaused, []Stage{Sending}, func(tx *db.Tx, e *Edition) error {
		e.Stage = Paused
		return nil
	})
}

// Resume goes on where sending was paused.
func (s *Store) Resume(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionResumed, []Stage{Paused}, func(tx *db.Tx, e *Edition) error {
		l, err := listBy(ctx, tx, `id = $1`, e.List)
		if err != nil {
			return err
		}
		e.Stage = Sending
		return s.Jobs.Add(ctx, tx, jobOf(l), time.Time{}, Run{e.ID})
	})
}

// Cancel ends the sending of an edition for good.
func (s *Store) Cancel(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionStopped, []Stage{Sending, Paused}, func(tx *db.Tx, e *Edition) error {
		e.Stage, e.Ended = Cancelled, s.Now()
		return nil
	})
}

// step changes an edition in one of these stages; version 0 is any.
func (s *Store) step(ctx context.Context, a *reader.Actor, id string, version int, act audit.Act, from []Stage, f func(tx *db.Tx, e *Edition) error) (e Edition, err error) {
	if !a.May(reader.MayEdit) {
		return e, forbidden()
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if e, err = lockEdition(ctx, tx, id); err != nil {
			return err
		}
		if version > 0 && e.Version != version || !slices.Contains(from, e.Stage) {
			return overtaken()
		}
		if err := f(tx, &e); err != nil {
			return err
		}
		e.Version++
		_, err := tx.Exec(ctx, `update edition
			set state = $2, subject = $3, preview = $4, parts = $5, author = nullif($6, ''), approver = nullif($7, ''), at = $8, ended = $9, version = $10
			where id = $1`, e.ID, string(e.Stage), e.Subject, e.Preview, asJSON(e.Parts), e.Author, e.Approver, db.Time(e.At), db.Time(e.Ended), e.Version)
		if err != nil {
			return fmt.Errorf("change edition %s: %w", id, err)
		}
		if act == EditionSet && e.Stage == Waiting {
			act = EditionAsked // nothing goes out before somebody else has looked at it
		}
		if err := event.Record(ctx, tx, EditionChange{e.ID}, ListChange{e.List}); err != nil || act == "" {
			return err
		}
		return s.note(ctx, tx, a, act, e.ID, fmt.Sprintf("%s, number %d", e.List, e.Number))
	})
	return e, err
}
