package site

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
)

// TestPurge is about the time between a change and the page that shows it.
func TestPurge(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		first := p.publish(story("city", "The first story"), time.Hour)
		lists := []string{"/", "/category/city", "/feed", "/feed.json", "/category/city/feed", "/sitemap/2025-11.xml", "/news-sitemap.xml"}
		for _, path := range lists {
			p.page(path) // into the cache
		}
		const address = "/category/city/the-second-story"
		second := p.publish(story("city", "The second story"), time.Minute)
		for _, path := range append(lists, address) {
			if !strings.Contains(p.page(path), "the-second-story") {
				t.Errorf("%s does not show what was published", path)
			}
		}

		changed := story("city", "The second story").Content
		changed.Headline = "The second story, told again"
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Revise(t.Context(), tx, second, changed, article.Revision{Reason: article.Update, By: "test"})
		})
		for _, path := range []string{"/", "/category/city", address} {
			if !strings.Contains(p.page(path), "told again") {
				t.Errorf("%s does not show the change", path)
			}
		}

		p.page("/category/city/the-first-story") // names the second as related
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, second, article.Withdrawal{By: "Valley Wire"})
		})
		if status, body := p.get(address); status != http.StatusGone || !strings.Contains(body, "Valley Wire") || strings.Contains(body, "told again") {
			t.Errorf("a killed story answers %d\n%s", status, body)
		}
		if status, _ := p.get("/a/" + second); status != http.StatusGone {
			t.Errorf("the permanent address of a killed story answers %d", status)
		}
		for _, path := range append(lists, "/category/city/the-first-story") {
			if strings.Contains(p.page(path), "second-story") {
				t.Errorf("%s shows a killed story", path)
			}
		}

		p.tx(func(tx *db.Tx) error { return p.Articles.Move(t.Context(), tx, first, "world", "moved") })
		for _, path := range []string{"/category/city/the-first-story", "/a/" + first} {
			res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
			if to := res.Header.Get("Location"); res.StatusCode != http.StatusMovedPermanently || to != "/category/world/moved" {
				t.Errorf("%s answers %d to %s", path, res.StatusCode, to)
			}
		}
	})
}

// TestPictureReady is about a picture whose renditions come later than its story.
func TestPictureReady(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	n := story("city", "A story with a picture")
	n.Lead.Picture = p.picture(50, "The weir.", false)
	p.publish(n, time.Hour)
	const address = "/category/city/a-story-with-a-picture"
	for _, path := range []string{"/", "/category/city", address} {
		if body := p.page(path); !strings.Contains(body, `<svg class="waiting" width="330" height="220"`) || strings.Contains(body, "<picture>") {
			t.Errorf("%s does not keep the place of a picture that is being drawn", path)
		}
	}
	check(t, p.Media.Draw(t.Context(), media.Drawing{ID: n.Lead.Picture}))
	p.tx(func(*db.Tx) error { return nil })
	for _, path := range []string{"/", "/category/city", address} {
		if !strings.Contains(p.page(path), "<picture>") {
			t.Errorf("%s does not show the picture that is ready", path)
		}
	}
}

// TestExpiry is about the clock alone: no event tells of it.
func TestExpiry(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	n := story("city", "A story that was lent")
	n.Lead.Picture = p.picture(60, "The weir.", true)
	n.Expires = p.clock.Now().Add(20 * time.Second)
	p.publish(n, time.Hour)
	const address = "/category/city/a-story-that-was-lent"
	picture := "/media/" + n.Lead.Picture + "-320.webp"
	p.page("/")
	p.page(picture)
	if body := p.page(address); !strings.Contains(body, "Nobody left") {
		t.Errorf("before its end the story shows\n%s", body)
	}
	p.clock.Add(21 * time.Second)
	body := p.page(address)
	if !strings.Contains(body, "The requested article has expired, and is no longer available.") ||
		!strings.Contains(body, "A story that was lent") || strings.Contains(body, "Nobody left") || strings.Contains(body, n.Lead.Picture) {
		t.Errorf("after its end the story shows\n%s", body)
	}
	if strings.Contains(p.page("/"), "was lent") {
		t.Error("the front page shows a story whose licence has ended")
	}
	if status, _ := p.get(picture); status != http.StatusNotFound {
		t.Errorf("its picture answers %d", status)
	}
}

