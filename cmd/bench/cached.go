package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	serverCore = "0"
	loadCore   = "1"
)

// measureCached compares a page from the cache with a bare net/http server that
// writes the same bytes: each server on one core, the readers on the other, and
// the loads in turn, so that what else the machine does meets all alike.
func (b *bench) measureCached(ctx context.Context) error {
	paper, _, err := b.serve(ctx, serverCore)
	if err != nil {
		return err
	}
	defer paper.end()
	pages, err := paper.articles(ctx)
	if err != nil {
		return err
	}
	if err := paper.settle(ctx); err != nil {
		return err
	}
	page := pages[len(pages)/2]
	sent, err := get(ctx, page, "gzip")
	if err != nil {
		return err
	}
	if sent.header.Get("Content-Encoding") != "gzip" {
		return errors.New("the page is not compressed")
	}
	same, err := bareServer(ctx, filepath.Join(b.dir, "same.json"), bareAnswer{sent.header, sent.content})
	if err != nil {
		return err
	}
	defer same.end()
	least := http.Header{}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Length"} {
		least.Set(name, sent.header.Get(name))
	}
	body, err := bareServer(ctx, filepath.Join(b.dir, "body.json"), bareAnswer{least, sent.content})
	if err != nil {
		return err
	}
	defer body.end()

	addresses := []string{page, same.url + "/", body.url + "/"}
	for _, connections := range []int{32, 256} {
		rates := make([][]float64, len(addresses))
		for round := range b.rounds + 1 {
			for i, address := range addresses {
				rate, err := b.load(ctx, address, connections)
				if err != nil {
					return err
				}
				if round > 0 { // the first warms up
					rates[i] = append(rates[i], rate)
				}
			}
		}
		how := fmt.Sprintf("gzip, %d bytes; %s; medians of %d × %s in turn", len(sent.content), b.loader(), b.rounds, b.seconds)
		ours := median(rates[0])
		b.tell(fmt.Sprintf("cached article, %d connections", connections), number(ours)+" /s", how)
		// Rounds that follow each other meet the same machine: what is compared is
		// ours with theirs of the same round.
		b.atLeast("  to net/http, same headers", median(ratios(rates[0], rates[1])), 0.9, "×", fmt.Sprintf("%.0f /s for a handler that sets the same %d headers", median(rates[1]), len(sent.header)))
		// What our headers cost net/http itself is no part of the goal: other bytes.
		b.tell("  to net/http, body only", number(median(ratios(rates[0], rates[2])))+"×", fmt.Sprintf("%.0f /s for a handler that sets type, coding and length only", median(rates[2])))
	}
	return nil
}

// ratios divides value by value.
func ratios(over, under []float64) (list []float64) {
	for i := range over {
		list = append(list, over[i]/under[i])
	}
	return list
}

// A bareAnswer is what the server beside ours writes.
type bareAnswer struct {
	Header  http.Header
	Content []byte
}

// bareServer starts this program again, as a server that knows one answer.
func bareServer(ctx context.Context, file string, a bareAnswer) (*process, error) {
	a.Header = a.Header.Clone()
	a.Header.Del("Date") // net/http sets its own
	content, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := begin(ctx, serverCore, self, "bare", file)
	if err != nil {
		return nil, err
	}
	line, err := p.said.ReadString('\n')
	if err != nil {
		p.end()
		return nil, fmt.Errorf("the bare server does not start: %w\n%s", err, p.log.String())
	}
	p.url = "http://" + line[:len(line)-1]
	return p, nil
}

// serveBare is the bare server: net/http as its documentation shows it.
func serveBare(args []string) error {
	if len(args) != 1 {
		return errors.New("bare wants a file")
	}
	content, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var a bareAnswer
	if err := json.Unmarshal(content, &a); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for name, values := range a.Header {
			h.Set(name, values[0])
		}
		w.Write(a.Content)
	}))
}

func haveWrk() bool {
	_, err := exec.LookPath("wrk")
	return err == nil
}

// loader says what makes the load.
func (b *bench) loader() string {
	name := "our generator"
	if haveWrk() {
		name = "wrk -t1"
	}
	if !pinned() {
		return name + ", not pinned to cores"
	}
	return name + " on core " + loadCore + ", server on core " + serverCore
}

var (
	wrkRate = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkSlow = regexp.MustCompile(`99%\s+([0-9.]+(?:us|ms|s))`)
)

// load asks for one address on many connections from the core of the readers,
// and returns the answers a second.
func (b *bench) load(ctx context.Context, address string, connections int) (float64, error) {
	var command []string
	if pinned() {
		command = []string{"taskset", "-c", loadCore}
	}
	out, err := b.crowd(ctx, address, connections, command...)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(wrkRate.FindSubmatch(out)[1]), 64)
}

// crowd asks for one address on many connections, as a process that is started
// by prefix, and returns what that says.
func (b *bench) crowd(ctx context.Context, address string, connections int, prefix ...string) ([]byte, error) {
	seconds := strconv.Itoa(max(1, int(b.seconds.Seconds())))
	args := []string{"wrk", "-t1", "--latency", "-c" + strconv.Itoa(connections), "-d" + seconds + "s", "-H", "Accept-Encoding: gzip", address}
	if !haveWrk() {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		args = []string{self, "load", "-connections", strconv.Itoa(connections), "-seconds", seconds + "s", address}
	}
	args = append(prefix, args...)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	if !wrkRate.Match(out) || badLoad.Match(out) {
		return nil, fmt.Errorf("the load did not go well:\n%s", out)
	}
	return out, nil
}

// badLoad is what wrk says of answers that are no pages.
var badLoad = regexp.MustCompile(`Non-2xx|Socket errors`)

// makeLoad is our own generator, for machines without wrk.
func makeLoad(args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	connections := flags.Int("connections", 32, "")
	seconds := flags.Duration("seconds", 5*time.Second, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), *seconds)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *connections, DisableCompression: true}}
	var answers, failures atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	var readers sync.WaitGroup
	for range *connections {
		readers.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, flags.Arg(0), nil)
				if err != nil {
					failures.Add(1)
					return
				}
				r.Header.Set("Accept-Encoding", "gzip")
				res, err := client.Do(r)
				if err != nil {
					if ctx.Err() == nil {
						failures.Add(1)
					}
					continue
				}
				_, err = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if err == nil && res.StatusCode == http.StatusOK {
					answers.Add(1)
					mu.Lock()
					took = append(took, time.Since(began))
					mu.Unlock()
				} else if ctx.Err() == nil {
					failures.Add(1)
				}
			}
		})
	}
	readers.Wait()
	if n := failures.Load(); n > 0 {
		fmt.Printf("Socket errors: %d\n", n)
	}
	if len(took) > 0 {
		fmt.Printf("99%% %dus\n", quantile(took, 0.99).Microseconds())
	}
	fmt.Printf("Requests/sec: %.2f\n", float64(answers.Load())/seconds.Seconds())
	return nil
}
