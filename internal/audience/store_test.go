package audience

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// A kit is the store under test, with some articles.
type kit struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := &kit{t: t, clock: new(papertest.Clock)}
		k.clock.Set(time.Date(2026, 3, 20, 10, 30, 0, 0, time.UTC))
		k.Store = &Store{DB: d, Now: k.clock.Now}
		k.exec(`insert into section (slug, name, position, shown) values ('city', 'City', 1, true)`)
		for _, id := range []string{"bridge", "ferry", "market"} {
			k.exec(`insert into article (id, section, slug, state, kind, format, language, weight, headline, kicker, standfirst, dateline, body, words,
					picture, caption, credit, alt, source_notice, canonical, noindex, feed, published, updated, embargo, embargo_open, expires,
					withdrawn, withdrawn_by, withdrawn_why, revision, edited, created, changed)
				values ($1, 'city', $1, 'published', 'news', 'story', 'en', 0, $1, '', '', '', '{}', 0, '', '', '', '', '', '', false, 'full', $2, 0, 0, false, 0, 0, '', '', 0, false, $2, $2)`,
				id, db.Time(k.Now()))
		}
		f(k)
	})
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (k *kit) exec(query string, args ...any) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), query, args...)
		return err
	}))
}

// read has so many people open an article.
func (k *kit) read(n *Now, article string, people int) {
	for i := range people {
		n.Opened(View{Article: article, From: address(i), Agent: browser})
	}
}

func (k *kit) most(since time.Time, limit int) []Count {
	k.t.Helper()
	list, err := k.MostRead(k.t.Context(), since, limit)
	check(k.t, err)
	return list
}

func (k *kit) rows(table string) (n int) {
	k.t.Helper()
	check(k.t, k.DB.QueryRow(k.t.Context(), `select count(*) from `+table).Scan(&n))
	return n
}

func TestMostRead(t *testing.T) {
	onBoth(t, func(k *kit) {
		n := NewNow(k.clock.Now)
		check(t, k.Keep(t.Context(), n))
		if got := k.most(time.Time{}, 5); len(got) != 0 {
			t.Errorf("before anybody came: %v", got)
		}
		k.read(n, "bridge", 3)
		k.read(n, "bridge", 3) // the same people
		k.read(n, "ferry", 2)
		k.read(n, "no-such-article", 9)
		n.Opened(View{Article: "ferry", From: address(7), Agent: "Googlebot/2.1"})
		check(t, k.Keep(t.Context(), n))
		check(t, k.Keep(t.Context(), n)) // there is nothing more
		want := []Count{{"bridge", 3}, {"ferry", 2}}
		if got := k.most(k.Now(), 5); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}

		// Another process adds its own, and who comes back later counts again.
		k.clock.Add(time.Hour)
		other := NewNow(k.clock.Now)
		k.read(n, "ferry", 2)
		k.read(other, "ferry", 1)
		check(t, k.Keep(t.Context(), n))
		check(t, k.Keep(t.Context(), other))
		want = []Count{{"ferry", 5}, {"bridge", 3}}
		if got := k.most(k.Now().Add(-time.Hour), 5); !slices.Equal(got, want) {
			t.Errorf("of two hours: %v, want %v", got, want)
		}
		if got := k.most(k.Now().Add(-time.Hour), 1); !slices.Equal(got, want[:1]) {
			t.Errorf("one of two hours: %v, want %v", got, want[:1])
		}
		if got := k.most(k.Now(), 5); !slices.Equal(got, []Count{{"ferry", 3}}) {
			t.Errorf("of this hour: %v", got)
		}
	})
}

// TestSweep makes days of hours, and loses nothing by it before its time.
func TestSweep(t *testing.T) {
	onBoth(t, func(k *kit) {
		n, begin := NewNow(k.clock.Now), k.Now()
		for range 5 {
			k.read(n, "bridge", 2)
			k.clock.Add(time.Hour)
		}
		check(t, k.Keep(t.Context(), n))
		k.clock.Add(8 * 24 * time.Hour)
		k.read(n, "bridge", 1)
		check(t, k.Keep(t.Context(), n))
		check(t, k.Sweep(t.Context()))
		if h, d := k.rows("audience_hour"), k.rows("audience_day"); h != 6 || d != 0 {
			t.Errorf("on the eighth day there are %d hours and %d days", h, d)
		}
		k.clock.Add(24 * time.Hour)
		check(t, k.Sweep(t.Context()))
		if h, d := k.rows("audience_hour"), k.rows("audience_day"); h != 1 || d != 1 {
			t.Errorf("on the ninth day there are %d hours and %d days", h, d)
		}
		if got := k.most(begin, 5); !slices.Equal(got, []Count{{"bridge", 11}}) {
			t.Errorf("of all days: %v", got)
		}
		if got := k.most(begin.Add(24*time.Hour), 5); !slices.Equal(got, []Count{{"bridge", 1}}) {
			t.Errorf("after the first day: %v", got)
		}
		k.clock.Add(91 * 24 * time.Hour)
		check(t, k.Sweep(t.Context()))
		if h, d := k.rows("audience_hour"), k.rows("audience_day"); h != 0 || d != 0 {
			t.Errorf("after 90 days there are %d hours and %d days", h, d)
		}
	})
}

