package wire

import (
	"context"
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
)

// permutations lists every order of 0 to n-1.
func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, p := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return all
}

// TestOrderOfArrival holds that what readers get of a story does not depend on
// the order in which its versions came, nor on how often they came.
func TestOrderOfArrival(t *testing.T) {
	const none = "" // 404 or 410: it differs whether readers had it before
	start := (&papertest.Clock{}).Now()
	in := func(d time.Duration) doc { return doc{"embargoed": start.Add(d).Format(time.RFC3339)} }
	withheld, canceled := doc{"pubstatus": "withheld"}, doc{"pubstatus": "canceled"}
	open, unknown, noText := doc{"pubstatus": "embargoed"}, doc{"pubstatus": "sub judice"}, doc{"body_html": ""}
	unknownIn := func(d time.Duration) doc { u := in(d); u["pubstatus"] = "sub judice"; return u }
	tests := []struct {
		name  string
		docs  []doc
		want  string // readers have it at once
		later string // and after the embargo of an hour
	}{
		{"an update", []doc{version(1, nil), version(2, nil), version(3, nil)}, "Ferry 3", "Ferry 3"},
		{"a kill", []doc{version(1, nil), version(2, nil), version(3, canceled)}, none, none},
		{"a kill of an older version", []doc{version(1, canceled), version(2, nil)}, none, none},
		{"a kill of the same version", []doc{version(1, nil), version(1, canceled)}, none, none},
		{"a kill and what follows it", []doc{version(1, nil), version(2, canceled), version(3, nil)}, none, none},
		{"withheld", []doc{version(1, nil), version(2, withheld)}, none, none},
		{"withheld and released", []doc{version(1, nil), version(2, withheld), version(3, nil)}, "Ferry 3", "Ferry 3"},
		{"withheld, released, withheld", []doc{version(1, nil), version(2, withheld), version(3, nil), version(4, withheld)}, none, none},
		{"withheld, released, killed", []doc{version(2, withheld), version(3, nil), version(4, canceled), version(5, nil)}, none, none},
		{"withheld, then no text", []doc{version(1, nil), version(2, withheld), version(3, noText)}, none, none},
		{"withheld, then unknown", []doc{version(1, nil), version(2, withheld), version(3, unknown)}, none, none},
		{"no text after text", []doc{version(1, nil), version(2, noText)}, "Ferry 1", "Ferry 1"},
		{"unknown after usable", []doc{version(1, nil), version(2, unknown)}, "Ferry 1", "Ferry 1"},
		{"unknown before usable", []doc{version(1, unknown), version(2, nil)}, "Ferry 2", "Ferry 2"},
		{"unknown", []doc{version(1, unknown), version(2, unknown)}, none, none},
		{"embargoed", []doc{version(1, in(time.Hour))}, none, "Ferry 1"},
		{"embargoed, then released", []doc{version(1, in(time.Hour)), version(2, nil)}, "Ferry 2", "Ferry 2"},
		{"released, then embargoed", []doc{version(1, nil), version(2, in(time.Hour))}, none, "Ferry 2"},
		{"embargoed for longer", []doc{version(1, in(time.Hour)), version(2, in(2*time.Hour))}, none, none},
		{"embargoed for less", []doc{version(1, in(2*time.Hour)), version(2, in(time.Hour))}, none, "Ferry 2"},
		{"embargoed without end", []doc{version(1, nil), version(2, open)}, none, none},
		{"embargoed without end, then with", []doc{version(1, nil), version(2, open), version(3, in(time.Hour))}, none, "Ferry 3"},
		{"embargoed without end, then released", []doc{version(1, open), version(2, nil)}, "Ferry 2", "Ferry 2"},
		{"unknown under embargo", []doc{version(1, nil), version(2, unknownIn(time.Hour))}, none, "Ferry 1"},
		{"embargoed and killed", []doc{version(1, in(time.Hour)), version(2, canceled)}, none, none},
		{"a package", []doc{version(1, doc{"type": "composite", "body_html": nil, "associations": doc{"a": doc{"uri": "urn:x"}}})}, none, none},
		{"no headline and no words", []doc{version(1, doc{"headline": "", "body_html": "<table><tr><td></td></tr></table>"})}, none, none},
	}
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, n := newRoom(t, d), 0
		for _, test := range tests {
			r.clock.Set(start)
			var ids []string
			for _, order := range permutations(len(test.docs)) {
				n++
				id := fmt.Sprint("urn:hpa.example:ferry-", n)
				var came []string
				for _, i := range order {
					test.docs[i]["uri"] = id
					came = append(came, fmt.Sprint(test.docs[i]["version"], " ", test.docs[i]["pubstatus"]))
					r.deliver(r.hpa, test.docs[i], test.docs[i]) // everything comes twice
				}
				ids = append(ids, id)
				if got := r.read(r.hpa, id); !matches(got, test.want) {
					t.Errorf("%s: readers have %s after %s", test.name, got, strings.Join(came, ", "))
				}
			}
			r.clock.Set(start.Add(time.Hour))
			for i, id := range ids {
				if got := r.read(r.hpa, id); !matches(got, test.later) {
					t.Errorf("%s, order %v: readers have %s an hour later", test.name, permutations(len(test.docs))[i], got)
				}
			}
		}
		r.whole()
	})
}

