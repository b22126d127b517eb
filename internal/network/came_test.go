package network

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A talk is a paper with a sister that tells it of clicks, an article and an offer.
type talk struct {
	*kit
	paper          *sisterPaper
	sister         string
	article, offer string
	seen           map[string]int // readers that we have seen come
}

func newTalk(t testing.TB, d *db.DB) *talk {
	x := newSister(t)
	k := &talk{kit: newKit(t, d, x), paper: x, seen: map[string]int{}}
	k.clock.Set(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC))
	k.Arrived = func(context.Context, time.Time, ...string) (map[string]int, error) { return k.seen, nil }
	x.offers(x.signed(t, x.list(k.clock.Now(), "The plough waits")))
	k.sister = k.befriend(x)
	check(t, k.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
	k.article = k.writes("The mill turns", true)
	offer, err := k.AddOffer(t.Context(), "maren", OwnOffer{Title: "Tide tables", Address: "/tides"})
	check(t, err)
	k.offer = offer
	return k
}

func (k *talk) writes(headline string, published bool) string {
	k.t.Helper()
	n := article.New{
		Section: "city", Class: article.Class{Language: "en", Weight: 2}, By: "test",
		Content: article.Content{Headline: headline, Body: richtext.FromText("It turns.")},
	}
	var id string
	k.tx(func(tx *db.Tx) (err error) {
		id, err = k.Articles.Create(k.t.Context(), tx, n)
		if err == nil && published {
			err = k.Articles.Publish(k.t.Context(), tx, id, k.clock.Now())
		}
		return err
	})
	return id
}

func (k *kit) tx(f func(tx *db.Tx) error) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), f))
}

// report is one that the sister makes now, of these counts of today.
func (k *talk) report(counts ...Followed) Report {
	for n := range counts {
		if counts[n].Day == "" {
			counts[n].Day = k.clock.Now().Format(time.DateOnly)
		}
	}
	return Report{Version: 1, From: k.paper.URL, To: "https://courier.example", Made: k.clock.Now(), Counts: counts}
}

func (k *talk) hears(r Report) error {
	k.t.Helper()
	document, err := signReport(r, k.paper.key)
	check(k.t, err)
	return k.HearClicks(k.t.Context(), document)
}

// says has the sister say how often an item was followed, a minute later.
func (k *talk) says(item string, clicks int) {
	k.t.Helper()
	k.clock.Add(time.Minute)
	check(k.t, k.hears(k.report(Followed{Item: item, Clicks: clicks})))
}

// came is what is kept of an item of today: what was said, and what is believed.
func (k *talk) came(item string) string {
	k.t.Helper()
	var said, clicks int
	err := k.DB.QueryRow(k.t.Context(), `select said, clicks from network_came where item = $1 and day = $2`, item, db.Time(dayOf(k.clock.Now()))).Scan(&said, &clicks)
	if problem.Is(db.Found(err, "none"), problem.NotFound) {
		return "nothing"
	}
	check(k.t, err)
	return fmt.Sprintf("%d of %d", clicks, said)
}

