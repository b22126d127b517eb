package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// A script is a way whose other side a test plays.
type script struct {
	play func(ctx context.Context, w *Way, take func(context.Context, Piece) error) (Haul, error)
}

func (script) check(*Way) error { return nil }

func (s script) collect(ctx context.Context, _ Source, w *Way, take func(context.Context, Piece) error) (Haul, error) {
	return s.play(ctx, w, take)
}

func (script) look(context.Context, Source, *Way) (Glance, error) { return Glance{}, nil }

// plays adds a source whose other side is played.
func (r *room) plays(name string, f func(ctx context.Context, w *Way, take func(context.Context, Piece) error) (Haul, error)) Source {
	r.t.Helper()
	r.pullers()[ByFeed] = script{f}
	return r.way(name, Way{Kind: ByFeed, Address: "https://feed.example/"}, "")
}

// way adds a source with a way.
func (r *room) way(name string, w Way, password string) Source {
	r.t.Helper()
	src, err := r.Add(r.t.Context(), "", Source{Name: name, Section: "world", Publish: Auto}, w, password)
	if err != nil {
		r.t.Fatal(err)
	}
	return src
}

// polled asks a source once, as soon as it is due, and returns how it is then.
func (r *room) polled(src Source) (Way, string) {
	r.t.Helper()
	ctx := r.t.Context()
	w, err := r.Way(ctx, src.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	r.clock.Set(maxTime(r.Now(), w.Due))
	if asked, err := r.poll(ctx, w); err != nil || !asked {
		r.t.Fatalf("asked %t, %v", asked, err)
	}
	return r.state(src)
}

func (r *room) state(src Source) (Way, string) {
	r.t.Helper()
	w, err := r.Way(r.t.Context(), src.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	found, err := r.SourceByID(r.t.Context(), src.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return w, found.Problem
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// TestClaim has many processes see that a source is due, and one ask it. Who was too slow,
// or asked while somebody changed the way, writes nothing.
//
// Seen red: a claim by the source's id alone; an end that is noted whatever the turn.
func TestClaim(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		var asked atomic.Int32
		src := r.plays("Kestrel", func(context.Context, *Way, func(context.Context, Piece) error) (Haul, error) {
			return Haul{Cursor: fmt.Sprint(asked.Add(1))}, nil
		})
		for round := range 10 {
			w, _ := r.state(src)
			r.clock.Set(maxTime(r.Now(), w.Due))
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					if _, err := r.poll(ctx, w); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if n := int(asked.Load()); n != round+1 {
				t.Fatalf("eight found it due, and it was asked %d times", n-round)
			}
		}

		// Changed while it is asked: what is known of the old place is not kept.
		r.pullers()[ByFeed] = script{func(context.Context, *Way, func(context.Context, Piece) error) (Haul, error) {
			err := r.Change(ctx, "", src, Way{Kind: ByFeed, Address: "https://feed.example/other"}, "")
			return Haul{Cursor: "old"}, errors.Join(err, &problem.Problem{Detail: "No."})
		}}
		if w, trouble := r.polled(src); w.Cursor != "" || trouble != "" || w.Failures != 0 {
			t.Errorf("the new way has the cursor %q, the trouble %q and %d failures of the old", w.Cursor, trouble, w.Failures)
		}
	})
}

// TestBackOff leaves a source alone for longer each time that it fails, for as long as it
// wants to be, and never for ever.
func TestBackOff(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	var fails error
	src := r.plays("Kestrel", func(context.Context, *Way, func(context.Context, Piece) error) (Haul, error) {
		return Haul{Cursor: "c"}, fails
	})
	w, trouble := r.polled(src)
	if wait := w.Due.Sub(r.Now()); trouble != "" || wait != usually || w.Succeeded.IsZero() {
		t.Fatalf("all is well: %q, next in %v, succeeded %v", trouble, wait, w.Succeeded)
	}
	good := w.Succeeded
	fails = &problem.Problem{Kind: problem.Unavailable, Detail: "feed.example could not be reached."}
	before := time.Duration(0)
	for n := range 10 {
		w, trouble = r.polled(src)
		wait, most := w.Due.Sub(r.Now()), min(usually<<(n+1), mostBackOff)
		if wait < most*3/4 || wait > most || trouble != "feed.example could not be reached." || w.Failures != n+1 || wait < before*3/4 {
			t.Errorf("failure %d: %q, next in %v, at most %v", n+1, trouble, wait, most)
		}
		before = wait
	}
	if !w.Succeeded.Equal(good) || w.Cursor != "c" {
		t.Errorf("last success %v, cursor %q", w.Succeeded, w.Cursor)
	}
	fails = &problem.Problem{Kind: problem.TooMany, Detail: "Later.", Wait: 40 * time.Minute}
	if w, _ = r.polled(src); w.Due.Sub(r.Now()) != 40*time.Minute {
		t.Errorf("asked to wait 40 minutes, and next in %v", w.Due.Sub(r.Now()))
	}
	fails = &problem.Problem{Kind: problem.TooMany, Detail: "Later.", Wait: 1000 * time.Hour}
	if w, _ = r.polled(src); w.Due.Sub(r.Now()) != mostWait {
		t.Errorf("asked to wait for ever, and next in %v", w.Due.Sub(r.Now()))
	}
	fails = errors.New("disk full")
	if w, trouble = r.polled(src); !strings.Contains(trouble, "The log says why") || w.Failures != 13 {
		t.Errorf("a fault of ours: %q, %d failures", trouble, w.Failures)
	}
	fails = nil
	if w, trouble = r.polled(src); trouble != "" || w.Failures != 0 || w.Due.Sub(r.Now()) != usually {
		t.Errorf("well again: %q, %d failures, next in %v", trouble, w.Failures, w.Due.Sub(r.Now()))
	}
}

// TestCollector asks each source by its own clock: one that hangs holds up no other, and
// everything ends when the program does.
func TestCollector(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	hung, taken := make(chan struct{}), make(chan string, 10)
	var once sync.Once
	slow := r.plays("Slow", func(ctx context.Context, w *Way, take func(context.Context, Piece) error) (Haul, error) {
		if w.Address == "https://feed.example/" {
			once.Do(func() { close(hung) })
			<-ctx.Done()
			return Haul{}, ctx.Err()
		}
		err := take(ctx, Piece{Name: "a.json", Data: version(1, doc{"versioncreated": r.Now().Add(-90 * time.Second).Format(time.RFC3339)}).bytes()})
		taken <- w.Address
		return Haul{Cursor: "1"}, err
	})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan struct{})
	go func() {
		(&Collector{Store: r.Store}).Run(ctx)
		close(ended)
	}()
	<-hung
	quick := r.way("Quick", Way{Kind: ByFeed, Address: "https://quick.example/"}, "")
	<-taken
	papertest.Eventually(t, func() bool { w, _ := r.state(quick); return w.Cursor == "1" })
	w, _ := r.state(quick)
	if w.Lag < 90*time.Second || w.Lag > 10*time.Minute {
		t.Errorf("it was 90 seconds old when it came: lag %v", w.Lag)
	}
	if got := r.read(quick, "urn:hpa.example:ferry"); got != "Ferry 1" {
		t.Errorf("readers have %q", got)
	}
	if err := r.Pause(t.Context(), "", quick.ID, true); err != nil {
		t.Fatal(err)
	}
	r.clock.Add(time.Hour)
	stop()
	<-ended
	if w, trouble := r.state(slow); trouble != "" {
		t.Errorf("the program was stopped, and the source is said to be in trouble: %q (%v)", trouble, w.Due)
	}
	select {
	case a := <-taken:
		t.Errorf("%s is paused and was asked", a)
	default:
	}
}
