package wire

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

const (
	pollTick = 500 * time.Millisecond
	// lease is how long a claim holds. A process that dies leaves its source alone for
	// so long; one that is slow is stopped before.
	lease    = 6 * time.Minute
	pollTime = 5 * time.Minute
	// mostBackOff and mostWait bound how long a source is left alone: by ourselves when
	// it fails, and because it wants to be.
	mostBackOff = 15 * time.Minute
	mostWait    = time.Hour
)

// A Collector asks the sources for what they have, each by its own clock.
type Collector struct {
	Store *Store

	mu   sync.Mutex
	busy map[string]bool // sources that are being asked by this process
	all  sync.WaitGroup
}

// Run asks until ctx ends, and returns when nothing is being asked any more. Sources
// added meanwhile are found.
func (c *Collector) Run(ctx context.Context) {
	defer c.all.Wait()
	tick := time.NewTicker(pollTick)
	defer tick.Stop()
	for {
		if err := c.start(ctx); err != nil && ctx.Err() == nil {
			c.Store.Log.Error("wire sources cannot be read", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// start begins to ask the sources whose time has come. None waits for another.
func (c *Collector) start(ctx context.Context) error {
	due, err := c.Store.due(ctx)
	for _, w := range due {
		if !c.enter(w.Source) {
			continue
		}
		c.all.Go(func() {
			defer c.leave(w.Source)
			if _, err := c.Store.poll(ctx, w); err != nil && ctx.Err() == nil {
				c.Store.Log.Error("a wire source was not asked", "source", w.Source, "error", err)
			}
		})
	}
	return err
}

func (c *Collector) enter(source string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[source] {
		return false
	}
	if c.busy == nil {
		c.busy = map[string]bool{}
	}
	c.busy[source] = true
	return true
}

func (c *Collector) leave(source string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, source)
}

// due lists the ways whose time has come, the longest overdue first.
func (s *Store) due(ctx context.Context) ([]Way, error) {
	return s.ways(ctx, `select `+wayColumns+` from wire_way
		where due <= $1 and not paused and kind not in ('folder', 'push')
		order by due, source
		limit 50`, db.Time(s.Now()))
}

// claim takes a way for this process, which then has until lease to ask. False: another
// was first, or somebody has changed the way.
func (s *Store) claim(ctx context.Context, w *Way) (mine bool, err error) {
	now := s.Now()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		// On PostgreSQL who comes second waits for the row, and then finds another turn.
		res, err := tx.Exec(ctx, `update wire_way set due = $3, polled = $4, turn = turn + 1
			where source = $1 and turn = $2 and due <= $4 and not paused`,
			w.Source, w.turn, db.Time(now.Add(lease)), db.Time(now))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		mine = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("claim a wire source: %w", err)
	}
	if mine {
		w.turn++
		w.Polled = now
	}
	return mine, nil
}

// poll asks a source once, if no other process does, and notes how it went. Its error is
// that this could not be noted.
func (s *Store) poll(ctx context.Context, w Way) (asked bool, err error) {
	mine, err := s.claim(ctx, &w)
	if err != nil || !mine {
		return false, err
	}
	src, err := s.SourceByID(ctx, w.Source)
	if err != nil {
		return true, err
	}
	b := bringing{newest: w.Newest, lag: w.Lag}
	haul, err := s.ask(ctx, src, &w, &b)
	if ctx.Err() != nil {
		// We are stopping. What was taken is stored; the next process goes on.
		return true, s.pollEnded(context.WithoutCancel(ctx), &src, w, haul, b, errStopped)
	}
	return true, s.pollEnded(ctx, &src, w, haul, b, err)
}

// What is said of a source when no Problem says it.
const (
	tooSlow   = "It was too slow: not all has come. What came is stored, and the rest is asked for again."
	notStored = "What came could not be stored. The log says why; it is asked for again."
)

var errStopped = errors.New("stopped")

// bringing is what is noted of what a way brings.
type bringing struct {
	newest time.Time
	lag    time.Duration
}

func (s *Store) ask(ctx context.Context, src Source, w *Way, b *bringing) (h Haul, err error) {
	h.Cursor = w.Cursor
	p, err := s.puller(w.Kind)
	if err != nil {
		return h, err
	}
	if err := s.unseal(w); err != nil {
		return h, err
	}
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	return p.collect(ctx, src, w, func(ctx context.Context, p Piece) error { return s.take(ctx, src, p, b) })
}

// take stores one piece. It has happened when it returns nil.
func (s *Store) take(ctx context.Context, src Source, p Piece, b *bringing) (err error) {
	if p.Once {
		if came, err := s.came(ctx, src, p.Name); err != nil || came {
			return err
		}
	}
	var results []Result
	switch {
	case isPicture(p.Name):
		results, err = s.Attach(ctx, src, p.Name, p.Beside)
	case p.Size > maxKept || len(p.Data) > maxKept:
		results, err = s.Refuse(ctx, src, p.Name, max(p.Size, int64(len(p.Data))))
	default:
		results, err = s.deliver(ctx, src, p.Name, p.Data, p.Beside, p.Far)
	}
	if err != nil {
		return err
	}
	s.noteAll(src, results, b)
	return nil
}

// noteAll logs what has come, and notes how old the newest of it was.
func (s *Store) noteAll(src Source, results []Result, b *bringing) {
	for _, r := range results {
		if r.Decision == Known {
			continue
		}
		s.Log.Info("wire", "source", src.Name, "file", r.Name, "decision", r.Decision, "item", r.ID, "version", r.Version, "reason", r.Reason)
		if r.Dated.After(b.newest) {
			b.newest, b.lag = r.Dated, max(0, s.Now().Sub(r.Dated))
		}
	}
}

// came reports whether a delivery of this name has been stored.
func (s *Store) came(ctx context.Context, src Source, name string) (came bool, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) > 0 from wire_delivery where source = $1 and name = $2`, src.ID, name).Scan(&came)
	if err != nil {
		return false, fmt.Errorf("look for delivery %s: %w", name, err)
	}
	return came, nil
}

// pollEnded stores how asking went, unless somebody has changed the way meanwhile.
func (s *Store) pollEnded(ctx context.Context, src *Source, w Way, h Haul, b bringing, failed error) error {
	sentence, now := "", s.Now()
	w.Failures++
	due := now.Add(backOff(w.Every, w.Failures))
	switch p := problem.Of(failed); {
	case errors.Is(failed, errStopped):
		w.Failures--
		sentence, due = src.Problem, now
	case failed == nil:
		w.Failures, w.Succeeded, sentence = 0, now, h.Trouble
		wait := min(h.Wait, mostWait)
		if !h.More {
			wait = max(wait, w.Every)
		}
		due = now.Add(wait)
	case p != nil:
		sentence = p.Detail
		if asked := now.Add(min(p.Wait, mostWait)); asked.After(due) {
			due = asked
		}
	case errors.Is(failed, context.DeadlineExceeded):
		sentence = tooSlow
	default:
		sentence = notStored
		s.Log.Error("a wire source waits", "source", src.Name, "error", failed)
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update wire_way
			set cursor = $3, succeeded = $4, newest = $5, lag = $6, failures = $7, due = $8
			where source = $1 and turn = $2`,
			w.Source, w.turn, h.Cursor, db.Time(w.Succeeded), db.Time(b.newest), b.lag.Microseconds(), w.Failures, db.Time(due))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // changed, or claimed by another since our lease is over
		}
		_, err = tx.Exec(ctx, `update wire_source set problem = $2 where id = $1 and problem <> $2`, src.ID, sentence)
		return err
	})
	if err != nil {
		return fmt.Errorf("note how asking %s went: %w", src.Name, err)
	}
	if sentence != "" && sentence != src.Problem {
		s.Log.Warn("wire source", "source", src.Name, "problem", sentence, "cause", errors.Unwrap(failed))
	}
	return nil
}

// backOff is how long a source is left alone after so many failures in a row: twice as
// long each time, and not all sources at the same moment.
func backOff(every time.Duration, failures int) time.Duration {
	wait := min(max(every, soonest)<<min(failures, 10), max(mostBackOff, every))
	return wait*3/4 + rand.N(wait/4+1)
}
