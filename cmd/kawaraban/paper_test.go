package main

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/follow"
	"kawaraban/internal/papertest"
	"kawaraban/internal/push"
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

// TestKnownAndForgotten holds that what a reader follows, and the browsers that show
// notices, are in the file with all that is known of them, and gone with the account.
func TestKnownAndForgotten(t *testing.T) {
	ctx := t.Context()
	s := &settings{
		Data: t.TempDir(), Addr: "127.0.0.1:8080", CacheMB: 1, PaperName: "The Post", Language: "en", Zone: "UTC", Sections: []string{"city=City"},
		SMTPSecurity: "starttls",
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := openPaper(ctx, s, nil, slog.New(slog.DiscardHandler))
	check(err)
	defer p.close()
	check(p.open(ctx))
	ana, err := p.readers.Add(ctx, reader.New{Email: "ana@readers.example", Name: "Ana", Role: reader.Member, Password: "correct horse battery staple"})
	check(err)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	check(err)
	code := base64.RawURLEncoding
	check(p.pushes.Add(ctx, ana, push.Address{
		Endpoint: "https://fcm.googleapis.com/fcm/send/a-secret", P256dh: code.EncodeToString(key.PublicKey().Bytes()), Auth: code.EncodeToString(make([]byte, 16)),
	}, "Firefox, Linux"))
	check(p.follows.Add(ctx, ana, follow.What{Kind: follow.Section, Key: "city"}, follow.Push))
	known := func() map[string][][]string {
		rows := map[string][][]string{}
		for _, f := range p.readers.Known {
			tables, err := f(ctx, ana)
			check(err)
			for _, table := range tables {
				rows[table.Name] = append(rows[table.Name], table.Rows...)
			}
		}
		return rows
	}
	got := known()
	if d := got["devices"]; len(d) != 1 || d[0][0] != "Firefox, Linux" || d[0][1] != "fcm.googleapis.com" || strings.Contains(fmt.Sprint(d), "secret") {
		t.Errorf("the devices are %v", d)
	}
	if f := got["following"]; len(f) != 1 || f[0][1] != "city" || f[0][2] != "push" {
		t.Errorf("what is followed is %v", f)
	}
	check(p.db.Tx(ctx, func(tx *db.Tx) error {
		for _, f := range p.readers.Forget {
			if err := f(ctx, tx, reader.Leaver{ID: ana}); err != nil {
				return err
			}
		}
		return nil
	}))
	if got := known(); len(got["devices"]) != 0 || len(got["following"]) != 0 {
		t.Errorf("of an account that is gone there is still %v", got)
	}
}
