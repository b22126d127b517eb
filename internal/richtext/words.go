package richtext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordsOf cuts spans into words, white space and other signs, each with its marks.
// Writing without spaces is cut into its characters.
func wordsOf(spans []Span) []Span {
	var words []Span
	for _, s := range spans {
		for rest := s.Text; rest != ""; {
			n := wordEnd(rest)
			words = append(words, s.say(rest[:n]))
			rest = rest[n:]
		}
	}
	return words
}

// A letterKind is what a character does in a word.
type letterKind int

const (
	sign    letterKind = iota // stands alone
	blank                     // white space
	letters                   // goes on with others
	glyph                     // is a word by itself
	attach                    // belongs to the character before it
	flag                      // half of a flag
)

func kindOf(r rune) letterKind {
	switch {
	case r == '\n':
		return sign
	case r < utf8.RuneSelf:
		switch {
		case r <= ' ':
			return blank
		case letter(byte(r)) || r == '_':
			return letters
		}
		return sign
	case unicode.IsSpace(r):
		return blank
	case r == '\u200d', r >= 0xfe00 && r <= 0xfe0f, r >= 0x1f3fb && r <= 0x1f3ff, r >= 0xe0020 && r <= 0xe01ef, unicode.IsMark(r):
		return attach
	case r >= 0x1f1e6 && r <= 0x1f1ff:
		return flag
	case r == 'ー' || r == '々' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return glyph
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return letters
	}
	return sign
}

// wordEnd returns where the first word of s ends.
func wordEnd(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	first, last := kindOf(r), r
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		next := kindOf(r)
		switch {
		case next == attach && first != blank && last != '\n':
		case last == '\u200d' && next != blank && r != '\n': // joined into one drawing
		case next == first && (first == letters || first == blank):
		case first == flag && next == flag && n == size:
		case first == letters && inner(last, s[n:]):
		default:
			return n
		}
		last = r
		n += size
	}
	return n
}

// inner reports whether rest, after a letter or digit, goes on with a sign that a
// word has inside it: the apostrophe of "don't", the point of "3.5".
func inner(last rune, rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	next, _ := utf8.DecodeRuneInString(rest[size:])
	switch r {
	case '\'', '’':
		return unicode.IsLetter(last) && unicode.IsLetter(next) && kindOf(next) == letters
	case '.', ',', ':':
		return unicode.IsDigit(last) && unicode.IsDigit(next)
	}
	return false
}

// says reports whether s, one of wordsOf, is a word rather than white space or a sign.
func (s Span) says() bool {
	r, _ := utf8.DecodeRuneInString(s.Text)
	switch kindOf(r) {
	case letters, glyph, flag:
		return true
	}
	return false
}

// join is the spans that words were cut from.
func join(words []Span) []Span {
	var out []Span
	var text strings.Builder
	for i, s := range words {
		text.WriteString(s.Text)
		if i+1 == len(words) || words[i+1].marks() != s.marks() {
			out = append(out, s.say(text.String()))
			text.Reset()
		}
	}
	return out
}
