package ftp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// noon is when files of these tests were written: the day before Europe's clocks go
// forward.
func noon() time.Time { return time.Date(2026, 3, 28, 12, 0, 5, 0, time.UTC) }

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err) // go has them all
	}
	return zone
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func config(s *papertest.FTP) Config {
	return Config{
		Host: "example.com", User: "kestrel", Password: "hunter2", Security: Explicit, RootCAs: s.Certs,
		Now: func() time.Time { return noon().Add(time.Hour) }, Timeout: 10 * time.Second,
		Dial: func(ctx context.Context, port uint16) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
		},
	}
}

func open(t *testing.T, s *papertest.FTP, change func(*Config)) *Client {
	t.Helper()
	c := config(s)
	if change != nil {
		change(&c)
	}
	client, err := Open(t.Context(), dial(t, s.Addr), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func tree() *papertest.Tree {
	tree := &papertest.Tree{}
	tree.Put("/in/first story.xml", []byte("text"), noon())
	tree.Put("/in/caf\xe9.xml", []byte("old letters"), noon())
	tree.Put("/in/long ago.xml", []byte("x"), noon().AddDate(-2, 0, 0))
	tree.Put("/in/photos/a.jpg", bytes.Repeat([]byte("picture"), 10_000), noon())
	return tree
}

// TestWays reads the same folder from servers of every sort.
func TestWays(t *testing.T) {
	secure := map[string]func(*papertest.FTP){
		"facts": nil,
		"unix":  func(s *papertest.FTP) { s.Facts = false },
		"dos":   func(s *papertest.FTP) { s.Facts, s.DOS = false, true },
		"old":   func(s *papertest.FTP) { s.Facts, s.Old = false, true },
		"reuse": func(s *papertest.FTP) { s.Reuse = true },
	}
	for name, change := range secure {
		for _, security := range []Security{Explicit, Implicit, Plain} {
			if name == "reuse" && security == Plain {
				continue
			}
			s := papertest.ServeFTP(t, tree(), func(s *papertest.FTP) {
				s.Now = func() time.Time { return noon().Add(time.Hour) }
				s.Implicit, s.Plain = security == Implicit, security == Plain
				if change != nil {
					change(s)
				}
			})
			c := open(t, s, func(c *Config) { c.Security = security })
			list, more, err := c.List(t.Context(), "/in", 10)
			if err != nil || more || len(list) != 4 {
				t.Errorf("%s, %s: %v, more %v, %v", name, security, list, more, err)
				continue
			}
			f := list[1]
			if f.Name != "first story.xml" || f.Size != 4 || f.Dir || !f.Modified.Equal(noon().Truncate(f.Exact)) {
				t.Errorf("%s, %s: %v", name, security, f)
			}
			if list[0].Name != "caf\xe9.xml" || list[3].Name != "photos" || !list[3].Dir {
				t.Errorf("%s, %s: %v", name, security, list)
			}
			for range 2 {
				if data, err := c.Read(t.Context(), "in/first story.xml", 100); err != nil || string(data) != "text" {
					t.Errorf("%s, %s: %q, %v", name, security, data, err)
				}
				if data, err := c.Read(t.Context(), "/in/photos/a.jpg", 70_000); err != nil || len(data) != 70_000 {
					t.Errorf("%s, %s: %d bytes, %v", name, security, len(data), err)
				}
				if _, err := c.Read(t.Context(), "/in/none", 100); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s, %s: what is gone: %v", name, security, err)
				}
			}
			if list, more, err := c.List(t.Context(), "/in", 2); err != nil || !more || len(list) != 2 {
				t.Errorf("%s, %s: at most two: %v, more %v, %v", name, security, list, more, err)
			}
			if _, _, err := c.List(t.Context(), "/none", 2); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s, %s: no folder: %v", name, security, err)
			}
			if _, err := c.Read(t.Context(), "/in/photos/a.jpg", 69_999); !problem.Is(err, problem.TooLarge) {
				t.Errorf("%s, %s: over the limit: %v", name, security, err)
			}
		}
	}
}

