package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/network"
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
		res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example/network/to/"+id, nil))
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
