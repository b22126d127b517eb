package reader

import (
	"unicode/utf8"

	"kawaraban/internal/secret"
)

const (
	minPassword = 12
	maxPassword = 256 // bytes
)

// CheckPassword refuses a password that is too short, too long or easily
// guessed by somebody who knows the address and the name. Nothing else is asked
// of it (NIST 800-63B-4, 3.1.1.2).
func CheckPassword(pw secret.Password, email, name string) error {
	if utf8.RuneCountInString(string(pw)) < minPassword {
		return refuse("password", "A password has at least 12 characters. A few words in a row are easy to remember.")
	}
	if len(pw) > maxPassword {
		return refuse("password", "A password has at most 256 characters.")
	}
	return nil
}
