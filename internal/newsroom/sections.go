package newsroom

import (
	"strconv"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// sectionsPage is what sections.html shows: what threads are that say nothing
// themselves.
type sectionsPage struct {
	modPage
	Sections []sectionRow
	Conflict *decisionView
}

// A sectionRow is one section with its form.
type sectionRow struct {
	Slug, Name string
	Choices    []choice
	Seen       string
	Days       int
}

func (d *Desk) showSections(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.sectionsPage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.sections.With(p)), nil
}

func (d *Desk) sectionsPage(v *visit, a *reader.Actor) (p sectionsPage, err error) {
	if p.modPage, err = d.modPage(v, a, "mod.sections"); err != nil {
		return p, err
	}
	sections, err := d.Articles.Sections(v.Context())
	if err != nil {
		return p, err
	}
	for _, s := range sections {
		set, err := d.Comments.SectionSetting(v.Context(), s.Slug)
		if err != nil {
			return p, err
		}
		row := sectionRow{Slug: s.Slug, Name: s.Name, Choices: choices(v, set.State), Seen: string(set.State), Days: set.Days}
		row.Choices[0].Name = v.words.Say("mod.switch.paper") // what threads are where nobody says anything
		p.Sections = append(p.Sections, row)
	}
	return p, nil
}

// maxDays is how long threads can be kept open by a number.
const maxDays = 3650

func (d *Desk) setSection(v *visit, a *reader.Actor) (*page.Answer, error) {
	err := func() (err error) {
		c := comment.SectionChange{Section: v.Path("id"), Moderator: a.Reader.ID}
		if c.Set.State, err = parseSwitch(v.Field("state")); err != nil {
			return err
		}
		if c.Seen.State, err = parseSwitch(v.Field("seen")); err != nil {
			return err
		}
		if c.Set.Days, err = strconv.Atoi(v.Field("days")); err != nil || c.Set.Days < 0 || c.Set.Days > maxDays {
			return &problem.Problem{Kind: problem.Invalid, Detail: "Write a number of days from 0 to 3,650; 0 means never."}
		}
		if c.Seen.Days, err = strconv.Atoi(v.Field("seendays")); err != nil {
			return &problem.Problem{Kind: problem.Invalid, Detail: "This form is not whole. Open the page again.", Err: err}
		}
		_, err = d.Comments.SetSection(v.Context(), c)
		return err
	}()
	if err == nil {
		return page.SeeOther(moderation + "/sections?kept=1"), nil
	}
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	shown, other := d.sectionsPage(v, a)
	if other != nil {
		return nil, other
	}
	shown.Notice, shown.Bad = v.tells(p), true
	if shown.Conflict, other = d.conflict(v, err); other != nil {
		return nil, other
	}
	return page.WithStatus(v.sections.With(shown), p.Kind.Status()), nil
}
