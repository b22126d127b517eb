package newsroom

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

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

func presses(t *testing.T, ctx context.Context, keys ...string) {
	t.Helper()
	for _, key := range keys {
		_, err := chromedp.Run(ctx, chromedp.KeyEvent(key))
		check(t, err)
	}
}

// photograph keeps a picture of the page where PHOTOGRAPHS names a folder, for
// people to look at.
func photograph(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	folder := os.Getenv("PHOTOGRAPHS")
	if folder == "" {
		return
	}
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(folder, "newsroom-"+name+".jpg"), b, 0o600))
}

const darken = `for (const sheet of document.styleSheets)
	for (const rule of sheet.cssRules)
		if (rule.media?.mediaText.includes("dark")) rule.media.mediaText = "all";
	getComputedStyle(document.documentElement).backgroundColor`

// examine has axe-core look at the page in light and in dark.
func examine(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	photograph(t, ctx, what)
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("%s: %s", what, v)
	}
	if ground := ask[string](t, ctx, darken); ground != "rgb(22, 21, 19)" {
		t.Fatalf("%s did not become dark: %s", what, ground)
	}
	photograph(t, ctx, what+"-dark")
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("%s, dark: %s", what, v)
	}
}

// served is a paper on a port of this machine, and a browser in which somebody is
// logged in.
func served(t *testing.T, name string, role reader.Role) (ctx context.Context, base string) {
	t.Helper()
	h := serves(t)
	ctx = papertest.Browser(t)
	be(t, ctx, h.base, h.own(h.hires(name, role), role))
	return ctx, h.base
}

// be lets the browser be somebody's who has a session.
func be(t *testing.T, ctx context.Context, base, session string) {
	t.Helper()
	u, err := url.Parse(base)
	check(t, err)
	open(t, ctx, base+"/robots.txt", 360, 900)
	ask[string](t, ctx, fmt.Sprintf(`document.cookie = "session-%s=%s; SameSite=Strict"`, u.Port(), session))
}

// TestBar looks at the bar with a long name on every screen: nothing is wider
// than the screen, and there is no fault of accessibility.
func TestBar(t *testing.T) {
	ctx, base := served(t, "Wilhelmina-Margarethe-of-the-upper-valley", reader.Moderator)
	for _, width := range []int64{320, 360, 640, 960, 1280, 1920} {
		open(t, ctx, base+"/newsroom/moderation", width, 900)
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("a room is %d wide on a screen of %d", got, width)
		}
		if size := ask[string](t, ctx, `getComputedStyle(document.querySelector("main p")).fontSize`); size != "14px" {
			t.Errorf("the type is %s at %d", size, width)
		}
		out := ask[float64](t, ctx, `document.querySelector(".person form").getBoundingClientRect().right`)
		if out > float64(width) {
			t.Errorf("the way out ends at %.0f on a screen of %d", out, width)
		}
		if width == 360 || width == 1280 {
			examine(t, ctx, fmt.Sprintf("room-%d", width))
		}
	}
}

