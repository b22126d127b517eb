package site

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/promo"
)

// books sells the slot, as a publisher does, for a film of twenty seconds.
func (p *press) books(change func(*promo.Booking)) *promo.Booking {
	p.t.Helper()
	film := papertest.MP4(papertest.Film{Width: 640, Height: 360, Length: 20 * time.Second, Codec: "avc1"})
	id, _, err := p.Media.SendVideo(p.t.Context(), "", "bread.mp4", film)
	check(p.t, err)
	b := &promo.Booking{
		Sponsor: "Fjeld <Bakery>", Title: `Bread & "buns" at six`, Words: "Come early.", Link: "https://bakery.example/?a=1&b=2",
		Kind: promo.Exclusive, Source: promo.Library, Video: id, Begins: p.clock.Now().Add(-time.Hour), Ends: p.clock.Now().Add(24 * time.Hour), Places: []string{"city"},
	}
	if change != nil {
		change(b)
	}
	check(p.t, p.Promo.Add(p.t.Context(), "", b))
	check(p.t, p.Promo.Switch(p.t.Context(), "", b.ID, promo.On))
	p.rebooked()
	return b
}

// rebooked lets the paper hear that something is booked otherwise.
func (p *press) rebooked() {
	p.t.Helper()
	check(p.t, p.Promo.Refresh(p.t.Context()))
	p.tx(func(*db.Tx) error { return nil })
}

// counted are the numbers of a booking, written down.
func (p *press) numbers(id string) promo.Numbers {
	p.t.Helper()
	check(p.t, p.Promo.Keep(p.t.Context()))
	n, err := p.Promo.Total(p.t.Context(), id)
	check(p.t, err)
	return n
}

// sends is a POST of an open page of ours, by a browser.
func (p *press) sends(path string, says url.Values) (int, string) {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://post.example"+path, strings.NewReader(says.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	res := p.do(r)
	return res.StatusCode, body(p.t, res)
}

func body(t testing.TB, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	check(t, err)
	return string(b)
}

var ticketIn = regexp.MustCompile(`data-ticket="([^"]+)"`)

// TestSlot shows what is booked where it is, served and counted, and nothing at all where
// nothing is.
func TestSlot(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.publish(story("city", "The mill turns"), time.Hour)
		const there = "/category/city/the-mill-turns"
		for _, path := range []string{"/", "/category/city", there} {
			if strings.Contains(p.page(path), `class="slot"`) {
				t.Errorf("%s has an empty slot", path)
			}
		}
		if status, _ := p.sends("/promo/slot/city", nil); status != http.StatusNoContent {
			t.Errorf("an empty slot answers %d", status)
		}
		b := p.books(nil)
		for _, path := range []string{"/category/city", there} {
			html := p.page(path)
			for _, want := range []string{
				"Video promotion", "From Fjeld &lt;Bakery&gt;", "Bread &amp; &#34;buns&#34; at six", `href="/promo/to/` + b.ID + `" rel="sponsored nofollow noopener"`,
				`preload="none"`, `data-slot="/promo/slot/city"`,
			} {
				if !strings.Contains(html, want) {
					t.Errorf("%s does not show %s", path, want)
				}
			}
			if strings.Contains(html, "autoplay") || strings.Contains(html, "bakery.example") || strings.Contains(html, "data-ticket") {
				t.Errorf("%s has what it must not have", path)
			}
		}
		if strings.Contains(p.page("/"), `class="slot"`) {
			t.Error("the front page was not booked")
		}
		if status, _ := p.get("/media/" + b.Video + ".mp4"); status != http.StatusOK {
			t.Errorf("its film answers %d", status)
		}

		status, html := p.sends("/promo/slot/city", nil)
		ticket := ticketIn.FindStringSubmatch(html)
		if status != http.StatusOK || len(ticket) != 2 || strings.Contains(html, "<html") {
			t.Fatalf("a reader is served %d %s", status, html)
		}
		p.clock.Add(3 * time.Second)
		for _, what := range []string{"viewed", "started", "viewed", "completed", "served", "<b>"} {
			if status, _ := p.sends("/promo/count", url.Values{"ticket": {ticket[1]}, "what": {what}}); status != http.StatusNoContent {
				t.Errorf("%s answers %d", what, status)
			}
		}
		r := httptest.NewRequest(http.MethodGet, "https://post.example/promo/to/"+ticket[1], nil)
		r.Header.Set("User-Agent", "Mozilla/5.0")
		res := p.do(r)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != b.Link || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("its link answers %d %v", res.StatusCode, res.Header)
		}
		n := p.numbers(b.ID)
		for what, want := range map[promo.Event]int{promo.Served: 1, promo.Viewed: 1, promo.Started: 1, promo.Completed: 0, promo.Clicked: 1, promo.LeftOut: 2} {
			if n[what] != want {
				t.Errorf("%s: %d, want %d", what, n[what], want)
			}
		}

		for path, want := range map[string]int{
			"/promo/slot/nowhere": http.StatusNotFound, "/promo/slot/city%2F": http.StatusNotFound, "/promo/slot/" + strings.Repeat("x", 3000): http.StatusNotFound,
		} {
			if status, _ := p.sends(path, nil); status != want {
				t.Errorf("%.40s answers %d, want %d", path, status, want)
			}
		}
		for _, to := range []string{"nonsense", ticket[1] + "x", strings.Repeat("A", 46)} {
			if status, _ := p.get("/promo/to/" + to); status != http.StatusNotFound {
				t.Errorf("the link of %s answers %d", to, status)
			}
		}

		// What is stopped is seen nowhere any more, at once.
		check(t, p.Promo.Switch(t.Context(), "", b.ID, promo.Stopped))
		p.rebooked()
		for _, path := range []string{"/category/city", there} {
			if strings.Contains(p.page(path), `class="slot"`) {
				t.Errorf("%s shows what was stopped", path)
			}
		}
		for _, path := range []string{"/media/" + b.Video + ".mp4", "/promo/to/" + ticket[1], "/promo/to/" + b.ID} {
			if status, _ := p.get(path); status != http.StatusNotFound {
				t.Errorf("stopped, %s answers %d", path, status)
			}
		}
	})
}

