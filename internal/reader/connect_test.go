package reader

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/pretend"
	"kawaraban/internal/problem"
)

// TestReg_R23 is the table of whose account somebody gets: what the provider
// says of the address, what the address is here, and which provider says it.
// Nobody is ever let in to an account because of an address.
//
// Seen red: the account of an address that the provider has proved; an address
// believed that the provider has not proved.
func TestReg_R23(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		n := 0
		for _, provider := range []string{"facebook", "id"} {
			for _, told := range []string{"verified", "unverified", "absent", "changed"} {
				for _, local := range []string{"verified", "unverified", "none"} {
					n++
					name := provider + " " + told + " " + local
					email := fmt.Sprintf("p%d@mail.example", n)
					p := pretend.Person{ID: fmt.Sprintf("subject-%d", n), Name: "Pat", Email: email, Verified: told != "unverified"}
					if told == "absent" {
						p.Email = ""
					}
					earlier := ""
					if told == "changed" {
						// Known already, with an address of before: what the provider says
						// now must not move anybody to another account.
						before := p
						before.Email = fmt.Sprintf("before%d@mail.example", n)
						a.face.Set(before)
						at, err := a.login(provider, p.ID)
						a.check(err)
						earlier = at.Entry.Reader.ID
					}
					a.face.Set(p)
					owner := ""
					switch local {
					case "verified":
						var err error
						owner, err = a.Add(ctx, New{Email: email, Name: "Owner", Role: Member, Password: password})
						a.check(err)
					case "unverified":
						_, err := a.Register(ctx, Registration{Email: email, Name: "Thief", Password: password}, Browser{Network: fmt.Sprintf("198.51.100.%d", n)})
						a.check(err)
					}
					a.clock.Add(time.Hour) // between them, for the limits
					at, err := a.login(provider, p.ID)
					proved := provider == "id" && told == "verified"
					switch {
					case told == "changed":
						a.check(err)
						if at.New || at.Entry.Reader.ID != earlier {
							t.Errorf("%s: the person gets the account %s, was %s", name, at.Entry.Reader.ID, earlier)
						}
					case proved && local == "verified":
						if !problem.Is(err, problem.Conflict) {
							t.Errorf("%s: %v", name, err)
						}
						if a.count(`select count(*) from identity where subject = $1`, p.ID) != 0 {
							t.Errorf("%s: the identity is kept", name)
						}
						continue
					default:
						a.check(err)
						want := ""
						if proved {
							want = email
						}
						if !at.New || at.Entry.Reader.Email != want || at.Entry.Reader.Password {
							t.Errorf("%s: new %v, address %q, want %q", name, at.New, at.Entry.Reader.Email, want)
						}
					}
					if at.Entry.Reader.ID == owner {
						t.Errorf("%s: somebody is let in to the account of an address", name)
					}
					if waits := a.count(`select count(*) from registration where email = $1`, email); local == "unverified" && (waits == 1) == proved {
						t.Errorf("%s: %d registrations of the address wait", name, waits)
					}
				}
			}
		}
		if n != 24 {
			t.Errorf("%d cases", n)
		}
	})
}

// TestReg_R23Thief is about an account that waits for its owner: the password of
// whoever registered the address first opens nothing.
//
// Seen red: a registration that stays when its owner comes by a provider.
func TestReg_R23Thief(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		_, err := a.Register(ctx, Registration{Email: hanna.Email, Name: "Thief", Password: password}, Browser{Network: "198.51.100.1"})
		a.check(err)
		post, err := a.Compose(ctx, Letter{Kind: Confirm, Email: hanna.Email})
		a.check(err)
		_, err = a.login("id", hanna.ID)
		a.check(err)
		if _, err := a.Verify(ctx, post.Token.Reveal(), "", password, Browser{}); !problem.Is(err, problem.Gone) {
			t.Errorf("the link of the thief's registration: %v", err)
		}
		if _, err := a.Login(ctx, hanna.Email, password, Browser{}); !problem.Is(err, problem.Invalid) {
			t.Errorf("the thief's password: %v", err)
		}
	})
}

