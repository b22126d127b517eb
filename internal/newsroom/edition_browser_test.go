package newsroom

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
)

// letterTexts are the parts of an edition with two texts and stories between them.
func letterTexts(first, last string) newsletter.Manuscript {
	return newsletter.Manuscript{Subject: "Good morning", Parts: []newsletter.Part{
		{Block: newsletter.Block{Kind: newsletter.Words, Text: first}},
		{Block: newsletter.Block{Kind: newsletter.Stories}},
		{Block: newsletter.Block{Kind: newsletter.Words, Text: last}},
	}}
}

// A lettering is an edition that Ida writes at a browser.
type lettering struct {
	p *post
	*writer
	at string
}

func letters(t *testing.T, m newsletter.Manuscript) *lettering {
	t.Helper()
	builtEditor(t)
	p := serves(t).post()
	e, err := p.Newsletters.Begin(t.Context(), p.ida, p.written.ID)
	check(t, err)
	_, err = p.Newsletters.Write(t.Context(), p.ida, e.ID, e.Version, m)
	check(t, err)
	return &lettering{p: p, writer: p.house.sits(papertest.Browser(t), p.ida), at: editionAt + "/" + e.ID}
}

// into puts the cursor at the end of the n-th text.
func (l *lettering) into(n int) {
	l.t.Helper()
	l.holds(fmt.Sprintf(`document.readyState === "complete" && document.querySelectorAll(".story-text")[%d]?.isContentEditable`, n))
	l.does(fmt.Sprintf(`document.querySelectorAll(".story-text")[%d].focus(); getSelection().modify("move", "forward", "documentboundary")`, n))
	l.heard()
}

// hold waits until a part has a text.
func (l *lettering) hold(part int, text string) {
	l.t.Helper()
	papertest.Eventually(l.t, func() bool {
		e := l.p.edition(l.at)
		return part < len(e.Parts) && e.Parts[part].Text == text
	}, func() string {
		return fmt.Sprintf("part %d does not become %q: %+v", part, text, l.p.edition(l.at).Parts)
	})
}

// TestEditionTyping types into the texts of an edition as into articles: with the same
// keys, and undo for each; and adds, moves and takes out parts at once after a key.
func TestEditionTyping(t *testing.T) {
	l := letters(t, letterTexts("One.", "Two."))
	l.goes(l.at, 1280)
	l.into(0)
	l.types(" Hello\r## A head\r- one\rtwo\r\r\"So\"")
	l.hold(0, "<p>One. Hello</p>\n<h2>A head</h2>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>“So”</p>\n")
	l.types("z", chromedp.KeyModifiers(ctrl))
	l.types("z", chromedp.KeyModifiers(ctrl))
	l.into(1)
	l.types(" ")
	l.types("b", chromedp.KeyModifiers(ctrl))
	l.types("bold")
	l.types("s", chromedp.KeyModifiers(ctrl))
	l.hold(2, "<p>Two. <strong>bold</strong></p>\n")
	if l.p.edition(l.at).Parts[0].Text == "<p>One. Hello</p>\n<h2>A head</h2>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>“So”</p>\n" {
		t.Error("nothing was undone in the first text")
	}

	// Buttons at once after the last key.
	l.into(1)
	l.types(" kept")
	l.does(`document.querySelector('[value="up/2"]').click()`)
	l.hold(1, "<p>Two. <strong>bold kept</strong></p>\n")
	l.holds(`document.readyState === "complete" && location.hash === "#part-1"`)
	l.into(1)
	l.types(" too")
	l.does(`document.querySelector('#add').value = "words"; document.querySelector('[value="add"]').click()`)
	l.holds(`document.readyState === "complete" && location.hash === "#part-3" && document.activeElement === document.querySelector("#part-3 .story-text")`)
	l.types("New.")
	l.does(`document.querySelector('[value="out/0"]').click()`)
	l.holds(`document.readyState === "complete" && !!document.querySelector('[value="putback"]')`)
	l.hold(2, "<p>New.</p>\n")
	l.hold(0, "<p>Two. <strong>bold kept too</strong></p>\n")
	l.into(0)
	l.types("!")
	l.does(`document.querySelector('[value="putback"]').click()`)
	l.hold(1, "<p>Two. <strong>bold kept too!</strong></p>\n")
}

// TestEditionCarries offers in a letter only what letters carry, and takes no more from
// the clipboard.
func TestEditionCarries(t *testing.T) {
	l := letters(t, letterTexts("One.", `<iframe src="https://films.example/1" title="A film"></iframe>`))
	l.goes(l.at, 1280)
	l.into(0)
	if ask[bool](t, l.ctx, `!!document.querySelector('[data-tool="embed"], [data-tool="picture"]')`) {
		t.Error("a letter is offered what it cannot carry")
	}
	// A text that the editor could not show whole stays as it is typed.
	if got := ask[int64](t, l.ctx, `document.querySelectorAll(".story-text").length`); got != 1 || !ask[bool](t, l.ctx, `document.querySelector("#text-2").offsetHeight > 20`) {
		t.Errorf("%d texts have an editor", got)
	}
	l.pastes(`<p onclick="pwned=1">See <a href="javascript:pwned=1">this</a> <a href="https://x.example/">there</a><script>pwned=1</script></p>
		<iframe src="https://films.example/2" title="Another"></iframe><img src="https://x.example/a.jpg" alt="A hat">`, "See")
	l.hold(0, `<p>One.See this <a href="https://x.example/">there</a></p>`+"\n"+`<p><a href="https://films.example/2">Another</a></p>`+"\n"+`<p><a href="https://x.example/a.jpg">A hat</a></p>`+"\n")
	l.types("\r")
	l.pastes("", "https://www.youtube.com/watch?v=1")
	l.holds(`document.querySelector(".story-text p:last-child a")?.href === "https://www.youtube.com/watch?v=1"`)
	if ask[bool](t, l.ctx, `window.pwned !== undefined`) {
		t.Error("what was pasted has run")
	}
}

