package page

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLimit holds the limit against a bucket of whole grains that is filled
// second by second.
func TestLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every, burst := rapid.IntRange(1, 5).Draw(t, "every"), rapid.IntRange(1, 5).Draw(t, "burst")
		now := time.Unix(1_000_000, 0)
		l := NewLimit(time.Duration(every)*time.Second, burst, func() time.Time { return now })
		full := every * burst
		level := full
		for range 50 {
			rest := rapid.IntRange(0, 2*every).Draw(t, "rest")
			now = now.Add(time.Duration(rest) * time.Second)
			level = min(full, level+rest)
			want := time.Duration(max(0, every-level)) * time.Second
			if level >= every {
				level -= every
			}
			if got := l.Take("ana"); got != want {
				t.Fatalf("wait %s, want %s", got, want)
			}
		}
	})
}

// TestLimitApart is about callers who have nothing to do with one another, and
// about as many of them as somebody may invent.
func TestLimitApart(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := NewLimit(time.Minute, 3, func() time.Time { return now })
	var let atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if l.Take("ana") == 0 {
					let.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if let.Load() != 3 {
		t.Errorf("%d of 800 are let through", let.Load())
	}
	if n := testing.AllocsPerRun(1000, func() { l.Take("ana") }); n > 0 {
		t.Errorf("each call allocates %.0f times", n)
	}
	refused := 0
	for i := range 500 {
		if l.Take(fmt.Sprint("caller ", i)) > 0 {
			refused++
		}
	}
	if refused > 5 {
		t.Errorf("%d of 500 callers share a place that is full", refused)
	}
}
