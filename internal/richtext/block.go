package richtext

import "strings"

// maxLine is the longest alternative text, title, credit or reference of a
// picture, in characters.
const maxLine = 1000

// tidy adds b in its canonical form to out: nothing when it shows nothing.
func (b Block) tidy(out []Block) []Block {
	switch b.Kind {
	case Paragraph:
		b = Block{Kind: b.Kind, Text: tidy(b.Text)}
	case CrossHead:
		for i, s := range b.Text {
			if s.Strong {
				b.Text = unbold(b.Text, i)
				break
			}
		}
		b = Block{Kind: b.Kind, Text: tidy(b.Text)}
	case Preformatted:
		b = Block{Kind: b.Kind, Text: tidyPre(b.Text)}
	case Quote:
		b = Block{Kind: b.Kind, Text: tidy(b.Text), Attribution: trimLeft(tidy(b.Attribution), attributionDashes)}
	case List:
		b = Block{Kind: b.Kind, Ordered: b.Ordered, Items: tidyItems(b.Items)}
		if b.Items == nil {
			return out
		}
		return append(out, b)
	case Table:
		return b.tidyTable(out)
	case Figure:
		b = Block{
			Kind: b.Kind, Text: tidy(b.Text), Picture: tidyLine(b.Picture), Credit: tidyLine(b.Credit),
			Alt: tidyLine(b.Alt), URL: b.URL, Video: tidyLine(b.Video),
		}
		if b.Picture == "" && b.URL == "" && b.Video == "" {
			return Block{Kind: Paragraph, Text: b.Text}.tidy(out)
		}
		return append(out, b)
	case Embed:
		b = Block{Kind: b.Kind, URL: b.URL, Title: tidyLine(b.Title)}
		if b.Title == "" {
			b.Title = tidyLine(display(b.URL))
		}
		return append(out, b)
	}
	if b.Text == nil {
		return out
	}
	return append(out, b)
}

// unbold returns text without strong marks: a cross-head is bold by itself.
func unbold(text []Span, from int) []Span {
	text = append([]Span(nil), text...)
	for i := from; i < len(text); i++ {
		text[i].Strong = false
	}
	return text
}

// tidyItems returns items in their canonical form, without empty ones.
func tidyItems(items [][]Span) (out [][]Span) {
	for _, item := range items {
		if text := tidy(item); text != nil {
			out = append(out, text)
		}
	}
	return out
}

// tidyTable drops rows in which nothing stands. What is left with one column,
// no headings and no caption is not a table but paragraphs.
func (b Block) tidyTable(out []Block) []Block {
	t := Block{Kind: Table, Text: tidy(b.Text)}
	plain, columns := t.Text == nil, 0
	for _, row := range b.Rows {
		cells, shown := make([][]Span, len(row.Cells)), false
		for i, cell := range row.Cells {
			if cells[i] = tidy(cell); cells[i] == nil {
				cells[i] = []Span{} // "[]" in JSON, not "null"
				continue
			}
			shown = true
		}
		if !shown {
			continue
		}
		t.Rows = append(t.Rows, Row{Head: row.Head, Cells: cells})
		plain = plain && !row.Head
		columns = max(columns, len(cells))
	}
	switch {
	case t.Rows == nil:
		return Block{Kind: Paragraph, Text: t.Text}.tidy(out)
	case plain && columns < 2:
		for _, row := range t.Rows {
			out = append(out, Block{Kind: Paragraph, Text: row.Cells[0]})
		}
		return out
	}
	return append(out, t)
}

// tidyLine returns s in its canonical form on one line, and not too long.
func tidyLine(s string) string {
	s = flat(Plain(tidy([]Span{{Text: strings.ReplaceAll(s, "\n", " ")}})))
	return shorten(s, maxLine)
}
