package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestOneRenderPerPage is the crowd before one page that is not there yet
// (SECURITY F18): a thousand ask, one rendering answers them all.
func TestOneRenderPerPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, gate := newPaper(t), make(chan struct{})
		var n atomic.Int64
		p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
			<-gate
			return Text("", fmt.Append(nil, n.Add(1))), nil
		})
		var crowd sync.WaitGroup
		for range 1000 {
			crowd.Go(func() { p.shows("/", "1") })
		}
		synctest.Wait()
		close(gate)
		crowd.Wait()
	})
}

// TestPurgesUnderLoad purges a hot page again and again while a crowd reads it:
// never more than one rendering of it at a time, and no reader sees an edition
// from before he asked.
func TestPurgesUnderLoad(t *testing.T) {
	p := newPaper(t)
	var edition, told, rendering atomic.Int64
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
		if rendering.Add(1) > 1 {
			t.Error("two renderings of one page at a time")
		}
		defer rendering.Add(-1)
		read := edition.Load()
		runtime.Gosched() // what was read may be old by now
		return Text("", fmt.Append(nil, read)).Tagged("lists"), nil
	})
	const last = 2000
	var crowd sync.WaitGroup
	for range 8 {
		crowd.Go(func() {
			for asked := int64(0); asked < last; {
				asked = told.Load()
				_, text := p.get("/")
				if shown, err := strconv.ParseInt(text, 10, 64); err != nil || shown < asked {
					t.Errorf("%q is shown after edition %d was out", text, asked)
					return
				}
			}
		})
	}
	for i := range int64(last) {
		edition.Store(i + 1)
		p.Cache.Purge("lists")
		told.Store(i + 1)
		runtime.Gosched()
	}
	crowd.Wait()
}

// TestRendersAreBounded is the crowd before a thousand pages that are not there
// yet: only so many are rendered at a time, the others wait for their turn.
func TestRendersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, gate := newPaper(t), make(chan struct{})
		var now, most atomic.Int64
		p.Public("GET /story/{id}", func(context.Context, Query) (*Body, error) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			<-gate
			now.Add(-1)
			return Text("", []byte("here")), nil
		})
		var crowd sync.WaitGroup
		for i := range 1000 {
			crowd.Go(func() { p.shows(fmt.Sprint("/story/", i), "here") })
		}
		synctest.Wait()
		if n, may := now.Load(), int64(cap(p.Cache.slots)); n != may {
			t.Errorf("%d pages are rendered at a time, want %d", n, may)
		}
		close(gate)
		crowd.Wait()
		if n, may := most.Load(), int64(cap(p.Cache.slots)); n > may {
			t.Errorf("%d pages are rendered at a time, and %d may", n, may)
		}
	})
}

// TestRenderEnds is about a database that does not answer: who waits is told
// that the presses are busy, also who waits for a turn only.
func TestRenderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPaper(t)
		p.Public("GET /story/{id}", func(ctx context.Context, _ Query) (*Body, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("read the article: %w", ctx.Err())
		})
		began := time.Now()
		var crowd sync.WaitGroup
		for i := range 3 * cap(p.Cache.slots) {
			crowd.Go(func() {
				res := p.do(http.MethodGet, fmt.Sprint("/story/", i))
				if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
					t.Errorf("who waits in vain gets %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
				}
			})
		}
		crowd.Wait()
		if took := time.Since(began); took != renderTime {
			t.Errorf("readers wait %s, want %s", took, renderTime)
		}
	})
}

// TestReaderLeaves is about the reader who caused a rendering and leaves: those
// who wait for the same page still get it.
func TestReaderLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, gate := newPaper(t), make(chan struct{})
		p.Public("GET /{$}", func(ctx context.Context, _ Query) (*Body, error) {
			select {
			case <-gate:
				return Text("", []byte("here")), nil
			case <-ctx.Done():
				return nil, errors.New("the rendering was stopped")
			}
		})
		ctx, leave := context.WithCancel(t.Context())
		first := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		first.Host = "paper.example"
		go p.ServeHTTP(httptest.NewRecorder(), first)
		synctest.Wait()
		var stays sync.WaitGroup
		stays.Go(func() { p.shows("/", "here") })
		synctest.Wait()
		leave()
		synctest.Wait()
		close(gate)
		stays.Wait()
	})
}

// TestStaleCrowd is the crowd before an old page: nobody waits, and the crowd
// leaves no crowd of goroutines behind.
func TestStaleCrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, n, gate := newPaper(t), 0, make(chan struct{})
		p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
			if n++; n > 1 {
				<-gate
			}
			return Text("", fmt.Append(nil, n)), nil
		})
		p.shows("/", "1")
		p.clock.add(fresh)
		before := runtime.NumGoroutine()
		for range 1000 {
			p.shows("/", "1")
		}
		synctest.Wait()
		if more := runtime.NumGoroutine() - before; more > 10 {
			t.Errorf("%d goroutines wait for one page", more)
		}
		close(gate)
	})
}
