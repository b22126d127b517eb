package site

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestReg_R31 says in every way that there is that the paper is called otherwise:
// no link in a letter, and no page, believes it, and a host that is not ours is
// sent away.
//
// Seen red: the host taken from X-Forwarded-Host, for the request and for the links
// of letters; any host taken for ours.
func TestReg_R31(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.member("Ana", reader.Member)
		link := regexp.MustCompile(`https?://[^\s"<>]+`)
		lies := [][]string{
			nil,
			{"X-Forwarded-Host", "evil.example"},
			{"X-Forwarded-Server", "evil.example"},
			{"X-Forwarded-Proto", "gopher"},
			{"X-Forwarded-Port", "666"},
			{"X-Forwarded-Prefix", "/evil.example"},
			{"X-Forwarded-For", "evil.example"},
			{"Forwarded", "for=1.2.3.4;host=evil.example;proto=http"},
			{"X-Original-URL", "/evil.example"},
			{"X-Rewrite-URL", "/evil.example"},
			{"X-Original-Host", "evil.example"},
			{"X-Host", "evil.example"},
			{"X-HTTP-Host-Override", "evil.example"},
			{"X-Real-IP", "evil.example"},
			{"X-HTTP-Method-Override", "GET"},
			{"Referer", "https://evil.example/"},
			{"Via", "1.1 evil.example"},
			{"True-Client-IP", "evil.example"},
			{"CF-Connecting-IP", "evil.example"},
			{"X-Url-Scheme", "gopher"},
			{"Front-End-Https", "off"},
		}
		send := func(host, path string, form url.Values, lie []string) *http.Response {
			r := httptest.NewRequest(http.MethodPost, "https://post.example"+path, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Host = host
			if lie != nil {
				r.Header.Set(lie[0], lie[1])
			}
			return p.do(r)
		}
		for i, lie := range lies {
			p.clock.Add(25 * 60 * 60e9)
			fresh := fmt.Sprintf("new%d@post.example", i)
			for _, form := range []struct {
				path   string
				values url.Values
			}{
				{"/forgot-password", url.Values{"email": {"ana@post.example"}}},
				{"/register", url.Values{"email": {fresh}, "name": {"Eve evil.example"}, "password": {"mill bridge ladder tuesday"}}},
				{"/register", url.Values{"email": {"ana@post.example"}, "name": {"Eve evil.example"}, "password": {"mill bridge ladder tuesday"}}},
			} {
				res := send("post.example", form.path, form.values, lie)
				body, err := io.ReadAll(res.Body)
				check(t, err)
				if res.StatusCode >= 400 || strings.Contains(string(body)+res.Header.Get("Location"), "evil") {
					t.Errorf("%s with %q answers %d, to %q", form.path, lie, res.StatusCode, res.Header.Get("Location"))
				}
			}
			letters := p.posted()
			for _, kind := range []reader.LetterKind{reader.ResetPassword, reader.Confirm, reader.AlreadyMember} {
				if letters[kind] == nil {
					t.Fatalf("with %q there is no letter %s: %v", lie, kind, letters)
				}
				m, err := p.message(letters[kind])
				check(t, err)
				for _, found := range link.FindAllString(m.Text+m.HTML, -1) {
					if !strings.HasPrefix(found, "https://post.example/") && found != "https://post.example" && !strings.HasPrefix(found, "http://www.w3.org/") {
						t.Errorf("with %q the letter %s leads to %s", lie, kind, found)
					}
				}
				if strings.Contains(m.Text+m.HTML+m.Subject, "evil") || strings.Contains(m.Text+m.HTML+m.Subject, "Eve") {
					t.Errorf("with %q the letter %s says\n%s", lie, kind, m.Text)
				}
			}
			for _, path := range []string{"/", "/login", "/feed", "/sitemap.xml", "/register?next=/category/city"} {
				r := httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)
				if lie != nil {
					r.Header.Set(lie[0], lie[1])
				}
				res := p.do(r)
				body, err := io.ReadAll(res.Body)
				check(t, err)
				if res.StatusCode != http.StatusOK || strings.Contains(string(body), "evil") {
					t.Errorf("%s with %q answers %d\n%s", path, lie, res.StatusCode, body)
				}
			}
		}
		for _, host := range []string{"evil.example", "post.example.evil.example", "post.example:8080", "post.example.", "", "evil.example#post.example", "post.example@evil.example", "[::1]", "127.0.0.1"} {
			if res := send(host, "/forgot-password", url.Values{"email": {"ana@post.example"}}, nil); res.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("the host %q answers %d", host, res.StatusCode)
			}
		}
		if left := p.posted(); len(left) > 0 {
			t.Errorf("a host that is not ours makes letters: %v", left)
		}

		// The address in the first line counts more than the Host header (RFC 9112, 3.2.2).
		server := httptest.NewServer(p.handler)
		defer server.Close()
		for target, want := range map[string]string{"http://evil.example/login": "421", "http://post.example/login": "200", "/login": "200"} {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			check(t, err)
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: post.example\r\nConnection: close\r\n\r\n", target)
			line, err := bufio.NewReader(conn).ReadString('\n')
			check(t, err)
			conn.Close()
			if !strings.Contains(line, " "+want+" ") {
				t.Errorf("%s answers %q, want %s", target, line, want)
			}
		}
	})
}

