package reader

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// TestSessionLives is about how long each kind of session lives, unused and at
// all, and about clocks that were wrong.
func TestSessionLives(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		r := k.member("ana@paper.example", Member)
		ed := k.member("ed@paper.example", Editor)
		for i, test := range []struct {
			reader             string
			kind               Kind
			created, seen      time.Duration // ago
			actor, pending, on bool          // on: after Sweep the row is there
		}{
			{r.ID, ReaderSession, 0, 0, true, false, true},
			{r.ID, ReaderSession, 30*day - 1, 30*day - 1000, true, false, true},
			{r.ID, ReaderSession, 30 * day, 30 * day, false, false, true},
			{r.ID, ReaderSession, 31 * day, 30*day + time.Hour, false, false, false},
			{r.ID, ReaderSession, 180*day - 1000, 0, true, false, true},
			{r.ID, ReaderSession, 180 * day, 0, false, false, true},
			{r.ID, ReaderSession, 181 * day, 0, false, false, false},
			{ed.ID, StaffSession, 0, 0, true, false, true},
			{ed.ID, StaffSession, 2 * time.Hour, time.Hour - 1000, true, false, true},
			{ed.ID, StaffSession, 2 * time.Hour, time.Hour, false, false, true},
			{ed.ID, StaffSession, day - 1000, 0, true, false, true},
			{ed.ID, StaffSession, day, 0, false, false, true},
			{ed.ID, StaffSession, 2 * day, day + time.Hour, false, false, false},
			{r.ID, StaffSession, 0, 0, true, false, true},    // no longer staff: the shorter life, the smaller rights
			{ed.ID, ReaderSession, 0, 0, false, false, true}, // staff now, and never asked for a second factor
			{ed.ID, PendingSession, 0, 0, false, true, true},
			{r.ID, PendingSession, 15*time.Minute - 1000, 0, false, true, true},
			{r.ID, PendingSession, 15 * time.Minute, 15 * time.Minute, false, false, true},
			{r.ID, PendingSession, 16 * time.Minute, 16 * time.Minute, false, false, false},
			{r.ID, ReaderSession, -time.Minute, -time.Minute, true, false, true}, // another node's clock
			{r.ID, ReaderSession, -day, -day, false, false, true},                // a clock that was wrong
			{r.ID, ReaderSession, 0, -day, false, false, true},
			{"gone", ReaderSession, 0, 0, false, false, true},
		} {
			if test.reader == "gone" {
				test.reader = k.member("gone@paper.example", Member).ID
				k.exec(`update reader set erased = 1 where id = $1`, test.reader)
			}
			token, id := secret.NewToken(), fmt.Sprint("s", i)
			k.exec(`insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, $2, $3, $4, 'password', '', $5, $5, $6)`,
				token.Hash().String(), id, test.reader, test.kind, db.Time(k.Now().Add(-test.seen)), db.Time(k.Now().Add(-test.created)))
			v, err := k.Look(ctx, token.Reveal())
			k.check(err)
			if (v.Actor != nil) != test.actor || (v.Pending != nil) != test.pending {
				t.Errorf("%s of %s, made %s ago and used %s ago: %+v", test.kind, test.reader, test.created, test.seen, v)
			}
			k.check(k.Sweep(ctx))
			if on := k.count(`select count(*) from session where id = $1`, id) == 1; on != test.on {
				t.Errorf("%s made %s ago and used %s ago stays: %t", test.kind, test.created, test.seen, on)
			}
			k.exec(`delete from session`)
		}
		for _, token := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 1<<16), "\x00", secret.NewToken().Reveal()} {
			if v, err := k.Who(ctx, token); err != nil || v != (Visitor{}) {
				t.Errorf("the token %.50q is %+v, %v", token, v, err)
			}
		}
	})
}

// TestUse is about what counts as use of a session: what its owner does, and not
// what an open page asks by itself.
func TestUse(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		e := k.login(k.member("ed@paper.example", Editor), somewhere("desk"))
		if e.Kind != StaffSession {
			t.Fatalf("an editor with two factors has a session of kind %s", e.Kind)
		}
		for range 3 {
			k.clock.Add(50 * time.Minute)
			if v, err := k.Who(ctx, e.Token.Reveal()); err != nil || v.Actor == nil || !v.Actor.Session.Seen.Equal(k.Now()) {
				t.Fatalf("a session in use ends: %+v, %v", v, err)
			}
		}
		for range 3 {
			k.clock.Add(25 * time.Minute)
			k.actor(e.Token)
		}
		if v, err := k.Who(ctx, e.Token.Reveal()); err != nil || v.Actor != nil {
			t.Errorf("a page that looks keeps a session alive: %+v, %v", v, err)
		}
	})
}

