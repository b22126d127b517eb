package search

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// a desk is a paper with articles that can be searched.
type testDesk struct {
	*Store
	t     *testing.T
	clock papertest.Clock
}

func open(t *testing.T, d *db.DB) *testDesk {
	t.Helper()
	k := &testDesk{t: t}
	log := slog.New(slog.DiscardHandler)
	jobs := job.New(d, log)
	articles := &article.Store{DB: d, Jobs: jobs, Now: k.clock.Now, ID: db.NewID}
	job.Handle(jobs, article.DueKind, articles.ComeDue)
	k.Store = &Store{DB: d, Articles: articles, Jobs: jobs, Now: k.clock.Now, Log: log}
	k.Work()
	k.check(articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "sport", Name: "Sport"}}))
	return k
}

func (k *testDesk) check(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *testDesk) tx(fn func(tx *db.Tx) error) {
	k.t.Helper()
	k.check(k.DB.Tx(k.t.Context(), fn))
}

// publish makes an article that readers have had for some time, and indexes it.
func (k *testDesk) publish(ago time.Duration, headline, body string, change ...func(*article.New)) (id string) {
	k.t.Helper()
	n := article.New{Section: "city", Class: article.Class{Language: "en"}, By: "test", Content: article.Content{Headline: headline, Body: richtext.FromText(body)}}
	for _, c := range change {
		c(&n)
	}
	k.tx(func(tx *db.Tx) (err error) {
		if id, err = k.Articles.Create(k.t.Context(), tx, n); err != nil {
			return err
		}
		return k.Articles.Publish(k.t.Context(), tx, id, k.clock.Now().Add(-ago))
	})
	k.check(k.Index(k.t.Context(), id))
	return id
}

// find returns the headlines that are found.
func (k *testDesk) find(q Query) string {
	k.t.Helper()
	var all []string
	for range 100 {
		p, err := k.Find(k.t.Context(), q)
		if err != nil {
			return "refused: " + err.Error()
		}
		for _, f := range p.List {
			all = append(all, f.Card.Headline)
		}
		if q.After = p.Next; q.After == "" {
			break
		}
	}
	return strings.Join(all, ", ")
}

func TestFind(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.publish(time.Hour, "Harbour opens", "The tide gate at Eastquay is closed.")
		k.publish(2*time.Hour, "Tide gate closed", "The gate, which is for the tide, is old.", func(n *article.New) { n.Section, n.Bylines = "sport", []string{"Maren Okuda"} })
		k.publish(3*time.Hour, "Trams", "Nothing of that.", func(n *article.New) {
			n.Standfirst, n.Topics = "The tide gate holds", []string{"city planning"}
			n.Lead = article.Lead{Caption: "A lantern"}
		})
		k.publish(48*time.Hour, "東京都議会、予算を可決", "カワラ湾の潮門について議論した。", func(n *article.New) { n.Bylines = []string{"山田花子"} })
		now := k.clock.Now()
		for _, test := range []struct {
			name string
			q    Query
			want string
		}{
			{"best", Query{Words: "tide gate"}, "Tide gate closed, Trams, Harbour opens"},
			{"newest", Query{Words: "tide gate", Newest: true}, "Harbour opens, Tide gate closed, Trams"},
			{"phrase", Query{Words: `"tide gate at"`}, "Harbour opens"},
			{"without", Query{Words: "tide -eastquay"}, "Tide gate closed, Trams"},
			{"without, newest", Query{Words: `tide -"gate at"`, Newest: true}, "Tide gate closed, Trams"},
			{"plural", Query{Words: "tram"}, "Trams"},
			{"folded", Query{Words: "TIDÉ GÀTES", Section: "sport"}, "Tide gate closed"},
			{"section alone", Query{Section: "sport"}, "Tide gate closed"},
			{"byline", Query{By: "okuda"}, "Tide gate closed"},
			{"byline as a word", Query{Words: "okuda"}, "Tide gate closed"},
			{"byline in Japanese", Query{By: "山田"}, "東京都議会、予算を可決"},
			{"topic", Query{Words: "planning"}, "Trams"},
			{"caption", Query{Words: "lantern"}, "Trams"},
			{"since", Query{Words: "tide", From: now.Add(-90 * time.Minute)}, "Harbour opens"},
			{"until", Query{Words: "tide", To: now.Add(-90 * time.Minute)}, "Tide gate closed, Trams"},
			{"two characters", Query{Words: "予算"}, "東京都議会、予算を可決"},
			{"one character", Query{Words: "潮"}, "東京都議会、予算を可決"},
			{"across", Query{Words: "京都議"}, "東京都議会、予算を可決"},
			{"katakana", Query{Words: "ｶﾜﾗ湾"}, "東京都議会、予算を可決"},
			{"not across fields", Query{Words: `"closed the"`}, ""},
			{"nothing", Query{Words: "zeppelin"}, ""},
			{"marks are no words", Query{Words: "_all _in_city"}, ""},
			{"only signs", Query{Words: "?! 🙂"}, "refused: There is no word or number in this. Write at least one."},
			{"only without", Query{Words: "-tide"}, "refused: This says only what is not wanted. Add a word that is."},
			{"without in a section", Query{Words: "-eastquay", Section: "city"}, "Trams, 東京都議会、予算を可決"},
			{"wrong way", Query{Words: "a", From: now, To: now.Add(-time.Hour)}, "refused: This day is before the first one. Choose a later one."},
			{"no page", Query{Words: "tide", After: "x'"}, "refused: This page of the search does not exist. Search again."},
		} {
			if got := k.find(test.q); got != test.want {
				t.Errorf("%s: %s, want %s", test.name, got, test.want)
			}
		}
	})
}

