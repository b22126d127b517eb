package newsroom

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// TestWriteAndPublish writes an article as people do, and readers have it.
func TestWriteAndPublish(t *testing.T) {
	d := desks(t, noStory)
	_, ferry := d.publishes(d.actor, "Ferry runs every hour", plainStory)
	d.goes("/newsroom", 1280)
	d.holds(`location.pathname === "/newsroom/desk"`)
	d.press("New article")
	d.holds(writable)
	d.focus("headline")
	d.types("Bridge of Orrin closed")
	d.types(kb.Tab)
	d.types("Nobody knows until when.")
	d.at("end")
	d.types("The bridge is closed.\r## What now\rTake the ")
	d.types("ferry")
	d.selects(`getSelection().modify("extend", "backward", "word")`)
	d.types("k", chromedp.KeyModifiers(ctrl))
	d.holds(`document.querySelector("dialog[open] [data-name=href]") === document.activeElement`)
	d.does(`document.activeElement.select()`)
	d.types("every ferry")
	d.found("every ferry")
	d.holds(`document.querySelector("dialog[open] [role=option]")?.textContent.startsWith("Ferry runs every hour")`)
	d.types(kb.ArrowDown)
	d.types("\r")
	d.holds(`!document.querySelector("dialog[open]") && document.querySelector(".story-text a")`)
	d.press("Publish") // what is not saved is saved before
	d.holds(`document.querySelector(".notice.good")?.textContent === "Published." && document.querySelector(".state").textContent.includes("Published")`)

	d.goes("/category/city/bridge-of-orrin-closed", 1280)
	d.holds(`document.querySelector("h1").textContent === "Bridge of Orrin closed" && document.body.textContent.includes("Nobody knows until when.")`)
	d.holds(`[...document.querySelectorAll("h2")].some((h) => h.textContent === "What now")`)
	d.holds(`[...document.querySelectorAll("a")].find((a) => a.textContent === "ferry").getAttribute("href") === "` + ferry + `"`)
	d.goes("/", 1280)
	d.holds(`[...document.querySelectorAll("main a")].some((a) => a.textContent === "Bridge of Orrin closed" && a.pathname === "/category/city/bridge-of-orrin-closed")`)
}

// TestCorrect corrects a published article: readers see the note, and which words
// have changed.
func TestCorrect(t *testing.T) {
	d := desks(t, noStory)
	var path string
	d.story, path = d.publishes(d.actor, "Bridge closed", plainStory)
	d.opens(1280)
	d.holds(writable)
	d.writes(" It has ninety arches.")
	d.press("Publish the change")
	d.holds(`document.querySelector("#reason-e")`)
	d.holds(writable)
	d.has("It has ninety arches.")
	d.does(`document.querySelector("[name=reason][value=correction]").click()`)
	d.press("Publish the change")
	d.holds(`document.querySelector("#note-e")?.textContent === "Say what was wrong and what is right." && document.querySelector("[name=reason][value=correction]").checked`)
	examine(t, d.ctx, "story-note-missing")
	d.holds(writable)
	d.focus("note")
	d.types("The bridge has nine arches.")
	d.clock.Add(time.Minute)
	d.selects(`
		const text = document.querySelector(".story-text p").lastChild, at = text.data.indexOf("ninety");
		getSelection().setBaseAndExtent(text, at, text, at + 6);
	`)
	d.types("nine")
	d.press("Publish the change")
	d.holds(`document.querySelector(".notice.good")?.textContent.startsWith("The correction is published.")`)

	d.goes(path, 1280)
	d.holds(`document.body.textContent.includes("It has nine arches.") && document.body.textContent.includes("The bridge has nine arches.")`)
	d.goes(path+"/history", 1280)
	d.holds(`[...document.querySelectorAll("ins")].some((i) => i.textContent.includes("nine arches"))`)
	d.goes("/corrections", 1280)
	d.holds(`document.body.textContent.includes("The bridge has nine arches.")`)
}