// TestReg_R24 is about answers that belong to somebody else's ceremony.
//
// Seen red: the browser, the issuer of the answer or the provider that was called
// not looked at; a state that can be used twice.
func TestReg_R24(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a := newAbroad(t, d)
		thief := pretend.Person{ID: "thief", Name: "Thief", Email: "thief@mail.example"}
		a.face.Set(hanna, thief)
		a.other.Set(hanna, thief)
		leave := func(provider, person string) Answered {
			back, err := a.depart(Going{Provider: provider, Aim: ToLogin}, "", person)
			a.check(err)
			return back
		}
		refused := func(name string, back Answered, kind problem.Kind, blamed string) {
			t.Helper()
			before := a.everything()
			if _, err := a.arrive(back); !problem.Is(err, kind) {
				t.Errorf("%s: %v", name, err)
			}
			if after := a.everything(); after != before {
				t.Errorf("%s: was\n%sis\n%s", name, before, after)
			}
			if got := a.blamed(); blamed != "" && got != blamed {
				t.Errorf("%s: the audit log says %q, want %q", name, got, blamed)
			}
		}
		for _, provider := range []string{"facebook", "id"} {
			back := leave(provider, hanna.ID)
			_, err := a.arrive(back)
			a.check(err)
			refused(provider+": a state that was used", back, problem.Gone, "")

			hers, his := leave(provider, hanna.ID), leave(provider, thief.ID)
			swapped := hers
			swapped.Code = his.Code
			refused(provider+": the code of another browser", swapped, problem.Invalid, provider+": the code was refused")

			his = leave(provider, thief.ID)
			victim := his
			victim.Bound = leave(provider, hanna.ID).Bound
			refused(provider+": another browser", victim, problem.Gone, provider+": another browser")
			refused(provider+": and the ceremony is over", his, problem.Gone, "")

			bare := leave(provider, thief.ID)
			bare.Bound = ""
			refused(provider+": a browser without a cookie", bare, problem.Gone, provider+": another browser")

			late := leave(provider, hanna.ID)
			a.clock.Add(ConnectLife)
			refused(provider+": too late", late, problem.Gone, "")

			reused := leave(provider, hanna.ID)
			_, err = a.arrive(reused)
			a.check(err)
			again := leave(provider, hanna.ID)
			again.Code = reused.Code
			refused(provider+": a code that was used", again, problem.Invalid, provider+": the code was refused")

			denied := leave(provider, "nobody")
			refused(provider+": nobody", denied, problem.Forbidden, "")
			for _, state := range []string{"", "x", strings.Repeat("A", 43), back.State + "A"} {
				forged := leave(provider, hanna.ID)
				forged.State = state
				refused(provider+": a forged state", forged, problem.Gone, "")
			}
		}
		mixed := leave("other", thief.ID)
		mixed.Provider, mixed.Callback = "id", callbackBase+"id/callback"
		refused("the answer of another provider", mixed, problem.Invalid, "id: another provider's answer")

		wrong := leave("id", hanna.ID)
		wrong.Issuer = a.other.URL
		refused("another issuer in the answer", wrong, problem.Invalid, "id: another issuer in the answer")
		missing := leave("id", hanna.ID)
		missing.Issuer = ""
		refused("no issuer in the answer", missing, problem.Invalid, "id: another issuer in the answer")
	})
}

