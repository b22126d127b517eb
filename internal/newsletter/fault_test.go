package newsletter

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/papertest"
)

// over lets the kit send over a mail server of the test.
func (k *kit) over(sink *papertest.Sink) {
	k.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(k.t, err)
	go sink.Serve(l)
	k.t.Cleanup(sink.Close)
	a := l.Addr().(*net.TCPAddr)
	k.Office = &mail.Office{Sender: &mail.Sender{
		From: "paper@paper.example", Now: k.clock.Now,
		Servers: []mail.Server{{SMTP: mail.SMTP{Host: "127.0.0.1", Port: a.Port, Security: mail.Plain}, Connections: 4}},
	}}
}

// TestFaults_F11 sends an edition over a server that greylists, is full, refuses,
// slows down and drops connections after it took a letter, in a process that is
// stopped again and again: nobody is lost, nobody gets it twice but by a drop, and
// each refusal does to its address what it should.
func TestFaults_F11(t *testing.T) {
	onBoth(t, func(k *kit) {
		const readers = 600
		var mu sync.Mutex
		seen, drops := map[string]int{}, 0
		taken, stop := 0, context.CancelFunc(func() {})
		sink := &papertest.Sink{Keep: true, Play: func(stage papertest.Stage, from, to string) error {
			mu.Lock()
			defer mu.Unlock()
			n := 0
			_, _ = fmt.Sscanf(to, "reader%d@", &n)
			switch stage {
			case papertest.OnRcpt:
				seen[to]++
				switch {
				case n%50 == 7:
					return papertest.Answer(550, "5.1.1", "nobody of this name")
				case n%50 == 8:
					return papertest.Answer(550, "5.7.1", "your message looks like spam")
				case n%10 == 3 && seen[to] == 1:
					return papertest.Answer(451, "4.7.1", "greylisted, come again")
				case n%50 == 9 && seen[to] < 3:
					return papertest.Answer(452, "4.2.2", "mailbox full")
				}
			case papertest.OnTaken:
				if taken++; taken == 60 {
					stop()
				}
				if n%60 == 11 && seen[to] == 1 {
					drops++
					return papertest.ErrDrop
				}
			}
			return nil
		}}
		k.over(sink)
		l := k.list(digest(1, 1))
		ids := k.members(l, readers)
		k.front = []string{k.story("city", "The bridge")}
		e, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		e, err = k.Schedule(t.Context(), k.ida, e.ID, e.Version, time.Time{})
		check(t, err)
		for turn := 0; k.edition(e.ID).Stage != Sent; turn++ {
			if turn > 60 {
				t.Fatalf("it does not end: %+v", k.edition(e.ID).Tally)
			}
			// Some turns end in the middle, as when the process is told to stop.
			ctx, cancel := context.WithCancel(t.Context())
			if turn < 3 {
				mu.Lock()
				taken, stop = 0, cancel
				mu.Unlock()
			}
			check(t, k.Send(ctx, Run{e.ID}))
			cancel()
			k.clock.Add(20 * time.Minute)
		}
		letters := map[string]int{}
		for _, got := range sink.Letters() {
			letters[got.To]++
		}
		twice, lost := 0, 0
		for i := range readers {
			to := fmt.Sprintf("reader%04d@example.com", i)
			switch refused := i%50 == 7 || i%50 == 8; {
			case refused && letters[to] != 0:
				t.Errorf("%s has a letter", to)
			case !refused && letters[to] == 0:
				lost++
			case letters[to] > 1:
				twice += letters[to] - 1
			}
		}
		e = k.edition(e.ID)
		if lost != 0 || twice > drops {
			t.Errorf("%d are lost, %d have it twice after %d drops", lost, twice, drops)
		}
		if e.Accepted != readers-24 || e.Refused != 24 || e.Later != 0 {
			t.Errorf("%+v", e.Tally)
		}
		for i, id := range ids {
			_, _, out, err := k.SubscriberByID(t.Context(), k.pat, id)
			check(t, err)
			if gone := out != nil && out.Reason == Hard; gone != (i%50 == 7) {
				t.Errorf("reader %d: %+v", i, out)
			}
		}
		t.Logf("%d readers, %d drops, %d doubles, %d letters", readers, drops, twice, sink.Taken())
	})
}

// TestAddresses_R43 sends to addresses of every shape: none of them makes a line of its
// own in a letter, and none that cannot be stops the others.
func TestAddresses_R43(t *testing.T) {
	onBoth(t, func(k *kit) {
		l := k.list(digest(1, 1))
		k.front = []string{k.story("city", "The bridge")}
		good := []string{"ana@example.com", "o'neil+news@example.com", strings.Repeat("a", 64) + "@" + strings.Repeat("b", 60) + ".example", "kai@xn--bcher-kva.example"}
		for _, email := range good {
			k.member(l, email)
		}
		// What no form takes, an older program may have stored.
		bad := []string{"ana@example.com\r\nBcc: eve@example.com", `"quoted"@example.com`, strings.Repeat("x", 250) + "@example.com", "a@b", "nobody"}
		for i, email := range bad {
			id := k.member(l, fmt.Sprintf("bad%d@example.com", i))
			k.exec(`update subscriber set email = $2 where id = $1`, id, email)
		}
		e := k.sends(l)
		letters := k.letters()
		if len(letters) != len(good) || e.Accepted != len(good) || e.Refused != len(bad) || e.Stage != Sent {
			t.Errorf("%d letters, %+v", len(letters), e.Tally)
		}
		for _, email := range bad {
			if err := k.wishes(email, "192.0.2", l.Slug); err == nil {
				t.Errorf("%q can be asked for", email)
			}
		}
	})
}

// TestKilled sends with a store whose database is torn away in the middle, as that of
// a process which is killed: another one goes on, nobody is lost, and no more have the
// letter twice than there were connections.
func TestKilled(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		const readers, connections = 500, 4
		var mu sync.Mutex
		taken := 0
		sink := &papertest.Sink{Keep: true, Play: func(stage papertest.Stage, _, _ string) error {
			if stage == papertest.OnTaken {
				mu.Lock()
				defer mu.Unlock()
				if taken++; taken == 90 {
					go k.DB.Close()
				}
			}
			return nil
		}}
		k.over(sink)
		l := k.list(digest(1, 1))
		k.members(l, readers)
		k.front = []string{k.story("city", "The bridge")}
		e, err := k.Begin(t.Context(), k.ida, l.ID)
		check(t, err)
		e, err = k.Schedule(t.Context(), k.ida, e.ID, e.Version, time.Time{})
		check(t, err)
		again := newKitOn(t, papertest.Again(t, d), k)
		if err := k.Send(t.Context(), Run{e.ID}); err == nil {
			t.Fatal("it was not killed")
		}
		// Another process looks after what nobody sends any more.
		again.clock.Add(3 * time.Minute)
		check(t, again.ComeDue(t.Context()))
		for turn := 0; again.edition(e.ID).Stage != Sent; turn++ {
			if turn > 5 {
				t.Fatalf("it does not end: %+v", again.edition(e.ID).Tally)
			}
			check(t, again.Send(t.Context(), Run{e.ID}))
		}
		letters := map[string]int{}
		for _, got := range sink.Letters() {
			letters[got.To]++
		}
		if twice := sink.Taken() - len(letters); len(letters) != readers || twice > connections {
			t.Errorf("%d have a letter, %d have two", len(letters), twice)
		}
		if got := again.edition(e.ID); got.Accepted != readers {
			t.Errorf("%+v", got.Tally)
		}
	})
}
