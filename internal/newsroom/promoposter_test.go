package newsroom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// TestPromoPoster chooses a poster among the newest pictures of the library, or finds one
// by its words, without a script; and keeps what else was typed.
func TestPromoPoster(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		oven := b.sends(b.asPub, shot(t, 90, "The oven at six", "Print room"))
		for i := range postersToChoose {
			b.sends(b.asPub, shot(t, uint8(100+i), fmt.Sprintf("A quay, %d", i), ""))
		}
		radio := func(id string) string { return `name="poster" value="` + id + `"` }
		body := b.page(promoAt+"/new", b.asPub)
		b.holds(body, radio("")+" checked", "A quay, 3")
		if n := strings.Count(body, `name="poster"`); n != postersToChoose+1 {
			t.Errorf("there are %d to choose", n)
		}
		if strings.Contains(body, radio(oven)) {
			t.Error("the oldest picture stands among the newest")
		}
		seek := func(act, words, had string) string {
			t.Helper()
			res, body := b.fills(promoAt, b.asPub, b.form("act", act, "poster_find", words, "poster_found", had)...)
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s answers %d", act, res.StatusCode)
			}
			return body
		}
		// Enter in the field of words looks for them, too.
		for _, act := range []string{"find", "enter"} {
			body = seek(act, "oven", "")
			b.holds(body, radio(oven), "The oven at six", `value="oven"`, `value="Bread at six"`, "data-dirty")
			if strings.Contains(body, "A quay") {
				t.Errorf("what was not looked for is found\n%s", body)
			}
		}
		b.holds(seek("find", "nobody", "oven"), "No picture has these words.")
		res, body := b.fills(promoAt, b.asPub, b.form("act", "enter", "poster_find", "oven", "poster_found", "oven", "poster", oven)...)
		at, ok := strings.CutSuffix(res.Header.Get("Location"), "?done=added")
		if !ok {
			t.Fatalf("with a poster it is answered with %d\n%s", res.StatusCode, body)
		}
		b.holds(b.page(at, b.asPub), "Bread at six")
		b.holds(b.page(at+"/change", b.asPub), radio(oven)+" checked", "The oven at six")
		list, err := b.Promo.Uses(t.Context(), oven)
		check(t, err)
		if len(list) != 1 {
			t.Errorf("%d bookings have the poster", len(list))
		}
	})
}
