package article

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

func figures(pictures ...string) (blocks []richtext.Block) {
	for _, p := range pictures {
		blocks = append(blocks, richtext.Block{Kind: richtext.Figure, Picture: p})
	}
	return blocks
}

// TestPaging holds that whoever pages through a list meets each story once,
// also those of the same moment, while new ones come in.
func TestPaging(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		var want []string
		for i := range 23 {
			if i%7 == 0 {
				s.clock.Add(time.Minute) // seven at the same moment
			}
			n := headline(fmt.Sprint("Story ", i))
			n.Bylines = []string{fmt.Sprint("Author ", i)}
			want = append(want, s.story(n))
		}
		slices.Reverse(want)
		for _, limit := range []int{1, 2, 5, 7, 23, 100} {
			var got []string
			for before := ""; ; {
				cards, older, err := s.Latest(ctx, Filter{Limit: limit, Before: before})
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range cards {
					if slices.Contains(want, c.ID) {
						got = append(got, c.ID)
					}
					if len(c.Bylines) != 1 {
						t.Errorf("%s is by %q", c.Headline, c.Bylines)
					}
				}
				s.clock.Add(time.Second)
				s.story(New{Content: Content{Headline: "It arrived meanwhile", Bylines: []string{"Desk"}}})
				if older == "" {
					break
				}
				before = older
			}
			// What came in before the first look may stand in front.
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d: %d stories, want %d each once", limit, len(got), len(want))
			}
		}
		for _, cursor := range []string{"x", "..", "!.id", "1", "zzzzzzzzzzzzzzzzzzzz.id", "1." + strings.Repeat("x", 41)} {
			if _, _, err := s.Latest(ctx, Filter{Before: cursor}); !problem.Is(err, problem.NotFound) {
				t.Errorf("the cursor %q answers %v", cursor, err)
			}
		}
	})
}

func TestFilter(t *testing.T) {
	s, ctx := newDesk(t, papertest.SQLite(t)), t.Context()
	old := s.story(headline("Old"))
	since := s.clock.Add(time.Hour)
	young := s.story(New{Section: "world", Content: Content{Headline: "Young"}})
	for _, test := range []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"all", Filter{Limit: 9}, []string{young, old}},
		{"one at least", Filter{}, []string{young}},
		{"a section", Filter{Limit: 9, Section: "city"}, []string{old}},
		{"no section", Filter{Limit: 9, Section: "sport"}, []string{}},
		{"since", Filter{Limit: 9, Since: since}, []string{young}},
		{"without", Filter{Limit: 9, Without: young}, []string{old}},
	} {
		cards, _, err := s.Latest(ctx, test.filter)
		if err != nil || !slices.Equal(cardIDs(cards), test.want) {
			t.Errorf("%s: %q, %v; want %q", test.name, cardIDs(cards), err, test.want)
		}
	}
}

// TestSections holds that a section which is not listed any more keeps its articles.
func TestSections(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		id := s.story(headline("Harbour opens"))
		if err := s.SetSections(ctx, []Section{{Slug: "world", Name: "The World"}, {Slug: "arts", Name: "Arts"}}); err != nil {
			t.Fatal(err)
		}
		list, err := s.Sections(ctx)
		if err != nil || !slices.Equal(list, []Section{{"world", "The World", "world"}, {"arts", "Arts", "arts"}}) {
			t.Errorf("Sections = %v, %v", list, err)
		}
		if _, err := s.Section(ctx, "city"); !problem.Is(err, problem.NotFound) {
			t.Errorf("the section that is gone: %v", err)
		}
		r, _, err := s.Read(ctx, "city", "harbour-opens")
		if err != nil || r.ID != id || r.Section.Name != "City" {
			t.Errorf("its article: %+v, %v", r, err)
		}
	})
}

// TestMonth holds that the sitemap of a month lists more stories than a
// statement takes arguments, leaves out what is not for search engines, and
// goes from the first to the last moment of the month.
func TestMonth(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		month := time.Date(2025, time.February, 1, 0, 0, 0, 0, time.UTC)
		for _, at := range []time.Time{month.Add(-time.Microsecond), month, month.AddDate(0, 1, 0).Add(-time.Microsecond), month.AddDate(0, 1, 0)} {
			s.clock.Set(at)
			s.story(headline(fmt.Sprint("At ", at.Format("0201"))))
		}
		s.story(New{Content: Content{Headline: "Not for search engines"}, Rights: Rights{NoIndex: true}})
		list, err := s.Month(ctx, month.Add(100*time.Hour))
		if err != nil || len(list) != 2 || list[0].Path != "/category/city/at-0102" || list[1].Path != "/category/city/at-2802" {
			t.Errorf("Month = %v, %v", list, err)
		}
		s.fill(33_000, month.Add(time.Hour)) // the clock stands before the last of February then
		if list, err = s.Month(ctx, month); err != nil || len(list) != 33_001 {
			t.Errorf("Month lists %d, %v", len(list), err)
		}
	})
}

