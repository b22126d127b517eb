package newsroom

import (
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// listsPage is what lists.html shows: the lists, and those that took their leave.
type listsPage struct {
	lettersPage
	Lists   []listRow
	Retired []listRow
}

// A listRow is a list in the table of all.
type listRow struct{ Path, Name, Promise, Kind, Members, Next string }

func (d *Desk) showLists(v *visit, a *reader.Actor) (*page.Answer, error) {
	p := listsPage{}
	var err error
	if p.lettersPage, err = d.lettersPage(v, a, listsAt, "letters.lists"); err != nil {
		return nil, err
	}
	all, err := d.Newsletters.Lists(v.Context())
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		row := listRow{Path: listAt + "/" + l.ID, Name: l.Name, Promise: l.Promise, Kind: listKind(v.words, l.Kind), Members: v.words.Count("letters.people", l.Members)}
		if !l.Next.IsZero() {
			row.Next = v.words.Moment(l.Next)
		}
		if l.Retired.IsZero() {
			p.Lists = append(p.Lists, row)
		} else {
			p.Retired = append(p.Retired, row)
		}
	}
	return page.Show(v.lists.With(p)), nil
}

// listKind says how the editions of a list come about.
func listKind(w *page.Language, k newsletter.Kind) string {
	switch k {
	case newsletter.Digest:
		return w.Say("list.kind.digest")
	case newsletter.Written:
		return w.Say("list.kind.written")
	default:
		return w.Say("list.kind.alert")
	}
}
