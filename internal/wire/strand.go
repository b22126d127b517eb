package wire

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A Strand is what a text wire has in place of an id: the slug of a running
// story, its day, and which take of the story this is. The first take bears no
// mark; what follows it says so ("1stLd-Writethru", "2ND LEAD 3RD NET", "UPDATE
// 2", "(Berichtigung …)").
type Strand struct {
	Key    string // format, service and slug
	Day    string // 2026-03-02; "" when the message does not say
	Marked bool   // it follows another take
	Number int    // of the mark: 2 for "2ND LEAD"; 0 when it has none
}

const dayForm = "2006-01-02"

// maxKey is how many bytes of a slug tell stories apart.
const maxKey = 200

// strand gives the item the identity of a take: the id is its strand's on its
// day, the version is the hash of what it says. So a redelivery, which may have
// another number and another time, is the same version of the same story.
func (it *Item) strand(service, slug, day string, m mark) {
	key := it.Format + ":" + slugKey(service) + ":" + slugKey(slug)
	it.Strand = &Strand{Key: key, Day: day, Marked: m.marked, Number: m.number}
	it.ID = it.Strand.id(day)
	it.Version = strings.TrimPrefix(contentID(key, m.words, squash(it.Headline), squash(it.Body.Text()), squash(it.Dateline)), "sha256:")[:16]
	it.Order = m.order(it.Updated)
	switch {
	case m.corrects:
		it.Signals = append(it.Signals, "correction")
	case m.marked:
		it.Signals = append(it.Signals, "update")
	}
	if m.marked && it.Updated.IsZero() {
		it.held(noClock)
	}
}

// id returns the id of the strand on a day.
func (s *Strand) id(day string) string { return s.Key + ":" + day }

// beside returns the days before and after the strand's: a story that is written
// at midnight has two. They are "" when the day has no year.
func (s *Strand) beside() (before, after string) {
	t, err := time.Parse(dayForm, s.Day)
	if err != nil {
		return "", ""
	}
	return t.AddDate(0, 0, -1).Format(dayForm), t.AddDate(0, 0, 1).Format(dayForm)
}

// slugKey returns a slug in the letters of an id.
func slugKey(slug string) string {
	var w strings.Builder
	dash := false
	for _, r := range strings.ToLower(slug) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if dash && w.Len() > 0 {
				w.WriteByte('-')
			}
			w.WriteRune(r)
			dash = false
		} else {
			dash = true
		}
	}
	if w.Len() > maxKey {
		return contentID(w.String())
	}
	return w.String()
}

// A mark says which take of a story an item is.
type mark struct {
	marked bool
	number int
	words  string // as sent

	corrects bool // what the other says was wrong
}

