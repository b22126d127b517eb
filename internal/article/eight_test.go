package article

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// eight runs f in eight goroutines at once.
func eight(f func(i int)) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func TestRevisionsUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		id := s.story(headline("Harbour opens"))
		const each = 5
		eight(func(i int) {
			for j := range each {
				err := d.Tx(ctx, func(tx *db.Tx) error {
					return s.Revise(ctx, tx, id, Content{Headline: fmt.Sprint("Harbour opens ", i, j)}, Revision{Reason: Edit, By: "desk"})
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		a := s.get(id)
		if a.Revision != 1+8*each {
			t.Errorf("%d revisions, want %d", a.Revision, 1+8*each)
		}
		var numbers, first, last int
		if err := d.QueryRow(ctx, `select count(*), min(number), max(number) from revision where article = $1`, id).Scan(&numbers, &first, &last); err != nil {
			t.Fatal(err)
		}
		if numbers != a.Revision || first != 1 || last != a.Revision {
			t.Errorf("%d revisions from %d to %d, want no gap up to %d", numbers, first, last, a.Revision)
		}
		var newest string
		if err := d.QueryRow(ctx, `select content from revision where article = $1 and number = $2`, id, last).Scan(&newest); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(newest, a.Headline) {
			t.Errorf("the article is %q, its newest revision %s", a.Headline, newest)
		}
	})
}

func TestCreateUnderEight(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		eight(func(int) {
			err := d.Tx(ctx, func(tx *db.Tx) error {
				_, err := s.Create(ctx, tx, New{Section: "city", Content: Content{Headline: "Harbour opens"}})
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		rows, err := d.Query(ctx, `select slug from article order by slug`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var slugs []string
		for rows.Next() {
			var slug string
			if err := rows.Scan(&slug); err != nil {
				t.Fatal(err)
			}
			slugs = append(slugs, slug)
		}
		want := []string{"harbour-opens"}
		for n := 2; n <= 8; n++ {
			want = append(want, fmt.Sprint("harbour-opens-", n))
		}
		if diff := cmp.Diff(want, slugs); diff != "" {
			t.Error(diff)
		}
	})
}

// TestDueOnce holds that a story revised ten times waits for its embargo once.
func TestDueOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		s.clock.Set(time.Now().Add(24 * time.Hour)) // jobs go by the real clock
		id := s.story(New{Content: Content{Headline: "Budget"}, Rights: Rights{Embargo: s.clock.Now().Add(time.Hour)}})
		for range 10 {
			s.tx(func(tx *db.Tx) error {
				return s.Revise(ctx, tx, id, Content{Headline: "Budget"}, Revision{Reason: FromWire})
			})
		}
		var jobs int
		if err := d.QueryRow(ctx, `select count(*) from river_job where kind = $1`, DueKind).Scan(&jobs); err != nil {
			t.Fatal(err)
		}
		if jobs != 1 {
			t.Errorf("%d jobs wait for one embargo", jobs)
		}
	})
}
