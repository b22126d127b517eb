package newsroom

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// TestEditorAutosave saves by itself, fields and text, and says when it was.
func TestEditorAutosave(t *testing.T) {
	d := edits(t, plainStory)
	d.writes(" The ferry runs.")
	d.holds(kept)
	d.has("The ferry runs.")
	d.holds(savedAs + ` === "saved" && !(` + kept + `)`)
	d.holds(`/^saved \d+ s ago$/.test(document.querySelector("#saved [aria-hidden]").textContent)`)
	d.does(`{ const b = document.querySelector("[name=bylines]"); b.focus(); b.setSelectionRange(b.value.trimEnd().length, b.value.length) }`)
	d.types("\rJon Bell")
	papertest.Eventually(t, func() bool { return slices.Equal(d.now().Copy.Bylines, []string{"Ida", "Jon Bell"}) })
	// Nothing is sent when nothing has changed.
	d.holds(savedAs + ` === "saved"`)
	var sent atomic.Int64
	d.fails(saving(func(http.ResponseWriter, *http.Request) bool { sent.Add(1); return false }))
	d.saved()
	if n := sent.Load(); n > 0 {
		t.Errorf("%d saves of nothing", n)
	}
	// A window that is left saves at once.
	d.writes(" At once.")
	d.does(`dispatchEvent(new Event("blur"))`)
	d.has("At once.")
}

// TestEditorOffline loses the network, goes on, opens the story again without
// having saved, and has all of it saved when the network is back.
//
// Seen red: without restore.
func TestEditorOffline(t *testing.T) {
	d := edits(t, plainStory)
	d.fails(saving(cut))
	d.writes(" Kept here.")
	d.holds(savedAs + ` === "offline" && ` + kept)
	if got := ask[string](t, d.ctx, `document.querySelector("#saved [aria-hidden]").textContent`); got != "offline, kept here" {
		t.Errorf("offline is said as %q", got)
	}
	d.types(" And this.") // no longer than a moment before the page is gone
	d.opens(1280)
	d.holds(`document.querySelector(".story-text").textContent === "The bridge is closed. Kept here. And this."`)
	d.holds(`document.querySelector("[data-bar=left]")`)
	d.holds(kept)
	examine(t, d.ctx, "editor-back")
	d.mends()
	d.does(`dispatchEvent(new Event("online"))`)
	d.has("Kept here. And this.")
	d.holds(`!(` + kept + `)`)
}

// TestEditorRetry goes on trying while the paper does not answer, by itself; and
// with an answer that never comes, and with one that is lost on its way.
func TestEditorRetry(t *testing.T) {
	d := edits(t, plainStory)
	d.fails(saving(dead))
	d.writes(" Again.")
	d.holds(savedAs + ` === "unanswered"`)
	d.mends()
	d.has("Again.")
	d.holds(savedAs + ` === "saved"`)

	// What is typed while an answer is slow is saved after it.
	slow := make(chan struct{})
	var waits atomic.Bool
	d.fails(saving(func(_ http.ResponseWriter, r *http.Request) bool {
		waits.Store(true)
		select {
		case <-slow:
		case <-r.Context().Done():
		}
		return false
	}))
	d.writes(" Slow.")
	d.types("s", chromedp.KeyModifiers(ctrl))
	papertest.Eventually(t, waits.Load)
	d.holds(savedAs + ` === "saving"`)
	d.types(" Meanwhile.")
	close(slow)
	d.has("Slow. Meanwhile.")
	d.holds(savedAs + ` === "saved" && !(` + kept + `)`)

	// The desk has it, and the page does not know.
	var lost atomic.Bool
	d.fails(saving(func(w http.ResponseWriter, r *http.Request) bool {
		if lost.Swap(true) {
			return false
		}
		d.handler.ServeHTTP(httptest.NewRecorder(), r)
		return cut(w, r)
	}))
	d.writes(" Lost.")
	d.has("Lost.")
	d.holds(savedAs + ` === "saved" && !(` + kept + `) && !document.querySelector("dialog[open]")`)
	if got := d.text(); strings.Count(got, "Lost.") != 1 {
		t.Errorf("what was saved twice is %s", got)
	}
}

// TestEditorClosed closes the page right after the last key, without a network;
// what was typed is there when the story is opened again, also when somebody has
// saved meanwhile.
//
// Seen red: without keeping at pagehide.
func TestEditorClosed(t *testing.T) {
	d := edits(t, plainStory)
	jon := d.joins("Jon", reader.Editor)
	d.fails(cut)
	d.writes(" Last word.")
	if _, err := chromedp.Run(d.ctx, chromedp.Navigate(d.base+"/robots.txt")); err == nil {
		t.Fatal("the network is not gone")
	}
	d.elsewhere(jon, d.story, func(c *desk.Copy) { c.Headline = "Bridge open" })
	d.mends()
	d.opens(1280)
	d.has("Last word.")
	d.holds(`document.querySelector("[name=headline]").value === "Bridge open"`)
	d.holds(`!(` + kept + `)`)
	if got := d.now().Copy.Headline; got != "Bridge open" {
		t.Errorf("the headline is %q", got)
	}
}

