package site

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/live"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
)

// index makes the search index say what readers may have now.
func (p *press) index() {
	p.t.Helper()
	_, err := p.Search.Rebuild(p.t.Context(), func(int) {})
	check(p.t, err)
	p.Cache.PurgeAll()
}

func TestSearchPage(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.publish(story("city", "Tide gate <b>closed</b>"), time.Hour)
		n := story("world", "水門の議会")
		n.Body = text("潮門について <script>alert(1)</script> 議論した。")
		p.publish(n, 2*time.Hour)
		p.index()
		pages := map[string]string{}
		for _, test := range []struct {
			path   string
			status int
			says   []string
		}{
			{"/search", 200, []string{`<meta name="robots" content="noindex">`, `Quotation marks`, `href="/archive"`}},
			{"/search?q=gates+closed", 200, []string{`Tide <mark>gate</mark> &lt;b&gt;<mark>closed</mark>&lt;/b&gt;</a>`, "1 found"}},
			{"/search?q=%E8%AD%B0%E8%AB%96", 200, []string{`&lt;/script&gt; <mark>議論</mark>した`}},
			{"/search?q=%22%3E%3Cscript%3E", 200, []string{`value="&#34;&gt;&lt;script&gt;"`}},
			{"/search?q=" + strings.Repeat("x", 10_000), 422, []string{`<strong id="e-words">This is too long`, `aria-invalid="true"`}},
			{"/search?q=a%00b", 422, []string{"or is no text"}},
			{"/search?q=%FF", 422, []string{"or is no text"}},
			{"/search?q=gate&from=2025-13-01", 422, []string{`<strong id="e-from">This is no day`, "<details open>"}},
			{"/search?q=gate&from=2025-11-03&to=2025-11-02", 422, []string{`<strong id="e-to">This day is before`}},
			{"/search?q=gate&section=%27", 422, []string{`<strong id="e-section">There is no such section`}},
			{"/search?q=gate&section=nowhere", 422, []string{`<strong id="e-section">There is no such section`, "<details open>"}},
			{"/search?q=gate&section=" + strings.Repeat("city", 1000), 422, []string{`<strong id="e-section">There is no such section`}},
			{"/search?by=" + strings.Repeat("x", 10_000), 422, []string{`<strong id="e-by">This is too long`}},
			{"/search?from=" + strings.Repeat("1", 10_000), 422, []string{`<strong id="e-from">This is no day`}},
			{"/search?q=gate&from=2025-02-30", 422, []string{`<strong id="e-from">This is no day`}},
			{"/search?q=gate&to=0000-01-01", 422, []string{`<strong id="e-to">This is no day`}},
			{"/search?q=gate&from=9999-12-31", 422, []string{`<strong id="e-from">This is no day`}},
			{"/search?q=gate&from=2999-12-31", 200, []string{"No article has all of this"}},
			{"/search?q=gate&after=" + strings.Repeat("z", 10_000), 404, []string{"Search again"}},
			{"/search?q=gate&after=0.zz.999999", 404, []string{"Search again"}},
			{"/search?by=%3F", 422, []string{`<strong id="e-by">Write a name`}},
			{"/search?q=gate&by=fjeld&from=2025-11-01&to=2025-11-03", 200, []string{"/category/city/tide-gate"}},
			{"/search?q=gate&section=world", 200, []string{"No article has all of this", `href="/search?q=gate">The same words everywhere`}},
			{"/search?q=gate&in=comments", 200, []string{"No comment has all of this"}},
			{"/search?q=gate&after=x%27", 404, []string{"does not exist. Search again"}},
			{"/search/suggest?q=ti", 200, []string{`["Tide gate \u003cb\u003eclosed\u003c/b\u003e"]`}},
			{"/search/suggest?q=t", 200, []string{`[]`}},
			{"/archive", 200, []string{`<a href="/archive/2025/11">November 2025</a>`}},
			{"/archive/2025", 200, []string{`/archive/2025/11"`}},
			{"/archive/2025/11", 200, []string{`<a href="/archive/2025/11/03">Nov. 3, 2025</a>`}},
			{"/archive/2025/11/03", 200, []string{"Tide gate", "水門の議会"}},
			{"/archive/2025/11/04", 404, nil},
			{"/archive/2024", 404, []string{"The archive says when"}},
			{"/archive/2025/1/3", 404, nil},
			{"/archive/99999/01/01", 404, nil},
		} {
			status, body := p.get(test.path)
			if pages[test.path] = body; !strings.HasPrefix(body, "<!doctype") {
				delete(pages, test.path)
			}
			if status != test.status {
				t.Errorf("%.80s answers %d, want %d", test.path, status, test.status)
			}
			for _, s := range test.says {
				if !strings.Contains(body, s) {
					t.Errorf("%.80s does not say %s", test.path, s)
				}
			}
		}
		if d.Postgres() {
			return
		}
		for _, m := range papertest.HTML(t, pages) {
			t.Error(m)
		}
	})
}

