package network

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
)

// TestClicks counts under eight, on both databases: nobody counts twice or for many.
func TestClicks(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		i := PanelItem{ID: "abc", Title: "The plough waits", Sister: "one"}
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for n := range 10 {
					own := netip.AddrFrom4([4]byte{10, 0, byte(w), byte(n)})
					for _, agent := range []string{firefox, firefox, safari} {
						if err := k.Clicked(t.Context(), i, agent, own); err != nil {
							t.Error(err)
						}
					}
					if err := k.Clicked(t.Context(), i, fmt.Sprint("browser ", w, n), netip.AddrFrom4([4]byte{192, 0, 2, 1})); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		list, err := k.Clicks(t.Context(), k.clock.Now(), 5)
		check(t, err)
		if len(list) != 1 || list[0].Clicks != 8*10*2+maxCrowd {
			t.Errorf("counted %+v, want %d", list, 8*10*2+maxCrowd)
		}
		k.clock.Add(keptClicks + 24*time.Hour)
		check(t, k.Sweep(t.Context()))
		if list, err := k.Clicks(t.Context(), time.Time{}, 5); err != nil || len(list) != 0 {
			t.Errorf("after 90 days: %v, %v", list, err)
		}
	})
}

// TestFirst tables who counts.
func TestFirst(t *testing.T) {
	day := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	var c clickers
	for _, test := range []struct {
		name              string
		day               time.Time
		item, agent, from string
		want              bool
	}{
		{"a reader", day, "a", firefox, "192.0.2.1", true},
		{"again", day, "a", firefox, "192.0.2.1", false},
		{"another item", day, "b", firefox, "192.0.2.1", true},
		{"another browser", day, "a", safari, "192.0.2.1", true},
		{"another network", day, "a", firefox, "192.0.2.2", true},
		{"tomorrow", day.Add(oneDay), "a", firefox, "192.0.2.1", true},
		{"a household", day.Add(oneDay), "a", firefox, "2001:db8::1", true},
		{"the same household", day.Add(oneDay), "a", firefox, "2001:db8::2", false},
		{"the next household", day.Add(oneDay), "a", firefox, "2001:db8:0:1::1", true},
		{"this machine", day.Add(oneDay), "a", firefox, "127.0.0.1", true},
	} {
		if got := c.first(test.day, test.item, test.agent, netip.MustParseAddr(test.from)); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	if !c.first(day, "a", firefox, netip.Addr{}) || c.first(day, "a", firefox, netip.Addr{}) {
		t.Error("whose address is not known counts otherwise than once")
	}
	behind := 0
	for n := range 100 {
		if c.first(day, "crowd", fmt.Sprint(n), netip.MustParseAddr("192.0.2.9")) {
			behind++
		}
	}
	if behind != maxCrowd {
		t.Errorf("%d readers behind one address count", behind)
	}
	for n := range maxClickers + 10 {
		c.first(day, fmt.Sprint("many ", n), firefox, netip.MustParseAddr("127.0.0.1"))
	}
	if len(c.seen) > maxClickers+1 {
		t.Errorf("%d numbers are remembered", len(c.seen))
	}
}
