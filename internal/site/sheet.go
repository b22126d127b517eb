package site

import (
	"fmt"

	"kawaraban/internal/page"
	"kawaraban/internal/promo"
	"kawaraban/internal/promo/sheet"
)

// sponsorPDF is a sponsor's report on pages to print.
func (s *Site) sponsorPDF(w *page.Language, b sponsored) ([]byte, error) {
	p := s.sponsorPage(w, b)
	r := &sheet.Report{
		Lang: w.Tag.String(), From: s.Paper.Name, Made: s.Now(), When: p.AsOf,
		Kicker: w.Say("report.title"), Headline: p.Headline, Lead: p.Lead,
		Page: func(n, of int) string { return w.Say("report.page", n, of) },
	}
	if p.None != "" {
		r.Parts = append(r.Parts, sheet.Part{Text: p.None})
	} else {
		r.Parts = append(r.Parts,
			sheet.Part{Title: w.Say("report.total"), Table: sheetTotals(p.Totals)},
			sheet.Part{Title: w.Say("report.plot"), Plot: sheetPlot(w, b.days)},
			sheet.Part{Title: w.Say("report.days"), Table: sheetDays(w, p.Days)})
	}
	r.Parts = append(r.Parts, sheet.Part{Title: w.Say("report.how"), Text: w.Say("report.how.text")})
	content, err := r.PDF()
	if err != nil {
		return nil, fmt.Errorf("print the report of %s: %w", b.ID, err)
	}
	return content, nil
}

func sheetTotals(list []sponsorTotal) *sheet.Table {
	t := new(sheet.Table)
	for _, x := range list {
		t.Rows = append(t.Rows, []string{x.Name, x.Number, x.Part})
	}
	return t
}

func sheetPlot(w *page.Language, days []promo.Day) *sheet.Plot {
	p := &sheet.Plot{Number: w.Number}
	for _, d := range days {
		p.Bars = append(p.Bars, sheet.Bar{Name: w.Day(d.Day), Value: d.Numbers[promo.Viewed]})
	}
	return p
}

func sheetDays(w *page.Language, days []sponsorDay) *sheet.Table {
	t := &sheet.Table{Head: []string{w.Say("report.day"), w.Say("report.viewed"), w.Say("report.started"), w.Say("report.completed"), w.Say("report.clicked")}}
	for _, d := range days {
		t.Rows = append(t.Rows, []string{d.When, d.Viewed, d.Started, d.Completed, d.Clicked})
	}
	return t
}
