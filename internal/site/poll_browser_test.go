package site

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// printed is a paper with one of each format on a port of this machine.
func printed(t *testing.T) (*press, map[article.Format]string) {
	t.Helper()
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	p := start(t, papertest.SQLite(t), func(paper *Paper) { paper.BaseURL = server.URL })
	handler = p.handler
	return p, formatday(t, p)
}

// TestFormatsInBrowser has axe-core look at each format, alone and in lists, and
// measures that it fits and does not move.
func TestFormatsInBrowser(t *testing.T) {
	p, paths := printed(t)
	ctx := papertest.Browser(t)
	all := []string{"/", "/category/city"}
	for _, path := range paths {
		all = append(all, path)
	}
	for _, path := range all {
		for _, width := range []int64{360, 1280} {
			p.stands(ctx, path, width)
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
	open(t, ctx, p.Paper.URL(paths[article.Picture]), 1280, 900)
	if share := ask[float64](t, ctx, `document.querySelector(".plate img").getBoundingClientRect().width / document.querySelector("main").getBoundingClientRect().width`); share < 0.99 {
		t.Errorf("the picture is %.2f of the page", share)
	}
}

// TestPollInBrowser votes, with a script and without one.
func TestPollInBrowser(t *testing.T) {
	p, _ := printed(t)
	ctx := papertest.Browser(t)
	var id string
	check(t, p.db.QueryRow(t.Context(), `select article from poll`).Scan(&id))
	_, err := p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana Ruiz", Role: reader.Member, Password: goodPassword})
	check(t, err)
	now, err := p.Polls.Of(t.Context(), id)
	check(t, err)
	chosen := func(i int) string { return fmt.Sprintf(`input[value="%s"]`, now.Options[i].ID) }
	vote := func(i int) {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('%s').click(); document.querySelector(".poll button").click()`, chosen(i))))
		check(t, err)
	}
	result := func(i int, text string) string {
		return fmt.Sprintf(`document.querySelector('%s')?.closest("li").querySelector(".result").innerText.includes(%q)`, chosen(i), text)
	}

	// A stranger is led to the log-in, and finds the choice made.
	open(t, ctx, p.Paper.URL(pollPath), 360, 900)
	becomes(t, ctx, `document.querySelector(".poll form").onsubmit !== null`)
	vote(1)
	becomes(t, ctx, `location.pathname === "/login" && document.readyState === "complete"`)
	_, err = chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const f = document.querySelector("form[action='/login']");
		f.email.value = "ana@readers.example"; f.password.value = %q; f.querySelector("button").click();
	}`, goodPassword)))
	check(t, err)
	becomes(t, ctx, fmt.Sprintf(`location.pathname === "/poll/%s" && document.readyState === "complete" && document.querySelector('%s').checked`, id, chosen(1)))
	for _, width := range []int64{360, 1280} {
		_, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, 900))
		check(t, err)
		for _, v := range papertest.Axe(t, ctx) {
			t.Errorf("the poll's own page at %d: %s", width, v)
		}
	}

	// This page has no script: it is what everybody has without one.
	vote(1)
	becomes(t, ctx, `location.search === "?done=voted" && `+result(1, "50% · 2 votes")+` && `+result(1, "Your choice"))
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("with results: %s", v)
	}
	vote(0)
	becomes(t, ctx, result(0, "75% · 3 votes")+` && `+result(0, "Your choice"))

	// With a script whoever has voted sees the results in the page for everybody, and
	// nothing moves for them.
	open(t, ctx, p.Paper.URL(pollPath), 1280, 900)
	becomes(t, ctx, result(0, "Your choice"))
	still(t, ctx, "a poll with results", 1280, stillness)
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("with results in place: %s", v)
	}
	vote(1)
	becomes(t, ctx, result(1, "50% · 2 votes")+` && `+result(1, "Your choice")+` && !`+result(0, "Your choice"))
	if !ask[bool](t, ctx, `document.querySelector(".voters").innerText === "4 readers have voted" && document.querySelector(".poll button").innerText === "Change your choice"`) {
		t.Error("the page does not say how many have voted")
	}

	// What is refused is told, and the vote that counts stays marked.
	p.tx(func(tx *db.Tx) error { return p.Polls.Close(t.Context(), tx, id) })
	vote(0)
	becomes(t, ctx, `document.querySelector(".poll .wrong").innerText.includes("closed") && document.querySelector(".poll .wrong").checkVisibility() && `+result(1, "Your choice"))
	open(t, ctx, p.Paper.URL(pollPath), 360, 900)
	becomes(t, ctx, `!document.querySelector(".poll form") && document.body.innerText.includes("50% · 2 votes")`)
	if n, err := p.Polls.Counts(t.Context(), id); err != nil || n[id] != 4 {
		t.Errorf("%v have voted, %v", n, err)
	}
	check(t, p.Polls.Verify(t.Context(), func(s string) { t.Error(s) }))
}
