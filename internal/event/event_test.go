package event_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/papertest"
)

// published is a fact such as subjects have.
type published struct{ id string }

func (p published) EventKind() string    { return "article.published" }
func (p published) EventSubject() string { return p.id }

func record(t *testing.T, d *db.DB, ids ...string) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		for _, id := range ids {
			if err := event.Record(t.Context(), tx, published{id}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A diary is a listener that remembers.
type diary struct {
	mu       sync.Mutex
	subjects []string
	fail     map[string]int // how often to fail at a subject
}

func (d *diary) hear(_ context.Context, e event.Event) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail[e.Subject] > 0 {
		d.fail[e.Subject]--
		return errors.New("not now")
	}
	if e.Kind != "article.published" || e.ID == "" || time.Since(e.Created).Abs() > 2*time.Hour {
		return fmt.Errorf("a strange event: %+v", e)
	}
	d.subjects = append(d.subjects, e.Subject)
	return nil
}

func (d *diary) heard() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.subjects)
}

// run runs a bus with the diary as its listener until the test ends, and
// returns when the bus listens.
func run(t *testing.T, d *db.DB, listeners ...*diary) {
	t.Helper()
	bus := &event.Bus{DB: d, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, l := range listeners {
		bus.Listen(l.hear)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- bus.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the bus ended with %v", err)
		}
	})
}

func TestFactsAreToldInOrder(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var first, second diary
		record(t, d, "before")
		run(t, d, &first, &second)
		want := []string{"before"}
		for i := range 20 {
			ids := []string{fmt.Sprintf("%d-a", i), fmt.Sprintf("%d-b", i)}
			record(t, d, ids...)
			want = append(want, ids...)
		}
		papertest.Eventually(t, func() bool { return len(first.heard()) >= len(want) && len(second.heard()) >= len(want) })
		if got := first.heard(); !slices.Equal(got, want) {
			t.Errorf("the first listener heard %v, want %v", got, want)
		}
		if got := second.heard(); !slices.Equal(got, want) {
			t.Errorf("the second listener heard %v, want %v", got, want)
		}
	})
}

// TestCommitWakesTheBus measures: with the poll alone it would take a second.
func TestCommitWakesTheBus(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var listener diary
		run(t, d, &listener)
		record(t, d, "0")
		papertest.Eventually(t, func() bool { return len(listener.heard()) == 1 })
		papertest.InTime(t, "to tell ten facts, one after another,", 2*time.Second, func() time.Duration {
			began := time.Now()
			for range 10 {
				told := len(listener.heard())
				record(t, d, "another")
				papertest.Eventually(t, func() bool { return len(listener.heard()) == told+1 })
			}
			return time.Since(began)
		})
	})
}

func TestWhatWasUndoneIsNotTold(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var listener diary
		run(t, d, &listener)
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			if err := event.Record(t.Context(), tx, published{"undone"}); err != nil {
				return err
			}
			return errors.New("undo")
		})
		if err == nil {
			t.Fatal("nothing was undone")
		}
		record(t, d, "kept")
		papertest.Eventually(t, func() bool { return len(listener.heard()) > 0 })
		if got := listener.heard(); !slices.Equal(got, []string{"kept"}) {
			t.Errorf("heard %v", got)
		}
	})
}

func TestOtherProcessesAreHeard(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var here, there diary
		other := papertest.Again(t, d)
		run(t, d, &here)
		run(t, other, &there)
		record(t, other, "from there")
		record(t, d, "from here")
		papertest.Eventually(t, func() bool { return len(here.heard()) == 2 && len(there.heard()) == 2 })
	})
}

// TestFailingListenerHearsAgain: the fact that failed comes again, before the
// later ones.
func TestFailingListenerHearsAgain(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		listener := diary{fail: map[string]int{"b": 1}}
		run(t, d, &listener)
		record(t, d, "a", "b", "c")
		papertest.Eventually(t, func() bool { return len(listener.heard()) >= 3 })
		if got := listener.heard(); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("heard %v", got)
		}
	})
}

// TestFactFromAFastClock hears a fact of a node whose clock is an hour fast,
// and must not become deaf to everybody else for that hour.
func TestFactFromAFastClock(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		var listener diary
		run(t, d, &listener)
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into outbox (id, kind, subject, created) values ($1, 'article.published', 'fast', $2)`,
				db.NewID(), db.Time(time.Now().Add(time.Hour)))
			tx.Notify("event")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		papertest.Eventually(t, func() bool { return len(listener.heard()) == 1 })
		record(t, d, "ours")
		papertest.Eventually(t, func() bool { return len(listener.heard()) == 2 })
	})
}
