package article

import (
	"slices"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// TestSponsored holds that what is paid for does not come to the top by itself, and
// that lists can do without it.
func TestSponsored(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s := newDesk(t, d)
		paid := s.story(New{Class: Class{Weight: 5}, Content: Content{Headline: "The soap that floats", Sponsor: "Buoy Soaps"}})
		f, err := s.Front(t.Context(), Layout{})
		if err != nil || f.Lead != nil || len(f.Seconds) != 0 || !slices.Equal(cardIDs(f.Latest), []string{paid}) {
			t.Fatalf("alone: %+v, %v", f, err)
		}
		ours := s.story(headline("It rains"))
		if f, err = s.Front(t.Context(), Layout{}); err != nil || f.Lead == nil || f.Lead.ID != ours || len(f.Seconds) != 0 {
			t.Errorf("beside one of ours: %+v, %v", f, err)
		}
		if f, err = s.Front(t.Context(), Layout{Places: []Place{{Area: AreaLead, Article: paid}}}); err != nil || f.Lead == nil || f.Lead.ID != paid {
			t.Errorf("placed: %+v, %v", f, err)
		}
		cards, _, err := s.Latest(t.Context(), Filter{Unpaid: true, Limit: 5})
		if err != nil || !slices.Equal(cardIDs(cards), []string{ours}) {
			t.Errorf("without what is sponsored: %v, %v", cardIDs(cards), err)
		}
	})
	list := []Card{{ID: "paid", Sponsor: "Buoy", Class: Class{Weight: 5}, Lead: Lead{Picture: "p"}}, {ID: "ours"}}
	if i := Leading(list); i != 1 {
		t.Errorf("%d leads a section", i)
	}
	if mainFirst(list); list[0].ID != "ours" {
		t.Errorf("%s leads a block", list[0].ID)
	}
	if c := (Card{Sponsor: "Buoy"}).ended(); !c.Paid() {
		t.Error("the label ends with the licence")
	}
}
