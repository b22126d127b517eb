package promo

import (
	"context"
	"fmt"
)

// Verify tells of numbers that do not add up, and of days that the wrong booking has.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	for query, said := range map[string]string{
		`select t.booking || ' (' || t.what || ')'
			from promo_total as t
			left join (select booking, what, cast(sum(n) as bigint) as n from promo_hour group by booking, what) as h
				on h.booking = t.booking and h.what = t.what
			where h.n is null or h.n <> t.n
			order by t.booking, t.what
			limit 100`: "The hours of booking %s do not add up to what it has altogether.",
		`select distinct c.booking
			from promo_claim as c
			join promo_booking as b on b.id = c.booking
			where b.state <> 'on' or b.kind <> 'exclusive'
			order by c.booking
			limit 100`: "Booking %s has days for itself and is not to have them.",
		`select b.id
			from promo_booking as b
			where b.state = 'on' and b.kind = 'exclusive' and not exists (select 1 from promo_claim as c where c.booking = b.id)
			order by b.id
			limit 100`: "Booking %s is exclusive and has no day.",
	} {
		rows, err := s.DB.Query(ctx, query)
		if err != nil {
			return fmt.Errorf("verify bookings: %w", err)
		}
		list, err := scanAll(rows, func(row interface{ Scan(...any) error }) (id string, err error) { return id, row.Scan(&id) })
		if err != nil {
			return fmt.Errorf("verify bookings: %w", err)
		}
		for _, id := range list {
			tell(fmt.Sprintf(said, id))
		}
	}
	return nil
}
