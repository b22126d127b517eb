package desk

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// out is a story that readers have.
func (k *kit) out(headline string) string {
	k.t.Helper()
	id := k.began(k.ida, headline)
	check(k.t, k.Publish(k.t.Context(), k.ida, id, Publication{At: k.at(k.ida, id)}))
	return id
}

func at(area article.Area, slot int, id string) article.Place {
	return article.Place{Area: area, Slot: slot, Article: id}
}

// stands is what holds now, as "area/slot story".
func (k *kit) stands() (l Layout) {
	k.t.Helper()
	l, _, err := k.Holds(k.t.Context(), FrontPage)
	check(k.t, err)
	return l
}

// leads is the story that an editor has made the lead; "" for none.
func (k *kit) leads() string {
	for _, p := range k.stands().Places {
		if p.Area == article.AreaLead {
			return p.Article
		}
	}
	return ""
}

func (k *kit) curates(a *reader.Actor, base int, places ...article.Place) Layout {
	k.t.Helper()
	l, err := k.Curate(k.t.Context(), a, FrontPage, base, places, time.Time{})
	check(k.t, err)
	return l
}

// TestCurate follows one front page through a day.
//
// Seen red: a base that is not looked at; Undo that goes back and forth; a
// scheduled layout that holds at once.
func TestCurate(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		a, b, c := k.out("A"), k.out("B"), k.out("C")
		if l := k.stands(); l.Number != 0 || len(l.Places) > 0 {
			t.Errorf("before anybody curates: %+v", l)
		}
		_, err := k.Undo(ctx, k.ida, FrontPage, 0)
		refused(t, "undo before anything", err, problem.Conflict)

		one := k.curates(k.ida, 0, at(article.AreaSeconds, 1, b), at(article.AreaLead, 0, a))
		if one.Number != 1 || len(one.Places) != 2 || one.Places[0].Article != a || one.Places[0].By != k.ida.Reader.ID {
			t.Errorf("the first version: %+v", one)
		}
		_, err = k.Curate(ctx, k.jon, FrontPage, 0, nil, time.Time{})
		if p := refused(t, "from an old base", err, problem.Conflict); p.Err.(*Overtaken).Holds.Number != 1 {
			t.Errorf("the cause is %v", p.Err)
		}
		two := k.curates(k.jon, 1, at(article.AreaLead, 0, c), at(article.AreaSeconds, 1, b))
		if two.Places[0].By != k.jon.Reader.ID || two.Places[1].By != k.ida.Reader.ID {
			t.Errorf("who has placed what: %+v", two.Places)
		}
		if same := k.curates(k.ida, 2, at(article.AreaLead, 0, c), at(article.AreaSeconds, 1, b)); same.Number != 2 {
			t.Errorf("no change makes version %d", same.Number)
		}

		// Undo goes back, and further back, to the page that fills itself.
		for i, want := range []string{a, ""} {
			l, err := k.Undo(ctx, k.ida, FrontPage, 2+i)
			check(t, err)
			if l.Number != 3+i || k.leads() != want {
				t.Errorf("undo %d: version %d leads with %s", i, l.Number, k.leads())
			}
		}
		_, err = k.Undo(ctx, k.ida, FrontPage, 4)
		refused(t, "undo at the end", err, problem.Conflict)
		l, err := k.BringBack(ctx, k.ida, FrontPage, 4, 2)
		check(t, err)
		if l.Again != 2 || k.leads() != c {
			t.Errorf("version 2 is brought back: %+v", l)
		}

		// What is scheduled holds at its time, and not before.
		six := k.clock.Now().Add(time.Hour)
		s, err := k.Curate(ctx, k.jon, FrontPage, 5, []article.Place{at(article.AreaLead, 0, b)}, six)
		check(t, err)
		_, until, err := k.Holds(ctx, FrontPage)
		check(t, err)
		if k.leads() != c || !until.Equal(six) {
			t.Errorf("%s leads until %s", k.leads(), until)
		}
		k.curates(k.ida, 5, at(article.AreaLead, 0, a)) // a colleague's plan is in nobody's way
		k.clock.Set(six)
		if k.leads() != b {
			t.Errorf("%s leads when the time has come", k.leads())
		}
		refused(t, "taken back too late", k.TakeBack(ctx, k.ida, FrontPage, s.Number), problem.Conflict)
		_, err = k.Curate(ctx, k.ida, FrontPage, 7, nil, time.Time{})
		refused(t, "from before the scheduled one", err, problem.Conflict)
		if _, err = k.Undo(ctx, k.ida, FrontPage, s.Number); err != nil || k.leads() != a {
			t.Errorf("undo of what was scheduled: %s leads, %v", k.leads(), err)
		}
		later, err := k.Curate(ctx, k.jon, FrontPage, 8, nil, six.Add(time.Hour))
		check(t, err)
		had, coming, err := k.Layouts(ctx, k.ida, FrontPage, 20)
		if err != nil || len(had) != 8 || had[0].Number != 8 || len(coming) != 1 || coming[0].Number != later.Number {
			t.Errorf("%d versions, %d to come, %v", len(had), len(coming), err)
		}
		check(t, k.TakeBack(ctx, k.ida, FrontPage, later.Number))

		var acts []audit.Act
		check(t, audit.Read(ctx, k.DB, string(FrontPage), 0, func(e audit.Entry, _ string) error { acts = append(acts, e.Act); return nil }))
		want := []audit.Act{FrontPublished, FrontPublished, FrontUndone, FrontUndone, FrontBroughtBack, FrontScheduled, FrontPublished, FrontUndone, FrontScheduled, FrontUnscheduled}
		if !slices.Equal(acts, want) {
			t.Errorf("the log says %v", acts)
		}
	})
}

