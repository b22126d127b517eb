package network

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// notice is one that the sister makes now.
func (k *talk) notice(ids ...string) Notice {
	return Notice{Version: 1, From: k.paper.URL, To: "https://courier.example", Made: k.clock.Now(), Withdrawn: ids}
}

func (k *talk) rings(n Notice) error {
	k.t.Helper()
	document, err := signNotice(n, k.paper.key)
	check(k.t, err)
	return k.HearNotice(k.t.Context(), document)
}

// TestHearNotice obeys a sister at once, and nobody else: what it has withdrawn is in no
// panel, its link leads nowhere, and no list that was made before brings it back.
//
// Seen red: without the look at when a list was made, a list out of a cache brought the
// item back.
func TestHearNotice(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		recalled := 0
		k.Recalled = func() { recalled++ }
		titles := []string{"The plough waits", "Hay is dear"}
		old := k.paper.signed(t, k.paper.list(k.clock.Add(time.Minute), titles...))
		k.paper.offers(old)
		k.take(k.sister)
		if got := k.titles(); len(got) != 3 {
			t.Fatalf("the panel has %v", got)
		}
		item := k.Panel().Items[slices.IndexFunc(k.Panel().Items, func(i PanelItem) bool { return i.Title == titles[1] })]
		id := article.Slug(titles[1])
		k.clock.Add(time.Minute)

		for _, test := range []struct {
			name   string
			change func(n *Notice)
			want   problem.Kind
		}{
			{"of another paper", func(n *Notice) { n.From = "https://other.example" }, problem.Forbidden},
			{"for another paper", func(n *Notice) { n.To = "https://other.example" }, problem.Forbidden},
			{"of long ago", func(n *Notice) { n.Made = n.Made.Add(-time.Hour) }, problem.Invalid},
			{"of the future", func(n *Notice) { n.Made = n.Made.Add(time.Hour) }, problem.Invalid},
			{"of nothing", func(n *Notice) { n.Withdrawn = nil }, problem.Invalid},
			{"of what is no id", func(n *Notice) { n.Withdrawn = []string{"a b"} }, problem.Invalid},
		} {
			n := k.notice(id)
			test.change(&n)
			if err := k.rings(n); !problem.Is(err, test.want) {
				t.Errorf("a notice %s: %v", test.name, err)
			}
		}
		document, err := signReport(k.report(), k.paper.key) // another text that the key has signed
		check(t, err)
		if err := k.HearNotice(t.Context(), document); err == nil {
			t.Error("a report is taken for a notice")
		}
		k.refresh()
		if recalled > 0 || len(k.titles()) != 3 {
			t.Fatalf("what was refused has changed the panel: %v", k.titles())
		}

		check(t, k.rings(k.notice(id)))
		k.refresh()
		if got := k.titles(); recalled != 1 || slices.Contains(got, titles[1]) || len(got) != 2 {
			t.Errorf("%d times recalled, the panel has %v", recalled, got)
		}
		if _, there := k.Panel().Find(item.ID); there {
			t.Error("its link still leads there")
		}
		check(t, k.rings(k.notice(id))) // twice changes nothing
		k.refresh()
		if recalled != 1 {
			t.Errorf("recalled %d times", recalled)
		}
		// A cache has the old list still.
		if x := k.take(k.sister); x.Trouble != NoTrouble || slices.Contains(k.titles(), titles[1]) {
			t.Errorf("the old list is %q, the panel has %v", x.Trouble, k.titles())
		}
		// Released again, it comes back with a list that was made after.
		k.paper.offers(k.paper.signed(t, k.paper.list(k.clock.Add(time.Minute), titles...)))
		if k.take(k.sister); !slices.Contains(k.titles(), titles[1]) {
			t.Errorf("it does not come back: %v", k.titles())
		}
	})
}

func (k *kit) refresh() {
	k.t.Helper()
	check(k.t, k.Refresh(k.t.Context()))
}

// A sister that rings without end is heard twenty times a minute.
func TestManyNotices(t *testing.T) {
	k := newTalk(t, papertest.SQLite(t))
	for n := range 30 {
		k.clock.Add(time.Millisecond)
		err := k.rings(k.notice("plough"))
		if want := n >= mostNotices; problem.Is(err, problem.TooMany) != want {
			t.Fatalf("notice %d: %v", n+1, err)
		}
	}
	k.clock.Add(time.Minute)
	check(t, k.rings(k.notice("plough")))
}