// TestMidnight is about the date in the masthead.
func TestMidnight(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.clock.Set(time.Date(2025, 11, 3, 23, 59, 50, 0, p.Paper.Zone))
	if !strings.Contains(p.page("/"), "Monday, November 3, 2025") {
		t.Error("the masthead does not tell the day")
	}
	p.clock.Add(11 * time.Second)
	if !strings.Contains(p.page("/"), "Tuesday, November 4, 2025") {
		t.Error("the masthead tells yesterday's date")
	}
}

// odd are headers that a cache could be poisoned with, each with evil in it.
var odd = strings.Fields(`
	Accept Accept-Charset Accept-Language Authorization Base-Url Cache-Control Cf-Connecting-Ip Cf-Ipcountry Client-Ip
	Content-Type Cookie Dnt Forwarded From Front-End-Https Host-Override Http-Host Max-Forwards Origin Pragma Prefer
	Proxy-Authorization Proxy-Host Purpose Range Referer Request-Uri Save-Data Sec-Ch-Ua Sec-Fetch-Dest Sec-Fetch-Mode
	Sec-Fetch-Site True-Client-Ip Upgrade-Insecure-Requests User-Agent Via X-Api-Version X-Client-Ip X-Debug X-Device
	X-Forwarded X-Forwarded-By X-Forwarded-For X-Forwarded-Host X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-Proto
	X-Forwarded-Scheme X-Forwarded-Server X-Forwarded-Ssl X-Host X-Http-Host-Override X-Http-Method-Override X-Locale
	X-Original-Host X-Original-Url X-Preview X-Real-Ip X-Requested-With X-Rewrite-Url X-Scheme X-Theme X-Wap-Profile`)

// TestOneForAll is about who asks making no difference: not by headers, not by
// parameters that mean nothing.
func TestOneForAll(t *testing.T) {
	p := newsday(t, nil)
	p.EndStreams() // no page is rendered behind the readers' backs for what was said a moment ago
	for _, path := range pagesOf(p) {
		want := p.page(path)
		before := p.Cache.Stats().Misses
		for _, name := range odd {
			r := httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)
			r.Header.Set(name, "evil.example")
			body, err := io.ReadAll(p.do(r).Body)
			check(t, err)
			if string(body) != want {
				t.Errorf("%s differs with %s", path, name)
			}
		}
		if p.page(path+"?utm_source=evil.example&debug=1&x[]=2") != want {
			t.Errorf("%s differs with parameters that mean nothing", path)
		}
		if strings.Contains(want, "evil.example") {
			t.Errorf("%s repeats what was asked", path)
		}
		if n := p.Cache.Stats().Misses - before; n != 0 {
			t.Errorf("%s was rendered %d times more", path, n)
		}
	}
	res := p.do(httptest.NewRequest(http.MethodGet, "https://evil.example/", nil))
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusMisdirectedRequest || strings.Contains(string(body), "evil.example") || !strings.Contains(string(body), `href="https://post.example/"`) {
		t.Errorf("another host answers %d\n%s", res.StatusCode, body)
	}
}

func pagesOf(*press) []string {
	return []string{
		"/", "/category/city", "/category/world", "/category/city/council-votes-for-a-new-mill-bridge", "/feed", "/feed.json",
		"/category/world/feed", "/sitemap.xml", "/sitemap/2025-11.xml", "/sitemap/sections.xml", "/news-sitemap.xml",
		"/robots.txt", "/ads.txt", "/.well-known/security.txt", "/favicon.ico", "/category/world/a-picture-story-that-was-lent",
	}
}

