package reader

import (
	"fmt"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// addKey gives an actor a passkey.
func (d *vault) addKey(a *Actor, name string) *softKey {
	d.t.Helper()
	c, err := d.AskNewPasskey(d.t.Context(), a, testParty, "", testBrowser)
	d.ok(err)
	k := newSoftKey(d.t, a.Reader.ID)
	_, err = d.AddPasskey(d.t.Context(), a, testParty, Shown{k.create(posed(d.t, c)), c.Browser.Reveal()}, name, testBrowser)
	d.ok(err)
	return k
}

// show asks for a passkey and has k answer.
func (d *vault) show(v Visitor, k *softKey) Shown {
	d.t.Helper()
	c, err := d.AskPasskey(d.t.Context(), v, testParty, "", testBrowser)
	d.ok(err)
	return Shown{k.get(posed(d.t, c)), c.Browser.Reveal()}
}

// TestAddPasskey is about what is kept, and what is not.
func TestAddPasskey(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r, other := d.account("Ana", Member), d.account("Bo", Member)
		a, b := d.enters(r, double).Actor, d.enters(other, double).Actor
		for _, test := range []struct {
			name  string
			spoil func(k *softKey, c *Challenge, who **Actor, challenge *string)
			want  problem.Kind // "" is taken
		}{
			{"as it should be", nil, ""},
			{"one that is copied elsewhere", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.flags |= backupMay | backupIs }, ""},
			{"of another site", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.origin = "https://post.example.evil.example" }, problem.Invalid},
			{"of another port", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.origin = "https://post.example:8443" }, problem.Invalid},
			{"without https", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.origin = "http://post.example" }, problem.Invalid},
			{"of a domain above", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.rpID = "example" }, problem.Invalid},
			{"that asked its user nothing", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.flags = userPresent }, problem.Invalid},
			{"without a user", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.flags = userVerified }, problem.Invalid},
			{"that lies about its copies", func(k *softKey, _ *Challenge, _ **Actor, _ *string) { k.flags |= backupIs }, problem.Invalid},
			{"of another browser", func(_ *softKey, c *Challenge, _ **Actor, _ *string) { c.Browser = secret.NewToken() }, problem.Invalid},
			{"for another account", func(_ *softKey, _ *Challenge, who **Actor, _ *string) { *who = b }, problem.Invalid},
			{"to a challenge that nobody posed", func(_ *softKey, _ *Challenge, _ **Actor, c *string) { *c = secret.NewToken().Reveal() }, problem.Invalid},
			{"to no challenge", func(_ *softKey, _ *Challenge, _ **Actor, c *string) { *c = "" }, problem.Invalid},
			{"too late", func(*softKey, *Challenge, **Actor, *string) { d.clock.Add(CeremonyLife) }, problem.Invalid},
		} {
			k, who := newSoftKey(t, r.ID), a
			c, err := d.AskNewPasskey(ctx, a, testParty, "", testBrowser)
			d.ok(err)
			challenge := posed(t, c)
			if test.spoil != nil {
				test.spoil(k, &c, &who, &challenge)
			}
			sh := Shown{k.create(challenge), c.Browser.Reveal()}
			_, err = d.AddPasskey(ctx, who, testParty, sh, "", testBrowser)
			if test.want == "" && err != nil || test.want != "" && !problem.Is(err, test.want) {
				t.Errorf("a passkey %s: %v", test.name, err)
			}
			if _, err := d.AddPasskey(ctx, a, testParty, sh, "", testBrowser); test.want == "" && !problem.Is(err, problem.Invalid) {
				t.Errorf("a passkey %s, twice: %v", test.name, err)
			}
		}
		list, err := d.Passkeys(ctx, r.ID)
		d.ok(err)
		if len(list) != 2 || list[0].Name != "Firefox, Linux" || list[0].Synced == list[1].Synced || !list[0].Used.IsZero() {
			t.Errorf("the passkeys are %+v", list)
		}
		if d.acts(r.ID, PasskeyAdded) != 2 || d.letters("A passkey was added.") != 2 {
			t.Error("a passkey is added in silence")
		}
		for _, junk := range []string{"", "{}", "null", "[]", `{"id":1}`, string(make([]byte, maxAnswer+1))} {
			if _, err := d.AddPasskey(ctx, a, testParty, Shown{Answer: junk}, "", testBrowser); !problem.Is(err, problem.Invalid) {
				t.Errorf("%.20q is a passkey: %v", junk, err)
			}
			if _, err := d.LoginPasskey(ctx, testParty, Shown{Answer: junk}, testBrowser); !problem.Is(err, problem.Invalid) {
				t.Errorf("%.20q logs in: %v", junk, err)
			}
		}
		// The same key for two accounts.
		k := newSoftKey(t, r.ID)
		for i, who := range []*Actor{d.sure2(a), d.sure2(b)} {
			c, err := d.AskNewPasskey(ctx, who, testParty, "", testBrowser)
			d.ok(err)
			_, err = d.AddPasskey(ctx, who, testParty, Shown{k.create(posed(t, c)), c.Browser.Reveal()}, "", testBrowser)
			if i == 0 && err != nil || i == 1 && !problem.Is(err, problem.Conflict) {
				t.Errorf("account %d: %v", i, err)
			}
		}
		for i := 3; i < maxPasskeys; i++ {
			d.clock.Add(time.Second)
			d.addKey(d.sure2(a), fmt.Sprint("Key ", i))
		}
		if _, err := d.AskNewPasskey(ctx, d.sure2(a), testParty, "", testBrowser); !problem.Is(err, problem.Conflict) {
			t.Errorf("one passkey too many: %v", err)
		}
	})
}