// TestEditorCut loses the whole network, and the page too: the story opens only
// when it is back. The page that is gone may still have the seat.
func TestEditorCut(t *testing.T) {
	d := edits(t, plainStory)
	d.fails(cut)
	d.writes(" Before.")
	d.holds(kept + ` && ` + savedAs + ` === "offline"`)
	d.types(" After.")
	if _, err := chromedp.Run(d.ctx, chromedp.Navigate(d.base+storyPath(d.story))); err == nil {
		t.Fatal("the network is not gone")
	}
	d.holds(`!document.querySelector("#story")`)
	d.mends()
	d.opens(360)
	d.holds(writable + ` || document.querySelector("[data-bar=seat] button")`)
	d.does(`document.querySelector("[data-bar=seat] button")?.click()`)
	d.has("Before. After.")
	d.holds(`document.querySelector(".story-text").textContent.endsWith("Before. After.") && !(` + kept + `)`)
}

// TestEditorWaits opens a story with changes that could not be saved, and a
// colleague has the seat: they are not forgotten, and saved after it.
//
// Seen red: when only who has the seat was told of them.
func TestEditorWaits(t *testing.T) {
	d := edits(t, plainStory)
	jon := d.joins("Jon", reader.Editor)
	d.fails(cut)
	d.writes(" Later.")
	d.holds(kept + ` && ` + savedAs + ` === "offline"`)
	if _, err := chromedp.Run(d.ctx, chromedp.Navigate(d.base+"/robots.txt")); err == nil {
		t.Fatal("the network is not gone")
	}
	d.holds(`!document.querySelector("#story")`)
	d.clock.Add(desk.SeatLife + time.Second)
	seat := func(act desk.SeatAct) {
		_, err := d.Work.Seat(t.Context(), jon, d.story, "another-page", act)
		check(t, err)
	}
	seat(desk.Take)
	d.mends()
	d.opens(360)
	d.holds(reading + ` && document.querySelector("[data-bar=left] p")?.textContent.startsWith("Changes that you made until") && ` + kept)
	examine(t, d.ctx, "editor-left")
	seat(desk.Leave)
	d.does(`document.dispatchEvent(new Event("visibilitychange"))`)
	d.has("Later.")
	d.holds(writable + ` && !(` + kept + `)`)
}

// TestEditorStale merges what somebody else has saved, and asks where both
// changed the same.
func TestEditorStale(t *testing.T) {
	d := edits(t, plainStory)
	jon := d.joins("Jon", reader.Editor)
	d.fails(cut)
	d.focus("slug")
	d.types("bridge-1")
	d.at("all")
	d.types("Ferries run instead.")
	d.holds(kept + ` && ` + savedAs + ` === "offline"`)
	d.elsewhere(jon, d.story, func(c *desk.Copy) {
		c.Headline, c.Slug, c.Body = "Bridge open", "bridge-2", richtext.FromText("The bridge is open.\n\nNew.")
	})
	d.mends()
	d.types("s", chromedp.KeyModifiers(ctrl))
	d.holds(`document.querySelectorAll("dialog[open] fieldset").length === 2`)
	d.holds(`[...document.querySelectorAll("dialog[open] label")].some((l) => l.textContent === "That of Jon")`)
	examine(t, d.ctx, "editor-clash")
	d.does(`document.querySelector("dialog[open] button[type=submit]").click()`)
	d.holds(`document.querySelector("dialog[open]")`) // nothing is chosen yet
	choose := func(part, whose string) {
		d.does(`[...document.querySelectorAll("dialog[open] fieldset")].find((f) => f.querySelector("legend").textContent === ` + quoted(part) + `).querySelector("[value=` + whose + `]").click()`)
	}
	choose("Text", "theirs")
	choose("Address", "mine")
	d.does(`document.querySelector("dialog[open] button[type=submit]").click()`)
	d.holds(`!document.querySelector("dialog[open]") && ` + savedAs + ` === "saved"`)
	want := `{"kind":"paragraph","text":[{"text":"The bridge is open."}]}` + "\n" + `{"kind":"paragraph","text":[{"text":"New."}]}` + "\n"
	if got := d.text(); got != want {
		t.Errorf("the choice is %s", got)
	}
	if c := d.now().Copy; c.Headline != "Bridge open" || c.Slug != "bridge-1" {
		t.Errorf("it became %q at %q", c.Headline, c.Slug)
	}
}

