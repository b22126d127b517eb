package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"kawaraban/internal/config"
	papers "kawaraban/internal/paper"
)

// opened is a paper that is put together as for serving.
func opened(t *testing.T, origins config.Origins) *paper {
	t.Helper()
	s := &settings{
		Data: t.TempDir(), Addr: "127.0.0.1:8080", CacheMB: 1, PaperName: "The Post", Language: "en", Zone: "UTC", Sections: []string{"city=City"},
		SMTPSecurity: "starttls",
	}
	p, err := openPaper(t.Context(), s, origins, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

func frontOf(t *testing.T, p *paper) string {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/", nil)
	p.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err)
	}
	return string(body)
}

// TestRenew changes the name of the paper while many read it: whoever asks after a
// change has the new name, and no page of the old one is kept.
//
// Seen red: one page cache for all faces, in which a rendering that began before the
// change was kept after it.
func TestRenew(t *testing.T) {
	p := opened(t, nil)
	if err := p.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				w := httptest.NewRecorder()
				p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/", nil))
			}
		})
	}
	for i := range 10 {
		id := p.papers.Operator
		id.Name = fmt.Sprintf("The %dth Post", i)
		if err := p.papers.SetIdentity(t.Context(), "", i, id); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 { // the publisher's own process, the bus, and others
			all.Go(func() {
				if err := p.renew(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for range 3 {
			if body := frontOf(t, p); !strings.Contains(body, id.Name+"</title>") {
				t.Fatalf("the paper is not called %s", id.Name)
			}
		}
		if p.name() != id.Name {
			t.Errorf("letters are sent by %s", p.name())
		}
	}
	stop()
	readers.Wait()
}

// A version that the paper cannot be served under does not keep it from opening: it has
// the identity of its settings. What cannot be served is refused before it is kept.
func TestBrokenIdentity(t *testing.T) {
	p := opened(t, nil)
	bad := p.papers.Operator
	bad.Accent, bad.Zone, bad.Language = "#ffffff", "Mars/Olympus", "tlh"
	if err := p.papers.SetIdentity(t.Context(), "", 0, bad); err == nil || !strings.Contains(fmt.Sprint(p.servable(bad)), "cannot be served") {
		t.Fatalf("it is kept: %v", err)
	}
	p.papers.Serves = nil
	bad.Name = "Broken"
	if err := p.papers.SetIdentity(t.Context(), "", 0, bad); err != nil {
		t.Fatal(err)
	}
	if err := p.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body := frontOf(t, p); !strings.Contains(body, "The Post</title>") {
		t.Error("the paper has not the name of its settings")
	}
}

// What the operator has given is fixed, with where it was given; a default is not.
func TestFixedByOperator(t *testing.T) {
	p := opened(t, config.Origins{"paper_name": "paper.toml line 3", "edition": "default", "sections": "KAWARABAN_SECTIONS"})
	if from := p.papers.Fixed[papers.Name]; from != "paper.toml line 3" || len(p.papers.Fixed) != 1 || p.sectionsFixed != "KAWARABAN_SECTIONS" {
		t.Errorf("fixed are %v, the sections by %q", p.papers.Fixed, p.sectionsFixed)
	}
	// Sections that the newsroom has added go when the operator sets the list.
	if err := p.articles.SetSections(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	again, err := openPaper(t.Context(), p.settings, p.origins, p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	if list, err := again.articles.Sections(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("the sections are %v, %v", list, err)
	}
}
