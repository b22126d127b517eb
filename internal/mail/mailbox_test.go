package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"kawaraban/internal/problem"
)

// imapServer starts a mail server with one mailbox and returns how to look into
// it and how to put letters there.
func imapServer(t *testing.T, k *taken) (*Mailbox, *imapmemserver.User) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	user := imapmemserver.NewUser("back@paper.example", "hunter2")
	for _, folder := range []string{"INBOX", "Done"} {
		if err := user.Create(folder, nil); err != nil {
			t.Fatal(err)
		}
	}
	memory := imapmemserver.New()
	memory.AddUser(user)
	s := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		Logger: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
	})
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates, NextProtos: []string{"imap"}})
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	m, err := ParseMailbox("imaps://back%40paper.example@" + l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	m.RootCAs = x509.NewCertPool()
	m.RootCAs.AddCert(web.Certificate())
	m.Password, m.Known, m.Take = "hunter2", ours, k.take
	m.Log, m.Now = slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(1, 0) }
	return m, user
}

type literal struct{ *bytes.Reader }

func put(t *testing.T, user *imapmemserver.User, text string) {
	t.Helper()
	text = strings.ReplaceAll(text, "\n", "\r\n")
	if _, err := user.Append("INBOX", literal{bytes.NewReader([]byte(text))}, &imap.AppendOptions{}); err != nil {
		t.Fatal(err)
	}
}

func counts(t *testing.T, user *imapmemserver.User, folder string) (all, unseen uint32) {
	t.Helper()
	s, err := user.Status(folder, &imap.StatusOptions{NumMessages: true, NumUnseen: true})
	if err != nil {
		t.Fatal(err)
	}
	return *s.NumMessages, *s.NumUnseen
}

// TestMailbox looks into a mailbox in which letters lie for the paper and for
// people.
func TestMailbox(t *testing.T) {
	k := &taken{}
	m, user := imapServer(t, k)
	put(t, user, "Delivered-To: back+1@paper.example\nTo: ana@post.example\n\nfirst\n")
	put(t, user, "To: editor@paper.example\nSubject: To: back+9@paper.example\n\nfor people\n")
	put(t, user, "From: x\nTo: \"Back\"\n <back+2@paper.example>, else@post.example\n\nsecond\n")
	put(t, user, "To: back+3@paper.example\n\n"+strings.Repeat("too much\n", 200_000))
	for range 2 {
		if err := m.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := k.String(), "back+1@paper.example>first back+2@paper.example>second"; got != want {
		t.Errorf("kept %s; want %s", got, want)
	}
	if all, unseen := counts(t, user, "INBOX"); all != 4 || unseen != 2 {
		t.Errorf("%d letters are left, %d unseen; want 4 and 2", all, unseen)
	}
	if s := m.State(); s.Kept != 2 || s.Problem != nil || s.Looked.IsZero() {
		t.Errorf("the state is %+v", s)
	}

	// What could not be kept is looked at again.
	k.fail = errors.New("the disk is full")
	put(t, user, "To: back+4@paper.example\n\nthird\n")
	if err := m.Look(t.Context()); err == nil || !strings.Contains(said(m), "could not be kept") {
		t.Errorf("a letter that was not kept: %v, %+v", err, m.State())
	}
	k.fail = nil
	put(t, user, "To: back+4@paper.example\n\npanic\n") // it stops nobody, and not the letters behind it
	put(t, user, "To: back+4@paper.example\n\nbehind\n")
	if err := m.Look(t.Context()); err == nil {
		t.Error("a letter that nobody can read is kept")
	}
	if got := k.String(); !strings.HasSuffix(got, "back+4@paper.example>third back+4@paper.example>behind") {
		t.Errorf("kept %s", got)
	}
	m.Done = "Done"
	put(t, user, "To: back+4@paper.example\n\nmoved\n")
	if err := m.Look(t.Context()); err == nil {
		t.Error("the letter that nobody can read is gone")
	}
	if all, unseen := counts(t, user, "Done"); all != 1 || unseen != 0 {
		t.Errorf("%d letters are done, %d unseen; want 1 and 0", all, unseen)
	}
	m.Done = "Nowhere"
	put(t, user, "To: back+5@paper.example\n\nfourth\n")
	if err := m.Look(t.Context()); err == nil || !strings.Contains(said(m), "Nowhere") {
		t.Errorf("no folder: %v, %+v", err, m.State())
	}
}

// TestMailboxTrouble is about mailboxes that cannot be read, and says why.
func TestMailboxTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Mailbox)
		says   string
	}{
		"a wrong password": {func(m *Mailbox) { m.Password = "other" }, "password"},
		"no folder":        {func(m *Mailbox) { m.Folder = "Back" }, "no folder Back"},
		"a certificate":    {func(m *Mailbox) { m.RootCAs = nil }, "certificate"},
		"nobody there":     {func(m *Mailbox) { m.Host = closedPort(t) }, "cannot be reached"},
	} {
		m, _ := imapServer(t, &taken{})
		test.change(m)
		if err := m.Look(t.Context()); err == nil || !strings.Contains(said(m), test.says) {
			t.Errorf("%s: %v, %+v", name, err, m.State())
		}
	}
	m, user := imapServer(t, &taken{})
	put(t, user, "To: back+1@paper.example\n\nfirst\n")
	ended, cancel := context.WithCancel(t.Context())
	m.Take = func(context.Context, string, []byte) error { cancel(); return nil }
	if err := m.Look(ended); err == nil {
		t.Error("a look that was ended succeeds")
	}
}

// said is why the last look failed.
func said(m *Mailbox) string {
	if p := m.State().Problem; p != nil {
		return p.Detail
	}
	return ""
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestParseMailbox reads how operators write a mailbox.
func TestParseMailbox(t *testing.T) {
	m, err := ParseMailbox("imaps://back%40paper.example@mail.paper.example/Back/Unread")
	if err != nil || m.Host != "mail.paper.example:993" || m.User != "back@paper.example" || m.Folder != "Back/Unread" {
		t.Errorf("%+v, %v", m, err)
	}
	for _, s := range []string{"", "mail.paper.example", "imap://a@b.example", "imaps://b.example/INBOX", "imaps://a:secret@b.example/", "imaps://a@/x", "imaps://a@b.example/?x=1"} {
		if m, err := ParseMailbox(s); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s is %v, %v", s, m, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v tells the password", s, err)
		}
	}
}

func (l literal) Size() int64 { return l.Reader.Size() }

var _ imap.LiteralReader = literal{}
