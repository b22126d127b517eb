package article

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestHistory tells what readers are told of the versions that they had.
func TestHistory(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		id := s.draft(headline("Harbor"))
		revise := func(h string, r Revision) {
			s.tx(func(tx *db.Tx) error { return s.Revise(ctx, tx, id, Content{Headline: h}, r) })
			s.clock.Add(time.Minute)
		}
		revise("Harbour", Revision{Reason: Correction, Note: "secret: before it was published"})
		s.tx(func(tx *db.Tx) error { return s.Publish(ctx, tx, id, time.Time{}) })
		s.clock.Add(time.Minute)
		revise("Harbour opens", Revision{Reason: Update, Note: "secret"})
		revise("Harbour opens Tuesday", Revision{Reason: Correction, Note: "It opens on Tuesday.", By: "Ana"})
		s.tx(func(tx *db.Tx) error {
			_, err := s.Keep(ctx, tx, id, Content{Headline: "secret"}, "Ana")
			return err
		})
		revise("Harbour opens on Tuesday", Revision{Reason: Edit, Note: "secret"})

		h, moved, err := s.History(ctx, "city", "harbor", "")
		if err != nil || moved != "" || h.Older != "" || h.Before != nil || h.Ended {
			t.Fatalf("History = %+v, %q, %v", h, moved, err)
		}
		var got []string
		for _, v := range h.Versions {
			got = append(got, fmt.Sprintf("%s: %s (%s)", v.Reason, v.Headline, v.Note))
			if v.Shown.IsZero() {
				t.Errorf("%s was shown at no time", v.Headline)
			}
		}
		want := "edit: Harbour opens on Tuesday ()\ncorrection: Harbour opens Tuesday (It opens on Tuesday.)\nupdate: Harbour opens ()\nfirst: Harbour ()"
		if s := strings.Join(got, "\n"); s != want {
			t.Errorf("History:\n%s\nwant\n%s", s, want)
		}

		r, _, err := s.Read(ctx, "city", "harbor")
		if err != nil {
			t.Fatal(err)
		}
		list, changed, err := s.CorrectionsOf(ctx, r)
		if err != nil || !changed || len(list) != 1 || list[0].Note != "It opens on Tuesday." {
			t.Errorf("CorrectionsOf = %+v, %v, %v", list, changed, err)
		}
		log, older, err := s.Corrections(ctx, "", 30)
		if err != nil || older != "" || len(log) != 1 || log[0].Note != "It opens on Tuesday." || log[0].Path() != "/category/city/harbor" {
			t.Errorf("Corrections = %+v, %q, %v", log, older, err)
		}

		s.tx(func(tx *db.Tx) error { return s.Move(ctx, tx, id, "world", "quay") })
		if _, moved, err := s.History(ctx, "city", "harbor", ""); err != nil || moved != "/category/world/quay" {
			t.Errorf("the history of an old address: %q, %v", moved, err)
		}
		s.tx(func(tx *db.Tx) error { return s.Withdraw(ctx, tx, id, Withdrawal{By: "AFP"}) })
		if _, _, err := s.History(ctx, "world", "quay", ""); !problem.Is(err, problem.Gone) {
			t.Errorf("the history of a withdrawn article: %v", err)
		}
		if log, _, err := s.Corrections(ctx, "", 30); err != nil || len(log) != 0 {
			t.Errorf("corrections of a withdrawn article: %+v, %v", log, err)
		}
	})
}

// TestHistoryPages holds that a long history comes in pages, none of which lacks
// what its oldest version was made from.
func TestHistoryPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		id := s.story(headline("Harbour"))
		for i := range 2*versionsPerPage - 1 {
			s.clock.Add(time.Minute)
			s.tx(func(tx *db.Tx) error {
				return s.Revise(ctx, tx, id, Content{Headline: fmt.Sprint("Harbour ", i)}, Revision{Reason: Correction, Note: fmt.Sprint(i)})
			})
		}
		h, _, err := s.History(ctx, "city", "harbour", "")
		if err != nil || len(h.Versions) != versionsPerPage || h.Before == nil || h.Older == "" {
			t.Fatalf("the first page: %+v, %v", h, err)
		}
		if first, _, err := s.History(ctx, "city", "harbour", h.Older); err != nil || len(first.Versions) != versionsPerPage ||
			first.Before != nil || first.Older != "" || first.Versions[0].Number != h.Before.Number || first.Versions[versionsPerPage-1].Reason != First {
			t.Fatalf("the second page: %+v, %v", first, err)
		}
		for _, bad := range []string{"0", "-1", "x", "1.5", "99999999999999999999"} {
			if _, _, err := s.History(ctx, "city", "harbour", bad); !problem.Is(err, problem.NotFound) {
				t.Errorf("before %q: %v", bad, err)
			}
		}

		var notes []string
		before := ""
		for {
			list, older, err := s.Corrections(ctx, before, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range list {
				notes = append(notes, c.Note)
			}
			if before = older; older == "" {
				break
			}
		}
		if len(notes) != 2*versionsPerPage-1 || notes[0] != "38" || notes[38] != "0" {
			t.Errorf("the log tells %q", notes)
		}
		for _, bad := range []string{"x", "1.2", "1.2.x", "!.2.3", "1." + strings.Repeat("a", 41) + ".1", "1.2.3.4"} {
			if _, _, err := s.Corrections(ctx, bad, 7); !problem.Is(err, problem.NotFound) {
				t.Errorf("before %q: %v", bad, err)
			}
		}
	})
}

// TestCorrectionsAtOnce holds that corrections of one moment are all listed, once.
func TestCorrectionsAtOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		var ids []string
		for i := range 5 {
			ids = append(ids, s.story(headline(fmt.Sprint("Harbour ", i))))
		}
		s.clock.Add(time.Minute)
		for _, id := range ids {
			s.tx(func(tx *db.Tx) error {
				return s.Revise(ctx, tx, id, Content{Headline: "Harbour"}, Revision{Reason: Correction, Note: "It opens on Tuesday."})
			})
		}
		seen := map[string]int{}
		for before := ""; ; {
			list, older, err := s.Corrections(ctx, before, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range list {
				seen[c.ID]++
			}
			if before = older; older == "" {
				break
			}
		}
		for _, id := range ids {
			if seen[id] != 1 {
				t.Errorf("%s is listed %d times", id, seen[id])
			}
		}
	})
}
