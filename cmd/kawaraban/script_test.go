package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
	"rsc.io/script"
	"rsc.io/script/scripttest"

	"kawaraban/internal/papertest"
)

// asKawaraban makes the test binary be the program itself.
const asKawaraban = "TEST_IS_KAWARABAN"

func TestMain(m *testing.M) {
	if os.Getenv(asKawaraban) != "" {
		os.Exit(run(os.Args[1:], paperEnv(os.Environ()), os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// paperEnv leaves out what is for the test kit, and no setting.
func paperEnv(environ []string) []string {
	return slices.DeleteFunc(environ, func(e string) bool { return strings.HasPrefix(e, "KAWARABAN_TEST_") })
}

// TestScripts runs testdata/script/*.txt against the real program, once with
// each database.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no scripts", err)
	}
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
					t.Parallel()
					runScript(t, file, database)
				})
			}
		})
	}
}

func runScript(t *testing.T, file, database string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := []string{
		asKawaraban + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + dir, "WORK=" + dir,
		"KAWARABAN_DATA=" + filepath.Join(dir, "data"), "PICTURES=" + filepath.Join(here, "demo", "pictures"),
	}
	if database == "postgres" {
		env = append(env, "KAWARABAN_DATABASE="+papertest.EmptyPostgres(t))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // two hundred log-ins and pages, on a machine with other work
	t.Cleanup(cancel)
	s, err := script.NewState(ctx, dir, env)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ExtractFiles(a); err != nil {
		t.Fatal(err)
	}
	run := &scriptRun{exe: exe}
	t.Cleanup(run.kill)
	t.Cleanup(run.giveBack)
	e := script.NewEngine()
	e.Cmds = scripttest.DefaultCmds()
	delete(e.Cmds, "sleep") // wait for a condition
	e.Cmds["kawaraban"] = script.Program(exe, nil, time.Minute)
	e.Cmds["serve"] = run.serve()
	e.Cmds["stop"] = run.stop()
	e.Cmds["get"] = run.get(false)
	e.Cmds["until"] = run.get(true)
	e.Cmds["post"] = run.post()
	e.Cmds["send"] = run.sendBytes()
	e.Cmds["form"] = run.form()
	e.Cmds["film"] = film()
	e.Cmds["listen"] = run.listen()
	e.Cmds["letter"] = run.letter()
	e.Cmds["bring"] = bring()
	e.Cmds["code"] = code()
	e.Cmds["dns"] = run.dns(t)
	e.Cmds["keep"] = keep()
	e.Cmds["push"] = run.pushes()
	e.Conds = scripttest.DefaultConds()
	e.Conds["postgres"] = script.BoolCondition("the database is PostgreSQL", database == "postgres")
	scripttest.Run(t, e, s, file, bytes.NewReader(a.Comment))
}

// A scriptRun is the server of one script.
type scriptRun struct {
	exe    string
	server *exec.Cmd
	base   string
	output *syncBuffer
	ports  []net.PacketConn          // what the script holds, so that no other takes its ports
	jars   map[string]http.CookieJar // by the name of a person
	read   map[string]bool           // letters
}

func (r *scriptRun) kill() {
	if r.server != nil {
		r.server.Process.Kill()
		r.server.Wait()
	}
}

// serve starts the server with further flags, and waits until it is ready; with
// -until, only until a file is there, which is before that.
func (r *scriptRun) serve() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "start the paper", Args: "[-until file] [flags]"},
		func(s *script.State, args ...string) (script.WaitFunc, error) {
			ready, early := r.isReady, false
			if len(args) > 1 && args[0] == "-until" {
				file := s.Path(args[1])
				ready, early = func() bool { _, err := os.Stat(file); return err == nil }, true
				args = args[2:]
			}
			addr, held, err := freeAddr()
			if err != nil {
				return nil, err
			}
			r.ports = append(r.ports, held)
			command, flags := "serve", args
			if len(args) > 0 && args[0] == "demo" {
				command, flags = "demo", append([]string{"--no-readers"}, args[1:]...)
			}
			r.output = &syncBuffer{}
			r.server = exec.Command(r.exe, append([]string{command, "--addr", addr}, flags...)...)
			r.server.Env, r.server.Dir, r.server.Stdout, r.server.Stderr = s.Environ(), s.Getwd(), r.output, r.output
			if command == "demo" && !early { // it has sister papers, too, and says when all are there
				ready = func() bool {
					said := r.output.String()
					return r.isReady() && (strings.Contains(said, "The demo paper is open") || strings.Contains(said, `"logins"`))
				}
			}
			if err := r.server.Start(); err != nil {
				return nil, err
			}
			r.base = "http://" + addr
			if err := errors.Join(s.Setenv("URL", r.base), s.Setenv("ADDR", addr)); err != nil {
				return nil, err
			}
			for s.Context().Err() == nil {
				if ready() {
					return nil, nil
				}
				if strings.Contains(r.output.String(), "kawaraban: ") {
					return nil, fmt.Errorf("it does not start: %s", r.output)
				}
				pause(s.Context())
			}
			return nil, fmt.Errorf("it does not get ready: %s", r.output)
		})
}

