package newsroom

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// A cable is a connection that a test breaks.
type cable struct {
	broken atomic.Bool
	pieces atomic.Int64
	after  atomic.Int64 // it breaks by itself at so many large pieces; 0: never
	large  atomic.Int64
	once   sync.Once
	small  chan struct{} // closed when a small piece was answered: two files go at once, and nobody knows which is faster
}

// largePiece is what no piece of a test's junk reaches, and each of its noise does.
const largePiece = 1 << 10

// cuts is h behind the line: what is broken does not arrive, and is not answered.
func (l *cable) cuts(h func() http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/newsroom/uploads/") && r.Method == http.MethodPost {
			l.pieces.Add(1)
			if r.ContentLength < largePiece {
				defer func() { l.once.Do(func() { close(l.small) }) }()
			} else if n := l.large.Add(1); l.after.Load() > 0 && n == l.after.Load() {
				select {
				case <-l.small:
				case <-r.Context().Done():
				}
				l.broken.Store(true)
			}
		}
		if l.broken.Load() {
			panic(http.ErrAbortHandler)
		}
		h().ServeHTTP(w, r)
	})
}

// pressRoom is a paper behind a line, with an editor in a browser.
func pressRoom(t *testing.T) (h *house, l *cable, ctx context.Context, base string) {
	t.Helper()
	l = &cable{small: make(chan struct{})}
	server := papertest.Serve(t, l.cuts(func() http.Handler { return h.handler }).ServeHTTP)
	h = start(t, papertest.SQLite(t), server.URL)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "city", Name: "City"}}))
	ctx = papertest.Browser(t)
	be(t, ctx, server.URL, h.own(h.hires("Ida", reader.Editor), reader.Editor))
	return h, l, ctx, server.URL
}

// drops drops files onto what a selector finds: noise of so many pixels, whose file
// is about three bytes a pixel, and with junk one that is no picture.
const drops = `(async (where, side, junk) => {
	const canvas = new OffscreenCanvas(side, side), c = canvas.getContext("2d"), image = c.createImageData(side, side);
	for (let i = 0; i < image.data.length; i += 4) [image.data[i], image.data[i+1], image.data[i+2], image.data[i+3]] = [Math.random()*256, Math.random()*256, Math.random()*256, 255];
	c.putImageData(image, 0, 0);
	const data = new DataTransfer();
	data.items.add(new File([await canvas.convertToBlob({ type: "image/png" })], "noise.png", { type: "image/png" }));
	if (junk) data.items.add(new File(["%%PDF-1.7 and more"], "contract.jpg", { type: "image/jpeg" }));
	const target = document.querySelector(where), box = target.getBoundingClientRect();
	target.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true, clientX: box.left + 20, clientY: box.top + 10 }));
	window.dropped = true;
})(%q, %d, %t), true`

