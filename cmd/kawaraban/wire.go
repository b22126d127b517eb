package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire"
)

type wireCommands struct {
	Add   wireAdd   `cmd:"" help:"Add an agency whose files arrive in a folder."`
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
}

// Run adds a source.
func (c wireAdd) Run(ctx context.Context, p *process) error {
	if c.Folder != "" {
		folder, err := filepath.Abs(c.Folder)
		if err != nil {
			return err
		}
		info, err := os.Stat(folder)
		if err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no folder that can be read; make it first", c.Folder)
		}
		c.Folder = folder
	}
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	src, err := paper.wire.AddSource(ctx, wire.Source{
		Name: c.Name, Folder: c.Folder, Section: c.Section, Publish: wire.Rule(c.Publish), Feeds: c.Feeds,
	})
	if err != nil {
		return err
	}
	if src.Folder == "" {
		fmt.Fprintf(p.stdout, "%s is added. Take its files in with: kawaraban wire run --source %s FILE…\n", src.Name, src.Name)
		return nil
	}
	fmt.Fprintf(p.stdout, "%s is added. A running server watches %s from now on.\n", src.Name, src.Folder)
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
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tSECTION\tPUBLISH\tLAST DELIVERY\tFOLDER\tPROBLEM")
	for _, s := range sources {
		last := "never"
		if !s.Received.IsZero() {
			last = s.Received.Format(time.DateTime)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Section, s.Publish, last, s.Folder, s.Problem)
	}
	return t.Flush()
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
