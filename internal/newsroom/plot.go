package newsroom

import (
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/page"
)

// A plot is a row of bars, each with its place in the drawing: how often something was
// opened in some hours or days. The same stands in a table beside it.
type plot struct {
	Width  int
	Few    bool // labels stand in the middle of their places, as the bars do
	Bars   []stick
	Labels []string // of the time below each bar, "" below most
	Most   string   // the highest bar
	Says   string   // the plot in a sentence
	Rows   []plotRow
}

// A stick is one of them; the last one still grows.
type stick struct {
	X, Y, High int
	Says       string
	Grows      bool
}

// A plotRow is one of the table.
type plotRow struct{ When, Says string }

const (
	barWide  = 8
	barStep  = 10
	plotHigh = 100
	labels   = 4  // below a plot, about
	fewBars  = 10 // fewer than that have the room of so many
)

// newPlot draws it; each is so many of what a message counts.
func newPlot(w *page.Language, points []audience.Point, unit time.Duration, counts string) (p plot) {
	p.Width, p.Few = barStep*max(len(points), fewBars), len(points) < fewBars
	most := 1
	var best audience.Point
	for _, at := range points {
		if at.Opens > best.Opens {
			best = at
		}
		most = max(most, at.Opens)
	}
	for i, at := range points {
		when := plotTime(w, at.At, unit)
		says := w.Count(counts, at.Opens)
		high := (at.Opens*plotHigh + most - 1) / most
		p.Bars = append(p.Bars, stick{p.Width*(2*i+1)/(2*len(points)) - barWide/2, plotHigh - high, high, when + ": " + says, i == len(points)-1})
		p.Rows = append(p.Rows, plotRow{when, w.Number(at.Opens)})
		label := ""
		if i%max((len(points)+labels-1)/labels, 1) == 0 {
			label = when
		}
		p.Labels = append(p.Labels, label)
	}
	p.Most = w.Number(most)
	p.Says = w.Say("audience.plot.none")
	if best.Opens > 0 {
		p.Says = w.Say("audience.plot", w.Count(counts, best.Opens), plotTime(w, best.At, unit))
	}
	return p
}

func plotTime(w *page.Language, at time.Time, unit time.Duration) string {
	if unit == day { // days are of UTC, whatever the paper's zone
		return w.ShortDay(time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, w.Zone))
	}
	return at.In(w.Zone).Format("15:04")
}
