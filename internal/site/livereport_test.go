package site

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/live"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A reporting is a paper with a live report that readers have.
type reporting struct {
	*press
	id, path, author string
}

// reports publishes a live report without entries.
func reports(p *press) *reporting {
	p.t.Helper()
	n := story("city", "The bridge closes")
	n.Format = article.LiveReport
	id := p.publish(n, time.Hour)
	path, err := p.Articles.Locate(p.t.Context(), id)
	check(p.t, err)
	return &reporting{p, id, path, p.member("Ida", reader.Editor)}
}

// does changes the report, and has everybody hear of it.
func (r *reporting) does(f func(tx *db.Tx) error) {
	r.t.Helper()
	r.tx(func(tx *db.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return r.Articles.Stir(r.t.Context(), tx, r.id, true)
	})
}

// posts adds an entry a minute later.
func (r *reporting) posts(headline, source string, change func(n *live.New)) (e live.Entry) {
	r.t.Helper()
	r.clock.Add(time.Minute)
	body, err := richtext.FromSource(source)
	check(r.t, err)
	n := live.New{Article: r.id, Author: r.author, Words: live.Words{Headline: headline, Body: body}}
	if change != nil {
		change(&n)
	}
	r.does(func(tx *db.Tx) (err error) {
		e, err = r.Live.Post(r.t.Context(), tx, n)
		return err
	})
	return e
}

var linked = regexp.MustCompile(`<script type="application/ld\+json">(.*)</script>`)

// TestLiveReport is the page of a live report, and what machines have of it.
func TestLiveReport(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := reports(start(t, d, nil))
		if body := r.page(r.path); !strings.Contains(body, "The first entry is on its way") || strings.Contains(body, "rel=\"next\"") {
			t.Errorf("a report without entries\n%s", body)
		}
		picture := r.picture(40, "The bridge from the quay", true)
		file := "/media/" + picture + "-320.jpg"
		if status, _ := r.get(file); status != http.StatusNotFound {
			t.Errorf("a picture that stands nowhere answers %d", status)
		}
		shown := r.posts("", `<figure><img src="`+picture+`"><figcaption>From the quay <span class="credit">Ida Holm</span></figcaption></figure>`, nil)
		if status, _ := r.get(file); status != http.StatusOK {
			t.Errorf("the picture of an entry answers %d", status)
		}
		wrong := r.posts("The bridge is closed", "Since seven <b>nobody</b> passes.", func(n *live.New) { n.Key, n.Signed = true, "Ida Holm" })
		r.does(func(tx *db.Tx) error {
			return r.Live.Summarise(t.Context(), tx, r.id, 0, richtext.FromText("The bridge is closed until noon."))
		})
		r.clock.Add(time.Minute)
		r.does(func(tx *db.Tx) error {
			_, err := r.Live.Edit(t.Context(), tx, live.Change{
				Article: r.id, Entry: wrong.ID, Version: 1, Author: r.author, Correction: "It was eight, not seven.",
				Words: live.Words{Headline: wrong.Headline, Body: richtext.FromText("Since eight nobody passes."), Key: true, Signed: "Ida Holm"},
			})
			return err
		})
		r.posts("The trams turn round", "<p>At the mill.</p><ul><li>Line 1</li><li>Line 2</li></ul><blockquote><p>We turn.</p><footer>A driver</footer></blockquote>", nil)
		body := r.page(r.path)
		papertest.Golden(t, "livereport.html", plain(body))
		for _, m := range papertest.HTML(t, map[string]string{"the report": body, "its news": r.page("/live/" + r.id + "/entries?since=0"), "an older page": r.page(r.path + "?entry=" + wrong.ID)}) {
			if m.Type == "error" {
				t.Error(fmt.Sprint(m))
			}
		}
		if n := strings.Count(r.page("/feed"), "<h2>"); n != 3 {
			t.Errorf("the feed has %d entries", n)
		}
		for _, path := range []string{"/", "/category/city"} {
			if !strings.Contains(r.page(path), `<b class="live">Live</b> The bridge closes`) {
				t.Errorf("%s does not say that it is live", path)
			}
		}
		var machine data
		check(t, json.Unmarshal([]byte(linked.FindStringSubmatch(body)[1]), &machine))
		if n := machine.Graph[0]; n.Type != "LiveBlogPosting" || n.Began != "2025-11-03T17:00:00+09:00" || n.Over != "" || len(n.Updates) != 3 || n.Modified != "2025-11-03T18:04:00+09:00" ||
			n.Updates[1].Corrections[0].Text != "It was eight, not seven." || n.Updates[0].Published != n.Modified {
			t.Errorf("machines have %+v", n)
		}

		// Its end, and what has come before it was read again.
		r.does(func(tx *db.Tx) error {
			_, err := r.Live.Remove(t.Context(), tx, r.id, shown.ID)
			if err == nil {
				_, err = r.Live.End(t.Context(), tx, r.id)
			}
			return err
		})
		body = r.page(r.path)
		if !strings.Contains(body, "This live report has ended: 18:04 JST") || !strings.Contains(body, "coverageEndTime") || strings.Contains(body, "From the quay") {
			t.Errorf("the end\n%s", body)
		}
		if strings.Contains(r.page("/"), `<b class="live">`) {
			t.Error("the front page says that it is live")
		}
		if status, _ := r.get(file); status != http.StatusNotFound {
			t.Errorf("the picture of an entry that was removed answers %d", status)
		}
		news := r.page("/live/" + r.id + "/entries?since=0")
		if !strings.Contains(news, "This entry has been removed") || strings.Contains(news, "From the quay") {
			t.Errorf("open pages are told\n%s", news)
		}
		for _, path := range []string{"/live/" + r.id + "/entries", "/live/" + r.id + "/entries?since=x", "/live/" + r.id + "/entries?since=-1", "/live/" + r.id + "/entries?since=1000000", "/live/nothing/entries?since=0", "/live/" + r.id + "/nothing", r.path + "?entry=nothing", r.path + "?entry=%ff"} {
			if status, _ := r.get(path); status != http.StatusNotFound && !strings.HasSuffix(path, "%ff") || status >= 500 {
				t.Errorf("%s answers %d", path, status)
			}
		}
	})
}

