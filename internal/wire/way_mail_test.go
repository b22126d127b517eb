package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/papertest"
)

// A post is a source whose copy comes by mail, and its mailbox.
type post struct {
	*room
	user *imapmemserver.User
	src  Source
	addr string
}

func newPost(t *testing.T, d *db.DB) *post {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	p := &post{room: newRoom(t, d), user: imapmemserver.NewUser("wire@paper.example", "hunter2")}
	memory := imapmemserver.New()
	memory.AddUser(p.user)
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
	p.folder(false)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	p.addr = l.Addr().String()
	p.Fetch = fetch.New(fetch.Settings{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowPorts: []uint16{netip.MustParseAddrPort(p.addr).Port()}, RootCAs: roots,
	})
	return p
}

// open adds the source, which publishes what it may.
func (p *post) open() {
	p.t.Helper()
	src, err := p.Add(p.t.Context(), "", Source{Name: "Kestrel", Section: "world", Publish: Auto, Feeds: true},
		Way{Kind: ByMail, Address: "imaps://" + p.addr + "/Wire", Account: "wire@paper.example"}, "hunter2")
	if err != nil {
		p.t.Fatal(err)
	}
	p.src = src
}

// folder makes the folder, anew if there is one: then its letters have other numbers.
func (p *post) folder(anew bool) {
	p.t.Helper()
	var err error
	if anew {
		err = p.user.Delete("Wire")
	}
	if err = errors.Join(err, p.user.Create("Wire", nil)); err != nil {
		p.t.Fatal(err)
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// aMail is a mail with a story.
func aMail(n int) string {
	return fmt.Sprintf("From: desk@hpa.example\nTo: wire@paper.example\nSubject: Ferry %d\nMessage-ID: <%d@hpa.example>\n\nThe ferry leaves at %d.\n", n, n, n)
}

func (p *post) put(text string, flags ...imap.Flag) {
	p.t.Helper()
	text = strings.ReplaceAll(text, "\n", "\r\n")
	if _, err := p.user.Append("Wire", literal{bytes.NewReader([]byte(text))}, &imap.AppendOptions{Flags: flags, Time: p.Now()}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) unseen() uint32 {
	p.t.Helper()
	s, err := p.user.Status("Wire", &imap.StatusOptions{NumUnseen: true})
	if err != nil {
		p.t.Fatal(err)
	}
	return *s.NumUnseen
}

// visit asks n times, and returns how many deliveries there are.
func (p *post) visit(n int) int {
	p.t.Helper()
	for range n {
		if _, trouble := p.polled(p.src); trouble != "" {
			p.t.Errorf("visited: %s", trouble)
		}
	}
	return p.count("wire_delivery")
}

// TestMailbox takes what is new in a mailbox, each letter once, whoever else reads it.
// Nothing of it is published by itself, whatever the source's rule says.
//
// Seen red: with what is unseen for new; with the letter's number in its name; with mail
// let through as feeds are.
func TestMailbox(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := newPost(t, d)
		p.put(aMail(1), imap.FlagSeen) // read before the paper came
		p.put(aMail(2))
		p.open()
		g, err := p.Look(t.Context(), p.src.ID)
		if err != nil || g.Waiting != 1 || g.Newest.Sub(p.Now()).Abs() > time.Second || p.unseen() != 1 {
			t.Errorf("a look says %+v, %v; %d are unseen after it", g, err, p.unseen())
		}
		if n := p.visit(1); n != 1 || p.unseen() != 0 {
			t.Errorf("%d deliveries, %d unseen", n, p.unseen())
		}
		p.put(aMail(3), imap.FlagSeen) // somebody else was faster
		p.put(aMail(4), imap.FlagDeleted)
		p.put(aMail(5))
		if n := p.visit(2); n != 3 || p.unseen() != 1 { // what is deleted stays as it is
			t.Errorf("%d deliveries, %d unseen", n, p.unseen())
		}
		var held int
		if held = p.count(`wire_item where decision = 'held'`); held != 3 || p.count("wire_item") != 3 {
			t.Errorf("%d items are held, of %d", held, p.count("wire_item"))
		}
		if n := p.count(`article where published > 0`); n != 0 {
			t.Errorf("%d articles are published by mail", n)
		}

		// The server numbers its letters anew: those of the last days come again, and are known.
		p.clock.Add(time.Hour)
		p.folder(true)
		for n := 5; n > 0; n-- {
			p.put(aMail(n), imap.FlagSeen)
		}
		p.put(aMail(6))
		if n := p.visit(2); n != 6 { // and those that it had passed over, which is better than to lose one
			t.Errorf("%d deliveries after the letters got other numbers", n)
		}
		if n := p.count("wire_item"); n != 6 {
			t.Errorf("%d items", n)
		}
		p.whole()
	})
}

// TestMailboxLarge passes over a letter that is too large, and takes the next.
func TestMailboxLarge(t *testing.T) {
	p := newPost(t, papertest.SQLite(t))
	p.put(aMail(1) + strings.Repeat("It is long.\n", maxKept/10))
	p.put(aMail(2))
	p.open()
	if n := p.visit(2); n != 2 || p.count(`wire_delivery where state = 'quarantined' and length(raw) = 0`) != 1 {
		t.Errorf("%d deliveries, %d without their text", n, p.count(`wire_delivery where state = 'quarantined'`))
	}
}

// TestMailboxMany takes more letters than one look does, in as many as it needs.
func TestMailboxMany(t *testing.T) {
	p := newPost(t, papertest.SQLite(t))
	p.open()
	p.visit(1)
	for n := range 250 {
		p.put(aMail(n))
	}
	w, _ := p.polled(p.src)
	if n := p.count("wire_delivery"); n != 200 || w.Due.After(p.Now()) {
		t.Errorf("%d deliveries, and next in %v", n, w.Due.Sub(p.Now()))
	}
	if n := p.visit(1); n != 250 {
		t.Errorf("%d deliveries", n)
	}
}

// TestMailboxCrash lets the process end between storing a letter and telling the server:
// nothing is lost, and nothing is there twice.
func TestMailboxCrash(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := newPost(t, d)
		for n := range 5 {
			p.put(aMail(n))
		}
		p.open()
		for range 2 { // the cursor that collect returns is lost with the process
			w, err := p.Way(t.Context(), p.src.ID)
			if err == nil {
				err = p.unseal(&w)
			}
			if err != nil {
				t.Fatal(err)
			}
			dead, kill := context.WithCancel(t.Context())
			taken := 0
			_, err = mailbox{p.Store}.collect(dead, p.src, &w, func(_ context.Context, piece Piece) error {
				if taken++; taken == 3 {
					kill()
				}
				return p.take(t.Context(), p.src, piece, &bringing{})
			})
			if err == nil {
				t.Fatal("it was killed, and says that all is well")
			}
		}
		if n := p.visit(2); n != 5 || p.count("wire_item") != 5 || p.unseen() != 0 {
			t.Errorf("%d deliveries, %d items, %d unseen", n, p.count("wire_item"), p.unseen())
		}
		// A letter that cannot be stored waits, and those behind it, in their order.
		execute(t, d, `alter table revision rename to revision_gone`)
		p.put(aMail(6))
		p.put(aMail(7))
		if _, trouble := p.polled(p.src); !strings.Contains(trouble, "could not be stored") || p.unseen() != 2 {
			t.Errorf("not stored: %q, %d unseen", trouble, p.unseen())
		}
		execute(t, d, `alter table revision_gone rename to revision`)
		if n := p.visit(1); n != 7 || p.unseen() != 0 {
			t.Errorf("%d deliveries, %d unseen", n, p.unseen())
		}
	})
}

