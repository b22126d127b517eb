package site

import (
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/network"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
)

// offers puts an offer into the panel, as an editor does.
func (p *press) offers(o network.OwnOffer) (id string) {
	p.t.Helper()
	id, err := p.Network.AddOffer(p.t.Context(), "maren", o)
	check(p.t, err)
	check(p.t, p.Network.Hear(p.t.Context(), event.Event{Kind: network.Changed{}.EventKind()}))
	p.tx(func(*db.Tx) error { return nil }) // tells the site
	return id
}

// TestPanel shows what there is, as text, with what it is and whose; and nothing at all
// where there is nothing.
func TestPanel(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.publish(story("city", "The mill turns"), time.Hour)
		for _, path := range []string{"/", "/category/city/the-mill-turns"} {
			if strings.Contains(p.page(path), `id="panel"`) {
				t.Errorf("%s has an empty panel", path)
			}
		}
		p.Cache.PurgeAll()
		id := p.offers(network.OwnOffer{Kind: network.Offer, Title: `Bags & "<b>caps</b>"`, Address: "https://shop.example/?a=1&b=2", Category: "Shop"})
		p.offers(network.OwnOffer{Kind: network.Resource, Title: "Tide tables", Address: "/tides"})
		p.offers(network.OwnOffer{Kind: network.Offer, Title: "Not yet", Address: "/later", Begins: p.clock.Now().Add(time.Hour)})
		for _, path := range []string{"/", "/category/city/the-mill-turns"} {
			html := p.page(path)
			for _, want := range []string{
				"Articles, Offers &amp; Useful Resources", "A mix of what&#39;s trending on our other sites", "Offer · Shop", `<p class="kicker">Resource</p>`,
				"Bags &amp; &#34;&lt;b&gt;caps&lt;/b&gt;&#34;", `href="/network/to/` + id + `" rel="nofollow sponsored"`, p.Paper.Name + "</p></li>",
			} {
				if !strings.Contains(html, want) {
					t.Errorf("%s does not show %s", path, want)
				}
			}
			if strings.Contains(html, "Not yet") || strings.Contains(html, "shop.example") {
				t.Errorf("%s shows too much", path)
			}
		}
		res := p.follows(id)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "https://shop.example/?a=1&b=2" || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("its link answers %d %v", res.StatusCode, res.Header)
		}
		if list := p.page("/network/trending.json"); !strings.Contains(list, `"kind":"resource"`) || !strings.Contains(list, "https://post.example/tides") || strings.Contains(list, "Not yet") {
			t.Errorf("sisters are offered %s", list)
		}
		clicks, err := p.Network.Clicks(t.Context(), p.clock.Now(), 3)
		check(t, err)
		if len(clicks) != 1 || clicks[0].Clicks != 1 {
			t.Errorf("counted %v", clicks)
		}

		// What is removed is not followed any more, and not offered.
		check(t, p.Network.RemoveOffer(t.Context(), "maren", id, true))
		check(t, p.Network.Refresh(t.Context()))
		p.tx(func(*db.Tx) error { return nil })
		if status, _ := p.get("/network/to/" + id); status != http.StatusNotFound {
			t.Errorf("removed, its link answers %d", status)
		}
		if list := p.page("/network/trending.json"); strings.Contains(list, "shop.example") {
			t.Errorf("sisters are still offered %s", list)
		}
	})
}

// follows opens a link of the panel, as a browser does unless the headers say otherwise.
func (p *press) follows(id string, header ...string) *http.Response {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://post.example/network/to/"+id, nil)
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Method" {
			r.Method = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	return p.do(r)
}

