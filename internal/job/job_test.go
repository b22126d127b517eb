package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
)

// edition is an argument such as subjects have.
type edition struct {
	ID   string
	Part int
}

// newQueue makes a queue whose log is the test's.
func newQueue(t *testing.T, d *db.DB) *job.Queue {
	return job.New(d, slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func start(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func add(t *testing.T, d *db.DB, q *job.Queue, kind string, at time.Time, arg any) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *db.Tx) error { return q.Add(t.Context(), tx, kind, at, arg) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestJobRunsSoonWithItsArgument(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		got := make(chan any, 3)
		job.Handle(q, "newsletter.send", func(_ context.Context, e edition) error { got <- e; return nil })
		job.Handle(q, "media.render", func(_ context.Context, id string) error { got <- id; return nil })
		start(t, q)
		for _, want := range []struct {
			kind string
			arg  any
		}{
			{"newsletter.send", edition{ID: "morning", Part: 7}},
			{"media.render", "picture-1"},
			{"newsletter.send", edition{ID: "evening"}},
		} {
			papertest.InTime(t, "to begin "+want.kind, time.Second, func() time.Duration {
				began := time.Now()
				add(t, d, q, want.kind, began.Add(-time.Hour), want.arg)
				if arg := <-got; arg != want.arg {
					t.Errorf("%s got %v, want %v", want.kind, arg, want.arg)
				}
				return time.Since(began)
			})
		}
	})
}

func TestJobIsKeptOnlyWithItsCause(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx, q := t.Context(), newQueue(t, d)
		ran := make(chan string, 10)
		job.Handle(q, "alert.send", func(_ context.Context, id string) error { ran <- id; return nil })
		err := d.Tx(ctx, func(tx *db.Tx) error {
			if err := q.Add(ctx, tx, "alert.send", time.Time{}, "undone"); err != nil {
				return err
			}
			return errors.New("the cause failed")
		})
		if err == nil {
			t.Fatal("the cause did not fail")
		}
		add(t, d, q, "alert.send", time.Time{}, "kept")
		start(t, q)
		if got := <-ran; got != "kept" {
			t.Errorf("%s ran", got)
		}
		var rows int
		if err := d.QueryRow(ctx, `select count(*) from river_job`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows, %v; want the one that was kept", rows, err)
		}
	})
}

func TestMisspeltKindIsRefused(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		job.Handle(q, "newsletter.send", func(context.Context, edition) error { return nil })
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			return q.Add(t.Context(), tx, "newsleter.send", time.Time{}, edition{})
		})
		if err == nil || !strings.Contains(err.Error(), "newsleter.send") {
			t.Errorf("error %v does not name the kind", err)
		}
	})
}

func TestFailedJobIsTriedAgain(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		var errs, panics atomic.Int32
		done := make(chan string, 2)
		job.Handle(q, "may.fail", func(context.Context, string) error {
			if errs.Add(1) == 1 {
				return errors.New("the server of the mail is away")
			}
			done <- "fail"
			return nil
		})
		job.Handle(q, "may.panic", func(context.Context, string) error {
			if panics.Add(1) == 1 {
				panic("a bug")
			}
			done <- "panic"
			return nil
		})
		add(t, d, q, "may.fail", time.Time{}, "x")
		add(t, d, q, "may.panic", time.Time{}, "x")
		start(t, q)
		<-done
		<-done
		if errs.Load() != 2 || panics.Load() != 2 {
			t.Errorf("%d and %d attempts, want 2 and 2", errs.Load(), panics.Load())
		}
	})
}

func TestUniqueJobIsAddedOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx, q := t.Context(), newQueue(t, d)
		job.Handle(q, "newsletter.send", func(context.Context, edition) error { return nil })
		for _, e := range []edition{{ID: "a"}, {ID: "a"}, {ID: "b"}, {ID: "a"}} {
			err := d.Tx(ctx, func(tx *db.Tx) error {
				return q.AddUnique(ctx, tx, "newsletter.send", time.Time{}, e)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var rows int
		if err := d.QueryRow(ctx, `select count(*) from river_job`).Scan(&rows); err != nil || rows != 2 {
			t.Errorf("%d rows, %v; want 2", rows, err)
		}
	})
}

