package newsroom

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/mail"
	"kawaraban/internal/papertest"
)

// port is where a mail server of the test listens, or where none does.
func port(t *testing.T, sink *papertest.Sink) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	if sink == nil {
		check(t, l.Close())
	} else {
		go sink.Serve(l)
		t.Cleanup(sink.Close)
	}
	return l.Addr().(*net.TCPAddr).Port
}

// mails sends letters to a domain, over servers at these ports, in a new office.
func (p *post) mails(domain string, n int, ports ...int) {
	p.t.Helper()
	o := &mail.Office{Sender: &mail.Sender{From: "paper@paper.example", Now: p.clock.Now}}
	for _, port := range ports {
		o.Sender.Servers = append(o.Sender.Servers, mail.Server{SMTP: mail.SMTP{Host: "127.0.0.1", Port: port, Security: mail.Plain}, Connections: 1})
	}
	p.Newsletters.Office = o
	letters := make(chan *mail.Parcel, n)
	for i := range n {
		letters <- &mail.Parcel{From: "paper@paper.example", To: fmt.Sprintf("r%d@%s", i, domain), Raw: []byte("Subject: x\r\n\r\nx\r\n")}
	}
	close(letters)
	check(p.t, o.Deliver(p.t.Context(), func(context.Context) (*mail.Parcel, bool) {
		l, ok := <-letters
		return l, ok
	}, func(context.Context, *mail.Parcel, mail.Outcome) <-chan error { return nil }))
}

// TestServersInTrouble says which mail server rests and which domain takes nothing, in
// words, and nothing at all when all is well.
//
// Seen red: lines when none rests; a rest that is over.
func TestServersInTrouble(t *testing.T) {
	p := start(t, papertest.SQLite(t), here).post()
	sink := &papertest.Sink{Play: func(stage papertest.Stage, _, to string) error {
		if stage == papertest.OnRcpt && strings.HasSuffix(to, "@busy.example") {
			return papertest.Answer(421, "4.7.0", "too much <b>mail</b> from you")
		}
		return nil
	}}
	const title = "Trouble with sending"
	works, dead := port(t, sink), port(t, nil)

	p.mails("reader.example", 3, works)
	if body := p.shows(newsletters, p.asIda); strings.Contains(body, title) {
		t.Errorf("all is well, and the page says\n%s", body)
	}
	p.mails("reader.example", 8, works, dead)
	body := p.shows(newsletters, p.asIda)
	for _, want := range []string{
		title, fmt.Sprintf("<b>127.0.0.1:%d</b> rests until ", dead), "Last error",
		fmt.Sprintf("<b>127.0.0.1:%d</b> in use: ", works), "of 1 connections",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("a server rests, and the page does not say %q\n%s", want, body)
		}
	}
	p.clock.Add(20 * time.Minute)
	if body := p.shows(newsletters, p.asIda); strings.Contains(body, title) {
		t.Errorf("the rest is over, and the page says\n%s", body)
	}
	p.mails("busy.example", 20, works)
	if body := p.shows(newsletters, p.asIda); !strings.Contains(body, "<b>busy.example</b> takes no letters from us at the moment") ||
		!strings.Contains(body, "too much &lt;b&gt;mail&lt;/b&gt; from you") {
		t.Errorf("a domain takes nothing, and the page says\n%s", body)
	}
}
