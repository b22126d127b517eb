package page

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/maypok86/otter/v2"
)

// A squeezer makes the brotli spelling of pages that are in the cache and may
// be sent already. Brotli takes longer than most of what makes a page, and whoever
// comes first is served well with gzip. One page is squeezed at a time, so that
// many new pages leave the other cores to readers.
type squeezer struct {
	mu      sync.Mutex
	waiting []unsqueezed
	working bool
}

// An unsqueezed page waits for its brotli spelling.
type unsqueezed struct {
	key  string
	page *stored
}

// maxWaiting is how many pages wait. What comes on top of them stays without
// brotli until it is rendered again: memory that nobody counts must not grow
// with the number of addresses that somebody asks for.
const maxWaiting = 100

// squeezeLater has the brotli spelling of a stored page made in the background,
// once for all who waited for the page. It is for after they have been answered:
// begun before, it takes a processor from those who answer.
func (c *Cache) squeezeLater(key string, s *stored) {
	if s.status != http.StatusOK || !s.worthCompressing() {
		return
	}
	q := &c.squeezer
	q.mu.Lock()
	defer q.mu.Unlock()
	if s.queued || len(q.waiting) >= maxWaiting {
		return
	}
	s.queued = true
	q.waiting = append(q.waiting, unsqueezed{key, s})
	if !q.working {
		q.working = true
		go c.squeezeAll()
	}
}

// squeezeAll works until no page waits.
func (c *Cache) squeezeAll() {
	for {
		u, ok := c.squeezer.next()
		if !ok {
			return
		}
		c.squeeze(u.key, u.page)
	}
}

// next takes the page that has waited longest. When there is none, the squeezer
// has stopped.
func (q *squeezer) next() (u unsqueezed, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.waiting, q.working = nil, false
		return unsqueezed{}, false
	}
	u = q.waiting[0]
	q.waiting[0] = unsqueezed{}
	q.waiting = q.waiting[1:]
	return u, true
}

// squeeze adds the brotli spelling to a page, unless it was purged or thrown out
// meanwhile.
func (c *Cache) squeeze(key string, s *stored) {
	defer func() {
		if p := recover(); p != nil {
			c.failed("a page stays without brotli", key, fmt.Errorf("panic: %v\n%s", p, stack()))
		}
	}()
	if !c.good(s) {
		return
	}
	br := s.inBrotli(&c.compress)
	if br == nil {
		return
	}
	c.pages.ComputeIfPresent(key, func(there *stored) (*stored, otter.ComputeOp) {
		if there != s {
			return there, otter.CancelOp
		}
		s.brotli.Store(br)
		return s, otter.WriteOp // the cache weighs it again
	})
}