// fill copies a story n times, a second apart from at on.
func (s *desk) fill(n int, at time.Time) {
	s.t.Helper()
	ctx, id := s.t.Context(), s.story(headline("Copied"))
	s.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into article
			with recursive count(n) as (select 1 union all select n + 1 from count where n < cast($2 as bigint))
			select a.id || '-' || n, section, slug || '-' || n, state, kind, language, n % 4, headline, kicker, standfirst, dateline, body, words,
				picture, caption, credit, alt, source_notice, canonical, noindex, feed,
				cast($3 as bigint) + cast(n as bigint) * 1000000, updated, embargo, embargo_open, expires, withdrawn, withdrawn_by, withdrawn_why, revision, edited, created, changed, revision, folded, format, video, sponsor
			from article a, count
			where a.id = $1`, id, n, at.UnixMicro())
		return err
	})
	s.clock.Set(at.Add(time.Duration(n+1) * time.Second))
}

// TestPlans holds that lists are read from their index, in its order: their
// cost does not grow with the paper.
func TestPlans(t *testing.T) {
	s := newDesk(t, papertest.SQLite(t))
	s.fill(2000, s.clock.Now())
	for _, test := range []struct {
		name   string
		filter Filter
		index  string
	}{
		{"latest", Filter{}, "article_latest"},
		{"without what is sponsored", Filter{Unpaid: true}, "article_latest"},
		{"older", Filter{Before: "1.id"}, "article_latest"},
		{"section", Filter{Section: "city"}, "article_section"},
		{"older of a section", Filter{Section: "city", Before: "1.id"}, "article_section"},
	} {
		for _, analysed := range []bool{false, true} {
			if analysed {
				s.tx(func(tx *db.Tx) error {
					_, err := tx.Exec(t.Context(), `analyze`)
					return err
				})
			}
			tail, args, err := test.filter.sql(s.Now(), 60)
			if err != nil {
				t.Fatal(err)
			}
			plan := explain(t, s, selectCards+tail, args)
			if !strings.Contains(plan, test.index) || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s, analysed %v:\n%s", test.name, analysed, plan)
			}
		}
	}
}

// TestHistoryPlans is TestPlans for what readers are told of changes.
func TestHistoryPlans(t *testing.T) {
	s := newDesk(t, papertest.SQLite(t))
	s.fill(500, s.clock.Now())
	s.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into revision (article, number, kind, note, author, content, created, shown)
			with recursive count(n) as (select 2 union all select n + 1 from count where n < 10)
			select a.id, n, case when n % 3 = 0 then 'correction' else 'update' end, '', '', '{}', 0, a.published + n from article a, count`)
		return err
	})
	for _, analysed := range []bool{false, true} {
		if analysed {
			s.tx(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `analyze`)
				return err
			})
		}
		for _, before := range []string{"", "zzz.id.2"} {
			query, args, err := correctionsSQL(s.Now(), before, 31)
			if err != nil {
				t.Fatal(err)
			}
			plan := explain(t, s, query, args)
			if !strings.Contains(plan, "r USING INDEX revision_correction (shown<?)") && !strings.Contains(plan, "r USING INDEX revision_correction (shown>? AND shown<?)") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("corrections before %q, analysed %v:\n%s", before, analysed, plan)
			}
		}
		query, args := versionsSQL("x", s.Now(), 7, 21)
		plan := explain(t, s, query, args)
		if !strings.Contains(plan, "revision USING INDEX sqlite_autoindex_revision_1 (article=? AND number<?)") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("versions, analysed %v:\n%s", analysed, plan)
		}
	}
}

