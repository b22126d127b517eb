package promo

import (
	"context"
	"fmt"
)

// Verify tells of numbers that do not add up, and of exclusive bookings that are not alone.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	for query, said := range map[string]string{
		`select t.booking || ' (' || t.what || ')'
			from promo_total as t
			left join (select booking, what, cast(sum(n) as bigint) as n from promo_hour group by booking, what) as h
				on h.booking = t.booking and h.what = t.what
			where h.n is null or h.n <> t.n
			order by t.booking, t.what
			limit 100`: "The hours of booking %s do not add up to what it has altogether.",
		`select distinct b.id
			from promo_booking as b
			join promo_booking as o on o.state = 'on' and o.kind = 'exclusive' and o.id <> b.id and o.begins < b.ends and o.ends > b.begins
			where b.state = 'on' and b.kind = 'exclusive' and (
				not exists (select 1 from promo_place as p where p.booking = b.id)
				or not exists (select 1 from promo_place as p where p.booking = o.id)
				or exists (select 1 from promo_place as p join promo_place as q on q.place = p.place where p.booking = b.id and q.booking = o.id))
			order by b.id
			limit 100`: "Booking %s is exclusive and shares a place with another.",
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
