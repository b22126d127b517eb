package site

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/audience"
	"kawaraban/internal/papertest"
)

// seen are the pages that are looked at in a browser.
var seen = []string{
	"/", "/category/city", "/category/world", "/category/city/council-votes-for-a-new-mill-bridge",
	"/category/world/grain-strike-ends-ships-sail", "/category/world/a-picture-story-that-was-lent",
	"/category/world/clocks-stay-as-they-are", "/category/world/clocks-stay-as-they-are/history",
	"/category/city/tram-stops-at-the-weir/history", "/category/city/tram-stops-at-the-weir/error", "/category/world/a-picture-story-that-was-lent/history", "/corrections",
	"/category/world/a-story-that-was-withdrawn", "/nothing", "/moderation", "/rules", "/member/ida-holm",
}

// darken makes the page show what it shows on a dark screen.
const darken = `for (const sheet of document.styleSheets)
	for (const rule of sheet.cssRules)
		if (rule.media?.mediaText.includes("dark")) rule.media.mediaText = "all";
	getComputedStyle(document.documentElement).backgroundColor`

// served is a day's paper on a port of this machine.
func served(t *testing.T) *press {
	t.Helper()
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	p := newsday(t, func(paper *Paper) { paper.BaseURL = server.URL })
	handler = p.handler
	return p
}

func open(t *testing.T, ctx context.Context, address string, width, height int64) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, height))
	check(t, err)
	_, err = chromedp.Run(ctx, chromedp.Navigate(address))
	check(t, err)
}

// becomes waits until an expression is true in the page, whichever page that is by
// then: one that is just being left is asked again, and so is one of which only the
// beginning has come, where what is still to come does not seem to be missing.
func becomes(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	papertest.Eventually(t, func() bool {
		is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](whole(expression)))
		return err == nil && is
	}, func() string { return expression + " on " + shownIn(ctx) })
}

// whole is an expression that is false while a page is being loaded.
func whole(expression string) string {
	return `document.readyState === "complete" && !!(` + expression + `)`
}

// shownIn is the page that a browser shows, for whoever reads that a test has failed.
func shownIn(ctx context.Context) string {
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return answer
}

// TestAccessible has axe-core look at every kind of page, on a phone and on a
// desk, in light and in dark.
func TestAccessible(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	for _, path := range seen {
		for _, width := range []int64{360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("%s at %d: %s", path, width, v)
			}
			if ground := ask[string](t, ctx, darken); ground != "rgb(22, 21, 19)" {
				t.Fatalf("%s did not become dark: %s", path, ground)
			}
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("%s at %d, dark: %s", path, width, v)
			}
		}
	}
}

// TestFits is about pages that are as wide as the screen and no wider.
func TestFits(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	for _, width := range []int64{320, 360, 640, 960, 1280, 3840} {
		for _, path := range seen {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
		}
	}
}

// TestHierarchy measures what makes a front page a front page: the lead's
// picture two thirds wide, its headline three steps above the next.
func TestHierarchy(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	const step = 1.25
	for _, test := range []struct {
		width       int64
		share, size float64 // of the page's width; of the second's headline
	}{{1280, 0.6, step * step * step}, {360, 0.95, 1.2 * 1.2 * 1.2}} {
		open(t, ctx, p.Paper.URL("/"), test.width, 900)
		share := ask[float64](t, ctx, `document.querySelector(".lead img").getBoundingClientRect().width / document.querySelector("main").getBoundingClientRect().width`)
		size := ask[float64](t, ctx, `(s => s(".lead h2") / s(".seconds article:nth-child(2) h3"))(q => parseFloat(getComputedStyle(document.querySelector(q)).fontSize))`)
		if share < test.share || size < test.size-0.05 {
			t.Errorf("at %d the lead's picture takes %.2f of the width, its headline is %.2f times the second's; want %.2f and %.2f",
				test.width, share, size, test.share, test.size)
		}
	}
}

// stillness is how much of a page may move on a slow browser: it paints what has
// come of it, and a line that is centred moves a little when the rest is there. That
// is a tenth of this; 0.1 is what readers begin to see.
const stillness = 0.01

// still fails the test when the page has moved by more than most since it was
// opened.
func still(t *testing.T, ctx context.Context, path string, width int64, most float64) {
	t.Helper()
	if moved := moves(t, ctx); moved.Sum > most {
		t.Errorf("%s at %d moves by %g: %q", path, width, moved.Sum, moved.Of)
	}
}