// TestPages goes through many finds a page at a time, each of them once.
func TestPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		want := map[bool][]string{}
		for i := range 2*PerPage + 5 {
			headline := fmt.Sprintf("Story %d", i)
			if i%3 == 0 {
				headline = fmt.Sprintf("Gate %d", i)
			}
			ago := time.Duration(i/4) * time.Millisecond // several at a time
			k.publish(ago, headline, "The gate.")
			want[true] = append(want[true], headline)
		}
		for _, q := range []Query{{Words: "gate", Newest: true}, {Words: "gate"}, {Words: "gate -zeppelin"}, {Words: "gate -zeppelin", Newest: true}} {
			newest, got := q.Newest, strings.Split(k.find(q), ", ")
			slices.Sort(got)
			expected := slices.Sorted(slices.Values(want[true]))
			if !slices.Equal(got, expected) {
				t.Errorf("newest %t: %d finds: %q", newest, len(got), got)
			}
		}
	})
}

// TestDeep ends the order of the best after Deep, in whatever pages, and goes by the
// whole text where a word must not stand.
func TestDeep(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.tx(func(tx *db.Tx) error {
			for i := range Deep + 30 {
				n := article.New{Section: "city", By: "test", Content: article.Content{Headline: fmt.Sprintf("Gate %d", i), Body: richtext.FromText("Odd.")}}
				if i%2 == 0 {
					n.Headline, n.Body = fmt.Sprintf("Story %d", i), richtext.FromText("The gate, even.")
				}
				id, err := k.Articles.Create(t.Context(), tx, n)
				if err == nil {
					err = k.Articles.Publish(t.Context(), tx, id, k.clock.Now().Add(-time.Duration(i)*time.Hour))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		_, err := k.Rebuild(t.Context(), func(int) {})
		k.check(err)
		for words, want := range map[string]int{"gate": Deep, "gate -zeppelin": Deep, "gate -even": Deep/2 + 15, "gate -odd": Deep/2 + 15} {
			list := strings.Split(k.find(Query{Words: words}), ", ")
			sorted := slices.Sorted(slices.Values(list))
			if len(list) != want || len(slices.Compact(sorted)) != want {
				t.Errorf("%s finds %d, %d of them once; want %d", words, len(list), len(slices.Compact(sorted)), want)
			}
			for i, h := range list {
				if strings.HasPrefix(h, "Gate") != (i < Deep/2+15 && words != "gate -odd") {
					t.Fatalf("%s: %s is at place %d", words, h, i)
				}
			}
		}
	})
}

// TestOnlyReadable holds what is found to what readers may have at that moment, also
// when the index does not know yet.
// TestPace holds that PostgreSQL writes at the pace that is given with what is written.
func TestPace(t *testing.T) {
	k := open(t, papertest.Postgres(t))
	k.tx(func(tx *db.Tx) error {
		if err := put(t.Context(), tx, true, sent, together, doc{1, []string{all}}); err != nil {
			return err
		}
		var limit string
		err := tx.QueryRow(t.Context(), `select current_setting('gin_pending_list_limit')`).Scan(&limit)
		if limit != "16MB" {
			t.Errorf("%s may wait", limit)
		}
		return err
	})
}

// TestWithoutFar looks past very many headlines that say what is not wanted further down.
func TestWithoutFar(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.publish(time.Minute, "Harbour", "The tide is low.")
		for i := range 60 {
			k.publish(time.Duration(i+2)*time.Minute, fmt.Sprint("Tide number ", i), "At the gate.")
		}
		k.publish(90*time.Minute, "Tide at last", "Nothing else.")
		if got := k.find(Query{Words: "tide -gate"}); got != "Tide at last, Harbour" {
			t.Errorf("found %q", got)
		}
	})
}

