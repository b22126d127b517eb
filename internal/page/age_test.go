package page

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// TestAge is SECURITY F19 at the cache: what is small purges nothing, however
// often it changes; the page is rendered again once, behind the readers' backs.
func TestAge(t *testing.T) {
	var renders atomic.Int64
	c := NewCache(1<<20, time.Now)
	c.aging.period = 20 * time.Millisecond
	apart(c, "thread:1", "thread:2", everything)
	show := func(context.Context, Query) (*Body, error) {
		return Text("text/plain", []byte(time.Duration(renders.Add(1)).String())).Tagged("thread:1"), nil
	}
	q := newQuery("/a", "", nil)
	if r := c.fill(t.Context(), q, show); r.err != nil {
		t.Fatal(r.err)
	}
	began := time.Now()
	for range 10_000 {
		c.Age("thread:1")
		if s, _ := c.get("/a", time.Now()); s == nil {
			t.Fatal("the page is gone")
		}
	}
	most := int64(time.Since(began)/c.aging.period) + 3
	papertest.Eventually(t, func() bool {
		s, stale := c.get("/a", time.Now())
		return s != nil && !stale && renders.Load() > 1
	})
	settle(t, c)
	if n := renders.Load(); n > most {
		t.Errorf("rendered %d times, want at most %d", n, most)
	}
	if p := c.Stats().Purges; p != 0 {
		t.Errorf("%d purges", p)
	}

	// A page that carries none of the tags is let be.
	before := renders.Load()
	c.Age("thread:2")
	settle(t, c)
	if n := renders.Load(); n != before {
		t.Errorf("another thread rendered it %d times", n-before)
	}

	// A server that stops begins no more rounds: its database is about to close.
	c.endAging()
	c.Age("thread:1")
	if c.aging.waiting {
		t.Error("a round is on its way after the end")
	}
}

// settle waits until no round is on its way and none is rendering.
func settle(t *testing.T, c *Cache) {
	t.Helper()
	papertest.Eventually(t, func() bool {
		c.aging.round.Lock()
		defer c.aging.round.Unlock()
		c.aging.mu.Lock()
		defer c.aging.mu.Unlock()
		return !c.aging.waiting
	})
}