// TestSlotByHand counts who follows a link of the slot, and neither a browser that fetches
// it ahead nor a page of another site.
func TestSlotByHand(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		film := p.books(nil)
		player := p.books(func(b *promo.Booking) {
			b.Source, b.Video, b.Address, b.Places = promo.Embed, "", "https://player.vimeo.com/video/1", []string{"world"}
			b.Poster = p.picture(90, "", true)
		})
		for _, test := range []struct {
			name   string
			header []string
			ahead  bool
			counts bool
		}{
			{"ahead", []string{"Sec-Purpose", "prefetch"}, true, false},
			{"ahead, and rendered", []string{"Sec-Purpose", "prefetch;prerender"}, true, false},
			{"ahead, as others say it", []string{"Purpose", "prefetch"}, false, false},
			{"ahead, as Firefox once did", []string{"X-Moz", "prefetch"}, false, false},
			{"the headers alone", []string{"Method", http.MethodHead}, false, false},
			{"a crawler", []string{"User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"}, false, false},
			{"a picture of another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false, false},
			{"a click", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"}, false, true},
			{"an older browser", nil, false, true},
		} {
			for _, c := range []struct {
				place, path, id string
				what            promo.Event
				status          int
			}{{"city", "/promo/to/", film.ID, promo.Clicked, http.StatusSeeOther}, {"world", "/promo/play/", player.ID, promo.Started, http.StatusOK}} {
				_, html := p.sends("/promo/slot/"+c.place, nil)
				ticket := ticketIn.FindStringSubmatch(html)
				if len(ticket) != 2 {
					t.Fatalf("no ticket in %s", html)
				}
				p.clock.Add(time.Second)
				before := p.numbers(c.id)[c.what]
				r := httptest.NewRequest(http.MethodGet, "https://post.example"+c.path+ticket[1], nil)
				r.Header.Set("User-Agent", "Mozilla/5.0")
				for i := 0; i < len(test.header); i += 2 {
					if r.Header.Set(test.header[i], test.header[i+1]); test.header[i] == "Method" {
						r.Method = test.header[i+1]
					}
				}
				if test.ahead {
					c.status = http.StatusServiceUnavailable
				}
				if res := p.do(r); res.StatusCode != c.status {
					t.Errorf("%s of %s is answered with %d", test.name, c.path, res.StatusCode)
				}
				if counts := p.numbers(c.id)[c.what] > before; counts != test.counts {
					t.Errorf("%s of %s counts: %v", test.name, c.path, counts)
				}
			}
		}
	})
}

// TestElsewhere has another's player on a page of its own, after a click, and nothing of
// it before.
func TestElsewhere(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.publish(story("city", "The mill turns"), time.Hour)
	poster := p.picture(90, "", true)
	b := p.books(func(b *promo.Booking) {
		b.Source, b.Video, b.Poster, b.Address = promo.Embed, "", poster, "https://player.vimeo.com/video/1"
	})
	html := p.page("/category/city/the-mill-turns")
	if !strings.Contains(html, `href="/promo/play/`+b.ID+`"`) || !strings.Contains(html, "Watch at player.vimeo.com") || strings.Contains(html, "vimeo.com/video") || strings.Contains(html, "<iframe") {
		t.Error("the page loads something from elsewhere, or leads nowhere")
	}
	res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example/promo/play/"+b.ID, nil))
	page := body(t, res)
	if res.StatusCode != http.StatusOK || !strings.Contains(page, `<iframe src="https://player.vimeo.com/video/1"`) || !strings.Contains(page, "sandbox=") {
		t.Errorf("its page is %d %s", res.StatusCode, page)
	}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "frame-src https://player.vimeo.com;") || !strings.Contains(policy, "script-src 'self';") {
		t.Errorf("its policy is %s", policy)
	}
	if status, _ := p.get("/promo/play/" + strings.Repeat("0", 26)); status != http.StatusNotFound {
		t.Errorf("the page of nothing answers %d", status)
	}
}