// TestZones reads times that are listed by clocks of other zones, and across the day
// on which they change.
func TestZones(t *testing.T) {
	zone := berlin(t)
	before, after := noon(), noon().AddDate(0, 0, 1) // in winter time, and in summer time
	tree := &papertest.Tree{}
	tree.Put("/in/before.xml", []byte("x"), before)
	tree.Put("/in/after.xml", []byte("x"), after)
	list := func(now time.Time, setup func(*papertest.FTP), zone *time.Location) map[string]File {
		t.Helper()
		clock := func() time.Time { return now }
		s := papertest.ServeFTP(t, tree, func(s *papertest.FTP) { s.Facts, s.Now = false, clock; setup(s) })
		c := open(t, s, func(c *Config) { c.Now, c.Zone = clock, zone })
		list, _, err := c.List(t.Context(), "/in", 10)
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		return map[string]File{list[0].Name: list[0], list[1].Name: list[1]}
	}
	unix := func(s *papertest.FTP) { s.Zone = zone }

	known := list(after.Add(time.Hour), unix, zone)
	if b, a := known["before.xml"], known["after.xml"]; !b.Modified.Equal(before.Truncate(time.Minute)) || !a.Modified.Equal(after.Truncate(time.Minute)) {
		t.Errorf("a zone that is set: %s, %s", b.Modified, a.Modified)
	}
	measured := list(after.Add(time.Hour), unix, nil)
	if a := measured["after.xml"]; !a.Modified.Equal(after.Truncate(time.Minute)) {
		t.Errorf("a zone that is measured: the newest is from %s", a.Modified)
	}
	for name, f := range measured {
		if later := list(after.AddDate(0, 1, 0), unix, nil)[name]; !later.Listed.Equal(f.Listed) {
			t.Errorf("%s is listed as %s, and later as %s", name, f.Listed, later.Listed)
		}
	}
	mute := list(after.Add(time.Hour), func(s *papertest.FTP) { s.Zone, s.Mute = zone, true }, nil)
	if a := mute["after.xml"]; !a.Modified.Equal(a.Listed) {
		t.Errorf("a zone that nobody knows: %s is not %s", a.Modified, a.Listed)
	}
	half := list(after.Add(time.Hour), func(s *papertest.FTP) { s.DOS, s.Zone = true, time.FixedZone("", 5*3600+45*60) }, nil)
	if a := half["after.xml"]; !a.Modified.Equal(after.Truncate(time.Minute)) {
		t.Errorf("a zone of quarters: %s", a.Modified)
	}
}

