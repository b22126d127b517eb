package newsroom

import (
	"fmt"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// A sight is a page to look at: how a browser comes to it, on a screen of some
// width.
type sight struct {
	name string
	come func(d *writer, width int64)
}

func comes(path, shows string) func(d *writer, width int64) {
	return func(d *writer, width int64) {
		d.goes(path, width)
		d.holds(shows)
	}
}

// looksAt opens everything that opens, measures the page on every screen, and has
// axe look at it on the narrow and the wide one, in light and in dark.
func (d *writer) looksAt(widths []int64, sights ...sight) {
	d.t.Helper()
	for _, s := range sights {
		for _, width := range widths {
			s.come(d, width)
			d.does(`for (const e of document.querySelectorAll("details")) e.open = true`)
			d.fits(s.name, width)
			if width == 320 {
				continue
			}
			examine(d.t, d.ctx, fmt.Sprintf("%s-%d", s.name, width))
		}
	}
}

// fits checks that nothing is wider than the screen.
func (d *writer) fits(what string, width int64) {
	d.t.Helper()
	if got := ask[int64](d.t, d.ctx, `document.documentElement.scrollWidth`); got > width {
		wide := ask[string](d.t, d.ctx, fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > %d).slice(0, 3).map((e) => e.outerHTML.slice(0, 100)).join("; ")`, width))
		d.t.Errorf("%s is %d wide on a screen of %d: %s", what, got, width, wide)
	}
}

var screens = []int64{320, 360, 1280}

// newsrooms is a newsroom with one of everything: stories in each state, one of
// them with all that a page of a story can have, and reports of errors.
func newsrooms(t *testing.T) (d *writer, reports []string) {
	t.Helper()
	builtEditor(t)
	h := serves(t)
	_, reports = h.reported("It is Tuesday.", "The name is wrong, and it is so in a word that is long: "+long)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	ida, ana := h.joins("Ida", reader.Publisher), h.joins("Ana", reader.Contributor)
	d = h.sits(papertest.Browser(t), ida)
	d.story, _ = h.publishes(ida, "Bridge of Orrin closed", plainStory)
	h.begins(ida, "Ferry "+long, plainStory)
	waits := h.begins(ana, "Tunnel open", plainStory)
	now, err := h.Work.Story(t.Context(), ana, waits)
	check(t, err)
	check(t, h.Work.Submit(t.Context(), ana, waits, desk.At{Page: "another-page", Version: now.Version}))
	for _, words := range []string{"I count nine.", "And " + long} {
		_, err = h.Work.Remark(t.Context(), ida, d.story, "bridge is closed", words)
		check(t, err)
	}
	picture := h.takes()
	h.elsewhere(ida, d.story, func(c *desk.Copy) {
		c.Body = richtext.FromText("The bridge is open.\n\n" + long)
		c.Lead, c.Weight, c.Dateline = article.Lead{Picture: picture, Credit: "AFP"}, 2, "ORRIN"
	})
	return d, reports
}

const long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"

// TestStoryLooks looks at the page of a story, in each way in which it is seen.
func TestStoryLooks(t *testing.T) {
	d, _ := newsrooms(t)
	at := storyPath(d.story)
	d.looksAt(screens,
		sight{"story", func(d *writer, width int64) { d.opens(width); d.holds(writable) }},
		sight{"story-refused", func(d *writer, width int64) {
			d.opens(width)
			d.holds(writable)
			d.does(`window.before = true; document.querySelector("[name=reason][value=correction]").click()`)
			d.press("Publish the change")
			d.holds(`!window.before && document.querySelector("#note-e") && ` + writable)
		}},
		sight{"preview", comes(at+"/preview?as=phone", `document.querySelector("iframe")`)},
		sight{"revisions", comes(at+"/revisions", `document.querySelector(".changed")`)},
	)
}

// TestStoryLooksPlain is TestStoryLooks without the editor.
func TestStoryLooksPlain(t *testing.T) {
	d, _ := newsrooms(t)
	d.fails(unbuilt)
	plain := `document.querySelector("#source").offsetHeight > 20`
	d.looksAt(screens,
		sight{"story-plain", comes(storyPath(d.story), plain)},
		sight{"story-clash", func(d *writer, width int64) {
			d.goes(storyPath(d.story), width)
			d.elsewhere(d.actor, d.story, func(c *desk.Copy) { c.Body = richtext.FromText(fmt.Sprint("The bridge is wide by ", width)) })
			d.focus("source")
			d.types("<p>Mine.</p>")
			d.press("Save")
			d.holds(`document.querySelector(".clash") && ` + plain)
		}},
	)
}

// TestRoomLooks looks at the pages around stories, with something on them and
// with nothing.
func TestRoomLooks(t *testing.T) {
	h := serves(t)
	d := h.sits(papertest.Browser(t), h.joins("Ida", reader.Publisher))
	none := `document.querySelector(".none")`
	d.looksAt([]int64{360}, sight{"overview-empty", comes(overview, none)}, sight{"articles-empty", comes(articles, none)}, sight{"errors-empty", comes("/newsroom/errors", none)})
	d, reports := newsrooms(t)
	d.looksAt(screens,
		sight{"overview", comes(overview, `document.querySelector(".group-of li")`)},
		sight{"articles", comes(articles, `document.querySelector(".lines td")`)},
		sight{"article-new", comes(articles+"/new", `document.querySelector("#headline")`)},
		sight{"errors", comes("/newsroom/errors", `document.querySelector(".reports li")`)},
		sight{"audit", comes(auditAt, `document.querySelector(".lines td")`)},
		sight{"topics", comes(topicsAt+"?q=cycling", `document.querySelector(".lines td")`)},
	)
	d.looksAt([]int64{320, 360},
		sight{"articles-filtered", comes(articles+"?q=nothing", none)},
		sight{"audit-none", comes(auditAt+"?words=nothing+at+all", none)},
		sight{"back", comes("/newsroom/back", `document.querySelector(".note")`)},
		sight{"plan", comes(planning, `document.querySelector("main form")`)},
		sight{"error", comes("/newsroom/errors/"+reports[1], `document.querySelector("form")`)},
	)
}

// TestJapaneseLooks looks at the pages of somebody who has chosen Japanese.
func TestJapaneseLooks(t *testing.T) {
	d, reports := newsrooms(t)
	check(t, d.db.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update reader set language = 'ja' where id = $1`, d.actor.Reader.ID)
		return err
	}))
	for _, path := range []string{
		storyPath(d.story), overview, articles, articles + "?q=nothing", articles + "/new", storyPath(d.story) + "/preview", storyPath(d.story) + "/revisions",
		planning, "/newsroom/back", "/newsroom/errors", "/newsroom/errors/" + reports[0],
	} {
		d.goes(path, 360)
		d.holds(`document.documentElement.lang === "ja" && (!document.querySelector("#story") || ` + writable + `)`)
		d.does(`for (const e of document.querySelectorAll("details")) e.open = true`)
		d.fits(path, 360)
		photograph(t, d.ctx, "ja"+fmt.Sprint(len(path)))
		for _, v := range papertest.Axe(t, d.ctx) {
			t.Errorf("%s in Japanese: %s", path, v)
		}
		// A sentence of the interface in English is one that nobody has translated.
		if got := ask[string](t, d.ctx, `[...document.querySelectorAll("main label, main button, main summary, main h2, main legend, main small, .tools button")].map((e) => e.textContent.trim()).filter((s) => /^[A-Z][a-z]+ [a-z]/.test(s)).join("|")`); got != "" {
			t.Errorf("%s says in English: %s", path, got)
		}
	}
}
