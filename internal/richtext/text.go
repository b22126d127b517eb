package richtext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FromText reads plain text as agencies and letter writers set it. An empty
// line ends a paragraph; so does a line that starts with white space. Lines
// that were broken at a column, as teleprinters and mail do it, are joined
// again; short lines stay as they are. Columns set with spaces, tabs or bars
// become preformatted text, and lines that all start with a bullet a list.
//
// It keeps to the same limits as FromHTML.
func FromText(s string) Doc {
	d, _ := ReadText(s)
	return d
}

// ReadText is FromText, and says whether something was cut off, as ReadHTML does.
func ReadText(s string) (Doc, error) {
	var over error
	if len(s) > maxInput {
		s, over = s[:maxInput], longInput(len(s), maxInput)
	}
	s = lineEnds(strings.ToValidUTF8(s, ""))
	if n := strings.Count(s, "\n"); n > maxLines {
		over = tooLarge(fmt.Sprintf("The text has %d lines; %d is the most.", n, maxLines))
		s = firstLines(s, maxLines)
	}
	var blocks []Block
	for chunk := range chunks(s) {
		if len(blocks) > maxBlocks {
			break
		}
		blocks = readChunk(blocks, chunk)
	}
	blocks, err := cut(blocks)
	return Doc{Blocks: blocks}, cmp.Or(over, err)
}

// lineEnds makes of all that ends a line or a paragraph one or two "\n".
func lineEnds(s string) string {
	if strings.ContainsAny(s, "\r\f") {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
		s = strings.ReplaceAll(s, "\f", "\n\n")
	}
	s = strings.ReplaceAll(s, "\u2029", "\n\n")
	return strings.ReplaceAll(s, "\u2028", "\n")
}

// firstLines returns the first n lines of s.
func firstLines(s string, n int) string {
	for i := range len(s) {
		if s[i] == '\n' {
			if n--; n == 0 {
				return s[:i]
			}
		}
	}
	return s
}

// chunks calls yield for each run of lines between empty lines.
func chunks(s string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		var chunk []string
		for line := range strings.SplitSeq(s, "\n") {
			line = strings.TrimRightFunc(line, unicode.IsSpace)
			if line != "" {
				chunk = append(chunk, line)
				continue
			}
			if len(chunk) > 0 && !yield(chunk) {
				return
			}
			chunk = nil
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}
}

// readChunk adds the blocks of a run of lines to blocks.
func readChunk(blocks []Block, lines []string) []Block {
	for len(lines) > 0 && len(blocks) <= maxBlocks {
		start, end := columns(lines)
		blocks = readProse(blocks, lines[:start])
		if start < end {
			text := strings.Join(lines[start:end], "\n")
			blocks = Block{Kind: Preformatted, Text: []Span{{Text: text}}}.tidy(blocks)
		}
		lines = lines[end:]
	}
	return blocks
}

// minColumns is how many lines beside prose make a table; a run of lines
// without prose needs two.
const minColumns = 3

// columns finds the first run of lines that are set in columns. Without one it
// returns len(lines) twice.
func columns(lines []string) (start, end int) {
	for start = 0; start < len(lines); start = end + 1 {
		for start < len(lines) && !columnar(lines[start]) {
			start++
		}
		end = start
		for end < len(lines) && (columnar(lines[end]) || end+1 < len(lines) && columnar(lines[end+1]) && short(lines[end])) {
			end++
		}
		if n := end - start; n >= minColumns || n >= 2 && n == len(lines) {
			return start, end
		}
	}
	return len(lines), len(lines)
}

// short reports whether a line is too short to be part of a paragraph: a
// heading between the rows of a table.
func short(line string) bool { return utf8.RuneCountInString(line) < minWrap }

// columnar reports whether a line is set in columns: it has a bar at its
// start, a tab, three spaces, or two that no sentence ends before.
func columnar(line string) bool {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "|") && strings.Count(line, "|") > 1 || strings.Contains(line, "\t") || strings.Contains(line, "   ") {
		return true
	}
	for rest := line; ; {
		i := strings.Index(rest, "  ")
		if i < 0 {
			return false
		}
		if before := rest[i-1]; !strings.ContainsRune(".!?:;\"')", rune(before)) && before < utf8.RuneSelf {
			return true
		}
		rest = strings.TrimLeft(rest[i:], " ")
	}
}