// TestLiveReportCost is about what a page of a live report reads, with a thousand
// entries as with twenty; and that each entry is found on its page.
func TestLiveReportCost(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := reports(start(t, d, nil))
		var first live.Entry
		for i := range 20 {
			if e := r.posts(fmt.Sprint("Entry ", i), "It was so.", nil); i == 0 {
				first = e
			}
		}
		few := r.page(r.path)
		r.tx(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into live_entry (id, article, at, headline, body, key_event, signed, correction, state, author, attempt, version, edited, corrected, created, change)
				with recursive count(n) as (select 1 union all select n + 1 from count where n < 1000)
				select id || '-' || n, article, at - cast(n as bigint) * 1000000, headline || '-' || n, body, key_event, signed, correction, state, author, '', version, edited, corrected, created, change
				from live_entry, count
				where id = $1`, first.ID)
			return err
		})
		r.Cache.PurgeAll()
		if many := r.page(r.path); len(many) > len(few)+400 {
			t.Errorf("a page with 1,000 entries has %d bytes, one with 20 has %d", len(many), len(few))
		}
		// Page by page to the end.
		path, pages := r.path, 0
		older := regexp.MustCompile(`rel="next" href="([^"#]+)#entries"`)
		for path != "" {
			body := r.page(path)
			if pages++; strings.Count(body, `class="entry"`) != 20 {
				t.Fatalf("%s has %d entries", path, strings.Count(body, `class="entry"`))
			}
			m := older.FindStringSubmatch(body)
			if path = ""; m != nil {
				path = m[1]
			}
		}
		if pages != 51 {
			t.Errorf("%d pages", pages)
		}
		res := r.do(httptest.NewRequest(http.MethodGet, "https://post.example/live/"+r.id+"/"+first.ID+"-500", nil))
		if got, want := res.Header.Get("Location"), r.path+"?entry="+first.ID+"-500#entry-"+first.ID+"-500"; got != want {
			t.Errorf("an old entry is at %q, want %q", got, want)
		}
		if !strings.Contains(r.page(r.path+"?entry="+first.ID+"-500"), `id="entry-`+first.ID+`-500"`) {
			t.Error("an old entry is not on its page")
		}
	})
}

