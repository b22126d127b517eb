package reader

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
		k.exec(`insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, answers, leaving, leave_how, erased, created)
			values ('oidc', 'oidc@paper.example', 'Oi', 'oidc', '', '', '', 'reader', '', '', 0, true, 0, '', 0, 0)`)
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
// the very network of the guesser too (seen red with the brake of the account
// left out, and with that of the network before a known browser).
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

// TestForgot goes from the lost password to the new one.
func TestForgot(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		r := k.member("ana@paper.example", Member)
		other := k.member("bo@paper.example", Member)
		home := somewhere("home")
		e := k.login(r, home)
		home.Known = e.Known.Reveal()
		kept := k.login(other, somewhere("bo"))
		k.exec(`insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ('h', 'p', $1, 'pending', 'password', '', $2, $2, $2)`, r.ID, db.Time(k.Now()))
		k.exec(`insert into ceremony (hash, kind, reader, content, expires) values ('c', 'passkey-login', $1, '', $2)`, r.ID, db.Time(k.Now().Add(time.Hour)))
		mailed := k.link(emailLink, r.ID)
		undo := k.link(emailUndoLink, r.ID)

		k.is(k.Forgot(ctx, "ana", home), problem.Invalid, "no address")
		k.check(k.Forgot(ctx, "nobody@paper.example", home))
		if p := k.letter(ResetPassword, "nobody@paper.example"); p != nil {
			t.Errorf("a letter to nobody: %+v", p)
		}
		k.check(k.Forgot(ctx, "Ana@Paper.example", home))
		first := k.letter(ResetPassword, "ana@paper.example").Token.Reveal()
		post := k.letter(ResetPassword, "ana@paper.example")
		token := post.Token.Reveal()
		if post.Life != 30*time.Minute {
			t.Errorf("the link is good for %s", post.Life)
		}
		k.is(k.MayReset(ctx, first), problem.Gone, "the link before the last one")
		for _, bad := range []string{"", "x", secret.NewToken().Reveal(), mailed, e.Token.Reveal()} {
			k.is(k.MayReset(ctx, bad), problem.Gone, "may reset with "+bad)
			k.is(k.Reset(ctx, bad, "the new words of my account"), problem.Gone, "reset with "+bad)
		}
		for range 20 {
			k.check(k.MayReset(ctx, token))
		}
		k.is(k.Reset(ctx, token, "short"), problem.Invalid, "a short password")
		k.check(k.Reset(ctx, token, "the new words of my account"))
		k.is(k.Reset(ctx, token, "the newer words of my account"), problem.Gone, "a second use")
		if k.actor(e.Token) != nil || k.count(`select count(*) from session where reader = $1`, r.ID) != 0 || k.actor(kept.Token) == nil {
			t.Error("the sessions that end are not those of the account")
		}
		if k.count(`select count(*) from ceremony`) != 0 {
			t.Error("what was begun can be finished")
		}
		if _, _, err := k.Store.link(ctx, d, emailLink, mailed); !problem.Is(err, problem.Gone) {
			t.Error("the link that gives the account to another address still works")
		}
		if _, _, err := k.Store.link(ctx, d, emailUndoLink, undo); err != nil {
			t.Errorf("the link that brings the address back: %v", err)
		}
		if k.written(`"Kind":"password"`) != 1 {
			t.Error("no letter says that the password was changed")
		}
		_, err := k.Login(ctx, "ana@paper.example", password, home)
		k.is(err, problem.Invalid, "the old password")
		_, err = k.Login(ctx, "ana@paper.example", "the new words of my account", home)
		k.check(err)
		if k.written(`"Kind":"device"`) != 1 {
			t.Error("a browser from before the reset is not told as new")
		}

		k.check(k.Forgot(ctx, "bo@paper.example", home))
		token = k.letter(ResetPassword, "bo@paper.example").Token.Reveal()
		k.clock.Add(30 * time.Minute)
		k.is(k.Reset(ctx, token, "the new words of my account"), problem.Gone, "after half an hour")

		// The second factor is still asked for.
		k.exec(`update reader set totp = 'sealed' where id = $1`, r.ID)
		k.check(k.Forgot(ctx, "ana@paper.example", home))
		token = k.letter(ResetPassword, "ana@paper.example").Token.Reveal()
		k.check(k.Reset(ctx, token, "kqzvwhtx")) // eight are enough then
		e, err = k.Login(ctx, "ana@paper.example", "kqzvwhtx", home)
		if err != nil || e.Kind != PendingSession {
			t.Errorf("after a reset the second factor is not asked for: %s, %v", e.Kind, err)
		}
	})
}

// link makes a link of a purpose, as a letter would have it.
func (k *gate) link(p purpose, reader string) string {
	k.t.Helper()
	var token secret.Token
	k.check(k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		token, err = k.newLink(k.t.Context(), tx, p, reader, "", time.Hour)
		return err
	}))
	return token.Reveal()
}

// TestForgotBrakes is about who asks for many letters.
func TestForgotBrakes(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		for i := range 50 {
			k.check(k.Forgot(ctx, "ana@paper.example", somewhere(fmt.Sprint(i))))
		}
		if n := k.written(`"Kind":"reset"`); n != resets.burst {
			t.Errorf("%d letters to one address", n)
		}
		let := 0
		for i := range 50 {
			if err := k.Forgot(ctx, fmt.Sprintf("a%d@paper.example", i), somewhere("one")); err == nil {
				let++
			} else if p := problem.Of(err); p == nil || p.Kind != problem.TooMany || p.Wait <= 0 {
				t.Error(err)
			}
		}
		if let != resetsNetwork.burst {
			t.Errorf("%d letters from one network", let)
		}
	})
}

