package mail

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"

	"kawaraban/internal/problem"
)

// A mailServer speaks just enough SMTP to take letters, as a real one does:
// it encrypts first, wants a password, and refuses some people.
type mailServer struct {
	tls      *tls.Config
	starttls bool // offered
	implicit bool // TLS from the first byte

	mu       sync.Mutex
	sessions int
	letters  []string // "from>to>first line of the text"
}

// startServer returns a server and the settings to reach it.
func startServer(t *testing.T, security Security) (*mailServer, *SMTP) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(web.Close)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	s := &mailServer{tls: &tls.Config{Certificates: web.TLS.Certificates}, starttls: security == StartTLS, implicit: security == TLS}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if s.implicit {
				conn = tls.Server(conn, s.tls)
			}
			go s.serve(conn, s.implicit)
		}
	}()
	return s, &SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: security, RootCAs: roots, User: "paper", Password: "hunter2"}
}

func (s *mailServer) serve(conn net.Conn, encrypted bool) {
	defer func() { conn.Close() }()
	s.mu.Lock()
	s.sessions++
	s.mu.Unlock()
	r := textproto.NewReader(bufio.NewReader(conn))
	say := func(format string, args ...any) { fmt.Fprintf(conn, format+"\r\n", args...) }
	say("220 mail.example ESMTP")
	from, to := "", ""
	for {
		line, err := r.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			switch {
			case encrypted:
				say("250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN")
			case s.starttls:
				say("250-mail.example\r\n250 STARTTLS")
			default:
				say("250 mail.example")
			}
		case "STARTTLS":
			say("220 go on")
			secure := tls.Server(conn, s.tls)
			conn, encrypted = secure, true
			r = textproto.NewReader(bufio.NewReader(conn))
		case "AUTH":
			if rest == "PLAIN AHBhcGVyAGh1bnRlcjI=" {
				say("235 welcome")
			} else {
				say("535 wrong")
			}
		case "MAIL":
			from = between(rest)
			say("250 ok")
		case "RCPT":
			to = between(rest)
			switch {
			case strings.HasPrefix(to, "gone@"):
				say("550 5.1.1 nobody here")
			case strings.HasPrefix(to, "later@"):
				say("451 4.7.1 later")
			default:
				say("250 ok")
			}
		case "DATA":
			say("354 go on")
			text, err := io.ReadAll(r.DotReader())
			if err != nil {
				return
			}
			_, body, _ := strings.Cut(string(text), "\n\n")
			first, _, _ := strings.Cut(body, "\n")
			s.mu.Lock()
			s.letters = append(s.letters, from+">"+to+">"+first)
			s.mu.Unlock()
			say("250 taken")
		case "RSET", "NOOP":
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("502 what?")
		}
	}
}

func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

