package promo

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// everywhere is every place, in a claim.
const everywhere = "*"

// claim writes down the days of an exclusive booking that is on, and gives back those it
// had. The caller holds the ledger. No place has two on a day: the key refuses a second
// for the same place, and the ledger keeps others from coming between the look at what
// holds every place and the writing.
func (s *Store) claim(ctx context.Context, tx *db.Tx, b *Booking) error {
	if _, err := tx.Exec(ctx, `delete from promo_claim where booking = $1`, b.ID); err != nil {
		return fmt.Errorf("give back days: %w", err)
	}
	if b.Kind != Exclusive || b.State != On {
		return nil
	}
	if err := s.taken(ctx, tx, b); err != nil {
		return err
	}
	places := b.Places
	if len(places) == 0 {
		places = []string{everywhere}
	}
	for _, day := range s.daysOf(b) {
		for _, p := range places {
			_, err := tx.Exec(ctx, `insert into promo_claim (day, place, booking) values ($1, $2, $3)`, db.Time(day), p, b.ID)
			if err != nil {
				return fmt.Errorf("claim a day: %w", err)
			}
		}
	}
	return nil
}

// taken refuses days on which another exclusive booking has one of the places.
func (s *Store) taken(ctx context.Context, tx *db.Tx, b *Booking) error {
	days := s.daysOf(b)
	args := []any{db.Time(days[0]), db.Time(days[len(days)-1])}
	where := ""
	if len(b.Places) > 0 {
		where = ` and c.place ` + db.In(&args, append([]string{everywhere}, b.Places...))
	}
	list, err := bookings(ctx, tx, `select `+bookingColumns+` from promo_booking as b
		where b.id = (
			select c.booking from promo_claim as c
			where c.day >= $1 and c.day <= $2`+where+`
			order by c.day, c.place
			limit 1)`, args...)
	if err != nil || len(list) == 0 {
		return err
	}
	other := list[0]
	day := func(t time.Time) string { return t.In(s.Zone()).Format(time.DateOnly) }
	const said = "The slot is booked for %s alone from %s to %s. Choose other days or places."
	args = []any{other.Sponsor, day(other.Begins), day(other.Ends.Add(-time.Second))}
	return &problem.Problem{
		Kind: problem.Conflict, Detail: fmt.Sprintf(said, args...), Format: said, Args: args,
		Fields: map[string]string{"ends": "Another booking has these days for itself."},
	}
}

// daysOf are the days of a booking that ends, each by its beginning in the paper's zone.
func (s *Store) daysOf(b *Booking) (days []time.Time) {
	at := b.Begins.In(s.Zone())
	for day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()); day.Before(b.Ends); day = day.AddDate(0, 0, 1) {
		days = append(days, day)
	}
	return days
}
