// Package iptc7901 reads text wires as IPTC recommendation 7901 has them, and
// two forms that came before it and stay in use beside it: messages whose marks
// were lost on the way, and those between ZCZC and NNNN.
//
// A message is a header (service and number, priority, category, words), a slug
// line, a heading that ends with "=", a body and the time. The desk's notebook
// below the body and what it says is not for publication are kept apart from
// what readers may see.
package iptc7901

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
	Telex bool // it stood between ZCZC and NNNN

	Service  string // "bdt": the desk or line of the agency
	Number   string // of the message on that line; it begins again each day
	Priority int    // 1 (flash) to 6; 0 when not given
	Category string
	Words    int
	Info     string // what else the header says: "dpa 0112"
	Slug     string // the agency's name for the running story

	Notes    []string // of the heading, in brackets there: "Eil", "Foto: …"
	Marks    []string // of the heading: "2ND LEAD", "3RD NET"
	Bylines  []string // as sent: "By Ana Ruiz, hpa"
	Headline string
	Body     string // lines; an empty one ends a paragraph
	Table    bool   // its columns count

	Notebook  string // for editors: links, corrections, hints
	Private   string // for editors: what is not for publication
	Signature string // of the desk

	Sent    time.Time // UTC; zero when not given
	RawSent string
}

// headerForm matches a header: "bdt0112 4 pl 211 vvvvb  hpa 0112".
var headerForm = regexp.MustCompile(`^\x01?([A-Za-z]{2,6}?)[-.]?(\d{2,5}) ([1-9]) ([A-Za-z]{1,4}) +(\d{1,5})(?: +(.*))?$`)

