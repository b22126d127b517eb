package newsroom

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/richtext"
)

// editorPolicy is the policy of the editor's page: that of every page, with the
// one name under which ProseMirror reads what is pasted.
const editorPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; media-src 'self'; manifest-src 'self'; frame-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"object-src 'none'; require-trusted-types-for 'script'; trusted-types ProseMirrorClipboard"

// A storyCopy is what the editor sends of a story.
type storyCopy struct {
	Headline     string          `json:"headline"`
	Kicker       string          `json:"kicker"`
	Standfirst   string          `json:"standfirst"`
	Bylines      []string        `json:"bylines"`
	Dateline     string          `json:"dateline"`
	Section      string          `json:"section"`
	Slug         string          `json:"slug"`
	Kind         string          `json:"kind"`
	Language     string          `json:"language"`
	Weight       int             `json:"weight"`
	Topics       []string        `json:"topics"`
	Sources      string          `json:"sources"`
	Notes        string          `json:"notes"`
	SourceNotice string          `json:"source_notice"`
	Lead         storyLead       `json:"lead"`
	Body         json.RawMessage `json:"body"`
}

type storyLead struct {
	Picture string `json:"picture"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
	Alt     string `json:"alt"`
}

// A pretendDesk plays the server of one story, so that each answer that it may
// give can be given when a test wants it.
type pretendDesk struct {
	t      *testing.T
	ctx    context.Context
	server *httptest.Server

	mu      sync.Mutex
	version int
	copy    storyCopy
	holder  string // the page that has the seat
	by      string // who has it, when no page of ours does
	own     bool   // and that is the same person
	asked   string
	refuse  func(w http.ResponseWriter) // answers a save in place of the desk, until it is nil
	saves   int
	acts    []string                       // of the seat
	merges  []map[string]json.RawMessage   // asked for
	merge   func(base, mine storyCopy) any // how, in place of "mine"
	form    map[string][]string            // as a button sent it
	opened  int                            // pages
	wrong   []string                       // what the console says
}

var playedPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="{{.Interface}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A story</title>
<link rel="stylesheet" href="/sheet.css">{{if .Script}}<script type="module" src="/editor.js"></script>{{end}}</head>
<body><main id="main">
<form id="story" method="post" action="/newsroom/articles/a1" data-version="{{.Version}}" data-page="page-{{.Page}}" data-seat="{{.Seat}}" data-language="{{.Copy.Language}}"
 data-autosave="/newsroom/articles/a1/copy" data-merge="/newsroom/articles/a1/merge" data-seat-at="/newsroom/articles/a1/seat" data-find="/newsroom/articles/find" data-pictures="/newsroom/pictures" data-login="/login">
<h1>A story</h1>
<p class="field"><label>Headline <textarea name="headline">{{.Copy.Headline}}</textarea></label></p>
<p class="field"><label>Kicker <input name="kicker" value="{{.Copy.Kicker}}"></label></p>
<p class="field"><label>Standfirst <textarea name="standfirst">{{.Copy.Standfirst}}</textarea></label></p>
<p class="field"><label>Bylines <textarea name="bylines">{{range .Copy.Bylines}}{{.}}
{{end}}</textarea></label></p>
<p class="field"><label>Dateline <input name="dateline" value="{{.Copy.Dateline}}"></label></p>
<p class="field"><label for="source">Text</label> <textarea name="source" id="source">&lt;p&gt;plain&lt;/p&gt;</textarea></p>
<p><label>Section <select name="section"><option>city<option>world</select></label>
<label>Address <input name="slug" value="{{.Copy.Slug}}"></label>
<label>Kind <select name="kind"><option>news<option>opinion</select></label>
<label>Language <select name="language">{{range .Languages}}<option{{if eq . $.Copy.Language}} selected{{end}}>{{.}}{{end}}</select></label>
<label>Weight <input name="weight" type="number" value="{{.Copy.Weight}}"></label>
<label>Topics <textarea name="topics"></textarea></label>
<label>Sources <textarea name="sources"></textarea></label>
<label>Notes <textarea name="notes"></textarea></label>
<label>Notice <input name="source_notice"></label>
<input type="hidden" name="lead_picture">
<label>Caption <textarea name="lead_caption"></textarea></label>
<label>Credit <input name="lead_credit"></label>
<label>Alt <input name="lead_alt"></label></p>
<p id="saved" role="status"></p>
<p><button type="submit" name="act" value="review">To review</button></p>
<script type="application/json" id="body">{{.Body}}</script>
<script type="application/json" id="words">{{.Words}}</script>
</form></main></body></html>`))

