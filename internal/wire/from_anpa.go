package wire

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/anpa"
	"kawaraban/internal/wire/teletype"
)

// fromANPA makes an item of each message.
func fromANPA(list []anpa.Message) []Item {
	items := make([]Item, 0, len(list))
	for i := range list {
		items = append(items, fromTake(&list[i]))
	}
	return items
}

var (
	// edsForm matches a line to editors.
	edsForm = regexp.MustCompile(`^\(?(?:(?i:eds|editors?|ed note|note to editors)\b ?[:.,_-]|EDITOR'?S'? NOTE|ADVISORY|Advisory:)`)
	// besideForm matches a line that names what comes beside the text.
	besideForm = regexp.MustCompile(`^(?:With )?\p{Lu}{2,6} (?:Photos?|Videos?|Graphics?|Audio|Illustration)\b`)
	// killForm matches a line that kills a story and can mean nothing else. What
	// kills a paragraph ("Eds: KILL graf 3") is prose.
	killForm = regexp.MustCompile(`^(?:\(?(?i:eds|editors)[:.,] )?(?:BULLETIN |MANDATORY |URGENT )*KILL(?:[.!)]*| (?:the |this )?(?:story|STORY|item|version)\b.*)$`)
	// killSlug matches what stands behind the slug of a kill: "BULLETIN KILL".
	killSlug = regexp.MustCompile(`^(?:(?:BULLETIN|MANDATORY|URGENT) ?)*KILL$`)
)

func fromTake(m *anpa.Message) Item {
	it := Item{
		Format: "anpa-1312", Class: Text, Status: Usable, Urgency: anpaUrgency(m.Priority),
		Slugline: m.Slug, Credit: agencyName(m.Agency),
		Created: m.Sent, Updated: m.Sent, RawUpdated: m.RawSent,
	}
	it.Products = []string{m.Service}
	if m.Category != "" {
		it.Subjects = []string{"anpa:" + m.Category}
	}
	var notes []string
	kill := killSlug.MatchString(m.SlugTake) || killSlug.MatchString(m.Take)
	titled := false // the line before was a byline: this is what its author is
	for _, l := range m.Lines {
		text := teletype.Typeset(l.Text)
		name := byline(text)
		switch {
		case killForm.MatchString(text):
			kill = true
			notes = append(notes, text)
		case edsForm.MatchString(text), besideForm.MatchString(text):
			notes = append(notes, text)
		case name != text && len(text) < maxLine && it.Bylines == nil:
			if !strings.HasPrefix(strings.ToLower(name), "the ") { // "By The Haven Press Agency"
				it.Bylines = append(it.Bylines, persons([]string{uncapitals(name)}, it.Credit)...)
			}
			titled = true
			continue
		case titled && l.Centered:
			notes = append(notes, text)
		case it.Headline == "":
			it.Headline = text
		case it.Standfirst == "" && !l.Centered:
			it.Standfirst = text
		default:
			notes = append(notes, text)
		}
		titled = false
	}
	it.print(anpaBody(m))
	it.tidy(it.takeKyodo())
	if repeats(squash(it.Body.Text()), squash(first(it.Standfirst, "-"))) {
		it.Standfirst = ""
	}
	it.EdNote = lines(notes...)
	var marks string
	it.Headline, marks = headline(it.Headline)
	it.strand(m.Service, m.Slug, anpaDay(m), readMark(cmp.Or(m.SlugTake, m.Take), marks))
	switch {
	case m.Slug == "":
		it.ID, it.Strand = "", nil
	case kill:
		it.Status, it.RawStatus = Canceled, "KILL"
		it.Version = "kill-" + it.Version
	default:
		it.holdShout(append(notes, m.SlugTake, m.Take)...)
	}
	if strings.Contains(strings.ToLower(m.Slug), "advisory") || strings.Contains(strings.ToLower(m.Slug), "daybook") {
		it.holdAdvisory("advisory")
	}
	return it
}

// anpaDay is the day of a message: that of its time, else the one of its slug,
// which has no year.
func anpaDay(m *anpa.Message) string {
	switch {
	case !m.Sent.IsZero():
		return m.Sent.Format(dayForm)
	case m.Day > 0:
		return fmt.Sprintf("%02d-%02d", m.Month, m.Day)
	}
	return ""
}

