package newsletter

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// tick is how often calendars are looked at; late is how much too late a digest of a
// calendar still goes out, when the program did not run.
const (
	tick = time.Second
	late = 3 * time.Hour
)

// Clock sends what is scheduled and composes what calendars ask for, until ctx ends.
func (s *Store) Clock(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		if err := s.ComeDue(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("a newsletter that is due waits", "error", err)
		}
		select {
		case <-ctx.Done():
			if err := s.CountClicks(context.WithoutCancel(ctx), true); err != nil {
				s.Log.Error("the last clicks were not counted", "error", err)
			}
			return
		case <-t.C:
		}
	}
}

// ComeDue does what the clock asks for at this moment.
func (s *Store) ComeDue(ctx context.Context) error {
	for _, f := range []func(context.Context) error{s.scheduled, s.calendars, s.stranded} {
		if err := f(ctx); err != nil {
			return err
		}
	}
	return s.CountClicks(ctx, false)
}

// ids reads the first column of some rows.
func ids(ctx context.Context, q db.Querier, query string, args ...any) (list []string, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, rows.Err()
}

// scheduled begins the editions whose time has come.
func (s *Store) scheduled(ctx context.Context) error {
	due, err := ids(ctx, s.DB, `select id from edition where state = 'scheduled' and at <= $1 order by at, id`, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("look for editions that are due: %w", err)
	}
	for _, id := range due {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			e, err := lockEdition(ctx, tx, id)
			if err != nil || e.Stage != Scheduled || e.At.After(s.Now()) {
				return err
			}
			return s.begin(ctx, tx, &e)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// calendars makes the digests whose time has come.
func (s *Store) calendars(ctx context.Context) error {
	due, err := ids(ctx, s.DB, `select id from list where next > 0 and next <= $1 order by next, id`, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("look for digests that are due: %w", err)
	}
	for _, id := range due {
		if err := s.digest(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// digest makes the digest of a list whose time has come, and sets its calendar on.
func (s *Store) digest(ctx context.Context, id string) error {
	l, err := s.ListByID(ctx, id)
	if err != nil {
		return err
	}
	parts, subject, err := s.compose(ctx, l)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		now, locked := s.Now(), List{}
		if locked, err = lockList(ctx, tx, id); err != nil {
			return err
		}
		if locked.Next.IsZero() || !locked.Next.Equal(l.Next) {
			return nil // another process was faster
		}
		if _, err := tx.Exec(ctx, `update list set next = $2 where id = $1`, id, db.Time(locked.next(now, s.Zone()))); err != nil {
			return err
		}
		switch {
		case now.Sub(locked.Next) > late:
			s.Log.Warn("a digest is left out: its time has long passed", "list", l.Slug, "was due", locked.Next)
			return nil
		case !fresh(parts) && !l.Empty:
			s.Log.Info("a digest is left out: there is nothing new", "list", l.Slug)
			return nil
		}
		e := Edition{List: id, Stage: Scheduled, Subject: subject, Parts: parts, At: locked.Next}
		if l.Approve {
			e.Stage = Waiting
		}
		if err := s.insert(ctx, tx, &e); err != nil {
			return err
		}
		if e.Stage == Waiting {
			return event.Record(ctx, tx, EditionChange{e.ID}, ListChange{e.List})
		}
		return s.begin(ctx, tx, &e)
	})
}

// stranded takes up editions whose job was lost: nobody has given a sign of life for
// some time, and there are letters to send.
func (s *Store) stranded(ctx context.Context) error {
	now := s.Now()
	list, err := ids(ctx, s.DB, `select e.id
		from edition as e
		where e.state = 'sending' and e.beat < $1
			and (not e.whole or e.cursor <> e.floor or exists (select 1 from delivery as d where d.edition = e.id and d.state in ('out', 'later') and d.due < $1))
		order by e.id`, db.Time(now.Add(-2*lost)))
	if err != nil {
		return fmt.Errorf("look for editions that nobody sends: %w", err)
	}
	for _, id := range list {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			// The sign of life is this job's, so that there is one job a minute at most.
			res, err := tx.Exec(ctx, `update edition set beat = $2 where id = $1 and state = 'sending' and beat < $3`, id, db.Time(now), db.Time(now.Add(-2*lost)))
			if err := db.One(res, err); problem.Is(err, problem.NotFound) {
				return nil
			} else if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `update edition set runner = '' where id = $1`, id); err != nil {
				return err
			}
			e, err := editionBy(ctx, tx, `id = $1`, id)
			if err != nil {
				return err
			}
			l, err := listBy(ctx, tx, `id = $1`, e.List)
			if err != nil {
				return err
			}
			return s.Jobs.Add(ctx, tx, jobOf(l), time.Time{}, Run{id})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Rezone sets all calendars by the paper's present clock.
func (s *Store) Rezone(ctx context.Context) error {
	all, err := s.Lists(ctx)
	if err != nil {
		return err
	}
	for _, l := range all {
		if l.Next.IsZero() || !l.Next.After(s.Now()) {
			continue
		}
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update list set next = $2 where id = $1 and next = $3`, l.ID, db.Time(l.next(s.Now(), s.Zone())), db.Time(l.Next))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// noticeAge is how long an edition answers for what it brought.
const noticeAge = 30 * 24 * time.Hour

// Hear notes for the next edition what became of stories that were sent.
func (s *Store) Hear(ctx context.Context, e event.Event) error {
	switch e.Kind {
	case article.Vanished{}.EventKind():
		return s.owe(ctx, e.Subject, WasWithdrawn)
	case article.Changed{}.EventKind():
		return s.owe(ctx, e.Subject, WasCorrected)
	}
	return nil
}

// owe notes that lists which brought a story have something to say about it.
func (s *Store) owe(ctx context.Context, story string, kind NoticeKind) error {
	now := s.Now()
	if kind == WasCorrected {
		corrections, _, err := s.Articles.Corrections(ctx, "", 20)
		if err != nil {
			return err
		}
		recent := false
		for _, c := range corrections {
			recent = recent || c.ID == story && now.Sub(c.At) < time.Hour
		}
		if !recent {
			return nil
		}
	} else if _, err := s.Articles.Known(ctx, story); err == nil {
		return nil // the licence has ended: nobody was wrong
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into list_notice (list, article, kind, edition, created, told)
			select e.list, cast($1 as text), cast($2 as text), max(e.id), cast($3 as bigint), null
			from edition as e
			where e.begun >= $4 and e.state in ('sending', 'paused', 'sent')
				and exists (select 1 from edition_story as x where x.edition = e.id and x.article = $1)
			group by e.list
			on conflict do nothing`, story, string(kind), db.Time(now), db.Time(now.Add(-noticeAge)))
		if err != nil {
			return fmt.Errorf("note what lists owe their readers: %w", err)
		}
		return nil
	})
}
