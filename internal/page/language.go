package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed messages/*.json
var catalogues embed.FS

// Languages lists the languages in which the interface speaks.
func Languages() []string { return []string{"en", "ja"} }

// A Language is the interface in one language, with times in the paper's zone.
type Language struct {
	Tag      language.Tag
	Zone     *time.Location
	messages map[string]sentence
	printer  *message.Printer
}

// A sentence is a message in the forms that the language's plurals need
// (Unicode CLDR: one, other, …). One without plurals has only other.
type sentence map[string]string

// UnmarshalJSON takes "text" or {"one": "text", "other": "text"}.
func (s *sentence) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = sentence{"other": text}
		return nil
	}
	return json.Unmarshal(b, (*map[string]string)(s))
}

// NewLanguage reads the catalogue of a language such as "en" or "ja".
func NewLanguage(name string, zone *time.Location) (*Language, error) {
	tag, err := language.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no language that we know: write en or ja", name)
	}
	base, _ := tag.Base()
	data, err := catalogues.ReadFile("messages/" + base.String() + ".json")
	if err != nil {
		return nil, fmt.Errorf("there is no catalogue for the language %q: write one of %s", name, strings.Join(Languages(), ", "))
	}
	l := &Language{Tag: tag, Zone: zone, printer: message.NewPrinter(tag)}
	if err := json.Unmarshal(data, &l.messages); err != nil {
		return nil, fmt.Errorf("read the catalogue for %q: %w", name, err)
	}
	return l, nil
}

// Keys lists the messages of the catalogue, sorted.
func (l *Language) Keys() []string { return slices.Sorted(maps.Keys(l.messages)) }

// Say returns the message under key with its %s and %d filled in. A key that is
// not in the catalogue is shown as it is; a test makes sure that none is.
func (l *Language) Say(key string, args ...any) string {
	if s, ok := l.messages[key]; ok {
		key = s["other"]
	}
	if len(args) == 0 {
		return key
	}
	return fmt.Sprintf(key, args...)
}

// Count returns the message under key for n things: "1 Comment", "2 Comments".
func (l *Language) Count(key string, n int) string {
	s, ok := l.messages[key]
	if !ok {
		return key
	}
	form := s["other"]
	if plural.Cardinal.MatchPlural(l.Tag, n, 0, 0, 0, 0) == plural.One && s["one"] != "" {
		form = s["one"]
	}
	return strings.Replace(form, "%d", l.Number(n), 1)
}

// Number writes n as the language does: "1,234".
func (l *Language) Number(n int) string {
	if -1000 < n && n < 1000 {
		return strconv.Itoa(n) // as all our languages do, and without their long way
	}
	return l.printer.Sprint(number.Decimal(n))
}

func (l *Language) japanese() bool {
	base, _ := l.Tag.Base()
	return base.String() == "ja"
}

// months are abbreviated as newspapers do: only where it saves something.
var months = [...]string{"Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."}

// Day writes a day in the paper's zone: "Nov. 22, 2026".
func (l *Language) Day(t time.Time) string {
	t = t.In(l.Zone)
	if l.japanese() {
		return t.Format("2006年1月2日")
	}
	return fmt.Sprintf("%s %d, %d", months[t.Month()-1], t.Day(), t.Year())
}

// Month writes a month: "November 2026".
func (l *Language) Month(t time.Time) string {
	if t = t.In(l.Zone); l.japanese() {
		return t.Format("2006年1月")
	}
	return t.Format("January 2006")
}

// ShortDay writes a day of which the year is plain: "Nov. 22".
func (l *Language) ShortDay(t time.Time) string {
	t = t.In(l.Zone)
	if l.japanese() {
		return t.Format("1月2日")
	}
	return fmt.Sprintf("%s %d", months[t.Month()-1], t.Day())
}

// LongDay writes the day of the masthead: "Sunday, November 22, 2026".
func (l *Language) LongDay(t time.Time) string {
	t = t.In(l.Zone)
	if l.japanese() {
		return t.Format("2006年1月2日") + "（" + string([]rune("日月火水木金土")[t.Weekday()]) + "）"
	}
	return t.Format("Monday, January 2, 2006")
}

// Clock writes the time of day with the zone's name: "07:12 JST".
func (l *Language) Clock(t time.Time) string { return t.In(l.Zone).Format("15:04 MST") }

// Moment writes day and time: "Nov. 22, 2026, 07:12 JST".
func (l *Language) Moment(t time.Time) string {
	sep := ", "
	if l.japanese() {
		sep = " "
	}
	return l.Day(t) + sep + l.Clock(t)
}

// Second writes day and time to the second: "Nov. 22, 2026, 07:12:09 JST".
func (l *Language) Second(t time.Time) string {
	sep := ", "
	if l.japanese() {
		sep = " "
	}
	return l.Day(t) + sep + t.In(l.Zone).Format("15:04:05 MST")
}

// Machine writes a time for machines, in the paper's zone (RFC 3339).
func (l *Language) Machine(t time.Time) string { return t.In(l.Zone).Format(time.RFC3339) }

// SameDay reports whether two times fall on one day in the paper's zone.
func (l *Language) SameDay(a, b time.Time) bool {
	ay, am, ad := a.In(l.Zone).Date()
	by, bm, bd := b.In(l.Zone).Date()
	return ay == by && am == bm && ad == bd
}

// Midnight is when the day of t ends in the paper's zone; where a day has
// midnight twice, the second.
func (l *Language) Midnight(t time.Time) time.Time {
	y, m, d := t.In(l.Zone).Date()
	end := time.Date(y, m, d+1, 0, 0, 0, 0, l.Zone)
	if !end.After(t) || l.SameDay(end, t) {
		// Clocks are put forward at midnight, so there is none, and time.Date
		// chose an hour of the evening. The day ends with the change.
		_, end = end.ZoneBounds()
	}
	return end
}

// Funcs are what templates call: {{t "latest"}}, {{n "comments" .Comments}},
// {{moment .Published}} …
func (l *Language) Funcs() template.FuncMap {
	return template.FuncMap{
		"t": l.Say, "n": l.Count, "number": l.Number,
		"day": l.Day, "longday": l.LongDay, "clock": l.Clock, "moment": l.Moment, "machine": l.Machine,
		"sameday": l.SameDay,
	}
}
