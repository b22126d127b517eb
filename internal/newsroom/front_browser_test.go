package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// fronts is the room in a browser: Ida's.
func fronts(t *testing.T) (c *curating, ctx context.Context, base string) {
	t.Helper()
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	c = curates(start(t, papertest.SQLite(t), server.URL))
	handler = c.handler
	ctx = papertest.Browser(t)
	be(t, ctx, server.URL, c.ida)
	return c, ctx, server.URL
}

// slotText is a place of the page in the browser: its headline.
func slotText(t *testing.T, ctx context.Context, area string, slot int) string {
	t.Helper()
	return ask[string](t, ctx, fmt.Sprintf(`document.querySelector('.slot[data-area="%s"][data-slot="%d"] .what a').textContent + (document.querySelector('.slot[data-area="%s"][data-slot="%d"]').matches(".placed") ? " placed" : "")`, area, slot, area, slot))
}

func waitSlot(t *testing.T, ctx context.Context, area string, slot int, want string) {
	t.Helper()
	papertest.Eventually(t, func() bool { return slotText(t, ctx, area, slot) == want })
}

// middle is a point in the middle of what a selector finds.
func middle(t *testing.T, ctx context.Context, selector string) (x, y float64) {
	t.Helper()
	at := ask[[]float64](t, ctx, fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return [r.x + r.width / 2, r.y + Math.min(r.height, 40) / 2]; })()`, selector))
	return at[0], at[1]
}

// TestFrontDrag makes the front page by mouse, and then by keyboard: readers have it
// when it is published, and not before.
//
// Seen red: a drag whose click opens the story; letters that act while somebody
// writes; focus that is lost when a story is put down.
func TestFrontDrag(t *testing.T) {
	c, ctx, base := fronts(t)
	open(t, ctx, base+front, 1280, 2400)
	becomes(t, ctx, `!!document.querySelector("#front.live")`)
	if got := slotText(t, ctx, "lead", 0); got != "Story 23" {
		t.Fatalf("at the beginning %q leads", got)
	}

	// A second becomes the lead, by mouse; a story of the list takes its place.
	drag := func(from, to string) {
		t.Helper()
		x, y := middle(t, ctx, from)
		tox, toy := middle(t, ctx, to)
		_, err := chromedp.Run(ctx, chromedp.DragAndDropXY(x, y, tox, toy, 10))
		check(t, err)
	}
	second := slotText(t, ctx, "seconds", 1)
	drag(`.slot[data-area="seconds"][data-slot="1"] .what a`, `.slot[data-area="lead"]`)
	waitSlot(t, ctx, "lead", 0, second+" placed")
	if got := ask[string](t, ctx, `location.pathname`); got != front {
		t.Fatalf("the drag leads to %s", got)
	}
	ask[bool](t, ctx, `document.querySelector("[data-picks]").lastElementChild.scrollIntoView({block: "nearest"}); true`)
	drag(`.pick:nth-child(5)`, `.slot[data-area="seconds"][data-slot="2"]`)
	waitSlot(t, ctx, "seconds", 2, "Story 19 placed")
	photograph(t, ctx, "front-drag")

	// Undo of a step, before anything is published.
	presses(t, ctx, "u")
	papertest.Eventually(t, func() bool { return slotText(t, ctx, "seconds", 2) != "Story 19 placed" })
	waitSlot(t, ctx, "lead", 0, second+" placed")

	// By keyboard: pick up, over places and areas, put down; and leave it.
	focus := func(selector string) {
		ask[bool](t, ctx, fmt.Sprintf(`document.querySelector(%q).focus(); true`, selector))
	}
	says := func() string { return ask[string](t, ctx, `document.querySelector("#front-say").textContent`) }
	focus(`.pick:nth-child(10) .grip`)
	name := ask[string](t, ctx, `document.querySelector(".pick:nth-child(10) .what a").textContent`)
	presses(t, ctx, "m")
	if got, want := says(), name+" is picked up, at Lead. Arrows move it, Enter puts it down, Escape leaves it."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	presses(t, ctx, kb.ArrowDown, kb.ArrowRight, kb.ArrowRight, kb.ArrowDown, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowDown)
	if got := says(); got[:16] != "Seconds, place 2" {
		t.Errorf("it says %q", got)
	}
	presses(t, ctx, kb.Enter)
	waitSlot(t, ctx, "seconds", 1, name+" placed")
	papertest.Eventually(t, func() bool { return says() == name+" is in the place Seconds, place 2." })
	if !ask[bool](t, ctx, `document.activeElement.matches('.slot[data-area="seconds"][data-slot="1"] .grip')`) {
		t.Errorf("the focus is at %s", ask[string](t, ctx, `document.activeElement.outerHTML`))
	}
	presses(t, ctx, kb.Enter, kb.ArrowUp, kb.Escape) // a button picks up too
	if got := says(); got != name+" stays where it was." {
		t.Errorf("it says %q", got)
	}
	presses(t, ctx, "m", kb.ArrowUp, " ")
	waitSlot(t, ctx, "seconds", 0, name+" placed")

	waitSlot(t, ctx, "lead", 0, second+" placed")

	// What fills itself is kept, and taken off.
	kept := slotText(t, ctx, "section:city", 1)
	focus(`.slot[data-area="section:city"][data-slot="1"] .grip`)
	presses(t, ctx, "p")
	waitSlot(t, ctx, "section:city", 1, kept+" placed")
	becomes(t, ctx, `document.activeElement.matches(".grip")`)
	presses(t, ctx, kb.Delete)
	waitSlot(t, ctx, "section:city", 1, kept)
	waitSlot(t, ctx, "lead", 0, second+" placed")

	// A pin ends: typed in its field, letters and all.
	ask[bool](t, ctx, `{ const d = document.querySelector('.slot[data-area="lead"] details'); d.open = true; const f = d.querySelector("[name=until]"); f.value = "2025-11-20T08:00"; d.querySelector("[value=until]").click(); true }`)
	becomes(t, ctx, `document.querySelector('.slot[data-area="lead"] em').textContent.includes("until Nov. 20, 2025, 08:00 JST")`)
	ask[bool](t, ctx, `{ const q = document.querySelector("#q"); q.focus(); true }`)
	presses(t, ctx, "m", "p")
	if got := ask[string](t, ctx, `document.querySelector("#q").value`); got != "mp" {
		t.Errorf("typed %q", got)
	}
	becomes(t, ctx, `!document.querySelector("[data-none]").hidden`)

	// The draft in its frame; readers have nothing of it.
	ask[bool](t, ctx, `document.querySelector("#publish [value=desktop]").click(); true`)
	becomes(t, ctx, `document.querySelector("iframe").contentDocument?.querySelector(".lead h2")?.textContent === "`+second+`"`)
	if c.version() != "0" {
		t.Fatal("the draft is published")
	}
	_, err := chromedp.Run(ctx, chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	check(t, err)
	becomes(t, ctx, `document.readyState === "complete" && location.search === "?done=published"`)
	c.want("published", "lead/0 "+second, "seconds/0 "+name)
	becomes(t, ctx, `!!document.querySelector("#front.live")`)
	open(t, ctx, base+"/", 1280, 900)
	papertest.Eventually(t, func() bool {
		open(t, ctx, base+"/", 1280, 900)
		return ask[string](t, ctx, `document.querySelector(".lead h2").textContent`) == second
	})

	// With nothing in the draft, undo is the desk's.
	open(t, ctx, base+front, 1280, 2400)
	becomes(t, ctx, `!!document.querySelector("#front.live")`)
	presses(t, ctx, "u")
	becomes(t, ctx, `location.search === "?done=undone"`)
	c.want("undone")
}

// busy is a room with everything in it: what waits, what ends, what is to come, and
// a bar.
func (c *curating) busy() {
	t, ctx := c.t, c.t.Context()
	planned := c.draft("city", "A story that is only planned, with a headline that goes on for a good while")
	check(t, c.db.Tx(ctx, func(tx *db.Tx) error { return c.Articles.Schedule(ctx, tx, planned, c.clock.Now().Add(time.Hour)) }))
	who, err := c.Readers.Staff(ctx)
	check(t, err)
	ida := &reader.Actor{Reader: reader.Reader{ID: who[0].ID, Name: who[0].Name, Role: reader.Editor}}
	second := article.Place{Area: article.AreaSeconds, Slot: 1, Article: c.stories["Story 03"], Until: c.clock.Now().Add(24 * time.Hour)}
	_, err = c.Work.Curate(ctx, ida, desk.FrontPage, 0, []article.Place{{Area: article.AreaLead, Article: planned}, second}, time.Time{})
	check(t, err)
	_, err = c.Work.Curate(ctx, ida, desk.FrontPage, 1, nil, c.clock.Now().Add(time.Hour))
	check(t, err)
	check(t, c.Work.RaiseBar(ctx, ida, 0, desk.Bar{
		Words: "The bridge of Orrin has fallen into the river; nobody is hurt, say the firefighters", Article: c.stories["Story 03"],
	}))
}

// TestFrontLooks looks at the room and at the bar on two screens, in both themes.
func TestFrontLooks(t *testing.T) {
	c, ctx, base := fronts(t)
	c.busy()
	for _, width := range []int64{360, 1280} {
		for name, path := range map[string]string{"room": front, "section": front + "/city", "page": "/"} {
			open(t, ctx, base+path, width, 900)
			ask[bool](t, ctx, `document.querySelectorAll("details").forEach((d) => { d.open = true; }); true`)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
			examine(t, ctx, fmt.Sprintf("front-%s-%d", name, width))
		}
	}
}

// TestFrontHTML has the Nu checker read the room, and the paper under its bar.
func TestFrontHTML(t *testing.T) {
	c := curates(start(t, papertest.SQLite(t), here))
	c.busy()
	pages := map[string]string{}
	for name, path := range map[string]string{"the front page's room": front, "a section's": front + "/city", "the paper with its bar": "/"} {
		_, pages[name] = c.asks(http.MethodGet, path, c.ida)
	}
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}