// TestTwoEditors has two people at one story, each at a browser: one writes, the
// other looks on, asks for it, and has it.
func TestTwoEditors(t *testing.T) {
	d := edits(t, plainStory)
	jon := d.across(d.joins("Jon", reader.Editor))
	jon.opens(360)
	jon.holds(reading + ` && document.querySelector("[data-bar=seat] p")?.textContent === "Ida edits this story. You are looking on." && document.querySelector("#here").textContent === "Open here too: Ida"`)
	examine(t, jon.ctx, "editor-seat")
	look := `document.dispatchEvent(new Event("visibilitychange"))`
	d.does(look)
	d.holds(`document.querySelector("#here").textContent === "Open here too: Jon"`)

	// What Ida saves, Jon sees.
	d.writes(" Until Monday.")
	d.saved()
	jon.does(look)
	jon.holds(`document.querySelector(".story-text").textContent === "The bridge is closed. Until Monday."`)

	jon.press("Ask for it")
	jon.holds(`document.querySelector("[data-bar=seat] p").textContent === "Ida edits this story. You have asked for it."`)
	d.does(look)
	d.holds(`document.querySelector("[data-bar=asked] p")?.textContent === "Jon asks for the story."`)
	d.press("Keep")
	d.holds(`!document.querySelector("[data-bar=asked]")`)
	jon.does(look)
	jon.press("Ask for it")
	d.writes(" Perhaps.")
	d.does(look)
	d.press("Hand over")
	d.holds(reading)
	d.has("Perhaps.") // saved before it was given away
	jon.does(look)
	jon.holds(writable + ` && !document.querySelector("[data-bar=seat]")`)
	jon.holds(`document.querySelector(".story-text").textContent.endsWith("Perhaps.")`)
	jon.writes(" Says Jon.")
	jon.saved()
	d.does(look)
	d.holds(`document.querySelector(".story-text").textContent.endsWith("Perhaps. Says Jon.")`)

	// Jon goes; Ida has it again.
	jon.goes("/robots.txt", 360)
	d.does(look)
	d.holds(writable + ` && document.querySelector("#here").textContent === ""`)
}

// TestTwoEditorsClash has two people change the same words: one of them without a
// network, whose seat the other got meanwhile.
func TestTwoEditorsClash(t *testing.T) {
	d := edits(t, plainStory)
	jon := d.across(d.joins("Jon", reader.Editor))
	jon.opens(1280)
	look := `document.dispatchEvent(new Event("visibilitychange"))`
	d.fails(d.only(cut))
	d.at("all")
	d.types("The ferry runs.")
	d.holds(kept + ` && ` + savedAs + ` === "offline"`)
	d.clock.Add(desk.SeatLife + time.Second)
	jon.does(look)
	jon.holds(writable)
	jon.focus("headline")
	jon.types("Bridge open")
	jon.at("all")
	jon.types("The bridge is open to all.")
	jon.saved()

	d.mends()
	d.does(`dispatchEvent(new Event("online"))`)
	d.holds(reading + ` && document.querySelector("[data-bar=unsaved]") && document.querySelector("[data-bar=seat] p").textContent.startsWith("Jon edits")`)
	d.holds(`document.querySelector(".story-text").textContent === "The ferry runs." && ` + kept)
	d.press("Ask for it")
	jon.does(look)
	jon.press("Hand over")
	jon.holds(reading)
	d.does(look)
	d.holds(`document.querySelectorAll("dialog[open] fieldset").length === 1`)
	d.holds(`["The ferry runs.", "The bridge is open to all."].every((s) => [...document.querySelectorAll("dialog[open] .version .text")].some((e) => e.textContent === s))`)
	_, err := chromedp.Run(d.ctx, chromedp.EmulateViewport(320, 900))
	check(t, err)
	d.fits("a clash", 320)
	d.does(`document.querySelector("dialog[open] [value=mine]").click()`)
	d.press("Use these")
	d.has("The ferry runs.")
	d.holds(savedAs + ` === "saved" && !(` + kept + `) && document.querySelector("[name=headline]").value === "Bridge open"`)
	jon.does(look)
	jon.holds(`document.querySelector(".story-text").textContent === "The ferry runs." && document.querySelector("[name=headline]").value === "Bridge open"`)
	if got := d.text(); strings.Contains(got, "open to all") || d.now().Copy.Headline != "Bridge open" {
		t.Errorf("it became %q: %s", d.now().Copy.Headline, got)
	}
}

