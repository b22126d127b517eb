package sftp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// noon is when files of these tests were written.
func noon() time.Time { return time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC) }

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func config(s *papertest.SFTP) Config {
	return Config{User: "kestrel", Password: "hunter2", HostKey: s.Fingerprint, Timeout: 10 * time.Second}
}

func open(t *testing.T, s *papertest.SFTP) *Client {
	t.Helper()
	c, err := Open(t.Context(), dial(t, s.Addr), config(s))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestList lists folders that come in several pages.
func TestList(t *testing.T) {
	tree := &papertest.Tree{}
	for i := range 250 {
		tree.Put(fmt.Sprintf("/in/%03d.xml", i), []byte("text"), noon().Add(time.Duration(i)*time.Second))
	}
	tree.Put("/in/photos/a.jpg", []byte("picture"), noon())
	tree.Put("/in/caf\xe9.xml", []byte("old letters"), noon())
	tree.Put("/in/two\nlines.xml", []byte("a trap"), noon())
	c := open(t, papertest.ServeSFTP(t, tree))
	list, more, err := c.List(t.Context(), "/in", 1000)
	if err != nil || more || len(list) != 252 {
		t.Fatalf("%d files, more %v, %v", len(list), more, err)
	}
	if f := list[7]; f.Name != "007.xml" || f.Size != 4 || f.Dir || !f.Modified.Equal(noon().Add(7*time.Second)) {
		t.Errorf("the eighth is %+v", f)
	}
	if f := list[250]; f.Name != "caf\xe9.xml" {
		t.Errorf("a name of other letters is %q", f.Name)
	}
	if f := list[251]; f.Name != "photos" || !f.Dir {
		t.Errorf("the folder is %+v", f)
	}
	if list, more, err = c.List(t.Context(), "/in", 120); err != nil || !more || len(list) != 120 {
		t.Errorf("of at most 120 came %d, more %v, %v", len(list), more, err)
	}
	if _, _, err = c.List(t.Context(), "/none", 10); !errors.Is(err, fs.ErrNotExist) || !problem.Is(err, problem.NotFound) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if list, _, err = c.List(t.Context(), "/in/photos", 10); err != nil || len(list) != 1 {
		t.Errorf("after that the session gives %v, %v", list, err)
	}
}

// TestRead reads files of every length at which parts meet.
func TestRead(t *testing.T) {
	tree := &papertest.Tree{}
	s := papertest.ServeSFTP(t, tree)
	for _, short := range []int{0, 1000} {
		s.Short = short
		c := open(t, s)
		for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 3*chunk + 5, 20 * chunk, 21*chunk - 1} {
			data := make([]byte, n)
			for i := range data {
				data[i] = byte(i * 7 / 3)
			}
			tree.Put("/f", data, noon())
			for _, size := range []int{n, 0, n / 2, n + 100_000} { // what was listed may be old
				got, err := c.Read(t.Context(), "/f", int64(size), 1<<20)
				if err != nil || !bytes.Equal(got, data) {
					t.Fatalf("%d bytes, listed as %d, short %d: %d came, %v", n, size, short, len(got), err)
				}
			}
			if n > 1 {
				if _, err := c.Read(t.Context(), "/f", int64(n), int64(n-1)); !problem.Is(err, problem.TooLarge) {
					t.Errorf("%d bytes, and one less is the limit: %v", n, err)
				}
			}
		}
		if _, err := c.Read(t.Context(), "/none", 1, 100); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that is gone: %v", err)
		}
	}
}

