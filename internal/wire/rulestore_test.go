package wire

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// lives makes rules live.
func (r *room) lives(rules ...DeskRule) {
	r.t.Helper()
	d, err := r.DraftRules(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.SaveDraft(r.t.Context(), "ida", d.Edit, rules); err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.GoLive(r.t.Context(), "ida", d.Edit+1); err != nil {
		r.t.Fatal(err)
	}
}

// words is a rule for a word.
func words(name, word string, then Actions) DeskRule {
	return DeskRule{Name: name, When: When{Words: []string{word}}, Then: then}
}

// about is a story of its own with a text.
func about(id, text string, more doc) doc {
	d := doc{"uri": "urn:hpa.example:" + id, "body_html": "<p>" + text + "</p>", "headline": "About " + id}
	for key, value := range more {
		d[key] = value
	}
	return version(1, d)
}

// line is the row of a story.
func (r *room) line(id string) Line {
	r.t.Helper()
	lines, _, err := r.List(r.t.Context(), Filter{})
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(lines, func(l Line) bool { return l.ID == "urn:hpa.example:"+id })
	if i < 0 {
		r.t.Fatalf("%s is not listed", id)
	}
	return lines[i]
}

// TestRulesDecide files by rules, and tells of each story which rule it was.
func TestRulesDecide(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r := newRoom(t, d)
		if err := r.Articles.SetSections(t.Context(), []article.Section{{Slug: "world", Name: "World"}, {Slug: "sport", Name: "Sport"}}); err != nil {
			t.Fatal(err)
		}
		held := r.source(Source{Name: "MHP", Publish: Hold})
		r.lives(
			words("Sport", "goal", Actions{Section: "sport", Topics: []string{"Cup", "medtop:15000000"}, Weight: 5}),
			words("Sport at night", "late", Actions{Do: Retain}),
			words("Goals", "goal", Actions{Do: Release, Alert: DraftAlert}),
			words("Racing", "horse", Actions{Do: Drop}),
		)
		for _, test := range []struct {
			src  Source
			id   string
			text string
			want Decision
			by   int
		}{
			{r.hpa, "a", "A ship came in.", Released, 0},
			{held, "b", "A ship came in.", Held, 0},
			{r.hpa, "c", "It was a late ship.", Held, 2},
			{held, "d", "It was a goal.", Released, 3},
			{r.hpa, "e", "It was a late goal.", Held, 2},
			{r.hpa, "f", "The horse won.", Dropped, 4},
		} {
			if got := r.deliver(test.src, about(test.id, test.text, nil)); got[0] != test.want {
				t.Errorf("%q is %s, want %s", test.text, got[0], test.want)
			}
			if l := r.line(test.id); l.Ruling.By.Number != test.by || l.Decision != test.want {
				t.Errorf("%q is listed as %s by %+v, want rule %d", test.text, l.Decision, l.Ruling.By, test.by)
			}
		}
		goal := r.story(held, "urn:hpa.example:d")
		if goal == nil || goal.Section.Slug != "sport" || goal.Weight != 5 || !slices.Equal(goal.Topics, []string{"Cup", "sport (medtop:15000000)"}) {
			t.Errorf("the goal is %+v", goal)
		}
		if l := r.line("d"); l.Section != "sport" || l.Alert != AlertDrafted || l.Ruling.Sorted[0].Name != "Sport" {
			t.Errorf("the goal is listed as %+v", l)
		}
		if l := r.line("e"); l.Alert != AlertUnasked || l.Reason != "Held by rule 2, “Sport at night”." {
			t.Errorf("the late goal is listed as %+v", l)
		}
		if r.story(r.hpa, "urn:hpa.example:f") != nil {
			t.Error("what was dropped has an article")
		}
		dropped, _, err := r.List(t.Context(), Filter{View: Unwanted})
		if err != nil || len(dropped) != 1 || dropped[0].Reason != "Dropped by rule 4, “Racing”." {
			t.Errorf("%+v is listed as dropped (%v)", dropped, err)
		}
		_, versions, err := r.Story(t.Context(), dropped[0].First)
		if err != nil || versions[0].Decision != Dropped || versions[0].Ruling.By.Name != "Racing" {
			t.Errorf("the version says %+v (%v)", versions, err)
		}
		// What the paper has is not dropped: its next version waits.
		if got := r.deliver(held, about("d", "The horse won.", doc{"version": "2"})); got[0] != Held {
			t.Errorf("a version of a published story that a rule drops is %s", got)
		}
		if a := r.story(held, "urn:hpa.example:d"); !strings.Contains(a.Body.Text(), "goal") {
			t.Errorf("readers have %q", a.Body.Text())
		}
		// What was dropped comes with a version that no rule drops, and a kill finds it.
		if got := r.deliver(r.hpa, about("f", "The rider won.", doc{"version": "2"})); got[0] != Released {
			t.Errorf("the next version of what was dropped is %s", got)
		}
		r.deliver(r.hpa, about("g", "The horse lost.", nil))
		if got := r.deliver(r.hpa, about("g", "", doc{"version": "2", "pubstatus": "canceled"}), about("g", "A horse won.", doc{"version": "3"})); !slices.Equal(got, []Decision{Kept, Held}) {
			t.Errorf("a kill of what was dropped, and what comes after it, are %s", got)
		}
	})
}

