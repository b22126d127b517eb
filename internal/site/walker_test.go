package site

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// A walker is a reader's browser without a script: it keeps cookies and sends
// forms.
type walker struct {
	*press
	cookies map[string]string
	from    string // the page that the next form stands on
	status  int
	header  http.Header
	body    string
}

func (p *press) walker() *walker { return &walker{press: p, cookies: map[string]string{}} }

func (w *walker) send(method, path, kind, body string) *walker {
	w.t.Helper()
	r := httptest.NewRequest(method, w.Paper.URL(path), strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if w.from != "" {
		r.Header.Set("Referer", w.Paper.URL(w.from))
	}
	for name, value := range w.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res := w.do(r)
	b, err := io.ReadAll(res.Body)
	check(w.t, err)
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(w.cookies, c.Name)
		} else {
			w.cookies[c.Name] = c.Value
		}
	}
	w.status, w.header, w.body = res.StatusCode, res.Header, string(b)
	return w
}

func (w *walker) open(path string) *walker { w.t.Helper(); return w.send("GET", path, "", "") }

// post sends a form of pairs of names and values.
func (w *walker) post(path string, pairs ...string) *walker {
	w.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return w.send("POST", path, "application/x-www-form-urlencoded", form.Encode())
}

// is ends the test unless the answer has this status and leads or says this.
func (w *walker) is(status int, said string) *walker {
	w.t.Helper()
	if w.status != status || said != "" && w.header.Get("Location") != said && !strings.Contains(w.body, said) {
		w.t.Fatalf("the answer is %d, to %q; want %d, %q\n%s", w.status, w.header.Get("Location"), status, said, w.body)
	}
	return w
}

const walkersPassword = "correct horse battery staple"

// member adds an account with a password.
func (p *press) member(name string, role reader.Role) (id string) {
	p.t.Helper()
	id, err := p.Readers.Add(p.t.Context(), reader.New{
		Email: strings.ToLower(name) + "@post.example", Name: name, Role: role, Password: secret.Password(walkersPassword),
	})
	check(p.t, err)
	return id
}

// logs logs somebody in, and on to next.
func (w *walker) logs(name, next string) *walker {
	w.t.Helper()
	return w.post("/login", "email", strings.ToLower(name)+"@post.example", "password", walkersPassword, "next", next)
}

var keyOnPage = regexp.MustCompile(`<p class="key"><code>([A-Z2-7 ]+)</code>`)

// seed is the key that stands on the page.
func (w *walker) seed() string {
	w.t.Helper()
	m := keyOnPage.FindStringSubmatch(w.body)
	if m == nil {
		w.t.Fatalf("there is no key on the page\n%s", w.body)
	}
	return strings.ReplaceAll(m[1], " ", "")
}

var codesOnPage = regexp.MustCompile(`<li><code>([-0-9a-z]+)</code></li>`)

func (w *walker) codes() (list []string) {
	for _, m := range codesOnPage.FindAllStringSubmatch(w.body, -1) {
		list = append(list, m[1])
	}
	return list
}

// appCode is what an app for one-time codes would show.
func appCode(t *testing.T, seed string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(seed)
	check(t, err)
	mac := hmac.New(sha1.New, key)
	check(t, binary.Write(mac, binary.BigEndian, at.Unix()/30))
	sum := mac.Sum(nil)
	place := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[place:])&0x7fffffff)%1_000_000)
}
