package newsroom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
)

// text is what the desk has of the story.
func (d *pretendDesk) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return blocksOf(d.t, d.copy.Body)
}

func (d *pretendDesk) has(text string) {
	d.t.Helper()
	began := time.Now()
	papertest.Eventually(d.t, func() bool {
		if time.Since(began) > papertest.Slow(30*time.Second) {
			d.t.Fatalf("the desk has %s, and not %q; the page says %s", d.text(), text, ask[string](d.t, d.ctx, `document.body.innerText + "\n" + JSON.stringify(localStorage)`))
		}
		return strings.Contains(d.text(), text)
	})
}

// refuses lets the desk answer saves so, until it is nil.
func (d *pretendDesk) refuses(f func(w http.ResponseWriter)) { d.with(func() { d.refuse = f }) }

func playedRefusal(status int, v any) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { answerJSON(w, status, v) }
}

// hangUp is a network that is gone.
func hangUp(w http.ResponseWriter) {
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		c.Close()
	}
}

const (
	kept    = `Object.keys(localStorage).some((k) => k.startsWith("story:"))`
	savedAs = `document.querySelector("#saved").dataset.state`
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
	papertest.Eventually(t, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.Equal(d.copy.Bylines, []string{"Ida Holm", "Jon Bell"}) && d.version == 14
	})
	// Nothing is sent when nothing has changed.
	d.holds(savedAs + ` === "saved"`)
	before := 0
	d.with(func() { before = d.saves })
	d.saved()
	d.with(func() {
		if d.saves != before {
			t.Errorf("%d saves of nothing", d.saves-before)
		}
	})
	// A window that is left saves at once.
	d.writes(" At once.")
	d.does(`dispatchEvent(new Event("blur"))`)
	d.has("At once.")
}

// TestEditorOffline keeps what cannot be saved in the browser, through a new page.
//
// Seen red: without restore.
func TestEditorOffline(t *testing.T) {
	d := edits(t, plainStory)
	d.refuses(hangUp)
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
	d.refuses(nil)
	d.does(`dispatchEvent(new Event("online"))`)
	d.has("Kept here. And this.")
	d.holds(`!(` + kept + `)`)
}

// TestEditorRetry goes on trying while the paper does not answer, by itself.
func TestEditorRetry(t *testing.T) {
	d := edits(t, plainStory)
	d.refuses(playedRefusal(http.StatusServiceUnavailable, nil))
	d.writes(" Again.")
	d.holds(savedAs + ` === "unanswered"`)
	d.refuses(nil)
	d.has("Again.")
	d.holds(savedAs + ` === "saved"`)
}

// TestEditorClosed closes the page right after the last key; what was typed is
// there when the story is opened again, also when somebody has saved meanwhile.
//
// Seen red: without keeping at pagehide.
func TestEditorClosed(t *testing.T) {
	d := edits(t, plainStory)
	d.refuses(hangUp)
	d.writes(" Last word.")
	open(t, d.ctx, d.server.URL+"/login", 1280, 900)
	d.refuses(nil)
	d.with(func() {
		d.version++
		d.copy.Headline = "Bridge open"
		d.merge = func(base, mine storyCopy) any {
			mine.Headline = d.copy.Headline
			return map[string]any{"version": d.version, "copy": mine, "clashes": []int{}}
		}
	})
	d.opens(1280)
	d.has("Last word.")
	d.holds(`document.querySelector("[name=headline]").value === "Bridge open"`)
	d.holds(`!(` + kept + `)`)
	d.with(func() {
		if d.copy.Headline != "Bridge open" || len(d.merges) != 1 || string(d.merges[0]["version"]) != "13" {
			t.Errorf("merged into %q in %d merges", d.copy.Headline, len(d.merges))
		}
	})
}

