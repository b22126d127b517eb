package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/job"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// recalled is a story that readers had, a newsletter brought and its agency has killed;
// an article of ours quotes it.
func (g *agency) recalled(editor *reader.Actor, headline string) (l wire.Line, quotes string) {
	g.t.Helper()
	ctx := g.t.Context()
	g.sends("k", headline, map[string]any{"urgency": 2})
	lines, _, err := g.Wire.List(ctx, wire.Filter{})
	check(g.t, err)
	l = lines[0]
	check(g.t, g.Articles.SetSections(ctx, []article.Section{{Slug: "world", Name: "World"}, {Slug: "city", Name: "City"}}))
	story, err := g.Work.Open(ctx, editor, l.Article)
	check(g.t, err)
	check(g.t, g.Work.Publish(ctx, editor, l.Article, desk.Publication{At: desk.At{Page: "page-of-the-wire", Version: story.Version}}))
	list, err := g.Newsletters.Make(ctx, g.joins("Pia", reader.Publisher), newsletter.List{Slug: "daily", Name: "Daily", Kind: newsletter.Written, Promise: "every morning", Public: true})
	check(g.t, err)
	e, err := g.Newsletters.Begin(ctx, editor, list.ID)
	check(g.t, err)
	_, err = g.Newsletters.Write(ctx, editor, e.ID, e.Version, newsletter.Manuscript{
		Subject: "Today", Parts: []newsletter.Part{{Block: newsletter.Block{Kind: newsletter.Stories}, Stories: []string{l.Article}, Show: 1}},
	})
	check(g.t, err)
	quotes, _ = g.publishes(editor, "Our column", plainStory)
	g.clock.Add(time.Minute)
	g.sends("k", headline, map[string]any{"version": "2", "pubstatus": "canceled"})
	check(g.t, g.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into derived (article, story, why, passage, public, created, settled, settled_by, words) values ($1, $2, 'quote', 'ships with fruit', true, $3, 0, null, '')`,
			quotes, l.First, db.Time(g.clock.Now()))
		return err
	}))
	lines, _, err = g.Wire.List(ctx, wire.Filter{View: wire.Killed})
	check(g.t, err)
	return lines[0], quotes
}

// TestRecallReport tells what became of every copy of a killed story, shows the letter to
// its agency before it goes, keeps what was sent, and asks about work of ours that quotes it.
func TestRecallReport(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		job.Handle(h.Work.Jobs, desk.RecallLetterJob, func(context.Context, desk.RecallLetter) error { return nil })
		h.Copies = Elsewhere{
			Told:    func(context.Context, string) (int, int, error) { return 3, 1, nil },
			Indexed: func(context.Context, string) (bool, error) { return false, nil },
			Pages:   15 * time.Second, Pictures: 20 * time.Second, Browsers: 24 * time.Hour,
		}
		g := h.agency()
		ida := h.joins("Ida", reader.Editor)
		token := h.session(ida.Reader.ID, reader.StaffSession)
		l, quotes := g.recalled(ida, "Mayor resigns")
		at := recallPath(l.First)
		if _, body := h.asks(http.MethodGet, wireAt, token); !strings.Contains(body, `href="`+at+`"`) {
			t.Error("the list does not lead to the report")
		}
		if _, body := h.asks(http.MethodGet, wirePath(l.First), token); !strings.Contains(body, `href="`+at+`"`) {
			t.Error("the story does not lead to the report")
		}
		res, body := h.asks(http.MethodGet, at, token)
		if res.StatusCode != http.StatusOK {
			t.Fatal(res.Status, body)
		}
		for _, want := range []string{
			"What became of “Mayor resigns”", "Version 1, released, in 1.json", "Version 2, killed, in 2.json", "Address: " + here + "/category/world/mayor-resigns", "/a/" + l.Article,
			"Readers could have it from then until", "Revision 1", "It had no picture.", "No editor had placed it.", "Daily, number 1, was not sent: it is taken out.", "3 letters and 1 notices",
			"We have no sister papers.", "It is not in the search index.", "“Our column” has a passage of it: “ships with fruit” Still to be decided.",
			"The recall came (version 2).", "Withdrawn, at the request of", "a page for at most 15 seconds, a picture for 20", "3 letters that were sent.",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("the report does not say %q", want)
			}
		}
		if t.Failed() {
			t.Log(body)
		}

		// Somebody who may not edit has no report, and what is not recalled has none.
		if res, _ := h.asks(http.MethodGet, at, h.session(h.hires("Ana", reader.Contributor), reader.StaffSession)); res.StatusCode != http.StatusForbidden {
			t.Errorf("a contributor is answered %s", res.Status)
		}
		g.sends("open", "Bakers strike", nil)
		lines, _, err := h.Wire.List(t.Context(), wire.Filter{})
		check(t, err)
		if res, _ := h.asks(http.MethodGet, recallPath(lines[0].First), token); res.StatusCode != http.StatusNotFound {
			t.Errorf("what is not recalled is answered %s", res.Status)
		}

		// The letter is looked at, put right, sent and kept.
		if _, body := h.fills(at, token, "act", "preview", "to", "desk@mhp.example", "subject", "Your kill", "text", "All is gone.\nIda"); !strings.Contains(body, "All is gone.\nIda</pre>") || !strings.Contains(body, "desk@mhp.example") {
			t.Errorf("the preview is %s", body)
		}
		if res, body := h.fills(at, token, "act", "send", "to", "nobody", "subject", "", "text", "All is gone."); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, `id="to-e"`) || !strings.Contains(body, `id="subject-e"`) {
			t.Errorf("a letter to nobody: %s", res.Status)
		}
		if res, _ := h.fills(at, token, "act", "send", "to", "desk@mhp.example", "subject", "Your kill", "text", "All is gone.\r\nIda"); res.StatusCode != http.StatusSeeOther {
			t.Errorf("it is not sent: %s", res.Status)
		}
		sent, err := h.Work.RecallReports(t.Context(), l.First)
		check(t, err)
		if len(sent) != 1 || sent[0].To != "desk@mhp.example" || sent[0].Text != "All is gone.\nIda" || sent[0].Author != ida.Reader.ID {
			t.Errorf("what is kept is %+v", sent)
		}
		if _, body := h.asks(http.MethodGet, at, token); !strings.Contains(body, "Sent to desk@mhp.example") {
			t.Error("the report does not say that it was sent")
		}

		// Today asks about our column; so does its page, until somebody has said what was done.
		if _, body := h.asks(http.MethodGet, overview, token); !strings.Contains(body, "Recalled by an agency") || !strings.Contains(body, "Readers have it now.") {
			t.Errorf("Today has %s", body)
		}
		settle := storyPath(quotes) + "/derived/"
		_, body = h.asks(http.MethodGet, storyPath(quotes), token)
		_, rest, found := strings.Cut(body, `action="`+settle)
		if !found {
			t.Fatalf("the story does not ask: %s", body)
		}
		key, _, _ := strings.Cut(rest, `"`)
		if res, body := h.fills(settle+key, token, "words", " "); res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Say what was done") {
			t.Errorf("nothing was done, and that is answered %s", res.Status)
		}
		if res, _ := h.fills(settle+key, token, "words", "The passage is out."); res.StatusCode != http.StatusSeeOther {
			t.Errorf("it cannot be settled: %s", res.Status)
		}
		if _, body := h.asks(http.MethodGet, overview, token); strings.Contains(body, "Recalled by an agency") {
			t.Error("Today asks still")
		}
	})
}

