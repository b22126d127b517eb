package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// A take is a message of a text wire, as the tests write them.
type take struct {
	slug, mark, headline, body, sent string
}

const (
	ferryBody = "The night ferry came back to Haven on Monday, three years after the basin of the harbour was closed."
	ferryMore = "The night ferry came back to Haven on Monday, two hours late; the basin of the harbour had been closed for three years."
	stormBody = "Strong winds from the east have torn roofs off several houses near Kestrel Lighthouse, firemen reported."
)

// anpa is the take as ANPA 1312 has it; its clock is that of 2 March 2026 unless
// sent says more than a time.
func (k take) anpa() []byte {
	day, clock, ok := strings.Cut(k.sent, " ")
	if !ok {
		day, clock = "03-02", k.sent
	}
	stamp := "HPA-WF-" + day + "-26 " + clock + "GMT"
	if k.sent == "" {
		stamp = "HPA-WF"
	}
	return fmt.Appendf(nil, "\x16\x16\x01W2870\x1fcoast\nr i\x13\x11 %.12s   %s 0120\n\x02^%s, %s<\n^%s<\n\t   HAVEN (HPA) _ %s\n\t   \x03%s<\n\x04",
		k.slug, day, k.slug, k.mark, k.headline, k.body, stamp)
}

// again is the take with another headline.
func (k take) again(headline string) take {
	k.headline = headline
	return k
}

var (
	firstTake  = take{"BC-Ferry", "", "Ferry is back", ferryBody, "0900"}
	firstLead  = take{"BC-Ferry", "1st Ld-Writethru", "Ferry is back, late", ferryMore, "1000"}
	secondLead = take{"BC-Ferry", "2nd Ld-Writethru", "Ferry is back, two hours late", ferryMore + " Nobody minded.", "1100"}
	otherFirst = take{"BC-Ferry", "", "Storm tears off roofs", stormBody, "0930"}
	kill       = take{"BC-Ferry", "BULLETIN KILL", "BULLETIN KILL", "The story is wrong.", "1200"}
)

// send delivers takes, each in a file of its own.
func (r *room) send(takes ...take) (all []Result) {
	r.t.Helper()
	for _, k := range takes {
		results, err := r.Deliver(r.t.Context(), r.hpa, db.NewID()+".tst", k.anpa(), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		all = append(all, results...)
	}
	return all
}

// readable lists the headlines that readers have, sorted.
func (r *room) readable() (list []string) {
	r.t.Helper()
	found, _, err := r.Articles.Latest(r.t.Context(), article.Filter{Limit: 50})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, a := range found {
		list = append(list, a.Headline)
	}
	slices.Sort(list)
	return list
}

// orders calls f with the takes in each order.
func orders(takes []take, f func([]take)) {
	if len(takes) < 2 {
		f(takes)
		return
	}
	for i := range takes {
		rest := slices.Delete(slices.Clone(takes), i, i+1)
		orders(rest, func(others []take) { f(append([]take{takes[i]}, others...)) })
	}
}

// TestTakes holds what readers have after takes have come, in whatever order.
func TestTakes(t *testing.T) {
	on := func(k take, sent string) take { k.sent = sent; return k }
	for _, test := range []struct {
		name  string
		takes []take
		want  []string
	}{
		{"a lead replaces its forerunners", []take{firstTake, firstLead, secondLead}, []string{"Ferry is back, two hours late"}},
		{"leads without their first take", []take{firstLead, secondLead}, []string{"Ferry is back, two hours late"}},
		{"at midnight", []take{on(firstTake, "03-01 2350"), on(firstLead, "03-02 0020")}, []string{"Ferry is back, late"}},
		{"the slug of another story", []take{firstTake, otherFirst}, []string{"Ferry is back", "Storm tears off roofs"}},
		{"the slug of another day", []take{firstTake, on(otherFirst, "03-05 0900")}, []string{"Ferry is back", "Storm tears off roofs"}},
		{"the same story on another day", []take{on(firstTake, "03-02 0900"), on(secondLead, "03-08 1100")}, []string{"Ferry is back", "Ferry is back, two hours late"}},
		{"a first take of the day after a lead", []take{on(firstLead, "03-01 2300"), on(firstTake, "03-02 0600")}, []string{"Ferry is back", "Ferry is back, late"}},
		{"nearly the same each day", []take{on(firstTake, "03-01 1000"), on(firstTake.again("Ferry is back again"), "03-02 1000"), on(firstLead, "03-02 1100")}, []string{"Ferry is back", "Ferry is back, late"}},
		{"a lead of the day after", []take{on(firstTake, "03-01 0700"), on(firstLead, "03-02 0900")}, []string{"Ferry is back", "Ferry is back, late"}},
		{"killed", []take{firstTake, kill}, nil},
		{"killed with its lead", []take{firstTake, firstLead, kill}, nil},
		{"killed the next morning", []take{on(firstTake, "03-01 2350"), on(kill, "03-02 0700")}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			orders(test.takes, func(takes []take) {
				r := newRoom(t, papertest.SQLite(t))
				results := r.send(takes...)
				if got := r.readable(); !slices.Equal(got, test.want) {
					t.Errorf("readers have %q, want %q, after %+v", got, test.want, results)
				}
				r.whole()
			})
		})
	}
}

