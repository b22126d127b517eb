// Package papertest is what tests share: an empty database of either sort, a
// clock that is set by hand, golden files, waiting for a condition, a browser,
// and the checkers of accessibility and of HTML.
//
// What a machine lacks (PostgreSQL, Chromium, Java, the npm packages) makes a
// test skip and say so; where CI=true it makes the test fail, because there a
// check that did not run must not look like one that passed.
package papertest

import (
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// update is the flag of go test that rewrites golden files.
var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// missing ends a test that cannot run here.
func missing(t testing.TB, what, remedy string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing, and CI=true demands it: %s", what, remedy)
	}
	t.Skipf("NOT TESTED: %s is missing: %s", what, remedy)
}

// Golden compares got with the file testdata/name, whole. Run the test with
// -update to write the file, then read the difference before you commit it.
func Golden[T ~string | ~[]byte](t testing.TB, name string, got T) {
	t.Helper()
	golden(t, filepath.Join("testdata", filepath.FromSlash(name)), string(got))
}

// GoldenFile is Golden for a file that does not lie in testdata.
func GoldenFile[T ~string | ~[]byte](t testing.TB, path string, got T) {
	t.Helper()
	golden(t, path, string(got))
}

func golden(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it, and read it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got); if that is right, run with -update:\n%s", path, diff)
	}
}

// patience is how long Eventually waits. It is long because it costs only a
// test that fails, and machines can be slow.
const patience = 2 * time.Minute

// Eventually waits until cond holds, and ends the test when it never does; it says
// then what explain knows, if anything.
func Eventually(t testing.TB, cond func() bool, explain ...func() string) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-deadline:
			said := ""
			for _, f := range explain {
				said += ": " + f()
			}
			t.Fatalf("what the test waits for did not happen in %s%s", patience, said)
		case <-tick.C:
		}
	}
}

// A Clock stands still until it is set. The zero Clock shows nine o'clock in
// the morning of Monday, 3 November 2025, in UTC. Its Now is the clock of a
// store; many goroutines may use it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shown()
}

// Set makes the clock show t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Add moves the clock by d and returns what it shows then.
func (c *Clock) Add(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.shown().Add(d)
	return c.now
}

func (c *Clock) shown() time.Time {
	if c.now.IsZero() {
		return time.Date(2025, time.November, 3, 9, 0, 0, 0, time.UTC)
	}
	return c.now
}

// root is the project's folder: the nearest one above that holds go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}

// InTime holds that what f times takes no longer than most. A machine that has other
// work makes everything slow now and then, and not what is quick every time: f is asked
// again, up to five times, before the test fails.
func InTime(t testing.TB, what string, most time.Duration, f func() time.Duration) {
	t.Helper()
	most = Slow(most)
	var took []time.Duration
	for range 5 {
		took = append(took, f())
		if t.Failed() || took[len(took)-1] <= most {
			return
		}
	}
	t.Errorf("%s takes %v; %s is the most", what, took, most)
}

// Slow is a bound on time as this test's binary may keep it: d, and more with
// the race detector, which makes everything slower.
func Slow(d time.Duration) time.Duration { return d * slowness }
