package promo

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
)

// keepEvery is how often what was counted is written down: a crash loses no more.
const keepEvery = 2 * time.Second

// Keep writes down what was counted since the last time, and learns what other processes
// have counted. When it fails, nothing is lost.
func (s *Store) Keep(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	t, kept := s.counter.take(), map[string]int{}
	for len(t.events)+len(t.chances)+len(t.heard) > 0 {
		some := t
		some.heard = t.heard[:min(len(t.heard), heardBatch)]
		if err := s.DB.Tx(ctx, func(tx *db.Tx) error { return write(ctx, tx, some) }); err != nil {
			s.counter.giveBack(t)
			s.counter.learn(nil, nil, kept, s.Now())
			return fmt.Errorf("count what was seen of promotions: %w", err)
		}
		for _, h := range some.heard {
			if h.what == Viewed {
				kept[h.booking]++
			}
		}
		t = tally{heard: t.heard[len(some.heard):]}
	}
	return s.recount(ctx, s.now(), kept)
}

const (
	heardBatch = 2000 // things of tickets that one transaction writes: others want to write as well
	heardRows  = 250  // and one statement
)

func (c *counter) take() tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.tally
	c.tally = newTally()
	return t
}

func (c *counter) giveBack(t tally) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range t.events {
		c.tally.events[k] += n
	}
	for k, n := range t.chances {
		c.tally.chances[k] += n
	}
	c.tally.heard = append(t.heard, c.tally.heard...)
}

// recount learns how many impressions have been written down of the bookings that are
// promised some, by all processes; kept are those that we have just written.
func (s *Store) recount(ctx context.Context, x *slate, kept map[string]int) error {
	var ids []string
	for _, spot := range x.spots {
		if spot.Kind == Impressions {
			ids = append(ids, spot.ID)
		}
	}
	totals := map[string]int{}
	if len(ids) > 0 {
		args := []any{Viewed}
		rows, err := s.DB.Query(ctx, `select booking, n from promo_total where what = $1 and booking `+db.In(&args, ids)+` order by booking`, args...)
		if err != nil {
			return fmt.Errorf("read impressions: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var n int
			if err := rows.Scan(&id, &n); err != nil {
				return fmt.Errorf("read impressions: %w", err)
			}
			totals[id] = n
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("read impressions: %w", err)
		}
	}
	s.counter.learn(ids, totals, kept, s.Now())
	return nil
}

func (c *counter) learn(ids []string, totals, kept map[string]int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now)
	for id, n := range kept {
		c.flow(id).unkept -= n
		c.flow(id).total += n
	}
	for _, id := range ids {
		c.flow(id).total = totals[id]
	}
}

// A counted is one row of what is written down. Rows are written in one order, so that
// processes that write at once wait for one another and are not locked for ever.
type counted struct {
	key  []any
	sort string
	n    int
}

func write(ctx context.Context, tx *db.Tx, t tally) error {
	var hours, totals, chances []counted
	sums := map[countKey]int{}
	there, err := thereOf(ctx, tx, t)
	if err != nil {
		return err
	}
	events, err := firstHeard(ctx, tx, t)
	if err != nil {
		return err
	}
	for k, n := range events {
		if !there[k.booking] {
			continue
		}
		hours = append(hours, counted{[]any{k.booking, db.Time(k.hour), k.what}, fmt.Sprint(k.booking, k.hour.Unix(), k.what), n})
		sums[countKey{booking: k.booking, what: k.what}] += n
	}
	for k, n := range sums {
		totals = append(totals, counted{[]any{k.booking, k.what}, fmt.Sprint(k.booking, k.what), n})
	}
	for k, n := range t.chances {
		chances = append(chances, counted{[]any{k.place, db.Time(k.hour)}, fmt.Sprint(k.place, k.hour.Unix()), n})
	}
	if err := addUp(ctx, tx, "promo_hour", "booking, hour, what", hours); err != nil {
		return err
	}
	if err := addUp(ctx, tx, "promo_total", "booking, what", totals); err != nil {
		return err
	}
	return addUp(ctx, tx, "promo_chance", "place, hour", chances)
}

// firstHeard writes down what was heard of tickets, and returns what a tally counts: what
// was written down before, by whichever process, is left out.
func firstHeard(ctx context.Context, tx *db.Tx, t tally) (events map[countKey]int, err error) {
	if events = maps.Clone(t.events); events == nil {
		events = map[countKey]int{}
	}
	slices.SortFunc(t.heard, func(a, b heard) int { return cmp.Or(a.of.Compare(b.of), cmp.Compare(a.number, b.number)) })
	for some := range slices.Chunk(t.heard, heardRows) {
		var args []any
		rows := make([]string, len(some))
		for i, h := range some {
			rows[i] = db.Row(&args, db.Time(h.of), h.number)
		}
		list, err := tx.Query(ctx, `insert into promo_heard (hour, number) values `+strings.Join(rows, ", ")+`
			on conflict (hour, number) do nothing
			returning number`, args...)
		if err != nil {
			return nil, err
		}
		numbers, err := scanAll(list, func(row interface{ Scan(...any) error }) (n int64, err error) { return n, row.Scan(&n) })
		if err != nil {
			return nil, err
		}
		first := make(map[int64]bool, len(numbers))
		for _, n := range numbers {
			first[n] = true
		}
		for _, h := range some {
			k := h.countKey
			if !first[h.number] {
				k.what = LeftOut
			}
			events[k]++
		}
	}
	return events, nil
}

// thereOf tells which bookings of a tally are still there. What has run is never removed,
// but one that was on for a moment may be, before that was written down.
func thereOf(ctx context.Context, tx *db.Tx, t tally) (map[string]bool, error) {
	asked := map[string]bool{}
	for k := range t.events {
		asked[k.booking] = true
	}
	for _, h := range t.heard {
		asked[h.booking] = true
	}
	there := make(map[string]bool, len(asked))
	for some := range slices.Chunk(slices.Sorted(maps.Keys(asked)), 500) {
		var args []any
		rows, err := tx.Query(ctx, `select id from promo_booking where id `+db.In(&args, some)+` order by id`, args...)
		if err != nil {
			return nil, err
		}
		ids, err := scanAll(rows, func(row interface{ Scan(...any) error }) (id string, err error) { return id, row.Scan(&id) })
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			there[id] = true
		}
	}
	return there, nil
}

const batch = 100 // rows that one statement writes

func addUp(ctx context.Context, tx *db.Tx, table, key string, list []counted) error {
	slices.SortFunc(list, func(a, b counted) int { return cmp.Compare(a.sort, b.sort) })
	for some := range slices.Chunk(list, batch) {
		var args []any
		rows := make([]string, len(some))
		for i, c := range some {
			rows[i] = db.Row(&args, append(slices.Clone(c.key), c.n)...)
		}
		_, err := tx.Exec(ctx, `insert into `+table+` (`+key+`, n) values `+strings.Join(rows, ", ")+`
			on conflict (`+key+`) do update
			set n = `+table+`.n + excluded.n`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep drops what is no longer asked: how often places were seen long ago, and what was
// heard of tickets that are no longer good.
func (s *Store) Sweep(ctx context.Context) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from promo_heard where hour < $1`, db.Time(s.Now().Add(-ticketLife-time.Hour))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `delete from promo_chance where hour < $1`, db.Time(s.Now().AddDate(0, 0, -7*(usualWeeks+1))))
		return err
	})
}
