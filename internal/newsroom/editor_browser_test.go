package newsroom

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/desk"
	"kawaraban/internal/richtext"
)

// TestEditorTyping types each sort of block as people do.
func TestEditorTyping(t *testing.T) {
	d := edits(t, noStory)
	for _, test := range []struct{ typed, want string }{
		{"One.\rTwo.", `{"kind":"paragraph","text":[{"text":"One."}]}
{"kind":"paragraph","text":[{"text":"Two."}]}
`},
		{"## A head\rText", `{"kind":"crosshead","text":[{"text":"A head"}]}
{"kind":"paragraph","text":[{"text":"Text"}]}
`},
		{"> We go\ron\r\rIda Holm\rText", `{"kind":"quote","text":[{"text":"We go\non"}],"attribution":[{"text":"Ida Holm"}]}
{"kind":"paragraph","text":[{"text":"Text"}]}
`},
		{"- one\rtwo\r\rText", `{"kind":"list","items":[[{"text":"one"}],[{"text":"two"}]]}
{"kind":"paragraph","text":[{"text":"Text"}]}
`},
		{"1. one\rtwo", `{"kind":"list","ordered":true,"items":[[{"text":"one"}],[{"text":"two"}]]}
`},
		{"```a  b\r c\r\rText", `{"kind":"preformatted","text":[{"text":"a  b\n c"}]}
{"kind":"paragraph","text":[{"text":"Text"}]}
`},
		{`"It's 'so'," she said -- twice...`, `{"kind":"paragraph","text":[{"text":"“It’s ‘so’,” she said – twice…"}]}
`},
		{"## \bx", `{"kind":"paragraph","text":[{"text":"## x"}]}
`},
		{"a \"\bb", `{"kind":"paragraph","text":[{"text":"a \"b"}]}
`},
	} {
		d.at("all")
		d.types(kb.Backspace)
		d.types(kb.Backspace)
		d.types(test.typed)
		if got := d.saved(); got != test.want {
			t.Errorf("%q becomes\n%s, not\n%s", test.typed, got, test.want)
		}
	}
}

// TestEditorKeys uses the keys of the toolbar, and undoes.
func TestEditorKeys(t *testing.T) {
	d := edits(t, plainStory)
	press := func(key string, m ...chromedp.KeyOption) { d.types(key, m...) }
	mods := func(m ...chromedp.Modifier) chromedp.KeyOption { return chromedp.KeyModifiers(m...) }
	d.at("all")
	press("b", mods(ctrl))
	press("i", mods(ctrl))
	if got := d.saved(); got != `{"kind":"paragraph","text":[{"text":"The bridge is closed.","strong":true,"em":true}]}`+"\n" {
		t.Errorf("bold and italic is %s", got)
	}
	d.holds(`document.querySelector("[data-tool=strong]").getAttribute("aria-pressed") === "true"`)
	press("z", mods(ctrl))
	press("z", mods(ctrl))
	for _, test := range []struct{ tool, want string }{
		{"crosshead", `{"kind":"crosshead","text":[{"text":"The bridge is closed."}]}`},
		{"bullets", `{"kind":"list","items":[[{"text":"The bridge is closed."}]]}`},
		{"numbered", `{"kind":"list","ordered":true,"items":[[{"text":"The bridge is closed."}]]}`},
		{"quote", `{"kind":"quote","text":[{"text":"The bridge is closed."}]}`},
		{"preformatted", `{"kind":"preformatted","text":[{"text":"The bridge is closed."}]}`},
		{"preformatted", `{"kind":"paragraph","text":[{"text":"The bridge is closed."}]}`},
	} {
		d.does(`document.querySelector("[data-tool=` + test.tool + `]").click()`)
		if got := d.saved(); got != test.want+"\n" {
			t.Errorf("%s makes %s", test.tool, got)
		}
	}
	press("2", mods(ctrl, alt))
	if got := d.saved(); !strings.Contains(got, "crosshead") {
		t.Errorf("Ctrl+Alt+2 makes %s", got)
	}
	press(kb.F10, mods(alt))
	d.holds(`document.activeElement.dataset.tool === "strong"`)
	press(kb.ArrowRight)
	press(kb.ArrowRight)
	d.holds(`document.activeElement.dataset.tool === "link"`)
	press(kb.End)
	d.holds(`document.activeElement.dataset.tool === "smart"`)
	press(kb.Escape)
	d.holds(`document.activeElement.matches(".story-text")`)
}