// TestRulesGoLive edits a draft, tries nothing of it on what comes, makes it live as a
// whole, and goes back.
func TestRulesGoLive(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		hold, drop := words("one", "ship", Actions{Do: Retain}), words("two", "ship", Actions{Do: Drop})
		say := func(id string) Decision { t.Helper(); return r.deliver(r.hpa, about(id, "A ship.", nil))[0] }
		conflicts := func(what string, err error) {
			t.Helper()
			if !problem.Is(err, problem.Conflict) {
				t.Errorf("%s: %v, want a conflict", what, err)
			}
		}
		if err := r.SaveDraft(ctx, "ida", 0, Rules{hold}); err != nil {
			t.Fatal(err)
		}
		if got := say("a"); got != Released {
			t.Errorf("a draft decides: %s", got)
		}
		conflicts("a second draft", r.SaveDraft(ctx, "ivo", 0, Rules{drop}))
		if err := r.SaveDraft(ctx, "ivo", 1, Rules{hold, drop}); err != nil {
			t.Fatal(err)
		}
		conflicts("an older edit", r.SaveDraft(ctx, "ida", 1, Rules{drop}))
		_, err := r.GoLive(ctx, "ida", 1)
		conflicts("what was not seen goes live", err)
		conflicts("what was not seen is discarded", r.DiscardDraft(ctx, 1))
		// Another process files by the new rules at once.
		other := &Store{DB: d, Articles: r.Articles, Media: r.Media, Language: r.Language, Now: r.Now, ID: r.ID, Log: r.Log}
		if _, err := other.Deliver(ctx, r.hpa, "first.json", about("b", "A boat.", nil).bytes(), nil); err != nil {
			t.Fatal(err)
		}
		if v, err := r.GoLive(ctx, "ida", 2); err != nil || v != 1 {
			t.Fatal(v, err)
		}
		results, err := other.Deliver(ctx, r.hpa, "second.json", about("c", "A ship.", nil).bytes(), nil)
		if err != nil || results[0].Decision != Held {
			t.Errorf("another process files by older rules: %+v %v", results, err)
		}
		if a := r.story(r.hpa, "urn:hpa.example:a"); a.State != article.Published {
			t.Errorf("what was published before is %s", a.State)
		}
		// A draft that began before others went live does not.
		if err := r.SaveDraft(ctx, "ida", 0, Rules{drop}); err != nil {
			t.Fatal(err)
		}
		if err := r.PutBack(ctx, "ivo", 1, 1); err != nil {
			t.Fatal(err)
		}
		_, err = r.GoLive(ctx, "ida", 1)
		conflicts("a draft of older rules goes live", err)
		if err := r.DiscardDraft(ctx, 1); err != nil {
			t.Fatal(err)
		}
		r.lives(drop)
		if got := say("d"); got != Dropped {
			t.Errorf("by the third version it is %s", got)
		}
		conflicts("going back from what is not live", r.PutBack(ctx, "ida", 2, 1))
		if err := r.PutBack(ctx, "ida", 3, 2); err != nil {
			t.Fatal(err)
		}
		if got := say("e"); got != Held {
			t.Errorf("by the version before it is %s", got)
		}
		list, err := r.RuleHistory(ctx, 10)
		if err != nil || len(list) != 4 || list[0].Again != 2 || list[0].Author != "ida" || len(list[1].Rules) != 1 {
			t.Errorf("the versions are %+v (%v)", list, err)
		}
		if err := r.PutBack(ctx, "ida", 4, 9); !problem.Is(err, problem.NotFound) {
			t.Errorf("a version that never was: %v", err)
		}
		if err := r.SaveDraft(ctx, "ida", 0, Rules{words("", "ship", Actions{})}); !problem.Is(err, problem.Invalid) || problem.Of(err).Fields["name"] == "" {
			t.Errorf("a wrong rule is kept: %v", err)
		}
	})
}