func TestSMTP(t *testing.T) {
	server, settings := startServer(t, StartTLS)
	s := sender(t)
	s.Servers = []Server{{SMTP: *settings}}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	to := func(address, returnTo string) Message {
		m := letter
		m.To, m.ReturnTo = address, returnTo
		return m
	}
	var results []string
	s.SendAll(t.Context(), []Message{
		to("a@mail.example", ""), to("gone@mail.example", ""), to("b@mail.example", "bounce+7@harbour-courier.example"), to("later@mail.example", ""), to("none", ""),
		to("c@mail.example", ""),
	}, func(i int, err error) {
		results = append(results, fmt.Sprintf("%d %t %t", i, err == nil, Permanent(err)))
	})
	if want := []string{"0 true false", "1 false true", "2 true false", "3 false false", "4 false true", "5 true false"}; !slices.Equal(results, want) {
		t.Errorf("results %q, want %q", results, want)
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	want := []string{
		"post@harbour-courier.example>a@mail.example>Good morning,",
		"bounce+7@harbour-courier.example>b@mail.example>Good morning,",
		"post@harbour-courier.example>c@mail.example>Good morning,",
	}
	if !slices.Equal(server.letters, want) || server.sessions != 1 {
		t.Errorf("in %d sessions the server got %q, want %q", server.sessions, server.letters, want)
	}
}

func TestSMTPRefuses(t *testing.T) {
	server, settings := startServer(t, StartTLS)
	noTLS, plain := startServer(t, Plain)
	for name, smtp := range map[string]SMTP{
		"a server without encryption": {Host: plain.Host, Port: plain.Port, User: "paper", Password: "hunter2"},
		"an unknown authority":        {Host: settings.Host, Port: settings.Port},
		"a wrong password":            {Host: settings.Host, Port: settings.Port, RootCAs: settings.RootCAs, User: "paper", Password: "x"},
		"nobody there":                {Host: settings.Host, Port: 1},
	} {
		s := sender(t)
		s.Servers = []Server{{SMTP: smtp}}
		if err := s.Send(t.Context(), letter); err == nil || problem.Of(err) != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for want, smtp := range map[string]SMTP{
		"The mail server's password would be sent without encryption; set the security to starttls or tls.": {Host: "a", Security: Plain, User: "a", Password: "b"},
		`The mail server's security is "ssl", and may be starttls, tls or none.`:                            {Host: "a", Security: "ssl"},
	} {
		s := sender(t)
		s.Servers = []Server{{SMTP: smtp}}
		if err := s.Check(); !problem.Is(err, problem.Invalid) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	server.mu.Lock()
	noTLS.mu.Lock()
	if len(server.letters)+len(noTLS.letters) > 0 {
		t.Errorf("letters were sent: %q %q", server.letters, noTLS.letters)
	}
	noTLS.mu.Unlock()
	server.mu.Unlock()

	open := sender(t) // a relay on this machine
	open.Servers = []Server{{SMTP: SMTP{Host: plain.Host, Port: plain.Port, Security: Plain}}}
	if err := open.Send(t.Context(), letter); err != nil {
		t.Error(err)
	}
}

func TestSMTPTLS(t *testing.T) {
	server, settings := startServer(t, TLS)
	s := sender(t)
	s.Servers = []Server{{SMTP: *settings}}
	if err := s.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	server.mu.Lock()
	defer server.mu.Unlock()
	if len(server.letters) != 1 {
		t.Errorf("the server got %q", server.letters)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", settings, *settings, s, settings); strings.Contains(printed, "hunter2") {
		t.Errorf("the password is printed: %s", printed)
	}
}

// A letter arrives as it is, and nothing in it ends it.
func TestStuff(t *testing.T) {
	for raw, want := range map[string]string{
		"":                          "\r\n",
		"a\r\n":                     "a\r\n",
		"a":                         "a\r\n",
		".":                         "..\r\n",
		"a\r\n.\r\nMAIL FROM:<b>":   "a\r\n..\r\nMAIL FROM:<b>\r\n",
		"a\n.\nb":                   "a\r\n..\r\nb\r\n",
		"a\r.\rb\n.\r\n":            "a\r\n..\r\nb\r\n..\r\n",
		"a\r\r\n.\n\r.\r\n..\r\n.b": "a\r\n\r\n..\r\n\r\n..\r\n...\r\n..b\r\n",
	} {
		if got := string(stuff([]byte(">"), []byte(raw))); got != ">"+want {
			t.Errorf("%q is sent as %q, want %q", raw, got, want)
		}
	}
}

// FuzzStuff has a server's reader undo what we do.
func FuzzStuff(f *testing.F) {
	f.Add("a\r\n.\r\n..b\n.\rc")
	f.Fuzz(func(t *testing.T, raw string) {
		sent := string(stuff(nil, []byte(raw)))
		r := bufio.NewReader(strings.NewReader(sent + ".\r\nQUIT\r\n"))
		got, err := io.ReadAll(textproto.NewReader(r).DotReader())
		rest, errRest := io.ReadAll(r)
		want := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(raw)
		if !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if err != nil || errRest != nil || string(got) != want || string(rest) != "QUIT\r\n" {
			t.Fatalf("%q is read as %q, %v, and then %q", raw, got, err, rest)
		}
	})
}

// TestPipelining talks to a server that takes several commands at once, and wants a
// letter even for somebody whom it has refused: the letter is refused as it would be
// without that, nothing of it is sent, and the line is good for the next one.
//
// Seen red: without the empty letter the next commands were taken for one.
func TestPipelining(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan string, 64)
	go func() {
		defer close(heard)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := textproto.NewReader(bufio.NewReader(conn))
		fmt.Fprint(conn, "220 mail.example\r\n")
		for text := false; ; {
			line, err := r.ReadLine()
			if err != nil {
				return
			}
			heard <- line
			answer := "250 well"
			switch verb, _, _ := strings.Cut(line, " "); {
			case text && line != ".":
				continue
			case text:
				text = false
			case verb == "EHLO":
				answer = "250-mail.example\r\n250 PIPELINING"
			case strings.HasPrefix(line, "RCPT TO:<no@"):
				answer = "550 5.1.1 nobody of this name"
			case verb == "DATA":
				answer, text = "354 go on", true
			case verb == "QUIT":
				fmt.Fprint(conn, "221 bye\r\n")
				return
			}
			fmt.Fprint(conn, answer+"\r\n")
		}
	}()
	o := officeOf(t, Server{SMTP: SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: Plain}, Connections: 1})
	y := &tray{parcels: []*Parcel{
		{From: "a@paper.example", To: "no@post.example", Raw: []byte("Subject: secret\r\n\r\nHello\r\n")},
		{From: "a@paper.example", To: "yes@post.example", Raw: []byte("Subject: x\r\n\r\n.Hello\r\n")},
	}}
	if err := o.Deliver(t.Context(), y.next, y.done); err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range heard {
		all = append(all, line)
	}
	want := []string{
		"MAIL FROM:<a@paper.example>", "RCPT TO:<no@post.example>", "DATA", ".", "RSET",
		"MAIL FROM:<a@paper.example>", "RCPT TO:<yes@post.example>", "DATA", "Subject: x", "", "..Hello", ".", "QUIT",
	}
	if !slices.Equal(all[1:], want) {
		t.Errorf("%q", all)
	}
	if no, yes := y.outcomes["no@post.example"], y.outcomes["yes@post.example"]; len(no) != 1 || no[0].Fate != Refused || no[0].Code != 550 || len(yes) != 1 || yes[0].Fate != Accepted {
		t.Errorf("%+v", y.outcomes)
	}
}