func matches(got, want string) bool {
	return got == want || want == "" && (got == "404" || got == "410")
}

// TestDecisions holds what is decided and told of each delivery, in turn.
func TestDecisions(t *testing.T) {
	edit := func(r *room, a *article.Article) error {
		return r.DB.Tx(r.t.Context(), func(tx *db.Tx) error {
			c := a.Content
			c.Headline = "Our ferry"
			return r.Articles.Revise(r.t.Context(), tx, a.ID, c, article.Revision{Reason: article.Edit, By: "desk", Edited: true})
		})
	}
	withdraw := func(r *room, a *article.Article) error {
		return r.DB.Tx(r.t.Context(), func(tx *db.Tx) error {
			return r.Articles.Withdraw(r.t.Context(), tx, a.ID, article.Withdrawal{By: "the editors"})
		})
	}
	publish := func(r *room, a *article.Article) error {
		return r.DB.Tx(r.t.Context(), func(tx *db.Tx) error {
			return r.Articles.Publish(r.t.Context(), tx, a.ID, time.Time{})
		})
	}
	review := func(r *room, a *article.Article) error {
		return r.DB.Tx(r.t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(r.t.Context(), `update article set state = 'review' where id = $1`, a.ID)
			return err
		})
	}
	limit := func(r *room, a *article.Article) error {
		return r.DB.Tx(r.t.Context(), func(tx *db.Tx) error {
			return r.Articles.SetRights(r.t.Context(), tx, a.ID, article.Rights{NoIndex: true, Expires: r.clock.Now().Add(time.Hour)})
		})
	}
	withheld, canceled := doc{"pubstatus": "withheld"}, doc{"pubstatus": "canceled"}
	unknown, soon := doc{"pubstatus": "OPEN"}, doc{"embargoed": "2025-11-03T10:00:00Z"}
	type step struct {
		doc  doc
		deed func(*room, *article.Article) error
		want Decision
		read string
	}
	for _, test := range []struct {
		name  string
		rule  Rule
		steps []step
	}{
		{"published, updated, killed, late", Auto, []step{
			{version(2, nil), nil, Released, "Ferry 2"},
			{version(3, nil), nil, Updated, "Ferry 3"},
			{version(1, nil), nil, Kept, "Ferry 3"},
			{version(4, canceled), nil, Recalled, "410"},
			{version(5, nil), nil, Held, "410"},
			{version(4, canceled), nil, Recalled, "410"},
		}},
		{"a kill of what is not here", Auto, []step{{version(1, canceled), nil, Kept, "404"}, {version(1, nil), nil, Kept, "404"}, {version(2, nil), nil, Held, "404"}}},
		{"withheld and released", Auto, []step{
			{version(1, nil), nil, Released, "Ferry 1"},
			{version(2, withheld), nil, Recalled, "410"},
			{version(1, nil), nil, Kept, "410"},
			{version(3, nil), nil, Updated, "Ferry 3"},
			{version(2, withheld), nil, Kept, "Ferry 3"},
		}},
		{"embargoed", Auto, []step{{version(1, soon), nil, Embargoed, "404"}, {version(2, nil), nil, Updated, "Ferry 2"}}},
		{"held for an editor", Hold, []step{
			{version(1, nil), nil, Held, "404"},
			{version(3, nil), nil, Held, "404"},
			{version(2, nil), nil, Kept, "404"},
			{nil, publish, "", "Ferry 3"},
			{version(4, nil), nil, Held, "Ferry 3"},
			{version(5, canceled), nil, Recalled, "410"},
		}},
		{"a draft killed", Hold, []step{{version(1, nil), nil, Held, "404"}, {version(2, canceled), nil, Recalled, "404"}}},
		{"unknown, then usable", Auto, []step{{version(1, unknown), nil, Held, "404"}, {version(2, nil), nil, Released, "Ferry 2"}}},
		{"edited", Auto, []step{
			{version(1, nil), nil, Released, "Ferry 1"},
			{nil, edit, "", "Our ferry"},
			{version(2, nil), nil, Held, "Our ferry"},
			{version(3, withheld), nil, Recalled, "410"},
			{version(4, nil), nil, Held, "410"},
		}},
		{"edited, then embargoed", Auto, []step{
			{version(1, nil), nil, Released, "Ferry 1"}, {nil, edit, "", "Our ferry"}, {version(2, soon), nil, Held, "404"},
		}},
		{"an edited draft", Hold, []step{{version(1, nil), nil, Held, "404"}, {nil, edit, "", "404"}, {version(2, nil), nil, Held, "404"}, {nil, publish, "", "Our ferry"}}},
		{"in review", Auto, []step{{version(1, unknown), nil, Held, "404"}, {nil, review, "", "404"}, {version(2, nil), nil, Held, "404"}}},
		{"withdrawn by the paper", Auto, []step{
			{version(1, nil), nil, Released, "Ferry 1"},
			{nil, withdraw, "", "410"},
			{version(2, nil), nil, Held, "410"},
			{version(3, withheld), nil, Recalled, "410"},
			{version(4, nil), nil, Held, "410"},
		}},
		{"the desk's rights stay", Auto, []step{
			{version(1, nil), nil, Released, "Ferry 1"},
			{nil, limit, "", "Ferry 1"},
			{version(2, nil), nil, Updated, "Ferry 2"},
			{nil, func(r *room, a *article.Article) error {
				if !a.NoIndex || a.Expires.IsZero() {
					return errors.New("the wire has undone the rights that the desk set")
				}
				return nil
			}, "", "Ferry 2"},
		}},
		{"sounds", Auto, []step{{version(1, doc{"type": "audio"}), nil, Kept, "404"}}},
		{"a picture that is not here", Auto, []step{{version(1, doc{"type": "picture", "renditions": doc{"main": doc{"href": "ferry.jpg", "mimetype": "image/jpeg"}}}), nil, Kept, "404"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRoom(t, papertest.SQLite(t))
			src := r.source(Source{Name: "Kestrel", Publish: test.rule})
			for i, step := range test.steps {
				if step.deed != nil {
					if err := step.deed(r, r.story(src, "urn:hpa.example:ferry")); err != nil {
						t.Fatal(err)
					}
				} else if got := r.deliver(src, step.doc); !slices.Equal(got, []Decision{step.want}) {
					t.Errorf("step %d: %q, want %q", i+1, got, step.want)
				}
				if got := r.read(src, "urn:hpa.example:ferry"); got != step.read {
					t.Errorf("step %d: readers have %s, want %s", i+1, got, step.read)
				}
			}
			r.whole()
		})
	}
}