func TestOnlyReadable(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		ctx := t.Context()
		now := k.clock.Now()
		k.publish(time.Hour, "Open", "canary")
		embargoed := k.publish(time.Hour, "Embargoed", "canary", func(n *article.New) { n.Embargo = now.Add(time.Hour) })
		k.publish(-time.Hour, "Future", "canary")
		k.publish(time.Hour, "Expired", "canary", func(n *article.New) { n.Expires = now.Add(-time.Minute) })
		k.publish(time.Hour, "Ending", "canary", func(n *article.New) { n.Expires = now.Add(time.Minute) })
		gone := k.publish(time.Hour, "Gone", "canary")
		if got := k.find(Query{Words: "canary", Newest: true}); strings.Count(got, ",") != 2 {
			t.Errorf("first there is %s", got)
		}
		k.tx(func(tx *db.Tx) error { return k.Articles.Withdraw(ctx, tx, gone, article.Withdrawal{By: "AFP"}) })
		k.clock.Set(now.Add(2 * time.Minute))
		if got := k.find(Query{Words: "canary"}); got != "Open" {
			t.Errorf("before the index knows there is %s", got)
		}
		k.check(k.Index(ctx, gone))
		k.clock.Set(now.Add(2 * time.Hour))
		k.check(k.Index(ctx, embargoed))
		if got := k.find(Query{Words: "canary"}); got != "Open, Embargoed" && got != "Embargoed, Open" {
			t.Errorf("later there is %s", got)
		}
		if list, err := k.Suggest(ctx, "go", 5); err != nil || len(list) != 0 {
			t.Errorf("suggested: %v, %v", list, err)
		}
		if list, err := k.Suggest(ctx, "op", 5); err != nil || len(list) != 1 || list[0].Headline != "Open" {
			t.Errorf("suggested: %v, %v", list, err)
		}
	})
}

// TestRebuild builds the index from nothing, and again after it was spoilt.
func TestRebuild(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		ctx := t.Context()
		for i := range 2*perRun + 3 {
			k.publish(time.Duration(i)*time.Hour, fmt.Sprintf("Story %d", i), "gate")
		}
		last := 0
		if n, err := k.Rebuild(ctx, func(n int) { last = n }); err != nil || n != 2*perRun+3 || last != n {
			t.Fatalf("built %d of %d, %v", n, last, err)
		}
		k.tx(func(tx *db.Tx) error {
			for _, table := range []string{"search_head", "search_lead", "search_text"} {
				if _, err := tx.Exec(ctx, `delete from `+table); err != nil {
					return err
				}
			}
			return nil
		})
		if got := k.find(Query{Words: "gate"}); got != "" {
			t.Fatalf("the spoilt index finds %s", got)
		}
		if n, err := k.Rebuild(ctx, func(int) {}); err != nil || n != 2*perRun+3 {
			t.Fatalf("built %d, %v", n, err)
		}
		if got := strings.Split(k.find(Query{Words: "gate", Newest: true}), ", "); len(got) != 2*perRun+3 {
			t.Errorf("the new index finds %d", len(got))
		}
		if d.Postgres() {
			var waits int
			k.check(d.QueryRow(ctx, `select gin_clean_pending_list('search_text_words')`).Scan(&waits))
			if waits != 0 {
				t.Errorf("%d pages of what was written are not sorted in", waits)
			}
		}
		run, err := k.claim(ctx)
		k.check(err)
		if _, err := k.Rebuild(ctx, func(int) {}); !problem.Is(err, problem.Conflict) {
			t.Errorf("a second run: %v", err)
		}
		k.clock.Add(2 * dead)
		if _, err := k.Rebuild(ctx, func(int) {}); err != nil {
			t.Errorf("after the first run died: %v", err)
		}
		if err := k.beat(ctx, run); !problem.Is(err, problem.Conflict) {
			t.Errorf("the dead run: %v", err)
		}
	})
}

