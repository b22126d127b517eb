package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/topic"
)

// listed is a list in short: "headline (versions) decision".
func (r *room) listed(f Filter) (list []string) {
	r.t.Helper()
	lines, _, err := r.List(r.t.Context(), f)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, l := range lines {
		list = append(list, fmt.Sprintf("%s (%d) %s", l.Headline, l.Versions, l.Decision))
	}
	return list
}

// TestList holds what editors see of the wire.
func TestList(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		mhp := r.source(Source{Name: "MHP", Publish: Hold})
		is := func(what string, f Filter, want ...string) {
			t.Helper()
			if got := r.listed(f); !slices.Equal(got, want) {
				t.Errorf("%s: listed are %q, want %q", what, got, want)
			}
		}
		is("nothing has come", Filter{})
		story := func(id string, n int, more doc) doc {
			d := version(n, more)
			d["uri"] = "urn:hpa.example:" + id
			return d
		}
		r.deliver(r.hpa, story("a", 1, doc{"headline": "Harbour shut"}))
		r.clock.Add(time.Second)
		r.deliver(mhp, story("b", 1, doc{"headline": "Mayor speaks", "urgency": 1}))
		is("two stories", Filter{}, "Mayor speaks (1) held", "Harbour shut (1) published")
		r.deliver(r.hpa, story("a", 3, doc{"headline": "Harbour open again"}))
		is("a new version comes to the top", Filter{}, "Harbour open again (2) updated", "Mayor speaks (1) held")
		r.deliver(r.hpa, story("a", 2, doc{"headline": "Harbour still shut"}))
		is("an older one changes nothing but the count", Filter{}, "Harbour open again (3) updated", "Mayor speaks (1) held")
		r.deliver(r.hpa, story("a", 2, doc{"headline": "Harbour still shut"}))
		is("one that came before counts once", Filter{}, "Harbour open again (3) updated", "Mayor speaks (1) held")
		is("what waits", Filter{View: Waiting}, "Mayor speaks (1) held")
		is("flashes", Filter{View: Urgent}, "Mayor speaks (1) held")
		is("of one source", Filter{Source: r.hpa.ID}, "Harbour open again (3) updated")
		is("of a section", Filter{Section: "sport"})

		sport := []doc{{"code": "http://cv.iptc.org/newscodes/mediatopic/15000000", "name": "sport"}}
		r.deliver(mhp, story("s", 1, doc{"headline": "Match begins", "subject": sport}))
		r.deliver(mhp, story("t", 1, doc{"headline": "Match won", "subject": sport, "urgency": 2}))
		topic := topic.Load().Known("15000000").Entry()
		is("of a topic", Filter{Topic: topic}, "Match won (1) held", "Match begins (1) held")
		is("flashes of a topic", Filter{Topic: topic, View: Urgent}, "Match won (1) held")
		r.deliver(mhp, story("t", 2, doc{"headline": "Match was won", "subject": sport, "urgency": 4}))
		is("what was a flash is none for ever", Filter{Topic: topic, View: Urgent})
		is("a newer version is of a topic once", Filter{Topic: topic}, "Match was won (2) held", "Match begins (1) held")
		for _, id := range []string{"s", "t"} {
			r.deliver(mhp, story(id, 3, doc{"pubstatus": "withheld"}))
			lines, _, err := r.List(t.Context(), Filter{View: Killed})
			if err != nil || len(lines) == 0 {
				t.Fatal("nothing is recalled", err)
			}
			if err := r.Mark(t.Context(), lines[0].First, Ignored, "ida"); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := r.Count(t.Context()); n != 1 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}

		lines, _, err := r.List(t.Context(), Filter{})
		if err != nil {
			t.Fatal(err)
		}
		l, versions, err := r.Story(t.Context(), lines[0].First)
		if err != nil || l.ID != "urn:hpa.example:a" || len(versions) != 3 || versions[0].Version != "3" || versions[2].Version != "1" {
			t.Errorf("the story is %+v with %d versions, %v", l, len(versions), err)
		}

		mayor := lines[1].First
		if err := r.Mark(t.Context(), mayor, Ignored, "ida"); err != nil {
			t.Fatal(err)
		}
		is("an ignored story is not listed", Filter{}, "Harbour open again (3) updated")
		if err := r.Mark(t.Context(), mayor, Open, "ida"); err != nil {
			t.Fatal(err)
		}
		if err := r.Assign(t.Context(), mayor, "ida"); err != nil {
			t.Fatal(err)
		}
		is("what is mine", Filter{View: Mine, Who: "ida"}, "Mayor speaks (1) held")
		is("what is nobody's", Filter{View: Mine})

		if err := r.Mark(t.Context(), mayor, Used, "ida"); err != nil {
			t.Fatal(err)
		}
		is("what is used waits no more", Filter{View: Waiting})
		r.deliver(mhp, story("b", 1, doc{"headline": "Mayor speaks", "urgency": 1}))
		is("what came before changes nothing", Filter{View: Waiting})

		r.deliver(mhp, story("b", 2, doc{"headline": "", "pubstatus": "canceled", "body_html": nil}))
		is("a kill keeps the headline for editors", Filter{View: Killed}, "Mayor speaks (2) withdrawn")
		r.deliver(mhp, story("c", 1, doc{"headline": "Ferry late"}))
		lines, _, err = r.List(t.Context(), Filter{View: Waiting})
		if err != nil || len(lines) != 1 {
			t.Fatalf("%d wait, %v", len(lines), err)
		}
		if err := r.Mark(t.Context(), lines[0].First, Used, "ida"); err != nil {
			t.Fatal(err)
		}
		r.deliver(mhp, story("c", 2, doc{"headline": "Ferry later"}))
		is("the next version of what was used waits again", Filter{View: Waiting}, "Ferry later (2) held")
		r.deliver(mhp, story("b", 3, doc{"headline": "Mayor speaks again"}))
		is("what is killed stays so", Filter{View: Killed}, "Mayor speaks again (3) held")
	})
}

