package site

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/reader"
)

const goodPassword = "correct horse battery staple"

// insider is a reader's browser in which the reader is logged in.
type insider struct {
	*press
	id    string
	email string
	token string
}

// insider adds a reader and logs in.
func (p *press) insider(name string) *insider {
	p.t.Helper()
	email := strings.ToLower(name) + "@readers.example"
	id, err := p.Readers.Add(p.t.Context(), reader.New{Email: email, Name: name, Role: reader.Member, Password: goodPassword})
	check(p.t, err)
	in := &insider{press: p, id: id, email: email}
	in.logIn(goodPassword)
	return in
}

func (in *insider) logIn(pw string) {
	in.t.Helper()
	status, _, res := in.send("/login", url.Values{"email": {in.email}, "password": {pw}})
	if status != http.StatusSeeOther {
		in.t.Fatalf("%s cannot log in: %d", in.email, status)
	}
	for _, c := range res.Cookies() {
		if c.Name == "__Host-session" {
			in.token = c.Value
		}
	}
}

func (in *insider) ask(r *http.Request) (int, string, *http.Response) {
	in.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if in.token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-session", Value: in.token})
	}
	res := in.do(r)
	b, err := io.ReadAll(res.Body)
	check(in.t, err)
	return res.StatusCode, string(b), res
}

// look opens a page of the account.
func (in *insider) look(path string) (int, string) {
	in.t.Helper()
	status, body, _ := in.ask(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
	return status, body
}

func (in *insider) send(path string, form url.Values) (int, string, *http.Response) {
	in.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://post.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return in.ask(r)
}

// sends sends a form that is taken, and returns where the reader goes on.
func (in *insider) sends(path string, form url.Values) string {
	in.t.Helper()
	status, body, res := in.send(path, form)
	if status != http.StatusSeeOther {
		in.t.Fatalf("POST %s answers %d\n%s", path, status, body)
	}
	in.tx(func(*db.Tx) error { return nil }) // tells the site of the facts
	return res.Header.Get("Location")
}

// gives sends a file.
func (in *insider) gives(path, name string, file []byte) (int, string) {
	in.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(name, "C:\\me.jpg")
	check(in.t, err)
	_, err = part.Write(file)
	check(in.t, err)
	check(in.t, w.Close())
	r := httptest.NewRequest(http.MethodPost, "https://post.example"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	status, body, _ := in.ask(r)
	in.tx(func(*db.Tx) error { return nil })
	return status, body
}

// posted writes the letters that wait and returns them by kind.
func (p *press) posted() map[reader.LetterKind]*reader.Post {
	p.t.Helper()
	found := map[reader.LetterKind]*reader.Post{}
	var waiting []reader.Letter
	check(p.t, p.db.Tx(p.t.Context(), func(tx *db.Tx) error {
		waiting = nil
		return job.Forget(p.t.Context(), p.Readers.Jobs, tx, reader.LetterJob, func(l reader.Letter) bool { waiting = append(waiting, l); return true })
	}))
	for _, l := range waiting {
		post, err := p.Readers.Compose(p.t.Context(), l)
		check(p.t, err)
		if post != nil {
			found[post.Kind] = post
		}
	}
	return found
}

// linkIn is the path of the link in a letter.
func (p *press) linkIn(post *reader.Post) string {
	p.t.Helper()
	if post == nil {
		p.t.Fatal("there is no such letter")
	}
	m, err := p.message(post)
	check(p.t, err)
	found := regexp.MustCompile(`https://post\.example(/[^\s?]+\?token=\S+)`).FindStringSubmatch(m.Text)
	if found == nil {
		p.t.Fatalf("the letter has no link:\n%s", m.Text)
	}
	return found[1]
}

func tokenOf(t *testing.T, path string) string {
	t.Helper()
	u, err := url.Parse(path)
	check(t, err)
	return u.Query().Get("token")
}
