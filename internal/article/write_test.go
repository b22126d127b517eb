package article

import (
	"context"
	"errors"
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

// TestEvents holds what is told of each change: exactly what it means for
// readers, now and again when the clock makes it so.
func TestEvents(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		const appeared, changed, vanished = "article.appeared", "article.changed", "article.vanished"
		told := func(what string, want ...string) {
			t.Helper()
			if got := s.told(); !slices.Equal(got, want) {
				t.Errorf("%s: told %q, want %q", what, got, want)
			}
		}
		do := func(what string, f func(tx *db.Tx) error, want ...string) {
			t.Helper()
			s.tx(f)
			told(what, want...)
		}
		due := func(id string, at time.Time) {
			t.Helper()
			if err := s.ComeDue(ctx, Due{ID: id, At: at}); err != nil {
				t.Fatal(err)
			}
		}
		publish := func(id string, at time.Time) func(*db.Tx) error {
			return func(tx *db.Tx) error { return s.Publish(ctx, tx, id, at) }
		}
		revise := func(id string, r Revision) func(*db.Tx) error {
			return func(tx *db.Tx) error { return s.Revise(ctx, tx, id, Content{Headline: "New words"}, r) }
		}
		rights := func(id string, r Rights) func(*db.Tx) error {
			return func(tx *db.Tx) error { return s.SetRights(ctx, tx, id, r) }
		}
		withdraw := func(id string) func(*db.Tx) error {
			return func(tx *db.Tx) error { return s.Withdraw(ctx, tx, id, Withdrawal{By: "HPA"}) }
		}
		restore := func(id string) func(*db.Tx) error {
			return func(tx *db.Tx) error { return s.Restore(ctx, tx, id, "the editors") }
		}

		id := s.draft(headline("Harbour opens"))
		told("a draft")
		do("a revised draft", revise(id, Revision{Reason: Edit}))
		do("published", publish(id, time.Time{}), appeared)
		do("published again", publish(id, time.Time{}))
		do("revised", revise(id, Revision{Reason: Edit}), changed)
		do("moved", func(tx *db.Tx) error { return s.Move(ctx, tx, id, "world", "") }, changed)
		do("withdrawn", withdraw(id), vanished)
		do("withdrawn again", withdraw(id))
		do("its notice moved", func(tx *db.Tx) error { return s.Move(ctx, tx, id, "city", "") }, changed)
		do("restored", restore(id), appeared)
		do("restored again", restore(id))

		// The licence ends: by the clock, and by an editor.
		end := s.clock.Now().Add(time.Hour)
		do("a licence with an end", rights(id, Rights{Expires: end}), changed)
		s.clock.Set(end)
		due(id, end)
		told("the end of the licence", vanished)
		later := end.Add(time.Hour)
		do("a longer licence", rights(id, Rights{Expires: later}), appeared)
		due(id, end)
		told("the job of the end that is none any more")
		do("the licence ends now", rights(id, Rights{Expires: s.clock.Now()}), vanished)
		do("withdrawn after its end", withdraw(id), vanished)

		// An embargo ends, is longer than was said, is lifted early.
		now := s.clock.Now()
		id = s.draft(New{Content: Content{Headline: "Budget"}, Rights: Rights{Embargo: now.Add(time.Hour)}})
		do("embargoed", publish(id, time.Time{}))
		do("embargoed for longer", rights(id, Rights{Embargo: now.Add(2 * time.Hour)}))
		s.clock.Set(now.Add(time.Hour))
		due(id, now.Add(time.Hour))
		told("the end that is none any more")
		if err := s.ComeDue(ctx, Due{ID: id, At: now.Add(2 * time.Hour)}); err == nil {
			t.Error("a job that came too early is done")
		}
		s.clock.Set(now.Add(2 * time.Hour))
		due(id, now.Add(2*time.Hour))
		told("the end of the embargo", appeared)
		if a := s.get(id); !a.Published.Equal(now.Add(2 * time.Hour)) {
			t.Errorf("published %s, want when readers could first have it", a.Published)
		}
		do("embargoed again", rights(id, Rights{EmbargoOpen: true}), vanished)
		do("withdrawn under an embargo", withdraw(id))

		id = s.draft(New{Content: Content{Headline: "Budget vote"}, Rights: Rights{Embargo: s.clock.Now().Add(time.Hour)}})
		do("embargoed", publish(id, time.Time{}))
		do("lifted early", rights(id, Rights{}), appeared)
		if a := s.get(id); !a.Published.Equal(s.clock.Now()) {
			t.Errorf("published %s, want now", a.Published)
		}

		// What the desk has set for tomorrow is not published by other rights.
		tomorrow := s.clock.Now().Add(24 * time.Hour)
		id = s.draft(headline("Tomorrow's story"))
		do("set for tomorrow", publish(id, tomorrow))
		do("new rights", rights(id, Rights{NoIndex: true}))
		if a := s.get(id); !a.Published.Equal(tomorrow) {
			t.Errorf("published %s, want %s", a.Published, tomorrow)
		}

		// A draft that is withdrawn was never there.
		id = s.draft(headline("Never printed"))
		do("a draft withdrawn", withdraw(id))
		if _, _, err := s.Read(ctx, "city", "never-printed"); !problem.Is(err, problem.NotFound) {
			t.Errorf("a withdrawn draft answers %v", err)
		}
		do("a draft restored", restore(id))
		if a := s.get(id); a.State != Draft {
			t.Errorf("a restored draft is %s", a.State)
		}
		due("nothing", now)
		told("a job of nothing")
	})
}

