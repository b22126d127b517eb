package newsletter

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
)

// The jobs that send. Alerts have workers of their own: no digest keeps them waiting.
const (
	SendJob  = "edition.send"
	AlertJob = "alert.send"
	PushJob  = "alert.push" // tells devices of it
)

// A Run is a turn at sending an edition.
type Run struct{ Edition string }

const (
	turn     = 4 * time.Minute  // a job's; then another one goes on
	lost     = 45 * time.Second // without a sign of life another one may take over
	batch    = 200              // subscribers that are taken up at a time
	freshFor = time.Second      // how long it is believed that a story can be read
	maxTries = 8
	life     = 24 * time.Hour // after it began, an edition is given up
	lifeOf   = 6 * time.Hour  // an alert
)

// begin lets an edition go out; the transaction holds its row.
func (s *Store) begin(ctx context.Context, tx *db.Tx, e *Edition) error {
	l, err := listBy(ctx, tx, `id = $1`, e.List)
	if err != nil {
		return err
	}
	e.Stage, e.Begun, e.Wanted = Sending, s.Now(), l.Members
	if e.At.IsZero() {
		e.At = e.Begun
	}
	_, err = tx.Exec(ctx, `update edition set state = 'sending', begun = $2, beat = $2, at = $3, wanted = $4, cursor = '', whole = $5, version = version + 1 where id = $1`,
		e.ID, db.Time(e.Begun), db.Time(e.At), e.Wanted, false)
	if err != nil {
		return fmt.Errorf("begin edition %s: %w", e.ID, err)
	}
	if err := s.freeze(ctx, tx, e); err != nil {
		return err
	}
	if err := event.Record(ctx, tx, EditionChange{e.ID}, ListChange{e.List}); err != nil {
		return err
	}
	if l.Kind == Alert && s.Sources.Push != nil {
		if err := s.Jobs.Add(ctx, tx, PushJob, time.Time{}, Run{e.ID}); err != nil {
			return err
		}
	}
	return s.Jobs.Add(ctx, tx, jobOf(l), time.Time{}, Run{e.ID})
}

// Halt stops all that this process sends, in a good place: another process, or this
// one when it is started again, goes on.
func (s *Store) Halt() { s.halted.Store(true) }

