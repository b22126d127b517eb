package site

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestReg_R33_Networks asks for letters from many addresses of one customer, by
// the pages: those of an IPv6 /48 and of an IPv4 /24 count together, whatever the
// request says of where it comes from.
//
// Seen red: no wider network; X-Forwarded-For believed from everybody.
func TestReg_R33_Networks(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ask := func(path, from, forwarded string, form url.Values) int {
		r := httptest.NewRequest(http.MethodPost, "https://post.example"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.RemoteAddr = from
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
			r.Header.Set("X-Real-IP", forwarded)
			r.Header.Set("Forwarded", "for="+forwarded)
		}
		return p.do(r).StatusCode
	}
	const inARow = 10
	for _, test := range []struct {
		path, from, other string
		good              int
	}{
		{"/forgot-password", "[2001:db8:1:%x::1]:443", "[2001:db8:2::1]:443", http.StatusOK},
		{"/forgot-password", "198.51.100.%d:443", "198.51.101.1:443", http.StatusOK},
		{"/forgot-password", "[::ffff:203.0.113.%d]:443", "[::ffff:203.0.114.1]:443", http.StatusOK},
		{"/register", "[2001:db8:3:%x::1]:443", "[2001:db8:4::1]:443", http.StatusSeeOther},
	} {
		let := 0
		form := func(i int) url.Values {
			return url.Values{"email": {fmt.Sprintf("v%d@post.example", i)}, "name": {"Vic"}, "password": {walkersPassword}}
		}
		for i := range 4 * inARow {
			switch status := ask(test.path, fmt.Sprintf(test.from, i), fmt.Sprintf("10.%d.0.1", i), form(i)); status {
			case test.good:
				let++
			case http.StatusTooManyRequests:
			default:
				t.Errorf("%s from %s answers %d", test.path, test.from, status)
			}
		}
		if let != inARow {
			t.Errorf("%s from %s is answered %d times", test.path, test.from, let)
		}
		if status := ask(test.path, test.other, "", form(0)); status != test.good {
			t.Errorf("%s from %s, too, answers %d", test.path, test.other, status)
		}
	}
}

// TestReg_R33_Words registers strangers' addresses with a name that advertises
// something: none of it comes to them in our letters.
//
// Seen red: the name in the letter to confirm.
func TestReg_R33_Words(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.member("Ana", reader.Member)
	letters := 0
	for i, name := range []string{"WIN at evil.example", "https://evil.example", "WIN <a href=//evil.example>", "WIN\r\nBcc: all@evil.example"} {
		p.clock.Add(25 * time.Hour)
		for _, email := range []string{fmt.Sprintf("victim%d@post.example", i), "ana@post.example"} {
			form := []string{"email", email, "name", name, "password", walkersPassword, "next", "/category/evil.example"}
			if w := p.walker().post("/register", form...); w.status != http.StatusSeeOther && w.status != http.StatusUnprocessableEntity {
				t.Errorf("%q answers %d", name, w.status)
			}
		}
		for kind, post := range p.posted() {
			letters++
			m, err := p.message(post)
			check(t, err)
			if all := fmt.Sprint(m); strings.Contains(all, "WIN") || strings.Contains(all, "evil") {
				t.Errorf("with the name %q the letter %s says\n%s", name, kind, all)
			}
		}
	}
	if letters < 2 {
		t.Errorf("only %d letters were written", letters)
	}
}

// TestBrakesOfPages is about what somebody sees who has to wait: the same page,
// what was typed but not the password, and when to come back (R33, R25).
func TestBrakesOfPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.member("Ana", reader.Member)
	w := p.walker()
	for range 20 {
		if w.post("/forgot-password", "email", "ana@post.example"); w.status != 200 {
			break
		}
	}
	w.is(429, "Many links were asked for").is(429, `value="ana@post.example"`)
	if w.header.Get("Retry-After") == "" {
		t.Error("nobody says when to come back")
	}
	for i := range 20 {
		if w.post("/login", "email", "ana@post.example", "password", fmt.Sprint("wrong and long ", i)); w.status != 422 {
			break
		}
	}
	w.is(429, "Too many attempts").is(429, `value="ana@post.example"`)
	if w.header.Get("Retry-After") == "" || strings.Contains(w.body, "wrong and long") {
		t.Errorf("the page of who has to wait is\n%s", w.body)
	}
	// All that is wrong with a form is said at once, at its fields, and what was
	// typed stays, but for the password.
	w.post("/register", "email", "ana", "name", "<b>", "password", "short", "next", "/category/city").is(422, `value="ana"`).
		is(422, "One looks like name@example.com").is(422, "at least 12 characters").is(422, `value="&lt;b&gt;"`).is(422, `name="next" value="/category/city"`)
	if strings.Contains(w.body, `"short"`) || strings.Count(w.body, `aria-invalid="true"`) != 2 {
		t.Errorf("the form comes back as\n%s", w.body)
	}
}
