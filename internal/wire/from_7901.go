package wire

import (
	"regexp"
	"slices"
	"strings"

	"kawaraban/internal/richtext"
	"kawaraban/internal/wire/iptc7901"
	"kawaraban/internal/wire/teletype"
)

// from7901 makes an item of each message.
func from7901(list []iptc7901.Message) []Item {
	items := make([]Item, 0, len(list))
	for i := range list {
		items = append(items, fromMessage(&list[i]))
	}
	return items
}

func fromMessage(m *iptc7901.Message) Item {
	it := Item{
		Format: "iptc-7901", Class: Text, Status: Usable, Urgency: m.Priority,
		Slugline: m.Slug, Signals: slices.Concat(m.Marks, m.Notes),
		Created: m.Sent, Updated: m.Sent, RawUpdated: m.RawSent,
		EdNote:   lines(append(slices.Clone(m.Notes), m.Notebook)...),
		Internal: lines(m.Private, m.Signature),
	}
	if m.Telex {
		it.Format = "zczc"
	}
	it.Products = []string{m.Service}
	if m.Category != "" {
		it.Subjects = []string{"cat:" + m.Category}
	}
	var marks string
	it.Headline, marks = headline(teletype.Typeset(m.Headline))
	body := m.Body
	var dateline string
	if m.Table || m.Telex && odds(body) {
		it.print(columns(body))
	} else {
		it.print(richtext.ReadText(body))
		dateline, it.Credit = it.takePlace()
		it.crossHeads()
	}
	for _, s := range m.Bylines {
		name := byline(s)
		if i := strings.LastIndex(name, ", "); i > 0 && (sameName(name[i+2:], it.Credit) || strings.ToLower(name[i+2:]) == name[i+2:]) {
			name = name[:i] // "Ana Ruiz, hpa"
		}
		it.Bylines = append(it.Bylines, name)
	}
	it.tidy(dateline)
	day := ""
	if !m.Sent.IsZero() {
		day = m.Sent.Format(dayForm)
	}
	service := m.Service
	if m.Telex {
		service = strings.TrimRight(m.Info, "0123456789") // the number of the message may stand there
	}
	it.strand(service, first(m.Slug, it.Headline), day, readMark(append(slices.Concat(m.Marks, m.Notes), marks)...))
	if m.Slug == "" && it.Headline == "" {
		it.ID, it.Strand = "", nil // nothing tells it from others: known by its content
	}
	it.holdAdvisory(genres(m)...)
	it.holdShout(slices.Concat(m.Notes, m.Marks)...)
	return it
}

// genres are the words before a dash or a colon in the notes of a heading, and
// the first word of the slug: those of "(Achtung - Planungshinweis)".
func genres(m *iptc7901.Message) (list []string) {
	slug, _, _ := strings.Cut(m.Slug, "/")
	for _, s := range append([]string{slug}, m.Notes...) {
		s, _, _ = strings.Cut(s, " - ")
		s, _, _ = strings.Cut(s, ":")
		list = append(list, strings.TrimSpace(s))
	}
	return list
}

// placeForm matches "Berlin (hpa) - " and "Genève (hpa) " at the start of a
// paragraph.
var placeForm = regexp.MustCompile(`^\s*(\p{Lu}[\p{L} .,'’/-]{1,60}?)\s*\((\p{L}{2,8})(?:[/-]\p{L}{2,8})?\)\s*(?:[-–—]{1,2}\s+)?`)

// takePlace takes the dateline out of the paragraph that begins with it: the
// place, and the agency in brackets behind it. What stands before it, as far as
// that is one paragraph, is the summary.
func (it *Item) takePlace() (place, agency string) {
	for i, b := range it.Body.Blocks[:min(3, len(it.Body.Blocks))] {
		if b.Kind != richtext.Paragraph {
			continue
		}
		m := placeForm.FindStringSubmatch(clip(richtext.Plain(b.Text), maxDateline))
		if m == nil || m[2] != strings.ToLower(m[2]) && m[2] != strings.ToUpper(m[2]) {
			continue
		}
		rest := cut(b.Text, len(m[0]))
		if rest == nil {
			continue
		}
		it.Body.Blocks[i].Text = rest
		if i == 1 && it.Body.Blocks[0].Kind == richtext.Paragraph {
			if s := richtext.Plain(it.Body.Blocks[0].Text); len(s) < maxCaption {
				it.Standfirst, it.Body.Blocks = strings.Join(strings.Fields(s), " "), it.Body.Blocks[1:]
			}
		}
		return m[1], m[2]
	}
	return "", ""
}

// crossHeads makes headings of the short lines between paragraphs that end like
// no sentence.
func (it *Item) crossHeads() {
	blocks := it.Body.Blocks
	for i := 1; i+1 < len(blocks); i++ {
		text := richtext.Plain(blocks[i].Text)
		if blocks[i].Kind == richtext.Paragraph && len(text) < 70 && !strings.ContainsAny(text, "\n") && !strings.ContainsAny(text[len(text)-1:], ".!?:;,)\"'") &&
			blocks[i-1].Kind == richtext.Paragraph && blocks[i+1].Kind == richtext.Paragraph && len(richtext.Plain(blocks[i+1].Text)) > 140 {
			blocks[i].Kind = richtext.CrossHead
		}
	}
}

// oddsForm matches a line of a table of odds: "  3.50 Sea Lark".
var oddsForm = regexp.MustCompile(`^ {0,4}\d{1,3}\.\d\d \S`)

// odds reports whether a text has lines of odds, whose columns count.
func odds(text string) bool {
	n := 0
	for line := range strings.Lines(text) {
		if oddsForm.MatchString(line) {
			if n++; n > 2 {
				return true
			}
		}
	}
	return false
}

// The limits of a text in columns: its bytes, and its runs of lines.
const (
	maxColumns = 128 << 10
	maxRuns    = 1_000
)

// columns keeps the lines of a text as they are, a block for each run of them.
// Of a run in which nothing is set in columns a paragraph is made.
func columns(text string) (d richtext.Doc, over error) {
	if len(text) > maxColumns {
		text, over = clip(text, maxColumns), tooMuch()
	}
	for chunk := range strings.SplitSeq(text, "\n\n") {
		if len(d.Blocks) >= maxRuns {
			over = tooMuch()
			break
		}
		chunk = strings.TrimRight(strings.Trim(chunk, "\n"), " \t\n")
		if strings.TrimSpace(chunk) == "" {
			continue
		}
		if strings.Contains(strings.TrimSpace(chunk), "   ") || odds(chunk) || strings.Count(chunk, "\n") > 1 && strings.Contains(chunk, "\n ") {
			d.Blocks = append(d.Blocks, richtext.Block{Kind: richtext.Preformatted, Text: []richtext.Span{{Text: chunk}}})
			continue
		}
		d.Blocks = append(d.Blocks, richtext.FromText(chunk).Blocks...)
	}
	return inForm(d, over)
}
