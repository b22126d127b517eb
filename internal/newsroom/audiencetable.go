package newsroom

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// audienceTable answers with what was opened as a table for spreadsheets.
func (d *Desk) audienceTable(v *visit, a *reader.Actor) (*page.Answer, error) {
	s := spanOf(v)
	lines, err := d.Opens.Table(v.Context(), s.since(d.Now()))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.Article
	}
	headlines, err := d.Articles.Headlines(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"article", "section", "headline", "opens", "script", "server"}
	for _, o := range audience.Origins() {
		head = append(head, "from "+string(o))
	}
	if err := w.Write(append(head, "read 25 %", "read 50 %", "read 75 %", "read 100 %")); err != nil {
		return nil, err
	}
	for _, l := range lines {
		if err := w.Write(tableRow(l, headlines[l.Article])); err != nil {
			return nil, err
		}
	}
	if w.Flush(); w.Error() != nil {
		return nil, w.Error()
	}
	name := "readers-" + s.name + "-" + d.Now().In(d.Paper.Zone).Format(time.DateOnly) + ".csv"
	return page.Download(name, "text/csv; charset=utf-8", b.Bytes()), nil
}

func tableRow(l audience.Line, headline string) []string {
	number := func(sort audience.Sort, name string) string { return strconv.Itoa(l.Parts[sort][name]) }
	row := []string{
		l.Article, l.Section, plainCell(headline), strconv.Itoa(l.Opens),
		number(audience.Way, "script"), number(audience.Way, "server"),
	}
	for _, o := range audience.Origins() {
		row = append(row, number(audience.From, string(o)))
	}
	for q := 1; q <= 4; q++ {
		row = append(row, number(audience.Depth, strconv.Itoa(q)))
	}
	return row
}

// plainCell is a text that no spreadsheet takes for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