// TestUnderEight has eight processes count, make days and ask at once.
func TestUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		long := k.Now().Add(-10 * 24 * time.Hour)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				now := k.Now
				if i%2 == 0 {
					now = func() time.Time { return long } // becomes a day at once
				}
				n := NewNow(now)
				for round := range 6 {
					for _, a := range []string{"market", "bridge", fmt.Sprint("unknown", round)} {
						n.Opened(View{Article: a, From: address(round), Agent: browser})
					}
					if err := k.Keep(t.Context(), n); err != nil {
						t.Error(err)
					}
					if err := k.Sweep(t.Context()); err != nil {
						t.Error(err)
					}
					if _, err := k.MostRead(t.Context(), long, 5); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := k.most(long, 5); !slices.Equal(got, []Count{{"bridge", 48}, {"market", 48}}) {
			t.Errorf("counted %v, want 48 of each", got)
		}
		if d := k.rows("audience_day"); d != 2 {
			t.Errorf("%d days", d)
		}
	})
}

// TestKeepLater keeps what a database did not take.
func TestKeepLater(t *testing.T) {
	onBoth(t, func(k *kit) {
		n := NewNow(k.clock.Now)
		k.read(n, "bridge", 2)
		away, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.Keep(away, n); err == nil {
			t.Fatal("a database that is away took it")
		}
		n.Opened(View{Article: "bridge", From: address(5), Agent: browser})
		check(t, k.Keep(t.Context(), n))
		if got := k.most(k.Now(), 5); !slices.Equal(got, []Count{{"bridge", 3}}) {
			t.Errorf("counted %v, want 3", got)
		}
	})
}

// TestVerify finds more parts than there were opens, also after hours have become days.
func TestVerify(t *testing.T) {
	onBoth(t, func(k *kit) {
		wrong := func() (n int) {
			t.Helper()
			check(t, k.Verify(t.Context(), func(string) { n++ }))
			return n
		}
		n := NewNow(k.clock.Now)
		k.read(n, "bridge", 5)
		check(t, k.Keep(t.Context(), n))
		k.clock.Add(20 * 24 * time.Hour)
		check(t, k.Sweep(t.Context()))
		k.read(n, "bridge", 3)
		k.read(n, "ferry", 2)
		check(t, k.Keep(t.Context(), n))
		if wrong() != 0 {
			t.Error("something is wrong in what is right")
		}
		k.exec(`update audience_part set opens = opens + 1 where article = 'ferry' and sort = 'from'`)
		if got := wrong(); got != 1 {
			t.Errorf("%d things are wrong, want 1", got)
		}
	})
}

// TestCame counts who came from one sort of place in a time, article by article.
func TestCame(t *testing.T) {
	onBoth(t, func(k *kit) {
		n := NewNow(k.clock.Now)
		n.Know(map[string]Origin{"weekly.example": Sister})
		from := func(article, referrer string, people int) {
			for i := range people {
				n.Opened(View{Article: article, From: address(i), Agent: browser, Referrer: referrer})
			}
			check(t, k.Keep(t.Context(), n))
		}
		today := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)
		from("bridge", "https://weekly.example/x", 3)
		from("ferry", "https://weekly.example", 1)
		from("market", "https://duckduckgo.com", 2)
		k.clock.Set(today.Add(23*time.Hour + 59*time.Minute))
		from("bridge", "https://weekly.example/x", 2)
		k.clock.Set(today.Add(day))
		from("bridge", "https://weekly.example/x", 5)
		came, err := k.Came(t.Context(), Sister, today, today.Add(day), "bridge", "market", "nothing")
		check(t, err)
		if len(came) != 1 || came["bridge"] != 5 {
			t.Errorf("came %v, want five to the bridge", came)
		}
		if came, err := k.Came(t.Context(), Sister, today, today.Add(day)); err != nil || len(came) != 0 {
			t.Errorf("to nothing came %v: %v", came, err)
		}
	})
}
