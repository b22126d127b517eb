// Package ftp reads files from an FTP server.
//
// It knows what reading needs of RFC 959, EPSV (2428), MLSD, MDTM and UTF-8 (3659,
// 2640) and TLS (4217). Data comes in passive mode only, and only from the machine to
// which the control connection leads, whatever address the server names. It changes
// nothing on the server and makes no connection by itself.
//
// Times are what servers make hard. MLSD gives them in UTC. LIST gives them as the
// server's clock shows them, to the minute or to the day: a File says how exact its
// time is, and has the time as listed beside what it means.
package ftp

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

// Security is how the connections are protected.
type Security string

const (
	Explicit Security = "explicit" // AUTH TLS on the usual port
	Implicit Security = "implicit" // TLS from the first byte, on port 990
	Plain    Security = "plain"    // everybody between can read the password
)

// Config says who we are, and how to get to the server's data.
type Config struct {
	Host     string // whose certificate is expected
	User     string
	Password string
	Security Security
	RootCAs  *x509.CertPool
	// Dial connects to another port of the machine that Open was given a connection to.
	Dial func(ctx context.Context, port uint16) (net.Conn, error)
	// Zone is the server's, in which LIST gives times. Nil: it is measured.
	Zone    *time.Location
	Now     func() time.Time
	Timeout time.Duration // for each answer; 30 s when 0
}

// A Client is a session with a server, for one goroutine.
type Client struct {
	Config
	plain    net.Conn // the control connection, below TLS
	conn     net.Conn
	in       *bufio.Reader
	tls      *tls.Config
	features map[string]string // of FEAT, by their first word
	home     string            // where we are after logging in
	pasv     bool              // EPSV is not known here
	broken   error
}

// Open logs in on conn, which is closed with the Client, or when Open fails.
func Open(ctx context.Context, conn net.Conn, c Config) (*Client, error) {
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if !clean(c.User) || !clean(c.Password) {
		conn.Close()
		return nil, failed(problem.Invalid, nil, "The name or the password has a line break in it, which FTP cannot send.")
	}
	client := &Client{Config: c, plain: conn, conn: conn, in: bufio.NewReaderSize(conn, maxLine)}
	done := client.watch(ctx, "the greeting")
	err := done(client.login())
	if err != nil {
		conn.Close()
		return nil, err
	}
	return client, nil
}

func (c *Client) login() error {
	// The greeting is an answer to nothing.
	if c.Security != Plain {
		c.tls = &tls.Config{
			ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12,
			// Servers want to see that the data is fetched by who is logged in: by
			// the same session of TLS.
			ClientSessionCache: tls.NewLRUClientSessionCache(4),
		}
	}
	if c.Security == Implicit {
		if err := c.protect(); err != nil {
			return err
		}
	}
	r, err := c.answer()
	if err != nil {
		return failed(problem.Unavailable, err, "The server does not answer as an FTP server.")
	}
	if r.code != 220 {
		return failed(problem.Unavailable, &r, "The server takes nobody in now.")
	}
	if c.Security == Explicit {
		if r, err := c.ask("AUTH TLS"); err != nil {
			return err
		} else if r.code != 234 {
			return failed(problem.Unavailable, &r, "The server has no TLS. Without it everybody between can read the password.")
		}
		if c.in.Buffered() > 0 { // somebody has put in answers before TLS began
			return errProtocol
		}
		if err := c.protect(); err != nil {
			return err
		}
	}
	if err := c.enter(); err != nil {
		return err
	}
	if c.Security != Plain {
		for _, command := range []string{"PBSZ 0", "PROT P"} {
			if r, err := c.ask(command); err != nil {
				return err
			} else if r.class() != 2 {
				return failed(problem.Unavailable, &r, "The server does not protect what it sends.")
			}
		}
	}
	return c.introduce()
}

// protect continues the control connection within TLS.
func (c *Client) protect() error {
	secure := tls.Client(c.plain, c.tls)
	if err := secure.Handshake(); err != nil {
		var bad *tls.CertificateVerificationError
		if errors.As(err, &bad) {
			return failed(problem.Forbidden, err, "The certificate of the server is not one for its name, or nobody known vouches for it.")
		}
		return failed(problem.Unavailable, err, "The server does not speak TLS as it should.")
	}
	c.conn = secure
	c.in = bufio.NewReaderSize(secure, maxLine)
	return nil
}

