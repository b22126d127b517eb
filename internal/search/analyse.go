package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A token is a word as it is looked for, with where it stands in the text that it
// was taken from.
type token struct {
	word       string
	start, end int  // bytes of the text in its form NFC
	single     bool // one character of a script without spaces, at the end of its run
}

const (
	// maxWord is how many characters of a word count.
	maxWord = 64
	// maxTokens is how many words of one text are looked at, and most how many times
	// one of them. PostgreSQL knows no place above 16,383 and no more than 255 places
	// of one word; both databases are held to that, so that they find the same.
	maxTokens = 16_000
	most      = 250
)

// analyse takes the words of a text that is in the form NFC. Case, accents, the
// width of letters and the English plural do not count. Scripts without spaces
// between words are taken as pairs of characters, each with its neighbour, and the
// last of a run once more by itself.
func analyse(text string) []token {
	tokens := make([]token, 0, min(len(text)/5+1, maxTokens))
	var run []char
	joined := false // an apostrophe stands between the run before and this one
	flush := func() {
		if len(run) > 0 && !(joined && len(run) == 1 && run[0].r == 's') {
			tokens = appendRun(tokens, run)
		}
		run = run[:0]
	}
	for i := 0; i < len(text) && len(tokens) < maxTokens; {
		if len(run) == 0 && plain(text[i]) {
			if end := plainEnd(text, i); end > i {
				if !joined || end != i+1 || text[i]|0x20 != 's' {
					tokens = append(tokens, plainWord(text, i, end))
				}
				i = end
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		end := i + size
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.No, r):
			run = appendChar(run, text[i:end], i, end)
		case unicode.IsMark(r) && len(run) > 0:
			run = appendChar(run, text[i:end], i, end)
		case invisible(r):
			// what cannot be seen divides no word
		default:
			flush()
			joined = r == '\'' || r == '’'
		}
		i = end
	}
	flush()
	return tokens[:min(len(tokens), maxTokens)]
}

// plainEnd is where a word of nothing but ASCII ends that begins at a place, as most
// do; the place itself where there is none.
func plainEnd(text string, at int) int {
	end := at
	for end < len(text) && plain(text[end]) {
		end++
	}
	if end < len(text) && text[end] >= utf8.RuneSelf {
		return at // it may go on
	}
	return end
}

func plain(b byte) bool { return b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z' }

// plainWord is wordOf for such a word.
func plainWord(text string, start, end int) token {
	word := strings.ToLower(text[start:min(end, start+maxWord)])
	return token{stem(word), start, end, false}
}

// invisible characters stand inside of words: soft hyphens, joiners, directions.
func invisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// A char is one character after folding, with where its original stands.
type char struct {
	r          rune
	start, end int
}

// letters have no decomposition in Unicode.
func letters(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ł':
		return "l"
	case 'ı':
		return "i"
	}
	return ""
}

// appendChar folds one character of the text.
func appendChar(run []char, original string, start, end int) []char {
	if original[0] < 0x80 { // most are
		return append(run, char{unicode.ToLower(rune(original[0])), start, end})
	}
	if r := []rune(original)[0]; r >= 0xac00 && r <= 0xd7a3 { // a whole syllable of Hangul
		return append(run, char{r, start, end})
	}
	for _, r := range norm.NFKD.String(original) {
		r = unicode.ToLower(r)
		switch other := letters(r); {
		case accent(r):
			if len(run) > 0 {
				run[len(run)-1].end = end
			}
		case voiced(r) && len(run) > 0:
			// か with its mark is が, another letter: they are one again.
			last := &run[len(run)-1]
			if both := []rune(norm.NFC.String(string([]rune{last.r, r}))); len(both) == 1 {
				last.r = both[0]
			}
			last.end = end
		case other != "":
			for _, o := range other {
				run = append(run, char{o, start, end})
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			run = append(run, char{r, start, end})
		}
	}
	return run
}

// accent marks do not count: those of Latin, Greek and Cyrillic letters, the points
// of Hebrew and the vowels of Arabic.
func accent(r rune) bool {
	return r >= 0x300 && r <= 0x36f || r >= 0x591 && r <= 0x5c7 && unicode.Is(unicode.Mn, r) ||
		r >= 0x610 && r <= 0x61a || r >= 0x64b && r <= 0x65f || r == 0x670 || r == 0x640
}

// voiced marks make another kana of one.
func voiced(r rune) bool { return r == 0x3099 || r == 0x309a }

// spaceless reports whether a script writes no spaces between words.
func spaceless(r rune) bool {
	return r >= 0x0e00 && (r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}

// appendRun adds the words of letters that stand together.
func appendRun(tokens []token, run []char) []token {
	for len(run) > 0 {
		n := 1
		for n < len(run) && spaceless(run[n].r) == spaceless(run[0].r) {
			n++
		}
		if spaceless(run[0].r) {
			tokens = appendPairs(tokens, run[:n])
		} else {
			tokens = append(tokens, wordOf(run[:n]))
		}
		run = run[n:]
	}
	return tokens
}

// appendPairs adds each character with the next, and the last by itself.
func appendPairs(tokens []token, run []char) []token {
	for i, c := range run {
		if i == len(run)-1 {
			return append(tokens, token{string(c.r), c.start, c.end, true})
		}
		tokens = append(tokens, token{string([]rune{c.r, run[i+1].r}), c.start, run[i+1].end, false})
	}
	return tokens
}

func wordOf(run []char) token {
	var b strings.Builder
	for _, c := range run[:min(len(run), maxWord)] {
		b.WriteRune(c.r)
	}
	return token{stem(b.String()), run[0].start, run[len(run)-1].end, false}
}

// stem takes the English plural away, and nothing else (Harman's S stemmer): votes
// and vote are one word, voting and voter are others.
func stem(word string) string {
	if len(word) < 4 || word[len(word)-1] != 's' {
		return word
	}
	switch {
	case strings.HasSuffix(word, "ies"):
		if c := word[len(word)-4]; c == 'e' || c == 'a' {
			return word
		}
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "us"), strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "is"), word == "news":
		return word
	case strings.HasSuffix(word, "xes"), strings.HasSuffix(word, "ches"), strings.HasSuffix(word, "shes"), strings.HasSuffix(word, "sses"):
		return word[:len(word)-2]
	}
	return word[:len(word)-1]
}

// words are the words of some texts, in their order.
func words(texts ...string) (list []string) {
	for _, text := range texts {
		for _, t := range analyse(norm.NFC.String(text)) {
			list = append(list, t.word)
		}
		list = append(list, gap) // no phrase reaches from one text into the next
	}
	return list
}

// held holds words to what both databases can keep. gap stands where a word came too
// often. Of what comes after the last place, as in a long live report, each other word
// is kept once and by itself: it is found, but not as a part of a phrase.
func held(list []string) []string {
	placed, rest := list[:min(len(list), maxTokens)], list[min(len(list), maxTokens):]
	times := make(map[string]int, len(placed))
	for i, w := range placed {
		if times[w]++; times[w] > most {
			placed[i] = gap
		}
	}
	held := slices.Clip(placed)
	for _, w := range rest {
		if times[w] == 0 && w != gap && len(held) < 3*maxTokens {
			times[w]++
			held = append(held, gap, w)
		}
	}
	return held
}

// gap is a place where no word stands. No word of a text can look like it.
const gap = "_"
