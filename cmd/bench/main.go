// Command bench measures how fast the paper is, on this machine and in this
// run: it builds the program, starts it as an operator would, and prints a
// table of figures beside their goals.
//
// Nothing is taken from an earlier run. A goal that is missed is printed as
// missed and the exit status is 0 all the same: a busy machine is no mistake
// in the program. It is 1 when the program could not be built or measured.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

// atMost is how long the whole run may take.
const atMost = 75 * time.Minute

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "bare":
			exit(serveBare(os.Args[2:]))
		case "load":
			exit(makeLoad(os.Args[2:]))
		case "ops":
			exit(doOperations(os.Args[2:]))
		case "sink":
			exit(serveSink())
		case "letters":
			exit(makeLetters(os.Args[2:]))
		case "beacons":
			exit(sendBeacons(os.Args[2:]))
		case "edition":
			exit(makeEdition(os.Args[2:]))
		}
	}
	var b bench
	flag.DurationVar(&b.seconds, "seconds", 3*time.Second, "how long each load lasts")
	flag.IntVar(&b.rounds, "rounds", 7, "how often each load is repeated")
	flag.IntVar(&b.articles, "articles", 100_000, "the size of the big paper")
	flag.DurationVar(&b.sustain, "sustain", time.Minute, "how long comments and votes are sent, each")
	flag.IntVar(&b.operations, "operations", 1_000_000, "after how many operations on threads, on both databases together, the numbers must be right")
	flag.StringVar(&b.only, "only", "", "measure only the step of this name")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	exit(b.run(ctx))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A bench is one run.
type bench struct {
	seconds  time.Duration
	rounds   int
	articles int
	only     string
	sustain  time.Duration

	operations int

	dir     string // of this run
	program string // the program that is measured
	data    string // the data folder of the demo
	figures []figure
}

// A step measures some figures.
type step struct {
	name string
	run  func(*bench, context.Context) error
}

var steps = []step{
	{"demo", (*bench).measureDemo},
	{"start", (*bench).measureStart},
	{"memory", (*bench).measureMemory},
	{"login", (*bench).measureLogin},
	{"weight", (*bench).measureWeight},
	{"allocations", (*bench).measureAllocations},
	{"purge", (*bench).measurePurge},
	{"front", (*bench).measureFront},
	{"newsroom", (*bench).measureNewsroom},
	{"search", (*bench).measureSearch},
	{"wire", (*bench).measureWire},
	{"threads", (*bench).measureThreads},
	{"pages", (*bench).measureThreadPages},
	{"mail", (*bench).measureMail},
	{"newsletter", (*bench).measureNewsletter},
	{"readers", (*bench).measureReaders},
	{"queue", (*bench).measureQueue},
	{"integrity", (*bench).measureIntegrity},
	{"cached", (*bench).measureCached},
}

func (b *bench) run(ctx context.Context) (err error) {
	if err := os.Chdir(root()); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "kawaraban-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	b.program, b.data = filepath.Join(b.dir, "kawaraban"), filepath.Join(b.dir, "demo")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "nodynamic", "-ldflags", "-s -w", "-o", b.program, "./cmd/kawaraban")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	failed := 0
	for i, s := range steps {
		if b.only != "" && s.name != b.only && i > 0 { // the first makes the data
			continue
		}
		began := time.Now()
		err := s.run(b, ctx)
		fmt.Fprintf(os.Stderr, "%-12s %6.1f s\n", s.name, time.Since(began).Seconds())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed++
			b.figures = append(b.figures, figure{name: s.name, reached: "not measured", how: err.Error()})
		}
	}
	b.print(os.Stdout)
	if failed > 0 {
		return fmt.Errorf("%d of %d steps could not be measured", failed, len(steps))
	}
	return nil
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
