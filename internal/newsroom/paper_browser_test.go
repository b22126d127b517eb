package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/article"
	"kawaraban/internal/paper"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// papers is the room of the paper in a browser: Elif's, who is a publisher.
func papers(t *testing.T) (h *house, ctx context.Context, base string) {
	t.Helper()
	h = serves(t)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}, {Slug: "sport", Name: "Sport"}}))
	session := h.own(h.hires("Elif", reader.Publisher), reader.Publisher)
	ctx = papertest.Browser(t)
	be(t, ctx, h.base, session)
	return h, ctx, h.base
}

// TestOrderSections puts the sections in order: by the buttons with the keyboard, whose
// focus stays at the section that moves, and by mouse.
//
// Seen red: the focus at the top of the page after each step.
func TestOrderSections(t *testing.T) {
	h, ctx, base := papers(t)
	order := func(want string) {
		t.Helper()
		papertest.Eventually(t, func() bool {
			list, err := h.Articles.Sections(t.Context())
			check(t, err)
			var slugs []string
			for _, s := range list {
				slugs = append(slugs, s.Slug)
			}
			return strings.Join(slugs, " ") == want
		})
	}
	open(t, ctx, base+arranging, 1280, 900)
	ask[bool](t, ctx, `document.querySelector('[data-id="sport"] [value="up"]').focus(); true`)
	presses(t, ctx, kb.Enter)
	order("city sport world")
	becomes(t, ctx, `document.activeElement?.matches('[data-id="sport"] [value="up"]') ?? false`)
	presses(t, ctx, kb.Enter)
	order("sport city world")
	becomes(t, ctx, `document.activeElement?.matches('[data-id="sport"] [value="down"]') ?? false`)

	becomes(t, ctx, `!!document.querySelector(".ordered.live")`)
	x, y := middle(t, ctx, `[data-id="sport"] .grip`)
	tox, toy := middle(t, ctx, `[data-id="world"]`)
	_, err := chromedp.Run(ctx, chromedp.DragAndDropXY(x, y, tox, toy+60, 10))
	check(t, err)
	papertest.Eventually(t, func() bool {
		list, err := h.Articles.Sections(t.Context())
		check(t, err)
		return list[0].Slug == "city"
	})
}

// TestPaperLooks looks at every page of the room on a phone and a wide screen, as it is
// when it is new and when it has something to show.
func TestPaperLooks(t *testing.T) {
	h, ctx, base := papers(t)
	id, err := h.Papers.Save(t.Context(), "", paper.Page{Slug: "imprint", Title: "Imprint", Shown: true, Body: richtext.FromText("Tile Square 4.")})
	check(t, err)
	look := func(name string) {
		t.Helper()
		for _, width := range []int64{360, 1280} {
			open(t, ctx, base+name, width, 1000)
			becomes(t, ctx, `document.readyState === "complete"`)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			examine(t, ctx, fmt.Sprintf("paper%s-%d", strings.ReplaceAll(strings.TrimPrefix(name, paperPath), "/", "-"), width))
		}
	}
	look(paperPath)
	look(arranging)
	look(menuPath)
	look(pagesPath)
	look(pagesPath + "/new?slug=about")
	look(pagesPath + "/" + id)
}

// TestPaperWrong sends what cannot be taken: what is wrong stands at its field, and what
// was typed is still there.
func TestPaperWrong(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
	session := h.own(h.hires("Elif", reader.Publisher), reader.Publisher)
	for _, test := range []struct {
		path   string
		fields []string
		want   string
		typed  string
	}{
		{paperPath, []string{"version", "0", "act", "save", "paper_name", "", "contact", "nobody"}, "A paper has a name.", `value="nobody"`},
		{arranging, []string{"version", "0", "act", "save", "section", "city", "name", "", "address", "No Address"}, "Write the section", `value="No Address"`},
		{arranging, []string{"version", "0", "act", "add", "name", "City again", "address", "city"}, "Another section has this address", `value="City again"`},
		{menuPath, []string{"version", "0", "place", "footer", "act", "link", "label", "", "target", "ftp://x"}, "Write what the link is called.", `value="ftp://x"`},
		{pagesPath + "/new", []string{"version", "0", "act", "save", "title", "", "slug", "No Slug", "source", "Kept words"}, "Write a title.", "Kept words"},
	} {
		res, body := h.fills(test.path, session, test.fields...)
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, test.want) || !strings.Contains(body, test.typed) || !strings.Contains(body, `aria-invalid="true"`) {
			t.Errorf("%s answers %d, without %q or %q", test.path, res.StatusCode, test.want, test.typed)
		}
	}
}