// TestDrop drops a large picture and one that is none: the line breaks after the
// first piece, and what is missing follows by itself.
//
// Seen red: Upload that begins again from the first byte; the row without the
// server's sentence.
func TestDrop(t *testing.T) {
	h, l, ctx, base := pressRoom(t)
	holds := func(expression string) {
		t.Helper()
		becomes(t, ctx, expression)
	}
	rows := `[...document.querySelectorAll(".sending li")].map((li) => li.className + ": " + li.querySelector(".said").textContent).join("; ")`
	for _, width := range []int64{360, 1280} {
		open(t, ctx, base+"/newsroom/pictures", width, 900)
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("the library is %d wide on a screen of %d", got, width)
		}
		examine(t, ctx, fmt.Sprintf("pictures-%d", width))
	}
	open(t, ctx, base+"/newsroom/pictures", 1280, 900)
	l.after.Store(2) // of the noise: the junk goes in one that is small
	ask[bool](t, ctx, fmt.Sprintf(drops, "main", 1000, true))
	holds(`document.querySelectorAll(".sending li.failed").length === 1`)
	if got := ask[string](t, ctx, `document.querySelector(".sending .failed .said").textContent`); !strings.Contains(got, "This is a PDF") {
		t.Errorf("what is no picture is refused with %q", got)
	}
	holds(`document.querySelector(".sending li.lost progress")?.value > 100000`)
	examine(t, ctx, "upload-lost")
	before := l.pieces.Load()
	l.after.Store(0)
	l.broken.Store(false)
	ask[bool](t, ctx, `dispatchEvent(new Event("online")), true`)
	holds(`document.querySelectorAll(".sending li.done").length === 1`)
	if more := l.pieces.Load() - before; more > 12 {
		t.Errorf("%d pieces more were sent: %s", more, ask[string](t, ctx, rows))
	}
	found, _, err := h.Work.Media.List(t.Context(), media.Filter{Limit: 10})
	check(t, err)
	if len(found) != 1 || found[0].Width != 1000 || found[0].Name != "noise.png" {
		t.Fatalf("the library has %+v", found)
	}

	// One that is stopped, and tried again.
	l.broken.Store(true)
	ask[bool](t, ctx, fmt.Sprintf(drops, "main", 200, false))
	holds(`document.querySelectorAll(".sending li").length === 3 && !!document.querySelector(".sending li:last-child.lost")`)
	ask[bool](t, ctx, `document.querySelector(".sending li:last-child button").click(), true`)
	holds(`!!document.querySelector(".sending li:last-child.stopped")`)
	l.broken.Store(false)
	ask[bool](t, ctx, `document.querySelector(".sending li:last-child button").click(), true`)
	holds(`!!document.querySelector(".sending li:last-child.done a")`)
	examine(t, ctx, "upload-done")

	// The focal point, by key: the crops follow, and it is kept.
	h.draws(found[0].ID)
	for _, width := range []int64{360, 1280} {
		open(t, ctx, base+"/newsroom/pictures/"+found[0].ID, width, 900)
		holds(`!!document.querySelector(".point") && document.querySelector("#whole").naturalWidth > 0`)
		if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
			t.Errorf("a picture's page is %d wide on a screen of %d", got, width)
		}
		examine(t, ctx, fmt.Sprintf("picture-%d", width))
	}
	open(t, ctx, base+"/newsroom/pictures/"+found[0].ID, 1280, 900)
	ask[bool](t, ctx, `document.querySelector(".point").focus(), true`)
	presses(t, ctx, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowLeft, kb.ArrowUp)
	if got := ask[string](t, ctx, `document.querySelector("#x").value + " " + document.querySelector("#y").value + " " + document.querySelector(".crop").className + " " + document.querySelector(".point").getAttribute("aria-label")`); got !=
		"15 45 crop fx0 fy2 Focal point: 15 percent from the left, 45 percent from the top. Arrow keys move it." {
		t.Errorf("seven to the left and one up is %s", got)
	}
	ask[bool](t, ctx, `document.querySelector(".describe .act button").click(), true`)
	holds(`location.search === "?done=words" && document.readyState === "complete"`)
	p, err := h.Work.Media.Picture(t.Context(), found[0].ID)
	check(t, err)
	if p.Focus != (media.Focus{X: .15, Y: .45}) {
		t.Errorf("the point is %+v", p.Focus)
	}
}

// TestDropIntoText drops a picture into a story: it stands at its place with the
// words of its file. Another one is chosen to stand above.
func TestDropIntoText(t *testing.T) {
	builtEditor(t)
	h, _, ctx, base := pressRoom(t)
	holds := func(expression string) {
		t.Helper()
		becomes(t, ctx, expression)
	}
	ida := h.actor("Ida")
	quay, _, err := h.Work.SendPicture(t.Context(), ida, "quay.jpg", shot(t, 9, "The quay at noon", "Ada Ink/HPA"))
	check(t, err)
	h.draws(quay)
	id, err := h.Work.Begin(t.Context(), ida, desk.New{Section: "city", Language: "en"})
	check(t, err)
	story := storyPath(id)
	open(t, ctx, base+story, 1280, 900)
	holds(`document.querySelector(".story-text")?.getAttribute("contenteditable") === "true"`)
	ask[bool](t, ctx, fmt.Sprintf(drops, ".story-text", 60, false))
	holds(`document.querySelectorAll(".story-text figure.picture").length === 1 && !document.querySelector(".arriving")`)

	// The lead picture.
	ask[bool](t, ctx, `document.querySelector("details.lead").open = true, document.querySelector("[data-lead=choose]").click(), true`)
	holds(`[...document.querySelectorAll("dialog[open] .pictures button")].some((b) => b.textContent === "The quay at noon")`)
	examine(t, ctx, "lead-choose")
	ask[bool](t, ctx, `[...document.querySelectorAll("dialog[open] .pictures button")].find((b) => b.textContent === "The quay at noon").click(), true`)
	holds(`!document.querySelector("dialog[open]") && document.querySelector("[name=lead_credit]").value === "Ada Ink/HPA" && !!document.querySelector(".lead .thumb img")`)
	papertest.Eventually(t, func() bool {
		a, err := h.Work.Open(t.Context(), ida, id)
		check(t, err)
		return a.Copy.Lead.Picture == quay && a.Copy.Lead.Caption == "The quay at noon" && len(a.Copy.Body.Figures()) == 1 && a.Copy.Body.Figures()[0].Picture != ""
	})
	ask[bool](t, ctx, `document.querySelector("[data-lead=remove]").click(), true`)
	holds(`document.querySelector("[name=lead_picture]").value === "" && document.querySelector("[name=lead_caption]").value === "" && document.querySelector(".lead .thumb").hidden`)
}

// actor is somebody who was hired.
func (h *house) actor(name string) *reader.Actor {
	h.t.Helper()
	var r reader.Reader
	check(h.t, h.db.QueryRow(h.t.Context(), `select id, name, role from reader where name = $1`, name).Scan(&r.ID, &r.Name, &r.Role))
	return &reader.Actor{Reader: r}
}
