package papertest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/emersion/go-smtp"
)

// A Sink is a mail server that delivers nothing: it counts letters, keeps them
// where a test wants to read them, and plays the faults of real servers.
type Sink struct {
	Keep bool        // the letters; otherwise they are only counted
	TLS  *tls.Config // offers STARTTLS

	// Play, if any, decides what the server answers at a stage: nil for all is
	// well, Answer for a refusal, ErrDrop to close the connection without a word.
	// It may take its time.
	Play func(stage Stage, from, to string) error

	mu      sync.Mutex
	server  *smtp.Server
	letters []Letter
	taken   atomic.Int64
	opened  atomic.Int64
	now     atomic.Int64
	most    atomic.Int64
}

// A Letter is what a sink was given.
type Letter struct {
	From, To string
	Raw      []byte
}

// A Stage is how far a letter has come.
type Stage string

const (
	OnConnect Stage = "connect"
	OnMail    Stage = "mail"
	OnRcpt    Stage = "rcpt"
	OnData    Stage = "data"  // the letter has come, and is not taken yet
	OnTaken   Stage = "taken" // it is taken, and the sender does not know yet
)

// ErrDrop closes a connection without an answer.
var ErrDrop = errors.New("papertest: drop the connection")

// Answer is an answer of a mail server, such as 451, "4.7.1", "later".
func Answer(code int, status, text string) error {
	e := &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: text}
	for i, part := range bytes.SplitN([]byte(status), []byte("."), 3) {
		e.EnhancedCode[i], _ = strconv.Atoi(string(part))
	}
	return e
}

// Serve takes letters from l until Close.
func (s *Sink) Serve(l net.Listener) error { return s.open().Serve(l) }

// Close ends all connections at once, as a machine that loses power.
func (s *Sink) Close() { _ = s.open().Close() }

// Taken is how many letters were taken.
func (s *Sink) Taken() int { return int(s.taken.Load()) }

// Opened is how many connections there have been.
func (s *Sink) Opened() int { return int(s.opened.Load()) }

// Most is how many connections there were at once.
func (s *Sink) Most() int { return int(s.most.Load()) }

// Letters are those that were kept.
func (s *Sink) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

func (s *Sink) open() *smtp.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		s.server = smtp.NewServer(smtp.BackendFunc(s.session))
		s.server.Domain, s.server.TLSConfig, s.server.ErrorLog = "sink.example", s.TLS, log.New(io.Discard, "", 0)
	}
	return s.server
}

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	s.opened.Add(1)
	now := s.now.Add(1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	v := &visit{sink: s, conn: c}
	if err := v.play(OnConnect); err != nil {
		s.now.Add(-1)
		return nil, err
	}
	return v, nil
}

// A visit is one connection to a sink.
type visit struct {
	sink     *Sink
	conn     *smtp.Conn
	from, to string
}

func (v *visit) Reset()        { v.from, v.to = "", "" }
func (v *visit) Logout() error { v.sink.now.Add(-1); return nil }

func (v *visit) Mail(from string, _ *smtp.MailOptions) error {
	v.from = from
	return v.play(OnMail)
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.to = to
	return v.play(OnRcpt)
}

func (v *visit) Data(r io.Reader) error {
	letter := Letter{From: v.from, To: v.to}
	into := io.Discard
	var b bytes.Buffer
	if v.sink.Keep {
		into = &b
	}
	if _, err := io.Copy(into, r); err != nil {
		return err
	}
	if err := v.play(OnData); err != nil {
		return err
	}
	v.sink.taken.Add(1)
	if letter.Raw = b.Bytes(); v.sink.Keep {
		v.sink.mu.Lock()
		v.sink.letters = append(v.sink.letters, letter)
		v.sink.mu.Unlock()
	}
	return v.play(OnTaken)
}

func (v *visit) play(stage Stage) error {
	if v.sink.Play == nil {
		return nil
	}
	err := v.sink.Play(stage, v.from, v.to)
	if errors.Is(err, ErrDrop) {
		_ = v.conn.Conn().Close()
	}
	return err
}
