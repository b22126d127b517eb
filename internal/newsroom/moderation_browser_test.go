package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// seen is the desk in a browser: Ida's.
func seen(t *testing.T) (k *talk, ctx context.Context, base string) {
	t.Helper()
	var handler http.Handler
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) })
	k = talks(start(t, papertest.SQLite(t), server.URL))
	handler = k.handler
	ctx = papertest.Browser(t)
	be(t, ctx, server.URL, k.asIda)
	return k, ctx, server.URL
}

// evening fills the queues with what a bad evening brings.
func (k *talk) evening() {
	k.t.Helper()
	ctx := k.t.Context()
	check(k.t, k.Comments.SetSettings(ctx, k.pia, comment.Settings{First: 1, Links: 1, Words: "idiot*", Filter: true, Threshold: 0.95}))
	_, err := k.Comments.AddRule(ctx, k.pia, "No advertising", "This is a place to talk about the news. Offers of goods and services are removed.")
	check(k.t, err)
	for i, said := range []string{
		"Cheap scaffolding, best prices in the valley: https://scaffold.example/a and https://scaffold.example/b, call today.",
		"Only an idiot builds a bridge of that stone. The council was told in 2019, in writing, and again in 2021, and did nothing about it until the first block fell into the river beside the school boat.",
		"I live next to it. The noise begins at five in the morning and the lorries turn in our yard; nobody from the council has ever come to look, although we have written four letters and sent photographs.",
		strings.Repeat("Awordthatneverends", 14),
	} {
		who := k.hires(fmt.Sprintf("Reader-%d-of-the-valley", i), reader.Member)
		k.says(who, "", said)
	}
	next := k.says(k.ben, "", "The ferry takes cars from Monday, says the harbour master.")
	for _, id := range []string{k.ana, k.hires("Cleo", reader.Member)} {
		_, err := k.Comments.Report(ctx, comment.Complaint{
			Comment: next.ID, Reporter: id, Reason: comment.Other, Text: "He has said this in four threads now, and the ferry does not take cars at all.", Language: "en",
		})
		check(k.t, err)
	}
	check(k.t, k.db.Tx(ctx, k.crowded(next.ID)))
	k.decides(k.benSays.ID, comment.Judgement{Act: comment.ActEdit, Body: "I crossed it on Sunday.", Reason: "The name of a child is gone."})
	removed := k.says(k.ben, k.benSays.ID, "Fools, the lot of you.")
	k.decides(removed.ID, comment.Judgement{Act: comment.ActRemove, Reason: "This calls the other readers fools.\n\nArgue with what they say."})
	found, _, err := k.Comments.DecisionsAbout(ctx, k.ben, "", 1)
	check(k.t, err)
	_, err = k.Comments.Appeal(ctx, k.ben, found[0].ID, "“Fools” was a quotation from the play that the town theatre gives this week. Everybody here knows it.")
	check(k.t, err)
	k.clock.Add(50 * time.Minute)
}

// decides lets Ola judge a comment as it is now.
func (k *talk) decides(id string, j comment.Judgement) {
	k.t.Helper()
	j.Comment, j.Version, j.Moderator = id, k.now(id).Version, k.ola
	if j.Act.Restricts() {
		j.Rule, j.Ground = k.rule.ID, comment.GroundRules
	}
	_, err := k.Comments.Judge(k.t.Context(), j)
	check(k.t, err)
}

// TestModerationPages looks at every page of the room on two screens, in both
// themes: no fault of accessibility, and nothing wider than the screen.
func TestModerationPages(t *testing.T) {
	k, ctx, base := seen(t)
	k.evening()
	appeal := func() string {
		items, _, err := k.Comments.Queue(t.Context(), comment.QueueAppeals, "")
		check(t, err)
		return items[0].Appeal.Decision
	}()
	be(t, ctx, base, k.asPia)
	const room = "/newsroom/moderation"
	for _, test := range []struct{ name, path, before string }{
		{"queue", room + "/reported", ""},
		{"held", room + "/held", ""},
		{"item", room + "/flagged/" + k.first(comment.QueueFlagged), ""},
		{"reports", room + "/reported/" + k.first(comment.QueueReported), ""},
		{"remove", room + "/flagged/" + k.first(comment.QueueFlagged), `document.querySelector("[data-keys=r]").click(); true`},
		{"sanction", room + "/held/" + k.anaSays.ID, `document.querySelector("[data-keys=s]").click(); true`},
		{"edited", room + "/comment/" + k.benSays.ID, `document.querySelector(".edits summary").click(); true`},
		{"appeal", room + "/appeals/" + appeal, ""},
		{"member", room + "/member/" + k.ben, ""},
		{"thread", room + "/thread/" + k.about.Article, ""},
		{"sections", room + "/sections", ""},
		{"rules", room + "/rules", ""},
		{"settings", room + "/settings", ""},
		{"log", room + "/log", ""},
	} {
		for _, width := range []int64{320, 360, 820, 1280} {
			open(t, ctx, base+test.path, width, 900)
			if test.before != "" {
				ask[bool](t, ctx, test.before)
			}
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", test.name, got, width)
			}
			if width == 360 || width == 1280 {
				examine(t, ctx, fmt.Sprintf("mod-%s-%d", test.name, width))
			}
		}
	}
}

