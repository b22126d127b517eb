package site

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// TestKnown is about addresses that many readers seem to have.
func TestKnown(t *testing.T) {
	for _, test := range []struct {
		address string
		want    bool
	}{{"192.0.2.7", true}, {"2001:db8::7", true}, {"127.0.0.1", false}, {"::1", false}, {"", false}} {
		at, _ := netip.ParseAddr(test.address)
		if got := known(at); got != test.want {
			t.Errorf("known(%q) = %v", test.address, got)
		}
	}
}

// TestThreadBrakes floods a thread: whoever writes or votes faster than a person
// waits, is told for how long, and goes on then.
func TestThreadBrakes(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	id := p.publish(story("city", "The weir"), time.Hour)
	c := p.says(p.joined("Boris"), id, "", "A thing to vote on.")
	ana := p.insider("Ana")
	flood := func(path string, form func(n int) url.Values) (n int, res *http.Response) {
		t.Helper()
		for n = range 100 {
			status, body, res := ana.send(path, form(n))
			switch {
			case status == http.StatusTooManyRequests:
				return n, res
			case status != http.StatusSeeOther:
				t.Fatalf("%s answers %d\n%s", path, status, body)
			}
		}
		t.Fatalf("%s has no brake", path)
		return n, nil
	}
	for _, test := range []struct {
		path string
		form func(n int) url.Values
		most int
	}{
		{"/thread/" + id, func(n int) url.Values {
			return url.Values{"body": {fmt.Sprintf("This is the remark number %d of a flood.", n)}}
		}, 20},
		{"/comment/" + c.ID + "/vote", func(n int) url.Values { return url.Values{"way": {[]string{"up", "down"}[n%2]}} }, 60},
	} {
		n, res := flood(test.path, test.form)
		wait, err := time.ParseDuration(res.Header.Get("Retry-After") + "s")
		if err != nil || wait <= 0 || n > test.most {
			t.Errorf("%s brakes after %d, for %q", test.path, n, res.Header.Get("Retry-After"))
		}
		p.clock.Add(wait)
		if status, body, _ := ana.send(test.path, test.form(n)); status != http.StatusSeeOther {
			t.Errorf("%s answers %d after the wait\n%s", test.path, status, body)
		}
	}
}
