package audience

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"kawaraban/internal/db"
)

const (
	every   = 2 * time.Second     // what was opened is written down: a crash loses no more
	hours   = 3 * 24 * time.Hour  // are kept apart so long; older ones become days
	days    = 90 * 24 * time.Hour // are kept so long
	maxMost = 200                 // articles that one question is answered with
)

// A Store keeps how often articles were opened. Several processes write into it, and
// their numbers add up.
type Store struct {
	DB  *db.DB
	Now func() time.Time
}

// An hour is one of an article's: what opens are counted by.
type hour struct {
	article string
	at      time.Time
}

// beginning is when the hour or the day began in which t is, in UTC.
func beginning(t time.Time, unit time.Duration) time.Time { return t.UTC().Truncate(unit) }

// open counts opens that are to be written down. What a database that is away
// does not take is kept up to a limit.
func (n *Now) open(h hour, opens int) {
	if _, known := n.opens[h]; !known && len(n.opens) >= maxReadings {
		return
	}
	n.opens[h] += opens
}

// Run writes down what n has seen every two seconds, and once more when ctx ends.
func (s *Store) Run(ctx context.Context, n *Now, log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := s.Keep(context.WithoutCancel(ctx), n); err != nil {
				log.Error("what was read in the last seconds is not counted", "error", err)
			}
			return
		case <-tick.C:
		}
		if err := s.Keep(ctx, n); err != nil && ctx.Err() == nil {
			log.Error("what was read waits to be counted", "error", err)
		}
	}
}

// Keep writes down what n has seen since the last time. When it fails, n keeps that.
func (s *Store) Keep(ctx context.Context, n *Now) error {
	n.mu.Lock()
	seen := n.opens
	n.opens = map[hour]int{}
	n.mu.Unlock()
	if len(seen) == 0 {
		return nil
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		for part := range slices.Chunk(ordered(seen), 500) {
			if err := add(ctx, tx, part, seen); err != nil {
				return fmt.Errorf("count what was read: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		for h, opens := range seen {
			n.open(h, opens)
		}
	}
	return err
}

// add counts opens of those articles that are there: anybody can send the id of
// one that is not, and others are not to lose their count by it.
func add(ctx context.Context, tx *db.Tx, part []hour, seen map[hour]int) error {
	there, err := existing(ctx, tx, part)
	if err != nil {
		return err
	}
	for _, h := range part {
		if !there[h.article] {
			continue
		}
		_, err := tx.Exec(ctx, `insert into audience_hour (article, hour, opens) values ($1, $2, $3)
			on conflict (article, hour) do update
			set opens = audience_hour.opens + excluded.opens`, h.article, db.Time(h.at), seen[h])
		if err != nil {
			return err
		}
	}
	return nil
}

func existing(ctx context.Context, tx *db.Tx, part []hour) (map[string]bool, error) {
	ids := make([]string, len(part))
	for i, h := range part {
		ids[i] = h.article
	}
	var args []any
	rows, err := tx.Query(ctx, `select id from article where id `+db.In(&args, ids), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	there := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		there[id] = true
	}
	return there, rows.Err()
}

// MostRead lists the articles that were opened most often since then, most of them
// first: since the beginning of that hour, or for what is some days past, of that
// day. Whether readers may have them is not asked here.
func (s *Store) MostRead(ctx context.Context, since time.Time, limit int) (list []Count, err error) {
	rows, err := s.DB.Query(ctx, `select article, cast(sum(opens) as bigint) as opened
		from (
			select article, opens from audience_hour where hour >= $1
			union all
			select article, opens from audience_day where day >= $2
		) as o
		group by article
		order by opened desc, article
		limit $3`,
		db.Time(beginning(since, time.Hour)), db.Time(beginning(since, 24*time.Hour)), min(max(limit, 0), maxMost))
	if err != nil {
		return nil, fmt.Errorf("list what was most read: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Article, &c.Readers); err != nil {
			return nil, fmt.Errorf("list what was most read: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// Sweep makes days of hours that are some days past, and drops what is older than
// 90 days.
func (s *Store) Sweep(ctx context.Context) error {
	today := beginning(s.Now(), 24*time.Hour)
	for more := true; more; {
		err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
			more, err = fold(ctx, tx, today.Add(-hours))
			return err
		})
		if err != nil {
			return fmt.Errorf("make days of hours: %w", err)
		}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from audience_day where day < $1`, db.Time(today.Add(-days)))
		return err
	})
}

// fold makes days of some of the hours before then. Of two processes that do it at
// once only one gets a row that it takes away.
func fold(ctx context.Context, tx *db.Tx, before time.Time) (more bool, err error) {
	const some = 500
	rows, err := tx.Query(ctx, `delete from audience_hour
		where (article, hour) in (select article, hour from audience_hour where hour < $1 order by hour, article limit $2)
		returning article, hour, opens`, db.Time(before), some)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	sums, taken := map[hour]int{}, 0
	for rows.Next() {
		var h hour
		var opens int
		if err := rows.Scan(&h.article, (*db.Time)(&h.at), &opens); err != nil {
			return false, err
		}
		h.at = beginning(h.at, 24*time.Hour)
		sums[h] += opens
		taken++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return false, err
	}
	for _, h := range ordered(sums) {
		_, err := tx.Exec(ctx, `insert into audience_day (article, day, opens) values ($1, $2, $3)
			on conflict (article, day) do update
			set opens = audience_day.opens + excluded.opens`, h.article, db.Time(h.at), sums[h])
		if err != nil {
			return false, err
		}
	}
	return taken == some, nil
}

// ordered is the order in which all processes write: otherwise two could wait for
// each other.
func ordered(opens map[hour]int) []hour {
	order := make([]hour, 0, len(opens))
	for h := range opens {
		order = append(order, h)
	}
	slices.SortFunc(order, func(a, b hour) int { return cmp.Or(cmp.Compare(a.article, b.article), a.at.Compare(b.at)) })
	return order
}