// TestCatchUp finds what was published while nobody listened.
func TestCatchUp(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		ctx := t.Context()
		k.check(k.catchUp(ctx))
		k.clock.Add(time.Hour)
		var id string
		k.tx(func(tx *db.Tx) (err error) {
			n := article.New{Section: "city", By: "test", Content: article.Content{Headline: "Unheard of", Body: richtext.FromText("x")}}
			if id, err = k.Articles.Create(ctx, tx, n); err != nil {
				return err
			}
			return k.Articles.Publish(ctx, tx, id, k.clock.Now())
		})
		k.check(k.catchUp(ctx))
		if got := k.find(Query{Words: "unheard"}); got != "Unheard of" {
			t.Errorf("found %q", got)
		}
	})
}

// TestEight has eight write the same and other articles at one moment of
// publication: each is found once, whatever number it took.
func TestEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		ctx := t.Context()
		at := k.clock.Now().Add(-time.Hour)
		var ids []string
		for i := range 12 {
			k.tx(func(tx *db.Tx) error {
				n := article.New{Section: "city", By: "test", Content: article.Content{Headline: fmt.Sprintf("Story %d", i), Body: richtext.FromText("gate")}}
				id, err := k.Articles.Create(ctx, tx, n)
				if err != nil {
					return err
				}
				ids = append(ids, id)
				return k.Articles.Publish(ctx, tx, id, at)
			})
		}
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for _, id := range ids {
					if err := k.Index(context.WithoutCancel(ctx), id); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		got := strings.Split(k.find(Query{Words: "gate", Newest: true}), ", ")
		slices.Sort(got)
		if len(got) != 12 || len(slices.Compact(got)) != 12 {
			t.Errorf("found %q", got)
		}
		for table, want := range map[string]int{"search_doc": 12} {
			var n int
			k.check(d.QueryRow(ctx, `select count(*) from `+table).Scan(&n))
			if n != want {
				t.Errorf("%s has %d rows", table, n)
			}
		}
		list, err := k.numbers(ctx, full, expression(d.Postgres(), nil, nil), ever(), 100)
		if err != nil || len(list) != 12 {
			t.Errorf("the index has %d documents, %v", len(list), err)
		}
	})
}

func TestRelated(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		about := func(topics ...string) func(*article.New) { return func(n *article.New) { n.Topics = topics } }
		id := k.publish(time.Hour, "Eelgrass meadows return to the bay", "x", about("marine biology"))
		k.publish(2*time.Hour, "Budget passes", "Eelgrass meadows of the bay.")
		k.publish(3*time.Hour, "Divers count eelgrass meadows", "x")
		k.publish(4*time.Hour, "A crab nobody knew", "x", about("marine biology"))
		k.publish(5*time.Hour, "Eelgrass under the ferry", "x", about("marine biology"))
		hidden := k.publish(6*time.Hour, "Eelgrass meadows withdrawn", "x", about("marine biology"))
		k.tx(func(tx *db.Tx) error {
			return k.Articles.Withdraw(t.Context(), tx, hidden, article.Withdrawal{By: "AFP"})
		})
		texts, err := k.Articles.Texts(t.Context(), d, id)
		k.check(err)
		list, err := k.Related(t.Context(), texts[id], 5)
		k.check(err)
		var got []string
		for _, c := range list {
			got = append(got, c.Headline)
		}
		if want := []string{"Eelgrass under the ferry", "Divers count eelgrass meadows"}; !slices.Equal(got, want) {
			t.Errorf("related are %q, want %q", got, want)
		}
	})
}

