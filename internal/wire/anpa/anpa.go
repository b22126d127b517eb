// Package anpa reads text wires as ANPA bulletin 1312 has them.
//
// A message has two lines of header (service and number; priority, category,
// form, keyword, day, words), lines of heading that begin with "^", paragraphs
// that begin with a tab, lines of tables ("agate") and the time at its end.
package anpa

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/problem"
	"kawaraban/internal/wire/teletype"
)

// A Message is one take of one story.
type Message struct {
	Service  string // one letter: the wire of the agency
	Number   string // of the message on that wire; it begins again each day
	Agency   string // where the header names it: "KYODO"
	Selector string
	Priority string // a letter: f flash, b bulletin, u urgent, r regular, d deferred …
	Category string // a letter: a home news, i abroad, f business, s sport …
	Columns  bool   // the whole message is set in columns

	Keyword    string // the slug, as far as the header has room for it
	Take       string // "1stLd-Writethru"
	Month, Day int    // of the slug's day; 0 when not given
	Words      int

	Slug     string // the whole of it: "BC-HV--Haven-Ferry"
	SlugTake string // what stands behind it there: "1st Ld-Writethru"
	Lines    []Line // of the heading, without the slug's
	Body     []Block
	Cut      bool // there is more of it than is read

	Sent    time.Time // UTC; zero when not given
	RawSent string
}

// How much of a message is read: far more than one has that people wrote.
const (
	maxAll    = 10_000 // lines
	maxLines  = 40     // of the heading
	maxBlocks = 2_000  // of the body
	maxRows   = 2_000  // of all tables
	maxCells  = 15_000 // of all tables
)

// A Line is one of the heading.
type Line struct {
	Text     string
	Centered bool // a heading or a byline ("=" ends it), not running text ("<")
}

// A Kind says what a block is.
type Kind int

// The kinds of a block.
const (
	Paragraph Kind = iota
	Head           // a heading in the body
	Results        // lines of results: their breaks count
	Table
)

// A Block is a part of the body.
type Block struct {
	Kind Kind
	Text string
	Rows [][]string // of a table; the first cell of a row of headings is empty
}

var (
	// startForm matches the first line: SYN SYN SOH, service and number, US, selector.
	startForm = regexp.MustCompile(`^\x16{0,4}\x01([A-Za-z])(\d{4})([A-Z]{0,12})(?:\x1f([A-Za-z0-9-]*))?$`)
	// headForm matches the second: "u i DC3 DC1 BC-Ferry 1stLd  11-13 0344".
	headForm = regexp.MustCompile(`^([a-z]) ([a-z])[\x13\x14 ]*([\x11\x12])? ?(\S{1,60})((?: \S{1,40}){0,4}?) +(\d{1,2})-(\d{1,2})(?: +(\d{1,5}))?$`)
)

// Is reports whether data begins like a message.
func Is(data []byte) bool {
	data = bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n\x00")
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	if bytes.HasPrefix(data, []byte("\x16\x16\x01")) {
		return true
	}
	head, _, _ := bytes.Cut(rest, []byte("\n"))
	return startForm.Match(bytes.TrimRight(line, " \r")) && headForm.Match(bytes.TrimRight(head, " \r"))
}

// Parse reads the messages of a file. The error is a Problem.
func Parse(data []byte) ([]Message, error) {
	var list []Message
	for one := range strings.SplitSeq(teletype.Text(data), "\x01") {
		if strings.TrimSpace(teletype.Printed(one)) == "" {
			continue // what stands before the first
		}
		if len(list) == teletype.MaxMessages {
			return nil, &problem.Problem{
				Kind:   problem.TooLarge,
				Detail: fmt.Sprintf("This file has more than %d messages. Send it in parts.", teletype.MaxMessages),
			}
		}
		one, _, _ = strings.Cut(one, "\x04")
		list = append(list, parse(one))
	}
	if len(list) == 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "This text wire file has no message in it."}
	}
	return list, nil
}

