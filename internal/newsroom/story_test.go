package newsroom

import (
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
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

// TestCatchPage merges what an agency has sent while somebody was writing: where
// both changed the same words the page shows them side by side, and the copy has
// ours.
//
// Seen red: a button of a form of its own, with the version that the page began
// with; clashes that were counted and not shown.
func TestCatchPage(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	ida := h.joins("Ida", reader.Editor)
	token := h.own(ida.Reader.ID, reader.Editor)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
	id, _ := h.publishes(ida, "Bridge closed", string(richtext.FromText("The bridge is closed until May.").JSON()))
	at := storyPath(id)
	h.clock.Add(2 * desk.SeatLife)
	h.elsewhere(ida, id, func(c *desk.Copy) { c.Body = richtext.FromText("The bridge is closed until June.") })
	a, err := h.Articles.Get(t.Context(), h.db, id)
	check(t, err)
	a.Body = richtext.FromText("The bridge is closed until July.")
	check(t, h.db.Tx(t.Context(), func(tx *db.Tx) error {
		return h.Articles.Revise(t.Context(), tx, id, a.Content, article.Revision{Reason: article.FromWire, By: "AFP"})
	}))
	h.clock.Add(2 * desk.SeatLife)
	_, body := h.asks(http.MethodGet, at, token)
	shows(t, body, "The article has been changed since this copy was begun", `<button form="story" name="act" value="catch">`)
	res, body := h.fills(at, token, "act", "catch", "version", between(t, body, `name="version" value="`, `"`), "page", between(t, body, `name="page" value="`, `"`))
	if res.StatusCode != http.StatusOK {
		t.Fatalf("merging: %d\n%s", res.StatusCode, body)
	}
	shows(t, body, "The same words were changed twice.", "<dd>June</dd>", "<dd>July</dd>", "The bridge is closed until June.")
	if strings.Contains(body, `value="catch"`) {
		t.Error("it is still to be merged")
	}
}
