package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/textproto"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"kawaraban/internal/problem"
)

// smtpTimeout is for connecting, and again for each letter.
const smtpTimeout = 30 * time.Second

// A Sender sends in the name of the paper. It is safe for use by many
// goroutines.
type Sender struct {
	From     string // the paper's address; its domain is that of every Message-ID
	FromName string
	ReplyTo  string // where answers go, or ""

	Keys   []Key  // sign each letter; one of RSA and one of Ed25519 suit all receivers
	SMTP   *SMTP  // the mail server; without one, letters go to the outbox
	Outbox string // the folder, made when needed

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
	if s.SMTP != nil {
		_, err := s.SMTP.client()
		return err
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

// open gets ready to deliver; done ends that.
func (s *Sender) open(ctx context.Context) (deliver delivery, done func(), err error) {
	if s.SMTP == nil {
		return s.keep, func() {}, nil
	}
	client, err := s.SMTP.client()
	if err != nil {
		return nil, nil, err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reach the mail server %s: %w", s.SMTP.Host, err)
	}
	deliver = func(from, to string, raw []byte) error { return transfer(conn, from, to, raw) }
	return deliver, func() { _ = client.CloseWithSMTPClient(conn) }, nil // what was taken is taken
}

// client returns the library's client with our rules.
func (s *SMTP) client() (*mail.Client, error) {
	options := []mail.Option{
		mail.WithTimeout(smtpTimeout), mail.WithoutSMTPUTF8(),
		mail.WithTLSConfig(&tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}),
	}
	port := 587
	switch s.Security {
	case StartTLS, "":
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case TLS:
		port, options = 465, append(options, mail.WithSSL())
	case Plain:
		if s.Password != "" {
			return nil, settings("The mail server's password would be sent without encryption; set the security to starttls or tls.")
		}
		port, options = 25, append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		return nil, settings(fmt.Sprintf("The mail server's security is %q, and may be starttls, tls or none.", s.Security))
	}
	if s.Port != 0 {
		port = s.Port
	}
	if s.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.User), mail.WithPassword(s.Password))
	}
	client, err := mail.NewClient(s.Host, append(options, mail.WithPort(port))...)
	if err != nil {
		return nil, settings(fmt.Sprintf("The mail server cannot be used: %v.", err))
	}
	return client, nil
}

func settings(detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail}
}

// transfer gives one letter to a connected server (RFC 5321, 3.3). After an
// answer that refuses it, the connection is ready for the next.
func transfer(conn *smtp.Client, from, to string, raw []byte) (err error) {
	if err := conn.UpdateDeadline(smtpTimeout); err != nil {
		return fmt.Errorf("send a letter: %w", err)
	}
	defer func() {
		if err != nil {
			_ = conn.Reset() // if that fails, so will the next letter, and say why
			err = fmt.Errorf("send a letter: %w", err)
		}
	}()
	if err := conn.Mail("<" + from + ">"); err != nil {
		return err
	}
	if err := conn.Rcpt("<" + to + ">"); err != nil {
		return err
	}
	w, err := conn.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return errors.Join(err, w.Close())
	}
	return w.Close()
}

// Permanent reports whether sending the same letter again is of no use: it
// cannot be composed, or the server has refused it for good (RFC 5321, 4.2.1).
func Permanent(err error) bool {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code/100 == 5
	}
	return problem.Is(err, problem.Invalid) || errors.Is(err, errNoText)
}
