// Package sftp reads files from an SFTP server.
//
// It speaks version 3 (draft-ietf-secsh-filexfer-02), which every server speaks, and
// of that only what reading needs: list a folder, read a file. It changes nothing on
// the server and makes no connection: it is given one.
//
// The server is a stranger. Its key must be the one that the operator has confirmed;
// what it sends is read up to limits; and nothing waits for it without end.
package sftp

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"kawaraban/internal/problem"
)

// Config says who we are, and whom we expect to meet.
type Config struct {
	User     string
	Password string
	Key      []byte // a private key in PEM, without a passphrase, instead of Password

	// HostKey is the fingerprint of the server's key, "SHA256:…". Without it Open
	// says which one the server has, and goes no further.
	HostKey string

	Timeout time.Duration // for each answer; 30 s when 0
}

// A KeyError says that the server's key is not the one that was confirmed. The
// Problem that Open returns carries it.
type KeyError struct {
	Got  string // the server's fingerprint
	Want string // "" when none was confirmed yet
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("the server's key is %s, not %q", e.Got, e.Want)
}

// A Client is a session with a server, for one goroutine.
type Client struct {
	conn    net.Conn
	ssh     *ssh.Client
	session io.Closer
	in      io.Reader
	out     io.Writer
	timeout time.Duration
	id      uint32
	broken  error // what ended the session
}

// Open logs in on conn, which is closed with the Client, or when Open fails.
func Open(ctx context.Context, conn net.Conn, c Config) (*Client, error) {
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	// A server that sends a byte now and then moves no deadline: this one is for
	// the whole of logging in.
	conn.SetDeadline(time.Now().Add(c.Timeout))
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	client, err := login(conn, c)
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	conn.SetDeadline(time.Time{})
	return client, nil
}

func login(conn net.Conn, c Config) (*Client, error) {
	methods, err := c.methods()
	if err != nil {
		return nil, err
	}
	var wrong *KeyError
	s, channels, requests, err := ssh.NewClientConn(conn, conn.RemoteAddr().String(), &ssh.ClientConfig{
		User: c.User, Auth: methods, ClientVersion: "SSH-2.0-Kawaraban",
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			got := ssh.FingerprintSHA256(key)
			if subtle.ConstantTimeCompare([]byte(got), []byte(c.HostKey)) != 1 {
				wrong = &KeyError{Got: got, Want: c.HostKey}
				return wrong
			}
			return nil
		},
	})
	switch {
	case wrong != nil && wrong.Want == "":
		return nil, failed(problem.Conflict, wrong, "The server has the key %s. Compare it with what the agency says, and confirm it.", wrong.Got)
	case wrong != nil:
		return nil, failed(problem.Conflict, wrong, "The server has another key than the one that was confirmed: %s. Ask the agency before you confirm it: somebody may stand between.", wrong.Got)
	case err != nil && strings.Contains(err.Error(), "unable to authenticate"):
		return nil, failed(problem.Forbidden, err, "The server does not let us in: see whether the name and the password or key are right.")
	case err != nil:
		return nil, failed(problem.Unavailable, err, "The server does not answer as an SFTP server.")
	}
	client := &Client{conn: conn, ssh: ssh.NewClient(s, channels, requests), timeout: c.Timeout}
	if err := client.begin(); err != nil {
		client.ssh.Close()
		return nil, failed(problem.Unavailable, err, "The server lets us in, and offers no files by SFTP.")
	}
	return client, nil
}

// methods are the ways to prove who we are.
func (c Config) methods() (list []ssh.AuthMethod, err error) {
	if len(c.Key) > 0 {
		signer, err := ssh.ParsePrivateKey(lined(c.Key))
		if err != nil {
			return nil, failed(problem.Invalid, err, "This is not a private key that can be read. One with a passphrase cannot be used: make one without, for the paper alone.")
		}
		return []ssh.AuthMethod{ssh.PublicKeys(signer)}, nil
	}
	// Some servers ask for the password as if a person sat there.
	asked := func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = c.Password
		}
		return answers, nil
	}
	return []ssh.AuthMethod{ssh.Password(c.Password), ssh.KeyboardInteractive(asked)}, nil
}

// lined is a key in PEM with its lines broken again: a field of one line, into which it
// was pasted, has taken them out.
func lined(key []byte) []byte {
	text := strings.TrimSpace(string(key))
	head, rest, ok := strings.Cut(strings.TrimPrefix(text, dashes), dashes)
	if strings.Contains(text, "\n") || !ok || !strings.HasPrefix(head, "BEGIN ") {
		return key
	}
	body, foot, ok := strings.Cut(rest, dashes)
	if !ok || !strings.HasPrefix(foot, "END ") {
		return key
	}
	body = strings.ReplaceAll(body, " ", "")
	var b strings.Builder
	b.WriteString(dashes + head + dashes + "\n")
	for ; len(body) > 64; body = body[64:] {
		b.WriteString(body[:64] + "\n")
	}
	b.WriteString(body + "\n" + dashes + foot + "\n")
	return []byte(b.String())
}

const dashes = "-----"

// begin starts the subsystem and agrees on the version.
func (c *Client) begin() error {
	session, err := c.ssh.NewSession()
	if err != nil {
		return err
	}
	if c.out, err = session.StdinPipe(); err != nil {
		return err
	}
	if c.in, err = session.StdoutPipe(); err != nil {
		return err
	}
	if err := session.RequestSubsystem("sftp"); err != nil {
		return err
	}
	c.session = session
	if _, err := c.out.Write((&packet{}).kind(msgInit).uint32(version).bytes()); err != nil {
		return err
	}
	kind, body, err := readPacket(c.in)
	if err != nil {
		return err
	}
	r := reader{rest: body}
	if v := r.uint32(); kind != msgVersion || r.bad || v < version {
		return errProtocol
	}
	return nil // names of extensions may follow
}

// Close ends the session and the connection.
func (c *Client) Close() error {
	err := c.ssh.Close()
	c.conn.Close()
	return err
}

// watch sets a deadline for a conversation. done takes it away, and explains err.
func (c *Client) watch(ctx context.Context, what string) (done func(err error) error) {
	c.conn.SetDeadline(time.Now().Add(c.timeout))
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	return func(err error) error {
		stop()
		c.conn.SetDeadline(time.Time{})
		var status *statusError
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			c.broken = ctx.Err()
			return ctx.Err()
		case errors.As(err, &status):
			return status.explain(what) // the session goes on
		}
		if c.broken == nil {
			c.broken = err
			c.conn.Close()
		}
		return failed(problem.Unavailable, err, "The connection broke while files were read. They are tried again.")
	}
}

// failed is a failure in words.
func failed(kind problem.Kind, err error, format string, args ...any) error {
	return &problem.Problem{Kind: kind, Detail: fmt.Sprintf(format, args...), Format: format, Args: args, Err: err}
}