// TestEditorLogin outlives a session that ends in the middle of a sentence: a new
// log-in in another window, and it goes on.
func TestEditorLogin(t *testing.T) {
	d := edits(t, plainStory)
	d.ends(d.actor)
	d.writes(" Mid-sentence")
	d.holds(`document.querySelector("[data-bar=login] a")?.getAttribute("href") === "/login?next=%2Fnewsroom%2Fback" && ` + savedAs + ` === "login" && ` + kept)
	examine(t, d.ctx, "editor-login")
	d.writes(" it goes on.")
	other := d.beside()
	be(t, other.ctx, d.base, d.own(d.actor.Reader.ID, d.actor.Reader.Role))
	other.goes("/newsroom/back", 1280)
	other.holds(`document.querySelector("h1").textContent === "You are logged in again"`)
	d.does(`dispatchEvent(new Event("focus"))`)
	d.has("Mid-sentence it goes on.")
	d.holds(`!document.querySelector("[data-bar=login]") && ` + savedAs + ` === "saved"`)
}

// TestEditorRefused says why a story is not saved, and saves it when that is mended.
func TestEditorRefused(t *testing.T) {
	d := edits(t, plainStory)
	fill := func(name, value string) {
		d.does(`{ const f = document.querySelector("#story [name=` + name + `]"); f.value = ` + value + `; f.dispatchEvent(new Event("input", {bubbles: true})) }`)
	}
	fill("standfirst", `"long ".repeat(5000)`)
	d.writes(" More.")
	d.holds(savedAs + ` === "failed" && document.querySelector("#said-standfirst").textContent === "Shorten it."`)
	if got := ask[string](t, d.ctx, `document.querySelector("#saved [aria-hidden]").textContent`); got != "not saved: One of the fields is longer than 20,000 characters. Shorten it." {
		t.Errorf("it is said as %q", got)
	}
	examine(t, d.ctx, "editor-refused")
	// A button does nothing with a story that is not saved.
	d.press("Publish")
	fill("standfirst", `"Short."`)
	d.has("More.")
	d.holds(`!document.querySelector("#said-standfirst")`)
	if s := d.now().Article.State; s != article.Draft {
		t.Errorf("a story that was not saved is %s", s)
	}
	// What is larger than anything that the desk takes is kept here.
	fill("notes", `"all ".repeat(800_000)`)
	d.does(`dispatchEvent(new KeyboardEvent("keydown", {key: "s", ctrlKey: true}))`)
	d.holds(savedAs + ` === "failed" && document.querySelector("#saved [aria-hidden]").textContent.startsWith("not saved: This text is longer than 3 MB")`)
	fill("notes", `""`)
	d.writes(" All.")
	d.has("More. All.")
	d.press("Publish")
	papertest.Eventually(t, func() bool { return d.now().Article.State == article.Published })
}

// TestEditorSeatLost loses the seat with something unsaved: it is kept, and
// merged when the seat is there again.
func TestEditorSeatLost(t *testing.T) {
	d := edits(t, plainStory)
	d.fails(cut)
	d.writes(" Unsaved.")
	d.holds(kept + ` && ` + savedAs + ` === "offline"`)
	d.clock.Add(desk.SeatLife + 1)
	// Another page of one's own has the seat.
	seat := func(act desk.SeatAct) {
		_, err := d.Work.Seat(t.Context(), d.actor, d.story, "another-page", act)
		check(t, err)
	}
	seat(desk.Take)
	d.mends()
	d.types("s", chromedp.KeyModifiers(ctrl))
	d.holds(`document.querySelector("[data-bar=unsaved]") && document.querySelector("[data-bar=seat]") && ` + kept)
	d.holds(`document.querySelector(".story-text").textContent.endsWith("Unsaved.")`)
	now := d.now()
	c := now.Copy
	c.Headline = "Another"
	_, err := d.Work.Save(t.Context(), d.actor, d.story, desk.Save{Page: "another-page", Version: now.Version, Copy: c})
	check(t, err)
	d.does(`document.dispatchEvent(new Event("visibilitychange"))`)
	d.press("Edit here")
	d.has("Unsaved.")
	d.holds(`!document.querySelector("[data-bar=unsaved]") && ` + savedAs + ` === "saved" && document.querySelector("[name=headline]").value === "Another"`)
}

// TestEditorTwoWindows opens a story twice: the second looks on, and leaves alone
// what the first has not saved yet, until that is closed.
func TestEditorTwoWindows(t *testing.T) {
	d := edits(t, plainStory)
	d.fails(saving(cut))
	d.writes(" First window.")
	d.holds(kept)
	second := d.beside()
	second.opens(1280)
	second.holds(reading + ` && document.querySelector("[data-bar=seat]")`)
	second.holds(`document.querySelector(".story-text").textContent === "The bridge is closed." && ` + kept)
	// The second takes the seat. When the first is closed, what it could not save
	// comes to the second.
	second.press("Edit here")
	second.holds(writable)
	d.mends()
	d.does(`document.dispatchEvent(new Event("visibilitychange"))`)
	d.holds(`document.querySelector("[data-bar=unsaved]")`)
	d.goes("/robots.txt", 1280)
	second.has("First window.")
	second.holds(`document.querySelector(".story-text").textContent.endsWith("First window.") && !(` + kept + `)`)
}