// TestEditorStale merges what somebody else has saved, and asks where both
// changed the same.
func TestEditorStale(t *testing.T) {
	d := edits(t, plainStory)
	d.with(func() {
		d.version = 15
		d.copy.Headline, d.copy.Slug = "Bridge open", "bridge-2"
		d.copy.Body = json.RawMessage(`{"blocks":[{"kind":"paragraph","text":[{"text":"The bridge is open."}]},{"kind":"paragraph","text":[{"text":"New."}]}]}`)
		d.merge = func(base, mine storyCopy) any {
			mine.Headline = d.copy.Headline
			mine.Body = json.RawMessage(`{"blocks":[{"kind":"paragraph","text":[{"text":"The bridge is closed. Mine."}]},{"kind":"paragraph","text":[{"text":"New."}]}]}`)
			return map[string]any{"version": d.version, "copy": mine, "clashes": []map[string]any{
				{"part": "body", "at": 0, "count": 1, "base": "The bridge is closed.", "mine": "The bridge is closed. Mine.", "theirs": "The bridge is open.", "theirBlocks": json.RawMessage(`[{"kind":"paragraph","text":[{"text":"The bridge is open."}]}]`)},
				{"part": "slug", "base": "bridge", "mine": "bridge", "theirs": "bridge-2"},
			}}
		}
	})
	d.writes(" Mine.")
	d.types("s", chromedp.KeyModifiers(ctrl))
	d.holds(`document.querySelectorAll("dialog[open] fieldset").length === 2`)
	examine(t, d.ctx, "editor-clash")
	d.does(`document.querySelector("dialog[open] button[type=submit]").click()`)
	d.holds(`document.querySelector("dialog[open]")`) // nothing is chosen yet
	d.does(`document.querySelector("dialog[open] [name=clash-0][value=theirs]").click(); document.querySelector("dialog[open] [name=clash-1][value=mine]").click(); document.querySelector("dialog[open] button[type=submit]").click()`)
	d.holds(`!document.querySelector("dialog[open]") && ` + savedAs + ` === "saved"`)
	want := `{"kind":"paragraph","text":[{"text":"The bridge is open."}]}` + "\n" + `{"kind":"paragraph","text":[{"text":"New."}]}` + "\n"
	if got := d.text(); got != want {
		t.Errorf("the choice is %s", got)
	}
	d.with(func() {
		var base storyCopy
		check(t, json.Unmarshal(d.merges[0]["base"], &base))
		if base.Headline != "Bridge closed" || d.version != 16 || d.copy.Slug != "bridge" {
			t.Errorf("merged from %q to version %d, %q", base.Headline, d.version, d.copy.Slug)
		}
	})
}

// TestEditorLogin outlives a session that ends in the middle of a sentence.
func TestEditorLogin(t *testing.T) {
	d := edits(t, plainStory)
	d.refuses(playedRefusal(http.StatusUnauthorized, map[string]string{"message": "Log in."}))
	d.writes(" Mid-sentence")
	d.holds(`document.querySelector("[data-bar=login] a")?.getAttribute("href") === "/login?next=%2Fnewsroom" && ` + savedAs + ` === "login" && ` + kept)
	examine(t, d.ctx, "editor-login")
	d.writes(" it goes on.")
	d.refuses(nil)
	d.does(`dispatchEvent(new Event("focus"))`)
	d.has("Mid-sentence it goes on.")
	d.holds(`!document.querySelector("[data-bar=login]") && ` + savedAs + ` === "saved"`)
}

// TestEditorRefused says why a story is not saved, and saves it when that is mended.
func TestEditorRefused(t *testing.T) {
	d := edits(t, plainStory)
	d.refuses(playedRefusal(http.StatusUnprocessableEntity, map[string]any{"message": "The headline is too long.", "fields": map[string]string{"headline": "Make it shorter."}}))
	d.writes(" More.")
	d.holds(savedAs + ` === "failed" && document.querySelector("#said-headline").textContent === "Make it shorter."`)
	if got := ask[string](t, d.ctx, `document.querySelector("#saved [aria-hidden]").textContent`); got != "not saved: The headline is too long." {
		t.Errorf("it is said as %q", got)
	}
	examine(t, d.ctx, "editor-refused")
	// A button does nothing with a story that is not saved.
	d.does(`document.querySelector("[value=review]").click()`)
	d.refuses(nil)
	d.does(`document.querySelector("[name=headline]").focus()`)
	d.types("!")
	d.has("More.")
	d.holds(`!document.querySelector("#said-headline")`)
	d.with(func() {
		if d.form != nil {
			t.Error("a story that was not saved was sent")
		}
	})
	d.types("!")
	d.does(`document.querySelector("[value=review]").click()`)
	papertest.Eventually(t, func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.form != nil })
	d.with(func() {
		if d.form["act"][0] != "review" || d.form["version"][0] != "14" || d.form["page"][0] != "page-1" || d.form["source"] != nil || !strings.HasPrefix(d.copy.Headline, "!!") && !strings.HasSuffix(d.copy.Headline, "!!") {
			t.Errorf("the form is %v of %q", d.form, d.copy.Headline)
		}
	})
}

