package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestReaderJobs asks for a reader's data in a paper that is put together as
// for serving: the file is packed and the letter lies in the outbox.
func TestReaderJobs(t *testing.T) {
	ctx := t.Context()
	s := &settings{
		Data: t.TempDir(), Addr: "127.0.0.1:8080", CacheMB: 1, PaperName: "The Post", Language: "en", Zone: "UTC", Sections: []string{"city=City"},
		SMTPSecurity: "starttls",
	}
	p, err := openPaper(ctx, s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	const email, password = "ana@readers.example", "correct horse battery staple"
	if _, err := p.readers.Add(ctx, reader.New{Email: email, Name: "Ana", Role: reader.Member, Password: password}); err != nil {
		t.Fatal(err)
	}
	e, err := p.readers.Login(ctx, email, password, reader.Browser{})
	if err != nil {
		t.Fatal(err)
	}
	who, err := p.readers.Who(ctx, e.Token.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	if err := p.readers.AskExport(ctx, who.Actor); err != nil {
		t.Fatal(err)
	}
	if err := p.jobs.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.jobs.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	papertest.Eventually(t, func() bool {
		files, err := filepath.Glob(filepath.Join(s.Data, "outbox", "*.eml"))
		if err != nil || len(files) == 0 {
			return false
		}
		letter, err := os.ReadFile(files[0])
		return err == nil && strings.Contains(string(letter), "/account/data/file?token=")
	})
}
