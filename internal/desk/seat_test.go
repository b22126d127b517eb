package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/reader"
)

// TestSeat is about two people who want to write in one story.
func TestSeat(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		const idas, second, jons = "page-of-Ida Holm", "another-of-Ida", "page-of-Jon Bell"
		seat := func(a *reader.Actor, page string, act SeatAct, want Whose) Seat {
			t.Helper()
			s, err := k.Seat(ctx, a, id, page, act)
			check(t, err)
			if s.Whose != want {
				t.Errorf("%s of %s: the seat is %s, want %s", act, page, s.Whose, want)
			}
			return s
		}
		save := func(a *reader.Actor, page, headline string) error {
			t.Helper()
			now, err := k.Story(ctx, a, id)
			check(t, err)
			c := now.Copy
			c.Headline = headline
			_, err = k.Save(ctx, a, id, Save{Page: page, Version: now.Version, Copy: c})
			return err
		}
		seat(k.ida, idas, Stay, Mine)
		if s := seat(k.jon, jons, Stay, Other); s.By != "Ida Holm" || s.Self || len(s.Here) != 1 || s.Here[0] != "Ida Holm" {
			t.Errorf("Jon is told %+v", s)
		}
		var taken *Taken
		if err := save(k.jon, jons, "Jon's"); !errors.As(err, &taken) || taken.By != "Ida Holm" {
			t.Errorf("Jon saves beside Ida: %v", err)
		}
		seat(k.jon, jons, Take, Other) // not without asking
		seat(k.jon, jons, Ask, Other)
		if s := seat(k.ida, idas, Stay, Mine); s.Asked != "Jon Bell" {
			t.Errorf("Ida is told %+v", s)
		}
		seat(k.ida, idas, Refuse, Mine)
		if s := seat(k.jon, jons, Stay, Other); s.Asked != "" {
			t.Errorf("Jon still asks: %+v", s)
		}
		seat(k.jon, jons, Ask, Other)
		seat(k.ida, idas, Give, Other)
		seat(k.jon, jons, Stay, Mine)
		check(t, save(k.jon, jons, "Jon's"))
		// Whoever does not answer loses it.
		seat(k.ida, idas, Ask, Other)
		k.clock.Add(soon)
		seat(k.jon, jons, Stay, Mine)
		seat(k.ida, idas, Take, Other)
		k.clock.Add(patience - soon + time.Second)
		seat(k.jon, jons, Stay, Mine)
		seat(k.ida, idas, Take, Mine)
		// One's own other page needs no asking.
		if s := seat(k.ida, second, Stay, Other); !s.Self {
			t.Errorf("Ida is told %+v", s)
		}
		seat(k.ida, second, Take, Mine)
		if err := save(k.ida, idas, "The first page's"); !errors.As(err, &taken) {
			t.Errorf("the page that lost the seat saves: %v", err)
		}
		// A laptop that is closed frees the seat, and so does a page that says so.
		k.clock.Add(SeatLife + time.Second)
		seat(k.jon, jons, Stay, Mine)
		seat(k.jon, jons, Leave, Free)
		seat(k.ida, idas, Stay, Mine)
	})
}

// TestEightSeats has eight people take a free seat at once: one has it.
func TestEightSeats(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		k.clock.Add(SeatLife + time.Second)
		mine := make(chan string, 8)
		var work sync.WaitGroup
		for i := range 8 {
			who := k.joins(fmt.Sprintf("Editor %d", i), reader.Editor)
			work.Go(func() {
				s, err := k.Seat(ctx, who, id, "page-of-"+who.Reader.Name, Stay)
				if err != nil {
					t.Error(err)
				}
				if s.Whose == Mine {
					mine <- who.Reader.Name
				}
			})
		}
		work.Wait()
		close(mine)
		var names []string
		for name := range mine {
			names = append(names, name)
		}
		if len(names) != 1 {
			t.Errorf("the seat is %v's", names)
		}
	})
}

// TestManyAtOnce has more people at work than the database has connections, each
// going on with what a colleague wrote: nobody's transaction may wait for a second
// connection, or all of them wait for ever.
//
// Seen red: the name of whoever wrote before read beside the transaction.
func TestManyAtOnce(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		const many = 40
		var stories, plans []string
		for i := range many {
			stories = append(stories, k.began(k.ida, fmt.Sprintf("Bridge %d closed", i)))
			plan, err := k.AddPlan(ctx, k.ida, Plan{Title: fmt.Sprintf("Bridge %d", i)})
			check(t, err)
			plans = append(plans, plan)
		}
		k.clock.Add(SeatLife + time.Second)
		var work sync.WaitGroup
		for i := range many {
			work.Go(func() {
				now, err := k.Story(ctx, k.jon, stories[i])
				if err != nil {
					t.Error(err)
					return
				}
				c := now.Copy
				c.Standfirst = "Nobody knows why."
				if _, err := k.Save(ctx, k.jon, stories[i], Save{Page: "page-of-Jon Bell", Version: now.Version, Copy: c}); err != nil {
					t.Error(err)
				}
				if err := k.ChangePlan(ctx, k.ida, plans[i], 1, Plan{Title: "Bridge", Assignee: k.ana.Reader.ID}); err != nil {
					t.Error(err)
				}
				if _, err := k.WritePlan(ctx, k.ida, plans[i], "en", "city"); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
	})
}
