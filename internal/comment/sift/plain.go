package sift

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Plain is a text as words are looked for in it: small letters without accents,
// full width, or characters that cannot be seen; words with one space between
// them, around it and where the script changes from or to Chinese or Japanese.
// What stands between two letters of those scripts is left out, unless it ends
// a sentence: they have no borders of words.
func Plain(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 2)
	last := ' '   // the last letter that was written
	between := "" // what stood since: "" nothing, "-" something, "." the end of a sentence
	for _, r := range norm.NFC.String(strings.Map(bare, norm.NFKD.String(text))) {
		switch {
		case ends(r):
			between = "."
			continue
		case !letter(r):
			if between == "" {
				between = "-"
			}
			continue
		}
		if b.Len() == 0 || dense(last) != dense(r) || between == "." || between != "" && !dense(r) {
			b.WriteByte(' ')
		}
		between, last = "", r
		if r == 'ß' {
			b.WriteString("ss")
			continue
		}
		b.WriteRune(r)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String()
}

// bare is a letter of a decomposed text in small, and nothing for what cannot
// be seen and for accents. The marks of kana, and those that are vowels in the
// scripts of India, tell words apart and stay.
func bare(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), unseen(r), accent(r):
		return -1
	case r == 'ς': // at the end of a word
		return 'σ'
	case r == 'ı': // what a Turkish I is in small, and an English one is not
		return 'i'
	}
	return unicode.ToLower(r)
}

func accent(r rune) bool {
	return r >= 0x0300 && r <= 0x036f || r >= 0x1ab0 && r <= 0x1aff || r >= 0x1dc0 && r <= 0x1dff || r >= 0x20d0 && r <= 0x20ff || r >= 0xfe20 && r <= 0xfe2f ||
		r >= 0x064b && r <= 0x065f || r == 0x0640 // Arabic marks, and the letter that only lengthens
}

// unseen reports whether a letter shows nothing.
func unseen(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u2800', '\u3164', '\uffa0', '\u034f', '\u17b4', '\u17b5':
		return true
	}
	return false
}

func letter(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// ends reports whether a sentence or a line ends here.
func ends(r rune) bool { return strings.ContainsRune(".!?\n。｡", r) }

// dense reports whether r belongs to a script without borders of words.
func dense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r == 'ー' || r == 0x3099 || r == 0x309a
}
