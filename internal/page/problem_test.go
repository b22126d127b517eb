package page

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

// TestProblems makes sure that each sort of problem has its page and status,
// and that no cause is ever shown.
func TestProblems(t *testing.T) {
	for _, kind := range problem.Kinds() {
		for _, detail := range []string{"", "There is no such article."} {
			p := newPaper(t)
			p.Public("GET /page", func(context.Context, Query) (*Body, error) {
				return nil, &problem.Problem{Kind: kind, Detail: detail, Err: errors.New("a secret path")}
			})
			res := p.do(http.MethodGet, "/page", "If-None-Match", "*")
			if text := body(t, res); res.StatusCode != kind.Status() || !strings.Contains(text, "<p>"+detail+"</p>") || strings.Contains(text, "secret") {
				t.Errorf("%s answers %d %q", kind, res.StatusCode, text)
			}
			if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Content-Security-Policy") == "" {
				t.Errorf("%s has the headers %v", kind, res.Header)
			}
			if wait := res.Header.Get("Retry-After"); (wait != "") != (kind == problem.Unavailable) {
				t.Errorf("%s has Retry-After %q", kind, wait)
			}
		}
	}
}

// TestProblemsAreCheap is about a crowd at addresses that are not there: the
// page with a sentence of its own is sent once, so it is not compressed; the
// ready ones are.
func TestProblemsAreCheap(t *testing.T) {
	p := newPaper(t)
	p.Problem = func(p *problem.Problem, number string) (*Body, error) {
		return Text("", append(long("sorry"), p.Detail...)), nil
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.Public("GET /own", func(context.Context, Query) (*Body, error) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article."}
	})
	for path, want := range map[string]string{"/own": "", "/nothing": "br"} {
		res := p.do(http.MethodGet, path, "Accept-Encoding", "br")
		if got := res.Header.Get("Content-Encoding"); res.StatusCode != http.StatusNotFound || got != want {
			t.Errorf("%s answers %d in the coding %q, want 404 in %q", path, res.StatusCode, got, want)
		}
	}
}

// TestProblemPageFails is about the template of problem pages: with it broken
// the paper does not start, and a sentence that breaks it is left out.
func TestProblemPageFails(t *testing.T) {
	broken := errors.New("the template is broken")
	p := newPaper(t)
	p.Problem = func(*problem.Problem, string) (*Body, error) { return nil, broken }
	p.Public("GET /page", func(context.Context, Query) (*Body, error) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article."}
	})
	if status, text := p.get("/page"); status != http.StatusNotFound || text != "<h1>404</h1><p></p>" {
		t.Errorf("without its template a problem answers %d %q", status, text)
	}
	if !strings.Contains(p.log.String(), broken.Error()) {
		t.Errorf("the log says %q", p.log)
	}
	if err := p.Start(); !errors.Is(err, broken) {
		t.Errorf("a paper without problem pages starts: %v", err)
	}
}

// A fault of ours has a number, which the reader sees and the log knows.
func TestFaultNumber(t *testing.T) {
	p := newPaper(t)
	p.Problem = func(_ *problem.Problem, number string) (*Body, error) {
		return Text("", []byte("<p>number "+number+"</p>")), nil
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	p.Public("GET /broken", func(context.Context, Query) (*Body, error) { return nil, errors.New("a secret path") })
	first, second := body(t, p.do("GET", "/broken")), body(t, p.do("GET", "/broken"))
	number := strings.TrimSuffix(strings.TrimPrefix(first, "<p>number "), "</p>")
	if len(number) != len(numberMark) || number == numberMark || first == second {
		t.Errorf("the pages say %q and %q", first, second)
	}
	if !strings.Contains(p.log.String(), "number="+number) {
		t.Errorf("the log does not know %s: %s", number, p.log)
	}
	if missing := body(t, p.do("GET", "/missing")); strings.Contains(missing, number) || strings.Contains(missing, numberMark) {
		t.Errorf("a page that is missing is no fault: %s", missing)
	}
}
