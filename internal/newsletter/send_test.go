package newsletter

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// digest is a list with the top of the front page and the news of a section.
func digest(front, city int) List {
	return List{
		Name: "Daily", Open: true, Public: true, Calendar: Calendar{Days: Weekdays, Minute: 7 * 60},
		Blocks: []Block{{Kind: Front, Limit: front}, {Kind: Section, Section: "city", Limit: city}},
	}
}

// TestSend sends a digest to everybody, once.
func TestSend(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(2, 2))
		k.members(l, 450)
		out := k.member(l, "gone@example.com")
		_, err := k.Suppress(t.Context(), k.pat, "asked by telephone", "Gone@example.com")
		check(t, err)
		for _, h := range []string{"The bridge opens", "The ferry stops", "Rain on Sunday"} {
			k.front = append(k.front, k.story("city", h))
		}
		e := k.sends(l)
		if e.Stage != Sent || e.Accepted != 450 || e.Skipped != 0 || e.Later != 0 || e.Wanted != 450 {
			t.Errorf("%s %+v", e.Stage, e.Tally)
		}
		letters := k.letters()
		if len(letters) != 450 || len(letters["gone@example.com"]) != 0 {
			t.Errorf("%d letters", len(letters))
		}
		for to, all := range letters {
			if len(all) != 1 {
				t.Fatalf("%s has %d letters", to, len(all))
			}
			if got := all[0]; !strings.Contains(got, "front: The bridge opens /to/") || !strings.Contains(got, "section: Rain on Sunday") || strings.Count(got, "The bridge opens") != 1 {
				t.Fatalf("%s reads:\n%s", to, got)
			}
		}
		u, have, stopped, err := k.SubscriberByID(t.Context(), k.pat, out)
		check(t, err)
		if u.Email != "gone@example.com" || have[0].State != Ended || have[0].Why != ByStaff || stopped == nil || stopped.Reason != Staff {
			t.Errorf("%+v %+v %+v", u, have, stopped)
		}
		// Sending once more sends nothing.
		check(t, k.Send(t.Context(), Run{e.ID}))
		if again := k.letters(); len(again) != 0 {
			t.Errorf("%d letters more", len(again))
		}
	})
}

// TestNothingTwice sends a story to nobody twice, whatever lists bring it.
func TestNothingTwice(t *testing.T) {
	onBoth(t, func(k *kit) {
		daily := k.list(digest(1, 1))
		weekly := k.list(List{Name: "Weekly", Open: true, Blocks: []Block{{Kind: Read, Limit: 2, Hours: 48}}})
		both, one := k.member(daily, "both@example.com"), k.member(daily, "daily@example.com")
		_ = one
		k.member(weekly, "both@example.com")
		k.member(weekly, "weekly@example.com")
		bridge, ferry, rain := k.story("city", "The bridge"), k.story("world", "The ferry"), k.story("city", "The rain")
		k.front, k.read = []string{bridge, ferry, rain}, []string{bridge, rain, ferry}

		k.sends(daily)
		first := k.letters()
		if got := first["both@example.com"]; len(got) != 1 || !strings.Contains(got[0], "front: The bridge") || !strings.Contains(got[0], "section: The rain") {
			t.Fatalf("%q", got)
		}
		k.clock.Add(time.Hour)
		e := k.sends(weekly)
		second := k.letters()
		if got := second["both@example.com"]; len(got) != 1 || strings.Contains(got[0], "The bridge") || strings.Contains(got[0], "The rain") || !strings.Contains(got[0], "The ferry") {
			t.Errorf("who had the daily reads %q", got)
		}
		if got := second["weekly@example.com"]; len(got) != 1 || !strings.Contains(got[0], "The bridge") || !strings.Contains(got[0], "The rain") || strings.Contains(got[0], "The ferry") {
			t.Errorf("who had nothing reads %q", got)
		}
		if e.Accepted != 2 {
			t.Errorf("%+v", e.Tally)
		}
		// Who has had everything gets nothing, and that is told.
		k.clock.Add(time.Hour)
		k.exec(`delete from subscription where list = $1 and subscriber <> $2`, weekly.ID, both)
		if e = k.sends(weekly); e.Stage != Sent || e.Skipped != 1 || e.Accepted != 0 || len(k.letters()) != 0 {
			t.Errorf("%s %+v", e.Stage, e.Tally)
		}
	})
}

