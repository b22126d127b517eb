package site

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/pretend"
	"kawaraban/internal/reader"
)

const pretendSecret = "a-secret-of-more-than-thirty-two-characters"

var (
	hanna = pretend.Person{ID: "10224893", Name: "Hanna Vey", Email: "hanna@mail.example", Verified: true}
	tomas = pretend.Person{ID: "10224894", Name: "Tomas Aldery"}
)

// providers gives a paper a pretended Facebook, and the same once more as a
// provider of OpenID Connect.
func (p *press) providers() *pretend.Provider { return p.providersWithin(time.Minute) }

// providersWithin waits for them only so long.
func (p *press) providersWithin(timeout time.Duration) *pretend.Provider {
	p.t.Helper()
	var face *pretend.Provider
	server := papertest.Serve(p.t, func(w http.ResponseWriter, r *http.Request) { face.ServeHTTP(w, r) })
	// The browser meets it as another site than the paper's, as it would a real
	// one: cookies and the policy are held to that.
	at := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	face = &pretend.Provider{URL: at, Name: "Pretend ID", Client: "post", Secret: pretendSecret, Callbacks: []string{p.Paper.BaseURL + "/connect/"}, Now: p.clock.Now}
	face.Set(hanna, tomas)
	client := fetch.New(fetch.Settings{
		Timeout: timeout, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		AllowPorts: []uint16{netip.MustParseAddrPort(server.Listener.Addr().String()).Port()},
	})
	id, err := reader.NewOIDC(reader.OIDC{Slug: "id", Label: "Pretend ID", Issuer: at, Client: "post", Secret: pretendSecret}, client, p.clock.Now)
	check(p.t, err)
	p.Readers.Providers = []*reader.Provider{
		reader.NewFacebook(reader.Facebook{
			App: "post", Secret: pretendSecret, Authorize: at + "/facebook/dialog", Token: at + "/facebook/token", Profile: at + "/facebook/me",
		}, client, p.clock.Now), id,
	}
	return face
}

// A guest is a browser without a screen: it keeps cookies and follows nothing.
type guest struct {
	*press
	cookies map[string]*http.Cookie
}

func (p *press) guest() *guest { return &guest{p, map[string]*http.Cookie{}} }

// send sends a request from one of the paper's own pages, or none of them.
func (g *guest) send(method, path string, form url.Values) (*http.Response, string) {
	g.t.Helper()
	r := httptest.NewRequest(method, g.Paper.BaseURL+path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", g.Paper.BaseURL)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range g.cookies {
		r.AddCookie(c)
	}
	res := g.do(r)
	for _, c := range res.Cookies() {
		if g.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(g.cookies, c.Name)
		}
	}
	b, err := io.ReadAll(res.Body)
	check(g.t, err)
	return res, string(b)
}

