package reader

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
	"kawaraban/internal/pretend"
)

const (
	clientID     = "courier"
	clientSecret = "a-secret-of-more-than-thirty-two-characters"
	callbackBase = "https://paper.example/connect/"
)

// hanna is somebody at the provider, of whom her address is known to be hers.
var hanna = pretend.Person{ID: "10224893", Name: "Hanna Vey", Email: "hanna@mail.example", Verified: true}

// Providers are waited for so long: longer than a machine with other work needs, and not
// where a test waits for one that does not answer.
const (
	patient   = time.Minute
	impatient = 5 * time.Second
)

// An abroad is a store whose providers are pretended ones: "facebook", "id", and
// "other", a second one of OpenID Connect.
type abroad struct {
	*Store
	t     *testing.T
	clock *papertest.Clock
	face  *pretend.Provider // plays Facebook and "id"
	other *pretend.Provider
}

func newAbroad(t *testing.T, d *db.DB) *abroad { return newAbroadWithin(t, d, patient) }

func newAbroadWithin(t *testing.T, d *db.DB, timeout time.Duration) *abroad {
	t.Helper()
	a := &abroad{Store: newStore(t, d), t: t, clock: new(papertest.Clock)}
	a.Now, a.Audit.Now = a.clock.Now, a.clock.Now
	way := fetch.Settings{Timeout: timeout, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, PerHost: 16}
	for _, p := range []**pretend.Provider{&a.face, &a.other} {
		var handler http.Handler
		server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
		*p = &pretend.Provider{URL: server.URL, Name: "Pretend", Client: clientID, Secret: clientSecret, Callbacks: []string{callbackBase}, Now: a.clock.Now}
		(*p).Set(hanna)
		handler = *p
		way.AllowPorts = append(way.AllowPorts, netip.MustParseAddrPort(server.Listener.Addr().String()).Port())
	}
	client := fetch.New(way)
	a.Providers = append(a.Providers, NewFacebook(Facebook{
		App: clientID, Secret: clientSecret, Authorize: a.face.URL + "/facebook/dialog", Token: a.face.URL + "/facebook/token", Profile: a.face.URL + "/facebook/me",
	}, client, a.Now))
	for _, o := range []OIDC{
		{Slug: "id", Label: "Pretend ID", Issuer: a.face.URL, Client: clientID, Secret: clientSecret},
		{Slug: "other", Label: "Other ID", Issuer: a.other.URL, Client: clientID, Secret: clientSecret},
	} {
		p, err := NewOIDC(o, client, a.Now)
		a.check(err)
		a.Providers = append(a.Providers, p)
	}
	return a
}

func (a *abroad) check(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// depart begins a ceremony in a browser, and returns what to come back with once
// somebody has chosen to be person.
func (a *abroad) depart(g Going, bound, person string) (Answered, error) {
	if g.Callback == "" {
		g.Callback = callbackBase + g.Provider + "/callback"
	}
	g.Bound = bound
	to, err := a.GoToProvider(a.t.Context(), g, Browser{Network: "192.0.2.1"})
	if err != nil {
		return Answered{}, err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(to.Address + "&person=" + person)
	if err != nil {
		return Answered{}, err
	}
	res.Body.Close()
	back, err := res.Location()
	if err != nil {
		return Answered{}, fmt.Errorf("the provider answers %d: %w", res.StatusCode, err)
	}
	q := back.Query()
	return Answered{
		Provider: g.Provider, Callback: g.Callback, Bound: to.Bound.Reveal(),
		State: q.Get("state"), Code: q.Get("code"), Issuer: q.Get("iss"), Error: q.Get("error"), Nameless: "Reader",
	}, nil
}

func (a *abroad) arrive(back Answered) (Arrival, error) {
	return a.ComeBack(a.t.Context(), back, Browser{Network: "192.0.2.1"})
}

// login goes to a provider and back.
func (a *abroad) login(provider, person string) (Arrival, error) {
	back, err := a.depart(Going{Provider: provider, Aim: ToLogin, Next: "/category/city"}, "", person)
	if err != nil {
		return Arrival{}, err
	}
	return a.arrive(back)
}

// actor is who an entry's token lets in.
func (a *abroad) actor(e Entry) *Actor {
	a.t.Helper()
	who, err := a.Who(a.t.Context(), e.Token.Reveal())
	a.check(err)
	if who.Actor == nil {
		a.t.Fatal("the session lets nobody in")
	}
	return who.Actor
}

// count counts the rows of a query.
func (a *abroad) count(query string, args ...any) (n int) {
	a.t.Helper()
	a.check(a.DB.QueryRow(a.t.Context(), query, args...).Scan(&n))
	return n
}

// blamed is the detail of the last way that failed in the audit log.
func (a *abroad) blamed() (detail string) {
	a.t.Helper()
	a.check(audit.Read(a.t.Context(), a.DB, "", 0, func(e audit.Entry, _ string) error {
		if e.Act == ConnectFailed {
			detail = e.Detail
		}
		return nil
	}))
	return detail
}

// everything is what must not change when a way fails.
func (a *abroad) everything() string {
	a.t.Helper()
	var b strings.Builder
	for _, query := range []string{
		`select count(*), coalesce(sum(proved), 0) from session`, `select count(*), coalesce(max(email), '') from reader`,
		`select count(*), coalesce(max(subject), '') from identity`, `select count(*), coalesce(max(email), '') from registration`,
	} {
		var n int
		var more string
		a.check(a.DB.QueryRow(a.t.Context(), query).Scan(&n, &more))
		fmt.Fprintln(&b, n, more)
	}
	return b.String()
}
