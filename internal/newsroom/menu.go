package newsroom

import (
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// menuPage is what menu.html shows: which items masthead and footer have.
type menuPage struct {
	paperPage
	Version int
	Since   string
	Back    bool // there is a version before
	Places  []menuPlace
}

// A menuPlace is the masthead or the footer.
type menuPlace struct {
	ID, Name string
	Own      bool // somebody has chosen what it shows
	Items    []menuRow
	Add      []option // what it can show and does not
	Label    string
	Target   string

	LabelError, TargetError string
}

// A menuRow is one item.
type menuRow struct {
	Number      int
	Name, To    string
	Gone        bool // readers cannot have it now, so it is not shown
	First, Last bool
	Focus       string
}

// leads are what a menu can lead to, by name.
type leads struct {
	sections []article.Arranged
	pages    []paper.Title
}

func (d *Desk) showMenu(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.menuPage(v)
	if err != nil {
		return nil, err
	}
	return page.Show(v.menu.With(p)), nil
}

func (d *Desk) leads(v *visit) (l leads, err error) {
	if l.sections, _, err = d.Articles.ArrangedSections(v.Context()); err != nil {
		return l, err
	}
	l.pages, err = d.Papers.Titles(v.Context(), true)
	return l, err
}

// filled is a menu with what the paper shows by itself.
func (l leads) filled(m paper.Menu) paper.Menu {
	var slugs []string
	for _, s := range l.sections {
		if s.Shown {
			slugs = append(slugs, s.Slug)
		}
	}
	return m.Filled(slugs, slices.DeleteFunc(slices.Clone(l.pages), func(t paper.Title) bool { return !t.Shown }))
}

// named is what an item is called, and whether readers can have it.
func (l leads) named(v *visit, i paper.Item) (name, to string, there bool) {
	switch i.Kind {
	case paper.ToSection:
		for _, s := range l.sections {
			if s.Slug == i.Target {
				name, to, there = s.Name, s.Path(), s.Shown
			}
		}
	case paper.ToPage:
		for _, p := range l.pages {
			if p.ID == i.Target {
				name, to, there = p.Title, p.Path(), p.Shown
			}
		}
	case paper.ToStanding:
		to, there = "/"+i.Target, true
		switch i.Target {
		case "rules":
			name = v.words.Say("rules.title")
		case "corrections":
			name = v.words.Say("corrections.title")
		case "moderation":
			name = v.words.Say("moderation.title")
		default:
			name = v.words.Say("feed")
		}
	default:
		to, there = i.Target, true
	}
	if i.Label != "" {
		name = i.Label
	}
	return name, to, there
}

func (d *Desk) menuPage(v *visit) (p menuPage, err error) {
	if p.paperPage, err = d.paperPage(v, menuPath, "paper.tab.menu"); err != nil {
		return p, err
	}
	holds, err := d.Papers.Menu(v.Context())
	if err != nil {
		return p, err
	}
	l, err := d.leads(v)
	if err != nil {
		return p, err
	}
	if p.Version, p.Back = holds.Number, holds.Number > 0; holds.Number > 0 {
		if p.Since, err = d.since(v, v.words.Moment(holds.At), holds.Author); err != nil {
			return p, err
		}
	}
	all := l.filled(holds.Menu)
	p.Places = []menuPlace{
		d.menuPlace(v, l, "masthead", holds.Masthead != nil, all.Masthead),
		d.menuPlace(v, l, "footer", holds.Footer != nil, all.Footer),
	}
	return p, nil
}

func (d *Desk) menuPlace(v *visit, l leads, id string, own bool, items []paper.Item) menuPlace {
	p := menuPlace{ID: id, Own: own, Name: v.words.Say("menu.masthead")}
	if id == "footer" {
		p.Name = v.words.Say("menu.footer")
	}
	for n, i := range items {
		r := menuRow{Number: n, First: n == 0, Last: n == len(items)-1}
		var there bool
		r.Name, r.To, there = l.named(v, i)
		if r.Gone = !there; r.Name == "" {
			continue // what it led to is not there any more
		}
		if v.Get("place") == id && v.Get("moved") == strconv.Itoa(n) {
			if r.Focus = v.Get("by"); r.First {
				r.Focus = "down"
			} else if r.Last {
				r.Focus = "up"
			}
		}
		p.Items = append(p.Items, r)
	}
	add := func(i paper.Item) {
		if !slices.ContainsFunc(items, func(has paper.Item) bool { return has.Kind == i.Kind && has.Target == i.Target }) {
			name, _, _ := l.named(v, i)
			p.Add = append(p.Add, option{string(i.Kind) + ":" + i.Target, name, false})
		}
	}
	for _, s := range l.sections {
		if s.Shown {
			add(paper.Item{Kind: paper.ToSection, Target: s.Slug})
		}
	}
	for _, t := range l.pages {
		if t.Shown {
			add(paper.Item{Kind: paper.ToPage, Target: t.ID})
		}
	}
	for _, name := range paper.Standing() {
		add(paper.Item{Kind: paper.ToStanding, Target: name})
	}
	return p
}

func (d *Desk) setMenu(v *visit, a *reader.Actor) (*page.Answer, error) {
	base, err := version(v)
	if err != nil {
		return nil, err
	}
	ctx, to := v.Context(), menuPath+"?done=saved"
	if v.Field("act") == "back" {
		earlier, err := d.Papers.EarlierMenu(ctx, base-1)
		if err == nil {
			err = d.Papers.SetMenu(ctx, a.Reader.ID, base, earlier.Menu)
		}
		return d.menuSet(v, menuPath+"?done=back", err)
	}
	holds, err := d.Papers.Menu(ctx)
	if err != nil {
		return nil, err
	}
	l, err := d.leads(v)
	if err != nil {
		return nil, err
	}
	m, all := holds.Menu, l.filled(holds.Menu)
	list, shown := &m.Masthead, all.Masthead
	if v.Field("place") == "footer" {
		list, shown = &m.Footer, all.Footer
	}
	if *list, err = menuAct(v, slices.Clone(shown)); err != nil {
		return d.menuSet(v, to, err)
	}
	if act := v.Field("act"); act == "up" || act == "down" {
		n, _ := strconv.Atoi(v.Field("item"))
		if n++; act == "up" {
			n -= 2
		}
		to += "&place=" + v.Field("place") + "&moved=" + strconv.Itoa(n) + "&by=" + act
	}
	return d.menuSet(v, to, d.Papers.SetMenu(ctx, a.Reader.ID, base, m))
}

// menuAct is a place of the menu after what the form asks for; nil is what the paper
// shows by itself.
func menuAct(v *visit, items []paper.Item) ([]paper.Item, error) {
	none := &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	switch act := v.Field("act"); act {
	case "reset":
		return nil, nil
	case "add":
		kind, target, ok := strings.Cut(v.Field("what"), ":")
		if !ok {
			return nil, &problem.Problem{Kind: problem.Invalid, Detail: "Choose what is to be added."}
		}
		return append(items, paper.Item{Kind: paper.Kind(kind), Target: target}), nil
	case "link":
		return append(items, paper.Item{Kind: paper.ToLink, Label: v.Field("label"), Target: v.Field("target")}), nil
	case "order":
		var ordered []paper.Item
		for _, n := range strings.Fields(v.Field("order")) {
			i, err := strconv.Atoi(n)
			if err != nil || i < 0 || i >= len(items) {
				return nil, none
			}
			ordered = append(ordered, items[i])
		}
		return ordered, nil
	default:
		n, err := strconv.Atoi(v.Field("item"))
		if err != nil || n < 0 || n >= len(items) {
			return nil, none
		}
		switch {
		case act == "remove":
			items = slices.Delete(items, n, n+1)
			return append([]paper.Item{}, items...), nil // none is a choice too
		case act == "up" && n > 0:
			items[n-1], items[n] = items[n], items[n-1]
		case act == "down" && n < len(items)-1:
			items[n+1], items[n] = items[n], items[n+1]
		}
		return items, nil
	}
}

// menuSet answers a form about the menu.
func (d *Desk) menuSet(v *visit, to string, err error) (*page.Answer, error) {
	if err == nil {
		return page.SeeOther(to), d.renew(v.Context())
	}
	bad := problem.Of(err)
	if bad == nil {
		return nil, err
	}
	p, other := d.menuPage(v)
	if other != nil {
		return nil, other
	}
	for i := range p.Places {
		if place := &p.Places[i]; place.ID == v.Field("place") && v.Field("act") == "link" {
			place.Label, place.Target = v.Field("label"), v.Field("target")
			place.LabelError, place.TargetError = v.words.Say(bad.Fields["label"]), v.words.Say(bad.Fields["target"])
		}
	}
	p.Notice, p.Bad = v.tells(bad), true
	return page.Show(v.menu.With(p)).Status(bad.Kind.Status()), nil
}
