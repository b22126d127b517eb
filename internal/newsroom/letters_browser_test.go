package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/papertest"
)

// sits is the room of newsletters in a browser.
func (p *post) sits(t *testing.T, session string) context.Context {
	t.Helper()
	ctx := papertest.Browser(t)
	be(t, ctx, p.base, session)
	return ctx
}

// clicks clicks on what a selector finds, when it is there: at once, for the page may be
// another one a moment later.
func clicks(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	becomes(t, ctx, fmt.Sprintf(`((e) => document.readyState === "complete" && !!e && (e.click(), true))(document.querySelector(%q))`, selector))
}

// types types into what a selector finds.
func types(t *testing.T, ctx context.Context, selector, text string) {
	t.Helper()
	becomes(t, ctx, fmt.Sprintf(`((e) => document.readyState === "complete" && !!e && (e.focus(), e.select(), document.activeElement === e))(document.querySelector(%q))`, selector))
	_, err := chromedp.Run(ctx, chromedp.KeyEvent(text))
	check(t, err)
}

// bundled reports whether the editor has been built.
func bundled(t *testing.T) bool {
	t.Helper()
	js, err := editorBundle()
	check(t, err)
	return len(js) > 0
}

// TestNewsletterInBrowser writes a newsletter, which saves itself, looks at it, sends it
// and sees how far it has got.
func TestNewsletterInBrowser(t *testing.T) {
	p := serves(t).post()
	p.publishes(p.ida, "The bridge is open", plainStory)
	p.subscribesTo(p.written, "ann@reader.example", "ben@reader.example", "cat@reader.example")
	ctx := p.sits(t, p.asIda)
	open(t, ctx, p.base+newsletters, 1280, 900)
	ask[bool](t, ctx, fmt.Sprintf(`document.querySelector("#list").value = %q; true`, p.written.ID))
	clicks(t, ctx, ".starts button")
	becomes(t, ctx, `location.pathname.startsWith("/newsroom/edition/")`)
	types(t, ctx, "#subject", "Good morning")
	becomes(t, ctx, `document.querySelector("#saved").textContent === "Saved"`)
	at := ask[string](t, ctx, `location.pathname`)
	if e := p.edition(at); e.Subject != "Good morning" {
		t.Errorf("what was typed is not saved by itself: %q", e.Subject)
	}
	if said := ask[string](t, ctx, `document.querySelector("[data-counted]").textContent`); said != "12 / 60" {
		t.Errorf("the counter says %q", said)
	}
	clicks(t, ctx, `[value="add"]`)
	if text := `document.querySelector("#part-0 .story-text")`; bundled(t) {
		becomes(t, ctx, text+` && document.activeElement === `+text)
		presses(t, ctx, "Dear reader, hello.")
	} else {
		types(t, ctx, "#text-0", "Dear reader, hello.")
	}
	// A button at once after the last key: it waits for what is on its way.
	ask[bool](t, ctx, `document.querySelector("#add").value = "stories"; document.querySelector('[value="add"]').click(); true`)
	clicks(t, ctx, `[value="find/1"]`)
	types(t, ctx, "#q-1", "bridge")
	ask[bool](t, ctx, `window.before = true`)
	presses(t, ctx, kb.Enter)
	becomes(t, ctx, `!window.before`) // the page before offers stories, too
	clicks(t, ctx, `[value^="take/1/"]`)
	becomes(t, ctx, `!!document.querySelector('[value^="storyout/1/"]')`)
	if e := p.edition(at); !strings.Contains(e.Parts[0].Text, "Dear reader, hello.") || len(e.Parts[1].Stories) != 1 {
		t.Errorf("the parts are %+v", e.Parts)
	}
	becomes(t, ctx, `document.querySelector(".proofs iframe").contentDocument?.body?.textContent.includes("The bridge is open") ?? false`)
	clicks(t, ctx, `.proofs a[href$="/text"]`)
	becomes(t, ctx, `document.querySelector(".proofs iframe").contentDocument?.body?.textContent.includes("Dear reader, hello.") ?? false`)
	clicks(t, ctx, `[value="review"]`)
	clicks(t, ctx, `[value="send"]`)
	becomes(t, ctx, `document.querySelector("[data-says]")?.textContent === "0 of 3"`)
	check(t, p.Newsletters.Send(t.Context(), newsletter.Run{Edition: p.edition(at).ID}))
	becomes(t, ctx, `document.querySelector(".numbers")?.textContent.includes("Taken") && !document.querySelector("progress")`)
}

