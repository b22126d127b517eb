package newsroom

import (
	"kawaraban/internal/network"
	"kawaraban/internal/page"
)

const (
	trafficDays = 29 // before today
	trafficBest = 5  // items of one sister
)

// A cameRow is how many readers a sister sent to us, and to what.
type cameRow struct {
	Name               string
	Today, Week, Month string
	Best               []clickRow
	Cut                string // that more was said than is believed
}

// A sentRow is how many readers we sent to a sister, and whether it knows.
type sentRow struct {
	Name               string
	Today, Week, Month string
	Told               string
	Trouble            string
}

// trafficRows fills in who came from sister papers and who went to them.
func (d *Desk) trafficRows(v *visit, p *networkPage, sisters []network.Sister) error {
	ctx, w := v.Context(), v.words
	sent, err := d.Network.Sent(ctx)
	if err != nil {
		return err
	}
	came, err := d.Network.Came(ctx)
	if err != nil {
		return err
	}
	best, err := d.Network.Best(ctx, d.Now().AddDate(0, 0, -trafficDays), trafficBest)
	if err != nil {
		return err
	}
	for _, x := range sisters {
		if t, some := came[x.ID]; some {
			row := cameRow{Name: x.Name, Today: w.Number(t.Today), Week: w.Number(t.Week), Month: w.Number(t.Month)}
			if t.Said > t.Month {
				row.Cut = w.Say("network.came.cut", x.Name, w.Number(t.Said), w.Number(t.Month))
			}
			for _, c := range best[x.ID] {
				row.Best = append(row.Best, clickRow{Title: c.Title, Clicks: w.Count("network.clicks", c.Clicks)})
			}
			p.Came = append(p.Came, row)
		}
		if t, some := sent[x.ID]; some {
			row := sentRow{Name: x.Name, Today: w.Number(t.Today), Week: w.Number(t.Week), Month: w.Number(t.Month)}
			row.Told, row.Trouble = told(w, x)
			p.Sent = append(p.Sent, row)
		}
	}
	return nil
}

// told says whether a sister knows how many readers we sent it.
func told(w *page.Language, x network.Sister) (when, trouble string) {
	switch {
	case x.Source == network.Other:
		return w.Say("network.told.feed"), ""
	case x.Told.IsZero():
		when = w.Say("network.told.never")
	default:
		when = w.Say("network.told", w.Moment(x.Told))
	}
	switch x.Untold {
	case network.NoTrouble:
	case network.Unknown:
		trouble = w.Say("network.untold.unknown")
	case network.Deaf:
		trouble = w.Say("network.untold.deaf")
	default:
		trouble = w.Say("network.untold", troubleWords(w, x.Untold))
	}
	return when, trouble
}

// joined puts two things in one line.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}
