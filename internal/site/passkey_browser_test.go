package site

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"kawaraban/internal/audit"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// A sitting is a browser with an authenticator before a paper that has a name:
// passkeys want one.
type sitting struct {
	*press
	t    *testing.T
	ctx  context.Context
	keys *papertest.Authenticator
}

func sit(t *testing.T) *sitting {
	t.Helper()
	ctx := papertest.Browser(t)
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	p := start(t, papertest.SQLite(t), func(paper *Paper) {
		paper.BaseURL = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	})
	handler = p.handler
	b := &sitting{press: p, t: t, ctx: ctx}
	b.at("/healthz")
	b.keys = papertest.NewAuthenticator(t, ctx)
	return b
}

func (b *sitting) at(path string) {
	b.t.Helper()
	open(b.t, b.ctx, b.Paper.URL(path), 1280, 900)
}

// holds waits until an expression holds in the page, whichever page that is.
func (b *sitting) holds(expression string) {
	b.t.Helper()
	becomes(b.t, b.ctx, expression)
}

// sends fills the fields of the form that goes to action, and sends it.
func (b *sitting) sends(action string, pairs ...string) {
	b.t.Helper()
	form := fmt.Sprintf(`document.querySelector('main form[action="%s"]')`, action)
	if len(pairs) > 0 {
		form = fmt.Sprintf(`document.querySelector('main form[action="%s"]:has([name="%s"])')`, action, pairs[0])
	}
	var fill strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&fill, `f.elements["%s"].value = %q, `, pairs[i], pairs[i+1])
	}
	b.holds(fmt.Sprintf(`((f) => document.readyState === "complete" && !!f && (%s f.querySelector("button").click(), true))(%s)`, fill.String(), form))
}

// shows presses the button of the form that asks for a passkey.
func (b *sitting) shows() {
	b.t.Helper()
	b.holds(`((button) => !!button && (button.click(), true))(document.querySelector("form[data-do]:not([hidden]) button"))`)
}

func (b *sitting) path(path string) {
	b.t.Helper()
	b.holds(fmt.Sprintf(`location.pathname === %q && document.readyState === "complete"`, path))
}

// TestPasskeyInBrowser has Chromium make a passkey, log in with it, prove with it
// and lose it.
func TestPasskeyInBrowser(t *testing.T) {
	b := sit(t)
	id := b.member("Ana", reader.Member)
	b.keys.Answers(false)
	b.at("/login?next=/account/passkeys")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/account/passkeys")
	b.keys.Answers(true)
	b.sends("/account/passkeys", "name", "My laptop")
	b.holds(`document.querySelectorAll(".codes li").length === 10`)
	if b.keys.Keys() != 1 {
		t.Fatalf("the browser keeps %d passkeys", b.keys.Keys())
	}
	// The buttons that only a script can have are there, and copying works.
	b.holds(`[...document.querySelectorAll(".tools button")].every(b => !b.hidden)`)
	b.at("/account/passkeys")
	b.holds(`document.querySelector(".rows").textContent.includes("My laptop")`)

	// Without a name, in the field where the address is typed.
	b.keys.Answers(false)
	b.logout()
	b.keys.Answers(true)
	b.at("/login?next=/account/sessions")
	b.path("/account/sessions")
	b.holds(`document.querySelector(".rows").textContent.includes("passkey")`)

	// And with the button.
	b.keys.Answers(false)
	b.logout()
	b.at("/login?next=/account/sessions")
	b.shows()
	b.keys.Answers(true)
	b.path("/account/sessions")

	// It is the second factor after the password, too.
	b.keys.Answers(false)
	b.logout()
	b.at("/login?next=/account/sessions")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/login/second-factor")
	b.keys.Answers(true)
	b.shows()
	b.path("/account/sessions")

	// And proof that this is still Ana.
	b.clock.Add(reader.ProofLife)
	b.at("/account/passkeys")
	b.path("/login/again")
	b.shows()
	b.path("/account/passkeys")

	// A page that has been open for long asks for that proof before it makes
	// another passkey.
	b.clock.Add(reader.ProofLife)
	b.shows()
	b.path("/login/again")
	b.shows()
	b.path("/account/passkeys")

	b.at("/account/passkeys")
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector(".rows a").click()`))
	check(t, err)
	b.holds(`location.pathname !== "/account/passkeys" && !!document.querySelector("#f-name")`) // the page before has one too
	form := ask[string](t, b.ctx, `document.querySelector("main form").getAttribute("action")`)
	b.sends(form, "name", "Old laptop")
	b.path("/account/passkeys")
	b.holds(`document.querySelector(".rows").textContent.includes("Old laptop")`)
	b.at(form)
	b.sends(form + "/remove")
	b.path("/account/passkeys")
	b.holds(`document.querySelector("main").textContent.includes("You have no passkey yet.")`)

	// The browser still has it; it opens nothing.
	b.logout()
	b.at("/login")
	b.holds(`document.querySelector(".notice.bad")?.textContent.includes("does not open an account") ?? false`)
	var acts []audit.Act
	check(t, audit.Read(t.Context(), b.db, id, 0, func(e audit.Entry, _ string) error {
		acts = append(acts, e.Act)
		return nil
	}))
	said := fmt.Sprint(acts)
	for _, act := range []audit.Act{reader.PasskeyAdded, reader.ProvedAgain, reader.PasskeyRemoved} {
		if !strings.Contains(said, string(act)) {
			t.Errorf("the audit log says nothing of %s: %s", act, said)
		}
	}
}

func (b *sitting) logout() {
	b.t.Helper()
	b.at("/logout")
	b.sends("/logout")
	b.holds(`document.querySelector("h1").textContent === "You are logged out"`)
}

// TestStaffPasskeyInBrowser leads an editor to a passkey, and then in.
func TestStaffPasskeyInBrowser(t *testing.T) {
	b := sit(t)
	b.member("Ida", reader.Editor)
	b.keys.Answers(false)
	b.at("/login?next=/account/sessions")
	b.sends("/login", "email", "ida@post.example", "password", walkersPassword)
	b.path("/login/enrol")
	b.keys.Answers(true)
	b.shows()
	b.holds(`document.querySelectorAll(".codes li").length === 10`)
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector(".elsewhere a").click()`))
	check(t, err)
	b.path("/account/sessions")
	// The last factor of somebody who works here stays, and there is a way out.
	b.at("/account/passkeys")
	form := ask[string](t, b.ctx, `document.querySelector(".rows a").getAttribute("href")`)
	b.at(form)
	b.sends(form + "/remove")
	b.holds(`document.querySelector(".notice.bad")?.textContent.includes("keep a second factor") ?? false`)
	b.holds(`!!document.querySelector('.elsewhere a[href="/account/second-factor"]')`)
}

