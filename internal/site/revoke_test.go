package site

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// A printer is one of two servers of a paper, with its own bus, on a port of this
// machine.
type printer struct {
	*press
	server *httptest.Server
	cookie string // the name of the session's
}

func startPrinter(t *testing.T, d *db.DB) *printer {
	t.Helper()
	var handler http.Handler
	n := &printer{server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))}
	n.press = start(t, d, func(p *Paper) { p.BaseURL = n.server.URL })
	handler = n.press.handler
	u, err := url.Parse(n.server.URL)
	check(t, err)
	n.cookie = "session-" + u.Port()
	bus := &event.Bus{DB: d, Log: slog.New(slog.DiscardHandler)}
	bus.Listen(n.Hear)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); bus.Run(ctx) }()
	t.Cleanup(func() {
		n.EndStreams()
		n.server.Close()
		cancel()
		<-done
	})
	return n
}

// watch opens the stream of a session, and returns when "ended" comes on it.
func (n *printer) watch(token string) (ended <-chan time.Time) {
	n.t.Helper()
	r, err := http.NewRequest(http.MethodGet, n.server.URL+"/me/live", nil)
	check(n.t, err)
	r.AddCookie(&http.Cookie{Name: n.cookie, Value: token})
	res, err := http.DefaultClient.Do(r)
	check(n.t, err)
	n.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		n.t.Fatalf("the stream answers %d", res.StatusCode)
	}
	ch := make(chan time.Time, 1)
	go func() {
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if lines.Text() == "event: ended" {
				ch <- time.Now()
				return
			}
		}
	}()
	return ch
}

// do sends a form with a session.
func (n *printer) form(token, path string, form url.Values) int {
	n.t.Helper()
	r, err := http.NewRequest(http.MethodPost, n.server.URL+path, strings.NewReader(form.Encode()))
	check(n.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: n.cookie, Value: token})
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	check(n.t, err)
	res.Body.Close()
	return res.StatusCode
}

// TestReg_R21 ends sessions in every way there is: each is dead at once, on the
// other server too, every page that is open says so within a second, and what was
// begun is over.
//
// Seen red: sessions that go on after another password and after another role, from
// the pages and from the console; challenges for passkeys that stay; open pages
// that are not told of a log-out.
func TestReg_R21(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		here := startPrinter(t, d)
		there := startPrinter(t, papertest.Again(t, d))
		publisher := &reader.Actor{Reader: reader.Reader{ID: here.member("Pub", reader.Publisher), Role: reader.Publisher}}
		publisher.Session.Proved = here.clock.Now()
		const newPassword = "mill bridge ladder tuesday"
		for _, way := range []struct {
			name  string
			spare bool // the session that does it goes on
			whole bool // what was begun and not finished is over, too
			end   func(id, mine, theirs string)
		}{
			{"another password", true, true, func(_, mine, _ string) {
				if status := here.form(mine, "/account/password", url.Values{"password": {newPassword}}); status != http.StatusSeeOther {
					t.Fatalf("a change of password answers %d", status)
				}
			}},
			{"a link to set it", false, true, func(id, _, _ string) {
				r, err := here.Readers.ByID(t.Context(), id)
				check(t, err)
				post, err := here.Readers.Compose(t.Context(), reader.Letter{Kind: reader.ResetPassword, Email: r.Email})
				check(t, err)
				if status := here.form("", "/reset-password", url.Values{"token": {post.Token.Reveal()}, "password": {newPassword}}); status != http.StatusOK {
					t.Fatalf("a reset answers %d", status)
				}
			}},
			{"everywhere else", true, true, func(_, mine, _ string) { here.form(mine, "/account/sessions", nil) }},
			{"another role", false, true, func(id, _, _ string) {
				check(t, here.Readers.SetRole(t.Context(), publisher, id, reader.Contributor))
			}},
			{"another role, from the console", false, true, func(id, _, _ string) {
				check(t, there.Readers.SetRole(t.Context(), nil, id, reader.Contributor))
			}},
			{"the console's link to set it up anew", false, true, func(id, _, _ string) {
				token, err := there.Readers.InviteLink(t.Context(), id)
				check(t, err)
				form := url.Values{"token": {token.Reveal()}, "name": {"Anew"}, "password": {newPassword}}
				if status := here.form("", "/invite", form); status != http.StatusSeeOther {
					t.Fatalf("an account that is set up anew answers %d", status)
				}
			}},
			{"the address from before", false, true, func(id, _, _ string) {
				post, err := here.Readers.Compose(t.Context(), reader.Letter{
					Kind: reader.EmailWasSet, Reader: id, Email: strings.ToLower(id) + "@before.example", Detail: "x", At: here.clock.Now(),
				})
				check(t, err)
				if status := here.form("", "/account/email/undo", url.Values{"token": {post.Token.Reveal()}}); status != http.StatusOK {
					t.Fatalf("an address that is brought back answers %d", status)
				}
			}},
			{"from the list", true, false, func(id, mine, theirs string) {
				v, err := here.Readers.Look(t.Context(), theirs)
				check(t, err)
				here.form(mine, "/account/sessions/"+v.Actor.Session.ID, nil)
			}},
			{"its own log-out", true, false, func(_, _, theirs string) { here.form(theirs, "/logout", nil) }},
			{"the same, on the other server", true, false, func(_, _, theirs string) { there.form(theirs, "/logout", nil) }},
			{"somebody else logs in there", true, false, func(_, _, theirs string) {
				here.form(theirs, "/login", url.Values{"email": {"pub@post.example"}, "password": {walkersPassword}})
			}},
		} {
			// A machine that is busy may take longer once, and not three times.
			late := ""
			for range 3 {
				id := here.member("M"+strings.ToLower(db.NewID()), reader.Member)
				mine, theirs := here.session(id, reader.ReaderSession, 0), here.session(id, reader.ReaderSession, 0)
				streams := map[string]<-chan time.Time{"here": here.watch(theirs), "there": there.watch(theirs)}
				begun := here.begin(id)
				way.end(id, mine, theirs)
				began := time.Now()
				if left := here.left(begun); way.whole && left > 0 {
					t.Errorf("%s: %d of what was begun can be finished", way.name, left)
				}
				for name, n := range map[string]*printer{"here": here, "there": there} {
					if v, err := n.Readers.Who(t.Context(), theirs); err != nil || v != (reader.Visitor{}) {
						t.Errorf("%s: %s the session goes on: %+v, %v", way.name, name, v, err)
					}
					if v, err := n.Readers.Who(t.Context(), mine); err != nil || (v.Actor != nil) != way.spare {
						t.Errorf("%s: %s the session that did it: %+v, %v", way.name, name, v, err)
					}
				}
				late = ""
				for name, ended := range streams {
					select {
					case at := <-ended:
						if took := at.Sub(began); took > papertest.Slow(time.Second) {
							late += fmt.Sprintf(" %s after %s", name, took)
						}
					case <-time.After(time.Minute):
						t.Fatalf("%s: an open page %s is not told", way.name, name)
					}
				}
				if late == "" {
					break
				}
			}
			if late != "" {
				t.Errorf("%s: open pages are told%s", way.name, late)
			}
		}
	})
}

