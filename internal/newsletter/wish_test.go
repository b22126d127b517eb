package newsletter

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// asked takes the wishes that wait to be answered, as their job would.
func (k *kit) asked() (list []*Confirming) {
	k.t.Helper()
	var waiting []Asking
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		waiting = nil
		return job.Forget(k.t.Context(), k.Jobs, tx, AskingJob, func(a Asking) bool {
			waiting = append(waiting, a)
			return true
		})
	}))
	for _, a := range waiting {
		c, err := k.Answer(k.t.Context(), a)
		check(k.t, err)
		if c != nil {
			list = append(list, c)
		}
	}
	return list
}

func from(network string) reader.Browser {
	return reader.Browser{Network: network + ".7/32", Region: network + ".0/24"}
}

// wishes asks for lists.
func (k *kit) wishes(email, network string, lists ...string) error {
	return k.Ask(k.t.Context(), Wish{Email: email, Lists: lists, Source: "form", Words: "mail every morning", Browser: from(network)})
}

// TestWish goes the way from a form to the first letter, and keeps the proof of it.
func TestWish(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Daily", Open: true})
		check(t, k.wishes("Ana@Example.COM", "192.0.2", "daily", "daily", "nothing"))
		letters := k.asked()
		if len(letters) != 1 || letters[0].To != "Ana@example.com" || len(letters[0].Lists) != 1 || letters[0].Own != "" {
			t.Fatalf("%+v", letters)
		}
		token := letters[0].Token.Reveal()
		for range 2 { // programs that look through mail
			if u, lists, err := k.Confirmable(t.Context(), token); err != nil || u.Email != "Ana@example.com" || len(lists) != 1 {
				t.Fatalf("%+v %+v %v", u, lists, err)
			}
		}
		if got, err := k.ListByID(t.Context(), l.ID); err != nil || got.Members != 0 {
			t.Errorf("%d members before anybody confirmed, %v", got.Members, err)
		}
		k.clock.Add(time.Hour)
		own, lists, err := k.Confirm(t.Context(), token, from("198.51.100"))
		if err != nil || len(lists) != 1 || own == "" {
			t.Fatalf("%q %+v %v", own, lists, err)
		}
		if _, _, err := k.Confirm(t.Context(), token, from("198.51.100")); !problem.Is(err, problem.Gone) {
			t.Errorf("twice: %v", err)
		}
		o, err := k.Own(t.Context(), own)
		check(t, err)
		if !o.Lists[0].Has {
			t.Errorf("%+v", o)
		}
		_, have, _, err := k.SubscriberByID(t.Context(), k.pat, o.ID)
		check(t, err)
		h := have[0]
		if h.State != Active || h.Promise != "mail every morning" || h.AskedBlock != "192.0.2.0/24" || h.ConfirmedBlock != "198.51.100.0/24" ||
			h.Confirmed.Sub(h.Asked) != time.Hour || h.Source != "form" {
			t.Errorf("the proof is %+v", h)
		}
		if got, err := k.ListByID(t.Context(), l.ID); err != nil || got.Members != 1 {
			t.Errorf("%d members, %v", got.Members, err)
		}
		// Whoever asks again for what they have gets the way to their own page, on
		// another day.
		check(t, k.wishes("ana@example.com", "203.0.113", "daily"))
		if again := k.asked(); len(again) != 0 {
			t.Errorf("a second letter on one day: %+v", again)
		}
		k.clock.Add(25 * time.Hour)
		check(t, k.wishes("ana@example.com", "203.0.113", "daily"))
		if again := k.asked(); len(again) != 1 || again[0].Own == "" || again[0].Token.Reveal() != "" {
			t.Errorf("%+v", again)
		}
	})
}

// TestReg_R33 lets ten thousand ask for one address, and many for many from one
// network: the address gets one letter a day, the network brings twenty an hour.
// Seen red without MayWriteTo in Answer, and without BrakeWish in Ask.
func TestReg_R33(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.list(List{Name: "Daily", Open: true})
		attack := 10_000
		if testing.Short() || k.DB.Postgres() {
			attack = 1_000
		}
		letters, taken := 0, 0
		for i := range attack {
			if k.wishes("victim@example.com", fmt.Sprintf("10.%d.%d", i>>8, i&255), "daily") == nil {
				taken++
			}
			if i%500 == 0 {
				letters += len(k.asked())
			}
		}
		letters += len(k.asked())
		if letters != 1 || taken == 0 {
			t.Errorf("%d wishes were taken, and the address got %d letters in a day", taken, letters)
		}
		k.clock.Add(24*time.Hour + time.Minute)
		check(t, k.wishes("victim@example.com", "10.99.99", "daily"))
		if n := len(k.asked()); n != 1 {
			t.Errorf("the next day: %d letters", n)
		}
		taken = 0
		for i := range 60 {
			err := k.wishes(fmt.Sprintf("reader%d@example.com", i), "192.0.2", "daily")
			if err == nil {
				taken++
			} else if !problem.Is(err, problem.TooMany) {
				t.Fatal(err)
			}
			k.clock.Add(time.Minute)
		}
		if taken > 20 {
			t.Errorf("one network brought %d wishes in an hour", taken)
		}
	})
}

