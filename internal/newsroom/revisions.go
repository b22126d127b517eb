package newsroom

import (
	"html/template"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// revisionsPage is what revisions.html shows: what was kept of a story, and beside
// it one revision with what it changed.
type revisionsPage struct {
	chrome
	Story    string // address
	Headline string
	List     []revisionLine
	Older    string
	First    string
	Chosen   *revisionView
	Mine     bool
}

// A revisionLine is a revision in the list.
type revisionLine struct {
	Path   string
	Number int
	When   string
	At     string
	By     string
	Why    string
	Shown  bool
	Here   bool
}

// A revisionView is one revision and what it changed.
type revisionView struct {
	revisionLine
	ID      string
	Version int    // of the copy, which restoring replaces
	Open    string // the page that restores
	Note    string
	Fields  []changedField
	Body    []changedBlock
	Same    bool // nothing has changed
}

// A changedBlock is a block of a body with what changed in it, or how many blocks
// stand there that are as they were.
type changedBlock struct {
	HTML template.HTML
	Same int
}

// A changedField is a field of an article with its words kept, removed and added.
type changedField struct {
	Name string
	Runs template.HTML
}

func (d *Desk) showRevisions(v *visit, a *reader.Actor) (*page.Answer, error) {
	ctx, id, w := v.Context(), v.Path("id"), v.words
	t, err := d.Work.Story(ctx, a, id)
	if err != nil {
		return nil, err
	}
	p := revisionsPage{Story: storyPath(id), Headline: t.Copy.Headline, Mine: t.Mine(a)}
	if p.chrome, err = d.chrome(v, "revisions.title"); err != nil {
		return nil, err
	}
	if p.Headline == "" {
		p.Headline = w.Say("stories.untitled")
	}
	before := 0
	if text := v.Get("before"); text != "" {
		if before, err = strconv.Atoi(text); err != nil || before < 1 {
			return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such revision."}
		}
		p.First = p.Story + "/revisions"
	}
	list, older, err := d.Work.Revisions(ctx, a, id, before)
	if err != nil {
		return nil, err
	}
	if older > 0 {
		p.Older = p.Story + "/revisions?before=" + strconv.Itoa(older)
	}
	number := 0
	if text := v.Path("number"); text != "" {
		if number, err = strconv.Atoi(text); err != nil || strconv.Itoa(number) != text {
			return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such revision."}
		}
	} else if len(list) > 0 {
		number = list[0].Number
	}
	for _, r := range list {
		p.List = append(p.List, d.revisionLine(w, id, r, number))
	}
	if number > 0 {
		if p.Chosen, err = d.revision(v, a, t, number); err != nil {
			return nil, err
		}
	}
	return page.Show(v.revisions.With(p)), nil
}

func (d *Desk) revisionLine(w *page.Language, id string, r article.Stored, here int) revisionLine {
	return revisionLine{
		Path: storyPath(id) + "/revisions/" + strconv.Itoa(r.Number), Number: r.Number, When: w.Moment(r.Created), At: w.Machine(r.Created),
		By: r.By, Why: reasonWord(w, r.Reason, !r.Shown.IsZero()), Shown: !r.Shown.IsZero(), Here: r.Number == here,
	}
}

// reasonWord says why a revision was made.
func reasonWord(w *page.Language, r article.Reason, shown bool) string {
	switch r {
	case article.First:
		return w.Say("reason.first")
	case article.Update:
		return w.Say("reason.update")
	case article.Correction:
		return w.Say("reason.correction")
	case article.FromWire:
		return w.Say("reason.wire")
	case article.Withdrawing:
		return w.Say("reason.withdrawal")
	case article.Returning:
		return w.Say("reason.return")
	}
	if shown {
		return w.Say("reason.edit")
	}
	return w.Say("reason.kept")
}

func (d *Desk) revision(v *visit, a *reader.Actor, t *desk.Story, number int) (*revisionView, error) {
	w := v.words
	r, before, err := d.Work.Revision(v.Context(), a, t.Article.ID, number)
	if err != nil {
		return nil, err
	}
	rv := &revisionView{
		revisionLine: d.revisionLine(w, t.Article.ID, r, number), ID: t.Article.ID, Version: t.Version, Open: secret.NewToken().Reveal(), Note: r.Note,
	}
	marks := marksIn(w)
	for _, f := range []struct{ name, was, is string }{
		{w.Say("story.headline"), before.Headline, r.Headline},
		{w.Say("story.kicker"), before.Kicker, r.Kicker},
		{w.Say("story.standfirst"), before.Standfirst, r.Standfirst},
		{w.Say("story.bylines"), inLine(before.Bylines), inLine(r.Bylines)},
		{w.Say("story.dateline"), before.Dateline, r.Dateline},
		{w.Say("story.topics"), inLine(before.Topics), inLine(r.Topics)},
		{w.Say("story.lead.caption"), before.Lead.Caption, r.Lead.Caption},
		{w.Say("story.lead.credit"), before.Lead.Credit, r.Lead.Credit},
		{w.Say("story.lead.alt"), before.Lead.Alt, r.Lead.Alt},
		{w.Say("story.lead.video"), before.Lead.Video, r.Lead.Video},
		{w.Say("story.sponsor"), before.Sponsor, r.Sponsor},
		{w.Say("story.source_notice"), before.SourceNotice, r.SourceNotice},
	} {
		if f.was != f.is {
			rv.Fields = append(rv.Fields, changedField{f.name, richtext.RunsHTML(richtext.DiffText(f.was, f.is), marks)})
		}
	}
	rv.Body = changedBlocks(richtext.Diff(before.Body, r.Body), marks)
	rv.Same = len(rv.Fields) == 0 && len(rv.Body) == 0
	return rv, nil
}

// changedBlocks are the blocks that have changed, with the number of those between
// them that have not; none when nothing has.
func changedBlocks(changes []richtext.Change, marks richtext.Marks) (list []changedBlock) {
	same, changed := 0, false
	for _, c := range changes {
		if c.How == richtext.Kept {
			same++
			continue
		}
		if same > 0 {
			list, same = append(list, changedBlock{Same: same}), 0
		}
		list, changed = append(list, changedBlock{HTML: c.HTML(marks)}), true
	}
	if !changed {
		return nil
	}
	if same > 0 {
		list = append(list, changedBlock{Same: same})
	}
	return list
}

func marksIn(w *page.Language) richtext.Marks {
	return richtext.Marks{Removed: w.Say("diff.removed"), Added: w.Say("diff.added"), Picture: w.Say("diff.picture"), Video: w.Say("diff.video"), Credit: w.Say("diff.credit")}
}

func inLine(list []string) string { return strings.Join(list, ", ") }

// restoreRevision makes an earlier revision the copy.
func (d *Desk) restoreRevision(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	number, err := strconv.Atoi(v.Path("number"))
	if err != nil {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such revision."}
	}
	version, _ := strconv.Atoi(v.Field("version"))
	// The page of the revisions has the seat no longer than for this: where the story
	// itself is open, it is written on there.
	at := desk.At{Page: v.Field("page"), Version: version}
	if _, err := d.Work.Seat(v.Context(), a, id, at.Page, desk.Take); err != nil {
		return nil, err
	}
	err = d.Work.Restore(v.Context(), a, id, at, number)
	if _, err := d.Work.Seat(v.Context(), a, id, at.Page, desk.Leave); err != nil {
		return nil, err
	}
	if problem.Is(err, problem.Conflict) || problem.Is(err, problem.Forbidden) {
		return d.storyWrong(v, a, id, nil, err)
	}
	if err != nil {
		return nil, err
	}
	return page.SeeOther(storyPath(id) + "?done=restored"), nil
}
