package live

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A kit is the store under test, with two articles and two people.
type kit struct {
	*Store
	t     *testing.T
	clock papertest.Clock
}

func onBoth(t *testing.T, f func(k *kit)) {
	t.Helper()
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := &kit{t: t}
		k.Store = &Store{DB: d, Now: k.clock.Now, ID: db.NewID}
		k.tx(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into section (slug, name, position, shown) values ('city', 'City', 0, true)`)
			for _, id := range []string{"storm", "match"} {
				if err == nil {
					_, err = tx.Exec(t.Context(), `insert into article (id, section, slug, state, kind, language, weight, headline, kicker, standfirst, dateline, body, words,
							picture, caption, credit, alt, source_notice, canonical, noindex, feed, published, updated, embargo, embargo_open, expires,
							withdrawn, withdrawn_by, withdrawn_why, revision, edited, created, changed, live, folded, format)
						values ($1, 'city', $1, 'draft', 'news', 'en', 2, '', '', '', '', '{}', 0, '', '', '', '', '', '', false, 'full', 0, 0, 0, false, 0, 0, '', '', 0, false, 0, 0, 0, '', 'live')`, id)
				}
			}
			for _, id := range []string{"ida", "jon"} {
				if err == nil {
					_, err = tx.Exec(t.Context(), `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
						values ($1, $1, $1, $1, '', '', 'en', 'editor', '', '', 0, 'now', 0, '', 0, 1)`, id)
				}
			}
			return err
		})
		f(k)
	})
}

func (k *kit) tx(f func(tx *db.Tx) error) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), f))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// posts adds an entry a minute later.
func (k *kit) posts(headline string, change func(n *New)) (e Entry) {
	k.t.Helper()
	k.clock.Add(time.Minute)
	n := New{Article: "storm", Author: "ida", Words: Words{Headline: headline, Body: richtext.FromText("It is so: " + headline + ".")}}
	if change != nil {
		change(&n)
	}
	k.tx(func(tx *db.Tx) (err error) {
		e, err = k.Post(k.t.Context(), tx, n)
		return err
	})
	return e
}

func (k *kit) report() Report {
	k.t.Helper()
	r, err := k.Report(k.t.Context(), "storm")
	check(k.t, err)
	return r
}

func (k *kit) list(x Extent) (headlines []string, older string) {
	k.t.Helper()
	list, older, err := k.List(k.t.Context(), "storm", x)
	check(k.t, err)
	for _, e := range list {
		headlines = append(headlines, e.Headline)
	}
	return headlines, older
}

// refused checks that err is a Problem of a kind.
func refused(t *testing.T, what string, err error, kind problem.Kind, field string) {
	t.Helper()
	p := problem.Of(err)
	if p == nil || p.Kind != kind || field != "" && p.Fields[field] == "" {
		t.Errorf("%s: %v, want a problem of kind %v at %q", what, err, kind, field)
	}
}

// TestReport follows a live report from its first entry to its end.
func TestReport(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		if r := k.report(); r.Entries != 0 || !r.Running() || !r.Started.IsZero() {
			t.Fatalf("a report without entries: %+v", r)
		}
		first := k.posts("The sirens sound", nil)
		k.posts("The bridge is closed", func(n *New) { n.Key = true })
		before := k.posts("The wind rises", func(n *New) { n.At = k.clock.Now().Add(-time.Hour) })
		if got, _ := k.list(Extent{}); strings.Join(got, "; ") != "The bridge is closed; The sirens sound; The wind rises" {
			t.Errorf("the list is %q", got)
		}
		if r := k.report(); r.Entries != 3 || !r.Started.Equal(before.At) || r.Changes != 3 {
			t.Errorf("the report is %+v", r)
		}
		if keys, err := k.Keys(ctx, "storm"); err != nil || len(keys) != 1 || keys[0].Headline != "The bridge is closed" {
			t.Errorf("the key events are %+v, %v", keys, err)
		}

		// A change keeps what was there, and says that there was one.
		k.clock.Add(time.Minute)
		var e Entry
		change := Change{Article: "storm", Entry: first.ID, Version: 1, Author: "jon", Words: Words{Headline: "The sirens sound twice", Body: first.Body}, Correction: "They sounded twice, not once."}
		k.tx(func(tx *db.Tx) (err error) {
			e, err = k.Edit(ctx, tx, change)
			return err
		})
		if e.Version != 2 || !e.Edited.Equal(k.clock.Now()) || !e.Corrected.Equal(e.Edited) || e.Correction == "" || !e.At.Equal(first.At) {
			t.Errorf("it became %+v", e)
		}
		if was, err := k.Earlier(ctx, first.ID); err != nil || len(was) != 1 || was[0].Headline != "The sirens sound" || was[0].Author != "jon" {
			t.Errorf("it was %+v, %v", was, err)
		}
		err := k.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := k.Edit(ctx, tx, change)
			return err
		})
		refused(t, "a change of what somebody changed since", err, problem.Conflict, "")
		var stale *Stale
		if !errors.As(err, &stale) || stale.Entry.Headline != "The sirens sound twice" {
			t.Errorf("the other is %+v", stale)
		}
		change.Version = 2
		k.tx(func(tx *db.Tx) (err error) {
			e, err = k.Edit(ctx, tx, change)
			return err
		})
		if e.Version != 2 {
			t.Errorf("a change of nothing is version %d", e.Version)
		}

		// A later change that corrects nothing leaves the correction its time.
		k.clock.Add(time.Minute)
		corrected := e.Corrected
		change.Headline, change.Correction = "The sirens sound twice in the street", ""
		k.tx(func(tx *db.Tx) (err error) {
			e, err = k.Edit(ctx, tx, change)
			return err
		})
		if e.Version != 3 || !e.Edited.Equal(k.clock.Now()) || !e.Corrected.Equal(corrected) || e.Correction == "" {
			t.Errorf("after a later change it is %+v, corrected %v", e, corrected)
		}
		change.Version, change.Headline = 3, "The sirens sound twice"
		k.tx(func(tx *db.Tx) (err error) {
			e, err = k.Edit(ctx, tx, change)
			return err
		})

		// Removed, it is nobody's; back, it is where it was.
		k.tx(func(tx *db.Tx) error {
			_, err := k.Remove(ctx, tx, "storm", first.ID)
			return err
		})
		if got, _ := k.list(Extent{}); len(got) != 2 || k.report().Entries != 2 {
			t.Errorf("without it: %q, %+v", got, k.report())
		}
		if got, _ := k.list(Extent{All: true}); len(got) != 3 {
			t.Errorf("the desk has %q", got)
		}
		_, _, err = k.Entry(ctx, "storm", first.ID)
		refused(t, "an entry that was removed", err, problem.NotFound, "")
		k.tx(func(tx *db.Tx) error {
			_, err := k.Restore(ctx, tx, "storm", first.ID)
			return errors.Join(err, func() error { _, err := k.Restore(ctx, tx, "storm", first.ID); return err }())
		})
		if got, _ := k.list(Extent{}); len(got) != 3 || got[1] != "The sirens sound twice" || k.report().Entries != 3 {
			t.Errorf("with it: %q, %+v", got, k.report())
		}

		// What has changed since is told once, in the order of the changes.
		since, more, err := k.Since(ctx, "storm", 2)
		if err != nil || more || len(since) != 2 || since[0].Headline != "The wind rises" {
			t.Errorf("since the second change: %+v, %t, %v", since, more, err)
		}

		k.tx(func(tx *db.Tx) error {
			return k.Summarise(ctx, tx, "storm", 0, richtext.FromText("One bridge is closed."))
		})
		err = k.DB.Tx(ctx, func(tx *db.Tx) error { return k.Summarise(ctx, tx, "storm", 0, richtext.FromText("Two are.")) })
		refused(t, "a summary that does not follow", err, problem.Conflict, "")
		if r := k.report(); r.Summary.Text() != "One bridge is closed." || r.Summarised.IsZero() {
			t.Errorf("the summary is %+v", r)
		}

		ends := func(f func() (bool, error), want bool) {
			t.Helper()
			if got, err := f(); err != nil || got != want {
				t.Errorf("changed: %t, %v", got, err)
			}
		}
		k.tx(func(tx *db.Tx) error {
			ends(func() (bool, error) { return k.End(ctx, tx, "storm") }, true)
			ends(func() (bool, error) { return k.End(ctx, tx, "storm") }, false)
			return nil
		})
		err = k.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := k.Post(ctx, tx, New{Article: "storm", Author: "ida", Words: Words{Headline: "Late"}})
			return err
		})
		refused(t, "an entry after the end", err, problem.Conflict, "")
		if on, err := k.Running(ctx, "storm", "match"); err != nil || on["storm"] || !on["match"] {
			t.Errorf("running: %v, %v", on, err)
		}
		k.tx(func(tx *db.Tx) error {
			ends(func() (bool, error) { return k.Resume(ctx, tx, "storm") }, true)
			return nil
		})
		check(t, k.Verify(ctx, func(s string) { t.Error(s) }))
		k.tx(func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update live_report set entries = 9`)
			return err
		})
		told := 0
		check(t, k.Verify(ctx, func(string) { told++ }))
		if told != 1 {
			t.Errorf("a wrong count is told %d times", told)
		}
	})
}

