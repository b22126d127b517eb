package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// TestCodings asks for one page in every way that a reader may, and reads each
// spelling back.
func TestCodings(t *testing.T) {
	p := newPaper(t)
	content := string(long("news"))
	p.Public("GET /long", func(context.Context, Query) (*Body, error) { return Text("", []byte(content)), nil })
	p.Public("GET /short", func(context.Context, Query) (*Body, error) { return Text("", []byte("news")), nil })
	p.get("/long")
	p.squeezed()
	for _, test := range []struct{ accept, want string }{
		{"", ""},
		{"gzip", "gzip"},
		{"br", "br"},
		{"gzip, deflate, br, zstd", "br"},
		{"gzip, deflate", "gzip"},
		{"GZIP", "gzip"},
		{"deflate, zstd", ""},
		{"identity", ""},
		{"*", ""}, // anything would do, so plain does
		{"*;q=0", ""},
		{"br;q=0, gzip", "gzip"},
		{"br;q=0.0,gzip;q=0.001", "gzip"},
		{"br; q=0 , gzip; q=0", ""},
		{"br;Q=0, gzip;Q=1", "gzip"},
		{"br;q=x, gzip;q=1.0", "gzip"},
		{"br;q=-1", ""},
		{"brotli, xgzip, gzipx", ""},
		{",,, gzip ,,", "gzip"},
		{";;gzip;q", ""},
		{"gzip;q=0, gzip;q=1", ""},
	} {
		res := p.do(http.MethodGet, "/long", "Accept-Encoding", test.accept)
		sent := body(t, res)
		if got := res.Header.Get("Content-Encoding"); got != test.want {
			t.Errorf("Accept-Encoding: %s gets %q, want %q", test.accept, got, test.want)
		}
		if length := res.Header.Get("Content-Length"); length != strconv.Itoa(len(sent)) {
			t.Errorf("Accept-Encoding: %s gets %d bytes and Content-Length %s", test.accept, len(sent), length)
		}
		if decoded(t, res.Header.Get("Content-Encoding"), sent) != content {
			t.Errorf("Accept-Encoding: %s gets another text", test.accept)
		}
		if res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding: %s gets Vary %q", test.accept, res.Header.Get("Vary"))
		}
		short := p.do(http.MethodGet, "/short", "Accept-Encoding", test.accept)
		if short.Header.Get("Content-Encoding") != "" || body(t, short) != "news" || short.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("a page of one word is sent as %v", short.Header)
		}
	}
}

func decoded(t testing.TB, coding, sent string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(sent)
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case "br":
		r = brotli.NewReader(r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", coding, err)
	}
	return string(text)
}

// TestNoGain is about pictures and other noise: a coding that makes them longer
// is not kept.
func TestNoGain(t *testing.T) {
	noise := make([]byte, 4000)
	rand.Read(noise)
	p := newPaper(t)
	p.Public("GET /noise", func(context.Context, Query) (*Body, error) { return Text("image/png", noise), nil })
	res := p.do(http.MethodGet, "/noise", "Accept-Encoding", "br, gzip")
	if res.Header.Get("Content-Encoding") != "" || body(t, res) != string(noise) {
		t.Errorf("4,000 bytes of noise are sent as %v", res.Header)
	}
}

