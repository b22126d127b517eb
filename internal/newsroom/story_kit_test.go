package newsroom

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// joins hires somebody who acts.
func (h *house) joins(name string, role reader.Role) *reader.Actor {
	h.t.Helper()
	r, err := h.Readers.ByID(h.t.Context(), h.hires(name, role))
	check(h.t, err)
	return &reader.Actor{Reader: r}
}

// begins is a story of somebody, with a headline and a text.
func (h *house) begins(a *reader.Actor, headline, body string) (id string) {
	h.t.Helper()
	id, err := h.Work.Begin(h.t.Context(), a, desk.New{Section: "city", Language: "en", Byline: a.Reader.Name})
	check(h.t, err)
	doc, err := richtext.Parse([]byte(body))
	check(h.t, err)
	h.elsewhere(a, id, func(c *desk.Copy) { c.Headline, c.Body = headline, doc })
	return id
}

// publishes gives readers a story of somebody, and returns its id and address.
func (h *house) publishes(a *reader.Actor, headline, body string) (id, path string) {
	h.t.Helper()
	h.clock.Add(time.Minute) // so that there is an order
	id = h.begins(a, headline, body)
	t, err := h.Work.Story(h.t.Context(), a, id)
	check(h.t, err)
	check(h.t, h.Work.Publish(h.t.Context(), a, id, desk.Publication{At: desk.At{Page: "another-page", Version: t.Version}}))
	_, err = h.Work.Seat(h.t.Context(), a, id, "another-page", desk.Leave)
	check(h.t, err)
	path, err = h.Articles.Locate(h.t.Context(), id)
	check(h.t, err)
	return id, path
}

// elsewhere changes a story in another page, which is closed then. A page that is
// there, but cannot be reached, loses the seat.
func (h *house) elsewhere(a *reader.Actor, id string, change func(c *desk.Copy)) {
	h.t.Helper()
	h.clock.Add(desk.SeatLife + time.Second)
	t, err := h.Work.Open(h.t.Context(), a, id)
	check(h.t, err)
	c := t.Copy
	change(&c)
	_, err = h.Work.Save(h.t.Context(), a, id, desk.Save{Page: "another-page", Version: t.Version, Copy: c})
	check(h.t, err)
	_, err = h.Work.Seat(h.t.Context(), a, id, "another-page", desk.Leave)
	check(h.t, err)
}

// takes makes a picture one of the paper's.
func (h *house) takes() (id string) {
	h.t.Helper()
	var b bytes.Buffer
	check(h.t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 640, 427)), nil))
	k, err := h.Work.Media.Keep(h.t.Context(), b.Bytes())
	check(h.t, err)
	check(h.t, h.db.Tx(h.t.Context(), func(tx *db.Tx) error {
		id, err = h.Work.Media.Add(h.t.Context(), tx, k)
		return err
	}))
	check(h.t, h.Work.Media.Draw(h.t.Context(), media.Drawing{ID: id}))
	return id
}

// ---- what goes wrong ----

// A trouble comes between a browser and the paper; it reports whether the request
// goes no further.
type trouble func(w http.ResponseWriter, r *http.Request) bool

// serves is a paper on a port of this machine, without anybody.
func serves(t *testing.T) *house {
	t.Helper()
	var h *house
	server := papertest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		if f := h.trouble.Load(); f == nil || !(*f)(w, r) {
			h.handler.ServeHTTP(w, r)
		}
	})
	h = start(t, papertest.SQLite(t), server.URL)
	h.base = server.URL
	return h
}

// glances looks at a page on a phone and a wide screen, in light and in dark: it fits,
// nothing that somebody wrote runs, and elements of which it has none are not there.
func (h *house) glances(ctx context.Context, name, path string, none ...string) {
	h.t.Helper()
	never := strings.Join(append(none, "[onerror]", "[onload]", "script", "iframe"), ", ")
	for _, width := range []int64{360, 1280} {
		open(h.t, ctx, h.base+path, width, 1000)
		becomes(h.t, ctx, `document.readyState === "complete"`)
		if got := ask[int64](h.t, ctx, `document.documentElement.scrollWidth`); got > width {
			h.t.Errorf("%s is %d wide on a screen of %d", name, got, width)
		}
		if ask[bool](h.t, ctx, fmt.Sprintf(`window.pwned !== undefined || !!document.querySelector("main :is(%s)")`, never)) {
			h.t.Errorf("%s has run what somebody wrote", name)
		}
		examine(h.t, ctx, fmt.Sprintf("%s-%d", name, width))
	}
}

// fails lets something go wrong from now on; nil is nothing.
func (h *house) fails(f trouble) { h.trouble.Store(&f) }

func (h *house) mends() { h.trouble.Store(nil) }

// cut is a network that is gone.
func cut(w http.ResponseWriter, _ *http.Request) bool {
	if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
		c.Close()
	}
	return true
}

// saving is a trouble of those requests only that save a story.
func saving(f trouble) trouble {
	return func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/copy") && f(w, r)
	}
}

func dead(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusServiceUnavailable)
	return true
}

// later holds back what is found for some words until the channel is closed.
func later(words string, until <-chan struct{}) trouble {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("q") == words {
			select {
			case <-until:
			case <-r.Context().Done():
			}
		}
		return false
	}
}

// unbuilt is a paper without the editor's script.
func unbuilt(w http.ResponseWriter, r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/newsroom/assets/editor.") && strings.HasSuffix(r.URL.Path, ".js") && dead(w, r)
}

// ends ends every session of somebody.
func (h *house) ends(a *reader.Actor) {
	h.t.Helper()
	check(h.t, h.db.Tx(h.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(h.t.Context(), `delete from session where reader = $1`, a.Reader.ID)
		return err
	}))
}