// TestEditionKeepsWords keeps what is typed while the paper cannot be reached, and
// saves it when it can.
func TestEditionKeepsWords(t *testing.T) {
	p := serves(t).post()
	e, err := p.Newsletters.Begin(t.Context(), p.ida, p.written.ID)
	check(t, err)
	at := editionAt + "/" + e.ID
	ctx := p.sits(t, p.asIda)
	open(t, ctx, p.base+at, 1280, 900)
	p.fails(cut)
	types(t, ctx, "#subject", "Not lost")
	becomes(t, ctx, `document.querySelector("#saved").textContent.startsWith("Not saved: the paper cannot be reached")`)
	p.mends()
	ask[bool](t, ctx, `dispatchEvent(new Event("online"))`)
	becomes(t, ctx, `document.querySelector("#saved").textContent === "Saved"`)
	if e := p.edition(at); e.Subject != "Not lost" {
		t.Errorf("it holds %q", e.Subject)
	}
}

// TestAlertInBrowser sends an alert from a story in two clicks.
func TestAlertInBrowser(t *testing.T) {
	p := serves(t).post()
	bridge, _ := p.publishes(p.ida, "The bridge is open", plainStory)
	p.subscribes(p.alert, "ann@reader.example")
	ctx := p.sits(t, p.asIda)
	open(t, ctx, p.base+storyPath(bridge), 1280, 900)
	clicks(t, ctx, `.trail a[href^="/newsroom/alert"]`)
	clicks(t, ctx, `#alert [value="send"]`)
	becomes(t, ctx, `document.querySelector(".notice.good")?.textContent === "The alert is on its way."`)
}

// TestLettersLook looks at every page of the room on a phone and a wide screen, empty
// and full, with texts in it that would like to run.
func TestLettersLook(t *testing.T) {
	p := serves(t).post()
	bridge, _ := p.publishes(p.ida, hostile[1]+" at the bridge", plainStory)
	p.top = []string{bridge}
	ctx := p.sits(t, p.asPat)
	look := func(name, path string) {
		t.Helper()
		for _, width := range []int64{360, 1280} {
			open(t, ctx, p.base+path, width, 1000)
			becomes(t, ctx, `document.readyState === "complete"`)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", path, got, width)
			}
			if ask[bool](t, ctx, `window.pwned !== undefined || !!document.querySelector("main :is(script:not([type='application/json']), img, svg, [onerror], [onload])")`) {
				t.Errorf("%s has run what somebody wrote", path)
			}
			examine(t, ctx, fmt.Sprintf("letters-%s-%d", name, width))
		}
	}
	look("empty", newsletters)
	look("subscribers-empty", subscribers)
	look("suppressed-empty", suppressions)

	p.subscribesTo(p.digest, "ann@reader.example", "ben@reader.example")
	made := func(l newsletter.List, m newsletter.Manuscript) newsletter.Edition {
		t.Helper()
		e, err := p.Newsletters.Begin(t.Context(), p.ida, l.ID)
		check(t, err)
		if m.Parts == nil {
			m.Parts = e.Parts
		}
		e, err = p.Newsletters.Write(t.Context(), p.ida, e.ID, e.Version, m)
		check(t, err)
		return e
	}
	draft := made(p.written, newsletter.Manuscript{Subject: hostile[0] + hostile[3], Preview: hostile[7], Parts: []newsletter.Part{
		{Block: newsletter.Block{Kind: newsletter.Words, Title: hostile[2], Text: hostile[5]}},
		{Block: newsletter.Block{Kind: newsletter.Stories}, Stories: []string{bridge}},
		{Block: newsletter.Block{Kind: newsletter.Sponsor, By: hostile[1], Text: "Buy hats.", Link: "https://hats.example/"}},
	}})
	sent := made(p.digest, newsletter.Manuscript{Subject: "The morning " + hostile[1]})
	sent, err := p.Newsletters.Schedule(t.Context(), p.ida, sent.ID, sent.Version, time.Time{})
	check(t, err)
	look("now", newsletters)
	look("sending", editionAt+"/"+sent.ID)
	check(t, p.Newsletters.Send(t.Context(), newsletter.Run{Edition: sent.ID}))
	look("sent", editionAt+"/"+sent.ID)
	look("edition", editionAt+"/"+draft.ID+"?part=1&q=")
	look("send", editionAt+"/"+draft.ID+"/send")
	look("alert", alertPath(bridge))
	look("lists", listsAt)
	look("list", listAt+"/"+p.digest.ID)
	look("list-new", listAt+"/new")
	look("subscribers", subscribers)
	list, _, err := p.Newsletters.Find(t.Context(), p.pat, "ann", "", 1)
	check(t, err)
	look("subscriber", subscriberAt+"/"+list[0].ID)
	_, err = p.Newsletters.Suppress(t.Context(), p.pat, strings.Join(hostile, " "), "eve@x.example")
	check(t, err)
	look("suppressed", suppressions)
	p.mails("reader.example", 8, port(t, nil))
	look("servers", newsletters)
}

