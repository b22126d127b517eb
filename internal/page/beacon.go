package page

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"

	"kawaraban/internal/problem"
)

// A Beacon is what an open page says by itself: a few fields, and nothing of who reads
// it. It sees no cookie, and is answered with nothing.
type Beacon struct {
	r      *http.Request
	router *Router
	form   url.Values
}

// maxBeacon is how many bytes a page may say.
const maxBeacon = 4 << 10

// Path returns a part of the path by its name in the route's pattern.
func (b *Beacon) Path(name string) string { return b.r.PathValue(name) }

// Field returns what the page says under a name, "" when it says nothing.
func (b *Beacon) Field(name string) string { return b.form.Get(name) }

// Agent is what the reader's browser calls itself.
func (b *Beacon) Agent() string { return b.r.UserAgent() }

// Address is where it comes from, as Router.Proxies lets us know it.
func (b *Beacon) Address() netip.Addr { return b.router.client(b.r) }

// Beacon adds an address at which our own pages say something by themselves. What is
// refused is refused before much of it is read.
func (rt *Router) Beacon(pattern string, h func(r *http.Request, b *Beacon) error) {
	rt.routes = append(rt.routes, pattern)
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		b := &Beacon{r: r, router: rt}
		err := rt.sameOrigin(r)
		if err == nil {
			err = b.read(w)
		}
		if err == nil {
			err = h(r, b)
		}
		if err != nil {
			rt.fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func (b *Beacon) read(w http.ResponseWriter) error {
	if b.r.ContentLength == 0 {
		return nil
	}
	if b.r.ContentLength > maxBeacon {
		return &problem.Problem{Kind: problem.TooLarge}
	}
	if kind, _, err := mime.ParseMediaType(b.r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return &problem.Problem{Kind: problem.Unsupported}
	}
	said, err := io.ReadAll(http.MaxBytesReader(w, b.r.Body, maxBeacon))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return &problem.Problem{Kind: problem.TooLarge}
	}
	if err == nil {
		b.form, err = url.ParseQuery(string(said))
	}
	if err != nil {
		return &problem.Problem{Kind: problem.Invalid, Err: err}
	}
	return nil
}

// A Sight is that a page which is counted was sent to somebody.
type Sight struct {
	Of       string // what the page is counted as
	From     netip.Addr
	Agent    string
	Referrer string
	Query    string // of the page's address
}

// sees tells that a page was sent. It is called for every page, so it makes nothing: who
// counts has to do that later.
func (rt *Router) sees(s *stored, r *http.Request) {
	if s.of == "" || rt.Seen == nil || s.status != http.StatusOK || r.Method != http.MethodGet || first(r.Header["Sec-Purpose"]) != "" {
		return
	}
	rt.Seen(Sight{s.of, rt.client(r), first(r.Header["User-Agent"]), first(r.Header["Referer"]), r.URL.RawQuery})
}
