package promo

import (
	"context"
	"fmt"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// Check puts a booking in order, and says at each field what is wrong with it.
func (b *Booking) Check() error { return b.check() }

// maxUses is how many bookings of one film are told.
const maxUses = 100

// Uses lists the bookings that have a video or a picture, the newest first.
func (s *Store) Uses(ctx context.Context, id string) ([]*Booking, error) { return uses(ctx, s.DB, id) }

func uses(ctx context.Context, q db.Querier, id string) ([]*Booking, error) {
	return bookings(ctx, q, `select `+bookingColumns+` from promo_booking as b
		where b.video = $1 or b.poster = $1
		order by b.id desc
		limit $2`, id, maxUses)
}

// Holds refuses that a video or a picture is deleted which a booking has. Also a booking
// that is over keeps what it showed: whoever has paid for it may look at it.
func (s *Store) Holds(ctx context.Context, tx *db.Tx, id string) error {
	list, err := uses(ctx, tx, id)
	if err != nil || len(list) == 0 {
		return err
	}
	const said = "A booking of %s shows it. Choose something else there first."
	args := []any{list[0].Sponsor}
	return &problem.Problem{Kind: problem.Conflict, Detail: fmt.Sprintf(said, args...), Format: said, Args: args}
}

// Free is a condition on picture p, in SQL: no booking has it.
const Free = `not exists (select 1 from promo_booking as u where u.poster = p.id)`

// Replace puts one picture in the place of another in the bookings that are not over, and
// returns in how many. What is over keeps what it showed.
func (s *Store) Replace(ctx context.Context, tx *db.Tx, actor, id, by string) (n int, err error) {
	if err := takeLedger(ctx, tx); err != nil {
		return 0, err
	}
	list, err := bookings(ctx, tx, `select `+bookingColumns+` from promo_booking as b
		where b.poster = $1 and (b.ends = 0 or b.ends > $2)
		order by b.id`, id, db.Time(s.Now()))
	if err != nil {
		return 0, err
	}
	for _, b := range list {
		err := s.changeIn(ctx, tx, actor, b.ID, "poster replaced", func(tx *db.Tx, _ *Booking) error {
			_, err := tx.Exec(ctx, `update promo_booking set poster = $2 where id = $1`, b.ID, by)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return len(list), nil
}

// Totals returns what was counted altogether of several bookings, by their ids.
func (s *Store) Totals(ctx context.Context, ids ...string) (map[string]Numbers, error) {
	all := make(map[string]Numbers, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select booking, what, n from promo_total where booking `+db.In(&args, ids)+` order by booking, what`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the numbers of bookings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var what Event
		var n int
		if err := rows.Scan(&id, &what, &n); err != nil {
			return nil, fmt.Errorf("read the numbers of bookings: %w", err)
		}
		if all[id] == nil {
			all[id] = Numbers{}
		}
		all[id][what] = n
	}
	return all, rows.Err()
}
