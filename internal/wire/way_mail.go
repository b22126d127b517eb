package wire

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"strings"

	"kawaraban/internal/mail"
)

// A mailbox is a folder on a mail server; every letter in it is a delivery. What comes
// so is held for an editor, whatever the source's rule says (from_mail.go).
type mailbox struct{ s *Store }

func mailPorts() map[string]uint16 { return map[string]uint16{"imaps": 993} }

func (m mailbox) check(w *Way) error {
	a, err := parseServer(w.Address, mailPorts())
	if err != nil {
		return err
	}
	if len(a.path) > 200 {
		return invalid("address", "No mailbox has a folder with so long a name.")
	}
	return validAccount(w)
}

// inbox is the mailbox of a way.
func (m mailbox) inbox(w *Way) (*mail.Inbox, error) {
	a, err := parseServer(w.Address, mailPorts())
	if err != nil {
		return nil, err
	}
	folder := strings.Trim(a.path, "/")
	if folder == "" {
		folder = "INBOX"
	}
	return &mail.Inbox{
		Host: a.host, User: w.Account, Password: w.secret, Folder: folder, Most: maxKept, RootCAs: m.s.Fetch.Roots(),
		Dial: func(ctx context.Context) (net.Conn, error) { return m.s.Fetch.Dial(ctx, a.host, a.port) },
	}, nil
}

func (m mailbox) look(ctx context.Context, _ Source, w *Way) (g Glance, err error) {
	b, err := m.inbox(w)
	if err != nil {
		return g, err
	}
	g.Waiting, g.Newest, err = b.Waiting(ctx, mail.ParseMark(w.Cursor))
	return g, err
}

func (m mailbox) collect(ctx context.Context, _ Source, w *Way, take func(context.Context, Piece) error) (h Haul, err error) {
	h.Cursor = w.Cursor
	b, err := m.inbox(w)
	if err != nil {
		return h, err
	}
	at, more, err := b.Collect(ctx, mail.ParseMark(w.Cursor), m.s.Now(), func(ctx context.Context, l mail.Letter) error {
		if l.Raw == nil {
			return take(ctx, Piece{Name: fmt.Sprintf("mail-%d-%d.eml", l.Valid, l.UID), Size: l.Size})
		}
		// By what it says, and not by its number: numbers may change, and then every
		// letter would come again.
		sum := sha256.Sum256(l.Raw)
		return take(ctx, Piece{Name: fmt.Sprintf("mail-%x.eml", sum[:16]), Data: l.Raw})
	})
	if at != (mail.Mark{}) {
		h.Cursor = at.String()
	}
	h.More = more
	return h, err
}
