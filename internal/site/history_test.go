package site

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// TestHistory tells what readers learn of the versions of a story, and what not.
func TestHistory(t *testing.T) {
	p := newsday(t, nil)
	const story = "/category/world/clocks-stay-as-they-are"
	body := p.page(story + "/history")
	for _, want := range []string{
		"First published", "Update", "Correction", "Minor change", "It met on Tuesday.",
		`<del><span class="unseen">Removed: </span>Monday</del><ins><span class="unseen">Added: </span>Tuesday</ins>`,
		"2 paragraphs unchanged", `content="noindex"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the history does not say %q\n%s", want, body)
		}
	}
	for _, secret := range []string{"Hidden", "note of the desk", "canary"} {
		if strings.Contains(body, secret) {
			t.Errorf("the history says %q", secret)
		}
	}
	if body := p.page("/category/city/tram-stops-at-the-weir/history"); !strings.Contains(body, "has not been changed since it was published") || strings.Contains(body, "<ins>") {
		t.Errorf("a story that was never changed:\n%s", body)
	}
	if body := p.page("/category/city/tram-stops-at-the-weir"); strings.Contains(body, "/history") {
		t.Error("a story that was never changed leads to a history")
	}
	if body := p.page("/category/world/a-picture-story-that-was-lent/history"); !strings.Contains(body, "has expired") || strings.Contains(body, "First published") {
		t.Errorf("a story whose licence has ended:\n%s", body)
	}
	if status, body := p.get("/category/world/a-story-that-was-withdrawn/history"); status != http.StatusGone || !strings.Contains(body, "Valley Wire") {
		t.Errorf("a story that was withdrawn: %d\n%s", status, body)
	}
	for _, bad := range []string{"/category/world/nothing/history", "/category/nothing/x/history", story + "/history?before=x", story + "/history?before=0"} {
		if status, _ := p.get(bad); status != http.StatusNotFound {
			t.Errorf("%s: %d", bad, status)
		}
	}
}

// TestCorrected tells where a correction stands, from the moment it is made.
func TestCorrected(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		n := story("city", "Bridge opens")
		id := p.publish(n, time.Hour)
		if body := p.page("/corrections"); !strings.Contains(body, "Nothing has had to be corrected yet.") {
			t.Errorf("a paper without errors:\n%s", body)
		}
		if body := p.page("/corrections/feed"); strings.Contains(body, "<item>") {
			t.Errorf("the feed of a paper without errors:\n%s", body)
		}
		if body := p.page("/category/city/bridge-opens"); strings.Contains(body, "correct") && strings.Contains(body, `id="corrections"`) {
			t.Error("a story without errors has corrections")
		}
		p.page("/category/city/bridge-opens/history")
		note := "It opens on <Tuesday>, not on Monday."
		c := n.Content
		c.Body = text("It opens on Tuesday.")
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Revise(t.Context(), tx, id, c, article.Revision{Reason: article.Correction, Note: note, By: "Ida Hidden"})
		})
		said := "It opens on &lt;Tuesday&gt;, not on Monday."
		for path, wants := range map[string][]string{
			"/corrections":                        {said, "Bridge opens", "/category/city/bridge-opens/history#v2"},
			"/corrections/feed":                   {said, "Correction: Bridge opens", "/category/city/bridge-opens?utm_medium=feed#corrections"},
			"/category/city/bridge-opens/history": {said, "Correction"},
			"/category/city/bridge-opens": {
				`href="#corrections">Correction, `, `id="corrections"`, said, "/category/city/bridge-opens/history",
				`"correction":[{"@type":"CorrectionComment","url":"https://post.example/category/city/bridge-opens#corrections","datePublished":"2025-11-03T18:00:00+09:00","text":"It opens on \u003cTuesday\u003e, not on Monday."}]`,
				`"dateModified":"2025-11-03T18:00:00+09:00"`,
			},
		} {
			body := p.page(path)
			for _, want := range wants {
				if !strings.Contains(body, want) {
					t.Errorf("%s does not say %q:\n%s", path, want, body)
				}
			}
			if strings.Contains(body, "Hidden") {
				t.Errorf("%s names who made it", path)
			}
		}
		p.tx(func(tx *db.Tx) error { return p.Articles.Withdraw(t.Context(), tx, id, article.Withdrawal{By: "us"}) })
		for _, path := range []string{"/corrections", "/corrections/feed"} {
			if body := p.page(path); strings.Contains(body, "Tuesday") {
				t.Errorf("%s tells of a story that was withdrawn", path)
			}
		}
	})
}

// TestCorrectionsPages walks through a log of several pages.
func TestCorrectionsPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	id := p.publish(story("city", "Bridge opens"), time.Hour)
	for i := range correctionsPerPage + 5 {
		p.clock.Add(time.Minute)
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Revise(t.Context(), tx, id, story("city", "Bridge opens").Content, article.Revision{Reason: article.Correction, Note: fmt.Sprintf("Note %d.", i)})
		})
	}
	first := p.page("/corrections")
	older := nextLink.FindStringSubmatch(first)
	if older == nil || strings.Contains(first, "Note 4.") || !strings.Contains(first, "Note 5.") {
		t.Fatalf("the first page:\n%s", first)
	}
	second := p.page(older[1])
	if strings.Contains(second, `rel="next"`) || !strings.Contains(second, "Note 4.") || strings.Contains(second, "Note 5.") {
		t.Errorf("the second page:\n%s", second)
	}
	history := p.page("/category/city/bridge-opens/history")
	if older = nextLink.FindStringSubmatch(history); older == nil {
		t.Fatalf("a history of %d versions has one page", correctionsPerPage+6)
	}
	if second := p.page(older[1]); !strings.Contains(second, "First published") || !strings.Contains(second, "Newest version") {
		t.Errorf("the second page of the history:\n%s", second)
	}
}

var nextLink = regexp.MustCompile(`rel="next" href="([^"]+)"`)
