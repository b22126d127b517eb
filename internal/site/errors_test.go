package site

import (
	"io"
	"mime/quotedprintable"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestReportError tells how a reader reports an error, and hears of it.
func TestReportError(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		id := p.publish(story("city", "Bridge opens"), time.Hour)
		anybody := &insider{press: p}
		const at = "/category/city/bridge-opens/error"
		status, body := anybody.look(at + "?passage=" + url.QueryEscape("It <opens> on Monday."))
		if status != http.StatusOK || !strings.Contains(body, "It &lt;opens&gt; on Monday.") || !strings.Contains(body, "In “Bridge opens”.") {
			t.Errorf("the form: %d\n%s", status, body)
		}
		if body := p.page("/category/city/bridge-opens"); !strings.Contains(body, `href="`+at+`"`) {
			t.Errorf("no way to report an error from\n%s", body)
		}
		status, body, _ = anybody.send(at, url.Values{"passage": {"It opens."}, "words": {" "}, "email": {"nobody"}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "Say what is wrong.") || !strings.Contains(body, "It opens.") || !strings.Contains(body, `value="nobody"`) {
			t.Errorf("no words: %d\n%s", status, body)
		}
		status, body, _ = anybody.send(at, url.Values{"words": {"It is Tuesday."}, "email": {"nobody"}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "This is not an e-mail address.") || !strings.Contains(body, "It is Tuesday.") {
			t.Errorf("no address: %d\n%s", status, body)
		}
		status, body, _ = anybody.send(at, url.Values{"passage": {"It opens on Monday."}, "words": {"It is <Tuesday>."}, "email": {"ana@readers.example"}})
		if status != http.StatusOK || !strings.Contains(body, "Thank you") {
			t.Fatalf("a report: %d\n%s", status, body)
		}
		ida := &reader.Actor{Reader: reader.Reader{ID: p.member("Ida", reader.Editor), Role: reader.Editor}}
		list, _, err := p.Desk.Reports(t.Context(), ida, desk.ReportFilter{Limit: 10})
		check(t, err)
		if len(list) != 1 || list[0].Article != id || list[0].Language != "en" || list[0].Words != "It is <Tuesday>." {
			t.Fatalf("what came: %+v", list)
		}
		check(t, p.SendErrorLetter(t.Context(), desk.ErrorLetter{Report: list[0].ID, News: desk.ErrorReceived}))
		_, err = p.Desk.Answer(t.Context(), ida, list[0].ID, desk.ReportCorrected, "It was <our> fault.\n\nThank you.")
		check(t, err)
		check(t, p.SendErrorLetter(t.Context(), desk.ErrorLetter{Report: list[0].ID, News: desk.ErrorAnswered}))
		letters := p.read()
		if len(letters) != 2 {
			t.Fatalf("%d letters", len(letters))
		}
		for i, wants := range [][]string{
			{"We have your report", "Bridge opens", "https://post.example/category/city/bridge-opens"},
			{"You were right", "Bridge opens", "It was <our> fault.", "It was &lt;our&gt; fault.", "Thank you."},
		} {
			for _, want := range append(wants, "ana@readers.example") {
				if !strings.Contains(letters[i], want) {
					t.Errorf("letter %d does not say %q\n%s", i, want, letters[i])
				}
			}
			if strings.Contains(letters[i], "Tuesday") {
				t.Errorf("letter %d says what a stranger typed\n%s", i, letters[i])
			}
		}
		// Of an article that is gone since, nothing is told but that.
		p.tx(func(tx *db.Tx) error { return p.Articles.Withdraw(t.Context(), tx, id, article.Withdrawal{By: "us"}) })
		check(t, p.SendErrorLetter(t.Context(), desk.ErrorLetter{Report: list[0].ID, News: desk.ErrorAnswered}))
		if last := p.read(); len(last) != 3 || strings.Contains(last[2], "Bridge opens") || !strings.Contains(last[2], "not in the paper any more") {
			t.Errorf("of an article that is gone: %q", last)
		}
		if status, _ := anybody.look(at); status != http.StatusGone {
			t.Errorf("the form of an article that is gone: %d", status)
		}
		check(t, p.SendErrorLetter(t.Context(), desk.ErrorLetter{Report: "nothing", News: desk.ErrorAnswered}))
	})
}

// read returns the letters that were sent, as people read them.
func (p *press) read() (all []string) {
	p.t.Helper()
	for _, l := range p.letters() {
		b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(l)))
		check(p.t, err)
		all = append(all, string(b))
	}
	return all
}

// TestReportErrorElsewhere tells where the form is not.
func TestReportErrorElsewhere(t *testing.T) {
	p := newsday(t, nil)
	anybody := &insider{press: p}
	for path, want := range map[string]int{
		"/category/city/nothing/error":                        http.StatusNotFound,
		"/category/world/a-story-that-was-withdrawn/error":    http.StatusGone,
		"/category/world/a-picture-story-that-was-lent/error": http.StatusSeeOther,
	} {
		if status, _ := anybody.look(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
		if status, _, _ := anybody.send(path, url.Values{"words": {"x"}}); status != want {
			t.Errorf("sent to %s: %d, want %d", path, status, want)
		}
	}
	id, err := p.Articles.BySlug(t.Context(), "tram-stops-at-the-weir")
	check(t, err)
	p.tx(func(tx *db.Tx) error { return p.Articles.Move(t.Context(), tx, id, "world", "tram") })
	status, _, res := anybody.send("/category/city/tram-stops-at-the-weir/error?passage=a+b", url.Values{"words": {"x"}})
	if to := res.Header.Get("Location"); status != http.StatusSeeOther || to != "/category/world/tram/error?passage=a+b" {
		t.Errorf("of an article that has moved: %d to %q", status, to)
	}
}

// TestReportErrorBrake holds that nobody has many letters sent to somebody.
func TestReportErrorBrake(t *testing.T) {
	p := newsday(t, nil)
	anybody := &insider{press: p}
	refused := 0
	for range 10 {
		status, body, _ := anybody.send("/category/city/tram-stops-at-the-weir/error", url.Values{"words": {"It stops."}, "email": {"Ana@readers.example"}})
		if status == http.StatusTooManyRequests {
			refused++
			if !strings.Contains(body, "It stops.") {
				t.Errorf("what was typed is lost\n%s", body)
			}
		}
	}
	if refused < 4 {
		t.Errorf("%d of 10 reports were refused", refused)
	}
}

// TestMarked holds that a passage which a reader marks comes along.
func TestMarked(t *testing.T) {
	ctx := papertest.Browser(t)
	p := served(t)
	open(t, ctx, p.Paper.URL("/category/world/clocks-stay-as-they-are"), 1280, 900)
	_, err := chromedp.Run(ctx, chromedp.Evaluate[any](`getSelection().selectAllChildren(document.querySelector(".text p:nth-of-type(2)"))`))
	check(t, err)
	_, err = chromedp.Run(ctx, chromedp.Poll[bool](`document.querySelector("[data-do=error]").search !== ""`))
	check(t, err)
	_, err = chromedp.Run(ctx, chromedp.Click(`[data-do=error]`))
	check(t, err)
	_, err = chromedp.Run(ctx, chromedp.WaitVisible(`textarea[name=passage]`))
	check(t, err)
	if got := ask[string](t, ctx, `document.querySelector("textarea[name=passage]").value`); got != "The bell of the mill struck seven." {
		t.Errorf("what was marked comes as %q", got)
	}
}
