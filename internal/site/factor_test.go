package site

import (
	"io"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestFactorPages holds the templates against their structs.
func TestFactorPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	r, err := p.roomsIn("")
	check(t, err)
	check(t, templatecheck.CheckHTML(r.totp.HTML(), totpPage{}))
	check(t, templatecheck.CheckHTML(r.codes.HTML(), codesPage{}))
	check(t, templatecheck.CheckHTML(r.passkeys.HTML(), passkeysPage{}))
	check(t, templatecheck.CheckHTML(r.form.HTML(), formPage{}))
	check(t, templatecheck.CheckHTML(r.talk.HTML(), talkPage{}))
	check(t, templatecheck.CheckHTML(r.remarks.template.HTML(), remark{}))
	check(t, templatecheck.CheckHTML(r.notices.HTML(), noticesPage{}))
	check(t, templatecheck.CheckHTML(r.muted.HTML(), mutedPage{}))
	check(t, templatecheck.CheckHTML(r.decisions.HTML(), decisionsPage{}))
	check(t, templatecheck.CheckHTML(r.decision.HTML(), decisionPage{}))
	script := p.page(p.assets.Named("passkey.js").Path)
	if len(script) > 3<<10 {
		t.Errorf("passkey.js has %d bytes", len(script))
	}
}

// TestOneTimeCodes walks without a script from turning one-time codes on to
// turning them off.
func TestOneTimeCodes(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.member("Ana", reader.Member)
		w := p.walker()
		w.open("/account/second-factor").is(303, "/login?next=%2Faccount%2Fsecond-factor")
		w.logs("Ana", "/account/second-factor").is(303, "/account/second-factor")
		w.open("/account").is(200, "Not set")
		w.open("/account/recovery-codes").is(200, "Set one up first")
		w.post("/account/recovery-codes").is(409, "Set one up first")
		w.open("/account/second-factor").is(200, "stolen password is not enough")
		w.post("/account/second-factor", "begin", "1").is(303, "/account/second-factor")
		seed := w.open("/account/second-factor").is(200, `href="otpauth://totp/The%20Arl%20Valley%20Post:ana@post.example?issuer=`).seed()
		if strings.Contains(w.body, "data:image") || !strings.Contains(w.body, `aria-label="QR code with the key`) {
			t.Error("the picture of the key is not as it should be")
		}
		w.post("/account/second-factor", "code", "000000").is(422, "This code is not right")
		if w.seed() != seed {
			t.Error("a wrong code changes the key")
		}
		codes := w.post("/account/second-factor", "code", appCode(t, seed, p.clock.Now())).is(200, "One-time codes are on.").codes()
		if len(codes) != 10 {
			t.Fatalf("%d recovery codes are shown", len(codes))
		}
		w.open("/account/second-factor").is(200, "10 recovery codes are left")
		if len(w.codes()) > 0 || keyOnPage.MatchString(w.body) {
			t.Error("codes or key are shown once more")
		}
		w.post("/logout").is(303, "/logout")

		// The article that the reader came from is kept all the way.
		next := "/category/city?before=x"
		w.logs("Ana", next).is(303, "/login/second-factor?next=%2Fcategory%2Fcity%3Fbefore%3Dx")
		w.open(w.header.Get("Location")).is(200, `name="next" value="/category/city?before=x"`)
		w.is(200, `autocomplete="one-time-code"`).is(200, `href="/logout"`)
		w.post("/login/second-factor", "code", "123", "next", next).is(422, `name="next" value="/category/city?before=x"`).is(422, "This code is not right")
		p.clock.Add(time.Minute)
		w.post("/login/second-factor", "code", appCode(t, seed, p.clock.Now()), "next", next).is(303, next)
		w.post("/logout")
		w.logs("Ana", "https://evil.example/").is(303, "/login/second-factor")
		w.post("/login/second-factor", "code", appCode(t, seed, p.clock.Now()), "next", "//evil.example").is(422, "has been used")
		w.post("/login/second-factor", "recovery", codes[0], "next", "//evil.example").is(303, "/")
		w.post("/logout")
		w.logs("Ana", "/")
		w.post("/login/second-factor", "recovery", codes[0]).is(422, "This recovery code is not right")
		for range 20 {
			if w.post("/login/second-factor", "code", "000000"); w.status != 422 {
				break
			}
		}
		w.is(429, "Too many codes")
		if wait, err := strconv.Atoi(w.header.Get("Retry-After")); err != nil || wait <= 0 || wait > 120 {
			t.Errorf("Retry-After is %q", w.header.Get("Retry-After"))
		}
		w.open("/logout").is(200, "Log out")
		w.post("/logout").is(303, "/logout")
		p.clock.Add(time.Hour)
		w.logs("Ana", "/")
		w.post("/login/second-factor", "code", appCode(t, seed, p.clock.Now())).is(303, "/")

		// Turning it off wants fresh proof.
		p.clock.Add(reader.ProofLife)
		for from, next := range map[string]string{
			"":                              "/login/again?next=%2Faccount",
			"/account/second-factor?x=1":    "/login/again?next=%2Faccount%2Fsecond-factor%3Fx%3D1",
			"/account/second-factor/remove": "/login/again?next=%2Faccount", // an answer to a form
			"/login":                        "/login/again?next=%2Faccount",
		} {
			w.from = from
			w.post("/account/second-factor/remove").is(303, next)
		}
		w.from = ""
		w.open("/account/second-factor").is(303, "/login/again?next=%2Faccount%2Fsecond-factor")
		w.open(w.header.Get("Location")).is(200, `type="password"`)
		w.post("/login/again", "password", "wrong", "next", "/account/second-factor").is(422, "This is not your password.")
		w.post("/login/again", "password", walkersPassword, "next", "/account/second-factor").is(303, "/account/second-factor")
		w.post("/account/recovery-codes").is(200, "the old ones no longer")
		w.post("/account/second-factor/remove").is(303, "/account/second-factor")
		w.open("/account/second-factor").is(200, "Set up one-time codes")
		w.post("/account/second-factor/remove").is(409, "off already")
		w.post("/logout")
		w.logs("Ana", "/").is(303, "/")
	})
}