// TestMailboxTrouble says what is wrong with a mailbox.
func TestMailboxTrouble(t *testing.T) {
	p := newPost(t, papertest.SQLite(t))
	p.open()
	for _, test := range []struct {
		change   func(*Way)
		password string
		want     string
	}{
		{func(*Way) {}, "other", "does not let us in"},
		{func(w *Way) { w.Address = "imaps://" + p.addr + "/Nowhere" }, "hunter2", "no folder Nowhere"},
		{func(*Way) { p.Fetch = fetch.New(fetch.Settings{}) }, "hunter2", "public internet"},
		{func(*Way) {
			p.Fetch = fetch.New(fetch.Settings{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, AllowPorts: []uint16{netip.MustParseAddrPort(p.addr).Port()}})
		}, "hunter2", "certificate"},
	} {
		w, _ := p.state(p.src)
		test.change(&w)
		if err := p.Change(t.Context(), "", p.src, w, test.password); err != nil {
			t.Fatal(err)
		}
		_, err := p.Look(t.Context(), p.src.ID)
		if _, trouble := p.polled(p.src); !strings.Contains(trouble, test.want) || err == nil || err.Error() != trouble {
			t.Errorf("the trouble is %q, the test says %v, want %q", trouble, err, test.want)
		}
	}
}
