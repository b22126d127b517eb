package richtext

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/papertest"
)

// TestReg_R15: a real browser finds in what we write no element and no attribute
// that our own reading of it does not find, and runs nothing of it. There is no
// policy on the page to save us.
func TestReg_R15(t *testing.T) {
	var b strings.Builder
	b.WriteString("<!doctype html><meta charset=utf-8><title>vectors</title><script>window.ran = 0;" +
		"for (const f of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval']) window[f] = () => { window.ran++ };</script><main>")
	n := 0
	for _, v := range vectors(t) {
		for _, d := range []Doc{FromHTML(v, "https://paper.example/a/b"), FromNITF(v), FromText(v)} {
			fmt.Fprintf(&b, "<section>%s</section>", d.Web(figure))
			n++
		}
	}
	b.WriteString("</main>")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Write([]byte(b.String()))
	}))
	defer server.Close()

	browser := papertest.Browser(t)
	if _, err := chromedp.Run(browser, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	sections := ask[int](t, browser, `document.querySelectorAll("main > section").length`)
	links := ask[int](t, browser, `[...document.links].filter(a => !["http:", "https:", "mailto:"].includes(a.protocol)).length`)
	ran := ask[int](t, browser, `window.ran`)
	found := ask[[]string](t, browser, `[...new Set([...document.querySelectorAll("main > section *")].flatMap(e =>
		[e.namespaceURI + " " + e.localName, ...[...e.attributes].map(a => e.localName + " " + a.name)]))]`)
	if sections != n {
		t.Errorf("the browser sees %d sections of %d: something broke out", sections, n)
	}
	if links != 0 || ran != 0 {
		t.Errorf("%d links lead to what is no page, %d scripts ran", links, ran)
	}
	for _, f := range found {
		space, name, _ := strings.Cut(f, " ")
		if strings.Contains(space, ":") {
			if _, ok := written[name]; !ok || space != "http://www.w3.org/1999/xhtml" {
				t.Errorf("the browser finds <%s> of %s", name, space)
			}
			continue
		}
		if attrs := written[space]; !strings.Contains(" "+attrs+" ", " "+name+" ") {
			t.Errorf("the browser finds the attribute %s on <%s>", name, space)
		}
	}
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, browser context.Context, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(browser, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