// TestHeaders is about what every answer carries, and what a page's own adds.
func TestHeaders(t *testing.T) {
	p := newsday(t, nil)
	asset := regexp.MustCompile(`/assets/paper\.[^"]+`).FindString(p.page("/"))
	const kept, unkept = "public, max-age=0, s-maxage=5, stale-while-revalidate=10", "no-store"
	for _, test := range []struct {
		method, path       string
		status             int
		mediaType, caching string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", kept},
		{"HEAD", "/", 200, "text/html; charset=utf-8", kept},
		{"GET", "/category/city/council-votes-for-a-new-mill-bridge", 200, "text/html; charset=utf-8", kept},
		{"GET", "/feed", 200, "application/rss+xml; charset=utf-8", kept},
		{"GET", "/feed.json", 200, "application/feed+json; charset=utf-8", kept},
		{"GET", "/sitemap.xml", 200, "application/xml; charset=utf-8", kept},
		{"GET", "/robots.txt", 200, "text/plain; charset=utf-8", kept},
		{"GET", "/favicon.ico", 200, "image/x-icon", kept},
		{"GET", "/media/p0001-320.webp", 200, "image/webp", pictureCaching(time.Time{}, time.Time{})},
		{"GET", "/media/p0001-320.jpg", 200, "image/jpeg", pictureCaching(time.Time{}, time.Time{})},
		{"GET", asset, 200, "text/css; charset=utf-8", "public, max-age=31536000, immutable"},
		{"GET", "/healthz", 200, "text/plain; charset=utf-8", unkept},
		{"GET", "/readyz", 200, "text/plain; charset=utf-8", unkept},
		{"GET", "/category/world/a-story-that-was-withdrawn", 410, "text/html; charset=utf-8", unkept},
		{"GET", "/nothing", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/category/nothing", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/category/nothing/feed", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/category/city/nothing", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/a/nothing", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/sitemap/1999-01.xml", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/sitemap/nothing", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/media/p0009-320.webp", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/media/..%2f..%2fpaper.db", 404, "text/html; charset=utf-8", unkept},
		{"GET", "/assets/nothing.css", 404, "text/html; charset=utf-8", unkept},
		{"POST", "/", 405, "text/html; charset=utf-8", unkept},
		{"DELETE", "/category/city", 405, "text/html; charset=utf-8", unkept},
	} {
		res := p.do(httptest.NewRequest(test.method, "https://post.example"+test.path, nil))
		h := res.Header
		if res.StatusCode != test.status || h.Get("Content-Type") != test.mediaType || h.Get("Cache-Control") != test.caching {
			t.Errorf("%s %s: %d %q %q, want %d %q %q", test.method, test.path,
				res.StatusCode, h.Get("Content-Type"), h.Get("Cache-Control"), test.status, test.mediaType, test.caching)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'",
			"Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "max-age=", "Referrer-Policy": "strict-origin",
		} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s %s: %s is %q", test.method, test.path, name, h.Get(name))
			}
		}
		if h.Get("Set-Cookie") != "" {
			t.Errorf("%s %s sets a cookie", test.method, test.path)
		}
	}
	res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example/media/p0001-320.jpg", nil))
	if csp := res.Header.Get("Content-Security-Policy"); csp != "sandbox; default-src 'none'" {
		t.Errorf("a picture comes with the policy %q", csp)
	}
	if key := p.do(httptest.NewRequest(http.MethodGet, "https://post.example/", nil)).Header.Get("Surrogate-Key"); !strings.Contains(key, article.ListTag) || !strings.Contains(key, "picture:p0001") {
		t.Errorf("the front page has the tags %q", key)
	}
}

// TestNotModified is about readers who have the page already.
func TestNotModified(t *testing.T) {
	p := newsday(t, nil)
	for _, path := range append(pagesOf(p), "/media/p0001-320.jpg") {
		tag := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)).Header.Get("Etag")
		p.Cache.PurgeAll() // the same page, rendered again, has the same tag
		p.clock.Add(time.Second)
		r := httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)
		r.Header.Set("If-None-Match", tag)
		if res := p.do(r); tag == "" || res.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its tag %s answers %d", path, tag, res.StatusCode)
		}
	}
}