// TestOneTimeCodesInBrowser sets one-time codes up and logs in with one.
func TestOneTimeCodesInBrowser(t *testing.T) {
	b := sit(t)
	b.member("Ana", reader.Member)
	b.keys.Answers(false)
	b.at("/login?next=/account/second-factor")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/account/second-factor")
	b.sends("/account/second-factor", "begin", "1")
	b.holds(`!!document.querySelector(".key code")`)
	if width := ask[float64](t, b.ctx, `document.querySelector(".qr").getBoundingClientRect().width`); width < 200 {
		t.Errorf("the QR code is %.0f wide", width)
	}
	seed := strings.ReplaceAll(ask[string](t, b.ctx, `document.querySelector(".key code").textContent`), " ", "")
	b.sends("/account/second-factor", "code", appCode(t, seed, b.clock.Now()))
	b.holds(`document.querySelectorAll(".codes li").length === 10`)
	b.logout()
	b.at("/login?next=/account/sessions")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/login/second-factor")
	// A browser puts the cursor there with the first frame, after the page is complete.
	b.holds(`document.activeElement.id === "f-code"`)
	b.sends("/login/second-factor", "code", "000000")
	b.holds(`!!document.querySelector("#e-code")`)
	b.clock.Add(time.Minute)
	b.sends("/login/second-factor", "code", appCode(t, seed, b.clock.Now()))
	b.path("/account/sessions")
}

// before runs a script in every page that is opened from now on, before its own.
func (b *sitting) before(script string) {
	b.t.Helper()
	check(b.t, chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})))
}

// TestOldBrowser is about browsers that know passkeys and read none of their
// JSON, nor name them where an address is typed.
func TestOldBrowser(t *testing.T) {
	b := sit(t)
	b.member("Ana", reader.Member)
	b.before(`delete PublicKeyCredential.parseCreationOptionsFromJSON;
		delete PublicKeyCredential.parseRequestOptionsFromJSON;
		delete PublicKeyCredential.isConditionalMediationAvailable;
		delete PublicKeyCredential.prototype.toJSON;`)
	b.at("/login?next=/account/passkeys")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/account/passkeys")
	b.shows()
	b.holds(`document.querySelectorAll(".codes li").length === 10`)
	b.logout()
	b.at("/login?next=/account/sessions")
	b.shows()
	b.path("/account/sessions")
}

// TestHastyPasskey presses the button before the browser has said whether it names
// passkeys where an address is typed: it is asked once, and by the button.
//
// Seen red: an offer that begins after the button, whose request comes first.
func TestHastyPasskey(t *testing.T) {
	b := sit(t)
	b.member("Ana", reader.Member)
	b.at("/login?next=/account/passkeys")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/account/passkeys")
	b.shows()
	b.holds(`document.querySelectorAll(".codes li").length === 10`)
	b.keys.Answers(false)
	b.logout()
	b.before(`window.asked = [];
		const pressed = new Promise((done) => { window.press = done; });
		PublicKeyCredential.isConditionalMediationAvailable = () => pressed.then(() => true);
		const get = navigator.credentials.get.bind(navigator.credentials);
		navigator.credentials.get = (options) => {
			asked.push(options.mediation ?? "button");
			return get(options);
		};
		const real = window.fetch;
		let first = true; // the button's: what is asked for after it is faster
		window.fetch = async (...args) => {
			const waits = first;
			first = false;
			const answer = await real(...args);
			if (waits) await new Promise((done) => setTimeout(done, 300));
			return answer;
		};`)
	b.at("/login?next=/account/sessions")
	b.shows()
	ask[bool](t, b.ctx, `press(), true`)
	b.holds(`asked.includes("button")`)
	if by := ask[string](t, b.ctx, `asked.join()`); by != "button" {
		t.Errorf("the browser is asked by %s", by)
	}
}

