package newsroom

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/wire"
)

// TestUseAgain uses a story whose agency sends it again: what waits is merged and goes out,
// and where the paper has changed the same words it goes on waiting for an editor.
func TestUseAgain(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		g := h.agency()
		ida := h.joins("Ida", reader.Editor)
		token := h.session(ida.Reader.ID, reader.StaffSession)
		waiting := func() []wire.Line {
			t.Helper()
			lines, _, err := h.Wire.List(t.Context(), wire.Filter{View: wire.Waiting})
			check(t, err)
			return lines
		}
		sends := func(version, body string) wire.Line {
			t.Helper()
			h.clock.Add(time.Minute)
			g.sends("1", "Bakers strike", map[string]any{"version": version, "body_html": body})
			lines := waiting()
			if len(lines) != 1 {
				t.Fatalf("%d wait after version %s", len(lines), version)
			}
			return lines[0]
		}
		uses := func(l wire.Line, status int) string {
			t.Helper()
			res, body := h.fills(wirePath(l.First), token, "act", "use")
			if res.StatusCode != status {
				t.Errorf("using version %s answers %s", l.Version, res.Status)
			}
			return body
		}
		text := func(id string) string {
			t.Helper()
			a, err := h.Articles.Get(t.Context(), h.db, id)
			check(t, err)
			return a.Body.Text()
		}
		l := sends("1", "<p>Bakers strike today.</p><p>Ovens are cold.</p>")
		uses(l, http.StatusSeeOther)
		l = sends("2", "<p>Bakers strike today.</p><p>Ovens are cold in the granary.</p>")
		uses(l, http.StatusSeeOther)
		if got := text(l.Article); !strings.Contains(got, "in the granary") || len(waiting()) > 0 {
			t.Errorf("readers have %q, and %d wait", got, len(waiting()))
		}
		h.elsewhere(ida, l.Article, func(c *desk.Copy) {
			doc, err := richtext.FromSource("<p>Bakers strike for good.</p><p>Ovens are cold in the granary.</p>")
			check(t, err)
			c.Body = doc
		})
		l = sends("3", "<p>Bakers strike until noon.</p><p>Ovens are cold in the granary.</p>")
		for range 2 { // as often as one tries
			if body := uses(l, http.StatusConflict); !strings.Contains(body, "have changed the same words") {
				t.Errorf("there is no reason in %s", body)
			}
		}
		if got := text(l.Article); !strings.Contains(got, "strike today") || len(waiting()) != 1 {
			t.Errorf("readers have %q, and %d wait", got, len(waiting()))
		}
	})
}