// TestTakesInDoubt holds that a take of which it is not certain what it follows
// replaces nothing, and is not published by itself.
func TestTakesInDoubt(t *testing.T) {
	for _, test := range []struct {
		name  string
		takes []take // the last one is in doubt
		want  []string
		says  string
	}{
		{"a lead of something else", []take{firstTake, {"BC-Ferry", "1st Ld-Writethru", "Storm tears off roofs", stormBody, "1000"}}, []string{"Ferry is back"}, noForerunner},
		{"two that it may follow", []take{firstTake, otherFirst, {"BC-Ferry", "1st Ld-Writethru", "Both", ferryBody + " " + stormBody, "1000"}}, []string{"Ferry is back", "Storm tears off roofs"}, manyFore},
		{"no clock", []take{firstTake, {"BC-Ferry", "1st Ld-Writethru", "Ferry is back, late", ferryMore, ""}}, []string{"Ferry is back"}, noClock},
		{"two clocks", []take{firstTake, secondLead, {"BC-Ferry", "1st Ld-Writethru", "Ferry is back, early", ferryMore, "1500"}}, []string{"Ferry is back, two hours late"}, twoClocks},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRoom(t, papertest.SQLite(t))
			results := r.send(test.takes...)
			last := results[len(results)-1]
			if last.Decision != Held || last.Reason != test.says {
				t.Errorf("%s: %q, want it held: %q", last.Decision, last.Reason, test.says)
			}
			if got := r.readable(); !slices.Equal(got, test.want) {
				t.Errorf("readers have %q, want %q", got, test.want)
			}
		})
	}
}