// TestLiveReportCanary plants words in live reports that readers must not have.
func TestLiveReportCanary(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		author := p.member("Ida", reader.Editor)
		now := p.clock.Now()
		plant := func(name string, change func(n *article.New), publish bool) (id, picture string) {
			n := story("city", "A report "+name)
			n.Format = article.LiveReport
			change(&n)
			if publish {
				id = p.publish(n, time.Hour)
			} else {
				id = p.draft(n)
			}
			picture = p.picture(uint8(20*len(name)), bird+"-"+name, true)
			word := bird + "-" + name
			body, err := richtext.FromSource(word + `<figure><img src="` + picture + `" alt="` + word + `"></figure>`)
			check(t, err)
			p.tx(func(tx *db.Tx) error {
				_, err := p.Live.Post(t.Context(), tx, live.New{Article: id, Author: author, Words: live.Words{Headline: word, Body: body, Key: true, Signed: word}})
				if err == nil {
					err = p.Live.Summarise(t.Context(), tx, id, 0, body)
				}
				return err
			})
			return id, picture
		}
		nothing := func(*article.New) {}
		var ids, pictures []string
		add := func(id, picture string) string {
			ids, pictures = append(ids, id), append(pictures, picture)
			return id
		}
		add(plant("draft", nothing, false))
		future := add(plant("future", nothing, false))
		p.tx(func(tx *db.Tx) error { return p.Articles.Publish(t.Context(), tx, future, now.Add(time.Hour)) })
		add(plant("embargoed", func(n *article.New) { n.EmbargoOpen = true }, true))
		add(plant("expired", func(n *article.New) { n.Expires = now.Add(-time.Minute) }, true))
		gone := add(plant("withdrawn", nothing, true))
		// No live report any more: what its entries said is nobody's.
		other := add(plant("story", nothing, true))
		for _, id := range []string{gone, other} { // into the cache, to be purged
			p.page("/live/" + id + "/entries?since=0")
			path, err := p.Articles.Locate(t.Context(), id)
			check(t, err)
			p.page(path)
		}
		p.tx(func(tx *db.Tx) error {
			err := p.Articles.Withdraw(t.Context(), tx, gone, article.Withdrawal{By: "Valley Wire"})
			if err == nil {
				err = p.Articles.Classify(t.Context(), tx, other, article.Class{Language: "en"})
			}
			return err
		})
		paths := []string{"/", "/category/city", "/feed", "/feed.json", "/category/city/feed"}
		for _, id := range ids {
			paths = append(paths, "/live/"+id+"/entries?since=0", "/a/"+id)
			a, err := p.Articles.Get(t.Context(), p.db, id)
			check(t, err)
			paths = append(paths, a.Path())
			list, _, err := p.Live.List(t.Context(), id, live.Extent{})
			check(t, err)
			paths = append(paths, "/live/"+id+"/"+list[0].ID, a.Path()+"?entry="+list[0].ID)
		}
		for _, path := range paths {
			if _, body := p.get(path); birds.MatchString(body) {
				t.Errorf("%s shows %v", path, birds.FindAllString(body, -1))
			}
		}
		for _, picture := range pictures {
			if status, _ := p.get("/media/" + picture + "-320.jpg"); status != http.StatusNotFound {
				t.Errorf("the picture %s answers %d", picture, status)
			}
		}
	})
}

