package ftp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

// passive learns the port at which the server waits for us. Only the port: a server
// that names another machine does not send us there.
func (c *Client) passive() (port uint16, err error) {
	if !c.pasv {
		r, err := c.ask("EPSV")
		if err != nil {
			return 0, err
		}
		if r.code == 229 {
			return epsv(r.lines[0])
		}
		if r.class() != 5 {
			return 0, &r
		}
		c.pasv = true
	}
	r, err := c.ask("PASV")
	if err != nil {
		return 0, err
	}
	if r.code != 227 {
		return 0, &r
	}
	return pasv(r.lines[0])
}

// epsv reads "229 Entering Extended Passive Mode (|||6446|)".
func epsv(line string) (uint16, error) {
	_, rest, _ := strings.Cut(line, "(")
	inside, _, ok := strings.Cut(rest, ")")
	if !ok || len(inside) < 5 || inside[0] != inside[1] || inside[0] != inside[2] || inside[len(inside)-1] != inside[0] {
		return 0, errProtocol
	}
	return portOf(inside[3 : len(inside)-1])
}

// pasv reads "227 Entering Passive Mode (192,0,2,7,25,46)"; not every server writes
// the brackets.
func pasv(line string) (uint16, error) {
	numbers := strings.FieldsFunc(line[min(3, len(line)):], func(r rune) bool { return r != ',' && (r < '0' || r > '9') })
	for _, field := range numbers {
		parts := strings.Split(field, ",")
		if len(parts) != 6 {
			continue
		}
		high, err := strconv.ParseUint(parts[4], 10, 8)
		if err != nil {
			return 0, errProtocol
		}
		low, err := strconv.ParseUint(parts[5], 10, 8)
		if err != nil {
			return 0, errProtocol
		}
		return uint16(high<<8 | low), nil
	}
	return 0, errProtocol
}

func portOf(s string) (uint16, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return 0, errProtocol
	}
	return uint16(n), nil
}

// errTooMuch ends a transfer that is over its limit.
var errTooMuch = errors.New("ftp: more than the limit")

// fetch sends a command whose answer is data, and hands the data over. What read
// returns ends the transfer; the server must then confirm that it was all.
func (c *Client) fetch(ctx context.Context, command string, read func(io.Reader) error) error {
	if !clean(command) {
		return c.send(command)
	}
	port, err := c.passive()
	if err != nil {
		return err
	}
	plain, err := c.Dial(ctx, port)
	if err != nil {
		// The session is as it was, but a server that cannot be reached for one
		// file is not reached for the next.
		return failed(problem.Unavailable, err, "The server offers its files at a port that cannot be reached. Its firewall, or ours, does not let them through.")
	}
	defer plain.Close()
	stop := context.AfterFunc(ctx, func() { plain.Close() })
	defer stop()
	if err := c.send(command); err != nil {
		return err
	}
	r, err := c.answer()
	if err != nil {
		return err
	}
	if r.class() != 1 && r.class() != 2 {
		return &r
	}
	var data net.Conn = plain
	if c.tls != nil {
		data = tls.Client(plain, c.tls)
	}
	err = read(&slow{conn: data, plain: plain, timeout: c.Timeout})
	if errors.Is(err, errTooMuch) {
		// There is no sure way to end a transfer: the session ends with it.
		c.broken = err
		c.plain.Close()
		return err
	}
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	plain.Close()
	if r.class() == 1 {
		if r, err = c.answer(); err != nil {
			return err
		}
	}
	if r.class() != 2 {
		return &r
	}
	return nil
}

// slow is a connection that must bring something in each timeout.
type slow struct {
	conn, plain net.Conn
	timeout     time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	s.plain.SetDeadline(time.Now().Add(s.timeout))
	return s.conn.Read(p)
}

// Read returns a file of up to limit bytes.
func (c *Client) Read(ctx context.Context, name string, limit int64) (data []byte, err error) {
	if c.broken != nil {
		return nil, c.broken
	}
	done := c.watch(ctx, name)
	err = c.fetch(ctx, "RETR "+c.absolute(name), func(in io.Reader) (err error) {
		data, err = io.ReadAll(io.LimitReader(in, limit+1))
		if err == nil && int64(len(data)) > limit {
			err = errTooMuch
		}
		return err
	})
	if errors.Is(err, errTooMuch) {
		err = failed(problem.TooLarge, err, "%s has more than %d MB.", name, limit>>20)
	}
	if err = done(err); err != nil {
		return nil, err
	}
	return data, nil
}