// TestSections brings readers only the sections that they chose.
func TestSections(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Daily", Blocks: []Block{{Kind: Section, Section: "city", Limit: 3}, {Kind: Section, Section: "world", Limit: 3}}})
		all, some, none := k.member(l, "all@example.com"), k.member(l, "some@example.com"), k.member(l, "none@example.com")
		_ = all
		k.exec(`update subscriber set sections = '["world"]' where id = $1`, some)
		k.exec(`update subscriber set sections = '["sport"]' where id = $1`, none)
		k.story("city", "The bridge")
		k.story("world", "The summit")
		e := k.sends(l)
		letters := k.letters()
		if got := letters["all@example.com"]; len(got) != 1 || !strings.Contains(got[0], "The bridge") || !strings.Contains(got[0], "The summit") {
			t.Errorf("all: %q", got)
		}
		if got := letters["some@example.com"]; len(got) != 1 || strings.Contains(got[0], "The bridge") || !strings.Contains(got[0], "The summit") {
			t.Errorf("some: %q", got)
		}
		if len(letters["none@example.com"]) != 0 || e.Skipped != 1 {
			t.Errorf("none: %q, %+v", letters["none@example.com"], e.Tally)
		}
	})
}

// TestWithdrawnWhileSending sends no story that was taken back, from the moment at
// which it was, and tells of it in the next edition.
func TestWithdrawnWhileSending(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(2, 1))
		k.members(l, 3)
		bridge, ferry := k.story("world", "The bridge"), k.story("world", "The ferry")
		k.front = []string{bridge, ferry}
		k.sends(l)
		k.letters()

		k.withdraw(ferry)
		check(t, k.owe(t.Context(), ferry, WasWithdrawn))
		k.clock.Add(time.Hour)
		k.story("city", "The rain")
		k.front = []string{k.story("world", "The hall"), k.story("world", "The market")}
		next, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		k.withdraw(k.front[0]) // between composing and sending
		next, err = k.Schedule(t.Context(), k.ida, next.ID, next.Version, time.Time{})
		check(t, err)
		check(t, k.Send(t.Context(), Run{next.ID}))
		for to, all := range k.letters() {
			if got := all[0]; strings.Contains(got, "The hall") || !strings.Contains(got, "The market") || !strings.Contains(got, "notice: withdrawn  AFP") || strings.Contains(got, "The ferry") {
				t.Errorf("%s reads %q", to, got)
			}
		}
		// It is told once.
		k.clock.Add(time.Hour)
		k.front = []string{k.story("world", "The fair")}
		k.sends(l)
		for to, all := range k.letters() {
			if strings.Contains(all[0], "notice") {
				t.Errorf("%s is told once more: %q", to, all[0])
			}
		}
		// The archive has neither.
		c, err := k.Archived(t.Context(), l.Slug, fmt.Sprint(next.Number))
		check(t, err)
		if got := plain(c); strings.Contains(got, "The hall") || !strings.Contains(got, "The market /category/world/the-market") {
			t.Errorf("the archive has %q", got)
		}
	})
}