// TestNoneTwiceNoneLost adds and works 2,000 jobs from eight goroutines and two
// queues at once: two servers on one PostgreSQL; on SQLite one process. They are 400 with
// the race detector: with it SQLite takes minutes for the others.
func TestNoneTwiceNoneLost(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		adders, each := 8, 250
		if papertest.Slow(1) > 1 {
			each = 50
		}
		ctx := t.Context()
		var mu sync.Mutex
		runs := map[string]int{}
		handle := func(_ context.Context, id string) error {
			mu.Lock()
			defer mu.Unlock()
			runs[id]++
			return nil
		}
		queues := []*job.Queue{newQueue(t, d)}
		if d.Postgres() {
			queues = append(queues, newQueue(t, papertest.Again(t, d)))
		}
		for _, q := range queues {
			job.Handle(q, "page.purge", handle)
			start(t, q)
		}
		var adding sync.WaitGroup
		for a := range adders {
			adding.Go(func() {
				for i := range each {
					err := d.Tx(ctx, func(tx *db.Tx) error {
						return queues[0].Add(ctx, tx, "page.purge", time.Time{}, fmt.Sprintf("%d-%d", a, i))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		began := time.Now()
		adding.Wait()
		papertest.Eventually(t, func() bool {
			var open int
			err := d.QueryRow(ctx, `select count(*) from river_job where state <> 'completed'`).Scan(&open)
			return err == nil && open == 0
		})
		t.Logf("%d jobs in %s", adders*each, time.Since(began))
		for id, n := range runs {
			if n != 1 {
				t.Errorf("%s ran %d times", id, n)
			}
		}
		if len(runs) != adders*each {
			t.Errorf("%d of %d jobs ran", len(runs), adders*each)
		}
	})
}

func TestStopWaitsForWhatRuns(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		running, goOn := make(chan bool), make(chan bool)
		var finished atomic.Bool
		job.Handle(q, "slow", func(context.Context, string) error {
			running <- true
			<-goOn
			finished.Store(true)
			return nil
		})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		add(t, d, q, "slow", time.Time{}, "")
		<-running
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if err := q.Stop(impatient); err == nil {
			t.Error("Stop did not say that a job runs on")
		}
		close(goOn)
		if err := q.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !finished.Load() {
			t.Error("Stop returned before the job did")
		}
	})
}

// TestCutOffJobRunsAgain leaves a job "running", as a killed process does.
func TestCutOffJobRunsAgain(t *testing.T) {
	d := papertest.SQLite(t)
	q := newQueue(t, d)
	ran := make(chan string, 1)
	job.Handle(q, "slow", func(_ context.Context, id string) error { ran <- id; return nil })
	add(t, d, q, "slow", time.Time{}, "cut off")
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update river_job set state = 'running', attempt = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	start(t, q)
	if got := <-ran; got != "cut off" {
		t.Errorf("ran %q", got)
	}
}

// TestHeavyJobsRunOneAtATime also shows that they do not keep others waiting.
func TestHeavyJobsRunOneAtATime(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		var now, most atomic.Int32
		light := make(chan bool)
		var rendered sync.WaitGroup
		rendered.Add(3)
		job.Handle(q, "media.render", func(context.Context, int) error {
			defer rendered.Done()
			most.Store(max(most.Load(), now.Add(1)))
			<-light
			now.Add(-1)
			return nil
		})
		job.Handle(q, "page.purge", func(context.Context, int) error { close(light); return nil })
		for i := range 3 {
			add(t, d, q, "media.render", time.Time{}, i)
		}
		add(t, d, q, "page.purge", time.Time{}, 0)
		start(t, q)
		rendered.Wait()
		if most.Load() != 1 {
			t.Errorf("%d pictures at once", most.Load())
		}
	})
}

