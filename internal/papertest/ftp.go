package papertest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// An FTP is a server of a test. User and password are kestrel and hunter2. What it can
// do, and how it writes a list, is changed before somebody connects.
type FTP struct {
	Addr  string
	Certs *x509.CertPool // who vouches for its certificate, which is for example.com

	Facts    bool           // it knows MLSD
	Old      bool           // it knows PASV only, and says it is at another address
	DOS      bool           // lists are written as DOS writes them, all times by the zone's clock of now
	Zone     *time.Location // in which lists have times
	Now      func() time.Time
	Mute     bool   // it does not know MDTM
	Implicit bool   // TLS from the first byte
	Plain    bool   // it has no TLS
	Reuse    bool   // data must be fetched by the session of TLS of who is logged in
	Before   string // said before TLS begins, behind the answer to AUTH

	tree *Tree
	tls  *tls.Config
	mu   sync.Mutex
	said []string
}

// ServeFTP starts a server that shows tree. change, which may be nil, sets it up.
func ServeFTP(t testing.TB, tree *Tree, change func(*FTP)) *FTP {
	t.Helper()
	web := httptest.NewUnstartedServer(nil) // for its certificate
	web.StartTLS()
	web.Close()
	s := &FTP{Facts: true, Zone: time.UTC, Now: time.Now, tree: tree, Certs: x509.NewCertPool()}
	s.tls = &tls.Config{Certificates: web.TLS.Certificates}
	s.Certs.AddCert(web.Certificate())
	if change != nil {
		change(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = l.Addr().String()
	t.Cleanup(accept(l, s.serve))
	return s
}

// Said are the commands that the server has heard.
func (s *FTP) Said() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.said...)
}

// An ftpTalk is one session.
type ftpTalk struct {
	*FTP
	conn      net.Conn
	in        *bufio.Reader
	dir       string
	user      string
	known     bool // logged in
	protected bool
	data      net.Listener
}

func (s *FTP) serve(conn net.Conn) {
	t := &ftpTalk{FTP: s, conn: conn, dir: "/"}
	if s.Implicit {
		t.conn = tls.Server(conn, s.tls)
	}
	t.in = bufio.NewReader(t.conn)
	t.say("220-Welcome\r\n220 to a server of a test")
	for {
		line, err := t.in.ReadString('\n')
		if err != nil {
			break
		}
		line = strings.TrimRight(line, "\r\n")
		s.mu.Lock()
		s.said = append(s.said, line)
		s.mu.Unlock()
		verb, arg, _ := strings.Cut(line, " ")
		if !t.command(verb, arg) {
			break
		}
	}
	if t.data != nil {
		t.data.Close()
	}
}

func (t *ftpTalk) say(lines string) { fmt.Fprint(t.conn, lines+"\r\n") }

// command answers a command, and reports whether the session goes on.
func (t *ftpTalk) command(verb, arg string) bool {
	switch verb {
	case "QUIT":
		return false
	case "AUTH":
		if t.Plain {
			t.say("502 no")
			return true
		}
		fmt.Fprint(t.conn, "234 go on\r\n"+t.Before)
		secure := tls.Server(t.conn, t.tls)
		t.conn, t.in = secure, bufio.NewReader(secure)
	case "USER":
		t.user = arg
		t.say("331 and the password")
	case "PASS":
		if t.known = t.user == "kestrel" && arg == "hunter2"; t.known {
			t.say("230 come in")
		} else {
			t.say("530 Login incorrect.")
		}
	default:
		if !t.known {
			t.say("530 who are you")
			return true
		}
		return t.inside(verb, arg)
	}
	return true
}

