// Package reader holds the people who have an account with the paper.
//
// Staff are readers with a role. An account is known by its e-mail address,
// which is kept in one spelling; a password is kept only as its hash.
package reader

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A Role says what somebody may do.
type Role string

const (
	Member      Role = "reader"
	Contributor Role = "contributor" // writes drafts
	Editor      Role = "editor"
	Moderator   Role = "moderator"
	Publisher   Role = "publisher" // settings and people
)

// A Store keeps accounts.
type Store struct {
	DB        *db.DB
	Passwords *secret.Passwords
	Now       func() time.Time
	ID        func() string
}

// New is an account to be.
type New struct {
	Email    string
	Name     string // what others see
	Role     Role
	Password secret.Password
}

const (
	maxName     = 60
	minPassword = 12
	maxPassword = 256
)

// Add stores an account and returns its id.
func (s *Store) Add(ctx context.Context, n New) (id string, err error) {
	n.Email, n.Name = normal(n.Email), strings.Join(strings.Fields(n.Name), " ")
	if err := n.check(); err != nil {
		return "", err
	}
	hash, err := s.Passwords.Hash(ctx, n.Password)
	if err != nil {
		return "", err
	}
	id = s.ID()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into reader (id, email, name, role, password, created) values ($1, $2, $3, $4, $5, $6)`,
			id, n.Email, n.Name, n.Role, hash, db.Time(s.Now()))
		return err
	})
	if db.IsUnique(err) {
		return "", &problem.Problem{Kind: problem.Conflict, Detail: "There is an account with the address " + n.Email + " already.", Err: err}
	}
	if err != nil {
		return "", fmt.Errorf("add an account: %w", err)
	}
	return id, nil
}

// normal is the one spelling of an address under which an account is known.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

func (n *New) check() error {
	refuse := func(field, detail string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{field: detail}}
	}
	if _, err := mail.ParseAddress(n.Email); err != nil {
		return refuse("email", fmt.Sprintf("%q is no e-mail address. Write one such as name@paper.example.", n.Email))
	}
	if n.Name == "" || utf8.RuneCountInString(n.Name) > maxName {
		return refuse("name", "A name has 1 to 60 letters.")
	}
	switch n.Role {
	case Member, Contributor, Editor, Moderator, Publisher:
	default:
		return refuse("role", fmt.Sprintf("There is no role %q.", n.Role))
	}
	if l := utf8.RuneCountInString(string(n.Password)); l < minPassword || len(n.Password) > maxPassword {
		return refuse("password", "A password has at least 12 characters, and at most 256 bytes.")
	}
	return nil
}