// TestIntakeInBrowser tries and imports a table on a phone and a wide screen, with
// rows in it that would like to run.
func TestIntakeInBrowser(t *testing.T) {
	p := serves(t).post()
	ctx := p.sits(t, p.asPat)
	for _, width := range []int64{360, 1280} {
		table := "address,state\n"
		for i, words := range hostile {
			table += fmt.Sprintf("reader%d-%d@reader.example,subscribed\n%q,subscribed\nx%d@reader.example,%q\n", i, width, words, i, words)
		}
		looks := func(name string) {
			t.Helper()
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			if ask[bool](t, ctx, `window.pwned !== undefined || !!document.querySelector("main :is(script:not([src], [type='application/json']), img, svg, [onerror], [onload])")`) {
				t.Errorf("%s has run what somebody wrote", name)
			}
			examine(t, ctx, fmt.Sprintf("intake-%s-%d", name, width))
		}
		sends := func(table, button string) {
			t.Helper()
			ask[bool](t, ctx, fmt.Sprintf(`{ const form = document.querySelector('[name="act"][value=%q]').closest("form"), all = new DataTransfer();
				all.items.add(new File([%q], "members.csv"));
				form.querySelector("[type=file]").files = all.files;
				form.querySelector("button").click(); true }`, button, table))
		}
		open(t, ctx, p.base+intakeAt, width, 1000)
		becomes(t, ctx, `document.readyState === "complete"`)
		looks("empty")
		sends("what,is,this\n1,2,3\n", "try")
		becomes(t, ctx, `document.readyState === "complete" && !!document.querySelector("#table-e")`)
		looks("wrong")
		sends(table, "try")
		becomes(t, ctx, `document.readyState === "complete" && !!document.querySelector('[name="tried"]')`)
		looks("tried")
		sends(table, "import")
		becomes(t, ctx, `document.querySelector(".notice.good")?.textContent === "The table has been imported."`)
		looks("done")
	}
}

// TestIntakeTells says how far a table is while it is sent and read, can be stopped, and
// keeps the file that was chosen when the line is lost.
func TestIntakeTells(t *testing.T) {
	p := serves(t).post()
	ctx := p.sits(t, p.asPat)
	open(t, ctx, p.base+intakeAt, 360, 1000)
	becomes(t, ctx, `document.readyState === "complete"`)
	ask[bool](t, ctx, `{ const all = new DataTransfer(); all.items.add(new File(["address,state\nann@reader.example,subscribed\n"], "members.csv"));
		document.querySelector("#table").files = all.files; document.querySelector("#list").value = `+quoted(p.digest.ID)+`; true }`)
	tries := func() { ask[bool](t, ctx, `document.querySelector('[name="act"][value="try"]').click(); true`) }
	says := func(words string) {
		t.Helper()
		becomes(t, ctx, `document.querySelector(".going [role=status]")?.textContent === `+quoted(words))
	}
	reads, end := make(chan struct{}), make(chan struct{})
	p.fails(func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case strings.HasSuffix(r.URL.Path, "/import/progress"):
			select {
			case <-reads:
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"rows":500,"total":1200}`))
				return true
			default:
			}
		case r.Method == http.MethodPost && r.URL.Path == intakeAt:
			<-end
		}
		return false
	})
	tries()
	says("The table has arrived and is being read.")
	if !ask[bool](t, ctx, `document.querySelector("#table").disabled && document.activeElement.textContent === "Stop"`) {
		t.Error("the form can be sent twice")
	}
	close(reads)
	says("500 of about 1,200 rows")
	examine(t, ctx, "intake-going")
	clicks(t, ctx, ".going button")
	says("Stopped. What has been imported until then stays as it is.")
	close(end)

	p.fails(cut)
	tries()
	says("The connection was lost. What has been imported stays as it is: send the same table again when the line is back.")
	p.mends()
	tries()
	becomes(t, ctx, `document.activeElement?.id === "result" && !!document.querySelector('[name="tried"]')`)
}

// TestIntakeProgress holds that a page learns of its own table only.
func TestIntakeProgress(t *testing.T) {
	var i intakes
	i.set("pat", "", intakeProgress{1, 2})
	i.step("pat", "run", 3)(newsletter.Intake{Rows: 2})
	if got := i.of("pat", "run"); got != (intakeProgress{2, 3}) {
		t.Errorf("it has got to %+v", got)
	}
	for _, other := range [][2]string{{"jon", "run"}, {"pat", ""}, {"pat", "other"}} {
		if got := i.of(other[0], other[1]); got != (intakeProgress{}) {
			t.Errorf("%v learns of %+v", other, got)
		}
	}
	i.end("pat", "run")
	if got := i.of("pat", "run"); got != (intakeProgress{}) {
		t.Errorf("it is not over: %+v", got)
	}
}
