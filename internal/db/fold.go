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

// Marks are what a column can say of a folded text in 256 bits: one is set for each
// three letters in a row, and for each two of a script that writes words without
// spaces. A text that has all marks of a word may hold the word; one that lacks a
// mark does not. To compare them is much quicker than to read the text.
type Marks [4]int64

// MarksOf returns the marks of a folded text.
func MarksOf(folded string) (m Marks) {
	runes := []rune(folded)
	for i := range runes {
		n := 3
		if runes[i] >= firstDense {
			n = 2
		}
		if i+n > len(runes) {
			continue
		}
		part := runes[i : i+n]
		if strings.ContainsRune(string(part), ' ') {
			continue // words are looked for one by one
		}
		hash := uint32(2166136261) // FNV-1a
		for _, r := range part {
			hash = (hash ^ uint32(r)) * 16777619
		}
		hash ^= hash >> 15
		m[hash>>6&3] |= 1 << (hash & 63)
	}
	return m
}

// firstDense begins the scripts of East Asia, whose words have two letters and no
// spaces.
const firstDense = 0x2e80
