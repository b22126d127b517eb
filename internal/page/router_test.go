package page

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// told answers with what a handler may know of the request.
func told(names ...string) Handler {
	return func(_ context.Context, q Query) (*Body, error) {
		var b strings.Builder
		for _, n := range names {
			b.WriteString(q.Path(n) + "|")
		}
		return Text("", []byte(b.String()+q.Get("after")+"|"+q.Get("order"))), nil
	}
}

// TestOneSpelling is about queries: what a route does not allow makes no page
// of its own, and no order or spelling of what it allows makes two.
func TestOneSpelling(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /list", told(), "order", "after")
	long := strings.Repeat("x", maxParam+1)
	for _, test := range []struct{ query, shows string }{
		{"", "|"},
		{"?", "|"},
		{"?utm_source=mail&fbclid=1", "|"},
		{"?after=&order=", "|"},
		{"?after=" + long, "|"},
		{"?After=1&AFTER=2", "|"},
		{"?after=1", "1|"},
		{"?after=1&after=2", "1|"},
		{"?after=1&x=%zz&&=", "1|"},
		{"?%61fter=%31", "1|"},
		{"?after=1&order=up", "1|up"},
		{"?order=up&after=1&order=down", "1|up"},
		{"?x=1&order=up&y=2&after=1", "1|up"},
	} {
		p.shows("/list"+test.query, test.shows)
	}
	if n := p.Cache.Stats().Misses; n != 3 {
		t.Errorf("three pages are rendered %d times", n)
	}
}

// TestAddresses is about paths that are nearly ones of ours.
func TestAddresses(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /{$}", told())
	p.Public("GET /feed", told(), "after")
	p.Public("GET /category/{section}", told("section"), "after")
	p.Public("GET /category/{section}/{slug}", told("section", "slug"))
	for _, test := range []struct {
		method, target string
		status         int
		location       string
	}{
		{"GET", "/", 200, ""},
		{"GET", "/category/city", 200, ""},
		{"GET", "/category/city/budget", 200, ""},
		{"HEAD", "/category/city/budget", 200, ""},
		{"GET", "/%66eed", 200, ""},
		{"GET", "/category/caf%C3%A9", 200, ""},

		{"GET", "/feed/", 301, "/feed"},
		{"GET", "/feed/?after=1", 301, "/feed?after=1"},
		{"HEAD", "/category/city/", 301, "/category/city"},
		{"GET", "//feed", 307, "/feed"}, // net/http's own cleaning
		{"GET", "/feed///?after=1", 307, "/feed/?after=1"},
		{"GET", "//elsewhere.example/", 307, "/elsewhere.example/"},
		{"GET", "/category/city/../../feed", 307, "/feed"},
		{"GET", "/%2Ffeed/", 404, ""},
		{"GET", "/%2Felsewhere.example/", 404, ""},
		{"GET", "/%5Celsewhere.example/", 404, ""},

		{"GET", "/nothing", 404, ""},
		{"GET", "/nothing/", 404, ""},
		{"GET", "/category/city/budget/more", 404, ""},
		{"GET", "/category/city%2Fbudget", 404, ""},
		{"GET", "/category/city%3Fafter=1", 404, ""},
		{"GET", "/feed%3Fafter=1", 404, ""},
		{"GET", "/feed;x.css", 404, ""},
		{"GET", "/feed%0a", 404, ""},
		{"GET", "/feed%00", 404, ""},

		{"POST", "/feed", 405, ""},
		{"PURGE", "/category/city", 405, ""},
		{"TRACE", "/", 405, ""},
		{"OPTIONS", "/category/city/budget", 405, ""},
		{"get", "/feed", 405, ""},
		{"POST", "/nothing", 404, ""},
		{"DELETE", "/feed/", 404, ""},
	} {
		for range 2 { // from the cache, too
			res := p.do(test.method, test.target)
			if res.StatusCode != test.status || res.Header.Get("Location") != test.location {
				t.Errorf("%s %s answers %d to %q, want %d to %q",
					test.method, test.target, res.StatusCode, res.Header.Get("Location"), test.status, test.location)
			}
			if allow := res.Header.Get("Allow"); (allow == "GET, HEAD") != (test.status == 405) {
				t.Errorf("%s %s answers %d, Allow %q", test.method, test.target, res.StatusCode, allow)
			}
			want := map[int]string{200: publicCaching, 301: publicCaching, 404: "no-store", 405: "no-store"}[test.status]
			if caching := res.Header.Get("Cache-Control"); caching != want {
				t.Errorf("%s %s answers %d, Cache-Control %q", test.method, test.target, res.StatusCode, caching)
			}
		}
	}
}

