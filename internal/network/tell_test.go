package network

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// A teller is a paper whose sister writes down what it is told.
type teller struct {
	*kit
	paper  *sisterPaper
	sister string
	list   []byte
	told   [][]byte
}

func newTeller(t testing.TB, d *db.DB) *teller {
	x := newSister(t)
	k := &teller{kit: newKit(t, d, x), paper: x}
	k.clock.Set(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	k.list = x.signed(t, x.list(k.clock.Now(), "The plough waits", "Hay holds"))
	k.answers(func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) })
	k.sister = k.befriend(x)
	return k
}

// answers says what the sister answers to reports.
func (k *teller) answers(f func(w http.ResponseWriter)) {
	k.paper.says(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == trendingPath {
			w.Write(k.list)
			return
		}
		if r.Method != http.MethodPost || r.URL.Path != clicksPath || r.Header.Get("Content-Type") != "application/json" {
			http.NotFound(w, r)
			return
		}
		document, _ := io.ReadAll(r.Body)
		k.told = append(k.told, document)
		f(w)
	})
}

// follow has so many readers follow the item with this title.
func (k *teller) follow(title string, readers int) {
	k.t.Helper()
	i := slices.IndexFunc(k.Panel().Items, func(i PanelItem) bool { return i.Title == title })
	for range readers {
		check(k.t, k.Clicked(k.t.Context(), k.Panel().Items[i], "Firefox "+k.ID(), netip.MustParseAddr("127.0.0.1")))
	}
}

// tells tells, and returns what the sister has heard by that, "" for nothing.
func (k *teller) tells() string {
	k.t.Helper()
	k.told = nil
	check(k.t, k.Tell(k.t.Context(), Telling{k.sister}))
	var heard []string
	for _, document := range k.told {
		r, key, err := openReport(document, k.clock.Now())
		check(k.t, err)
		own, err := k.Key(k.t.Context())
		check(k.t, err)
		if key != own || r.From != "https://courier.example" || r.To != k.paper.URL || len(k.told) > 1 {
			k.t.Errorf("it is told %+v by %s, %d times", r, key, len(k.told))
		}
		for _, c := range r.Counts {
			heard = append(heard, fmt.Sprintf("%s %s %d", c.Day, c.Item, c.Clicks))
		}
	}
	slices.Sort(heard)
	return strings.Join(heard, ", ")
}

// TestTell tells a sister of clicks: each number once it has grown, whole and not the
// difference, again until it is heard, and nothing of what is some days past.
func TestTell(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTeller(t, d)
		want := func(name, want string) {
			t.Helper()
			if got := k.tells(); got != want {
				t.Errorf("%s: it is told %q, want %q", name, got, want)
			}
		}
		want("nothing was followed", "")
		k.follow("The plough waits", 2)
		k.follow("Hay holds", 1)
		want("three clicks", "2026-11-27 hay-holds 1, 2026-11-27 the-plough-waits 2")
		want("nothing new", "")
		k.follow("Hay holds", 3)
		want("more", "2026-11-27 hay-holds 4")

		// What it does not take is told again.
		for status, why := range map[int]Trouble{500: Failing, 503: Failing, 429: Failing, 403: Unknown, 404: Deaf, 405: Deaf, 200: Failing, 422: Failing, 409: Failing} {
			k.follow("Hay holds", 1)
			k.answers(func(w http.ResponseWriter) { w.WriteHeader(status) })
			if got := k.tells(); !strings.HasPrefix(got, "2026-11-27 hay-holds ") {
				t.Errorf("it answers %d: it is told %q", status, got)
			}
			if x := k.now(); x.Untold != why || x.Trouble != NoTrouble {
				t.Errorf("it answers %d: the trouble is %q (%q)", status, x.Untold, x.Trouble)
			}
		}
		// Over midnight: both days.
		k.clock.Add(13 * time.Hour)
		k.follow("The plough waits", 1)
		k.answers(func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) })
		want("the next day", "2026-11-27 hay-holds 13, 2026-11-28 the-plough-waits 1")
		if x := k.now(); x.Untold != NoTrouble || !x.Told.Equal(k.clock.Now()) {
			t.Errorf("told, the trouble is %q, at %s", x.Untold, x.Told)
		}
		k.follow("The plough waits", 1)
		k.clock.Add(3 * oneDay)
		want("of days that are past", "")
	})
}

func (k *teller) now() Sister {
	k.t.Helper()
	x, err := k.Store.sister(k.t.Context(), k.DB, k.sister)
	check(k.t, err)
	return x
}

// TestReg_R11_Clicks has a sister send our report elsewhere: to this machine, to another
// paper, to a page of its own. It is told nobody, and the clicks are told again later.
//
// Seen red: any answer below 300 taken for yes, with Post's look at the method left out.
func TestReg_R11_Clicks(t *testing.T) {
	k := newTeller(t, papertest.SQLite(t))
	inner := newSister(t)
	inner.says(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	k.follow("Hay holds", 1)
	for _, to := range []string{inner.URL + clicksPath, "http://169.254.169.254/", "https://elsewhere.example/network/clicks", "/network/trending.json", "file:///etc/passwd"} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			k.answers(func(w http.ResponseWriter) {
				w.Header().Set("Location", to)
				w.WriteHeader(status)
			})
			if got := k.tells(); got != "2026-11-27 hay-holds 1" {
				t.Errorf("%d to %s: %q is told", status, to, got)
			}
			if x := k.now(); x.Untold == NoTrouble || !x.Told.IsZero() {
				t.Errorf("%d to %s counts as told (%q)", status, to, x.Untold)
			}
		}
	}
	if inner.asked != 0 {
		t.Errorf("a server on this machine was asked %d times", inner.asked)
	}
	check(t, k.Switch(t.Context(), "pia", k.sister, false))
	if got := k.tells(); got != "" {
		t.Errorf("switched off, it is told %q", got)
	}
}

// TestTellDue lets one of eight processes tell each sister that has something to hear.
func TestTellDue(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		now := k.clock.Now()
		for n, s := range []struct {
			kind, state string
			clicks      int
			day         time.Time
		}{
			{"paper", "on", 1, now},
			{"paper", "on", 2, now.Add(-oneDay)},
			{"paper", "on", 0, now},
			{"feed", "on", 1, now},
			{"paper", "off", 1, now},
			{"paper", "on", 1, now.Add(-4 * oneDay)},
		} {
			id := fmt.Sprint("s", n)
			k.exec(`insert into network_sister (id, kind, address, name, key, other, state, list, made, good, tried, due, trouble, etag, modified, created)
				values ($1, $2, $1, 'N', 'K', '', $3, '{}', 0, 0, 0, 0, '', '', '', 0)`, id, s.kind, s.state)
			if s.clicks > 0 {
				k.exec(`insert into network_click (item, day, sister, theirs, title, clicks) values ($1, $2, $1, 'x', 'T', $3)`, id, db.Time(dayOf(s.day)), s.clicks)
			}
		}
		jobs := func() (n int) {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if err := k.tellDue(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			check(t, d.QueryRow(t.Context(), `select count(*) from river_job where kind = $1`, TellKind).Scan(&n))
			return n
		}
		if n := jobs(); n != 2 {
			t.Errorf("%d jobs for two sisters with clicks", n)
		}
		k.exec(`delete from river_job`)
		if n := jobs(); n != 0 {
			t.Errorf("%d jobs a moment later", n)
		}
		k.clock.Add(everyTell)
		if n := jobs(); n != 2 {
			t.Errorf("%d jobs some time later", n)
		}
	})
}
