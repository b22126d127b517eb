// Package teletype holds what the text wires have in common: the letters in
// which they are written, their quotation marks and dashes, the months of their
// dates, and what desks write below a story. It knows no format.
package teletype

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The marks of a transmission. Text wires are as old as paper tape.
const (
	SOH = 0x01 // a message begins
	STX = 0x02 // its text begins
	ETX = 0x03 // its text ends
	EOT = 0x04 // it ends
	TLI = 0x08 // a line of a table begins
	DLE = 0x10 // a space that a typesetter may widen
	DC1 = 0x11 // running text
	DC2 = 0x12 // columns
	SYN = 0x16 // stands before SOH
)

// MaxMessages is how many messages a file may have.
const MaxMessages = 200

// Text returns data as UTF-8 with "\n" at the end of each line. What is not
// UTF-8 is Windows-1252, which has Latin-1 in it.
func Text(data []byte) string {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		// Every byte has a meaning in this charset: it cannot fail.
		data, _ = charmap.Windows1252.NewDecoder().Bytes(data)
	}
	s := string(data)
	if strings.Contains(s, "\r") {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return s
}

// Printed returns s without what only a machine reads. Tabs and line breaks stay.
func Printed(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// Line returns s on one line.
func Line(s string) string { return strings.Join(strings.Fields(Printed(s)), " ") }

// Typeset writes quotation marks and dashes as they are printed. A teleprinter
// had neither: “ is two grave accents, ” two apostrophes, and a dash is a low
// line.
func Typeset(s string) string {
	if strings.Contains(s, "``") { // else two apostrophes may be inches
		s = strings.NewReplacer("``", "“", "''", "”", "`", "‘").Replace(s)
	}
	return strings.NewReplacer(" _ ", " — ", " -- ", " – ").Replace(s)
}

// Month returns the month that a word names by its first three letters, in
// English, German, French, Spanish or Italian; 0 for no month.
func Month(word string) time.Month {
	letters := []rune(strings.ToLower(word))
	if len(letters) < 3 {
		return 0
	}
	switch string(letters[:3]) {
	case "jan", "ene", "gen":
		return time.January
	case "feb", "fév", "fev":
		return time.February
	case "mar", "mär", "mrz", "mae":
		return time.March
	case "apr", "avr", "abr":
		return time.April
	case "may", "mai", "mag":
		return time.May
	case "jun", "giu":
		return time.June
	case "jul", "lug":
		return time.July
	case "jui": // "juin", "juillet"
		if len(letters) > 3 && letters[3] == 'n' {
			return time.June
		}
		return time.July
	case "aug", "aoû", "aou", "ago":
		return time.August
	case "sep", "set":
		return time.September
	case "oct", "okt", "ott":
		return time.October
	case "nov":
		return time.November
	case "dec", "dez", "déc", "dic":
		return time.December
	}
	return 0
}

// Zone returns the zone of an abbreviation that wires use. An unknown one, and
// none, is UTC.
func Zone(name string) *time.Location {
	hours := 0
	switch name {
	case "EDT":
		hours = -4
	case "EST", "CDT":
		hours = -5
	case "CST", "MDT":
		hours = -6
	case "MST", "PDT":
		hours = -7
	case "PST":
		hours = -8
	case "BST", "CET", "MEZ":
		hours = 1
	case "CEST", "MESZ":
		hours = 2
	case "JST":
		hours = 9
	case "AEST":
		hours = 10
	case "AEDT":
		hours = 11
	default:
		return time.UTC
	}
	return time.FixedZone(name, hours*3600)
}

// Time returns the time that digits name, in UTC; the zero time when there is
// none such. A year of two digits is one of ours.
func Time(year string, month time.Month, day, hour, minute string, zone *time.Location) time.Time {
	y, m, d := number(year), int(month), number(day)
	if len(year) <= 2 {
		y += 2000
	}
	t := time.Date(y, month, d, number(hour), number(minute), 0, 0, zone)
	if m < 1 || m > 12 || d < 1 || t.In(zone).Day() != d || number(hour) > 23 || number(minute) > 59 {
		return time.Time{}
	}
	return t.UTC()
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// signature matches what the desk writes below a story: "dpa wsz jln npr",
// "(HPA/mf ba)", "==Haveno", "HPA RESULTS".
var signature = regexp.MustCompile(`^(?:\p{Ll}{3,4}(?:/\p{Ll}{2,4})?(?: [\p{Ll}\d]{1,5}(?:[/-]\p{Ll}{1,5})*){1,8}` +
	`|\(\p{Lu}{2,6}[/\\ ][\p{Ll} /-]{1,20}\)|==? ?\p{L}{2,10}|(?:RTV )?\p{Lu}{3,4} (?:BETTING|RESULTS|FORM|SELECTIONS|[a-z]{2,3}(?:/[a-z]{2,3})*)|more [a-z]{2,3})$`)

// Sign returns text without the signature of the desk on its last lines, and
// that.
func Sign(text string) (rest, signed string) {
	rest = strings.TrimRight(text, " \t\n")
	for range 2 {
		i := strings.LastIndexByte(rest, '\n')
		last := strings.TrimSpace(rest[i+1:])
		if len(last) > 60 || !signature.MatchString(last) {
			break
		}
		// Initials look like words: they stand alone below an empty line.
		if r, _ := utf8.DecodeRuneInString(last); unicode.IsLower(r) && !strings.HasPrefix(last, "more ") && (i < 1 || strings.TrimRight(rest[:i], " \t") == strings.TrimRight(rest[:i], " \t\n")) {
			break
		}
		rest, signed = strings.TrimRight(rest[:max(i, 0)], " \t\n"), strings.TrimSpace(last+"\n"+signed)
	}
	return rest, signed
}

var (
	secret = regexp.MustCompile(`(?:not|nicht|pas|no|non) (?:intended |destinées |destinate )?(?:for|zur|für die|à la|para|alla) (?:publication|veröffentlichung|publicación|pubblicazione)|ne pas publier`)
	notice = regexp.MustCompile(`^(?:the following|die (?:nach)?folgenden|les informations|la siguiente|le seguenti|not |nicht |ne pas |non |no )`)
)

// Aside reports whether from this line on a text is not for readers: the notebook of a
// desk begins, or what it says is not for publication. private tells the second.
func Aside(line string) (notebook, private bool) {
	if len(line) > 200 {
		return false, false
	}
	lower := strings.ToLower(strings.Trim(line, "#*-= \t()"))
	if secret.MatchString(lower) {
		// A sentence of the story may say so too: of something else, and longer.
		if notice.MatchString(lower) || len(lower) < 60 && strings.ContainsAny(line, ":(#") {
			return true, true
		}
	}
	marked := strings.HasPrefix(line, "#") || strings.HasPrefix(line, "--")
	for _, s := range []string{"notizblock", "notebook", "notepad", "bloc-notes", "bloc-note"} {
		if lower == s || marked && (strings.HasPrefix(lower, s) || strings.HasSuffix(lower, " "+s)) {
			return true, false
		}
	}
	return strings.HasPrefix(line, "* * *"), false
}
