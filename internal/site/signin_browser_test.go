package site

import (
	"fmt"
	"math"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestSignInPages looks at the pages by which somebody becomes a member, or gets
// back in: as they are, and with something wrong.
func TestSignInPages(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t)
	p.member("Ana", reader.Member)
	post, err := p.Readers.Compose(t.Context(), reader.Letter{Kind: reader.ResetPassword, Email: "ana@post.example"})
	check(t, err)
	reset := "/reset-password?" + url.Values{"token": {post.Token.Reveal()}}.Encode()
	for _, width := range []int64{320, 360, 1280} {
		for name, path := range map[string]string{
			"login": "/login?next=/category/city", "register": "/register", "forgot": "/forgot-password", "verify": "/verify-email", "reset": reset,
			"dead": "/reset-password?token=old", "dead verify": "/verify-email?token=old", "logout": "/logout",
		} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			if width > 320 {
				photograph(t, ctx, fmt.Sprintf("%s-%d", name, width))
				examine(t, ctx, fmt.Sprintf("%s at %d", name, width))
			}
		}
	}
	open(t, ctx, p.Paper.URL("/register"), 360, 900)
	fills(t, ctx, "/register", map[string]string{"email": "ana", "name": "Ana", "password": "aaaaaaaaaaaa"})
	photograph(t, ctx, "register-wrong-360")
	examine(t, ctx, "a form that is wrong")
}

// TestPasswordInBrowser types a password: its field says in words how good it
// is, can be looked at, and sends nothing by itself.
func TestPasswordInBrowser(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t)
	script, err := files.ReadFile("password.js")
	check(t, err)
	if len(script) > 4<<10 {
		t.Errorf("password.js has %d bytes", len(script))
	}
	open(t, ctx, p.Paper.URL("/register"), 360, 900)
	said := func() string { return ask[string](t, ctx, `document.querySelector(".meter").textContent`) }
	types := func(field, text string) {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
			const f = document.querySelector("[name=%s]"); f.value = %q; f.dispatchEvent(new Event("input", {bubbles: true}));
		}`, field, text)))
		check(t, err)
	}
	becomes(t, ctx, `!!document.querySelector(".eye")`)
	before := ask[float64](t, ctx, `document.querySelector(".act").getBoundingClientRect().top`)
	types("email", "ana.ruiz@post.example")
	types("name", "Ana Ruiz")
	for _, test := range []struct{ pw, says string }{
		{"", ""},
		{"short", "Too short so far."},
		{"aaaaaaaaaaaaaaaaaaaa", "Easy to guess. A few more words make it hard."},
		{"abcdefghijklmnop", "Easy to guess. A few more words make it hard."},
		{"anaruizanaruizana", "Easy to guess. A few more words make it hard."},
		{"passwordpassword", "Easy to guess. A few more words make it hard."},
		{"ladder tuesday mil", "Better. One more word makes it hard to guess."},
		{"correct horse battery staple", "Hard to guess."},
		{"川沿いの古い橋と三毛猫の朝", "Hard to guess."},
		{"", ""},
	} {
		if types("password", test.pw); said() != test.says {
			t.Errorf("%q: the page says %q, want %q", test.pw, said(), test.says)
		}
	}
	types("password", "correct horse battery staple")
	photograph(t, ctx, "register-good-360")
	if after := ask[float64](t, ctx, `document.querySelector(".act").getBoundingClientRect().top`); math.Abs(after-before) > 0.5 {
		t.Errorf("the button moves from %.1f to %.1f", before, after)
	}
	if size := ask[[]float64](t, ctx, `(({width, height}) => [width, height])(document.querySelector(".eye").getBoundingClientRect())`); size[0] < 44 || size[1] < 44 {
		t.Errorf("the button that shows the password is %v", size)
	}
	state := func() string {
		return ask[string](t, ctx, `document.querySelector("[name=password]").type + " " + document.querySelector(".eye").getAttribute("aria-pressed")`)
	}
	click := func() {
		t.Helper()
		_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector(".eye").click()`))
		check(t, err)
	}
	for i, want := range []string{"password false", "text true", "password false"} {
		if i > 0 {
			click()
		}
		if got := state(); got != want {
			t.Errorf("after %d clicks the field is %s, want %s", i, got, want)
		}
	}
	click()
	examine(t, ctx, "a password that is shown")
	// Who sends the form while the password is shown sends it as a password.
	_, err = chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`{
		const f = document.querySelector("form[action='/register']");
		f.addEventListener("submit", (e) => e.preventDefault());
		f.requestSubmit();
	}`))
	check(t, err)
	if got := state(); got != "password false" {
		t.Errorf("when it is sent, the field is %s", got)
	}
	if n := ask[int64](t, ctx, `performance.getEntriesByType("resource").filter((e) => ["fetch", "xmlhttprequest", "beacon"].includes(e.initiatorType)).length`); n != 0 {
		t.Errorf("the page has sent %d requests while somebody typed", n)
	}
}
