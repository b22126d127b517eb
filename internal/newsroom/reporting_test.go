package newsroom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/live"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// reports is a live report of somebody that readers have.
func (h *house) reports(a *reader.Actor) (id string) {
	h.t.Helper()
	check(h.t, h.Articles.SetSections(h.t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
	id = h.begins(a, "The bridge closes", `{}`)
	h.elsewhere(a, id, func(c *desk.Copy) { c.Format = article.LiveReport })
	s, err := h.Work.Story(h.t.Context(), a, id)
	check(h.t, err)
	check(h.t, h.Work.Publish(h.t.Context(), a, id, desk.Publication{At: desk.At{Page: "another-page", Version: s.Version}}))
	return id
}

// enters is an entry of somebody.
func (h *house) enters(a *reader.Actor, id, headline string) live.Entry {
	h.t.Helper()
	e, err := h.Work.PostEntry(h.t.Context(), a, id, live.New{Words: live.Words{Headline: headline, Body: richtext.FromText("It is so.")}})
	check(h.t, err)
	return e
}

// TestReporting writes a live report in a browser: what is typed is not lost, and
// what colleagues do appears.
//
// Seen red: a form that is emptied before the paper has it; an entry that is being
// changed and is replaced by what a colleague made of it.
func TestReporting(t *testing.T) {
	h := serves(t)
	ctx := papertest.Browser(t)
	ida, jon := h.joins("Ida", reader.Editor), h.joins("Jon", reader.Editor)
	be(t, ctx, h.base, h.own(ida.Reader.ID, reader.Editor))
	id := h.reports(ida)
	open(t, ctx, h.base+storyPath(id), 1280, 900)
	becomes(t, ctx, `!!document.querySelector('.trail a[href="`+reportingPath(id)+`"]')`)
	open(t, ctx, h.base+reportingPath(id), 360, 900)
	examine(t, ctx, "reporting-empty-360")

	// Written while the network is gone, and the page is left: it is there again.
	open(t, ctx, h.base+reportingPath(id), 1280, 900)
	becomes(t, ctx, `!!document.querySelector(".said")`)
	types := func(selector, text string) {
		t.Helper()
		ask[bool](t, ctx, `(() => { const f = document.querySelector("`+selector+`"); f.focus(); f.setSelectionRange(f.value.length, f.value.length); return true; })()`)
		_, err := chromedp.Run(ctx, chromedp.KeyEvent(text))
		check(t, err)
	}
	posts := func() {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
		check(t, err)
	}
	types("#headline", "The sirens")
	types("#news-text", "They sound <b>twice</b>.")
	h.fails(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/live") && cut(w, r)
	})
	posts()
	becomes(t, ctx, `document.querySelector("#post .said").textContent.includes("Your text is kept in this browser")`)
	h.mends()
	open(t, ctx, h.base+reportingPath(id), 1280, 900)
	becomes(t, ctx, `document.querySelector("#post .said").textContent.includes("not posted yet") && document.querySelector("#news-text").value === "They sound <b>twice</b>."`)
	ask[bool](t, ctx, `document.querySelector("#news-text").focus(); true`)
	posts()
	becomes(t, ctx, `document.querySelector(".entry h3")?.textContent === "The sirens" && document.querySelector(".entry .words strong").textContent === "twice" && document.querySelector("#news-text").value === "" && !localStorage.length && !document.querySelector("#done").hidden`)

	// A colleague's entry comes by itself.
	e := h.enters(jon, id, "The bridge is shut")
	becomes(t, ctx, `document.querySelectorAll(".entry").length === 2 && document.querySelector(".entry h3").textContent === "The bridge is shut"`)

	// Both change one entry: nothing of either is lost.
	at := fmt.Sprintf(`document.querySelector("#entry-%s`, e.ID)
	ask[bool](t, ctx, at+` details.change").open = true`)
	types(fmt.Sprintf("#headline-%s", e.ID), " for good")
	_, err := h.Work.EditEntry(t.Context(), jon, id, live.Change{Entry: e.ID, Version: 1, Words: live.Words{Headline: "The bridge is closed", Body: e.Body}})
	check(t, err)
	third := h.enters(jon, id, "The trams turn")
	becomes(t, ctx, fmt.Sprintf(`!!document.getElementById("entry-%s")`, third.ID)) // so it has looked
	ask[bool](t, ctx, at+` details.change button").click(); true`)
	becomes(t, ctx, `document.body.textContent.includes("Above is what a colleague has written") && `+at+` h3").textContent === "The bridge is closed" && document.querySelector("#headline-`+e.ID+`").value === "The bridge is shut for good"`)
	ask[bool](t, ctx, at+` details.change button").click(); true`)
	becomes(t, ctx, `!document.body.textContent.includes("Above is what a colleague has written") && `+at+` h3").textContent === "The bridge is shut for good"`)

	// Gone and back, and a key event.
	ask[bool](t, ctx, at+` [value=remove]").click(); true`)
	becomes(t, ctx, at+`.removed [value=restore]") !== null`)
	for _, width := range []int64{360, 1280} {
		open(t, ctx, h.base+reportingPath(id), width, 900)
		becomes(t, ctx, at+`.removed") !== null`)
		ask[bool](t, ctx, `document.querySelectorAll("details").forEach((d) => { d.open = true }); true`)
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the room is %d wide on a screen of %d", got, width)
		}
		examine(t, ctx, fmt.Sprintf("reporting-%d", width))
	}
	open(t, ctx, h.base+reportingPath(id), 1280, 900)
	becomes(t, ctx, at+`.removed [value=restore]") !== null`)
	ask[bool](t, ctx, at+` [value=restore]").click(); true`)
	becomes(t, ctx, at+` [value=key]") !== null`)
	ask[bool](t, ctx, at+` [value=key]").click(); true`)
	becomes(t, ctx, at+`.key") !== null`)

	// A log-in that has ended takes nothing away.
	types("#news-text", "One more thing.")
	h.ends(ida)
	posts()
	becomes(t, ctx, `document.querySelector('#post .said a[href^="/login"]') !== null && document.querySelector("#news-text").value === "One more thing."`)
}

