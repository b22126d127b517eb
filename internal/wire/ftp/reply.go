package ftp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"kawaraban/internal/problem"
)

const (
	maxLine  = 4 << 10 // bytes of a line of an answer
	maxLines = 200     // of one answer
)

// errProtocol ends a session with a server that does not keep to the protocol.
var errProtocol = errors.New("ftp: the server does not keep to the protocol")

// A reply is an answer: its code, and its lines with the code in front of the first.
type reply struct {
	code  int
	lines []string
}

func (r *reply) class() int { return r.code / 100 }

// Error is the answer where it says no.
func (r *reply) Error() string {
	text := strings.Join(r.lines, " ")
	return "ftp: " + text[:min(len(text), 200)]
}

// explain says what the server did not want to do.
func (r *reply) explain(what string) error {
	switch r.code {
	case 550, 553:
		return failed(problem.NotFound, errors.Join(fs.ErrNotExist, r), "The server has no %s, or does not let us read it.", what)
	case 530, 532:
		return failed(problem.Forbidden, errors.Join(fs.ErrPermission, r), "The server does not let us read %s.", what)
	}
	return failed(problem.Unavailable, r, "The server cannot read %s now.", what)
}

// readReply reads one answer, of one line or of several.
func readReply(in *bufio.Reader) (r reply, err error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return r, err
		}
		if len(r.lines) == 0 {
			if len(line) < 3 || line[0] < '1' || line[0] > '5' || line[1] < '0' || line[1] > '9' || line[2] < '0' || line[2] > '9' {
				return r, errProtocol
			}
			r.code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
		}
		r.lines = append(r.lines, line)
		switch first := r.lines[0]; {
		case len(r.lines) > maxLines:
			return r, errProtocol
		case len(first) == 3 || first[3] == ' ':
			return r, nil
		case first[3] != '-':
			return r, errProtocol
		case len(r.lines) > 1 && strings.HasPrefix(line, first[:3]) && (len(line) == 3 || line[3] == ' '):
			return r, nil
		}
	}
}

// readLine reads a line without its end. A longer one than the buffer is an offence.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return "", errProtocol
	}
	if errors.Is(err, io.EOF) {
		return "", io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// answer waits for an answer.
func (c *Client) answer() (reply, error) {
	c.plain.SetDeadline(time.Now().Add(c.Timeout))
	return readReply(c.in)
}

// send sends a command.
func (c *Client) send(command string) error {
	if !clean(command) {
		return &reply{code: 553, lines: []string{"553 a name with a line break"}}
	}
	c.plain.SetDeadline(time.Now().Add(c.Timeout))
	_, err := fmt.Fprintf(c.conn, "%s\r\n", command)
	return err
}

// ask sends a command and waits for its answer.
func (c *Client) ask(command string) (reply, error) {
	if err := c.send(command); err != nil {
		return reply{}, err
	}
	r, err := c.answer()
	if err == nil && r.code == 421 { // it hangs up
		return r, fmt.Errorf("%w: %s", io.ErrUnexpectedEOF, r.Error())
	}
	return r, err
}
