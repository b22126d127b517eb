package reader

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/pretend"
	"kawaraban/internal/problem"
)

// TestConnect is about one more way into an account.
func TestConnect(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		_, err := a.Add(ctx, New{Email: "ana@paper.example", Name: "Ana", Role: Member, Password: password})
		a.check(err)
		e, err := a.Login(ctx, "ana@paper.example", password, Browser{})
		a.check(err)
		ana := a.actor(e)
		connect := func(provider, person string) error {
			back, err := a.depart(Going{Provider: provider, Aim: ToConnect, Actor: ana}, "", person)
			if err != nil {
				return err
			}
			_, err = a.arrive(back)
			return err
		}
		a.check(connect("facebook", hanna.ID))
		a.check(connect("facebook", hanna.ID)) // twice is once
		list, err := a.Connections(ctx, ana.Reader.ID)
		a.check(err)
		if len(list) != 1 || list[0].Slug != "facebook" || list[0].Email != hanna.Email {
			t.Errorf("connected with %v", list)
		}
		at, err := a.login("facebook", hanna.ID)
		a.check(err)
		if at.New || at.Entry.Reader.ID != ana.Reader.ID || at.Next != "/category/city" {
			t.Errorf("Facebook lets in to %s", at.Entry.Reader.ID)
		}
		if r, err := a.ByID(ctx, ana.Reader.ID); err != nil || r.Email != "ana@paper.example" {
			t.Errorf("the address became %q, %v", r.Email, err)
		}

		// Another account cannot have the same person, nor this one a second.
		stranger := pretend.Person{ID: "stranger", Name: "Stranger"}
		a.face.Set(hanna, stranger)
		taken, err := a.login("id", stranger.ID)
		a.check(err)
		if err := connect("id", stranger.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("somebody else's identity: %v", err)
		}
		if err := connect("facebook", stranger.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("a second person at one provider: %v", err)
		}
		if a.actor(taken.Entry).Reader.ID == ana.Reader.ID {
			t.Error("the stranger has Ana's account")
		}

		// Disconnecting ends what the provider has let in, and asks for proof.
		a.check(a.Disconnect(ctx, ana, "facebook"))
		a.check(a.Disconnect(ctx, ana, "facebook"))
		if who, err := a.Who(ctx, at.Entry.Token.Reveal()); err != nil || who.Actor != nil {
			t.Error("the session of the provider goes on", err)
		}
		a.actor(e)
		if err := a.Disconnect(ctx, a.actor(taken.Entry), "id"); !problem.Is(err, problem.Conflict) {
			t.Errorf("the last way in is closed: %v", err)
		}
		a.clock.Add(ProofLife)
		stale := a.actor(e)
		if err := a.Disconnect(ctx, stale, "facebook"); !problem.Is(err, problem.Forbidden) {
			t.Errorf("without proof: %v", err)
		}
		if _, err := a.depart(Going{Provider: "facebook", Aim: ToConnect, Actor: stale}, "", hanna.ID); !problem.Is(err, problem.Forbidden) {
			t.Errorf("without proof: %v", err)
		}
	})
}

// TestConnectLoggedOut is about somebody whose session ends while a provider
// asks who they are.
func TestConnectLoggedOut(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		_, err := a.Add(ctx, New{Email: "ana@paper.example", Name: "Ana", Role: Member, Password: password})
		a.check(err)
		e, err := a.Login(ctx, "ana@paper.example", password, Browser{})
		a.check(err)
		back, err := a.depart(Going{Provider: "facebook", Aim: ToConnect, Actor: a.actor(e)}, "", hanna.ID)
		a.check(err)
		a.check(a.Logout(ctx, e.Token.Reveal()))
		if _, err := a.arrive(back); !problem.Is(err, problem.Forbidden) || a.count(`select count(*) from identity`) != 0 {
			t.Error(err)
		}
	})
}