// TestLinks follows every link of our own on every page.
func TestLinks(t *testing.T) {
	p := newsday(t, nil)
	address := regexp.MustCompile(`(?:href|src)="([^"]+)"|/media/[\w-]+\.\w+|<loc>([^<]+)|"url": ?"([^"]+)`)
	var queue []string
	asked := map[string]bool{}
	ask := func(path string) {
		if path != "" && !asked[path] {
			asked[path], queue = true, append(queue, path)
		}
	}
	ask("/")
	ask("/sitemap.xml")
	ask("/feed.json")
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		status, body := p.get(path)
		// The story tells of one that the paper does not have. A comment's address
		// leads to its place, and those of the form and of what one follows to the log-in.
		toLogin := strings.HasPrefix(path, "/thread/") || strings.HasPrefix(path, "/account/following?")
		leads := strings.HasPrefix(path, "/comment/") && status == http.StatusFound || toLogin && status == http.StatusSeeOther
		if status != http.StatusOK && !leads && path != "/category/world/grain" {
			t.Errorf("%s is linked and answers %d", path, status)
		}
		for _, m := range address.FindAllStringSubmatch(body, -1) {
			to := m[1] + m[2] + m[3]
			if to == "" {
				to = m[0]
			}
			u, err := url.Parse(strings.ReplaceAll(to, "&#43;", "+"))
			check(t, err)
			if (u.Host == "" || u.Host == "post.example") && u.Path != "" {
				ask(u.RequestURI())
			}
		}
	}
	if len(asked) < 25 {
		t.Errorf("only %d addresses were found: %v", len(asked), asked)
	}
}

// TestHostile is about text that tries to be more than text.
func TestHostile(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(1)>" onload="alert(1)` + "\u2028]]>"
	n := story("city", "A story")
	n.Headline, n.Kicker, n.Standfirst, n.Dateline, n.SourceNotice, n.Slug = hostile, hostile, hostile, hostile, hostile, "hostile"
	n.Bylines, n.Body = []string{hostile}, text(hostile, hostile)
	n.Lead = article.Lead{Picture: p.picture(70, hostile, true), Caption: hostile, Credit: hostile, Alt: hostile}
	n.Canonical = "https://source.example/story"
	p.publish(n, time.Hour)
	for _, path := range []string{"/", "/category/city", "/category/city/hostile"} {
		body := p.page(path)
		for _, bad := range []string{"<script>alert", "<img src=x"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s holds %s", path, bad)
			}
		}
		if n := strings.Count(body, "<script"); n > 4 { // me.js, share.js, thread.js, and what machines read
			t.Errorf("%s has %d scripts", path, n)
		}
		for z := html.NewTokenizer(strings.NewReader(body)); z.Next() != html.ErrorToken; {
			for _, a := range z.Token().Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
					t.Errorf("%s has an attribute %s=%q", path, a.Key, a.Val)
				}
			}
		}
		data := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`).FindStringSubmatch(body)
		if data == nil || !json.Valid([]byte(data[1])) {
			t.Errorf("the data of %s is no JSON: %q", path, data)
		}
	}
	if !strings.Contains(p.page("/category/city/hostile"), `<link rel="canonical" href="https://source.example/story">`) {
		t.Error("the source's address is not the canonical one")
	}
	for _, path := range []string{"/feed", "/sitemap/2025-11.xml", "/news-sitemap.xml"} {
		d := xml.NewDecoder(strings.NewReader(p.page(path)))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s is no XML: %v", path, err)
			}
		}
	}
	if !json.Valid([]byte(p.page("/feed.json"))) {
		t.Error("the JSON feed is no JSON")
	}
}

// TestReady is about what those who watch the process are told.
func TestReady(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.Ready = p.db.Ping
	if status, _ := p.get("/readyz"); status != http.StatusOK {
		t.Errorf("a paper that can be read answers %d", status)
	}
	check(t, p.db.Close())
	if status, _ := p.get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("a paper without its database answers %d", status)
	}
	if status, body := p.get("/"); status != http.StatusInternalServerError || strings.Contains(body, "sql") || !strings.Contains(body, "The mistake is ours") {
		t.Errorf("its front page answers %d\n%s", status, body)
	}
	if status, _ := p.get("/healthz"); status != http.StatusOK {
		t.Errorf("the process answers %d", status)
	}
}
