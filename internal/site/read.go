package site

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// countRead counts that somebody has an article before him, or how far he has read it. A
// page says so when it is looked at, and when it is left.
func (s *Site) countRead(r *http.Request, b *page.Beacon) error {
	if s.Audience == nil {
		return nil
	}
	v := audience.View{Article: b.Path("article"), From: b.Address(), Agent: b.Agent(), Referrer: b.Field("from"), Query: b.Field("q")}
	if err := s.brakes.read(v.From); err != nil {
		return err
	}
	if there, err := s.counted.has(r.Context(), s, v.Article); err != nil {
		return err
	} else if !there {
		return &problem.Problem{Kind: problem.NotFound}
	}
	if far := b.Field("far"); far != "" {
		quarters, _ := strconv.Atoi(far)
		s.Audience.Reached(v, quarters)
		return nil
	}
	s.Audience.Opened(v)
	return nil
}

// seen tells the counters of an article's page that has left the house.
func (s *Site) seen(p page.Sight) {
	s.Audience.Served(audience.View{Article: p.Of, From: p.From, Agent: p.Agent, Referrer: p.Referrer, Query: p.Query})
}

// counted remembers for a short while which articles readers may have: a page that
// says that it is read is not to cost a query, nor is one that says so of nothing.
type counted struct {
	mu    sync.Mutex
	until time.Time
	there map[string]bool
}

const (
	countedFor = 30 * time.Second
	maxCounted = 20_000 // ids, 2 MB
	maxID      = 40
)

func (c *counted) has(ctx context.Context, s *Site, id string) (bool, error) {
	if len(id) > maxID {
		return false, nil
	}
	now := s.Now()
	c.mu.Lock()
	if c.there == nil || !now.Before(c.until) || len(c.there) >= maxCounted {
		c.there, c.until = map[string]bool{}, now.Add(countedFor)
	}
	remembered := c.there
	there, known := remembered[id]
	c.mu.Unlock()
	if known {
		return there, nil
	}
	cards, err := s.Articles.Readable(ctx, id)
	if err != nil {
		return false, err
	}
	_, there = cards[id]
	c.mu.Lock()
	defer c.mu.Unlock()
	remembered[id] = there // in what was forgotten meanwhile it does no harm
	return there, nil
}

// forget has them asked for again: what readers may have has changed.
func (c *counted) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.there = nil
}
