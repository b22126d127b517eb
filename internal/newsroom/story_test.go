package newsroom

import (
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestPlainSeat saves twice in a row without scripts: each page that is shown is
// another one, and the seat goes along. A colleague's it does not take.
//
// Seen red: a save by the page that is open, when the one before has the seat.
func TestPlainSeat(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		ida, jon := h.hires("Ida", reader.Editor), h.joins("Jon", reader.Editor)
		token := h.own(ida, reader.Editor)
		at := h.drafts(token)
		save := func(source string) (int, string) {
			_, body := h.asks(http.MethodGet, at, token)
			res, body := h.fills(at, token, "act", "save", "version", between(t, body, `name="version" value="`, `"`), "page", between(t, body, `name="page" value="`, `"`),
				"section", "city", "kind", "news", "language", "en", "weight", "0", "headline", "Bridge", "source", source)
			return res.StatusCode, body
		}
		for _, source := range []string{"<p>One</p>", "<p>Two</p>"} {
			if status, body := save(source); status != http.StatusSeeOther {
				t.Fatalf("saving %s: %d\n%s", source, status, body)
			}
		}
		h.clock.Add(2 * desk.SeatLife)
		_, err := h.Work.Seat(t.Context(), jon, strings.TrimPrefix(at, articles+"/"), "page-of-jon", desk.Take)
		check(t, err)
		status, body := save("<p>Three</p>")
		if status != http.StatusConflict {
			t.Errorf("saving while a colleague writes: %d", status)
		}
		shows(t, body, "This story is being written in another page.", "Three")

		// Whoever restores a revision has the seat no longer than for that.
		_, err = h.Work.Seat(t.Context(), jon, strings.TrimPrefix(at, articles+"/"), "page-of-jon", desk.Leave)
		check(t, err)
		_, body = h.asks(http.MethodGet, at+"/revisions/1", token)
		res, body := h.fills(at+"/revisions/1", token, "version", between(t, body, `name="version" value="`, `"`), "page", between(t, body, `name="page" value="`, `"`))
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("restoring: %d\n%s", res.StatusCode, body)
		}
		now, err := h.Work.Story(t.Context(), jon, strings.TrimPrefix(at, articles+"/"))
		check(t, err)
		if now.Seat().Page != "" {
			t.Errorf("after restoring, the seat is %+v", now.Seat())
		}
	})
}
