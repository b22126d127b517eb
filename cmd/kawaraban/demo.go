package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	papers "kawaraban/internal/paper"
	"kawaraban/internal/wire"
)

//go:embed demo/threads.txt demo/live.txt demo/pages demo/stories demo/sisters demo/pictures demo/videos demo/wire demo/desk demo/rules.json
var demoFiles embed.FS

type demoCommand struct {
	Fresh bool `help:"Begin with an empty data folder."`
	JSON  bool `name:"json" help:"Print the addresses as one line of JSON, for scripts."`

	Readers bool `help:"Have a simulated readership come, so that the newsroom sees what is read." default:"true" negatable:""`
}

// demoPaper is what makes one of the three papers of the demo.
type demoPaper struct {
	folder   string // below the data folder
	stories  string // below demo/
	settings func(*settings)
	identity papers.Identity
}

var demoPapers = []demoPaper{
	{"", "stories", func(s *settings) {
		s.Sections = []string{"city=City", "region=Region", "world=World", "business=Business", "culture=Culture", "sport=Sport", "science=Science", "opinion=Opinion"}
		s.SecurityContact = "mailto:security@courier.example"
	}, papers.Identity{
		Name: "The Kawara Bay Courier", Edition: "Published every day at Tile Square, Kawara Bay",
		Notice: "© 2026 Kawara Bay Courier Cooperative", Contact: "desk@courier.example",
	}},
	{"sisters/one", "sisters/one", func(s *settings) {
		s.Sections = []string{"valley=Valley", "farm=Farm", "notices=Notices"}
	}, papers.Identity{
		Name: "The Hask Valley Weekly", Edition: "For Haskirk, the valley and the pass", Notice: "© 2026 Hask Valley Weekly",
		Accent: "#2f6b3a", AccentDark: "#8ccf97",
	}},
	{"sisters/two", "sisters/two", func(s *settings) {
		s.Sections = []string{"campus=Campus", "life=Life", "sport=Sport"}
	}, papers.Identity{
		Name: "Low Tide", Edition: "The paper of the students of the University of Kawara Bay", Notice: "© 2026 Low Tide Student Press",
		Accent: "#1f5f8b", AccentDark: "#84c1ea",
	}},
}

// demoAnswer is what the demo says when it is ready.
type demoAnswer struct {
	URL     string      `json:"url"`
	Sisters []string    `json:"sisters"`
	Data    string      `json:"data"`
	Outbox  string      `json:"outbox"`
	Wire    string      `json:"wire"`
	Samples string      `json:"samples"`
	Pretend string      `json:"pretend"` // the provider that is none
	Logins  []demoLogin `json:"logins"`
}

// demoLogin is an account that the demo has made ready.
type demoLogin struct {
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
	TOTP     string `json:"totp"`
}