// TestPathsStayApart is about two spellings that decode alike: the cache must
// not answer one with the other's page.
func TestPathsStayApart(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /category/{section}", told("section"), "after")
	p.Public("GET /category/{section}/{slug}", told("section", "slug"))
	for range 2 {
		for _, odd := range []string{"/category/city%2Fbudget", "/category/city%2fbudget", "/category/city%3Fafter=1"} {
			if status, text := p.get(odd); status != http.StatusNotFound {
				t.Errorf("%s answers %d %q", odd, status, text)
			}
		}
		p.shows("/category/city/budget", "city|budget||")
		p.shows("/category/city?after=1", "city|1|")
		p.shows("/category/city", "city||")
	}
}

func TestHosts(t *testing.T) {
	p, front := newPaper(t), &press{}
	p.Hosts = append(p.Hosts, "127.0.0.1:8080")
	p.Public("GET /{$}", front.print)
	for _, test := range []struct {
		host   string
		status int
	}{
		{"paper.example", 200},
		{"Paper.EXAMPLE", 200}, // RFC 9110, 4.2.3
		{"127.0.0.1:8080", 200},
		{"127.0.0.1", 421},
		{"elsewhere.example", 421},
		{"paper.example.elsewhere.example", 421},
		{"elsewherepaper.example", 421},
		{"paper.example:8080", 421},
		{"", 421},
	} {
		res := p.do(http.MethodGet, "/", "Host", test.host, "X-Forwarded-Host", "paper.example")
		if res.StatusCode != test.status {
			t.Errorf("the host %q is answered %d, want %d", test.host, res.StatusCode, test.status)
		}
		if text := body(t, res); test.status == 421 && (text != "<h1>421</h1><p></p>" || res.Header.Get("Cache-Control") != "no-store") {
			t.Errorf("the host %q gets %q, %v", test.host, text, res.Header)
		}
	}
	p.Hosts = nil
	if res := p.do(http.MethodGet, "/", "Host", "any.example"); res.StatusCode != http.StatusOK {
		t.Errorf("a paper without hosts answers %d", res.StatusCode)
	}
}

// TestHead asks for pages and problems without their text, of a real server.
func TestHead(t *testing.T) {
	p := newPaper(t)
	p.Hosts = nil
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) { return Text("", long("news")), nil })
	s := httptest.NewServer(p)
	defer s.Close()
	for _, path := range []string{"/", "/", "/nothing"} {
		head, get := fetch(t, http.MethodHead, s.URL+path), fetch(t, http.MethodGet, s.URL+path)
		head.Header.Del("Date")
		get.Header.Del("Date")
		if head.StatusCode != get.StatusCode || !same(head.Header, get.Header) {
			t.Errorf("HEAD %s answers\n%d %v, GET\n%d %v", path, head.StatusCode, head.Header, get.StatusCode, get.Header)
		}
		if text := body(t, head); text != "" {
			t.Errorf("HEAD %s sends %q", path, text)
		}
	}
}

