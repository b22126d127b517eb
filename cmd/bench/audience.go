package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

const (
	beaconConnections = 32
	beaconsLast       = 20 * time.Second
	freshTrials       = 8
	freshWithin       = time.Minute // then a list is not fresh, and the measurement is over
)

// measureReaders has pages say that they are read, as fast as one core takes it, on both
// databases; and takes the time until another process has what was read in its lists.
func (b *bench) measureReaders(ctx context.Context) error {
	b.atMost("memory for counting", countingMemory(), 30, " MB", "heap of 400,000 readers of 1,000 articles in ten minutes, with the places of crowds and what waits to be written down")
	postgres, err := papertest.StartPostgres()
	if err != nil {
		return err
	}
	defer postgres.Stop()
	for _, where := range []struct{ name, url string }{
		{"SQLite", ""}, {"PostgreSQL", "postgres:///postgres?user=postgres&host=" + postgres.Socket},
	} {
		if err := b.readersOn(ctx, where.name, where.url); err != nil {
			return fmt.Errorf("%s: %w", where.name, err)
		}
	}
	return nil
}

// countingMemory is what counting holds when it is full, in MB.
func countingMemory() float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := audience.NewNow(time.Now)
	for i := range 400_000 {
		n.Opened(audience.View{Article: fmt.Sprint("article-", i%1000), From: madeUp(i), Agent: "Mozilla/5.0", Referrer: "https://www.google.com"})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(n)
	return float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
}

func madeUp(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

func (b *bench) readersOn(ctx context.Context, name, url string) error {
	p, err := b.serveOn(ctx, url)
	if err != nil {
		return err
	}
	defer p.end()
	ids, err := p.articleIDs(ctx)
	if err != nil {
		return err
	}
	if url == "" {
		url = filepath.Join(b.data, "kawaraban.db")
	}
	d, err := db.Open(ctx, db.Settings{URL: url})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := b.fresh(ctx, name, p, d, ids); err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	held, err := p.memory()
	if err != nil {
		return err
	}
	before, err := opened(ctx, d)
	if err != nil {
		return err
	}
	r, err := b.say(ctx, p.url, ids)
	if err != nil {
		return err
	}
	most, err := p.most()
	if err != nil {
		return err
	}
	if err := pause(ctx, 5*time.Second); err != nil {
		return err
	}
	after, err := opened(ctx, d)
	if err != nil {
		return err
	}
	b.atLeast("beacons, "+name, float64(r.Beacons)/r.Seconds, 20_000, " /s",
		fmt.Sprintf("%d in %.0f s of as many readers, %d connections, through the whole program; server on core %s, load on core %s", r.Beacons, r.Seconds, beaconConnections, serverCore, loadCore))
	b.atLeast("  of them counted", float64(after-before)/float64(r.Beacons), 0.999, "×", "written down five seconds after the last")
	b.tell("  memory of the program", fmt.Sprintf("%.0f MB, before it %.0f", most, held), "VmHWM and VmRSS, garbage included")
	return nil
}

// serveOn starts the paper on a database: the demo's own, or an empty one that the demo
// fills.
func (b *bench) serveOn(ctx context.Context, url string) (*process, error) {
	if url == "" {
		p, _, err := b.serve(ctx, serverCore, "--proxies", "127.0.0.1")
		return p, err
	}
	p, err := begin(ctx, serverCore, b.program, "demo", "--json", "--no-readers", "--data", filepath.Join(b.dir, "readers"), "--addr", "127.0.0.1:0", "--database", url, "--proxies", "127.0.0.1")
	if err != nil {
		return nil, err
	}
	if p.line, err = p.said.ReadBytes('\n'); err == nil {
		var answer struct{ URL string }
		err = json.Unmarshal(p.line, &answer)
		p.url = strings.TrimSuffix(answer.URL, "/")
	}
	if err != nil {
		p.end()
		return nil, fmt.Errorf("the demo does not start: %w\n%s", err, p.log.String())
	}
	return p, nil
}

var readAt = regexp.MustCompile(`data-read="/read/(\w+)"`)

// articleIDs are the articles of which pages say that they are read.
func (p *process) articleIDs(ctx context.Context) (ids []string, err error) {
	pages, err := p.articles(ctx)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		got, err := get(ctx, page, "")
		if err != nil {
			return nil, err
		}
		if m := readAt.FindSubmatch(got.content); m != nil && !slices.Contains(ids, string(m[1])) {
			ids = append(ids, string(m[1]))
		}
	}
	if len(ids) < freshTrials {
		return nil, fmt.Errorf("only %d articles can be read", len(ids))
	}
	return ids, nil
}