// anpaUrgency puts a priority's letter on the scale of 1 to 9.
func anpaUrgency(letter string) int {
	switch letter {
	case "f":
		return 1
	case "b":
		return 2
	case "u":
		return 3
	case "r":
		return 4
	case "d":
		return 5
	case "":
		return 0
	}
	return 6
}

// agencyName is an agency as its notices name it: "KYODO" is a name and "ANB" are
// letters.
func agencyName(s string) string {
	if len(s) > 3 {
		return s[:1] + strings.ToLower(s[1:])
	}
	return s
}

// uncapitals writes the names of a byline as they are written: "ANA RUIZ and JON
// EK" is "Ana Ruiz and Jon Ek".
func uncapitals(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if len(w) > 2 && w == strings.ToUpper(w) {
			parts := strings.Split(w, "-")
			for j, p := range parts {
				if r := []rune(p); len(r) > 1 {
					parts[j] = string(r[:1]) + strings.ToLower(string(r[1:]))
				}
			}
			words[i] = strings.Join(parts, "-")
		}
	}
	return strings.Join(words, " ")
}

// anpaBody says in blocks what a message says. The error is for one that
// was cut off.
func anpaBody(m *anpa.Message) (d richtext.Doc, over error) {
	if m.Cut {
		over = tooMuch()
	}
	for _, b := range m.Body {
		text := []richtext.Span{{Text: b.Text}}
		switch b.Kind {
		case anpa.Paragraph:
			d.Blocks = append(d.Blocks, richtext.Block{Kind: richtext.Paragraph, Text: text})
		case anpa.Head:
			d.Blocks = append(d.Blocks, richtext.Block{Kind: richtext.CrossHead, Text: text})
		case anpa.Results:
			d.Blocks = append(d.Blocks, richtext.Block{Kind: richtext.Preformatted, Text: text})
		case anpa.Table:
			t := richtext.Block{Kind: richtext.Table}
			for i, row := range b.Rows {
				cells := make([][]richtext.Span, len(row))
				for j, c := range row {
					cells[j] = []richtext.Span{}
					if c != "" {
						cells[j] = []richtext.Span{{Text: c}}
					}
				}
				t.Rows = append(t.Rows, richtext.Row{Head: i == 0 && row[0] == "", Cells: cells})
			}
			d.Blocks = append(d.Blocks, t)
		}
	}
	return inForm(d, over)
}

func tooMuch() error {
	return &problem.Problem{Kind: problem.TooLarge, Detail: "It has more paragraphs, lines or cells than a text may have."}
}

// inForm returns a body that was made by hand in richtext's own form. One that
// richtext refuses stays as it is: cleaning it leaves it out, and says why.
func inForm(d richtext.Doc, over error) (richtext.Doc, error) {
	if formed, err := richtext.Parse(d.JSON()); err == nil {
		return formed, over
	}
	return d, over
}

// namedForm matches "HAVEN, Japan, Dec. 9 Kyodo - " at the start of a paragraph.
var namedForm = regexp.MustCompile(`^(\p{Lu}[\p{L} .'’-]{1,40})(?:, \p{Lu}[\p{L} .]{1,30})?, \p{Lu}\p{L}{2,8}\.? \d{1,2} (\p{Lu}\p{L}{1,8}) [-–—]{1,2} `)

// takeKyodo takes a dateline out of the first paragraph in which the agency
// stands without brackets, and returns the place.
func (it *Item) takeKyodo() string {
	if len(it.Body.Blocks) == 0 || it.Body.Blocks[0].Kind != richtext.Paragraph {
		return ""
	}
	b := &it.Body.Blocks[0]
	f := namedForm.FindStringSubmatch(clip(richtext.Plain(b.Text), maxDateline))
	if f == nil || !sameName(f[2], first(it.Credit, f[2])) {
		return ""
	}
	if rest := cut(b.Text, len(f[0])); rest != nil {
		b.Text = rest
		return f[1]
	}
	return ""
}
