package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A tally is what test runs said.
type tally struct {
	passed, failed, skipped int
	troubles                []string // the output of each test that failed
	untested                []string // the lines in which tests say what was missing
}

// String is the line that everything ends with.
func (t tally) String() string {
	s := fmt.Sprintf("%d passed, %d failed", t.passed, t.failed)
	if t.skipped > 0 {
		s += fmt.Sprintf(", %d skipped", t.skipped)
	}
	return s
}

func (t *tally) add(u tally) {
	t.passed += u.passed
	t.failed += u.failed
	t.skipped += u.skipped
	t.troubles = append(t.troubles, u.troubles...)
	for _, line := range u.untested {
		if !slices.Contains(t.untested, line) {
			t.untested = append(t.untested, line)
		}
	}
}

// An event is a line of go test -json (see go doc test2json).
type event struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
}

// count reads the JSON of go test. A package that fails without a failing test
// (it does not build, or its process died) is one failure.
func count(r io.Reader) (tally, error) {
	var t tally
	outputs := map[string]*strings.Builder{}
	output := func(key string) *strings.Builder {
		if outputs[key] == nil {
			outputs[key] = &strings.Builder{}
		}
		return outputs[key]
	}
	failing := map[string]bool{} // packages with a failing test
	lines := json.NewDecoder(r)
	for {
		var e event
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF):
			return t, nil
		case err != nil:
			return t, fmt.Errorf("read the output of go test: %w", err)
		}
		key := e.Package + " " + e.Test
		switch {
		case e.Action == "output":
			output(key).WriteString(e.Output)
		case e.Action == "build-output":
			output(e.ImportPath).WriteString(e.Output)
		case e.Test == "" && e.Action == "fail" && !failing[e.Package]:
			t.failed++
			t.troubles = append(t.troubles, e.Package+"\n"+output(e.FailedBuild).String()+output(key).String())
		case e.Test == "":
		case e.Action == "pass":
			t.passed++
		case e.Action == "fail":
			t.failed++
			failing[e.Package] = true
			t.troubles = append(t.troubles, key+"\n"+output(key).String())
		case e.Action == "skip":
			t.skipped++
			for line := range strings.Lines(output(key).String()) {
				if _, why, ok := strings.Cut(line, "NOT TESTED"); ok {
					t.add(tally{untested: []string{"NOT TESTED" + strings.TrimRight(why, "\n")}})
				}
			}
		}
		if e.Action == "pass" || e.Action == "fail" || e.Action == "skip" {
			delete(outputs, key)
		}
	}
}

// goTest runs go test -json with more arguments.
func goTest(ctx context.Context, env string, args ...string) (tally, error) {
	cmd := command(ctx, "go", append([]string{"test", "-json", "-tags", tags}, args...)...)
	cmd.Env = append(cmd.Env, env)
	return counted(ctx, cmd)
}

// counted runs what says in JSON how tests go.
func counted(ctx context.Context, cmd *exec.Cmd) (tally, error) {
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return tally{}, err
	}
	if err := cmd.Start(); err != nil {
		return tally{}, err
	}
	t, err := count(out)
	// go test ends with an error when a test failed: that one is counted already.
	if e := cmd.Wait(); e != nil && (t.failed == 0 || ctx.Err() != nil) {
		err = errors.Join(err, fmt.Errorf("go test: %w\n%s", e, complaint.String()))
	}
	return t, err
}

// longest are the packages whose tests take longest. go test runs a few packages
// at a time, in the order in which they are named: one of these at the end would
// run alone, with the other processors idle.
var longest = []string{"./internal/site", "./internal/newsroom", "./cmd/kawaraban", "./internal/wire"}

func tests(ctx context.Context) (tally, error) {
	return goTest(ctx, "CGO_ENABLED=0", slices.Concat([]string{"-timeout", "20m"}, longest, []string{"./..."})...)
}

// raced are the packages in which goroutines meet: the subjects, and the
// plumbing that they meet in.
var raced = []string{
	"article", "audience", "comment", "desk", "media", "network", "newsletter", "promo", "search", "wire",
	"db", "event", "job", "page",
}

// racedByName are the tests of reader in which goroutines meet. It has hundreds
// of others, of one goroutine each, which would take most of the time of all.
const racedByName = "Eight|AtOnce|LastPublisher|LastTwo|Rush|Thousand"

// costs are tests of what one goroutine costs, and of very many files that one takes:
// with the detector, that of the detector.
const costs = "^(TestFloods|TestTextFloods|TestRenderCost|TestWindow|TestSearchCost|TestWatchMany|TestRemoteMany)$"

func race(ctx context.Context) (tally, error) {
	if _, err := exec.LookPath("gcc"); err != nil && os.Getenv("CI") != "true" {
		return tally{untested: []string{"NOT TESTED: races: gcc is missing: apt-get install gcc libc6-dev"}}, nil
	}
	args := []string{"-race", "-timeout", "20m", "-skip", costs}
	for _, name := range raced {
		if files, err := filepath.Glob("internal/" + name + "/*_test.go"); err == nil && len(files) > 0 {
			args = append(args, "./internal/"+name)
		}
	}
	all, err := goTest(ctx, "CGO_ENABLED=1", args...)
	if err != nil {
		return all, err
	}
	t, err := goTest(ctx, "CGO_ENABLED=1", "-race", "-timeout", "20m", "-run", racedByName, "./internal/reader")
	all.add(t)
	return all, err
}
