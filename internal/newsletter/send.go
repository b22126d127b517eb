package newsletter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
	_, err = tx.Exec(ctx, `update edition set state = 'sending', begun = $2, beat = $2, at = $3, wanted = $4, cursor = '', floor = '', whole = $5, version = version + 1 where id = $1`,
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
	var others sync.WaitGroup
	others.Go(func() { t.record(work) })
	others.Go(func() { t.takeUpAll(work) })
	defer context.AfterFunc(ctx, t.end)()
	// What was not handed over when ctx ends is taken up by the next turn.
	_ = s.Office.Deliver(ctx, t.next, t.done)
	stop()
	t.end()
	others.Wait()
	return errors.Join(t.failed, t.leave(context.WithoutCancel(ctx)))
}

// A turnOf is one process that sends one edition for some minutes.
type turnOf struct {
	s     *Store
	me    string // the fence: whoever finds another name in the edition stops
	e     Edition
	l     List
	until time.Time

	mu      sync.Mutex
	more    *sync.Cond // something of the next four has changed
	waiting []*recipient
	spans   []*span   // some of whose letters are on their way, and those after them
	floor   string    // up to this subscriber all have a row
	lookAt  time.Time // when it was seen last that it may be sent, and what of it
	over    bool
	failed  error
	hungry  chan struct{} // few are waiting

	// Of the one goroutine that takes up:
	may      map[string]article.Card
	beat     time.Time // the last sign of life
	variants map[string]*variant
	again    string              // up to this subscriber, an earlier turn may have come
	since    time.Time           // from which on what readers follow is new
	lines    map[string][]string // what is new in what accounts follow
	followed []string            // all of that, each once
	printing int                 // grows when what the stories say has changed
	count    int                 // variants that have a number

	letters sync.Pool // of *[]byte
	results chan result
	ended   chan struct{} // nobody records any more
	rate    rateOf
}

// A recipient is a subscriber who is taken up.
type recipient struct {
	id, email string
	tries     int
	variant   *variant
	span      *span // nil for somebody whose row is there already
}

// A variant is an edition with one selection of its stories.
type variant struct {
	number   int
	stored   bool // its stories are
	picked   [][]string
	printing int
	stencil  atomic.Pointer[mail.Stencil] // nil when there is nothing in it that may be sent
}

// take makes this process the one that sends an edition; nil when another one does,
// or there is nothing to send.
func (s *Store) take(ctx context.Context, id string) (*turnOf, error) {
	t := &turnOf{
		s: s, me: rand.Text(), variants: map[string]*variant{}, lines: map[string][]string{}, printing: 1, until: time.Now().Add(turn),
		hungry: make(chan struct{}, 1), results: make(chan result), ended: make(chan struct{}),
	}
	t.more = sync.NewCond(&t.mu)
	t.letters.New = func() any { return new([]byte) }
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
		// What an earlier turn had taken up, and of which no result was stored, waits again.
		if err := tx.QueryRow(ctx, `select cursor, floor from edition where id = $1`, id).Scan(&t.again, &t.floor); err != nil {
			return err
		}
		if t.floor != t.again {
			if _, err := tx.Exec(ctx, `update edition set cursor = floor, whole = $2 where id = $1`, id, false); err != nil {
				return err
			}
		}
		res, err = tx.Exec(ctx, `update delivery set state = 'later', due = 0 where edition = $1 and state in ('out', 'later') and state = 'out'`, id)
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
func (t *turnOf) next(context.Context) (*mail.Parcel, bool) {
	for {
		r, ok := t.one()
		if !ok {
			return nil, false
		}
		st := r.variant.stencil.Load()
		if st == nil {
			t.tell(result{r: r, state: "skipped", why: "what it would bring is gone"})
			continue
		}
		f := t.s.filling(t.e, t.l, r)
		buffer := t.letters.Get().(*[]byte)
		raw, err := st.Fill((*buffer)[:0], f)
		if err != nil {
			// An address that no letter can have: it was imported, or is older than a rule.
			t.tell(result{r: r, state: "refused", why: "no letter can have this address"})
			continue
		}
		return &mail.Parcel{From: f.ReturnTo, To: r.email, Raw: raw, Ref: r, Tries: r.tries - 1}, true
	}
}

func jobOf(l List) string {
	if l.Kind == Alert {
		return AlertJob
	}
	return SendJob
}
