package newsletter

import (
	"testing"
	"time"

	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// TestNumbers tells what became of an edition, to whom it went, and how its list grew.
func TestNumbers(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		l := k.list(List{Name: "Daily", Blocks: []Block{{Kind: Front, Limit: 3}}})
		ids := k.members(l, 3)
		k.front = []string{k.story("city", "A bridge"), k.story("world", "A ship")}
		e := k.sends(l)

		links, err := k.Clicked(ctx, k.ida, e.ID)
		check(t, err)
		if len(links) != 2 || links[0].Article != k.front[0] {
			t.Errorf("the links are %+v", links)
		}
		k.exec(`update edition_link set clicks = 7, machines = 2 where edition = $1 and article = $2`, e.ID, k.front[1])
		links, err = k.Clicked(ctx, k.ida, e.ID)
		check(t, err)
		if want := (Clicked{Article: k.front[1], Clicks: 7, Machines: 2}); links[0] != want {
			t.Errorf("the first link is %+v, want %+v", links[0], want)
		}

		k.exec(`update delivery set state = 'refused', why = '550 no such user' where edition = $1 and subscriber <> $2`, e.ID, ids[0])
		causes, err := k.Causes(ctx, k.ida, e.ID, 10)
		check(t, err)
		if want := (Cause{"refused", "550 no such user", 2}); len(causes) != 1 || causes[0] != want {
			t.Errorf("the causes are %+v, want %+v", causes, want)
		}

		got, older, err := k.Deliveries(ctx, k.pat, ids[0], "", 10)
		check(t, err)
		if len(got) != 1 || older != "" || got[0].State != "accepted" || got[0].Subject != "A bridge" || got[0].Number != 1 {
			t.Errorf("what was sent is %+v, older %q", got, older)
		}

		check(t, k.RemoveFrom(ctx, k.pat, l.ID, ids[2]))
		days, err := k.Days(ctx, k.pat, l.ID, k.clock.Now().Add(-48*time.Hour))
		check(t, err)
		if len(days) != 1 || days[0].Joined != 3 || days[0].Departed != 1 {
			t.Errorf("the days are %+v", days)
		}
		k.exec(`insert into list_hour (list, hour, clicks) values ($1, 7, 3), ($1, 31, 4)`, l.ID)
		hours, err := k.Hours(ctx, k.pat, l.ID)
		check(t, err)
		if hours[7] != 7 {
			t.Errorf("at seven there are %d clicks, want 7", hours[7])
		}
	})
}

// TestNumbersAreForStaff holds who may see what.
func TestNumbersAreForStaff(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx, mod := t.Context(), k.joins("Mo", reader.Moderator)
		_, clicked := k.Clicked(ctx, mod, "x")
		_, causes := k.Causes(ctx, mod, "x", 1)
		_, days := k.Days(ctx, k.ida, "x", time.Time{})
		_, hours := k.Hours(ctx, k.ida, "x")
		_, _, sent := k.Deliveries(ctx, k.ida, "x", "", 1)
		_, today := k.AlertsToday(ctx, mod, "x")
		_, back := k.Undiscard(ctx, mod, "x")
		for i, err := range []error{clicked, causes, days, hours, sent, today, back} {
			if !problem.Is(err, problem.Forbidden) {
				t.Errorf("%d: %v", i, err)
			}
		}
	})
}

// TestUndiscard brings a draft back, but never what has begun to go out.
func TestUndiscard(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		l := k.list(List{Name: "Letter", Kind: Written})
		k.members(l, 1)
		e, err := k.Begin(ctx, k.ida, l.ID)
		check(t, err)
		e, err = k.Write(ctx, k.ida, e.ID, e.Version, Manuscript{Subject: "S", Parts: []Part{{Block: Block{Kind: Words, Text: "Hello."}}}})
		check(t, err)
		check(t, k.Discard(ctx, k.ida, e.ID, e.Version))
		e, err = k.Undiscard(ctx, k.jon, e.ID)
		check(t, err)
		if e.Stage != Draft || len(e.Parts) != 1 || !e.Ended.IsZero() {
			t.Errorf("it came back as %+v", e)
		}
		e, err = k.Schedule(ctx, k.ida, e.ID, e.Version, time.Time{})
		check(t, err)
		_, err = k.Cancel(ctx, k.ida, e.ID)
		check(t, err)
		if _, err = k.Undiscard(ctx, k.ida, e.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("what has begun came back: %v", err)
		}
	})
}

// TestAlertsToday counts the alerts of this day of the paper.
func TestAlertsToday(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		l := k.list(List{Name: "Alerts", Kind: Alert, Cap: 5})
		for range 2 {
			_, err := k.SendAlert(ctx, k.ida, l.ID, AlertText{Subject: k.ID(), Text: "The bridge is open."})
			check(t, err)
		}
		n, err := k.AlertsToday(ctx, k.ida, l.ID)
		check(t, err)
		k.clock.Add(24 * time.Hour)
		later, err := k.AlertsToday(ctx, k.ida, l.ID)
		check(t, err)
		if n != 2 || later != 0 {
			t.Errorf("%d today and %d tomorrow", n, later)
		}
	})
}
