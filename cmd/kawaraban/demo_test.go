package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
)

// A sister paper's port that somebody has is said in a sentence, and the papers
// that were open already are closed.
func TestDemoPortInUse(t *testing.T) {
	addr, held, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	next, err := nextPort(addr, 1)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", next)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var out, complaint bytes.Buffer
	status := run([]string{"demo", "--data", t.TempDir(), "--addr", addr}, nil, &out, &complaint)
	if status != 1 || !strings.Contains(complaint.String(), "the address "+next+" is in use by another program; stop that, or choose another with --addr.") {
		t.Errorf("exit %d: %s", status, complaint.String())
	}
	again, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatalf("the first paper still holds its address: %v", err)
	}
	again.Close()
}

func TestNextPort(t *testing.T) {
	for _, test := range []struct {
		addr string
		i    int
		want string
	}{
		{"127.0.0.1:8080", 2, "127.0.0.1:8082"},
		{"127.0.0.1:0", 2, "127.0.0.1:0"},
		{"[::1]:9000", 1, "[::1]:9001"},
		{"127.0.0.1:65535", 1, ""},
		{"nonsense", 1, ""},
	} {
		got, err := nextPort(test.addr, test.i)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("nextPort(%s, %d) = %s, %v; want %q", test.addr, test.i, got, err, test.want)
		}
	}
}

// TestDemoThreads cuts off the first start again and again while it fills the
// threads and the moderators' desk: in the end everything is there once, and
// later starts add nothing.
func TestDemoThreads(t *testing.T) {
	s := &settings{Data: t.TempDir(), Addr: "127.0.0.1:8080", CacheMB: 1, Language: "en", Zone: "UTC", SMTPSecurity: "starttls"}
	demoPapers[0].settings(s)
	p, err := openPaper(t.Context(), s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.seed(t.Context(), "stories"); err != nil {
		t.Fatal(err)
	}
	cut := 0
	for left := int64(1); ; left++ {
		ctx, stop := context.WithCancel(t.Context())
		var n atomic.Int64
		p.comments.ID = func() string {
			if n.Add(1) == left {
				stop()
			}
			return db.NewID()
		}
		err := p.talk(ctx)
		stop()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cut++
	}
	if cut < 5 {
		t.Errorf("the start was cut off only %d times", cut)
	}
	check := func() {
		t.Helper()
		sizes, err := p.comments.QueueSizes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := map[comment.Queue]comment.Size{comment.QueueHeld: 4, comment.QueueFlagged: 2, comment.QueueReported: 2, comment.QueueAppeals: 1}
		if !reflect.DeepEqual(sizes, want) {
			t.Errorf("the queues have %v, want %v", sizes, want)
		}
		log, _, err := p.comments.Log(t.Context(), "", 100)
		if err != nil || len(log) != 3 {
			t.Errorf("the public log has %d entries, want 3 (%v)", len(log), err)
		}
		f, err := p.comments.Figures(t.Context(), time.Now().AddDate(0, 0, -7), time.Now())
		if err != nil || len(f.Acts) != 4 || f.Reports != 4 || f.ReportHours == 0 || f.HeldHours == 0 || f.Appeals != 1 {
			t.Errorf("the figures are %+v (%v)", f, err)
		}
		var comments, votes, polled int
		if err := p.db.QueryRow(t.Context(), `select (select count(*) from comment), (select count(*) from vote), (select count(*) from poll_vote)`).Scan(&comments, &votes, &polled); err != nil {
			t.Fatal(err)
		}
		if comments != 43 || votes != 235 || polled != 12 {
			t.Errorf("there are %d comments, %d votes on them and %d in polls", comments, votes, polled)
		}
		for _, verify := range []func(context.Context, func(string)) error{p.comments.Verify, p.polls.Verify} {
			if err := verify(t.Context(), func(said string) { t.Error(said) }); err != nil {
				t.Error(err)
			}
		}
	}
	check()
	// Two days later nothing tells any more who has posted what.
	if err := p.comments.At(time.Now().AddDate(0, 0, 2)).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.talk(t.Context()); err != nil {
		t.Fatal(err)
	}
	check()
}
