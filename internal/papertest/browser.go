package papertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browsing is how long one test may use its browser. Some look at a hundred pages: that
// takes a minute where the machine has other work.
const browsing = 10 * time.Minute

// Browser starts Chromium with an empty profile and returns the context of its
// first page, for chromedp. More pages of it come from chromedp.NewContext. It
// ends with the test.
func Browser(t testing.TB) context.Context {
	t.Helper()
	path := chromium()
	if path == "" {
		missing(t, "Chromium", "apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // Chromium refuses its sandbox to root, and tests open only our own pages
		chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(patience), // how long it may take to start
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
	)
	ctx, cancel := context.WithTimeout(context.Background(), browsing)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, closePage := chromedp.NewContext(ctx)
	t.Cleanup(closePage)
	return ctx
}

// chromium finds the browser; "" when there is none.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Painted waits until the page of ctx has painted what it holds now. What comes with a
// frame has come then: the place of what is read when something above it grows, and
// what observers are told of the layout.
func Painted(t testing.TB, ctx context.Context) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 0, true))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("wait until the page is painted: %v", err)
	}
}

// A Violation is a rule of accessibility that a page breaks.
type Violation struct {
	Rule   string // axe's id of the rule, such as "color-contrast"
	Impact string // "minor", "moderate", "serious" or "critical"
	Help   string // what to do
	Nodes  []struct {
		HTML   string   // the element
		Target []string // its selector
	}
}

// String is the violation in two lines or more.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.Rule, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&b, "\n\t%s: %s", strings.Join(n.Target, " "), n.HTML)
	}
	return b.String()
}

// runAxe is evaluated in the page, after axe-core itself. The tags are those of
// WCAG 2.2 AA and of axe's own advice.
const runAxe = `axe.run(document, {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	resultTypes: ["violations"],
}).then(r => JSON.stringify(r.violations.map(v => ({
	Rule: v.id, Impact: v.impact, Help: v.help,
	Nodes: v.nodes.map(n => ({HTML: n.html, Target: n.target.flat()})),
}))))`

// Axe checks the page that the browser of ctx shows, and returns what axe-core
// objects to.
func Axe(t testing.TB, ctx context.Context) []Violation {
	t.Helper()
	there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`"axe" in window`))
	if err != nil {
		t.Fatalf("ask the page for axe-core: %v", err)
	}
	if !there { // a page that is checked again, in the dark, has it from before
		axe := string(npm(t, "axe-core/axe.min.js"))
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](axe+";undefined")); err != nil {
			t.Fatalf("load axe-core into the page: %v", err)
		}
	}
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](runAxe, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("run axe-core: %v", err)
	}
	var found []Violation
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		t.Fatalf("read the answer of axe-core: %v", err)
	}
	return found
}

// npm reads a file of an npm package that package.json names.
func npm(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(npmPath(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func npmPath(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(root(t), "node_modules", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		missing(t, "the npm package of "+name, "npm ci --ignore-scripts")
	}
	return path
}
