package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// demoPeople have an account in the demo paper, one for each role.
var demoPeople = []struct {
	name string
	role reader.Role
}{
	{"Runa Tevik", reader.Member},
	{"Jonas Abara", reader.Contributor},
	{"Ines Moriyama", reader.Moderator},
	{"Maren Okuda", reader.Editor},
	{"Elif Strand", reader.Publisher},
}

// people makes the demo's accounts and says how to log in to them. What it
// made up stands in a file beside the database: no two demos share a password.
func (p *paper) people(ctx context.Context) (list []demoLogin, err error) {
	file := filepath.Join(p.settings.Data, "logins.json")
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &list)
		return list, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, who := range demoPeople {
		login, err := p.person(ctx, who.name, who.role)
		if err != nil {
			return nil, fmt.Errorf("the demo's %s: %w", who.role, err)
		}
		list = append(list, login)
	}
	if text, err = json.MarshalIndent(list, "", "\t"); err != nil {
		return nil, err
	}
	return list, os.WriteFile(file, text, 0o600)
}

// person makes one account. One that is there already, of a start that was cut
// off, gets a new password and a new second factor.
func (p *paper) person(ctx context.Context, name string, role reader.Role) (demoLogin, error) {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	l := demoLogin{Role: string(role), Email: first + "@courier.example", Password: madeUp()}
	r, err := p.readers.ByEmail(ctx, l.Email)
	if err == nil {
		token, err := p.readers.InviteLink(ctx, r.ID)
		if err != nil {
			return l, err
		}
		if _, err := p.readers.Accept(ctx, token.Reveal(), name, secret.Password(l.Password), reader.Browser{}); err != nil {
			return l, err
		}
	} else if r.ID, err = p.readers.Add(ctx, reader.New{Email: l.Email, Name: name, Role: role, Password: secret.Password(l.Password)}); err != nil {
		return l, err
	}
	if role.Staff() {
		if l.TOTP, err = p.readers.SetTOTP(ctx, r.ID); err != nil {
			return l, err
		}
	}
	return l, nil
}

// madeUp is a password that can be typed: 60 random bits in three groups.
func madeUp() string {
	s := strings.ToLower(rand.Text())
	return s[:4] + "-" + s[4:8] + "-" + s[8:12]
}
