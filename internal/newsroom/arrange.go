package newsroom

import (
	"slices"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// arrangePage is what arrange.html shows: the sections in order.
type arrangePage struct {
	paperPage
	Version  int
	Fixed    string // where the operator has set them
	Sections []arrangeRow
	Add      arrangeRow
}

// An arrangeRow is one section with its form.
type arrangeRow struct {
	Slug, Name, Address   string
	Path                  string
	Shown                 bool
	First, Last           bool
	Focus                 string // the button to which the keyboard comes back
	NameError, PlaceError string
}

func (d *Desk) showArrangement(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.arrangePage(v)
	if err != nil {
		return nil, err
	}
	return page.Show(v.arrange.With(p)), nil
}

func (d *Desk) arrangePage(v *visit) (p arrangePage, err error) {
	if p.paperPage, err = d.paperPage(v, arranging, "paper.tab.sections"); err != nil {
		return p, err
	}
	if d.SectionsFixed != "" {
		p.Fixed = v.words.Say("paper.fixed", d.SectionsFixed)
	}
	list, version, err := d.Articles.ArrangedSections(v.Context())
	if err != nil {
		return p, err
	}
	p.Version = version
	for i, s := range list {
		row := arrangeRow{
			Slug: s.Slug, Name: s.Name, Address: s.Address, Shown: s.Shown, First: i == 0, Last: i == len(list)-1,
		}
		if s.Shown {
			row.Path = s.Path()
		}
		if v.Get("moved") == s.Slug {
			row.Focus = v.Get("by")
			if row.Focus == "up" && row.First {
				row.Focus = "down"
			} else if row.Focus == "down" && row.Last {
				row.Focus = "up"
			}
		}
		p.Sections = append(p.Sections, row)
	}
	return p, nil
}

func (d *Desk) arrangeSections(v *visit, a *reader.Actor) (*page.Answer, error) {
	seen, err := version(v)
	if err != nil {
		return nil, err
	}
	if d.SectionsFixed != "" {
		return d.arranged(v, "", &problem.Problem{Kind: problem.Forbidden, Detail: "The sections are set in the settings of the program, and are changed there."})
	}
	ctx, slug, to := v.Context(), v.Field("section"), arranging+"?done=saved"
	switch act := v.Field("act"); act {
	case "add":
		name := v.Field("name")
		address := v.Field("address")
		if strings.TrimSpace(address) == "" {
			address = article.Slug(name)
		}
		err = d.Articles.AddSection(ctx, a.Reader.ID, seen, article.Section{Slug: address, Name: name})
	case "up", "down", "order":
		var slugs []string
		if slugs, err = d.orderAsked(v, act, slug); err == nil {
			err = d.Articles.OrderSections(ctx, a.Reader.ID, seen, slugs)
		}
		if act != "order" {
			to += "&moved=" + slug + "&by=" + act
		}
	default:
		err = d.Articles.ChangeSection(ctx, a.Reader.ID, seen, article.Arranged{
			Section: article.Section{Slug: slug, Name: v.Field("name"), Address: v.Field("address")},
			Shown:   act == "show" || act != "hide" && v.Field("shown") == "1",
		})
	}
	return d.arranged(v, to, err)
}

// orderAsked is the order in which the sections are to be.
func (d *Desk) orderAsked(v *visit, act, slug string) (slugs []string, err error) {
	if act == "order" {
		return strings.Fields(v.Field("order")), nil
	}
	list, _, err := d.Articles.ArrangedSections(v.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		slugs = append(slugs, s.Slug)
	}
	i := slices.Index(slugs, slug)
	j := i - 1
	if act == "down" {
		j = i + 1
	}
	if i >= 0 && j >= 0 && j < len(slugs) {
		slugs[i], slugs[j] = slugs[j], slugs[i]
	}
	return slugs, nil
}

// arranged answers a form about the sections.
func (d *Desk) arranged(v *visit, to string, err error) (*page.Answer, error) {
	if err == nil {
		return page.SeeOther(to), d.renew(v.Context())
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, other := d.arrangePage(v)
	if other != nil {
		return nil, other
	}
	row := &p.Add
	if i := slices.IndexFunc(p.Sections, func(r arrangeRow) bool { return r.Slug == v.Field("section") }); i >= 0 {
		row = &p.Sections[i]
	}
	if v.Checked("name") { // what was typed is not lost
		row.Name, row.Address = v.Field("name"), v.Field("address")
	}
	row.NameError, row.PlaceError = v.words.Say(bad.Fields["name"]), v.words.Say(bad.Fields["address"])
	if p.Notice, p.Bad = v.tells(bad), true; len(bad.Fields) > 0 {
		p.Notice = v.words.Say("paper.wrong")
	}
	return page.Show(v.arrange.With(p)).Status(bad.Kind.Status()), nil
}