// TestWithoutPasskeys is about browsers that know none, and those that run no
// script: what cannot work is not shown, and the reader is told where it matters.
func TestWithoutPasskeys(t *testing.T) {
	b := sit(t)
	b.member("Ana", reader.Member)
	b.keys.Answers(false)
	b.before(`delete window.PublicKeyCredential`)
	const seen = `(e => e.checkVisibility({visibilityProperty: true}))`
	b.at("/login?next=/account/passkeys")
	b.holds(`!` + seen + `(document.querySelector("form[data-do]"))`)
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/account/passkeys")
	b.holds(seen + `(document.querySelector(".without")) && !` + seen + `(document.querySelector("form[data-do]"))`)
	check(t, chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	})))
	b.at("/account/passkeys")
	b.holds(`!matchMedia("(scripting: enabled)").matches`)
	b.holds(seen + `(document.querySelector(".without")) && !` + seen + `(document.querySelector("form[data-do]"))`)
}

// TestFactorFits has axe look at the pages of second factors, on a phone and on a
// desk, in light and in dark; none is wider than the screen, and none jumps.
func TestFactorFits(t *testing.T) {
	b := sit(t)
	b.member("Ana", reader.Member)
	b.member("Ida", reader.Editor)
	b.keys.Answers(false)
	look := func(path string) {
		t.Helper()
		for _, width := range []int64{360, 1280} {
			b.slowly(6)
			open(t, b.ctx, b.Paper.URL(path), width, 900)
			still(t, b.ctx, path, width, stillness)
			b.slowly(1)
			b.judge(path, width)
		}
	}
	look("/login?next=/account")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/account")
	look("/account")
	look("/account/passkeys")
	look("/account/second-factor")
	look("/account/recovery-codes")
	b.at("/account/second-factor")
	b.sends("/account/second-factor", "begin", "1")
	b.holds(`!!document.querySelector(".key code")`)
	look("/account/second-factor")
	seed := strings.ReplaceAll(ask[string](t, b.ctx, `document.querySelector(".key code").textContent`), " ", "")
	b.sends("/account/second-factor", "code", "000000")
	b.holds(`!!document.querySelector("#e-code")`)
	b.judge("a wrong code", 1280)
	b.sends("/account/second-factor", "code", appCode(t, seed, b.clock.Now()))
	b.holds(`document.querySelectorAll(".codes li").length === 10`)
	for _, width := range []int64{360, 1280} {
		_, err := chromedp.Run(b.ctx, chromedp.EmulateViewport(width, 900))
		check(t, err)
		b.judge("recovery codes", width)
	}
	look("/account/second-factor")
	look("/account/recovery-codes")
	b.keys.Answers(true)
	b.at("/account/passkeys")
	b.shows()
	b.holds(`!!document.querySelector(".rows a")`)
	b.keys.Answers(false)
	look("/account/passkeys")
	look(ask[string](t, b.ctx, `document.querySelector(".rows a").getAttribute("href")`))
	b.clock.Add(reader.ProofLife)
	look("/login/again?next=/account/passkeys")
	b.logout()
	b.at("/login")
	b.sends("/login", "email", "ana@post.example", "password", walkersPassword)
	b.path("/login/second-factor")
	look("/login/second-factor")
	b.logout()
	b.at("/login")
	b.sends("/login", "email", "ida@post.example", "password", walkersPassword)
	b.path("/login/enrol")
	look("/login/enrol")
}

// slowly makes the browser as slow as a cheap phone, which paints pages that are
// not whole yet.
func (b *sitting) slowly(rate float64) {
	b.t.Helper()
	check(b.t, chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: rate})
		return err
	})))
}

func (b *sitting) judge(name string, width int64) {
	b.t.Helper()
	if got := ask[int64](b.t, b.ctx, `document.documentElement.scrollWidth`); got > width {
		b.t.Errorf("%s is %d wide on a screen of %d", name, got, width)
	}
	for _, v := range papertest.Axe(b.t, b.ctx) {
		b.t.Errorf("%s at %d: %s", name, width, v)
	}
	if ground := ask[string](b.t, b.ctx, darken); ground != "rgb(22, 21, 19)" {
		b.t.Fatalf("%s did not become dark: %s", name, ground)
	}
	for _, v := range papertest.Axe(b.t, b.ctx) {
		b.t.Errorf("%s at %d, dark: %s", name, width, v)
	}
}