// TestReg_R24Lies has the provider be wrong in every way that it can.
//
// Seen red: the nonce not looked at.
func TestReg_R24Lies(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a := newAbroadWithin(t, d, impatient)
		fresh := func() { // that asks for the discovery anew
			for i, slug := range []string{"id", "other"} {
				old, err := a.Provider(slug)
				a.check(err)
				talk := old.talk.(*openID)
				p, err := NewOIDC(talk.OIDC, talk.client, a.Now)
				a.check(err)
				a.Providers[1+i] = p
			}
		}
		for _, test := range []struct {
			lie      pretend.Lie
			provider string
			kind     problem.Kind
			blamed   string
		}{
			{pretend.NoToken, "id", problem.Invalid, "id: no ID token"},
			{pretend.NoSubject, "id", problem.Invalid, "id: no subject"},
			{pretend.OtherIssuer, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.OtherAudience, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.OtherParty, "id", problem.Invalid, "id: an ID token for somebody else"},
			{pretend.OtherNonce, "id", problem.Invalid, "id: a wrong nonce"},
			{pretend.NoNonce, "id", problem.Invalid, "id: a wrong nonce"},
			{pretend.Expired, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.Unsigned, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.SharedKey, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.PublicKey, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.OtherKey, "id", problem.Invalid, "id: a wrong ID token"},
			{pretend.OtherDiscovery, "id", problem.Invalid, "id: another issuer in the discovery"},
			{pretend.ScriptEndpoint, "id", problem.Invalid, "id: an authorization endpoint that is no page"},
			{pretend.OtherIssuerAnswer, "id", problem.Invalid, "id: another issuer in the answer"},
			{pretend.NoIssuerAnswer, "id", problem.Invalid, "id: another issuer in the answer"},
			{pretend.Down, "id", problem.Unavailable, "id: no discovery"},
			{pretend.Nonsense, "id", problem.Unavailable, "id: no discovery"},
			{pretend.NoSubject, "facebook", problem.Invalid, "facebook: no subject"},
			{pretend.Down, "facebook", problem.Unavailable, "facebook: the code could not be exchanged"},
			{pretend.Nonsense, "facebook", problem.Unavailable, "facebook: the code could not be exchanged"},
			{pretend.Slow, "facebook", problem.Unavailable, "facebook: the code could not be exchanged"},
		} {
			a.clock.Add(time.Hour)
			fresh()
			a.face.Lie(test.lie)
			before := a.everything()
			_, err := a.login(test.provider, hanna.ID)
			if p := problem.Of(err); p == nil || p.Kind != test.kind || p.Detail != errUntrue && p.Detail != errAway {
				t.Errorf("%s: %s: %v", test.provider, test.lie, err)
			}
			if after := a.everything(); after != before {
				t.Errorf("%s: %s: was\n%sis\n%s", test.provider, test.lie, before, after)
			}
			if got := a.blamed(); got != test.blamed {
				t.Errorf("%s: %s: the audit log says %q", test.provider, test.lie, got)
			}
			a.face.Lie("")
			a.clock.Add(failedLife)
		}
		// User info is asked for only where the ID token does not tell all.
		a.face.Set(pretend.Person{ID: "bare", Name: "Bare"})
		a.face.Lie(pretend.OtherUserInfo)
		if _, err := a.login("id", "bare"); !problem.Is(err, problem.Invalid) || a.blamed() != "id: user info of somebody else" {
			t.Errorf("%v, %s", err, a.blamed())
		}
		a.face.Lie("")
		if _, err := a.login("id", "bare"); err != nil {
			t.Errorf("and honest again: %v", err)
		}
	})
}

// TestSharedKey is about a provider that signs with the client's secret, where
// the settings say so: then no other signature counts.
func TestSharedKey(t *testing.T) {
	a := newAbroad(t, papertest.SQLite(t))
	p, err := a.Provider("id")
	a.check(err)
	talk := p.talk.(*openID)
	talk.HS256 = true
	for lie, good := range map[pretend.Lie]bool{pretend.SharedKey: true, "": false, pretend.PublicKey: false, pretend.Unsigned: false} {
		a.face.Lie(lie)
		if _, err := a.login("id", hanna.ID); (err == nil) != good {
			t.Errorf("%q: %v", lie, err)
		}
	}
	talk.Secret = "short"
	if _, err := NewOIDC(talk.OIDC, talk.client, a.Now); err == nil {
		t.Error("a short secret is taken as a key")
	}
}