// TestRing tells each sister once of a withdrawal, by whichever process hears of it first,
// and notes what it answers; of the end of a licence it tells nobody.
func TestRing(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		status, heard := http.StatusServiceUnavailable, []Notice{}
		k.paper.says(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			check(t, err)
			if r.URL.Path != noticePath {
				http.NotFound(w, r)
				return
			}
			n, key, err := openNotice(body, k.clock.Now())
			ours, err2 := k.Key(t.Context())
			check(t, err2)
			if err != nil || key != ours {
				t.Errorf("the notice is %v", err)
			}
			heard = append(heard, n)
			w.WriteHeader(status)
		})
		vanished := event.Event{Kind: article.Vanished{}.EventKind(), Subject: k.article}
		check(t, k.HearWithdrawn(t.Context(), vanished)) // its licence has ended
		if list, err := k.WhoKnows(t.Context(), k.article); err != nil || len(list) != 1 || !list[0].Begun.IsZero() {
			t.Fatalf("it was told of what is only over: %+v, %v", list, err)
		}
		at := k.clock.Now()
		k.tx(func(tx *db.Tx) error {
			return k.Articles.Withdraw(t.Context(), tx, k.article, article.Withdrawal{By: "HPA", At: at})
		})
		for range 3 {
			check(t, k.HearWithdrawn(t.Context(), vanished))
		}
		var jobs int
		check(t, d.QueryRow(t.Context(), `select count(*) from river_job where kind = $1`, RingKind).Scan(&jobs))
		if jobs != 1 {
			t.Errorf("there are %d jobs", jobs)
		}
		r := Ringing{k.sister, k.article, at}
		told := func() Told {
			t.Helper()
			list, err := k.WhoKnows(t.Context(), k.article)
			check(t, err)
			return list[0]
		}
		if err := k.Ring(t.Context(), r); err == nil || told().Answer != Failing || !told().Told.IsZero() {
			t.Errorf("a sister that cannot hear: %v, %+v", err, told())
		}
		status = http.StatusNotFound // one that knows no notices learns of it by our list
		if err := k.Ring(t.Context(), r); err != nil || told().Answer != Deaf {
			t.Errorf("a sister that knows no notices: %v, %+v", err, told())
		}
		status = http.StatusNoContent
		if err := k.Ring(t.Context(), r); err != nil || told().Answer != NoTrouble || !told().Told.Equal(k.clock.Now()) {
			t.Errorf("a sister that hears: %v, %+v", err, told())
		}
		if n := heard[len(heard)-1]; len(heard) != 3 || n.From != "https://courier.example" || n.To != k.paper.URL || !slices.Equal(n.Withdrawn, []string{k.article}) {
			t.Errorf("it was told %+v", heard)
		}
		check(t, k.Forgotten(k.sister))
	})
}

// Forgotten takes a sister away, with what it was told.
func (k *kit) Forgotten(id string) error {
	if err := k.Switch(k.t.Context(), "pia", id, false); err != nil {
		return err
	}
	return k.Forget(k.t.Context(), "pia", id)
}

// FuzzNotice reads notices of strangers: what is obeyed names ids, of now.
func FuzzNotice(f *testing.F) {
	key := fuzzKey()
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	good, err := signNotice(Notice{version, "https://a.example", "https://b.example", now, []string{"01M8"}}, key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"version":1,"from":"https://a.example","to":"https://b.example","made":"2026-11-27T12:00:00Z","withdrawn":["a","\u0000"]}`))
	f.Fuzz(func(t *testing.T, notice []byte) {
		written, err := signed("notice", noticePreamble, json.RawMessage(notice), key)
		if err != nil {
			written = notice // no JSON, and so signed by nobody
		}
		for _, document := range [][]byte{notice, written} {
			n, _, err := openNotice(document, now)
			var trouble Trouble
			if err != nil && !errors.As(err, &trouble) {
				t.Fatalf("no trouble: %v", err)
			}
			if err == nil && (len(n.Withdrawn) == 0 || slices.ContainsFunc(n.Withdrawn, func(id string) bool { return !isID(id) }) || n.Made.Sub(now).Abs() > skew) {
				t.Fatalf("obeyed is %+v", n)
			}
		}
	})
}