// TestWithdrawal holds what readers are told of what is gone.
func TestWithdrawal(t *testing.T) {
	s, ctx := newDesk(t, papertest.SQLite(t)), t.Context()
	id := s.story(headline("Harbour opens"))
	at := s.clock.Add(time.Hour)
	s.tx(func(tx *db.Tx) error {
		return s.Withdraw(ctx, tx, id, Withdrawal{By: "HPA", Why: "The agency has withdrawn it."})
	})
	_, _, err := s.Read(ctx, "city", "harbour-opens")
	var w Withdrawal
	if !problem.Is(err, problem.Gone) || !errors.As(err, &w) || w.By != "HPA" || !w.At.Equal(at) || err.Error() != "The agency has withdrawn it." {
		t.Errorf("a withdrawn article answers %v, %+v", err, w)
	}
	if _, err := s.Locate(ctx, id); !problem.Is(err, problem.Gone) {
		t.Errorf("it is located: %v", err)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error { return s.Publish(ctx, tx, id, time.Time{}) })
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("it can be published again: %v", err)
	}
	if a := s.get(id); a.Headline != "Harbour opens" || a.Revision != 2 {
		t.Errorf("the desk has %q, revision %d", a.Headline, a.Revision)
	}
}

// TestUpdated holds which changes readers are told of.
func TestUpdated(t *testing.T) {
	s, ctx := newDesk(t, papertest.SQLite(t)), t.Context()
	for _, test := range []struct {
		reason Reason
		told   bool
	}{{Edit, false}, {Update, true}, {Correction, true}, {FromWire, true}} {
		id := s.story(headline("Harbour opens"))
		draft := s.draft(headline("Harbour opens"))
		now := s.clock.Add(time.Minute)
		r := Revision{Reason: test.reason, Note: "It opens on Tuesday.", Edited: test.reason == Edit}
		s.tx(func(tx *db.Tx) error {
			c := Content{Headline: "Quay opens", Bylines: []string{"Ana Ruiz", "Bo Lind"}}
			if err := s.Revise(ctx, tx, draft, c, r); err != nil {
				return err
			}
			return s.Revise(ctx, tx, id, c, r)
		})
		a := s.get(id)
		if a.Updated.Equal(now) != test.told || a.Updated.IsZero() == test.told {
			t.Errorf("%s: updated %v", test.reason, a.Updated)
		}
		if !s.get(draft).Updated.IsZero() {
			t.Errorf("%s: a draft is updated, which readers never had", test.reason)
		}
		if a.Edited != r.Edited || !slices.Equal(a.Bylines, []string{"Ana Ruiz", "Bo Lind"}) {
			t.Errorf("%s: edited %v, by %q", test.reason, a.Edited, a.Bylines)
		}
	}
}

