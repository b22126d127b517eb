package page

import (
	"context"
	"fmt"
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

// Done is closed when the reader has left.
func (s *Stream) Done() <-chan struct{} { return s.ctx.Done() }

// Beat is how often Tell("", "") is to be called when nothing happens.
func (s *Stream) Beat() time.Duration { return streamBeat }

// Tell sends an event. Without a name it only keeps the connection open.
func (s *Stream) Tell(event, data string) error {
	if err := s.c.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	text := ":\n\n"
	if event != "" {
		text = "event: " + event + "\ndata: " + strings.ReplaceAll(data, "\n", "\ndata: ") + "\n\n"
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	return s.c.Flush()
}

func (rt *Router) stream(v *Visit, f func(*Stream) error) {
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would keep the events back
	v.w.WriteHeader(http.StatusOK)
	s := &Stream{ctx: v.r.Context(), w: v.w, c: http.NewResponseController(v.w)}
	if s.c.SetReadDeadline(time.Time{}) != nil || s.Tell("", "") != nil {
		return
	}
	if err := f(s); err != nil && s.ctx.Err() == nil {
		rt.Log.Warn("a stream ended", "path", v.r.URL.Path, "error", err)
	}
}