// fetch asks a real server; transparent decoding is off, so lengths are true.
func fetch(t *testing.T, method, address string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func same(a, b http.Header) bool {
	var x, y strings.Builder
	a.Write(&x)
	b.Write(&y)
	return x.String() == y.String()
}

// TestPlain is about routes that write for themselves and fail.
func TestPlain(t *testing.T) {
	p := newPaper(t)
	p.Hosts = nil
	p.Plain("GET /well", func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "well")
		return err
	})
	p.Plain("GET /gone", func(http.ResponseWriter, *http.Request) error { return &problem.Problem{Kind: problem.Gone} })
	p.Plain("GET /early", func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		w.Header().Set("Surrogate-Key", "picture:1")
		w.Header().Set("Content-Length", "1000")
		panic("before anything was sent")
	})
	half := func(w http.ResponseWriter) {
		io.WriteString(w, "half of ")
		http.NewResponseController(w).Flush()
	}
	p.Plain("GET /half", func(w http.ResponseWriter, _ *http.Request) error {
		half(w)
		return errors.New("the disk is gone")
	})
	p.Plain("GET /panic", func(w http.ResponseWriter, _ *http.Request) error {
		half(w)
		panic("in the middle")
	})
	p.Plain("GET /abort", func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) })
	s := httptest.NewServer(p)
	defer s.Close()

	if text := body(t, fetch(t, http.MethodGet, s.URL+"/well")); text != "well" {
		t.Errorf("a plain route answers %q", text)
	}
	if status := fetch(t, http.MethodGet, s.URL+"/gone").StatusCode; status != http.StatusGone {
		t.Errorf("a plain route's problem answers %d", status)
	}
	early := fetch(t, http.MethodGet, s.URL+"/early")
	if early.StatusCode != 500 || body(t, early) != "<h1>500</h1><p></p>" || early.Header.Get("Cache-Control") != "no-store" ||
		early.Header.Get("Content-Encoding") != "" || early.Header.Get("Surrogate-Key") != "" {
		t.Errorf("a panic before the first byte answers %d %v", early.StatusCode, early.Header)
	}
	for _, path := range []string{"/half", "/panic"} {
		res := fetch(t, http.MethodGet, s.URL+path)
		if text, err := io.ReadAll(res.Body); err == nil {
			t.Errorf("%s was cut off, and the reader takes %q for the whole", path, text)
		}
		if !strings.Contains(p.log.String(), "path="+path) {
			t.Errorf("the log does not tell of %s: %s", path, p.log)
		}
	}
	if res, err := http.Get(s.URL + "/abort"); err == nil {
		t.Errorf("an aborted answer arrives: %d", res.StatusCode)
	}
	if text := body(t, fetch(t, http.MethodGet, s.URL+"/well")); text != "well" {
		t.Errorf("after that a plain route answers %q", text)
	}
}

// TestHeaders holds what every answer carries against a list that is written
// out here, so that a change is seen.
func TestHeaders(t *testing.T) {
	for _, https := range []bool{false, true} {
		p, front := newPaper(t), &press{tags: []string{"lists", "article:1"}}
		p.Secure = https
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		p.Public("GET /{$}", front.print)
		p.Public("GET /hidden", func(context.Context, Query) (*Body, error) {
			b := Text("text/plain", []byte("x"))
			b.Robots = "noindex"
			return b, nil
		})
		p.Plain("GET /plain", func(http.ResponseWriter, *http.Request) error { return nil })
		want := map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
				"connect-src 'self'; media-src 'self'; manifest-src 'self'; frame-src 'none'; form-action 'self'; base-uri 'none'; " +
				"frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
			"Cross-Origin-Embedder-Policy": "require-corp",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
			"Referrer-Policy":              "strict-origin-when-cross-origin",
			"X-Content-Type-Options":       "nosniff",
			"Set-Cookie":                   "",
		}
		if https {
			want["Strict-Transport-Security"] = "max-age=31536000"
		} else {
			want["Strict-Transport-Security"] = ""
		}
		for _, path := range []string{"/", "/", "/hidden", "/plain", "/nothing"} {
			got := p.do(http.MethodGet, path).Header
			for name, value := range want {
				if got.Get(name) != value {
					t.Errorf("%s has %s: %s, want %s", path, name, got.Get(name), value)
				}
			}
		}
		got := p.do(http.MethodGet, "/").Header
		for name, value := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "Cache-Control": publicCaching, "Vary": "Accept-Encoding",
			"Surrogate-Key": "lists article:1", "Content-Length": "3", "X-Robots-Tag": "",
		} {
			if got.Get(name) != value {
				t.Errorf("the page has %s: %s, want %s", name, got.Get(name), value)
			}
		}
		if got := p.do(http.MethodGet, "/hidden").Header; got.Get("X-Robots-Tag") != "noindex" || got.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("a page not to be listed has %v", got)
		}
	}
}

func TestRoutes(t *testing.T) {
	p := newPaper(t)
	p.Public("GET /b", told())
	p.Plain("GET /a", func(http.ResponseWriter, *http.Request) error { return nil })
	if got := strings.Join(p.Routes(), ", "); got != "GET /b, GET /a" {
		t.Errorf("the routes are %s", got)
	}
}
