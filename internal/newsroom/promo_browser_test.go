package newsroom

import (
	"fmt"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/promo"
)

// TestPromoLook books with a browser: the form shows what belongs to what was chosen,
// says what is wrong at its field, and keeps what was typed. Its pages are looked at on a
// phone and a wide screen, empty, full and wrong, with texts that would like to run.
func TestPromoLook(t *testing.T) {
	b := sells(serves(t))
	ctx := papertest.Browser(t)
	be(t, ctx, b.base, b.asPub)
	b.glances(ctx, "promo-empty", promoAt)
	b.glances(ctx, "promo-new", promoAt+"/new")

	seen := func(selector string) string {
		return fmt.Sprintf(`(document.querySelector(%q).offsetParent !== null)`, selector)
	}
	becomes(t, ctx, seen("#goal")+" && "+seen("[name=film]")+" && !"+seen("#share")+" && !"+seen("#address"))
	set := func(selector, value string) {
		t.Helper()
		ask[bool](t, ctx, fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.value = %q; e.dispatchEvent(new Event("input", { bubbles: true })); return true; })()`, selector, value))
	}
	set("#kind", "share")
	set("#source", "embed")
	becomes(t, ctx, "!"+seen("#goal")+" && !"+seen("[name=film]")+" && "+seen("#share")+" && "+seen("#address"))
	set("#kind", "impressions")
	set("#source", "video")
	types(t, ctx, "#title", "Bread at six")
	types(t, ctx, "#poster-find", "no such words")
	clicks(t, ctx, `button[value="find"]`)
	becomes(t, ctx, `document.querySelectorAll("[name=poster]").length === 1 && document.querySelector(".seek + input + [role=status]")?.textContent !== "" && document.activeElement?.id === "poster-find" && document.querySelector("#title").value === "Bread at six"`)
	examine(t, ctx, "promo-sought")
	set("#poster-find", "")
	clicks(t, ctx, `button[value="find"]`)
	becomes(t, ctx, `document.querySelectorAll("[name=poster]").length > 1`)
	clicks(t, ctx, "label:last-child > [name=poster]")
	types(t, ctx, "#goal", "10000")
	set("#begins", "2026-11-23")
	clicks(t, ctx, "[name=film]")
	clicks(t, ctx, `[name=place][value="city"]`)
	clicks(t, ctx, `.saving button`)
	becomes(t, ctx, `document.activeElement?.id === "sponsor" && document.querySelector("#ends-e")?.textContent === "Choose the last day." && document.querySelector("#title").value === "Bread at six"`)
	becomes(t, ctx, `document.querySelector("[name=film]").checked && document.querySelector('[name=place][value="city"]').checked`)
	examine(t, ctx, "promo-wrong")
	types(t, ctx, "#sponsor", "Fjeld Bakery")
	set("#ends", "2026-11-29")
	clicks(t, ctx, `button[value="look"]`)
	becomes(t, ctx, `document.querySelector(".for-goal [role=status]")?.textContent.includes("is not known yet") && document.querySelector("#sponsor").value === "Fjeld Bakery"`)
	clicks(t, ctx, `.saving button`)
	becomes(t, ctx, `document.querySelector(".notice.good")?.textContent.includes("Kept as a draft") && document.querySelector("h1").textContent === "Bread at six"`)
	clicks(t, ctx, `button[value="run"]`)
	becomes(t, ctx, `document.querySelector(".notice.good")?.textContent.includes("It is on.")`)
	clicks(t, ctx, `.notice + form button`)
	becomes(t, ctx, `document.querySelector(".notice.good")?.textContent.includes("It is a draft again.")`)

	for i, text := range hostile {
		one := &promo.Booking{
			Sponsor: text, Title: text, Words: text, Note: text, Link: "https://x.example/", Kind: promo.Impressions, Goal: 1000 + i, Source: promo.Library,
			Video: b.film, Begins: monday.Add(-3 * time.Hour), Ends: monday.Add(45 * time.Hour),
		}
		check(t, b.Promo.Add(t.Context(), b.pub, one))
		check(t, b.Promo.Switch(t.Context(), b.pub, one.ID, promo.On))
		if i == 0 {
			b.counted(monday.Truncate(time.Hour), one.ID, map[promo.Event]int{promo.Served: 900, promo.Viewed: 700, promo.Started: 20, promo.Clicked: 2}, 900)
			check(t, b.Promo.SetLink(t.Context(), b.pub, one.ID, true))
			check(t, b.Promo.Refresh(t.Context()))
			b.glances(ctx, "promo-one", bookingAt(one.ID))
			b.glances(ctx, "promo-change", bookingAt(one.ID)+"/change")
		}
	}
	b.glances(ctx, "promo-full", promoAt)
	b.glances(ctx, "promo-over", promoAt+"?view=over")
}