// TestCommon looks for the newest of words that are in very many documents: one that
// is in all, one that is in few of the newest, one that is only in the oldest.
func TestCommon(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		ctx := t.Context()
		const (
			common = 1000
			n      = 2*common + 400
		)
		at := func(i int) int64 { return number(k.clock.Now().Add(-time.Duration(i) * 7 * time.Hour)) }
		k.tx(func(tx *db.Tx) error {
			for i := range n {
				list := []string{all, "every"}
				if i%50 == 7 || i > 900 {
					list = append(list, "former")
				}
				if i >= n-common-10 {
					list = append(list, "old")
				}
				if err := put(ctx, tx, d.Postgres(), full, together, doc{at(i), list}); err != nil {
					return err
				}
			}
			return nil
		})
		for _, test := range []struct {
			word string
			in   span
			want []int
		}{
			{"every", ever(), []int{0, 1, 2}},
			{"every", span{at(2), at(0)}, []int{1, 2}},
			{"every", span{0, at(n - 3)}, []int{n - 2, n - 1}},
			{"former", ever(), []int{7, 57, 107}},
			{"old", ever(), []int{n - common - 10, n - common - 9, n - common - 8}},
			{"old", span{at(n - common - 9), 1<<63 - 1}, []int{n - common - 10, n - common - 9}},
			{"never", ever(), nil},
		} {
			var want []int64
			for _, i := range test.want {
				want = append(want, at(i))
			}
			got, err := k.numbers(ctx, full, expression(d.Postgres(), []term{{words: []string{test.word}}}, nil), test.in, 3)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s in %v: %v, %v, want %v", test.word, test.in, got, err, want)
			}
		}
		if list, err := k.few(ctx, full, expression(d.Postgres(), []term{{words: []string{"every"}}}, nil), 300); err != nil || list != nil {
			t.Errorf("what is in very many is told: %d, %v", len(list), err)
		}

		// It is remembered for a while, and then asked again.
		var gone []int64
		for i := range n - 2 {
			gone = append(gone, at(i))
		}
		k.tx(func(tx *db.Tx) error {
			for some := range slices.Chunk(gone, 500) {
				if err := drop(ctx, tx, d.Postgres(), full, some...); err != nil {
					return err
				}
			}
			return nil
		})
		every := expression(d.Postgres(), []term{{words: []string{"every"}}}, nil)
		if list, err := k.few(ctx, full, every, 300); err != nil || list != nil {
			t.Errorf("a moment later: %d, %v", len(list), err)
		}
		left := []int64{at(n - 2), at(n - 1)}
		k.clock.Add(commonFor)
		if list, err := k.few(ctx, full, every, 300); err != nil || !slices.Equal(list, left) {
			t.Errorf("after a while: %v, %v, want %v", list, err, left)
		}
	})
}

// TestLong finds the words of what is longer than an index has places for, but not as a
// phrase.
func TestLong(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		k.Entries = func(_ context.Context, _ db.Querier, id string, limit int) ([]Entry, error) {
			list := []Entry{{Text: "The summary."}}
			for i := range min(limit, 450) {
				list = append(list, Entry{ID: fmt.Sprint(i), Headline: fmt.Sprintf("Entry n%d", i), Text: strings.Repeat("one after another ", 20)})
			}
			return list, nil
		}
		k.publish(time.Hour, "A long day", "Since early.", func(n *article.New) { n.Format = article.LiveReport })
		k.publish(2*time.Hour, "Another day", "Entry n7.")
		for words, want := range map[string]string{
			"n7": "A long day, Another day", `"entry n7"`: "A long day, Another day", "n440": "A long day", "early n440 n3": "A long day",
			`"entry n440"`: "", "n460": "", "summary": "A long day",
		} {
			if got := k.find(Query{Words: words, Newest: true}); got != want {
				t.Errorf("%s finds %q, want %q", words, got, want)
			}
		}
		p, err := k.Find(t.Context(), Query{Words: "day n440"})
		if err != nil || len(p.List) != 1 || p.List[0].Entry != "440" || !strings.Contains(bracket(p.List[0].Passage), "Entry [n440]") {
			t.Errorf("the entry is %+v, %v", p.List, err)
		}
	})
}

// TestHear makes a job of what is heard, once for what is heard twice.
func TestHear(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := open(t, d)
		ctx := t.Context()
		now := k.clock.Now()
		for range 3 {
			for _, kind := range []string{article.Changed{}.EventKind(), article.Appeared{}.EventKind(), "live.changed", "comment.appeared", "reader.changed"} {
				k.check(k.Hear(ctx, event.Event{Kind: kind, Subject: "a1", Created: now}, "live.changed", "comment.appeared"))
			}
		}
		jobs := func() (n int) {
			k.check(d.QueryRow(ctx, `select count(*) from river_job where kind in ('search.article', 'search.thread')`).Scan(&n))
			return n
		}
		k.check(k.follow(ctx))
		if n := jobs(); n != 2 {
			t.Errorf("%d jobs, want one for the article and one for its thread", n)
		}
		k.check(k.follow(ctx))
		if n := jobs(); n != 2 {
			t.Errorf("then %d", n)
		}
	})
}
