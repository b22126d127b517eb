package fetch

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"kawaraban/internal/problem"
)

// TestPost sends a document to a server and to nobody else: not to where that sends it.
//
// Seen red: without the look at what became of the method; redirects of other hosts
// followed.
func TestPost(t *testing.T) {
	got := 0
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		got++
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(other.Close)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("POST /ok", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		if string(b) != `{"a":1}` || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cookie") != "" {
			t.Errorf("heard %q, %v", b, r.Header)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ok", http.StatusPermanentRedirect) })
	mux.HandleFunc("POST /see", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/page", http.StatusSeeOther) })
	mux.HandleFunc("POST /away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/ok", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("POST /no", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	c := local(other, Settings{})
	c.s.AllowPorts = append(c.s.AllowPorts, local(server, Settings{}).s.AllowPorts...)
	for path, want := range map[string]problem.Kind{"/ok": "", "/moved": "", "/see": problem.Invalid, "/away": problem.Invalid, "/no": problem.Unavailable} {
		resp, err := c.Post(t.Context(), server.URL+path, []byte(`{"a":1}`), Options{})
		if want == "" && (err != nil || resp.Status != http.StatusNoContent) || want != "" && !problem.Is(err, want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
		if path == "/no" && (resp == nil || resp.Status != http.StatusForbidden) {
			t.Errorf("%s: the answer is %v", path, resp)
		}
	}
	if got != 0 {
		t.Errorf("another server was asked %d times", got)
	}
}
