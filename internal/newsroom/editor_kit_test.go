package newsroom

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

const (
	plainStory = `{"blocks":[{"kind":"paragraph","text":[{"text":"The bridge is closed."}]}]}`
	noStory    = `{"blocks":[]}`
	ctrl       = chromedp.ModifierCtrl
	shift      = chromedp.ModifierShift
	alt        = chromedp.ModifierAlt

	writable = `document.querySelector(".story-text")?.isContentEditable`
	reading  = `document.querySelector(".story-text")?.contentEditable === "false" && document.querySelector("[name=headline]").readOnly`
	kept     = `Object.keys(localStorage).some((k) => k.startsWith("story:"))`
	savedAs  = `document.querySelector("#saved").dataset.state`
)

// A writer is somebody of the newsroom at a browser, and the story that they write.
type writer struct {
	*house
	ctx   context.Context // of the page
	actor *reader.Actor
	token string // of their session
	story string

	mu    sync.Mutex
	wrong []string // what the console says
}

// desks is a newsroom with a story in it, and Ida, an editor, at a browser.
func desks(t *testing.T, body string) *writer {
	t.Helper()
	builtEditor(t) // says what is missing
	h := serves(t)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	d := h.sits(papertest.Browser(t), h.joins("Ida", reader.Editor))
	d.story = h.begins(d.actor, "Bridge closed", body)
	return d
}

// edits is desks with the story open.
func edits(t *testing.T, body string) *writer {
	t.Helper()
	d := desks(t, body)
	d.opens(1280)
	d.holds(writable)
	return d
}

// sits puts somebody at a browser, and hears what it complains of.
func (h *house) sits(ctx context.Context, a *reader.Actor) *writer {
	h.t.Helper()
	d := &writer{house: h, ctx: ctx, actor: a, token: h.own(a.Reader.ID, a.Reader.Role)}
	be(h.t, ctx, h.base, d.token)
	check(h.t, chromedp.Listen(ctx, d.hear))
	h.t.Cleanup(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, w := range d.wrong {
			h.t.Error("the browser complains: " + w)
		}
	})
	return d
}

// beside is a second window of the same browser, of the same person.
func (d *writer) beside() *writer {
	d.t.Helper()
	ctx, done := chromedp.NewContext(d.ctx)
	d.t.Cleanup(done)
	second := &writer{house: d.house, ctx: ctx, actor: d.actor, story: d.story}
	return second
}

// across is somebody else in a browser of their own, with the same story.
func (d *writer) across(a *reader.Actor) *writer {
	d.t.Helper()
	ctx, done := chromedp.NewContext(d.ctx, chromedp.WithNewBrowserContext())
	d.t.Cleanup(done)
	other := d.sits(ctx, a)
	other.story = d.story
	return other
}

// only is a trouble that this browser has, and no other.
func (d *writer) only(f trouble) trouble {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.Header.Get("Cookie"), d.token) && f(w, r)
	}
}