// TestAlert sends an alert at once, once a day, as often as the list allows, and lets
// those sleep who want to.
func TestAlert(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Alerts", Kind: Alert, Open: true, Cap: 2})
		day, night := k.member(l, "day@example.com"), k.member(l, "night@example.com")
		_ = day
		k.exec(`update subscriber set quiet_from = $2, quiet_to = $3 where id = $1`, night, 22*60, 10*60)
		bridge := k.story("city", "The bridge is closed")
		e, err := k.SendAlert(t.Context(), k.ida, l.ID, AlertText{Subject: "Bridge closed", Article: bridge})
		check(t, err)
		check(t, k.Send(t.Context(), Run{e.ID}))
		if got := k.letters(); len(got["day@example.com"]) != 1 || len(got["night@example.com"]) != 0 {
			t.Errorf("%v", got)
		}
		if e = k.edition(e.ID); e.Stage != Sending || e.Later != 1 || e.Accepted != 1 {
			t.Errorf("%s %+v", e.Stage, e.Tally)
		}
		k.clock.Add(time.Hour) // ten o'clock
		check(t, k.Send(t.Context(), Run{e.ID}))
		if got := k.letters(); len(got["night@example.com"]) != 1 || len(got) != 1 {
			t.Errorf("%v", got)
		}
		if e = k.edition(e.ID); e.Stage != Sent || e.Later != 0 || e.Accepted != 2 {
			t.Errorf("%s %+v", e.Stage, e.Tally)
		}
		for _, twice := range []AlertText{{Subject: "Bridge closed", Text: "Again."}, {Subject: "Once more", Article: bridge}} {
			if _, err := k.SendAlert(t.Context(), k.jon, l.ID, twice); !problem.Is(err, problem.Conflict) {
				t.Errorf("%+v: %v", twice, err)
			}
		}
		_, err = k.SendAlert(t.Context(), k.jon, l.ID, AlertText{Subject: "Storm", Text: "A storm comes."})
		check(t, err)
		if _, err := k.SendAlert(t.Context(), k.jon, l.ID, AlertText{Subject: "A third", Text: "Too many."}); !problem.Is(err, problem.Conflict) {
			t.Errorf("a third alert: %v", err)
		}
	})
}

// TestAlertForgotten sends no alert about a story that is gone.
func TestAlertForgotten(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Alerts", Kind: Alert, Open: true})
		k.members(l, 5)
		bridge := k.story("city", "The bridge is closed")
		e, err := k.SendAlert(t.Context(), k.ida, l.ID, AlertText{Subject: "Bridge closed", Text: "Closed, says AFP.", Article: bridge})
		check(t, err)
		k.withdraw(bridge)
		check(t, k.Send(t.Context(), Run{e.ID}))
		if got := k.letters(); len(got) != 0 {
			t.Errorf("%v", got)
		}
		if e = k.edition(e.ID); e.Stage != Sent || e.Skipped != 5 {
			t.Errorf("%s %+v", e.Stage, e.Tally)
		}
	})
}

// TestPause stops an edition in the middle, goes on, and loses and doubles nobody.
func TestPause(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		k.members(l, 700)
		k.front = []string{k.story("city", "The bridge")}
		e, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		e, err = k.Schedule(t.Context(), k.ida, e.ID, e.Version, time.Time{})
		check(t, err)
		press, printed := k.Press, 0
		k.Press = func(ctx context.Context, c Content) (*mail.Stencil, error) {
			if printed++; printed == 1 {
				defer func() {
					_, err := k.Pause(context.WithoutCancel(ctx), k.jon, e.ID)
					check(t, err)
				}()
			}
			return press(ctx, c)
		}
		check(t, k.Send(t.Context(), Run{e.ID}))
		first := k.letters()
		if e = k.edition(e.ID); e.Stage != Paused || len(first) == 700 {
			t.Fatalf("%s after %d letters", e.Stage, len(first))
		}
		check(t, k.Send(t.Context(), Run{e.ID}))
		if more := k.letters(); len(more) != 0 {
			t.Errorf("%d letters in the pause", len(more))
		}
		_, err = k.Resume(t.Context(), k.ida, e.ID)
		check(t, err)
		check(t, k.Send(t.Context(), Run{e.ID}))
		rest := k.letters()
		if e = k.edition(e.ID); e.Stage != Sent || e.Accepted != 700 || len(first)+len(rest) != 700 {
			t.Errorf("%s, %d and %d letters, %+v", e.Stage, len(first), len(rest), e.Tally)
		}
		for to := range rest {
			if first[to] != nil {
				t.Errorf("%s has two letters", to)
			}
		}
	})
}

// TestEightSenders lets eight try to send one edition: everybody gets one letter.
func TestEightSenders(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		k.members(l, 300)
		k.front = []string{k.story("city", "The bridge")}
		e, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		e, err = k.Schedule(t.Context(), k.ida, e.ID, e.Version, time.Time{})
		check(t, err)
		errs := make(chan error)
		for range 8 {
			go func() { errs <- k.Send(t.Context(), Run{e.ID}) }()
		}
		for range 8 {
			check(t, <-errs)
		}
		letters := k.letters()
		if e = k.edition(e.ID); e.Stage != Sent || e.Accepted != 300 || len(letters) != 300 {
			t.Errorf("%s, %d letters, %+v", e.Stage, len(letters), e.Tally)
		}
		for to, all := range letters {
			if len(all) != 1 {
				t.Errorf("%s has %d letters", to, len(all))
			}
		}
	})
}