// depart presses a provider's button and chooses who to be; the answer is the
// path to which the provider sends back.
func (g *guest) depart(path, person string) string {
	g.t.Helper()
	res, body := g.send(http.MethodPost, path, url.Values{"next": {"/category/city"}})
	_, to, found := strings.Cut(res.Header.Get("Refresh"), "0; url=")
	if !found || !strings.Contains(body, "You are being sent to") {
		g.t.Fatalf("%s answers %d and leads nowhere\n%s", path, res.StatusCode, body)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	back, err := client.Get(to + "&person=" + person)
	check(g.t, err)
	check(g.t, back.Body.Close())
	u, err := back.Location()
	check(g.t, err)
	if u.Scheme+"://"+u.Host != g.Paper.BaseURL {
		g.t.Fatalf("the provider sends to %s", u)
	}
	return u.RequestURI()
}

// TestConnectFlow registers with Facebook, logs out and in, connects another
// provider and disconnects the first.
func TestConnectFlow(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		p.providers()
		g := p.guest()
		_, login := g.send(http.MethodGet, "/login?next=/category/city", nil)
		for _, want := range []string{"<h2>Facebook users</h2>", "Use your Facebook account to login or register", "Login with your Pretend ID account", `name="next" value="/category/city"`} {
			if !strings.Contains(login, want) {
				t.Errorf("the login page does not say %s", want)
			}
		}
		res, _ := g.send(http.MethodGet, g.depart("/connect/facebook", hanna.ID), nil)
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/category/city" {
			t.Fatalf("coming back answers %d to %s", res.StatusCode, to)
		}
		_, account := g.send(http.MethodGet, "/account", nil)
		if !strings.Contains(account, "Hanna Vey") || !strings.Contains(account, "Connected accounts") {
			t.Errorf("the account shows\n%s", account)
		}
		// The address of Facebook is never the account's.
		if strings.Contains(account, hanna.Email) {
			t.Error("Facebook's word made an address the account's")
		}
		_, last := g.send(http.MethodGet, "/account/connections/facebook", nil)
		if !strings.Contains(last, "Facebook is the only way into your account") || strings.Contains(last, "/account/connections/facebook/end") || !strings.Contains(last, `href="/account/email"`) {
			t.Errorf("the last way in can be closed\n%s", last)
		}
		if res, body := g.send(http.MethodPost, "/account/connections/facebook/end", url.Values{}); res.StatusCode != http.StatusConflict || !strings.Contains(body, "This is the only way into your account.") {
			t.Errorf("closing the last way in answers %d", res.StatusCode)
		}
		res, _ = g.send(http.MethodGet, g.depart("/account/connections/id", tomas.ID), nil)
		if to := res.Header.Get("Location"); to != "/account/connections?done=id" {
			t.Fatalf("connecting leads to %s", to)
		}
		if _, body := g.send(http.MethodGet, "/account/connections?done=id", nil); !strings.Contains(body, "Pretend ID is connected.") {
			t.Errorf("the list shows\n%s", body)
		}
		res, _ = g.send(http.MethodPost, "/account/connections/facebook/end", url.Values{})
		if to := res.Header.Get("Location"); to != "/account/connections?ended=facebook" {
			t.Errorf("disconnecting answers %d to %s", res.StatusCode, to)
		}
		g.send(http.MethodPost, "/logout", url.Values{})
		res, _ = g.send(http.MethodGet, g.depart("/connect/id", tomas.ID), nil)
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("logging in again answers %d", res.StatusCode)
		}
		if _, account := g.send(http.MethodGet, "/account", nil); !strings.Contains(account, "Hanna Vey") {
			t.Error("it is another account")
		}

		// Proof is asked for once the log-in is old, and the provider gives it.
		p.clock.Add(reader.ProofLife)
		res, _ = g.send(http.MethodGet, "/account/connections/id", nil)
		if to := res.Header.Get("Location"); !strings.HasPrefix(to, "/login/again?") {
			t.Fatalf("without proof: %d to %s", res.StatusCode, to)
		}
		_, again := g.send(http.MethodGet, "/login/again?next=/account/connections/id", nil)
		if !strings.Contains(again, "Show it with Pretend ID") || strings.Contains(again, `type="password"`) {
			t.Errorf("it asks\n%s", again)
		}
		res, _ = g.send(http.MethodGet, g.depart("/login/again/id", tomas.ID), nil)
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/category/city" {
			t.Errorf("proof answers %d to %s", res.StatusCode, to)
		}
		if res, _ := g.send(http.MethodGet, "/account/connections/id", nil); res.StatusCode != http.StatusOK {
			t.Errorf("with proof: %d", res.StatusCode)
		}
	})
}

