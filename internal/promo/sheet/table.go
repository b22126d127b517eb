package sheet

// cellLines is how many lines a cell of a table has at most: a row keeps together.
const cellLines = 5

var (
	headStyle = style{bold, 8.5, ink}
	cellStyle = style{plain, 9, ink}
)

const (
	gap     = 10.0 // between columns
	rowLead = 12.0
	rowPad  = 2.6
)

// table sets a table over the measure; on each new page its head again.
func (p *press) table(t *Table) {
	if len(t.Rows) == 0 {
		return
	}
	columns := t.columns()
	head := func() {}
	if len(t.Head) > 0 {
		head = func() {
			p.row(t.Head, columns, headStyle)
			p.rule(left, right, p.y, 0.8, ink)
		}
	}
	highest := highOf(t.Head, columns, headStyle) + highOf(t.Rows[0], columns, cellStyle)
	p.need(highest)
	head()
	for _, row := range t.Rows {
		if p.need(highOf(row, columns, cellStyle)) {
			head()
		}
		p.row(row, columns, cellStyle)
		p.rule(left, right, p.y, 0.4, hair)
	}
}

// columns are the widths that a table's columns have: what they need, and an equal part of
// what is left; a part of it where they need too much.
func (t *Table) columns() []float64 {
	var widths []float64
	see := func(row []string, s style) {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], s.wide(clean(cell))+gap)
		}
	}
	see(t.Head, headStyle)
	for _, row := range t.Rows {
		see(row, cellStyle)
	}
	sum := 0.0
	for _, w := range widths {
		sum += w
	}
	for i := range widths {
		switch {
		case sum > measure:
			widths[i] *= measure / sum
		case len(widths) == 1:
			widths[i] = measure
		case i > 0:
			widths[i] += (measure - sum) / float64(len(widths)-1)
		}
	}
	return widths
}

func highOf(row []string, columns []float64, s style) float64 {
	most := 1
	for i, cell := range row {
		most = max(most, len(s.few(cell, columns[i]-gap, cellLines)))
	}
	return float64(most)*rowLead + 2*rowPad
}

func (p *press) row(row []string, columns []float64, s style) {
	high, x := highOf(row, columns, s), left
	for i, cell := range row {
		y := p.y - rowPad - rowLead*0.76
		for _, line := range s.few(cell, columns[i]-gap, cellLines) {
			at := x
			if i > 0 { // numbers stand below one another
				at = x + columns[i] - s.wide(line)
			}
			p.text(at, y, line, s)
			y -= rowLead
		}
		x += columns[i]
	}
	p.y -= high
}
