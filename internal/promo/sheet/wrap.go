package sheet

import (
	"slices"
	"strings"
)

// What no Japanese line begins with, and what none ends with.
const (
	neverFirst = "、。，．・：；？！ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ）〕］｝〉》」』】’”…‥"
	neverLast  = "（〔［｛〈《「『【‘“"
)

// wrap cuts a text into lines of a width: between words, between letters of Japanese, and
// inside of a word that is longer than a line.
func (s style) wrap(text string, width float64) (lines []string) {
	letters := []rune(clean(text))
	room := int(width*1000/s.size + 0.5) // what was measured fits again
	start, cut, used := 0, 0, 0
	for i := 0; i < len(letters); i++ { // i goes back to where a line begins
		if i > start && mayBreak(letters[i-1], letters[i]) {
			cut = i
		}
		used += s.face.wide(letters[i])
		if used <= room || i == start || letters[i] == ' ' {
			continue
		}
		if cut <= start {
			cut = i
		}
		lines = append(lines, strings.TrimRight(string(letters[start:cut]), " "))
		start, used = cut, 0
		i = start - 1
	}
	if start < len(letters) {
		lines = append(lines, strings.TrimRight(string(letters[start:]), " "))
	}
	return lines
}

// mayBreak reports whether a line may end between two letters.
func mayBreak(a, b rune) bool {
	switch {
	case b == ' ':
		return false
	case a == ' ' || a == '-' || a == '–' || a == '—' || a == '/':
		return true
	case strings.ContainsRune(neverFirst, b) || strings.ContainsRune(neverLast, a):
		return false
	}
	return square(a) || square(b)
}

// square are the letters of writing without spaces.
func square(r rune) bool { return '\u2e80' <= r && r <= '\uffef' || r >= 0x20000 }

// short is the first line of a text; an ellipsis says that there is more of it.
func (s style) short(text string, width float64) string {
	lines := s.wrap(text, width)
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return lines[0]
	}
	return s.ended(lines[0], width)
}

// ended puts an ellipsis at the end of a line, in its width.
func (s style) ended(line string, width float64) string {
	letters := []rune(line)
	for len(letters) > 0 && s.wide(string(letters)+"…") > width {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimRight(string(letters), " ") + "…"
}

// few is a text in so many lines at most.
func (s style) few(text string, width float64, most int) []string {
	lines := s.wrap(text, width)
	if len(lines) > most {
		lines = slices.Clone(lines[:most])
		lines[most-1] = s.ended(lines[most-1], width)
	}
	return lines
}