// begin begins what would let somebody in once it is finished: a challenge for a
// passkey and two links of letters. It returns their hashes.
func (n *printer) begin(id string) (hashes []string) {
	n.t.Helper()
	n.tx(func(tx *db.Tx) error {
		for i, query := range []string{
			`insert into ceremony (hash, kind, reader, content, expires) values ($1, 'passkey-login', $2, '', $3)`,
			`insert into reader_link (hash, purpose, reader, detail, expires) values ($1, 'reset', $2, 'begun', $3)`,
			`insert into reader_link (hash, purpose, reader, detail, expires) values ($1, 'email', $2, 'begun', $3)`,
		} {
			hashes = append(hashes, fmt.Sprint(id, i))
			if _, err := tx.Exec(n.t.Context(), query, hashes[i], id, db.Time(n.clock.Now().Add(time.Hour))); err != nil {
				return err
			}
		}
		return nil
	})
	return hashes
}

// left counts what of it is still there.
func (n *printer) left(hashes []string) (left int) {
	n.t.Helper()
	for _, kept := range n.texts(`select hash from ceremony union all select hash from reader_link`) {
		if slices.Contains(hashes, kept) {
			left++
		}
	}
	return left
}

// TestLive is about pages that come back to a session that is over, that are too
// many, and that keep none alive.
func TestLive(t *testing.T) {
	n := startPrinter(t, papertest.SQLite(t))
	for _, token := range []string{"", "nonsense"} {
		select {
		case <-n.watch(token):
		case <-time.After(time.Minute):
			t.Errorf("with the session %q nothing is said", token)
		}
	}
	id := n.member("Ida", reader.Editor)
	token := n.session(id, reader.StaffSession, 0)
	for range maxOpen {
		n.watch(token)
	}
	papertest.Eventually(t, func() bool { return n.watchers.watching(id) == maxOpen })
	r, err := http.NewRequest(http.MethodGet, n.server.URL+"/me/live", nil)
	check(t, err)
	r.AddCookie(&http.Cookie{Name: n.cookie, Value: token})
	res, err := http.DefaultClient.Do(r)
	check(t, err)
	if res.Body.Close(); res.StatusCode != http.StatusTooManyRequests {
		t.Errorf("one page more answers %d", res.StatusCode)
	}
	n.clock.Add(59 * time.Minute)
	n.watchers.wake(id)
	other := n.session(id, reader.StaffSession, 0)
	n.form(other, "/logout", nil) // they look again
	n.clock.Add(time.Minute)
	if v, err := n.Readers.Look(t.Context(), token); err != nil || v.Actor != nil {
		t.Errorf("open pages keep a session alive: %+v, %v", v, err)
	}
	n.EndStreams()
	papertest.Eventually(t, func() bool { return n.watchers.watching(id) == 0 })
}

// TestMe is about what the masthead is told, and what it must not take away.
func TestMe(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ana, ida := p.member("Ana", reader.Member), p.member("Ida", reader.Editor)
	for name, test := range map[string]struct {
		token  string
		status int
	}{
		"nobody":      {"", http.StatusNoContent},
		"nonsense":    {"x", http.StatusNoContent},
		"a reader":    {p.session(ana, reader.ReaderSession, 0), http.StatusOK},
		"pending":     {p.session(ida, reader.PendingSession, 0), http.StatusNoContent},
		"an editor":   {p.session(ida, reader.StaffSession, 0), http.StatusOK},
		"not enough":  {p.session(ida, reader.ReaderSession, 0), http.StatusNoContent},
		"a long past": {p.session(ana, reader.PendingSession, 100*time.Hour), http.StatusNoContent},
	} {
		res := p.asks(http.MethodGet, "/me", test.token, "Accept", "application/json")
		if res.StatusCode != test.status || res.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
		for _, c := range res.Cookies() {
			if c.Name != "__Host-member" || c.MaxAge >= 0 || test.status == http.StatusOK {
				t.Errorf("%s: the cookie %s is set", name, c)
			}
		}
	}
}