// TestNoRulePublishes files random items by random rules, and holds what nothing may
// publish by itself. What it expects is said here once more, in other words than in
// forbids.
func TestNoRulePublishes(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		random := rand.New(rand.NewPCG(7, 11))
		pick := func(list ...string) string { return list[random.IntN(len(list))] }
		open := r.source(Source{Name: "open", Publish: Auto, Feeds: true})
		rounds := 300
		if d.Postgres() {
			rounds = 120
		}
		published, forbidden := 0, 0
		for i := range rounds {
			if i%10 == 0 {
				var rules Rules
				for k := range 1 + random.IntN(5) {
					rule := DeskRule{Name: fmt.Sprint("rule ", k), Then: Actions{Do: Do(pick("publish", "publish", "publish", "hold", "drop", ""))}}
					if rule.Then.Do != Drop {
						rule.Then.Weight, rule.Then.Alert = 1, DraftAlert
					}
					switch random.IntN(6) {
					case 0:
						rule.When.Signals = []string{pick("flash", "isplanned", "update", "newscontent")}
					case 1:
						rule.When.Words = []string{pick("ship", "goal")}
					case 2:
						rule.When.Urgency = Span{1, 1 + random.IntN(9)}
					}
					rules = append(rules, rule)
				}
				r.lives(rules...)
			}
			src := r.hpa
			if random.IntN(3) == 0 {
				src = open
			}
			it := saying(pick("A ship.", "A goal.", "A ship and a goal."), func(it *Item) {
				it.ID, it.Version, it.Order = fmt.Sprint("urn:random:", random.IntN(rounds)), fmt.Sprint(i), int64(i)
				it.Format = pick("newsml-g2", "nitf", "nitf", "ninjs-2", "ap", "rss", "mail", "nitf", "newsml-1", "iptc-7901")
				it.LowTrust = it.Format == "rss" || it.Format == "mail"
				it.Urgency = random.IntN(10)
				it.Status = Status(pick("usable", "usable", "usable", "usable", "usable", "usable", "unknown", "withheld", "canceled"))
				it.RawStatus = pick("", "stat:usable", "open")
				for range max(random.IntN(4)-1, 0) {
					it.Signals = append(it.Signals, pick("sig:update", "newscontent", "apsig:newscontent", "apsig:advisory", "dpasig:isplanned", "sig:correction", "x:y"))
				}
				if random.IntN(6) == 0 {
					it.Embargo = r.Now().Add(time.Hour)
				}
				it.EmbargoOpen = random.IntN(9) == 0
			})
			var res Result
			err := d.Tx(ctx, func(tx *db.Tx) error {
				del := delivery{id: r.ID(), source: src, name: fmt.Sprint(i), hash: fmt.Sprint(i)}
				n, err := r.begin(ctx, tx, &del, 1)
				if err != nil {
					return err
				}
				if err := r.store(ctx, tx, del, "read", ""); err != nil {
					return err
				}
				res, err = r.file(ctx, tx, del, *it, nil, n)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			signals := strings.Join(it.Signals, " ")
			special := strings.HasPrefix(it.Format, "newsml-g2") || strings.HasPrefix(it.Format, "ninjs")
			never := it.Status != Usable ||
				it.Format == "mail" || it.Format == "rss" && src.ID != open.ID ||
				(it.Format == "ap" || strings.Contains(signals, "apsig:")) && !strings.Contains(signals, "newscontent") ||
				special && (strings.Contains(signals, "isplanned") || strings.Contains(signals, "x:y") || strings.Contains(signals, "advisory") || slices.Contains(it.Signals, "newscontent"))
			out := res.Decision == Released || res.Decision == Updated
			if out {
				published++
			}
			if never {
				forbidden++
			}
			if out && (never || it.EmbargoOpen || !it.Embargo.IsZero()) {
				t.Errorf("%s is %s by %+v: %+v", it.ID, res.Decision, res.ruling, it)
			}
			if (never || it.EmbargoOpen || !it.Embargo.IsZero()) && res.alert != NoAlert {
				t.Errorf("%s asks for an alert: %+v", it.ID, it)
			}
			if never && it.Status != Canceled && it.Status != Withheld && res.Decision == Embargoed {
				t.Errorf("%s is published when its embargo ends: %+v", it.ID, it)
			}
		}
		if published < rounds/10 || forbidden < rounds/10 {
			t.Errorf("%d were published, %d of %d were not to be: this tests nothing", published, forbidden, rounds)
		}
		// No story that the agency has killed is with readers.
		rows, err := d.Query(ctx, `select w.id from wire_story w join article a on a.id = w.article where w.recall = 'canceled' and a.state = 'published'`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			t.Errorf("readers have %s, which was killed", id)
		}
	})
}