// TestPlaces is about what can be placed, and what stops standing there.
func TestPlaces(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		a, b := k.out("A"), k.out("B")
		draft := k.began(k.ida, "Draft")
		planned := k.began(k.ida, "Planned")
		check(t, k.Publish(ctx, k.ida, planned, Publication{At: k.at(k.ida, planned), When: k.clock.Now().Add(time.Hour)}))
		soon := k.clock.Now().Add(time.Minute)
		for _, test := range []struct {
			name   string
			places []article.Place
			want   int // of places; -1: it is refused
		}{
			{"nothing", nil, 0},
			{"a draft", []article.Place{at(article.AreaLead, 0, draft)}, -1},
			{"nobody's story", []article.Place{at(article.AreaLead, 0, "x")}, -1},
			{"what is scheduled", []article.Place{at(article.AreaLead, 0, planned)}, 1},
			{"twice", []article.Place{at(article.AreaLead, 0, a), at(article.AreaSeconds, 0, a)}, -1},
			{"two in one place", []article.Place{at(article.AreaLead, 0, a), at(article.AreaLead, 0, b)}, -1},
			{"over the end", []article.Place{at(article.AreaLead, 1, a)}, -1},
			{"before the beginning", []article.Place{at(article.AreaLead, -1, a)}, -1},
			{"of another page", []article.Place{at(article.AreaTop, 0, a)}, -1},
			{"a section that is gone", []article.Place{at(article.AreaBlock("sport"), 0, a)}, 0},
			{"a block", []article.Place{at(article.AreaBlock("city"), 4, a), at(article.AreaBlock("city"), 0, b)}, 2},
			{"a pin that has ended", []article.Place{{Area: article.AreaLead, Article: a, Until: k.clock.Now()}}, 0},
			{"a pin", []article.Place{{Area: article.AreaLead, Article: a, Until: soon}}, 1},
		} {
			l, err := k.Curate(ctx, k.ida, FrontPage, k.stands().Number, test.places, time.Time{})
			if test.want < 0 {
				refused(t, test.name, err, problem.Invalid)
			} else if err != nil || len(l.Places) != test.want {
				t.Errorf("%s: %+v, %v", test.name, l.Places, err)
			}
		}
		if _, until, err := k.Holds(ctx, FrontPage); err != nil || !until.Equal(soon) {
			t.Errorf("the page is so until %s, %v", until, err)
		}
		for _, who := range []*reader.Actor{k.ana, k.mods} {
			_, err := k.Curate(ctx, who, FrontPage, k.stands().Number, nil, time.Time{})
			refused(t, "who is no editor", err, problem.Forbidden)
			refused(t, "the bar of who is no editor", k.RaiseBar(ctx, who, 0, Bar{Words: "x"}), problem.Forbidden)
		}
		_, err := k.Curate(ctx, k.ida, SectionPage("sport"), 0, nil, time.Time{})
		refused(t, "a page that is none", err, problem.NotFound)
		if l, err := k.Curate(ctx, k.ida, SectionPage("city"), 0, []article.Place{at(article.AreaTop, 3, a)}, time.Time{}); err != nil || l.Number != 1 {
			t.Errorf("a section: %+v, %v", l, err)
		}
		// What was withdrawn is in nobody's way.
		check(t, k.Withdraw(ctx, k.ida, a, "", "It is not so."))
		if l, err := k.Curate(ctx, k.ida, SectionPage("city"), 1, []article.Place{at(article.AreaTop, 3, a), at(article.AreaTop, 0, b)}, time.Time{}); err != nil || len(l.Places) != 1 {
			t.Errorf("beside a withdrawn one: %+v, %v", l, err)
		}
	})
}

// TestEightEditors publishes and schedules from one base, eight at a time: one
// publication wins in each round, and no version is lost or has another's number.
func TestEightEditors(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		var stories []string
		for _, name := range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
			stories = append(stories, k.out(name))
		}
		total := 0
		for round := range 5 {
			base := k.stands().Number
			var wg sync.WaitGroup
			var mu sync.Mutex
			won, planned := 0, 0
			for i, id := range stories {
				wg.Go(func() {
					var when time.Time
					if i%4 == 3 {
						when = k.clock.Now().Add(time.Hour)
					}
					_, err := k.Curate(ctx, k.ida, FrontPage, base, []article.Place{at(article.AreaLead, 0, id), at(article.AreaSeconds, round%2, stories[(i+1)%8])}, when)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil && when.IsZero():
						won++
					case err == nil:
						planned++
					case problem.Is(err, problem.Conflict):
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won != 1 {
				t.Errorf("%d have published from version %d", won, base)
			}
			total += won + planned
		}
		had, coming, err := k.Layouts(ctx, k.ida, FrontPage, 100)
		check(t, err)
		seen := map[int]bool{}
		for _, l := range append(had, coming...) {
			seen[l.Number] = true
		}
		if len(seen) != total || !seen[total] || len(had) != 5 {
			t.Errorf("%d versions, %d published, want %d", len(seen), len(had), total)
		}
	})
}

