package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A sink is a ResponseWriter that is used again and again.
type sink struct {
	header http.Header
	status int
	size   int
}

func (s *sink) Header() http.Header { return s.header }

func (s *sink) WriteHeader(status int) { s.status = status }

func (s *sink) Write(b []byte) (int, error) {
	s.size += len(b)
	return len(b), nil
}

// hit is a page in the cache, and the request for it.
func hit(t testing.TB) (p *paper, r *http.Request) {
	p = newPaper(t)
	p.Public("GET /category/{section}/{slug}", func(context.Context, Query) (*Body, error) {
		return Text("", long("news")).Tagged("article:1", "lists"), nil
	}, "after")
	p.Requests = NewRequestLog(discard{})
	t.Cleanup(func() { p.Requests.Close() })
	r = httptest.NewRequest(http.MethodGet, "/category/city/budget", nil)
	r.Host = "paper.example"
	r.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	p.ServeHTTP(httptest.NewRecorder(), r)
	p.squeezed()
	return p, r
}

// discard is a log that nobody keeps.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// TestAllocationsOfAHit is about what a page from the cache costs beyond what
// any handler that sends the same headers costs (docs/design.md, 8).
func TestAllocationsOfAHit(t *testing.T) {
	p, r := hit(t)
	w := &sink{header: http.Header{}}
	ours := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		p.ServeHTTP(w, r)
	})
	if w.size == 0 {
		t.Fatal("nothing was sent")
	}
	headers, content := w.header.Clone(), make([]byte, 1000)
	bare := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		for name, values := range headers {
			w.Header().Set(name, values[0])
		}
		w.Write(content)
	})
	t.Logf("a hit makes %.0f allocations, a bare handler with the same %d headers %.0f", ours, len(headers), bare)
	if ours > 5 {
		t.Errorf("a hit makes %.0f allocations, and may make 5", ours)
	}
	r.Header.Set("If-None-Match", w.header.Get("Etag"))
	again := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		p.ServeHTTP(w, r)
	})
	if w.status != http.StatusNotModified || again > 5 {
		t.Errorf("a reader who has the page is answered %d with %.0f allocations", w.status, again)
	}
}

func BenchmarkHit(b *testing.B) {
	p, r := hit(b)
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		p.ServeHTTP(w, r)
	}
}

func BenchmarkHitParallel(b *testing.B) {
	p, r := hit(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &sink{header: http.Header{}}
		for pb.Next() {
			clear(w.header)
			p.ServeHTTP(w, r)
		}
	})
}
