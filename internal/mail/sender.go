package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"time"

	"kawaraban/internal/problem"
)

// A Sender sends in the name of the paper. It is safe for use by many
// goroutines.
type Sender struct {
	From     string // the paper's address; its domain is that of every Message-ID
	FromName string
	ReplyTo  string // where answers go, or ""

	Keys    []Key    // sign each letter; one of RSA and one of Ed25519 suit all receivers
	Servers []Server // the mail servers, the first first; without one, letters go to the outbox
	Outbox  string   // the folder, made when needed

	Now func() time.Time // the clock; the system's when nil
	ID  func() string    // makes the left side of a Message-ID; random when nil
}

// Security says how the connection to the mail server is kept private.
type Security string

const (
	StartTLS Security = "starttls" // required before anything is sent; the port is 587
	TLS      Security = "tls"      // from the first byte; the port is 465
	Plain    Security = "none"     // for a relay on the same machine, and never with a password; the port is 25
)

// SMTP is a mail server that takes our letters.
type SMTP struct {
	Host     string
	Port     int      // the usual one for the security when 0
	Security Security // StartTLS when ""
	User     string   // "" logs in nowhere
	Password string
	RootCAs  *x509.CertPool // who may vouch for the server; the system's when nil

	dial func(ctx context.Context, network, address string) (net.Conn, error) // in tests
}

// A Server is a mail server and how much of it we may use for letters to many.
type Server struct {
	SMTP
	Weight      int     // its share beside that of other servers that are free; 1 when 0
	Rate        float64 // letters per second at most; as many as it takes when 0
	Connections int     // at once at most; 4 when 0
}

// Format prints the server without its password, for every verb.
func (s SMTP) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "mail server %s", s.Host) }

// LogValue is the server without its password.
func (s SMTP) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s)) }

// Check returns a Problem when the sender's settings cannot work, at start
// rather than at the first letter.
func (s *Sender) Check() error {
	if _, err := address(s.From, s.FromName, "From"); err != nil {
		return err
	}
	if s.ReplyTo != "" {
		if _, err := ParseAddress(s.ReplyTo); err != nil {
			return err
		}
	}
	for i := range s.Servers {
		server := &s.Servers[i]
		if err := server.check(); err != nil {
			return err
		}
		if server.Weight < 0 || !(server.Rate >= 0) || math.IsInf(server.Rate, 0) || server.Connections < 0 {
			return settings("The weight, rate and connections of a mail server are numbers above 0.")
		}
	}
	return nil
}

// Send sends one letter. After a nil error the mail server, or the disk, has it.
func (s *Sender) Send(ctx context.Context, m Message) (err error) {
	s.SendAll(ctx, []Message{m}, func(_ int, e error) { err = e })
	return err
}

// SendAll sends letters in their order over one connection, and tells sent
// after each one how that went, so that who sends many can note it at once.
// A letter that is refused does not keep back the next.
func (s *Sender) SendAll(ctx context.Context, ms []Message, sent func(i int, err error)) {
	deliver, done, err := s.open(ctx)
	if err != nil {
		for i := range ms {
			sent(i, err)
		}
		return
	}
	defer done()
	for i, m := range ms {
		if ctx.Err() != nil {
			sent(i, fmt.Errorf("send a letter: %w", ctx.Err()))
			continue
		}
		sent(i, s.sendOne(m, deliver))
	}
}

// sendOne composes m and hands it over.
func (s *Sender) sendOne(m Message, deliver delivery) error {
	raw, err := s.Compose(m)
	if err != nil {
		return err
	}
	if raw, err = s.press().sign(nil, raw); err != nil {
		return err
	}
	from, err := ParseAddress(or(m.ReturnTo, s.From))
	if err != nil {
		return err
	}
	to, err := ParseAddress(m.To)
	if err != nil {
		return err
	}
	return deliver(from, to, raw)
}

// press returns what signs the sender's letters.
func (s *Sender) press() *press { return &press{keys: s.Keys, domain: domainOf(s.From)} }

// A delivery hands a letter over: to a server or to the outbox.
type delivery func(from, to string, raw []byte) error

// open gets ready to deliver; done ends that. Somebody waits for these letters:
// they have a connection of their own, and a server that cannot be reached, or
// that does not want our letters, gives way to the next.
func (s *Sender) open(ctx context.Context) (deliver delivery, done func(), err error) {
	if len(s.Servers) == 0 {
		return s.keep, func() {}, nil
	}
	at := 0
	l, err := s.reach(ctx, &at)
	if err != nil {
		return nil, nil, err
	}
	deliver = func(from, to string, raw []byte) error {
		for {
			if l == nil { // the last letter broke it
				if l, err = s.reach(ctx, &at); err != nil {
					return err
				}
			}
			f := l.transfer(ctx, from, to, raw)
			if f == nil {
				return nil
			}
			if !l.ready(ctx, f) {
				l = nil
			}
			if at++; f.about != aboutUs || f.unsure || at >= len(s.Servers) {
				at = min(at, len(s.Servers)-1)
				return fmt.Errorf("send a letter: %w", f)
			}
			if l != nil {
				l.quit()
				l = nil
			}
		}
	}
	return deliver, func() {
		if l != nil {
			l.quit()
		}
	}, nil
}

// hurry is how long a server may take to answer while another could.
const hurry = 4 * time.Second

// reach connects to the first server from at that answers.
func (s *Sender) reach(ctx context.Context, at *int) (*line, error) {
	var all []error
	for ; *at < len(s.Servers); *at++ {
		wait := smtpTimeout
		if *at < len(s.Servers)-1 {
			wait = hurry
		}
		l, err := s.Servers[*at].connect(ctx, wait)
		if err == nil {
			l.takes = smtpTimeout
			return l, nil
		}
		all = append(all, err)
	}
	*at = 0 // the next letter begins anew
	return nil, errors.Join(all...)
}

func settings(detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail}
}

// Permanent reports whether sending the same letter again is of no use: it
// cannot be composed, or a server has refused it for good (RFC 5321, 4.2.1). A
// server that does not let us in has refused nothing.
func Permanent(err error) bool {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.about == aboutLetter && f.answer != nil && f.answer.Code/100 == 5
	}
	return problem.Is(err, problem.Invalid) || errors.Is(err, errNoText)
}
