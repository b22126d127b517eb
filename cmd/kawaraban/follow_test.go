package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/fetch"
)

// TestReadersFollow has simulated readers follow links of the panel and of the slot, by
// hand as readers do, and come no farther than to the paper.
func TestReadersFollow(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	paper := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.Method+" "+r.URL.Path]++
		at := r.URL.Path
		if follows := strings.HasPrefix(at, "/network/to/") || strings.HasPrefix(at, "/promo/to/"); follows != (r.Header.Get("Sec-Fetch-Mode") == "navigate") && at != "/category/city/tide" {
			t.Errorf("%s is asked with the mode %q", at, r.Header.Get("Sec-Fetch-Mode"))
		}
		switch {
		case at == "/category/city/tide":
			fmt.Fprint(w, `<a href="/network/to/one" rel="nofollow">One</a> <a href="/category/city/other">Other</a> <a href="/promo/to/nobodys">Bread</a>`)
		case at == "/promo/slot/city":
			fmt.Fprint(w, `<figure data-ticket="t1"><a href="/promo/to/t1">Bread</a></figure>`)
		case strings.Contains(at, "/to/"):
			http.Redirect(w, r, "/sent/on", http.StatusSeeOther)
		}
	}))
	defer paper.Close()
	u, err := url.Parse(paper.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(u.Host)
	own := fetch.New(fetch.Settings{AllowPrivate: []netip.Prefix{netip.PrefixFrom(at.Addr(), at.Addr().BitLen())}, AllowPorts: []uint16{at.Port()}, PerHost: 8})
	s := readership{own: own, at: u.Host, host: "paper.example", leaves: chances{panel: 1, slot: 1}}
	tide := article.Card{Slug: "tide", Section: article.Section{Slug: "city", Address: "city"}}
	for range 200 {
		s.read(t.Context(), tide)
	}
	mu.Lock()
	defer mu.Unlock()
	for path, most := range map[string]int{"GET /network/to/one": 200, "GET /promo/to/t1": 160, "POST /promo/slot/city": 160} {
		if n := asked[path]; n < 20 || n > most {
			t.Errorf("%s is asked %d times", path, n)
		}
	}
	for path := range asked {
		if strings.Contains(path, "/sent/on") || strings.Contains(path, "nobodys") || strings.Contains(path, "other") {
			t.Errorf("%s is asked", path)
		}
	}
}
