package newsroom

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// hostile are texts that want to run in a moderator's browser. Each would set
// pwned.
var hostile = []string{
	`<script>pwned=1</script>`, `<img src=x onerror=pwned=1>`, `<svg onload=pwned=1>`, `"><img src=x onerror=pwned=1>`, `'><img src=x onerror='pwned=1'>`,
	`</textarea><script>pwned=1</script>`, `</template><script>pwned=1</script>`, `</title><img src=x onerror=pwned=1>`, `javascript:pwned=1`, `https://x.example/"onfocus="pwned=1`,
	`> <img src=x onerror=pwned=1>`, `&lt;img src=x onerror=pwned=1&gt;`, `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`, `<details open ontoggle=pwned=1>`,
}

// attacks are ours and, where they lie beside the work tree, other people's.
func attacks(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "sanitise", "vectors.txt"))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("no sanitiser vectors beside the work tree: only our own are tried")
		return hostile
	}
	check(t, err)
	return append(append([]string{}, hostile...), strings.Split(string(data), "\n")...)
}

// TestReg_R19 (listmonk CVE-2026-21483): what a reader writes does not run in the
// browser of a moderator: neither a comment that waits, nor a name, a report or an
// appeal. What it looks like to another reader is tested in package site.
//
// Seen red: richtext.Comment writing lines without escaping them, and no policy.
func TestReg_R19(t *testing.T) {
	k, ctx, base := seen(t)
	called := func(name, as string) (id string) {
		t.Helper()
		id = k.hires(name, reader.Member)
		check(t, k.db.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update reader set name = $2 where id = $1`, id, as)
			return err
		}))
		return id
	}
	mallory := called("Mallory", hostile[1])
	var ids []string
	for _, body := range attacks(t) {
		c, err := k.Comments.Post(t.Context(), comment.New{About: k.about, Author: mallory, Body: body})
		if problem.Of(err) != nil {
			continue // nothing but white space, or too long
		}
		check(t, err)
		if c.State != comment.Held {
			t.Fatalf("%q is %s", body, c.State)
		}
		ids = append(ids, c.ID)
	}
	for i, text := range hostile {
		_, err := k.Comments.Report(t.Context(), comment.Complaint{Comment: k.benSays.ID, Reporter: called(fmt.Sprint("Teller-", i), text), Reason: comment.Other, Text: text, Language: "en"})
		check(t, err)
	}
	removed := k.says(k.ben, "", hostile[1])
	k.decides(removed.ID, comment.Judgement{Act: comment.ActRemove, Reason: hostile[0]})
	found, _, err := k.Comments.DecisionsAbout(t.Context(), k.ben, "", 1)
	check(t, err)
	_, err = k.Comments.Appeal(t.Context(), k.ben, found[0].ID, strings.Join(hostile, "\n"))
	check(t, err)

	const room = "/newsroom/moderation"
	pages := []string{
		room + "/held", room + "/reported", room + "/reported/" + k.benSays.ID, room + "/appeals", room + "/appeals/" + found[0].ID,
		room + "/member/" + mallory, room + "/member/" + k.ben, room + "/log",
	}
	for _, id := range ids[:min(len(ids), 40)] { // a page takes a tenth of a second; all are in the list
		pages = append(pages, room+"/held/"+id)
	}
	for _, path := range pages {
		open(t, ctx, base+path, 1280, 900)
		_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`window.alert = () => { window.pwned = 1 }; for (const e of document.querySelectorAll("main *"))
			for (const kind of ["mouseover", "focus", "toggle"]) e.dispatchEvent(new Event(kind))`))
		check(t, err)
		if !ask[bool](t, ctx, `window.pwned === undefined && !!document.querySelector("main")`) {
			t.Errorf("%s has run what a reader wrote", path)
		}
		if strange := ask[string](t, ctx, `[...document.querySelectorAll("main :is(script, img, svg, iframe, style, object, embed, math, marquee, video), main [srcdoc], main [onerror], main [onload], main [onfocus], main [ontoggle], main [onmouseover], main a[href^='javascript:']")].map(e => e.outerHTML).join("\n")`); strange != "" {
			t.Errorf("%s holds %.500s", path, strange)
		}
	}
	if !ask[bool](t, ctx, `document.querySelector("main").innerText.length > 100`) {
		t.Error("the last page shows nothing")
	}
}