// TestStaffEnrol leads an editor without a second factor to one, and to what
// was asked for.
func TestStaffEnrol(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.member("Ida", reader.Editor)
		w := p.walker()
		w.logs("Ida", "/account/sessions").is(303, "/login/second-factor?next=%2Faccount%2Fsessions")
		w.open(w.header.Get("Location")).is(303, "/login/enrol?next=%2Faccount%2Fsessions")
		w.open(w.header.Get("Location")).is(200, "Set up your second factor").is(200, `href="/logout"`)
		w.open("/account").is(303, "/login/second-factor?next=%2Faccount")
		w.post("/login/enrol", "code", "123456").is(410, "Begin again")
		w.post("/login/enrol", "begin", "1", "next", "/account/sessions").is(303, "/login/enrol?next=%2Faccount%2Fsessions")
		seed := w.open("/login/enrol?next=%2Faccount%2Fsessions").is(200, "choose=1&amp;next=%2Faccount%2Fsessions").seed()
		w.open("/login/enrol?choose=1&next=%2Faccount%2Fsessions").is(200, "Set up your second factor")
		w.post("/login/enrol", "code", "000000", "next", "/account/sessions").is(422, "This code is not right")
		w.open("/account").is(303, "/login/second-factor?next=%2Faccount")
		w.post("/login/enrol", "code", appCode(t, seed, p.clock.Now()), "next", "/account/sessions").is(200, `href="/account/sessions"`)
		if len(w.codes()) != 10 {
			t.Error("no recovery codes are shown")
		}
		w.open("/account/sessions").is(200, "Firefox, Linux")
		w.open("/account/second-factor").is(200, "One-time codes are on")
		w.post("/account/second-factor/remove").is(409, "keep a second factor")
		w.open("/login/enrol").is(303, "/login?next=%2Flogin%2Fenrol")
	})
}

