package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// TestBeacon refuses what is no beacon, before much of it is read.
func TestBeacon(t *testing.T) {
	p := newPaper(t)
	said := 0
	p.Beacon("POST /read/{article}", func(_ *http.Request, b *Beacon) error {
		if b.Path("article") == "none" {
			return &problem.Problem{Kind: problem.NotFound}
		}
		if b.Agent() != "Firefox" || b.Address().String() != "192.0.2.1" || b.form != nil && b.Field("far") != "3" {
			t.Errorf("%s at %s says %v", b.Agent(), b.Address(), b.form)
		}
		said++
		return nil
	})
	const form = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		what, method, path, body, kind, site, origin string
		want                                         int
	}{
		{"a beacon", "POST", "/read/a1", "far=3&x=1", form + ";charset=UTF-8", "same-origin", "", 204},
		{"one of an old browser", "POST", "/read/a1", "far=3", form, "", "http://paper.example", 204},
		{"one that says nothing", "POST", "/read/a1", "", "", "same-origin", "", 204},
		{"another site's", "POST", "/read/a1", "far=3", form, "cross-site", "", 403},
		{"another site's, by an old browser", "POST", "/read/a1", "far=3", form, "", "https://evil.example", 403},
		{"a program's", "POST", "/read/a1", "far=3", form, "", "", 403},
		{"a page", "GET", "/read/a1", "", "", "same-origin", "", 405},
		{"JSON", "POST", "/read/a1", "{}", "application/json", "same-origin", "", 415},
		{"plain text", "POST", "/read/a1", "far=3", "text/plain", "same-origin", "", 415},
		{"no type", "POST", "/read/a1", "far=3", "", "same-origin", "", 415},
		{"a book", "POST", "/read/a1", strings.Repeat("x", maxBeacon+1), form, "same-origin", "", 413},
		{"no form", "POST", "/read/a1", "far=%zz", form, "same-origin", "", 422},
		{"of nothing", "POST", "/read/none", "", "", "same-origin", "", 404},
	} {
		r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
		r.Host = "paper.example"
		r.Header.Set("User-Agent", "Firefox")
		r.Header.Set("Cookie", "session=secret")
		for name, value := range map[string]string{"Content-Type": test.kind, "Sec-Fetch-Site": test.site, "Origin": test.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		before := said
		p.ServeHTTP(w, r)
		if w.Code != test.want || (said > before) != (w.Code == 204) {
			t.Errorf("%s answers %d, want %d", test.what, w.Code, test.want)
		}
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s may be kept: %q", test.what, got)
		}
	}
	// One that does not say how long it is.
	r := httptest.NewRequest(http.MethodPost, "/read/a1", struct{ *strings.Reader }{strings.NewReader(strings.Repeat("x", maxBeacon+1))})
	r.Host, r.ContentLength = "paper.example", -1
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", form)
	w := httptest.NewRecorder()
	if p.ServeHTTP(w, r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a long one of unknown length answers %d", w.Code)
	}
}

// TestSeen tells of each page that is counted, out of the cache too, and of nothing else;
// and a page from the cache costs no more for it.
func TestSeen(t *testing.T) {
	p := newPaper(t)
	var seen []Sight
	p.Seen = func(s Sight) { seen = append(seen, s) }
	p.Public("GET /a/{id}", func(_ context.Context, q Query) (*Body, error) {
		if q.Path("id") == "gone" {
			b := Text("", []byte("gone")).Counted("gone")
			b.Status = http.StatusGone
			return b, nil
		}
		return Text("", long("news")).Counted(q.Path("id")), nil
	})
	p.Public("GET /list", func(context.Context, Query) (*Body, error) { return Text("", long("list")), nil })
	p.do("GET", "/a/1", "User-Agent", "Firefox", "Referer", "https://t.co/x")
	p.do("GET", "/a/1?utm_campaign=fair", "User-Agent", "Firefox")
	p.do("GET", "/a/1")
	etag := p.do("GET", "/a/1").Header.Get("Etag")
	if len(seen) != 4 {
		t.Fatalf("%d of 4 are seen", len(seen))
	}
	if s := seen[0]; s.Of != "1" || s.Agent != "Firefox" || s.Referrer != "https://t.co/x" || s.From.String() != "192.0.2.1" {
		t.Errorf("the first is %+v", s)
	}
	if s := seen[1]; s.Query != "utm_campaign=fair" {
		t.Errorf("the second is %+v", s)
	}
	if p.do("GET", "/a/1", "If-None-Match", etag); len(seen) != 5 {
		t.Error("who has the page already is not seen")
	}
	p.do("HEAD", "/a/1")
	p.do("GET", "/a/1", "Sec-Purpose", "prefetch")
	p.do("GET", "/a/gone")
	p.do("GET", "/list")
	if p.do("GET", "/nothing"); len(seen) != 5 {
		t.Errorf("%+v is seen", seen[5:])
	}

	seen = make([]Sight, 0, 5000)
	r := httptest.NewRequest(http.MethodGet, "/a/1", nil)
	r.Host = "paper.example"
	w := &sink{header: http.Header{}}
	if n := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		p.ServeHTTP(w, r)
	}); n > 5 || len(seen) < 1000 {
		t.Errorf("a page that is counted makes %.0f allocations", n)
	}
}
