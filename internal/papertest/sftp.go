package papertest

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// An SFTP is a server of a test. User and password are kestrel and hunter2; it also
// takes the key Key.
type SFTP struct {
	Addr        string
	Fingerprint string // of its key
	Key         []byte // a private key in PEM that it lets in
	Page        int    // entries of a folder it sends at once

	// Short, when it is not 0, is how many bytes of a file it sends at most at once.
	Short int

	tree     *Tree
	listener net.Listener
	mu       sync.Mutex
	config   *ssh.ServerConfig
}

// ServeSFTP starts a server that shows tree.
func ServeSFTP(t testing.TB, tree *Tree) *SFTP {
	t.Helper()
	s := &SFTP{Page: 100, tree: tree}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Key = pem.EncodeToMemory(block)
	known, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	s.config = &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if c.User() != "kestrel" || string(password) != "hunter2" {
				return nil, errors.New("no")
			}
			return nil, nil
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() != "kestrel" || string(key.Marshal()) != string(known.Marshal()) {
				return nil, errors.New("no")
			}
			return nil, nil
		},
	}
	s.ChangeKey(t)
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.Addr = s.listener.Addr().String()
	done := accept(s.listener, s.serve)
	t.Cleanup(func() { s.listener.Close(); done() })
	return s
}

// accept serves each connection of l in a goroutine. The function that it returns
// ends them, and waits for that.
func accept(l net.Listener, serve func(net.Conn)) (end func()) {
	var group sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	group.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			group.Go(func() {
				serve(conn)
				conn.Close()
				mu.Lock()
				delete(open, conn)
				mu.Unlock()
			})
		}
	})
	return func() {
		l.Close()
		mu.Lock()
		for conn := range open {
			conn.Close()
		}
		mu.Unlock()
		group.Wait()
	}
}

// ChangeKey gives the server another key.
func (s *SFTP) ChangeKey(t testing.TB) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	config := *s.config // a host key cannot be taken away
	config = ssh.ServerConfig{PasswordCallback: config.PasswordCallback, PublicKeyCallback: config.PublicKeyCallback}
	config.AddHostKey(signer)
	s.config, s.Fingerprint = &config, ssh.FingerprintSHA256(signer.PublicKey())
}

func (s *SFTP) serve(conn net.Conn) {
	s.mu.Lock()
	config := s.config
	s.mu.Unlock()
	sc, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	defer sc.Close()
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			offered.Reject(ssh.UnknownChannelType, "no")
			continue
		}
		ch, asked, err := offered.Accept()
		if err != nil {
			return
		}
		go func() {
			for r := range asked {
				r.Reply(r.Type == "subsystem", nil)
			}
		}()
		talk := &sftpTalk{s: s, ch: ch, handles: map[string]*sftpHandle{}}
		for talk.answer() == nil {
		}
		ch.Close()
		return
	}
}

// An sftpTalk is one session. It is written from the draft, and shares nothing with
// the client that it tests.
type sftpTalk struct {
	s       *SFTP
	ch      ssh.Channel
	handles map[string]*sftpHandle
	next    byte
}

type sftpHandle struct {
	name string
	data []byte
	list []leaf
	sent int
}

var errCut = errors.New("the test cuts the connection")

func (t *sftpTalk) answer() error {
	var size uint32
	if err := binary.Read(t.ch, binary.BigEndian, &size); err != nil {
		return err
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(t.ch, b); err != nil {
		return err
	}
	kind, b := b[0], b[1:]
	if kind == 1 { // INIT
		return t.send(2, binary.BigEndian.AppendUint32(nil, 3))
	}
	id, b := b[:4], b[4:]
	text, b := cutString(b)
	switch kind {
	case 3: // OPEN
		f, ok := t.s.tree.open(text)
		if !ok {
			return t.status(id, 2)
		}
		return t.handle(id, &sftpHandle{name: text, data: f.data})
	case 4: // CLOSE
		delete(t.handles, text)
		return t.status(id, 0)
	case 5: // READ
		return t.read(id, t.handles[text], binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:]))
	case 11: // OPENDIR
		list, ok := t.s.tree.list(text)
		if !ok {
			return t.status(id, 2)
		}
		list = append([]leaf{{name: ".", dir: true}, {name: "..", dir: true}}, list...)
		return t.handle(id, &sftpHandle{name: text, list: list})
	case 12: // READDIR
		return t.readDir(id, t.handles[text])
	}
	return t.status(id, 8)
}

func (t *sftpTalk) handle(id []byte, h *sftpHandle) error {
	t.next++
	name := string([]byte{'h', t.next})
	t.handles[name] = h
	return t.send(102, appendString(id, name))
}

func (t *sftpTalk) read(id []byte, h *sftpHandle, from uint64, n uint32) error {
	if h == nil {
		return t.status(id, 4)
	}
	if from >= uint64(len(h.data)) {
		return t.status(id, 1)
	}
	part := h.data[from:]
	part = part[:min(len(part), int(n))]
	if t.s.Short > 0 {
		part = part[:min(len(part), t.s.Short)]
	}
	if t.s.tree.cuts("read", h.name, int(from)+len(part)) {
		return errCut
	}
	return t.send(103, appendString(id, string(part)))
}

func (t *sftpTalk) readDir(id []byte, h *sftpHandle) error {
	if h == nil {
		return t.status(id, 4)
	}
	if h.sent == len(h.list) {
		return t.status(id, 1)
	}
	page := h.list[h.sent:]
	page = page[:min(len(page), t.s.Page)]
	b := binary.BigEndian.AppendUint32(id, uint32(len(page)))
	for _, f := range page {
		h.sent++
		if t.s.tree.cuts("list", h.name, h.sent) {
			return errCut
		}
		mode := uint32(0o100644)
		if f.dir {
			mode = 0o040755
		}
		b = appendString(appendString(b, f.name), "")
		b = binary.BigEndian.AppendUint32(b, 1|2|4|8)
		b = binary.BigEndian.AppendUint64(b, uint64(len(f.data)))
		for _, v := range []uint32{1000, 1000, mode, uint32(f.modified.Unix()), uint32(f.modified.Unix())} {
			b = binary.BigEndian.AppendUint32(b, v)
		}
	}
	return t.send(104, b)
}

func (t *sftpTalk) status(id []byte, code uint32) error {
	return t.send(101, appendString(appendString(binary.BigEndian.AppendUint32(id, code), "status"), "en"))
}

func (t *sftpTalk) send(kind byte, body []byte) error {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+1))
	_, err := t.ch.Write(append(append(b, kind), body...))
	return err
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func cutString(b []byte) (string, []byte) {
	n := binary.BigEndian.Uint32(b)
	return string(b[4 : 4+n]), b[4+n:]
}
