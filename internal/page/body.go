package page

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Handler answers a public address. It sees the path, the query parameters
// that its route allows, and nothing of who asks: what it answers is kept and
// given to everybody.
type Handler func(ctx context.Context, q Query) (*Body, error)

// A Query is all that a cacheable handler may know of a request.
type Query struct {
	path   string
	values map[string]string // path values by name
	params url.Values        // allowed parameters that were given
}

// Path returns a part of the path by its name in the route's pattern.
func (q Query) Path(name string) string { return q.values[name] }

// Get returns an allowed query parameter, "" when it was not given.
func (q Query) Get(name string) string {
	if q.Refused(name) {
		return ""
	}
	return q.params.Get(name)
}

// Refused reports whether a parameter that was named by Told was given, but is too
// long or no text.
func (q Query) Refused(name string) bool { return q.params.Get(name) == refused }

// Told names a parameter whose handler is told when what was given cannot be used. Of
// any other that is as if it had not been given.
func Told(name string) string { return name + telling }

const (
	telling = "!"
	refused = "\x7f" // stands for all of it, so that it makes one page more and not many
)

// Key is the one spelling of this address: the path and the allowed parameters
// in order. It names the page in the cache.
func (q Query) Key() string {
	if len(q.params) == 0 {
		return q.path
	}
	return q.path + "?" + q.params.Encode()
}

// newQuery keeps of raw what the route allows: unknown parameters, repeated
// ones, over-long ones and those that are no text are left out, so that they
// cannot make new pages.
func newQuery(path, raw string, allowed []string) Query {
	q := Query{path: path}
	if raw == "" || len(allowed) == 0 {
		return q
	}
	given, _ := url.ParseQuery(raw)
	for _, name := range allowed {
		name, tell := strings.CutSuffix(name, telling)
		v := given.Get(name)
		if tell && (len(v) > maxParam || !isText(v)) {
			v = refused
		}
		if v != "" && len(v) <= maxParam && (isText(v) || tell) {
			if q.params == nil {
				q.params = url.Values{}
			}
			q.params.Set(name, v)
		}
	}
	return q
}

const maxParam = 200

// A Body is an answer: what to send, under which tags to keep it, and how long.
type Body struct {
	Status int    // 0 is 200
	Type   string // "" is text/html
	Robots string // X-Robots-Tag, "" for none

	render func(*bytes.Buffer) error
	to     string // redirect

	tags  []string
	until time.Time
	of    string // as what it is counted, "" for not at all
}

// Text is an answer that is written already.
func Text(contentType string, content []byte) *Body {
	return &Body{Type: contentType, render: func(b *bytes.Buffer) error {
		b.Write(content)
		return nil
	}}
}

// Rendered is an answer that f writes when it is wanted.
func Rendered(contentType string, f func(*bytes.Buffer) error) *Body {
	return &Body{Type: contentType, render: f}
}

// Moved is the answer 301: the page has another address, for good. to is a
// path of ours.
func Moved(to string) *Body { return &Body{Status: 301, to: to} }

// Leads is the answer 302: where to find something at the moment. to is a path
// of ours.
func Leads(to string) *Body { return &Body{Status: 302, to: to} }

// Tagged adds tags. Purging any of them removes the page from the cache.
func (b *Body) Tagged(tags ...string) *Body {
	for _, t := range tags {
		if !slices.Contains(b.tags, t) {
			b.tags = append(b.tags, t)
		}
	}
	return b
}

// Counted has Router.Seen told whenever the page is sent, and as what.
func (b *Body) Counted(of string) *Body {
	b.of = of
	return b
}

// Until says when the page stops being true: from t on it is never served from
// the cache. The earliest of several counts, the zero time says nothing.
func (b *Body) Until(t time.Time) *Body {
	if !t.IsZero() && (b.until.IsZero() || t.Before(b.until)) {
		b.until = t
	}
	return b
}

func (b *Body) contentType() string {
	switch {
	case b.Type == "":
		return "text/html; charset=utf-8"
	case strings.Contains(b.Type, "charset") || binary(b.Type):
		return b.Type
	default:
		return b.Type + "; charset=utf-8"
	}
}

// binary reports whether a type is no text, or text that names its own encoding.
func binary(mediaType string) bool {
	return strings.HasPrefix(mediaType, "image/") || strings.HasPrefix(mediaType, "font/") || mediaType == "application/octet-stream"
}

func (b *Body) bytes() ([]byte, error) {
	var buf bytes.Buffer
	err := b.render(&buf)
	return buf.Bytes(), err
}
