package page

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestSlow lets somebody send a file over a line that is slower than the server waits
// for others, once the handler knows who it is; and work on it for longer.
func TestSlow(t *testing.T) {
	p := newPaper(t)
	late := make(chan struct{}) // the time of everybody else is over
	p.Upload("POST /file", 1<<20, func(*Visit) (*Answer, error) { return Nothing(), nil })
	p.Slow("POST /slow", 1<<20, func(v *Visit) (*Answer, error) {
		if err := v.Receive(time.Minute); err != nil {
			return nil, err
		}
		b, err := v.File("table")
		if err != nil || string(b) != "one,two" || v.Field("list") != "daily" {
			t.Errorf("it got %q, %v", b, err)
		}
		return Show(Text("text/plain", b)), nil
	})
	p.Slow("POST /work", 1<<20, func(v *Visit) (*Answer, error) {
		if err := v.Receive(time.Minute); err != nil {
			return nil, err
		}
		<-late
		return Nothing(), context.Cause(v.Context())
	})
	read := false
	p.Slow("POST /nobody", 1<<20, func(v *Visit) (*Answer, error) {
		read = v.Field("list") != ""
		return Nothing(), nil
	})
	server := httptest.NewUnstartedServer(p)
	server.Config.ReadTimeout = 2 * time.Second // also of those who may be slow, until the handler has said so
	server.Start()
	defer server.Close()

	// sends begins a form, and sends its end when it may.
	sends := func(path string, may <-chan struct{}) <-chan int {
		answered := make(chan int, 1)
		r, w := io.Pipe()
		var head bytes.Buffer
		form := multipart.NewWriter(&head)
		check(t, form.WriteField("list", "daily"))
		_, err := form.CreateFormFile("table", "members.csv")
		check(t, err)
		tail := "one,two\r\n--" + form.Boundary() + "--\r\n"
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, r)
		check(t, err)
		req.Host = "paper.example"
		req.Header.Set("Content-Type", form.FormDataContentType())
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		go func() {
			_, _ = w.Write(head.Bytes())
			if may != nil {
				<-may
			}
			_, _ = io.WriteString(w, tail)
			w.Close()
		}()
		go func() {
			res, err := server.Client().Do(req)
			if err != nil {
				answered <- 0
				return
			}
			res.Body.Close()
			answered <- res.StatusCode
		}()
		return answered
	}
	working := sends("/work", nil)
	slow := sends("/slow", late)
	if status := <-sends("/file", late); status == http.StatusOK || status == http.StatusNoContent {
		t.Errorf("everybody may be slow: %d", status)
	}
	close(late)
	if status := <-slow; status != http.StatusOK {
		t.Errorf("a slow line is answered with %d", status)
	}
	if status := <-working; status != http.StatusNoContent && status != http.StatusOK {
		t.Errorf("long work is answered with %d", status)
	}
	if <-sends("/nobody", nil); read {
		t.Error("a form was read before anybody asked for it")
	}
}
