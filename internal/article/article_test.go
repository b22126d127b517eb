package article

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A desk is a Store on an empty database with two sections, and its clock.
type desk struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
}

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	clock := &papertest.Clock{}
	s := &Store{DB: d, Jobs: job.New(d, slog.New(slog.DiscardHandler)), Now: clock.Now, ID: db.NewID}
	job.Handle(s.Jobs, DueKind, s.ComeDue)
	if err := s.SetSections(t.Context(), []Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}); err != nil {
		t.Fatal(err)
	}
	return &desk{Store: s, t: t, clock: clock}
}

// tx runs f in a transaction that must succeed.
func (d *desk) tx(f func(tx *db.Tx) error) {
	d.t.Helper()
	if err := d.DB.Tx(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

// draft creates a draft.
func (d *desk) draft(n New) (id string) {
	d.t.Helper()
	if n.Section == "" {
		n.Section = "city"
	}
	if n.Body.Blocks == nil {
		n.Body = richtext.FromText("The harbour of Orrin opens on Monday.")
	}
	d.tx(func(tx *db.Tx) (err error) {
		id, err = d.Create(d.t.Context(), tx, n)
		return err
	})
	return id
}

// story publishes an article now.
func (d *desk) story(n New) (id string) {
	d.t.Helper()
	id = d.draft(n)
	d.tx(func(tx *db.Tx) error { return d.Publish(d.t.Context(), tx, id, time.Time{}) })
	return id
}

func headline(s string) New { return New{Content: Content{Headline: s}} }

// get returns the article as the desk sees it.
func (d *desk) get(id string) *Article {
	d.t.Helper()
	a, err := d.Get(d.t.Context(), d.DB, id)
	if err != nil {
		d.t.Fatal(err)
	}
	return a
}

// told returns the facts that were recorded since the last call, oldest first.
func (d *desk) told() (facts []string) {
	d.t.Helper()
	d.tx(func(tx *db.Tx) error {
		facts = nil
		rows, err := tx.Query(d.t.Context(), `select kind, subject from outbox order by created, id`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var kind, subject string
			if err := rows.Scan(&kind, &subject); err != nil {
				return err
			}
			facts = append(facts, kind)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		_, err = tx.Exec(d.t.Context(), `delete from outbox`)
		return err
	})
	return facts
}

func TestSlug(t *testing.T) {
	long := "the council of the harbour town of orrin has decided to open the eastern quay again next monday"
	for _, test := range []struct{ headline, want string }{
		{"Harbour opens", "harbour-opens"},
		{"Élections : le 1er tour", "elections-le-1er-tour"},
		{"Straße nach Łódź, Ærø & Øresund", "strasse-nach-lodz-aero-oresund"},
		{"The mayor’s dog, the mayor's cat", "the-mayors-dog-the-mayors-cat"},
		{"  -- ??? ", ""},
		{"", ""},
		{"港が月曜に開く", ""},
		{"港 2026 Orrin", "2026-orrin"},
		{"Orrin™ and 5 ℃", "orrintm-and-5-c"},
		{"Feed", "feed-1"},
		{"feed-1", "feed-1"},
		{"../../etc/passwd%00", "etc-passwd-00"},
		{long, "the-council-of-the-harbour-town-of-orrin-has-decided-to-open-the-eastern-quay"},
		{fmt.Sprintf("%0200d", 7), fmt.Sprintf("%080d", 0)},
	} {
		got := Slug(test.headline)
		if got != test.want {
			t.Errorf("Slug(%q) = %q, want %q", test.headline, got, test.want)
		}
		if Slug(got) != got {
			t.Errorf("Slug(%q) = %q: not the same again", got, Slug(got))
		}
	}
}

func TestAddresses(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		path := func(id string) string { a := s.get(id); return a.Path() }
		move := func(id, section, slug string) {
			t.Helper()
			s.tx(func(tx *db.Tx) error { return s.Move(ctx, tx, id, section, slug) })
		}
		moved := func(section, slug string) string {
			t.Helper()
			_, to, err := s.Read(ctx, section, slug)
			if err != nil {
				t.Fatalf("%s/%s: %v", section, slug, err)
			}
			return to
		}

		first, second := s.story(headline("Harbour opens")), s.story(headline("Harbour opens!"))
		if path(first) != "/category/city/harbour-opens" || path(second) != "/category/city/harbour-opens-2" {
			t.Fatalf("addresses %s and %s", path(first), path(second))
		}

		// A moved article leaves its address behind, for ever and for nobody else.
		move(first, "world", "Quay opens")
		if got := path(first); got != "/category/world/quay-opens" {
			t.Errorf("moved to %s", got)
		}
		if to := moved("city", "harbour-opens"); to != path(first) {
			t.Errorf("the old address leads to %q", to)
		}
		if got := path(s.story(headline("Harbour opens"))); got != "/category/city/harbour-opens-3" {
			t.Errorf("an address that was given once is given again: %s", got)
		}
		move(second, "city", "harbour opens")
		if got := path(second); got == "/category/city/harbour-opens" {
			t.Error("an article was moved to another one's old address")
		}

		// Back again, and only its own old addresses are free to it.
		move(first, "city", "harbour-opens")
		if path(first) != "/category/city/harbour-opens" || moved("world", "quay-opens") != path(first) {
			t.Errorf("back at %s", path(first))
		}
		if loc, err := s.Locate(ctx, first); err != nil || loc != path(first) {
			t.Errorf("Locate = %s, %v", loc, err)
		}

		// A new section keeps the slug, also one with a number after 80 letters.
		long := headline(fmt.Sprintf("%0100d", 1))
		s.story(long)
		third := s.story(long)
		slug := s.get(third).Slug
		move(third, "world", "")
		if got := s.get(third); got.Slug != slug || got.Section.Slug != "world" {
			t.Errorf("%s became %s/%s", slug, got.Section.Slug, got.Slug)
		}

		// What an editor types as the slug is made one.
		n := headline("Ferry")
		n.Slug = "Ferry / late?"
		if got := path(s.story(n)); got != "/category/city/ferry-late" {
			t.Errorf("the typed slug became %s", got)
		}
		if got := s.get(s.story(headline("港が開く"))).Slug; len(got) != len("story-")+8 {
			t.Errorf("a headline without letters has the address %q", got)
		}

		for _, err := range []error{
			d.Tx(ctx, func(tx *db.Tx) error { return s.Move(ctx, tx, first, "sport", "") }),
			d.Tx(ctx, func(tx *db.Tx) error {
				_, err := s.Create(ctx, tx, New{Section: "sport", Content: Content{Headline: "Goal"}})
				return err
			}),
		} {
			if !problem.Is(err, problem.Invalid) {
				t.Errorf("a section that is not: %v", err)
			}
		}
	})
}

// TestOneHeadlineEveryDay holds that the daily briefing neither runs out of
// addresses nor tries hundreds of them.
func TestOneHeadlineEveryDay(t *testing.T) {
	s := newDesk(t, papertest.SQLite(t))
	seen := map[string]bool{}
	for range 40 {
		slug := s.get(s.draft(headline("Morning briefing"))).Slug
		if seen[slug] || len(slug) > len("morning-briefing-")+8 {
			t.Fatalf("address %q", slug)
		}
		seen[slug] = true
	}
}
