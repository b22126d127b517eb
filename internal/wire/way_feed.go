package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"path"

	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
)

// feedWay asks one address for the document that is there: a feed, or any format that
// the wire reads. It is taken when its items have changed; a date in its head that moves
// each time makes it nothing new.
type feedWay struct{ s *Store }

// A feedPlace is the document that was taken last.
type feedPlace struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	Items    string `json:"items,omitempty"` // a digest of them
}

func (f feedWay) check(w *Way) error {
	if w.Options.Header != "" && (!token(w.Options.Header) || forbidden(w.Options.Header)) {
		return invalid("header", "This is not the name of a header in which a key may be sent.")
	}
	if (w.Account != "" || w.Options.Header != "") && !w.HasSecret() {
		return invalid("password", "Type the password or key that goes with this.")
	}
	return f.s.checkWeb(w)
}

// token reports whether name can be the name of a header.
func token(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// forbidden are the headers that say how a request is sent, and not what it asks.
func forbidden(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Te", "Upgrade", "Cookie", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Range":
		return true
	}
	return false
}

// header is what tells the server who we are.
func (feedWay) header(w *Way) http.Header {
	h := http.Header{}
	switch {
	case w.secret == "":
	case w.Options.Header != "":
		h.Set(w.Options.Header, w.secret)
	case w.Account != "":
		h.Set("Authorization", basic(w.Account, w.secret))
	default:
		h.Set("Authorization", "Bearer "+w.secret)
	}
	return h
}

// get fetches the document, unless it is the one at a place.
func (f feedWay) get(ctx context.Context, w *Way, at feedPlace) (*fetch.Response, error) {
	r, err := f.s.Fetch.Get(ctx, w.Address, fetch.Options{
		Header: f.header(w), ETag: at.ETag, Modified: at.Modified, MaxBytes: maxKept,
		Accept: "application/rss+xml, application/atom+xml, application/feed+json, application/json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
	})
	if r, err = f.s.heard(ctx, r, err); err != nil || r.Status == http.StatusNotModified {
		return r, err
	}
	switch {
	case len(bytes.TrimSpace(r.Body)) == 0:
		return r, &problem.Problem{Kind: problem.Unavailable, Detail: "The address answers with nothing."}
	case isPage(r):
		return r, &problem.Problem{Kind: problem.Unsupported, Detail: "At this address there is a page for people, not a feed. Perhaps it asks for a log-in."}
	}
	return r, nil
}

func (f feedWay) collect(ctx context.Context, src Source, w *Way, take func(context.Context, Piece) error) (Haul, error) {
	h := Haul{Cursor: w.Cursor}
	var at feedPlace
	if w.Cursor != "" {
		_ = json.Unmarshal([]byte(w.Cursor), &at) // one that is damaged begins again
	}
	r, err := f.get(ctx, w, at)
	if err != nil {
		return h, err
	}
	if h.Wait = f.s.asksToWait(r.Header); r.Status == http.StatusNotModified {
		return h, nil
	}
	now := feedPlace{ETag: r.Header.Get("ETag"), Modified: r.Header.Get("Last-Modified")}
	if now.Items, _ = digest(r.Body); now.Items != at.Items {
		if err := take(ctx, Piece{Name: nameOf(w.Address), Data: r.Body, Far: f.s.far(w, f.header(w))}); err != nil {
			return h, err
		}
	}
	text, err := json.Marshal(now)
	h.Cursor = string(text)
	return h, err
}

func (f feedWay) look(ctx context.Context, src Source, w *Way) (g Glance, err error) {
	r, err := f.get(ctx, w, feedPlace{})
	if err != nil {
		return g, err
	}
	_, items := digest(r.Body)
	if items == nil {
		short, _ := window(r.Body)
		_, err := Read("", short)
		return g, err
	}
	return g, f.s.count(ctx, src, items, &g)
}

// digest tells one document from another by its items, or by all it says when it cannot
// be read.
func digest(data []byte) (sum string, items []Item) {
	short, _ := window(data)
	said := data
	if items, err := Read("", short); err == nil {
		if text, err := json.Marshal(items); err == nil {
			said = text
		}
		hash := sha256.Sum256(said)
		return hex.EncodeToString(hash[:]), items
	}
	hash := sha256.Sum256(said)
	return hex.EncodeToString(hash[:]), nil
}

// nameOf is the name of a delivery from an address: its last part.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "feed"
	}
	if base := path.Base(u.Path); base != "." && base != "/" {
		return oneLine(base, 100)
	}
	return u.Hostname()
}
