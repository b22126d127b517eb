package newsroom

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// feed plays an agency whose feed has two entries, for who knows the password.
func (h *house) feed() *httptest.Server {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "open sesame" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/feed+json")
		io.WriteString(w, `{"version":"https://jsonfeed.org/version/1.1","title":"K","items":[
			{"id":"k1","title":"Heron","content_html":"<p>Seen.</p>","date_published":"2025-11-03T08:03:00Z"},
			{"id":"k2","title":"Crane","content_html":"<p>Seen.</p>","date_published":"2025-11-03T08:01:00Z"}]}`)
	}))
	h.t.Cleanup(server.Close)
	own := netip.MustParseAddrPort(server.Listener.Addr().String())
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	h.Wire.Fetch = fetch.New(fetch.Settings{RootCAs: roots, AllowPrivate: []netip.Prefix{netip.PrefixFrom(own.Addr(), 32)}, AllowPorts: []uint16{own.Port()}})
	return server
}

// TestWireSources adds an agency, tries it, changes, pauses and removes it. Its password
// is on no page.
//
// Seen red: the password as the value of its field.
func TestWireSources(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		h := start(t, d, here)
		check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "world", Name: "World"}}))
		server := h.feed()
		pia, ida := h.session(h.hires("Pia", reader.Publisher), reader.StaffSession), h.session(h.hires("Ida", reader.Editor), reader.StaffSession)
		all := ""
		sees := func(who, target string, want ...string) string {
			t.Helper()
			res, body := h.asks(http.MethodGet, target, who)
			for _, w := range want {
				if !strings.Contains(body, w) {
					t.Errorf("%s (%s) does not say %q\n%s", target, res.Status, w, body)
				}
			}
			all += body
			return body
		}
		does := func(target, want string, fields ...string) string {
			t.Helper()
			res, body := h.fills(target, pia, fields...)
			if to := res.Header.Get("Location"); want != "" && to != sourcesAt+"?done="+want {
				t.Fatalf("%q: %s, leads to %q\n%s", fields, res.Status, to, body)
			}
			all += body
			return body
		}
		sees(pia, wireAt, sourcesAt)
		sees(pia, sourcesAt, "No agency is connected", sourcesAt+"/new/feed", sourcesAt+"/new/push")
		sees(pia, sourcesAt+"/new/feed", `name="password"`, `name="every" value="30"`)
		form := []string{"kind", "feed", "name", "Kestrel", "section", "world", "publish", "auto", "account", "paper", "every", "60"}

		// Wrong fields: what was typed stays, but for the password.
		body := does(sourcesAt, "", append(form, "address", "http://kestrel.example/", "password", "open sesame")...)
		for _, want := range []string{`id="address-e"`, `value="http://kestrel.example/"`, `value="Kestrel"`} {
			if !strings.Contains(body, want) {
				t.Errorf("a wrong address: %q is missing in %s", want, body)
			}
		}
		if body = does(sourcesAt, "", append(form[:10:10], "every", "2", "address", server.URL, "password", "x")...); !strings.Contains(body, `id="every-e"`) {
			t.Errorf("too often: %s", body)
		}
		does(sourcesAt, "added", append(form, "address", server.URL+"/k?token=hush", "password", "wrong")...)
		list := sees(pia, sourcesAt+"?done=added", "Added.", "Nothing yet", "Kestrel", strings.TrimPrefix(server.URL, "https://"), "every minute", "published as it comes")
		if strings.Contains(list, "hush") {
			t.Error("the list tells what may be a key")
		}
		sources, err := h.Wire.Sources(t.Context())
		check(t, err)
		path := sourcesAt + "/" + sources[0].ID
		if body = does(path, "", "act", "test"); !strings.Contains(body, "Kestrel cannot be looked at. The server does not let us in.") {
			t.Errorf("the wrong password: %s", body)
		}
		change := append(form[:len(form):len(form)], "act", "save", "address", server.URL+"/k")
		does(path, "saved", append(change, "password", "open sesame")...)
		sees(pia, path, "One is kept.")
		if body = does(path, "", "act", "test"); !strings.Contains(body, "Kestrel was looked at: 2 items wait.") || !strings.Contains(body, "The newest is from ") {
			t.Errorf("a look: %s", body)
		}
		does(path, "saved", change...) // nothing typed: the one that is kept
		if body = does(path, "", "act", "test"); !strings.Contains(body, "2 items wait") {
			t.Errorf("the password was not kept: %s", body)
		}
		if body = does(path, "", append(form[:len(form):len(form)], "act", "save", "address", "https://evil.example/")...); !strings.Contains(body, `id="password-e"`) {
			t.Errorf("the password for another host: %s", body)
		}
		does(path, "paused", "act", "pause")
		sees(pia, sourcesAt, "Paused", "Resume")
		does(path, "resumed", "act", "resume")
		does(path, "hurried", "act", "now")

		// An editor sees how it goes, and may not change it.
		if body = sees(ida, sourcesAt, "Kestrel", "A publisher can change these."); strings.Contains(body, "/new/feed") {
			t.Error("an editor is asked to add")
		}
		for _, target := range []string{path, sourcesAt + "/new/feed"} {
			if res, _ := h.asks(http.MethodGet, target, ida); res.StatusCode != http.StatusForbidden {
				t.Errorf("an editor at %s: %s", target, res.Status)
			}
		}

		// The key of an agency that sends is shown once.
		body = does(sourcesAt, "", "kind", "push", "name", "Plover", "section", "world")
		key := regexp.MustCompile(`<code class="key">([\w-]{43})</code>`).FindStringSubmatch(body)
		if key == nil || !strings.Contains(body, h.Paper.BaseURL+"/wire/push/") {
			t.Fatalf("no key: %s", body)
		}
		all = ""
		sources, err = h.Wire.Sources(t.Context())
		check(t, err)
		plover := sourcesAt + "/" + sources[1].ID
		sees(pia, plover, "/wire/push/", "Make a new key")
		if again := does(plover, "", "act", "secret"); strings.Contains(again, key[1]) || !strings.Contains(again, `<code class="key">`) {
			t.Errorf("a new key: %s", again)
		}
		does(plover, "removed", "act", "remove")
		does(path, "removed", "act", "remove")
		sees(pia, sourcesAt, "No agency is connected")
		if res, _ := h.asks(http.MethodGet, sourcesAt+"/new/pigeon", pia); res.StatusCode != http.StatusNotFound {
			t.Errorf("no such way: %s", res.Status)
		}
		if strings.Contains(all, "sesame") || strings.Contains(all, key[1]) {
			t.Error("a secret is on a page")
		}
	})
}