// TestLogin is about who lets whom in, and who speaks TLS.
func TestLogin(t *testing.T) {
	try := func(setup func(*papertest.FTP), change func(*Config)) error {
		t.Helper()
		s := papertest.ServeFTP(t, &papertest.Tree{}, setup)
		c := config(s)
		change(&c)
		client, err := Open(t.Context(), dial(t, s.Addr), c)
		if err == nil {
			client.Close()
			return nil
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v tells the password", err)
		}
		for _, said := range s.Said() {
			if strings.HasPrefix(said, "PASS") && !strings.Contains(err.Error(), "let us in") {
				t.Errorf("%v, and the password was sent", err)
			}
		}
		return err
	}
	for what, test := range map[string]struct {
		setup  func(*papertest.FTP)
		change func(*Config)
		kind   problem.Kind
		says   string
	}{
		"a wrong password":       {nil, func(c *Config) { c.Password = "other" }, problem.Forbidden, "does not let us in"},
		"another name":           {nil, func(c *Config) { c.Host = "hpa.invalid" }, problem.Forbidden, "certificate"},
		"nobody vouches":         {nil, func(c *Config) { c.RootCAs = nil }, problem.Forbidden, "certificate"},
		"no TLS":                 {func(s *papertest.FTP) { s.Plain = true }, func(*Config) {}, problem.Unavailable, "has no TLS"},
		"words before TLS":       {func(s *papertest.FTP) { s.Before = "230 come in\r\n" }, func(*Config) {}, problem.Unavailable, ""},
		"a break in a name":      {nil, func(c *Config) { c.User = "kestrel\r\nDELE /in" }, problem.Invalid, "line break"},
		"TLS from the beginning": {nil, func(c *Config) { c.Security = Implicit }, problem.Unavailable, "speak TLS"},
	} {
		if err := try(test.setup, test.change); !problem.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	s := papertest.ServeFTP(t, tree(), nil)
	c := open(t, s, nil)
	if _, err := c.Read(t.Context(), "/in/a\r\nDELE /in/b", 10); err == nil {
		t.Error("a name with a line break is asked for")
	}
	if _, err := c.Read(t.Context(), "/in/first story.xml", 10); err != nil {
		t.Errorf("the session ends with it: %v", err)
	}
	for _, said := range s.Said() {
		if strings.HasPrefix(said, "DELE") {
			t.Error("a line break in a name is another command")
		}
	}
}

// TestCut is about connections that break, in a list and in a file.
func TestCut(t *testing.T) {
	for _, plain := range []bool{true, false} {
		for _, what := range []string{"list", "read"} {
			tree := tree()
			tree.Cut(func(w, _ string, n int) bool { return w == what && n > 1 })
			s := papertest.ServeFTP(t, tree, func(s *papertest.FTP) { s.Plain = plain })
			c := open(t, s, func(c *Config) {
				if plain {
					c.Security = Plain
				}
			})
			var got any
			var err error
			if what == "list" {
				got, _, err = c.List(t.Context(), "/in", 10)
			} else {
				got, err = c.Read(t.Context(), "/in/photos/a.jpg", 1<<20)
			}
			if !problem.Is(err, problem.Unavailable) {
				t.Errorf("cut in a %s: %v, %v", what, got, err)
			}
			if _, _, err := c.List(t.Context(), "/in", 10); err == nil {
				t.Errorf("cut in a %s, and the session goes on", what)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	tree := tree()
	tree.Cut(func(string, string, int) bool { cancel(); return false })
	c := open(t, papertest.ServeFTP(t, tree, nil), nil)
	if _, err := c.Read(ctx, "/in/photos/a.jpg", 1<<20); !errors.Is(err, context.Canceled) && err != nil {
		t.Errorf("ended by us: %v", err)
	}
}

// TestSilent holds that nobody waits for a server that says nothing, or too much.
func TestSilent(t *testing.T) {
	for what, says := range map[string]string{
		"nothing":                  "",
		"a line without an end":    "220" + strings.Repeat("-", 10_000),
		"an answer without an end": strings.Repeat("220-x\r\n", 1000),
		"another protocol":         "SSH-2.0-OpenSSH_9.9\r\n",
	} {
		ours, theirs := net.Pipe()
		go io.WriteString(theirs, says)
		_, err := Open(t.Context(), ours, Config{Host: "silent.example", Security: Plain, Timeout: 50 * time.Millisecond})
		theirs.Close()
		if !problem.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "does not answer as an FTP server") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestParseListed reads lines of lists as servers write them.
func TestParseListed(t *testing.T) {
	now := time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC)
	for line, want := range map[string]string{
		"-rw-r--r--   1 ftp      ftp          1234 Jan  1 23:59 a.xml":        `"a.xml" dir=false 1234 2026-01-01 23:59:00 ±1m0s`,
		"-rw-r--r--   1 ftp      ftp          1234 Jan  3 01:00 ahead.xml":    `"ahead.xml" dir=false 1234 2026-01-03 01:00:00 ±1m0s`,
		"-rw-r--r--   1 ftp      ftp          1234 Dec 31 23:59 a.xml":        `"a.xml" dir=false 1234 2025-12-31 23:59:00 ±1m0s`,
		"-rw-r--r--   1 ftp      ftp             0 Feb 29  2024  spaced .xml": `" spaced .xml" dir=false 0 2024-02-29 00:00:00 ±24h0m0s`,
		"-rw-r--r-- 1 ftp 1234 Feb 29 12:00 leap":                             `"leap" dir=false 1234 2024-02-29 12:00:00 ±1m0s`,
		"-rw-r--r-- 1 domain users ann lee 77 Mar  3  2025 b":                 `"b" dir=false 77 2025-03-03 00:00:00 ±24h0m0s`,
		"-rw-r--r-- 1 ftp ftp 9 3 Mar 2025 day first":                         `"day first" dir=false 9 2025-03-03 00:00:00 ±24h0m0s`,
		"-rw-r--r-- 1 ftp ftp 9 2025-03-03 10:11 iso":                         `"iso" dir=false 9 2025-03-03 10:11:00 ±1m0s`,
		"-rw-r--r-- 1 ftp ftp 9 Mar 3 2025 7 Mar 4 2025":                      `"7 Mar 4 2025" dir=false 9 2025-03-03 00:00:00 ±24h0m0s`,
		"drwxr-xr-x   2 ftp      ftp          4096 Jan  1 10:00 photos":       `"photos" dir=true 4096 2026-01-01 10:00:00 ±1m0s`,
		"01-02-26  09:00AM       <DIR>          photos":                       `"photos" dir=true -1 2026-01-02 09:00:00 ±1m0s`,
		"12-31-2025  12:05AM                 1234 two words.xml":              `"two words.xml" dir=false 1234 2025-12-31 00:05:00 ±1m0s`,
		"2025-12-31  21:05                 1234 c":                            `"c" dir=false 1234 2025-12-31 21:05:00 ±1m0s`,
		"lrwxrwxrwx 1 ftp ftp 9 Jan  1 10:00 link -> a.xml":                   "",
		"total 12":                              "",
		"":                                      "",
		"-rw-r--r-- 1 ftp ftp 9 Jan 41 10:00 x": "",
		"-rw-r--r-- 1 ftp ftp 9 Jan  1 10:00 ../x": "",
		"-rw-r--r-- 1 ftp ftp 9 Jan  1 10:00 ..":   "",
		"-rw-r--r-- 1 ftp ftp big Jan  1 10:00 x":  "",
		"-rw-r--r-- 1 ftp ftp 9 Feb 30  2025 x":    "",
		"13-45-26  09:00AM       12          x":    "",
	} {
		f, ok := parseListed(line, now)
		if got := f.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%s:\n got %v %s\nwant %s", line, ok, got, want)
		}
	}
	for line, want := range map[string]string{
		"type=file;size=12;modify=20260101120001.250; a b": `"a b" dir=false 12 2026-01-01 12:00:01 ±1s`,
		"Type=Dir;Modify=20260101120001; d":                `"d" dir=true -1 2026-01-01 12:00:01 ±1s`,
		"type=cdir; .":                                     "",
		"type=OS.unix=slink:/a;size=1; l":                  "",
		"type=file;size=-1; x":                             "",
		"type=file;size=99999999999999999999; x":           "",
		"type=file;size=1;modify=yesterday; x":             "",
		"type=file;size=1; a/b":                            "",
		"type=file;size=1;":                                "",
	} {
		f, ok := parseFacts(line)
		if got := f.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%s:\n got %v %s\nwant %s", line, ok, got, want)
		}
	}
}

// TestPorts reads where data waits, as servers say it.
func TestPorts(t *testing.T) {
	for line, want := range map[string]uint16{
		"227 Entering Passive Mode (192,0,2,7,25,46)": 25<<8 | 46,
		"227 Entering Passive Mode 192,0,2,7,25,46":   25<<8 | 46,
		"227 =192,0,2,7,0,80.":                        80,
		"227 (1,2,3,4,256,1)":                         0,
		"227 (1,2,3)":                                 0,
		"22":                                          0,
	} {
		if got, err := pasv(line); got != want || (err == nil) != (want != 0) {
			t.Errorf("%s: %d, %v", line, got, err)
		}
	}
	for line, want := range map[string]uint16{
		"229 Entering Extended Passive Mode (|||6446|)": 6446,
		"229 (!!!6446!)":          6446,
		"229 (|||0|)":             0,
		"229 (|||65536|)":         0,
		"229 (|1|10.0.0.1|6446|)": 0,
		"229 ()":                  0,
		"229":                     0,
	} {
		if got, err := epsv(line); got != want || (err == nil) != (want != 0) {
			t.Errorf("%s: %d, %v", line, got, err)
		}
	}
}

// FuzzAnswers reads answers and lists of strangers.
func FuzzAnswers(f *testing.F) {
	f.Add("220 hello\r\n")
	f.Add("211-x\r\n a\r\n211 end\r\n")
	f.Add("227 Entering Passive Mode (192,0,2,7,25,46)\n")
	f.Add("-rw-r--r--   1 ftp      ftp          1234 Jan  1 23:59 a.xml\r\n")
	f.Add("12-31-2025  12:05AM                 1234 two words.xml\n")
	f.Add("type=file;size=12;modify=20260101120001.250; a b\n")
	f.Fuzz(func(t *testing.T, text string) {
		in := bufio.NewReaderSize(strings.NewReader(text), maxLine)
		if r, err := readReply(in); err == nil && (r.code < 100 || r.code > 599 || len(r.lines) > maxLines) {
			t.Errorf("an answer is %+v", r)
		}
		line, _, _ := strings.Cut(text, "\n")
		epsv(line)
		pasv(line)
		quoted(line)
		for _, now := range []time.Time{noon(), {}} {
			file, ok := parseListed(line, now)
			if file2, ok2 := parseFacts(line); ok2 {
				file, ok = file2, true
			}
			if ok && (!named(file.Name) || file.Size < -1 || file.Listed.Year() > 9999 || fmt.Sprint(file.Listed.UnixMicro()) == "") {
				t.Errorf("a file is %v", file)
			}
		}
	})
}
