package main

import (
	"context"
	"fmt"

	"kawaraban/internal/config"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

type userCommands struct {
	Add userAdd `cmd:"" help:"Add a person, staff or reader."`
}

type userAdd struct {
	Email    string        `required:"" help:"The e-mail address."`
	Name     string        `required:"" help:"The name that others see."`
	Role     string        `enum:"reader,contributor,editor,moderator,publisher" default:"reader" help:"reader, contributor, editor, moderator or publisher."`
	Password config.Secret `name:"password" help:"The password. Without it one is made and printed once."`
}

// madePassword is the length of a password that the program makes: 144 bits.
const madePassword = 24

// Run adds the person and prints a password that it made itself.
func (c userAdd) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	password := c.Password.Reveal()
	if c.Password.IsZero() {
		password = secret.NewToken().Reveal()[:madePassword]
	}
	if _, err := paper.readers.Add(ctx, reader.New{Email: c.Email, Name: c.Name, Role: reader.Role(c.Role), Password: secret.Password(password)}); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s (%s) is added as %s.\n", c.Name, c.Email, c.Role)
	if c.Password.IsZero() {
		fmt.Fprintf(p.stdout, "The password, shown only now: %s\n", password)
	}
	return nil
}
