package main

import (
	"context"
	"fmt"
)

type verifyCommand struct{}

// Run looks for damage. It changes nothing.
func (verifyCommand) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	found := 0
	tell := func(sentence string) {
		found++
		fmt.Fprintln(p.stdout, sentence)
	}
	for _, check := range []func(context.Context, func(string)) error{
		paper.db.Verify, paper.articles.Verify, paper.media.Verify, paper.wire.Verify, paper.comments.Verify, paper.audit.Verify,
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