// TestKeys works without a mouse.
//
// Seen red: keys that act while somebody types; a box that changes nothing.
func TestKeys(t *testing.T) {
	ctx, base := served(t, "Ida", reader.Publisher)
	open(t, ctx, base+"/newsroom/moderation", 1280, 900)
	at := func() string { return ask[string](t, ctx, `location.pathname`) }
	leads := func(path string) {
		t.Helper()
		becomes(t, ctx, fmt.Sprintf(`document.readyState === "complete" && location.pathname === %q`, path))
	}
	leads("/newsroom/moderation/reported")
	shown := func() bool { return ask[bool](t, ctx, `document.querySelector("#keys").open`) }
	presses(t, ctx, "?")
	papertest.Eventually(t, shown)
	examine(t, ctx, "keys-1280")
	if got := ask[string](t, ctx, `document.activeElement.textContent`); got != "Close" {
		t.Errorf("the sheet opens at %q", got)
	}
	presses(t, ctx, "?")
	papertest.Eventually(t, func() bool { return !shown() })
	presses(t, ctx, "?")
	papertest.Eventually(t, shown)
	presses(t, ctx, "\x1b")
	papertest.Eventually(t, func() bool { return !shown() })

	// Where somebody types, keys are letters.
	ask[bool](t, ctx, `{ const f = document.createElement("textarea"); document.querySelector("main").append(f); f.focus(); true }`)
	presses(t, ctx, "g", "p", "?")
	if got := ask[string](t, ctx, `document.querySelector("textarea").value`); got != "gp?" || shown() || at() != "/newsroom/moderation/reported" {
		t.Errorf("typing gives %q, the sheet is open: %t, at %s", got, shown(), at())
	}
	ask[bool](t, ctx, `document.activeElement.blur(); true`)

	// A key on its own does nothing of what two do; both lead on.
	presses(t, ctx, "p", "a", "s", "x", "g", "x", "p")
	if at() != "/newsroom/moderation/reported" {
		t.Errorf("single keys lead to %s", at())
	}
	presses(t, ctx, "g", "p")
	leads("/")

	// In a browser that wants no keys there are none, until it does.
	open(t, ctx, base+"/newsroom/moderation", 360, 900)
	presses(t, ctx, "?")
	papertest.Eventually(t, shown)
	examine(t, ctx, "keys-360")
	ask[bool](t, ctx, `document.querySelector("#keys [name=on]").click(); document.querySelector("#keys form button").click(); true`)
	open(t, ctx, base+"/newsroom/moderation", 360, 900)
	presses(t, ctx, "?", "g", "p")
	if shown() || at() != "/newsroom/moderation/reported" {
		t.Errorf("keys that are off act: at %s", at())
	}
	ask[bool](t, ctx, `document.querySelector("[data-opens=keys]").click(); document.querySelector("#keys [name=on]").click(); document.querySelector("#keys form button").click(); true`)
	ask[bool](t, ctx, `window.before = true`)
	presses(t, ctx, "g", "m")
	// It is where it was: the page is a new one.
	becomes(t, ctx, `!window.before`)
	leads("/newsroom/moderation/reported")
	presses(t, ctx, "g", "a")
	leads("/account")
}

// TestAgain comes from another site, without the cookie of staff: the page opens
// itself once more from our own, and is there.
//
// Seen red: askLogin without the page that does so.
func TestAgain(t *testing.T) {
	ctx, base := served(t, "Ida", reader.Moderator)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<!doctype html><a href="%s/newsroom/moderation">a report</a>`, base)
	}))
	defer other.Close()
	_, port, err := net.SplitHostPort(other.Listener.Addr().String())
	check(t, err)
	open(t, ctx, "http://localhost:"+port+"/", 360, 900)
	ask[bool](t, ctx, `document.querySelector("a").click(); true`)
	becomes(t, ctx, `document.readyState === "complete" && location.pathname === "/newsroom/moderation/reported" && !!document.querySelector(".person")`)
}

// TestHTML has the Nu checker read the pages of the newsroom.
func TestHTML(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	pages := map[string]string{}
	editor := h.own(h.hires("Ana", reader.Editor), reader.Editor)
	picture := h.sends(editor, shot(t, 1, "The quay", ""))
	h.draws(picture)
	for name, path := range map[string]string{
		"overview": "/newsroom/desk", "articles": "/newsroom/articles", "an article to be": "/newsroom/articles/new", "an article": h.drafts(editor),
		"revisions": h.drafts(editor) + "/revisions", "pictures": "/newsroom/pictures", "a picture": "/newsroom/pictures/" + picture,
		"plan": "/newsroom/plan", "back": "/newsroom/back",
	} {
		var res *http.Response
		if res, pages[name] = h.asks(http.MethodGet, path, editor); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	_, pages["a room"] = h.asks(http.MethodGet, "/newsroom/moderation/reported", h.own(h.hires("Ida", reader.Moderator), reader.Moderator))
	_, pages["from elsewhere"] = h.asks(http.MethodGet, "/newsroom", "", "Sec-Fetch-Site", "cross-site")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}
