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
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// reported publishes a story and has readers report errors in it; it returns the
// ids of the story and of the reports, of which the first waits for a letter.
func (h *house) reported(words ...string) (story string, reports []string) {
	h.t.Helper()
	ctx := h.t.Context()
	job.Handle(h.Work.Jobs, desk.ErrorLetterJob, func(context.Context, desk.ErrorLetter) error { return nil })
	check(h.t, h.Articles.SetSections(ctx, []article.Section{{Slug: "city", Name: "City"}}))
	check(h.t, h.db.Tx(ctx, func(tx *db.Tx) (err error) {
		story, err = h.Articles.Create(ctx, tx, article.New{Section: "city", Class: article.Class{Language: "en"}, Content: article.Content{
			Headline: "Bridge opens", Body: richtext.FromText("It opens on Monday."),
		}})
		if err != nil {
			return err
		}
		return h.Articles.Publish(ctx, tx, story, time.Time{})
	}))
	for i, said := range words {
		n := desk.NewReport{Article: story, Words: said, Language: "en"}
		if i == 0 {
			n.Passage, n.Email, n.Language = "It opens on <Monday>.", "ana@readers.example", "ja"
		}
		id, err := h.Work.Report(ctx, n)
		check(h.t, err)
		reports = append(reports, id)
		h.clock.Add(time.Second)
	}
	return story, reports
}

// TestErrors tells how an editor answers what readers report.
func TestErrors(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		story, reports := h.reported("It is <Tuesday>.", "The name is wrong.", "buy pills")
		ida := h.own(h.hires("Ida", reader.Editor), reader.Editor)

		_, body := h.asks(http.MethodGet, "/newsroom/errors", ida)
		shows(t, body, "It is &lt;Tuesday&gt;.", "It opens on &lt;Monday&gt;.", "Bridge opens", "waits for a letter", "The name is wrong.", `data-keys="g e">Errors <b>3</b>`)
		at := "/newsroom/errors/" + reports[0]
		_, body = h.asks(http.MethodGet, at, ida)
		shows(t, body, "/newsroom/articles/"+story, `href="/category/city/bridge-opens"`, "Show the letter first", "What became of it?")

		res, body := h.fills(at, ida, "answer", "Thank <you>.", "do", "send")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("nothing chosen: %d", res.StatusCode)
		}
		shows(t, body, "Choose what became of it.", "Thank &lt;you&gt;.")
		res, body = h.fills(at, ida, "answer", "Thank <you>.", "do", "preview")
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("nothing chosen for the preview: %d", res.StatusCode)
		}
		shows(t, body, "Choose what became of it.")
		_, body = h.fills(at, ida, "state", "corrected", "answer", "Thank <you>.", "do", "preview")
		shows(t, body, `lang="ja"`, "ご指摘のとおりでした", "「Bridge opens」", "<p>Thank &lt;you&gt;.</p>", `value="corrected" checked`)
		res, _ = h.fills(at, ida, "state", "corrected", "answer", "Thank <you>.", "do", "send")
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/newsroom/errors?done="+reports[0] {
			t.Fatalf("an answer: %d to %q", res.StatusCode, to)
		}
		_, body = h.asks(http.MethodGet, "/newsroom/errors?done="+reports[0], ida)
		shows(t, body, "The report is answered.", "The name is wrong.", "Errors <b>2</b>")
		if strings.Contains(body, "Tuesday") {
			t.Error("what is answered is open")
		}
		res, body = h.fills(at, ida, "state", "kept", "do", "send")
		if res.StatusCode != http.StatusConflict {
			t.Errorf("a second answer: %d", res.StatusCode)
		}
		shows(t, body, "This report has been answered already.", "Corrected", "Thank &lt;you&gt;.", "Ida · ")
		_, body = h.asks(http.MethodGet, "/newsroom/errors?state=corrected", ida)
		shows(t, body, "It is &lt;Tuesday&gt;.")

		h.fills("/newsroom/errors/"+reports[1], ida, "state", "kept", "do", "send")
		h.fills("/newsroom/errors/"+reports[2], ida, "state", "noise", "do", "send")
		_, body = h.asks(http.MethodGet, "/newsroom/errors", ida)
		shows(t, body, "No reader waits for an answer.")
		if strings.Contains(body, "Errors <b>") {
			t.Error("something waits")
		}
		for target, want := range map[string]int{
			"/newsroom/errors?state=lost": http.StatusNotFound, "/newsroom/errors?after=x": http.StatusNotFound, "/newsroom/errors/none": http.StatusNotFound,
		} {
			if res, _ := h.asks(http.MethodGet, target, ida); res.StatusCode != want {
				t.Errorf("%s: %d", target, res.StatusCode)
			}
		}
	})
}

// TestErrorsPages walks through many reports.
func TestErrorsPages(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	var words []string
	for i := range 105 {
		words = append(words, fmt.Sprintf("Report %d.", i))
	}
	h.reported(words...)
	ida := h.own(h.hires("Ida", reader.Editor), reader.Editor)
	target, seen := "/newsroom/errors", 0
	for target != "" {
		_, body := h.asks(http.MethodGet, target, ida)
		shows(t, body, "Errors <b>99&#43;</b>", fmt.Sprintf("Report %d.", seen))
		seen += strings.Count(body, `<p class="words">`)
		_, target, _ = strings.Cut(body, `rel="next" href="`)
		target, _, _ = strings.Cut(target, `"`)
	}
	if seen != len(words) {
		t.Errorf("%d reports are listed, want %d", seen, len(words))
	}
}

// TestErrorsLook examines the room on every screen, and as HTML.
func TestErrorsLook(t *testing.T) {
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	h := start(t, papertest.SQLite(t), server.URL)
	handler = h.handler
	_, reports := h.reported("It is Tuesday. See https://harbour.example/"+strings.Repeat("a", 300), "The name is wrong.")
	ctx := papertest.Browser(t)
	id := h.hires("Ida", reader.Editor)
	be(t, ctx, server.URL, h.own(id, reader.Editor))
	for name, path := range map[string]string{"list": "/newsroom/errors", "none": "/newsroom/errors?state=noise", "one": "/newsroom/errors/" + reports[0]} {
		for _, width := range []int64{320, 360, 820, 1280} {
			open(t, ctx, server.URL+path, width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			if width == 360 || width == 1280 {
				examine(t, ctx, fmt.Sprintf("errors-%s-%d", name, width))
			}
		}
	}
	token := h.own(id, reader.Editor)
	pages := map[string]string{}
	for _, target := range []string{"/newsroom/errors", "/newsroom/errors/" + reports[0]} {
		_, pages[target] = h.asks(http.MethodGet, target, token)
	}
	_, pages["a preview"] = h.fills("/newsroom/errors/"+reports[0], token, "state", "kept", "do", "preview")
	_, pages["a form that fails"] = h.fills("/newsroom/errors/"+reports[0], token, "answer", "x", "do", "send")
	_, err := h.Work.Answer(t.Context(), &reader.Actor{Reader: reader.Reader{ID: id, Role: reader.Editor}}, reports[0], desk.ReportKept, "It stays.")
	check(t, err)
	_, pages["answered"] = h.asks(http.MethodGet, "/newsroom/errors/"+reports[0], token)
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}