// TestQuickOpen goes anywhere by Ctrl+K.
//
// Seen red: an answer that is late, and takes the choice back to the first.
func TestQuickOpen(t *testing.T) {
	h := serves(t)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
	d := h.sits(papertest.Browser(t), h.joins("Ida", reader.Publisher))
	h.joins("Orrin", reader.Moderator)
	d.publishes(d.actor, "Bridge of Orrin open", plainStory)
	id, _ := d.publishes(d.actor, "Bridge of Orrin closed", plainStory)
	d.goes("/newsroom/articles", 1280)
	opens := func() {
		d.holds(`document.readyState === "complete"`)
		d.types("k", chromedp.KeyModifiers(ctrl))
		d.holds(`document.querySelector("#quick").open && document.activeElement.matches("#quick input")`)
	}
	names := `[...document.querySelectorAll("#quick [role=option]")].map((a) => a.firstChild.data).join("|")`
	chosen := `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.firstChild.data`
	opens()
	d.holds(names + `.includes("Articles") && ` + names + `.includes("Bridge of Orrin closed")`)
	d.types("orrin")
	d.found("orrin")
	d.holds(names + ` === "Bridge of Orrin closed|Bridge of Orrin open|Orrin"`)
	examine(t, d.ctx, "quick-1280")
	d.holds(chosen + ` === "Bridge of Orrin closed"`)
	d.types(kb.ArrowDown)
	d.types(kb.ArrowDown)
	d.types(kb.ArrowDown)
	d.holds(chosen + ` === "Orrin"`)
	d.types(kb.ArrowUp)
	d.holds(chosen + ` === "Bridge of Orrin open"`)
	d.types(kb.Escape)
	d.holds(`!document.querySelector("#quick").open && location.pathname === "/newsroom/articles"`)

	opens()
	d.types("nobody of this name")
	d.holds(`document.querySelector("#quick [role=status]").textContent === "Nothing is called that." && !document.querySelector("#quick [role=option]")`)
	d.types("\r") // leads nowhere
	d.does(`document.activeElement.select()`)
	d.types("bridge closed")
	d.found("bridge closed")
	d.holds(names + ` === "Bridge of Orrin closed"`)
	d.types("\r")
	d.holds(`location.pathname === "` + storyPath(id) + `"`)
	d.holds(writable)

	// In a text without a selection the keys are the newsroom's too.
	d.at("end")
	opens()
	d.types("moder")
	d.found("moder")
	d.holds(names + `.startsWith("Moderation")`)
	d.types("\r")
	d.holds(`location.pathname === "/newsroom/moderation/reported"`)
	opens()
	d.types("orrin")
	d.found("orrin")
	d.holds(names + ` === "Bridge of Orrin closed|Bridge of Orrin open|Orrin"`)
	late := make(chan struct{})
	d.fails(later("orrin ", late))
	d.types(" ")
	d.types(kb.ArrowUp)
	d.types(kb.ArrowDown)
	d.types(kb.ArrowDown)
	d.types(kb.ArrowDown)
	close(late)
	d.found("orrin ")
	d.types("\r")
	d.holds(`location.pathname === "/member/orrin"`)
}

// TestPlain writes with a browser that runs no scripts: by the source of the text.
func TestPlain(t *testing.T) {
	d := desks(t, plainStory)
	_, err := chromedp.Run(d.ctx, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	})
	check(t, err)
	d.goes("/newsroom/articles/new", 360)
	d.holds(`document.activeElement.id === "headline"`) // the browser moves there after it has painted
	d.types("Tunnel closed")
	d.press("Begin")
	d.holds(`document.querySelector("#story") && document.querySelector("[name=headline]").value === "Tunnel closed" && !document.querySelector(".editor")`)
	d.story = ask[string](t, d.ctx, `location.pathname.split("/").pop()`)
	d.focus("source")
	d.types("<p>The tunnel is closed.</p>\r<h2>What now</h2>")
	d.press("Save")
	d.holds(`document.querySelector(".notice.good")?.textContent === "Saved." && document.querySelector("#source").value.includes("<h2>What now</h2>")`)
	d.focus("source")
	d.types(`<p>Nobody <script>knows</script> <b>when</b>.</p>`)
	d.press("Publish")
	d.holds(`document.querySelector(".notice.good")?.textContent === "Published."`)
	if got, want := d.text(), `{"kind":"paragraph","text":[{"text":"Nobody "},{"text":"when","strong":true},{"text":"."}]}`+"\n"; got != want {
		t.Errorf("what was typed as source is %s", got)
	}

	// Somebody has saved since: both versions are there, and none of them is lost.
	d.elsewhere(d.joins("Jon", reader.Editor), d.story, func(c *desk.Copy) {
		c.Headline, c.Body = "Tunnel open", richtext.FromText("The tunnel is open.")
	})
	d.focus("source")
	d.types("<p>Everybody knows.</p>")
	d.focus("standfirst")
	d.types("Mine.")
	d.press("Save")
	d.holds(`document.querySelector(".notice.bad[role=alert]")?.textContent.startsWith("Somebody has saved this story since")`)
	d.holds(`document.querySelector("[name=headline]").value === "Tunnel open" && document.querySelector("[name=standfirst]").value === "Mine." && document.querySelector("#source").value.includes("Everybody knows.")`)
	d.holds(`document.querySelector(".clash").textContent.includes("Everybody knows.") && document.querySelector(".clash").textContent.includes("The tunnel is open.")`)
	d.press("Save")
	d.holds(`document.querySelector(".notice.good")?.textContent === "Saved."`)
	if got := d.text(); !strings.Contains(got, "Everybody knows.") || d.now().Copy.Headline != "Tunnel open" {
		t.Errorf("after the clash it is %q: %s", d.now().Copy.Headline, got)
	}
}
