package newsroom

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/article"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// An agency sends to the paper.
type agency struct {
	*house
	source wire.Source
	sent   int
}

func (h *house) agency() *agency {
	h.t.Helper()
	check(h.t, h.Articles.SetSections(h.t.Context(), []article.Section{{Slug: "world", Name: "World"}}))
	src, err := h.Wire.AddSource(h.t.Context(), wire.Source{Name: "MHP", Section: "world", Publish: wire.Hold})
	check(h.t, err)
	return &agency{house: h, source: src}
}

// sends delivers a version of a story: its id, its headline, and more of a ninjs document.
func (g *agency) sends(id, headline string, more map[string]any) {
	g.t.Helper()
	d := map[string]any{
		"uri": "urn:mhp.example:" + id, "version": "1", "type": "text", "pubstatus": "usable", "language": "en", "headline": headline, "urgency": 4,
		"slugline": "harbour", "body_html": "<p>Ships with fruit and timber wait outside the breakwater.</p>",
	}
	for key, value := range more {
		d[key] = value
	}
	data, err := json.Marshal(d)
	check(g.t, err)
	g.sent++
	results, err := g.Wire.Deliver(g.t.Context(), g.source, fmt.Sprintf("%d.json", g.sent), data, nil)
	check(g.t, err)
	if results[0].Decision == wire.Quarantined {
		g.t.Fatal(results[0].Reason)
	}
}

// TestWireInBrowser sits at the wire: what comes appears by itself, a flash with a banner,
// and the keys act on the row that has the focus.
func TestWireInBrowser(t *testing.T) {
	h := serves(t)
	g := h.agency()
	ida := h.session(h.hires("Ida", reader.Editor), reader.StaffSession)
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, ida)
	open(t, ctx, h.base+wireAt, 1280, 900)
	becomes(t, ctx, `document.querySelector(".none")?.textContent.includes("Nothing has come")`)
	g.sends("1", "Dockers put down their tools", nil)
	becomes(t, ctx, `document.querySelector(".wires .what a")?.textContent === "Dockers put down their tools"`)

	// The focus stays where it was while more comes above it.
	press(t, ctx, "j")
	becomes(t, ctx, `document.activeElement.textContent === "Dockers put down their tools"`)
	g.sends("2", "Mayor resigns", map[string]any{"urgency": 1})
	becomes(t, ctx, `document.querySelector(".flash a")?.textContent === "Mayor resigns" && document.querySelectorAll(".wires > li").length === 2`)
	becomes(t, ctx, `document.activeElement.textContent === "Dockers put down their tools"`)

	// x ignores it, and that is taken back.
	press(t, ctx, "x")
	becomes(t, ctx, `document.querySelector(".notice")?.textContent.includes("Ignored.") && document.querySelectorAll(".wires > li").length === 1`)
	press(t, ctx, "z")
	becomes(t, ctx, `document.querySelector(".notice")?.textContent.includes("back in the list") && document.querySelectorAll(".wires > li").length === 2`)

	// u publishes it as it came; the agency's next version is told in the row.
	ask[bool](t, ctx, `document.querySelectorAll(".wires .what a")[1].focus(), true`)
	press(t, ctx, "u")
	becomes(t, ctx, `document.querySelector(".notice")?.textContent.includes("Published as it came.") && document.querySelectorAll(".wires .state")[1].textContent.includes("Taken")`)

	// e takes it to the editor.
	ask[bool](t, ctx, `document.querySelectorAll(".wires .what a")[0].focus(), true`)
	press(t, ctx, "e")
	becomes(t, ctx, `location.pathname.startsWith("/newsroom/articles/")`)

	// A flash that the agency takes back is none.
	open(t, ctx, h.base+wireAt, 1280, 900)
	g.sends("3", "Bridge shut", map[string]any{"urgency": 2})
	becomes(t, ctx, `document.querySelector(".flash a")?.textContent === "Bridge shut"`)
	g.sends("3", "Bridge shut", map[string]any{"urgency": 2, "version": "2", "pubstatus": "canceled"})
	becomes(t, ctx, `!document.querySelector(".flash") && document.querySelector(".wires .state").textContent.includes("Killed")`)

	// The sound is asked for, and remembered; what it says is not taken for old news.
	open(t, ctx, h.base+wireAt, 1280, 900)
	becomes(t, ctx, `document.querySelector("#sound").getAttribute("aria-pressed") === "false" && !document.querySelector("#sound").hidden`)
	clicks(t, ctx, "#sound")
	becomes(t, ctx, `document.querySelector("#sound").getAttribute("aria-pressed") === "true" && document.querySelector("#fresh").textContent.includes("like this")`)
	g.sends("4", "Bridge open", nil)
	becomes(t, ctx, `document.querySelector(".wires .what a").textContent === "Bridge open" && document.querySelector("#fresh").textContent.includes("like this")`)
	open(t, ctx, h.base+wireAt, 1280, 900)
	becomes(t, ctx, `document.querySelector("#sound").getAttribute("aria-pressed") === "true"`)

	// A server that is gone is told of, and found again.
	h.fails(cut)
	becomes(t, ctx, `document.querySelector("#fresh").textContent.includes("not up to date")`)
	h.mends()
	becomes(t, ctx, `document.querySelector("#fresh").textContent === ""`)
}

func press(t *testing.T, ctx context.Context, key string) {
	t.Helper()
	check(t, chromedp.Do(ctx, chromedp.KeyEvent(key)))
}

// TestWireScreens looks at the room's pages on a phone and a desk, with words that would
// like to run.
func TestWireScreens(t *testing.T) {
	h := serves(t)
	g := h.agency()
	ida := h.session(h.hires("Ida", reader.Editor), reader.StaffSession)
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, ida)
	h.glances(ctx, "wire-empty", wireAt)
	for i, text := range hostile {
		g.sends(fmt.Sprint(i), text, map[string]any{
			"urgency": i%5 + 1, "slugline": text, "ednote": text, "usageterms": text, "byline": text, "located": text,
			"embargoed": h.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339),
		})
	}
	g.sends("0", "Dockers go back", map[string]any{"version": "2", "signals": []string{"sig:update"}, "body_html": "<p>Ships with timber go in.</p>"})
	g.sends("1", "", map[string]any{"version": "2", "pubstatus": "canceled"})
	if _, err := g.Wire.Deliver(t.Context(), g.source, strings.Repeat("long", 50)+".json", []byte(`{"uri":`), nil); err != nil {
		t.Fatal(err)
	}
	h.glances(ctx, "wire-full", wireAt)
	lines, _, err := g.Wire.List(t.Context(), wire.Filter{})
	check(t, err)
	h.glances(ctx, "wire-recalled", wirePath(lines[0].First))
	h.glances(ctx, "wire-changed", wirePath(lines[1].First))
	h.glances(ctx, "wire-story", wirePath(lines[2].First))
	h.glances(ctx, "wire-nothing", wireAt+"?q=nothingatall&view=urgent")
	h.glances(ctx, "wire-unread", wireAt+"/unread")
}