// Run starts the three papers and serves them until it is told to stop.
func (c demoCommand) Run(ctx context.Context, p *process) error {
	began := time.Now()
	useMemory(3 * p.CacheMB)
	root := p.Data
	if p.origins["data"] == "default" {
		root = "demo-data"
	}
	if c.Fresh {
		if err := clearDemo(root); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	answer := demoAnswer{Sisters: []string{}, Logins: []demoLogin{}}
	var running []<-chan error
	defer func() {
		stop(nil)
		for _, done := range running {
			<-done
		}
	}()
	listeners, err := demoListeners(p.Addr)
	defer func() {
		for _, l := range listeners {
			l.Close()
		}
	}()
	if err != nil {
		return err
	}
	var papers []*demoRun
	for i, d := range demoPapers {
		one, err := d.start(ctx, p, root, i, listeners)
		if err != nil {
			return unlessStopped(ctx, err)
		}
		one.simulated = c.Readers && i == 0
		papers = append(papers, one)
		done := make(chan error, 1)
		running = append(running, done)
		go func() {
			err := one.run(ctx)
			stop(err)
			done <- err
			close(done)
		}()
		select {
		case <-one.ready:
		case <-ctx.Done():
			return unlessStopped(ctx, context.Cause(ctx))
		}
		if i == 0 {
			answer.URL, answer.Data = one.settings.base()+"/", one.settings.Data
			answer.Outbox, answer.Wire = filepath.Join(one.settings.Data, "outbox"), one.folder
			answer.Samples = filepath.Join(one.settings.Data, "wire", "samples")
			answer.Pretend = one.pretender.URL + "/"
			answer.Logins = one.logins
		} else {
			answer.Sisters = append(answer.Sisters, one.settings.base()+"/")
		}
	}
	if err := answer.print(p.stdout, c.JSON, time.Since(began)); err != nil {
		return err
	}
	met := make(chan error)
	running = append(running, met)
	go func() {
		acquaint(ctx, papers)
		close(met)
	}()
	<-ctx.Done()
	return unlessStopped(ctx, context.Cause(ctx))
}

func (a demoAnswer) print(w io.Writer, asJSON bool, took time.Duration) error {
	if asJSON {
		return json.NewEncoder(w).Encode(a)
	}
	_, err := fmt.Fprintf(w, `
The demo paper is open (%.1f s).

  Read it            %s
  Sister papers      %s
                     %s
  Wire folder        %s
                     Drop a NewsML, ninjs, NITF, IPTC 7901, ANPA or RSS file there and it is a page within five seconds.
  Try                cp %s %s
  Log in             at %slogin as
%s                     or with "Use your Facebook account to login or register":
                     a Pretend Facebook on %s lets you choose who to be.
                     Browsers make passkeys for names only: for those, open %s
  Readers            are programs, so that %snewsroom/audience moves. --no-readers does without.
  Letters            %sletters shows what the paper would send by mail.
  Everything it keeps is in %s

Stop it with Ctrl-C. "kawaraban demo --fresh" begins anew.
`, took.Seconds(), a.URL, a.Sisters[0], a.Sisters[1], a.Wire, filepath.Join(a.Samples, "hpa-tarsund-bridge.xml"), a.Wire, a.URL, a.people(), a.Pretend, strings.Replace(a.URL, "127.0.0.1", "localhost", 1), a.URL, a.Pretend, a.Data)
	return err
}

// people lists the accounts that are ready. The seed of the one-time codes is
// for a program that makes them.
func (a demoAnswer) people() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, l := range a.Logins {
		fmt.Fprintf(w, "                     %s\t%s\t%s\t%s\n", l.Role, l.Email, l.Password, l.TOTP)
	}
	w.Flush()
	return b.String()
}

// demoMark says that a folder is a demo's, which may be cleared.
const demoMark = "This folder belongs to \"kawaraban demo\", which may clear it.\n"

func clearDemo(root string) error {
	mark, err := os.ReadFile(filepath.Join(root, "DEMO"))
	if errors.Is(err, fs.ErrNotExist) {
		if entries, _ := os.ReadDir(root); len(entries) == 0 {
			return nil
		}
	}
	if string(mark) != demoMark {
		return fmt.Errorf("the folder %s was not made by the demo, and is not cleared; choose another with --data", root)
	}
	unlock, err := lock(root, "nothing: it clears the demo")
	if err != nil {
		return err
	}
	defer unlock()
	return os.RemoveAll(root)
}

// A demoRun is one paper of the demo, opened and not yet serving.
type demoRun struct {
	*paper
	listener  net.Listener
	unlock    func()
	requests  *os.File
	folder    string     // the watched wire folder, of the first paper
	pretender *pretender // the provider that is none, of the first paper
	logins    []demoLogin
	ready     chan struct{}
}

