package newsroom

import (
	"html"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestWireServers connects a server of files: its key is shown by the test, and nothing
// is asked for before somebody has confirmed it.
//
// Seen red: the key of the server not kept by the form.
func TestWireServers(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "world", Name: "World"}}))
	tree := &papertest.Tree{}
	tree.Put("/out/one.json", []byte(`{}`), time.Date(2025, 11, 3, 8, 0, 0, 0, time.UTC))
	tree.Put("/out/two.json", []byte(`{}`), time.Date(2025, 11, 3, 8, 1, 0, 0, time.UTC))
	server := papertest.ServeSFTP(t, tree)
	h.Wire.Fetch = fetch.New(fetch.Settings{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowPorts: []uint16{netip.MustParseAddrPort(server.Addr).Port()},
	})
	pia := h.session(h.hires("Pia", reader.Publisher), reader.StaffSession)
	does := func(target, want string, fields ...string) string {
		t.Helper()
		res, body := h.fills(target, pia, fields...)
		if to := res.Header.Get("Location"); want != "" && to != sourcesAt+"?done="+want {
			t.Fatalf("%q: %s, leads to %q\n%s", fields, res.Status, to, body)
		}
		if strings.Contains(body, "hunter2") {
			t.Error("the password is on a page")
		}
		return html.UnescapeString(body) // a fingerprint may have a plus
	}
	form := []string{"kind", "sftp", "name", "Kestrel", "section", "world", "every", "60", "address", "sftp://" + server.Addr + "/out", "account", "kestrel"}
	if body := does(sourcesAt, "", append(form[:len(form):len(form)], "password", "hunter2", "host-key", "MD5:00")...); !strings.Contains(body, `id="host-key-e"`) || !strings.Contains(body, `value="MD5:00"`) {
		t.Errorf("a key that is none: %s", body)
	}
	if body := does(sourcesAt, "", form...); !strings.Contains(body, `id="password-e"`) {
		t.Errorf("no password: %s", body)
	}
	does(sourcesAt, "added", append(form[:len(form):len(form)], "password", "hunter2")...)
	sources, err := h.Wire.Sources(t.Context())
	check(t, err)
	path := sourcesAt + "/" + sources[0].ID
	if body := does(path, "", "act", "test"); !strings.Contains(body, "The server has the key "+server.Fingerprint) {
		t.Errorf("the first test: %s", body)
	}
	does(path, "saved", append(form[:len(form):len(form)], "act", "save", "host-key", server.Fingerprint)...)
	if body := does(path, "", "act", "test"); !strings.Contains(body, "Kestrel was looked at: 2 items wait.") {
		t.Errorf("the second test: %s", body)
	}
	if _, body := h.asks(http.MethodGet, path, pia); !strings.Contains(html.UnescapeString(body), `value="`+server.Fingerprint+`"`) {
		t.Errorf("the key is not in the form: %s", body)
	}

	// An FTP server has other fields, which are kept too.
	does(sourcesAt, "added", "kind", "ftp", "name", "Plover", "section", "world", "every", "60", "address", "ftp://files.example.com/", "account", "paper",
		"password", "hunter2", "zone", "Europe/Berlin", "plain", "1")
	sources, err = h.Wire.Sources(t.Context())
	check(t, err)
	if _, body := h.asks(http.MethodGet, sourcesAt+"/"+sources[1].ID, pia); !strings.Contains(body, `value="Europe/Berlin"`) || !strings.Contains(body, `name="plain" value="1" checked`) {
		t.Errorf("zone and plain are not in the form: %s", body)
	}
	for kind, want := range map[string]string{"sftp": `name="host-key"`, "ftp": `name="zone"`, "mail": "imaps://mail.example.com"} {
		if _, body := h.asks(http.MethodGet, sourcesAt+"/new/"+kind, pia); !strings.Contains(body, want) {
			t.Errorf("the form of %s has no %s: %s", kind, want, body)
		}
	}
}
