package newsroom

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/richtext"
)

// TestSchedule publishes at a time.
func TestSchedule(t *testing.T) {
	d := edits(t, plainStory)
	at := func(when string) {
		d.does(`document.querySelector("#at").value = "` + when + `"`)
		d.press("Schedule")
	}
	d.press("Schedule…")
	at("2025-11-03T09:00")
	d.holds(`document.querySelector("#at-e")?.textContent && document.querySelector("#at").closest("details").open && document.querySelector("#at").value === "2025-11-03T09:00"`)
	d.holds(writable)
	at("2025-11-05T09:00")
	d.holds(`document.querySelector(".notice.good")?.textContent === "Scheduled for Nov. 5, 2025, 09:00 JST." && document.querySelector(".state").textContent.includes("Scheduled")`)
	d.goes("/category/city/bridge-closed", 1280)
	d.holds(`!document.body.textContent.includes("The bridge is closed.")`)
	d.clock.Set(time.Date(2025, 11, 5, 0, 0, 1, 0, time.UTC))
	check(t, d.Articles.PublishDue(t.Context()))
	if s := d.now().Article.State; s != article.Published {
		t.Errorf("when its time has come it is %s", s)
	}
}

// wicked is a text that tries to run a script, in every way that we know.
const wicked = `<p onclick="top.hit=1">Bridge <img src=x onerror="top.hit=1"><a href="/category/city/x" onmouseover="top.hit=1">closed</a></p>
<script>top.hit=1</script><svg onload="top.hit=1"><script>top.hit=1</script></svg><iframe src="https://films.example/1" srcdoc="<script>top.hit=1</script>"></iframe>
<math><mtext><table><mglyph><style><img src=x onerror="top.hit=1"></style></mglyph></table></mtext></math>
<p>&lt;script>top.hit=1&lt;/script></p><form action="javascript:top.hit=1"><button>x</button></form><meta http-equiv="refresh" content="0;url=javascript:top.hit=1">`

// TestPreview shows an article as readers would have it. Nothing in it runs: the
// text is clean, and if it were not, the frame would run no script.
func TestPreview(t *testing.T) {
	d := desks(t, plainStory)
	doc, err := richtext.FromSource(wicked)
	check(t, err)
	d.elsewhere(d.actor, d.story, func(c *desk.Copy) {
		c.Body, c.Headline, c.Standfirst, c.Bylines = doc, `Bridge <script>top.hit=1</script>`, `<img src=x onerror="top.hit=1">`, []string{`"><script>top.hit=1</script>`}
	})
	framed := `document.querySelector("iframe").contentDocument?.readyState === "complete" && document.querySelector("iframe").contentDocument.body.textContent.includes("Bridge")`
	for _, look := range d.Looks {
		d.goes(storyPath(d.story)+"/preview?as="+look.Name, 1280)
		d.holds(framed + ` && !window.hit`)
		d.goes(storyPath(d.story)+"/preview/"+look.Name, 1280)
		d.holds(`document.readyState === "complete" && document.body.textContent.includes("Bridge") && !window.hit`)
	}
	d.opens(1280)
	d.holds(writable + ` && !window.hit`)

	// A page that is not clean, as a fault of ours might make one.
	d.fails(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/preview/") {
			return false
		}
		rec := httptest.NewRecorder()
		r.Header.Del("Accept-Encoding")
		d.handler.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(rec.Code)
		w.Write([]byte(strings.Replace(rec.Body.String(), "</body>", `<p id="dirty">Dirty</p><script>top.hit=1</script><img src="/x" onerror="top.hit=1"></body>`, 1)))
		return true
	})
	second := d.beside() // whose complaints are not counted: here they are right
	for _, look := range d.Looks {
		second.goes(storyPath(d.story)+"/preview?as="+look.Name, 1280)
		second.holds(framed + ` && document.querySelector("iframe").contentDocument.querySelector("#dirty") && !window.hit`)
		second.goes(storyPath(d.story)+"/preview/"+look.Name, 1280)
		second.holds(`document.readyState === "complete" && document.querySelector("#dirty") && !window.hit`)
	}
}

// TestRemarks says something of a passage, finds it again, and deals with it.
func TestRemarks(t *testing.T) {
	d := edits(t, `{"blocks":[{"kind":"paragraph","text":[{"text":"The bridge is closed."}]},{"kind":"paragraph","text":[{"text":"It has ninety arches."}]}]}`)
	d.selects(`
		const text = document.querySelectorAll(".story-text p")[1].firstChild;
		getSelection().setBaseAndExtent(text, 7, text, 20);
	`)
	d.holds(`document.querySelector("#passage").value === "ninety arches"`)
	d.does(`document.querySelector("#remark-words").focus()`)
	d.types("I count nine.")
	d.press("Add the remark")
	d.holds(`document.querySelector(".remark blockquote")?.textContent === "ninety arches" && document.querySelector(".remark .words").textContent === "I count nine."`)
	d.holds(writable)
	d.does(`document.querySelector(".remark blockquote").click()`)
	d.holds(`getSelection().toString().includes("ninety arches")`)
	d.press("Dealt with")
	d.holds(`document.querySelector(".remark.done small")?.textContent.startsWith("dealt with by Ida")`)
	d.press("Open again")
	d.holds(`document.querySelector(".remark") && !document.querySelector(".remark.done")`)
}

// TestRestore goes back to an earlier revision.
func TestRestore(t *testing.T) {
	d := edits(t, plainStory)
	d.press("Keep this version")
	d.holds(`document.querySelector(".notice.good")?.textContent.startsWith("This version is kept.")`)
	d.holds(writable)
	d.writes(" No, it is open.")
	d.does(`window.before = true`)
	d.press("Keep this version")
	d.holds(`!window.before && ` + writable + ` && document.querySelector(".story-text").textContent.endsWith("open.")`)
	d.does(`document.querySelector("[data-keys=r]").click()`)
	d.holds(`[...document.querySelectorAll(".changed ins")].some((i) => i.textContent.includes("No, it is open."))`)
	d.does(`document.querySelectorAll(".rows a")[1].click()`)
	d.holds(`document.querySelectorAll(".rows li")[1]?.classList.contains("here")`)
	d.press("Make this the copy again")
	d.holds(`document.querySelector(".notice.good")?.textContent.startsWith("The earlier words are the copy now.")`)
	d.holds(writable + ` && document.querySelector(".story-text").textContent === "The bridge is closed."`)
}
