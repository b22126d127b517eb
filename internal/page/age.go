package page

import (
	"context"
	"sync"
	"time"

	"kawaraban/internal/problem"
)

// An aging is what small things have changed on pages, such as the scores of
// comments: these pages are served as they are, and rendered again in the
// background.
type aging struct {
	round   sync.Mutex // one round at a time, however long it takes; before mu
	mu      sync.Mutex
	places  map[uint16]bool
	waiting bool // the next round is on its way
	ended   bool // the server stops
	period  time.Duration
}

// agePeriod is how old the small things on a page are at most, and how often it
// is rendered again for them at most.
const agePeriod = 5 * time.Second

// Age says that something small has changed on the pages with one of the tags.
// Nothing is purged, however often it is called: within five seconds each of
// them is rendered again, once, while readers get the old one.
func (c *Cache) Age(tags ...string) {
	a := &c.aging
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.places == nil {
		a.places = map[uint16]bool{}
	}
	for _, t := range tags {
		a.places[c.place(t)] = true
	}
	if !a.waiting && !a.ended {
		a.waiting = true
		period := a.period
		if period == 0 {
			period = agePeriod
		}
		time.AfterFunc(period, c.renew)
	}
}

// endAging renders no more pages behind the readers' backs: the server stops,
// and the database with it.
func (c *Cache) endAging() {
	c.aging.mu.Lock()
	defer c.aging.mu.Unlock()
	c.aging.ended = true
}

func (a *aging) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended
}

// renew renders the pages again that have aged, one after another.
func (c *Cache) renew() {
	a := &c.aging
	a.round.Lock()
	defer a.round.Unlock()
	a.mu.Lock()
	places := a.places
	a.places, a.waiting = nil, false
	a.mu.Unlock()
	var old []*stored
	for _, s := range c.pages.All() {
		for _, p := range s.places {
			if places[p] {
				old = append(old, s)
				break
			}
		}
	}
	now := c.now()
	for _, s := range old {
		if c.aging.over() {
			return
		}
		if !c.good(s) || !now.Before(s.until) {
			continue // whoever wants it next has it rendered
		}
		s.aged.Store(true)
		r := c.fill(context.Background(), s.query, s.handler)
		if r.page != nil {
			c.squeezeLater(s.query.Key(), r.page)
		} else if r.err != nil && problem.Of(r.err) == nil && !c.aging.over() {
			c.failed("a page stays old", s.query.Key(), r.err)
		}
	}
}
