package page

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestStream reads events as a browser does, and stops the server while pages
// are open: it does not wait for them.
func TestStream(t *testing.T) {
	p := newPaper(t)
	p.Hosts = nil
	left := make(chan struct{}, 10)
	p.Personal("GET /live", func(*Visit) (*Answer, error) {
		return Streams(func(s *Stream) error {
			defer func() { left <- struct{}{} }()
			for _, e := range [][2]string{{"news", "one"}, {"", ""}, {"news", "two\nlines\r\nand\rthree\n\nevent: forged"}} {
				if err := s.Tell(e[0], e[1]); err != nil {
					return err
				}
			}
			<-s.Done()
			return nil
		}), nil
	})
	server := httptest.NewServer(p)
	defer server.Close()
	server.Config.RegisterOnShutdown(p.EndStreams)

	// A connection that was opened and never used would be waited for, too.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Head(server.URL + "/live")
	check(t, err)
	if res.Body.Close(); res.Header.Get("Content-Type") != "text/event-stream" || len(left) > 0 {
		t.Errorf("HEAD answers %v", res.Header)
	}
	open := func() *bufio.Reader {
		res, err := client.Get(server.URL + "/live")
		check(t, err)
		t.Cleanup(func() { res.Body.Close() })
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Content-Type") != "text/event-stream" {
			t.Errorf("a stream is %v", res.Header)
		}
		return bufio.NewReader(res.Body)
	}
	block := func(r *bufio.Reader) (text string) {
		for !strings.HasSuffix(text, "\n\n") {
			line, err := r.ReadString('\n')
			if text += line; err != nil {
				return text
			}
		}
		return text
	}
	r := open()
	if again := block(r); !strings.HasPrefix(again, "retry: ") {
		t.Errorf("the stream begins with %q", again)
	}
	for _, want := range []string{
		"event: news\ndata: one\n\n", ":\n\n",
		"event: news\ndata: two\ndata: lines\ndata: and\ndata: three\ndata: \ndata: event: forged\n\n",
	} {
		if got := block(r); got != want {
			t.Errorf("an event is %q, want %q", got, want)
		}
	}
	block(open())

	// Pages that are open stay so until somebody closes them, which here is nobody.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := server.Config.Shutdown(ctx); err != nil {
		t.Errorf("the server waits for pages that are open: %v", err)
	}
	<-left
	<-left
	if rest := block(r); rest != "" {
		t.Errorf("after the end comes %q", rest)
	}
}

// TestStreamLeft is about a reader who closes the page.
func TestStreamLeft(t *testing.T) {
	p := newPaper(t)
	p.Hosts = nil
	left := make(chan struct{})
	p.Personal("GET /live", func(*Visit) (*Answer, error) {
		return Streams(func(s *Stream) error {
			<-s.Done()
			close(left)
			return nil
		}), nil
	})
	server := httptest.NewServer(p)
	defer server.Close()
	res, err := http.Get(server.URL + "/live")
	check(t, err)
	res.Body.Close()
	<-left
}
