package article

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// arranges is a store whose sections can be arranged.
func arranges(t *testing.T, d *db.DB) *Store {
	t.Helper()
	s := &Store{DB: d, Now: time.Now, ID: db.NewID, Audit: &audit.Log{DB: d, Keys: secret.NewKeyring(), Now: time.Now}}
	if err := s.PlantSections(t.Context(), []Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSectionAddress changes the address of a section: the old one leads to it for
// ever, also through a second change, and no other section gets it.
func TestSectionAddress(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := arranges(t, d), t.Context()
		to := Arranged{Section{Slug: "world", Name: "World", Address: "world-news"}, true}
		for i, address := range []string{"world-news", "planet", "world-news"} {
			if to.Address = address; s.ChangeSection(ctx, "", i, to) != nil {
				t.Fatal("the address is not changed to", address)
			}
		}
		for _, address := range []string{"world", "world-news", "planet"} {
			sec, err := s.SectionAt(ctx, address)
			if err != nil || sec.Slug != "world" || sec.Path() != "/category/world-news" {
				t.Errorf("%s is %+v, %v", address, sec, err)
			}
		}
		if err := s.AddSection(ctx, "", 3, Section{Slug: "planet", Name: "Planet"}); problem.Of(err) == nil || problem.Of(err).Fields["address"] == "" {
			t.Errorf("another section got the address: %v", err)
		}
		// The operator's own list means a section by any address that it has or had.
		if err := s.SetSections(ctx, []Section{{Slug: "planet", Name: "Planet"}}); err != nil {
			t.Fatal(err)
		}
		list, err := s.Sections(ctx)
		if err != nil || len(list) != 1 || list[0] != (Section{"world", "Planet", "planet"}) {
			t.Errorf("the sections are %+v, %v", list, err)
		}
	})
}

// Eight change the sections at once, again and again: of each state one wins.
func TestEightArrange(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := arranges(t, d), t.Context()
		for seen := range 4 {
			var won atomic.Int64
			eight(func(i int) {
				var err error
				if i%2 == 0 {
					err = s.OrderSections(ctx, "", seen, []string{"world", "city"})
				} else {
					err = s.AddSection(ctx, "", seen, Section{Slug: fmt.Sprint("new-", seen, "-", i), Name: "New"})
				}
				if err == nil {
					won.Add(1)
				} else if !problem.Is(err, problem.Conflict) {
					t.Error(err)
				}
			})
			if won.Load() != 1 {
				t.Fatalf("%d won", won.Load())
			}
		}
	})
}

func TestLastSectionStays(t *testing.T) {
	s, ctx := arranges(t, papertest.SQLite(t)), t.Context()
	hide := func(seen int, slug string) error {
		return s.ChangeSection(ctx, "", seen, Arranged{Section{Slug: slug, Name: "Name", Address: slug}, false})
	}
	if err := hide(0, "city"); err != nil {
		t.Fatal(err)
	}
	if err := hide(1, "world"); !problem.Is(err, problem.Invalid) {
		t.Errorf("the last section was hidden: %v", err)
	}
}

// TestSectionCost changes the address of a section with 10,000 articles: no row of an
// article is written, and none of its addresses.
//
// Seen red: the articles' own addresses rewritten.
func TestSectionCost(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := arranges(t, d), t.Context()
		err := d.Tx(ctx, func(tx *db.Tx) error {
			for i := range 10000 {
				id := fmt.Sprintf("a%06d", i)
				if _, err := tx.Exec(ctx, `insert into article (id, section, slug, state, kind, language, weight, headline, kicker, standfirst, dateline, body, words,
					picture, caption, credit, alt, source_notice, canonical, noindex, feed, published, updated, embargo, embargo_open, expires,
					withdrawn, withdrawn_by, withdrawn_why, revision, live, edited, created, changed)
					values ($1, 'world', $1, 'draft', 'news', 'en', 0, '', '', '', '', '{}', 0, '', '', '', '', '', '', false, 'full', 0, 0, 0, false, 0, 0, '', '', 1, 1, false, 0, 0)`, id); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `insert into address (section, slug, article, created) values ('world', $1, $1, 0)`, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// PostgreSQL moves a row that is written; SQLite has one connection that writes,
		// and it counts.
		where := func() (place string, n int64) {
			err := d.Tx(ctx, func(tx *db.Tx) error {
				if d.Postgres() {
					return tx.QueryRow(ctx, `select (select md5(string_agg(cast(ctid as text), ',' order by id)) from article) ||
						(select md5(string_agg(cast(ctid as text), ',' order by slug)) from address)`).Scan(&place)
				}
				return tx.QueryRow(ctx, `select total_changes()`).Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return place, n
		}
		place, n := where()
		if err := s.ChangeSection(ctx, "", 0, Arranged{Section{Slug: "world", Name: "World", Address: "planet"}, true}); err != nil {
			t.Fatal(err)
		}
		if after, written := where(); after != place || written-n > 20 {
			t.Errorf("%d rows were written, and %q became %q", written-n, place, after)
		}
	})
}
