package site

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/wire"
)

// TestWirePush takes what an agency has signed, and tells everybody else the same.
//
// Seen red: an answer of its own for a source that is not; a signature without the time.
func TestWirePush(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p, ctx := start(t, d, nil), t.Context()
		src, err := p.Wire.Add(ctx, "", wire.Source{Name: "Kestrel", Section: testSections[0].Slug, Publish: wire.Auto}, wire.Way{Kind: wire.ByPush}, "")
		check(t, err)
		key, err := p.Wire.NewSecret(ctx, "", src.ID)
		check(t, err)
		stamp := func(after time.Duration) string { return strconv.FormatInt(p.clock.Now().Add(after).Unix(), 10) }
		post := func(id, at, sign, body string) (int, string) {
			r := httptest.NewRequest(http.MethodPost, p.Paper.BaseURL+"/wire/push/"+id, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/xml")
			r.Header.Set(pushTime, at)
			r.Header.Set(pushSign, sign)
			res := p.do(r)
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			check(t, err)
			return res.StatusCode, string(b)
		}
		story := `{"uri":"urn:kestrel:1","version":"1","type":"text","pubstatus":"usable","headline":"Heron seen","body_html":"<p>At the weir.</p>"}`
		now := stamp(0)
		good := wire.Sign(key, now, []byte(story))
		strangers := ""
		for name, test := range map[string]struct{ id, at, sign, body string }{
			"no signature":         {src.ID, now, "", story},
			"of another text":      {src.ID, now, good, story + " "},
			"of another time":      {src.ID, stamp(time.Second), good, story},
			"too old":              {src.ID, stamp(-5*time.Minute - time.Second), wire.Sign(key, stamp(-5*time.Minute-time.Second), []byte(story)), story},
			"from the future":      {src.ID, stamp(5*time.Minute + time.Second), wire.Sign(key, stamp(5*time.Minute+time.Second), []byte(story)), story},
			"of another key":       {src.ID, now, wire.Sign("x"+key, now, []byte(story)), story},
			"of no key":            {src.ID, now, wire.Sign("", now, []byte(story)), story},
			"no such source":       {"01ARZ3NDEKTSV4RRFFQ69G5FAV", now, wire.Sign("nobody", now, []byte(story)), story},
			"a time in words":      {src.ID, "now", good, story},
			"a time written twice": {src.ID, "+" + now, wire.Sign(key, "+"+now, []byte(story)), story},
		} {
			status, body := post(test.id, test.at, test.sign, test.body)
			if strangers == "" {
				strangers = body
			}
			if status != http.StatusUnauthorized || body != strangers {
				t.Errorf("%s: %d %s", name, status, body)
			}
		}
		if status, body := post(src.ID, now, good, story); status != http.StatusAccepted || !strings.Contains(body, `"decision":"published"`) || !strings.Contains(body, `"id":"urn:kestrel:1"`) {
			t.Errorf("signed: %d %s", status, body)
		}
		if status, body := post(src.ID, now, good, story); status != http.StatusAccepted || !strings.Contains(body, `"decision":"known"`) {
			t.Errorf("again: %d %s", status, body)
		}
		junk := "<nothing>that we know</nothing>"
		if status, body := post(src.ID, now, wire.Sign(key, now, []byte(junk)), junk); status != http.StatusAccepted || !strings.Contains(body, `"decision":"quarantined"`) {
			t.Errorf("junk: %d %s", status, body)
		}
		large := strings.Repeat("x", wire.MaxPush+1)
		if status, _ := post(src.ID, now, wire.Sign(key, now, []byte(large)), large); status != http.StatusRequestEntityTooLarge {
			t.Errorf("too large: %d", status)
		}
		check(t, p.Wire.Pause(ctx, "", src.ID, true))
		if status, _ := post(src.ID, now, good, story); status != http.StatusServiceUnavailable {
			t.Errorf("paused: %d", status)
		}
		check(t, p.Wire.Pause(ctx, "", src.ID, false))
		other, err := p.Wire.NewSecret(ctx, "", src.ID)
		check(t, err)
		if status, _ := post(src.ID, now, good, story); status != http.StatusUnauthorized || other == key {
			t.Errorf("the key before the last: %d", status)
		}
	})
}
