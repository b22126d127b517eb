package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/BurntSushi/toml"
)

// readFile returns the settings of the TOML file at path by their keys; none
// when path is "".
func readFile(path string, fields []field) (map[string]entry, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, invalid(path, "the settings file cannot be read, %w", cause(err))
	}
	var raw map[string]toml.Primitive
	meta, err := toml.Decode(string(text), &raw)
	if err != nil {
		return nil, syntaxError(path, err)
	}
	known := keys(fields)
	entries := map[string]entry{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		where := at(path, lineOf(&meta, raw[key]))
		if !slices.Contains(known, key) {
			return nil, invalid(where, "there is no setting %s%s", key, didYouMean(key, known))
		}
		e := entry{where: where, dir: filepath.Dir(path)}
		if err := meta.PrimitiveDecode(raw[key], &e.raw); err != nil {
			return nil, syntaxError(path, err)
		}
		entries[key] = e
	}
	return entries, nil
}

// syntaxError turns an error of the TOML reader into a Problem.
func syntaxError(path string, err error) error {
	if pe, ok := errors.AsType[toml.ParseError](err); ok {
		return invalid(at(path, pe.Position.Line), "this is not TOML, %s", pe.Message)
	}
	return invalid(path, "this is not TOML, %w", err)
}

// lineOf returns the line on which a value stands.
//
// The TOML reader knows the line of every value but tells it only in errors:
// so a value that refuses to be read is read.
func lineOf(meta *toml.MetaData, value toml.Primitive) int {
	if pe, ok := errors.AsType[toml.ParseError](meta.PrimitiveDecode(value, new(refuser))); ok {
		return pe.Position.Line
	}
	return 0
}

// A refuser fails to be read from TOML.
type refuser struct{}

func (*refuser) UnmarshalTOML(any) error { return errors.New("refused") }

// at names a place in a file; line 0 is not known.
func at(path string, line int) string {
	if line == 0 {
		return path
	}
	return path + " line " + strconv.Itoa(line)
}

// cause returns what the system said about a file, without repeating its path.
func cause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