// TestReg_R32 opens the links of letters as mail scanners do, twenty times, and
// then uses two of them twice: opening changes nothing, and a second use does nothing.
//
// Seen red: opening the link of a new password uses it up; opening that of an
// address that was changed brings it back.
func TestReg_R32(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ana := p.member("Ana", reader.Member)
		browser := p.walker()
		browser.post("/register", "email", "new@post.example", "name", "New", "password", walkersPassword).is(303, "/verify-email")
		letters := p.posted()
		compose := func(l reader.Letter) *reader.Post {
			post, err := p.Readers.Compose(t.Context(), l)
			check(t, err)
			if post == nil {
				t.Fatalf("there is no letter %s", l.Kind)
			}
			return post
		}
		for _, l := range []reader.Letter{
			{Kind: reader.ResetPassword, Reader: ana},
			{Kind: reader.ConfirmEmail, Reader: ana, Email: "other@post.example", Detail: "other@post.example"},
			{Kind: reader.EmailWasSet, Reader: ana, Email: "old@post.example", Detail: "ana@post.example", At: p.clock.Now()},
			{Kind: reader.LeaveBegins, Reader: ana, Detail: "2025-11-17T09:00:00Z"},
			{Kind: reader.Alerts, Reader: ana},
			{Kind: reader.Invite, Reader: ana},
		} {
			letters[l.Kind] = compose(l)
		}
		links := map[reader.LetterKind]string{}
		for kind, post := range letters {
			if post.Token.Reveal() != "" {
				links[kind] = p.linkIn(post)
			}
		}
		if len(links) < 6 {
			t.Fatalf("only %d letters have links", len(links))
		}
		state := func() string {
			return strings.Join(append(p.rowsOf(ana), p.texts(`select email || '|' || link || '|' || browser from registration order by email`)...), "\n")
		}
		var before string
		scanner, owner := p.walker(), p.walker()
		owner.cookies["__Host-session"] = p.session(ana, reader.ReaderSession, 0)
		before = state()
		for kind, path := range links {
			for i := range 20 {
				method := []string{"GET", "HEAD"}[i%2]
				if i >= 15 {
					scanner = owner // who opens the link to look, and does not press the button
				}
				if scanner.send(method, path, "", ""); scanner.status >= 500 || scanner.status == 404 || scanner.status == 410 {
					t.Errorf("%s of the link of %s answers %d", method, kind, scanner.status)
				}
			}
		}
		if after := state(); after != before {
			t.Errorf("opening links changes\n%s\nto\n%s", before, after)
		}
		for _, use := range []struct {
			kind  reader.LetterKind
			path  string
			by    *walker
			pairs []string
		}{
			{reader.Confirm, "/verify-email", browser, nil},
			{reader.ResetPassword, "/reset-password", p.walker(), []string{"password", "mill bridge ladder tuesday"}},
		} {
			pairs := append([]string{"token", tokenOf(t, links[use.kind])}, use.pairs...)
			if use.by.post(use.path, pairs...); use.by.status != 200 && use.by.status != 303 {
				t.Errorf("the first use of %s answers %d\n%s", use.kind, use.by.status, use.by.body)
			}
			if use.by.post(use.path, pairs...); use.by.status != 410 {
				t.Errorf("the second use of %s answers %d", use.kind, use.by.status)
			}
			if use.by.open(links[use.kind]); use.by.status != 410 || !strings.Contains(use.by.body, "href=") {
				t.Errorf("the link of %s after its use answers %d", use.kind, use.by.status)
			}
		}
	})
}