func (d *writer) hear(ev any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		if e.Entry != nil && strings.Contains(e.Entry.Text, "frame is sandboxed") {
			return // a preview has the scripts of the page that it shows, and runs none
		}
		if e.Entry != nil && (e.Entry.Source == log.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy")) {
			d.wrong = append(d.wrong, e.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		d.wrong = append(d.wrong, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		for _, a := range e.Args {
			d.wrong = append(d.wrong, fmt.Sprint(e.Type, " ", string(a.Value)))
		}
	}
}

// ---- what tests do ----

func (d *writer) opens(width int64) {
	d.t.Helper()
	d.goes(storyPath(d.story), width)
	d.holds(`!!document.querySelector(".story-text")`)
}

func (d *writer) goes(path string, width int64) {
	d.t.Helper()
	open(d.t, d.ctx, d.base+path, width, 900)
}

// holds waits until an expression holds in the page.
func (d *writer) holds(expression string) {
	d.t.Helper()
	papertest.Eventually(d.t, func() bool {
		is, err := chromedp.Run(d.ctx, chromedp.Evaluate[bool](whole(expression)))
		return err == nil && is
	}, func() string {
		text, _ := chromedp.Run(d.ctx, chromedp.Evaluate[string](`document.querySelector(".story-text")?.innerHTML || ""`))
		d.mu.Lock()
		defer d.mu.Unlock()
		return fmt.Sprint(expression, " on ", shownIn(d.ctx), "\n", text, "\n", d.wrong)
	})
}

func (d *writer) does(statement string) {
	d.t.Helper()
	_, err := chromedp.Run(d.ctx, chromedp.Evaluate[chromedp.Void](statement))
	check(d.t, err)
}

// press presses the button with these words, in the moment in which it is there: the
// page may be another one after it.
func (d *writer) press(words string) {
	d.t.Helper()
	button := `[...document.querySelectorAll("button, summary")].find((b) => b.offsetParent !== null && b.textContent.trim() === ` + quoted(words) + `)`
	d.holds(`((b) => b && (b.click(), true))(` + button + `)`)
}

// focus goes to a field and selects what is in it.
func (d *writer) focus(name string) {
	d.t.Helper()
	d.does(`document.querySelector("#story [name=` + name + `]").focus(); document.activeElement.select?.()`)
}

func quoted(text string) string {
	js, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(js)
}

// types types as a keyboard does: where a script takes a key for itself, no
// letter comes of it. (chromedp sends the letter whatever became of the key.)
func (d *writer) types(text string, how ...chromedp.KeyOption) {
	d.t.Helper()
	for _, r := range text {
		keys := kb.Encode(r)
		for _, k := range keys {
			for _, o := range how {
				o(k)
			}
		}
		if down := keys[0]; len(keys) == 3 && down.Modifiers&^int64(chromedp.ModifierShift) == 0 {
			down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, keys[1].Text, keys[1].UnmodifiedText
		}
		for _, k := range keys {
			if k.Type == kb.KeyChar {
				continue
			}
			_, err := chromedp.Run(d.ctx, func(ctx context.Context, target *chromedp.Target) (cdp.Empty, error) {
				_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, *k)
				return cdp.Empty{}, err
			})
			check(d.t, err)
		}
	}
}

// writes puts the cursor at the end of the text and types.
func (d *writer) writes(text string) {
	d.t.Helper()
	d.at("end")
	d.types(text)
}

// selects does what selects something, and waits until the page has heard of it.
func (d *writer) selects(statement string) {
	d.t.Helper()
	_, err := chromedp.Run(d.ctx, chromedp.Evaluate[chromedp.Void](`new Promise((done) => {
		document.querySelector(".story-text").focus();
		document.addEventListener("selectionchange", () => setTimeout(done), { once: true });
		`+statement+`;
	})`, chromedp.EvalAwaitPromise))
	check(d.t, err)
}

// at puts the cursor at the start or the end of the text, or selects all of it. The
// editor hears of that by an event, which comes a moment later.
func (d *writer) at(where string) {
	d.t.Helper()
	d.does(`document.querySelector(".story-text").focus()`)
	switch where {
	case "all":
		d.types("a", chromedp.KeyModifiers(ctrl))
	case "start":
		d.does(`getSelection().modify("move", "backward", "documentboundary")`)
	default:
		d.does(`getSelection().modify("move", "forward", "documentboundary")`)
	}
	d.heard()
}

// heard waits until the page has been told of everything that has happened to it; one
// that nobody sees paints nothing.
func (d *writer) heard() {
	d.t.Helper()
	_, err := chromedp.Run(d.ctx, chromedp.Evaluate[bool](`new Promise((done) => {
		const then = () => setTimeout(done, 0, true);
		document.hidden ? setTimeout(then, 50) : requestAnimationFrame(then);
	})`, chromedp.EvalAwaitPromise))
	check(d.t, err)
}

// found waits until the page has what was found for some words.
func (d *writer) found(words string) {
	d.t.Helper()
	d.holds(`performance.getEntriesByType("resource").some((e) => new URL(e.name).searchParams.get("q") === ` + quoted(words) + `)`)
	d.heard()
}

// now is the story as the desk has it.
func (d *writer) now() *desk.Story {
	d.t.Helper()
	t, err := d.Work.Story(d.t.Context(), d.actor, d.story)
	check(d.t, err)
	return t
}

// text is what the desk has of its text, one block a line.
func (d *writer) text() string {
	d.t.Helper()
	return blocksOf(d.t, d.now().Copy.Body.JSON())
}

// has waits until the desk has some words.
func (d *writer) has(words string) {
	d.t.Helper()
	papertest.Eventually(d.t, func() bool { return strings.Contains(d.text(), words) }, func() string {
		store, _ := chromedp.Run(d.ctx, chromedp.Evaluate[string](`JSON.stringify(localStorage)`))
		return fmt.Sprintf("the desk has %s, and not %q; the page says %s\n%s", d.text(), words, shownIn(d.ctx), store)
	})
}

// saved has the page save now, and returns the blocks that the desk has then.
func (d *writer) saved() string {
	d.t.Helper()
	d.does(`dispatchEvent(new KeyboardEvent("keydown", {key: "s", ctrlKey: true}))`)
	d.holds(savedAs + ` === "saved" && !(` + kept + `)`)
	return d.text()
}

// blocksOf is the list of blocks of a body, one a line.
func blocksOf(t *testing.T, body []byte) string {
	t.Helper()
	var doc struct {
		Blocks []json.RawMessage `json:"blocks"`
	}
	check(t, json.Unmarshal(body, &doc))
	var b strings.Builder
	for _, block := range doc.Blocks {
		b.Write(block)
		b.WriteByte('\n')
	}
	return b.String()
}
