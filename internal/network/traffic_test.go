package network

import (
	"fmt"
	"net/netip"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// TestTraffic sums what went and came by day, and says what was best.
func TestTraffic(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		today := dayOf(k.clock.Now())
		for n, ago := range []int{0, 0, 6, 7, 29, 30} {
			day := db.Time(today.AddDate(0, 0, -ago))
			for _, sister := range []string{"one", "two"} {
				k.exec(`insert into network_came (sister, day, item, title, said, clicks) values ($1, $2, $3, $4, $5, $6)`, sister, day, fmt.Sprint("i", n), fmt.Sprint("Story ", n), 1000, n+1)
				k.exec(`insert into network_click (item, day, sister, title, clicks) values ($1, $2, $3, 'T', $4)`, fmt.Sprint(sister, n), day, sister, 10*(n+1))
			}
		}
		k.exec(`insert into network_click (item, day, sister, title, clicks) values ('own', $1, '', 'T', 99)`, db.Time(today))
		came, err := k.Came(t.Context())
		check(t, err)
		if want := (Traffic{3, 6, 15, 5000}); len(came) != 2 || came["one"] != want || came["two"] != want {
			t.Errorf("came %+v, want %+v", came, want)
		}
		sent, err := k.Sent(t.Context())
		check(t, err)
		if want := (Traffic{30, 60, 150, 150}); len(sent) != 2 || sent["two"] != want {
			t.Errorf("sent %+v, want %+v", sent, want)
		}
		best, err := k.Best(t.Context(), today.AddDate(0, 0, -29), 2)
		check(t, err)
		if len(best) != 2 || len(best["one"]) != 2 || best["one"][0].Title != "Story 4" || best["one"][1].Clicks != 4 {
			t.Errorf("best are %+v", best)
		}
	})
}

// TestOfferClicks counts clicks on our own offers here and at sisters.
func TestOfferClicks(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		i := PanelItem{ID: k.offer, Title: "Tide tables", theirs: k.offer}
		for n := range 3 {
			check(t, k.Clicked(t.Context(), i, fmt.Sprint("Firefox ", n), netip.MustParseAddr("127.0.0.1")))
		}
		k.says(k.offer, 7)
		k.says(k.article, 9)
		here, away, err := k.OfferClicks(t.Context(), k.clock.Now())
		check(t, err)
		if len(here) != 1 || here[k.offer] != 3 || len(away) != 1 || away[k.offer] != 7 {
			t.Errorf("here %v, away %v", here, away)
		}
	})
}