// TestReportingPlain is the room without a script, page by page.
func TestReportingPlain(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		ida := h.joins("Ida", reader.Editor)
		token := h.own(ida.Reader.ID, reader.Editor)
		id := h.reports(ida)
		var first live.Entry
		for i := range live.PageSize + 3 {
			if e := h.enters(ida, id, fmt.Sprint("Entry ", i)); i == 0 {
				first = e
			}
		}
		_, body := h.asks(http.MethodGet, reportingPath(id), token)
		older := between(t, body, `rel="next" href="`, `"`)
		_, body = h.asks(http.MethodGet, older, token)
		shows(t, body, "Entry 0", "To the newest entries")
		for _, m := range papertest.HTML(t, map[string]string{"the room": body}) {
			if m.Type == "error" {
				t.Error(fmt.Sprint(m))
			}
		}

		// What is wrong with an entry of an older page is said on that page.
		at := reportingPath(id) + "/" + first.ID
		res, body := h.fills(at, token, "act", "edit", "version", "1", "headline", "Entry 0", "source", "It was so.", "at", "2099-01-01T10:00", "signed", "Ida")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a time to come: %d", res.StatusCode)
		}
		shows(t, body, "This time is still to come.", "It was so.", "2099-01-01T10:00")
		res, _ = h.fills(at, token, "act", "edit", "version", "1", "headline", "Entry nought", "source", "It was so.", "at", "2025-11-03T09:00")
		if got := res.Header.Get("Location"); !strings.HasPrefix(got, reportingPath(id)+"?done=edited") || !strings.Contains(got, "#entry-"+first.ID) {
			t.Errorf("a change leads to %q", got)
		}
		res, body = h.fills(reportingPath(id), token, "act", "summary", "version", "0", "summary", `<figure><img src="nothing"></figure>`)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a picture that is none: %d", res.StatusCode)
		}
		shows(t, body, "A picture is named by its number in the library.")
		check(t, h.Work.Summarise(t.Context(), ida, id, 0, richtext.FromText("We know this.")))
		res, body = h.fills(reportingPath(id), token, "act", "summary", "version", "0", "summary", "We know that.")
		if res.StatusCode != http.StatusConflict {
			t.Errorf("a summary that somebody changed since: %d", res.StatusCode)
		}
		shows(t, body, "We know this.", "We know that.", `name="version" value="1"`)
		for _, form := range [][]string{{"act", "dance"}, {"act", "summary", "version", "x"}} {
			if res, _ := h.fills(reportingPath(id), token, form...); res.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d", form, res.StatusCode)
			}
		}

		// A contributor has the own report, and no other.
		ana := h.joins("Ana", reader.Contributor)
		anas := h.own(ana.Reader.ID, reader.Contributor)
		if res, _ := h.asks(http.MethodGet, reportingPath(id), anas); res.StatusCode != http.StatusNotFound {
			t.Errorf("another's report: %d", res.StatusCode)
		}
		if res, _ := h.fills(reportingPath(id), anas, "act", "post", "source", "Mine."); res.StatusCode != http.StatusNotFound {
			t.Errorf("an entry in another's report: %d", res.StatusCode)
		}
	})
}