// TestLastTwoUnderEight removes the last two ways in at once: one stays.
func TestLastTwoUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a, ctx := newAbroad(t, d), t.Context()
		at, err := a.login("facebook", hanna.ID)
		a.check(err)
		who := a.actor(at.Entry)
		back, err := a.depart(Going{Provider: "other", Aim: ToConnect, Actor: who}, "", hanna.ID)
		a.check(err)
		_, err = a.arrive(back)
		a.check(err)
		var refused atomic.Int64
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := a.Disconnect(ctx, who, []string{"facebook", "other"}[i%2])
				if problem.Is(err, problem.Conflict) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := a.count(`select count(*) from identity`); n != 1 || refused.Load() == 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}

// TestProveByProvider is about proof for those who have only a provider.
func TestProveByProvider(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		a := newAbroad(t, d)
		stranger := pretend.Person{ID: "stranger", Name: "Stranger"}
		a.face.Set(hanna, stranger)
		for _, provider := range []string{"facebook", "id"} {
			at, err := a.login(provider, hanna.ID)
			a.check(err)
			prove := func(person string, lie pretend.Lie) error {
				a.face.Lie(lie)
				defer a.face.Lie("")
				back, err := a.depart(Going{Provider: provider, Aim: ToProve, Actor: a.actor(at.Entry), Next: "/account/password"}, "", person)
				a.check(err)
				_, err = a.arrive(back)
				return err
			}
			a.clock.Add(ProofLife)
			for name, err := range map[string]error{"somebody else": prove(stranger.ID, ""), "nobody": prove("nobody", "")} {
				if !problem.Is(err, problem.Forbidden) || a.actor(at.Entry).Sure(a.Now()) {
					t.Errorf("%s: %s: %v", provider, name, err)
				}
			}
			if provider == "id" {
				for _, lie := range []pretend.Lie{pretend.Remembers, pretend.Forgets} {
					if err := prove(hanna.ID, lie); !problem.Is(err, problem.Forbidden) || a.actor(at.Entry).Sure(a.Now()) || a.blamed() != "id: it has not asked again" {
						t.Errorf("%s: %v", lie, err)
					}
				}
			}
			a.check(prove(hanna.ID, ""))
			if !a.actor(at.Entry).Sure(a.Now()) {
				t.Errorf("%s: the proof does not count", provider)
			}
		}
	})
}

// TestSecondFactorAfterProvider is about a provider's word: it is one factor.
func TestSecondFactorAfterProvider(t *testing.T) {
	a, ctx := newAbroad(t, papertest.SQLite(t)), t.Context()
	at, err := a.login("id", hanna.ID)
	a.check(err)
	a.check(a.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update reader set role = 'editor' where id = $1`, at.Entry.Reader.ID)
		return err
	}))
	at, err = a.login("id", hanna.ID)
	a.check(err)
	if at.Entry.Kind != PendingSession {
		t.Errorf("staff are let in with a session of kind %s", at.Entry.Kind)
	}
}

func TestNameOf(t *testing.T) {
	for told, want := range map[string]string{
		"Hanna Vey": "Hanna Vey", "  Hanna\n Vey ": "Hanna Vey", "": "Reader", "hanna@mail.example": "Reader",
		"a\u202eb": "ab", strings.Repeat("é", 80): strings.Repeat("é", 60), "\x00": "Reader", "花子": "花子",
	} {
		if got := nameOf(told, "Reader"); got != want {
			t.Errorf("nameOf(%q) = %q, want %q", told, got, want)
		}
	}
}

// TestConnectLimits is about one network that begins and begins.
func TestConnectLimits(t *testing.T) {
	a := newAbroad(t, papertest.SQLite(t))
	for i := range connects.burst {
		if _, err := a.depart(Going{Provider: "facebook", Aim: ToLogin}, "", hanna.ID); err != nil {
			t.Fatal(i, err)
		}
	}
	_, err := a.depart(Going{Provider: "facebook", Aim: ToLogin}, "", hanna.ID)
	if p := problem.Of(err); !problem.Is(err, problem.TooMany) || p.Wait == 0 {
		t.Error(err)
	}
}
