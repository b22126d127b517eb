package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/wneessen/go-mail/smtp"
)

// How long a server may take to answer. That it has a letter it may say late:
// who asks again too early sends the letter twice (RFC 5321, 4.5.3.2).
const (
	smtpTimeout = 30 * time.Second
	takeTimeout = 5 * time.Minute
)

// A line is a connection to a mail server.
type line struct {
	conn      net.Conn
	client    *smtp.Client
	pipelines bool          // it takes several commands at once
	eightBits bool          // it takes letters of eight bits
	answers   time.Duration // how long each answer may take
	takes     time.Duration // how long the last one may take
	stuffed   []byte        // the letter as it is written
}

// A fault is why a server did not take a letter.
type fault struct {
	about  stage
	answer *textproto.Error // nil when there was none
	unsure bool             // it may have the letter all the same
	err    error
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// A stage is how far a letter came, and so whom an answer is about.
type stage int

const (
	aboutUs     stage = iota // the server has not heard yet for whom the letter is
	aboutLetter              // it has
)

// port is where the server listens.
func (s *SMTP) port() int {
	return cmp.Or(s.Port, map[Security]int{TLS: 465, Plain: 25}[s.Security], 587)
}

// check returns a Problem when the server can never be used.
func (s *SMTP) check() error {
	switch {
	case s.Security != StartTLS && s.Security != "" && s.Security != TLS && s.Security != Plain:
		return settings(fmt.Sprintf("The mail server's security is %q, and may be starttls, tls or none.", s.Security))
	case s.Security == Plain && s.Password != "":
		return settings("The mail server's password would be sent without encryption; set the security to starttls or tls.")
	case s.Host == "" || s.Port < 0 || s.Port > 65535:
		return settings("A mail server needs a host, and a port between 1 and 65535.")
	}
	return nil
}

// connect reaches the server and logs in.
func (s *SMTP) connect(ctx context.Context, answers time.Duration) (*line, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	wait, cancel := context.WithTimeout(ctx, answers)
	defer cancel()
	dial := s.dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(wait, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.port())))
	if err != nil {
		return nil, fmt.Errorf("reach the mail server %s: %w", s.Host, err)
	}
	stop := context.AfterFunc(wait, func() { conn.Close() })
	client, err := s.greet(conn)
	if !stop() {
		err = cmp.Or(err, wait.Err())
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("reach the mail server %s: %w", s.Host, cmp.Or(wait.Err(), err))
	}
	l := &line{conn: conn, client: client, answers: answers, takes: max(answers, takeTimeout)}
	l.pipelines, _ = client.Extension("PIPELINING")
	l.eightBits, _ = client.Extension("8BITMIME")
	return l, nil
}

// greet says hello, encrypts and logs in.
func (s *SMTP) greet(conn net.Conn) (*smtp.Client, error) {
	rules := &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
	if s.Security == TLS {
		conn = tls.Client(conn, rules)
	}
	client, err := smtp.NewClient(conn, s.Host)
	if err != nil {
		return nil, err
	}
	client.SkipSMTPUTF8(true)
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = "localhost"
	}
	if err := client.Hello(name); err != nil {
		return nil, err
	}
	if s.Security == StartTLS || s.Security == "" {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return nil, errors.New("it does not encrypt (STARTTLS)")
		}
		if err := client.StartTLS(rules); err != nil {
			return nil, err
		}
	}
	if s.User == "" {
		return client, nil
	}
	auth, err := s.auth(client)
	if err != nil {
		return nil, err
	}
	return client, client.Auth(auth)
}

// auth is how we log in: the connection is encrypted, so that the plainest way
// that the server knows is good.
func (s *SMTP) auth(client *smtp.Client) (smtp.Auth, error) {
	_, offered := client.Extension("AUTH")
	for _, way := range strings.Fields(offered) {
		switch way {
		case "PLAIN":
			return smtp.PlainAuth("", s.User, s.Password, s.Host, false), nil
		case "LOGIN":
			return smtp.LoginAuth(s.User, s.Password, s.Host, false), nil
		case "CRAM-MD5":
			return smtp.CRAMMD5Auth(s.User, s.Password), nil
		case "SCRAM-SHA-256":
			return smtp.ScramSHA256Auth(s.User, s.Password), nil
		}
	}
	return nil, errors.New("it knows no way to log in that we know (AUTH)")
}

// transfer gives one letter to the server (RFC 5321, 3.3); nil means that the
// server has it. After an answer the line is ready for the next letter.
func (l *line) transfer(ctx context.Context, from, to string, raw []byte) *fault {
	defer context.AfterFunc(ctx, func() { l.within(ctx, l.answers) })()
	if f := l.announce(ctx, from, to); f != nil {
		return f
	}
	return l.text(ctx, raw)
}

