package papertest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
)

const (
	good = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Paper</title></head>
<body><main><h1>Bridge closed</h1><img src="data:," alt="The bridge at dawn"></main></body></html>`
	bad = `<!DOCTYPE html><html><head><title>Paper</title></head>
<body><h1>Bridge closed</h1><img src="data:,"><p><div>x</div></p></body></html>`
)

func TestAxe(t *testing.T) {
	ctx := papertest.Browser(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, map[string]string{"/good": good, "/bad": bad}[r.URL.Path])
	}))
	defer server.Close()

	if _, err := chromedp.Run(ctx, chromedp.Navigate(server.URL+"/good")); err != nil {
		t.Fatal(err)
	}
	for _, v := range papertest.Axe(t, ctx) {
		t.Errorf("the good page: %s", v)
	}
	if _, err := chromedp.Run(ctx, chromedp.Navigate(server.URL+"/bad")); err != nil {
		t.Fatal(err)
	}
	found := papertest.Axe(t, ctx)
	for _, rule := range []string{"html-has-lang", "image-alt"} {
		if !slices.ContainsFunc(found, func(v papertest.Violation) bool { return v.Rule == rule && len(v.Nodes) == 1 }) {
			t.Errorf("the bad page breaks %s, and axe says only %v", rule, found)
		}
	}
}

func TestHTML(t *testing.T) {
	found := papertest.HTML(t, map[string]string{"good": good, "bad": bad})
	var said []string
	for _, m := range found {
		if m.Type == "error" {
			said = append(said, m.String())
		}
		if m.Page == "good" && m.Type == "error" {
			t.Errorf("the good page: %s", m)
		}
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "bad:2: error: An “img” element must have an “alt” attribute") {
		t.Errorf("the bad page has an img without alt, and the checker says only:\n%s", all)
	}
}
