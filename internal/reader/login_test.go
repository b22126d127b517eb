package reader

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// TestLogin is about the right password and all the others.
func TestLogin(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		k.member("ana@paper.example", Member)
		k.member("ed@paper.example", Editor)
		k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
			values ('oidc', 'oidc@paper.example', 'Oi', 'oidc', '', '', '', 'reader', '', '', 0, 'now', 0, '', 0, 0)`)
		_, err := k.Register(ctx, wish("new@paper.example"), somewhere("n"))
		k.check(err)

		for _, test := range []struct {
			email string
			pw    secret.Password
		}{
			{"ana@paper.example", "correct horse battery stapl"},
			{"ana@paper.example", password + " "},
			{"ana@paper.example", "CORRECT HORSE BATTERY STAPLE"},
			{"ana@paper.example", ""},
			{"nobody@paper.example", password},
			{"nobody@paper.example", ""},
			{"oidc@paper.example", ""}, // has no password at all
			{"oidc@paper.example", password},
			// An address that waits to be confirmed, with its own password: if that
			// were told apart, whoever registers a stranger's address with a
			// password could see by trying it whether there is an account already.
			{"new@paper.example", password},
			{"new@paper.example", "another one"},
		} {
			e, err := k.Login(ctx, test.email, test.pw, somewhere(test.email+string(test.pw)))
			p := problem.Of(err)
			if p == nil || p.Kind != problem.Invalid || p.Detail != errWrong || p.Fields["password"] != errWrong || e.Token.Reveal() != "" {
				t.Errorf("%s with %q: %v", test.email, string(test.pw), err)
			}
		}
		if n := k.count(`select count(*) from session`); n != 0 {
			t.Errorf("%d sessions begin without a password", n)
		}
		for _, email := range []string{"", "ana", "ana@paper.example, ed@paper.example"} {
			_, err := k.Login(ctx, email, password, somewhere("x"))
			if p := problem.Of(err); p == nil || p.Fields["email"] == "" {
				t.Errorf("the address %q: %v", email, err)
			}
		}

		e, err := k.Login(ctx, " Ana@Paper.example ", password, somewhere("home"))
		k.check(err)
		if e.Kind != ReaderSession || k.actor(e.Token) == nil || k.actor(e.Known) != nil {
			t.Errorf("a reader gets %+v", e)
		}
		home := somewhere("home")
		home.Known, home.Before = e.Known.Reveal(), e.Token.Reveal()
		if k.written(`"Kind":"device"`) != 0 {
			t.Error("a letter about the first browser")
		}
		again, err := k.Login(ctx, "ana@paper.example", password, home)
		k.check(err)
		if again.Token == e.Token || again.Known != e.Known || k.actor(e.Token) != nil || k.actor(again.Token) == nil {
			t.Error("a log-in in the same browser does not take the place of the earlier one")
		}
		if k.written(`"Kind":"device"`) != 0 {
			t.Error("a letter about a browser that is known")
		}
		_, err = k.Login(ctx, "ana@paper.example", password, somewhere("away"))
		k.check(err)
		if k.written(`"Kind":"device"`) != 1 {
			t.Error("no letter about another browser")
		}

		home.Before = again.Token.Reveal()
		e, err = k.Login(ctx, "ed@paper.example", password, home)
		k.check(err)
		v, err := k.Look(ctx, e.Token.Reveal())
		k.check(err)
		if e.Kind != PendingSession || v.Actor != nil || v.Pending == nil || !v.Pending.Enrol() {
			t.Errorf("staff with a password alone are %+v", v)
		}
		if k.actor(again.Token) != nil {
			t.Error("the session of the reader before stays in the same browser")
		}

		k.exec(`update reader set erased = 1 where email = 'ana@paper.example'`)
		_, err = k.Login(ctx, "ana@paper.example", password, somewhere("home"))
		k.is(err, problem.Invalid, "an account that is erased")
	})
}

// TestLoginsAtOnce has eight log in at once, in a browser that is known.
func TestLoginsAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		r := k.member("ana@paper.example", Member)
		home := somewhere("home")
		home.Known = k.login(r, home).Known.Reveal()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := k.Login(ctx, "ana@paper.example", password, home); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s, v := k.count(`select count(*) from session`), k.count(`select count(*) from device`); s != 9 || v != 1 {
			t.Errorf("%d sessions, %d browsers", s, v)
		}
	})
}

// TestGuessesAtOnce has a thousand guess at once: a few are looked at.
func TestGuessesAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		k.member("ana@paper.example", Member)
		var looked, braked atomic.Int64
		var wg sync.WaitGroup
		for i := range 1000 {
			wg.Go(func() {
				_, err := k.Login(ctx, "ana@paper.example", secret.Password(fmt.Sprint("guess number ", i)), somewhere(fmt.Sprint(i)))
				switch {
				case problem.Is(err, problem.Invalid), problem.Is(err, problem.Unavailable): // right or wrong, it has come to the hash
					looked.Add(1)
				case problem.Is(err, problem.TooMany):
					braked.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if looked.Load() > 20 || looked.Load()+braked.Load() != 1000 {
			t.Errorf("%d of 1,000 guesses are looked at, %d are not", looked.Load(), braked.Load())
		}
	})
}

// TestReg_R25 guesses ten thousand times, from one network and from a thousand,
// over a night; the owner gets in all the while from a browser that is known, in
// the very network of the guesser too.
//
// Seen red: no brake for the account; none for a browser that is known; such a
// browser counted with all others.
func TestReg_R25(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		for _, networks := range []int{1, 1000} {
			k, ctx := newGate(t, d), t.Context()
			email := fmt.Sprintf("ana%d@paper.example", networks)
			r := k.member(email, Member)
			home := somewhere("0")
			home.Known = k.login(r, home).Known.Reveal()
			let := k.guessAll(email, r.ID, networks, 10_000, 0)
			if let > 100 {
				t.Errorf("from %d networks %d guesses reach the hash", networks, let)
			}
			for i := range 500 { // whatever else that network may guess, it has guessed
				k.brakeGuess(ctx, fmt.Sprintf("other%d@paper.example", i), "", somewhere("0"))
			}
			k.is(k.brakeGuess(ctx, "another@paper.example", "", somewhere("0")), problem.TooMany, "the guesser's network")
			if _, err := k.Login(ctx, email, password, home); err != nil {
				t.Errorf("the owner at home, beside a guesser in the same network: %v", err)
			}
			hour := 0
			for range 6 {
				k.clock.Add(10 * time.Minute)
				hour += k.guessAll(email, r.ID, networks, 100, 0)
			}
			if hour > 20 {
				t.Errorf("in an hour from %d networks %d guesses reach the hash", networks, hour)
			}
			// What was stolen with the browser helps a guesser only to guess slowly.
			stolen := somewhere("thief")
			stolen.Known = home.Known
			let = 0
			for range 100 {
				if k.brakeGuess(ctx, email, r.ID, stolen) == nil {
					let++
				}
			}
			if let > guessesKnown.burst {
				t.Errorf("%d guesses from a browser that is known", let)
			}
		}
	})
}

// guessAll guesses n times from as many networks, and counts what would have
// reached the hash.
func (k *gate) guessAll(email, id string, networks, n, from int) int {
	k.t.Helper()
	var let atomic.Int64
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for i := worker; i < n; i += 16 {
				switch err := k.brakeGuess(k.t.Context(), email, id, somewhere(fmt.Sprint(from+i%networks))); {
				case err == nil:
					let.Add(1)
				case !problem.Is(err, problem.TooMany):
					k.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return int(let.Load())
}

// TestProve is about somebody who shows once more who this is.
func TestProve(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		home := somewhere("home")
		e := k.login(k.member("ana@paper.example", Member), home)
		home.Known = e.Known.Reveal()
		a := k.actor(e.Token)
		if !a.Sure(k.Now()) {
			t.Error("a log-in proves nothing")
		}
		k.clock.Add(ProofLife)
		if a.Sure(k.Now()) {
			t.Error("a log-in proves for ever")
		}
		k.is(k.ChangePassword(ctx, a, "the new words of my account"), problem.Forbidden, "a change without proof")
		for range 3 {
			err := k.Prove(ctx, a, "correct horse", home)
			if p := problem.Of(err); p == nil || p.Fields["password"] == "" {
				t.Errorf("a wrong password: %v", err)
			}
		}
		if a = k.actor(e.Token); a.Sure(k.Now()) || k.count(`select count(*) from audit where act = 'reader.login-failed'`) != 3 {
			t.Error("a wrong password proves something, or is not noted")
		}
		k.check(k.Prove(ctx, a, password, home))
		if a = k.actor(e.Token); !a.Sure(k.Now()) {
			t.Error("the right password proves nothing")
		}
		elsewhere := k.login(a.Reader, somewhere("away"))
		k.check(k.ChangePassword(ctx, a, "the new words of my account"))
		if k.actor(e.Token) == nil || k.actor(elsewhere.Token) != nil {
			t.Error("a change of the password ends the wrong sessions")
		}
		k.is(k.Prove(ctx, a, password, home), problem.Invalid, "the old password")
		// A clock that was a day fast has proved nothing.
		k.clock.Add(-day)
		if a.Sure(k.Now()) {
			t.Error("a proof of tomorrow counts")
		}
	})
}

// TestRevokeWhileEntering has a second factor be shown just while a new password
// ends all sessions: whichever comes first, none is left that began before.
func TestRevokeWhileEntering(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		r := k.member("ana@paper.example", Member)
		k.exec(`update reader set totp = 'sealed' where id = $1`, r.ID)
		for range 40 {
			var e Entry
			k.check(d.Tx(ctx, func(tx *db.Tx) (err error) {
				e, err = k.enter(ctx, tx, r, "password", single, somewhere("a"))
				return err
			}))
			v, err := k.Look(ctx, e.Token.Reveal())
			k.check(err)
			var wg sync.WaitGroup
			wg.Go(func() {
				err := d.Tx(ctx, func(tx *db.Tx) error {
					_, err := k.upgrade(ctx, tx, v.Pending, somewhere("a"))
					return err
				})
				if err != nil && !problem.Is(err, problem.NotFound) {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := d.Tx(ctx, func(tx *db.Tx) error { return k.setPassword(ctx, tx, r, "hash", "") }); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if n := k.count(`select count(*) from session where reader = $1`, r.ID); n != 0 {
				t.Fatalf("%d sessions outlive the password", n)
			}
		}
	})
}