// TestReg_R05 crawls every route with a session whose second factor is missing,
// of an account that has one and of one that has to set one up: it may have what
// everybody may, show its factor, and nothing else.
//
// Seen red: the pending session of staff taken for a whole one; member routes that
// take pending sessions; the factor not asked for at log-in.
func TestReg_R05(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.member("Ana", reader.Publisher)
		p.member("Ida", reader.Publisher)
		_, err := p.Readers.SetTOTP(t.Context(), id)
		check(t, err)
		tried := 0
		for _, name := range []string{"Ana", "Ida"} {
			w := p.walker()
			w.logs(name, "/").is(303, "/login/second-factor")
			for _, right := range p.rights {
				method, path, _ := strings.Cut(right.Pattern, " ")
				path = strings.NewReplacer("{id}", "x", "{article}", "x", "{item}", "x", "{token}", "x", "{handle}", "x", "{provider}", "facebook").Replace(path)
				if right.Kind != "member" && right.Kind != "sure" {
					continue
				}
				tried++
				kind := "application/x-www-form-urlencoded"
				if strings.HasSuffix(path, "/options") {
					kind = "application/json"
				}
				w.send(method, path, kind, "")
				if to := w.header.Get("Location"); w.status != 303 || !strings.HasPrefix(to, "/login/second-factor") {
					t.Errorf("%s: %s with a pending session: %d, to %q", name, right.Pattern, w.status, to)
				}
			}
			// What a pending session has is no proof for the other pages.
			if w.open("/me"); w.status != 204 {
				t.Errorf("%s: /me says %d %s", name, w.status, w.body)
			}
		}
		if tried < 30 {
			t.Errorf("only %d routes were tried", tried)
		}
		// The account that has a factor cannot set up another one in its place.
		w := p.walker()
		w.logs("Ana", "/")
		w.open("/login/enrol").is(303, "/login/second-factor")
		w.post("/login/enrol", "begin", "1").is(409, "second factor by now")
		w.post("/login/enrol", "code", "123456").is(409, "second factor by now")
		w.post("/login/enrol", "answer", "{}").is(409, "second factor by now")
		w.send("POST", "/login/enrol/options", "application/json", "{}").is(409, "")
	})
}

// TestNamelessPaper is about a paper that is tried out at an address without a
// name: for one name of this machine there are passkeys all the same.
func TestNamelessPaper(t *testing.T) {
	p := start(t, papertest.SQLite(t), func(paper *Paper) {
		paper.BaseURL, paper.Hosts = "http://127.0.0.1:8080", []string{"localhost:8080"}
	})
	if res := p.do(httptest.NewRequest("GET", "http://127.0.0.1:8080/.well-known/passkey-endpoints", nil)); res.StatusCode != 404 {
		t.Errorf("where there are no passkeys is told with %d", res.StatusCode)
	}
	for host, want := range map[string]int{"127.0.0.1:8080": 404, "localhost:8080": 200, "paper.example": 421} {
		r := httptest.NewRequest("POST", "/login/passkey/options", strings.NewReader("{}"))
		r.Host = host
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/json")
		res := p.do(r)
		body, err := io.ReadAll(res.Body)
		check(t, err)
		if res.StatusCode != want || want == 200 && !strings.Contains(string(body), `"rpId":"localhost"`) {
			t.Errorf("at %s the answer is %d: %s", host, res.StatusCode, body)
		}
	}
}

