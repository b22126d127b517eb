package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// fuzzEach is how often a target runs: a few seconds. A time would do, but Go's
// fuzzer now and then takes the end of its time for a failure ("context deadline
// exceeded").
const fuzzEach = "3000x"

// guiding are the packages whose branches guide the fuzzer: ours, and those that
// read for us what comes from outside. go test -fuzz would take all of them, also
// the databases and the browser's protocol: then nearly all of the time goes into
// comparing, after every run, counters that no input moves.
var guiding = []string{
	"kawaraban/...",
	"encoding/json", "encoding/xml", "html", "image/...", "mime/...", "net/mail", "net/netip", "net/url",
	"golang.org/x/image/...", "golang.org/x/net/html/...", "golang.org/x/net/idna",
	"github.com/BurntSushi/toml/...", "github.com/bep/imagemeta", "github.com/emersion/go-message/...", "github.com/mmcdole/...",
}

// guided are the arguments of go test that make guiding guide.
func guided() (args []string) {
	for _, pkg := range guiding {
		args = append(args, "-gcflags="+pkg+"=-d=libfuzzer")
	}
	return args
}

// fuzzAtOnce is how many packages are fuzzed at a time: while one is built or
// its fuzzer starts, one processor has nothing to do.
const fuzzAtOnce = 2

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// fuzz runs each fuzz target some thousand times with input that nobody thought
// of.
func fuzz(ctx context.Context) (tally, error) {
	targets, err := fuzzTargets()
	if err != nil {
		return tally{}, err
	}
	folders := slices.Sorted(maps.Keys(targets))
	tallies, errs := make([]tally, len(folders)), make([]error, len(folders))
	places := make(chan struct{}, fuzzAtOnce)
	var all sync.WaitGroup
	for i, folder := range folders {
		all.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			if tallies[i], errs[i] = fuzzIn(ctx, folder, targets[folder]); errs[i] != nil {
				errs[i] = fmt.Errorf("fuzz %s: %w", folder, errs[i])
			}
		})
	}
	all.Wait()
	var sum tally
	for _, t := range tallies {
		sum.add(t)
	}
	return sum, errors.Join(errs...)
}

// fuzzTargets are the names of all targets, by folder.
func fuzzTargets() (map[string][]string, error) {
	targets := map[string][]string{}
	files, err := filepath.Glob("internal/*/*_test.go")
	deeper, err2 := filepath.Glob("internal/*/*/*_test.go")
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	for _, file := range append(files, deeper...) {
		source, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range fuzzFunc.FindAllSubmatch(source, -1) {
			folder := filepath.Dir(file)
			targets[folder] = append(targets[folder], string(m[1]))
		}
	}
	return targets, nil
}

// fuzzIn builds the tests of a package once, and runs each of its targets.
func fuzzIn(ctx context.Context, folder string, targets []string) (all tally, err error) {
	made, err := os.MkdirTemp("", "fuzz")
	if err != nil {
		return all, err
	}
	defer os.RemoveAll(made)
	program := filepath.Join(made, "fuzz.test")
	args := slices.Concat([]string{"test", "-c", "-tags", tags, "-o", program}, guided(), []string{"./" + folder})
	if err := tool("go", args...)(ctx); err != nil {
		return all, err
	}
	if image, err := os.ReadFile(program); err != nil || !bytes.Contains(image, []byte(".go.fuzzcntrs")) {
		return all, errors.Join(err, errors.New("no package guides the fuzzer: it would only guess"))
	}
	for _, target := range targets {
		// To make what is new as small as it can be would take all of the time.
		cmd := command(ctx, "go", "tool", "test2json", "-p", folder, program, "-test.v=test2json", "-test.paniconexit0", "-test.run", "^$", "-test.fuzz", "^"+target+"$",
			"-test.parallel", strconv.Itoa(max(1, runtime.NumCPU()/fuzzAtOnce)),
			"-test.fuzztime", fuzzEach, "-test.fuzzminimizetime", "1x", "-test.fuzzcachedir", filepath.Join(made, target))
		cmd.Dir = folder
		t, err := counted(ctx, cmd)
		if err != nil {
			return all, fmt.Errorf("%s: %w", target, err)
		}
		if t.passed+t.failed == 0 {
			return all, fmt.Errorf("%s: it did not run", target)
		}
		all.add(t)
	}
	return all, nil
}
