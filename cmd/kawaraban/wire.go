package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/problem"
	"kawaraban/internal/wire"
)

type wireCommands struct {
	Add   wireAdd   `cmd:"" help:"Add an agency whose files arrive in a folder, or that is asked over the network."`
	Test  wireTest  `cmd:"" help:"Look what waits at an agency, and take nothing."`
	List  wireList  `cmd:"" help:"List the agencies: how they deliver, when last, and what is wrong."`
	Run   wireRun   `cmd:"" help:"Take files in now, and print what became of each."`
	Again wireAgain `cmd:"" help:"Read everything again that could not be read: a newer program may."`
	Rules wireRules `cmd:"" help:"What becomes of which copy: print, export, import the rules of the desk."`
}

type wireAdd struct {
	Name    string `required:"" help:"The agency's name, as its credit: AFP."`
	Folder  string `placeholder:"DIR" help:"The folder where its files arrive. Nothing in it is changed or deleted."`
	Section string `required:"" help:"The section that its articles go to (its slug)."`
	Publish string `enum:"auto,hold" default:"hold" help:"auto publishes what the agency has released; hold keeps it for an editor."`
	Feeds   bool   `help:"Publish entries of RSS and Atom files too. Without it they are held, because nobody vouches for a feed."`

	Kind     string        `placeholder:"KIND" help:"How its copy comes, if not by a folder: feed, ap, dpa, afp, push, sftp, ftp or mail."`
	Address  string        `placeholder:"URL" help:"Where it is asked."`
	Account  string        `placeholder:"NAME" help:"As whom."`
	Secret   string        `name:"secret-file" placeholder:"FILE" help:"A file with the password or key, - for what is typed or piped. Never an argument: others on this machine can read those."`
	Every    time.Duration `default:"30s" help:"How often it is asked: from 5s to 1h."`
	Header   string        `placeholder:"NAME" help:"feed: the header in which the key goes, such as X-Api-Key."`
	Pictures bool          `help:"Fetch the pictures that items name by an address."`
	Product  []string      `placeholder:"NAME" help:"afp: only this product. May be given more than once."`
	HostKey  string        `placeholder:"SHA256:…" help:"sftp: the key of the server, compared with what the agency says. Without it kawaraban wire test says which one it has."`
	Zone     string        `name:"server-zone" placeholder:"ZONE" help:"ftp: the time zone of a server that does not say it, such as Europe/Berlin. Without it it is measured."`
	Plain    bool          `name:"without-tls" help:"ftp: without TLS. Everybody between can read the password and the files."`
}

// Run adds a source.
func (c wireAdd) Run(ctx context.Context, p *process) error {
	if c.Folder != "" {
		if c.Kind != "" && c.Kind != string(wire.ByFolder) {
			return errors.New("an agency comes by a folder or by another way: leave out --folder or --kind")
		}
		folder, err := filepath.Abs(c.Folder)
		if err != nil {
			return err
		}
		info, err := os.Stat(folder)
		if err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no folder that can be read; make it first", c.Folder)
		}
		c.Kind, c.Address = string(wire.ByFolder), folder
	}
	secret, err := c.secret()
	if err != nil {
		return err
	}
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	way := wire.Way{
		Kind: wire.Kind(c.Kind), Address: c.Address, Account: c.Account, Every: c.Every,
		Options: wire.Options{
			Header: c.Header, Pictures: c.Pictures, Products: c.Product, HostKey: c.HostKey, Zone: c.Zone, Plain: c.Plain,
		},
	}
	src, err := paper.wire.Add(ctx, audit.Console, wire.Source{Name: c.Name, Section: c.Section, Publish: wire.Rule(c.Publish), Feeds: c.Feeds}, way, secret)
	if err != nil {
		return err
	}
	switch way.Kind {
	case "":
		fmt.Fprintf(p.stdout, "%s is added. Take its files in with: kawaraban wire run --source %s FILE…\n", src.Name, src.Name)
	case wire.ByFolder:
		fmt.Fprintf(p.stdout, "%s is added. A running server watches %s from now on.\n", src.Name, c.Address)
	case wire.ByPush:
		key, err := paper.wire.NewSecret(ctx, audit.Console, src.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is added. It sends to\n%s/wire/push/%s\nand signs with this key, which is not shown again:\n%s\n", src.Name, p.base(), src.ID, key)
	default:
		fmt.Fprintf(p.stdout, "%s is added. A running server asks it every %v from now on. Look what waits there with: kawaraban wire test --source %s\n", src.Name, c.Every, src.Name)
	}
	return nil
}

// maxSecret is more than any password or key has, in bytes.
const maxSecret = 64 << 10

