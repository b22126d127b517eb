package promo

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// claim refuses that a booking is on whose places another has for itself at some moment
// of its time. The caller holds the ledger, so nobody comes between this look and the
// writing. Moments are compared and not days: a paper that moves to another zone has
// bookings whose days begin at the midnight of the zone before.
func claim(ctx context.Context, tx *db.Tx, b *Booking, zone *time.Location) error {
	if b.Kind != Exclusive || b.State != On {
		return nil
	}
	args := []any{db.Time(b.Begins), db.Time(b.Ends), b.ID}
	where := ""
	if len(b.Places) > 0 {
		where = ` and (
			not exists (select 1 from promo_place as p where p.booking = b.id)
			or exists (select 1 from promo_place as p where p.booking = b.id and p.place ` + db.In(&args, b.Places) + `))`
	}
	list, err := bookings(ctx, tx, `select `+bookingColumns+` from promo_booking as b
		where b.state = 'on' and b.kind = 'exclusive' and b.ends > $1 and b.begins < $2 and b.id <> $3`+where+`
		order by b.begins, b.id
		limit 1`, args...)
	if err != nil || len(list) == 0 {
		return err
	}
	other := list[0]
	day := func(t time.Time) string { return t.In(zone).Format(time.DateOnly) }
	const said = "The slot is booked for %s alone from %s to %s. Choose other days or places."
	args = []any{other.Sponsor, day(other.Begins), day(other.Ends.Add(-time.Second))}
	return &problem.Problem{
		Kind: problem.Conflict, Detail: fmt.Sprintf(said, args...), Format: said, Args: args,
		Fields: map[string]string{"ends": "Another booking has these days for itself."},
	}
}