// first is the id of what has waited longest in a queue.
func (k *talk) first(q comment.Queue) string {
	k.t.Helper()
	items, _, err := k.Comments.Queue(k.t.Context(), q, "")
	check(k.t, err)
	return itemID(items[0])
}

// TestModerationHTML has the Nu checker read the pages of the room.
func TestModerationHTML(t *testing.T) {
	k := talks(start(t, papertest.SQLite(t), here))
	k.evening()
	pages := map[string]string{}
	for _, path := range []string{
		"reported", "held", "flagged", "appeals", "comment/" + k.benSays.ID, "member/" + k.ben, "thread/" + k.about.Article, "sections", "rules", "settings", "log",
	} {
		_, pages[path] = k.asks(http.MethodGet, "/newsroom/moderation/"+path, k.asPia)
	}
	_, pages["wrong"] = k.judges(k.asIda, k.anaSays, "remove")
	_, pages["many"] = k.fills("/newsroom/moderation/held", k.asIda, "act", "approve", "pick", k.anaSays.ID+" 7")
	for _, m := range papertest.HTML(t, pages) {
		if m.Type == "error" {
			t.Error(fmt.Sprint(m))
		}
	}
}

// TestModerationKeys decides without a mouse: the next item comes without a new
// page, what was decided can be undone, and who comes second reads who was first.
//
// Seen red: a script that loads pages anew; a page that forgets what was typed.
func TestModerationKeys(t *testing.T) {
	k, ctx, base := seen(t)
	second := k.says(k.ana, "", "And the ferry is no better.")
	third := k.says(k.ana, "", "Nor is the road.")
	open(t, ctx, base+"/newsroom/moderation/held", 1280, 900)
	ask[bool](t, ctx, `window.same = true`)
	item := func() string {
		return ask[string](t, ctx, `document.querySelector("[aria-busy]") ? "" : document.querySelector("#item")?.dataset.id || "none"`)
	}
	is := func(id string) {
		t.Helper()
		papertest.Eventually(t, func() bool { return item() == id })
		if !ask[bool](t, ctx, `window.same === true`) {
			t.Fatalf("a new page was loaded")
		}
	}
	is(k.anaSays.ID)
	presses(t, ctx, "j")
	is(second.ID)
	presses(t, ctx, "k")
	is(k.anaSays.ID)
	ask[bool](t, ctx, `history.back(); true`)
	is(second.ID)
	ask[bool](t, ctx, `history.back(); true`)
	is(k.anaSays.ID)

	// Approved, and back.
	presses(t, ctx, "a")
	is(second.ID)
	if got := k.now(k.anaSays.ID).State; got != comment.Visible {
		t.Fatalf("approved, it is %s", got)
	}
	if said := ask[string](t, ctx, `document.querySelector(".last p").textContent`); !strings.HasPrefix(said, "Approved · Ana") {
		t.Errorf("what was decided is told as %q", said)
	}
	photograph(t, ctx, "mod-decided-1280")
	presses(t, ctx, "u")
	is(k.anaSays.ID)
	if got := k.now(k.anaSays.ID).State; got != comment.Held {
		t.Fatalf("undone, it is %s", got)
	}

	// Removed with a rule, whose text is where the reason begins. What is typed
	// outlives a look at another comment.
	presses(t, ctx, "r")
	becomes(t, ctx, `document.activeElement.id === "remove-rule"`)
	ask[bool](t, ctx, `{ const s = document.activeElement; s.selectedIndex = 1; s.dispatchEvent(new Event("change", {bubbles: true})); true }`)
	if got := ask[string](t, ctx, `document.querySelector("#remove-reason").value`); got != "Attack arguments, not people." {
		t.Errorf("the reason begins with %q", got)
	}
	ask[bool](t, ctx, `document.querySelector("#remove-reason").value += " It calls Ben a fool."; document.activeElement.blur(); true`)
	presses(t, ctx, "j")
	is(second.ID)
	presses(t, ctx, "k")
	is(k.anaSays.ID)
	if got := ask[string](t, ctx, `document.querySelector("#remove-reason").value`); got != "Attack arguments, not people. It calls Ben a fool." {
		t.Errorf("what was typed is %q afterwards", got)
	}

	// Ola is first.
	k.decides(k.anaSays.ID, comment.Judgement{Act: comment.ActApprove})
	remove := `document.querySelector("#item details[open] form button.danger").click(); true`
	ask[bool](t, ctx, remove)
	becomes(t, ctx, `!document.querySelector("[aria-busy]") && !!document.querySelector(".acts [role=alert]:not([hidden])")`)
	said := ask[string](t, ctx, `document.querySelector("#item").textContent`)
	if !strings.Contains(said, "Another moderator has approved this comment in the meantime.") || !strings.Contains(said, "Ola · ") {
		t.Errorf("the conflict is told as %s", said)
	}
	if got := ask[string](t, ctx, `document.querySelector("#remove-reason").value`); got != "Attack arguments, not people. It calls Ben a fool." {
		t.Errorf("what was typed is %q after the conflict", got)
	}
	photograph(t, ctx, "mod-conflict-1280")
	is(k.anaSays.ID)
	ask[bool](t, ctx, remove)
	papertest.Eventually(t, func() bool { return k.now(k.anaSays.ID).State == comment.Removed })

	// Several at once.
	open(t, ctx, base+"/newsroom/moderation/held", 1280, 900)
	ask[bool](t, ctx, `window.same = true`)
	is(second.ID)
	presses(t, ctx, "x", "j")
	is(third.ID)
	presses(t, ctx, "x")
	if got := ask[int64](t, ctx, `document.querySelectorAll("[name=pick]:checked").length`); got != 2 {
		t.Fatalf("%d are selected", got)
	}
	ask[bool](t, ctx, `document.querySelector(".bulk [value=approve]").click(); true`)
	becomes(t, ctx, `!!document.querySelector(".results")`)
	photograph(t, ctx, "mod-bulk-1280")
	if k.now(second.ID).State != comment.Visible || k.now(third.ID).State != comment.Visible {
		t.Errorf("several are %s and %s", k.now(second.ID).State, k.now(third.ID).State)
	}
}