// TestEditorLinks sets a link by address and by the words of an article.
//
// Seen red: an answer that is late, and takes the choice away.
func TestEditorLinks(t *testing.T) {
	d := edits(t, plainStory)
	_, gone := d.publishes(d.actor, "Ferry gone", plainStory)
	d.publishes(d.actor, "Ferry back", plainStory)
	d.begins(d.actor, "Ferry secret", plainStory)
	ask := func() {
		d.types("k", chromedp.KeyModifiers(ctrl))
		d.holds(`document.querySelector("dialog[open] [data-name=href]") === document.activeElement`)
	}
	closed := `!document.querySelector("dialog[open]") && document.activeElement.matches(".story-text")`
	d.at("all")
	ask()
	d.types("javascript:alert(1)\r")
	d.holds(`document.querySelector("dialog[open] .wrong").textContent.startsWith("A link needs")`)
	d.does(`document.activeElement.select()`)
	d.types("paper.example/a?b=c\r")
	d.holds(closed)
	want := `{"kind":"paragraph","text":[{"text":"The bridge is closed.","href":"https://paper.example/a?b=c"}]}` + "\n"
	if got := d.saved(); got != want {
		t.Errorf("a link is %s", got)
	}
	d.at("all")
	ask()
	d.does(`document.activeElement.select()`)
	late := make(chan struct{})
	d.fails(later("ferry", late))
	d.types("ferr")
	d.found("ferr")
	d.holds(`document.querySelectorAll("dialog[open] [role=option]").length === 2`)
	examine(t, d.ctx, "editor-link")
	d.types("y")
	d.types(kb.ArrowDown)
	d.types(kb.ArrowDown)
	close(late)
	d.found("ferry")
	d.types("\r")
	d.holds(closed)
	if got := d.saved(); !strings.Contains(got, `"href":"`+gone+`"`) {
		t.Errorf("a link to an article of ours is %s", got)
	}
	d.at("all")
	ask()
	d.does(`[...document.querySelectorAll("dialog[open] button")].find((b) => b.textContent === "Remove the link").click()`)
	d.holds(closed)
	if got := d.saved(); strings.Contains(got, "href") {
		t.Errorf("a link that was removed is %s", got)
	}
}

// TestEditorFind finds, replaces, and undoes all at once.
func TestEditorFind(t *testing.T) {
	d := edits(t, `{"blocks":[{"kind":"paragraph","text":[{"text":"Ferry, ferry, "},{"text":"ferry","em":true}]},{"kind":"list","items":[[{"text":"Ferries"}]]}]}`)
	d.at("start")
	d.types("f", chromedp.KeyModifiers(ctrl))
	d.holds(`document.activeElement.closest(".find")`)
	d.types("ferry")
	d.holds(`document.querySelector(".find output").textContent === "1 of 3" && document.querySelectorAll(".story-text .found").length === 3`)
	examine(t, d.ctx, "editor-find")
	d.types("\r")
	d.holds(`document.querySelector(".find output").textContent === "2 of 3"`)
	d.does(`document.querySelector(".find [type=checkbox]").click()`)
	d.holds(`document.querySelector(".find output").textContent.endsWith("of 2")`)
	d.does(`document.querySelectorAll(".find input")[2].focus()`)
	d.types("boat")
	d.does(`[...document.querySelectorAll(".find button")].find((b) => b.textContent === "Replace all").click()`)
	want := `{"kind":"paragraph","text":[{"text":"Ferry, boat, "},{"text":"boat","em":true}]}` + "\n" + `{"kind":"list","items":[[{"text":"Ferries"}]]}` + "\n"
	if got := d.saved(); got != want {
		t.Errorf("replaced, it is %s", got)
	}
	d.types(kb.Escape)
	d.holds(`document.querySelector(".find").hidden && document.activeElement.matches(".story-text")`)
	d.types("z", chromedp.KeyModifiers(ctrl))
	if got := d.saved(); strings.Contains(got, "boat") {
		t.Errorf("undone, it is %s", got)
	}
}

// TestEditorTable makes a table with the keyboard.
func TestEditorTable(t *testing.T) {
	d := edits(t, noStory)
	d.at("all")
	d.does(`document.querySelector("[data-tool=table]").click()`)
	d.holds(`document.querySelectorAll(".story-text tr").length === 3 && !document.querySelector('[data-tool="row.head"]').closest("[hidden]")`)
	d.types("Town\tRain\tSun\tArl\t12\t3\tWeir\t8\t5\tUpper Weir")
	d.types(kb.Tab, chromedp.KeyModifiers(shift))
	d.types("0")
	d.does(`document.querySelector('[data-tool="column.delete"]').click()`)
	want := `{"kind":"table","rows":[{"head":true,"cells":[[{"text":"Town"}],[{"text":"Rain"}]]},{"cells":[[{"text":"Arl"}],[{"text":"12"}]]},{"cells":[[{"text":"Weir"}],[{"text":"8"}]]},{"cells":[[{"text":"Upper Weir"}],[]]}]}` + "\n"
	if got := d.saved(); got != want {
		t.Errorf("the table is %s", got)
	}
	examine(t, d.ctx, "editor-table")
	d.does(`document.querySelector('[data-tool="table.delete"]').click()`)
	if got := d.saved(); got != "" {
		t.Errorf("without its table the story is %s", got)
	}
}

