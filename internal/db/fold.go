package db

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters have no decomposition in Unicode.
var letters = map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i"}

// Fold is a text as it is looked for: without case, accents and the width of its
// letters, its words one space apart. Both databases compare it byte by byte.
func Fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if other, ok := letters[r]; ok {
			b.WriteString(other)
			continue
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