// TestLoginPasskey is about whom a passkey lets in.
func TestLoginPasskey(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r := d.account("Ana", Editor)
		k := d.addKey(&Actor{Reader: r, Session: d.somebody(r)}, "Key")
		for i := range 3 {
			e, err := d.LoginPasskey(ctx, testParty, d.show(Visitor{}, k), testBrowser)
			if err != nil || e.Kind != StaffSession || e.Reader.ID != r.ID {
				t.Fatalf("log-in %d: %q, %v", i, e.Kind, err)
			}
		}
		failures := d.acts(r.ID, FactorFailed)
		for _, test := range []struct {
			name  string
			spoil func(k *softKey, c *Challenge, challenge *string)
		}{
			{"with another signature", func(k *softKey, _ *Challenge, _ *string) { k.spoiled = true }},
			{"of another site", func(k *softKey, _ *Challenge, _ *string) { k.origin = "https://evil.example" }},
			{"of another domain", func(k *softKey, _ *Challenge, _ *string) { k.rpID = "evil.example" }},
			{"that asked its user nothing", func(k *softKey, _ *Challenge, _ *string) { k.flags = userPresent }},
			{"that says it is somebody else's", func(k *softKey, _ *Challenge, _ *string) { k.user = "somebody" }},
			{"that does not say whose it is", func(k *softKey, _ *Challenge, _ *string) { k.handle = false }},
			{"that can be copied all of a sudden", func(k *softKey, _ *Challenge, _ *string) { k.flags |= backupMay }},
			{"that nobody knows", func(k *softKey, _ *Challenge, _ *string) { k.id = []byte("somebody else's passkey, or none") }},
			{"in another browser", func(_ *softKey, c *Challenge, _ *string) { c.Browser = secret.NewToken() }},
			{"to a challenge that nobody posed", func(_ *softKey, _ *Challenge, c *string) { *c = secret.NewToken().Reveal() }},
			{"too late", func(*softKey, *Challenge, *string) { d.clock.Add(CeremonyLife) }},
		} {
			c, err := d.AskPasskey(ctx, Visitor{}, testParty, "", testBrowser)
			d.ok(err)
			bad, challenge := *k, posed(t, c)
			test.spoil(&bad, &c, &challenge)
			sh := Shown{bad.get(challenge), c.Browser.Reveal()}
			if _, err := d.LoginPasskey(ctx, testParty, sh, testBrowser); !problem.Is(err, problem.Invalid) {
				t.Errorf("a passkey %s: %v", test.name, err)
			}
			k.count = bad.count
			// The challenge is used up, whatever it was answered with.
			if c.Browser.Reveal() == sh.Browser && challenge == posed(t, c) && test.name != "in another browser" {
				if _, err := d.LoginPasskey(ctx, testParty, Shown{k.get(challenge), sh.Browser}, testBrowser); !problem.Is(err, problem.Invalid) {
					t.Errorf("after a passkey %s, the right one with the same challenge: %v", test.name, err)
				}
			}
		}
		if got := d.acts(r.ID, FactorFailed) - failures; got < 6 {
			t.Errorf("only %d failures are in the audit log", got)
		}

		// One tab does not end what another has begun.
		first, err := d.AskPasskey(ctx, Visitor{}, testParty, "", testBrowser)
		d.ok(err)
		second, err := d.AskPasskey(ctx, Visitor{}, testParty, first.Browser.Reveal(), testBrowser)
		d.ok(err)
		for _, c := range []Challenge{second, first} {
			if _, err := d.LoginPasskey(ctx, testParty, Shown{k.get(posed(t, c)), second.Browser.Reveal()}, testBrowser); err != nil {
				t.Errorf("two tabs: %v", err)
			}
		}

		// Somebody has copied it: the counter goes back.
		k.count -= 2
		_, err = d.LoginPasskey(ctx, testParty, d.show(Visitor{}, k), testBrowser)
		if !problem.Is(err, problem.Forbidden) || d.acts(r.ID, PasskeyCopied) != 1 {
			t.Errorf("a passkey whose counter goes back: %v", err)
		}
		k.count += 10
		if _, err := d.LoginPasskey(ctx, testParty, d.show(Visitor{}, k), testBrowser); err != nil {
			t.Errorf("the counter goes on: %v", err)
		}

		sh := d.show(Visitor{}, k)
		if won := eight(t, func(int) error {
			_, err := d.LoginPasskey(ctx, testParty, sh, testBrowser)
			return err
		}); won != 1 {
			t.Errorf("one answer let %d in", won)
		}
		if err := d.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update reader set erased = 1 where id = $1`, r.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.LoginPasskey(ctx, testParty, d.show(Visitor{}, k), testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("an account that is gone: %v", err)
		}
	})
}

// somebody is a session whose proof is fresh, for those who have no way in yet.
func (d *vault) somebody(r Reader) Session {
	return Session{ID: d.ID(), Kind: StaffSession, Proved: d.Now(), Created: d.Now()}
}

// TestPasskeyFactor is about passkeys in the place of a code: they have to be
// the account's own.
func TestPasskeyFactor(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, base *db.DB) {
		d, ctx := newVault(t, base), t.Context()
		r, other := d.account("Ana", Member), d.account("Bo", Member)
		mine := d.addKey(d.enters(r, double).Actor, "Mine")
		theirs := d.addKey(d.enters(other, double).Actor, "Theirs")
		p := d.enters(r, single)
		if p.Pending == nil || p.Pending.Enrol() {
			t.Fatal("an account with a passkey is not asked for it")
		}
		if _, err := d.PasskeyFactor(ctx, p.Pending, testParty, d.show(p, theirs), testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("somebody else's passkey: %v", err)
		}
		// A challenge for anybody is none for a second factor, and the other way.
		if _, err := d.PasskeyFactor(ctx, p.Pending, testParty, d.show(Visitor{}, mine), testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("a challenge for anybody: %v", err)
		}
		if _, err := d.LoginPasskey(ctx, testParty, d.show(p, mine), testBrowser); !problem.Is(err, problem.Invalid) {
			t.Errorf("a challenge for one: %v", err)
		}
		mine.handle = false // which an authenticator may leave out when it is asked for one passkey
		e, err := d.PasskeyFactor(ctx, p.Pending, testParty, d.show(p, mine), testBrowser)
		if err != nil || e.Kind != ReaderSession {
			t.Errorf("the second factor gave %q, %v", e.Kind, err)
		}
		if _, err := d.PasskeyFactor(ctx, p.Pending, testParty, d.show(p, mine), testBrowser); !problem.Is(err, problem.NotFound) {
			t.Errorf("a pending session becomes whole twice: %v", err)
		}
		// Who has no passkey is not asked for one.
		if _, err := d.AskPasskey(ctx, d.enters(d.account("Cy", Member), single), testParty, "", testBrowser); !problem.Is(err, problem.Conflict) {
			t.Errorf("a challenge without a passkey: %v", err)
		}
	})
}

// TestChallengeBrake is about those who ask for challenges without end.
func TestChallengeBrake(t *testing.T) {
	d := newVault(t, papertest.SQLite(t))
	asked := 0
	for ; asked < 1000; asked++ {
		if _, err := d.AskPasskey(t.Context(), Visitor{}, testParty, "", testBrowser); err != nil {
			if !problem.Is(err, problem.TooMany) || problem.Of(err).Wait <= 0 {
				t.Error(err)
			}
			break
		}
	}
	if asked != challenges.burst {
		t.Errorf("one network got %d challenges", asked)
	}
	d.clock.Add(CeremonyLife + time.Second)
	d.ok(d.Sweep(t.Context()))
	if rows := d.texts(`select hash from ceremony`); len(rows) != 0 {
		t.Errorf("%d challenges stay", len(rows))
	}
}

// TestParty is about addresses for which there are passkeys.
func TestParty(t *testing.T) {
	for url, want := range map[string]bool{
		"https://post.example": true, "https://post.example:8443": true, "http://localhost:8080": true, "http://paper.localhost": true,
		"http://post.example": false, "http://127.0.0.1:8080": false, "https://192.0.2.1": false, "https://[::1]": false, "": false, "https://": false,
	} {
		p := Party{Name: "Post", URL: url}
		_, err := p.webauthn()
		if p.Possible() != want || (err == nil) != want {
			t.Errorf("%q: %v, %v", url, p.Possible(), err)
		}
	}
}

// FuzzAnswer is about what strangers send in the place of a passkey's answer.
func FuzzAnswer(f *testing.F) {
	f.Add("{}")
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"o2NmbXRkbm9uZQ","authenticatorData":"AA","signature":"AA"}}`)
	d := newStoreFor(f)
	f.Fuzz(func(t *testing.T, answer string) {
		if _, err := d.LoginPasskey(t.Context(), testParty, Shown{Answer: answer}, testBrowser); problem.Of(err) == nil {
			t.Errorf("%q: %v", answer, err)
		}
		a := &Actor{Reader: Reader{ID: "r"}, Session: Session{Proved: d.Now()}}
		if _, err := d.AddPasskey(t.Context(), a, testParty, Shown{Answer: answer}, "x", testBrowser); problem.Of(err) == nil {
			t.Errorf("%q: %v", answer, err)
		}
	})
}

// newStoreFor is a store for a fuzz target, which never reaches its database.
func newStoreFor(testing.TB) *Store { return &Store{Now: time.Now} }