// Send takes a turn at sending an edition. Of several who try at once one sends.
func (s *Store) Send(ctx context.Context, r Run) error {
	t, err := s.take(ctx, r.Edition)
	if err != nil || t == nil {
		return err
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var recording sync.WaitGroup
	recording.Go(func() { t.record(work) })
	// What was not handed over when ctx ends is taken up by the next turn.
	_ = s.Office.Deliver(ctx, t.next, t.done)
	stop()
	recording.Wait()
	return errors.Join(t.failed, t.leave(context.WithoutCancel(ctx)))
}

// A turnOf is one process that sends one edition for some minutes.
type turnOf struct {
	s     *Store
	me    string // the fence: whoever finds another name in the edition stops
	e     Edition
	l     List
	until time.Time

	mu       sync.Mutex
	waiting  []recipient
	may      map[string]article.Card
	mayAt    time.Time
	variants map[string]*variant
	since    time.Time           // from which on what readers follow is new
	lines    map[string][]string // what is new in what accounts follow
	followed []string            // all of that, each once
	printing int                 // grows when what the stories say has changed
	count    int                 // variants that have a number
	over     bool
	failed   error

	results chan result
	ended   chan struct{} // nobody records any more
	rate    rateOf
}

// A recipient is a subscriber who is taken up.
type recipient struct {
	id, email string
	tries     int
	variant   *variant
	stencil   *mail.Stencil // the variant's at the moment at which the letter is made
}

// A variant is an edition with one selection of its stories.
type variant struct {
	number   int
	stored   bool // its stories are
	picked   [][]string
	stencil  *mail.Stencil // nil when there is nothing in it that may be sent
	printing int
}

// take makes this process the one that sends an edition; nil when another one does,
// or there is nothing to send.
func (s *Store) take(ctx context.Context, id string) (*turnOf, error) {
	t := &turnOf{s: s, me: rand.Text(), variants: map[string]*variant{}, lines: map[string][]string{}, results: make(chan result), ended: make(chan struct{}), printing: 1, until: time.Now().Add(turn)}
	err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
		if t.e, err = lockEdition(ctx, tx, id); err != nil {
			return err
		}
		if t.l, err = listBy(ctx, tx, `id = $1`, t.e.List); err != nil {
			return err
		}
		now := s.Now()
		res, err := tx.Exec(ctx, `update edition set runner = $2, beat = $3
			where id = $1 and state = 'sending' and (runner = '' or beat < $4 or beat > $5)`,
			id, t.me, db.Time(now), db.Time(now.Add(-lost)), db.Time(now.Add(lost)))
		if err := db.One(res, err); err != nil {
			return err
		}
		// What an earlier turn had taken up and not handed over waits again.
		res, err = tx.Exec(ctx, `update delivery set state = 'later', due = 0 where edition = $1 and state = 'out'`, id)
		if err != nil {
			return fmt.Errorf("take up edition %s: %w", id, err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update edition set later = later + $2 where id = $1`, id, n); err != nil {
			return err
		}
		err = tx.QueryRow(ctx, `select coalesce(max(begun), 0) from edition where list = $1 and begun > 0 and begun < $2`, t.l.ID, db.Time(t.e.Begun)).Scan((*db.Time)(&t.since))
		if err != nil {
			return err
		}
		if t.since.IsZero() {
			t.since = t.e.Begun.Add(-24 * time.Hour)
		}
		return tx.QueryRow(ctx, `select coalesce(max(variant), 0) from edition_story where edition = $1`, id).Scan(&t.count)
	})
	if problem.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}

// next is the next letter to hand over, for whichever connection asks.
func (t *turnOf) next(ctx context.Context) (*mail.Parcel, bool) {
	for {
		r, ok := t.one(ctx)
		if !ok {
			return nil, false
		}
		if r.stencil == nil {
			t.tell(result{r: r, state: "skipped", why: "what it would bring is gone"})
			continue
		}
		f := t.s.filling(t.e, t.l, r)
		raw, err := r.stencil.Fill(nil, f)
		if err != nil {
			// An address that no letter can have: it was imported, or is older than a rule.
			t.tell(result{r: r, state: "refused", why: "no letter can have this address"})
			continue
		}
		return &mail.Parcel{From: f.ReturnTo, To: r.email, Raw: raw, Ref: r, Tries: r.tries - 1}, true
	}
}

// one takes a recipient out of those who are taken up.
func (t *turnOf) one(ctx context.Context) (r recipient, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.waiting) == 0 {
		if t.over || t.s.halted.Load() || ctx.Err() != nil || !time.Now().Before(t.until) {
			return r, false
		}
		if err := t.fill(ctx); err != nil {
			t.failed, t.over = err, true
		}
	}
	if t.s.halted.Load() || t.stale(ctx) {
		return r, false
	}
	r, t.waiting = t.waiting[0], t.waiting[1:]
	r.stencil = r.variant.stencil
	return r, true
}

// stale looks once in a second whether the edition may still be sent, and whether the
// stories in it may still be read. What may not is in no letter from then on.
func (t *turnOf) stale(ctx context.Context) bool {
	if now := time.Now(); now.Sub(t.mayAt) < freshFor {
		return false
	}
	var mine bool
	err := t.s.DB.QueryRow(ctx, `select runner = $2 and state = 'sending' from edition where id = $1`, t.e.ID, t.me).Scan(&mine)
	if err == nil && mine {
		err = t.look(ctx)
	}
	if err != nil || !mine {
		t.failed, t.over, t.waiting = cmp.Or(t.failed, err), true, nil
		return true
	}
	for i := range t.waiting {
		if err := t.print(ctx, t.waiting[i].variant); err != nil {
			t.failed, t.over = err, true
			return true
		}
	}
	return false
}

// look reads which stories may be read now.
func (t *turnOf) look(ctx context.Context) error {
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
	if t.may, t.mayAt = may, time.Now(); changed {
		t.printing++
	}
	return nil
}

// print sets a variant in the paper's face, unless it is what was set last.
func (t *turnOf) print(ctx context.Context, v *variant) error {
	if v.printing == t.printing {
		return nil
	}
	places := Places{Unsubscribe: rand.Text(), Preferences: rand.Text(), Click: rand.Text()}
	w, err := t.s.ways(ctx, t.e, places.Click)
	if err != nil {
		return err
	}
	c, err := t.s.content(ctx, t.l, t.e, v.picked, w)
	if err != nil {
		return err
	}
	v.printing = t.printing
	if v.stencil = nil; t.void(c) {
		return nil
	}
	c.Places = places
	v.stencil, err = t.s.Press(ctx, c)
	return err
}

// void reports whether an edition must not be sent as it is: the story that an alert
// is about is gone, or all that a digest brought.
func (t *turnOf) void(c Content) bool {
	cards := slices.ContainsFunc(c.Parts, func(p Shown) bool { return len(p.Cards) > 0 })
	switch t.l.Kind {
	case Alert:
		return t.e.Article != "" && !cards
	case Digest:
		return !cards && !t.l.Empty
	}
	return len(c.Parts) == 0
}

// leave ends a turn: the edition is through, or another turn follows.
func (t *turnOf) leave(ctx context.Context) error {
	s := t.s
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update edition set runner = '', rate = $3 where id = $1 and runner = $2`, t.e.ID, t.me, 0)
		if err := db.One(res, err); problem.Is(err, problem.NotFound) {
			return nil // somebody else sends it
		} else if err != nil {
			return err
		}
		var stage Stage
		var whole bool
		var rows int
		var due time.Time
		err = tx.QueryRow(ctx, `select state, whole from edition where id = $1`, t.e.ID).Scan(&stage, &whole)
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

func jobOf(l List) string {
	if l.Kind == Alert {
		return AlertJob
	}
	return SendJob
}
