package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// taken is what a Receiver or a Mailbox handed over.
type taken struct {
	mu   sync.Mutex
	list []string // address>text
	fail error
}

func (k *taken) take(_ context.Context, address string, raw []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if strings.Contains(string(raw), "panic") {
		panic("a mail that nobody can read")
	}
	if k.fail != nil {
		return k.fail
	}
	_, text, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	k.list = append(k.list, address+">"+strings.TrimSpace(text))
	return nil
}

func (k *taken) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Join(k.list, " ")
}

func ours(address string) bool { return strings.HasPrefix(address, "back+") }

// receive starts a Receiver and returns how to speak to it.
func receive(t *testing.T, address string, k *taken, now func() time.Time) (dial func() *textproto.Conn, stop func()) {
	t.Helper()
	l, lmtp, err := ListenMail(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &Receiver{Domain: "paper.example", Known: ours, Take: k.take, Log: slog.New(slog.DiscardHandler), Now: now}
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx, l, lmtp) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve ends with %v", err)
		}
	})
	t.Cleanup(stop)
	return func() *textproto.Conn {
		c, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return textproto.NewConn(c)
	}, stop
}

// say sends a line and returns the answer, its lines joined.
func say(t *testing.T, c *textproto.Conn, line string) string {
	t.Helper()
	if line != "" {
		if err := c.PrintfLine("%s", line); err != nil {
			return "closed"
		}
	}
	code, text, err := c.ReadResponse(0)
	if code == 0 && err != nil {
		return "closed"
	}
	return fmt.Sprintf("%d %s", code, strings.ReplaceAll(text, "\n", " "))
}

// talk expects an answer to begin as it should.
func talk(t *testing.T, c *textproto.Conn, lines ...string) {
	t.Helper()
	for i := 0; i < len(lines); i += 2 {
		if got := say(t, c, lines[i]); !strings.HasPrefix(got, lines[i+1]) {
			t.Fatalf("%q is answered %q; want %s", lines[i], got, lines[i+1])
		}
	}
}

// TestReceive brings mails back, to addresses that are known and not.
func TestReceive(t *testing.T) {
	k := &taken{}
	dial, stop := receive(t, "127.0.0.1:0", k, nil)
	c := dial()
	talk(t, c,
		"", "220 paper.example",
		"EHLO mx.post.example", "250",
		"MAIL FROM:<>", "250",
		"RCPT TO:<ana@post.example>", "550 5.1.1", // nobody's open relay
		"RCPT TO:<editor@paper.example>", "550 5.1.1",
		"RCPT TO:<back+1@other.example>", "550 5.1.1",
		"DATA", "502",
		"RCPT TO:<back+1@PAPER.example>", "250",
		"RCPT TO:<back+2@paper.example>", "250",
		"DATA", "354",
		"Subject: back\r\n\r\nunknown\r\n.", "250",
		"RSET", "250",
		"MAIL FROM:<daemon@post.example>", "250",
		"RCPT TO:<back+3@paper.example>", "250",
		"DATA", "354",
		"Subject: back\r\n\r\npanic\r\n.", "451 4.3.0",
	)
	k.fail = errors.New("the disk is full")
	talk(t, c,
		"MAIL FROM:<>", "250",
		"RCPT TO:<back+4@paper.example>", "250",
		"DATA", "354",
		"Subject: back\r\n\r\nlater\r\n.", "451 4.3.0",
	)
	k.fail = nil
	line := strings.Repeat("x", 900) + "\r\n"
	talk(t, c,
		"MAIL FROM:<>", "250",
		"RCPT TO:<back+5@paper.example>", "250",
		"DATA", "354",
		"Subject: long\r\n\r\n"+strings.Repeat(line, MaxReceived/len(line)+2)+".", "552 5.3.4",
		"QUIT", "221",
	)
	stop()
	if got, want := k.String(), "back+1@paper.example>unknown back+2@paper.example>unknown"; got != want {
		t.Errorf("kept %s; want %s", got, want)
	}
}

// TestGuessing ends a session that tries addresses.
func TestGuessing(t *testing.T) {
	dial, _ := receive(t, "127.0.0.1:0", &taken{}, nil)
	c := dial()
	talk(t, c, "", "220", "EHLO mx", "250", "MAIL FROM:<>", "250")
	for i := range maxRefused {
		talk(t, c, fmt.Sprintf("RCPT TO:<a%d@paper.example>", i), "550")
	}
	talk(t, c, "RCPT TO:<back+1@paper.example>", "421")
}

// TestManyMails takes so many mails of one network in a minute, and more in the
// next; and so many sessions at once.
func TestManyMails(t *testing.T) {
	var mu sync.Mutex
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	now := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return at
	}
	dial, _ := receive(t, "127.0.0.1:0", &taken{}, now)
	c := dial()
	talk(t, c, "", "220", "EHLO mx", "250")
	for range maxMinute {
		talk(t, c, "MAIL FROM:<>", "250", "RSET", "250")
	}
	talk(t, c, "MAIL FROM:<>", "451 4.7.1")
	for range maxFromOne - 1 {
		talk(t, dial(), "", "220")
	}
	if got := say(t, dial(), ""); got != "closed" {
		t.Errorf("one session more is greeted %q", got)
	}
	mu.Lock()
	at = at.Add(time.Minute)
	mu.Unlock()
	talk(t, c, "MAIL FROM:<>", "250")
}

// TestLMTP takes mails from the mail server of the same machine, which gets an
// answer for each address.
func TestLMTP(t *testing.T) {
	path := filepath.Join(t.TempDir(), "back.sock")
	for range 2 { // the second finds what the first left behind
		k := &taken{}
		dial, stop := receive(t, "unix:"+path, k, nil)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
			t.Errorf("the socket is %v, %v", info.Mode(), err)
		}
		c := dial()
		talk(t, c,
			"", "220", "LHLO mx.paper.example", "250",
			"MAIL FROM:<>", "250",
			"RCPT TO:<back+1@paper.example>", "250",
			"RCPT TO:<nobody@paper.example>", "550",
			"RCPT TO:<back+2@paper.example>", "250",
			"DATA", "354",
			"Subject: back\r\n\r\nhello\r\n.", "250", "", "250",
		)
		stop()
		if got, want := k.String(), "back+1@paper.example>hello back+2@paper.example>hello"; got != want {
			t.Errorf("kept %s; want %s", got, want)
		}
		if err := os.WriteFile(path+".x", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := ListenMail("unix:" + path + ".x"); err == nil {
		t.Error("a file that is no socket was replaced")
	}
}