// TestPasskeyQuestions is about the addresses that a script asks.
func TestPasskeyQuestions(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	id := p.member("Ana", reader.Member)
	w := p.walker()
	w.send("POST", "/login/passkey/options", "application/json", "{}").is(200, `"userVerification":"required"`).is(200, `"rpId":"post.example"`)
	if kind := w.header.Get("Content-Type"); kind != "application/json" || w.cookies["__Host-ceremony"] == "" {
		t.Errorf("the answer is %s", kind)
	}
	for name, f := range map[string]func(){
		"a form":        func() { w.post("/login/passkey/options", "x", "1") },
		"nothing":       func() { w.send("POST", "/login/passkey/options", "application/json", "") },
		"another field": func() { w.send("POST", "/login/passkey/options", "application/json", `{"email":"ana@post.example"}`) },
		"no JSON":       func() { w.send("POST", "/login/passkey/options", "application/json", "{") },
		"plain text":    func() { w.send("POST", "/login/passkey/options", "text/plain", "{}") },
		"more than asked": func() {
			w.send("POST", "/login/passkey/options", "application/json", "{"+strings.Repeat(" ", 1000)+"}")
		},
	} {
		if f(); w.status != 422 && w.status != 415 && w.status != 413 {
			t.Errorf("%s: %d", name, w.status)
		}
	}
	foreign := httptest.NewRequest("POST", p.Paper.URL("/login/passkey/options"), strings.NewReader("{}"))
	foreign.Header.Set("Content-Type", "application/json")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if res := p.do(foreign); res.StatusCode != 403 {
		t.Errorf("from another site: %d", res.StatusCode)
	}
	w.post("/login/passkey", "answer", "{}", "next", "/account").is(422, "This passkey does not open an account here.").is(422, `value="/account"`)
	w.post("/login/passkey").is(422, "This passkey does not open an account here.")

	w.logs("Ana", "/account/passkeys")
	w.open("/account/passkeys").is(200, "You have no passkey yet.").is(200, "Passkeys need JavaScript")
	w.send("POST", "/account/passkeys/options", "application/json", "{}").is(200, `"residentKey":"required"`).is(200, `"attestation":"none"`)
	w.post("/account/passkeys", "answer", "{}", "name", "x").is(422, "could not be made")
	w.open("/account/passkeys/nothing").is(404, "")
	w.post("/account/passkeys/nothing", "name", "x").is(404, "")
	w.post("/account/passkeys/nothing/remove").is(404, "")
	if id == "" {
		t.Fatal("nobody")
	}

	// At an address without a name there are none.
	bare := start(t, papertest.SQLite(t), func(p *Paper) { p.BaseURL = "http://127.0.0.1:8080" })
	bare.member("Ana", reader.Member)
	w = bare.walker()
	if w.open("/login").is(200, "Log in"); strings.Contains(w.body, "passkey") {
		t.Error("a passkey is offered where there can be none")
	}
	w.send("POST", "/login/passkey/options", "application/json", "{}").is(404, "")
	w.logs("Ana", "/")
	w.open("/account/passkeys").is(200, "browsers make no passkeys")
}

// TestFactorLetter tells of a factor in the member's language.
func TestFactorLetter(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	for language, want := range map[string]string{
		"en": "On Nov. 3, 2025, 18:00 JST this was changed in your account: A passkey was added.\n",
		"ja": "2025年11月3日 18:00 JSTに、アカウントで次の変更がありました：パスキーが追加されました。\n",
	} {
		m, err := p.message(&reader.Post{Kind: reader.FactorSet, To: "ana@post.example", Language: language, Detail: "A passkey was added.", At: p.clock.Now()})
		check(t, err)
		if !strings.Contains(m.Text, want) {
			t.Errorf("%s: %s", language, m.Text)
		}
	}
}

// TestFactorHTML has the Nu checker read the pages of second factors.
func TestFactorHTML(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.member("Ana", reader.Member)
	p.member("Ida", reader.Editor)
	pages := map[string]string{}
	w := p.walker()
	keep := func(name string) { pages[name] = w.body }
	w.open("/login").is(200, "")
	keep("login")
	w.logs("Ana", "/")
	for _, path := range []string{"/account", "/account/second-factor", "/account/passkeys", "/account/recovery-codes"} {
		w.open(path).is(200, "")
		keep(path)
	}
	w.post("/account/second-factor", "begin", "1")
	w.open("/account/second-factor").is(200, "")
	keep("a key")
	seed := w.seed()
	w.post("/account/second-factor", "code", "000000").is(422, "")
	keep("a wrong code")
	w.post("/account/second-factor", "code", appCode(t, seed, p.clock.Now())).is(200, "")
	keep("recovery codes")
	w.open("/account/second-factor").is(200, "")
	keep("one-time codes are on")
	w.post("/logout")
	w.logs("Ana", "/")
	w.open("/login/second-factor").is(200, "")
	keep("second factor")
	w.post("/login/second-factor", "code", "000000").is(422, "")
	keep("a wrong second factor")
	w.post("/logout")
	w.logs("Ida", "/")
	w.open("/login/enrol").is(200, "")
	keep("enrol")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(m)
		}
	}
}
