package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/reader"
)

type moderationCommands struct {
	Statements statementsCommand `cmd:"" help:"Print the statements of reasons of a time, for the Transparency Database of the European Union."`
}

type statementsCommand struct {
	From      string   `required:"" placeholder:"2026-11-01" help:"The first day, in the paper's time zone."`
	To        string   `required:"" placeholder:"2026-11-30" help:"The last day."`
	Territory []string `placeholder:"DE,FR" help:"The countries in which the comments are read, as two letters each."`
}

// Run prints one request body of POST /api/v1/statements for every hundred
// statements, one a line (schema of 2025-07-01). Nothing is sent.
func (c statementsCommand) Run(ctx context.Context, p *process) error {
	zone, err := p.location()
	if err != nil {
		return err
	}
	from, err := time.ParseInLocation(time.DateOnly, c.From, zone)
	if err != nil {
		return fmt.Errorf("%q is no day; write one such as 2026-11-01", c.From)
	}
	to, err := time.ParseInLocation(time.DateOnly, c.To, zone)
	if err != nil || to.Before(from) {
		return fmt.Errorf("%q is no day after the first; write one such as 2026-11-30", c.To)
	}
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	var batch []comment.FiledStatement
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := json.NewEncoder(p.stdout).Encode(struct {
			Statements []comment.FiledStatement `json:"statements"`
		}{batch})
		batch = batch[:0]
		return err
	}
	about := comment.Filing{Territory: c.Territory, Language: p.Language, RulesURL: p.base() + "/rules"}
	err = paper.comments.File(ctx, about, from, to.AddDate(0, 0, 1), func(s comment.FiledStatement) error {
		if batch = append(batch, s); len(batch) == perRequest {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// perRequest is how many statements that database takes at once.
const perRequest = 100

// threads ties threads and polls to what they have to do with: accounts that end, the
// file that readers may ask for.
func (p *paper) threads() {
	p.comments.OnBan = append(p.comments.OnBan, p.polls.Bar)
	p.comments.Work()
	p.readers.Forget = append(p.readers.Forget, func(ctx context.Context, tx *db.Tx, who reader.Leaver) error {
		return errors.Join(p.comments.Forget(ctx, tx, who.ID, who.How == reader.RemoveComments), p.polls.Forget(ctx, tx, who.ID), p.letters.ForgetReader(ctx, tx, who.ID, who.Emails...), p.follows.Forget(ctx, tx, who.ID), p.pushes.Forget(ctx, tx, who.ID), p.wire.Forget(ctx, tx, who.ID))
	})
	p.readers.Known = append(p.readers.Known, tables(p.comments.Known), tables(p.letters.KnownOf), tables(p.follows.Known), tables(p.pushes.Known), tables(p.polls.Known))
}

// tables makes those of a subject, which has a type of its own for them, the reader's.
func tables[T ~struct {
	Name    string
	Columns []string
	Rows    [][]string
}](known func(context.Context, string) ([]T, error),
) func(context.Context, string) ([]reader.Table, error) {
	return func(ctx context.Context, id string) (list []reader.Table, err error) {
		found, err := known(ctx, id)
		for _, t := range found {
			list = append(list, reader.Table(t))
		}
		return list, err
	}
}