// TestByHand counts who follows a link of the panel, and nothing else: no program, nothing
// that is fetched ahead or for a page of another site, and nobody twice.
//
// Seen red: without each of the conditions of byHand.
func TestByHand(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.offers(network.OwnOffer{Kind: network.Offer, Title: "Bags", Address: "/bags"})
		clicks := func() int {
			t.Helper()
			list, err := p.Network.Clicks(t.Context(), p.clock.Now(), 3)
			check(t, err)
			if len(list) == 0 {
				return 0
			}
			return list[0].Clicks
		}
		for _, test := range []struct {
			name   string
			header []string
			status int
			counts bool
		}{
			{"a crawler", []string{"User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"}, 303, false},
			{"a program", []string{"User-Agent", "curl/8.5.0"}, 303, false},
			{"who does not say", []string{"User-Agent", ""}, 303, false},
			{"the headers alone", []string{"Method", http.MethodHead}, 303, false},
			{"ahead", []string{"Sec-Purpose", "prefetch"}, 503, false},
			{"ahead, and rendered", []string{"Sec-Purpose", "prefetch;prerender"}, 503, false},
			{"ahead, as others say it", []string{"Purpose", "prefetch"}, 303, false},
			{"ahead, as Firefox once did", []string{"X-Moz", "prefetch"}, 303, false},
			{"a picture of another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, 303, false},
			{"a link of another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 303, false},
			{"a script of ours", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"}, 303, false},
			{"a click", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"}, 303, true},
			{"again", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"}, 303, false},
			{"an older browser", []string{"User-Agent", "Mozilla/5.0 (iPhone) Version/15.0 Safari/604.1"}, 303, true},
		} {
			before := clicks()
			res := p.follows(id, test.header...)
			if res.StatusCode != test.status {
				t.Errorf("%s: answered %d", test.name, res.StatusCode)
			}
			if counts := clicks() > before; counts != test.counts {
				t.Errorf("%s: counts %v", test.name, counts)
			}
		}
	})
}

// TestHearClicks takes reports at their address: small ones, from whoever proves who it is,
// and from one network only so many.
func TestHearClicks(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	post := func(from, kind, body string) *http.Response {
		r := httptest.NewRequest(http.MethodPost, "https://post.example/network/clicks", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.RemoteAddr = from + ":4711"
		return p.do(r)
	}
	for _, test := range []struct {
		kind, body string
		want       int
	}{
		{"application/json", "{}", http.StatusUnprocessableEntity},
		{"application/json", `{"report":{},"key":"` + strings.Repeat("A", 43) + `=","signature":""}`, http.StatusForbidden},
		{"application/json", strings.Repeat(" ", network.MaxReport+1), http.StatusRequestEntityTooLarge},
		{"text/plain", "{}", http.StatusUnsupportedMediaType},
	} {
		if res := post("192.0.2.1", test.kind, test.body); res.StatusCode != test.want || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %.20s: %d", test.kind, test.body, res.StatusCode)
		}
	}
	refused := 0
	for range 100 {
		if post("192.0.2.2", "application/json", "{}").StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 60 || post("192.0.2.3", "application/json", "{}").StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%d of 100 are refused", refused)
	}
}

// TestPanelInBrowser has axe-core look at a full panel, in light and in dark, and
// measures that it fits and does not move.
func TestPanelInBrowser(t *testing.T) {
	p, paths := printed(t)
	ctx := papertest.Browser(t)
	for n, title := range []string{"One " + strings.Repeat("long", 30), "Two", "Three", "Four", "Five", "Six"} {
		p.offers(network.OwnOffer{Kind: network.Offer, Title: title, Address: fmt.Sprint("/", n), Category: "Shop", Picture: p.picture(uint8(40*n), title, true)})
	}
	for _, path := range []string{"/", paths[article.Quote]} {
		for _, width := range []int64{360, 1280} {
			p.stands(ctx, path, width, `document.getElementById("panel").scrollIntoView()`)
			if n := ask[int](t, ctx, `document.querySelectorAll(".panel li").length`); n != 6 {
				t.Errorf("%s has %d items in its panel", path, n)
			}
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("%s at %d: %s", path, width, v)
			}
			ask[string](t, ctx, darken)
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("%s at %d, dark: %s", path, width, v)
			}
		}
	}
	becomes(t, ctx, `[...document.querySelectorAll(".panel img")].slice(0, 1).every(i => i.complete && i.naturalWidth === 320)`)
}

// BenchmarkPanel sets an article without a panel and with a full one: the difference is
// what the panel adds to a page that is rendered.
func BenchmarkPanel(b *testing.B) {
	s := &Site{Paper: Paper{Name: "Post", Language: "en", BaseURL: "https://post.example"}, Cache: page.NewCache(1<<20, time.Now), Now: time.Now}
	_, err := s.Handler()
	check(b, err)
	r := article.Reading{Card: article.Card{Headline: "The mill turns", Section: testSections[0]}, Body: text("A paragraph.")}
	var items []network.PanelItem
	for n := range network.Shown {
		items = append(items, network.PanelItem{ID: fmt.Sprint(n), Category: "Valley", Title: "The plough stays in its shed until Saturday", Site: "The Hask Valley Weekly", Picture: "/x.jpg", Width: 320, Height: 213})
	}
	html, err := s.panels.template.Fragment(s.panelItems(items))
	check(b, err)
	for name, panel := range map[string]template.HTML{"without": "", "with": html} {
		p := articlePage{chrome: chrome{Paper: &s.Paper, Data: s.articleData(&r, "", nil, nil), Share: s.articleShare(&r, nil)}, Panel: panel}
		p.card.Card = r.Card
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.views.article.Fragment(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