// TestEnding is about every way in which sessions end, and whom each is told.
func TestEnding(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k, ctx := newGate(t, d), t.Context()
		ana, bo := k.member("ana@paper.example", Member), k.member("bo@paper.example", Member)
		told := func() int {
			return k.count(`select count(*) from outbox where kind = 'reader.sessions-ended' and subject = $1`, ana.ID)
		}
		var entries []Entry
		for i := range 5 {
			k.clock.Add(time.Second)
			entries = append(entries, k.login(ana, somewhere(fmt.Sprint(i))))
		}
		other := k.actor(k.login(bo, somewhere("bo")).Token)
		here := k.actor(entries[4].Token)
		list, err := k.Sessions(ctx, ana.ID)
		k.check(err)
		if len(list) != 5 || list[0].ID != here.Session.ID || list[0].Device != "Firefox, Linux" {
			t.Errorf("the list is %+v", list)
		}

		// R22: other people's sessions are not there.
		k.is(k.EndSession(ctx, other, here.Session.ID), problem.NotFound, "another's session")
		k.is(k.EndSession(ctx, here, "nothing"), problem.NotFound, "no session")
		if told() != 0 || k.actor(entries[4].Token) == nil {
			t.Error("somebody else has ended a session")
		}
		k.check(k.EndSession(ctx, here, list[4].ID))
		k.is(k.EndSession(ctx, here, list[4].ID), problem.NotFound, "once more")
		if told() != 1 || k.actor(entries[0].Token) != nil || k.actor(entries[1].Token) == nil {
			t.Error("another session than this was ended")
		}
		k.check(k.Logout(ctx, entries[1].Token.Reveal()))
		k.check(k.Logout(ctx, entries[1].Token.Reveal()))
		k.check(k.Logout(ctx, "nonsense"))
		if told() != 2 || k.actor(entries[1].Token) != nil {
			t.Error("a log-out ends nothing, or is told twice")
		}
		k.check(k.EndOthers(ctx, here))
		if told() != 3 || k.actor(entries[2].Token) != nil || k.actor(entries[3].Token) != nil || k.actor(entries[4].Token) == nil {
			t.Error("everywhere else is not everywhere else")
		}
		// Whoever logs in where somebody else was logged in ends that, and the
		// pages that are open hear of it.
		b := somewhere("4")
		b.Before = entries[4].Token.Reveal()
		k.login(bo, b)
		if told() != 4 || k.actor(entries[4].Token) != nil {
			t.Error("the session before stays, or its pages are not told")
		}
		if n := k.count(`select count(*) from audit where act = 'reader.logout'`); n != 3 {
			t.Errorf("%d entries of log-outs", n)
		}
	})
}

// TestManySessions is about an account that is logged in again and again.
func TestManySessions(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newGate(t, d)
		r := k.member("ana@paper.example", Member)
		first := k.login(r, somewhere("0"))
		for i := range maxSessions + 5 {
			k.clock.Add(time.Second)
			k.login(r, somewhere(fmt.Sprint(i+1)))
		}
		if s, v := k.count(`select count(*) from session`), k.count(`select count(*) from device`); s != maxSessions || v != maxDevices || k.actor(first.Token) != nil {
			t.Errorf("%d sessions, %d browsers", s, v)
		}
	})
}

// TestBeginAtOnce has eight begin and eight end all at once.
func TestBeginAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newGate(t, d)
		r := k.member("ana@paper.example", Member)
		a := k.actor(k.login(r, somewhere("a")).Token)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := d.Tx(t.Context(), func(tx *db.Tx) error {
					_, err := k.enter(t.Context(), tx, r, "password", double, somewhere(fmt.Sprint(i)))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				if err := k.EndOthers(t.Context(), a); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		k.check(k.EndOthers(t.Context(), a))
		if n := k.count(`select count(*) from session`); n != 1 {
			t.Errorf("%d sessions are left", n)
		}
		if err := k.Audit.Verify(t.Context(), func(s string) { t.Error(s) }); err != nil {
			t.Error(err)
		}
	})
}

// TestDevice is about what browsers call themselves.
func TestDevice(t *testing.T) {
	for _, test := range []struct{ agent, want string }{
		{"", ""},
		{"a robot", ""},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0", "Firefox, Linux"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36", "Chrome, Windows"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge, Windows"},
		{"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 OPR/122.0", "Opera, Windows"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari, Mac"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari, iPhone"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"},
		{"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/141.0 Mobile/15E148 Safari/605.1.15", "Firefox, iPad"},
		{"Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet, Android"},
		{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36", "Chrome, ChromeOS"},
		{"Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15", "Safari"},
		{"Dalvik/2.1.0 (Linux; U; Android 15)", "Android"},
		{"curl/8.14.1", "curl"},
	} {
		if got := Device(test.agent); got != test.want {
			t.Errorf("%q is %q, want %q", test.agent, got, test.want)
		}
	}
}

func FuzzDevice(f *testing.F) {
	f.Add("Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0")
	f.Add("<script>Edg\r\nBcc: x\x00 Linux\xff")
	f.Fuzz(func(t *testing.T, agent string) {
		// Nothing of what somebody calls a browser gets into a page or a letter.
		for _, word := range strings.Split(Device(agent), ", ") {
			switch word {
			case "", "Edge", "Opera", "Samsung Internet", "Firefox", "Chrome", "Safari", "curl",
				"iPhone", "iPad", "Android", "Windows", "ChromeOS", "Mac", "Linux":
			default:
				t.Errorf("%q is called %q", agent, word)
			}
		}
	})
}
