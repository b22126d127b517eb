package newsletter

import (
	"testing"
	"time"
)

// TestClicks counts people, and apart from them the programs that look through mail.
func TestClicks(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(5, 1))
		k.members(l, 1)
		for _, h := range []string{"One", "Two", "Three", "Four"} {
			k.front = append(k.front, k.story("world", h))
		}
		e := k.sends(l)
		follow := func(link int, key string, machine bool) {
			t.Helper()
			to, err := k.Follow(t.Context(), e.Code, link, key, machine)
			if err != nil || to[:len("/category/world/")] != "/category/world/" {
				t.Fatalf("%q, %v", to, err)
			}
		}
		letter := func() string {
			key := k.clickKey(e.Code)
			k.clock.Add(time.Minute)
			return key
		}
		// A person reads two stories, one of them twice.
		a := letter()
		follow(1, a, false)
		k.clock.Add(time.Minute)
		follow(2, a, false)
		follow(2, a, false)
		// A scanner follows all links at once; one says who it is; one is there before
		// the letter; one has made up its key.
		b := letter()
		for n := range 4 {
			follow(n+1, b, false)
		}
		follow(1, letter(), true)
		follow(1, k.clickKey(e.Code), false)
		follow(3, "AAAAAAAAAAAAAAAAAAAAAA", false)
		follow(3, k.clickKey(e.Code+1), false)
		check(t, k.CountClicks(t.Context(), false))
		if got := k.edition(e.ID); got.Clicks != 2 {
			t.Errorf("%d clicks before the last could be told", got.Clicks)
		}
		k.clock.Add(time.Minute)
		check(t, k.CountClicks(t.Context(), false))
		if got := k.edition(e.ID); got.Clicks != 2 || got.Machines != 6 {
			t.Errorf("%d clicks of people and %d of machines", got.Clicks, got.Machines)
		}
		check(t, k.CountClicks(t.Context(), true))
		if got := k.edition(e.ID); got.Clicks != 2 || got.Machines != 6 {
			t.Errorf("counted twice: %d and %d", got.Clicks, got.Machines)
		}
		if _, err := k.Follow(t.Context(), e.Code, 99, a, false); err == nil {
			t.Error("a link that is not there leads somewhere")
		}
	})
}