// TestSearchHostile looks for what nobody means: each is a page that says something, and
// none is a fault of ours.
func TestSearchHostile(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		n := story("city", "The the the gate")
		n.Body = text(strings.Repeat("the of and to ", 4000))
		p.publish(n, time.Hour)
		p.index()
		for _, test := range []struct {
			q      string
			status int
			says   string
		}{
			{"the", 200, "1 found"},
			{"the of and to", 200, "1 found"},
			{`"` + strings.Repeat("the of and to ", 13) + `"`, 200, "1 found"},
			{strings.Repeat(`"the of" -"of the" `, 10), 200, "Only the first 12 words"},
			{strings.Repeat("the ", 40), 200, "Only the first 12 words"},
			{strings.Repeat("-a ", 60), 422, "Add a word that is"},
			{strings.Repeat("(((", 60), 422, "Write at least one"},
			{strings.Repeat(`"`, 100), 422, "Write at least one"},
			{`the "gate`, 200, "1 found"},
			{`the gate"""`, 200, "1 found"},
			{"the & !gate | <-> :* NEAR(a, 2) AND OR NOT {x}:", 200, "No article has all of this"},
			{"the') ; drop table article; --", 200, "No article has all of this"},
			{"words:the rowid:1 _all _in_city _w_2900 _on_x", 200, "No article has all of this"},
			{"🏮🌊", 422, "Write at least one"},
			{"the 🏮", 200, "1 found"},
			{"\u202eetag eht\u202c", 200, "No article has all of this"},
			{"السلام عليكم", 200, "No article has all of this"},
			{"門", 200, "No article has all of this"},
			{"の", 200, "No article has all of this"},
			{strings.Repeat("門", 66), 200, "No article has all of this"},
			{strings.Repeat("e\u0301\u0301\u0301", 25), 200, "No article has all of this"},
			{strings.Repeat("\u0301", 90), 422, "Write at least one"},
			{strings.Repeat("ﷺ", 60), 200, "No article has all of this"},
			{"\x00", 422, "is no text"},
			{"the\x7fgate", 422, "is no text"},
			{"\ufffe\uffff", 422, ""},
		} {
			for _, more := range []string{"", "&order=newest", "&in=comments", "&section=city&from=2020-01-01&to=2030-01-01&by="} {
				if strings.HasPrefix(test.q, "-") && strings.Contains(more, "section") {
					continue // in a section that is something to look for
				}
				path := "/search?q=" + url.QueryEscape(test.q) + more
				status, body := p.get(path)
				if !strings.Contains(body, "<!doctype") || status != test.status {
					t.Errorf("%q%s answers %d, want %d", test.q, more, status, test.status)
				}
				if !strings.Contains(body, test.says) && more != "&in=comments" {
					t.Errorf("%q%s does not say %q", test.q, more, test.says)
				}
			}
			for _, path := range []string{"/search?by=", "/search/suggest?q=", "/search?section=", "/search?q=the&after=", "/search?q=the&in="} {
				if status, _ := p.get(path + url.QueryEscape(test.q)); status >= 500 {
					t.Errorf("%s%q answers %d", path, test.q, status)
				}
			}
		}
	})
}

