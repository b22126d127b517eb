// Package fetch is the only way out to the internet.
//
// What it fetches is named by strangers: a feed, a picture in a wire item, a
// sister paper. None of them may make us talk to our own machine, to our
// network or to a cloud's metadata service. The rule is checked on the address
// that is dialled, after every look-up, for every connection, so neither a
// redirect nor a name that changes its answer gets behind it (SECURITY D7).
//
// An answer is small, comes soon and is asked for without cookies, without
// credentials in the URL and without a proxy.
package fetch

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"kawaraban/internal/problem"
)

const (
	maxRedirects = 3
	maxHeader    = 64 << 10

	defaultTimeout  = 10 * time.Second
	defaultMaxBytes = 5 << 20
	defaultPerHost  = 2
)

var (
	errHost      = errors.New("fetch: not a host name")
	errForbidden = errors.New("fetch: not an address of the public internet")
	errTooLarge  = errors.New("fetch: the answer is too large")
)

// Settings are what an operator may choose. The zero value is safe.
type Settings struct {
	Agent    string        // who we say we are, as User-Agent; what a request says of itself when ""
	Timeout  time.Duration // for the whole of a fetch, waiting and redirects too; 10 s when 0
	MaxBytes int64         // of an answer, after decompression; 5 MB when 0
	PerHost  int           // connections to one host at a time; 2 when 0

	// AllowHosts, when there are any, are the only hosts that are fetched
	// from, each with its sub-domains.
	AllowHosts []string

	// AllowPrivate are addresses to be reached although they are not public,
	// on the usual ports and on AllowPorts: a sister paper on this machine.
	AllowPrivate []netip.Prefix
	AllowPorts   []uint16

	RootCAs  *x509.CertPool // who may vouch for a server; the system's when nil
	Resolver *net.Resolver  // the system's when nil
}

// A Client fetches. It is safe for use by many goroutines.
type Client struct {
	s    Settings
	http *http.Client
	// control may refuse a connection that is about to be made; tests put a
	// recorder behind it.
	control func(ctx context.Context, network, address string, conn syscall.RawConn) error
	hosts   hosts
}

// New returns a Client with these settings.
func New(s Settings) *Client {
	if s.Timeout <= 0 {
		s.Timeout = defaultTimeout
	}
	if s.MaxBytes <= 0 {
		s.MaxBytes = defaultMaxBytes
	}
	if s.PerHost <= 0 {
		s.PerHost = defaultPerHost
	}
	c := &Client{s: s}
	c.control = c.guard
	c.hosts.limit = s.PerHost
	dialer := &net.Dialer{
		Timeout:  s.Timeout,
		Resolver: s.Resolver,
		ControlContext: func(ctx context.Context, network, address string, conn syscall.RawConn) error {
			return c.control(ctx, network, address, conn)
		},
	}
	c.http = &http.Client{
		Timeout:       s.Timeout,
		CheckRedirect: c.redirect,
		Transport: &guarded{c: c, next: &http.Transport{
			Proxy:                  nil, // not from the environment: a proxy would dial for us, unchecked
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: maxHeader,
			MaxIdleConnsPerHost:    1,
			MaxIdleConns:           16,
			IdleConnTimeout:        30 * time.Second,
		}},
	}
	return c
}

// HTTP returns the client for libraries that bring their own requests, such as
// OpenID Connect's. Every rule of this package holds for it but one: an answer
// over the limit fails while its body is read.
func (c *Client) HTTP() *http.Client { return c.http }

// guard is the check on a connection that is about to be made.
func (c *Client) guard(_ context.Context, network, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" || !c.dialable(a) {
		return errForbidden
	}
	return nil
}

// redirect decides whether to go where an answer sends us. The address itself
// is checked with that of every request, in guarded.
func (c *Client) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return refuse(nil, "%s redirects more than %d times.", via[0].URL.Hostname(), maxRedirects)
	}
	r.Header.Del("Referer") // where we were is nobody's business
	elsewhere := func(v *http.Request) bool { return v.URL.Scheme != r.URL.Scheme || v.URL.Host != r.URL.Host }
	if !slices.ContainsFunc(via, elsewhere) {
		return nil
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return refuse(nil, "%s sends on what was meant for it to %s.", via[0].URL.Hostname(), r.URL.Hostname())
	}
	// What the caller added, perhaps a key, was for the first server. The
	// library copies it again at each step, so that every step must drop it.
	own := http.Header{}
	for _, name := range []string{"Accept", "If-None-Match", "If-Modified-Since"} {
		if v := r.Header.Values(name); v != nil {
			own[name] = v
		}
	}
	r.Header = own
	return nil
}