func explain(t *testing.T, s *desk, query string, args []any) string {
	t.Helper()
	rows, err := s.DB.Query(t.Context(), `explain query plan `+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	return plan.String()
}

func TestFront(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		front := func() *FrontPage {
			t.Helper()
			f, err := s.Front(ctx, Layout{})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, id := range placed(f) {
				if seen[id] {
					t.Errorf("%s stands twice", s.get(id).Headline)
				}
				seen[id] = true
			}
			return f
		}
		if f := front(); f.Lead != nil || len(frontIDs(f)) > 0 {
			t.Errorf("the front of an empty paper: %+v", f)
		}
		opinion := s.story(New{Class: Class{Kind: Opinion, Weight: 5}, Content: Content{Headline: "We think"}})
		if f := front(); f.Lead != nil || !slices.Equal(cardIDs(f.Opinion), []string{opinion}) || len(f.Latest) != 1 {
			t.Errorf("one opinion: %+v", f)
		}
		big := s.story(New{Class: Class{Weight: 4}, Content: Content{Headline: "Big"}})
		if f := front(); f.Lead == nil || f.Lead.ID != big || len(f.Seconds) > 0 || len(f.Sections) > 0 {
			t.Errorf("one story: %+v", f)
		}

		// A step of weight is worth eight hours, a picture two.
		s.clock.Add(15 * time.Hour)
		s.story(New{Class: Class{Weight: 2}, Content: Content{Headline: "Two steps smaller"}})
		if f := front(); f.Lead.ID != big {
			t.Errorf("%q leads after 15 hours", f.Lead.Headline)
		}
		pictured := s.story(New{Class: Class{Weight: 2}, Content: Content{Headline: "And a picture", Lead: Lead{Picture: "p"}}})
		if f := front(); f.Lead.ID != pictured {
			t.Errorf("%q leads, want the one with a picture", f.Lead.Headline)
		}
		s.tx(func(tx *db.Tx) error {
			return s.Revise(ctx, tx, big, Content{Headline: "Big, and new"}, Revision{Reason: Update})
		})
		if f := front(); f.Lead.ID != big {
			t.Errorf("%q leads, want the updated one", f.Lead.Headline)
		}

		for i := range 30 {
			n := New{Section: []string{"city", "world"}[i%2], Class: Class{Weight: i % 5}, Content: Content{Headline: fmt.Sprint("Story ", i), Bylines: []string{fmt.Sprint("By Story ", i)}}}
			if i%6 == 0 {
				n.Kind = Opinion
			}
			if i == 7 || i == 9 {
				n.Lead.Picture = "p"
			}
			s.story(n)
		}
		f := front()
		if len(f.Seconds) != frontSeconds || len(f.Opinion) != frontOpinion || len(f.Sections) != 2 || len(f.Latest) != frontLatest {
			t.Errorf("%d seconds, %d opinions, %d sections, %d latest", len(f.Seconds), len(f.Opinion), len(f.Sections), len(f.Latest))
		}
		for _, sec := range f.Sections { // whatever they have lost to the top
			if len(sec.Cards) != frontPerSection {
				t.Errorf("section %s has %d stories", sec.Slug, len(sec.Cards))
			}
		}
		for _, c := range f.cards() {
			if want := []string{"By " + c.Headline}; !slices.Equal(c.Bylines, want) && strings.HasPrefix(c.Headline, "Story ") {
				t.Errorf("%q is by %q", c.Headline, c.Bylines)
			}
		}
		for _, c := range append(f.Seconds, *f.Lead) {
			if c.Kind == Opinion {
				t.Errorf("the opinion %q leads", c.Headline)
			}
		}
		for _, c := range f.Latest {
			if c.ID == f.Lead.ID {
				t.Error("the lead stands again")
			}
		}
	})
}

// TestFrontOfQuietSection is about a section that had little to tell of late: its
// block holds its newest stories all the same, beside the one that leads.
func TestFrontOfQuietSection(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s := newDesk(t, d)
		story := func(section string, weight int) string {
			s.clock.Add(time.Minute)
			return s.story(New{Section: section, Class: Class{Weight: weight}, Content: Content{Headline: section}})
		}
		var world []string
		for range frontPerSection + 2 {
			world = append(world, story("world", 0))
		}
		slices.Reverse(world)
		var lead string
		for i := range frontCandidates + 5 {
			story("city", 1)
			if i == frontCandidates {
				lead = story("world", 5)
			}
		}
		f, err := s.Front(t.Context(), Layout{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Lead == nil || f.Lead.ID != lead {
			t.Errorf("%+v leads", f.Lead)
		}
		if len(f.Sections) != 2 || len(f.Sections[0].Cards) != frontPerSection || !slices.Equal(cardIDs(f.Sections[1].Cards), world[:frontPerSection]) {
			t.Errorf("the sections are %+v", f.Sections)
		}
	})
}

// BenchmarkFront measures that the front page costs the same in a small paper
// and in a large one, as it fills itself and as editors place it.
func BenchmarkFront(b *testing.B) {
	for _, n := range []int{1000, 100_000} {
		s := newDesk(b, papertest.SQLite(b))
		s.fill(n, s.clock.Now())
		cards, _, err := s.Latest(b.Context(), Filter{Limit: 200})
		if err != nil {
			b.Fatal(err)
		}
		var placed Layout
		for i, area := range []Area{AreaLead, AreaSeconds, AreaOpinion, AreaBlock("city"), AreaBlock("world")} {
			for slot := range area.Size() {
				placed.Places = append(placed.Places, Place{Area: area, Slot: slot, Article: cards[100+10*i+slot].ID})
			}
		}
		for name, l := range map[string]Layout{"itself": {}, "placed": placed} {
			b.Run(fmt.Sprint(name, "/", n), func(b *testing.B) {
				for b.Loop() {
					if _, err := s.Front(b.Context(), l); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
