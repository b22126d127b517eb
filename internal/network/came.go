package network

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// What is believed of what a sister says (decision 79). Our own count of the readers of an
// article that came from sister papers knows better than any report: it has seen them.
const (
	everyHear  = 10 * time.Second // a sister is heard at most so often
	freely     = 30               // clicks on one article and day that we believe without having seen their readers
	perSeen    = 3                // clicks for each reader whom we have seen: some browsers do not say where they come from
	mostOffer  = 1_000            // clicks on one offer and day, whose readers we do not see
	mostClicks = 100_000          // on one item and day whatever we have seen
	maxCame    = 500              // items of a day with clicks of one sister
)

// believed is how much of what a sister says of an item and a day is believed.
func believed(said, seen int, sees bool) int {
	if !sees {
		return min(said, mostOffer)
	}
	return min(said, freely+perSeen*seen, mostClicks)
}

// HearClicks takes what a sister says of how often its readers followed our items. A
// number takes the place of an earlier one of the same item and day, and only a larger one
// does; days that have ended some days ago, and what is nothing of ours that readers may
// have, are left out. It does not say which: that would tell a stranger what there is.
func (s *Store) HearClicks(ctx context.Context, document []byte) error {
	now := s.Now()
	r, key, err := openReport(document, now)
	if err != nil {
		return deaf(err)
	}
	x, err := s.author(ctx, r.From, r.To, key)
	if err != nil {
		return err
	}
	if err := x.mayTell(r, now); err != nil {
		return err
	}
	r.Counts = slices.DeleteFunc(r.Counts, func(f Followed) bool {
		return f.day().After(now.Add(skew)) || !now.Before(f.day().Add(oneDay+counted))
	})
	list, err := s.weigh(ctx, r.Counts)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		// Whoever comes second waits here, and is then too early or too old.
		if err := db.One(tx.Exec(ctx, `update network_sister set name = name where id = $1 and state = 'on'`, x.ID)); err != nil {
			return err
		}
		x, err := s.sister(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if err := x.mayTell(r, now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update network_sister set heard = $2, said = $3 where id = $1`, x.ID, db.Time(now), db.Time(r.Made)); err != nil {
			return fmt.Errorf("note what a sister said: %w", err)
		}
		return keepCame(ctx, tx, x.ID, list)
	})
}

// deaf is what a report is answered that cannot be read.
func deaf(err error) error {
	var t Trouble
	if !errors.As(err, &t) {
		return err
	}
	switch t {
	case TooLarge:
		return &problem.Problem{Kind: problem.TooLarge}
	case Unsigned:
		return &problem.Problem{Kind: problem.Forbidden, Detail: "The signature does not fit."}
	case Ahead, Old:
		return &problem.Problem{Kind: problem.Invalid, Detail: "This report was not made now. Set the clock, and send a new one."}
	}
	return &problem.Problem{Kind: problem.Invalid, Detail: "This is no report of clicks that we can read."}
}

// author is the sister that has signed something: one that is shown, with the key that two
// people have compared, in its own name and for us.
func (s *Store) author(ctx context.Context, from, to, key string) (Sister, error) {
	stranger := &problem.Problem{Kind: problem.Forbidden, Detail: "We do not know this paper, or not by this key. Its editors and ours have to compare their keys first."}
	rows, err := s.DB.Query(ctx, `select `+sisterColumns+` from network_sister where kind = 'paper' and state = 'on' and key = $1 order by created, id`, key)
	if err != nil {
		return Sister{}, fmt.Errorf("look whose report it is: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		x, err := scanSister(rows)
		if err != nil {
			return Sister{}, err
		}
		if !s.same(x.Address, from) {
			continue
		}
		if !s.same(s.Paper().Base, to) {
			return Sister{}, &problem.Problem{Kind: problem.Forbidden, Detail: "This is for another paper."}
		}
		return x, nil
	}
	return Sister{}, errors.Join(stranger, rows.Err())
}

// same reports whether two addresses are of one paper.
func (s *Store) same(a, b string) bool {
	p, err := placeOf(strings.TrimRight(a, "/"), s.Local)
	q, err2 := placeOf(strings.TrimRight(b, "/"), s.Local)
	return err == nil && err2 == nil && p == q
}

// mayTell refuses a report that is not newer than the last, and one that comes too soon.
func (x Sister) mayTell(r Report, now time.Time) error {
	if !r.Made.After(x.said) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "This report, or a later one, was here already."}
	}
	if wait := x.Heard.Add(everyHear).Sub(now); wait > 0 {
		return &problem.Problem{Kind: problem.TooMany, Detail: "Reports come too fast. A minute between two is enough.", Wait: wait}
	}
	return nil
}

// A came is an item of ours with what a sister says of a day, and what is believed of it.
type came struct {
	Followed
	title    string
	believed int
}

// weigh keeps of what was said what is about items of ours, and says how much of it is
// believed.
func (s *Store) weigh(ctx context.Context, said []Followed) (list []came, err error) {
	var ids []string
	days := map[time.Time][]string{}
	for _, f := range said {
		ids = append(ids, f.Item)
	}
	articles, err := s.Articles.Readable(ctx, ids...)
	if err != nil {
		return nil, err
	}
	offers, err := s.offered(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, f := range said {
		if _, ok := articles[f.Item]; ok {
			days[f.day()] = append(days[f.day()], f.Item)
		}
	}
	seen := map[time.Time]map[string]int{}
	for day, ids := range days {
		if s.Arrived == nil {
			break
		}
		if seen[day], err = s.Arrived(ctx, day, ids...); err != nil {
			return nil, fmt.Errorf("ask who came from sister papers: %w", err)
		}
	}
	for _, f := range said {
		if c, ok := articles[f.Item]; ok {
			list = append(list, came{f, c.Headline, believed(f.Clicks, seen[f.day()][f.Item], s.Arrived != nil)})
		} else if title, ok := offers[f.Item]; ok {
			list = append(list, came{f, title, believed(f.Clicks, 0, false)})
		}
	}
	return list, nil
}

// offered are the titles of those of our own offers that have begun.
func (s *Store) offered(ctx context.Context, ids []string) (map[string]string, error) {
	titles := map[string]string{}
	if len(ids) == 0 {
		return titles, nil
	}
	args := []any{db.Time(s.Now())}
	of := db.In(&args, ids)
	rows, err := s.DB.Query(ctx, `select id, title from network_offer where begins <= $1 and id `+of+` order by id`, args...)
	if err != nil {
		return nil, fmt.Errorf("look up offers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, title string
		if err := rows.Scan(&id, &title); err != nil {
			return nil, fmt.Errorf("look up offers: %w", err)
		}
		titles[id] = title
	}
	return titles, rows.Err()
}

func keepCame(ctx context.Context, tx *db.Tx, sister string, list []came) error {
	days := map[time.Time]bool{}
	for _, c := range list {
		days[c.day()] = true
		_, err := tx.Exec(ctx, `insert into network_came (sister, day, item, title, said, clicks) values ($1, $2, $3, $4, $5, $6)
			on conflict (sister, day, item) do update
			set title = excluded.title, said = excluded.said,
				clicks = case when excluded.clicks > network_came.clicks then excluded.clicks else network_came.clicks end
			where excluded.said >= network_came.said`,
			sister, db.Time(c.day()), c.Item, c.title, c.Clicks, c.believed)
		if err != nil {
			return fmt.Errorf("keep what a sister said: %w", err)
		}
	}
	for day := range days {
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from network_came where sister = $1 and day = $2`, sister, db.Time(day)).Scan(&n); err != nil {
			return err
		}
		if n > maxCame {
			return &problem.Problem{Kind: problem.TooLarge, Detail: "These are more items than a panel shows in a day."}
		}
	}
	return nil
}
