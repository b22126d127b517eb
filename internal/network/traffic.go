package network

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// A Traffic is how many readers went one way between us and a sister: today, in the last
// seven days and in the last thirty, today among them.
type Traffic struct {
	Today, Week, Month int
	Said               int // in thirty days, as the sister says; what is believed is Month
}

// Sent is how many readers we sent to each sister.
func (s *Store) Sent(ctx context.Context) (map[string]Traffic, error) {
	return s.traffic(ctx, "network_click", "clicks")
}

// Came is how many readers each sister sent to us, as far as we believe it.
func (s *Store) Came(ctx context.Context) (map[string]Traffic, error) {
	return s.traffic(ctx, "network_came", "said")
}

// traffic sums a table of ours.
func (s *Store) traffic(ctx context.Context, table, said string) (map[string]Traffic, error) {
	today := dayOf(s.Now())
	rows, err := s.DB.Query(ctx, `select sister,
			cast(sum(case when day >= $1 then clicks else 0 end) as bigint),
			cast(sum(case when day >= $2 then clicks else 0 end) as bigint),
			cast(sum(clicks) as bigint),
			cast(sum(`+said+`) as bigint)
		from `+table+`
		where day >= $3 and sister <> ''
		group by sister
		order by sister`, db.Time(today), db.Time(today.Add(-6*oneDay)), db.Time(today.Add(-29*oneDay)))
	if err != nil {
		return nil, fmt.Errorf("sum clicks: %w", err)
	}
	defer rows.Close()
	sums := map[string]Traffic{}
	for rows.Next() {
		var sister string
		var t Traffic
		if err := rows.Scan(&sister, &t.Today, &t.Week, &t.Month, &t.Said); err != nil {
			return nil, fmt.Errorf("sum clicks: %w", err)
		}
		sums[sister] = t
	}
	return sums, rows.Err()
}

// Best lists what the readers of each sister followed most since then, at most so many of
// one sister.
func (s *Store) Best(ctx context.Context, since time.Time, limit int) (map[string][]Count, error) {
	list, err := s.counts(ctx, `select item, title, sister, n
		from (
			select item, max(title) as title, sister, cast(sum(clicks) as bigint) as n,
				row_number() over (partition by sister order by sum(clicks) desc, item) as place
			from network_came
			where day >= $1
			group by sister, item
		) as ranked
		where place <= $2 and n > 0
		order by sister, place`, db.Time(dayOf(since)), limit)
	best := map[string][]Count{}
	for _, c := range list {
		best[c.Sister] = append(best[c.Sister], c)
	}
	return best, err
}
