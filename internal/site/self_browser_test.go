package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// ownPages are the pages of an account that are looked at in a browser.
var ownPages = []string{
	"/account", "/account/profile", "/account/email", "/account/password", "/account/data", "/account/leave",
	"/account/email/confirm?token=old", "/account/email/undo?token=old", "/account/leave/undo?token=old", "/member/ana",
}

// enters logs a reader of p in, in the browser of ctx, as anybody would.
func enters(t *testing.T, ctx context.Context, p *press, email string) {
	t.Helper()
	open(t, ctx, p.Paper.URL("/login?next=/account"), 360, 900)
	_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
		const f = document.querySelector("form[action='/login']");
		f.email.value = %q; f.password.value = %q; f.querySelector("button").click();
	}`, email, goodPassword)))
	check(t, err)
	becomes(t, ctx, `location.pathname === "/account" && document.readyState === "complete"`)
}

// fills fills a form of the page in and sends it, past what the browser itself
// would refuse.
func fills(t *testing.T, ctx context.Context, action string, values map[string]string) {
	t.Helper()
	var set strings.Builder
	for name, value := range values {
		fmt.Fprintf(&set, "f.elements[%q].value = %q;", name, value)
	}
	before := ask[float64](t, ctx, `performance.timeOrigin`)
	_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{ const f = document.querySelector("form[action='%s']"); %s f.submit(); }`, action, set.String())))
	check(t, err)
	becomes(t, ctx, fmt.Sprintf(`document.readyState === "complete" && performance.timeOrigin !== %f`, before))
}

// examine has axe-core look at the page in light and in dark.
func examine(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("%s: %s", what, v)
	}
	if ground := ask[string](t, ctx, darken); ground != "rgb(22, 21, 19)" {
		t.Fatalf("%s did not become dark: %s", what, ground)
	}
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("%s, dark: %s", what, v)
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
	check(t, os.WriteFile(filepath.Join(folder, strings.NewReplacer("/", "_", "?", "_").Replace(name)+".jpg"), b, 0o600))
}

// TestOwnPages looks at every page of the account: none is wider than the
// screen, and there is no fault of accessibility in light and dark.
func TestOwnPages(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t)
	_, err := p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana Ruiz, who bakes at the weir of the upper valley", Role: reader.Member, Password: goodPassword})
	check(t, err)
	enters(t, ctx, p, "ana@readers.example")
	open(t, ctx, p.Paper.URL("/account/profile"), 360, 900)
	fills(t, ctx, "/account/profile", map[string]string{"handle": "ana", "bio": "A baker.\n" + strings.Repeat("averylongword", 20)})
	for _, width := range []int64{320, 360, 640, 960, 1280} {
		for _, path := range ownPages {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
		}
	}
	for _, path := range ownPages {
		for _, width := range []int64{360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			photograph(t, ctx, fmt.Sprintf("%d-%s", width, path))
			examine(t, ctx, fmt.Sprintf("%s at %d", path, width))
		}
	}
}

// TestOwnStates looks at what the pages of the account show when something is
// wrong, or has just happened.
func TestOwnStates(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t)
	id, err := p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana", Role: reader.Member, Password: goodPassword})
	check(t, err)
	enters(t, ctx, p, "ana@readers.example")
	open(t, ctx, p.Paper.URL("/account/profile"), 360, 900)
	fills(t, ctx, "/account/profile", map[string]string{"handle": "editor", "name": ""})
	examine(t, ctx, "a profile with errors")
	photograph(t, ctx, "360-profile-errors")
	open(t, ctx, p.Paper.URL("/account/email"), 360, 900)
	fills(t, ctx, "/account/email", map[string]string{"email": "new@readers.example"})
	examine(t, ctx, "a letter on its way")
	photograph(t, ctx, "360-email-sent")
	open(t, ctx, p.Paper.URL("/account/leave"), 1280, 900)
	fills(t, ctx, "/account/leave", nil)
	examine(t, ctx, "an account that will be erased")
	photograph(t, ctx, "1280-leaving")

	f, err := p.Readers.ByID(t.Context(), id)
	check(t, err)
	drawn, err := p.drawPortrait(portraitSample(t))
	check(t, err)
	check(t, p.Readers.SetPortrait(t.Context(), &reader.Actor{Reader: f}, drawn))
	p.Cache.PurgeAll()
	for _, width := range []int64{360, 1280} {
		for _, path := range []string{"/account/profile", "/member/ana"} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if !ask[bool](t, ctx, `document.querySelector("img.portrait").naturalWidth === 320`) {
				t.Errorf("%s at %d does not show the portrait", path, width)
			}
			photograph(t, ctx, fmt.Sprintf("%d-portrait-%s", width, path))
			examine(t, ctx, path+" with a portrait")
		}
	}
}

// TestOwnHTML has the Nu checker read the pages of an account.
func TestOwnHTML(t *testing.T) {
	p := newsday(t, nil)
	in := p.insider("Ana")
	pages := map[string]string{}
	for _, path := range ownPages {
		_, pages[path] = in.look(path)
	}
	_, pages["a wrong profile"], _ = in.send("/account/profile", url.Values{"handle": {"editor"}})
	_, pages["a wrong picture"] = in.gives("/account/profile/portrait", "portrait", []byte("<svg>"))
	if status, _ := in.gives("/account/profile/portrait", "portrait", portraitSample(t)); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	_, pages["a profile with a picture"] = in.look("/account/profile")
	pages["a member with a picture"] = p.page("/member/ana")
	in.sends("/account/leave", url.Values{"comments": {"keep"}})
	_, pages["an account that will be erased"] = in.look("/account")
	in.sends("/account/profile/settings", url.Values{"language": {"ja"}, "letters": {"now"}})
	_, pages["in Japanese"] = in.look("/account/profile")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}
