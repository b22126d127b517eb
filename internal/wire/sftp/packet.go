package sftp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"kawaraban/internal/problem"
)

// version is the version of the protocol.
const version = 3

// Kinds of packets.
const (
	msgInit    = 1
	msgVersion = 2
	msgOpen    = 3
	msgClose   = 4
	msgRead    = 5
	msgOpenDir = 11
	msgReadDir = 12
	msgStatus  = 101
	msgHandle  = 102
	msgData    = 103
	msgName    = 104
)

// Codes of a status.
const (
	statusOK     = 0
	statusEOF    = 1
	statusNoFile = 2
	statusDenied = 3
)

// Flags of attributes.
const (
	attrSize     = 1
	attrOwner    = 2
	attrMode     = 4
	attrTimes    = 8
	attrExtended = 1 << 31
)

const (
	maxPacket = 256 << 10 // as OpenSSH has it
	maxHandle = 256       // by the protocol
)

// errProtocol ends a session with a server that does not keep to the protocol.
var errProtocol = errors.New("sftp: the server does not keep to the protocol")

// A statusError is an answer that says no.
type statusError struct {
	code uint32
	text string
}

func (e *statusError) Error() string { return fmt.Sprintf("sftp: status %d: %s", e.code, e.text) }

// explain says what the server did not want to do.
func (e *statusError) explain(what string) error {
	switch e.code {
	case statusNoFile:
		return failed(problem.NotFound, errors.Join(fs.ErrNotExist, e), "The server has no %s.", what)
	case statusDenied:
		return failed(problem.Forbidden, errors.Join(fs.ErrPermission, e), "The server does not let us read %s.", what)
	}
	return failed(problem.Unavailable, e, "The server cannot read %s now.", what)
}

// readPacket reads one packet, and returns its kind and what follows.
func readPacket(in io.Reader) (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[:4])
	if n < 1 || n > maxPacket {
		return 0, nil, errProtocol
	}
	body = make([]byte, n-1)
	if _, err := io.ReadFull(in, body); err != nil {
		return 0, nil, err
	}
	return head[4], body, nil
}

// A packet is one that is being written.
type packet struct{ b []byte }

func (p *packet) kind(k byte) *packet {
	p.b = append(p.b, 0, 0, 0, 0, k)
	return p
}

func (p *packet) uint32(v uint32) *packet {
	p.b = binary.BigEndian.AppendUint32(p.b, v)
	return p
}

func (p *packet) uint64(v uint64) *packet {
	p.b = binary.BigEndian.AppendUint64(p.b, v)
	return p
}

func (p *packet) string(s string) *packet {
	p.uint32(uint32(len(s)))
	p.b = append(p.b, s...)
	return p
}

// bytes is the packet with its length.
func (p *packet) bytes() []byte {
	binary.BigEndian.PutUint32(p.b, uint32(len(p.b)-4))
	return p.b
}

// A reader takes values off a packet. Once one is not there, it is bad, and
// everything that follows is empty.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.rest) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// string is a string of the packet, which it shares.
func (r *reader) string() []byte {
	n := r.uint32()
	if n > maxPacket {
		r.bad = true
		return nil
	}
	return r.take(int(n))
}

// attributes are what a server says about a file.
type attributes struct {
	flags    uint32
	size     uint64
	mode     uint32
	modified uint32
}

func (r *reader) attributes() (a attributes) {
	a.flags = r.uint32()
	if a.flags&attrSize != 0 {
		a.size = r.uint64()
	}
	if a.flags&attrOwner != 0 {
		r.take(8)
	}
	if a.flags&attrMode != 0 {
		a.mode = r.uint32()
	}
	if a.flags&attrTimes != 0 {
		r.take(4) // when it was read
		a.modified = r.uint32()
	}
	if a.flags&attrExtended != 0 {
		for n := r.uint32(); n > 0 && !r.bad; n-- {
			r.string()
			r.string()
		}
	}
	return a
}

// status reads the body of a status, behind its id. It is nil for OK.
func (r *reader) status() error {
	code := r.uint32()
	if r.bad {
		return errProtocol
	}
	if code == statusOK {
		return nil
	}
	text := r.string() // some servers send none
	if len(text) > 200 {
		text = text[:200]
	}
	return &statusError{code: code, text: string(text)}
}