var (
	leadForm   = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)[ -]?(?:ld|lead|update|roundup)\b`)
	netForm    = regexp.MustCompile(`\b(\d{1,2})(?:ST|ND|RD|TH) NET\b`)
	updateForm = regexp.MustCompile(`^UPDATE (\d{1,2})(?:[-–: ]+|$)`)
	// takeForm matches what marks a take without a number.
	takeForm    = regexp.MustCompile(`(?i)\b(?:writethru|write-thru|optional add|urgent add)\b|^(?:berichtigung|berichtigt|korrektur|korrigiert|neu|aktualisiert|aktualisierung|wiederholung|zusammenfassung|corrects?|corrected|correction|recasts?|updates?|adds|correctif|actualisation)\b|^(?:\d\. )?zusammenfassung\b`)
	correctForm = regexp.MustCompile(`(?i)^(?:berichtig|korrektur|korrigiert|correct)`)
	// headMark matches a mark at the start of a headline.
	headMark = regexp.MustCompile(`^(?:(?:\d{1,2}(?:ST|ND|RD|TH) (?:LEAD|NET|UPDATE|ROUNDUP)|UPDATE \d{1,2}|LEAD|ROUNDUP|CORRECTED)(?:[-–:]+ ?| ))+`)
)

// readMark reads the marks of a take from the lines that have them.
func readMark(lines ...string) (m mark) {
	for _, line := range lines {
		line = strings.TrimSpace(clip(line, maxLine))
		if line == "" {
			continue
		}
		number := 0
		for _, form := range []*regexp.Regexp{leadForm, netForm, updateForm} {
			if f := form.FindStringSubmatch(line); f != nil && number == 0 {
				number, _ = strconv.Atoi(f[1]) // the form has digits there
			}
		}
		if number == 0 && !takeForm.MatchString(line) && line != "LEAD" && line != "ROUNDUP" {
			continue
		}
		m.marked, m.corrects = true, m.corrects || correctForm.MatchString(line)
		m.number = max(m.number, number)
		m.words += "|" + squash(line)
	}
	return m
}

// headline takes the marks off the start of a headline.
func headline(s string) (rest string, marks string) {
	marks = headMark.FindString(s)
	return s[len(marks):], marks
}

// firstMarked stands above every first take in the order of a strand: a first
// take that is late, or sent again, never replaces what follows it. Below that
// the agency's own clock decides, and the number where two have one minute.
const firstMarked = 1 << 53

func (m mark) order(sent time.Time) int64 {
	order := int64(min(m.number, 999))
	if storable(sent) && !sent.IsZero() {
		order += sent.Truncate(time.Minute).UnixMicro() % firstMarked
	}
	if m.marked {
		order += firstMarked
	}
	return order
}

// takeNumber and takeSent are what an order was made of.
func takeNumber(order int64) int { return int(order % firstMarked % 1000) }

func takeSent(order int64) int64 { return order % firstMarked / 1000 }

// alike reports whether two takes may be of one story: of the longer words of
// the shorter one, a third or more stand in the other.
func alike(a, b *Item) bool {
	x, y := longWords(a), longWords(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 {
		return false
	}
	both := 0
	for w := range x {
		if y[w] {
			both++
		}
	}
	return both*3 >= len(x)
}

// maxCompared is how many bytes of a take are compared.
const maxCompared = 8_000

func longWords(it *Item) map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsFuncSeq(strings.ToLower(it.Headline+" "+clip(it.Body.Text(), maxCompared)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if len(w) > 4 {
			words[w] = true
		}
	}
	return words
}

// shouts are the words by which a text wire asks for what an editor must do: they
// are prose, and none of them is obeyed by itself.
var shouts = regexp.MustCompile(`\b(?:KILL(?:ED|S)?|WITHHOLD|WITHHELD|WITHDRAW[NS]?|ELIMINAT(?:E|ES|ION))\b|(?i:\b(?:embargo(?:ed)?|sperrfrist|hold for release|not for release before|zurückgezogen|nicht verwenden|annul(?:é|ée|iert))\b)`)

// titleShouts are those of a headline and of a first sentence, in which "embargo"
// and "killed" are news.
var titleShouts = regexp.MustCompile(`^\W*(?:(?:(?:BULLETIN|MANDATORY|URGENT|EDS|EDITORS|ATTENTION|ATTN)\b[ :,-]*)+(?:KILL|WITHHOLD|ELIMINAT)|(?i:sperrfrist|embargo(?:ed)?(?::| (?:until|till|for release|bis|jusqu))|hold for release|not for release before))`)

// holdShout holds an item whose notes to editors, or whose first words, ask for
// what no format of its kind can say.
func (it *Item) holdShout(notes ...string) {
	i := slices.IndexFunc(notes, func(l string) bool { return shouts.MatchString(clip(l, maxCaption)) })
	said := ""
	if i >= 0 {
		said = notes[i]
	} else {
		for _, line := range []string{it.Headline, it.Standfirst, it.Body.FirstSentence(maxHeadline)} {
			if titleShouts.MatchString(clip(line, maxLine)) {
				said = line
			}
		}
	}
	if it.Shouts = it.Shouts || said != ""; said != "" {
		it.held("Its note to editors must be read first: " + shorten(strings.Join(strings.Fields(said), " "), maxHeadline))
	}
}