// readProse adds the paragraphs of lines to blocks.
func readProse(blocks []Block, lines []string) []Block {
	if len(lines) == 0 {
		return blocks
	}
	if items := bullets(lines); items != nil {
		return Block{Kind: List, Items: items}.tidy(blocks)
	}
	// A paragraph that was moved to the right as a whole.
	if !slices.ContainsFunc(lines, func(l string) bool { return !indented(l) }) && wrapped(lines) {
		return Block{Kind: Paragraph, Text: []Span{{Text: rejoin(lines)}}}.tidy(blocks)
	}
	for len(lines) > 0 && len(blocks) <= maxBlocks { // else cut would drop it
		n := paragraphEnd(lines)
		paragraphs := []string{rejoin(lines[:n])}
		if long(lines[:n]) {
			paragraphs = lines[:n] // each line is one, as in what people type today
		}
		for _, text := range paragraphs[:min(len(paragraphs), maxBlocks+1)] {
			blocks = Block{Kind: Paragraph, Text: []Span{{Text: text}}}.tidy(blocks)
		}
		lines = lines[n:]
	}
	return blocks
}

// paragraphEnd returns how many of lines the first paragraph has: up to the
// next line that starts with white space.
func paragraphEnd(lines []string) int {
	n := 1
	for n < len(lines) && !indented(lines[n]) {
		n++
	}
	return n
}

func indented(line string) bool {
	r, _ := utf8.DecodeRuneInString(line)
	return unicode.IsSpace(r)
}

// Between these widths, in characters, a line may have been broken by a machine.
const (
	minWrap = 45
	maxWrap = 100
)

// slack forgives machines that break a few characters early.
const slack = 4

// full reports whether a machine that breaks lines at width had no room after
// line for the first word of the next.
func full(line, next string, width int) bool {
	next, _, _ = strings.Cut(strings.TrimSpace(next), " ")
	n := utf8.RuneCountInString(strings.TrimSpace(line))
	return n >= minWrap && width <= maxWrap && n+1+utf8.RuneCountInString(next) >= width-slack
}

// widest is the width of the widest of lines.
func widest(lines []string) (width int) {
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(strings.TrimSpace(line)))
	}
	return width
}

// wrapped reports whether lines are one paragraph that a machine broke at a column.
func wrapped(lines []string) bool {
	return len(lines) > 1 && !strings.Contains(rejoin(lines), "\n")
}

// rejoin joins the lines that a machine broke with those they were broken
// from; line breaks stay where an author made them.
func rejoin(lines []string) string {
	var w strings.Builder
	width := widest(lines)
	for i, line := range lines {
		switch {
		case i == 0:
		case full(lines[i-1], line, width):
			w.WriteByte(' ')
		default:
			w.WriteByte('\n')
		}
		w.WriteString(strings.TrimSpace(line))
	}
	return w.String()
}

// long reports whether every line is longer than any machine breaks them.
func long(lines []string) bool {
	return !slices.ContainsFunc(lines, func(l string) bool { return utf8.RuneCountInString(l) <= maxWrap })
}

// bullets returns the items of lines that are a list: the first starts with a
// bullet, and so do at least two. It returns nil for anything else.
func bullets(lines []string) (items [][]Span) {
	var item []string // the lines of the item that is being read
	end := func() {
		if item != nil {
			items = append(items, []Span{{Text: strings.Join(item, " ")}})
		}
	}
	for _, line := range lines {
		line = strings.TrimSpace(line)
		text, ok := bullet(line)
		switch {
		case ok:
			end()
			item = []string{text}
		case item == nil:
			return nil
		default:
			item = append(item, line)
		}
	}
	if end(); len(items) < 2 {
		return nil
	}
	return items
}

func bullet(line string) (text string, ok bool) {
	for _, b := range []string{"• ", "* ", "· ", "‣ ", "- ", "– "} {
		if text, ok = strings.CutPrefix(line, b); ok {
			return text, true
		}
	}
	return "", false
}
