// Package mail composes and sends the paper's letters.
//
// A Message is what somebody wants to say; Compose makes the bytes of it (RFC
// 5322, MIME), and Send brings them to the mail server or, where there is none,
// puts them into the outbox, a folder of *.eml files that any mail program
// opens. Nothing that a stranger typed becomes a header line of its own: a
// value with CR, LF or NUL in it is refused (SECURITY D15, R43).
package mail

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"kawaraban/internal/problem"
)

// maxHeader is the length of the longest value of a header, in bytes. A line
// may have 998 (RFC 5322, 2.1.1), and a value without spaces cannot be folded.
const maxHeader = 900

// A Message is one letter to one person.
type Message struct {
	To, ToName string // the address, and the name shown with it, or ""
	Subject    string
	Text       string // required: not everybody reads HTML
	HTML       string // the same letter, or ""

	FromName string // instead of the Sender's: a newsletter has its own name
	ReplyTo  string // instead of the Sender's
	ReturnTo string // where the servers report that it did not arrive; else the Sender's From
	ID       string // the left side of the Message-ID; made when "". The same letter, sent again, keeps it

	Automatic  bool   // written by no person: no out-of-office answers to it (RFC 3834)
	List       *List  // the newsletter that it is an edition of
	FeedbackID string // under which large receivers count complaints, "edition:list:paper", or ""
}

// A List says how to leave a newsletter (RFC 2369, 2919, 8058).
type List struct {
	ID          string // "weekly", of letters, digits, - and .
	Name        string // how people call it, or ""
	Unsubscribe string // the URL where one POST, without logging in, ends the subscription
	Archive     string // the URL of earlier editions, or ""
}

// errNoText is a fault: every letter of ours has a text.
var errNoText = errors.New("mail: a message without text")

// Compose returns m as it goes out. It is a Problem when a value cannot stand
// in a header or an address is none.
func (s *Sender) Compose(m Message) ([]byte, error) {
	msg, err := s.message(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("compose a letter: %w", err)
	}
	return b.Bytes(), nil
}

// message fills the library's message from m, every value checked.
func (s *Sender) message(m Message) (*mail.Msg, error) {
	if m.Text == "" {
		return nil, errNoText
	}
	from, err := address(s.From, or(m.FromName, s.FromName), "From")
	if err != nil {
		return nil, err
	}
	to, err := address(m.To, m.ToName, "To")
	if err != nil {
		return nil, err
	}
	if err := check("Subject", m.Subject); err != nil {
		return nil, err
	}
	id, err := s.messageID(m.ID, from.Address)
	if err != nil {
		return nil, err
	}

	msg := mail.NewMsg(mail.WithBoundary(boundary(id, m.Text, m.HTML)), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.SetAddrHeaderFromMailAddress(mail.HeaderTo, to)
	msg.Subject(m.Subject)
	msg.SetDateWithValue(s.now())
	msg.SetMessageIDWithValue(id)
	if reply := or(m.ReplyTo, s.ReplyTo); reply != "" {
		a, err := address(reply, "", "Reply-To")
		if err != nil {
			return nil, err
		}
		msg.ReplyToMailAddress(a)
	}
	if m.Automatic {
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	if m.FeedbackID != "" {
		if !isName(strings.ReplaceAll(m.FeedbackID, ":", "-")) {
			return nil, fmt.Errorf("mail: %q cannot be a Feedback-ID", m.FeedbackID)
		}
		msg.SetGenHeader("Feedback-ID", m.FeedbackID)
	}
	if m.List != nil {
		if err := m.List.write(msg, domainOf(from.Address)); err != nil {
			return nil, err
		}
	}
	msg.SetBodyString(mail.TypeTextPlain, body(m.Text))
	if m.HTML != "" { // the last part is the one that a program prefers
		msg.AddAlternativeString(mail.TypeTextHTML, body(m.HTML))
	}
	return msg, nil
}

// messageID returns the Message-ID with this left side, or a new one.
func (s *Sender) messageID(left, from string) (string, error) {
	switch {
	case left != "" && !isName(left):
		return "", fmt.Errorf("mail: %q cannot be part of a Message-ID", left)
	case left == "" && s.ID != nil:
		left = s.ID()
	case left == "":
		left = rand.Text()
	}
	return left + "@" + domainOf(from), nil
}

// write puts the headers of a newsletter into msg.
func (l *List) write(msg *mail.Msg, domain string) error {
	if !isName(l.ID) {
		return fmt.Errorf("mail: %q cannot be the name of a list", l.ID)
	}
	if err := checkURL("List-Unsubscribe", l.Unsubscribe); err != nil {
		return err
	}
	if err := check("List-Id", l.Name); err != nil {
		return err
	}
	msg.SetGenHeader("List-Id", phrase(l.Name)+"<"+l.ID+"."+domain+">")
	msg.SetGenHeader("List-Unsubscribe", "<"+l.Unsubscribe+">")
	msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	msg.SetGenHeader("Precedence", "bulk")
	if l.Archive == "" {
		return nil
	}
	if err := checkURL("List-Archive", l.Archive); err != nil {
		return err
	}
	msg.SetGenHeader("List-Archive", "<"+l.Archive+">")
	return nil
}

// phrase returns a name as it stands before something in angle brackets (RFC
// 5322, 3.2.5; RFC 2047, 5), with the space between them.
func phrase(name string) string {
	if name == "" {
		return ""
	}
	before, _, _ := strings.Cut((&netmail.Address{Name: name, Address: "a@b"}).String(), "<a@b>")
	return before
}

// address checks an address and the name beside it.
func address(addr, name, header string) (*netmail.Address, error) {
	if err := check(header, name); err != nil {
		return nil, err
	}
	a, err := ParseAddress(addr)
	if err != nil {
		return nil, err
	}
	return &netmail.Address{Name: name, Address: a}, nil
}

// check refuses a value that would end its header line, or that no mail
// program reads.
func check(header, value string) error {
	switch {
	case strings.ContainsAny(value, "\r\n\x00"):
		return refuse(header, "has a line break in it")
	case !utf8.ValidString(value):
		return refuse(header, "is not text")
	case len(value) > maxHeader:
		return refuse(header, fmt.Sprintf("is longer than %d bytes", maxHeader))
	}
	return nil
}

// checkURL refuses what is not a URL between < and > (RFC 2369, 2).
func checkURL(header, value string) error {
	if err := check(header, value); err != nil {
		return err
	}
	u, err := url.Parse(value)
	unsafe := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>,"\`, r) }
	if err != nil || !isSecure(u) || u.Host == "" || strings.IndexFunc(value, unsafe) >= 0 {
		return refuse(header, "is not an address of the web with https")
	}
	return nil
}

// isSecure reports whether u is https, as one-click unsubscribing demands (RFC
// 8058, 4), or leads to a machine of a private network: a demo, or a test.
func isSecure(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	near := err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()) || err != nil && !strings.Contains(host, ".")
	return u.Scheme == "http" && near
}

func refuse(header, why string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: "The letter cannot be sent: its " + header + " " + why + "."}
}

// isName reports whether s may stand where only plain names may.
func isName(s string) bool {
	other := func(r rune) bool { return !alphanumeric(r) && r != '-' && r != '.' && r != '_' }
	return s != "" && len(s) <= 200 && strings.IndexFunc(s, other) < 0
}

// body returns text that is fit to be a part of a letter. After a CR that stands
// alone, quoted-printable of the library would swallow the next line's end.
func body(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(text, "\ufffd"))
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// or returns the first of two texts that is not empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// now is the sender's clock, the system's when there is none.
func (s *Sender) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}
