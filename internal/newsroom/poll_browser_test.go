package newsroom

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestPollGroup makes a poll as an editor does: the fields come with the format, what
// is typed is kept without a button, and what is wrong is told at its field.
func TestPollGroup(t *testing.T) {
	d := edits(t, plainStory)
	const group = `document.querySelector("details.poll")`
	d.holds(`!` + group + `.checkVisibility() && document.querySelector("[data-format=story]").checkVisibility() && !document.querySelector("[data-format=poll]").checkVisibility()`)
	d.does(`{ const f = document.querySelector("#format"); f.value = "poll"; f.dispatchEvent(new Event("change", { bubbles: true })); }`)
	d.holds(group + `.checkVisibility() && document.querySelector("[data-format=poll]").checkVisibility() && !document.querySelector("[data-format=story]").checkVisibility()`)

	d.press("Publish")
	d.holds(`document.querySelector("#poll_options-e")?.textContent === "A poll needs at least two options. Write them, one a line."`)
	examine(t, d.ctx, "story-poll-missing")
	d.holds(writable)
	d.focus("poll_options")
	d.types("Yes\rNo\r yes")
	d.types(kb.Tab)
	d.holds(`document.querySelector("[data-poll-status]").textContent.startsWith("Two of the options are the same.")`)
	d.focus("poll_options")
	d.does(`document.querySelector("#poll_options").value = "Yes\nNo\nPerhaps"; document.querySelector("#poll_options").dispatchEvent(new Event("change", { bubbles: true }))`)
	d.holds(`document.querySelector("[data-poll-status]").textContent === "The poll is saved."`)
	d.opens(360)
	d.holds(writable + ` && document.querySelector("#poll_options").value === "Yes\nNo\nPerhaps"`)

	// What was typed last goes along with whatever button is pressed.
	d.does(`document.querySelector("#poll_options").value = "Yes\nNo"`)
	d.press("Publish")
	d.holds(`document.querySelector(".notice.good")?.textContent === "Published."`)
	d.holds(`document.querySelector("#poll_options").value === "Yes\nNo" && document.querySelectorAll(".results li").length === 2`)
	d.holds(writable)
	d.press("Close it now")
	d.holds(`document.querySelector(".notice.good")?.textContent.startsWith("The poll is closed")`)
	examine(t, d.ctx, "story-poll-closed")
	d.holds(writable)
	d.press("Open it again")
	d.holds(`document.querySelector(".notice.good")?.textContent === "The poll is open again." && document.querySelector("#poll_closes").value === ""`)
}