// TestReg_R22 asks for lists that nobody may join, in every state: the answer is the
// same as for one that is not there. Seen red with Lists in place of Offered.
func TestReg_R22(t *testing.T) {
	onBoth(t, func(k *kit) {
		open := k.list(List{Name: "Open", Open: true})
		closed := k.list(List{Name: "Board"})
		retired := k.list(List{Name: "Old", Open: true})
		check(t, k.Retire(t.Context(), k.pat, retired.ID, true))
		want := k.wishes("eve@example.com", "192.0.2", "nothing")
		if !problem.Is(want, problem.Invalid) {
			t.Fatal(want)
		}
		for _, name := range []string{closed.Slug, closed.ID, retired.Slug, retired.ID, open.ID, ""} {
			if got := k.wishes("eve@example.com", "192.0.2", name); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%q: %v, want %v", name, got, want)
			}
			if _, err := k.ListBySlug(t.Context(), name); !problem.Is(err, problem.NotFound) {
				t.Errorf("%q can be looked at: %v", name, err)
			}
		}
		// Nor by one's own page.
		id := k.member(open, "eve@example.com")
		check(t, k.Choose(t.Context(), k.ownToken(id), Setting{Lists: []string{open.ID, closed.ID, retired.ID}}, "words", reader.Browser{}))
		for _, l := range []List{closed, retired} {
			if got, err := k.ListByID(t.Context(), l.ID); err != nil || got.Members != 0 {
				t.Errorf("%s has %d members, %v", l.Name, got.Members, err)
			}
		}
	})
}

// TestReg_R35 tries the links of letters with every bit turned, for other purposes
// and other people. Seen red with Verify for any purpose.
func TestReg_R35(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Daily", Open: true})
		other := k.list(List{Name: "Weekly", Open: true})
		ana, bob := k.member(l, "ana@example.com"), k.member(l, "bob@example.com")
		k.member(other, "ana@example.com")
		leave, own := k.LeaveToken(l.ID, ana), k.ownToken(ana)
		for _, token := range []string{leave, own} {
			if strings.Contains(token, "ana") || strings.Contains(token, "example") {
				t.Errorf("%s names somebody", token)
			}
			for i := range len(token) * 8 {
				b := []byte(token)
				b[i/8] ^= 1 << (i % 8)
				if _, _, err := k.Leave(t.Context(), string(b)); err == nil {
					t.Fatalf("bit %d of %s does not matter", i, token)
				}
				if _, err := k.Own(t.Context(), string(b)); err == nil {
					t.Fatalf("bit %d of %s does not matter", i, token)
				}
			}
		}
		if _, _, err := k.Leave(t.Context(), own); err == nil {
			t.Error("the token of a page ends a subscription")
		}
		if _, err := k.Own(t.Context(), leave); err == nil {
			t.Error("the token that ends a subscription opens a page")
		}
		has := func(list, subscriber string) bool {
			have, err := k.Subscriptions(t.Context(), subscriber)
			check(t, err)
			for _, h := range have {
				if h.List == list {
					return h.State == Active
				}
			}
			return false
		}
		if _, err := k.Leavable(t.Context(), leave); err != nil || !has(l.ID, ana) {
			t.Errorf("looking ends it: %v", err)
		}
		for range 2 { // leaving twice is leaving once
			if _, _, err := k.Leave(t.Context(), leave); err != nil {
				t.Error(err)
			}
		}
		if has(l.ID, ana) || !has(other.ID, ana) || !has(l.ID, bob) {
			t.Error("another subscription was ended")
		}
		if got, err := k.ListByID(t.Context(), l.ID); err != nil || got.Members != 1 {
			t.Errorf("%d members, %v", got.Members, err)
		}
	})
}

// TestEightWishes lets eight confirm, choose and leave at once: the number of members
// is that of the rows.
func TestEightWishes(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Daily", Open: true})
		id := k.member(l, "ana@example.com")
		own, leave := k.ownToken(id), k.LeaveToken(l.ID, id)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for n := range 5 {
					var err error
					switch (i + n) % 3 {
					case 0:
						_, _, err = k.Leave(t.Context(), leave)
					case 1:
						err = k.Choose(t.Context(), own, Setting{Lists: []string{l.ID}}, "words", reader.Browser{})
					default:
						err = k.Choose(t.Context(), own, Setting{}, "words", reader.Browser{})
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		var rows int
		check(t, k.DB.QueryRow(t.Context(), `select count(*) from subscription where list = $1 and state = 'active'`, l.ID).Scan(&rows))
		if got, err := k.ListByID(t.Context(), l.ID); err != nil || got.Members != rows {
			t.Errorf("%d members, %d rows, %v", got.Members, rows, err)
		}
	})
}

// TestForgotten removes all that is known of an address.
func TestForgotten(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		id := k.member(l, "ana@example.com")
		k.front = []string{k.story("city", "The bridge")}
		k.sends(l)
		check(t, k.Forget(t.Context(), k.ownToken(id)))
		for _, table := range []string{"subscriber", "subscription", "delivery", "confirmation"} {
			var n int
			check(t, k.DB.QueryRow(t.Context(), `select count(*) from `+table).Scan(&n))
			if n != 0 {
				t.Errorf("%d rows of %s stay", n, table)
			}
		}
		if got, err := k.ListByID(t.Context(), l.ID); err != nil || got.Members != 0 {
			t.Errorf("%d members, %v", got.Members, err)
		}
		if _, err := k.Own(t.Context(), k.ownToken(id)); !problem.Is(err, problem.NotFound) {
			t.Errorf("the page is there: %v", err)
		}
	})
}

// TestSweep removes addresses that nobody confirmed.
func TestSweep(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(List{Name: "Daily", Open: true})
		k.member(l, "ana@example.com")
		check(t, k.wishes("bob@example.com", "192.0.2", "daily"))
		k.asked()
		k.clock.Add(unconfirmedLife + time.Hour)
		check(t, k.Sweep(t.Context()))
		found, _, err := k.Find(t.Context(), k.pat, "", "", 10)
		if err != nil || len(found) != 1 || found[0].Email != "ana@example.com" {
			t.Errorf("%+v, %v", found, err)
		}
	})
}
