package promo

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/secret"
)

// TestInvalid leaves out what no reader can have done.
func TestInvalid(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		b := k.on(booking(Exclusive, today(), 1))
		v := Visit{Place: "city", From: netip.MustParseAddr("192.0.2.7"), Agent: "browser"}
		_, ticket := k.Serve(v)
		counts := func(what Event, after time.Duration, want bool) {
			t.Helper()
			k.clock.Add(after)
			if got := k.Count(ticket, what, v); got != want {
				t.Errorf("%s after %v: counted %v, want %v", what, after, got, want)
			}
		}
		counts(Viewed, time.Second, false) // nobody has looked for two seconds
		counts(Viewed, time.Second, true)
		counts(Viewed, time.Second, false)     // once only
		counts(Quarter, time.Second, false)    // it has not begun
		counts(Started, time.Second, true)     //
		counts(Half, time.Second, false)       // ten seconds of it in one
		counts(Quarter, 4*time.Second, true)   // played
		counts(Half, 5*time.Second, true)      //
		counts(Third, 5*time.Second, true)     //
		counts(Completed, 5*time.Second, true) //
		counts(Clicked, time.Second, true)     //
		counts(Clicked, time.Second, false)    // once only
		counts(Served, time.Second, false)     // is not for others to say
		counts(LeftOut, time.Second, false)    //
		counts("bonus", time.Second, false)    //
		counts(Started, 7*time.Hour, false)    // the ticket is old
		if k.Count(ticket+"A", Clicked, v) || k.Count("", Clicked, v) || k.Count(Ticket(make([]byte, 5000)), Clicked, v) {
			t.Error("what is no ticket counts")
		}
		other := &Store{Keys: secret.NewKeyring()}
		if forged := other.newTicket(b.ID, k.Now()); k.Count(forged, Clicked, v) {
			t.Error("a forged ticket counts")
		}
		if x, ticket := k.Serve(Visit{Place: "city", From: v.From, Agent: "bot", Machine: true}); x == nil || ticket != "" {
			t.Error("a program is shown what is there, and not counted")
		}
		check(t, k.Keep(t.Context()))
		total, err := k.Total(t.Context(), b.ID)
		check(t, err)
		want := Numbers{Served: 1, Viewed: 1, Started: 1, Quarter: 1, Half: 1, Third: 1, Completed: 1, Clicked: 1, LeftOut: 5}
		for what, want := range want {
			if total[what] != want {
				t.Errorf("%s: %d, want %d", what, total[what], want)
			}
		}
		// One address that takes tickets all day is not a crowd.
		counted := 0
		for range 500 {
			if _, ticket := k.Serve(v); ticket != "" {
				counted++
			}
		}
		if counted > maxCrowd {
			t.Errorf("%d of one address in an hour are counted", counted)
		}
	})
}

// TestCap shows a booking so often a day to one reader, and then what comes after it.
func TestCap(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	b := booking(Exclusive, today(), 3)
	b.Cap = 2
	k.on(b)
	house := booking(House, today(), 1)
	house.Ends, house.Title = time.Time{}, "house"
	k.on(house)
	v := Visit{Place: "city", From: netip.MustParseAddr("2001:db8::1"), Agent: "browser"}
	for i, want := range []string{"Bread at six", "Bread at six", "house", "house"} {
		if x, _ := k.Serve(v); x == nil || x.Title != want {
			t.Errorf("time %d: %v, want %q", i+1, x, want)
		}
	}
	v.Agent = "another browser"
	if x, _ := k.Serve(v); x.Title != "Bread at six" {
		t.Errorf("another reader has %q", x.Title)
	}
	v.Agent = "browser"
	k.clock.Add(25 * time.Hour)
	if x, _ := k.Serve(v); x.Title != "Bread at six" {
		t.Errorf("the next day: %q", x.Title)
	}
	if x, _ := k.Slot("city"); x.Title != "Bread at six" {
		t.Errorf("a page for nobody has %q", x.Title)
	}
}