// TestEditionKeepsTexts keeps what is typed while the paper cannot be reached, also when
// the window is closed meanwhile.
func TestEditionKeepsTexts(t *testing.T) {
	l := letters(t, letterTexts("One.", "Two."))
	l.goes(l.at, 1280)
	l.into(0)
	l.fails(func(w http.ResponseWriter, r *http.Request) bool { return r.Method == http.MethodPost && cut(w, r) })
	l.types(" Not lost")
	l.holds(`document.querySelector("#saved").textContent.startsWith("Not saved: the paper cannot be reached")`)
	l.goes(l.at+"?again=1", 1280)
	l.holds(`document.querySelector(".story-text")?.textContent === "One. Not lost"`)
	l.mends()
	l.hold(0, "<p>One. Not lost</p>\n")
	l.holds(`!Object.keys(localStorage).some((k) => k.startsWith("edition:"))`)

	// Somebody else was faster: it can be copied.
	l.fails(func(w http.ResponseWriter, r *http.Request) bool { return r.Method == http.MethodPost && cut(w, r) })
	l.into(1)
	l.types(" Mine")
	l.holds(`document.querySelector("#saved").textContent.startsWith("Not saved: the paper cannot be reached")`)
	e := l.p.edition(l.at)
	m := newsletter.Manuscript{Subject: "Theirs", Parts: e.Parts}
	_, err := l.Newsletters.Write(t.Context(), l.p.jon, e.ID, e.Version, m)
	check(t, err)
	l.mends()
	l.goes(l.at+"?again=2", 1280)
	l.holds(`document.querySelector("#left")?.value.includes("Two. Mine")`)
	examine(t, l.ctx, "edition-left")
	l.does(`document.querySelector("#left + button").click()`)
	l.holds(`!document.querySelector("#left") && !Object.keys(localStorage).some((k) => k.startsWith("edition:"))`)
}

// TestEditionScreens looks at the page on every screen, with what is wrong at its field,
// with and without the script.
func TestEditionScreens(t *testing.T) {
	l := letters(t, newsletter.Manuscript{Subject: "Good morning", Parts: []newsletter.Part{
		{Block: newsletter.Block{Kind: newsletter.Words, Text: "One."}},
		{Block: newsletter.Block{Kind: newsletter.Events, Text: "A fair, soon."}},
		{Block: newsletter.Block{Kind: newsletter.Sponsor, Text: "Hats."}},
	}})
	for _, width := range []int64{360, 1280} {
		l.goes(l.at, width)
		l.holds(`document.querySelectorAll(".story-text").length === 3`)
		examine(t, l.ctx, fmt.Sprintf("edition-%d", width))
		l.does(`document.querySelector('[value="try"]').click()`)
		l.holds(`document.readyState === "complete" && document.activeElement === document.querySelectorAll(".story-text")[1]`)
		if got := ask[string](t, l.ctx, `document.getElementById(document.activeElement.getAttribute("aria-describedby")).textContent`); !strings.HasPrefix(got, "Say when") {
			t.Errorf("the text is described by %q", got)
		}
		if got := ask[int64](t, l.ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the page is %d wide on a screen of %d", got, width)
		}
		examine(t, l.ctx, fmt.Sprintf("edition-wrong-%d", width))
	}
	l.fails(unbuilt)
	other := l.across(l.p.ida) // which has not loaded the editor before
	other.goes(l.at, 360)
	other.holds(`document.readyState === "complete" && document.querySelector("#text-0").offsetHeight > 20`)
	if ask[bool](t, other.ctx, `!!document.querySelector(".editor")`) {
		t.Error("there is an editor without its script")
	}
	types(t, other.ctx, "#text-0", "Typed as a source.")
	l.hold(0, "Typed as a source.")
	other.press("Save")
	other.holds(`document.readyState === "complete" && document.querySelector(".notice.good")`)
}

// TestEditionFind finds in one of the texts, and Enter sends no form.
func TestEditionFind(t *testing.T) {
	l := letters(t, letterTexts("Ferry, ferry", "ferry"))
	l.goes(l.at, 1280)
	l.into(0)
	l.types("f", chromedp.KeyModifiers(ctrl))
	l.holds(`document.activeElement.closest(".find")`)
	l.types("ferry\r")
	l.holds(`document.querySelector(".find output").textContent === "2 of 2"`)
	l.types(kb.Escape)
	l.holds(`document.activeElement.matches(".story-text")`)
	if now := l.p.edition(l.at); now.Version != 2 || !slices.Equal([]string{now.Parts[0].Text, now.Parts[2].Text}, []string{"Ferry, ferry", "ferry"}) {
		t.Errorf("to find something has changed %+v", now)
	}
}
