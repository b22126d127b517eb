package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/problem"
)

type subscriberCommands struct {
	Import subscribersImport `cmd:"" help:"Bring subscribers from elsewhere to a newsletter."`
	Export subscribersExport `cmd:"" help:"Write who subscribes, as a table that \"import\" reads."`
}

type subscribersImport struct {
	File   string `arg:"" help:"A table (CSV) as Ghost, Mailchimp, Substack, listmonk or \"export\" write it; - for the standard input."`
	List   string `required:"" placeholder:"SLUG" help:"The newsletter that they get: the last part of its address."`
	DryRun bool   `help:"Only say what would become of each."`
}

// Times at which an import says how far it is, and how many rows it names that cannot
// be used.
const (
	progressEvery = 5000
	namedRows     = 20
)

// Run imports a table. It may be broken off and run again.
func (c subscribersImport) Run(ctx context.Context, p *process) error {
	table := io.Reader(os.Stdin)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("the table cannot be read: %w", err)
		}
		defer f.Close()
		table = f
	}
	return p.withLetters(ctx, func(letters *newsletter.Store) error {
		l, err := listCalled(ctx, letters, c.List)
		if err != nil {
			return err
		}
		done, err := letters.Import(ctx, nil, l.ID, table, newsletter.Importing{Dry: c.DryRun, Bad: p.badRows(), Step: p.progress()})
		if done.Rows > 0 {
			c.tell(p.stdout, l, done)
		}
		return err
	})
}

// badRows names the first rows that cannot be used.
func (p *process) badRows() func(line int, why *problem.Problem) {
	n := 0
	return func(line int, why *problem.Problem) {
		switch n++; {
		case n <= namedRows:
			fmt.Fprintf(p.stderr, "line %d: %s\n", line, why.Detail)
		case n == namedRows+1:
			fmt.Fprintln(p.stderr, "There are more such rows; the summary counts them.")
		}
	}
}

// progress says now and then how far an import is.
func (p *process) progress() func(newsletter.Intake) {
	told := 0
	return func(done newsletter.Intake) {
		if done.Rows >= told+progressEvery {
			told = done.Rows
			fmt.Fprintf(p.stderr, "%d rows …\n", done.Rows)
		}
	}
}

// tell sums an import up, leaving out what did not happen.
func (c subscribersImport) tell(w io.Writer, l newsletter.List, done newsletter.Intake) {
	if c.DryRun {
		fmt.Fprintln(w, "A dry run: nothing was changed.")
	}
	fmt.Fprintf(w, "Rows in the form of %s: %d\n", done.Form, done.Rows)
	for _, line := range []struct {
		n          int
		what, that string
	}{
		{done.Added, "added", "who gets “" + l.Name + "” from now on"},
		{done.Had, "unchanged", "of whom the paper knows it already"},
		{done.Left, "left", "who has left it here, and stays away"},
		{done.Silent, "silent", "who gets nothing from the paper, and still does not"},
		{done.Ended, "ended", "who has unsubscribed elsewhere, and gets it no more"},
		{done.Struck, "struck off", "who bounced or complained elsewhere, and gets nothing from any list"},
		{done.Kept, "kept", "who said no elsewhere, and yes here since"},
		{done.Pending, "unconfirmed", "who never confirmed it elsewhere, and is left out"},
		{done.Problems, "unusable", "of whom the row says too little"},
	} {
		if line.n > 0 {
			fmt.Fprintf(w, "%8d  %-12s %s\n", line.n, line.what, line.that)
		}
	}
}

type subscribersExport struct {
	File string `arg:"" optional:"" default:"-" help:"Where to write; the standard output without it."`
	List string `placeholder:"SLUG" help:"One newsletter; all, and who gets nothing, without it."`
}

// Run exports subscribers. A file is there whole or not at all.
func (c subscribersExport) Run(ctx context.Context, p *process) error {
	return p.withLetters(ctx, func(letters *newsletter.Store) error {
		id := ""
		if c.List != "" {
			l, err := listCalled(ctx, letters, c.List)
			if err != nil {
				return err
			}
			id = l.ID
		}
		if c.File == "-" {
			_, err := letters.Export(ctx, nil, id, p.stdout)
			return err
		}
		f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // addresses are nobody else's
		if err != nil {
			return fmt.Errorf("the table cannot be written: %w", err)
		}
		n, err := letters.Export(ctx, nil, id, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return errors.Join(err, os.Remove(c.File))
		}
		fmt.Fprintf(p.stdout, "%d rows are in %s.\n", n, c.File)
		return nil
	})
}

func (p *process) withLetters(ctx context.Context, f func(*newsletter.Store) error) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	return f(paper.letters)
}

// listCalled is the newsletter with a slug, open or not.
func listCalled(ctx context.Context, letters *newsletter.Store, slug string) (newsletter.List, error) {
	lists, err := letters.Lists(ctx)
	if err != nil {
		return newsletter.List{}, err
	}
	var slugs []string
	for _, l := range lists {
		if l.Slug == slug {
			return l, nil
		}
		slugs = append(slugs, l.Slug)
	}
	return newsletter.List{}, fmt.Errorf("there is no newsletter %q; there are %s", slug, strings.Join(slugs, ", "))
}