// TestLogin is about who lets whom in.
func TestLogin(t *testing.T) {
	s := papertest.ServeSFTP(t, &papertest.Tree{})
	try := func(change func(*Config)) error {
		t.Helper()
		c := config(s)
		change(&c)
		client, err := Open(t.Context(), dial(t, s.Addr), c)
		if err == nil {
			client.Close()
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v tells the password", err)
		}
		return err
	}
	if err := try(func(c *Config) { c.Password = "other" }); !problem.Is(err, problem.Forbidden) || !strings.Contains(err.Error(), "does not let us in") {
		t.Errorf("a wrong password: %v", err)
	}
	if err := try(func(c *Config) { c.Password, c.Key = "", s.Key }); err != nil {
		t.Errorf("with a key: %v", err)
	}
	for _, between := range []string{"", " ", "\r\n"} {
		key := strings.ReplaceAll(strings.TrimSpace(string(s.Key)), "\n", between)
		if err := try(func(c *Config) { c.Password, c.Key = "", []byte(key) }); err != nil {
			t.Errorf("with a key whose lines are parted by %q: %v", between, err)
		}
	}
	if err := try(func(c *Config) { c.Key = []byte("-----BEGIN nothing") }); !problem.Is(err, problem.Invalid) {
		t.Errorf("a key that is none: %v", err)
	}
	var key *KeyError
	if err := try(func(c *Config) { c.HostKey = "" }); !errors.As(err, &key) || key.Got != s.Fingerprint || !strings.Contains(err.Error(), s.Fingerprint) {
		t.Errorf("the first time: %v", err)
	}
	before := s.Fingerprint
	s.ChangeKey(t)
	if err := try(func(c *Config) { c.HostKey = before }); !errors.As(err, &key) || key.Want != before || !strings.Contains(err.Error(), "another key") {
		t.Errorf("another key: %v", err)
	}
}

