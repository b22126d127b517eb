package main

import (
	"context"
	"errors"
	"fmt"
)

type verifyCommand struct {
	Repair bool `help:"Derive the scores and counts of threads and polls again where they are wrong."`
}

// Run looks for damage. It changes nothing unless it is to repair, and then only
// what can be derived from rows that are there.
func (c verifyCommand) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	if c.Repair {
		told := func(sentence string) { fmt.Fprintln(p.stdout, "Repaired: "+sentence) }
		if err := errors.Join(paper.comments.Repair(ctx, told), paper.polls.Repair(ctx, told)); err != nil {
			return err
		}
	}
	found := 0
	tell := func(sentence string) {
		found++
		fmt.Fprintln(p.stdout, sentence)
	}
	for _, check := range []func(context.Context, func(string)) error{
		paper.db.Verify, paper.articles.Verify, paper.media.Verify, paper.wire.Verify, paper.comments.Verify, paper.live.Verify, paper.polls.Verify, paper.opens.Verify, paper.promo.Verify, paper.audit.Verify,
	} {
		if err := check(ctx, tell); err != nil {
			return err
		}
	}
	if found > 0 {
		return fmt.Errorf("%d things are wrong", found)
	}
	fmt.Fprintln(p.stdout, "Nothing is wrong.")
	return nil
}
