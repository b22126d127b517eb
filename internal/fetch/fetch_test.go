package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"kawaraban/internal/problem"
)

// local returns a client that may reach server, and only it on this machine.
func local(server *httptest.Server, s Settings) *Client {
	own := netip.MustParseAddrPort(server.Listener.Addr().String())
	s.AllowPrivate = append(s.AllowPrivate, netip.PrefixFrom(own.Addr(), own.Addr().BitLen()))
	s.AllowPorts = append(s.AllowPorts, own.Port())
	return New(s)
}

// zipped returns n bytes of zeros, compressed.
func zipped(t *testing.T, n int64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.CopyN(z, zeros{}, n); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestGet(t *testing.T) {
	bomb, small := zipped(t, 64<<20), zipped(t, 1000)
	var heard http.Header
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		heard = r.Header.Clone()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Set-Cookie", "a=b")
		io.WriteString(w, "hello")
	})
	mux.HandleFunc("/hop/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		if n == 0 {
			http.Redirect(w, r, "/ok", http.StatusFound)
			return
		}
		http.Redirect(w, r, "/hop/"+strconv.Itoa(n-1), http.StatusMovedPermanently)
	})
	gzipped := func(body []byte, coding string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", coding)
			w.Write(body)
		}
	}
	mux.HandleFunc("/bomb", gzipped(bomb, "gzip"))
	mux.HandleFunc("/gzip", gzipped(small, "gzip"))
	mux.HandleFunc("/twice", gzipped(small, "gzip, gzip"))
	mux.HandleFunc("/brotli", gzipped(small, "br"))
	mux.HandleFunc("/endless", func(w http.ResponseWriter, _ *http.Request) { io.CopyN(w, zeros{}, 64<<20) })
	mux.HandleFunc("/exact", func(w http.ResponseWriter, _ *http.Request) { io.CopyN(w, zeros{}, 5<<20) })
	mux.HandleFunc("/headers", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100<<10)) })
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "it is gone", http.StatusGone) })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "short")
	})
	mux.HandleFunc("/etag", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"a"` {
			w.WriteHeader(http.StatusNotModified)
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	c := local(server, Settings{Agent: "Kawaraban test"})

	for _, test := range []struct {
		path string
		o    Options
		want string // "status length type" or the Problem
	}{
		{"/ok", Options{}, "200 5 text/plain"},
		{"/hop/2", Options{}, "200 5 text/plain"},
		{"/hop/3", Options{}, "invalid: 127.0.0.1 redirects more than 3 times."},
		{"/gzip", Options{}, "200 1000 "},
		{"/twice", Options{}, "invalid: 127.0.0.1 compressed its answer in a way that was not asked for."},
		{"/brotli", Options{}, "invalid: 127.0.0.1 compressed its answer in a way that was not asked for."},
		{"/bomb", Options{}, "too-large: The answer of 127.0.0.1 is too large."},
		{"/endless", Options{}, "too-large: The answer of 127.0.0.1 is too large."},
		{"/exact", Options{}, "200 5242880 application/octet-stream"},
		{"/ok", Options{MaxBytes: 5}, "200 5 text/plain"},
		{"/ok", Options{MaxBytes: 4}, "too-large: The answer of 127.0.0.1 is too large."},
		{"/exact", Options{MaxBytes: 6 << 20}, "200 5242880 application/octet-stream"},
		{"/headers", Options{}, "unavailable: 127.0.0.1 could not be reached."},
		{"/cut", Options{}, "unavailable: 127.0.0.1 could not be reached."},
		{"/etag", Options{ETag: `"a"`}, "304 0 "},
		{"/etag", Options{}, "200 0 "},
		{"/gone", Options{}, "410 11 text/plain gone: 127.0.0.1 answered 410 Gone."},
		{"/busy", Options{}, "503 0  unavailable: 127.0.0.1 answered 503 Service Unavailable."},
	} {
		resp, err := c.Get(t.Context(), server.URL+test.path, test.o)
		var got []string
		if resp != nil {
			got = append(got, fmt.Sprintf("%d %d %s", resp.Status, len(resp.Body), resp.Type))
		}
		if p := problem.Of(err); p != nil {
			got = append(got, string(p.Kind)+": "+p.Detail)
		} else if err != nil {
			got = append(got, "fault: "+err.Error())
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: %s, want %s", test.path, got, test.want)
		}
	}
	if _, err := c.Get(t.Context(), server.URL+"/ok", Options{Accept: "text/plain", Header: http.Header{"cookie": {"a=b"}, "Accept-Encoding": {"br"}, "X-Key": {"k"}}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"User-Agent": "Kawaraban test", "Accept": "text/plain", "Cookie": "", "Accept-Encoding": "gzip", "X-Key": "k"} {
		if got := heard.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestAgent says who we are; without a name of its own, the client leaves that to the
// request.
func TestAgent(t *testing.T) {
	var heard string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard = r.UserAgent() }))
	defer server.Close()
	for _, test := range []struct{ agent, want string }{{"Kawaraban", "Kawaraban"}, {"", "a reader"}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", "a reader")
		res, err := local(server, Settings{Agent: test.agent}).HTTP().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if heard != test.want {
			t.Errorf("%q is heard as %q", test.agent, heard)
		}
	}
}

func TestGetStops(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)

	_, err := local(server, Settings{Timeout: 50 * time.Millisecond}).Get(t.Context(), server.URL, Options{})
	if want := "127.0.0.1 did not answer in time."; !problem.Is(err, problem.Unavailable) || err.Error() != want {
		t.Errorf("time-out: %v, want %s", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := local(server, Settings{}).Get(ctx, server.URL, Options{}); problem.Of(err) != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A key for one server is not for the next, and a proxy is nobody's.
func TestKeyStaysWithItsServer(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	var leaked []http.Header
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked = append(leaked, r.Header.Clone())
		if r.URL.Path == "/again" {
			http.Redirect(w, r, "/end", http.StatusFound) // the second step stays on this server
		}
	}))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") == "" {
			t.Error("the first server did not get its key")
		}
		http.Redirect(w, r, other.URL+"/again", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := local(server, Settings{AllowPorts: []uint16{netip.MustParseAddrPort(other.Listener.Addr().String()).Port()}})
	o := Options{Accept: "text/html", Header: http.Header{"X-Key": {"secret"}, "Authorization": {"secret"}}}
	if _, err := c.Get(t.Context(), server.URL, o); err != nil {
		t.Fatal(err)
	}
	if len(leaked) != 2 {
		t.Fatalf("%d requests, want 2", len(leaked))
	}
	for _, h := range leaked {
		if h.Get("X-Key") != "" || h.Get("Authorization") != "" || h.Get("Referer") != "" || h.Get("Accept") != "text/html" {
			t.Errorf("the other server got %v", h)
		}
	}
	// A library's request with a body is not sent on at all.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("code=secret"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Key", "secret")
	if resp, err := c.HTTP().Do(r); err == nil || problem.Of(err) == nil {
		t.Errorf("a body was sent on: %v, %v", resp, err)
	}
}

func TestHTTPS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	resp, err := local(server, Settings{RootCAs: roots}).Get(t.Context(), server.URL, Options{})
	if err != nil || resp.Status != http.StatusOK {
		t.Fatalf("response %v, error %v", resp, err)
	}
	if _, err := local(server, Settings{}).Get(t.Context(), server.URL, Options{}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("an unknown authority: error %v", err)
	}
}

func TestAllowHosts(t *testing.T) {
	c := New(Settings{AllowHosts: []string{"agency.example", "Sister.Example."}})
	for address, want := range map[string]bool{
		"http://agency.example/":              true,
		"http://AGENCY.example./":             true,
		"http://feeds.agency.example/":        true,
		"https://sister.example/x":            true,
		"http://evil-agency.example/":         false,
		"http://agency.example.evil.example/": false,
		"http://example/":                     false,
		"http://93.184.215.14/":               false,
	} {
		if _, err := c.Check(address); (err == nil) != want {
			t.Errorf("%s: error %v, want allowed %t", address, err, want)
		}
	}
}

// MatchHost compares whole labels: no text put before or after a name makes
// another one match (R40).
func TestReg_R40(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?`)
		name := strings.Join(rapid.SliceOfN(label, 1, 3).Draw(t, "name"), ".")
		other := label.Draw(t, "other")
		if !MatchHost(name, name) || !MatchHost(other+"."+name, name) || !MatchHost(strings.ToUpper(name)+".", name) {
			t.Fatalf("%s does not match itself", name)
		}
		for _, host := range []string{other + name, other + "-" + name, name + "." + other + "x." + name + "x", name + other, other} {
			if host != name && !strings.HasSuffix(host, "."+name) && MatchHost(host, name) {
				t.Fatalf("%s matches %s", host, name)
			}
		}
		if MatchHost(name, "") || MatchHost(name, ".") {
			t.Fatal("no name matches all")
		}
	})
}

