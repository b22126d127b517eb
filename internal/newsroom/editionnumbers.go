package newsroom

import (
	"fmt"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// numbersView is what became of an edition.
type numbersView struct {
	Rows   []numberRow
	Links  []linkRow
	Causes []causeRow
}

// A numberRow is one number, with what it means.
type numberRow struct{ Name, Number, Share, Means string }

// A linkRow is a link of an edition and how often it was followed.
type linkRow struct{ Name, Path, People, Machines string }

// A causeRow is why letters did not arrive.
type causeRow struct{ What, Why, Number string }

// maxCauses is how many causes are told.
const maxCauses = 12

func (d *Desk) numbersView(v *visit, a *reader.Actor, e newsletter.Edition) (*numbersView, error) {
	w := v.words
	n := &numbersView{Rows: numberRows(w, e.Tally)}
	links, err := d.Newsletters.Clicked(v.Context(), a, e.ID)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, l := range links {
		if l.Article != "" {
			ids = append(ids, l.Article)
		}
	}
	rows, err := d.storyRows(v, a, ids)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		row := linkRow{Name: l.URL, People: w.Number(l.Clicks), Machines: w.Number(l.Machines)}
		if l.Article != "" {
			row.Name, row.Path = rows[l.Article].Headline, rows[l.Article].Path
		}
		n.Links = append(n.Links, row)
	}
	causes, err := d.Newsletters.Causes(v.Context(), a, e.ID, maxCauses)
	if err != nil {
		return nil, err
	}
	for _, c := range causes {
		n.Causes = append(n.Causes, causeRow{deliveryWord(w, c.State), c.Why, w.Number(c.Count)})
	}
	return n, nil
}

// numberRows are the numbers of an edition in the order in which they come about.
func numberRows(w *page.Language, t newsletter.Tally) []numberRow {
	share := func(n, of int) string {
		if of == 0 || n == 0 {
			return ""
		}
		return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
	}
	row := func(name, means string, n, of int) numberRow {
		return numberRow{name, w.Number(n), share(n, of), means}
	}
	return []numberRow{
		row(w.Say("numbers.wanted"), w.Say("numbers.wanted.means"), t.Wanted, 0),
		row(w.Say("numbers.accepted"), w.Say("numbers.accepted.means"), t.Accepted, t.Wanted),
		row(w.Say("numbers.later"), w.Say("numbers.later.means"), t.Later, t.Wanted),
		row(w.Say("numbers.skipped"), w.Say("numbers.skipped.means"), t.Skipped, t.Wanted),
		row(w.Say("numbers.refused"), w.Say("numbers.refused.means"), t.Refused, t.Wanted),
		row(w.Say("numbers.bounced"), w.Say("numbers.bounced.means"), t.Bounced, t.Accepted),
		row(w.Say("numbers.complained"), w.Say("numbers.complained.means"), t.Complained, t.Accepted),
		row(w.Say("numbers.departed"), w.Say("numbers.departed.means"), t.Departed, t.Accepted),
		row(w.Say("numbers.clicks"), w.Say("numbers.clicks.means"), t.Clicks, t.Accepted),
		row(w.Say("numbers.machines"), w.Say("numbers.machines.means"), t.Machines, 0),
	}
}

// deliveryWord says what became of a letter.
func deliveryWord(w *page.Language, state string) string {
	switch state {
	case "accepted":
		return w.Say("delivery.accepted")
	case "skipped":
		return w.Say("delivery.skipped")
	case "refused":
		return w.Say("delivery.refused")
	case "later":
		return w.Say("delivery.later")
	default:
		return w.Say("delivery.out")
	}
}