// TestEditorSeat looks on, asks, takes, is asked, and gives.
func TestEditorSeat(t *testing.T) {
	d := desks(t, plainStory)
	d.by = "Jon Bell"
	d.opens(360)
	reading := `document.querySelector(".story-text").contentEditable === "false" && document.querySelector("[name=headline]").readOnly`
	d.holds(reading + ` && document.querySelector("[data-bar=seat] p")?.textContent === "Jon Bell edits this story. You are looking on."`)
	examine(t, d.ctx, "editor-seat")

	// What is saved elsewhere is shown here.
	d.with(func() {
		d.version++
		d.copy.Headline = "Bridge open"
		d.copy.Body = json.RawMessage(`{"blocks":[{"kind":"paragraph","text":[{"text":"It is open."}]}]}`)
	})
	look := func() { d.does(`document.dispatchEvent(new Event("visibilitychange"))`) }
	look()
	d.holds(`document.querySelector(".story-text").textContent === "It is open." && document.querySelector("[name=headline]").value === "Bridge open"`)

	press := func(text string) {
		d.does(`[...document.querySelectorAll(".story-bar button")].find((b) => b.textContent === "` + text + `").click()`)
	}
	press("Ask for it")
	papertest.Eventually(t, func() bool { d.mu.Lock(); defer d.mu.Unlock(); return slices.Contains(d.acts, "ask") })
	d.with(func() { d.by = "" })
	look()
	d.holds(`document.querySelector("[data-bar=seat] button")?.textContent === "Edit here"`)
	press("Edit here")
	d.holds(`document.querySelector(".story-text").isContentEditable && !document.querySelector("[data-bar=seat]")`)
	d.writes(" Mine.")
	d.with(func() { d.asked = "Jon Bell" })
	look()
	d.holds(`document.querySelector("[data-bar=asked] p")?.textContent === "Jon Bell asks for the story."`)
	press("Keep")
	d.holds(`!document.querySelector("[data-bar=asked]")`)
	d.with(func() { d.asked = "Jon Bell" })
	look()
	d.holds(`document.querySelector("[data-bar=asked]")`)
	press("Hand over")
	d.holds(reading)
	d.has("Mine.") // saved before it was given away
}

// TestEditorSeatLost loses the seat with something unsaved: it is kept, and
// merged when the seat is there again.
func TestEditorSeatLost(t *testing.T) {
	d := edits(t, plainStory)
	d.with(func() { d.holder, d.by, d.own = "another", "Ida Holm", true })
	d.writes(" Unsaved.")
	d.types("s", chromedp.KeyModifiers(ctrl))
	d.holds(`document.querySelector("[data-bar=unsaved]") && document.querySelector("[data-bar=seat]") && ` + kept)
	d.holds(`document.querySelector(".story-text").textContent.endsWith("Unsaved.")`)
	d.with(func() { d.version++; d.copy.Headline = "Another" })
	d.does(`document.dispatchEvent(new Event("visibilitychange"))`)
	d.holds(`[...document.querySelectorAll(".story-bar button")].some((b) => b.textContent === "Edit here")`)
	d.does(`[...document.querySelectorAll(".story-bar button")].find((b) => b.textContent === "Edit here").click()`)
	d.has("Unsaved.")
	d.holds(`!document.querySelector("[data-bar=unsaved]") && ` + savedAs + ` === "saved"`)
	d.with(func() {
		if len(d.merges) != 1 {
			t.Errorf("%d merges", len(d.merges))
		}
	})
}

// TestEditorTwoWindows opens a story twice: the second looks on, and leaves alone
// what the first has not saved yet.
func TestEditorTwoWindows(t *testing.T) {
	d := edits(t, plainStory)
	d.refuses(hangUp)
	d.writes(" First window.")
	d.holds(kept)
	second, done := chromedp.NewContext(d.ctx)
	defer done()
	open(t, second, d.server.URL+"/story", 1280, 900)
	first := d.ctx
	d.ctx = second
	d.with(func() { d.own = true })
	d.does(`document.dispatchEvent(new Event("visibilitychange"))`)
	d.holds(`document.querySelector(".story-text")?.contentEditable === "false" && document.querySelector("[data-bar=seat]")`)
	d.holds(`document.querySelector(".story-text").textContent === "The bridge is closed." && ` + kept)
	d.ctx = first
	d.refuses(nil)
	d.does(`dispatchEvent(new Event("online"))`)
	d.has("First window.")
}
