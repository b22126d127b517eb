package newsroom

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

const animation = "animation (medtop:20000003)"

// TestTopics looks for topics without a script, and as a script does.
func TestTopics(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	ana := h.own(h.hires("Ana", reader.Contributor), reader.Contributor)
	for _, test := range []struct{ path, holds string }{
		{"/newsroom/topics", "arts, culture, entertainment and media"},
		{"/newsroom/topics?q=anima", "<code>" + animation + "</code>"},
		{"/newsroom/topics?q=20000003", "arts, culture, entertainment and media › arts and entertainment"},
		{"/newsroom/topics?q=s", "There are more."},
		{"/newsroom/topics?q=%3Cb%3Exyzzy", "No topic is called so."},
		{"/newsroom/topics/find?q=anima", `{"entry":"` + animation + `","name":"animation","above":"arts, culture, entertainment and media`},
		{"/newsroom/topics/find?q=xyzzy", "[]"},
	} {
		res, body := h.asks(http.MethodGet, test.path, ana)
		if res.StatusCode != http.StatusOK || !strings.Contains(body, test.holds) {
			t.Errorf("%s answers %d without %q: %.400s", test.path, res.StatusCode, test.holds, body)
		}
	}
}

// TestTopicInBrowser chooses a topic with the keys and one with the mouse.
func TestTopicInBrowser(t *testing.T) {
	d := edits(t, plainStory)
	d.holds(writable)
	d.does(`document.querySelector("#topics").value = "Our ferry"; document.querySelector("#topic").focus()`)
	d.types("cycl")
	d.holds(`document.querySelectorAll("#topic-list [role=option]").length > 1 && document.querySelector("#topic").getAttribute("aria-expanded") === "true"`)
	d.types(kb.Escape)
	d.holds(`document.querySelector("#topic-list").hidden`)
	d.does(`document.querySelector("#topic").select()`)
	d.types("animation")
	d.holds(`document.querySelector("#topic-0[aria-selected=true]")?.textContent.startsWith("animation")`)
	examine(t, d.ctx, "topics-1280")
	d.types(kb.Enter)
	d.holds(`document.querySelector("#topics").value === "Our ferry\nanimation (medtop:20000003)" && document.querySelector("#topic").value === "" && document.activeElement.id === "topic"`)
	d.types("climate")
	d.holds(`[...document.querySelectorAll("#topic-list li")].some((o) => o.textContent.startsWith("climate change"))`)
	d.does(`[...document.querySelectorAll("#topic-list li")].find((o) => o.textContent.startsWith("climate change")).click()`)
	d.saved()
	if got, want := d.now().Copy.Topics, []string{"Our ferry", animation, "climate change (medtop:20000418)"}; !slices.Equal(got, want) {
		t.Errorf("the desk has %q, want %q", got, want)
	}
	d.does(`document.querySelector("#topic").focus()`)
	d.types("xyzzy")
	d.holds(`document.querySelector("#topic-said").textContent.startsWith("No topic is called so")`)
	d.types(kb.Enter)
	d.holds(`location.pathname.startsWith("/newsroom/articles/") && document.querySelector("#topic").value === "xyzzy"`)
}
