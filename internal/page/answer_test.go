package page

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

// TestCookies is about what the browser is told to do with our cookies.
func TestCookies(t *testing.T) {
	answer := func(p *paper) []string {
		p.Personal("GET /x", func(v *Visit) (*Answer, error) {
			return SeeOther("/next").Keep(
				Cookie{Name: "session", Value: "s", Life: time.Hour},
				Cookie{Name: "staff", Value: "t", Life: time.Minute, Strict: true},
				Cookie{Name: "member", Value: "1", Open: true},
				Cookie{Name: "old"},
			), nil
		})
		res := p.do(http.MethodGet, "/x")
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/next" || body(p.t, res) != "" {
			p.t.Errorf("the answer is %d to %q", res.StatusCode, res.Header.Get("Location"))
		}
		return res.Header["Set-Cookie"]
	}
	p := newPaper(t)
	p.Secure = true
	want := []string{
		"__Host-session=s; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax",
		"__Host-staff=t; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict",
		"__Host-member=1; Path=/; Secure; SameSite=Lax",
		"__Host-old=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
	}
	if got := answer(p); !slices.Equal(got, want) {
		t.Errorf("with https:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	p = newPaper(t)
	p.Hosts = append([]string{"127.0.0.1:8081"}, p.Hosts...)
	for i := range want {
		want[i] = strings.Replace(strings.Replace(strings.TrimPrefix(want[i], "__Host-"), "=", "-8081=", 1), " Secure;", "", 1)
	}
	if got := answer(p); !slices.Equal(got, want) {
		t.Errorf("without:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	// With https only the name with the prefix counts: no neighbour can set it.
	p = newPaper(t)
	p.Secure = true
	var got string
	p.Personal("GET /x", func(v *Visit) (*Answer, error) { got = v.Cookie("session"); return Nothing(), nil })
	for cookies, want := range map[string]string{
		"session=evil": "", "__Host-session=s": "s", "session=evil; __Host-session=s": "s", "__host-session=evil": "",
		"__Host-session=": "", "": "", "__Host-session": "", "__Host-session=s; __Host-session=t": "s", `__Host-session="s"`: "s",
	} {
		if p.do(http.MethodGet, "/x", "Cookie", cookies); got != want {
			t.Errorf("the cookies %q hold %q, want %q", cookies, got, want)
		}
	}
}

func FuzzCookie(f *testing.F) {
	f.Add("__Host-session=s; a=b")
	f.Add("__Host-session=\"\x00\r\n\xff;;==")
	p := newPaper(f)
	p.Secure = true
	p.Personal("GET /x", func(v *Visit) (*Answer, error) {
		return JSON(v.Cookie("session"))
	})
	f.Fuzz(func(t *testing.T, cookies string) {
		p.t = t
		if res := p.do(http.MethodGet, "/x", "Cookie", cookies); res.StatusCode != http.StatusOK {
			t.Errorf("the cookies %q answer %d", cookies, res.StatusCode)
		}
	})
}

// TestAnswers is about everything else that a handler may answer.
func TestAnswers(t *testing.T) {
	p := newPaper(t)
	broken := &problem.Problem{Kind: problem.TooMany, Detail: "Wait.", Wait: 1500 * time.Millisecond}
	text := func() *Body { return Text("", []byte("hello")) }
	for path, a := range map[string]*Answer{
		"/show": Show(text()), "/wrong": Wrong(text()), "/status": WithStatus(text(), 410).Wait(90 * time.Second),
		"/nothing-here": Nothing(), "/to": SeeOther("/x?a=b&c=d"),
	} {
		p.Personal("GET "+path, func(*Visit) (*Answer, error) { return a, nil })
	}
	p.Personal("GET /problem", func(*Visit) (*Answer, error) { return nil, broken })
	p.Personal("GET /panic", func(*Visit) (*Answer, error) { panic("bug") })
	p.Personal("GET /fault", func(*Visit) (*Answer, error) { return nil, io.ErrUnexpectedEOF })
	p.Personal("GET /none", func(*Visit) (*Answer, error) { return nil, nil })
	for _, test := range []struct {
		path, text, header, value string
		status                    int
	}{
		{"/show", "hello", "Referrer-Policy", "same-origin", 200},
		{"/wrong", "hello", "Referrer-Policy", "same-origin", 422},
		{"/status", "hello", "Retry-After", "90", 410},
		{"/nothing-here", "", "Content-Type", "", 204},
		{"/to", "", "Location", "/x?a=b&c=d", 303},
		{"/problem", "<h1>429</h1><p>Wait.</p>", "Retry-After", "2", 429},
		{"/panic", "<h1>500</h1><p></p>", "Retry-After", "", 500},
		{"/fault", "<h1>500</h1><p></p>", "Retry-After", "", 500},
		{"/none", "<h1>500</h1><p></p>", "Retry-After", "", 500},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := p.do(method, test.path)
			got := body(t, res)
			if res.StatusCode != test.status || got != test.text && method == http.MethodGet || res.Header.Get(test.header) != test.value {
				t.Errorf("%s %s: %d %q, %s %q", method, test.path, res.StatusCode, got, test.header, res.Header.Get(test.header))
			}
			if method == http.MethodHead && got != "" {
				t.Errorf("HEAD %s has the body %q", test.path, got)
			}
			if res.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control is %q", test.path, res.Header.Get("Cache-Control"))
			}
		}
	}
}