// TestConnectFails is about the page of somebody whose way over a provider has
// failed: it says what happened and leads on, and nothing has changed.
func TestConnectFails(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	face := p.providersWithin(5 * time.Second) // one of them does not answer
	_, err := p.Readers.Add(t.Context(), reader.New{Email: hanna.Email, Name: "Hanna", Role: reader.Member, Password: "correct horse battery staple"})
	check(t, err)
	for _, test := range []struct {
		name, path, person string
		lie                pretend.Lie
		spoil              func(string) string
		status             int
		says               string
	}{
		{"an address that has an account", "/connect/id", hanna.ID, "", nil, http.StatusConflict, "Your address has an account here already. Log in to it"},
		{"not now", "/connect/facebook", "nobody", "", nil, http.StatusForbidden, "You did not let the provider tell us"},
		{"a provider that is down", "/connect/facebook", tomas.ID, pretend.Down, nil, http.StatusServiceUnavailable, "The provider does not answer at the moment"},
		{"a provider that is slow", "/connect/facebook", tomas.ID, pretend.Slow, nil, http.StatusServiceUnavailable, "The provider does not answer at the moment"},
		{"a provider that lies", "/connect/id", tomas.ID, pretend.OtherNonce, nil, http.StatusUnprocessableEntity, "was not believed"},
		{"a state that was changed", "/connect/id", tomas.ID, "", func(s string) string { return strings.Replace(s, "state=", "state=A", 1) }, http.StatusGone, "Begin again."},
		{"nothing at all", "/connect/id", tomas.ID, "", func(string) string { return "/connect/id/callback" }, http.StatusGone, "Begin again."},
	} {
		g := p.guest()
		back := g.depart(test.path, test.person)
		if test.spoil != nil {
			back = test.spoil(back)
		}
		face.Lie(test.lie)
		res, body := g.send(http.MethodGet, back, nil)
		face.Lie("")
		if res.StatusCode != test.status || !strings.Contains(body, test.says) || !strings.Contains(body, `href="`+test.path) || strings.Contains(body, hanna.Email) && test.person != hanna.ID {
			t.Errorf("%s: %d\n%s", test.name, res.StatusCode, body)
		}
		for name := range g.cookies {
			if strings.Contains(name, "session") {
				t.Errorf("%s: there is a session", test.name)
			}
		}
	}
	// Another site's form begins nothing (login CSRF), and no GET does.
	r := httptest.NewRequest(http.MethodPost, p.Paper.BaseURL+"/connect/facebook", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if res := p.do(r); res.StatusCode != http.StatusForbidden {
		t.Errorf("another site's form answers %d", res.StatusCode)
	}
	if res := p.do(httptest.NewRequest(http.MethodGet, p.Paper.BaseURL+"/connect/facebook", nil)); res.StatusCode != http.StatusOK || res.Header.Get("Refresh") != "" || len(res.Cookies()) > 0 {
		t.Errorf("a GET begins something: %d", res.StatusCode)
	}
	if status, _ := p.get("/connect/nobody"); status != http.StatusNotFound {
		t.Errorf("a provider that is none answers %d", status)
	}
}

// TestFacebookCallbacks is about what Facebook itself sends.
func TestFacebookCallbacks(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	post := func(path, signed string) (*http.Response, string) {
		r := httptest.NewRequest(http.MethodPost, p.Paper.BaseURL+path, strings.NewReader(url.Values{"signed_request": {signed}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res := p.do(r)
		b, err := io.ReadAll(res.Body)
		check(t, err)
		return res, string(b)
	}
	nobody := (&pretend.Provider{Secret: pretendSecret}).SignedRequest("1", p.clock.Now())
	for _, path := range []string{"/connect/facebook/deletion", "/connect/facebook/deauthorize", "/connect/facebook/callback"} {
		if res, _ := post(path, nobody); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s without Facebook in the settings answers %d", path, res.StatusCode)
		}
	}
	if status, _ := p.get("/connect/facebook/deletion?code=x"); status != http.StatusNotFound {
		t.Errorf("the status page without Facebook in the settings answers %d", status)
	}
	face := p.providers()
	g := p.guest()
	g.send(http.MethodGet, g.depart("/connect/facebook", hanna.ID), nil)
	p.clock.Add(time.Minute)
	for _, path := range []string{"/connect/facebook/deletion", "/connect/facebook/deauthorize"} {
		if res, body := post(path, "forged."+nobody); res.StatusCode != http.StatusForbidden || !strings.Contains(body, "This is not signed by Facebook.") {
			t.Errorf("%s, forged: %d", path, res.StatusCode)
		}
	}
	res, body := post("/connect/facebook/deletion", face.SignedRequest(hanna.ID, p.clock.Now()))
	var said struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}
	check(t, json.Unmarshal([]byte(body), &said))
	if res.Header.Get("Content-Type") != "application/json" || said.URL != p.Paper.BaseURL+"/connect/facebook/deletion?code="+said.Code {
		t.Errorf("the answer is %s", body)
	}
	status := p.page(strings.TrimPrefix(said.URL, p.Paper.BaseURL))
	if !strings.Contains(status, "will be erased on Nov. 17, 2025") || strings.Contains(status, "Hanna") {
		t.Errorf("the status page says\n%s", status)
	}
	if res, _ := g.send(http.MethodGet, "/account", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("the session goes on: %d", res.StatusCode)
	}
	if res, _ := post("/connect/facebook/deauthorize", face.SignedRequest(tomas.ID, p.clock.Now())); res.StatusCode != http.StatusNoContent {
		t.Errorf("taking back answers %d", res.StatusCode)
	}
}

// TestFormPost is about a provider that has the browser send its answer as a
// form: our cookies do not come with that, and it changes nothing by itself.
func TestFormPost(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.providers()
	p.Readers.Providers[1].FormPost = true
	r := httptest.NewRequest(http.MethodPost, p.Paper.BaseURL+"/connect/id/callback", strings.NewReader("state=s&code=a%26b&user=%7B%7D"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if res := p.do(r); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/connect/id/callback?code=a%26b&state=s" {
		t.Errorf("%d to %s", res.StatusCode, res.Header.Get("Location"))
	}
}

// TestWantAlerts follows the link of the invitation.
func TestWantAlerts(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	p.providers()
	check(t, p.Letters.Seed(t.Context(), []newsletter.List{{Slug: "alerts", Kind: newsletter.Alert, Name: "News alerts", Promise: "at once", Open: true}}))
	g := p.guest()
	g.send(http.MethodGet, g.depart("/connect/facebook", hanna.ID), nil)
	r, err := p.Readers.ByHandle(t.Context(), "hanna-vey")
	check(t, err)
	post, err := p.Readers.Compose(t.Context(), reader.Letter{Kind: reader.Alerts, Reader: r.ID, Email: hanna.Email, Detail: hanna.Email})
	check(t, err)
	m, err := p.message(post)
	check(t, err)
	_, path, _ := strings.Cut(m.Text, p.Paper.BaseURL)
	path, _, _ = strings.Cut(path, "\n")
	if m.To != hanna.Email || !strings.HasPrefix(path, "/newsletter/confirm?token=") || strings.Contains(m.Text, "Hanna") {
		t.Fatalf("the letter says\n%s", m.Text)
	}
	for range 2 {
		if body := p.page(path); !strings.Contains(body, "Yes, send me these") || !strings.Contains(body, hanna.Email) {
			t.Errorf("the page shows\n%s", body)
		}
	}
	token := url.Values{"token": {strings.TrimPrefix(path, "/newsletter/confirm?token=")}}
	if res, body := g.send(http.MethodPost, "/newsletter/confirm", token); res.StatusCode != http.StatusOK || !strings.Contains(body, "you get: News alerts") {
		t.Errorf("%d\n%s", res.StatusCode, body)
	}
	if res, body := g.send(http.MethodPost, "/newsletter/confirm", token); res.StatusCode != http.StatusGone || !strings.Contains(body, "This link has been used") {
		t.Errorf("twice: %d\n%s", res.StatusCode, body)
	}
	lists, err := p.Letters.Offered(t.Context())
	check(t, err)
	if lists[0].Members != 1 {
		t.Errorf("the list has %d members", lists[0].Members)
	}
	// The wish is fulfilled, and nobody has to fulfil it once more.
	if wanted, err := p.Readers.AlertsWanted(t.Context(), 10); err != nil || len(wanted) != 0 {
		t.Errorf("%v, %v", wanted, err)
	}
}

// TestConnectionLetter is about the letter that tells of a connection, in the
// reader's language.
func TestConnectionLetter(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	for _, test := range []struct{ language, detail, want string }{
		{"en", "Facebook", "Facebook was connected"},
		{"en", reader.ConnectionEnded + "Facebook", "Facebook was disconnected"},
		{"ja", reader.ConnectionEnded + "Facebook", "Facebookとの連携を解除"},
	} {
		m, err := p.message(&reader.Post{Kind: reader.ConnectionSet, To: hanna.Email, Language: test.language, Detail: test.detail, At: p.clock.Now()})
		check(t, err)
		if !strings.Contains(m.Text, test.want) {
			t.Errorf("%s: %s", test.want, m.Text)
		}
	}
}
