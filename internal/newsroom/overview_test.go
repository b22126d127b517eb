package newsroom

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"kawaraban/internal/audience"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestReadNow is about what readers have before them, and what they may not have.
func TestReadNow(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	story, _ := h.reported("It is Tuesday.")
	ana := h.hires("Ana", reader.Contributor)
	token := h.own(ana, reader.Contributor)
	_, body := h.asks(http.MethodGet, overview, token)
	if !strings.Contains(body, "Nobody has opened an article in the last ten minutes.") {
		t.Error("before anybody came it says nothing")
	}
	who := &reader.Actor{Reader: reader.Reader{ID: ana, Name: "Ana", Role: reader.Contributor}}
	draft := h.begins(who, "The secret tunnel", plainStory)
	for _, id := range []string{story, draft, "<script>", "01JUNKNOWN"} {
		for _, from := range []string{"192.0.2.1", "2001:db8::1"} {
			h.Audience.Opened(audience.View{Article: id, From: netip.MustParseAddr(from), Agent: "Mozilla/5.0"})
		}
	}
	_, body = h.asks(http.MethodGet, overview, token)
	_, read, _ := strings.Cut(body, `<ol class="read">`)
	read, _, _ = strings.Cut(read, "</ol>")
	if want := `<a href="/category/city/bridge-opens">Bridge opens</a> <span class="soft">2 readers</span>`; !strings.Contains(read, want) || strings.Count(read, "<li>") != 1 {
		t.Errorf("it lists %s, want only %s", read, want)
	}
}
