// Package secret makes what must not be guessed, forged or read.
//
// A Token is a random secret that its holder shows; we keep only its Hash. A
// Sealed text is readable only with our keys, which are in a file and never in
// the database. A Link is a token that we need not store, because we signed it.
// A password is kept as a PasswordHash. Each is a type of its own, so that one
// cannot be used as another, and none prints its secret.
//
// Randomness is crypto/rand; a test that needs it fixed has testing/cryptotest.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// redacted is what a secret prints as.
const redacted = "(secret)"

var errHash = errors.New("secret: not a hash")

// base64url is strict, so that a text has one spelling only.
var base64url = base64.RawURLEncoding.Strict()

// A Token is 256 random bits that prove who holds them: a session, a link to
// reset a password, an API key. It is shown once and never stored.
type Token struct{ text string }

// NewToken returns a token that nobody has seen.
func NewToken() Token {
	var b [32]byte
	rand.Read(b[:]) // never fails: it ends the process instead
	return Token{base64url.EncodeToString(b[:])}
}

// ParseToken reads a token as somebody shows it; false if it cannot be one.
func ParseToken(text string) (Token, bool) {
	b, err := base64url.DecodeString(text)
	return Token{text}, err == nil && len(b) == 32
}

// Reveal returns the 43 characters, all safe in a URL and in a cookie, that
// the holder gets.
func (t Token) Reveal() string { return t.text }

// Hash returns what is stored of the token. With 256 random bits there is
// nothing to guess, so that it need not be slow.
func (t Token) Hash() Hash { return sha256.Sum256([]byte(t.text)) }

// Format prints "(secret)" for every verb.
func (Token) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "(secret)".
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText makes JSON carry "(secret)".
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// A Hash is the SHA-256 of a token: who reads it in a stolen database cannot
// make the token from it.
type Hash [sha256.Size]byte

// ParseHash reads a hash as String writes it.
func ParseHash(text string) (h Hash, err error) {
	if len(text) != hex.EncodedLen(len(h)) {
		return h, errHash
	}
	if _, err := hex.Decode(h[:], []byte(text)); err != nil {
		return h, errHash
	}
	return h, nil
}

// String returns the hash in hexadecimal, as it stands in the database.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Equal reports whether the two are the same, in a time that does not tell.
func (h Hash) Equal(other Hash) bool { return subtle.ConstantTimeCompare(h[:], other[:]) == 1 }