// stands opens a page, and fails the test when it moves. One that the browser has painted
// before the rest was there is opened again: a machine with other work makes that now and
// then of any page, and it may not move by more than stillness.
func (p *press) stands(ctx context.Context, path string, width int64, then ...string) {
	p.t.Helper()
	var moved movement
	for range 5 {
		open(p.t, ctx, "about:blank", width, 900)
		open(p.t, ctx, p.Paper.URL(path), width, 900)
		for _, statement := range then {
			ask[any](p.t, ctx, statement)
		}
		if moved = moves(p.t, ctx); moved.Sum == 0 || moved.Sum > stillness {
			break
		}
	}
	if moved.Sum > 0 {
		p.t.Errorf("%s at %d moves by %g: %q", path, width, moved.Sum, moved.Of)
	}
}

// A movement is by how much a page has moved, and what of it.
type movement struct {
	Sum float64
	Of  []string
}

func moves(t *testing.T, ctx context.Context) movement {
	t.Helper()
	moved, err := chromedp.Run(ctx, chromedp.Evaluate[movement](`new Promise(done => {
		const sum = { Sum: 0, Of: [] };
		const place = r => [r.x, r.y, r.width, r.height].map(Math.round).join();
		const add = list => { for (const e of list) {
			sum.Sum += e.value;
			for (const s of e.sources) sum.Of.push(place(s.previousRect) + " -> " + place(s.currentRect) + " " + (s.node?.outerHTML ?? s.node?.data ?? "").slice(0, 90));
		} };
		const seen = new PerformanceObserver(list => add(list.getEntries()));
		seen.observe({type: "layout-shift", buffered: true});
		requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => { add(seen.takeRecords()); done(sum); })));
	})`, chromedp.EvalAwaitPromise))
	check(t, err)
	return moved
}

// TestStill is about things that jump: none does. And the reader's script works
// under our policy, which the absence of it would not tell.
func TestStill(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	for _, path := range seen {
		for _, width := range []int64{360, 1280} {
			p.stands(ctx, path, width)
		}
	}
	open(t, ctx, p.Paper.URL(seen[3]), 1280, 900)
	becomes(t, ctx, `!document.querySelector(".share").hidden`)
}

// TestHTML has the Nu checker read every kind of page.
func TestHTML(t *testing.T) {
	p := newsday(t, nil)
	pages := map[string]string{}
	for _, path := range seen {
		_, pages[path] = p.get(path)
	}
	first := start(t, papertest.SQLite(t), nil)
	pages["the first day"] = first.page("/")
	pages["an empty section"] = first.page("/category/city")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}

// TestReadInBrowser opens articles in a browser: its reader is counted once for
// each, and not for what is no article.
func TestReadInBrowser(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	p.Audience = audience.NewNow(p.clock.Now)
	const bridge = "/category/city/council-votes-for-a-new-mill-bridge"
	for _, path := range []string{"/", bridge, bridge, bridge + "?comment-order=popular", "/category/world/a-picture-story-that-was-lent", "/category/world/clocks-stay-as-they-are"} {
		open(t, ctx, p.Paper.URL(path), 1280, 900)
	}
	papertest.Eventually(t, func() bool { return len(p.Audience.Most(9)) >= 2 })
	most := p.Audience.Most(9)
	for _, c := range most {
		card, err := p.Articles.Known(t.Context(), c.Article)
		check(t, err)
		if c.Readers != 1 || card.Slug == "a-picture-story-that-was-lent" {
			t.Errorf("%d read %s", c.Readers, card.Slug)
		}
	}
	if len(most) != 2 {
		t.Errorf("%d articles are read", len(most))
	}

	// How far somebody has come is said when he leaves.
	open(t, ctx, p.Paper.URL(bridge), 1280, 900)
	becomes(t, ctx, `scrollTo({top: document.body.scrollHeight, behavior: "instant"}), document.readyState === "complete" && scrollY + innerHeight > document.body.scrollHeight - 9`)
	open(t, ctx, p.Paper.URL("/"), 1280, 900)
	store := &audience.Store{DB: p.db, Now: p.clock.Now}
	papertest.Eventually(t, func() bool {
		check(t, store.Keep(t.Context(), p.Audience))
		parts, err := store.Parts(t.Context(), "", p.clock.Now().Add(-time.Hour))
		check(t, err)
		return slices.Contains(parts[audience.Depth], audience.Named{Name: "4", Opens: 1})
	})
}
