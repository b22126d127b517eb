package wire

import (
	"fmt"
	"strings"
	"testing"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

func fieldsOf(err error) map[string]string {
	if p := problem.Of(err); p != nil {
		return p.Fields
	}
	return nil
}

// TestSecretStays seals what a source is asked with, and uses it for nobody else.
//
// Seen red: a secret that is kept when the host changes.
func TestSecretStays(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		r.Audit = &audit.Log{DB: d, Keys: r.Keys, Now: r.Now}
		r.serves(nil)
		way := Way{Kind: ByFeed, Address: "https://feed.example/a?key=hidden", Account: "paper"}
		src := r.way("Kestrel", way, "open sesame")
		w, err := r.Way(ctx, src.ID)
		if err != nil || !w.HasSecret() {
			t.Fatal(w, err)
		}
		if n := r.count("wire_way where secret like '%sesame%'"); n != 0 || strings.Contains(fmt.Sprintf("%v %+v", w, &w), "sesame") {
			t.Errorf("the secret lies open: %d rows, %v", n, w)
		}
		if err := r.unseal(&w); err != nil || w.secret != "open sesame" {
			t.Errorf("opened: %q, %v", w.secret, err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v %s", w, &w, w), "sesame") {
			t.Error("a way prints its secret")
		}

		// The same host: kept. Where it was before is forgotten, if the address is another.
		way.Address = "https://feed.example/b"
		if err := r.Change(ctx, "", src, way, ""); err != nil {
			t.Fatal(err)
		}
		if w, _ := r.state(src); !w.HasSecret() || w.Address != way.Address {
			t.Errorf("after a change: %v, secret %t", w, w.HasSecret())
		}
		for _, elsewhere := range []Way{
			{Kind: ByFeed, Address: "https://evil.example/b", Account: "paper"},
			{Kind: ByFeed, Address: "http://feed.example/b", Account: "paper"},
			{Kind: ByFeed, Address: "https://feed.example:8443/b", Account: "paper"},
			{Kind: ByFeed, Address: "https://feed.example/b", Account: "other"},
			{Kind: ByFeed, Address: "https://feed.example/b", Account: "paper", Options: Options{Header: "X-Key"}},
		} {
			err := r.Change(ctx, "", src, elsewhere, "")
			w, _ := r.state(src)
			if problem.Of(err) == nil || w.Address != way.Address || !w.HasSecret() {
				t.Errorf("%v: %v; the way is %v", elsewhere, err, w)
			}
		}
		if err := r.Change(ctx, "", src, Way{Kind: ByFeed, Address: "https://evil.example/b"}, "another"); err != nil {
			t.Fatal(err)
		}
		if w, _ := r.state(src); r.unseal(&w) != nil || w.secret != "another" {
			t.Errorf("the new secret is %q", w.secret)
		}

		// Gone with the source, whose stories stay and which comes back by its name.
		if err := r.Remove(ctx, "", src.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := r.Sources(ctx); err != nil || len(list) != 1 || r.count("wire_way where source = $1", src.ID) != 0 {
			t.Errorf("after it was removed: %v, %v", list, err)
		}
		back := r.way("Kestrel", Way{Kind: ByFeed, Address: "https://feed.example/"}, "")
		if w, _ := r.state(back); back.ID != src.ID || w.HasSecret() {
			t.Errorf("it came back as %s, was %s; secret %t", back.ID, src.ID, w.HasSecret())
		}
		_, err = r.Add(ctx, "", Source{Name: "Kestrel", Section: "world", Publish: Auto}, Way{}, "")
		if fieldsOf(err)["name"] == "" {
			t.Errorf("the name is in use: %v", err)
		}
		for _, word := range []string{"sesame", "hidden", "another"} {
			if n := r.count("audit where detail like $1", "%"+word+"%"); n != 0 {
				t.Errorf("the audit log tells %q", word)
			}
		}
		if n := r.count("audit where act like 'wire.source.%'"); n != 5 {
			t.Errorf("the audit log has %d entries", n)
		}
	})
}
