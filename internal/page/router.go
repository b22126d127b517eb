package page

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/problem"
)

// A Router sends each request to its page. It is the http.Handler of the
// reader's site: host check, page cache, routes, problem pages, one log line.
type Router struct {
	Cache    *Cache
	Log      *slog.Logger
	Requests *RequestLog                                            // one line per request; nil: none
	Hosts    []string                                               // the Host headers that are ours; empty: any
	Problem  func(p *problem.Problem, number string) (*Body, error) // the problem page; number is that of a fault in the log, "" for none
	Secure   bool                                                   // the site is served by https
	Proxies  []netip.Prefix                                         // whose X-Forwarded-For is believed
	Seen     func(Sight)                                            // told of each page that is counted; nil: nobody counts

	mux         *http.ServeMux
	crossOrigin http.CrossOriginProtection
	headers     []headerLine
	problems    map[problem.Kind]*stored
	routes      []string
	streams     context.Context // ends when the streams are to end
	endStreams  context.CancelFunc
}

// Start makes the router ready to take routes. The problem pages are rendered
// here, so that they can be shown when nothing else works.
func (rt *Router) Start() error {
	rt.mux = http.NewServeMux()
	rt.streams, rt.endStreams = context.WithCancel(context.Background())
	rt.headers = securityHeaders(rt.Secure)
	rt.problems = map[problem.Kind]*stored{}
	for _, k := range problem.Kinds() {
		s, err := rt.renderProblem(&problem.Problem{Kind: k})
		if err != nil {
			return err
		}
		rt.problems[k] = s.compressed(&rt.Cache.compress)
	}
	rt.mux.HandleFunc("/", rt.unrouted)
	rt.Cache.failed = func(what, page string, err error) { rt.Log.Error(what, "page", page, "error", err) }
	return nil
}

// Public adds a page that everybody gets alike. params are the query parameters
// that make different pages; all others are ignored.
func (rt *Router) Public(pattern string, h Handler, params ...string) {
	slices.Sort(params)
	rt.routes = append(rt.routes, pattern)
	names := pathNames(pattern)
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		q := newQuery(r.URL.Path, r.URL.RawQuery, params)
		if len(names) > 0 {
			q.values = make(map[string]string, len(names))
			for _, n := range names {
				q.values[n] = r.PathValue(n)
			}
		}
		rt.show(w, r, q, h)
	})
}

// Plain adds a route that is not a page: a picture, an asset, a health check.
// What it sends is its own affair, but it must not ask who is there.
func (rt *Router) Plain(pattern string, h func(w http.ResponseWriter, r *http.Request) error) {
	rt.routes = append(rt.routes, pattern)
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			rt.fail(w, r, err)
		}
	})
}

// Routes lists the patterns in the order they were added.
func (rt *Router) Routes() []string { return slices.Clone(rt.routes) }

// ServeHTTP answers a request. A page that is in the cache is answered before
// any routing.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := rt.Cache.now()
	h := w.Header()
	for i := range rt.headers {
		h[rt.headers[i].name] = rt.headers[i].values
	}
	var refused problem.Kind
	if !rt.ours(r.Host) {
		refused = problem.Misdirected
	} else if ambiguous(r.URL) {
		refused = problem.NotFound
	} else if r.Method == http.MethodGet || r.Method == http.MethodHead {
		key := r.URL.Path
		if r.URL.RawQuery != "" {
			key += "?" + r.URL.RawQuery
		}
		if s, stale := rt.Cache.get(key, began); s != nil && !stale {
			rt.Cache.hits.Add(1)
			status, size := s.send(w, r)
			rt.sees(s, r)
			rt.Requests.add(r, status, size, began, rt.Cache.now())
			return
		}
	}
	rt.logged(w, r, began, func(w http.ResponseWriter) {
		if refused != "" {
			rt.fail(w, r, &problem.Problem{Kind: refused})
			return
		}
		defer rt.recover(w, r)
		rt.mux.ServeHTTP(w, r)
	})
}

// ours reports whether a Host header names this site.
func (rt *Router) ours(host string) bool {
	for _, h := range rt.Hosts {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return len(rt.Hosts) == 0
}

// ambiguous reports whether a path holds an escaped slash or question mark. It
// would decode to the name under which the cache keeps another page, and none
// of our addresses is of this sort. Nor is a path that is no text: databases
// differ in what they make of one.
func ambiguous(u *url.URL) bool {
	return strings.Contains(u.Path, "?") || !isText(u.Path) ||
		u.RawPath != "" && strings.Count(u.RawPath, "/") != strings.Count(u.Path, "/")
}

// isText reports whether s is UTF-8 without control characters.
func isText(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' || c == 0x7f:
			return false
		case c >= utf8.RuneSelf:
			return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
		}
	}
	return true
}

// show answers with the page: from the cache, else rendered.
func (rt *Router) show(w http.ResponseWriter, r *http.Request, q Query, h Handler) {
	s, stale := rt.Cache.get(q.Key(), rt.Cache.now())
	if s != nil {
		rt.Cache.hits.Add(1)
		if stale {
			rt.Cache.refresh(s, q, h)
		}
		s.send(w, r)
		rt.sees(s, r)
		return
	}
	switch a := rt.Cache.fill(r.Context(), q, h); {
	case a.err != nil:
		rt.fail(w, r, a.err)
	case a.to != nil:
		move(w, r, a.to.to, a.to.Status)
	default:
		a.page.send(w, r)
		rt.sees(a.page, r)
		rt.Cache.squeezeLater(q.Key(), a.page)
	}
}