// TestReg_R36_Clicks says numbers that a sister should not: they are cut, left out or
// refused, and none is ever added to another (PolarLearn's CVE-2026-25126 took a vote of
// minus one, and counters drifted).
//
// Seen red: clicks below one taken; on conflict … clicks + excluded.clicks; without the
// comparison with what was said before.
func TestReg_R36_Clicks(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		for _, test := range []struct {
			name string
			said int
			seen int
			want string
		}{
			{"a few", 12, 0, "12 of 12"},
			{"the same again", 12, 0, "12 of 12"},
			{"more", 25, 0, "25 of 25"},
			{"fewer than before", 3, 0, "25 of 25"},
			{"more than we have seen", 90_000, 10, "60 of 90000"},
			{"still as many, and more have come", 90_000, 40, "150 of 90000"},
			{"what we have seen grows less", 90_001, 1, "150 of 90001"},
			{"whatever has been seen", maxSaid, 1_000_000, "100000 of 1000000000"},
		} {
			k.seen[k.article] = test.seen
			if k.says(k.article, test.said); k.came(k.article) != test.want {
				t.Errorf("%s: %s, want %s", test.name, k.came(k.article), test.want)
			}
		}
		if k.says(k.offer, 5_000); k.came(k.offer) != "1000 of 5000" {
			t.Errorf("of an offer, whose readers nobody sees: %s", k.came(k.offer))
		}
		for _, clicks := range []int{0, -1, -1 << 62, maxSaid + 1} {
			k.clock.Add(time.Minute)
			if err := k.hears(k.report(Followed{Item: k.article, Clicks: clicks})); !problem.Is(err, problem.Invalid) {
				t.Errorf("%d clicks: %v", clicks, err)
			}
		}
		for _, counts := range []string{`"many"`, `1.5`, `1e3`, `99999999999999999999`, `null`, `true`} {
			k.clock.Add(time.Minute)
			raw := fmt.Sprintf(`{"version":1,"from":%q,"to":"https://courier.example","made":%q,"counts":[{"item":%q,"day":"2026-11-27","clicks":%s}]}`,
				k.paper.URL, k.clock.Now().Format(time.RFC3339Nano), k.article, counts)
			if err := k.HearClicks(t.Context(), k.paper.rawReport([]byte(raw))); !problem.Is(err, problem.Invalid) {
				t.Errorf("clicks that are %s: %v", counts, err)
			}
		}
	})
}

// rawReport signs bytes as they are.
func (x *sisterPaper) rawReport(report []byte) []byte {
	proof := ed25519.Sign(x.key, append([]byte(reportPreamble), report...))
	return []byte(`{"report":` + string(report) + `,"key":"` + b64.EncodeToString(x.key.Public().(ed25519.PublicKey)) + `","signature":"` + b64.EncodeToString(proof) + `"}`)
}