// start opens the i-th paper, and fills it when it is new.
func (d demoPaper) start(ctx context.Context, p *process, root string, i int, listeners []net.Listener) (_ *demoRun, err error) {
	s, origins := *p.settings, p.origins
	s.Data = filepath.Join(root, d.folder)
	given := s.Sections
	if d.settings(&s); i == 0 && origins["sections"] != "default" {
		s.Sections = given
	}
	if origins["zone"] == "default" {
		s.Zone = "Local"
	}
	if i > 0 {
		origins = nil // what somebody sets for the demo is meant for the paper that it shows
		s.Database, s.BaseURL = "", nil
	}
	if err := s.folder(); err != nil {
		return nil, err
	}
	if i == 0 {
		if err := os.WriteFile(filepath.Join(root, "DEMO"), []byte(demoMark), 0o600); err != nil {
			return nil, err
		}
	}
	run := &demoRun{ready: make(chan struct{}), listener: listeners[i]}
	defer func() {
		if err != nil {
			run.close()
		}
	}()
	s.Addr = run.listener.Addr().String()
	if run.unlock, err = lock(s.Data, s.base()); err != nil {
		return nil, err
	}
	if run.requests, err = os.OpenFile(filepath.Join(s.Data, "requests.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	if i == 0 {
		if run.pretender, err = startPretender(p.Addr, s.base(), filepath.Join(s.Data, "outbox"), p.log); err != nil {
			return nil, err
		}
		if err := run.pretender.joins(&s); err != nil {
			return nil, err
		}
	}
	if run.paper, err = openPaper(ctx, &s, origins, p.log.With("paper", d.identity.Name)); err != nil {
		return nil, err
	}
	if err := run.paper.neighbours(listeners); err != nil {
		return nil, err
	}
	if err := run.paper.introduce(ctx, d.identity); err != nil {
		return nil, err
	}
	if err := run.paper.seed(ctx, d.stories); err != nil {
		return nil, err
	}
	if i == 0 {
		if run.logins, err = run.people(ctx); err != nil {
			return nil, err
		}
		if err = run.talk(ctx); err != nil {
			return nil, err
		}
		if err = run.newsdesk(ctx); err != nil {
			return nil, err
		}
		if err = run.about(ctx); err != nil {
			return nil, err
		}
		run.folder, err = run.demoWire(ctx)
	}
	return run, err
}

// run serves the paper until ctx ends.
func (r *demoRun) run(ctx context.Context) error {
	defer r.close()
	var readers sync.WaitGroup
	defer readers.Wait()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	return r.serve(ctx, r.listener, r.requests, func() {
		close(r.ready)
		if r.simulated {
			readers.Go(func() { r.simulate(ctx) })
		}
	})
}

func (r *demoRun) close() {
	if r.paper != nil {
		r.paper.close()
	}
	if r.pretender != nil {
		r.pretender.close()
	}
	if r.requests != nil {
		r.requests.Close()
	}
	if r.unlock != nil {
		r.unlock()
	}
	if r.listener != nil {
		r.listener.Close()
	}
}

// demoListeners takes the addresses of the three papers.
func demoListeners(addr string) (list []net.Listener, err error) {
	for i := range demoPapers {
		next, err := nextPort(addr, i)
		if err != nil {
			return list, err
		}
		l, err := listen(next)
		if err != nil {
			return list, err
		}
		list = append(list, l)
	}
	return list, nil
}

// nextPort is addr with i added to its port; port 0 stays, any free one.
func nextPort(addr string, i int) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("the address %s is to be host:port", addr)
	}
	n, err := strconv.Atoi(port)
	if err != nil || n+i > 65535 {
		return "", fmt.Errorf("the demo needs the port of %s and the two after it", addr)
	}
	if n > 0 {
		n += i
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

// demoWire makes the wire folder that the demo watches, and lays out samples to
// drop there.
func (r *demoRun) demoWire(ctx context.Context) (folder string, err error) {
	base, err := filepath.Abs(filepath.Join(r.settings.Data, "wire"))
	if err != nil {
		return "", err
	}
	folder = filepath.Join(base, "demo")
	samples := filepath.Join(base, "samples")
	for _, dir := range []string{folder, samples} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
	}
	files, err := fs.Sub(demoFiles, "demo/wire")
	if err != nil {
		return "", err
	}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(samples, e.Name()), data, 0o600); err != nil {
			return "", err
		}
	}
	if _, err := r.wire.Source(ctx, demoSource); err == nil {
		return folder, nil
	}
	// The folder is the user's own: what is dropped there is meant to be seen,
	// feeds too.
	_, err = r.wire.AddSource(ctx, wire.Source{Name: demoSource, Folder: folder, Section: "world", Publish: wire.Auto, Feeds: true})
	if err != nil {
		return "", err
	}
	return folder, r.demoDesk(ctx)
}

// demoDesk has an agency send a morning's stories, which wait for an editor.
func (r *demoRun) demoDesk(ctx context.Context) error {
	src, err := r.wire.AddSource(ctx, wire.Source{Name: "MHP", Section: "world", Publish: wire.Hold})
	if err != nil {
		return err
	}
	rules, err := fs.ReadFile(demoFiles, "demo/rules.json")
	if err != nil {
		return err
	}
	if err := r.demoRules(ctx, rules); err != nil {
		return err
	}
	entries, err := fs.ReadDir(demoFiles, "demo/desk")
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(demoFiles, "demo/desk/"+e.Name())
		if err != nil {
			return err
		}
		if _, err := r.wire.Deliver(ctx, src, e.Name(), data, nil); err != nil {
			return fmt.Errorf("send %s: %w", e.Name(), err)
		}
	}
	return nil
}

const demoSource = "Demo wire"