func (t *ftpTalk) inside(verb, arg string) bool {
	switch verb {
	case "PBSZ", "OPTS", "TYPE":
		t.say("200 yes")
	case "PROT":
		t.protected = true
		t.say("200 yes")
	case "FEAT":
		facts := ""
		if t.Facts {
			facts = " MLST type*;size*;modify*;\r\n"
		}
		t.say("211-What there is:\r\n UTF8\r\n" + facts + "211 End")
	case "PWD":
		t.say(`257 "` + t.dir + `" is where you are`)
	case "CWD":
		if _, ok := t.tree.list(arg); !ok {
			t.say("550 no such folder")
			return true
		}
		t.dir = arg
		t.say("250 there")
	case "EPSV", "PASV":
		t.passive(verb)
	case "MDTM":
		if f, ok := t.tree.stat(arg); ok && !t.Mute {
			t.say("213 " + f.modified.UTC().Format("20060102150405"))
		} else {
			t.say("550 no")
		}
	case "MLSD", "LIST":
		if verb == "LIST" {
			arg = t.dir
		}
		list, ok := t.tree.list(arg)
		if !ok || verb == "MLSD" && !t.Facts {
			t.say("550 no")
			return true
		}
		return t.send(func(w io.Writer) bool { return t.list(w, arg, list, verb == "MLSD") })
	case "RETR":
		f, ok := t.tree.open(arg)
		if !ok {
			t.say("550 no such file")
			return true
		}
		return t.send(func(w io.Writer) bool {
			for sent := 0; sent < len(f.data); {
				part := f.data[sent:min(sent+1000, len(f.data))]
				if _, err := w.Write(part); err != nil {
					return false
				}
				if sent += len(part); t.tree.cuts("read", arg, sent) {
					return false
				}
			}
			return true
		})
	default:
		t.say("502 what")
	}
	return true
}

func (t *ftpTalk) passive(verb string) {
	if verb == "EPSV" && t.Old {
		t.say("500 what")
		return
	}
	if t.data != nil {
		t.data.Close()
	}
	var err error
	if t.data, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.say("425 no port")
		return
	}
	port := t.data.Addr().(*net.TCPAddr).Port
	if verb == "EPSV" {
		t.say(fmt.Sprintf("229 Entering Extended Passive Mode (|||%d|)", port))
	} else {
		// The address of another machine: whoever goes there has been led astray.
		t.say(fmt.Sprintf("227 Entering Passive Mode (203,0,113,9,%d,%d)", port>>8, port&255))
	}
}

// send sends data, and reports whether the session goes on.
func (t *ftpTalk) send(write func(io.Writer) bool) bool {
	if t.data == nil {
		t.say("425 where")
		return true
	}
	t.say("150 here it comes")
	conn, err := t.data.Accept()
	t.data.Close()
	t.data = nil
	if err != nil {
		return false
	}
	defer conn.Close()
	var to io.WriteCloser = conn
	if t.protected {
		secure := tls.Server(conn, t.tls)
		if err := secure.Handshake(); err != nil || t.Reuse && !secure.ConnectionState().DidResume {
			conn.Close()
			t.say("522 the session is another one")
			return true
		}
		to = secure
	}
	if !write(to) {
		conn.Close()
		return false
	}
	to.Close()
	t.say("226 that was all")
	return true
}

func (t *ftpTalk) list(w io.Writer, dir string, list []leaf, facts bool) bool {
	b := bufio.NewWriter(w)
	if facts {
		fmt.Fprintf(b, "type=cdir;modify=20260101000000; .\r\n")
	} else if !t.DOS {
		fmt.Fprintf(b, "total %d\r\n", len(list))
	}
	for i, f := range list {
		b.WriteString(t.line(f, facts))
		if t.tree.cuts("list", dir, i+1) {
			b.Flush()
			return false
		}
	}
	return b.Flush() == nil
}

func (t *ftpTalk) line(f leaf, facts bool) string {
	kind, letter := "file", "-"
	if f.dir {
		kind, letter = "dir", "d"
	}
	switch {
	case facts:
		return fmt.Sprintf("Type=%s;Size=%d;Modify=%s;UNIX.mode=0644; %s\r\n", kind, len(f.data), f.modified.UTC().Format("20060102150405"), f.name)
	case t.DOS:
		_, offset := t.Now().In(t.Zone).Zone()
		at := f.modified.UTC().Add(time.Duration(offset) * time.Second).Format("01-02-06  03:04PM")
		if f.dir {
			return fmt.Sprintf("%s       <DIR>          %s\r\n", at, f.name)
		}
		return fmt.Sprintf("%s %20d %s\r\n", at, len(f.data), f.name)
	}
	at := f.modified.In(t.Zone)
	when := at.Format("Jan _2 15:04")
	if t.Now().Sub(f.modified) > 180*24*time.Hour {
		when = at.Format("Jan _2  2006")
	}
	return fmt.Sprintf("%srw-r--r--   1 ftp      ftp      %8d %s %s\r\n", letter, len(f.data), when, f.name)
}