// TestWords is about what an entry may say.
func TestWords(t *testing.T) {
	onBoth(t, func(k *kit) {
		figure := richtext.Doc{Blocks: []richtext.Block{{Kind: richtext.Figure, URL: "https://elsewhere.example/a.jpg"}}}
		for _, test := range []struct {
			what, field string
			words       Words
		}{
			{"nothing", "body", Words{Headline: " \n "}},
			{"a long headline", "headline", Words{Headline: strings.Repeat("x", 201)}},
			{"a long name", "signed", Words{Headline: "x", Signed: strings.Repeat("x", 101)}},
			{"a time to come", "at", Words{Headline: "x", At: k.clock.Now().Add(time.Hour)}},
			{"a long text", "body", Words{Body: richtext.FromText(strings.Repeat("x ", 6001))}},
			{"a picture from elsewhere", "body", Words{Body: figure}},
		} {
			err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := k.Post(t.Context(), tx, New{Article: "storm", Author: "ida", Words: test.words})
				return err
			})
			refused(t, test.what, err, problem.Invalid, test.field)
		}
		e := k.posts("", func(n *New) {
			n.Body = richtext.Doc{Blocks: []richtext.Block{{Kind: richtext.CrossHead, Text: []richtext.Span{{Text: "Loud"}}}}}
		})
		if b := e.Body.Blocks[0]; b.Kind != richtext.Paragraph || !b.Text[0].Strong || e.Title() != "Loud" {
			t.Errorf("a cross-head became %+v, the title %q", b, e.Title())
		}
		if r := k.report(); r.Entries != 1 {
			t.Errorf("%d entries", r.Entries)
		}
	})
}

