package audience

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

func (k *kit) parts(article string, since time.Time) map[Sort][]Named {
	k.t.Helper()
	p, err := k.Parts(k.t.Context(), article, since)
	check(k.t, err)
	return p
}

func named(list []Named, name string) int {
	for _, n := range list {
		if n.Name == name {
			return n.Opens
		}
	}
	return 0
}

// TestParts divides opens by where from, by campaign, by how far.
func TestParts(t *testing.T) {
	onBoth(t, func(k *kit) {
		n := NewNow(k.clock.Now)
		view := func(i int, referrer, query string) View {
			return View{Article: "bridge", From: address(i), Agent: browser, Referrer: referrer, Query: query}
		}
		n.Opened(view(0, "https://www.google.com", "?utm_campaign=fair"))
		n.Opened(view(1, "https://www.google.com", ""))
		n.Opened(view(2, "", ""))
		for _, far := range []int{3, 1, 3, 0, -1} {
			n.Reached(view(0, "", ""), far)
		}
		n.Reached(view(0, "", ""), 9)
		n.Reached(view(1, "", ""), 1)
		n.Reached(view(9, "", ""), 4) // has opened nothing
		check(t, k.Keep(t.Context(), n))
		// Somebody reads on for longer than he counts as reading.
		k.clock.Add(Window + time.Minute)
		n.Most(1)
		n.Reached(view(1, "", ""), 2)
		check(t, k.Keep(t.Context(), n))
		got := fmt.Sprint(k.parts("bridge", k.Now().Add(-time.Hour)))
		const want = "map[campaign:[{fair 1}] depth:[{1 2} {2 2} {3 1} {4 1}] from:[{search 2} {none 1}] way:[{script 3}]]"
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := k.parts("ferry", time.Time{}); len(got) != 0 {
			t.Errorf("another article has %v", got)
		}
		k.clock.Add(10 * 24 * time.Hour)
		check(t, k.Sweep(t.Context()))
		if got := fmt.Sprint(k.parts("", time.Time{})); got != want {
			t.Errorf("by the day %s, want %s", got, want)
		}
		k.clock.Add(91 * 24 * time.Hour)
		check(t, k.Sweep(t.Context()))
		if got := k.rows("audience_part"); got != 0 {
			t.Errorf("%d parts are kept for ever", got)
		}
	})
}

// TestInflated has somebody open an article again and again, by every name he can think of.
func TestInflated(t *testing.T) {
	clock := k0()
	n := NewNow(clock.now)
	opened := func() (sum int) {
		for _, opens := range n.opens {
			sum += opens
		}
		return sum
	}
	for i := range 1000 {
		n.Opened(View{Article: "bridge", From: address(1), Agent: fmt.Sprint(browser, i)})
	}
	if got := opened(); got != maxCrowd {
		t.Errorf("behind one address %d are counted, want %d", got, maxCrowd)
	}
	n.Opened(View{Article: "ferry", From: address(1), Agent: browser})
	n.Opened(View{Article: "bridge", From: address(2), Agent: browser})
	if got := opened(); got != maxCrowd+2 {
		t.Errorf("another article and another address: %d, want %d", got, maxCrowd+2)
	}
	for i := range 1000 {
		n.Opened(View{Article: "market", From: address(3), Agent: browser, Query: fmt.Sprint("utm_campaign=c", i)})
		n.Opened(View{Article: "market", From: address(100 + i), Agent: browser, Query: fmt.Sprint("utm_campaign=c", i)})
	}
	names, more := 0, 0
	for p, opens := range n.parts {
		if p.sort == Campaign {
			names++
			if p.name == manyMore {
				more = opens
			}
		}
	}
	if names != maxCampaigns+1 || more != 1000-maxCampaigns {
		t.Errorf("%d names of campaigns, %d under one", names, more)
	}
	clock.add(Window)
	for i := range 1000 {
		n.Opened(View{Article: "bridge", From: address(1), Agent: fmt.Sprint(browser, i)})
	}
	if got := n.opens[n.hour("bridge")]; got > 3*maxCrowd+1 {
		t.Errorf("ten minutes later %d", got)
	}
}

// A k0clock is a clock without a database.
type k0clock struct{ at time.Time }

func k0() *k0clock { return &k0clock{time.Date(2026, 3, 20, 10, 30, 0, 0, time.UTC)} }

func (c *k0clock) now() time.Time      { return c.at }
func (c *k0clock) add(d time.Duration) { c.at = c.at.Add(d) }

// TestServed counts pages whose readers have no script, and nobody twice.
func TestServed(t *testing.T) {
	clock := k0()
	n := NewNow(clock.now)
	view := func(article string, i int, agent string) View {
		return View{Article: article, From: address(i), Agent: agent}
	}
	n.Served(view("bridge", 1, "Lynx/2.9"))
	n.Served(view("bridge", 1, "Lynx/2.9")) // and asks again
	n.Served(view("bridge", 2, "Examplebot"))
	n.Served(view("bridge", 3, browser))
	n.Opened(view("bridge", 3, browser))
	n.Served(view("ferry", 3, browser)) // in a tab that nobody looks at yet
	n.settle()
	if got := n.opens[n.hour("bridge")]; got != 1 {
		t.Errorf("before they could say something %d are counted", got)
	}
	clock.add(silence)
	n.settle()
	if b, f := n.opens[n.hour("bridge")], n.opens[n.hour("ferry")]; b != 2 || f != 0 {
		t.Errorf("%d read bridge, %d ferry", b, f)
	}
	if s := n.parts[part{n.hour("bridge"), Way, string(byServer)}]; s != 1 {
		t.Errorf("%d without a script", s)
	}
	// One who has a script after all is not counted again.
	n.Served(view("market", 4, browser))
	clock.add(silence)
	n.settle()
	n.Opened(view("market", 4, browser))
	if got := n.opens[n.hour("market")]; got != 1 {
		t.Errorf("one reader counts %d times", got)
	}
	for range 2 * maxSent {
		n.Served(view("bridge", 5, "Lynx/2.9"))
	}
	if len(n.sent) != maxSent {
		t.Errorf("%d pages are waited for", len(n.sent))
	}
}

