package page

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// An edition is a page worth compressing that tells how often it was rendered.
type edition struct{ n atomic.Int64 }

func (e *edition) print(context.Context, Query) (*Body, error) {
	return Text("", long("edition "+strconv.FormatInt(e.n.Add(1), 10))).Tagged("lists"), nil
}

// busy keeps the squeezer from starting, as if it had another page under way.
func (p *paper) busy() { p.Cache.squeezer.working = true }

// coding asks for the front page with any coding and returns which one came, and
// the text.
func (p *paper) coding() (coding, text string) {
	p.t.Helper()
	res := p.do(http.MethodGet, "/", "Accept-Encoding", "gzip, br")
	coding = res.Header.Get("Content-Encoding")
	return coding, decoded(p.t, coding, body(p.t, res))
}

// kept is the front page as the cache keeps it.
func (p *paper) kept() *stored {
	p.t.Helper()
	s, ok := p.Cache.pages.GetIfPresent("/")
	if !ok {
		p.t.Fatal("the page is not in the cache")
	}
	return s
}

// weighed is what the cache holds, in bytes.
func (p *paper) weighed() uint64 {
	p.Cache.pages.CleanUp() // it counts what was written when it has the time
	return p.Cache.pages.WeightedSize()
}

// TestBrotliComesLater is about the reader who comes first: he does not wait for
// the smallest spelling, those after him get it, and the cache weighs it.
func TestBrotliComesLater(t *testing.T) {
	p, front := newPaper(t), &edition{}
	p.Public("GET /{$}", front.print)
	p.busy()
	for range 2 {
		if coding, text := p.coding(); coding != "gzip" || text != string(long("edition 1")) {
			t.Errorf("before brotli is made, a reader gets %q and %.20q", coding, text)
		}
	}
	before := p.weighed()
	p.Cache.squeezeAll()
	if coding, text := p.coding(); coding != "br" || text != string(long("edition 1")) {
		t.Errorf("after it is made, a reader gets %q and %.20q", coding, text)
	}
	more := p.weighed() - before
	if br := p.kept().brotli.Load(); more != uint64(len(br.content)) {
		t.Errorf("a spelling of %d bytes weighs %d", len(br.content), more)
	}
	if n := front.n.Load(); n != 1 {
		t.Errorf("the page is rendered %d times", n)
	}
}

// TestPurgedPageIsNotSqueezed is about a page that nobody may have any more:
// making it smaller is work for nothing.
func TestPurgedPageIsNotSqueezed(t *testing.T) {
	p, front := newPaper(t), &edition{}
	p.Public("GET /{$}", front.print)
	p.busy()
	p.coding()
	first := p.kept()
	p.Cache.Purge("lists")
	p.Cache.squeezeAll()
	if first.brotli.Load() != nil {
		t.Error("a purged page is squeezed")
	}
	if coding, text := p.coding(); coding == "" || text != string(long("edition 2")) {
		t.Errorf("after a purge a reader gets %q and %.20q", coding, text)
	}
}

// TestReplacedPageStaysReplaced is about a page that was rendered again while
// its brotli spelling was made: the older one does not come back.
func TestReplacedPageStaysReplaced(t *testing.T) {
	p, front := newPaper(t), &edition{}
	p.Public("GET /{$}", front.print)
	p.busy()
	p.coding()
	first := p.kept()
	p.clock.add(maxStale)
	p.coding()
	p.Cache.squeezeAll()
	if first.brotli.Load() != nil {
		t.Error("a page that is not in the cache got another spelling")
	}
	if coding, text := p.coding(); coding != "br" || text != string(long("edition 2")) {
		t.Errorf("a reader gets %q and %.20q", coding, text)
	}
}

// TestCrowdWaitsOnce is about the crowd before one page, and about an answer that
// is not kept: brotli is made once for the one and never for the other.
func TestCrowdWaitsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, gate := newPaper(t), make(chan struct{})
		p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
			<-gate
			return Text("", long("news")), nil
		})
		p.Public("GET /gone", func(context.Context, Query) (*Body, error) {
			return &Body{Status: http.StatusGone, render: Text("", long("a notice")).render}, nil
		})
		p.busy()
		var crowd sync.WaitGroup
		for range 100 {
			crowd.Go(func() { p.coding() })
		}
		synctest.Wait()
		close(gate)
		crowd.Wait()
		p.get("/gone")
		if n := len(p.Cache.squeezer.waiting); n != 1 {
			t.Errorf("%d pages wait, want one", n)
		}
		p.clock.add(fresh) // and the one that takes its place in the background
		p.coding()
		synctest.Wait()
		if n := len(p.Cache.squeezer.waiting); n != 2 {
			t.Errorf("%d pages wait, want two", n)
		}
	})
}

// TestFewWait is about a crawler that asks for all there is at once: the pages
// that wait for brotli are few, and all are served all the same.
func TestFewWait(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /story/{id}", func(_ context.Context, q Query) (*Body, error) {
		return Text("", long(q.Path("id"))), nil
	})
	p.busy()
	for i := range 3 * maxWaiting {
		p.shows(fmt.Sprint("/story/", i), string(long(strconv.Itoa(i))))
	}
	if n := len(p.Cache.squeezer.waiting); n != maxWaiting {
		t.Errorf("%d pages wait, want %d", n, maxWaiting)
	}
	p.Cache.squeezeAll()
	if q := &p.Cache.squeezer; q.working || q.waiting != nil {
		t.Errorf("%d pages still wait", len(q.waiting))
	}
	p.get("/story/new")
	p.squeezed()
	res := p.do(http.MethodGet, "/story/new", "Accept-Encoding", "br")
	if got := res.Header.Get("Content-Encoding"); got != "br" {
		t.Errorf("after the crowd a page is sent in the coding %q", got)
	}
}

// TestSqueezeFails is about a mistake in the compressor: the paper goes on, and
// the log tells.
func TestSqueezeFails(t *testing.T) {
	p, front := newPaper(t), &edition{}
	p.Public("GET /{$}", front.print)
	p.busy()
	p.coding()
	p.Cache.compress.brotli.New = func() any { panic("a mistake") }
	p.Cache.squeezeAll()
	if coding, text := p.coding(); coding != "gzip" || text != string(long("edition 1")) {
		t.Errorf("a reader gets %q and %.20q", coding, text)
	}
	if log := p.log.String(); !strings.Contains(log, "a page stays without brotli") || !strings.Contains(log, "a mistake") {
		t.Errorf("the log says %q", log)
	}
}

// TestBrotliUnderLoad reads a page that is purged again and again: whatever the
// coding, no reader sees an edition from before he asked.
func TestBrotliUnderLoad(t *testing.T) {
	p := newPaper(t)
	var told, out atomic.Int64 // an edition is out when what was there before is purged
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
		return Text("", long(strconv.FormatInt(told.Load(), 10))).Tagged("lists"), nil
	})
	const last = 100
	var crowd sync.WaitGroup
	for range 4 {
		crowd.Go(func() {
			for asked := int64(0); asked < last; {
				asked = out.Load()
				_, text := p.coding()
				word, _, _ := strings.Cut(text, " ")
				if shown, err := strconv.ParseInt(word, 10, 64); err != nil || shown < asked || text != string(long(word)) {
					t.Errorf("%.20q is shown after edition %d was out", text, asked)
					return
				}
			}
		})
	}
	for i := range int64(last) {
		told.Store(i + 1)
		p.Cache.Purge("lists")
		out.Store(i + 1)
		p.coding()
	}
	crowd.Wait()
}