// enter tells who we are.
func (c *Client) enter() error {
	r, err := c.ask("USER " + c.User)
	if err != nil {
		return err
	}
	if r.code == 331 {
		if r, err = c.ask("PASS " + c.Password); err != nil {
			return err
		}
	}
	switch {
	case r.class() == 2:
		return nil
	case r.class() == 4:
		return failed(problem.Unavailable, &r, "The server takes nobody in now.")
	}
	return failed(problem.Forbidden, &r, "The server does not let us in: see whether the name and the password are right.")
}

// introduce learns what the server can do, and where we are.
func (c *Client) introduce() error {
	r, err := c.ask("FEAT")
	if err != nil {
		return err
	}
	c.features = map[string]string{}
	if r.class() == 2 && len(r.lines) > 2 {
		for _, line := range r.lines[1 : len(r.lines)-1] {
			name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			c.features[strings.ToUpper(name)] = rest
		}
	}
	if _, known := c.features["UTF8"]; known {
		if _, err := c.ask("OPTS UTF8 ON"); err != nil { // whatever it says
			return err
		}
	}
	if r, err = c.ask("TYPE I"); err != nil {
		return err
	} else if r.class() != 2 {
		return failed(problem.Unavailable, &r, "The server sends no files as they are.")
	}
	if r, err = c.ask("PWD"); err != nil {
		return err
	}
	c.home = "/"
	if r.code == 257 {
		if dir, ok := quoted(r.lines[0]); ok && strings.HasPrefix(dir, "/") {
			c.home = dir
		}
	}
	return nil
}

// quoted reads "/a ""b""" behind the code of an answer.
func quoted(line string) (string, bool) {
	_, rest, ok := strings.Cut(line, `"`)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(rest); i++ {
		if rest[i] == '"' {
			if i+1 == len(rest) || rest[i+1] != '"' {
				return b.String(), true
			}
			i++
		}
		b.WriteByte(rest[i])
	}
	return "", false
}

// has reports whether the server names a feature.
func (c *Client) has(feature string) bool {
	_, ok := c.features[feature]
	return ok
}

// absolute is a name as seen from the root.
func (c *Client) absolute(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	if name == "." {
		return c.home
	}
	return strings.TrimSuffix(c.home, "/") + "/" + strings.TrimPrefix(name, "./")
}

// Close says good-bye, without waiting for an answer, and closes the connection.
func (c *Client) Close() error {
	if c.broken == nil {
		c.plain.SetDeadline(time.Now().Add(time.Second))
		fmt.Fprintf(c.conn, "QUIT\r\n")
	}
	return c.plain.Close()
}

// watch ends a conversation with ctx. done takes that away, and explains err: a
// refusal leaves the session as it is, everything else ends it.
func (c *Client) watch(ctx context.Context, what string) (done func(err error) error) {
	stop := context.AfterFunc(ctx, func() { c.plain.Close() })
	return func(err error) error {
		stop()
		c.plain.SetDeadline(time.Time{})
		var no *reply
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			c.broken = ctx.Err()
			return ctx.Err()
		case problem.Of(err) != nil:
			return err
		case errors.As(err, &no):
			return no.explain(what)
		}
		if c.broken == nil {
			c.broken = err
			c.plain.Close()
		}
		return failed(problem.Unavailable, err, "The connection broke while files were read. They are tried again.")
	}
}

// failed is a failure in words.
func failed(kind problem.Kind, err error, format string, args ...any) error {
	return &problem.Problem{Kind: kind, Detail: fmt.Sprintf(format, args...), Format: format, Args: args, Err: err}
}

// clean reports whether text may go into a command: a line break would be another one.
func clean(text string) bool { return !strings.ContainsAny(text, "\r\n\x00") }

// Known reports whether s is one of ours.
func (s Security) Known() bool { return slices.Contains([]Security{Explicit, Implicit, Plain}, s) }