// TestKeepTogether counts in eight processes at once; nothing is lost or counted twice,
// also when a database refuses once.
func TestKeepTogether(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		b := k.on(booking(Impressions, today(), 1))
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				other := &Store{DB: k.DB, Media: k.Media, Keys: k.Keys, Audit: k.Audit, Zone: k.Zone, Now: k.Now, ID: k.ID, Log: k.Log}
				if err := other.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				for range 50 {
					if _, ticket := other.Serve(Visit{Place: "city", Agent: "browser"}); ticket == "" {
						t.Error("no ticket")
					}
					if err := other.Keep(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		total, err := k.Total(t.Context(), b.ID)
		check(t, err)
		if total[Served] != 400 {
			t.Errorf("%d were served, want 400", total[Served])
		}
		days, err := k.Days(t.Context(), b)
		check(t, err)
		if len(days) != 1 || days[0].Numbers[Served] != 400 {
			t.Errorf("by day: %v", days)
		}
		if _, ticket := k.Serve(Visit{Place: "city", Agent: "browser"}); ticket == "" {
			t.Error("no ticket")
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.Keep(ended); err == nil {
			t.Error("a database that is away takes it")
		}
		check(t, k.Keep(t.Context()))
		total, err = k.Total(t.Context(), b.ID)
		check(t, err)
		if total[Served] != 401 {
			t.Errorf("%d were served, want 401", total[Served])
		}
	})
}

// TestTicketEverywhere sends one ticket to eight processes at once, and to one that has
// begun since: each thing counts once, and what is repeated is left out.
func TestTicketEverywhere(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		b := k.on(booking(Exclusive, today(), 1))
		process := func() *Store {
			s := &Store{DB: k.DB, Media: k.Media, Keys: k.Keys, Audit: k.Audit, Zone: k.Zone, Now: k.Now, ID: k.ID, Log: k.Log}
			check(t, s.Refresh(t.Context()))
			return s
		}
		v := Visit{Place: "city", Agent: "browser"}
		const tickets = 30
		var list []Ticket
		for range tickets {
			_, ticket := k.Serve(v)
			list = append(list, ticket)
		}
		check(t, k.Keep(t.Context()))
		k.clock.Add(3 * time.Second)
		var all []*Store
		for range 8 {
			all = append(all, process())
		}
		var wg sync.WaitGroup
		for _, s := range all {
			wg.Go(func() {
				for _, ticket := range list {
					for _, what := range []Event{Viewed, Clicked} {
						if !s.Count(ticket, what, v) {
							t.Errorf("%s is not heard", what)
						}
					}
				}
				if err := s.Keep(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		late := process()
		late.Count(list[0], Viewed, v)
		check(t, late.Keep(t.Context()))
		total, err := k.Total(t.Context(), b.ID)
		check(t, err)
		for what, want := range map[Event]int{Served: tickets, Viewed: tickets, Clicked: tickets, LeftOut: 7*2*tickets + 1} {
			if total[what] != want {
				t.Errorf("%s: %d, want %d", what, total[what], want)
			}
		}
		check(t, k.Verify(t.Context(), func(said string) { t.Error(said) }))

		// What was heard while the database was away is counted later, once.
		_, ticket := k.Serve(v)
		k.clock.Add(3 * time.Second)
		k.Count(ticket, Viewed, v)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.Keep(ended); err == nil {
			t.Error("a database that is away takes it")
		}
		for range 2 {
			check(t, k.Keep(t.Context()))
		}
		total, err = k.Total(t.Context(), b.ID)
		check(t, err)
		if total[Viewed] != tickets+1 {
			t.Errorf("%d were viewed, want %d", total[Viewed], tickets+1)
		}

		// Nothing is kept of tickets that are no longer good.
		kept := func() (n int) {
			t.Helper()
			check(t, k.DB.QueryRow(t.Context(), `select count(*) from promo_heard`).Scan(&n))
			return n
		}
		check(t, k.Sweep(t.Context()))
		if n := kept(); n != 2*tickets+1 {
			t.Errorf("%d things are remembered, want %d", n, 2*tickets+1)
		}
		k.clock.Add(ticketLife + time.Hour)
		check(t, k.Sweep(t.Context()))
		if n := kept(); n != 0 {
			t.Errorf("%d things are remembered of tickets that are no longer good", n)
		}
	})
}

// BenchmarkKeep writes down what 20,000 events a second bring in the two seconds after
// which that is done.
func BenchmarkKeep(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": papertest.SQLite, "postgres": papertest.Postgres} {
		b.Run(name, func(b *testing.B) {
			k := newKit(b, open(b))
			x := k.on(booking(Exclusive, today(), 1))
			n := uint64(0)
			for b.Loop() {
				b.StopTimer()
				k.counter.mu.Lock()
				k.counter.renew(k.Now())
				for range 40_000 {
					n++
					k.counter.hear(stub{booking: x.ID, at: noon.Add(time.Duration(n) * time.Second / 20_000), number: n * 0x9E3779B97F4A7C15}, Viewed, noon)
				}
				k.counter.mu.Unlock()
				b.StartTimer()
				check(b, k.Keep(b.Context()))
			}
		})
	}
}