// TestSums does anything in any order: the parts of every hour are its opens.
func TestSums(t *testing.T) {
	onBoth(t, func(k *kit) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 1))
		nows := []*Now{NewNow(k.clock.Now), NewNow(k.clock.Now)}
		referrers := []string{"", "https://bing.com", "https://t.co", "https://elsewhere.example"}
		begin, counted := k.Now(), 0
		for range 3000 {
			n := nows[r.IntN(2)]
			v := View{
				Article: []string{"bridge", "ferry", "market", "gone"}[r.IntN(4)], From: address(r.IntN(40)), Agent: browser,
				Referrer: referrers[r.IntN(len(referrers))], Query: []string{"", "utm_campaign=a", "utm_campaign=b"}[r.IntN(3)],
			}
			switch r.IntN(12) {
			case 0:
				check(t, k.Keep(t.Context(), n))
			case 1:
				k.clock.Add(time.Duration(r.IntN(40)) * time.Minute)
			case 2:
				n.Served(v)
			case 3, 4:
				n.Reached(v, r.IntN(5))
			case 5:
				if r.IntN(20) == 0 {
					check(t, k.Sweep(t.Context()))
				}
			default:
				before := len(n.opens)
				n.Opened(v)
				counted += len(n.opens) - before
			}
		}
		for _, n := range nows {
			check(t, k.Keep(t.Context(), n))
		}
		check(t, k.Sweep(t.Context()))
		for _, id := range []string{"", "bridge", "ferry", "market"} {
			points, err := k.History(t.Context(), id, begin, 24*time.Hour)
			check(t, err)
			opens := 0
			for _, p := range points {
				opens += p.Opens
			}
			parts := k.parts(id, begin.Truncate(24*time.Hour))
			for _, sort := range []Sort{From, Way} {
				sum := 0
				for _, n := range parts[sort] {
					sum += n.Opens
				}
				if sum != opens {
					t.Errorf("%q has %d opens, and %d by %s", id, opens, sum, sort)
				}
			}
			last := opens
			for q := 1; q <= 4; q++ {
				if d := named(parts[Depth], fmt.Sprint(q)); d > last {
					t.Errorf("%q: %d reached quarter %d, and %d the one before", id, d, q, last)
				} else {
					last = d
				}
			}
			if id != "" {
				if list := k.most(begin.Truncate(24*time.Hour), 9); !slices.Contains(list, Count{id, opens}) {
					t.Errorf("%s has %d opens, the list says %v", id, opens, list)
				}
			}
		}
		if counted == 0 {
			t.Error("nothing was counted")
		}
	})
}

// TestPartsUnderEight has eight processes write down the same hours at once.
func TestPartsUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				n := NewNow(k.clock.Now)
				for round := range 10 {
					for _, a := range []string{"market", "bridge", "ferry"} {
						v := View{Article: a, From: address(100*i + round), Agent: browser, Query: "utm_campaign=fair"}
						n.Opened(v)
						n.Reached(v, 2)
					}
					if err := k.Keep(t.Context(), n); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for _, a := range []string{"market", "bridge", "ferry"} {
			const want = "map[campaign:[{fair 80}] depth:[{1 80} {2 80}] from:[{none 80}] way:[{script 80}]]"
			if got := fmt.Sprint(k.parts(a, k.Now())); got != want {
				t.Errorf("%s: %s, want %s", a, got, want)
			}
		}
	})
}

// TestHistory has every hour and day, those in which nobody came too.
func TestHistory(t *testing.T) {
	onBoth(t, func(k *kit) {
		n := NewNow(k.clock.Now)
		begin := k.Now()
		k.read(n, "bridge", 3)
		k.read(n, "ferry", 1)
		k.clock.Add(2 * time.Hour)
		k.read(n, "bridge", 1)
		check(t, k.Keep(t.Context(), n))
		tell := func(id string, unit time.Duration) (list []int) {
			points, err := k.History(t.Context(), id, begin, unit)
			check(t, err)
			for _, p := range points {
				list = append(list, p.Opens)
			}
			return list
		}
		if got := tell("", time.Hour); !slices.Equal(got, []int{4, 0, 1}) {
			t.Errorf("the paper by the hour: %v", got)
		}
		if got := tell("bridge", time.Hour); !slices.Equal(got, []int{3, 0, 1}) {
			t.Errorf("bridge by the hour: %v", got)
		}
		k.clock.Add(10 * 24 * time.Hour)
		check(t, k.Sweep(t.Context()))
		if got := tell("bridge", 24*time.Hour); got[0] != 4 || len(got) != 11 {
			t.Errorf("bridge by the day: %v", got)
		}
		list, err := k.Sections(t.Context(), begin.Add(-24*time.Hour))
		check(t, err)
		if !slices.Equal(list, []Named{{"city", 5}}) {
			t.Errorf("by section: %v", list)
		}
		table, err := k.Table(t.Context(), begin.Add(-24*time.Hour))
		check(t, err)
		if len(table) != 2 || table[0].Article != "bridge" || table[0].Opens != 4 || table[0].Parts[Way]["script"] != 4 {
			t.Errorf("the table: %v", table)
		}
	})
}
