package sftp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kawaraban/internal/problem"
)

const (
	chunk  = 32 << 10 // what every server sends at once
	inPipe = 16       // requests on their way
)

// A File is an entry of a folder.
type File struct {
	Name     string // as the server has it: its bytes need not be UTF-8
	Dir      bool
	Size     int64
	Modified time.Time // the zero time when the server does not say
}

// List reads a folder: its files and folders, neither links nor devices. More says
// that it has more entries than the most that were asked for.
func (c *Client) List(ctx context.Context, dir string, most int) (list []File, more bool, err error) {
	if c.broken != nil {
		return nil, false, c.broken
	}
	done := c.watch(ctx, "the folder "+dir)
	list, more, err = c.list(dir, most)
	return list, more, done(err)
}

func (c *Client) list(dir string, most int) (list []File, more bool, err error) {
	handle, err := c.open((&packet{}).kind(msgOpenDir), dir, nil)
	if err != nil {
		return nil, false, err
	}
	seen := 0
	for {
		kind, r, err := c.ask((&packet{}).kind(msgReadDir), func(p *packet) { p.string(handle) })
		if err != nil {
			return nil, false, err
		}
		var status *statusError
		if kind == msgStatus {
			if err := r.status(); !errors.As(err, &status) || status.code != statusEOF {
				return nil, false, orProtocol(err)
			}
			return list, false, c.close(handle)
		}
		n := r.uint32()
		if kind != msgName || n == 0 {
			return nil, false, errProtocol // nothing, for ever, would be a way to keep us
		}
		for range n {
			f, ok := r.entry()
			if r.bad {
				return nil, false, errProtocol
			}
			if seen++; seen > most+2 { // the folder itself and the one above are entries
				return list, true, c.close(handle)
			}
			if ok {
				list = append(list, f)
			}
		}
		// Each page is an answer, and has the time of one.
		c.conn.SetDeadline(time.Now().Add(c.timeout))
	}
}

// entry reads an entry of a folder. It is not ok when it is none for us.
func (r *reader) entry() (f File, ok bool) {
	name, long := r.string(), r.string()
	a := r.attributes()
	if r.bad {
		return f, false
	}
	f = File{Name: string(name), Size: int64(a.size)}
	if a.flags&attrTimes != 0 {
		f.Modified = time.Unix(int64(a.modified), 0).UTC()
	}
	regular := false
	switch {
	case a.flags&attrMode != 0:
		f.Dir, regular = a.mode&0o170000 == 0o040000, a.mode&0o170000 == 0o100000
	case len(long) > 0:
		f.Dir, regular = long[0] == 'd', long[0] == '-'
	}
	if f.Dir {
		f.Size = 0 // what a server says of a folder's size is its own affair
	} else if !regular || a.flags&attrSize == 0 || f.Size < 0 {
		return f, false
	}
	if len(name) == 0 || len(name) > 1024 || bytes.ContainsAny(name, "/\x00\r\n") || f.Name == "." || f.Name == ".." {
		return f, false
	}
	return f, true
}

// ErrTooLarge is the cause when a file is larger than the limit.
var ErrTooLarge = errors.New("sftp: the file is too large")

// Read returns a file. size is what List said; a file that grows is read on, up to
// limit.
func (c *Client) Read(ctx context.Context, name string, size, limit int64) ([]byte, error) {
	if c.broken != nil {
		return nil, c.broken
	}
	done := c.watch(ctx, name)
	data, err := c.read(name, size, limit)
	if errors.Is(err, ErrTooLarge) {
		done(nil)
		return nil, failed(problem.TooLarge, err, "%s has more than %d MB.", name, limit>>20)
	}
	return data, done(err)
}

// A wish is a part of a file that was asked for.
type wish struct {
	from int64
	n    uint32
}

