package page

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// A Stream tells a page that is open what happens (server-sent events, WHATWG
// HTML 9.2).
type Stream struct {
	ctx context.Context
	w   http.ResponseWriter
	c   *http.ResponseController
}

const (
	streamWrite = 10 * time.Second // for one event to leave
	streamBeat  = 25 * time.Second // proxies close what is silent for longer
)

// Streams answers with events, as long as f runs.
func Streams(f func(*Stream) error) *Answer { return &Answer{stream: f} }

// Done is closed when the reader has left, or the server is to stop.
func (s *Stream) Done() <-chan struct{} { return s.ctx.Done() }

// Beat is how often Tell("", "") is to be called when nothing happens.
func (s *Stream) Beat() time.Duration { return streamBeat }

// Tell sends an event. Without a name it only keeps the connection open.
func (s *Stream) Tell(event, data string) error {
	if event == "" {
		return s.send(":\n\n")
	}
	return s.send("event: " + event + "\ndata: " + lines.Replace(data) + "\n\n")
}

// lines writes each line of data as one: any of the three ends of a line
// (WHATWG HTML, 9.2.6) would begin a field of its own.
var lines = strings.NewReplacer("\r\n", "\ndata: ", "\n", "\ndata: ", "\r", "\ndata: ")

func (s *Stream) send(text string) error {
	if err := s.c.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	return s.c.Flush()
}

// reconnect is when a browser comes back after a stream has ended: not all of
// them at once when the server starts again.
const (
	reconnectAfter  = time.Second
	reconnectWithin = 9 * time.Second
)

func (rt *Router) stream(v *Visit, f func(*Stream) error) {
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would keep the events back
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method == http.MethodHead {
		return
	}
	ctx, cancel := context.WithCancel(v.r.Context())
	defer cancel()
	defer context.AfterFunc(rt.streams, cancel)()
	s := &Stream{ctx: ctx, w: v.w, c: http.NewResponseController(v.w)}
	again := reconnectAfter + rand.N(reconnectWithin)
	if s.c.SetReadDeadline(time.Time{}) != nil || s.send(fmt.Sprintf("retry: %d\n\n", again.Milliseconds())) != nil {
		return
	}
	if err := f(s); err != nil && ctx.Err() == nil {
		rt.Log.Warn("a stream ended", "path", v.r.URL.Path, "error", err)
	}
}

// EndStreams ends the streams that are open and those that begin, so that a
// server which stops does not wait for them. Pages that have aged stay as they
// are.
func (rt *Router) EndStreams() {
	rt.endStreams()
	rt.Cache.endAging()
}