// desks starts a desk with a story, and a browser.
func desks(t *testing.T, body string) *pretendDesk {
	t.Helper()
	js := builtEditor(t)
	d := &pretendDesk{t: t, version: 12, copy: storyCopy{
		Headline: "Bridge closed", Bylines: []string{"Ida Holm"}, Topics: []string{}, Section: "city", Slug: "bridge", Kind: "news", Language: "en",
		Body: json.RawMessage(body),
	}}
	mux := http.NewServeMux()
	file := func(kind string, content []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Write(content)
		}
	}
	var sheet []byte
	for _, name := range []string{"newsroom.css", "editor.css"} {
		css, err := files.ReadFile(name)
		check(t, err)
		sheet = append(sheet, css...)
	}
	mux.HandleFunc("GET /sheet.css", file("text/css", append([]byte(page.Colours{}.Sheet()), sheet...)))
	mux.HandleFunc("GET /editor.js", file("text/javascript", js))
	mux.HandleFunc("GET /robots.txt", file("text/plain", []byte("here")))
	mux.HandleFunc("GET /login", file("text/html", []byte("<!doctype html><title>Log in</title>")))
	mux.HandleFunc("GET /story", d.show)
	mux.HandleFunc("POST /newsroom/articles/a1", d.sent)
	mux.HandleFunc("GET /newsroom/articles/a1/copy", d.tell)
	mux.HandleFunc("POST /newsroom/articles/a1/copy", d.save)
	mux.HandleFunc("POST /newsroom/articles/a1/merge", d.mergeTwo)
	mux.HandleFunc("POST /newsroom/articles/a1/seat", d.seat)
	mux.HandleFunc("GET /newsroom/articles/find", file("application/json", []byte(`[{"headline":"Ferry back","path":"/category/city/ferry","section":"City","when":"Nov. 3"},{"headline":"Ferry gone","path":"/category/city/gone","section":"City","when":"Nov. 1"}]`)))
	mux.HandleFunc("GET /newsroom/pictures", file("application/json", []byte(`[{"id":"p1","caption":"The bridge at dawn","credit":"POOL","alt":"A bridge"}]`)))
	mux.HandleFunc("GET /newsroom/pictures/{id}/small", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><rect width="30" height="20" fill="#888"/></svg>`)
	})
	mux.HandleFunc("GET /favicon.ico", file("image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)))
	d.server = httptest.NewServer(mux)
	t.Cleanup(d.server.Close)
	d.ctx = papertest.Browser(t)
	open(t, d.ctx, d.server.URL+"/robots.txt", 1280, 900)
	check(t, chromedp.Listen(d.ctx, d.hear))
	t.Cleanup(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, w := range d.wrong {
			t.Error("the browser complains: " + w)
		}
	})
	return d
}

// edits is desks with the story open.
func edits(t *testing.T, body string) *pretendDesk {
	t.Helper()
	d := desks(t, body)
	d.opens(1280)
	d.holds(`document.querySelector(".story-text")?.isContentEditable`)
	return d
}

func (d *pretendDesk) opens(width int64) {
	d.t.Helper()
	open(d.t, d.ctx, d.server.URL+"/story", width, 900)
	d.holds(`!!document.querySelector(".story-text")`)
}

func (d *pretendDesk) hear(ev any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
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

func (d *pretendDesk) show(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	seat := "mine"
	if d.by != "" || d.holder != "" {
		seat = "other"
	} else {
		d.holder = fmt.Sprintf("page-%d", d.opened)
	}
	name := "en"
	if d.copy.Language == "ja" {
		name = "ja"
	}
	words, err := page.NewLanguage(name, time.UTC)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", editorPolicy)
	w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
	err = playedPage.Execute(w, struct {
		Interface     string
		Script        bool
		Version, Page int
		Seat          string
		Copy          storyCopy
		Body          json.RawMessage
		Words         map[string]string
		Languages     []string
	}{name, r.URL.Query().Get("script") != "no", d.version, d.opened, seat, d.copy, d.copy.Body, editorWords(words), []string{"en", "de", "fr", "ja"}})
	if err != nil {
		panic(err)
	}
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // a page that is gone reads nothing
}

func (d *pretendDesk) tell(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	answerJSON(w, http.StatusOK, map[string]any{"version": d.version, "copy": d.copy})
}

func (d *pretendDesk) save(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saves++
	var asked struct {
		Version int       `json:"version"`
		Page    string    `json:"page"`
		Copy    storyCopy `json:"copy"`
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&asked); err != nil {
		d.wrong = append(d.wrong, "a save that cannot be read: "+err.Error())
		answerJSON(w, http.StatusBadRequest, map[string]string{"message": err.Error()})
		return
	}
	body, err := richtext.Parse(asked.Copy.Body)
	switch {
	case d.refuse != nil:
		d.refuse(w)
	case err != nil:
		answerJSON(w, http.StatusUnprocessableEntity, map[string]string{"message": err.Error()})
	case d.holder != asked.Page:
		answerJSON(w, http.StatusConflict, map[string]string{"reason": "seat", "by": d.by})
	case asked.Version != d.version:
		answerJSON(w, http.StatusConflict, map[string]any{"reason": "stale", "version": d.version, "by": "Jon Bell", "copy": d.copy})
	default:
		d.version++
		d.copy = asked.Copy
		d.copy.Body = body.JSON()
		answerJSON(w, http.StatusOK, map[string]any{"version": d.version, "saved": time.Now().Format(time.RFC3339), "words": 1})
	}
}

func (d *pretendDesk) mergeTwo(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b, err := io.ReadAll(r.Body)
	var asked struct{ Base, Mine storyCopy }
	if err != nil || json.Unmarshal(b, &asked) != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"message": "unreadable"})
		return
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal(b, &raw) == nil {
		d.merges = append(d.merges, raw)
	}
	if d.merge == nil {
		d.merge = func(_, mine storyCopy) any {
			return map[string]any{"version": d.version, "copy": mine, "clashes": []int{}}
		}
	}
	answerJSON(w, http.StatusOK, d.merge(asked.Base, asked.Mine))
}

func (d *pretendDesk) seat(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var asked struct{ Page, Act string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		answerJSON(w, http.StatusBadRequest, nil)
		return
	}
	if asked.Act != "stay" {
		d.acts = append(d.acts, asked.Act)
	}
	switch asked.Act {
	case "leave":
		if d.holder == asked.Page {
			d.holder = ""
		}
	case "take":
		if d.by == "" || d.own {
			d.holder, d.by = asked.Page, ""
		}
	case "give":
		d.holder, d.by, d.asked = "", d.asked, ""
	case "refuse":
		d.asked = ""
	}
	seat := "other"
	switch {
	case d.holder == asked.Page:
		seat = "mine"
	case d.holder == "" && d.by == "":
		seat = "free"
	}
	answerJSON(w, http.StatusOK, map[string]any{"seat": seat, "by": d.by, "mine": d.own, "asked": d.asked, "version": d.version, "here": []string{"Ida Holm"}})
}

func (d *pretendDesk) sent(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	d.form = r.PostForm
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, "<!doctype html><title>Sent</title>")
}

// ---- what tests do ----

// with runs f while the desk stands still.
func (d *pretendDesk) with(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// holds waits until an expression holds in the page.
func (d *pretendDesk) holds(expression string) {
	d.t.Helper()
	began := time.Now()
	papertest.Eventually(d.t, func() bool {
		is, err := chromedp.Run(d.ctx, chromedp.Evaluate[bool](`!!(`+expression+`)`))
		if time.Since(began) > papertest.Slow(20*time.Second) {
			page, _ := chromedp.Run(d.ctx, chromedp.Evaluate[string](`(document.querySelector(".story-text")?.innerHTML || "") + "\n" + document.body.innerText`))
			d.t.Fatalf("%s: %v, %v on %s; %v", expression, is, err, page, d.wrong)
		}
		return err == nil && is
	})
}

func (d *pretendDesk) does(statement string) {
	d.t.Helper()
	_, err := chromedp.Run(d.ctx, chromedp.Evaluate[chromedp.Void](statement))
	check(d.t, err)
}

// types types as a keyboard does: where a script takes a key for itself, no
// letter comes of it. (chromedp sends the letter whatever became of the key.)
func (d *pretendDesk) types(text string, how ...chromedp.KeyOption) {
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
func (d *pretendDesk) writes(text string) {
	d.t.Helper()
	d.at("end")
	d.types(text)
}

// at puts the cursor at the start or the end of the text, or selects all of it.
func (d *pretendDesk) at(where string) {
	d.t.Helper()
	d.does(`document.querySelector(".story-text").focus()`)
	switch where {
	case "all":
		d.types("a", chromedp.KeyModifiers(chromedp.ModifierCtrl))
	case "start":
		d.does(`getSelection().modify("move", "backward", "documentboundary")`)
	default:
		d.does(`getSelection().modify("move", "forward", "documentboundary")`)
	}
}

// saved has the page save now, and returns the blocks that the desk has then.
func (d *pretendDesk) saved() string {
	d.t.Helper()
	d.does(`dispatchEvent(new KeyboardEvent("keydown", {key: "s", ctrlKey: true}))`)
	d.holds(`document.querySelector("#saved").dataset.state === "saved" && !localStorage.length`)
	d.mu.Lock()
	defer d.mu.Unlock()
	return blocksOf(d.t, d.copy.Body)
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
