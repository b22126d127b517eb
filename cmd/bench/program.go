package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A process is a server that this run started.
type process struct {
	cmd  *exec.Cmd
	url  string // without a slash at the end
	said *bufio.Reader
	line []byte // the first that it said
	log  bytes.Buffer
}

// patience is how long a server may take to start or to stop.
const patience = time.Minute

// begin starts a server on a core of its own; core "" lets it run anywhere.
func begin(ctx context.Context, core, program string, args ...string) (*process, error) {
	if core != "" && pinned() {
		program, args = "taskset", append([]string{"-c", core, program}, args...)
	}
	p := &process{cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Stderr = &p.log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = patience
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.said = bufio.NewReader(out)
	return p, p.cmd.Start()
}

// pinned reports whether this machine can hold programs to a core.
func pinned() bool {
	_, err := exec.LookPath("taskset")
	return err == nil
}

// end stops the server as an operator would.
func (p *process) end() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	io.Copy(io.Discard, p.said)
	p.cmd.Wait()
}

// serve starts the paper on the demo's data, and waits for its first page.
func (b *bench) serve(ctx context.Context, core string, flags ...string) (p *process, took time.Duration, err error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	p, err = begin(ctx, core, b.program, append([]string{
		"serve", "--data", b.data, "--addr", addr, "--request-log", b.dir + "/requests.log",
		"--paper-name", "The Kawara Bay Courier",
		"--sections", "city=City,region=Region,world=World,business=Business,culture=Culture,sport=Sport,science=Science,opinion=Opinion",
	}, flags...)...)
	if err != nil {
		return nil, 0, err
	}
	p.url = "http://" + addr
	if err := p.wait(ctx); err != nil {
		p.end()
		return nil, 0, err
	}
	return p, time.Since(began), nil
}

// wait asks for the front page until it is there.
func (p *process) wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if _, err := get(ctx, p.url+"/", ""); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not open: %w\n%s", p.url, ctx.Err(), p.log.String())
		case <-tick.C:
		}
	}
}

// demo starts the demo, and waits until it says its addresses.
func (b *bench) demo(ctx context.Context) (p *process, took time.Duration, err error) {
	began := time.Now()
	p, err = begin(ctx, "", b.program, "demo", "--json", "--no-readers", "--data", b.data, "--addr", "127.0.0.1:0")
	if err != nil {
		return nil, 0, err
	}
	p.line, err = p.said.ReadBytes('\n')
	took = time.Since(began)
	var answer struct{ URL string }
	if err == nil {
		err = json.Unmarshal(p.line, &answer)
	}
	if err != nil {
		p.end()
		return nil, 0, fmt.Errorf("the demo does not start: %w\n%s", err, p.log.String())
	}
	p.url = strings.TrimSuffix(answer.URL, "/")
	return p, took, nil
}

// memory is what the process holds, in MB.
func (p *process) memory() (float64, error) { return p.kernel("VmRSS:") }

// most is the most that it has held, in MB.
func (p *process) most() (float64, error) { return p.kernel("VmHWM:") }

func (p *process) kernel(name string) (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(status), name)
	if !ok {
		return 0, errors.New("the kernel does not tell " + name)
	}
	kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	return kb / 1024, err
}

// settle waits until the process has next to nothing to do: until it used less
// than a twentieth of a core for two seconds.
func (p *process) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	const span = 2 * time.Second
	for {
		before, err := p.worked()
		if err != nil {
			return err
		}
		if err := pause(ctx, span); err != nil {
			return fmt.Errorf("the program does not come to rest: %w", err)
		}
		after, err := p.worked()
		if err != nil || after-before < span/20 {
			return err
		}
	}
}

// worked is the processor's time that the process has used.
func (p *process) worked() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("the kernel does not tell how long a process worked")
	}
	var ticks int
	for _, f := range fields[11:13] { // utime and stime, proc(5)
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil // 100 ticks a second, on all of Linux
}

// freeAddress is one that nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// get asks for a page in a coding, and returns what was sent. Any status but 200
// is an error.
func get(ctx context.Context, address, coding string) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if coding == "" {
		coding = "identity"
	}
	r.Header.Set("Accept-Encoding", coding) // and so the client decodes nothing
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", address, res.Status)
	}
	return &answer{res.Header, content}, err
}

// An answer is what a server sent.
type answer struct {
	header  http.Header
	content []byte
}

// pause lets the time pass, unless the run ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
