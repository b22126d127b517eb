package network

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// leads is a feed whose links lead to these addresses.
func leads(addresses ...string) http.HandlerFunc {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>A blog</title>`)
	for n, address := range addresses {
		fmt.Fprintf(&b, `<item><title>Story %d</title><link>%s</link></item>`, n+1, address)
	}
	b.WriteString(`</channel></rss>`)
	return serving([]byte(b.String()))
}

// TestForeignFeed goes with a feed whose links are on other hosts: a publisher is told
// which, allows one, and takes that back; one that turns up later is not shown.
func TestForeignFeed(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		x := newSister(t)
		k := newKit(t, d, x)
		ctx := t.Context()
		x.says(leads("http://blog.localhost/1", "http://blog.localhost/2", "http://photos.localhost/3", "javascript:alert(1)", "ftp://x.localhost/", "http://user@evil.localhost/"))
		id, err := k.Add(ctx, "pia", x.URL+"/feed")
		check(t, err)
		s, err := k.sister(ctx, d, id)
		check(t, err)
		if want := []Elsewhere{{"blog.localhost", 2}, {"photos.localhost", 1}}; !slices.Equal(s.Elsewhere, want) || s.Source != Other || s.Name != "A blog" {
			t.Fatalf("found %+v", s)
		}
		check(t, k.Confirm(ctx, "pia", id, ""))
		if s = k.take(id); s.Trouble != Foreign || len(k.titles()) != 0 || len(s.Elsewhere) != 2 {
			t.Errorf("confirmed alone, it shows %q: %s", k.titles(), s.Trouble)
		}
		if err := k.Allow(ctx, "pia", id, "evil.localhost", true); !problem.Is(err, problem.Conflict) {
			t.Errorf("a host to which nothing leads is allowed: %v", err)
		}
		check(t, k.Allow(ctx, "pia", id, "blog.localhost", true))
		check(t, k.Allow(ctx, "pia", id, "blog.localhost", true)) // twice is once
		s = k.take(id)
		if got := k.titles(); !slices.Equal(got, []string{"Story 1", "Story 2"}) || s.Trouble != NoTrouble || !slices.Equal(s.Hosts, []string{"blog.localhost"}) || !slices.Equal(s.Elsewhere, []Elsewhere{{"photos.localhost", 1}}) {
			t.Fatalf("allowed, it shows %q: %+v", got, s)
		}

		// Later the feed leads to others as well, then to others alone.
		x.says(leads("http://blog.localhost/2", "http://casino.localhost/", "http://sub.blog.localhost/"))
		s = k.take(id)
		if got := k.titles(); !slices.Equal(got, []string{"Story 1"}) || len(s.Elsewhere) != 2 {
			t.Errorf("with other hosts it shows %q, and %v", got, s.Elsewhere)
		}
		x.says(leads("http://casino.localhost/", "http://casino.localhost/2"))
		s = k.take(id)
		if got := k.titles(); !slices.Equal(got, []string{"Story 1"}) || s.Trouble != Foreign || !slices.Equal(s.Elsewhere, []Elsewhere{{"casino.localhost", 2}}) {
			t.Errorf("with other hosts alone it shows %q (%s), and %v", got, s.Trouble, s.Elsewhere)
		}

		// What is taken back is gone at once, also from pages that show it and its link.
		item, gone := k.Panel().Items[0].ID, k.gone
		check(t, k.Allow(ctx, "pia", id, "blog.localhost", false))
		check(t, k.Refresh(ctx))
		if _, there := k.Panel().Find(item); there || len(k.titles()) != 0 || k.gone != gone+1 {
			t.Errorf("taken back, it shows %q, and its link works: %v; pages age %d times", k.titles(), there, k.gone-gone)
		}
		s, err = k.sister(ctx, d, id)
		check(t, err)
		if len(s.Hosts) != 0 || len(s.Elsewhere) != 2 || s.Elsewhere[0].Host != "blog.localhost" {
			t.Errorf("taken back, it has %v and %v", s.Hosts, s.Elsewhere)
		}
		check(t, k.Allow(ctx, "pia", id, "blog.localhost", true)) // which can be undone
	})
}

// TestAllowPaper lets nobody allow other hosts to a paper that signs.
func TestAllowPaper(t *testing.T) {
	x := newSister(t)
	k := newKit(t, papertest.SQLite(t), x)
	x.offers(x.signed(t, x.list(k.clock.Now(), "The plough waits")))
	id := k.befriend(x)
	if err := k.Allow(t.Context(), "pia", id, "evil.example", true); !problem.Is(err, problem.Conflict) {
		t.Errorf("allowed: %v", err)
	}
	if err := k.Allow(t.Context(), "pia", "nobody", "evil.example", true); !problem.Is(err, problem.NotFound) {
		t.Errorf("allowed to nobody: %v", err)
	}
}

// TestReg_R40_Hosts holds addresses against the hosts that a publisher has allowed: each
// is that host and no other, whatever it begins or ends with.
//
// Seen red: strings.HasSuffix, and fetch.MatchHost, in the place of the comparison.
func TestReg_R40_Hosts(t *testing.T) {
	p, err := placeOf("https://feeds.burner.example/x", false)
	check(t, err)
	r := reach{p.site(), []string{"me.blog.example", "paper.example"}}
	for address, want := range map[string]bool{
		"https://me.blog.example/1": true, "https://ME.blog.example/1": true, "https://paper.example/": true, "https://burner.example/": true, "https://feeds.burner.example/": true,
		"https://blog.example/": false, "https://you.blog.example/": false, "https://x.me.blog.example/": false, "https://www.paper.example/": false,
		"https://evil-paper.example/": false, "https://evilpaper.example/": false, "https://paper.example.evil.example/": false, "https://paper.example@evil.example/": false,
		"https://paper.example\\@evil.example/": false, "https://paper.example:8443/": false, "http://paper.example/": false, "//paper.example/": false,
		"https:paper.example": false, "javascript:alert(1)//paper.example": false, "https://evil.example/#paper.example": false, "https://evil.example?https://paper.example": false, "": false,
	} {
		if got := r.holds(address); got != want {
			t.Errorf("%q: %v, want %v", address, got, want)
		}
	}
	for address, want := range map[string]string{
		"https://Other.Example/x": "other.example", "https://xn--bcher-kva.example/": "xn--bcher-kva.example", "https://paper.example/": "paper.example",
		"https://bücher.example/": "", "https://127.0.0.1/": "", "https://[::1]/": "", "https://2130706433/": "", "https://0x7f.1/": "", "https://localhost/": "", "https://a..example/": "",
		"https://other.example:8443/": "", "http://other.example/": "", "https://user@other.example/": "", "https://burner.example/": "", "mailto:a@other.example": "", "https://": "",
		"https://" + strings.Repeat("a.", 130) + "example/": "", "https://other_.example/": "", "https://other.example\u202e/": "",
	} {
		if got := r.elsewhere(address); got != want {
			t.Errorf("%q is at %q, want %q", address, got, want)
		}
	}
}

// TestNeighbours leaves out a sister without https where a paper is no demo's: a paper
// that is served from a demo's data starts all the same.
func TestNeighbours(t *testing.T) {
	x := newSister(t)
	k := newKit(t, papertest.SQLite(t), x)
	x.offers(x.signed(t, x.list(k.clock.Now(), "The mill turns")))
	k.befriend(x)
	if len(k.titles()) != 1 {
		t.Fatalf("the panel has %v", k.titles())
	}
	k.Local = false
	check(t, k.Refresh(t.Context()))
	if len(k.titles()) != 0 {
		t.Errorf("the panel has %v", k.titles())
	}
}