// TestTestSend sends an edition to whoever made it, and to nobody else.
func TestTestSend(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		k.members(l, 3)
		k.front = []string{k.story("city", "The bridge")}
		e, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		check(t, k.TestSend(t.Context(), k.ida, e.ID))
		letters := k.letters()
		if got := letters[k.ida.Reader.Email]; len(letters) != 1 || len(got) != 1 || !strings.Contains(got[0], "The bridge /category/city/the-bridge") {
			t.Errorf("%v", letters)
		}
		if got := k.edition(e.ID); got.Stage != Draft || got.Accepted != 0 {
			t.Errorf("%s %+v", got.Stage, got.Tally)
		}
	})
}

// TestFollowed brings readers with an account what is new in what they follow.
func TestFollowed(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Daily", Blocks: []Block{{Kind: Front, Limit: 1}, {Kind: Followed, Limit: 2}}})
		k.member(l, "nobody@example.com")
		check(t, k.ChooseAs(t.Context(), k.ida, Setting{}, "words", from("192.0.2")))
		id := k.member(l, k.ida.Reader.Email)
		_ = id
		bridge, tide, gone := k.story("city", "The bridge"), k.story("world", "The tide"), k.story("world", "The hall")
		k.front = []string{bridge}
		k.withdraw(gone)
		k.Sources.Followed = func(_ context.Context, accounts []string, _ time.Time) (map[string][]string, error) {
			if len(accounts) != 1 || accounts[0] != k.ida.Reader.ID {
				t.Errorf("asked for %v", accounts)
			}
			return map[string][]string{k.ida.Reader.ID: {bridge, gone, tide}}, nil
		}
		e := k.sends(l)
		letters := k.letters()
		if got := letters["nobody@example.com"]; len(got) != 1 || strings.Contains(got[0], "The tide") {
			t.Errorf("%q", got)
		}
		if got := letters[k.ida.Reader.Email]; len(got) != 1 || !strings.Contains(got[0], "followed: The tide") || strings.Contains(got[0], "The hall") || strings.Count(got[0], "The bridge") != 1 {
			t.Errorf("%q", got)
		}
		if e.Accepted != 2 {
			t.Errorf("%+v", e.Tally)
		}
	})
}

// TestPush tells the devices of those of an alert who have an account and are awake,
// once.
func TestPush(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Alerts", Kind: Alert, Open: true})
		k.member(l, "nobody@example.com")
		for _, who := range []*reader.Actor{k.ida, k.jon} {
			set := Setting{Lists: []string{l.ID}}
			if who == k.jon {
				set.Quiet = Quiet{From: 8 * 60, To: 10 * 60} // it is nine
			}
			check(t, k.ChooseAs(t.Context(), who, set, "words", from("192.0.2")))
		}
		var told []string
		k.Sources.Push = func(_ context.Context, n Note, accounts []string) error {
			if n.Title != "Bridge closed" || n.Path != "/category/city/the-bridge-is-closed" || n.Text != "The bridge is closed" {
				t.Errorf("%+v", n)
			}
			told = append(told, accounts...)
			return nil
		}
		bridge := k.story("city", "The bridge is closed")
		e, err := k.SendAlert(t.Context(), k.ida, l.ID, AlertText{Subject: "Bridge closed", Article: bridge})
		check(t, err)
		for range 2 {
			check(t, k.Push(t.Context(), Run{e.ID}))
		}
		if len(told) != 1 || told[0] != k.ida.Reader.ID {
			t.Errorf("told %v", told)
		}
		// What is gone is shown nowhere.
		told = nil
		ferry := k.story("city", "The ferry stops")
		e, err = k.SendAlert(t.Context(), k.ida, l.ID, AlertText{Subject: "Ferry stops", Article: ferry})
		check(t, err)
		k.withdraw(ferry)
		check(t, k.Push(t.Context(), Run{e.ID}))
		if len(told) != 0 {
			t.Errorf("told %v of what is gone", told)
		}
	})
}