// Options say what to ask for. The zero value asks for anything.
type Options struct {
	Accept   string      // media types that we can read
	Header   http.Header // more for the server named in the URL, such as a key; never sent to another one
	ETag     string      // of the copy that we have: a 304 then has no body
	Modified string      // the same, as the server's Last-Modified
	MaxBytes int64       // instead of the setting
	Sent     string      // the media type of what Post sends; application/json when ""
}

// A Response is an answer with its whole body.
type Response struct {
	URL    *url.URL // where the answer came from, after redirects
	Status int
	Header http.Header
	Type   string // the media type, without parameters; "" when the server gave none
	Body   []byte
}

// Get fetches a URL.
//
// The error is a Problem when the address is refused, the server cannot be
// reached in time, its answer is too large, or its status is neither 2xx nor,
// where Options name a copy, 304. In the last case, and only then, the Response
// comes with the error, for those who care whether a feed is gone or busy.
func (c *Client) Get(ctx context.Context, rawURL string, o Options) (*Response, error) {
	return c.ask(ctx, http.MethodGet, rawURL, nil, o)
}

// Post sends a document, JSON if nothing else is said, to a URL, and answers as Get does.
// It goes there and nowhere else: an answer that sends us to another place is refused.
func (c *Client) Post(ctx context.Context, rawURL string, document []byte, o Options) (*Response, error) {
	return c.ask(ctx, http.MethodPost, rawURL, document, o)
}

// Delete asks a server to forget what is at a URL, as Post does.
func (c *Client) Delete(ctx context.Context, rawURL string, o Options) (*Response, error) {
	return c.ask(ctx, http.MethodDelete, rawURL, nil, o)
}

func (c *Client) ask(ctx context.Context, method, rawURL string, body []byte, o Options) (*Response, error) {
	u, err := c.Check(rawURL)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, refuse(err, "This is not an address of the web.")
	}
	o.write(r.Header)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", cmp.Or(o.Sent, "application/json"))
	}
	limit := c.s.MaxBytes
	if o.MaxBytes > 0 {
		limit = o.MaxBytes
	}
	answer, err := c.http.Do(r.WithContext(withLimit(ctx, limit)))
	if err != nil {
		return nil, explain(ctx, u.Hostname(), err)
	}
	defer answer.Body.Close()
	if answer.Request.Method != method {
		return nil, refuse(nil, "%s sends on what was meant for it to %s.", u.Hostname(), answer.Request.URL.Hostname())
	}
	received, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, explain(ctx, u.Hostname(), err)
	}
	resp := &Response{URL: answer.Request.URL, Status: answer.StatusCode, Header: answer.Header, Body: received}
	if t, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err == nil {
		resp.Type = t
	}
	return resp, resp.problem(o)
}

// write puts what o asks for into h.
func (o Options) write(h http.Header) {
	for name, values := range o.Header {
		h[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}
	for name, value := range map[string]string{"Accept": o.Accept, "If-None-Match": o.ETag, "If-Modified-Since": o.Modified} {
		if value != "" {
			h.Set(name, value)
		}
	}
}

// problem returns a Problem when the answer is not what was asked for.
func (r *Response) problem(o Options) error {
	asked304 := o.ETag != "" || o.Modified != ""
	if r.Status/100 == 2 || r.Status == http.StatusNotModified && asked304 {
		return nil
	}
	kind := problem.Unavailable
	switch r.Status {
	case http.StatusNotFound:
		kind = problem.NotFound
	case http.StatusGone:
		kind = problem.Gone
	}
	return &problem.Problem{Kind: kind, Detail: fmt.Sprintf("%s answered %d %s.", r.URL.Hostname(), r.Status, http.StatusText(r.Status))}
}

// refuse returns the Problem of an address that we do not fetch.
func refuse(err error, format string, args ...any) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf(format, args...), Err: err}
}

// explain turns what went wrong while fetching from host into a Problem. Being
// stopped by the caller is none.
func explain(ctx context.Context, host string, err error) error {
	if p := problem.Of(err); p != nil {
		return p
	}
	if ctx.Err() != nil {
		return fmt.Errorf("fetch %s: %w", host, ctx.Err())
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, errForbidden):
		return refuse(err, "%s is not on the public internet.", host)
	case errors.Is(err, errTooLarge):
		return &problem.Problem{Kind: problem.TooLarge, Detail: "The answer of " + host + " is too large.", Err: err}
	case errors.As(err, &dns) && dns.IsNotFound:
		return &problem.Problem{Kind: problem.Unavailable, Detail: "There is no host " + host + ".", Err: err}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &problem.Problem{Kind: problem.Unavailable, Detail: host + " did not answer in time.", Err: err}
	}
	return &problem.Problem{Kind: problem.Unavailable, Detail: host + " could not be reached.", Err: err}
}
