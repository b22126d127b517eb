package site

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// A table is a reader's browser before the article with the day's thread.
type table struct {
	*press
	ctx     context.Context
	article string
	path    string
	first   string // the comment on top, of Ida Holm
	answer  string // and what Jon Bell says to it
	reader  string // the id of whoever sits here

	mu    sync.Mutex
	wrong []string // what the browser complained about
}

// seat opens a browser before a day's paper and logs Ana in.
func seat(t *testing.T) *table {
	t.Helper()
	p := served(t)
	b := &table{press: p, ctx: papertest.Browser(t), path: seen[3]}
	p.tx(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into comment_setting (name, value) values ('first', '0')`)
		return err
	})
	check(t, p.db.QueryRow(t.Context(), `select id from article where slug = 'council-votes-for-a-new-mill-bridge'`).Scan(&b.article))
	l, err := p.Comments.List(t.Context(), b.article, comment.Part{Order: comment.Oldest})
	check(t, err)
	b.Comments.ForgetSettings()
	b.first, b.answer = l.Branches[0].ID, l.Branches[0].Below[0].ID
	b.reader, err = p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana Ruiz", Role: reader.Member, Password: goodPassword})
	check(t, err)
	open(t, b.ctx, p.Paper.URL("/rules"), 1280, 900)
	check(t, chromedp.Listen(b.ctx, b.hear))
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, w := range b.wrong {
			t.Error("the browser complains: " + w)
		}
	})
	return b
}

// hear keeps what the console says of our policy and of faults in our scripts.
func (b *table) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		if e.Entry != nil && (e.Entry.Source == log.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy")) {
			b.wrong = append(b.wrong, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		b.wrong = append(b.wrong, fmt.Sprint(e.Type))
	}
}

// holds waits until an expression holds in the page, whichever page that is.
func (b *table) holds(expression string) {
	b.t.Helper()
	becomes(b.t, b.ctx, expression)
}

// does runs a statement in the page.
func (b *table) does(statement string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[chromedp.Void](statement))
	check(b.t, err)
}

// reads opens the article and waits for what is the reader's own on it.
func (b *table) reads() {
	b.t.Helper()
	open(b.t, b.ctx, b.Paper.URL(b.path), 1280, 900)
	b.holds(`!!document.querySelector(".thread > form.write")`)
}

// types types at the place that has the focus, as a keyboard does.
func (b *table) types(text string, how ...chromedp.KeyOption) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.KeyEvent(text, how...))
	check(b.t, err)
}

// conditions of the network, as every Chromium takes them: newer ones have other
// names for it too, which older ones refuse.
type conditions struct {
	Offline  bool    `json:"offline"`
	Latency  float64 `json:"latency"`
	Download float64 `json:"downloadThroughput"`
	Upload   float64 `json:"uploadThroughput"`
}

// cuts takes the network away, or gives it back. The browser says that it has done so
// before the last request has heard of it.
func (b *table) cuts(off bool) {
	b.t.Helper()
	emulate := cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}
	_, err := chromedp.Run(b.ctx, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, target, emulate, conditions{Offline: off, Download: -1, Upload: -1})
	})
	check(b.t, err)
	papertest.Eventually(b.t, func() bool {
		gone, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`fetch("/healthz", { cache: "no-store" }).then(() => false, () => true)`, chromedp.EvalAwaitPromise))
		check(b.t, err)
		return gone == off
	})
}

// inside is a selector of something in a comment.
func inside(id, what string) string {
	return fmt.Sprintf(`document.querySelector(%q)`, "#comment-"+id+" "+what)
}

// score waits until a comment shows a score and which button is pressed.
func (b *table) score(id, score, pressed string) {
	b.t.Helper()
	b.holds(fmt.Sprintf(`%s.textContent === %q && [...document.querySelectorAll("#comment-%s footer button[aria-pressed=true]")].map(b => b.textContent).join() === %q`,
		inside(id, "output"), score, id, pressed))
}

// newest is the id of the comment that was written last.
func (b *table) newest() (id string) {
	b.t.Helper()
	check(b.t, b.db.QueryRow(b.t.Context(), `select id from comment order by id desc limit 1`).Scan(&id))
	return id
}

// TestWritingInBrowser is about a reader who writes on the article's own page.
func TestWritingInBrowser(t *testing.T) {
	b := seat(t)
	open(t, b.ctx, b.Paper.URL(b.path), 1280, 900)
	if !ask[bool](t, b.ctx, `document.querySelector(".enter").innerText === "Login to leave a comment" && !document.querySelector("form.write")`) {
		t.Error("a stranger does not see the way in")
	}
	enters(t, b.ctx, b.press, "ana@readers.example")
	b.reads()
	if ask[bool](t, b.ctx, `document.body.innerText.includes("Login to leave a comment")`) {
		t.Error("the way in is still there")
	}

	// A reload takes nothing of what was typed.
	b.does(`document.querySelector("form.write textarea").focus()`)
	b.types("Half a thought")
	b.holds(`document.querySelector("form.write .state").textContent !== ""`)
	b.reads()
	b.holds(`document.querySelector("form.write textarea").value === "Half a thought"`)
	b.does(`document.querySelector("form.write textarea").focus()`)
	b.types(", and the other half.")
	b.does(`document.querySelector("form.write [value=post]").click()`)
	b.holds(`location.hash.startsWith("#comment-") && document.readyState === "complete" && !!document.querySelector(location.hash)`)
	id := b.newest()
	b.holds(fmt.Sprintf(`location.hash === "#comment-%s" && %s.innerText === "Half a thought, and the other half."`, id, inside(id, ".said")))
	b.holds(`document.querySelector("form.write textarea").value === ""`)
	// It is the reader's own: no vote and no report, and it can be taken back.
	b.holds(fmt.Sprintf(`%s.disabled && !%s && %s.pathname === "/comment/%s/delete" && !!%s`, inside(id, "footer button"), inside(id, ".report"), inside(id, `a[href$="/delete"]`), id, inside(id, `a[href$="/edit"]`)))

	// A reply has its form below the comment, and stands in its branch.
	b.clock.Add(time.Minute)
	b.does(inside(b.answer, ".reply") + ".click()")
	b.holds(fmt.Sprintf(`document.activeElement === %s && document.activeElement.closest("label").innerText.includes("@Jon Bell")`, inside(b.answer, "form.write textarea")))
	b.does(inside(b.answer, ".reply") + ".click()") // again: there is one form
	b.types("Two is one more than none.")
	if n := ask[int](t, b.ctx, `document.querySelectorAll("form.write").length`); n != 2 {
		t.Errorf("%d forms", n)
	}
	b.types(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl))
	b.holds(`document.body.innerText.includes("Two is one more than none.") && document.readyState === "complete"`)
	id = b.newest()
	b.holds(fmt.Sprintf(`location.hash === "#comment-%s" && !!%s && %s.innerText.includes("@Jon Bell")`, id, `document.querySelector(".below #comment-`+id+`")`, inside(id, ".to")))
	if c, err := b.Comments.ByID(t.Context(), id); err != nil || c.Parent != b.answer || c.Top != b.first {
		t.Errorf("the reply is %+v, %v", c, err)
	}

	// What is refused is told at the form, and stays there. The form comes with what
	// is the reader's own, and that needs the network.
	b.holds(`!!document.querySelector(".thread > form.write")`)
	b.cuts(true)
	b.does(`document.querySelector(".thread > form.write textarea").focus()`)
	b.types("Into the tunnel.")
	b.does(`document.querySelector(".thread > form.write [value=post]").click()`)
	b.holds(`document.querySelector(".thread > form.write [role=alert]").checkVisibility() && document.querySelector(".thread > form.write [role=alert]").innerText.length > 20`)
	b.cuts(false)
	if ask[bool](t, b.ctx, `document.querySelector(".thread > form.write textarea").value !== "Into the tunnel." || document.querySelector(".thread > form.write [value=post]").disabled`) {
		t.Error("what was typed cannot be sent again")
	}
	before := b.newest()
	b.does(`document.querySelector(".thread > form.write [value=post]").click()`)
	b.holds(`[...document.querySelectorAll(".said")].some(s => s.innerText === "Into the tunnel.") && document.readyState === "complete"`)
	if b.newest() == before {
		t.Error("nothing was posted")
	}
}

// TestVotingInBrowser is about the numbers at the buttons: they change at once,
// and back when the vote does not count.
func TestVotingInBrowser(t *testing.T) {
	b := seat(t)
	enters(t, b.ctx, b.press, "ana@readers.example")
	b.reads()
	const before, up, down = "0 ( +1 / -1 )", "1 ( +2 / -1 )", "-1 ( +1 / -2 )"
	// In one turn of the page's own clock: the answer has not come yet.
	atOnce := func(button int, score string) {
		t.Helper()
		said := ask[string](t, b.ctx, fmt.Sprintf(`document.querySelectorAll("#comment-%s footer button")[%d].click(); %s.textContent`, b.first, button, inside(b.first, "output")))
		if said != score {
			t.Errorf("at once the score is %s, want %s", said, score)
		}
		b.holds(fmt.Sprintf(`!%s.dataset.busy`, inside(b.first, "footer form")))
	}
	kept := func(want comment.Way) {
		t.Helper()
		ways, err := b.Comments.Votes(t.Context(), b.reader, []string{b.first})
		check(t, err)
		if ways[b.first] != want {
			t.Errorf("the vote is %d, want %d", ways[b.first], want)
		}
	}
	for _, step := range []struct {
		button int
		score  string
		press  string
		way    comment.Way
	}{{0, up, "+", comment.Up}, {1, down, "−", comment.Down}, {1, before, "", comment.Withdraw}, {0, up, "+", comment.Up}} {
		atOnce(step.button, step.score)
		b.score(b.first, step.score, step.press)
		kept(step.way)
	}
	// Whoever thinks again before the answer is there is not overheard.
	b.does(fmt.Sprintf(`{ const [up, down] = document.querySelectorAll("#comment-%s footer button"); down.click(); up.click(); }`, b.first))
	b.score(b.first, up, "+")
	b.holds(fmt.Sprintf(`!%s.dataset.busy`, inside(b.first, "footer form")))
	b.score(b.first, up, "+")
	kept(comment.Up)
	b.clock.Add(2 * time.Second) // the page for everybody is as old as that
	b.reads()
	b.score(b.first, up, "+")

	// Without a network, and where the thread is closed meanwhile.
	refused := func(words string) {
		t.Helper()
		atOnce(1, down)
		b.score(b.first, up, "+")
		b.holds(fmt.Sprintf(`%s.getAttribute("role") === "alert" && %s.innerText.includes(%q)`, inside(b.first, "footer .failed"), inside(b.first, "footer .failed"), words))
		kept(comment.Up)
	}
	b.cuts(true)
	refused(ask[string](t, b.ctx, `document.querySelector(".thread").dataset.failed`))
	b.cuts(false)
	own := b.says(b.reader, b.article, "", "My own words.").ID
	b.reads()
	b.holds(inside(own, "footer button") + ".disabled")
	b.does(inside(own, "footer button") + ".disabled = false")
	b.does(inside(own, "footer button") + ".click()")
	b.holds(inside(own, ".failed") + `?.innerText.includes("your own")`)
	b.score(own, "0 ( +0 / -0 )", "")
	now, err := b.Comments.ThreadSetting(t.Context(), b.article)
	check(t, err)
	_, err = b.Comments.SetThread(t.Context(), comment.ThreadChange{Article: b.article, Set: comment.Setting{State: comment.Closed}, Seen: now, Moderator: b.joined("Mod")})
	check(t, err)
	refused("closed")
}

// TestArrivals is about what comes while somebody reads: a quiet line and the
// numbers of others, and nothing moves.
func TestArrivals(t *testing.T) {
	b := seat(t)
	enters(t, b.ctx, b.press, "ana@readers.example")
	b.reads()
	b.score(b.first, "0 ( +1 / -1 )", "")
	papertest.Eventually(t, func() bool { return b.watchers.watching(comment.Tag(b.article)) > 0 })
	// What is the reader's own has taken its place before anything else comes.
	b.holds(`!!document.querySelector(".account-link details")`)
	papertest.Painted(t, b.ctx)
	b.does(`window.moved = 0; new PerformanceObserver(l => { for (const e of l.getEntries()) window.moved += e.value; }).observe({type: "layout-shift"})`)
	b.clock.Add(2 * time.Second)
	a, err := b.Articles.Known(t.Context(), b.article)
	check(t, err)
	_, err = b.Comments.Vote(t.Context(), comment.Ballot{About: about(a), Comment: b.first, Voter: b.joined("Nils"), Way: comment.Up})
	check(t, err)
	b.says(b.joined("Tove"), b.article, "", "Something new.")
	b.holds(`document.querySelector(".fresh").innerText === "1 new comment"`)
	b.score(b.first, "1 ( +2 / -1 )", "")
	papertest.Painted(t, b.ctx)
	if moved := ask[float64](t, b.ctx, `window.moved`); moved != 0 || ask[bool](t, b.ctx, `document.body.innerText.includes("Something new.")`) {
		t.Errorf("the page moves by %g", moved)
	}
	b.does(`document.querySelector(".fresh a").click()`)
	b.holds(`document.readyState === "complete" && document.body.innerText.includes("Something new.") && document.querySelector(".fresh").innerText === ""`)
}

// TestThreadKeyboard is about a reader without a mouse.
func TestThreadKeyboard(t *testing.T) {
	b := seat(t)
	enters(t, b.ctx, b.press, "ana@readers.example")
	b.reads()
	reach := func(selector string) {
		t.Helper()
		for range 100 {
			b.types(kb.Tab)
			if ask[bool](t, b.ctx, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
				if ask[string](t, b.ctx, `getComputedStyle(document.activeElement).outlineStyle`) == "none" {
					t.Errorf("nobody sees that the focus is on %s", selector)
				}
				return
			}
		}
		t.Fatalf("no way to %s", selector)
	}
	reach(".thread form.write textarea")
	b.types("Typed with ten fingers.")
	b.types(kb.Enter, chromedp.KeyModifiers(kb.ModifierCtrl))
	b.holds(`location.hash.startsWith("#comment-") && document.readyState === "complete" && !!document.querySelector(".thread > form.write") && !!document.querySelector(location.hash)`)
	reach("#comment-" + b.first + ` button[aria-label]`)
	b.types(kb.Enter)
	b.score(b.first, "1 ( +2 / -1 )", "+")
	b.types(" ") // the focus has stayed: the same key takes it back
	b.score(b.first, "0 ( +1 / -1 )", "")
	reach("#comment-" + b.first + " .reply")
	b.types(kb.Enter)
	b.holds("document.activeElement === " + inside(b.first, "form.write textarea"))
}

// TestStrangerVotes leads whoever is not logged in to the log-in and back.
func TestStrangerVotes(t *testing.T) {
	b := seat(t)
	open(t, b.ctx, b.Paper.URL(b.path), 1280, 900)
	b.does(inside(b.first, "footer button") + ".click()")
	b.holds(`location.pathname === "/login" && document.readyState === "complete"`)
	b.does(fmt.Sprintf(`{ const f = document.querySelector("form[action='/login']"); f.email.value = "ana@readers.example"; f.password.value = %q; f.querySelector("button").click(); }`, goodPassword))
	b.holds(fmt.Sprintf(`location.pathname === %q && !!document.querySelector(".thread > form.write")`, b.path))
	b.does(inside(b.first, "footer button") + ".click()")
	b.score(b.first, "1 ( +2 / -1 )", "+")
}