func parse(s string) (m Message) {
	line, rest, _ := strings.Cut(s, "\n")
	if f := startForm.FindStringSubmatch("\x01" + strings.TrimSpace(line)); f != nil {
		m.Service, m.Number, m.Agency, m.Selector = f[1], f[2], f[3], strings.Trim(f[4], "-")
	}
	line, text, _ := strings.Cut(rest, "\n")
	if f := headForm.FindStringSubmatch(strings.TrimRight(line, " ")); f != nil {
		m.Priority, m.Category, m.Columns = f[1], f[2], f[3] == "\x12"
		m.Keyword, m.Take = teletype.Line(f[4]), teletype.Line(f[5])
		m.Month, m.Day, m.Words = digits(f[6]), digits(f[7]), digits(f[8])
	} else {
		text = rest
	}
	text, after, _ := strings.Cut(text, "\x03")
	m.stamp(after)
	m.read(strings.TrimLeft(text, "\x02 \n"))
	return m
}

func digits(s string) int {
	n, _ := strconv.Atoi(s) // the form has digits there, or nothing
	return n
}

var (
	// stampForm matches the time: "HPA-WF-11-13-13 1509GMT<" (month, day, year).
	stampForm = regexp.MustCompile(`^([A-Z]{2,6})-[A-Z]{2,4}-(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)([A-Z]{3,4})?`)
	// clockForm matches the other way to say it: "HPA-21:37-09-12-18" (hour,
	// minute, day, month, year), in Japan.
	clockForm = regexp.MustCompile(`^[A-Z]{2,6}-(\d\d):(\d\d)-(\d\d)-(\d\d)-(\d\d)`)
)

func (m *Message) stamp(after string) {
	after = strings.TrimLeft(after, " \n")
	if f := stampForm.FindStringSubmatch(after); f != nil {
		m.RawSent, m.Agency = f[0], first(m.Agency, f[1])
		m.Sent = teletype.Time(f[4], time.Month(digits(f[2])), f[3], f[5], f[6], teletype.Zone(f[7]))
	} else if f := clockForm.FindStringSubmatch(after); f != nil {
		m.RawSent = f[0]
		m.Sent = teletype.Time(f[5], time.Month(digits(f[4])), f[3], f[1], f[2], teletype.Zone("JST"))
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// read takes the text apart: the line of the slug, the heading, the body.
func (m *Message) read(text string) {
	r := reader{m: m}
	slugged := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case !slugged && strings.TrimSpace(teletype.Printed(line)) == "":
		case !slugged:
			m.slug(line)
			slugged = true
		default:
			r.line(line)
		}
	}
	r.end()
	m.Slug = first(m.Slug, m.Keyword)
	m.sign()
}

// slug reads the first line: "^BC-HV--Haven-Ferry, 1st Ld-Writethru,416<".
func (m *Message) slug(line string) {
	line = strings.TrimRight(teletype.Line(strings.TrimPrefix(line, "^")), "<= ")
	parts := strings.Split(line, ",")
	if n := len(parts); n > 1 && digits(parts[n-1]) > 0 {
		parts = parts[:n-1] // the number of words
	}
	m.Slug = strings.TrimSpace(parts[0])
	m.SlugTake = strings.TrimSpace(strings.Join(parts[1:], ","))
}

// A reader puts lines into the heading or the body of a message.
type reader struct {
	m      *Message
	inBody bool
	lines  []string // of the paragraph, or of the results, that is being read
	heads  int      // headings since the slug

	all, rows, cells int
}

func (r *reader) line(line string) {
	if r.all++; r.all > maxAll || len(r.m.Body) >= maxBlocks || len(r.m.Lines) >= maxLines || r.rows >= maxRows || r.cells >= maxCells {
		r.m.Cut = r.m.Cut || strings.TrimSpace(line) != ""
		return
	}
	rest, marked := strings.CutPrefix(line, "^")
	switch {
	case strings.HasPrefix(line, string(rune(teletype.TLI))):
		r.inBody = true
		r.row(line[1:])
	case marked && !r.inBody:
		r.heading(rest)
	case marked:
		r.end()
		switch text, centered := ended(rest); {
		case divider(text):
		case r.m.Columns && bylineForm.MatchString(text): // its columns have headings above it
			r.m.Lines = append(r.m.Lines, Line{Text: text, Centered: centered})
		default:
			r.m.Body = append(r.m.Body, Block{Kind: Head, Text: text})
		}
	case strings.HasPrefix(line, "\t"):
		r.inBody = true
		if !r.m.Columns {
			r.end()
		}
		r.prose(line)
	case strings.TrimSpace(teletype.Printed(line)) == "":
		if !r.m.Columns {
			r.end()
		}
	case !r.inBody && len(r.m.Lines) == 0 && !strings.HasPrefix(line, "    "):
		r.m.Lines = append(r.m.Lines, Line{Text: strings.TrimRight(teletype.Line(line), "+<= ")})
	default: // goes on with the paragraph before, or begins one
		r.inBody = true
		if strings.HasPrefix(line, "==") { // the signature
			r.end()
		}
		if strings.HasPrefix(line, "    ") && !r.m.Columns || r.m.Columns && strings.HasPrefix(line, "    ") && r.wrapped() {
			r.end()
		}
		r.prose(line)
	}
}

