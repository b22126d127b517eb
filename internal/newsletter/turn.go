package newsletter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A span is of subscribers who were taken up together and follow one another.
type span struct {
	last string // the last of them
	left int    // how many of their letters have no result yet
}

// noted takes down that results are stored.
func (t *turnOf) noted(some []result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range some {
		if r.r.span != nil {
			r.r.span.left--
		}
	}
	t.advance()
}

// advance raises the floor over spans all of whose letters have a result.
func (t *turnOf) advance() {
	for len(t.spans) > 0 && t.spans[0].left == 0 {
		t.floor, t.spans = t.spans[0].last, t.spans[1:]
	}
}

// one takes a recipient out of those who are taken up, when it was looked a moment ago
// what may be sent.
func (t *turnOf) one() (*recipient, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		if t.over && len(t.waiting) == 0 || t.s.halted.Load() || !time.Now().Before(t.until) {
			return nil, false
		}
		fresh := time.Since(t.lookAt) < freshFor
		if n := len(t.waiting); n <= batch || !fresh {
			select {
			case t.hungry <- struct{}{}:
			default:
			}
		}
		if fresh && len(t.waiting) > 0 {
			r := t.waiting[0]
			t.waiting = t.waiting[1:]
			return r, true
		}
		t.more.Wait()
	}
}

// end lets nobody take another letter.
func (t *turnOf) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over, t.waiting = true, nil
	t.more.Broadcast()
}

// takeUpAll keeps some subscribers waiting, and looks once in a while what may be sent,
// until all have been taken or ctx ends.
func (t *turnOf) takeUpAll(ctx context.Context) {
	look := time.NewTicker(freshFor / 2)
	defer look.Stop()
	for {
		err := t.look(ctx)
		over, few := t.fewWait()
		if err == nil && few && !over {
			if err = t.fill(ctx); err == nil {
				continue
			}
		}
		if err != nil {
			if ctx.Err() == nil { // else the turn is over, and what it had begun is taken up again
				t.fail(err)
			}
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-t.hungry:
		}
	}
}

// fewWait reports whether more are to be taken up, and whether nobody is any more.
func (t *turnOf) fewWait() (over, few bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over, len(t.waiting) <= batch
}

// look sees, unless it was done a moment ago, whether the edition may still be sent, and
// which stories may be read now. What may not is in no letter from then on.
func (t *turnOf) look(ctx context.Context) error {
	if time.Since(t.lookAt) < freshFor/2 {
		return nil
	}
	now := time.Now()
	mine, err := t.alive(ctx)
	if err != nil {
		return err
	}
	if !mine {
		t.end()
		return nil
	}
	if err := t.readable(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	waiting := slices.Clone(t.waiting)
	t.mu.Unlock()
	for _, r := range waiting {
		if err := t.print(ctx, r.variant); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lookAt = now
	t.more.Broadcast()
	return nil
}

// alive reports whether the edition is still ours to send, and gives a sign of life
// also where nothing goes out for a while.
func (t *turnOf) alive(ctx context.Context) (mine bool, err error) {
	if time.Since(t.beat) < lost/4 {
		err = t.s.DB.QueryRow(ctx, `select runner = $2 and state = 'sending' from edition where id = $1`, t.e.ID, t.me).Scan(&mine)
		return mine, err
	}
	err = t.s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update edition set beat = $3 where id = $1 and runner = $2 and state = 'sending'`, t.e.ID, t.me, db.Time(t.s.Now()))
		return db.One(res, err)
	})
	if problem.Is(err, problem.NotFound) {
		return false, nil
	}
	t.beat = time.Now()
	return err == nil, err
}

// readable reads which stories may be read now.
func (t *turnOf) readable(ctx context.Context) error {
	may, err := t.s.Articles.Readable(ctx, t.candidates()...)
	if err != nil {
		return err
	}
	changed := len(may) != len(t.may)
	for id, card := range may {
		if was, ok := t.may[id]; !ok || was.Changed != card.Changed || was.Headline != card.Headline {
			changed = true
		}
	}
	if t.may = may; changed {
		t.printing++
	}
	return nil
}

// leave ends a turn: the edition is through, or another turn follows.
func (t *turnOf) leave(ctx context.Context) error {
	s := t.s
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update edition set runner = '', rate = 0, floor = $3 where id = $1 and runner = $2`, t.e.ID, t.me, t.floor)
		if err := db.One(res, err); problem.Is(err, problem.NotFound) {
			return nil // somebody else sends it
		} else if err != nil {
			return err
		}
		var stage Stage
		var whole bool
		var rows int
		var due time.Time
		err = tx.QueryRow(ctx, `select state, whole and cursor = floor from edition where id = $1`, t.e.ID).Scan(&stage, &whole)
		if err != nil || stage != Sending {
			return err
		}
		err = tx.QueryRow(ctx, `select count(*), coalesce(min(due), 0) from delivery where edition = $1 and state in ('out', 'later')`, t.e.ID).Scan(&rows, (*db.Time)(&due))
		if err != nil {
			return fmt.Errorf("count what is left of edition %s: %w", t.e.ID, err)
		}
		if whole && rows == 0 {
			_, err := tx.Exec(ctx, `update edition set state = 'sent', ended = $2, version = version + 1 where id = $1`, t.e.ID, db.Time(s.Now()))
			if err != nil {
				return err
			}
			return event.Record(ctx, tx, EditionChange{t.e.ID}, ListChange{t.e.List})
		}
		at := due
		if soon := s.Now().Add(time.Second); at.Before(soon) || !whole {
			at = soon
		}
		return s.Jobs.Add(ctx, tx, jobOf(t.l), at, Run{t.e.ID})
	})
}