// TestVAST offers what is booked to players elsewhere, and counts what they tell.
func TestVAST(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	get := func(path string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("User-Agent", "Mozilla/5.0")
		return p.do(r)
	}
	if empty := body(t, get("/promo/vast/city.xml")); !strings.Contains(empty, "<VAST") || strings.Contains(empty, "<Ad") {
		t.Errorf("nothing is %s", empty)
	}
	b := p.books(nil)
	res := get("/promo/vast/city.xml")
	xml := body(t, res)
	if res.Header.Get("Access-Control-Allow-Origin") != "*" || res.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/xml") {
		t.Errorf("its headers are %v", res.Header)
	}
	serving := regexp.MustCompile(`<AdServingId>([^<]+)<`).FindStringSubmatch(xml)
	if len(serving) != 2 {
		t.Fatalf("no ticket in %s", xml)
	}
	papertest.Golden(t, "slot.vast.xml", strings.NewReplacer(serving[1], "TICKET", b.ID, "BOOKING", b.Video, "FILM").Replace(xml))
	p.clock.Add(3 * time.Second)
	for _, what := range []string{"impression", "viewable", "click", "complete", "error"} {
		if res := get("/promo/event/" + serving[1] + "/" + what + "?code=400"); res.StatusCode != http.StatusNoContent {
			t.Errorf("%s answers %d", what, res.StatusCode)
		}
	}
	n := p.numbers(b.ID)
	if n[promo.Served] != 1 || n[promo.Started] != 1 || n[promo.Viewed] != 1 || n[promo.Clicked] != 1 || n[promo.Completed] != 0 {
		t.Errorf("counted %v", n)
	}
	for _, path := range []string{"/promo/vast/city", "/promo/vast/nowhere.xml", "/promo/event/" + serving[1] + "/served"} {
		if res := get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, res.StatusCode)
		}
	}
}

// TestSlotInBrowser comes near the slot in a browser: what is due is served there, counted
// when it was looked at, and nothing moves.
func TestSlotInBrowser(t *testing.T) {
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p := start(t, papertest.SQLite(t), func(paper *Paper) { paper.BaseURL = server.URL })
	handler = p.handler
	p.Promo.Now = time.Now // a browser looks for two seconds of its own
	p.clock.Set(time.Now())
	long := story("city", "The mill turns")
	long.Body = text(strings.Split(strings.Repeat("The wheel goes round and the miller looks at it.|", 60), "|")...)
	p.publish(long, time.Hour)
	b := p.books(func(b *promo.Booking) { b.Begins = time.Now().Add(-time.Hour); b.Ends = time.Now().Add(time.Hour) })
	ctx := papertest.Browser(t)
	for i, width := range []int64{360, 1280} {
		open(t, ctx, p.Paper.URL("/category/city/the-mill-turns"), width, 900)
		most := stillness // of a page of which the beginning was painted first
		if width == 360 { // on a wide screen it stands beside the first lines
			most = moves(t, ctx).Sum
			// Whether somebody is near is known with a frame, and told in a request.
			papertest.Painted(t, ctx)
			_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`fetch("/healthz").then(() => true)`, chromedp.EvalAwaitPromise))
			check(t, err)
			if served := p.numbers(b.ID)[promo.Served]; served != i {
				t.Errorf("%d were served before anybody came near", served-i)
			}
		}
		ask[string](t, ctx, `document.querySelector(".slot").scrollIntoView({ block: "center" }), ""`)
		papertest.Eventually(t, func() bool { return p.numbers(b.ID)[promo.Viewed] == i+1 })
		still(t, ctx, "the slot", width, most)
		for _, v := range papertest.Axe(t, ctx) {
			t.Errorf("the slot at %d: %s", width, v)
		}
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the page is %d wide on a screen of %d", got, width)
		}
	}
	href := ask[string](t, ctx, `document.querySelector(".slot h3 a").getAttribute("href")`)
	if !strings.HasPrefix(href, "/promo/to/") || strings.HasSuffix(href, b.ID) {
		t.Errorf("the link is %s, and nobody would count it", href)
	}
	ask[bool](t, ctx, `document.querySelector(".slot video").dispatchEvent(new Event("playing"))`)
	papertest.Eventually(t, func() bool { return p.numbers(b.ID)[promo.Started] == 1 })
}
