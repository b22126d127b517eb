package reader

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
)

const (
	maxName   = 60
	maxHandle = 30
	minHandle = 3
	maxBio    = 300
)

// cleanName is a name as others see it: one line, no marks that change the
// direction of what stands after it.
func cleanName(name string) (string, error) {
	name = norm.NFC.String(strings.Join(strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " "))
	if strings.ContainsFunc(name, unseen) || stacked(name) {
		return "", refuse("name", "A name is written in letters that can be seen.")
	}
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return "", refuse("name", "A name has 1 to 60 letters.")
	}
	return name, nil
}

// unseen reports whether a character shows nothing by itself, or changes how
// others are shown: formats, private and unknown ones, letters that are blank.
func unseen(r rune) bool {
	switch r {
	case utf8.RuneError, '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0': // the last five are blank letters
		return true
	}
	return !unicode.IsGraphic(r)
}

// maxMarks is how many marks a letter carries in any language that people write.
const maxMarks = 4

// stacked reports whether marks pile up on a letter, over what stands above it,
// or stand alone at the beginning.
func stacked(name string) bool {
	marks := maxMarks // none before the first letter
	for _, r := range name {
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return true
		}
	}
	return false
}

// normal is the one spelling of an address under which an account is known.
func normal(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// address reads an address of mail, in its one spelling.
func address(email string) (string, error) {
	a, err := mail.ParseAddress(normal(email))
	if err != nil {
		return "", refuse("email", "This is not an e-mail address. One looks like name@example.com.")
	}
	return a, nil
}

// CheckHandle refuses what cannot stand in the address of a profile.
func CheckHandle(handle string) error {
	bad := strings.IndexFunc(handle, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' }) >= 0
	if bad || len(handle) < minHandle || len(handle) > maxHandle || handle[0] == '-' || handle[len(handle)-1] == '-' {
		return refuse("handle", "A handle has 3 to 30 small letters, digits and hyphens.")
	}
	if reserved[handle] {
		return refuse("handle", "This handle speaks for the paper. Choose another.")
	}
	return nil
}

// reserved are handles that would make a reader look like the paper.
var reserved = map[string]bool{
	"admin": true, "administrator": true, "editor": true, "moderator": true, "publisher": true, "staff": true, "newsroom": true,
	"support": true, "help": true, "security": true, "root": true, "system": true, "deleted": true, "paper": true, "kawaraban": true,
}

// freeHandle makes a handle of a name that nobody has. Who changes a name keeps
// the handle; who wants another may choose it.
func (s *Store) freeHandle(ctx context.Context, tx *db.Tx, name string) (string, error) {
	base := handleOf(name)
	for i := range 20 {
		handle := base
		if i > 0 || CheckHandle(handle) != nil {
			handle = fmt.Sprintf("%s-%d", strings.Trim(base[:min(len(base), maxHandle-7)], "-"), 10+rand.IntN(90*(i*i*i+1)))
		}
		var taken bool
		err := tx.QueryRow(ctx, `select exists (select 1 from reader where handle in ($1, $2))`, handle, s.goneHandle(handle)).Scan(&taken)
		if err != nil {
			return "", err
		}
		if !taken {
			return handle, nil
		}
	}
	return "", fmt.Errorf("no handle is free for %q", base)
}

// handleOf is a name in the letters of a handle: "Ana Ruíz" is "ana-ruiz".
func handleOf(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxHandle-6 {
			break
		}
	}
	if h := strings.Trim(b.String(), "-"); len(h) >= minHandle {
		return h
	}
	return "reader"
}
