// Package roster reads lists of subscribers from elsewhere, and writes our own.
//
// It is pure and streams: a table in, one Row at a time out, in memory that does
// not grow with the table. A table is known by its first line: the exports of
// Ghost, Mailchimp, Substack and listmonk, and our own form, which other tables
// are brought into by renaming two columns. Who unsubscribed, complained or was
// struck off elsewhere is a Row too, because nobody may write to them from here.
//
// Names are not read: the paper keeps none.
package roster

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/problem"
)

// A State is what a row says about an address.
type State string

const (
	Subscribed   State = "subscribed"
	Pending      State = "pending"      // asked for letters, and has not confirmed it
	Unsubscribed State = "unsubscribed" // wants none
	Bounced      State = "bounced"      // struck off, because letters came back
	Complained   State = "complained"   // said that they were spam
)

// States lists all states, from the most welcome.
func States() []State { return []State{Subscribed, Pending, Unsubscribed, Bounced, Complained} }

// A Row is one subscriber.
type Row struct {
	Form     string // of the table, as in Summary
	Line     int    // in the file, where the row begins
	Address  string // as written, without spaces around it
	State    State
	Since    time.Time // of the state; the zero time when the row does not say
	Lists    []string  // lists, tags, labels: what the address is sorted by
	Language string    // "en", or "" when the row does not say

	Problem *problem.Problem // why the row cannot be used; nil when it can
}

// A Summary is what a table held.
type Summary struct {
	Form     string // of which program the table is: "ghost", "mailchimp", "substack", "listmonk" or "kawaraban"
	Rows     int
	States   map[State]int // of those that can be used
	Problems int
}

// Limits of what is read.
const (
	maxAddress = 254
	maxLists   = 50
	maxList    = 100 // bytes of a list's name
)

// Read reads a table and tells each of its rows, in order. It stops at the first
// error of each. Its own errors are Problems about the table as a whole: a first
// line that it does not know, a row that does not end.
func Read(r io.Reader, each func(Row) error) (s Summary, err error) {
	s.States = map[State]int{}
	t, err := newTable(r)
	if err != nil {
		return s, err
	}
	head, _, err := t.next()
	if errors.Is(err, io.EOF) {
		return s, &problem.Problem{Kind: problem.Invalid, Detail: "The file is empty."}
	}
	if err != nil {
		return s, err
	}
	columns := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := columns[name]; !twice {
			columns[name] = i
		}
	}
	f := recognise(columns)
	if f == nil {
		return s, unknown(head)
	}
	s.Form = f.name
	for {
		cells, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		row := f.read(record{cells, columns})
		row.Form, row.Line = f.name, line
		row.tidy()
		s.Rows++
		if row.Problem != nil {
			s.Problems++
		} else {
			s.States[row.State]++
		}
		if err := each(row); err != nil {
			return s, err
		}
	}
}

// unknown is about a first line that is of no program that we know.
func unknown(head []string) error {
	shown := make([]string, 0, 8)
	for _, name := range head[:min(len(head), 8)] {
		shown = append(shown, cut(strings.ToValidUTF8(name, ""), 40))
	}
	return sentence("The first line is of no program that we know: %s. Export the subscribers from Ghost, Mailchimp, Substack or listmonk as CSV, or name the columns of the addresses “address” and of their states “state” (subscribed, pending, unsubscribed, bounced, complained).", strings.Join(shown, ", "))
}

// sentence is a Problem with something in it.
func sentence(format string, args ...any) *problem.Problem {
	return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf(format, args...), Format: format, Args: args}
}

// tidy checks a row and makes short lines of its texts.
func (r *Row) tidy() {
	r.Address = strings.TrimSpace(r.Address)
	var lists []string
	for _, name := range r.Lists {
		if name = strings.Join(strings.Fields(cut(strings.ToValidUTF8(name, ""), maxList)), " "); name != "" && len(lists) < maxLists {
			lists = append(lists, name)
		}
	}
	r.Lists = lists
	r.Language = language(r.Language)
	switch {
	case r.Problem != nil:
	case r.Address == "":
		r.Problem = &problem.Problem{Kind: problem.Invalid, Detail: "There is no address in this row."}
	case !isAddress(r.Address):
		r.Problem = sentence("“%s” is no e-mail address that can be written to.", cut(strings.ToValidUTF8(r.Address, "�"), 80))
	}
}

// isAddress reports whether s looks like one plain address. Whoever takes the row
// in looks closer.
func isAddress(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > maxAddress || !strings.Contains(domain, ".") || !utf8.ValidString(domain) {
		return false
	}
	for _, r := range local {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>[]:;,\"`, r) {
			return false
		}
	}
	return !strings.ContainsFunc(domain, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`@()<>[]:;,\"'`, r) })
}

// cut is the beginning of a text, without half a character at its end.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// language is a language's code in small letters, as in "en" or "pt-br", or "".
func language(s string) string {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"))
	first, _, _ := strings.Cut(s, "-")
	if len(first) < 2 || len(first) > 3 || len(s) > 20 {
		return ""
	}
	for _, r := range s {
		if r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return ""
		}
	}
	return s
}