// TestSearchedEntry says from where in a live report a passage is, in the paper's language
// and with the day where it is not that of the report.
func TestSearchedEntry(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		p := start(t, papertest.SQLite(t), func(paper *Paper) { paper.Language = language })
		r := reports(p)
		r.posts("Divers come", "They look at the pontoon.", nil)
		r.does(func(tx *db.Tx) error {
			return p.Live.Summarise(t.Context(), tx, r.id, 0, richtext.FromText("The pontoon leans on its pylon."))
		})
		p.clock.Add(24 * time.Hour)
		r.posts("Divers leave", "The pontoon holds, and the ferryman waits.", nil)
		p.index()
		html := ""
		for _, q := range []string{"diver+come", "ferryman", "pylon"} {
			_, list, _ := strings.Cut(p.page("/search?q="+q), `<ol class="found">`)
			list, _, _ = strings.Cut(list, "</ol>")
			html += list
		}
		papertest.Golden(t, "searched-report-"+language+".html", plain(html))
	}
}

// TestSearchedReport finds a live report by what its entries say, leads to the entry,
// and finds nothing that is gone.
func TestSearchedReport(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		r := reports(p)
		first := r.posts("Divers come", "They look at the pontoon.", nil)
		second := r.posts("", "The ferryman waits. He has time.", nil)
		r.does(func(tx *db.Tx) error {
			return p.Live.Summarise(t.Context(), tx, r.id, 0, richtext.FromText("The pylon leans."))
		})
		p.index()
		place := func(e live.Entry) string { return `<h2><a href="/live/` + r.id + "/" + e.ID + `">` }
		for _, test := range []struct{ q, says string }{
			{"bridge", `<h2><a href="` + r.path + `">`},
			{"pontoon", place(first)},
			{"diver pontoon", place(first)},
			{"bridge pontoon", place(first)},
			{"pontoon", "<mark>pontoon</mark>"},
			{"bridge ferryman", place(second)},
			{`"waits he has"`, place(second)},
			{"pontoon ferryman", place(second)}, // each says one: the newest
			{"pylon", `<h2><a href="` + r.path + `">`},
			{"pylon", "<mark>pylon</mark>"},
			{"pontoon", `<p class="by">From the live report, ` + p.lang.Clock(first.At) + "</p>"},
			{"pylon", `<p class="by">From the live report: what we know</p>`},
			{`"pontoon the ferryman"`, "No article has all of this"}, // in two of them
		} {
			if body := p.page("/search?q=" + url.QueryEscape(test.q)); !strings.Contains(body, test.says) {
				t.Errorf("%s does not say %s", test.q, test.says)
			}
		}
		if body := p.page("/search?q=bridge"); strings.Contains(body, "From the live report") {
			t.Error("a passage of the article itself is said to be from the report")
		}
		if to := p.page("/search?q=pontoon&order=newest"); !strings.Contains(to, place(first)) {
			t.Error("newest first, it does not lead to the entry")
		}

		// What is removed is not shown, even before the index knows; then it is not found.
		r.does(func(tx *db.Tx) error { _, err := p.Live.Remove(t.Context(), tx, r.id, first.ID); return err })
		if body := p.page("/search?q=pontoon"); strings.Contains(body, "look at the") || strings.Contains(body, "/live/") {
			t.Error("an entry that was removed is still shown")
		}
		p.index()
		if body := p.page("/search?q=pontoon"); !strings.Contains(body, "No article has all of this") {
			t.Error("an entry that was removed is still found")
		}
		r.does(func(tx *db.Tx) error { _, err := p.Live.Restore(t.Context(), tx, r.id, first.ID); return err })
		p.index()
		if body := p.page("/search?q=pontoon"); !strings.Contains(body, place(first)) {
			t.Error("an entry that is back is not found")
		}
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, r.id, article.Withdrawal{By: "AFP"})
		})
		for _, q := range []string{"pontoon", "ferryman", "pylon", "bridge"} {
			if body := p.page("/search?q=" + q); !strings.Contains(body, "No article has all of this") {
				t.Errorf("%s is found in a report that was withdrawn", q)
			}
		}
	})
}