// No more than the limit are with a host at once, and the door is forgotten
// when the last has left.
func TestPerHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hosts{limit: 2}
		var inside atomic.Int32
		for range 6 {
			go func() {
				leave, err := h.enter(t.Context(), "a.example")
				if err != nil {
					t.Error(err)
					return
				}
				defer leave()
				if n := inside.Add(1); n > 2 {
					t.Errorf("%d at once", n)
				}
				time.Sleep(time.Second)
				inside.Add(-1)
			}()
		}
		synctest.Wait()
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := h.enter(impatient, "a.example"); !errors.Is(err, context.Canceled) {
			t.Errorf("waiting on: %v", err)
		}
		leave, err := h.enter(t.Context(), "b.example")
		if err != nil {
			t.Fatal(err)
		}
		leave()
		time.Sleep(3 * time.Second) // six of one second each, two at a time
		synctest.Wait()
		if len(h.doors) != 0 {
			t.Errorf("%d doors are remembered", len(h.doors))
		}
	})
}

func FuzzTarget(f *testing.F) {
	for _, address := range hostile {
		f.Add(address)
	}
	f.Add("https://paper.example/feed?x=1#y")
	c := New(Settings{})
	f.Fuzz(func(t *testing.T, address string) {
		u, err := c.Check(address)
		if err != nil {
			if !problem.Is(err, problem.Invalid) {
				t.Fatalf("error %v is no Problem", err)
			}
			return
		}
		again, err := c.Check(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q became %q, which becomes %v, %v", address, u, again, err)
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !Public(ip) {
			t.Fatalf("%q leads to %s", address, ip)
		}
		if u.User != nil || u.Port() != "" && u.Port() != "80" && u.Port() != "443" || u.Scheme != "http" && u.Scheme != "https" {
			t.Fatalf("%q became %q", address, u)
		}
	})
}