// TestCut is about connections that break, in a list and in a file.
func TestCut(t *testing.T) {
	tree := &papertest.Tree{}
	for i := range 300 {
		tree.Put(fmt.Sprintf("/in/%03d.xml", i), bytes.Repeat([]byte("x"), 100_000), noon())
	}
	s := papertest.ServeSFTP(t, tree)
	for _, what := range []string{"list", "read"} {
		tree.Cut(func(w, _ string, n int) bool { return w == what && n > 150 })
		c := open(t, s)
		_, _, err := c.List(t.Context(), "/in", 1000)
		if what == "read" {
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Read(t.Context(), "/in/001.xml", 100_000, 1<<20)
		}
		if !problem.Is(err, problem.Unavailable) {
			t.Errorf("cut in a %s: %v", what, err)
		}
		if _, _, err := c.List(t.Context(), "/in", 1000); err == nil {
			t.Errorf("cut in a %s, and the session goes on", what)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	tree.Cut(func(string, string, int) bool { cancel(); return false })
	c := open(t, s)
	if _, _, err := c.List(ctx, "/in", 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("ended by us: %v", err)
	}
}

// hostile is a Client whose server answers each request with the next of answers,
// then with nothing.
func hostile(t *testing.T, answers ...[]byte) *Client {
	t.Helper()
	ours, theirs := net.Pipe()
	c := &Client{conn: ours, in: ours, out: ours, timeout: time.Minute}
	asked := make(chan struct{}, 100)
	var both sync.WaitGroup
	both.Go(func() {
		defer close(asked)
		for {
			_, _, err := readPacket(theirs)
			if err != nil {
				return
			}
			asked <- struct{}{}
		}
	})
	both.Go(func() {
		defer theirs.Close()
		for _, a := range answers {
			if _, more := <-asked; !more {
				return
			}
			if _, err := theirs.Write(a); err != nil {
				return
			}
		}
	})
	t.Cleanup(func() { ours.Close(); theirs.Close(); both.Wait() })
	return c
}

func answer(kind byte, id uint32) *packet { return (&packet{}).kind(kind).uint32(id) }

// TestHostile lets a server say what no server may. Nothing of it is kept, and
// nobody waits.
func TestHostile(t *testing.T) {
	handle := answer(msgHandle, 1).string("h").bytes()
	length := func(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
	name := func(id uint32) *packet { return answer(msgName, id).uint32(1).string("a").string("-rw") }
	for what, answers := range map[string][][]byte{
		"an endless packet":    {length(1 << 31)},
		"an empty packet":      {length(0)},
		"another id":           {answer(msgHandle, 9).string("h").bytes()},
		"no id":                {(&packet{}).kind(msgHandle).bytes()},
		"a long handle":        {answer(msgHandle, 1).string(strings.Repeat("h", 300)).bytes()},
		"OK for a handle":      {answer(msgStatus, 1).uint32(statusOK).bytes()},
		"a page of nothing":    {handle, answer(msgName, 2).uint32(0).bytes()},
		"more than there is":   {handle, answer(msgName, 2).uint32(1 << 30).bytes()},
		"endless attributes":   {handle, name(2).uint32(attrExtended).uint32(1 << 31).bytes()},
		"a string beyond":      {handle, answer(msgName, 2).uint32(1).uint32(1 << 31).bytes()},
		"data for a list":      {handle, answer(msgData, 2).string("x").bytes()},
		"OK for a list":        {handle, answer(msgStatus, 2).uint32(statusOK).bytes()},
		"an end in the packet": {handle, name(2).bytes()[:12]},
	} {
		if list, _, err := hostile(t, answers...).List(t.Context(), "/", 10); err == nil {
			t.Errorf("%s gives a list: %v", what, list)
		}
	}
	for what, answers := range map[string][][]byte{
		"another id":       {handle, answer(msgData, 99).string("x").bytes()},
		"no bytes":         {handle, answer(msgData, 2).string("").bytes()},
		"more than asked":  {handle, answer(msgData, 2).string(strings.Repeat("x", chunk+1)).bytes()},
		"a list":           {handle, answer(msgName, 2).uint32(0).bytes()},
		"OK":               {handle, answer(msgStatus, 2).uint32(statusOK).bytes()},
		"the same answer":  {handle, append(answer(msgData, 2).string("x").bytes(), answer(msgData, 2).string("x").bytes()...)},
		"an end, and more": {handle, answer(msgStatus, 2).uint32(statusEOF).bytes(), answer(msgData, 3).string("x").bytes()},
	} {
		if data, err := hostile(t, answers...).Read(t.Context(), "/f", 10, 100); err == nil {
			t.Errorf("%s gives a file: %q", what, data)
		}
	}
}

// TestSilent holds that nobody waits for a server that says nothing, before or
// after logging in.
func TestSilent(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	go io.Copy(io.Discard, theirs)
	if _, err := Open(t.Context(), ours, Config{Timeout: 20 * time.Millisecond}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("logging in: %v", err)
	}
	c := hostile(t)
	c.timeout = 20 * time.Millisecond
	theirSide, ourSide := net.Pipe()
	defer theirSide.Close()
	go io.Copy(io.Discard, theirSide)
	c.conn, c.in, c.out = ourSide, ourSide, ourSide
	if _, _, err := c.List(t.Context(), "/", 10); !problem.Is(err, problem.Unavailable) {
		t.Errorf("listing: %v", err)
	}
}

// FuzzPacket reads what a stranger sends as each kind of answer.
func FuzzPacket(f *testing.F) {
	f.Add(answer(msgHandle, 1).string("h").bytes())
	f.Add(answer(msgName, 1).uint32(1).string("a.xml").string("-rw-r--r--").uint32(attrSize | attrOwner | attrMode | attrTimes).
		uint64(4).uint64(0).uint32(0o100644).uint64(7).bytes())
	f.Add(answer(msgName, 1).uint32(1).string("a").string("d").uint32(attrExtended).uint32(1).string("k").string("v").bytes())
	f.Add(answer(msgName, 1).uint32(1).string("a").string("drwxr-xr-x").uint32(attrSize).uint64(1 << 63).bytes())
	f.Add(answer(msgStatus, 1).uint32(statusEOF).string("end").string("en").bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bytes.NewReader(data)
		kind, body, err := readPacket(in)
		if err != nil {
			return
		}
		if len(body) >= maxPacket || len(body) > len(data) {
			t.Fatalf("a packet of %d bytes from %d", len(body), len(data))
		}
		r := reader{rest: body}
		r.uint32()
		switch kind {
		case msgName:
			for n := r.uint32(); n > 0 && !r.bad; n-- {
				if file, ok := r.entry(); ok && (file.Size < 0 || strings.ContainsAny(file.Name, "/\r\n\x00")) {
					t.Errorf("a file is %+v", file)
				}
			}
		case msgStatus:
			var status *statusError
			if err := r.status(); errors.As(err, &status) && len(status.text) > 200 {
				t.Error("the text of a status is long")
			}
		default:
			r.string()
		}
	})
}