// secret reads the password or key from where the flag says.
func (c wireAdd) secret() (string, error) {
	if c.Secret == "" {
		return "", nil
	}
	from := io.Reader(os.Stdin)
	if c.Secret != "-" {
		f, err := os.Open(c.Secret)
		if err != nil {
			return "", err
		}
		defer f.Close()
		from = f
	}
	b, err := io.ReadAll(io.LimitReader(from, maxSecret))
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(b), "\r\n")
	if secret == "" {
		return "", errors.New("there is no password or key in the file of --secret-file")
	}
	return secret, nil
}

type wireTest struct {
	Source string `required:"" help:"The agency, by its name."`
}

// Run says what waits at an agency.
func (c wireTest) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	src, err := paper.wire.Source(ctx, c.Source)
	if err != nil {
		return err
	}
	g, err := paper.wire.Look(ctx, src.ID)
	if err != nil {
		return err
	}
	more := ""
	if g.More {
		more = " or more"
	}
	fmt.Fprintf(p.stdout, "%s: %d%s waiting", src.Name, g.Waiting, more)
	if !g.Newest.IsZero() {
		fmt.Fprintf(p.stdout, ", the newest from %s", g.Newest.Format(time.DateTime))
	}
	fmt.Fprintln(p.stdout)
	return nil
}

type wireList struct{}

// Run prints a table of the sources.
func (wireList) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	sources, err := paper.wire.Sources(ctx)
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		fmt.Fprintln(p.stdout, "There is no wire source yet. Add one with: kawaraban wire add --name AFP --folder DIR --section world --publish hold")
		return nil
	}
	ways, err := paper.wire.Ways(ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tSECTION\tPUBLISH\tLAST DELIVERY\tSTATE\tWAY\tPROBLEM")
	for _, s := range sources {
		last := "never"
		if !s.Received.IsZero() {
			last = s.Received.Format(time.DateTime)
		}
		way := ways[s.ID]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Section, s.Publish, last, way.Health(s), where(way), s.Problem)
	}
	return t.Flush()
}

// where is a way without what may be a key in its address.
func where(w wire.Way) string {
	if u, err := url.Parse(w.Address); err == nil && u.Host != "" {
		return string(w.Kind) + " " + u.Host
	}
	return strings.TrimSpace(string(w.Kind) + " " + w.Address)
}

type wireRun struct {
	Source string   `required:"" help:"The agency, by its name."`
	Files  []string `arg:"" type:"existingfile" help:"Files to take in."`
}

// Run takes files in. One that cannot be read does not stop the rest.
func (c wireRun) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	src, err := paper.wire.Source(ctx, c.Source)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "FILE\tDECISION\tITEM\tVERSION\tHEADLINE\tADDRESS OR REASON")
	bad := 0
	for _, name := range c.Files {
		results, err := deliver(ctx, paper, src, name)
		if p := problem.Of(err); p != nil && p.Kind != problem.Unavailable {
			results, err = []wire.Result{{Name: filepath.Base(name), Decision: wire.Quarantined, Reason: p.Detail}}, nil
		}
		if err != nil {
			t.Flush()
			return fmt.Errorf("%s could not be stored, and nothing of it was: %w", name, err)
		}
		for _, r := range results {
			where := r.Reason
			if path, err := paper.articles.Locate(ctx, r.Article); err == nil && where == "" {
				where = paper.settings.base() + path
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", filepath.Base(name), r.Decision, r.ID, r.Version, cut(r.Headline, 50), where)
			if r.Decision == wire.Quarantined {
				bad++
			}
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d files could not be read; they are kept with the reason", bad, len(c.Files))
	}
	return nil
}

type wireAgain struct{}

// Run reads what is in quarantine once more, the oldest last.
func (wireAgain) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	read, left := 0, 0
	for before := ""; ; {
		list, older, err := paper.wire.Quarantine(ctx, before)
		if err != nil {
			return err
		}
		for _, b := range list {
			if !b.Whole {
				left++
				continue
			}
			results, err := paper.wire.Again(ctx, b.ID)
			if err != nil {
				return fmt.Errorf("read %s of %s again: %w", b.Name, b.Agency, err)
			}
			if results[0].Decision == wire.Quarantined {
				left++
				continue
			}
			read++
			fmt.Fprintf(p.stdout, "%s  %s  %s\n", b.Agency, b.Name, results[0].Decision)
		}
		if before = older; older == "" {
			break
		}
	}
	fmt.Fprintf(p.stdout, "%d could be read now; %d still cannot.\n", read, left)
	return nil
}

func deliver(ctx context.Context, p *paper, src wire.Source, name string) ([]wire.Result, error) {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return p.wire.DeliverFile(ctx, src, root, filepath.Base(name))
}

// cut shortens s to n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