// announce says from whom and for whom a letter is, until the server wants to have
// it: in one go where it lets us (PIPELINING, RFC 2920).
func (l *line) announce(ctx context.Context, from, to string) (first *fault) {
	how := ""
	if l.eightBits {
		how = " BODY=8BITMIME"
	}
	steps := [...]struct {
		line string
		code int // or how it begins
	}{{"MAIL FROM:<" + from + ">" + how + "\r\n", 250}, {"RCPT TO:<" + to + ">\r\n", 25}, {"DATA\r\n", 354}}
	t, read, wanted := l.client.Text, 0, false
	l.within(ctx, l.answers)
	for i, s := range steps {
		if _, err := t.W.WriteString(s.line); err != nil {
			return &fault{err: err}
		}
		if l.pipelines && i < len(steps)-1 {
			continue
		}
		if err := t.W.Flush(); err != nil {
			return &fault{err: err}
		}
		for ; read <= i; read++ {
			l.within(ctx, l.answers)
			_, _, err := t.ReadResponse(steps[read].code)
			if err == nil {
				wanted = read == len(steps)-1
				continue
			}
			f := &fault{err: err}
			if f.answer, _ = errors.AsType[*textproto.Error](err); f.answer == nil {
				return cmp.Or(first, f)
			}
			if read > 0 {
				f.about = aboutLetter
			}
			first = cmp.Or(first, f)
		}
		if first != nil {
			break
		}
	}
	if first != nil && wanted {
		// It wants a letter for nobody: it gets an empty one (RFC 2920, 3.1).
		l.within(ctx, l.answers)
		_ = l.say(250, ".\r\n")
	}
	return first
}

// text sends the letter itself. The library would do it byte by byte.
func (l *line) text(ctx context.Context, raw []byte) *fault {
	l.stuffed = append(stuff(l.stuffed[:0], raw), ".\r\n"...)
	l.within(ctx, l.takes)
	t := l.client.Text
	_, err := t.W.Write(l.stuffed)
	if err == nil {
		err = t.W.Flush()
	}
	if err != nil {
		return &fault{err: err} // without its end, no server takes it
	}
	if _, _, err = t.ReadResponse(250); err != nil {
		f := &fault{about: aboutLetter, err: err}
		f.answer, f.unsure = errors.AsType[*textproto.Error](err)
		f.unsure = !f.unsure
		return f
	}
	return nil
}

// say sends a line, with what was written before, and reads the answer.
func (l *line) say(code int, line string) error {
	t := l.client.Text
	if _, err := t.W.WriteString(line); err != nil {
		return err
	}
	if err := t.W.Flush(); err != nil {
		return err
	}
	_, _, err := t.ReadResponse(code)
	return err
}

// stuff appends a letter with a second dot before each line that begins with one
// (RFC 5321, 4.5.2), each line ended by CR LF and by nothing else: what some
// servers take for the end of a line and others do not would let a letter hide
// another.
func stuff(dst, raw []byte) []byte {
	start, lines, from := len(dst), 0, 0
	if len(raw) > 0 && raw[0] == '.' {
		dst = append(dst, '.')
	}
	for at := 0; ; lines++ {
		n := bytes.IndexByte(raw[at:], '\n')
		if n < 0 {
			break
		}
		if at += n + 1; at < 2 || raw[at-2] != '\r' {
			lines = -1
			break
		}
		if at < len(raw) && raw[at] == '.' {
			dst, from = append(append(dst, raw[from:at]...), '.'), at
		}
	}
	if lines < 0 || bytes.Count(raw, []byte("\r")) != lines {
		for _, end := range []string{"\r\n", "\r"} {
			raw = bytes.ReplaceAll(raw, []byte(end), []byte("\n"))
		}
		return stuff(dst[:start], bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")))
	}
	if dst = append(dst, raw[from:]...); !bytes.HasSuffix(raw, []byte("\r\n")) {
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// A process that is told to stop has ten seconds: for a letter that is on its
// way, and for taking leave.
const (
	stopTimeout = 5 * time.Second
	quitTimeout = 2 * time.Second
)

// within gives the server time for its next answer, less when we are to stop.
func (l *line) within(ctx context.Context, wait time.Duration) {
	if ctx.Err() != nil {
		wait = min(wait, stopTimeout)
	}
	_ = l.conn.SetDeadline(time.Now().Add(wait)) // the next answer says what is wrong
}

// ready makes the line ready for the next letter after f, or reports that it is
// of no more use. A server that says 421 has closed it (RFC 5321, 3.8).
func (l *line) ready(ctx context.Context, f *fault) bool {
	if f == nil {
		return true
	}
	if f.answer != nil && f.answer.Code != 421 {
		l.within(ctx, l.answers)
		if l.client.Reset() == nil {
			return true
		}
	}
	l.conn.Close()
	return false
}

// quit takes leave of the server, which has a moment to answer.
func (l *line) quit() {
	_ = l.conn.SetDeadline(time.Now().Add(quitTimeout))
	_ = l.client.Quit() // what was taken is taken
	l.conn.Close()
}

var enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)`)

// answered takes an answer apart: its code, its enhanced status (RFC 3463), or
// "", and its words.
func answered(a *textproto.Error) (code int, status, text string) {
	text = a.Msg
	if found := enhanced.FindStringSubmatch(text); found != nil {
		status = found[1]
		text = strings.ReplaceAll(text[len(status):], "\n"+status, " ")
	}
	return a.Code, status, words(text)
}

// words returns what a server said as a short line that anybody may see.
func words(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, "?"))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