// TestLowTrust holds what anybody may have written, whatever a rule says.
func TestLowTrust(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	r.lives(DeskRule{Name: "all", Then: Actions{Do: Release}})
	feed := []byte(`<rss version="2.0"><channel><title>Town</title><item><title>Fair</title><guid>1</guid><description>The fair is open.</description></item></channel></rss>`)
	letter := []byte("From: ana@example.org\r\nSubject: Fair\r\nMessage-ID: <1@example.org>\r\n\r\nThe fair is open.\r\n")
	for name, data := range map[string][]byte{"feed": feed, "letter": letter} {
		results, err := r.Deliver(t.Context(), r.hpa, name, data, nil)
		if err != nil || len(results) != 1 || results[0].Decision != Held {
			t.Errorf("the %s is %+v (%v)", name, results, err)
		}
	}
	// The source's word lifts it for feeds, as before.
	src := r.source(Source{Name: "feeds", Publish: Hold, Feeds: true})
	results, err := r.Deliver(t.Context(), src, "feed", feed, nil)
	if err != nil || results[0].Decision != Released {
		t.Errorf("the feed of a source that vouches for it is %+v (%v)", results, err)
	}
}

// TestShoutIsNotDropped holds what asks for a kill in prose: a rule that drops notes to
// editors would hide it.
func TestShoutIsNotDropped(t *testing.T) {
	it := saying("x", func(it *Item) { it.holdShout("KILL graf 3") })
	if !it.Shouts || it.Status == Usable {
		t.Fatalf("%+v", it)
	}
	r := newRoom(t, papertest.SQLite(t))
	r.lives(DeskRule{Name: "none", Then: Actions{Do: Drop}})
	data, err := os.ReadFile("testdata/text/anpa-partkill.tst")
	if err != nil {
		t.Fatal(err)
	}
	results, err := r.Deliver(t.Context(), r.hpa, "shout", data, nil)
	if err != nil || len(results) != 1 || results[0].Decision == Dropped {
		t.Errorf("it is %+v (%v)", results, err)
	}
}

// TestTryRules looks what rules would have made of a day, and writes nothing.
func TestTryRules(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		if err := r.Articles.SetSections(ctx, []article.Section{{Slug: "world", Name: "World"}, {Slug: "sport", Name: "Sport"}}); err != nil {
			t.Fatal(err)
		}
		held := r.source(Source{Name: "MHP", Publish: Hold})
		r.deliver(r.hpa, about("old", "A ship.", nil))
		r.clock.Add(48 * time.Hour)
		r.deliver(r.hpa, about("a", "A ship.", nil), about("b", "A goal.", nil), about("c", "A horse.", nil), about("d", "A boat.", doc{"pubstatus": "open"}))
		r.deliver(r.hpa, about("a", "A ship and a horse.", doc{"version": "2"}), about("k", "A ship.", nil), about("k", "", doc{"version": "2", "pubstatus": "canceled"}))
		r.deliver(held, about("e", "A ship.", nil), about("f", "A boat.", nil), about("g", "", nil), about("h", "A ship.", doc{"signals": []string{"x:y"}}))
		rules := Rules{
			words("Sport", "goal", Actions{Section: "sport"}),
			words("Racing", "horse", Actions{Do: Drop}),
			words("Ships", "ship", Actions{Do: Release}),
		}
		before := r.line("a")
		trial, err := r.Try(ctx, rules, 1)
		if err != nil {
			t.Fatal(err)
		}
		// a and its update, b, c, d, k twice (and killed: as it was), e to h. The update of a is held: the paper has the story.
		want := map[string]string{"a 2": "held", "b 1": "published to sport", "c 1": "dropped", "e 1": "published"}
		got := map[string]string{}
		for _, x := range trial.List {
			to := string(x.Would)
			if x.To != "" {
				to += " to " + x.To
			}
			got[strings.TrimPrefix(x.Headline, "About ")+" "+x.Version] = to
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || trial.Differ != len(want) {
			t.Errorf("%d differ: %v, want %v", trial.Differ, got, want)
		}
		if trial.Items != 11 || trial.Published != 4 || trial.Dropped != 1 || trial.Held != 4 || trial.Others != 2 || trial.More {
			t.Errorf("the trial is %+v", trial)
		}
		if after := r.line("a"); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("trying has changed %+v to %+v", before, after)
		}
		if wider, err := r.Try(ctx, rules, 7); err != nil || wider.Items != 12 {
			t.Errorf("of a week there are %d (%v)", wider.Items, err)
		}
		// What is live differs in nothing from what has happened.
		r.lives(rules...)
		r.clock.Add(48 * time.Hour)
		r.deliver(r.hpa, about("l", "A goal.", nil), about("m", "A horse.", nil), about("n", "A ship.", nil))
		r.deliver(held, about("o", "A ship.", nil), about("p", "A boat.", nil))
		if trial, err := r.Try(ctx, rules, 1); err != nil || trial.Differ != 0 || trial.Items != 5 {
			t.Errorf("the live rules would have made another day: %+v (%v)", trial, err)
		}
		if trial, err := r.Try(ctx, nil, 1); err != nil || trial.Differ != 3 {
			t.Errorf("without rules it would have been %+v (%v)", trial, err)
		}
	})
}

