package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

const (
	// perRun is how many articles are indexed in one transaction: others who write
	// wait for it.
	perRun = 100
	// dead is how long a run that builds the index anew may be silent before another
	// takes its place.
	dead = time.Minute
	// settle is how long what was heard is gathered, so that much of it is one write.
	settle = 200 * time.Millisecond
	// lookBack covers what was committed while the last sign of life was written.
	lookBack = 2 * time.Minute
)

// state is how far the index is.
type state struct {
	built, analysis int64
	seen            time.Time
}

func (s *Store) state(ctx context.Context) (st state, err error) {
	err = s.DB.QueryRow(ctx, `select built, analysis, seen from search_state where id = 'index'`).Scan(&st.built, &st.analysis, (*db.Time)(&st.seen))
	if errors.Is(err, sql.ErrNoRows) {
		return state{}, nil
	}
	if err != nil {
		return st, fmt.Errorf("read the state of the search index: %w", err)
	}
	return st, nil
}

// Run keeps the index true while the paper is open: it builds one where there is
// none, or one of older rules; reads again what has changed while nobody listened;
// and notes from time to time that somebody does.
func (s *Store) Run(ctx context.Context) {
	var wait sync.WaitGroup
	defer wait.Wait()
	caught := make(chan struct{})
	wait.Go(func() {
		if err := s.catchUp(ctx); err != nil {
			s.told("the search index is not up to date", err)
			return
		}
		close(caught)
	})
	soon, minute := time.NewTicker(settle), time.NewTicker(time.Minute)
	defer soon.Stop()
	defer minute.Stop()
	for {
		select {
		case <-ctx.Done():
			s.told("the search index misses what happened last", s.follow(context.WithoutCancel(ctx)))
			return
		case <-soon.C:
			s.told("the search index waits", s.follow(ctx))
		case <-minute.C:
			select {
			case <-caught:
				s.told("how far the search index is was not noted", s.see(ctx))
			default: // there is still something from before
			}
		}
	}
}

func (s *Store) told(what string, err error) {
	if err != nil && !problem.Is(err, problem.Conflict) && !errors.Is(err, context.Canceled) {
		s.Log.Error(what, "error", err)
	}
}

func (s *Store) catchUp(ctx context.Context) error {
	st, err := s.state(ctx)
	if err != nil {
		return err
	}
	if st.built == 0 || st.analysis != analysis {
		_, err = s.Rebuild(ctx, func(int) {})
		return err
	}
	after, since := "", st.seen.Add(-lookBack)
	for {
		ids, err := s.Articles.Stirred(ctx, since, after, perRun)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return s.see(ctx)
		}
		if _, err := s.index(ctx, ids, 0); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// see notes that all is heard of until now.
func (s *Store) see(ctx context.Context) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update search_state set seen = $1 where id = 'index'`, db.Time(s.Now()))
		return err
	})
}

// Rebuild makes the whole index anew while the paper is open: readers have the old
// entry of an article until they have the new one. It tells now and then how many
// articles it has seen, and returns how many readers may have. One at a time: a
// Conflict says that another is under way.
func (s *Store) Rebuild(ctx context.Context, tell func(seen int)) (there int, err error) {
	began := s.Now()
	run, err := s.claim(ctx)
	if err != nil {
		return 0, err
	}
	seen, after := 0, ""
	for {
		ids, err := s.Articles.Stirred(ctx, time.Time{}, after, perRun)
		if err != nil || len(ids) == 0 {
			if err == nil {
				err = s.rebuildSent(ctx, run)
			}
			if err == nil {
				err = s.sortIn(ctx)
			}
			if err = errors.Join(err, s.finish(ctx, run, began, err)); err != nil {
				return there, err
			}
			return there, nil
		}
		n, err := s.indexTwice(ctx, ids, run)
		for _, id := range ids {
			err = errors.Join(err, s.indexThread(ctx, id, run))
		}
		if err = errors.Join(err, s.beat(ctx, run)); err != nil {
			return there, errors.Join(err, s.release(context.WithoutCancel(ctx), run))
		}
		after, there, seen = ids[len(ids)-1], there+n, seen+len(ids)
		tell(seen)
	}
}

// indexTwice indexes articles in two transactions at once: PostgreSQL has a core for each,
// and on SQLite they share one commit.
func (s *Store) indexTwice(ctx context.Context, ids []string, run int64) (there int, err error) {
	half, other := len(ids)/2, make(chan error, 1)
	first := 0
	go func() {
		n, err := s.index(ctx, ids[:half], run)
		first = n
		other <- err
	}()
	there, err = s.index(ctx, ids[half:], run)
	return there + first, errors.Join(err, <-other)
}

// claim begins a run, unless another is under way.
func (s *Store) claim(ctx context.Context) (run int64, err error) {
	now := s.Now()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into search_state (id, built, analysis, running, seen, beat) values ('index', 0, 0, 0, 0, 0)
			on conflict (id) do nothing`)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `update search_state
			set running = case when running > built then running else built end + 1, beat = $1
			where id = 'index' and (running = 0 or beat < $2)
			returning running`, db.Time(now), db.Time(now.Add(-dead))).Scan(&run)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &problem.Problem{Kind: problem.Conflict, Detail: "The search index is being built already. Wait until that is done."}
	}
	if err != nil {
		return 0, fmt.Errorf("begin to build the search index: %w", err)
	}
	return run, nil
}

// beat gives a sign of life; a Conflict says that another run has taken over.
func (s *Store) beat(ctx context.Context, run int64) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		return db.One(tx.Exec(ctx, `update search_state set beat = $1 where id = 'index' and running = $2`, db.Time(s.Now()), run))
	})
	if problem.Is(err, problem.NotFound) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Another run has begun to build the search index, because this one was silent for long."}
	}
	return err
}

func (s *Store) release(ctx context.Context, run int64) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update search_state set running = 0 where id = 'index' and running = $1`, run)
		return err
	})
}

// finish looks again at what the run has not met, and ends it.
func (s *Store) finish(ctx context.Context, run int64, began time.Time, failed error) error {
	if failed != nil {
		return s.release(context.WithoutCancel(ctx), run)
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update search_state set built = running, running = 0, analysis = $3, seen = case when seen < $2 then $2 else seen end
			where id = 'index' and running = $1`, run, db.Time(began), analysis)
		return err
	})
}
