package page

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// A paper is a router with a cache, a clock that is set by hand, and a log.
type paper struct {
	*Router
	t     testing.TB
	clock *clock
	log   *journal
}

func newPaper(t testing.TB) *paper { return newPaperOf(t, 8<<20) }

// newPaperOf is newPaper with a cache of maxBytes.
func newPaperOf(t testing.TB, maxBytes int64) *paper {
	t.Helper()
	p := &paper{t: t, clock: &clock{}, log: &journal{}}
	p.Router = &Router{
		Cache: NewCache(maxBytes, p.clock.now),
		Log:   slog.New(slog.NewTextHandler(p.log, nil)),
		Hosts: []string{"paper.example"},
		Problem: func(p *problem.Problem, number string) (*Body, error) {
			return Text("", fmt.Appendf(nil, "<h1>%d</h1><p>%s</p>", p.Kind.Status(), p.Detail)), nil
		},
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// do answers a request as the server would: header is pairs of name and value.
func (p *paper) do(method, target string, header ...string) *http.Response {
	p.t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Host = "paper.example"
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result()
}

// get is the status and the text of a page.
func (p *paper) get(target string) (status int, text string) {
	p.t.Helper()
	res := p.do(http.MethodGet, target)
	return res.StatusCode, body(p.t, res)
}

// shows makes sure that a page is there and says text.
func (p *paper) shows(target, text string) {
	p.t.Helper()
	if status, got := p.get(target); status != http.StatusOK || got != text {
		p.t.Errorf("%s answers %d %q, want %q", target, status, got, text)
	}
}

// squeezed waits until no page waits for its brotli spelling.
func (p *paper) squeezed() {
	p.t.Helper()
	papertest.Eventually(p.t, func() bool {
		q := &p.Cache.squeezer
		q.mu.Lock()
		defer q.mu.Unlock()
		return !q.working
	})
}

func body(t testing.TB, res *http.Response) string {
	t.Helper()
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A press counts what it renders: each page tells its number and its key.
type press struct {
	tags    []string
	printed atomic.Int64
}

func (p *press) print(_ context.Context, q Query) (*Body, error) {
	return Text("", fmt.Appendf(nil, "%d %s", p.printed.Add(1), q.Key())).Tagged(p.tags...), nil
}

// A clock stands still until it is moved.
type clock struct{ passed atomic.Int64 }

func (c *clock) now() time.Time {
	return time.Date(2025, time.November, 3, 9, 0, 0, 0, time.UTC).Add(time.Duration(c.passed.Load()))
}

func (c *clock) add(d time.Duration) { c.passed.Add(int64(d)) }

// A journal is a log that many goroutines write.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// long is a text that is worth compressing.
func long(about string) []byte { return []byte(strings.Repeat(about+" ", 2000)) }

// TestTold holds that a handler learns of what it cannot be given, by one address
// more and not by many.
func TestTold(t *testing.T) {
	long := strings.Repeat("x", maxParam+1)
	for _, test := range []struct {
		raw, key, q string
		refused     bool
	}{
		{"q=tram", "/s?q=tram", "tram", false},
		{"q=" + long, "/s?q=%7F", "", true},
		{"q=" + long + "y", "/s?q=%7F", "", true},
		{"q=%00", "/s?q=%7F", "", true},
		{"q=%FF", "/s?q=%7F", "", true},
		{"q=%7F", "/s?q=%7F", "", true},
		{"q=", "/s", "", false},
		{"by=" + long, "/s", "", false},
	} {
		q := newQuery("/s", test.raw, []string{"by", Told("q")})
		if q.Key() != test.key || q.Get("q") != test.q || q.Refused("q") != test.refused {
			t.Errorf("%.20s: key %s, %q, refused: %t", test.raw, q.Key(), q.Get("q"), q.Refused("q"))
		}
	}
}
