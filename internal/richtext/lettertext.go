package richtext

import (
	"fmt"
	"strings"
)

// glue stands for a space at which no line is broken, until the lines are.
const glue = "\ue000"

// LetterText returns the body as plain text for a letter: as Text, in lines of at most so
// many columns. Where words are a link there is a number after them, and the address, as
// to makes it, stands under the text beside that number. No address is broken.
func (d Doc) LetterText(columns int, to func(href string) string) string {
	n := notes{to: to, columns: columns, numbers: map[string]int{}}
	var parts []string
	for _, b := range d.Blocks {
		if s := n.block(b); s != "" {
			parts = append(parts, s)
		}
	}
	if len(n.list) > 0 {
		parts = append(parts, strings.Join(n.list, "\n"))
	}
	return strings.ReplaceAll(strings.Join(parts, "\n\n"), glue, " ")
}

// notes are the addresses of a text, as they are met.
type notes struct {
	to      func(href string) string
	columns int
	numbers map[string]int // by address
	list    []string
}

func (n *notes) block(b Block) string {
	var lines []string
	add := func(text, first, rest string) {
		if text != "" {
			lines = append(lines, wrap(text, n.columns, first, rest))
		}
	}
	switch b.Kind {
	case Preformatted: // its lines are as they were meant
		return n.line(b.Text)
	case Figure:
		return ""
	case Embed:
		add(b.Title, "", "")
		add(n.to(b.URL), "", "")
		return strings.Join(lines, "\n")
	}
	add(n.line(b.Text), "", "")
	add(n.line(b.Attribution), "— ", "  ")
	for i, item := range b.Items {
		point := "• "
		if b.Ordered {
			point = fmt.Sprintf("%d. ", i+1)
		}
		add(n.line(item), point, strings.Repeat(" ", cells(point)))
	}
	for _, row := range b.Rows {
		var line []string
		for _, cell := range row.Cells {
			line = append(line, strings.ReplaceAll(n.line(cell), "\n", " "))
		}
		add(strings.Trim(strings.Join(line, " | "), " |"), "", "  ")
	}
	return strings.Join(lines, "\n")
}

// line is a line of text with the numbers of its links.
func (n *notes) line(spans []Span) string {
	var b strings.Builder
	for i := 0; i < len(spans); {
		href, end := spans[i].Href, i+1
		for end < len(spans) && spans[end].Href == href {
			end++
		}
		text := Plain(spans[i:end])
		i = end
		words := strings.TrimRight(text, " \n")
		switch {
		case words == "" || href == "" || !allowedHref(href):
			b.WriteString(text)
			continue
		case words == href || words == display(href) || "mailto:"+words == href:
			b.WriteString(n.itself(words, href))
		default:
			fmt.Fprintf(&b, "%s%s[%d]", words, glue, n.number(href))
		}
		b.WriteString(text[len(words):])
	}
	return b.String()
}

// itself is a link whose words are its address.
func (n *notes) itself(words, href string) string {
	if strings.HasPrefix(href, "mailto:") {
		return words
	}
	return n.to(href)
}

// number is the number of an address, which is the same each time.
func (n *notes) number(href string) int {
	to := n.to(href)
	at, ok := n.numbers[to]
	if !ok {
		at = len(n.list) + 1
		n.numbers[to] = at
		n.list = append(n.list, fmt.Sprintf("[%d]%s%s", at, glue, strings.TrimPrefix(to, "mailto:")))
	}
	return at
}
