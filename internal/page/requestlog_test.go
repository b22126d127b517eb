package page

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode"
)

var logLine = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [!-~]{1,20} [!-~]+ \d{3} \d+ [0-9.]+ms$`)

// TestRequestLog asks for hostile addresses: each is one line of six words, and
// nothing in it tells who asked or what for.
func TestRequestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, out := newPaper(t), &journal{}
		p.Requests = NewRequestLog(out)
		p.Public("GET /{$}", told(), "after")
		for _, r := range []struct{ method, target string }{
			{"GET", "/"},
			{"GET", "/"},
			{"HEAD", "/"},
			{"GET", "/?after=private"},
			{"GET", "/?after=private"},
			{"GET", "/a%0a2025-11-03T09:00:00.000Z%20GET%20/admin%20200%201%201ms"},
			{"GET", "/a%0d%0a%00%1b%5b2J%7f%22%5c%09b"},
			{"GET", "/%C2%85%C2%9B2J%E2%80%A8%E2%80%AE%C2%A0%FF"}, // other line ends, a terminal's command, a change of direction
			{"GET", "/%25%32%30"},
			{"GET", "/" + strings.Repeat("%0a", 3000)},
			{"POST", "/?password=private"},
			{strings.Repeat("X", 5000), "/"},
			{"GET", "http://paper.example/whole"},
		} {
			p.do(r.method, r.target, "User-Agent", "private", "Cookie", "private", "Referer", "private", "X-Forwarded-For", "192.0.2.1")
		}
		p.do(http.MethodGet, "/elsewhere", "Host", "elsewhere.example")
		<-time.After(flushEvery) // of the bubble
		synctest.Wait()
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if len(lines) != 14 {
			t.Errorf("14 requests make %d lines:\n%s", len(lines), out)
		}
		for _, l := range lines {
			if !logLine.MatchString(l) || strings.ContainsFunc(l, unicode.IsControl) || len(l) > 3*maxPath+100 {
				t.Errorf("this is no line of a log: %q", l)
			}
			if strings.Contains(l, "private") || strings.Contains(l, "192.0.2.1") {
				t.Errorf("this line is personal: %s", l)
			}
		}
		for i, want := range []string{" GET / 200 1 ", " GET / 200 1 ", " HEAD / 200 0 ", " GET / 200 8 ", " GET / 200 8 "} {
			if !strings.Contains(lines[i], want) {
				t.Errorf("line %d is %q, want%s", i, lines[i], want)
			}
		}
		if !strings.Contains(lines[8], " /%2520 ") {
			t.Errorf("%q could be two addresses", lines[8])
		}
		if !strings.Contains(lines[13], " /elsewhere 421 ") {
			t.Errorf("another host is logged as %q", lines[13])
		}
		if err := p.Requests.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestRequestLogLine reads lines word for word: each has its own time, also when
// the second before it, or the millisecond, is that of another.
func TestRequestLogLine(t *testing.T) {
	p, out := newPaper(t), &journal{}
	p.Requests = NewRequestLog(out)
	var took time.Duration
	p.Public("GET /{$}", func(context.Context, Query) (*Body, error) {
		p.clock.add(took)
		return Text("", []byte("news")), nil
	})
	for _, took = range []time.Duration{0, 7006 * time.Microsecond, 3210987 * time.Microsecond, 49 * time.Millisecond, -time.Second} {
		p.Cache.PurgeAll()
		p.get("/")
	}
	if err := p.Requests.Close(); err != nil {
		t.Error(err)
	}
	want := `2025-11-03T09:00:00.000Z GET / 200 4 0.000ms
2025-11-03T09:00:00.007Z GET / 200 4 7.006ms
2025-11-03T09:00:03.217Z GET / 200 4 3210.987ms
2025-11-03T09:00:03.266Z GET / 200 4 49.000ms
2025-11-03T09:00:02.266Z GET / 200 4 0.000ms
`
	if got := out.String(); got != want {
		t.Errorf("the log is\n%swant\n%s", got, want)
	}
}

// TestRequestLogCloses makes sure that the last lines are written, and that a
// paper without a log works.
func TestRequestLogCloses(t *testing.T) {
	p, out := newPaper(t), &journal{}
	p.get("/")
	if err := p.Requests.Close(); err != nil {
		t.Error(err)
	}
	p.Requests = NewRequestLog(out)
	p.get("/nothing")
	if err := p.Requests.Close(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), " GET /nothing 404 ") {
		t.Errorf("the log is %q", out)
	}
}

// TestRequestLogStalls is about a disk, or a pipe, that takes nothing for a
// while: readers do not wait for it, memory does not grow without end, and the
// log says what it lost.
func TestRequestLogStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read, write := io.Pipe()
		p := newPaper(t)
		p.Requests = NewRequestLog(write)
		p.Public("GET /{$}", told())
		var got bytes.Buffer
		var reader sync.WaitGroup
		began := time.Now()
		const asked = 50_000
		for range asked {
			p.get("/")
		}
		<-time.After(flushEvery) // the first write is under way, and nobody takes it
		synctest.Wait()
		for range asked {
			p.get("/")
		}
		if waited := time.Since(began); waited != flushEvery {
			t.Errorf("readers waited %s for the log", waited-flushEvery)
		}
		if held := cap(p.Requests.buf); held > 2*maxHeld {
			t.Errorf("the log holds %d bytes", held)
		}
		reader.Go(func() { io.Copy(&got, read) })
		if err := p.Requests.Close(); err != nil {
			t.Error(err)
		}
		write.Close()
		reader.Wait()
		var written, lost, n int
		for l := range strings.Lines(got.String()) {
			if _, err := fmt.Sscanf(l, "# %d requests are missing here", &n); err == nil {
				lost += n
			} else if logLine.MatchString(strings.TrimSuffix(l, "\n")) {
				written++
			} else {
				t.Fatalf("this is no line of a log: %q", l)
			}
		}
		if written+lost != 2*asked || lost == 0 || written == 0 {
			t.Errorf("of %d requests %d are written and %d told as missing", 2*asked, written, lost)
		}
	})
}