// TestSearchedComments finds what readers may have of threads, and nothing else.
func TestSearchedComments(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.publish(story("city", "A bridge"), time.Hour)
		who := p.joined("Ana Ruiz")
		c := p.says(who, id, "", "The lamplighters know it.").ID
		p.index()
		if body := p.page("/search?q=lamplighter&in=comments"); !strings.Contains(body, `href="/comment/`+c+`"`) || !strings.Contains(body, "<mark>lamplighters</mark>") {
			t.Error("the comment is not found")
		}
		if body := p.page("/search?q=lamplighter"); strings.Contains(body, "/comment/"+c) {
			t.Error("the comment is found among articles")
		}
		check(t, p.Comments.Delete(t.Context(), who, c))
		p.tx(func(tx *db.Tx) error { return nil })
		if body := p.page("/search?q=lamplighter&in=comments"); strings.Contains(body, "/comment/"+c) || strings.Contains(body, "lamplighters") {
			t.Error("the deleted comment is still found")
		}
	})
}

// TestSearchLetsGo holds that a page of finds leaves the cache with what it shows.
func TestSearchLetsGo(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	id := p.publish(story("city", "Tide gate closed"), time.Hour)
	p.index()
	if !strings.Contains(p.page("/search?q=gate"), "tide-gate-closed") {
		t.Fatal("nothing is found")
	}
	p.tx(func(tx *db.Tx) error { return p.Articles.Withdraw(t.Context(), tx, id, article.Withdrawal{By: "AFP"}) })
	for _, path := range []string{"/search?q=gate", "/archive/2025/11/03", "/search/suggest?q=gate"} {
		if status, body := p.get(path); strings.Contains(body, "closed") {
			t.Errorf("%s (%d) still shows what is gone", path, status)
		}
	}
}

// TestSearchSheds refuses to search while too many do, and serves everything else.
func TestSearchSheds(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.publish(story("city", "Tide gate closed"), time.Hour)
	p.index()
	for range cap(p.brakes.searches) {
		p.brakes.searches <- struct{}{}
	}
	if status, body := p.get("/search?q=gate"); status != http.StatusServiceUnavailable || !strings.Contains(body, "Many people are searching") {
		t.Errorf("a search too many answers %d", status)
	}
	for _, path := range []string{"/search", "/", "/category/city/tide-gate-closed"} {
		if status, _ := p.get(path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
	}
	<-p.brakes.searches
	if status, _ := p.get("/search?q=gate"); status != http.StatusOK {
		t.Errorf("afterwards it answers %d", status)
	}
}

// TestSearchInBrowser looks at the pages on a phone and wide, by day and by night,
// and has a headline suggested.
func TestSearchInBrowser(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	p.publish(story("city", "Tide gate closed"), time.Hour)
	p.index()
	for _, path := range []string{"/search", "/search?q=gate", "/search?q=-gate&from=x", "/search?q=zeppelin+gate", "/archive", "/archive/2025/11", "/archive/2025/11/03"} {
		for _, width := range []int64{320, 360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
			if width == 320 {
				continue
			}
			for range 2 {
				for _, v := range papertest.Axe(t, ctx) {
					t.Errorf("%s at %d: %s", path, width, v)
				}
				ask[string](t, ctx, darken)
			}
		}
	}
	open(t, ctx, p.Paper.URL("/search"), 1280, 900)
	ask[bool](t, ctx, `{ const f = document.querySelector("#f-words"); f.value = "tide"; f.dispatchEvent(new Event("input")) }`)
	becomes(t, ctx, `document.querySelector("#headlines option")?.value === "Tide gate closed"`)
}