// unrouted answers what no route takes: another spelling of an address, a
// method that the address does not have, or nothing at all.
func (rt *Router) unrouted(w http.ResponseWriter, r *http.Request) {
	if allowed := rt.allowed(r, r.URL.Path); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		rt.fail(w, r, &problem.Problem{Kind: problem.Method})
		return
	}
	if !safe(r.Method) {
		rt.fail(w, r, &problem.Problem{Kind: problem.NotFound})
		return
	}
	if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != "" && trimmed != r.URL.Path && slices.Contains(rt.allowed(r, trimmed), http.MethodGet) {
		to := url.URL{Path: trimmed, RawQuery: r.URL.RawQuery}
		move(w, r, to.String(), http.StatusMovedPermanently)
		return
	}
	rt.fail(w, r, &problem.Problem{Kind: problem.NotFound})
}

// move sends the reader to another address. Browsers keep a 301 for ever if
// they may, and an article that moves back would then be out of reach.
func move(w http.ResponseWriter, r *http.Request, to string, status int) {
	w.Header().Set("Cache-Control", publicCaching)
	http.Redirect(w, r, to, status)
}

// allowed lists the methods that have a route at path.
func (rt *Router) allowed(r *http.Request, path string) (methods []string) {
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		_, pattern := rt.mux.Handler(&http.Request{Method: m, Host: r.Host, URL: &url.URL{Path: path}})
		if pattern == "" || pattern == "/" {
			continue
		}
		if methods = append(methods, m); m == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	return methods
}

// fail shows the problem page. A fault of ours is logged under a number that
// the page shows.
func (rt *Router) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, number := problem.Of(err), ""
	switch {
	case p != nil:
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		p = &problem.Problem{Kind: problem.Unavailable} // nobody reads this
	case errors.Is(err, context.DeadlineExceeded):
		p = &problem.Problem{Kind: problem.Unavailable, Err: err}
		rt.Log.Error("too slow", "path", r.URL.Path, "error", err)
	default:
		number = rand.Text()[:len(numberMark)]
		p = &problem.Problem{Kind: problem.Internal, Err: err}
		rt.Log.Error("failed", "number", number, "path", r.URL.Path, "error", err)
	}
	if c, ok := w.(*counter); ok && c.began {
		// Part of an answer is on its way, and nobody must take it for the whole.
		panic(http.ErrAbortHandler)
	}
	s := rt.problems[p.Kind]
	if s == nil {
		s = rt.problems[problem.Internal]
	} else if p.Detail != "" {
		if own, err := rt.renderProblem(p); err == nil {
			s = own
		} else {
			rt.Log.Error("a problem page failed", "error", err)
		}
	}
	h := w.Header()
	for _, name := range meant {
		delete(h, name)
	}
	h.Set("Cache-Control", "no-store")
	if retryAfter(h, p.Wait); p.Wait == 0 && p.Kind == problem.Unavailable {
		h.Set("Retry-After", "5")
	}
	if number != "" {
		s = s.numbered(number)
	}
	s.send(w, r)
}

// numberMark stands on the page of a fault of ours where its number will.
const numberMark = "@@@@@@@@"

// meant are headers that a route may have set for the answer it meant to give.
var meant = [...]string{"Accept-Ranges", "Content-Disposition", "Content-Encoding", "Content-Range", "Last-Modified", "Surrogate-Key"}

func (rt *Router) renderProblem(p *problem.Problem) (*stored, error) {
	number := ""
	if p.Kind == problem.Internal {
		number = numberMark
	}
	body, err := rt.Problem(p, number)
	if err != nil {
		return nil, err
	}
	body.Status = p.Kind.Status()
	content, err := body.bytes()
	if err != nil {
		return nil, err
	}
	return newStored(body, content), nil
}

func (rt *Router) recover(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	rt.fail(w, r, fmt.Errorf("panic: %v\n%s", p, stack()))
}

// logged runs f with a writer that remembers what was sent, and logs it.
func (rt *Router) logged(w http.ResponseWriter, r *http.Request, began time.Time, f func(http.ResponseWriter)) {
	c := &counter{ResponseWriter: w, status: http.StatusOK}
	defer func() { rt.Requests.add(r, c.status, c.size, began, rt.Cache.now()) }()
	f(c)
}

// A counter remembers what was sent.
type counter struct {
	http.ResponseWriter
	status, size int
	began        bool // the status is on its way
}

func (c *counter) WriteHeader(status int) {
	if status >= http.StatusOK && !c.began {
		c.status, c.began = status, true
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	c.began = true
	n, err := c.ResponseWriter.Write(b)
	c.size += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// pathNames lists the wildcards of a pattern.
func pathNames(pattern string) (names []string) {
	for _, part := range strings.Split(pattern, "/") {
		if strings.HasPrefix(part, "{") {
			names = append(names, strings.Trim(part, "{}.$"))
		}
	}
	return names
}
