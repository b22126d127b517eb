package article

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// TestLeading is about the story that leads a section.
func TestLeading(t *testing.T) {
	small, big, pictured := Card{Class: Class{Weight: 1}}, Card{Class: Class{Weight: 3}}, Card{Class: Class{Weight: 3}, Lead: Lead{Picture: "p"}}
	for _, test := range []struct {
		name string
		list []Card
		want int
	}{
		{"none", nil, 0},
		{"one", []Card{small}, 0},
		{"the newest of equals", []Card{small, small}, 0},
		{"the biggest", []Card{small, big}, 1},
		{"with a picture", []Card{big, small, pictured}, 2},
		{"not among the old", append(make([]Card, leadAmong), big), 0},
	} {
		if got := Leading(test.list); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

// TestLayout is about what editors have placed: it stands where they have put it,
// as long as readers may have it and its pin holds, and nothing stands twice.
//
// Seen red: curate that asks for the state alone; a pin that never ends; blocks
// whose pictured story pushes a placed one away.
func TestLayout(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		old := s.story(New{Section: "world", Content: Content{Headline: "Old"}})
		s.clock.Add(100 * time.Hour)
		var city []string
		for i := range frontCandidates + 10 {
			n := New{Section: "city", Class: Class{Weight: 2}, Content: Content{Headline: fmt.Sprint("City ", i)}}
			if i%2 == 0 {
				n.Lead.Picture = "p"
			}
			s.clock.Add(time.Minute)
			city = append(city, s.story(n))
		}
		opinion := s.story(New{Section: "city", Class: Class{Kind: Opinion}, Content: Content{Headline: "We think"}})
		slices.Reverse(city)
		front := func(places ...Place) *FrontPage {
			t.Helper()
			f, err := s.Front(ctx, Layout{Places: places})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, id := range placed(f) {
				if seen[id] {
					t.Errorf("%s stands twice", s.get(id).Headline)
				}
				seen[id] = true
			}
			if len(f.Seconds) != frontSeconds || len(f.Sections[0].Cards) != frontPerSection {
				t.Errorf("%d seconds, %d in a block", len(f.Seconds), len(f.Sections[0].Cards))
			}
			return f
		}
		block := AreaBlock("city")
		itself := front()
		f := front(Place{Area: AreaLead, Article: old}, Place{Area: AreaSeconds, Slot: 1, Article: city[50]}, Place{Area: AreaOpinion, Slot: 2, Article: city[51]},
			Place{Area: block, Slot: 3, Article: city[52]}, Place{Area: AreaBlock("nowhere"), Article: city[53]}, Place{Area: AreaTop, Article: city[54]})
		if f.Lead.ID != old || f.Seconds[1].ID != city[50] || f.Seconds[0].ID != itself.Lead.ID || f.Sections[0].Cards[3].ID != city[52] {
			t.Errorf("placed: %v", placed(f))
		}
		if !slices.Equal(cardIDs(f.Opinion), []string{opinion, city[51]}) {
			t.Errorf("opinion: %v", cardIDs(f.Opinion))
		}
		if main := f.Sections[0].Cards[0]; main.Lead.Picture == "" {
			t.Error("a block that begins by itself begins without its picture")
		}
		if f := front(Place{Area: block, Article: city[52]}); f.Sections[0].Cards[0].ID != city[52] {
			t.Error("a picture pushes away what was placed")
		}
		for _, f := range []*FrontPage{
			front(Place{Area: AreaLead, Article: old, Until: s.clock.Now()}),
			front(Place{Area: AreaLead, Slot: 1, Article: old}, Place{Area: AreaLead, Slot: -1, Article: old}, Place{Area: AreaLead, Article: "x"}),
		} {
			if f.Lead.ID != itself.Lead.ID {
				t.Errorf("%s leads", f.Lead.Headline)
			}
		}
		if f := front(Place{Area: AreaLead, Article: old, Until: s.clock.Now().Add(time.Microsecond)}, Place{Area: AreaLead, Article: city[0]}, Place{Area: AreaSeconds, Article: old}); f.Lead.ID != old {
			t.Errorf("%s leads", f.Lead.Headline)
		}

		// Whatever readers may not have gives its place back.
		stands := func() bool { return front(Place{Area: AreaLead, Article: old}).Lead.ID == old }
		s.tx(func(tx *db.Tx) error { return s.Withdraw(ctx, tx, old, Withdrawal{By: "Wire"}) })
		if stands() {
			t.Error("a killed story leads")
		}
		s.tx(func(tx *db.Tx) error { return s.Restore(ctx, tx, old, "x") })
		if !stands() {
			t.Error("a story that was returned does not stand in its place again")
		}
		s.tx(func(tx *db.Tx) error { return s.SetRights(ctx, tx, old, Rights{EmbargoOpen: true}) })
		if stands() {
			t.Error("an embargoed story leads")
		}
		s.tx(func(tx *db.Tx) error { return s.SetRights(ctx, tx, old, Rights{Expires: s.clock.Now()}) })
		if stands() {
			t.Error("an expired story leads")
		}
		draft := s.draft(New{Content: Content{Headline: "Secret"}})
		planned := s.draft(New{Content: Content{Headline: "Planned"}})
		s.tx(func(tx *db.Tx) error { return s.Schedule(ctx, tx, planned, s.clock.Now().Add(time.Hour)) })
		both := []Place{{Area: AreaLead, Article: draft}, {Area: AreaSeconds, Article: planned}}
		if f := front(both...); slices.Contains(placed(f), draft) || slices.Contains(placed(f), planned) {
			t.Error("readers see what is not published")
		}
		ahead, err := s.Front(ctx, Layout{Places: both, Early: true})
		if err != nil || slices.Contains(placed(ahead), draft) || ahead.Seconds[0].ID != planned {
			t.Errorf("looking ahead: %v, %v", placed(ahead), err)
		}

		// A section's page.
		top, err := s.Top(ctx, Layout{Places: []Place{{Area: AreaTop, Slot: 2, Article: city[60]}, {Area: AreaTop, Article: city[1]}, {Area: AreaTop, Slot: 1, Article: draft}}})
		if err != nil || top.Lead != nil || !slices.Equal(cardIDs(top.Rest), []string{city[1], city[60]}) {
			t.Errorf("the top of a section: %+v, %v", top, err)
		}
		list, lead := top.Over([]Card{{ID: city[0]}, {ID: city[1]}, {ID: city[2], Class: Class{Weight: 3}}})
		if !slices.Equal(cardIDs(list), []string{city[1], city[60], city[0], city[2]}) || lead != 3 {
			t.Errorf("over its list: %v, %d leads", cardIDs(list), lead)
		}
		if list, lead := top.Over(nil); len(list) != 2 || lead != -1 {
			t.Errorf("over nothing: %v, %d leads", cardIDs(list), lead)
		}
		top.Lead = &Card{ID: city[2]}
		if list, lead := top.Over([]Card{{ID: city[2]}}); lead != 0 || len(list) != 3 {
			t.Errorf("with a lead: %v, %d leads", cardIDs(list), lead)
		}
	})
}