// TestReg_R36_Forged sends reports that are not the sister's, not for us, not of now, or
// were here before: nothing of them is kept.
//
// Seen red: author without its comparison of From, without that of To, without the key;
// mayTell without the comparison of Made; a list's preamble in openReport.
func TestReg_R36_Forged(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		good := k.report(Followed{Item: k.article, Clicks: 5})
		with := func(change func(r *Report)) []byte {
			r := good
			change(&r)
			document, err := signReport(r, k.paper.key)
			check(t, err)
			return document
		}
		stranger := newSister(t)
		asStranger, err := signReport(good, stranger.key)
		check(t, err)
		asList, err := signed("report", preamble, good, k.paper.key)
		check(t, err)
		asList2, err := signed("list", reportPreamble, good, k.paper.key)
		check(t, err)
		plain := with(func(*Report) {})
		for _, test := range []struct {
			name     string
			document []byte
			want     problem.Kind
		}{
			{"another key", asStranger, problem.Forbidden},
			{"from another paper", with(func(r *Report) { r.From = "https://other.example" }), problem.Forbidden},
			{"from us", with(func(r *Report) { r.From = "https://courier.example" }), problem.Forbidden},
			{"for another paper", with(func(r *Report) { r.To = "https://other.example" }), problem.Forbidden},
			{"for a paper whose name begins like ours", with(func(r *Report) { r.To = "https://courier.example.evil.example" }), problem.Forbidden},
			{"for nobody", with(func(r *Report) { r.To = "" }), problem.Forbidden},
			{"signed as a list", asList, problem.Forbidden},
			{"under the name of a list", asList2, problem.Invalid},
			{"a number changed", bytes.Replace(plain, []byte(`"clicks":5`), []byte(`"clicks":9`), 1), problem.Forbidden},
			{"the key changed", bytes.Replace(plain, []byte(`"key":"`), []byte(`"key":"A`), 1), problem.Invalid},
			{"no signature", []byte(`{"report":{},"key":"` + strings.Repeat("A", 43) + `=","signature":""}`), problem.Forbidden},
			{"made six minutes ago", with(func(r *Report) { r.Made = r.Made.Add(-6 * time.Minute) }), problem.Invalid},
			{"made in six minutes", with(func(r *Report) { r.Made = r.Made.Add(6 * time.Minute) }), problem.Invalid},
			{"of no version", with(func(r *Report) { r.Version = 0 }), problem.Invalid},
			{"too many items", with(func(r *Report) { r.Counts = make([]Followed, maxCounts+1) }), problem.Invalid},
			{"no day", with(func(r *Report) { r.Counts = []Followed{{k.article, "today", 5}} }), problem.Invalid},
			{"no such day", with(func(r *Report) { r.Counts = []Followed{{k.article, "2026-02-30", 5}} }), problem.Invalid},
			{"an hour", with(func(r *Report) { r.Counts = []Followed{{k.article, "2026-11-27T10", 5}} }), problem.Invalid},
			{"a list", k.paper.signed(t, k.paper.list(k.clock.Now(), "x")), problem.Invalid},
			{"nothing", nil, problem.Invalid},
			{"null", []byte("null"), problem.Invalid},
			{"broken", []byte(`{"report":`), problem.Invalid},
			{"giant", bytes.Repeat([]byte(" "), maxReport+1), problem.TooLarge},
		} {
			if err := k.HearClicks(t.Context(), test.document); !problem.Is(err, test.want) {
				t.Errorf("%s: %v, want %s", test.name, err, test.want)
			}
		}
		if k.came(k.article) != "nothing" {
			t.Fatalf("forged reports count: %s", k.came(k.article))
		}
		check(t, k.HearClicks(t.Context(), plain))
		if err := k.HearClicks(t.Context(), plain); !problem.Is(err, problem.Conflict) {
			t.Errorf("a replay: %v", err)
		}
		k.clock.Add(time.Second)
		if err := k.hears(k.report(Followed{Item: k.article, Clicks: 6})); !problem.Is(err, problem.TooMany) || problem.Of(err).Wait == 0 {
			t.Errorf("a second later: %v", err)
		}
		k.clock.Add(time.Minute)
		if err := k.HearClicks(t.Context(), plain); !problem.Is(err, problem.Conflict) {
			t.Errorf("a replay a minute later: %v", err)
		}
		if k.came(k.article) != "5 of 5" {
			t.Errorf("it counts %s", k.came(k.article))
		}

		// A sister that is switched off, or stopped, says nothing.
		check(t, k.Switch(t.Context(), "pia", k.sister, false))
		if err := k.hears(k.report(Followed{Item: k.article, Clicks: 7})); !problem.Is(err, problem.Forbidden) {
			t.Errorf("switched off: %v", err)
		}
		check(t, k.Switch(t.Context(), "pia", k.sister, true))
		check(t, k.hears(k.report(Followed{Item: k.article, Clicks: 7})))
		k.exec(`update network_sister set state = 'stopped' where id = $1`, k.sister)
		k.clock.Add(time.Minute)
		if err := k.hears(k.report(Followed{Item: k.article, Clicks: 8})); !problem.Is(err, problem.Forbidden) {
			t.Errorf("stopped: %v", err)
		}
	})
}

// TestReg_R39_Clicks asks by reports what a stranger must not know: whether there is an
// article that readers may not have. The answer is the same, and nothing is kept.
//
// Seen red: Headlines in the place of Readable; begins left out of offered.
func TestReg_R39_Clicks(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		later, err := k.AddOffer(t.Context(), "maren", OwnOffer{Title: "Not yet", Address: "/later", Begins: k.clock.Now().Add(time.Hour)})
		check(t, err)
		withdrawn := k.writes("A withdrawn story", true)
		k.tx(func(tx *db.Tx) error {
			return k.Articles.Withdraw(t.Context(), tx, withdrawn, article.Withdrawal{By: "the agency", Why: "It was wrong."})
		})
		for _, id := range []string{k.writes("A draft", false), later, withdrawn, "01M8NOTHING", "'; drop table article", strings.Repeat("x", maxID)} {
			if isID(id) {
				k.says(id, 5)
			}
			if k.came(id) != "nothing" {
				t.Errorf("%q counts", id)
			}
		}
		for day, want := range map[string]bool{
			"2026-11-27": true, "2026-11-26": true, "2026-11-25": true, "2026-11-24": false, "2026-11-28": false, "2020-01-01": false, "9999-12-31": false, "0000-01-01": false,
		} {
			k.clock.Add(time.Minute)
			check(t, k.hears(k.report(Followed{k.article, day, 5})))
			at, err := time.Parse(time.DateOnly, day)
			check(t, err)
			var n int
			check(t, d.QueryRow(t.Context(), `select count(*) from network_came where day = $1`, db.Time(at)).Scan(&n))
			if (n == 1) != want {
				t.Errorf("%s: %d rows", day, n)
			}
		}
	})
}

