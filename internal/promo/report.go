package promo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// Numbers are how often each thing has happened.
type Numbers map[Event]int

// A Day is what was counted on one day of the paper.
type Day struct {
	Day     time.Time // its beginning
	Numbers Numbers
}

// Total returns what was counted of a booking altogether.
func (s *Store) Total(ctx context.Context, booking string) (Numbers, error) {
	rows, err := s.DB.Query(ctx, `select what, n from promo_total where booking = $1 order by what`, booking)
	if err != nil {
		return nil, fmt.Errorf("read the numbers of a booking: %w", err)
	}
	defer rows.Close()
	n := Numbers{}
	for rows.Next() {
		var what Event
		var count int
		if err := rows.Scan(&what, &count); err != nil {
			return nil, fmt.Errorf("read the numbers of a booking: %w", err)
		}
		n[what] = count
	}
	return n, rows.Err()
}

// Days returns what was counted of a booking on each day since it began, until today or
// its end; at most a year.
func (s *Store) Days(ctx context.Context, b *Booking) (list []Day, err error) {
	zone := s.Zone()
	at := map[time.Time]int{}
	last := s.Now()
	if !b.Ends.IsZero() && b.Ends.Before(last) {
		last = b.Ends.Add(-time.Microsecond)
	}
	from := b.Begins
	if oldest := last.AddDate(-1, 0, 0); from.Before(oldest) {
		from = oldest
	}
	for day := dayOf(from, zone); !day.After(last); day = day.AddDate(0, 0, 1) {
		at[day] = len(list)
		list = append(list, Day{day, Numbers{}})
	}
	rows, err := s.DB.Query(ctx, `select hour, what, n from promo_hour where booking = $1 and hour >= $2 order by hour, what`, b.ID, db.Time(from.Add(-time.Hour)))
	if err != nil {
		return nil, fmt.Errorf("read the days of a booking: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var hour time.Time
		var what Event
		var n int
		if err := rows.Scan((*db.Time)(&hour), &what, &n); err != nil {
			return nil, fmt.Errorf("read the days of a booking: %w", err)
		}
		if i, ok := at[dayOf(hour, zone)]; ok {
			list[i].Numbers[what] += n
		}
	}
	return list, rows.Err()
}

func dayOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// Due is how many impressions there should be by now of a booking that is promised some.
func (s *Store) Due(id string) (n int, ok bool) {
	for _, x := range s.now().spots {
		if x.ID == id && x.Kind == Impressions {
			return int(x.plan.at(s.Now())), true
		}
	}
	return 0, false
}

// A Forecast is what can be promised.
type Forecast struct {
	Usual    int // impressions that such places have on such days
	Promised int // to other bookings, in them
	Known    bool
}

// Forecast tells how many impressions are to be expected for a booking, by the last four
// weeks, and how many of them are promised to others.
func (s *Store) Forecast(ctx context.Context, b *Booking) (f Forecast, err error) {
	now := s.Now()
	u, err := s.usual(ctx, now)
	if err != nil || b.Ends.IsZero() {
		return f, err
	}
	weeks, err := s.weeksKnown(ctx, now)
	if err != nil || weeks == 0 {
		return f, err
	}
	f.Known = true
	usual := 0.0
	for at := b.Begins; at.Before(b.Ends); at = at.Add(time.Hour) {
		usual += u.at(b, hourOfWeek(at.In(s.Zone()))) / weeks
	}
	f.Usual = int(usual * s.lookedAt(ctx))
	others, err := bookings(ctx, s.DB, `select `+bookingColumns+` from promo_booking as b
		where b.state = 'on' and b.kind = 'impressions' and b.ends > $1 and b.begins < $2 and b.id <> $3
		order by b.id
		limit $4`, db.Time(b.Begins), db.Time(b.Ends), b.ID, maxSpots)
	for _, x := range others {
		if len(x.Places) > 0 && len(b.Places) > 0 && !slices.ContainsFunc(x.Places, b.At) {
			continue
		}
		both := earlier(x.Ends, b.Ends).Sub(later(x.Begins, b.Begins))
		f.Promised += int(float64(x.Goal) * float64(both) / float64(x.Ends.Sub(x.Begins)))
	}
	return f, err
}

// weeksKnown is for how long places have been counted, four weeks at most.
func (s *Store) weeksKnown(ctx context.Context, now time.Time) (float64, error) {
	var first time.Time
	err := s.DB.QueryRow(ctx, `select coalesce(min(hour), 0) from promo_chance`).Scan((*db.Time)(&first))
	if err != nil || first.IsZero() {
		return 0, err
	}
	return min(usualWeeks, max(now.Sub(first).Hours()/(7*24), 1.0/(7*24))), nil
}

// lookedAt is the part of what is given away that is looked at for two seconds, by all
// bookings; two thirds when nothing is known.
func (s *Store) lookedAt(ctx context.Context) float64 {
	var served, viewed float64
	err := s.DB.QueryRow(ctx, `select
		cast(coalesce(sum(case when what = 'served' then n else 0 end), 0) as bigint),
		cast(coalesce(sum(case when what = 'viewed' then n else 0 end), 0) as bigint)
		from promo_total`).Scan(&served, &viewed)
	if err != nil || served < 100 {
		return 2.0 / 3
	}
	return viewed / served
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Link returns the token of the sponsor's link to a booking's report; "" when there is
// none.
func (s *Store) Link(b *Booking) string {
	if b.Report <= 0 {
		return ""
	}
	return s.Keys.Sign(secret.Link{Purpose: secret.Report, Subject: b.ID, List: fmt.Sprint(b.Report), Issued: b.Created})
}

// SetLink makes a new link for the sponsor, with which the one before is dead, or takes
// it back.
func (s *Store) SetLink(ctx context.Context, actor, id string, there bool) error {
	what := "link made"
	if !there {
		what = "link taken back"
	}
	return s.change(ctx, actor, id, what, func(tx *db.Tx, b *Booking) error {
		// Below zero stands the last one that was taken back: it is not to live again.
		next := max(b.Report, -b.Report) + 1
		if !there {
			next = -max(b.Report, -b.Report)
		}
		if _, err := tx.Exec(ctx, `update promo_booking set report = $2 where id = $1`, id, next); err != nil {
			return fmt.Errorf("change a sponsor's link: %w", err)
		}
		return nil
	})
}

// Reported returns the booking to which a sponsor's link leads.
func (s *Store) Reported(ctx context.Context, token string) (*Booking, error) {
	l, err := s.Keys.Verify(secret.Report, token, s.Now())
	if err != nil {
		return nil, err
	}
	b, err := s.Get(ctx, l.Subject)
	if err != nil || b.Report <= 0 || l.List != fmt.Sprint(b.Report) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "This report is no longer shared. Ask the paper for a new link."}
	}
	return b, nil
}
