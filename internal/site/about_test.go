package site

import (
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/paper"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
)

// writes keeps a page about the paper, and tells the site of it.
func (p *press) writes(page paper.Page) paper.Page {
	p.t.Helper()
	id, err := p.Papers.Save(p.t.Context(), "", page)
	check(p.t, err)
	check(p.t, p.Hear(p.t.Context(), event.Event{Kind: paper.PageChanged{}.EventKind(), Subject: id}))
	kept, err := p.Papers.Page(p.t.Context(), id)
	check(p.t, err)
	return kept
}

// TestAbout follows a page about the paper: a draft is nobody's, what is changed is on
// the page at once, an address that has changed leads on.
//
// Seen red: a page without its tag.
func TestAbout(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		page := p.writes(paper.Page{Slug: "imprint", Title: "Imprint", Body: richtext.FromText("Mill Lane 1.")})
		if status, _ := p.get("/about/imprint"); status != http.StatusNotFound {
			t.Errorf("a draft answers %d", status)
		}
		page.Shown = true
		page = p.writes(page)
		if body := p.page("/about/imprint"); !strings.Contains(body, "Mill Lane 1.") || !strings.Contains(body, `"@type":"WebPage"`) {
			t.Errorf("the page is\n%s", body)
		}
		page.Body = richtext.FromText("Mill Lane 2 <b>.")
		page = p.writes(page)
		if body := p.page("/about/imprint"); !strings.Contains(body, "Mill Lane 2 &lt;b&gt;.") {
			t.Errorf("what was changed is not on the page\n%s", body)
		}
		page.Slug = "about"
		page = p.writes(page)
		if status, _ := p.get("/about/imprint"); status != http.StatusMovedPermanently {
			t.Errorf("the old address answers %d", status)
		}
		p.page("/rules")
		page.Slug, page.Title = paper.HouseRules, "How we talk"
		p.writes(page)
		if body := p.page("/rules"); !strings.Contains(body, "Mill Lane 2") || !strings.Contains(body, "<h1>How we talk</h1>") {
			t.Errorf("the rules are\n%s", body)
		}
		if status, _ := p.get("/about"); status != http.StatusMovedPermanently {
			t.Errorf("/about answers %d", status)
		}
	})
}

// TestMenu sets what editors have chosen, without what readers cannot have.
func TestMenu(t *testing.T) {
	p := start(t, papertest.SQLite(t), func(of *Paper) {
		of.Pages = []paper.Title{{ID: "p1", Slug: paper.Ethics, Title: "How we work", Shown: true}}
		of.Contact = "desk@post.example"
		of.Menu.Masthead = []paper.Item{
			{Kind: paper.ToLink, Target: "https://tides.example/?a=1&b=2", Label: "Tides <now>"},
			{Kind: paper.ToSection, Target: "hidden"},
			{Kind: paper.ToPage, Target: "p9"},
			{Kind: paper.ToSection, Target: "world", Label: "Abroad"},
			{Kind: paper.ToStanding, Target: "feed"},
		}
	})
	body := p.page("/")
	nav, _, _ := strings.Cut(body[strings.Index(body, `<nav class="sections"`):], "</nav>")
	for _, want := range []string{`<a href="https://tides.example/?a=1&amp;b=2" rel="noopener">Tides &lt;now&gt;</a>`, `>Abroad</a>`, `type="application/rss+xml">RSS feed</a>`} {
		if !strings.Contains(nav, want) {
			t.Errorf("the masthead lacks %s:\n%s", want, nav)
		}
	}
	if n := strings.Count(nav, "<li>"); n != 3 {
		t.Errorf("the masthead has %d items:\n%s", n, nav)
	}
	for _, want := range []string{`<a href="/about/ethics">How we work</a>`, `"ethicsPolicy":"https://post.example/about/ethics"`, `"email":"desk@post.example"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestAboutLooks has axe look at a page about the paper and at the rules below one.
func TestAboutLooks(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	const text = "<p>Mill Lane 1.</p><h2>Come by</h2><ul><li>The door is open.</li></ul><p><a href=\"/corrections\">Corrections</a></p>"
	body, err := richtext.FromSource(text)
	check(t, err)
	p.writes(paper.Page{Slug: "contact", Title: "How to reach us", Body: body, Shown: true})
	p.writes(paper.Page{Slug: paper.HouseRules, Title: "How we talk", Body: body, Shown: true})
	for _, path := range []string{"/about/contact", "/rules"} {
		for _, width := range []int64{360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("%s at %d: %s", path, width, v)
			}
			ask[string](t, ctx, darken)
			for _, v := range papertest.Axe(t, ctx) {
				t.Errorf("%s at %d, dark: %s", path, width, v)
			}
		}
	}
}