// TestHearMany has eight processes hear at once: the largest number stays, whoever comes
// last, and a report more or less adds nothing.
func TestHearMany(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newTalk(t, d)
		k.seen[k.article] = 1000
		var wg sync.WaitGroup
		taken := make([]error, 8)
		for n := range taken {
			r := k.report(Followed{Item: k.article, Clicks: 100 + n})
			r.Made = r.Made.Add(time.Duration(n) * time.Millisecond)
			document, err := signReport(r, k.paper.key)
			check(t, err)
			wg.Go(func() { taken[n] = k.HearClicks(t.Context(), document) })
		}
		wg.Wait()
		was := slices.IndexFunc(taken, func(err error) bool { return err == nil })
		for n, err := range taken {
			if n != was && !problem.Is(err, problem.TooMany) && !problem.Is(err, problem.Conflict) {
				t.Errorf("report %d: %v", n, err)
			}
		}
		if want := fmt.Sprintf("%d of %d", 100+was, 100+was); k.came(k.article) != want {
			t.Errorf("counted %s, want %s", k.came(k.article), want)
		}
		// Without the brake between them, in any order.
		for n := range 8 {
			wg.Go(func() {
				err := d.Tx(t.Context(), func(tx *db.Tx) error {
					f := Followed{k.article, "2026-11-27", 200 + n}
					return keepCame(t.Context(), tx, k.sister, []came{{f, "The mill turns", f.Clicks}})
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if k.came(k.article) != "207 of 207" {
			t.Errorf("counted %s, want the largest", k.came(k.article))
		}
	})
}

// TestManyItems refuses a sister that names more items than a panel shows in a day.
func TestManyItems(t *testing.T) {
	k := newTalk(t, papertest.SQLite(t))
	keep := func(from, n int) error {
		return k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			var list []came
			for i := range n {
				list = append(list, came{Followed{fmt.Sprint("a", from+i), "2026-11-27", 1}, "T", 1})
			}
			return keepCame(t.Context(), tx, k.sister, list)
		})
	}
	check(t, keep(0, maxCame))
	check(t, keep(0, maxCame))
	if err := keep(maxCame, 1); !problem.Is(err, problem.TooLarge) {
		t.Errorf("one more: %v", err)
	}
	check(t, k.Switch(t.Context(), "pia", k.sister, false))
	check(t, k.Forget(t.Context(), "pia", k.sister))
	var n int
	check(t, k.DB.QueryRow(t.Context(), `select count(*) from network_came`).Scan(&n))
	if n != 0 {
		t.Errorf("%d rows are left of a sister that was removed", n)
	}
}

// FuzzReport reads reports of strangers: what is kept is what a paper may say.
func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"version":1,"from":"https://a.example","to":"https://b.example","made":"2026-11-27T12:00:00Z","counts":[{"item":"1","day":"2026-11-27","clicks":3}]}`))
	f.Add([]byte(`{"version":1,"counts":[{"item":"\u0000","day":"","clicks":-1},null],"made":"2026-11-27T12:00:00+99:00"}`))
	x := &sisterPaper{key: fuzzKey()}
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, report []byte) {
		for _, document := range [][]byte{report, x.rawReport(report)} {
			r, _, err := openReport(document, now)
			var trouble Trouble
			if err != nil && !errors.As(err, &trouble) {
				t.Fatalf("no trouble: %v", err)
			}
			if err != nil {
				continue
			}
			if len(r.Counts) > maxCounts || r.Made.Sub(now).Abs() > skew {
				t.Fatalf("read %d counts of %s", len(r.Counts), r.Made)
			}
			for _, c := range r.Counts {
				if c.Clicks < 1 || c.Clicks > maxSaid || !isID(c.Item) || c.day().Format(time.DateOnly) != c.Day {
					t.Fatalf("read %+v", c)
				}
			}
		}
	})
}
