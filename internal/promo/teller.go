package promo

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/fetch"
)

// A teller calls the addresses of ad servers, one after another, and waits for no answer
// that matters. When they are slow, what is too much is not told.
type teller struct {
	once    sync.Once
	waiting chan string
	dropped atomic.Int64
}

const (
	maxTold  = 2000 // addresses that wait
	tellers  = 4
	tellTime = 5 * time.Second
)

func (t *teller) queue() chan string {
	t.once.Do(func() { t.waiting = make(chan string, maxTold) })
	return t.waiting
}

func (t *teller) say(addresses []string) {
	for _, a := range addresses {
		select {
		case t.queue() <- a:
		default:
			t.dropped.Add(1)
		}
	}
}

// runTellers calls what waits, until ctx ends.
func (s *Store) runTellers(ctx context.Context) {
	var all sync.WaitGroup
	for range tellers {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case address := <-s.teller.queue():
					s.call(ctx, address)
				}
			}
		})
	}
	all.Wait()
	if n := s.teller.dropped.Load(); n > 0 {
		s.Log.Warn("ad servers were too slow to be told everything", "left", n)
	}
}

func (s *Store) call(ctx context.Context, address string) {
	ctx, cancel := context.WithTimeout(ctx, tellTime)
	defer cancel()
	if _, err := s.Fetch.Get(ctx, address, fetch.Options{MaxBytes: 64 << 10}); err != nil && ctx.Err() == nil {
		s.Log.Debug("an ad server was not told", "error", err)
	}
}
