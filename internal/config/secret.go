package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// maxSecret is the size of the largest secret that is read from a file.
const maxSecret = 64 << 10

// redacted is what a secret prints as, whoever prints it and however.
const redacted = "(secret)"

// A Secret is text that is never printed: not by fmt, not in a log, not as
// JSON. Only Reveal returns it.
type Secret struct{ text string }

// NewSecret returns text as a Secret, for tests and for generated passwords.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return s.text }

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == "" }

// String returns "(secret)".
func (Secret) String() string { return redacted }

// Format prints "(secret)" for every verb, %#v and %x among them.
func (Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "(secret)".
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText makes JSON and TOML carry "(secret)".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText sets the secret.
func (s *Secret) UnmarshalText(text []byte) error {
	s.text = string(text)
	return nil
}

// Decode refuses a secret on the command line: every user of the machine can
// read the arguments of a process, and the shell writes them to its history.
func (s *Secret) Decode(ctx *kong.DecodeContext) error {
	f := field{name: ctx.Value.Name}
	return fmt.Errorf("a secret is not given on the command line, where others can read it; use --%s-file, %s_FILE or %s",
		f.name, f.variable(), f.variable())
}

// readSecret returns the text of the file at path without the line end that
// editors add.
func readSecret(path string) (Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return Secret{}, fmt.Errorf("the secret's file %s cannot be read, %w", path, cause(err))
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	switch {
	case err != nil:
		return Secret{}, fmt.Errorf("the secret's file %s cannot be read, %w", path, cause(err))
	case len(text) > maxSecret:
		return Secret{}, fmt.Errorf("the secret's file %s is larger than %d bytes", path, maxSecret)
	}
	secret := Secret{strings.TrimRight(string(text), "\r\n")}
	if secret.IsZero() {
		return Secret{}, errors.New("the secret's file " + path + " is empty")
	}
	return secret, nil
}