// TestReg_R32_Twice uses each sort of link twice: the second time does nothing.
// The link to packed data is the one that stays good, for its owner alone.
//
// Seen red: a link that is not used up.
func TestReg_R32_Twice(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		for i, l := range []reader.Letter{
			{Kind: reader.ResetPassword},
			{Kind: reader.Invite},
			{Kind: reader.ConfirmEmail, Email: "other@post.example", Detail: "other@post.example"},
			{Kind: reader.EmailWasSet, Email: "old@post.example", Detail: "x", At: p.clock.Now()},
			{Kind: reader.LeaveBegins, Detail: "2025-11-17T09:00:00Z"},
			{Kind: reader.Alerts, Email: "alerts@post.example", Detail: "alerts@post.example"},
		} {
			l.Reader = p.member(fmt.Sprint("Ana", i), reader.Member)
			post, err := p.Readers.Compose(t.Context(), l)
			check(t, err)
			path, form := where[l.Kind], url.Values{"token": {tokenOf(t, p.linkIn(post))}, "password": {"mill bridge ladder tuesday"}, "name": {"Ana"}}
			use := func() int {
				status, _ := p.submits(http.MethodPost, path, p.session(l.Reader, reader.ReaderSession, 0), form)
				return status
			}
			if status := use(); status != http.StatusOK && status != http.StatusSeeOther {
				t.Errorf("the first use of %s answers %d", l.Kind, status)
			}
			after := p.rowsOf(l.Reader)
			if status := use(); status != http.StatusGone {
				t.Errorf("the second use of %s answers %d", l.Kind, status)
			}
			if now := p.rowsOf(l.Reader); len(now) != len(after)+1 || now[0] != after[0] { // one session more, by which it was asked
				t.Errorf("the second use of %s changes\n%s\nto\n%s", l.Kind, after, now)
			}
		}
	})
}

// texts lists the answers to a query.
func (p *press) texts(query string) (list []string) {
	p.t.Helper()
	rows, err := p.db.Query(p.t.Context(), query)
	check(p.t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		check(p.t, rows.Scan(&line))
		list = append(list, line)
	}
	check(p.t, rows.Err())
	return list
}

// TestMailed has pages of ours say that a letter led to them, and nothing else.
func TestMailed(t *testing.T) {
	for to, want := range map[string]string{
		"/category/city/a":                "/category/city/a?utm_medium=email",
		"/category/city/a?entry=1#x":      "/category/city/a?entry=1&utm_medium=email#x",
		"/newsletter/preferences/abc":     "/newsletter/preferences/abc",
		"https://else.example/category/a": "https://else.example/category/a",
		"//else.example/category/a":       "//else.example/category/a",
		"/category/%zz":                   "/category/%zz",
	} {
		if got := mailed(to); got != want {
			t.Errorf("%s becomes %s, want %s", to, got, want)
		}
	}
}