// Is reports whether data begins like a message, with its marks or without.
func Is(data []byte) bool {
	data = bytes.TrimLeft(data[:min(len(data), 1024)], "\ufeff \t\r\n\x7f\x00")
	if bytes.HasPrefix(data, []byte{teletype.SOH}) {
		return true
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	line = bytes.TrimRight(line, " \r")
	return headerForm.Match(line) || isTelex(line)
}

func isTelex(line []byte) bool {
	return bytes.Equal(line, []byte("ZCZC")) || bytes.HasPrefix(line, []byte("ZCZC "))
}

// Parse reads the messages of a file. The error is a Problem.
func Parse(data []byte) ([]Message, error) {
	text := teletype.Text(data)
	var list []Message
	for rest := text; ; {
		one := rest
		if i := strings.IndexByte(rest, teletype.EOT); i >= 0 {
			one, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		// Of a message that was cut off, the next one may not be a part.
		for i := strings.IndexByte(one, teletype.SOH); i >= 0; {
			next := strings.IndexByte(one[i+1:], teletype.SOH)
			if next < 0 {
				break
			}
			if strings.TrimSpace(teletype.Printed(one[:i+1+next])) != "" {
				list = append(list, parse(one[:i+1+next]))
			}
			if one, i = one[i+1+next:], 0; len(list) > teletype.MaxMessages {
				return nil, tooMany()
			}
		}
		if strings.TrimSpace(teletype.Printed(one)) != "" {
			list = append(list, parse(one))
		}
		if len(list) > teletype.MaxMessages {
			return nil, tooMany()
		}
		if rest == "" {
			break
		}
	}
	if len(list) == 0 {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "This text wire file has no message in it."}
	}
	return list, nil
}

func tooMany() error {
	return &problem.Problem{
		Kind:   problem.TooLarge,
		Detail: fmt.Sprintf("This file has more than %d messages. Send it in parts.", teletype.MaxMessages),
	}
}

func parse(s string) (m Message) {
	s = strings.TrimLeft(s, "\ufeff \t\n\x7f\x00")
	if isTelex([]byte(strings.TrimRight(firstLine(s), " "))) {
		return parseTelex(s)
	}
	head, rest, _ := strings.Cut(s, "\n")
	m.header(head)
	var text string
	slug, inner, marked := strings.Cut(rest, "\x02")
	if marked {
		m.Slug, text = slug, inner
	} else {
		m.Slug, text, _ = strings.Cut(strings.TrimLeft(rest, " \n"), "\n")
	}
	m.Slug = strings.Trim(teletype.Line(strings.ToValidUTF8(m.Slug[:min(len(m.Slug), maxSlug)], "")), "/ ")
	text, after, _ := strings.Cut(text, "\x03")
	if m.stamp(firstLine(strings.TrimLeft(after, " \n"))); m.Sent.IsZero() && !marked {
		text = m.cutStamp(text)
	}
	text = m.heading(teletype.Printed(text))
	m.split(text)
	return m
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (m *Message) header(line string) {
	f := headerForm.FindStringSubmatch(strings.TrimSpace(line))
	if f == nil {
		m.Info = teletype.Line(line)
		return
	}
	m.Service, m.Number, m.Category, m.Info = f[1], f[2], strings.ToLower(f[4]), teletype.Line(f[6])
	m.Priority, _ = strconv.Atoi(f[3]) // the form has digits there
	m.Words, _ = strconv.Atoi(f[5])
}

// stampForm matches the time of a message: "131137 GMT Nov 13".
var stampForm = regexp.MustCompile(`^(\d\d)(\d\d)(\d\d) ?([A-Z]{3,4})? (\p{L}{3,9})\.? (\d\d|\d{4})$`)

func (m *Message) stamp(line string) bool {
	line = teletype.Line(line)
	f := stampForm.FindStringSubmatch(line)
	if len(line) > 60 || f == nil {
		return false
	}
	m.RawSent = line
	m.Sent = teletype.Time(f[6], teletype.Month(f[5]), f[1], f[2], f[3], teletype.Zone(f[4]))
	return true
}

// cutStamp takes the time off the end of a text that has lost its marks.
func (m *Message) cutStamp(text string) string {
	text = strings.TrimRight(text, " \n")
	i := strings.LastIndexByte(text, '\n')
	if m.stamp(text[i+1:]) {
		return text[:max(i, 0)]
	}
	return text
}

// maxSlug is how many bytes of a slug line are read.
const maxSlug = 2_000

// maxHeading is how many lines a heading may have. A text without "=" in them
// has one line of heading.
const maxHeading = 12

// heading reads the heading and returns what follows it.
func (m *Message) heading(text string) string {
	text = strings.TrimLeft(text, " \n")
	var lines []string
	rest, ended := text, false
	for range maxHeading {
		line, after, more := strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		if before, ok := strings.CutSuffix(line, "="); ok {
			lines, rest, ended = append(lines, strings.TrimSpace(before)), after, true
			break
		}
		if rest = after; !more {
			break
		}
		lines = append(lines, line)
	}
	if !ended {
		line, after, _ := strings.Cut(text, "\n")
		lines, rest = []string{strings.TrimSpace(line)}, after
	}
	var title []string
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		// A note in brackets may have several lines.
		for j := i; strings.HasPrefix(line, "(") && !strings.HasSuffix(line, ")") && j+1 < len(lines); {
			j++
			if line += " " + lines[j]; strings.HasSuffix(line, ")") {
				i = j
				break
			} else if j+1 == len(lines) {
				line = lines[i] // it is never closed: no note
			}
		}
		switch {
		case line == "":
		case strings.HasPrefix(line, "(") && strings.HasSuffix(line, ")"):
			m.Notes = append(m.Notes, teletype.Line(line[1:len(line)-1]))
		case markForm.MatchString(line):
			m.Marks = append(m.Marks, teletype.Line(line))
		case bylineForm.MatchString(line) && len(title) > 0, bylineForm.MatchString(line) && i+1 < len(lines):
			m.Bylines = append(m.Bylines, teletype.Line(line))
		default:
			title = append(title, line)
		}
	}
	m.Headline = teletype.Line(strings.Join(title, " "))
	return rest
}

var (
	// markForm matches a line that says which take of a story this is.
	markForm = regexp.MustCompile(`^(?:\d{1,2}(?:ST|ND|RD|TH) (?:LEAD|NET|UPDATE|ROUNDUP|ADD)\b ?)+[.:]?$|^(?:LEAD|ROUNDUP|UPDATE(?: \d{1,2})?|URGENT|EXTRA|BULLETIN|FLASH)$`)
	// bylineForm matches a line that says who wrote.
	bylineForm = regexp.MustCompile(`^(?:By|Von|Par|Por|Di|Da) \p{Lu}[^.!?]{2,100}$`)
)

// split parts what readers may see from what only editors may, and fills the
// rest of the message.
func (m *Message) split(text string) {
	at, private := 0, -1
	body := len(text)
	for line := range strings.Lines(text) {
		note, secret := teletype.Aside(strings.TrimSpace(line))
		if note {
			body = min(body, at)
		}
		if secret {
			private = at
			break
		}
		at += len(line)
	}
	m.Body = strings.TrimRight(text[:body], " \t\n")
	if private >= 0 {
		m.Notebook, m.Private = strings.TrimSpace(text[body:private]), strings.TrimSpace(text[private:])
	} else {
		m.Notebook = strings.TrimSpace(text[body:])
	}
	m.Notebook = strings.TrimSpace(strings.TrimSuffix(m.Notebook, "* * * *"))
	m.Body, m.Signature = teletype.Sign(m.Body)
	m.Body = strings.TrimLeft(teletype.Typeset(m.Body), "\n")
}
