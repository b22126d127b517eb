package newsletter

import (
	"testing"
	"time"
)

// TestCalendar finds the next edition by the paper's clock, also when that is changed.
func TestCalendar(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	check(t, err)
	for _, test := range []struct {
		c         Calendar
		now, want string
	}{
		{Calendar{Weekdays, 7 * 60}, "2026-11-27T06:59:59+01:00", "2026-11-27T07:00:00+01:00"}, // a Friday
		{Calendar{Weekdays, 7 * 60}, "2026-11-27T07:00:00+01:00", "2026-11-30T07:00:00+01:00"},
		{Calendar{EveryDay, 0}, "2026-12-31T23:59:59+01:00", "2027-01-01T00:00:00+01:00"},
		{Calendar{1 << 6, 9 * 60}, "2026-11-28T09:00:01+01:00", "2026-12-05T09:00:00+01:00"},
		// The hour that is missing in spring, and the one that is there twice in autumn.
		{Calendar{EveryDay, 2*60 + 30}, "2026-03-29T00:00:00+01:00", "2026-03-29T03:30:00+02:00"},
		{Calendar{EveryDay, 2*60 + 30}, "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+01:00"},
		{Calendar{EveryDay, 2*60 + 30}, "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"},
		{Calendar{0, 7 * 60}, "2026-11-27T06:59:59+01:00", ""},
	} {
		now, err := time.Parse(time.RFC3339, test.now)
		check(t, err)
		got := ""
		if next := test.c.next(now, berlin); !next.IsZero() {
			got = next.Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%+v after %s: %s, want %s", test.c, test.now, got, test.want)
		}
	}
}

// TestQuiet tells in which hours somebody is not to be woken.
func TestQuiet(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 11, 27, h, m, 0, 0, time.UTC) }
	for _, test := range []struct {
		q    Quiet
		now  time.Time
		want time.Time
	}{
		{Quiet{}, at(3, 0), time.Time{}},
		{Quiet{22 * 60, 7 * 60}, at(23, 0), at(31, 0)},
		{Quiet{22 * 60, 7 * 60}, at(3, 0), at(7, 0)},
		{Quiet{22 * 60, 7 * 60}, at(7, 0), time.Time{}},
		{Quiet{13 * 60, 14 * 60}, at(13, 30), at(14, 0)},
		{Quiet{13 * 60, 14 * 60}, at(12, 59), time.Time{}},
	} {
		if got := test.q.until(test.now, time.UTC); !got.Equal(test.want) {
			t.Errorf("%+v at %s: until %s, want %s", test.q, test.now, got, test.want)
		}
	}
}

// TestDue makes the digest that a calendar asks for, once, and none that is long late
// or has nothing new.
func TestDue(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1)) // it is a Monday, nine o'clock
		k.members(l, 2)
		k.front = []string{k.story("city", "The bridge")}
		sent := func() (n int) {
			t.Helper()
			all, _, err := k.Editions(t.Context(), k.ida, l.ID, "", 10)
			check(t, err)
			return len(all)
		}
		check(t, k.ComeDue(t.Context()))
		if n := sent(); n != 0 {
			t.Errorf("%d editions before their time", n)
		}
		k.clock.Set(time.Date(2025, time.November, 4, 7, 0, 0, 0, time.UTC))
		errs := make(chan error)
		for range 8 {
			go func() { errs <- k.ComeDue(t.Context()) }()
		}
		for range 8 {
			check(t, <-errs)
		}
		all, _, err := k.Editions(t.Context(), k.ida, l.ID, "", 10)
		check(t, err)
		if len(all) != 1 || all[0].Stage != Sending || all[0].Subject != "The bridge" {
			t.Fatalf("%+v", all)
		}
		check(t, k.Send(t.Context(), Run{all[0].ID}))
		if n := len(k.letters()); n != 2 {
			t.Errorf("%d letters", n)
		}
		// The next day brings nothing new; the day after, the program stood still.
		for _, at := range []time.Time{time.Date(2025, time.November, 5, 7, 0, 1, 0, time.UTC), time.Date(2025, time.November, 6, 10, 30, 0, 0, time.UTC)} {
			k.clock.Set(at)
			if at.Day() == 6 {
				k.front = []string{k.story("city", "The ferry")}
			}
			check(t, k.ComeDue(t.Context()))
			if n := sent(); n != 1 {
				t.Errorf("%d editions at %s", n, at)
			}
		}
		if got, err := k.ListByID(t.Context(), l.ID); err != nil || !got.Next.Equal(time.Date(2025, time.November, 7, 7, 0, 0, 0, time.UTC)) {
			t.Errorf("the next is at %s, %v", got.Next, err)
		}
	})
}