func (r *scriptRun) isReady() bool {
	res, err := http.Get(r.base + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// stop sends SIGTERM and gives what the server said, with its exit status.
func (r *scriptRun) stop() script.Cmd {
	return script.Command(script.CmdUsage{Summary: "stop the paper with SIGTERM", Args: ""},
		func(s *script.State, _ ...string) (script.WaitFunc, error) {
			if r.server == nil {
				return nil, errors.New("nothing is served")
			}
			if err := r.server.Process.Signal(syscall.SIGTERM); err != nil {
				return nil, err
			}
			err := r.server.Wait()
			r.server = nil
			return func(*script.State) (string, string, error) { return r.output.String(), "", err }, nil
		})
}

// get prints status, headers and body of an answer. until repeats it until a
// regular expression matches, with -no until it does not.
func (r *scriptRun) get(until bool) script.Cmd {
	usage := script.CmdUsage{Summary: "get a page", Args: "[-as name] path [header: value]..."}
	if until {
		usage = script.CmdUsage{Summary: "get a page again and again until it matches", Args: "[-no] regexp [-as name] path [header: value]...", RegexpArgs: func(args ...string) []int { return []int{isNo(args)} }}
	}
	return script.Command(usage, func(s *script.State, args ...string) (script.WaitFunc, error) {
		var want *regexp.Regexp
		no := isNo(args)
		if until {
			var err error
			if want, err = regexp.Compile(`(?m)` + args[no]); err != nil {
				return nil, err
			}
			args = args[no+1:]
		}
		for {
			out, err := r.fetch(s.Context(), args)
			switch {
			case err == nil && (want == nil || want.MatchString(out) != (no > 0)):
				return func(*script.State) (string, string, error) { return out, "", nil }, nil
			case err != nil && want == nil:
				return nil, err
			case s.Context().Err() != nil:
				return func(*script.State) (string, string, error) { return out, "", errors.New("it never came true") }, nil
			}
			pause(s.Context())
		}
	})
}

// isNo is the place behind "-no".
func isNo(args []string) int {
	if len(args) > 0 && args[0] == "-no" {
		return 1
	}
	return 0
}

func (r *scriptRun) fetch(ctx context.Context, args []string) (string, error) {
	name, args := as(args)
	method, path, headers := http.MethodGet, args[0], args[1:]
	if m, p, ok := strings.Cut(path, " "); ok {
		method, path = m, p
	}
	address := r.base + path
	if strings.HasPrefix(path, "http://") { // another paper's
		address = path
	}
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return "", err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	return r.send(req, name)
}

// send sends a request with the cookies of a person, and prints the answer.
func (r *scriptRun) send(req *http.Request, name string) (string, error) {
	client := http.Client{Jar: r.jar(name), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", res.Status)
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range res.Header {
			if !yield(name) {
				return
			}
		}
	}) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(res.Header[name], ", "))
	}
	fmt.Fprintf(&b, "\n%s", body)
	return b.String(), nil
}

// pause lets the server work before the next look.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Millisecond):
	}
}

// freeAddr finds four ports in a row that nobody has, as the demo wants them, below
// those that the system gives to connections. Scripts run beside one another, and a
// server takes its port only when it is ready: until held is closed, nobody else who
// asks here gets these four.
func freeAddr() (addr string, held net.PacketConn, err error) {
	for range 100 {
		first := 20000 + 4*rand.IntN(2500)
		addr = fmt.Sprintf("127.0.0.1:%d", first)
		if held, err = net.ListenPacket("udp", addr); err != nil {
			continue
		}
		if free(first) && free(first+1) && free(first+2) && free(first+3) {
			return addr, held, nil
		}
		held.Close()
	}
	return "", nil, errors.New("no port is free")
}

// giveBack lets others have the ports of the script.
func (r *scriptRun) giveBack() {
	for _, held := range r.ports {
		held.Close()
	}
}

func free(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// A syncBuffer may be read while a process writes to it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