// TestRecallScreens looks at the report, at Today and at a story that quotes something, on
// a phone and a desk, with words that would like to run.
func TestRecallScreens(t *testing.T) {
	h := serves(t)
	h.Copies = Elsewhere{Pages: 15 * time.Second, Pictures: 20 * time.Second, Browsers: 24 * time.Hour}
	g := h.agency()
	ida := h.joins("Ida", reader.Editor)
	l, quotes := g.recalled(ida, hostile[0]+strings.Repeat(" harbour", 12))
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, h.session(ida.Reader.ID, reader.StaffSession))
	h.glances(ctx, "wire-report", recallPath(l.First))
	h.glances(ctx, "overview-derived", overview)
	for _, width := range []int64{360, 1280} { // the editor has an element of its own that glances takes for somebody's
		open(t, ctx, h.base+storyPath(quotes), width, 1000)
		becomes(t, ctx, `document.querySelector("#derived .settle") !== null`)
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("a story is %d wide on a screen of %d", got, width)
		}
		if ask[bool](t, ctx, `window.pwned !== undefined || !!document.querySelector("#derived :is(script, [onerror], [onload])")`) {
			t.Error("a story has run what somebody wrote")
		}
		examine(t, ctx, fmt.Sprintf("story-derived-%d", width))
	}
}
