package richtext

import (
	"strings"

	"golang.org/x/text/width"
)

// Wrap breaks the lines of a text so that none is wider than columns, as long as that
// can be done between words. A word is never broken, and so no address is; Chinese and
// Japanese writing breaks between its signs. Signs of that writing are two columns wide.
func Wrap(text string, columns int) string { return wrap(text, columns, "", "") }

// wrap is Wrap with what stands before the first line and before all others.
func wrap(text string, columns int, first, rest string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		b, at := strings.Builder{}, first
		b.WriteString(at)
		used, empty := cells(at), true
		for _, u := range unbroken(line) {
			need := cells(u.text)
			if u.space && !empty {
				need++
			}
			switch {
			case empty:
			case used+need > columns:
				lines = append(lines, b.String())
				b.Reset()
				b.WriteString(rest)
				used, need = cells(rest), cells(u.text)
			case u.space:
				b.WriteByte(' ')
			}
			b.WriteString(u.text)
			used, empty = used+need, false
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
		first = rest
	}
	return strings.Join(lines, "\n")
}

// A run is what stays on one line.
type run struct {
	text  string
	space bool // there is one before it
}

// unbroken takes a line apart where it may be broken.
func unbroken(line string) (list []run) {
	for i, word := range strings.Split(line, " ") {
		if word == "" {
			continue
		}
		space := i > 0
		if strings.Contains(word, "://") {
			list = append(list, run{word, space})
			continue
		}
		start, before := 0, rune(0)
		for at, r := range word {
			if at > 0 && (wide(before) || wide(r)) && !strings.ContainsRune(neverFirst, r) && !strings.ContainsRune(neverLast, before) {
				list = append(list, run{word[start:at], space})
				start, space = at, false
			}
			before = r
		}
		list = append(list, run{word[start:], space})
	}
	return list
}

// Signs that begin no line, and that end none.
const (
	neverFirst = "、。，．・：；？！ー」』）】〕〉》”’…ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々)]}.,:;!?%" + glue
	neverLast  = "「『（【〔〈《“‘([{" + glue
)

// cells is how many columns a text takes.
func cells(text string) (n int) {
	for _, r := range text {
		n++
		if wide(r) {
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	if r < 0x1100 {
		return false
	}
	k := width.LookupRune(r).Kind()
	return k == width.EastAsianWide || k == width.EastAsianFullwidth
}
