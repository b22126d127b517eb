package fetch

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// guarded applies to every request, redirected ones and those of libraries
// too, what does not depend on the connection: the form of the URL, the turn
// of its host and the size of the answer.
type guarded struct {
	c    *Client
	next *http.Transport
}

// RoundTrip sends r when its URL may be fetched and its host has a free place.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // a RoundTripper leaves its request as it was
	if err := g.c.check(r.URL); err != nil {
		return nil, err
	}
	r.Host = "" // the Host header is the URL's
	r.Header.Del("Cookie")
	r.Header.Del("Accept-Encoding") // the transport undoes only what it asked for itself
	if g.c.s.Agent != "" {
		r.Header.Set("User-Agent", g.c.s.Agent)
	}
	leave, err := g.c.hosts.enter(r.Context(), r.URL.Host)
	if err != nil {
		return nil, err
	}
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		leave()
		return nil, err
	}
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		answer.Body.Close()
		leave()
		return nil, refuse(nil, "%s compressed its answer in a way that was not asked for.", r.URL.Hostname())
	}
	answer.Body = &body{ReadCloser: answer.Body, left: limitOf(r.Context(), g.c.s.MaxBytes), leave: sync.OnceFunc(leave)}
	return answer, nil
}

// body is an answer's body, decompressed, up to a limit. It holds its place
// at the host until it is closed.
type body struct {
	io.ReadCloser
	left  int64
	leave func()
}

// Read fails with errTooLarge as soon as there is more than the limit.
func (b *body) Read(p []byte) (n int, err error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed, to see whether there is more
	}
	n, err = b.ReadCloser.Read(p)
	if int64(n) > b.left {
		return int(b.left), errTooLarge
	}
	b.left -= int64(n)
	return n, err
}

// Close ends the answer and gives the place at the host to the next.
func (b *body) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}

// limitKey carries a request's own limit to the transport, across redirects.
type limitKey struct{}

func withLimit(ctx context.Context, bytes int64) context.Context {
	return context.WithValue(ctx, limitKey{}, bytes)
}

// limitOf returns the limit that withLimit has set, or fallback.
func limitOf(ctx context.Context, fallback int64) int64 {
	if n, ok := ctx.Value(limitKey{}).(int64); ok {
		return n
	}
	return fallback
}

// hosts lets a few requests at a time to each host. It remembers only hosts
// that are being fetched from.
type hosts struct {
	limit int
	mu    sync.Mutex
	doors map[string]*door
}

// A door has as many places as a host allows; people counts those inside and
// those who wait.
type door struct {
	places chan struct{}
	people int
}

// enter waits for a place at host. Leave gives it back.
func (h *hosts) enter(ctx context.Context, host string) (leave func(), err error) {
	h.mu.Lock()
	d := h.doors[host]
	if d == nil {
		if h.doors == nil {
			h.doors = map[string]*door{}
		}
		d = &door{places: make(chan struct{}, h.limit)}
		h.doors[host] = d
	}
	d.people++
	h.mu.Unlock()

	select {
	case d.places <- struct{}{}:
		return func() {
			<-d.places
			h.forget(host, d)
		}, nil
	case <-ctx.Done():
		h.forget(host, d)
		return nil, ctx.Err()
	}
}

// forget removes host when nobody is at its door.
func (h *hosts) forget(host string, d *door) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if d.people--; d.people == 0 {
		delete(h.doors, host)
	}
}