// TestEditorPicture says who made a picture, and embeds a film.
func TestEditorPicture(t *testing.T) {
	d := desks(t, plainStory)
	picture := d.takes()
	doc, err := richtext.Parse([]byte(`{"blocks":[{"kind":"paragraph","text":[{"text":"The bridge is closed."}]},{"kind":"figure","text":[{"text":"The bridge at dawn"}],"picture":"` + picture + `","credit":"POOL","alt":"A bridge"}]}`))
	check(t, err)
	d.elsewhere(d.actor, d.story, func(c *desk.Copy) { c.Body = doc })
	d.opens(1280)
	d.holds(writable)
	d.holds(`document.querySelector(".story-text figure img")?.naturalWidth > 300`)
	d.does(`document.querySelector(".story-text figure [data-name=credit]").focus(); document.activeElement.select()`)
	d.types("AFP")
	d.selects(`getSelection().collapse(document.querySelector(".story-text figcaption").firstChild, 3)`)
	d.does(`document.querySelector("[data-tool=embed]").click()`)
	d.holds(`document.querySelector("dialog[open]")`)
	d.types("http://films.example/1\r")
	d.holds(`document.querySelector("dialog[open] .wrong").textContent`)
	d.does(`document.activeElement.closest("dialog").querySelector("[data-name=url]").select()`)
	d.types("https://films.example/1\r")
	d.holds(`document.querySelector(".story-text .embed")`)
	want := `{"kind":"paragraph","text":[{"text":"The bridge is closed."}]}
{"kind":"figure","text":[{"text":"The bridge at dawn"}],"picture":"` + picture + `","credit":"AFP","alt":"A bridge"}
{"kind":"embed","url":"https://films.example/1","title":"films.example/1"}
`
	if got := d.saved(); got != want {
		t.Errorf("the story is %s", got)
	}
	examine(t, d.ctx, "editor-figure")
}

// TestEditorScreens looks at the page on every screen, with and without the script.
func TestEditorScreens(t *testing.T) {
	d := desks(t, `{"blocks":[{"kind":"crosshead","text":[{"text":"A head"}]},{"kind":"paragraph","text":[{"text":"The bridge is closed."}]},
		{"kind":"quote","text":[{"text":"We go on."}]},{"kind":"list","items":[[{"text":"one"}]]},{"kind":"preformatted","text":[{"text":"a\n  b"}]},
		{"kind":"table","rows":[{"head":true,"cells":[[{"text":"Town"}],[{"text":"Rain"}]]},{"cells":[[{"text":"Arl"}],[]]}]},
		{"kind":"figure","picture":"p1","text":[{"text":"The bridge"}]},{"kind":"embed","url":"https://films.example/1","title":"A film"}]}`)
	for _, width := range []int64{320, 360, 640, 1280} {
		d.opens(width)
		d.holds(`document.querySelector(".under").textContent.includes("words")`)
		if got := ask[int64](t, d.ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the page is %d wide on a screen of %d", got, width)
		}
		if width == 360 {
			if high := ask[float64](t, d.ctx, `Math.min(...[...document.querySelectorAll(".tools button")].filter((b) => b.offsetParent).map((b) => Math.min(b.offsetHeight, b.offsetWidth)))`); high < 44 {
				t.Errorf("a button of the toolbar is %.0f small", high)
			}
		}
		if width == 360 || width == 1280 {
			examine(t, d.ctx, "editor-screen")
		}
	}
	d.fails(unbuilt)
	other := d.across(d.actor) // which has not loaded it before
	other.goes(storyPath(d.story), 360)
	if !ask[bool](t, other.ctx, `document.querySelector("#source").offsetHeight > 20 && !document.querySelector(".editor")`) {
		t.Error("without the script there is no source field")
	}
}

// TestEditorLanguages sets marks as languages do.
func TestEditorLanguages(t *testing.T) {
	d := edits(t, noStory)
	for _, test := range []struct{ language, want string }{
		{"de", `„Geht’s ‚so‘?“`}, {"fr", "«\u202fGeht’s “so”?\u202f»"}, {"ja", `"Geht's 'so'?"`},
	} {
		d.does(`{ const s = document.querySelector("[name=language]"); s.value = "` + test.language + `"; s.dispatchEvent(new Event("change", {bubbles: true})) }`)
		d.at("all")
		d.types(kb.Backspace)
		d.types(`"Geht's 'so'?"`)
		d.saved()
		if got := ask[string](t, d.ctx, `document.querySelector(".story-text p").textContent`); got != test.want {
			t.Errorf("in %s it is %q, not %q", test.language, got, test.want)
		}
	}
}