func opened(ctx context.Context, d *db.DB) (opens int, err error) {
	err = d.QueryRow(ctx, `select cast(coalesce(sum(opens), 0) as bigint) from audience_hour`).Scan(&opens)
	return opens, err
}

// fresh takes the time from when a page has said that it is read until another process
// has that at the top of what is most read, and among what is trending.
func (b *bench) fresh(ctx context.Context, name string, p *process, d *db.DB, ids []string) error {
	other, ranks := &audience.Store{DB: d, Now: time.Now}, new(audience.Ranks)
	running, stop := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	all.Go(func() {
		other.Run(running, audience.NewNow(time.Now), ranks, func([]string) {}, slog.New(slog.DiscardHandler))
	})
	s, err := dialBeacons(p.url)
	if err != nil {
		return err
	}
	defer s.conn.Close()
	var times []time.Duration
	reader := 1 << 23
	for trial := range freshTrials {
		id := ids[trial]
		for range 10 * (trial + 1) {
			if err := s.say(id, reader); err != nil {
				return err
			}
			reader++
		}
		began := time.Now()
		for !leads(ranks, id) {
			if time.Since(began) > freshWithin {
				return errors.New("a list does not follow what is read")
			}
			if err := pause(ctx, 5*time.Millisecond); err != nil {
				return err
			}
		}
		times = append(times, time.Since(began))
	}
	b.atMost("most read and trending, fresh, "+name, quantile(times, 1).Seconds(), 5, " s",
		fmt.Sprintf("from the last beacon until the lists of another process have the article at their top; the slowest of %d, median %.1f s", freshTrials, median(times).Seconds()))
	return nil
}

func leads(r *audience.Ranks, id string) bool {
	most, trending := r.MostRead(audience.Hour, ""), r.Trending("")
	return len(most) > 0 && most[0].Article == id && slices.ContainsFunc(trending, func(t audience.Trend) bool { return t.Article == id })
}

// A saying is what a process reports that has sent beacons.
type saying struct {
	Beacons int64
	Seconds float64
}

// say has another process send beacons from the core of the readers.
func (b *bench) say(ctx context.Context, address string, ids []string) (r saying, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	args := append([]string{self, "beacons", address}, ids...)
	if pinned() {
		args = append([]string{"taskset", "-c", loadCore}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("send beacons: %w\n%s", err, &log)
	}
	return r, json.Unmarshal(out, &r)
}

// sendBeacons is that process.
func sendBeacons(args []string) error {
	if len(args) < 2 {
		return errors.New("beacons wants an address and articles")
	}
	var next atomic.Int64
	errs := make([]error, beaconConnections)
	var all sync.WaitGroup
	began := time.Now()
	for i := range beaconConnections {
		all.Go(func() {
			s, err := dialBeacons(args[0])
			if err != nil {
				errs[i] = err
				return
			}
			defer s.conn.Close()
			for time.Since(began) < beaconsLast {
				n := int(next.Add(1) - 1)
				if errs[i] = s.say(args[1+n%(len(args)-1)], n); errs[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(saying{next.Load(), time.Since(began).Seconds()})
}

// A beaconer is a connection that is kept, and speaks just enough HTTP.
type beaconer struct {
	conn net.Conn
	in   *bufio.Reader
	host string
	out  []byte
}

func dialBeacons(address string) (*beaconer, error) {
	host := strings.TrimPrefix(address, "http://")
	conn, err := net.Dial("tcp", host)
	return &beaconer{conn: conn, in: bufio.NewReader(conn), host: host}, err
}

const beaconSays = "from=https%3A%2F%2Fwww.google.com&q="

// say tells that the n-th reader has an article before him.
func (s *beaconer) say(article string, n int) error {
	s.out = fmt.Appendf(s.out[:0], "POST /read/%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (bench)\r\nSec-Fetch-Site: same-origin\r\n"+
		"X-Forwarded-For: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", article, s.host, madeUp(n), len(beaconSays), beaconSays)
	if _, err := s.conn.Write(s.out); err != nil {
		return err
	}
	status, err := s.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	good := bytes.Contains(status, []byte(" 204 "))
	said := string(status)
	for {
		line, err := s.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
	}
	if !good {
		rest, _ := io.ReadAll(io.LimitReader(s.in, 200))
		return fmt.Errorf("a beacon is answered %s %s", strings.TrimSpace(said), rest)
	}
	return nil
}
