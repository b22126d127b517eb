package newsroom

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// TestParseLocal is about times that somebody types, around changes of the clock.
func TestParseLocal(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	check(t, err)
	d := &Desk{Paper: Paper{Zone: zone}}
	for _, test := range []struct{ text, want string }{
		{"2026-11-26T06:00", "2026-11-26T05:00:00Z"},
		{"2026-07-01T06:00", "2026-07-01T04:00:00Z"},
		{"2026-07-01T06:00:30", "2026-07-01T04:00:30Z"},
		{" 2026-07-01 06:00 ", "2026-07-01T04:00:00Z"},
		{"2026-03-29T01:59", "2026-03-29T00:59:00Z"},
		{"2026-03-29T02:00", ""}, // the clocks go forward over it
		{"2026-03-29T02:30", ""},
		{"2026-03-29T03:00", "2026-03-29T01:00:00Z"},
		{"2026-10-25T02:30", "2026-10-25T00:30:00Z"}, // comes twice: the first
		{"2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"", ""},
		{"tomorrow", ""},
		{"2026-02-30T10:00", ""},
		{"2026-13-01T10:00", ""},
		{"2026-01-01", ""},
	} {
		at, err := d.parseLocal(test.text, "at")
		switch p := problem.Of(err); {
		case test.want == "" && (p == nil || p.Fields["at"] == ""):
			t.Errorf("%q is %s, %v", test.text, at, err)
		case test.want != "" && (err != nil || at.UTC().Format(time.RFC3339) != test.want):
			t.Errorf("%q is %s, %v, want %s", test.text, at.UTC().Format(time.RFC3339), err, test.want)
		}
	}
}

// TestPlanPages follows a plan through its pages, on a phone's terms: forms alone.
func TestPlanPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
		editor := h.own(h.hires("ida", reader.Editor), reader.Editor)
		jon := h.hires("jon", reader.Contributor)
		contributor := h.own(jon, reader.Contributor)
		res, body := h.fills("/newsroom/plan", editor, "title", " ", "note", "Kept, whatever happens.")
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Say what it is about.") || !strings.Contains(body, "Kept, whatever happens.") {
			t.Errorf("without a title: %d\n%s", res.StatusCode, body)
		}
		res, body = h.fills("/newsroom/plan", editor, "title", "The <old> bridge", "due", "nonsense")
		if res.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Choose a day and a time.") || !strings.Contains(body, `value="nonsense"`) {
			t.Errorf("without a day: %d\n%s", res.StatusCode, body)
		}
		due := h.clock.Now().In(h.Paper.Zone).Add(30 * time.Hour).Format(localTime)
		res, body = h.fills("/newsroom/plan", editor, "title", "The <old> bridge", "due", due, "assignee", jon, "section", "city")
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("it is added: %d\n%s", res.StatusCode, body)
		}
		_, body = h.asks(http.MethodGet, "/newsroom/plan", contributor)
		_, path, ok := strings.Cut(body, `<a href="/newsroom/plan/`)
		if !ok || !strings.Contains(body, "The &lt;old&gt; bridge") {
			t.Fatalf("the calendar of whoever is to write it\n%s", body)
		}
		id, _, _ := strings.Cut(path, `"`)
		res, body = h.fills("/newsroom/plan/"+id, contributor, "act", "save", "version", "1", "title", "Another")
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("a contributor changes it: %d\n%s", res.StatusCode, body)
		}
		res, _ = h.fills("/newsroom/plan/"+id, contributor, "act", "write", "version", "1")
		story := res.Header.Get("Location")
		if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(story, "/newsroom/articles/") {
			t.Fatalf("it is written: %d, %s", res.StatusCode, story)
		}
		if _, body = h.asks(http.MethodGet, story, contributor); !strings.Contains(body, "The &lt;old&gt; bridge</textarea>") {
			t.Errorf("the article\n%s", body)
		}
		res, body = h.fills("/newsroom/plan/"+id, editor, "act", "done", "version", "1")
		if res.StatusCode != http.StatusConflict || !strings.Contains(body, "Somebody has changed this plan since.") {
			t.Errorf("past a change: %d\n%s", res.StatusCode, body)
		}
		if res, _ = h.fills("/newsroom/plan/"+id, editor, "act", "done", "version", "2"); res.StatusCode != http.StatusSeeOther {
			t.Errorf("it is done: %d", res.StatusCode)
		}
		if _, body = h.asks(http.MethodGet, "/newsroom/plan", editor); strings.Contains(body, "The &lt;old&gt; bridge") {
			t.Error("what is done is still to come")
		}
		for _, bad := range []string{"/newsroom/plan?from=x", "/newsroom/plan?ideas=x", "/newsroom/plan/nothing"} {
			if res, _ = h.asks(http.MethodGet, bad, editor); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s answers %d", bad, res.StatusCode)
			}
		}
	})
}

// TestQuickFinds offers nobody what is not theirs.
func TestQuickFinds(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	editor := h.own(h.hires("ida", reader.Editor), reader.Editor)
	h.drafts(editor) // and with it sections
	res, _ := h.fills("/newsroom/articles", editor, "headline", "Mayor to step down")
	story := res.Header.Get("Location")
	for i, test := range []struct {
		role  reader.Role
		q     string
		want  []string
		never []string
	}{
		{reader.Editor, "step mayor", []string{story}, []string{"/newsroom/moderation"}},
		{reader.Contributor, "mayor", nil, []string{story}},
		{reader.Moderator, "", []string{"/newsroom/moderation"}, []string{story, "/newsroom/articles"}},
		{reader.Publisher, "people", []string{"/account/people"}, nil},
		{reader.Contributor, "errors", nil, []string{"/newsroom/errors"}},
		{reader.Contributor, "ida", []string{"/member/"}, nil},
	} {
		token := h.own(h.hires(fmt.Sprintf("a-%s-%d", test.role, i), test.role), test.role)
		res, body := h.asks(http.MethodGet, "/newsroom/find?q="+url.QueryEscape(test.q), token)
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", test.role, res.StatusCode)
		}
		for _, want := range test.want {
			if !strings.Contains(body, want) {
				t.Errorf("a %s who types %q is not offered %s: %s", test.role, test.q, want, body)
			}
		}
		for _, never := range test.never {
			if strings.Contains(body, never) {
				t.Errorf("a %s who types %q is offered %s: %s", test.role, test.q, never, body)
			}
		}
	}
}
