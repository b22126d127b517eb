package richtext

import "strconv"

// maxSpan is how many columns or rows one cell may reach over.
const maxSpan = 50

// table reads a table of data, or the content of one that only lays out a page.
func (r *reader) table(n *node, m Span) {
	if layout(n) {
		r.flow(n, m)
		return
	}
	b := Block{Kind: Table}
	var reach []int // by column: how many more rows a cell from above takes
	var rows func(*node, bool)
	rows = func(n *node, head bool) {
		for _, c := range n.children {
			switch c.name {
			case "caption":
				b.Text = r.phrase(c, m)
			case "tr":
				if r.cells > maxPieces {
					r.lose(manyPieces(r.cells, maxPieces))
					return // cut would drop it
				}
				b.Rows = append(b.Rows, r.row(c, m, head, &reach))
			case "thead", "tbody", "tfoot":
				rows(c, c.name == "thead")
			case "col", "colgroup":
			default:
				// What strays between rows is shown before the table, as browsers do.
				r.flow(&node{children: []*node{c}}, m)
			}
		}
	}
	rows(n, false)
	r.emit(b)
}

// row reads one row. A cell that reaches over several columns or rows is
// followed by empty ones, so that the others stay in their columns.
func (r *reader) row(n *node, m Span, head bool, reach *[]int) Row {
	row := Row{Head: true}
	fill := func() {
		for i := len(row.Cells); i < len(*reach) && (*reach)[i] > 0; i = len(row.Cells) {
			(*reach)[i]--
			row.Cells = append(row.Cells, nil)
		}
	}
	headings := 0
	for _, c := range n.children {
		if c.name != "td" && c.name != "th" {
			continue
		}
		fill()
		text := r.phrase(c, m)
		if c.name == "th" {
			headings++
		} else if text != nil {
			row.Head = head
		}
		down := span(c, "rowspan") - 1
		for range span(c, "colspan") {
			row.Cells = append(row.Cells, text)
			text = nil
			if down == 0 {
				continue
			}
			for len(*reach) < len(row.Cells) {
				*reach = append(*reach, 0)
			}
			(*reach)[len(row.Cells)-1] = down
		}
	}
	fill()
	r.cells += len(row.Cells)
	row.Head = row.Head && (head || headings > 0)
	return row
}

func span(n *node, key string) int {
	value := n.get(key)
	if value == "" {
		return 1
	}
	count, err := strconv.Atoi(value)
	if err != nil {
		return 1
	}
	return min(max(count, 1), maxSpan)
}

// layout reports whether a table holds the parts of a page rather than data:
// it has neither headings nor a caption, and has one column, or parts that no
// cell of data has.
func layout(n *node) bool {
	if n.below&heading != 0 {
		return false
	}
	if n.below&part != 0 {
		return true
	}
	columns := 0
	n.all("tr", func(tr *node) {
		count := 0
		for _, c := range tr.children {
			if c.name == "td" {
				count += span(c, "colspan")
			}
		}
		columns = max(columns, count)
	})
	return columns < 2
}
