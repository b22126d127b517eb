package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

type userCommands struct {
	Add  userAdd  `cmd:"" help:"Add a person and print a link with which they set up the account."`
	Link userLink `cmd:"" help:"Print such a link once more, for somebody who is locked out."`
	Role userRole `cmd:"" help:"Give somebody another role."`
	List userList `cmd:"" help:"List who works for the paper."`
}

type userAdd struct {
	Email string `required:"" help:"The e-mail address."`
	Name  string `help:"The name that others see. Without it, what stands before the @; they can change it."`
	Role  string `enum:"reader,contributor,editor,moderator,publisher" default:"reader" help:"reader, contributor, editor, moderator or publisher."`
}

// Run adds the person and prints the link, which is the only way in: there is
// no password yet, and no account comes ready made.
func (c userAdd) Run(ctx context.Context, p *process) error {
	return p.withReaders(ctx, func(readers *reader.Store) error {
		if _, err := readers.ByEmail(ctx, c.Email); err == nil {
			return &problem.Problem{Kind: problem.Conflict, Detail: fmt.Sprintf(
				"There is an account with the address %s already; \"kawaraban user role\" changes its role, \"kawaraban user link\" lets its owner in again.", c.Email)}
		} else if !problem.Is(err, problem.NotFound) {
			return err
		}
		name := c.Name
		if name == "" {
			name = before(c.Email)
		}
		id, err := readers.Appoint(ctx, nil, c.Email, name, reader.Role(c.Role))
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is added as %s.\n", c.Email, c.Role)
		return p.printLink(ctx, readers, id)
	})
}

type userLink struct {
	Email string `required:"" help:"The e-mail address."`
}

// Run prints a link for somebody who has an account.
func (c userLink) Run(ctx context.Context, p *process) error {
	return p.withReaders(ctx, func(readers *reader.Store) error {
		r, err := readers.ByEmail(ctx, c.Email)
		if err != nil {
			return nobody(err, c.Email)
		}
		return p.printLink(ctx, readers, r.ID)
	})
}

type userRole struct {
	Email string `required:"" help:"The e-mail address."`
	Role  string `required:"" enum:"reader,contributor,editor,moderator,publisher" help:"reader, contributor, editor, moderator or publisher."`
}

// Run changes a role. The person is logged out everywhere.
func (c userRole) Run(ctx context.Context, p *process) error {
	return p.withReaders(ctx, func(readers *reader.Store) error {
		r, err := readers.ByEmail(ctx, c.Email)
		if err != nil {
			return nobody(err, c.Email)
		}
		if err := readers.SetRole(ctx, nil, r.ID, reader.Role(c.Role)); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s is %s now, and logged out everywhere.\n", c.Email, c.Role)
		return nil
	})
}

type userList struct{}

// Run lists staff as a table.
func (userList) Run(ctx context.Context, p *process) error {
	return p.withReaders(ctx, func(readers *reader.Store) error {
		list, err := readers.Staff(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(p.stdout, `Nobody works for the paper yet: "kawaraban user add --email you@paper.example --role publisher".`)
			return nil
		}
		w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tADDRESS\tROLE\tSECOND FACTOR")
		for _, r := range list {
			factor := "not yet"
			if r.Factor {
				factor = "yes"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Name, r.Email, r.Role, factor)
		}
		return w.Flush()
	})
}

// withReaders opens the paper for a command about its people.
func (p *process) withReaders(ctx context.Context, f func(*reader.Store) error) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	return f(paper.readers)
}

func (p *process) printLink(ctx context.Context, readers *reader.Store, id string) error {
	token, err := readers.InviteLink(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Open this link to set up the account; it is good for three days, and once:\n%s/invite?token=%s\n", p.base(), token.Reveal())
	return nil
}

func nobody(err error, email string) error {
	if problem.Is(err, problem.NotFound) {
		return fmt.Errorf("nobody has an account with the address %s; add one with \"kawaraban user add\"", email)
	}
	return err
}

// before is what stands before the @.
func before(email string) string {
	for i, r := range email {
		if r == '@' {
			return email[:i]
		}
	}
	return email
}
