package newsroom

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// reads has so many people read an article to its middle, the first of them by a search
// engine and a campaign.
func (h *house) reads(id string, people int) {
	h.t.Helper()
	for i := range people {
		v := audience.View{Article: id, From: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Agent: "Mozilla/5.0"}
		if i == 0 {
			v.Referrer, v.Query = "https://www.google.com", "?utm_campaign=fair"
		}
		h.Audience.Opened(v)
		h.Audience.Reached(v, 2)
	}
	h.ranks()
}

// ranks writes down what was read, and makes the lists.
func (h *house) ranks() {
	h.t.Helper()
	check(h.t, h.Opens.Keep(h.t.Context(), h.Audience))
	_, err := h.Opens.Rank(h.t.Context(), h.Ranks)
	check(h.t, err)
}

// TestAudience tells what editors see of what is read, and what contributors do.
func TestAudience(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		h.reported()
		ida, ana, ben := h.joins("Ida", reader.Editor), h.joins("Ana", reader.Contributor), h.joins("Ben", reader.Contributor)
		hers, _ := h.publishes(ida, "=2+2 at the bridge", plainStory)
		own := h.begins(ana, "The tunnel", plainStory)
		asIda, asAna, asBen := h.own(ida.Reader.ID, reader.Editor), h.own(ana.Reader.ID, reader.Contributor), h.own(ben.Reader.ID, reader.Contributor)

		_, body := h.asks(http.MethodGet, readership, asIda)
		shows(t, body, "Nobody has opened anything.", "0 openings", "0 readers", "Nothing yet.", "Nothing is read more than is usual")
		if strings.Contains(body, "simulated") {
			t.Error("real readers are called programs")
		}
		h.reads(hers, 5)
		h.reads("01JUNKNOWN", 3)
		h.Simulated = true
		_, body = h.asks(http.MethodGet, readership, asIda)
		shows(
			t, body, "5 openings", "8 readers", "=2&#43;2 at the bridge", readership+"/"+hers, "Most: 5 openings at",
			`<th scope="row">Search engines</th><td class="count">1</td>`, `<th scope="row">Nobody says</th><td class="count">4</td>`,
			`<th scope="row">The first half</th><td class="count">5</td>`, `<th scope="row">To the end</th><td class="count">0</td>`,
			`<th scope="row">fair</th><td class="count">1</td>`, `<th scope="row">City</th><td class="count">5</td>`, "a simulated readership",
		)
		for _, span := range []string{"day", "week", "quarter", "nonsense"} {
			_, body = h.asks(http.MethodGet, readership+"?span="+span, asIda)
			shows(t, body, "5 openings", "=2&#43;2 at the bridge")
			h.clock.Add(time.Second)
		}

		res, body := h.asks(http.MethodGet, readership+"/table?span=week", asIda)
		if got := res.Header.Get("Content-Disposition"); !strings.Contains(got, "readers-week-") {
			t.Errorf("the table is saved as %q", got)
		}
		shows(t, body, "article,section,headline,opens,script,server,", hers+",city,'=2+2 at the bridge,5,5,0,1,0,0,0,0,0,0,4,5,5,0,0")

		// A contributor sees the readers of what is hers, and of nothing else.
		for _, test := range []struct {
			token, path string
			want        int
		}{
			{asAna, readership, 403},
			{asAna, readership + "/table", 403},
			{asAna, readership + "/" + own, 200},
			{asAna, readership + "/" + hers, 404},
			{asBen, readership + "/" + own, 404},
			{asIda, readership + "/" + own, 200},
			{asIda, readership + "/" + hers, 200},
			{asIda, readership + "/nothing", 404},
		} {
			if res, _ := h.asks(http.MethodGet, test.path, test.token); res.StatusCode != test.want {
				t.Errorf("%s answers %d, want %d", test.path, res.StatusCode, test.want)
			}
		}
		_, body = h.asks(http.MethodGet, readership+"/"+hers, asIda)
		shows(t, body, "<h1>=2&#43;2 at the bridge</h1>", "5 readers", "5 openings", `href="/newsroom/articles/`+hers+`"`)
	})
}

// TestAudienceLook examines the board on every screen, empty and full, sees it move,
// and has it checked as HTML.
func TestAudienceLook(t *testing.T) {
	h := serves(t)
	h.reported()
	ida := h.joins("Ida", reader.Editor)
	first, _ := h.publishes(ida, "The bridge "+strings.Repeat("is very long ", 12), plainStory)
	second, _ := h.publishes(ida, hostile[1], plainStory)
	token := h.own(ida.Reader.ID, reader.Editor)
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, token)
	look := func(name, path string) {
		t.Helper()
		for _, width := range []int64{320, 360, 1280} {
			open(t, ctx, h.base+path, width, 900)
			becomes(t, ctx, `!!document.querySelector(".plot rect")`)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			if width > 320 {
				examine(t, ctx, fmt.Sprintf("audience-%s-%d", name, width))
			}
		}
	}
	look("empty", readership)
	for i := range 24 {
		h.reads(first, 3+(i*7)%19)
		h.reads(second, 1+(i*5)%11)
		h.clock.Add(time.Hour)
	}
	token = h.own(ida.Reader.ID, reader.Editor) // the day before's has ended
	be(t, ctx, h.base, token)
	h.reads(first, 12)
	h.Simulated = true
	look("full", readership)
	look("quarter", readership+"?span=quarter")
	look("one", readership+"/"+first)

	open(t, ctx, h.base+readership, 1280, 900)
	becomes(t, ctx, `document.readyState === "complete"`)
	ask[bool](t, ctx, `document.querySelector(".plot details").open = true`)
	h.reads(second, 30)
	t.Log(ask[string](t, ctx, `document.querySelector("#fresh").textContent + document.querySelector("[data-fresh=now]").outerHTML`))
	becomes(t, ctx, `document.querySelector("[data-fresh=now] li:first-child .soft").textContent === "30"`)
	if !ask[bool](t, ctx, `document.querySelector(".plot details").open`) {
		t.Error("what was opened is closed when the numbers move")
	}
	// Somebody on her way by keys stays where she is.
	ask[bool](t, ctx, `document.querySelector("[data-fresh=now] a").focus(); true`)
	h.reads(first, 40)
	becomes(t, ctx, `document.querySelector("[data-fresh=reading] b").textContent === "70 readers"`)
	if !ask[bool](t, ctx, `document.activeElement.matches("[data-fresh=now] a")`) {
		t.Error("the focus is lost when the numbers move")
	}
	pages := map[string]string{}
	for _, path := range []string{readership, readership + "?span=week", readership + "/" + first} {
		_, pages[path] = h.asks(http.MethodGet, path, token)
	}
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}
