package site

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// wanted writes a story that is not published, with a picture and a note, and
// returns its id.
func (p *press) wanted(a *reader.Actor, picture string) (id string) {
	p.t.Helper()
	ctx := p.t.Context()
	id, err := p.Desk.Begin(ctx, a, desk.New{Section: "city", Language: "en"})
	check(p.t, err)
	t, err := p.Desk.Story(ctx, a, id)
	check(p.t, err)
	c := t.Copy
	c.Content = story("city", "Mayor to step down").Content
	c.Lead.Picture, c.Notes, c.Sources = picture, "Not before ten, says kestrel.", "kestrel"
	_, err = p.Desk.Save(ctx, a, id, desk.Save{Page: "page-of-" + a.Reader.Name, Version: t.Version, Copy: c})
	check(p.t, err)
	return id
}

// TestPreviewLink is about somebody outside the house who reads a draft by a link:
// it shows the draft and its pictures, runs nothing, is kept by nobody, and has
// nothing of the newsroom.
//
// Seen red: Preview without the check of the end; the picture without that of the
// article; a page without the sandbox.
func TestPreviewLink(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ida := &reader.Actor{Reader: reader.Reader{ID: p.member("Ida", reader.Editor), Name: "Ida", Role: reader.Editor}}
		shown, other := p.picture(1, "A bridge.", true), p.picture(2, "Another bridge.", true)
		id := p.wanted(ida, shown)
		token, err := p.Desk.ShareDraft(t.Context(), ida, id, "the lawyer", p.clock.Now().Add(time.Hour))
		check(t, err)
		at := "/preview/" + token.Reveal()
		res := p.asks(http.MethodGet, at, "")
		status, body := p.get(at)
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "Content-Security-Policy": "sandbox allow-same-origin"} {
			if got := res.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s is %q", name, got)
			}
		}
		if policy := res.Header.Get("Content-Security-Policy"); strings.Contains(policy, "allow-scripts") {
			t.Errorf("scripts run: %s", policy)
		}
		if status != http.StatusOK || !strings.Contains(body, "Mayor to step down") || !strings.Contains(body, "This article is not published.") || !strings.Contains(body, `content="noindex"`) {
			t.Errorf("the link answers %d\n%s", status, body)
		}
		if strings.Contains(body, "kestrel") || strings.Contains(body, "the lawyer") {
			t.Errorf("the newsroom's own words are on it\n%s", body)
		}
		files, err := p.Media.Pictures(t.Context(), shown, other)
		check(t, err)
		for picture, want := range map[*media.Picture]int{files[shown]: http.StatusOK, files[other]: http.StatusNotFound} {
			if status, _ := p.get(at + "/media/" + picture.Renditions[0].Key); status != want {
				t.Errorf("a picture by the link: %d, want %d", status, want)
			}
			if status, _ := p.get("/media/" + picture.Renditions[0].Key); status != http.StatusNotFound {
				t.Errorf("readers have it: %d", status)
			}
		}
		for _, elsewhere := range []string{"/", "/category/city", "/feed", "/sitemap.xml"} {
			if _, body := p.get(elsewhere); strings.Contains(body, "Mayor") {
				t.Errorf("%s has the draft", elsewhere)
			}
		}
		for _, bad := range []string{"/preview/x", at + "x", at[:len(at)-1]} {
			if status, _ := p.get(bad); status != http.StatusNotFound {
				t.Errorf("%s answers %d", bad, status)
			}
		}
		p.clock.Add(time.Hour)
		if status, body := p.get(at); status != http.StatusNotFound || !strings.Contains(body, "This link is not good any more.") {
			t.Errorf("after its end: %d\n%s", status, body)
		}
	})
}

// TestLooks shows a draft in every way that the desk offers.
func TestLooks(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ida := &reader.Actor{Reader: reader.Reader{ID: p.member("Ida", reader.Editor), Name: "Ida", Role: reader.Editor}}
	id := p.wanted(ida, p.picture(1, "A bridge.", true))
	rt := &page.Router{Cache: page.NewCache(1<<20, time.Now), Problem: func(*problem.Problem, string) (*page.Body, error) { return page.Text("", nil), nil }}
	check(t, rt.Start())
	story, err := p.Desk.Story(t.Context(), ida, id)
	check(t, err)
	for look, want := range map[Look][]string{
		LookPage: {`<article class="story"`, "/newsroom/media/"},
		LookDark: {"dark.", `<article class="story"`},
		LookFeed: {`class="as-feed"`, "/newsroom/media/"},
		LookMail: {`role="presentation"`, `width="560"`, "Read on"},
		LookCard: {`class="as-card"`, "/newsroom/media/"},
	} {
		b, err := p.ShowDraft(t.Context(), story.Draft(), look, "/newsroom/media/")
		check(t, err)
		rt.Personal("GET /"+string(look), func(*page.Visit) (*page.Answer, error) { return Framed(page.Show(b)), nil })
		w := httptest.NewRecorder()
		rt.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/"+string(look), nil))
		html := w.Body.String()
		for _, w := range append(want, "Mayor to step down", "not published.") {
			if !strings.Contains(html, w) {
				t.Errorf("%s lacks %q\n%s", look, w, html)
			}
		}
	}
}

// TestAssignmentLetter writes to a colleague what there is to write, in that
// colleague's language, and not when somebody else is to write it meanwhile.
func TestAssignmentLetter(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	ida := &reader.Actor{Reader: reader.Reader{ID: p.member("Ida", reader.Editor), Name: "Ida", Role: reader.Editor}}
	jon := p.member("Jon", reader.Contributor)
	p.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update reader set language = 'ja' where id = $1`, jon)
		return err
	})
	plan, err := p.Desk.AddPlan(t.Context(), ida, desk.Plan{Title: "The old <bridge>", Note: "Who owns it?", Assignee: jon, Due: p.clock.Now().Add(time.Hour)})
	check(t, err)
	check(t, p.SendAssignment(t.Context(), desk.Assignment{Plan: plan, To: jon}))
	check(t, p.SendAssignment(t.Context(), desk.Assignment{Plan: plan, To: ida.Reader.ID}))
	letters := p.read()
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	for _, want := range []string{"編集部から執筆の依頼です。", "Who owns it?", "/newsroom/plan/" + plan, "The old &lt;bridge&gt;"} {
		if !strings.Contains(letters[0], want) {
			t.Errorf("the letter lacks %q\n%s", want, letters[0])
		}
	}
	check(t, p.Desk.SettlePlan(t.Context(), ida, plan, 1, desk.PlanDropped))
	check(t, p.SendAssignment(t.Context(), desk.Assignment{Plan: plan, To: jon}))
	if n := len(p.read()); n > 1 {
		t.Errorf("%d letters, also of what is dropped", n)
	}
}
