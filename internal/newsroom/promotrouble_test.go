package newsroom

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/promo"
)

// TestPromoTag says of each trouble with an ad server what it is, and until when its last
// video is shown all the same.
func TestPromoTag(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		b.draws(b.poster)
		at := b.books("source", "tag", "film", "", "address", "https://ads.example/vast.xml")
		id := strings.TrimPrefix(at, promoAt+"/")
		b.acts(at, "run")
		said := func(trouble promo.Trouble, good time.Time, video string) string {
			t.Helper()
			check(t, b.db.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `insert into promo_tag (booking, tried, good, trouble, answer) values ($1, $2, $3, $4, '')
					on conflict (booking) do update set good = excluded.good, trouble = excluded.trouble`, id, db.Time(monday), db.Time(good), trouble)
				if err == nil {
					_, err = tx.Exec(t.Context(), `update promo_booking set video = nullif($2, '') where id = $1`, id, video)
				}
				return err
			}))
			body := b.page(at, b.asEd)
			if list := b.page(promoAt, b.asEd); strings.Count(list, `class="trouble"`) != strings.Count(body, `class="trouble"`) {
				t.Errorf("%q: the list tells something else than the page", trouble)
			}
			if !strings.Contains(body, `class="trouble"`) {
				return ""
			}
			return between(t, body, `class="trouble">`, "</p>")
		}
		seen := map[string]bool{}
		for _, trouble := range promo.Troubles() {
			words := said(trouble, time.Time{}, "")
			if seen[words] || words == "" || strings.Contains(words, "booking.tag") || !strings.HasSuffix(words, ".") {
				t.Errorf("%q is told as %q", trouble, words)
			}
			seen[words] = true
		}
		if words := said(promo.Late, monday.Add(-time.Minute), b.film); !strings.Contains(words, "does not answer in time") || !strings.Contains(words, "Its last video is shown until Nov. 23, 2026, 12:59") {
			t.Errorf("with a good answer of a minute ago: %q", words)
		}
		if words := said(promo.NoAd, monday.Add(-time.Minute), b.film); strings.Contains(words, "until") {
			t.Errorf("with no ad: %q", words)
		}
		if words := said(promo.NoTrouble, monday.Add(-time.Minute), b.film); words != "" {
			t.Errorf("nothing is wrong: %q", words)
		}
		if words := said(promo.NoTrouble, monday.Add(-2*time.Hour), b.film); !strings.Contains(words, "more than an hour old") {
			t.Errorf("with a good answer of two hours ago: %q", words)
		}
	})
}