func TestChecks(t *testing.T) {
	s, ctx := newDesk(t, papertest.SQLite(t)), t.Context()
	id := s.story(headline("Harbour opens"))
	good := Content{Headline: "Harbour opens"}
	long := strings.Repeat("é", maxField+1)
	for _, test := range []struct {
		name  string
		field string // that the message stands by
		spoil func(c *Content)
	}{
		{"no headline", "headline", func(c *Content) { c.Headline = " \n" }},
		{"a long headline", "headline", func(c *Content) { c.Headline = strings.Repeat("é", 301) }},
		{"a long kicker", "", func(c *Content) { c.Kicker = long }},
		{"a long standfirst", "", func(c *Content) { c.Standfirst = long }},
		{"a long byline", "", func(c *Content) { c.Bylines = []string{"Ana Ruiz", long} }},
		{"a long dateline", "", func(c *Content) { c.Dateline = long }},
		{"a long notice", "", func(c *Content) { c.SourceNotice = long }},
		{"a long caption", "", func(c *Content) { c.Lead.Caption = long }},
		{"a long credit", "", func(c *Content) { c.Lead.Credit = long }},
		{"a long alt", "", func(c *Content) { c.Lead.Alt = long }},
		{"a body of no kind", "", func(c *Content) { c.Body.Blocks = []richtext.Block{{Kind: "script"}} }},
	} {
		c := good
		test.spoil(&c)
		for verb, write := range map[string]func(tx *db.Tx) error{
			"create": func(tx *db.Tx) error { // a draft may be without a headline, what appears may not
				id, err := s.Create(ctx, tx, New{Section: "city", Content: c})
				if err != nil {
					return err
				}
				return s.Publish(ctx, tx, id, time.Time{})
			},
			"revise": func(tx *db.Tx) error { return s.Revise(ctx, tx, id, c, Revision{Reason: Edit}) },
		} {
			p := problem.Of(s.DB.Tx(ctx, write))
			if p == nil || p.Kind != problem.Invalid || test.field != "" && p.Fields[test.field] == "" {
				t.Errorf("%s with %s: %+v", verb, test.name, p)
			}
		}
	}
	c := good
	c.Headline, c.Standfirst = strings.Repeat("é", 300), strings.Repeat("é", maxField)
	if err := s.DB.Tx(ctx, func(tx *db.Tx) error { return s.Revise(ctx, tx, id, c, Revision{Reason: Edit}) }); err != nil {
		t.Errorf("as long as allowed: %v", err)
	}
	for _, note := range []string{"", " \n"} {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			return s.Revise(ctx, tx, id, good, Revision{Reason: Correction, Note: note})
		})
		if p := problem.Of(err); p == nil || p.Fields["note"] == "" {
			t.Errorf("a correction with the note %q: %v", note, err)
		}
	}
	for _, weight := range []int{-1, 6} {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := s.Create(ctx, tx, New{Section: "city", Class: Class{Weight: weight}, Content: good})
			return err
		})
		if !problem.Is(err, problem.Invalid) {
			t.Errorf("weight %d: %v", weight, err)
		}
	}
	if a := s.get(id); a.Revision != 2 {
		t.Errorf("what was refused left revision %d, want 2", a.Revision)
	}
	for name, change := range map[string]func(ctx context.Context, tx *db.Tx, id string) error{
		"publish":  func(ctx context.Context, tx *db.Tx, id string) error { return s.Publish(ctx, tx, id, time.Time{}) },
		"withdraw": func(ctx context.Context, tx *db.Tx, id string) error { return s.Withdraw(ctx, tx, id, Withdrawal{}) },
		"restore":  func(ctx context.Context, tx *db.Tx, id string) error { return s.Restore(ctx, tx, id, "") },
		"rights":   func(ctx context.Context, tx *db.Tx, id string) error { return s.SetRights(ctx, tx, id, Rights{}) },
	} {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error { return change(ctx, tx, "nothing") })
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("%s nothing: %v", name, err)
		}
	}
}

// TestVerify plants damage and expects it to be told, and nothing else.
func TestVerify(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		verify := func() (told []string) {
			t.Helper()
			if err := s.Verify(ctx, func(sentence string) { told = append(told, sentence) }); err != nil {
				t.Fatal(err)
			}
			return told
		}
		for i := range 3 {
			s.story(headline(fmt.Sprint("Story ", i)))
		}
		whole := s.story(headline("Whole"))
		s.tx(func(tx *db.Tx) error { return s.Move(ctx, tx, whole, "world", "still whole") })
		if told := verify(); told != nil {
			t.Fatalf("a whole paper: %q", told)
		}
		for _, damage := range []struct{ name, sql, says string }{
			{"body", `update article set body = '{"blocks":[{"kind":"script"}]}' where slug = 'story-0'`, "body"},
			{"revision", `delete from revision where article = (select id from article where slug = 'story-1')`, "counts 1 revisions and has 0"},
			{"address", `delete from address where slug = 'story-2'`, "leads nowhere"},
		} {
			before := len(verify())
			s.tx(func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, damage.sql)
				return err
			})
			told := verify()
			if len(told) != before+1 || !slices.ContainsFunc(told, func(s string) bool { return strings.Contains(s, damage.says) }) {
				t.Errorf("damaged %s: %q", damage.name, told)
			}
		}
	})
}
