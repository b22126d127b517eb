package site

import (
	"fmt"
	"testing"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
)

// TestThreadLooks looks at the pages around threads in a browser: none is wider
// than the screen, and there is no fault of accessibility in light and dark.
func TestThreadLooks(t *testing.T) {
	b := seat(t)
	report := "/comment/" + b.first + "/report"
	width := func(path string, width int64) {
		t.Helper()
		if got := ask[int64](t, b.ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("%s is %d wide on a screen of %d", path, got, width)
		}
	}
	look := func(paths ...string) {
		t.Helper()
		for _, path := range paths {
			open(t, b.ctx, b.Paper.URL(path), 320, 900)
			width(path, 320)
			for _, w := range []int64{360, 1280} {
				open(t, b.ctx, b.Paper.URL(path), w, 900)
				width(path, w)
				photograph(t, b.ctx, fmt.Sprintf("%d-%s", w, path))
				examine(t, b.ctx, fmt.Sprintf("%s at %d", path, w))
			}
		}
	}
	look(report, "/rules", "/moderation") // before a stranger

	// What the pages of an account show of threads.
	rules := []comment.Rule{{Name: "Be kind", Text: "Argue with what somebody says."}}
	check(t, b.Comments.SeedRules(t.Context(), rules))
	rules, err := b.Comments.Rules(t.Context())
	check(t, err)
	c := b.says(b.reader, b.article, "", "Fools, the lot of you.\n\n> Averylongwordthatneverendsandneverendsandneverendsandneverends")
	b.says(b.joined("Tove"), b.article, c.ID, "Who?")
	d, err := b.Comments.Judge(t.Context(), comment.Judgement{
		Comment: c.ID, Version: c.Version, Act: comment.ActRemove, Moderator: b.joined("Mod"), Rule: rules[0].ID, Ground: comment.GroundRules, Reason: "This calls the other readers fools.",
	})
	check(t, err)
	mine := b.says(b.reader, b.article, b.first, "The invoice has a second page.")
	loud := b.joined("Loud Member")
	b.says(loud, b.article, "", "LISTEN TO ME")
	check(t, b.Comments.MuteMember(t.Context(), b.reader, loud, true))
	b.tx(func(*db.Tx) error { return nil })
	enters(t, b.ctx, b.press, "ana@readers.example")
	decision := "/account/decisions/" + d.ID
	look("/thread/"+b.article, "/thread/"+b.article+"?to="+b.first, report, decision, "/account/decisions", "/account/notices", "/account/muted",
		"/comment/"+mine.ID+"/edit", "/comment/"+mine.ID+"/delete")
	open(t, b.ctx, b.Paper.URL(decision), 360, 900)
	fills(t, b.ctx, decision, map[string]string{"text": ""})
	examine(t, b.ctx, "an appeal without a word")
	fills(t, b.ctx, decision, map[string]string{"text": "It is a quotation from the play."})
	examine(t, b.ctx, "an appeal")
	if n, err := b.Comments.Statement(t.Context(), b.reader, d.ID); err != nil || n.Appeal == nil {
		t.Errorf("the appeal has not arrived: %v", err)
	}

	// The article itself, with a form that is open below a comment.
	for _, w := range []int64{320, 360, 1280} {
		open(t, b.ctx, b.Paper.URL(b.path), w, 900)
		b.holds(`!!document.querySelector(".thread > form.write")`)
		b.holds(`document.body.innerText.includes("You have muted this member")`)
		b.does(inside(b.first, ".reply") + ".click()")
		b.holds("!!" + inside(b.first, "form.write"))
		width(b.path, w)
		photograph(t, b.ctx, fmt.Sprintf("%d-thread", w))
		examine(t, b.ctx, fmt.Sprintf("the thread at %d", w))
	}
}
