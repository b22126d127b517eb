package reader

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

func (k *gate) takes(r rate, key string) (wait time.Duration) {
	k.t.Helper()
	k.check(k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		wait, err = k.take(k.t.Context(), tx, r, key)
		return err
	}))
	return wait
}

// TestBrake walks through one rate with the clock.
func TestBrake(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newGate(t, d)
		r := rate{"test", 4 * time.Minute, 3}
		for _, step := range []struct {
			after, wait time.Duration
		}{
			{0, 0},
			{0, 0},
			{0, 0}, // three in a row
			{0, 4 * time.Minute},
			{time.Minute, 3 * time.Minute}, // what is refused does not count
			{0, 3 * time.Minute},
			{3*time.Minute - time.Microsecond, time.Microsecond},
			{time.Microsecond, 0}, // to the moment that was told
			{0, 4 * time.Minute},
			{8 * time.Minute, 0},
			{0, 0},
			{0, 4 * time.Minute},
			{1000 * time.Hour, 0},
			{0, 0},
			{0, 0}, // rest gives no more than three
			{0, 4 * time.Minute},
			{-2 * time.Minute, 6 * time.Minute}, // another node's clock
			{-time.Hour, 0},                     // a clock that goes back makes nobody wait for ever
			{0, 0},
			{0, 0},
			{0, 4 * time.Minute},
		} {
			k.clock.Add(step.after)
			if wait := k.takes(r, "ana"); wait != step.wait {
				t.Errorf("at %s: wait %s, want %s", k.Now(), wait, step.wait)
			}
		}
		if wait := k.takes(r, "bo"); wait != 0 {
			t.Errorf("somebody else waits %s", wait)
		}
		if wait := k.takes(rate{"other", time.Hour, 1}, "ana"); wait != 0 {
			t.Errorf("another thing waits %s", wait)
		}
		k.check(d.Tx(t.Context(), func(tx *db.Tx) error { return k.release(t.Context(), tx, r, "ana") }))
		if wait := k.takes(r, "ana"); wait != 0 {
			t.Errorf("after a release: wait %s", wait)
		}
		for _, value := range k.dump() {
			if strings.Contains(value, "ana") {
				t.Errorf("the brakes hold who it was: %q", value)
			}
		}
		k.clock.Add(24 * time.Hour)
		k.check(k.Sweep(t.Context()))
		if n := k.count(`select count(*) from brake`); n != 0 {
			t.Errorf("%d brakes stay", n)
		}
	})
}

// TestBrakesTogether counts under two rates at once: what one refuses, the other
// has not counted, and whoever has to wait is told how long and why.
func TestBrakesTogether(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		wide, narrow := counted{rate{"wide", time.Minute, 2}, "valley", "wide"}, counted{rate{"narrow", time.Hour, 1}, "ana", "narrow"}
		k.check(k.brake(ctx, wide, narrow, counted{rate{"nobody", time.Hour, 1}, "", ""}))
		for range 5 {
			err := k.brake(ctx, wide, narrow)
			if p := problem.Of(err); p == nil || p.Kind != problem.TooMany || p.Detail != "narrow" || p.Wait != time.Hour {
				t.Errorf("the narrow brake says %v", err)
			}
			err = k.DB.Tx(ctx, func(tx *db.Tx) error { return k.takeAll(ctx, tx, wide, narrow) })
			k.is(err, problem.TooMany, "the narrow brake, without a look before")
		}
		k.check(k.brake(ctx, wide))
		if p := problem.Of(k.brake(ctx, wide)); p == nil || p.Detail != "wide" || p.Wait != time.Minute {
			t.Errorf("the wide brake says %v", p)
		}
	})
}

// TestBrakeLikeABucket holds the rate against a bucket of whole grains that is
// filled grain by grain.
func TestBrakeLikeABucket(t *testing.T) {
	k := newGate(t, papertest.SQLite(t))
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		key, every, burst := fmt.Sprint(n), rapid.IntRange(1, 5).Draw(t, "every"), rapid.IntRange(1, 4).Draw(t, "burst")
		r := rate{"bucket", time.Duration(every) * time.Second, burst}
		full := every * burst // in seconds of refilling
		level := full
		for range 20 {
			rest := rapid.IntRange(0, 2*every).Draw(t, "rest")
			k.clock.Add(time.Duration(rest) * time.Second)
			level = min(full, level+rest)
			want := time.Duration(max(0, every-level)) * time.Second
			if level >= every {
				level -= every
			}
			if got := k.takes(r, key); got != want {
				t.Fatalf("wait %s, want %s", got, want)
			}
		}
	})
}

// TestBrakeAtOnce has eight take as fast as they can.
func TestBrakeAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newGate(t, d)
		r := rate{"test", time.Minute, 7}
		var let atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					if k.takes(r, "ana") == 0 {
						let.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if let.Load() != 7 {
			t.Errorf("%d of 160 are let through", let.Load())
		}
	})
}