// TestOpenFeeds holds that entries of feeds are published only where the source says so.
func TestOpenFeeds(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	const rss = `<rss version="2.0"><channel><title>Kestrel</title><link>https://kestrel.example/</link>
		<item><guid>k1</guid><title>Night ferry sails</title><description>&lt;p&gt;It sails again on Friday.&lt;/p&gt;</description></item></channel></rss>`
	for _, test := range []struct {
		source Source
		want   Decision
		read   string
	}{
		{Source{Name: "Closed", Publish: Auto}, Held, "404"},
		{Source{Name: "Open", Publish: Auto, Feeds: true}, Released, "Night ferry sails"},
		{Source{Name: "Hold", Publish: Hold, Feeds: true}, Held, "404"},
	} {
		src := r.source(test.source)
		results, err := r.Deliver(t.Context(), src, "feed.xml", []byte(rss), nil)
		if err != nil || len(results) != 1 || results[0].Decision != test.want {
			t.Fatalf("%s: %+v, %v", src.Name, results, err)
		}
		if got := r.read(src, results[0].ID); got != test.read {
			t.Errorf("%s: readers have %s", src.Name, got)
		}
	}
}

// TestUnderEight delivers one story's versions, and each of them again, in
// eight goroutines: the end is that of any sequence.
func TestUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		for _, test := range []struct {
			last string
			want string
		}{{"usable", "Ferry 8"}, {"canceled", ""}, {"withheld", ""}} {
			id := "urn:hpa.example:" + test.last
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					for j := range 8 {
						n := (i+j)%8 + 1
						more := doc{"uri": id}
						if n == 8 {
							more["pubstatus"] = test.last
						}
						name := fmt.Sprintf("%s-%d-%d.json", test.last, n, i%2) // the same file, and the same story under another name
						if _, err := r.Deliver(ctx, r.hpa, name, version(n, more).bytes(), nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			if got := r.read(r.hpa, id); !matches(got, test.want) {
				t.Errorf("%s: readers have %s", test.last, got)
			}
			if n := r.count(`wire_item where id = $1`, id); n != 8 {
				t.Errorf("%s: %d versions are stored", test.last, n)
			}
			if n := r.count(`wire_delivery where name like $1`, test.last+"-%"); n != 16 {
				t.Errorf("%s: %d deliveries are stored, want 16", test.last, n)
			}
		}
		if n := r.count(`article`); n > 3 {
			t.Errorf("three stories are %d articles", n)
		}
		r.whole()
	})
}

// TestFaultStoresNothing breaks the database in the middle of a delivery.
func TestFaultStoresNothing(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		exec := func(sql string) {
			t.Helper()
			err := d.Tx(ctx, func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, sql)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		two := []byte("[" + string(version(1, nil).bytes()) + "," + string(version(1, doc{"uri": "urn:hpa.example:quay"}).bytes()) + "]")
		exec(`alter table revision rename to revision_gone`)
		results, err := r.Deliver(ctx, r.hpa, "two.json", two, nil)
		if err == nil {
			t.Fatalf("delivered into a broken database: %+v", results)
		}
		for _, table := range []string{"wire_delivery", "wire_item", "wire_story", "article", "address", "outbox"} {
			if n := r.count(table); n != 0 {
				t.Errorf("the fault left %d rows in %s", n, table)
			}
		}
		exec(`alter table revision_gone rename to revision`)
		if results, err := r.Deliver(ctx, r.hpa, "two.json", two, nil); err != nil || r.count("article") != 2 {
			t.Errorf("delivered again: %+v, %d articles, %v", results, r.count("article"), err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := r.Deliver(gone, r.hpa, "three.json", version(9, nil).bytes(), nil); err == nil {
			t.Error("delivered after the end of the context")
		}
	})
}