// TestResetAtOnce has eight use one link at once: one password is set.
func TestResetAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		k.member("ana@paper.example", Member)
		token := k.letter(ResetPassword, "ana@paper.example").Token.Reveal()
		var set [8]error
		var wg sync.WaitGroup
		for i := range set {
			wg.Go(func() {
				set[i] = k.Reset(ctx, token, secret.Password(fmt.Sprint("the words of my account ", i)))
			})
		}
		wg.Wait()
		good := 0
		for i, err := range set {
			if err == nil {
				good++
				if _, err := k.Login(ctx, "ana@paper.example", secret.Password(fmt.Sprint("the words of my account ", i)), somewhere("a")); err != nil {
					t.Errorf("the password that was set: %v", err)
				}
			} else {
				k.is(err, problem.Gone, "one of eight")
			}
		}
		if good != 1 {
			t.Errorf("%d of eight set a password with one link", good)
		}
	})
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

// TestReg_R02 gives the thief all that stands in the database, and lets them try
// every word of it as every sort of secret (seen red with the token in place of
// its hash in table session, and with it in the job of a letter).
func TestReg_R02(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		r := k.member("ana@paper.example", Member)
		staff := k.member("ed@paper.example", Editor)
		e := k.login(r, somewhere("home"))
		k.login(staff, somewhere("desk"))
		_, err := k.Register(ctx, wish("new@paper.example"), somewhere("n"))
		k.check(err)
		secrets := []string{password, e.Token.Reveal(), e.Known.Reveal(), k.letter(Confirm, "new@paper.example").Token.Reveal()}
		k.check(k.Forgot(ctx, "ana@paper.example", somewhere("home")))
		secrets = append(secrets, k.letter(ResetPassword, "ana@paper.example").Token.Reveal())
		for _, p := range []purpose{inviteLink, emailLink, emailUndoLink, leaveUndoLink, alertsLink, exportLink} {
			secrets = append(secrets, k.link(p, r.ID))
		}

		dump := k.dump()
		if len(dump) < 100 || !strings.Contains(strings.Join(dump, "\n"), "ana@paper.example") {
			t.Fatalf("the dump has %d values", len(dump))
		}
		for _, value := range dump {
			for _, s := range secrets {
				if strings.Contains(value, s) {
					t.Errorf("a secret stands in the database: %q", value)
				}
			}
			if v, err := k.Look(ctx, value); err != nil || v != (Visitor{}) {
				t.Errorf("%q is a session: %v", value, err)
			}
			if _, err := k.Claim(ctx, value, value); !problem.Is(err, problem.Gone) {
				t.Errorf("%q is a link to confirm: %v", value, err)
			}
			for _, p := range []purpose{resetLink, inviteLink, emailLink, emailUndoLink, leaveUndoLink, alertsLink, exportLink} {
				if _, _, err := k.Store.link(ctx, d, p, value); !problem.Is(err, problem.Gone) {
					t.Errorf("%q is a link for %s: %v", value, p, err)
				}
			}
			if known, err := k.knows(ctx, r.ID, Browser{Known: value}); err != nil || known {
				t.Errorf("%q is a browser that is known: %v", value, err)
			}
			if r := (registration{browser: e.Known.Hash().String()}); r.begunBy(value) {
				t.Errorf("%q is the browser of a registration", value)
			}
		}
		// A hash is no password, and without the paper's keys nothing to guess with.
		for _, value := range dump {
			if !strings.HasPrefix(value, "$argon2id$") {
				continue
			}
			k.clock.Add(time.Hour)
			if _, err := k.Login(ctx, "ana@paper.example", secret.Password(value), somewhere("thief")); !problem.Is(err, problem.Invalid) {
				t.Errorf("a hash as a password: %v", err)
			}
			thief := secret.NewPasswords(secret.NewKeyring())
			if ok, _, err := thief.Check(ctx, password, secret.PasswordHash(value)); ok || err == nil {
				t.Errorf("a hash can be held against guesses without the keys: %v", err)
			}
		}
	})
}

// dump is every value in every table, and every word of each.
func (k *gate) dump() (values []string) {
	k.t.Helper()
	ctx := k.t.Context()
	tables := `select name from sqlite_master where type = 'table' order by name`
	if k.DB.Postgres() {
		tables = `select tablename from pg_tables where schemaname = 'public' order by tablename`
	}
	var names []string
	k.check(each(ctx, k.DB, tables, func(row []any) { names = append(names, text(row[0])) }))
	seen := map[string]bool{}
	add := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			values = append(values, s)
		}
	}
	for _, name := range names {
		k.check(each(ctx, k.DB, `select * from `+name, func(row []any) {
			for _, v := range row {
				s := text(v)
				add(s)
				for _, w := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(` "{}[]:,;=$&?/`, r) }) {
					add(w)
				}
			}
		}))
	}
	return values
}

func text(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

func each(ctx context.Context, d *db.DB, query string, f func(row []any)) error {
	rows, err := d.Query(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return errors.Join(err, rows.Close())
		}
		f(row)
	}
	return rows.Err()
}
