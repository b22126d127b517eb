package newsroom

import (
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/promo"
)

// TestPromoLibrary knows in the library that a booking shows a picture: it is not among
// those that stand nowhere, and what takes its place takes it there, too, and back. What
// is over keeps what it showed.
func TestPromoLibrary(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		old, fresh := b.sends(b.asPub, shot(t, 90, "The old oven", "Print room")), b.sends(b.asPub, shot(t, 91, "The new oven", "Print room"))
		at := b.books("poster", old, "begins", "2026-12-07", "ends", "2026-12-08")
		over := b.books("poster", old)
		seen := between(t, b.page(at+"/change", b.asPub), `name="seen" value="`, `"`)
		unused := b.page(pictures+"?view=unused", b.asEd)
		if strings.Contains(unused, "The old oven") || !strings.Contains(unused, "The new oven") {
			t.Errorf("what is booked stands nowhere, or what is not does\n%s", unused)
		}
		b.at(monday.AddDate(0, 0, 10)) // one of them is over
		replaces := func(old, by string) string {
			t.Helper()
			res, body := b.fills(picturePath(old)+"/replace", b.asEd, "by", by)
			to := res.Header.Get("Location")
			if want := picturePath(by) + "?done=replaced&n=0&booked=1"; !strings.HasPrefix(to, want) {
				t.Fatalf("it leads to %q (%d), want %s\n%s", to, res.StatusCode, want, body)
			}
			return to
		}
		poster := func(at string) string {
			t.Helper()
			one, err := b.Promo.Get(t.Context(), strings.TrimPrefix(at, promoAt+"/"))
			check(t, err)
			return one.Poster
		}
		to := replaces(old, fresh)
		b.holds(b.page(to, b.asEd), "in 0 articles and 1 booking.", "Put the old picture back", `<a href="`+at+`">A booking of Fjeld Bakery shows it.</a>`)
		if poster(at) != fresh || poster(over) != old {
			t.Errorf("replaced, what is to come has %s and what is over %s", poster(at), poster(over))
		}
		// Whoever has the form open is told that the booking has changed.
		_, body := b.fills(at+"/change", b.asPub, b.form("seen", seen)...)
		b.holds(body, "Somebody has changed this booking since.")
		if to = replaces(fresh, old); strings.Contains(to, "&undo=") {
			t.Error("putting back what another has can be undone")
		}
		if poster(at) != old {
			t.Errorf("put back, it has %s", poster(at))
		}
		var told int
		check(t, b.db.QueryRow(t.Context(), `select count(*) from audit where act = $1 and detail like 'poster replaced %'`, promo.BookingSet).Scan(&told))
		if told != 2 {
			t.Errorf("the audit log tells %d times of it", told)
		}
	})
}