// TestSweepLayouts keeps the last versions, the one that holds and what is to come.
func TestSweepLayouts(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		_, err := k.Curate(ctx, k.ida, FrontPage, 0, nil, k.clock.Now().Add(time.Hour))
		check(t, err)
		id := k.ida.Reader.ID
		k.exec(`insert into front_layout (page, number, at, places, again, author, created)
			with recursive count(n) as (select 2 union all select n + 1 from count where n < 300)
			select 'front', n, n, '[]', 0, cast($1 as text), n from count`, id)
		k.exec(`insert into front_layout (page, number, at, places, again, author, created) values ('front/city', 1, 1, '[]', 0, $1, 1)`, id)
		k.exec(`update front_layout set at = 1000 where page = 'front' and number = 7`) // by the clock the newest
		check(t, k.Sweep(ctx))
		if l := k.stands(); l.Number != 7 {
			t.Errorf("version %d holds", l.Number)
		}
		had, coming, err := k.Layouts(ctx, k.ida, FrontPage, 1000)
		if err != nil || len(had) != keptLayouts+1 || len(coming) != 1 {
			t.Errorf("%d and %d are kept, %v", len(had), len(coming), err)
		}
		if l, _, err := k.Holds(ctx, SectionPage("city")); err != nil || l.Number != 1 {
			t.Errorf("a section: %+v, %v", l, err)
		}
	})
}

// TestBar raises, changes and lowers the bar, and is eight people at once.
func TestBar(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		bar := func() Bar {
			t.Helper()
			b, err := k.Bar(ctx)
			check(t, err)
			return b
		}
		for name, b := range map[string]Bar{
			"nothing": {Words: " \n"}, "a long one": {Words: longText(201)},
			"in the past": {Words: "x", Ends: k.clock.Now()}, "for ever": {Words: "x", Ends: k.clock.Now().Add(8 * 24 * time.Hour)},
			"a draft": {Words: "x", Article: k.began(k.ida, "Draft")},
		} {
			refused(t, name, k.RaiseBar(ctx, k.ida, 0, b), problem.Invalid)
		}
		began := k.clock.Now()
		check(t, k.RaiseBar(ctx, k.ida, 0, Bar{Words: " The bridge \n is closed ", Article: k.out("Bridge")}))
		if b := bar(); b.Words != "The bridge is closed" || !b.Up(began) || !b.Ends.Equal(began.Add(BarLife)) {
			t.Errorf("the bar: %+v", b)
		}
		k.clock.Add(time.Minute)
		check(t, k.RaiseBar(ctx, k.jon, 1, Bar{Words: longText(200)}))
		if b := bar(); !b.Begins.Equal(began) || !b.Updated.Equal(k.clock.Now()) || b.Author != k.jon.Reader.ID || b.Article != "" {
			t.Errorf("the bar, updated: %+v", b)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 8 {
			wg.Go(func() {
				err := k.RaiseBar(ctx, k.ida, 2, Bar{Words: "Me first"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !problem.Is(err, problem.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 || bar().Number != 3 {
			t.Errorf("%d have raised version %d", won, bar().Number)
		}
		check(t, k.LowerBar(ctx, k.ida, 3))
		if bar().Up(k.clock.Now()) {
			t.Error("the bar is still up")
		}
		k.clock.Add(time.Minute)
		check(t, k.RaiseBar(ctx, k.ida, 4, Bar{Words: "Again"}))
		if b := bar(); !b.Begins.Equal(k.clock.Now()) || b.Up(k.clock.Now().Add(BarLife)) {
			t.Errorf("a new bar: %+v", b)
		}
	})
}

func longText(n int) string { return string(slices.Repeat([]rune("あ"), n)) }

// TestFrontPlans holds that the layout of a page is found by its index.
func TestFrontPlans(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	for query, index := range map[string]string{
		`select places from front_layout where page = 'front' and at <= 5 order by at desc, number desc limit 1`: "front_layout_at",
		`select at from front_layout where page = 'front' and at > 5 order by at, number limit 1`:                "front_layout_at",
		`select words from breaking order by number desc limit 1`:                                                "sqlite_autoindex_breaking_1",
	} {
		rows, err := k.DB.Query(t.Context(), `explain query plan `+query)
		check(t, err)
		plan := ""
		for rows.Next() {
			var id, parent, unused int
			var detail string
			check(t, rows.Scan(&id, &parent, &unused, &detail))
			plan += detail + "\n"
		}
		rows.Close()
		if !strings.Contains(plan, index) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", query, plan)
		}
	}
}