func (c *Client) read(name string, size, limit int64) ([]byte, error) {
	handle, err := c.open((&packet{}).kind(msgOpen), name, func(p *packet) { p.uint32(1).uint32(0) }) // for reading, no attributes
	if err != nil {
		return nil, err
	}
	var (
		data  []byte
		got   int64
		next  int64       // from where nothing was asked for
		end   = int64(-1) // where the server said that the file ends
		asked = map[uint32]wish{}
		last  error
	)
	send := func(w wish) error {
		c.id++
		asked[c.id] = w
		_, err := c.out.Write((&packet{}).kind(msgRead).uint32(c.id).string(handle).uint64(uint64(w.from)).uint32(w.n).bytes())
		return err
	}
	for {
		// Beyond the size that is known one request is enough to see the end.
		for end < 0 && last == nil && next <= limit && len(asked) < inPipe && (next <= size || len(asked) == 0) {
			if err := send(wish{next, chunk}); err != nil {
				return nil, err
			}
			next += chunk
		}
		if len(asked) == 0 {
			break
		}
		kind, body, err := readPacket(c.in)
		if err != nil {
			return nil, err
		}
		r := reader{rest: body}
		id := r.uint32()
		w, ours := asked[id]
		if !ours || r.bad {
			return nil, errProtocol
		}
		delete(asked, id)
		switch kind {
		case msgData:
			part := r.string()
			n := int64(len(part))
			if r.bad || n == 0 || n > int64(w.n) {
				return nil, errProtocol
			}
			if to := w.from + n; to > int64(len(data)) {
				data = append(data, make([]byte, to-int64(len(data)))...)
			}
			copy(data[w.from:], part)
			got += n
			if n < int64(w.n) && last == nil {
				if err := send(wish{w.from + n, w.n - uint32(n)}); err != nil {
					return nil, err
				}
			}
			c.conn.SetDeadline(time.Now().Add(c.timeout))
		case msgStatus:
			err := r.status()
			var status *statusError
			if !errors.As(err, &status) {
				return nil, orProtocol(err)
			}
			if status.code != statusEOF {
				last = err // what is on its way is still to be read
			} else if end < 0 || w.from < end {
				end = w.from
			}
		default:
			return nil, errProtocol
		}
	}
	if err := c.close(handle); err != nil && last == nil {
		return nil, err
	}
	switch {
	case last != nil:
		return nil, last
	case got > limit || end < 0:
		return nil, ErrTooLarge
	case got != end || int64(len(data)) != end:
		return nil, &statusError{text: "the file became shorter while it was read"}
	}
	return data, nil
}

// open asks for the handle of a file or folder.
func (c *Client) open(p *packet, name string, more func(*packet)) (handle string, err error) {
	if bytes.ContainsRune([]byte(name), 0) {
		return "", &statusError{code: statusNoFile, text: "a name with a zero byte"}
	}
	kind, r, err := c.ask(p, func(p *packet) {
		p.string(name)
		if more != nil {
			more(p)
		}
	})
	if err != nil {
		return "", err
	}
	switch kind {
	case msgHandle:
		h := r.string()
		if r.bad || len(h) > maxHandle {
			return "", errProtocol
		}
		return string(h), nil
	case msgStatus:
		return "", orProtocol(r.status())
	}
	return "", errProtocol
}

// close gives a handle back. A server that does not like that is left alone.
func (c *Client) close(handle string) error {
	kind, _, err := c.ask((&packet{}).kind(msgClose), func(p *packet) { p.string(handle) })
	if err == nil && kind != msgStatus {
		err = errProtocol
	}
	return err
}

// ask sends one request and waits for its answer.
func (c *Client) ask(p *packet, rest func(*packet)) (kind byte, r *reader, err error) {
	c.id++
	p.uint32(c.id)
	rest(p)
	if _, err := c.out.Write(p.bytes()); err != nil {
		return 0, nil, fmt.Errorf("send: %w", err)
	}
	kind, body, err := readPacket(c.in)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	r = &reader{rest: body}
	if id := r.uint32(); r.bad || id != c.id {
		return 0, nil, errProtocol
	}
	return kind, r, nil
}

// orProtocol is err, or what a server did that said OK and nothing else.
func orProtocol(err error) error {
	if err == nil {
		return errProtocol
	}
	return err
}