// TestOneGoesLive has eight editors make the same draft live, and file meanwhile.
func TestOneGoesLive(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		if err := r.SaveDraft(ctx, "ida", 0, Rules{words("all", "ship", Actions{Do: Retain})}); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		var live, conflicts atomic.Int64
		for i := range 8 {
			group.Go(func() {
				_, err := r.GoLive(ctx, fmt.Sprint("editor ", i), 1)
				switch {
				case err == nil:
					live.Add(1)
				case problem.Is(err, problem.Conflict):
					conflicts.Add(1)
				default:
					t.Error(err)
				}
				if _, err := r.Deliver(ctx, r.hpa, fmt.Sprint(i), about(fmt.Sprint("s", i), "A ship.", nil).bytes(), nil); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		list, err := r.RuleHistory(ctx, 10)
		if err != nil || live.Load() != 1 || conflicts.Load() != 7 || len(list) != 1 {
			t.Errorf("%d went live, %d could not, and there are %d versions (%v)", live.Load(), conflicts.Load(), len(list), err)
		}
		// Whoever filed after that filed by the new rules.
		lines, _, err := r.List(ctx, Filter{})
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(lines, func(a, b Line) int { return int(a.N - b.N) })
		held := false
		for _, l := range lines {
			if held && l.Decision != Held {
				t.Errorf("%s is %s, and an earlier one was held by the rules", l.ID, l.Decision)
			}
			held = held || l.Decision == Held
		}
	})
}

// TestAlertsOfRules asks for a news alert when a rule publishes, and never else.
func TestAlertsOfRules(t *testing.T) {
	r := newRoom(t, papertest.SQLite(t))
	var asked []Alert
	r.Alert = func(_ context.Context, _ *db.Tx, a Alert) error { asked = append(asked, a); return nil }
	all := DeskRule{Name: "all", Then: Actions{Do: Release, Alert: SendAlert}}
	r.lives(all)
	later := r.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	r.deliver(r.hpa, about("a", "A ship.", nil), about("a", "Two ships.", doc{"version": "2"}), about("b", "A ship.", doc{"pubstatus": "open"}), about("c", "A ship.", doc{"embargoed": later}))
	if len(asked) != 1 || asked[0].Story != "urn:hpa.example:a" || asked[0].Who != "ida" || asked[0].Article != r.line("a").Article {
		t.Errorf("asked for %+v", asked)
	}
	if l := r.line("a"); l.Alert != AlertWanted {
		t.Errorf("the story says %q", l.Alert)
	}
	if err := r.SettleAlert(t.Context(), r.hpa.ID, "urn:hpa.example:a", AlertDrafted); err != nil || r.line("a").Alert != AlertDrafted {
		t.Errorf("it was not settled: %v", err)
	}
	// Where nothing sends, an editor does.
	r.Alert = nil
	r.deliver(r.hpa, about("d", "A ship.", nil))
	if l := r.line("d"); l.Alert != AlertDrafted {
		t.Errorf("without somebody who sends, the story says %q", l.Alert)
	}
}
