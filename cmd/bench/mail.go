package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"kawaraban/internal/mail"
	"kawaraban/internal/papertest"
)

// letterSize is about how long the letters are, in bytes.
const letterSize = 12 << 10

// signings are how letters are signed, with the goal of each in letters per
// second.
var signings = []struct {
	name string
	how  string
	goal float64
}{
	{"none", "unsigned", 4500},
	{"rsa", "RSA-2048", 700},
	{"ed25519", "Ed25519", 4000},
}

// measureMail sends letters to many to a mail server beside it.
func (b *bench) measureMail(ctx context.Context) error {
	self, address, end, err := beginSink(ctx)
	if err != nil {
		return err
	}
	defer end()
	most := 0.0
	for _, s := range signings {
		var speeds, costs []float64
		for range b.rounds {
			r, err := b.sendLetters(ctx, self, s.name, address)
			if err != nil {
				return err
			}
			n := float64(r.Letters)
			speeds, costs, most = append(speeds, n/r.Seconds), append(costs, r.CPU/n*1e6), max(most, r.MB)
		}
		b.atLeast("letters to many, "+s.how, median(speeds), s.goal, "/s", fmt.Sprintf(
			"each of %d KB filled, signed and handed over by SMTP to a sink in another process, 4 connections, one core (GOMAXPROCS=1); median of %d runs of %v, best %.0f; a letter costs the sender %.0f µs of its core",
			letterSize>>10, b.rounds, b.seconds, quantile(speeds, 1), median(costs)))
	}
	b.atMost("memory, sending letters", most, 50, " MB", "VmHWM of the process that sends, at its end, the most of all runs")
	return nil
}

// beginSink starts a mail server that throws letters away, in a process of its own; self
// is the program that senders are too.
func beginSink(ctx context.Context) (self, address string, end func(), err error) {
	if self, err = os.Executable(); err != nil {
		return "", "", nil, err
	}
	sink, err := begin(ctx, "0", self, "sink")
	if err != nil {
		return "", "", nil, err
	}
	if address, err = sink.said.ReadString('\n'); err != nil {
		sink.end()
		return "", "", nil, fmt.Errorf("the sink did not start: %w\n%s", err, &sink.log)
	}
	return self, strings.TrimSpace(address), sink.end, nil
}

// sendLetters runs one sender.
func (b *bench) sendLetters(ctx context.Context, self, signing, address string) (r sending, err error) {
	args := []string{self, "letters", signing, b.seconds.String(), address}
	if pinned() {
		args = append([]string{"taskset", "-c", "1"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("send letters: %w\n%s", err, &log)
	}
	err = json.Unmarshal(out, &r)
	return r, err
}

// A sending is what a sender reports.
type sending struct {
	Letters int64
	Seconds float64
	CPU     float64 // seconds
	MB      float64
}

// serveSink takes letters and throws them away until it is told to stop.
func serveSink() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	var sink papertest.Sink
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, sink.Close)
	return sink.Serve(l)
}

// makeLetters sends letters for a while, and reports how many.
func makeLetters(args []string) error {
	if len(args) != 3 {
		return errors.New("letters wants a signing, a duration and an address")
	}
	lasts, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	host, portText, err := net.SplitHostPort(args[2])
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return err
	}
	s := &mail.Sender{
		From: "paper@paper.example", FromName: "The Bench",
		Servers: []mail.Server{{SMTP: mail.SMTP{Host: host, Port: port, Security: mail.Plain}, Connections: 4}},
	}
	if s.Keys, err = signingKeys(args[0]); err != nil {
		return err
	}
	st, err := s.Stencil(longLetter(), "MARKofTHIS")
	if err != nil {
		return err
	}
	r, err := sendFor(s, st, lasts)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func signingKeys(signing string) ([]mail.Key, error) {
	var key crypto.Signer
	var err error
	switch signing {
	case "none":
		return nil, nil
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	default:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	k, err := mail.ParseKey("bench", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return []mail.Key{k}, err
}

// longLetter is an edition with one mark.
func longLetter() mail.Message {
	const leave = "https://paper.example/unsubscribe/MARKofTHIS"
	line := "The crane stood still again, and nobody on the quay could say whose turn it was.\n"
	text := strings.Repeat(line, letterSize/4/len(line))
	html := strings.Repeat("<p style=\"margin:0\">"+strings.TrimSpace(line)+"</p>\n", letterSize*5/8/len(line))
	return mail.Message{
		Subject: "The Bench for Wednesday", Automatic: true, FeedbackID: "e1:morning:bench",
		Text: text + leave + "\n", HTML: html + `<p><a href="` + leave + `">Leave</a></p>` + "\n",
		List: &mail.List{ID: "morning", Name: "Morning", Unsubscribe: leave},
	}
}

// sendFor fills and delivers letters for as long as it is told.
func sendFor(s *mail.Sender, st *mail.Stencil, lasts time.Duration) (sending, error) {
	var n atomic.Int64
	var failed atomic.Value
	buffers := sync.Pool{New: func() any { return new([]byte) }}
	began, count := time.Now(), 0
	next := func(context.Context) (*mail.Parcel, bool) {
		if time.Since(began) > lasts || failed.Load() != nil {
			return nil, false
		}
		count++
		name := "r" + strconv.Itoa(count)
		b := buffers.Get().(*[]byte)
		raw, err := st.Fill((*b)[:0], mail.Filling{To: name + "@post.example", ID: name, Values: []string{"Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4-" + name}})
		if err != nil {
			failed.Store(err)
			return nil, false
		}
		*b = raw
		return &mail.Parcel{From: "bounce+" + name + "@paper.example", To: name + "@post.example", Raw: raw, Ref: b}, true
	}
	done := func(_ context.Context, p *mail.Parcel, out mail.Outcome) <-chan error {
		if out.Fate != mail.Accepted {
			failed.Store(errors.New(string(out.Fate) + ": " + out.Text))
		}
		n.Add(1)
		buffers.Put(p.Ref)
		return nil
	}
	office := &mail.Office{Sender: s}
	if err := office.Deliver(context.Background(), next, done); err != nil {
		return sending{}, err
	}
	if err, ok := failed.Load().(error); ok {
		return sending{}, err
	}
	took := time.Since(began).Seconds()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return sending{}, err
	}
	held, err := heldMost()
	cpu := time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
	return sending{n.Load(), took, cpu, held}, err
}

// heldMost is the most memory that this process has held, in MB.
func heldMost() (float64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, errors.New("the kernel does not tell VmHWM")
}
