package newsletter

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Clicked is a link of an edition, and how often it was followed.
type Clicked struct {
	Article  string // the id of a story, or ""
	URL      string // another address, or ""
	Clicks   int    // by people
	Machines int
}

// Clicked lists the links of an edition that was sent, those first that most people
// have followed.
func (s *Store) Clicked(ctx context.Context, a *reader.Actor, edition string) (list []Clicked, err error) {
	if !a.May(reader.MayEdit) {
		return nil, forbidden()
	}
	rows, err := s.DB.Query(ctx, `select coalesce(article, ''), url, clicks, machines
		from edition_link
		where edition = $1
		order by clicks desc, machines desc, number`, edition)
	if err != nil {
		return nil, fmt.Errorf("read the clicks of edition %s: %w", edition, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Clicked
		if err := rows.Scan(&c.Article, &c.URL, &c.Clicks, &c.Machines); err != nil {
			return nil, fmt.Errorf("read the clicks of edition %s: %w", edition, err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// A Cause is why some letters of an edition did not arrive, in the words of whoever
// would not have them or of ours.
type Cause struct {
	State string // "skipped", "refused" or "later"
	Why   string
	Count int
}

// Causes tells why letters of an edition were not sent or not taken, the most common
// causes first.
func (s *Store) Causes(ctx context.Context, a *reader.Actor, edition string, limit int) (list []Cause, err error) {
	if !a.May(reader.MayEdit) {
		return nil, forbidden()
	}
	rows, err := s.DB.Query(ctx, `select state, why, count(*)
		from delivery
		where edition = $1 and state in ('skipped', 'refused', 'later') and why <> ''
		group by state, why
		order by count(*) desc, state, why
		limit $2`, edition, limit)
	if err != nil {
		return nil, fmt.Errorf("read why letters of edition %s did not arrive: %w", edition, err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Cause
		if err := rows.Scan(&c.State, &c.Why, &c.Count); err != nil {
			return nil, fmt.Errorf("read why letters of edition %s did not arrive: %w", edition, err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// A Day is how a list grew on one day of the paper.
type Day struct {
	Day                                   string // "2026-11-22"
	Joined, Departed, Bounced, Complained int
}

// Days tells how a list grew, day by day; days on which nothing happened are left out.
func (s *Store) Days(ctx context.Context, a *reader.Actor, list string, since time.Time) (days []Day, err error) {
	if !a.May(reader.MayManage) {
		return nil, forbidden()
	}
	rows, err := s.DB.Query(ctx, `select day, joined, departed, bounced, complained
		from list_day
		where list = $1 and day >= $2
		order by day`, list, since.In(s.Zone()).Format(time.DateOnly))
	if err != nil {
		return nil, fmt.Errorf("read how list %s grew: %w", list, err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Day
		if err := rows.Scan(&d.Day, &d.Joined, &d.Departed, &d.Bounced, &d.Complained); err != nil {
			return nil, fmt.Errorf("read how list %s grew: %w", list, err)
		}
		days = append(days, d)
	}
	return days, rows.Err()
}

// Hours tells in which hours of the day people follow the links of a list, by the
// paper's clock.
func (s *Store) Hours(ctx context.Context, a *reader.Actor, list string) (hours [24]int, err error) {
	if !a.May(reader.MayManage) {
		return hours, forbidden()
	}
	rows, err := s.DB.Query(ctx, `select hour, clicks from list_hour where list = $1 order by hour`, list)
	if err != nil {
		return hours, fmt.Errorf("read when list %s is read: %w", list, err)
	}
	defer rows.Close()
	for rows.Next() {
		var hour, clicks int
		if err := rows.Scan(&hour, &clicks); err != nil {
			return hours, fmt.Errorf("read when list %s is read: %w", list, err)
		}
		hours[hour%24] += clicks
	}
	return hours, rows.Err()
}

// A Delivery is what became of an edition on its way to one subscriber.
type Delivery struct {
	Edition string
	List    string
	Number  int
	Subject string
	State   string // "out", "later", "accepted", "skipped" or "refused"
	Tries   int
	At      time.Time // zero while nothing has become of it
	Why     string
}

// Deliveries lists what was sent to a subscriber, newest first. older is the cursor of
// the next page.
func (s *Store) Deliveries(ctx context.Context, a *reader.Actor, subscriber, before string, limit int) (list []Delivery, older string, err error) {
	if !a.May(reader.MayManage) {
		return nil, "", forbidden()
	}
	args := []any{subscriber}
	where := ""
	if before != "" {
		where = ` and d.edition < ` + db.Arg(&args, before)
	}
	rows, err := s.DB.Query(ctx, `select d.edition, e.list, e.number, e.subject, d.state, d.tries, d.at, d.why
		from delivery as d
		join edition as e on e.id = d.edition
		where d.subscriber = $1`+where+`
		order by d.edition desc
		limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list what was sent to %s: %w", subscriber, err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(list) == limit {
			return list, list[limit-1].Edition, nil
		}
		var d Delivery
		if err := rows.Scan(&d.Edition, &d.List, &d.Number, &d.Subject, &d.State, &d.Tries, (*db.Time)(&d.At), &d.Why); err != nil {
			return nil, "", fmt.Errorf("list what was sent to %s: %w", subscriber, err)
		}
		list = append(list, d)
	}
	return list, "", rows.Err()
}

// AlertsToday is how many alerts of a list have gone out on this day of the paper.
func (s *Store) AlertsToday(ctx context.Context, a *reader.Actor, list string) (n int, err error) {
	if !a.May(reader.MayEdit) {
		return 0, forbidden()
	}
	err = s.DB.QueryRow(ctx, `select count(*) from edition where list = $1 and created >= $2 and state <> 'cancelled'`, list, db.Time(s.midnight())).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the alerts of today: %w", err)
	}
	return n, nil
}

// midnight is when this day of the paper began.
func (s *Store) midnight() time.Time {
	y, m, d := s.Now().In(s.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.Zone())
}

// Undiscard brings a draft back that was thrown away.
func (s *Store) Undiscard(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionBrought, []Stage{Cancelled}, func(_ *db.Tx, e *Edition) error {
		if !e.Begun.IsZero() {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This edition has begun to go out: it cannot come back."}
		}
		e.Stage, e.At, e.Ended, e.Approver = Draft, time.Time{}, time.Time{}, ""
		return nil
	})
}

// Fill makes a part of an edition from a block, from the paper of this moment.
func (s *Store) Fill(ctx context.Context, a *reader.Actor, list string, b Block) (p Part, err error) {
	if !a.May(reader.MayEdit) {
		return p, forbidden()
	}
	last, err := s.lastBegun(ctx, list)
	if err != nil {
		return p, err
	}
	return s.part(ctx, b, s.since(b, last))
}
