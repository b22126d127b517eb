package richtext

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain returns the text of spans without their marks.
func Plain(spans []Span) string {
	if len(spans) == 1 {
		return spans[0].Text
	}
	var w strings.Builder
	for _, s := range spans {
		w.WriteString(s.Text)
	}
	return w.String()
}

// Text returns the body as plain text: blocks separated by an empty line, the
// items of a list and the rows of a table on a line each, cells by tabs. A
// figure is its caption and credit, an embed its title and address.
func (d Doc) Text() string {
	var parts []string
	for _, b := range d.Blocks {
		if s := b.plain(); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "\n\n")
}

func (b Block) plain() string {
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	add(Plain(b.Text))
	switch b.Kind {
	case Quote:
		if who := Plain(b.Attribution); who != "" {
			add("— " + who)
		}
	case List:
		for i, item := range b.Items {
			point := "• "
			if b.Ordered {
				point = strconv.Itoa(i+1) + ". "
			}
			add(point + Plain(item))
		}
	case Table:
		for _, row := range b.Rows {
			cells := make([]string, len(row.Cells))
			for i, cell := range row.Cells {
				cells[i] = flat(Plain(cell))
			}
			add(strings.Join(cells, "\t"))
		}
	case Figure:
		add(b.Credit)
	case Embed:
		add(b.Title)
		add(b.URL)
	}
	return strings.Join(lines, "\n")
}

// Words counts the words that a reader reads: pictures, embeds and credits do
// not count. Two characters of Chinese, Japanese, Korean or Thai writing, which
// has few or no spaces, count as one word.
func (d Doc) Words() int {
	words, signs := 0, 0
	for _, b := range d.Blocks {
		switch b.Kind {
		case Figure, Embed:
			continue
		}
		inWord := false
		for _, r := range b.plain() {
			switch {
			case r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai):
				signs++
				inWord = false
			case unicode.IsLetter(r) || unicode.IsNumber(r):
				if !inWord {
					words++
				}
				inWord = true
			case unicode.IsSpace(r) || r == '—' || r == '–' || r == '/':
				inWord = false
			}
		}
	}
	return words + (signs+1)/2
}

// FirstSentence returns the first sentence of the first paragraph or quote, at
// most limit characters long; "…" shows where it was cut. It makes the
// description of an article and the working title of an alert without one.
func (d Doc) FirstSentence(limit int) string {
	for _, b := range d.Blocks {
		if b.Kind == Paragraph || b.Kind == Quote {
			return shorten(sentence(flat(Plain(b.Text))), limit)
		}
	}
	for _, b := range d.Blocks {
		if text := flat(b.plain()); text != "" && b.Kind != Figure && b.Kind != Embed {
			return shorten(sentence(text), limit)
		}
	}
	return ""
}

// sentence returns the first sentence of s. A full stop ends one when white
// space follows and then no lower-case letter, and when what stands before it
// is neither an initial nor a known abbreviation.
func sentence(s string) string {
	for i, r := range s {
		end := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？', '｡':
			return s[:closing(s, end)]
		case '!', '?', '.', '…':
			end = closing(s, end)
			if end == len(s) {
				return s
			}
			rest := strings.TrimLeftFunc(s[end:], unicode.IsSpace)
			next, _ := utf8.DecodeRuneInString(rest)
			if len(rest) == len(s)-end || unicode.IsLower(next) || r == '.' && abbreviated(s[:i]) {
				continue
			}
			return s[:end]
		}
	}
	return s
}

// closing moves end past quotation marks and brackets that belong to the sentence.
func closing(s string, end int) int {
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !strings.ContainsRune(`.!?)]"'”’»」』）`, r) {
			return end
		}
		end += size
	}
	return end
}

// abbreviations are words before a full stop that does not end a sentence.
var abbreviations = set("mr mrs ms dr prof st gen col lt sgt capt gov sen rep rev hon jr sr no vs inc ltd co corp dept " +
	"jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m e.g i.e u.s u.n u.k mm mme mlle")

// abbreviated reports whether s ends with an initial or a known abbreviation.
func abbreviated(s string) bool {
	word := s[strings.LastIndexFunc(s, unicode.IsSpace)+1:]
	word = strings.TrimLeft(word, `("'“‘«[`)
	if letter, size := utf8.DecodeRuneInString(word); size == len(word) && unicode.IsUpper(letter) {
		return true
	}
	return abbreviations[strings.ToLower(word)]
}

// shorten cuts s to at most limit characters at the end of a word, with "…".
func shorten(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	kept := runes[:limit-1]
	for i := len(kept); i > len(kept)*2/3; i-- {
		if unicode.IsSpace(runes[i]) {
			kept = kept[:i]
			break
		}
	}
	return strings.TrimRightFunc(string(kept), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsPunct(r) && !strings.ContainsRune(`)]”’"'»」』`, r)
	}) + "…"
}