// TestNotModified is about readers who have the page.
func TestNotModified(t *testing.T) {
	p, n := newPaper(t), 0
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
		n++
		return Text("", long("edition "+strconv.Itoa(n))).Tagged("lists"), nil
	})
	p.get("/")
	p.squeezed()
	first := p.do(http.MethodGet, "/", "Accept-Encoding", "gzip")
	gz := first.Header.Get("Etag")
	plain := p.do(http.MethodGet, "/").Header.Get("Etag")
	br := p.do(http.MethodGet, "/", "Accept-Encoding", "br").Header.Get("Etag")
	if gz == plain || plain == br || br == gz {
		t.Errorf("two spellings share an ETag: %s, %s, %s", plain, gz, br)
	}
	for _, test := range []struct {
		match  string
		status int
	}{
		{gz, 304},
		{"W/" + gz, 304}, // what a proxy made of it
		{`"other", ` + gz, 304},
		{`"a","b" , W/` + gz + ` ,"c"`, 304},
		{"*", 304},
		{plain, 200}, // not in this coding
		{`"other"`, 200},
		{strings.Trim(gz, `"`), 200},
		{gz[:len(gz)-1], 200},
		{"", 200},
		{",,,", 200},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := p.do(method, "/", "Accept-Encoding", "gzip", "If-None-Match", test.match)
			if res.StatusCode != test.status {
				t.Errorf("%s, If-None-Match: %s gets %d, want %d", method, test.match, res.StatusCode, test.status)
			}
			if test.status != http.StatusNotModified {
				continue
			}
			// What a 304 must say of itself (RFC 9110, 15.4.5).
			if text := body(t, res); text != "" || res.Header.Get("Etag") != gz || res.Header.Get("Vary") == "" ||
				res.Header.Get("Cache-Control") != publicCaching || res.Header.Get("Content-Encoding") != "" {
				t.Errorf("a 304 sends %q and %v", text, res.Header)
			}
		}
	}
	p.Cache.Purge("lists")
	if res := p.do(http.MethodGet, "/", "Accept-Encoding", "gzip", "If-None-Match", gz); res.StatusCode != http.StatusOK {
		t.Errorf("after a change, who has the old page gets %d", res.StatusCode)
	}
}

// TestContentIsOurs makes sure that a page keeps its own copy of what a handler
// gave it, and that pages do not share headers that one could change.
func TestContentIsOurs(t *testing.T) {
	p := newPaper(t)
	text := []byte("as it was")
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) { return Text("", text), nil })
	p.shows("/", "as it was")
	copy(text, "something")
	p.shows("/", "as it was")
	res := p.do(http.MethodGet, "/")
	for name := range res.Header {
		res.Header.Add(name, "more")
	}
	for name, values := range p.do(http.MethodGet, "/").Header {
		if len(values) != 1 {
			t.Errorf("%s has become %q", name, values)
		}
	}
}

func FuzzAccepts(f *testing.F) {
	for _, header := range []string{"", "br", "gzip;q=0", "br; q = 0.5, *;q=0", ";q=1", "br;;q=0", ",", "br\x00", "BR;Q=1e9", "br;q=NaN"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if accepts(header, "br") && !strings.Contains(strings.ToLower(header), "br") {
			t.Errorf("%q does not name br", header)
		}
		if accepts(header, "br") != accepts(" "+header+" ,", "br") {
			t.Errorf("%q changes with spaces around it", header)
		}
		if !accepts("br,"+header, "br") || accepts("br;q=0,"+header, "br") {
			t.Errorf("%q changes what stands before it", header)
		}
	})
}

func FuzzMatches(f *testing.F) {
	const etag = `"0aZ_-g"`
	for _, header := range []string{"", "*", etag, "W/" + etag, `"a", ` + etag, `"`, "W/", ",,", "\x00"} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if matches(header, etag) && !strings.Contains(header, "*") && !strings.Contains(header, etag) {
			t.Errorf("%q does not name %s", header, etag)
		}
		if !matches(header+", "+etag, etag) || !matches(header+",W/"+etag, etag) {
			t.Errorf("behind %q the tag is not found", header)
		}
	})
}

// FuzzQuery makes sure that every query has one canonical spelling: what a
// handler sees is what it would see if it had been asked by the key.
func FuzzQuery(f *testing.F) {
	for _, raw := range []string{"", "after=1&order=up", "order=%00&after=a+b", "after=%", "after=1;order=2", "after=%FF", "&&=&after", strings.Repeat("after=x&", 500)} {
		f.Add(raw)
	}
	allowed := []string{"after", "order"}
	f.Fuzz(func(t *testing.T, raw string) {
		q := newQuery("/list", raw, allowed)
		path, again, _ := strings.Cut(q.Key(), "?")
		if path != "/list" || len(again) > 3*2*maxParam+100 {
			t.Errorf("%q makes the key %q", raw, q.Key())
		}
		back := newQuery(path, again, allowed)
		if back.Key() != q.Key() || back.Get("after") != q.Get("after") || back.Get("order") != q.Get("order") {
			t.Errorf("%q makes the key %q, and that makes %q", raw, q.Key(), back.Key())
		}
	})
}

func BenchmarkRender(b *testing.B) {
	content := bytes.Repeat([]byte("<p>The council of Kawara Bay has voted on the harbour.</p>\n"), 500)
	for b.Loop() {
		newStored(&Body{}, content).compressed(new(compressors))
	}
}
