package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
)

// What ways over HTTP have in common: one server, named by the way's address, that is
// told the secret, and what its answers mean for somebody who is to do something about
// it. The sentences name no host, for they stand beside it.

// checkWeb refuses an address that is not asked, or that would be told a secret in the
// open.
func (s *Store) checkWeb(w *Way) error {
	u, err := s.Fetch.Check(w.Address)
	if p := problem.Of(err); p != nil {
		return invalid("address", p.Detail)
	}
	if err != nil {
		return err
	}
	if u.Scheme != "https" && (w.HasSecret() || w.Account != "") {
		return invalid("address", "With a password or a key the address must begin with https://.")
	}
	return nil
}

// needsSecret refuses a way without one.
func needsSecret(w *Way) error {
	if !w.HasSecret() {
		return invalid("password", "This way in needs a password or key from the agency.")
	}
	return nil
}

func basic(account, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(account+":"+password))
}

// heard is what an answer of another server means, with its time to wait if it names one.
func (s *Store) heard(ctx context.Context, r *fetch.Response, err error) (*fetch.Response, error) {
	if err == nil || ctx.Err() != nil {
		return r, err
	}
	p := problem.Of(err)
	if p == nil {
		return r, err
	}
	told := &problem.Problem{Kind: p.Kind, Err: cause(p)}
	if r == nil {
		told.Detail = unheard(p)
		return nil, told
	}
	told.Wait = s.asksToWait(r.Header)
	switch {
	case r.Status == http.StatusUnauthorized, r.Status == http.StatusForbidden:
		told.Kind, told.Detail = problem.Forbidden, "The server does not let us in. Check the account and the password or key, and type them again; or ask the agency whether the contract covers this."
	case r.Status == http.StatusNotFound, r.Status == http.StatusGone:
		told.Detail = "There is nothing at this address. Check it."
	case r.Status == http.StatusTooManyRequests:
		told.Kind, told.Detail = problem.TooMany, "The server asks to be left alone for a while. It is asked again later; ask less often if this stays."
	case r.Status >= 500:
		told.Detail = "The server has trouble of its own. It is asked again later."
	default:
		told.Kind, told.Detail = problem.Unavailable, "The server answers with an error that we do not know. The log has its number."
	}
	return r, told
}

// unheard says why there is no answer.
func unheard(p *problem.Problem) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case p.Kind == problem.TooLarge:
		return "The answer is larger than what is taken at a time."
	case p.Kind == problem.Invalid:
		return "The server is not asked, because the address, or another to which it sends us, is not on the public internet or not allowed."
	case errors.As(p.Err, &dns) && dns.IsNotFound:
		return "There is no such host. Check the address."
	case errors.As(p.Err, &timeout) && timeout.Timeout():
		return "The server did not answer in time. It is asked again later."
	}
	return "The server could not be reached, or broke off. It is asked again later."
}

// cause is for the log: what happened, without a secret.
func cause(p *problem.Problem) error {
	if p.Err == nil {
		return errors.New(p.Detail)
	}
	var u *url.Error
	if errors.As(p.Err, &u) {
		return fmt.Errorf("%s %w", p.Detail, u.Err)
	}
	return fmt.Errorf("%s %w", p.Detail, p.Err)
}

// asksToWait reads how long a server wants to be left alone.
func (s *Store) asksToWait(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(s.Now()))
	}
	return 0
}

// isPage reports whether an answer is a page for people: of a log-in, of a portal.
func isPage(r *fetch.Response) bool {
	start := bytes.ToLower(bytes.TrimSpace(r.Body[:min(len(r.Body), 200)]))
	return r.Type == "text/html" && !bytes.HasPrefix(start, []byte("<?xml")) || bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// far fetches pictures with what the way tells its own server, and nobody else.
func (s *Store) far(w *Way, header http.Header) Far {
	if !w.Options.Pictures {
		return nil
	}
	return func(ctx context.Context, address string) ([]byte, error) {
		o := fetch.Options{Accept: "image/*", MaxBytes: maxPicture}
		if door(address) == door(w.Address) {
			o.Header = header
		}
		r, err := s.Fetch.Get(ctx, address, o)
		if err != nil {
			return nil, err
		}
		return r.Body, nil
	}
}

// count tells how many of some items are not here, and of when the newest of all is.
func (s *Store) count(ctx context.Context, src Source, items []Item, g *Glance) error {
	here, err := s.here(ctx, src, items)
	for i := range items {
		if !here[key{items[i].ID, items[i].Version}] {
			g.Waiting++
		}
		if at := items[i].made(); at.After(g.Newest) {
			g.Newest = at
		}
	}
	return err
}

type key struct{ id, version string }

// here tells which of some items have come, in this version.
func (s *Store) here(ctx context.Context, src Source, items []Item) (here map[key]bool, err error) {
	here = map[key]bool{}
	for part := range slices.Chunk(items, 400) {
		args := []any{src.ID}
		ids := make([]string, len(part))
		for i := range part {
			ids[i] = part[i].ID
		}
		rows, err := s.DB.Query(ctx, `select id, version from wire_item where source = $1 and id `+db.In(&args, ids)+` order by id, version`, args...)
		if err != nil {
			return nil, fmt.Errorf("look for items: %w", err)
		}
		for rows.Next() {
			var k key
			if err := rows.Scan(&k.id, &k.version); err != nil {
				return nil, errors.Join(fmt.Errorf("look for items: %w", err), rows.Close())
			}
			here[k] = true
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, fmt.Errorf("look for items: %w", err)
		}
	}
	return here, nil
}

// made is when the agency made an item; zero when it does not say.
func (it *Item) made() time.Time {
	if it.Updated.IsZero() {
		return it.Created
	}
	return it.Updated
}