// wrapped reports whether what is being read is running text after all, that was
// broken at a column.
func (r *reader) wrapped() bool {
	return len(r.lines) > 1 && len(r.lines[0]) > 50 && !strings.HasPrefix(r.lines[0], "\t")
}

// ended returns a line without the sign at its end, and whether that says that it
// is a heading.
func ended(line string) (text string, centered bool) {
	text = teletype.Line(line)
	centered = strings.HasSuffix(text, "=")
	return strings.TrimRight(text, "<= "), centered
}

// divider reports whether a line only divides.
func divider(text string) bool { return strings.Trim(text, "_-*= ") == "" }

// heading takes a line of the heading. Of a message in columns that has a
// headline already, each further heading is one of the body.
func (r *reader) heading(line string) {
	text, centered := ended(line)
	if divider(text) {
		return
	}
	if r.m.Columns && centered && r.heads > 0 && !bylineForm.MatchString(text) {
		r.inBody = true
		r.m.Body = append(r.m.Body, Block{Kind: Head, Text: text})
		return
	}
	if centered || len(r.m.Lines) == 0 {
		r.heads++
	}
	r.m.Lines = append(r.m.Lines, Line{Text: text, Centered: centered})
}

var bylineForm = regexp.MustCompile(`^(?:By|BY|Von|Par) \p{Lu}`)

func (r *reader) prose(line string) {
	line = strings.TrimRight(teletype.Printed(line), " <=\n")
	if strings.Trim(strings.TrimSpace(line), "_") != "" {
		r.lines = append(r.lines, line)
	}
}

// row takes a line of a table: its cells are divided by ";".
func (r *reader) row(line string) {
	if len(r.lines) > 0 {
		r.end()
	}
	line = teletype.Line(line)
	cells := strings.SplitN(line, ";", maxCells)
	r.rows, r.cells = r.rows+1, r.cells+len(cells)
	for i, c := range cells {
		switch c = strings.Trim(c, "^ "); {
		case c == "_":
			cells[i] = "–"
		default:
			cells[i] = strings.ReplaceAll(c, "{", "½") // agate has a half in its place
		}
	}
	if n := len(r.m.Body); n > 0 && r.m.Body[n-1].Kind == Table {
		r.m.Body[n-1].Rows = append(r.m.Body[n-1].Rows, cells)
		return
	}
	r.m.Body = append(r.m.Body, Block{Kind: Table, Rows: [][]string{cells}})
}

// end ends a paragraph, or a run of results.
func (r *reader) end() {
	if len(r.lines) == 0 {
		return
	}
	if r.m.Columns && !r.wrapped() {
		for i := range r.lines {
			r.lines[i] = strings.TrimPrefix(strings.TrimPrefix(r.lines[i], "\t"), "   ")
		}
		r.m.Body = append(r.m.Body, Block{Kind: Results, Text: strings.Join(r.lines, "\n")})
	} else {
		r.m.Body = append(r.m.Body, Block{Kind: Paragraph, Text: teletype.Typeset(teletype.Line(strings.Join(r.lines, " ")))})
	}
	r.lines = nil
}

// sign takes the signature of the desk off the end of the body.
func (m *Message) sign() {
	n := len(m.Body)
	if n == 0 || m.Body[n-1].Kind == Table {
		return
	}
	m.Body[n-1].Text, _ = teletype.Sign(m.Body[n-1].Text)
	if m.Body[n-1].Text == "" {
		m.Body = m.Body[:n-1]
	}
}
