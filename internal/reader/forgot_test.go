package reader

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

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
