package reader

import (
	"context"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/secret"
)

const (
	// MinPassword is how many characters a password has that is all that is in
	// the way.
	MinPassword = 12
	minSecond   = 8   // with a second factor
	maxPassword = 256 // bytes

	// minBits is how hard a password is to guess at least: a hundred million
	// tries, three of zxcvbn's four points.
	minBits = 26.6
)

// CheckPassword refuses a password that is too short, too long or easily
// guessed, also by somebody who knows what the account is about: its address,
// its name, the paper's name. Nothing else is asked of it (NIST 800-63B-4,
// 3.1.1.2).
func CheckPassword(pw secret.Password, about ...string) error {
	return checkPassword(pw, MinPassword, about)
}

// mayHave is CheckPassword for the account of r.
func (s *Store) mayHave(ctx context.Context, pw secret.Password, r Reader) error {
	has, err := hasFactor(ctx, s.DB, r)
	if err != nil {
		return err
	}
	least := MinPassword
	if has {
		least = minSecond
	}
	return checkPassword(pw, least, s.about(r.Email, r.Name))
}

// about are the words that somebody tries first who wants to get into an
// account of this paper.
func (s *Store) about(email, name string) []string {
	list := []string{email, name}
	if s.Paper != nil {
		list = append(list, s.Paper())
	}
	return list
}

func checkPassword(pw secret.Password, least int, about []string) error {
	n := utf8.RuneCountInString(string(pw))
	switch {
	case n < least && least < MinPassword:
		return refuse("password", "A password has at least 8 characters. A few words in a row are easy to remember.")
	case n < least:
		return refuse("password", "A password has at least 12 characters. A few words in a row are easy to remember.")
	case len(pw) > maxPassword:
		return refuse("password", "This password is too long. 256 letters are the most, 85 in Japanese.")
	case lists()[strings.ToLower(string(pw))] > 0:
		return refuse("password", "This is one of the passwords that are tried first. Choose another.")
	}
	g := guessesOf(string(pw), about)
	if g.bits >= minBits {
		return nil
	}
	switch g.kind {
	case own:
		return refuse("password", "Your name, your address and the name of the paper are tried first. Choose words that have nothing to do with them.")
	case row, repeat:
		return refuse("password", "Rows such as abcd and 1234, dates and repeats are tried first. Add a few words that have nothing to do with one another.")
	default:
		return refuse("password", "This password is guessed soon. Add one or two words that have nothing to do with the others.")
	}
}
