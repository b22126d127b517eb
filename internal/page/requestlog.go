package page

import (
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A RequestLog writes one line per request: time, method, path, status, bytes
// and milliseconds, and nothing about who asked. Lines are gathered and written
// every quarter of a second, so that a flash crowd does not wait for the disk.
type RequestLog struct {
	mu   sync.Mutex
	out  io.Writer
	buf  []byte
	stop chan struct{}
	done chan struct{}
}

const (
	flushEvery = 250 * time.Millisecond
	flushSize  = 64 << 10
	maxPath    = 512 // of a path in the log
)

// NewRequestLog starts a log on out. Close it to write the last lines.
func NewRequestLog(out io.Writer) *RequestLog {
	l := &RequestLog{out: out, buf: make([]byte, 0, flushSize+1024), stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *RequestLog) run() {
	defer close(l.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.flush()
		case <-l.stop:
			l.flush()
			return
		}
	}
}

func (l *RequestLog) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.buf) > 0 {
		l.out.Write(l.buf)
		l.buf = l.buf[:0]
	}
}

// Close writes what is left.
func (l *RequestLog) Close() error {
	if l != nil {
		close(l.stop)
		<-l.done
	}
	return nil
}

func (l *RequestLog) add(r *http.Request, status, size int, took time.Duration) {
	if l == nil {
		return
	}
	now := time.Now().UTC()
	l.mu.Lock()
	defer l.mu.Unlock()
	b := now.AppendFormat(l.buf, "2006-01-02T15:04:05.000Z")
	b = append(b, ' ')
	b = append(b, r.Method...)
	b = append(b, ' ')
	b = appendPath(b, r.URL.Path)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(size), 10)
	b = append(b, ' ')
	b = strconv.AppendFloat(b, float64(took.Microseconds())/1000, 'f', -1, 64)
	l.buf = append(b, "ms\n"...)
	if len(l.buf) >= flushSize {
		l.out.Write(l.buf)
		l.buf = l.buf[:0]
	}
}

// appendPath writes a path so that it stays one word on one line, whatever
// somebody asked for. The query is left out: it may be personal.
func appendPath(b []byte, path string) []byte {
	path = path[:min(len(path), maxPath)]
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == 0x7f || c == '"' || c == '\\' {
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return b
}

const hexDigits = "0123456789ABCDEF"
