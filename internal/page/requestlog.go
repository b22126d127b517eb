package page

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A RequestLog writes one line per request: time, method, path, status, bytes
// and milliseconds, and nothing about who asked. Lines are gathered and written
// every quarter of a second, so that no reader waits for the disk. While it
// takes nothing, lines are left out, and the log tells how many.
type RequestLog struct {
	out  io.Writer
	full chan struct{} // there is enough for a write
	stop chan struct{}
	done chan struct{}

	mu     sync.Mutex
	buf    []byte
	lost   int    // requests since the last write that buf had no room for
	second int64  // of the last line, since 1970
	stamp  []byte // the same in words: a thousand lines share it
}

const (
	flushEvery = 250 * time.Millisecond
	flushSize  = 64 << 10
	maxHeld    = 1 << 20 // bytes of lines that wait
	maxPath    = 512     // of a path in the log
	maxMethod  = 20
)

// NewRequestLog starts a log on out. Close it to write the last lines.
func NewRequestLog(out io.Writer) *RequestLog {
	l := &RequestLog{out: out, full: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *RequestLog) run() {
	defer close(l.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	var spare []byte
	for {
		select {
		case <-tick.C:
		case <-l.full:
		case <-l.stop:
			l.flush(spare)
			return
		}
		spare = l.flush(spare)
	}
}

// flush writes what was gathered while further lines go to spare, and returns
// the buffer that is free then. The lock is not held while it writes.
func (l *RequestLog) flush(spare []byte) []byte {
	l.mu.Lock()
	buf, lost := l.buf, l.lost
	l.buf, l.lost = spare[:0], 0
	l.mu.Unlock()
	if lost > 0 {
		buf = fmt.Appendf(buf, "# %d requests are missing here: the log was too slow\n", lost)
	}
	if len(buf) > 0 {
		l.out.Write(buf)
	}
	return buf
}

// Close writes what is left.
func (l *RequestLog) Close() error {
	if l != nil {
		close(l.stop)
		<-l.done
	}
	return nil
}

func (l *RequestLog) add(r *http.Request, status, size int, began, ended time.Time) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buf) >= maxHeld {
		l.lost++
		return
	}
	b := l.appendTime(l.buf, ended)
	b = append(b, "Z "...)
	b = append(b, r.Method[:min(len(r.Method), maxMethod)]...) // of the server's checked characters
	b = append(b, ' ')
	b = appendPath(b, r.URL.Path)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(size), 10)
	b = append(b, ' ')
	took := max(ended.Sub(began).Microseconds(), 0)
	b = strconv.AppendInt(b, took/1000, 10)
	b = appendThousandths(b, took%1000)
	l.buf = append(b, "ms\n"...)
	if len(l.buf) >= flushSize {
		select {
		case l.full <- struct{}{}:
		default:
		}
	}
}

// appendTime writes t without its zone, which is UTC.
func (l *RequestLog) appendTime(b []byte, t time.Time) []byte {
	if s := t.Unix(); s != l.second || l.stamp == nil {
		l.second, l.stamp = s, t.UTC().AppendFormat(l.stamp[:0], "2006-01-02T15:04:05")
	}
	return appendThousandths(append(b, l.stamp...), int64(t.Nanosecond())/1e6)
}

// appendThousandths writes what stands behind a point.
func appendThousandths(b []byte, n int64) []byte {
	return append(b, '.', '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10))
}

// appendPath writes a path so that it stays one word on one line and one
// address, whatever somebody asked for. The query is left out: it may be
// personal.
func appendPath(b []byte, path string) []byte {
	path = path[:min(len(path), maxPath)]
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '%' {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

const hexDigits = "0123456789ABCDEF"