// TestListPages reads the list in pages while more comes: nothing is shown twice, and
// nothing is missed.
func TestListPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		deliver := func(from, to int) {
			for i := from; i < to; i++ {
				r.deliver(r.hpa, version(1, doc{"uri": fmt.Sprint("urn:hpa.example:", i), "headline": fmt.Sprint("Story ", i)}))
			}
		}
		deliver(0, PerPage+5)
		lines, before, err := r.List(t.Context(), Filter{})
		if err != nil || len(lines) != PerPage || before == 0 {
			t.Fatalf("the first page has %d stories, %v", len(lines), err)
		}
		deliver(PerPage+5, PerPage+8)
		rest, before, err := r.List(t.Context(), Filter{Before: before})
		if err != nil || len(rest) != 5 || before != 0 || rest[0].Headline != "Story 4" {
			t.Errorf("the second page has %d stories from %q on, %v", len(rest), rest[0].Headline, err)
		}
	})
}

// TestNumbersAreSeenInOrder has eight goroutines deliver while one looks: a story that
// is listed later has a greater number than all that were listed before.
func TestNumbersAreSeenInOrder(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		done := make(chan error, 8)
		for g := range 8 {
			go func() {
				var err error
				for i := 0; i < 12 && err == nil; i++ {
					_, err = r.Deliver(t.Context(), r.hpa, fmt.Sprint(g, "-", i), version(1, doc{"uri": fmt.Sprintf("urn:hpa.example:%d-%d", g, i)}).bytes(), nil)
				}
				done <- err
			}()
		}
		seen, last := map[int64]bool{}, int64(0)
		look := func() {
			lines, err := r.lines(t.Context(), `order by w.n`, nil)
			if err != nil {
				t.Fatal(err)
			}
			before := last
			for _, l := range lines {
				if !seen[l.N] && l.N <= before {
					t.Errorf("%d is listed after %d was", l.N, before)
				}
				seen[l.N], last = true, max(last, l.N)
			}
		}
		for left := 8; left > 0; {
			select {
			case err := <-done:
				if left--; err != nil {
					t.Error(err)
				}
			default:
				look()
			}
		}
		if look(); len(seen) != 96 {
			t.Errorf("%d stories are listed, want 96", len(seen))
		}
	})
}

// TestAgain reads a delivery once more that could not be read.
func TestAgain(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		results, err := r.Deliver(t.Context(), r.hpa, "cut.json", []byte(`{"uri":`), nil)
		if err != nil || results[0].Decision != Quarantined {
			t.Fatalf("%+v, %v", results, err)
		}
		if _, err := r.Refuse(t.Context(), r.hpa, "huge.xml", 1<<40); err != nil {
			t.Fatal(err)
		}
		bad, older, err := r.Quarantine(t.Context(), "")
		if err != nil || older != "" || len(bad) != 2 || bad[0].Name != "huge.xml" || bad[0].Whole || !bad[1].Whole || bad[1].Agency != "HPA" {
			t.Fatalf("in quarantine are %+v, %v", bad, err)
		}
		if _, err := r.Again(t.Context(), bad[0].ID); err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("what was not kept cannot be read again: %v", err)
		}
		if results, err = r.Again(t.Context(), bad[1].ID); err != nil || results[0].Decision != Quarantined {
			t.Errorf("it cannot be read yet: %+v, %v", results, err)
		}
		// A program that has learnt to read it finds an item in the same bytes.
		whole := version(1, nil).bytes()
		if err := r.DB.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update wire_delivery set raw = $2 where id = $1`, bad[1].ID, whole)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if results, err = r.Again(t.Context(), bad[1].ID); err != nil || results[0].Decision != Released {
			t.Errorf("it can be read now: %+v, %v", results, err)
		}
		if results, err = r.Again(t.Context(), bad[1].ID); err != nil || results[0].Decision != Known {
			t.Errorf("once more: %+v, %v", results, err)
		}
		if bad, _, err = r.Quarantine(t.Context(), ""); err != nil || len(bad) != 1 {
			t.Errorf("still in quarantine are %+v, %v", bad, err)
		}
		if name, raw, err := r.Raw(t.Context(), bad[0].ID); err != nil || name != "huge.xml" || len(raw) != 0 {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
	})
}
