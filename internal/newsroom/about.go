package newsroom

import (
	"html/template"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// pagesPage is what pages.html shows: the pages about the paper.
type pagesPage struct {
	paperPage
	Pages []pageRow
	Offer []option // pages that a paper should have, and this one has not
}

// A pageRow is one page of the list.
type pageRow struct {
	Title, Path  string
	Public, When string
	Shown        bool
}

// aboutPage is what about.html shows: one page with its form.
type aboutPage struct {
	paperPage
	ID, Action          string
	Version             int
	Heading, Slug, Text string
	Shown               bool
	Public              string // where readers have it, "" for nowhere
	Since               string
	Preview             template.HTML
	Previewed           bool
	Theirs              *aboutTheirs // what somebody else has saved meanwhile

	TitleError, SlugError, TextError string
}

type aboutTheirs struct{ By, Heading, Slug, Text string }

func (d *Desk) showPages(v *visit, _ *reader.Actor) (*page.Answer, error) {
	var p pagesPage
	var err error
	if p.paperPage, err = d.paperPage(v, pagesPath, "paper.tab.pages"); err != nil {
		return nil, err
	}
	list, err := d.Papers.Titles(v.Context(), true)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, t := range list {
		has[t.Slug] = true
		row := pageRow{Title: t.Title, Path: pagesPath + "/" + t.ID, Shown: t.Shown, Public: t.Path()}
		if row.When, err = d.since(v, v.words.Moment(t.Changed), t.Author); err != nil {
			return nil, err
		}
		p.Pages = append(p.Pages, row)
	}
	for _, slug := range []string{paper.About, paper.Ethics, paper.ContactUs, paper.HouseRules} {
		if !has[slug] {
			p.Offer = append(p.Offer, option{pagesPath + "/new?slug=" + slug, offered(v, d.Paper.Name, slug), false})
		}
	}
	return page.Show(v.pages.With(p)), nil
}

// offered is what a page is called that a paper should have.
func offered(v *visit, name, slug string) string {
	switch slug {
	case paper.About:
		return v.words.Say("pages.offer.about", name)
	case paper.Ethics:
		return v.words.Say("pages.offer.ethics")
	case paper.ContactUs:
		return v.words.Say("pages.offer.contact")
	case paper.HouseRules:
		return v.words.Say("pages.offer.rules")
	default:
		return ""
	}
}

func (d *Desk) showPage(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p, err := d.aboutPage(v)
	if err != nil {
		return nil, err
	}
	return page.Show(v.about.With(p)), nil
}

// aboutPage shows a page as it is; a new one has the slug that the address names.
func (d *Desk) aboutPage(v *visit) (p aboutPage, err error) {
	if p.paperPage, err = d.paperPage(v, pagesPath, "pages.one"); err != nil {
		return p, err
	}
	p.ID = v.Path("id")
	if p.Action = pagesPath + "/" + p.ID; p.ID == "new" {
		p.Slug = v.Get("slug")
		p.Heading = offered(v, d.Paper.Name, p.Slug)
		return p, nil
	}
	found, err := d.Papers.Page(v.Context(), p.ID)
	if err != nil {
		return p, err
	}
	p.Version, p.Heading, p.Slug, p.Text, p.Shown = found.Version, found.Title, found.Slug, richtext.Source(found.Body), found.Shown
	if found.Shown {
		p.Public = found.Path()
	}
	p.Since, err = d.since(v, v.words.Moment(found.Changed), found.Author)
	return p, err
}

func (d *Desk) savePage(v *visit, a *reader.Actor) (*page.Answer, error) {
	base, err := version(v)
	if err != nil {
		return nil, err
	}
	typed := paper.Page{ID: v.Path("id"), Title: v.Field("title"), Slug: v.Field("slug"), Shown: v.Field("shown") == "1", Version: base}
	if typed.ID == "new" {
		typed.ID = ""
	}
	if strings.TrimSpace(typed.Slug) == "" {
		typed.Slug = article.Slug(typed.Title)
	}
	if typed.Body, err = richtext.FromSource(v.Field("source")); err != nil {
		if p := problem.Of(err); p != nil {
			err = &problem.Problem{Kind: p.Kind, Detail: p.Detail, Fields: map[string]string{"source": v.tells(p)}, Err: err}
		}
		return d.pageNotSaved(v, err)
	}
	if v.Field("act") == "preview" {
		p, err := d.typedPage(v)
		if err != nil {
			return nil, err
		}
		p.Version, p.Preview, p.Previewed = base, typed.Body.Web(nil), true
		return page.Show(v.about.With(p)), nil
	}
	id, err := d.Papers.Save(v.Context(), a.Reader.ID, typed)
	if err != nil {
		return d.pageNotSaved(v, err)
	}
	return page.SeeOther(pagesPath + "/" + id + "?done=saved"), d.renew(v.Context())
}

// typedPage is the page with what was typed into its form.
func (d *Desk) typedPage(v *visit) (p aboutPage, err error) {
	if p, err = d.aboutPage(v); err != nil {
		return p, err
	}
	p.Heading, p.Slug, p.Text, p.Shown = v.Field("title"), v.Field("slug"), v.Field("source"), v.Field("shown") == "1"
	return p, nil
}

func (d *Desk) pageNotSaved(v *visit, err error) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil || bad.Kind == problem.NotFound {
		return nil, err
	}
	p, other := d.typedPage(v)
	if other != nil {
		return nil, other
	}
	if now, late := paper.Seen(err); late {
		theirs, other := d.Papers.Page(v.Context(), p.ID)
		if other != nil {
			return nil, other
		}
		p.Version = now
		p.Theirs = &aboutTheirs{p.Since, theirs.Title, theirs.Slug, richtext.Source(theirs.Body)}
	} else if p.Version, other = strconv.Atoi(v.Field("version")); other != nil {
		return nil, other
	}
	p.TitleError, p.SlugError, p.TextError = v.words.Say(bad.Fields["title"]), v.words.Say(bad.Fields["slug"]), v.words.Say(bad.Fields["source"])
	if p.Notice, p.Bad = v.tells(bad), true; len(bad.Fields) > 0 {
		p.Notice = v.words.Say("paper.wrong")
	}
	return page.Show(v.about.With(p)).Status(bad.Kind.Status()), nil
}
