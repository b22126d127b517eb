package main

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"
)

// TestReadership has the demo's simulated readers come to a paper, which counts them.
//
// Seen red: readers who say nothing of themselves, whom the paper takes for programs.
func TestReadership(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &settings{Data: t.TempDir(), Addr: l.Addr().String(), CacheMB: 1, Language: "en", Zone: "UTC", SMTPSecurity: "starttls"}
	demoPapers[0].settings(s)
	p, err := openPaper(t.Context(), s, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.introduce(t.Context(), demoPapers[0].identity); err != nil {
		t.Fatal(err)
	}
	if err := p.seed(t.Context(), "stories"); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served, r := make(chan error, 1), &demoRun{paper: p, listener: l}
	ready := make(chan struct{})
	go func() { served <- p.serve(ctx, l, nil, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-served:
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { r.simulate(ctx); close(gone) }()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	late := time.After(time.Minute)
	for p.house.Audience.Readers("") < 3 {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%d readers have come in a minute", p.house.Audience.Readers(""))
		}
	}
	stop()
	<-gone
	if err := <-served; err != nil {
		t.Error(err)
	}
}
