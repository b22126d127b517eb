package promo

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// Set changes a booking to b; b.Edited is when whoever changes it saw it last.
func (s *Store) Set(ctx context.Context, actor string, b *Booking) error {
	if err := b.check(); err != nil {
		return err
	}
	return s.change(ctx, actor, b.ID, "changed", func(tx *db.Tx, was *Booking) error {
		if !was.Edited.Equal(b.Edited) {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed this booking since. Look at it, and change it once more."}
		}
		if b.Source == Server && was.Source == Server && b.Address == was.Address {
			b.Video = was.Video // which the tag has brought
		} else if _, err := tx.Exec(ctx, `delete from promo_tag where booking = $1`, b.ID); err != nil {
			return fmt.Errorf("forget what an ad server answered: %w", err)
		}
		_, err := tx.Exec(ctx, `update promo_booking
			set sponsor = $2, title = $3, words = $4, link = $5, kind = $6, source = $7, video = nullif($8, ''), address = $9, poster = nullif($10, ''),
				begins = $11, ends = $12, goal = $13, share = $14, priority = $15, cap = $16, note = $17
			where id = $1`,
			b.ID, b.Sponsor, b.Title, b.Words, b.Link, b.Kind, b.Source, b.Video, b.Address, b.Poster, db.Time(b.Begins), db.Time(b.Ends),
			b.Goal, b.Share, b.Priority, b.Cap, b.Note)
		if err != nil {
			return s.unknown(err, "change a booking")
		}
		b.State = was.State
		if err := putPlaces(ctx, tx, b); err != nil {
			return err
		}
		return claim(ctx, tx, b, s.Zone())
	})
}

// Switch lets a booking run, stops it, or makes one that runs a draft again: only until
// something was counted of it.
func (s *Store) Switch(ctx context.Context, actor, id string, to State) error {
	if to != On && to != Stopped && to != Draft {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	return s.change(ctx, actor, id, string(to), func(tx *db.Tx, b *Booking) error {
		where := ""
		if to == Draft {
			where = ` and state = 'on' and not exists (select 1 from promo_total as t where t.booking = $1)`
		}
		err := db.One(tx.Exec(ctx, `update promo_booking set state = $2 where id = $1`+where, id, to))
		if problem.Is(err, problem.NotFound) { // it is there, or change had not come so far
			return hasRun(err)
		}
		if err != nil {
			return fmt.Errorf("switch a booking: %w", err)
		}
		b.State = to
		return claim(ctx, tx, b, s.Zone())
	})
}

// Remove deletes a draft. What was let run stays for the books.
func (s *Store) Remove(ctx context.Context, actor, id string) error {
	return s.change(ctx, actor, id, "removed", func(tx *db.Tx, _ *Booking) error {
		for _, table := range []string{"promo_place", "promo_tag"} {
			if _, err := tx.Exec(ctx, `delete from `+table+` where booking = $1`, id); err != nil {
				return fmt.Errorf("remove a booking: %w", err)
			}
		}
		err := db.One(tx.Exec(ctx, `delete from promo_booking where id = $1 and state = 'draft'`, id))
		if problem.Is(err, problem.NotFound) || db.IsForeign(err) { // of a draft that had run, something was counted since
			return hasRun(err)
		}
		return err
	})
}

func hasRun(err error) error {
	return &problem.Problem{Kind: problem.Conflict, Detail: "This booking has run, so it stays for the books. Stop it instead.", Err: err}
}

// change does something to a booking while no other does, and tells of it.
func (s *Store) change(ctx context.Context, actor, id, what string, do func(tx *db.Tx, was *Booking) error) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := takeLedger(ctx, tx); err != nil {
			return err
		}
		return s.changeIn(ctx, tx, actor, id, what, do)
	})
}

// takeLedger lets changes of bookings wait for one another, all of them: whoever claims
// days must see what others have.
func takeLedger(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `update promo_ledger set one = 1 where one = 1`); err != nil {
		return fmt.Errorf("take the ledger: %w", err)
	}
	return nil
}

// changeIn is change for whoever holds the ledger.
func (s *Store) changeIn(ctx context.Context, tx *db.Tx, actor, id, what string, do func(tx *db.Tx, was *Booking) error) error {
	b, err := get(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := do(tx, b); err != nil {
		return err
	}
	now := s.Now()
	if !now.After(b.Edited) {
		now = b.Edited.Add(time.Microsecond)
	}
	if _, err := tx.Exec(ctx, `update promo_booking set edited = $2, edited_by = $3 where id = $1`, id, db.Time(now), actor); err != nil {
		return fmt.Errorf("change a booking: %w", err)
	}
	if err := event.Record(ctx, tx, Changed{}); err != nil {
		return err
	}
	return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: BookingSet, Subject: id, Detail: what + " for " + b.Sponsor})
}
