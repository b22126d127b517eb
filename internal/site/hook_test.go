package site

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/newsletter/bounce"
	"kawaraban/internal/papertest"
)

const hookSecret = "a secret of the test"

// letters is a store of newsletters with the secrets of one provider.
func letters(p *press) *newsletter.Store {
	return &newsletter.Store{
		DB: p.db, Readers: p.Readers, Keys: p.Readers.Keys, Audit: p.Readers.Audit, Now: p.clock.Now, ID: db.NewID,
		Log:   slog.New(slog.DiscardHandler),
		Zone:  func() *time.Location { return time.UTC },
		Hooks: map[string]string{"kawaraban": hookSecret},
	}
}

// TestReg_R34 is about Discourse's CVE-2026-26077: a webhook about letters that came
// back believed anybody where no secret was set.
//
// Seen red: without the check of the time, without that of the id, with the signature
// over the text alone, and with the address there without a secret.
func TestReg_R34(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := db.NewID()
		check(t, d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into subscriber (id, email, folded, reader, language, sections, quiet_from, quiet_to, strikes, struck, created)
				values ($1, 'ana@example.com', 'ana@example.com', null, '', '[]', 0, 0, 0, 0, 1)`, id)
			return err
		}))
		strikes := func() (n int) {
			check(t, d.QueryRow(t.Context(), `select strikes from subscriber where id = $1`, id).Scan(&n))
			return n
		}
		post := func(provider string, h http.Header, raw string) (int, string) {
			r := httptest.NewRequest(http.MethodPost, p.Paper.BaseURL+"/hooks/mail/"+provider, strings.NewReader(raw))
			r.Header = h.Clone()
			r.Header.Set("Content-Type", "application/json")
			res := p.do(r)
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			check(t, err)
			return res.StatusCode, string(b)
		}
		call := `{"id":"call-1","events":[{"kind":"soft","address":"ana@example.com"}]}`
		signed := bounce.Sign(hookSecret, []byte(call), p.clock.Now())

		// Without a secret there is no such address, however well it is signed.
		p.Hooks = nil
		p.again()
		for _, secret := range []string{hookSecret, ""} {
			if status, _ := post("kawaraban", bounce.Sign(secret, []byte(call), p.clock.Now()), call); status != http.StatusNotFound {
				t.Errorf("without a secret it answers %d", status)
			}
		}
		p.Hooks = letters(p).Hook
		p.again()
		if status, _ := post("mailgun", signed, call); status != http.StatusNotFound {
			t.Errorf("a provider without a secret answers %d", status)
		}

		// A signature that does not fit: of another text, at another time, of another
		// secret, with one letter changed, or none.
		flipped := signed.Clone()
		v := []byte(flipped.Get("Kawaraban-Signature"))
		v[10] ^= 1
		flipped.Set("Kawaraban-Signature", string(v))
		moved := signed.Clone()
		moved.Set("Kawaraban-Timestamp", strconv.FormatInt(p.clock.Now().Unix()+60, 10))
		for name, h := range map[string]http.Header{
			"no signature": {}, "one letter": flipped, "another time": moved,
			"another text":   bounce.Sign(hookSecret, []byte(call+" "), p.clock.Now()),
			"another secret": bounce.Sign("another secret of it", []byte(call), p.clock.Now()),
			"long ago":       bounce.Sign(hookSecret, []byte(call), p.clock.Now().Add(-301*time.Second)),
			"not yet":        bounce.Sign(hookSecret, []byte(call), p.clock.Now().Add(301*time.Second)),
		} {
			if status, body := post("kawaraban", h, call); status != http.StatusForbidden || !strings.Contains(body, "The signature does not fit.") {
				t.Errorf("%s: %d", name, status)
			}
		}
		if n := strikes(); n != 0 {
			t.Fatalf("%d strikes by calls that nobody has signed", n)
		}

		// The right one works, once: again it is heard and does nothing.
		for range 3 {
			if status, body := post("kawaraban", signed, call); status != http.StatusNoContent {
				t.Errorf("a good call: %d %s", status, body)
			}
		}
		p.clock.Add(299 * time.Second)
		if status, _ := post("kawaraban", signed, call); status != http.StatusNoContent {
			t.Errorf("five minutes later: %d", status)
		}
		if n := strikes(); n != 1 {
			t.Errorf("one call is %d strikes", n)
		}
		p.clock.Add(2 * time.Second)
		if status, _ := post("kawaraban", signed, call); status != http.StatusForbidden {
			t.Errorf("more than five minutes later: %d", status)
		}
		if status, _ := post("kawaraban", signed, strings.Repeat("x", maxHook+1)); status != http.StatusRequestEntityTooLarge {
			t.Errorf("a large call: %d", status)
		}
	})
}

// again makes the addresses anew, after a change of what the site has.
func (p *press) again() {
	p.t.Helper()
	p.rights = nil
	var err error
	p.handler, err = p.Handler()
	check(p.t, err)
}