// TestQueuesOfOneProcess runs three papers side by side, as the demo does.
func TestQueuesOfOneProcess(t *testing.T) {
	ran := make(chan string, 3)
	for _, paper := range []string{"bay", "hill", "river"} {
		d := papertest.SQLite(t)
		q := newQueue(t, d)
		job.Handle(q, "page.purge", func(_ context.Context, id string) error {
			ran <- paper + " " + id
			return nil
		})
		start(t, q)
		add(t, d, q, "page.purge", time.Time{}, paper)
	}
	for range 3 {
		if got := <-ran; len(got)%2 == 0 || got[:len(got)/2] != got[len(got)/2+1:] {
			t.Errorf("a paper did another one's job: %s", got)
		}
	}
}

// TestForget removes the jobs that name somebody, and no others.
func TestForget(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		ctx, q := t.Context(), newQueue(t, d)
		for _, kind := range []string{"letter.send", "alert.send"} {
			job.Handle(q, kind, func(context.Context, edition) error { return nil })
		}
		soon := time.Now().Add(time.Hour)
		for i := range 5 {
			add(t, d, q, "letter.send", soon, edition{ID: []string{"ana&bo@paper.example", "eve"}[i%2], Part: i})
		}
		add(t, d, q, "alert.send", soon, edition{ID: "ana&bo@paper.example"})
		err := d.Tx(ctx, func(tx *db.Tx) error {
			return job.Forget(ctx, q, tx, "letter.send", func(e edition) bool { return e.ID == "ana&bo@paper.example" })
		})
		if err != nil {
			t.Fatal(err)
		}
		var letters, alerts int
		if err := d.QueryRow(ctx, `select count(*) from river_job where kind = 'letter.send'`).Scan(&letters); err != nil {
			t.Fatal(err)
		}
		if err := d.QueryRow(ctx, `select count(*) from river_job where kind = 'alert.send'`).Scan(&alerts); err != nil {
			t.Fatal(err)
		}
		if letters != 2 || alerts != 1 {
			t.Errorf("%d letters and %d alerts are left; want 2 and 1", letters, alerts)
		}
	})
}

// TestLettersHaveALane has a thousand slow jobs wait and run: a letter does not
// wait for them, and neither does the next one.
func TestLettersHaveALane(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		hold, begun, sent := make(chan struct{}), make(chan int, 1000), make(chan int, 2)
		job.Handle(q, "newsletter.send", func(ctx context.Context, i int) error {
			begun <- i
			select {
			case <-hold:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		job.Handle(q, "letter.send", func(_ context.Context, i int) error { sent <- i; return nil })
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range 1000 {
				if err := q.Add(t.Context(), tx, "newsletter.send", time.Time{}, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		start(t, q)
		t.Cleanup(func() { close(hold) }) // before the queue stops
		for range 4 {
			<-begun // every place is taken
		}
		for i := range 2 {
			papertest.InTime(t, "a letter", 2*time.Second, func() time.Duration {
				began := time.Now()
				add(t, d, q, "letter.send", time.Time{}, i)
				if got := <-sent; got != i {
					t.Errorf("letter %d is sent, want %d", got, i)
				}
				return time.Since(began)
			})
		}
		if len(begun) > 0 {
			t.Error("the slow jobs did not wait: the test shows nothing")
		}
	})
}

// TestEveryLaneIsWoken has four jobs of each lane run one after another: none waits for
// the next look at the table, which comes once a second.
//
// Seen red: on SQLite editions, alerts and what asks other papers were not woken.
func TestEveryLaneIsWoken(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		ran := make(chan int)
		kinds := []string{"newsletter.send", "media.render", "letter.send", "edition.send", "alert.send", "network.ring"}
		for _, kind := range kinds {
			job.Handle(q, kind, func(_ context.Context, n int) error { ran <- n; return nil })
		}
		start(t, q)
		for _, kind := range kinds {
			papertest.InTime(t, "four jobs of "+kind, 2*time.Second, func() time.Duration {
				began := time.Now()
				for n := range 4 {
					add(t, d, q, kind, time.Time{}, n)
					<-ran
				}
				return time.Since(began)
			})
		}
	})
}
