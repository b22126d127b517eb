package network

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
)

// TellKind is the job of telling a sister how often our readers followed its items.
const TellKind = "network.tell"

// Telling names the sister.
type Telling struct{ Sister string }

const (
	clicksPath = "/network/clicks"
	everyTell  = 20 * time.Second // a sister is told at most so often
	tellAgain  = 10 * time.Minute // after it could not be told
	tellRarely = 2 * time.Hour    // after it said that it does not want to be
	counted    = 2 * oneDay       // so long after its end a day can still be told of
	early      = time.Hour        // we tell of no day that is about to be too old for that
)

// An untold is an item with clicks on a day of which its sister has not heard yet.
type untold struct {
	item string
	day  time.Time
	Followed
}

// Tell tells a sister of the clicks of which it has not heard. Should it run twice, the
// sister hears the same numbers twice, which changes nothing.
func (s *Store) Tell(ctx context.Context, t Telling) error {
	x, err := s.sister(ctx, s.DB, t.Sister)
	if problem.Is(err, problem.NotFound) || err == nil && (x.State != On || x.Source != Ours) {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := s.untold(ctx, x.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	key, err := s.key(ctx)
	if err != nil {
		return err
	}
	r := Report{Version: version, From: s.Paper().Base, To: x.Address, Made: s.Now().UTC().Truncate(time.Microsecond)}
	for _, u := range list {
		r.Counts = append(r.Counts, u.Followed)
	}
	document, err := signReport(r, key)
	if err != nil {
		return fmt.Errorf("sign a report of clicks: %w", err)
	}
	why := s.tell(ctx, x, document)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.told(ctx, x, list, why)
}

// untold lists what a sister has not heard of, the oldest first.
func (s *Store) untold(ctx context.Context, sister string) (list []untold, err error) {
	rows, err := s.DB.Query(ctx, `select item, theirs, day, clicks
		from network_click
		where sister = $1 and clicks > told and theirs <> '' and day >= $2
		order by day, item
		limit $3`, sister, db.Time(s.oldest()), maxCounts)
	if err != nil {
		return nil, fmt.Errorf("list clicks for a sister: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u untold
		if err := rows.Scan(&u.item, &u.Item, (*db.Time)(&u.day), &u.Clicks); err != nil {
			return nil, fmt.Errorf("list clicks for a sister: %w", err)
		}
		u.Day = u.day.UTC().Format(time.DateOnly)
		list = append(list, u)
	}
	return list, rows.Err()
}

// oldest is the first day that we still tell of.
func (s *Store) oldest() time.Time { return dayOf(s.Now().Add(early - counted)) }

// tell sends a report, and says why it was not taken.
func (s *Store) tell(ctx context.Context, x Sister, document []byte) Trouble {
	resp, err := s.Fetch.Post(ctx, x.Address+clicksPath, document, fetch.Options{MaxBytes: maxList})
	switch {
	case err == nil && resp.Status == http.StatusNoContent:
		return NoTrouble
	case resp == nil:
		return whyNot(nil, err)
	}
	switch resp.Status {
	case http.StatusForbidden:
		return Unknown
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return Deaf
	}
	return Failing
}

// told notes what a sister has heard, or why it has heard nothing.
func (s *Store) told(ctx context.Context, x Sister, list []untold, why Trouble) error {
	now := s.Now()
	pause := tellAgain
	switch why {
	case NoTrouble:
		pause = everyTell
	case Unknown, Deaf:
		pause = tellRarely
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		at := x.Told
		if why == NoTrouble {
			at = now
			for _, u := range list {
				_, err := tx.Exec(ctx, `update network_click set told = $3 where item = $1 and day = $2 and told < $3`, u.item, db.Time(u.day), u.Clicks)
				if err != nil {
					return err
				}
			}
		}
		_, err := tx.Exec(ctx, `update network_sister set told = $2, untold = $3, tell = $4 where id = $1`, x.ID, db.Time(at), why, db.Time(now.Add(pause)))
		return err
	})
	if err != nil {
		return fmt.Errorf("note what a sister was told: %w", err)
	}
	return nil
}

// tellDue has those sisters told that have something to hear, and whose time has come. Of
// several processes one gets each.
func (s *Store) tellDue(ctx context.Context) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		now := s.Now()
		ids, err := claimed(ctx, tx, `update network_sister set tell = $1
			where id in (
				select x.id from network_sister as x
				where x.state = 'on' and x.kind = 'paper' and x.tell <= $2 and exists (
					select 1 from network_click as c
					where c.sister = x.id and c.clicks > c.told and c.theirs <> '' and c.day >= $3
				)
				order by x.tell, x.id
				limit 30
			)
			and state = 'on' and tell <= $2
			returning id`, db.Time(now.Add(everyTell)), db.Time(now), db.Time(s.oldest()))
		if err != nil {
			return fmt.Errorf("look which sisters have clicks to hear of: %w", err)
		}
		for _, id := range ids {
			if err := s.Jobs.AddUnique(ctx, tx, TellKind, time.Time{}, Telling{id}); err != nil {
				return err
			}
		}
		return nil
	})
}