// TestTakesComparedEnough holds that a take for which no comparison is left waits
// for an editor.
func TestTakesComparedEnough(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	r.send(firstTake)
	items, err := Read("x", firstLead.anpa())
	if err != nil {
		t.Fatal(err)
	}
	err = r.DB.Tx(t.Context(), func(tx *db.Tx) error {
		for looks, want := range []Status{Unknown, Usable} {
			left := looks
			list, err := r.join(t.Context(), tx, r.hpa, items[0], &left)
			if err != nil || len(list) != 1 || list[0].Status != want || left != 0 {
				t.Errorf("with %d: %+v, %d left, %v; want %s", looks, list, left, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTakeOfToday holds that of two stories of a night that a take is like it
// follows the one of its day.
func TestTakeOfToday(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	night, day, lead := firstTake, firstTake.again("Ferry is back again"), firstLead
	night.sent, day.sent, lead.sent = "03-01 2300", "03-02 0100", "03-02 0300"
	r.send(night, day, lead)
	if got, want := r.readable(), []string{"Ferry is back", "Ferry is back, late"}; !slices.Equal(got, want) {
		t.Errorf("readers have %q, want %q", got, want)
	}
}

// TestTakeRedelivered sends each take again with another number, at another time
// and with other line breaks: nothing comes of it.
func TestTakeRedelivered(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		r.send(firstTake, otherFirst, firstLead)
		articles, revisions := r.count("article"), r.count("revision")
		for _, k := range []take{firstTake, otherFirst, firstLead} {
			k.sent = "1300"
			data := []byte(strings.Replace(strings.Replace(string(k.anpa()), "W2870", "W2999", 1), " Haven on", " \n Haven on", 1))
			results, err := r.Deliver(t.Context(), r.hpa, db.NewID()+".tst", data, nil)
			if err != nil || len(results) != 1 || results[0].Reason != "This version came before." {
				t.Errorf("%s again: %+v, %v", k.headline, results, err)
			}
		}
		if a, rev := r.count("article"), r.count("revision"); a != articles || rev != revisions {
			t.Errorf("%d articles and %d revisions, want %d and %d", a, rev, articles, revisions)
		}
		// Another source's take of the same slug is another story.
		other := r.source(Source{Name: "Kestrel", Publish: Auto})
		results, err := r.Deliver(t.Context(), other, "a.tst", firstTake.anpa(), nil)
		if err != nil || len(results) != 1 || results[0].Decision != Released {
			t.Errorf("of another source: %+v, %v", results, err)
		}
	})
}

// TestTakesAtOnce delivers the takes of a story at the same time, on both
// databases.
func TestTakesAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		storm := otherFirst
		storm.slug = "BC-Storm"
		takes := []take{firstTake, firstLead, secondLead, storm, firstTake, firstLead, secondLead, storm}
		done := make(chan error, len(takes))
		for i, k := range takes {
			go func() {
				_, err := r.Deliver(t.Context(), r.hpa, fmt.Sprintf("%d.tst", i), k.anpa(), nil)
				done <- err
			}()
		}
		for range takes {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got, want := r.readable(), []string{"Ferry is back, two hours late", "Storm tears off roofs"}; !slices.Equal(got, want) {
			t.Errorf("readers have %q, want %q", got, want)
		}
		r.whole()
	})
}

// TestKillIsProse holds that a text wire kills a story only where it cannot mean
// anything else.
func TestKillIsProse(t *testing.T) {
	for _, test := range []struct {
		mark, headline string
		want           Status
	}{
		{"BULLETIN KILL", "Ferry", Canceled},
		{"KILL", "Ferry", Canceled},
		{"", "BULLETIN KILL", Canceled},
		{"", "MANDATORY KILL", Canceled},
		{"", "Eds: KILL", Canceled},
		{"", "EDS: MANDATORY KILL the story.", Canceled},
		{"", "Eds: KILL graf 3", Unknown},
		{"", "Eds: KILL BC-Storm", Unknown},
		{"WITHHOLD", "Ferry", Unknown},
		{"", "Eds: WITHHOLD until further notice", Unknown},
		{"", "Eds: Embargoed until 6 p.m.", Unknown},
		{"", "EDS: WITHHOLD the story on the ferry", Unknown},
		{"", "EMBARGOED UNTIL 6 p.m.: ferry", Unknown},
		{"", "Islands lift embargo on ferry", Usable},
		{"", "THREE KILLED ON FERRY", Usable},
		{"", "Kill or cure for the ferry", Usable},
		{"", "Cancellation of ferry alert", Usable},
		{"", "Ferry is not to kill the harbour", Usable},
	} {
		items, err := Read("x", take{"BC-Ferry", test.mark, test.headline, ferryBody, "0900"}.anpa())
		if err != nil || len(items) != 1 || items[0].Status != test.want {
			t.Errorf("%q, %q: %+v, %v; want %s", test.mark, test.headline, items, err, test.want)
		}
	}
}

// TestReadMark holds how a take says what it is.
func TestReadMark(t *testing.T) {
	for _, test := range []struct {
		line   string
		marked bool
		number int
	}{
		{"", false, 0},
		{"1stLd-Writethru", true, 1},
		{"3rd Ld-Writethru", true, 3},
		{"2ND LEAD", true, 2},
		{"3RD NET", true, 3},
		{"UPDATE 2", true, 2},
		{"UPDATE 2-Ferry is late", true, 2},
		{"Writethru", true, 0},
		{"LEAD", true, 0},
		{"Berichtigung: Uhrzeit korrigiert", true, 0},
		{"CORRECTS para 4", true, 0},
		{"Zusammenfassung 1630", true, 0},
		{"2. Zusammenfassung", true, 0},
		{"Foto: Archiv", false, 0},
		{"Eil", false, 0},
		{"Ferry takes the lead", false, 0},
		{"Updated ferry at the quay", false, 0},
		{"News", false, 0},
	} {
		if m := readMark(test.line); m.marked != test.marked || m.number != test.number {
			t.Errorf("%q: %+v, want %v %d", test.line, m, test.marked, test.number)
		}
	}
}

// TestTakeInTheList holds what editors see of a story in their list: its newest
// take, and what it changes.
func TestTakeInTheList(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	correction := firstLead
	correction.mark, correction.sent = "CORRECTS name of ferry", "1030"
	r.send(firstTake, firstLead, correction, otherFirst)
	lines, _, err := r.List(t.Context(), Filter{})
	if err != nil || len(lines) != 2 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	if l := lines[1]; l.Headline != "Ferry is back, late" || l.Versions != 3 || l.Change != "correction" || l.Slug != "bc-ferry" {
		t.Errorf("listed as %+v", l)
	}
	r.send(kill)
	lines, _, err = r.List(t.Context(), Filter{View: Killed})
	if err != nil || len(lines) != 2 {
		t.Errorf("%d lines are killed, %v", len(lines), err)
	}
}

// TestMailIsHeld holds that nothing that comes by mail is published by itself,
// and that its picture is the article's.
func TestMailIsHeld(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	src := r.source(Source{Name: "Mail", Publish: Auto, Feeds: true})
	data, err := os.ReadFile(filepath.Join("testdata", "text", "mail-picture.eml"))
	if err != nil {
		t.Fatal(err)
	}
	results, err := r.Deliver(t.Context(), src, "a.eml", data, nil)
	if err != nil || len(results) != 1 || results[0].Decision != Held || results[0].Reason != mailTrust {
		t.Fatalf("%+v, %v", results, err)
	}
	a, err := r.Articles.Get(t.Context(), r.DB, results[0].Article)
	if err != nil {
		t.Fatal(err)
	}
	if a.State != article.Draft || a.Lead.Picture == "" {
		t.Errorf("state %s, lead %+v; want a draft with its picture", a.State, a.Lead)
	}
}
