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
	AsOf     string // until when it is counted
	None     string // why there is nothing to show, "" when there is something
	Path     string
	Figures  []sponsorTotal // the four that matter most
	Totals   []sponsorTotal
	Plot     sponsorPlot
	Days     []sponsorDay
}

// A sponsorTotal is one number of a booking, and what part it is of another.
type sponsorTotal struct{ Name, Number, Part string }

type sponsorDay struct{ When, Viewed, Started, Completed, Clicked string }

// A sponsorPlot is a bar for each day, in a picture of ten a day by a hundred. Few days
// have the room of ten: one day is no wall.
type sponsorPlot struct {
	Says  string
	Most  string
	Wide  int
	Bars  []sponsorBar
	Names []string // of all days when they are few, or of the first and the last
	Few   bool
}

type sponsorBar struct {
	X, Y, High int
	Says       string
}

// A sold is a booking with its numbers.
type sold struct {
	*promo.Booking
	total promo.Numbers
	days  []promo.Day
}

func (s *Site) sold(v *visit) (b sold, err error) {
	if s.Promo == nil {
		return b, &problem.Problem{Kind: problem.NotFound}
	}
	if b.Booking, err = s.Promo.Reported(v.Context(), v.Path("token")); err != nil {
		return b, err
	}
	if b.total, err = s.Promo.Total(v.Context(), b.ID); err != nil {
		return b, err
	}
	b.days, err = s.Promo.Days(v.Context(), b.Booking)
	return b, err
}

func (s *Site) showSponsor(v *visit) (*page.Answer, error) {
	b, err := s.sold(v)
	if err != nil {
		return nil, err
	}
	p := s.sponsorPage(v.words, b)
	p.chrome, p.Path = s.personal(v, "report.title"), "/promo/report/"+v.Path("token")
	return page.Show(v.sponsor.With(p)), nil
}

// sponsorPage is the report of a booking in words.
func (s *Site) sponsorPage(w *page.Language, b sold) sponsorPage {
	now := s.Now()
	p := sponsorPage{
		Headline: w.Say("report.headline", b.Title, b.Sponsor),
		Lead:     w.Say("report.from", w.Day(b.Begins), s.Paper.Name),
		AsOf:     w.Say("report.asof", w.Moment(now)),
	}
	if !b.Ends.IsZero() {
		p.Lead = w.Say("report.between", w.Day(b.Begins), w.Day(b.Ends.Add(-time.Second)), s.Paper.Name)
	}
	if b.Goal > 0 {
		p.Lead += " " + w.Count("report.goal", b.Goal)
	}
	switch {
	case now.Before(b.Begins):
		p.None = w.Say("report.coming", w.Day(b.Begins))
	case b.total[promo.Served] == 0:
		p.None = w.Say("report.none")
	}
	if p.None != "" {
		return p
	}
	p.Figures, p.Totals, p.Plot = sponsorFigures(w, b), sponsorTotals(w, b.total), sponsorBars(w, b.days)
	for _, d := range b.days {
		n := d.Numbers
		p.Days = append(p.Days, sponsorDay{
			w.Day(d.Day), w.Number(n[promo.Viewed]), w.Number(n[promo.Started]), w.Number(n[promo.Completed]), w.Number(n[promo.Clicked]),
		})
	}
	return p
}

// part says what part a is of b, in the words of key; "" where there is no b.
func part(w *page.Language, key string, a, b int) string {
	if b == 0 {
		return ""
	}
	return w.Say(key, fmt.Sprintf("%.1f%%", float64(a)*100/float64(b)))
}

func sponsorFigures(w *page.Language, b sold) []sponsorTotal {
	n := b.total
	seen := part(w, "report.of.served", n[promo.Viewed], n[promo.Served])
	if b.Goal > 0 {
		seen = part(w, "report.of.goal", n[promo.Viewed], b.Goal)
	}
	return []sponsorTotal{
		{w.Say("report.viewed"), w.Number(n[promo.Viewed]), seen},
		{w.Say("report.started"), w.Number(n[promo.Started]), part(w, "report.of.viewed", n[promo.Started], n[promo.Viewed])},
		{w.Say("report.completed"), w.Number(n[promo.Completed]), part(w, "report.of.started", n[promo.Completed], n[promo.Started])},
		{w.Say("report.clicked"), w.Number(n[promo.Clicked]), part(w, "report.of.viewed", n[promo.Clicked], n[promo.Viewed])},
	}
}

// sponsorTotals are the numbers of a booking in words, each with what part it is of what
// it comes from.
func sponsorTotals(w *page.Language, n promo.Numbers) []sponsorTotal {
	started := func(e promo.Event) string { return part(w, "report.of.started", n[e], n[promo.Started]) }
	return []sponsorTotal{
		{w.Say("report.served"), w.Number(n[promo.Served]), ""},
		{w.Say("report.viewed"), w.Number(n[promo.Viewed]), part(w, "report.of.served", n[promo.Viewed], n[promo.Served])},
		{w.Say("report.started"), w.Number(n[promo.Started]), part(w, "report.of.viewed", n[promo.Started], n[promo.Viewed])},
		{w.Say("report.quarter"), w.Number(n[promo.Quarter]), started(promo.Quarter)},
		{w.Say("report.half"), w.Number(n[promo.Half]), started(promo.Half)},
		{w.Say("report.third"), w.Number(n[promo.Third]), started(promo.Third)},
		{w.Say("report.completed"), w.Number(n[promo.Completed]), started(promo.Completed)},
		{w.Say("report.clicked"), w.Number(n[promo.Clicked]), part(w, "report.of.viewed", n[promo.Clicked], n[promo.Viewed])},
		{w.Say("report.leftout"), w.Number(n[promo.LeftOut]), ""},
	}
}

// namedDays is how many days have all their names below a plot.
const namedDays = 6

// sponsorBars draws the impressions of each day.
func sponsorBars(w *page.Language, days []promo.Day) (p sponsorPlot) {
	best := 0
	for i, d := range days {
		if d.Numbers[promo.Viewed] > days[best].Numbers[promo.Viewed] {
			best = i
		}
	}
	if len(days) == 0 {
		return p
	}
	most := days[best].Numbers[promo.Viewed]
	p.Most, p.Wide, p.Few = w.Number(most), 10*max(len(days), 10), len(days) <= namedDays
	p.Says = w.Say("report.best", w.Number(most), w.Day(days[best].Day))
	for i, d := range days {
		n := d.Numbers[promo.Viewed]
		high := n * 100 / max(most, 1)
		if n > 0 {
			high = max(high, 1)
		}
		if p.Few {
			p.Names = append(p.Names, w.ShortDay(d.Day))
		}
		p.Bars = append(p.Bars, sponsorBar{p.Wide*(2*i+1)/(2*len(days)) - 4, 100 - high, high, w.Say("report.bar", w.Day(d.Day), w.Number(n))})
	}
	if !p.Few {
		p.Names = []string{w.Day(days[0].Day), w.Day(days[len(days)-1].Day)}
	}
	return p
}

// saveSponsor is a sponsor's report as a file.
func (s *Site) saveSponsor(v *visit) (*page.Answer, error) {
	b, err := s.sold(v)
	if err != nil {
		return nil, err
	}
	name, kind, content := v.Path("file"), "", []byte(nil)
	switch name {
	case "report.csv":
		kind = "text/csv; charset=utf-8"
		content, err = sponsorCSV(b.days)
	case "report.pdf":
		kind = "application/pdf"
		content, err = s.sponsorPDF(v.words, b)
	default:
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err != nil {
		return nil, err
	}
	return page.Download(name, kind, content), nil
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
