package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A Piece is a part of a text: what was looked for, or what stands around it.
type Piece struct {
	Text   string
	Marked bool
}

// A hit is where a term stands in a text.
type hit struct {
	start, end int
	term       int
}

// hits finds where a text says what was looked for, in the order of the text; none
// reaches into another.
func hits(text string, terms []term) (list []hit) {
	tokens := analyse(text)
	for i, t := range terms {
		if t.not || len(t.words) == 0 {
			continue
		}
		for at := range tokens {
			if n := len(t.words); at+n <= len(tokens) && t.fits(tokens[at:at+n]) {
				end := tokens[at+n-1].end
				if t.prefix { // only the beginning of it was typed
					_, size := utf8.DecodeRuneInString(text[tokens[at+n-1].start:])
					end = tokens[at+n-1].start + size
				}
				list = append(list, hit{tokens[at].start, end, i})
			}
		}
	}
	slices.SortFunc(list, func(a, b hit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	reached := 0
	return slices.DeleteFunc(list, func(h hit) bool {
		if h.start < reached {
			return true
		}
		reached = h.end
		return false
	})
}

// fits reports whether tokens are what the term looks for.
func (t term) fits(tokens []token) bool {
	for i, w := range t.words {
		if tokens[i].word != w && !(t.prefix && i == len(t.words)-1 && strings.HasPrefix(tokens[i].word, w)) {
			return false
		}
	}
	return true
}

// mark divides a whole text at what was looked for.
func mark(text string, terms []term) []Piece {
	text = norm.NFC.String(text)
	return pieces(text, hits(text, terms), 0, len(text))
}

func pieces(text string, list []hit, from, to int) (out []Piece) {
	for _, h := range list {
		if h.start < from || h.end > to {
			continue
		}
		if h.start > from {
			out = append(out, Piece{Text: text[from:h.start]})
		}
		out = append(out, Piece{text[h.start:h.end], true})
		from = h.end
	}
	if from < to {
		out = append(out, Piece{Text: text[from:to]})
	}
	return out
}

const (
	// before is how much of the text stands before the first thing that was found,
	// wide how much all of a passage is, in bytes.
	before = 60
	wide   = 260
)

// passage is the part of an article that says most of what was looked for: of the
// standfirst if that says any of it, else of the body.
func passage(standfirst, body string, terms []term) []Piece {
	for _, text := range []string{standfirst, body} {
		text = norm.NFC.String(strings.Join(strings.Fields(text), " "))
		if list := hits(text, terms); len(list) > 0 {
			from, to := window(text, list)
			return trimmed(text, pieces(text, list, from, to), from, to)
		}
	}
	text := strings.Join(strings.Fields(standfirst), " ")
	if text == "" {
		text = strings.Join(strings.Fields(body), " ")
	}
	to := wordEnd(text, wide)
	return trimmed(text, pieces(text, nil, 0, to), 0, to)
}

// window is the part of the text in which most different terms stand, and of those
// the first.
func window(text string, list []hit) (from, to int) {
	bestCount, at := 0, 0
	for i := range list {
		terms := map[int]bool{}
		for _, h := range list[i:] {
			if h.end-list[i].start > wide-before {
				break
			}
			terms[h.term] = true
		}
		if len(terms) > bestCount {
			bestCount, at = len(terms), i
		}
	}
	if from = wordStart(text, list[at].start-before); from > list[at].start {
		from = list[at].start
	}
	return from, max(wordEnd(text, from+wide), list[at].end)
}

// wordStart is where a word begins at or after a place.
func wordStart(text string, at int) int {
	if at <= 0 {
		return 0
	}
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	if i := strings.IndexByte(text[at:min(at+30, len(text))], ' '); i >= 0 {
		return at + i + 1
	}
	return at // no spaces: a script without them
}

// wordEnd is where a word ends at or before a place.
func wordEnd(text string, at int) int {
	if at >= len(text) {
		return len(text)
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	if i := strings.LastIndexByte(text[max(at-30, 0):at], ' '); i >= 0 {
		return max(at-30, 0) + i
	}
	return at
}

// trimmed says with dots that the text goes on.
func trimmed(text string, list []Piece, from, to int) []Piece {
	if from > 0 {
		list = slices.Insert(list, 0, Piece{Text: "… "})
	}
	if to < len(text) {
		list = append(list, Piece{Text: " …"})
	}
	return list
}
