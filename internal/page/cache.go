package page

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"

	"kawaraban/internal/problem"
)

// A Cache keeps rendered pages, compressed, until something they show changes.
//
// Every purge takes the next tick of a clock and writes it at the places of its
// tags. A page remembers the tick at which its rendering began; it is good as
// long as none of its tags' places holds a later one. So a purge costs the same
// for one page and for a million, and a page whose rendering was overtaken by a
// purge is never served from the cache. Two tags that share a place purge each other's
// pages, which costs a render and nothing else.
type Cache struct {
	pages    *otter.Cache[string, *stored]
	flight   singleflight.Group
	seed     maphash.Seed
	mu       sync.Mutex // held by who purges
	clock    atomic.Uint64
	places   [1 << 14]atomic.Uint64
	slots    chan struct{} // renders under way
	compress compressors
	squeezer squeezer
	now      func() time.Time
	failed   func(what, page string, err error) // told of what goes wrong behind the readers' backs
	aging    aging

	hits, misses, purges atomic.Uint64
}

// fresh is how long a page is served without another thought. After it the page
// is rendered again in the background while the old one is served: things that
// no event tells (the date in the masthead) are at most this old.
const fresh = time.Minute

// maxStale is how long a page without purge may be served at all.
const maxStale = 10 * time.Minute

// NewCache makes a cache that holds about maxBytes. now is the paper's clock.
func NewCache(maxBytes int64, now func() time.Time) *Cache {
	return &Cache{
		pages: otter.Must(&otter.Options[string, *stored]{
			MaximumWeight: uint64(maxBytes),
			Weigher:       func(key string, s *stored) uint32 { return uint32(len(key) + s.weight()) },
		}),
		seed:   maphash.MakeSeed(),
		slots:  make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
		now:    now,
		failed: func(string, string, error) {},
	}
}

// everything is the tag that all pages carry.
const everything = ""

// Purge makes every page with one of the tags unservable, at once.
func (c *Cache) Purge(tags ...string) {
	c.purges.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	// The places come first: whoever sees the new tick sees them too.
	tick := c.clock.Load() + 1
	for _, t := range tags {
		c.places[c.place(t)].Store(tick)
	}
	c.clock.Store(tick)
}

// PurgeAll makes every page unservable.
func (c *Cache) PurgeAll() { c.Purge(everything) }

func (c *Cache) place(tag string) uint16 {
	return uint16(maphash.String(c.seed, tag) % uint64(len(c.places)))
}

// Stats are counts since the start.
type Stats struct{ Hits, Misses, Purges uint64 }

// Stats returns how the cache was used since the start.
func (c *Cache) Stats() Stats {
	return Stats{Hits: c.hits.Load(), Misses: c.misses.Load(), Purges: c.purges.Load()}
}

// get returns the page if it may be served now, and whether it wants to be
// rendered again behind the reader's back.
func (c *Cache) get(key string, now time.Time) (s *stored, stale bool) {
	s, ok := c.pages.GetIfPresent(key)
	if !ok || !c.good(s) || !now.Before(s.until) {
		return nil, false
	}
	return s, s.aged.Load() || !now.Before(s.fresh)
}

// good reports whether no tag of s was purged since its rendering began.
func (c *Cache) good(s *stored) bool {
	tick := c.clock.Load()
	if s.checked.Load() == tick {
		return true // nothing at all was purged since the last look
	}
	for _, p := range s.places {
		if c.places[p].Load() > s.born {
			return false
		}
	}
	s.checked.Store(tick)
	return true
}

// A rendering is what a handler answered: a page, a redirect, or an error.
// Only a page is kept.
type rendering struct {
	page *stored
	to   *Body // a redirect
	err  error
	born uint64 // the tick at which it began
}

// fill renders the page, once for all who want it at this moment, and keeps it.
// The rendering does not stop when the reader who caused it leaves: others wait
// for it too. What was purged while it was rendered is rendered again. The
// second time is from after the reader asked, so three are enough, however fast
// the purges come.
func (c *Cache) fill(ctx context.Context, q Query, h Handler) (r *rendering) {
	for range 3 {
		if r = c.fillOnce(ctx, q, h); !c.overtaken(r) {
			break
		}
	}
	return r
}

// overtaken reports whether a purge since r began may have changed the answer.
// A redirect and a Problem have no tags, so any purge may have; a fault of ours
// would only be repeated.
func (c *Cache) overtaken(r *rendering) bool {
	switch {
	case r.page != nil:
		return !c.good(r.page)
	case r.to != nil, problem.Of(r.err) != nil:
		return r.born != c.clock.Load()
	default:
		return false
	}
}

func (c *Cache) fillOnce(ctx context.Context, q Query, h Handler) *rendering {
	key := q.Key()
	v, _, _ := c.flight.Do(key, func() (any, error) {
		if s, stale := c.get(key, c.now()); s != nil && !stale {
			return &rendering{page: s}, nil // somebody finished while we queued
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renderTime)
		defer cancel()
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		case <-ctx.Done():
			return &rendering{err: ctx.Err()}, nil
		}
		r := c.render(ctx, key, q, h)
		if r.page != nil && r.page.status == http.StatusOK {
			c.pages.Set(key, r.page)
		}
		return r, nil
	})
	return v.(*rendering)
}

const renderTime = 10 * time.Second

func (c *Cache) render(ctx context.Context, key string, q Query, h Handler) (r *rendering) {
	r = &rendering{born: c.clock.Load()}
	defer func() {
		if p := recover(); p != nil {
			r = &rendering{err: fmt.Errorf("render %s: panic: %v\n%s", key, p, stack())}
		}
	}()
	c.misses.Add(1)
	began := c.now()
	body, err := h(ctx, q)
	if err != nil {
		r.err = err
		return r
	}
	if body.to != "" {
		r.to = body
		return r
	}
	content, err := body.bytes()
	if err != nil {
		r.err = fmt.Errorf("render %s: %w", key, err)
		return r
	}
	s := newStored(body, content).zipped(&c.compress).cacheable(body.tags)
	s.born = r.born
	s.checked.Store(r.born)
	s.fresh, s.until = began.Add(fresh), began.Add(maxStale)
	if !body.until.IsZero() && body.until.Before(s.until) {
		s.until = body.until
	}
	s.places = append(s.places, c.place(everything))
	for _, t := range body.tags {
		s.places = append(s.places, c.place(t))
	}
	s.query, s.handler = q, h
	r.page = s
	return r
}

// refresh renders a stale page again in the background. The reader has the old
// one already. However many readers come, one of them in tryAgain starts it:
// when it fails, the others are not to make it worse.
func (c *Cache) refresh(old *stored, q Query, h Handler) {
	now, next := c.now().UnixNano(), old.again.Load()
	if now < next || !old.again.CompareAndSwap(next, now+int64(tryAgain)) {
		return
	}
	go func() {
		r := c.fill(context.Background(), q, h)
		if r.page != nil {
			c.squeezeLater(q.Key(), r.page)
		} else if r.err != nil && problem.Of(r.err) == nil {
			c.failed("a page stays old", q.Key(), r.err)
		}
	}()
}

// tryAgain is how long after the rendering of a stale page began another may.
const tryAgain = 5 * time.Second

func stack() string {
	buf := make([]byte, 8<<10)
	return strings.TrimSpace(string(buf[:runtime.Stack(buf, false)]))
}