// TestLiveReportOpen has a reader's page open while an editor posts: what comes waits
// behind a line and moves nothing, or stands at the top where that is in sight.
func TestLiveReportOpen(t *testing.T) {
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	r := reports(start(t, papertest.SQLite(t), func(paper *Paper) { paper.BaseURL = server.URL }))
	handler = r.handler
	ctx := papertest.Browser(t)
	var entries []live.Entry
	for i := range 23 {
		entries = append(entries, r.posts(fmt.Sprint("Entry ", i), "<p>It was so.</p><p>And it stayed so for a while.</p>", func(n *live.New) { n.Key = i == 3 }))
	}
	r.does(func(tx *db.Tx) error {
		return r.Live.Summarise(t.Context(), tx, r.id, 0, richtext.FromText("Something goes on."))
	})
	for _, width := range []int64{360, 1280} {
		open(t, ctx, r.Paper.URL(r.path), width, 900)
		for _, dark := range []bool{false, true} {
			if dark {
				ask[string](t, ctx, darken)
			}
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("at %d, dark %t: %s", width, dark, v)
			}
		}
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("it is %d wide on a screen of %d", got, width)
		}
	}
	open(t, ctx, r.Paper.URL("/"), 360, 900)
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("the front page: %s", v)
	}
	open(t, ctx, r.Paper.URL(r.path), 1280, 900)
	watched(t, ctx, r)
	papertest.Painted(t, ctx)

	// In the middle of the list.
	anchor := fmt.Sprintf(`document.querySelector("#entry-%s")`, entries[15].ID)
	ask[bool](t, ctx, `scrollTo({ top: scrollY + `+anchor+`.getBoundingClientRect().top - 300, behavior: "instant" }); window.shifts = 0;
		new PerformanceObserver((l) => l.getEntries().forEach((e) => { window.shifts += e.value })).observe({ type: "layout-shift" }); true`)
	papertest.Painted(t, ctx)
	at := ask[float64](t, ctx, anchor+`.getBoundingClientRect().top`)
	one := r.posts("While you read", "It came.", nil)
	becomes(t, ctx, `document.querySelector(".fresh").textContent === "1 new entry"`)
	r.posts("And another", "It came too.", func(n *live.New) { n.Key = true })
	becomes(t, ctx, `document.querySelector(".fresh").textContent === "2 new entries"`)
	becomes(t, ctx, `document.querySelector(".keys").textContent.includes("And another")`)
	r.does(func(tx *db.Tx) error { // of an older page: it is nothing new here
		_, err := r.Live.Mark(t.Context(), tx, r.id, entries[0].ID, true)
		return err
	})
	becomes(t, ctx, `document.querySelector(".keys").textContent.includes("Entry 0")`)
	if got := ask[string](t, ctx, `document.querySelector(".fresh").textContent`); got != "2 new entries" {
		t.Errorf("after a change of an old entry the line says %q", got)
	}
	papertest.Painted(t, ctx) // the browser keeps the place of what is read with a frame

	if got := ask[float64](t, ctx, anchor+`.getBoundingClientRect().top`); math.Abs(got-at) >= 1 { // the browser rounds when it keeps the place
		t.Errorf("what was read has moved from %f to %f", at, got)
	}
	if got := ask[float64](t, ctx, `window.shifts`); got > 0 {
		t.Errorf("the layout has shifted by %f", got)
	}
	if ask[bool](t, ctx, fmt.Sprintf(`!!document.getElementById("entry-%s")`, one.ID)) {
		t.Error("an entry came in by itself")
	}
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("with a line: %s", v)
	}
	ask[bool](t, ctx, `document.querySelector(".fresh button").click(); true`)
	becomes(t, ctx, `[...document.querySelectorAll(".entry h3")].slice(0, 3).map((h) => h.textContent).join() === "And another,While you read,Entry 22" && document.activeElement.matches(".entry")`)

	// At the top they come by themselves; what changes or goes does so in its place.
	becomes(t, ctx, `scrollTo({ top: 0, behavior: "instant" }), scrollY === 0`)
	papertest.Painted(t, ctx)
	r.posts("At the top", "It is there.", nil)
	becomes(t, ctx, `document.querySelector(".entry h3").textContent === "At the top"`)
	r.does(func(tx *db.Tx) error {
		_, err := r.Live.Remove(t.Context(), tx, r.id, one.ID)
		return err
	})
	becomes(t, ctx, fmt.Sprintf(`document.getElementById("entry-%s").textContent.includes("has been removed")`, one.ID))
	r.does(func(tx *db.Tx) error {
		return r.Live.Summarise(t.Context(), tx, r.id, 1, richtext.FromText("It is over."))
	})
	becomes(t, ctx, `document.querySelector(".known").textContent.includes("It is over.")`)
	r.does(func(tx *db.Tx) error {
		_, err := r.Live.End(t.Context(), tx, r.id)
		return err
	})
	becomes(t, ctx, `document.querySelector(".on-air").textContent.includes("has ended")`)
}

// watched waits until the page that is open will hear of the report.
func watched(t *testing.T, ctx context.Context, r *reporting) {
	t.Helper()
	papertest.Eventually(t, func() bool { return r.watchers.watching(live.Tag(r.id)) > 0 })
}