// TestModerationNews tells of what is new, and moves nothing.
func TestModerationNews(t *testing.T) {
	k, ctx, base := seen(t)
	open(t, ctx, base+"/newsroom/moderation/held", 1280, 900)
	look := `document.dispatchEvent(new Event("visibilitychange")); true`
	ask[bool](t, ctx, look)
	k.says(k.ana, "", "And the ferry is no better.")
	k.says(k.ana, "", "Nor is the road.")
	papertest.Eventually(t, func() bool {
		ask[bool](t, ctx, look)
		return ask[string](t, ctx, `document.querySelector(".news").textContent`) == "2 new"
	})
	if got := ask[int64](t, ctx, `document.querySelectorAll(".rows li").length`); got != 1 {
		t.Errorf("the list has %d rows", got)
	}
	ask[bool](t, ctx, `window.same = true; document.querySelector(".news a").click(); true`)
	becomes(t, ctx, `document.querySelectorAll(".rows li").length === 3`)
	if !ask[bool](t, ctx, `window.same === true && document.querySelector(".news").textContent === ""`) {
		t.Error("what was new is still new")
	}
}

// TestModerationOffline says at the item that nothing was decided.
func TestModerationOffline(t *testing.T) {
	k, ctx, base := seen(t)
	open(t, ctx, base+"/newsroom/moderation/held", 360, 900)
	open(t, ctx, base+"/newsroom/moderation/held/"+k.anaSays.ID, 360, 900)
	ask[bool](t, ctx, `document.querySelector("#item form").action = "http://127.0.0.1:1/"; true`)
	presses(t, ctx, "a")
	becomes(t, ctx, `document.querySelector(".failed")?.hidden === false`)
	if got := ask[string](t, ctx, `document.querySelector(".failed").textContent`); !strings.Contains(got, "Nothing was decided") {
		t.Errorf("it says %q", got)
	}
	if k.now(k.anaSays.ID).State != comment.Held {
		t.Error("it was decided")
	}
}