// TestPages goes through many entries, page by page, and to one in the middle.
func TestPages(t *testing.T) {
	onBoth(t, func(k *kit) {
		var ids []string
		for i := range 2*PageSize + 5 {
			e := k.posts(fmt.Sprint(i), func(n *New) {
				if i%2 == 1 {
					n.At = k.clock.Now().Add(-time.Minute) // two at the same time
				}
			})
			ids = append(ids, e.ID)
		}
		seen := map[string]bool{}
		from, pages := "", 0
		for {
			list, older := k.list(Extent{From: from})
			for _, h := range list {
				if seen[h] {
					t.Errorf("%s comes twice", h)
				}
				seen[h] = true
			}
			if pages++; older == "" {
				break
			}
			from = older
		}
		if pages != 3 || len(seen) != 2*PageSize+5 {
			t.Errorf("%d pages with %d entries", pages, len(seen))
		}
		list, _ := k.list(Extent{From: ids[7]})
		if list[0] != "7" {
			t.Errorf("the page of 7 begins with %s", list[0])
		}
		if _, newest, err := k.Entry(t.Context(), "storm", ids[7]); err != nil || newest {
			t.Errorf("7 stands on the newest page: %t, %v", newest, err)
		}
		if _, newest, err := k.Entry(t.Context(), "storm", ids[44]); err != nil || !newest {
			t.Errorf("44 does not stand on the newest page: %t, %v", newest, err)
		}
		_, _, err := k.List(t.Context(), "match", Extent{From: ids[7]})
		refused(t, "an entry of another report", err, problem.NotFound, "")
		if _, more, err := k.Since(t.Context(), "storm", 1); err != nil || !more {
			t.Errorf("all at once: %t, %v", more, err)
		}
	})
}

