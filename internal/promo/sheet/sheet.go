// Package sheet writes a report of text, tables of numbers and plots as pages of A4 (PDF
// 1.7): bytes out, and nothing of ours imported.
//
// A report is told from top to bottom: whose it is, a headline, a lead, and parts, each
// with a title and a plot, a table or text. What has no place on a page goes on to the
// next, where a table has its head again. The same report always gives the same bytes.
//
// No font is in the file. Text is Helvetica, which every reader of PDF has. What Helvetica
// lacks is asked of the reader's own Japanese font: Japanese, and whatever else that has.
// A letter that neither knows is a gap, and nothing is set from right to left.
package sheet

import "time"

// A Report is what a sheet tells.
type Report struct {
	Lang     string // as in HTML: "en"
	From     string // who reports
	Made     time.Time
	When     string // the same in words, beside who reports
	Kicker   string // what sort of report it is
	Headline string
	Lead     string
	Parts    []Part
	Page     func(n, of int) string // the words at the foot of a page; may be nil
}

// A Part is a piece of a report; what it does not have is left out.
type Part struct {
	Title string
	Plot  *Plot
	Table *Table
	Text  string // paragraphs, a line each
}

// A Plot is a bar for each of some things in an order, such as days.
type Plot struct {
	Bars   []Bar
	Number func(int) string // how the numbers at its side are written
}

// A Bar is one thing of a plot. Its name stands below it where there is room.
type Bar struct {
	Name  string
	Value int
}

// A Table has a name in the first column of each row, and numbers in the others, which
// stand below one another. Head may be nil.
type Table struct {
	Head []string
	Rows [][]string
}

// PDF returns the report as a file.
func (r *Report) PDF() ([]byte, error) { return r.file(true) }

func (r *Report) file(packed bool) ([]byte, error) {
	p := &press{report: r}
	p.set()
	return p.bind(packed)
}
