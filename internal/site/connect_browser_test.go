package site

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
	"kawaraban/internal/pretend"
	"kawaraban/internal/reader"
)

// connecting is a paper with providers on a port of this machine. They are on
// another site than the paper. strict makes the sessions be kept as those of
// staff are.
func connecting(t *testing.T, strict bool) *press {
	t.Helper()
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strict {
			w = stricter{w}
		}
		handler.ServeHTTP(w, r)
	})
	p := start(t, papertest.SQLite(t), func(paper *Paper) { paper.BaseURL = server.URL })
	p.providers()
	handler = p.handler
	return p
}

// stricter makes a session stay away when another site leads here.
type stricter struct{ http.ResponseWriter }

func (s stricter) WriteHeader(status int) {
	set := s.Header()["Set-Cookie"]
	for i := range set {
		if strings.HasPrefix(set[i], "session") {
			set[i] = strings.Replace(set[i], "SameSite=Lax", "SameSite=Strict", 1)
		}
	}
	s.ResponseWriter.WriteHeader(status)
}

// at waits until the browser shows a page with this path.
func at(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	papertest.Eventually(t, func() bool {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + (document.readyState === "complete" ? "" : " loading")`))
		return err == nil && got == path
	})
}

// click clicks the one element of a selector.
func click(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.Click(selector))
	check(t, err)
}

// TestConnectInBrowser clicks the whole way: registering with Facebook, out and
// in again, connecting another provider and disconnecting it; then the same with
// OpenID Connect first. It shows that the policy lets the browser go to another
// site and that the cookies come back from there.
func TestConnectInBrowser(t *testing.T) {
	for _, test := range []struct{ first, dialog, second, secondDialog string }{
		{"facebook", "/facebook/dialog", "id", "/authorize"},
		{"id", "/authorize", "facebook", "/facebook/dialog"},
	} {
		t.Run(test.first, func(t *testing.T) {
			ctx := papertest.Browser(t)
			p := connecting(t, false)
			login := func() {
				open(t, ctx, p.Paper.URL("/login"), 360, 800)
				click(t, ctx, `form[action="/connect/`+test.first+`"] button`)
				at(t, ctx, test.dialog)
				click(t, ctx, `a[data-person="`+hanna.ID+`"]`)
				at(t, ctx, "/")
				open(t, ctx, p.Paper.URL("/account"), 1280, 900)
				if name := ask[string](t, ctx, `document.querySelector(".account-link summary").textContent`); name != "Hanna Vey" {
					t.Fatalf("the account is that of %q", name)
				}
			}
			login()
			click(t, ctx, `main form[action="/logout"] button`)
			at(t, ctx, "/logout")
			login()
			var n int
			check(t, p.db.QueryRow(t.Context(), `select count(*) from reader`).Scan(&n))
			if n != 1 {
				t.Errorf("there are %d accounts", n)
			}
			click(t, ctx, `a[href="/account/connections"]`)
			at(t, ctx, "/account/connections")
			click(t, ctx, `a[href="/account/connections/`+test.second+`"]`)
			at(t, ctx, "/account/connections/"+test.second)
			click(t, ctx, `main form button`)
			at(t, ctx, test.secondDialog)
			click(t, ctx, `a[data-person="`+tomas.ID+`"]`)
			at(t, ctx, "/account/connections")
			if said := ask[string](t, ctx, `document.querySelector(".notice").textContent`); !strings.Contains(said, "is connected") {
				t.Errorf("the list says %q", said)
			}
			click(t, ctx, `a[href="/account/connections/`+test.first+`"]`)
			at(t, ctx, "/account/connections/"+test.first)
			click(t, ctx, `main form button.danger`)
			at(t, ctx, "/account/connections")
			if said := ask[string](t, ctx, `document.querySelector(".notice").textContent`); !strings.Contains(said, "is disconnected") {
				t.Errorf("the list says %q", said)
			}
		})
	}
}

// TestFormPostInBrowser has the provider answer by a form from another site, as
// Apple does: the cookie comes along with what follows.
func TestFormPostInBrowser(t *testing.T) {
	ctx := papertest.Browser(t)
	p := connecting(t, false)
	p.Readers.Providers[1].FormPost = true
	open(t, ctx, p.Paper.URL("/login"), 1280, 900)
	click(t, ctx, `form[action="/connect/id"] button`)
	at(t, ctx, "/authorize")
	to := ask[string](t, ctx, `document.querySelector('a[data-person="`+hanna.ID+`"]').href`)
	open(t, ctx, to+"&response_mode=form_post", 1280, 900)
	click(t, ctx, "form button")
	at(t, ctx, "/")
	open(t, ctx, p.Paper.URL("/account"), 1280, 900)
	if name := ask[string](t, ctx, `document.querySelector(".account-link summary").textContent`); name != "Hanna Vey" {
		t.Errorf("the account is that of %q", name)
	}
}

// TestConnectStaffInBrowser is about staff, whose session does not come along
// from another site: connecting works for them too.
func TestConnectStaffInBrowser(t *testing.T) {
	ctx := papertest.Browser(t)
	p := connecting(t, true)
	open(t, ctx, p.Paper.URL("/login"), 1280, 900)
	click(t, ctx, `form[action="/connect/id"] button`)
	at(t, ctx, "/authorize")
	click(t, ctx, `a[data-person="`+hanna.ID+`"]`)
	at(t, ctx, "/")
	open(t, ctx, p.Paper.URL("/account/connections/facebook"), 1280, 900)
	click(t, ctx, `main form button`)
	at(t, ctx, "/facebook/dialog")
	click(t, ctx, `a[data-person="`+tomas.ID+`"]`)
	at(t, ctx, "/account/connections")
	becomes(t, ctx, `!!document.querySelector(".notice")`)
}

// TestConnectPages has axe look at the pages of providers, measures them, and
// has the Nu checker read them.
func TestConnectPages(t *testing.T) {
	ctx := papertest.Browser(t)
	p := connecting(t, false)
	face := p.Readers.Providers
	g := p.guest()
	pages := map[string]string{}
	look := func(path string) {
		t.Helper()
		for _, width := range []int64{360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
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
		_, pages[path] = g.send(http.MethodGet, path, nil)
	}
	for _, path := range []string{"/login", "/register", "/connect/facebook", "/connect/id/callback?state=x", "/newsletter/confirm?token=x"} {
		look(path)
	}
	_, pages["going"] = g.send(http.MethodPost, "/connect/facebook", url.Values{})
	code, err := p.Readers.DeleteFacebookData(t.Context(), signed(p))
	check(t, err)
	look("/connect/facebook/deletion?code=" + code)

	g.send(http.MethodGet, g.depart("/connect/facebook", hanna.ID), nil)
	open(t, ctx, p.Paper.URL("/login"), 360, 800)
	click(t, ctx, `form[action="/connect/facebook"] button`)
	at(t, ctx, "/facebook/dialog")
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("the dialog: %s", v)
	}
	click(t, ctx, `a[data-person="`+hanna.ID+`"]`)
	at(t, ctx, "/")
	for _, path := range []string{"/account", "/account/connections", "/account/connections/facebook", "/account/connections/id"} {
		look(path)
	}
	p.Readers.Providers = nil // a provider that is no more in the settings
	look("/account/connections?none")
	p.Readers.Providers = face
	p.clock.Add(reader.ProofLife)
	look("/login/again?next=/account/connections")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}

// signed is a request of Facebook's about somebody whom we do not know.
func signed(p *press) string {
	return (&pretend.Provider{Secret: pretendSecret}).SignedRequest("nobody", p.clock.Now())
}