// TestPlans is about what a page costs: what it reads comes from an index, as many
// rows as it shows, however many entries there are.
func TestPlans(t *testing.T) {
	d := papertest.SQLite(t)
	first, firstArgs := Extent{}.sql("storm", Entry{})
	next, nextArgs := Extent{From: "e"}.sql("storm", Entry{ID: "e", At: time.Now()})
	desk, deskArgs := Extent{All: true}.sql("storm", Entry{})
	for _, test := range []struct {
		name, query, index string
		args               []any
	}{
		{"the newest page", first, "live_entry_at", firstArgs},
		{"a later page", next, "live_entry_at", nextArgs},
		{"the desk's page", desk, "live_entry_at", deskArgs},
		{"the key events", keysSQL, "live_entry_key", []any{"storm", 20}},
		{"the newest entry", lastSQL, "live_entry_at", []any{"storm"}},
		{"what has changed", sinceSQL, "live_entry_change", []any{"storm", 3, 41}},
	} {
		rows, err := d.Query(t.Context(), `explain query plan `+test.query, test.args...)
		check(t, err)
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			check(t, rows.Scan(&id, &parent, &unused, &detail))
			plan = append(plan, detail)
		}
		rows.Close()
		if got := strings.Join(plan, "; "); !strings.Contains(got, test.index) || strings.Contains(got, "TEMP B-TREE") || strings.Contains(got, "SCAN") {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

// TestManyPost has eight people post at once: with one key it is one entry, with
// eight it is eight, and the count is right.
func TestManyPost(t *testing.T) {
	onBoth(t, func(k *kit) {
		var wg sync.WaitGroup
		ids := make([]string, 16)
		for i := range 8 {
			for j, attempt := range []string{"the same", fmt.Sprint("another ", i)} {
				wg.Go(func() {
					err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
						e, err := k.Post(t.Context(), tx, New{Article: "storm", Author: "ida", Attempt: attempt, Words: Words{Headline: attempt}})
						ids[2*i+j] = e.ID
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		different := map[string]bool{}
		for _, id := range ids {
			different[id] = true
		}
		if r := k.report(); len(different) != 9 || r.Entries != 9 || r.Changes != 9 {
			t.Errorf("%d entries, the report says %+v", len(different), r)
		}
		// Eight remove one, and eight bring it back: it is counted once.
		for _, f := range []func(tx *db.Tx) error{
			func(tx *db.Tx) error { _, err := k.Remove(t.Context(), tx, "storm", ids[0]); return err },
			func(tx *db.Tx) error { _, err := k.Restore(t.Context(), tx, "storm", ids[0]); return err },
		} {
			for range 8 {
				wg.Go(func() {
					if err := k.DB.Tx(t.Context(), f); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		if r := k.report(); r.Entries != 9 || r.Changes != 11 {
			t.Errorf("after all of it: %+v", r)
		}
		err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := k.Post(t.Context(), tx, New{Article: "match", Author: "ida", Attempt: "the same", Words: Words{Headline: "x"}})
			return err
		})
		refused(t, "the same form for another article", err, problem.Conflict, "")
		check(t, k.Verify(t.Context(), func(s string) { t.Error(s) }))
	})
}
