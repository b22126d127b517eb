package page

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

// A Router sends each request to its page. It is the http.Handler of the
// reader's site: host check, page cache, routes, problem pages, one log line.
type Router struct {
	Cache    *Cache
	Log      *slog.Logger
	Requests *RequestLog                           // one line per request; nil: none
	Hosts    []string                              // the Host headers that are ours; empty: any
	Problem  func(*problem.Problem) (*Body, error) // the problem page
	Secure   bool                                  // the site is served by https

	mux      *http.ServeMux
	headers  []headerLine
	problems map[problem.Kind]*stored
	routes   []string
}

// Start makes the router ready to take routes. The problem pages are rendered
// here, so that they can be shown when nothing else works.
func (rt *Router) Start() error {
	rt.mux = http.NewServeMux()
	rt.headers = securityHeaders(rt.Secure)
	rt.problems = map[problem.Kind]*stored{}
	for _, k := range problem.Kinds() {
		s, err := rt.renderProblem(&problem.Problem{Kind: k})
		if err != nil {
			return err
		}
		rt.problems[k] = s
	}
	rt.mux.HandleFunc("/", rt.unrouted)
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
	began := time.Now()
	h := w.Header()
	for i := range rt.headers {
		h[rt.headers[i].name] = rt.headers[i].values
	}
	if len(rt.Hosts) > 0 && !slices.Contains(rt.Hosts, r.Host) {
		rt.logged(w, r, began, func(w http.ResponseWriter) {
			rt.fail(w, r, &problem.Problem{Kind: problem.Misdirected})
		})
		return
	}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.RawPath == "" {
		key := r.URL.Path
		if r.URL.RawQuery != "" {
			key += "?" + r.URL.RawQuery
		}
		if s, stale := rt.Cache.get(key, rt.Cache.now()); s != nil && !stale {
			rt.Cache.hits.Add(1)
			status, size := s.send(w, r)
			rt.Requests.add(r, status, size, time.Since(began))
			return
		}
	}
	rt.logged(w, r, began, func(w http.ResponseWriter) {
		defer rt.recover(w, r)
		rt.mux.ServeHTTP(w, r)
	})
}

// show answers with the page: from the cache, else rendered.
func (rt *Router) show(w http.ResponseWriter, r *http.Request, q Query, h Handler) {
	s, stale := rt.Cache.get(q.Key(), rt.Cache.now())
	if s != nil {
		rt.Cache.hits.Add(1)
		if stale {
			rt.Cache.refresh(s, q, h, func(err error) {
				if problem.Of(err) == nil {
					rt.Log.Error("a page stays old", "page", q.Key(), "error", err)
				}
			})
		}
		s.send(w, r)
		return
	}
	switch a := rt.Cache.fill(r.Context(), q, h); {
	case a.err != nil:
		rt.fail(w, r, a.err)
	case a.to != nil:
		w.Header().Set("Cache-Control", publicCaching)
		http.Redirect(w, r, a.to.to, a.to.Status)
	default:
		a.page.send(w, r)
	}
}

// unrouted answers what no route takes: another spelling of an address, a
// method that the address does not have, or nothing at all.
func (rt *Router) unrouted(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		if rt.routed(r, r.URL.Path) {
			w.Header().Set("Allow", "GET, HEAD")
			rt.fail(w, r, &problem.Problem{Kind: problem.Method})
			return
		}
	} else if trimmed := strings.TrimRight(r.URL.Path, "/"); trimmed != "" && trimmed != r.URL.Path && rt.routed(r, trimmed) {
		to := url.URL{Path: trimmed, RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusMovedPermanently)
		return
	}
	rt.fail(w, r, &problem.Problem{Kind: problem.NotFound})
}

// routed reports whether a GET of path has a route.
func (rt *Router) routed(r *http.Request, path string) bool {
	_, pattern := rt.mux.Handler(&http.Request{Method: http.MethodGet, Host: r.Host, URL: &url.URL{Path: path}})
	return pattern != "" && pattern != "/"
}

// fail shows the problem page. A fault of ours is logged under a number that
// the page shows.
func (rt *Router) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problem.Of(err)
	switch {
	case p != nil:
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		p = &problem.Problem{Kind: problem.Unavailable} // nobody reads this
	case errors.Is(err, context.DeadlineExceeded):
		p = &problem.Problem{Kind: problem.Unavailable, Err: err}
		rt.Log.Error("too slow", "path", r.URL.Path, "error", err)
	default:
		p = &problem.Problem{Kind: problem.Internal, Err: err}
		rt.Log.Error("failed", "path", r.URL.Path, "error", err)
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
	h.Del("Content-Encoding")
	h.Set("Cache-Control", "no-store")
	if p.Kind == problem.Unavailable {
		h.Set("Retry-After", "5")
	}
	s.send(w, r)
}

func (rt *Router) renderProblem(p *problem.Problem) (*stored, error) {
	body, err := rt.Problem(p)
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
	rt.Log.Error("panic", "path", r.URL.Path, "panic", p, "stack", stack())
	rt.fail(w, r, &problem.Problem{Kind: problem.Internal})
}

// logged runs f with a writer that remembers what was sent, and logs it.
func (rt *Router) logged(w http.ResponseWriter, r *http.Request, began time.Time, f func(http.ResponseWriter)) {
	c := &counter{ResponseWriter: w, status: http.StatusOK}
	f(c)
	rt.Requests.add(r, c.status, c.size, time.Since(began))
}

type counter struct {
	http.ResponseWriter
	status, size int
}

func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
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
