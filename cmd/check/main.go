// Command check runs everything that `make check` promises: the layout of the
// code, the static checks, the program's build, all tests on both databases,
// the race detector and a short fuzzing.
//
// It prints one line for each step with its seconds, then what failed and what
// could not be run here, and ends with the plain line
//
//	N passed, N failed, N skipped
//
// counted from the JSON of the test runs: every test and every subtest is one.
// A step that fails without a test (a vet finding, a build error) counts as one
// failure. The exit status is 1 when anything failed.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"kawaraban/internal/papertest"
)

// atMost is when a run is stuck and ends. On two quiet cores it is to take less
// than forty minutes.
const atMost = 60 * time.Minute

// A step is one line of the report. It returns what its tests said and the
// error of what is not a test.
type step struct {
	name string
	run  func(context.Context) (tally, error)
}

var steps = []step{
	{"what the checks need", plain(prepare)},
	{"gofumpt", plain(gofumpt)},
	{"go vet", plain(tool("go", "vet", "-tags", tags, "./..."))},
	{"staticcheck", plain(tool("go", "tool", "staticcheck", "-tags", tags, "./..."))},
	{"build bin/kawaraban", plain(build)},
	{"tests", tests},
	{"tests with the race detector", race},
	{"fuzzing", fuzz},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	if !run(ctx) {
		os.Exit(1)
	}
}

// run does every step, also after one that failed, and reports whether all is
// well.
func run(ctx context.Context) bool {
	if err := os.Chdir(root()); err != nil {
		fmt.Println(err)
		return false
	}
	var total tally
	for _, s := range steps {
		if s.name == "tests" { // by now PostgreSQL is installed, if it can be
			defer sharePostgres()()
		}
		began := time.Now()
		t, err := s.run(ctx)
		said := "ok"
		if t.passed+t.failed > 0 {
			said = t.String()
		}
		if err != nil {
			t.failed++
			t.troubles = append(t.troubles, fmt.Sprintf("%s: %v", s.name, err))
			said = "FAILED"
		}
		fmt.Printf("%-30s %7.1f s  %s\n", s.name, time.Since(began).Seconds(), said)
		total.add(t)
	}
	for _, trouble := range total.troubles {
		fmt.Printf("\n--- %s\n", strings.TrimSpace(trouble))
	}
	if len(total.untested) > 0 {
		fmt.Printf("\n%s\n", strings.Join(total.untested, "\n"))
	}
	fmt.Printf("\n%s\n", total)
	return total.failed == 0
}

// sharePostgres starts one cluster for all test processes. Without PostgreSQL
// it does nothing: the tests say that themselves.
func sharePostgres() (stop func()) {
	s, err := papertest.StartPostgres()
	if err != nil {
		return func() {}
	}
	os.Setenv(papertest.PostgresEnv, s.Socket)
	return func() { s.Stop() }
}

// plain makes a step of what is not a test run.
func plain(f func(context.Context) error) func(context.Context) (tally, error) {
	return func(ctx context.Context) (tally, error) { return tally{}, f(ctx) }
}

// tool runs a command; its output is its complaint.
func tool(name string, args ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		out, err := command(ctx, name, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	}
}

func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

func gofumpt(ctx context.Context) error {
	out, err := command(ctx, "go", "tool", "gofumpt", "-l", "cmd", "internal").CombinedOutput()
	if err != nil || len(out) > 0 {
		return fmt.Errorf("run go tool gofumpt -w on (%v):\n%s", err, out)
	}
	return nil
}

// tags are the build tags of the program: without nodynamic the WebP encoder
// would load a library of the system.
const tags = "nodynamic"

// build makes the program as it is shipped, and makes sure that it runs on a
// machine that has nothing else.
func build(ctx context.Context) error {
	const program = "bin/kawaraban"
	err := tool("go", "build", "-trimpath", "-tags", tags, "-ldflags", "-s -w", "-o", program, "./cmd/kawaraban")(ctx)
	if err != nil {
		return err
	}
	image, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	if bytes.Contains(image, []byte("/ld-linux")) {
		return fmt.Errorf("%s is linked dynamically: it would not start on every machine", program)
	}
	return tool("./"+program, "--help")(ctx)
}

// root is the project's folder: the nearest one above that holds go.mod.
func root() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return "."
}
