package site

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
)

// sponsorPage is what sponsor.html shows to a sponsor: what became of a booking.
type sponsorPage struct {
	chrome
	Headline string
	Lead     string
	Path     string
	Totals   []sponsorTotal
	Days     []sponsorDay
}

type sponsorTotal struct{ Name, Number, Part string }

type sponsorDay struct {
	When, Viewed, Started, Completed, Clicked string
	Bar                                       int // of a hundred
}

func (s *Site) showSponsor(v *visit) (*page.Answer, error) {
	p, _, err := s.sponsorPage(v)
	if err != nil {
		return nil, err
	}
	return page.Show(s.views.sponsor.With(p)), nil
}

func (s *Site) sponsorPage(v *visit) (p sponsorPage, days []promo.Day, err error) {
	if s.Promo == nil {
		return p, nil, &problem.Problem{Kind: problem.NotFound}
	}
	token := v.Path("token")
	b, err := s.Promo.Reported(v.Context(), token)
	if err != nil {
		return p, nil, err
	}
	total, err := s.Promo.Total(v.Context(), b.ID)
	if err != nil {
		return p, nil, err
	}
	if days, err = s.Promo.Days(v.Context(), b); err != nil {
		return p, nil, err
	}
	w := v.words
	p.chrome = s.personal(v, "report.title")
	p.Headline, p.Path = w.Say("report.headline", b.Title, b.Sponsor), "/promo/report/"+token
	p.Lead = w.Say("report.from", w.Day(b.Begins), s.Paper.Name)
	if !b.Ends.IsZero() {
		p.Lead = w.Say("report.between", w.Day(b.Begins), w.Day(b.Ends.Add(-time.Second)), s.Paper.Name)
	}
	if b.Goal > 0 {
		p.Lead += " " + w.Count("report.goal", b.Goal)
	}
	p.Totals = sponsorTotals(w, total)
	most := 1
	for _, d := range days {
		most = max(most, d.Numbers[promo.Viewed])
	}
	for _, d := range days {
		n := d.Numbers
		p.Days = append(p.Days, sponsorDay{
			w.Day(d.Day), w.Number(n[promo.Viewed]), w.Number(n[promo.Started]), w.Number(n[promo.Completed]), w.Number(n[promo.Clicked]),
			n[promo.Viewed] * 100 / most,
		})
	}
	return p, days, nil
}

// sponsorTotals are the numbers of a booking in words, each with what part it is of what
// it comes from.
func sponsorTotals(w *page.Language, n promo.Numbers) []sponsorTotal {
	part := func(a, b promo.Event) string {
		if n[b] == 0 {
			return ""
		}
		return fmt.Sprintf("%.1f %%", float64(n[a])*100/float64(n[b]))
	}
	return []sponsorTotal{
		{w.Say("report.served"), w.Number(n[promo.Served]), ""},
		{w.Say("report.viewed"), w.Number(n[promo.Viewed]), part(promo.Viewed, promo.Served)},
		{w.Say("report.started"), w.Number(n[promo.Started]), part(promo.Started, promo.Viewed)},
		{w.Say("report.quarter"), w.Number(n[promo.Quarter]), part(promo.Quarter, promo.Started)},
		{w.Say("report.half"), w.Number(n[promo.Half]), part(promo.Half, promo.Started)},
		{w.Say("report.third"), w.Number(n[promo.Third]), part(promo.Third, promo.Started)},
		{w.Say("report.completed"), w.Number(n[promo.Completed]), part(promo.Completed, promo.Started)},
		{w.Say("report.clicked"), w.Number(n[promo.Clicked]), part(promo.Clicked, promo.Viewed)},
		{w.Say("report.leftout"), w.Number(n[promo.LeftOut]), ""},
	}
}

// saveSponsor is a sponsor's report as a file.
func (s *Site) saveSponsor(v *visit) (*page.Answer, error) {
	p, days, err := s.sponsorPage(v)
	if err != nil {
		return nil, err
	}
	switch v.Path("file") {
	case "report.csv":
		content, err := sponsorCSV(days)
		if err != nil {
			return nil, err
		}
		return page.Download("report.csv", "text/csv; charset=utf-8", content), nil
	case "report.pdf":
		return page.Download("report.pdf", "application/pdf", s.sponsorPDF(v.words, p)), nil
	}
	return nil, &problem.Problem{Kind: problem.NotFound}
}

func sponsorCSV(days []promo.Day) ([]byte, error) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	head := []string{"day"}
	for _, e := range promo.Events() {
		head = append(head, string(e))
	}
	if err := c.Write(head); err != nil {
		return nil, fmt.Errorf("write a report: %w", err)
	}
	for _, d := range days {
		row := []string{d.Day.Format(time.DateOnly)}
		for _, e := range promo.Events() {
			row = append(row, strconv.Itoa(d.Numbers[e]))
		}
		if err := c.Write(row); err != nil {
			return nil, fmt.Errorf("write a report: %w", err)
		}
	}
	c.Flush()
	return b.Bytes(), c.Error()
}