// TestWireSourceScreens looks at the pages on a phone and a desk, in both languages.
func TestWireSourceScreens(t *testing.T) {
	h := serves(t)
	check(t, h.Articles.SetSections(t.Context(), []article.Section{{Slug: "world", Name: "World"}}))
	pia := h.hires("Pia", reader.Publisher)
	ctx := papertest.Browser(t)
	be(t, ctx, h.base, h.session(pia, reader.StaffSession))
	h.glances(ctx, "sources-empty", sourcesAt)
	for i, name := range hostile {
		if len(name) > 60 {
			name = name[:60]
		}
		w := wire.Way{Kind: wire.ByFolder, Address: "/in/" + strings.Repeat("long", i*10)}
		if i%2 == 0 {
			w = wire.Way{Kind: wire.ByFeed, Address: "https://" + strings.Repeat("long.", i*3) + "example/"}
		}
		_, err := h.Wire.Add(t.Context(), "", wire.Source{Name: strings.ToValidUTF8(name, ""), Section: "world", Publish: wire.Hold}, w, "")
		check(t, err)
	}
	sources, err := h.Wire.Sources(t.Context())
	check(t, err)
	check(t, h.db.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update wire_source set problem = 'The server has trouble of its own. It is asked again later.' where id = $1`, sources[0].ID)
		return err
	}))
	h.glances(ctx, "sources-full", sourcesAt)
	h.glances(ctx, "source-one", sourcesAt+"/"+sources[0].ID)
	for _, k := range h.Wire.Kinds() {
		h.glances(ctx, "source-new-"+string(k), sourcesAt+"/new/"+string(k))
	}
}
