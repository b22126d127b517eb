package audience

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
)

const (
	every   = 2 * time.Second     // what was opened is written down: a crash loses no more
	hours   = 8 * 24 * time.Hour  // are kept apart so long; older ones become days
	days    = 90 * 24 * time.Hour // are kept so long
	maxMost = 200                 // articles that one question is answered with
)

// A Store keeps how often articles were opened. Several processes write into it, and
// their numbers add up.
type Store struct {
	DB  *db.DB
	Now func() time.Time

	// Discussed lists which articles readers have said most about since then; nil: none.
	Discussed func(ctx context.Context, since time.Time, limit int) ([]Count, error)
}

// beginning is when the hour or the day began in which t is, in UTC.
func beginning(t time.Time, unit time.Duration) time.Time { return t.UTC().Truncate(unit) }

// Run writes down what n has seen every two seconds, and once more when ctx ends. Each
// time it brings r up to date, and tells of the lists that have changed.
func (s *Store) Run(ctx context.Context, n *Now, r *Ranks, changed func(tags []string), log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		switch tags, err := s.Rank(ctx, r); {
		case err != nil && ctx.Err() == nil:
			log.Error("the lists of what is most read stay as they are", "error", err)
		case len(tags) > 0:
			changed(tags)
		}
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
	n.settle()
	seen := n.take()
	if len(seen.opens)+len(seen.parts) == 0 {
		return nil
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error { return add(ctx, tx, seen) })
	if err != nil {
		n.giveBack(seen)
		return fmt.Errorf("count what was read: %w", err)
	}
	return nil
}

// add counts what was seen of those articles that are there: one may be gone since, and
// others are not to lose their count by it.
func add(ctx context.Context, tx *db.Tx, seen tally) error {
	opens, parts := ordered(seen.opens), orderedParts(seen.parts)
	there, err := existing(ctx, tx, opens, parts)
	if err != nil {
		return err
	}
	opens = slices.DeleteFunc(opens, func(h hour) bool { return !there[h.article] })
	parts = slices.DeleteFunc(parts, func(p part) bool { return !there[p.article] })
	for some := range slices.Chunk(opens, batch) {
		var args []any
		rows := make([]string, len(some))
		for i, h := range some {
			rows[i] = db.Row(&args, h.article, db.Time(h.at), seen.opens[h])
		}
		_, err := tx.Exec(ctx, `insert into audience_hour (article, hour, opens) values `+strings.Join(rows, ", ")+`
			on conflict (article, hour) do update
			set opens = audience_hour.opens + excluded.opens`, args...)
		if err != nil {
			return err
		}
	}
	return addParts(ctx, tx, parts, seen.parts)
}

const batch = 100 // rows that one statement writes

func addParts(ctx context.Context, tx *db.Tx, parts []part, opens map[part]int) error {
	for some := range slices.Chunk(parts, batch) {
		var args []any
		rows := make([]string, len(some))
		for i, p := range some {
			rows[i] = db.Row(&args, p.article, db.Time(p.at), string(p.sort), p.name, opens[p])
		}
		_, err := tx.Exec(ctx, `insert into audience_part (article, hour, sort, name, opens) values `+strings.Join(rows, ", ")+`
			on conflict (article, hour, sort, name) do update
			set opens = audience_part.opens + excluded.opens`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func existing(ctx context.Context, tx *db.Tx, opens []hour, parts []part) (map[string]bool, error) {
	asked := map[string]bool{}
	for _, h := range opens {
		asked[h.article] = true
	}
	for _, p := range parts {
		asked[p.article] = true
	}
	ids := make([]string, 0, len(asked))
	for id := range asked {
		ids = append(ids, id)
	}
	there := make(map[string]bool, len(ids))
	for some := range slices.Chunk(ids, 500) {
		if err := existingOf(ctx, tx, some, there); err != nil {
			return nil, err
		}
	}
	return there, nil
}

func existingOf(ctx context.Context, tx *db.Tx, ids []string, there map[string]bool) error {
	var args []any
	rows, err := tx.Query(ctx, `select id from article where id `+db.In(&args, ids), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		there[id] = true
	}
	return rows.Err()
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
	for _, step := range []func(context.Context, *db.Tx, time.Time) (bool, error){fold, foldParts} {
		for more := true; more; {
			err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
				more, err = step(ctx, tx, today.Add(-hours))
				return err
			})
			if err != nil {
				return fmt.Errorf("make days of hours: %w", err)
			}
		}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from audience_day where day < $1`, db.Time(today.Add(-days)))
		if err == nil {
			_, err = tx.Exec(ctx, `delete from audience_part where hour < $1`, db.Time(today.Add(-days)))
		}
		return err
	})
}

const folded = 500 // rows that one transaction makes days of

// fold makes days of some of the hours before then. Of two processes that do it at
// once only one gets a row that it takes away.
func fold(ctx context.Context, tx *db.Tx, before time.Time) (more bool, err error) {
	rows, err := tx.Query(ctx, `delete from audience_hour
		where (article, hour) in (select article, hour from audience_hour where hour < $1 order by hour, article limit $2)
		returning article, hour, opens`, db.Time(before), folded)
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
	return taken == folded, nil
}

// foldParts does the same for their parts, which have no table of their own for days:
// what stands at another hour than the first of its day is moved there.
func foldParts(ctx context.Context, tx *db.Tx, before time.Time) (more bool, err error) {
	rows, err := tx.Query(ctx, `delete from audience_part
		where (article, hour, sort, name) in (
			select article, hour, sort, name
			from audience_part
			where hour < $1 and hour % $2 <> 0
			order by hour, sort, name, article
			limit $3)
		returning article, hour, sort, name, opens`, db.Time(before), (24 * time.Hour).Microseconds(), folded)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	sums, taken := map[part]int{}, 0
	for rows.Next() {
		var p part
		var opens int
		if err := rows.Scan(&p.article, (*db.Time)(&p.at), &p.sort, &p.name, &opens); err != nil {
			return false, err
		}
		p.at = beginning(p.at, 24*time.Hour)
		sums[p] += opens
		taken++
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return false, err
	}
	return taken == folded, addParts(ctx, tx, orderedParts(sums), sums)
}