// TestDownIsRemembered is about a provider that is down: those who want to log in
// with it do not wait for one another, and it is asked again soon.
func TestDownIsRemembered(t *testing.T) {
	a := newAbroad(t, papertest.SQLite(t))
	a.face.Lie(pretend.Down)
	for range 3 {
		if _, err := a.login("id", hanna.ID); !problem.Is(err, problem.Unavailable) {
			t.Error(err)
		}
	}
	if n := a.face.Asked(); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
	a.face.Lie("")
	a.clock.Add(failedLife)
	_, err := a.login("id", hanna.ID)
	a.check(err)
	a.clock.Add(foundLife)
	a.face.Lie(pretend.Down)
	if _, err := a.depart(Going{Provider: "id", Aim: ToLogin}, "", hanna.ID); err != nil {
		t.Errorf("what it said yesterday is forgotten: %v", err)
	}
}

// TestComeBackUnderEight has eight windows of one new person come back at once.
func TestComeBackUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a := newAbroad(t, d)
		var backs []Answered
		for range 8 {
			back, err := a.depart(Going{Provider: "facebook", Aim: ToLogin}, "", hanna.ID)
			a.check(err)
			backs = append(backs, back)
		}
		var made atomic.Int64
		var accounts sync.Map
		var wg sync.WaitGroup
		for _, back := range backs {
			wg.Go(func() {
				at, err := a.arrive(back)
				if err != nil {
					t.Error(err)
					return
				}
				if at.New {
					made.Add(1)
				}
				accounts.Store(at.Entry.Reader.ID, true)
			})
		}
		wg.Wait()
		n := 0
		accounts.Range(func(any, any) bool { n++; return true })
		if made.Load() != 1 || n != 1 || a.count(`select count(*) from reader`) != 1 || a.count(`select count(*) from session`) != 8 {
			t.Errorf("%d accounts were made, %d were given", made.Load(), n)
		}
	})
}

// TestOneStateUnderEight has eight requests come with one state: one is let in.
func TestOneStateUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a := newAbroad(t, d)
		back, err := a.depart(Going{Provider: "id", Aim: ToLogin}, "", hanna.ID)
		a.check(err)
		var in, out atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				switch _, err := a.arrive(back); {
				case err == nil:
					in.Add(1)
				case problem.Is(err, problem.Gone):
					out.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 || out.Load() != 7 {
			t.Errorf("%d were let in, %d not", in.Load(), out.Load())
		}
	})
}

// TestCeremonyHoldsNothing is about a stolen database: what lies in it of a
// ceremony finishes none.
func TestCeremonyHoldsNothing(t *testing.T) {
	a := newAbroad(t, papertest.SQLite(t))
	to, err := a.GoToProvider(t.Context(), Going{Provider: "id", Aim: ToLogin, Callback: callbackBase + "id/callback"}, Browser{})
	a.check(err)
	u, err := url.Parse(to.Address)
	a.check(err)
	var row string
	a.check(a.DB.QueryRow(t.Context(), `select hash || reader || content from ceremony`).Scan(&row))
	c := call{bound: to.Bound}
	for name, secret := range map[string]string{"state": u.Query().Get("state"), "nonce": u.Query().Get("nonce"), "challenge": u.Query().Get("code_challenge"), "cookie": to.Bound.Reveal(), "verifier": c.verifier()} {
		if secret == "" || strings.Contains(row, secret) {
			t.Errorf("the %s is in the database", name)
		}
	}
	if u.Query().Get("code_challenge_method") != "S256" || u.Query().Get("response_type") != "code" {
		t.Errorf("the address is %s", to.Address)
	}
}
