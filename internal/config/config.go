// Package config reads, checks and describes the settings of a program.
//
// A setting is one field of a struct; its tags say the rest, and they are the
// tags that kong reads, so that one struct is the command line as well:
//
//	type Settings struct {
//		Addr    string        `name:"addr" default:"127.0.0.1:8080" help:"Where to listen."`
//		Workers int           `name:"workers" default:"2" help:"Jobs at a time."`
//		SMTP    config.Secret `name:"smtp-password" help:"The password of the mail server."`
//	}
//
// The setting of the flag --smtp-password is smtp_password in the file and
// KAWARABAN_SMTP_PASSWORD in the environment. A flag wins over a variable, a
// variable over the file, the file over the default. What the reader does not
// know is an error, never ignored: a misspelt setting must not be a setting
// that silently does nothing.
//
// A field is text, a whole number, a number, a bool, a time.Duration, a
// *url.URL, a Secret, any type that unmarshals itself from text, or a list of
// those. In a variable the items of a list are separated by commas.
package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"kawaraban/internal/problem"
)

// prefix begins the name of every variable that we read.
const prefix = "KAWARABAN_"

// fileVariable names the settings file; it is the one setting that cannot
// stand in the file itself.
const fileVariable = prefix + "CONFIG"

// Sources are the places that settings come from, beside the defaults.
type Sources struct {
	Flags   Given    // settings that the command line has already put into the struct
	Environ []string // "NAME=value", as from os.Environ; an empty value counts as not set
	File    string   // the TOML file; "" takes KAWARABAN_CONFIG, and without that no file
}

// Origins tells where each setting came from, by its key: "--addr",
// "KAWARABAN_ADDR", "paper.toml line 3" or "default".
type Origins map[string]string

// Load fills the struct that v points to.
//
// A flag's value is left as it is. Errors are Problems of one sentence that
// begin with the variable, or the file and the line, to be put right.
func Load(v any, from Sources) (Origins, error) {
	fields, err := fieldsOf(v)
	if err != nil {
		return nil, err
	}
	variables, err := readEnviron(from.Environ, fields)
	if err != nil {
		return nil, err
	}
	if from.File == "" {
		from.File = variables[fileVariable].text()
	}
	entries, err := readFile(from.File, fields)
	if err != nil {
		return nil, err
	}
	origins := Origins{}
	for _, f := range fields {
		if origins[f.key()], err = f.load(from.Flags, variables, entries); err != nil {
			return nil, err
		}
	}
	return origins, nil
}

// load fills f from the strongest source that has it and names that source.
func (f field) load(flags Given, variables, entries map[string]entry) (origin string, err error) {
	if flag, ok := flags[f.name]; ok {
		return flag, nil
	}
	if e, ok, err := f.choose(variables, f.variable(), "_FILE"); ok || err != nil {
		return e.where, err
	}
	if e, ok, err := f.choose(entries, f.key(), "_file"); ok || err != nil {
		return e.where, err
	}
	if f.def != "" {
		if err := f.setRaw(textual(f.def)); err != nil {
			return "", fmt.Errorf("the default of --%s: %w", f.name, err)
		}
	}
	return "default", nil
}

// choose sets f from one source's entries, where a secret may stand under its
// name or, with the suffix, as the path of a file that holds it.
func (f field) choose(entries map[string]entry, name, suffix string) (e entry, ok bool, err error) {
	e, ok = entries[name]
	if f.secret() {
		if path, given := entries[name+suffix]; given {
			if ok {
				return e, false, invalid(path.where, "set %s or %s, not both", name, name+suffix)
			}
			return path, true, f.setFromFile(path)
		}
	}
	if !ok {
		return e, false, nil
	}
	if err := f.setRaw(e.raw); err != nil {
		return e, false, invalid(e.where, "%s %w", name, err)
	}
	return e, true, nil
}

// setFromFile sets the secret f to what the file that e names holds.
func (f field) setFromFile(e entry) error {
	path := e.text()
	if path == "" {
		return invalid(e.where, "%s_file is the path of a file, in quotes", f.key())
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.dir, path)
	}
	secret, err := readSecret(path)
	if err != nil {
		return invalid(e.where, "%w", err)
	}
	f.value.Set(valueOf(secret))
	return nil
}

// An entry is one value as a source gives it.
type entry struct {
	raw   any    // textual, or what a TOML value decodes to
	where string // for messages and for Origins
	dir   string // relative paths start here
}

// text returns the entry's text, "" when it is not text or not there.
func (e entry) text() string {
	switch raw := e.raw.(type) {
	case textual:
		return string(raw)
	case string:
		return raw
	}
	return ""
}

// readEnviron returns the variables that are ours.
func readEnviron(environ []string, fields []field) (map[string]entry, error) {
	known := []string{fileVariable}
	for _, f := range fields {
		known = append(known, f.variable())
		if f.secret() {
			known = append(known, f.variable()+"_FILE")
		}
	}
	found := map[string]entry{}
	for _, line := range slices.Sorted(slices.Values(environ)) {
		name, value, _ := strings.Cut(line, "=")
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if !slices.Contains(known, name) {
			return nil, invalid(name, "there is no such variable%s", didYouMean(name, known))
		}
		if value != "" {
			found[name] = entry{raw: textual(value), where: name}
		}
	}
	return found, nil
}

// invalid returns a Problem of one sentence: where it is wrong, then what.
func invalid(where, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	detail := where + ": " + strings.TrimSuffix(err.Error(), ".") + "."
	return &problem.Problem{Kind: problem.Invalid, Detail: detail, Err: err}
}

// didYouMean returns a half-sentence with the known name nearest to name, or
// "" when none is near.
func didYouMean(name string, known []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; the nearest is " + best
}

// distance counts the letters to insert, delete or replace to make a from b
// (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// keys returns the names that the file may hold, in order.
func keys(fields []field) []string {
	known := map[string]bool{}
	for _, f := range fields {
		known[f.key()] = true
		if f.secret() {
			known[f.key()+"_file"] = true
		}
	}
	return slices.Sorted(maps.Keys(known))
}
