package site

import (
	"context"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/richtext"
)

// historyPage is what history.html shows: the versions of an article, and what
// has changed from each to the next.
type historyPage struct {
	chrome
	Story    card
	Ended    bool
	Single   bool // it has not been changed
	Versions []versionView
	Newer    bool // this is not the first page
	Older    string
}

// A versionView is one version against the one before it.
type versionView struct {
	ID       string
	What     string // "Correction"
	When, At string
	Note     string
	Lines    []diffLine
	Body     []diffPart
	First    bool
	Same     bool // nothing that is told has changed
}

// A diffLine is a field that has changed.
type diffLine struct {
	Name string
	Text template.HTML
}

// A diffPart is a block of a body, or how many were left out.
type diffPart struct {
	Block  template.HTML
	Folded string // "12 paragraphs unchanged"
}

func (s *Site) showHistory(ctx context.Context, q page.Query) (*page.Body, error) {
	h, moved, err := s.Articles.History(ctx, q.Path("section"), q.Path("slug"), q.Get("before"))
	if err != nil {
		return s.showGone(ctx, err)
	}
	if moved != "" {
		return movedTo(moved+"/history", q), nil
	}
	p := historyPage{chrome: s.chrome("history"), Ended: h.Ended, Newer: q.Get("before") != "", Older: h.Older}
	p.Story = lister{s, p.Today, nil, nil, formatted{}}.card(h.Card)
	p.Here, p.Title, p.NoIndex = h.Section.Slug, s.lang.Say("history.title"), true
	p.Canonical = s.Paper.URL(h.Path() + "/history")
	p.Single = len(h.Versions) == 1 && !p.Newer
	all := h.Versions
	if h.Before != nil {
		all = append(slices.Clip(all), *h.Before)
	}
	for i, v := range h.Versions {
		view := versionView{
			ID: "v" + strconv.Itoa(v.Number), What: s.versionWords(v.Reason),
			When: s.lang.Moment(v.Shown), At: s.lang.Machine(v.Shown), Note: v.Note,
		}
		if i+1 < len(all) {
			s.compare(&view, all[i+1].Content, v.Content)
		} else {
			view.First = true
			s.compare(&view, v.Content, v.Content)
		}
		p.Versions = append(p.Versions, view)
	}
	b := s.views.history.With(p).Tagged(article.Tag(h.ID))
	b.Robots = "noindex"
	return ends(s.dated(b), []article.Card{h.Card}), nil
}

// versionWords names what a version is.
func (s *Site) versionWords(r article.Reason) string {
	switch r {
	case article.First:
		return s.lang.Say("history.first")
	case article.Update:
		return s.lang.Say("history.update")
	case article.Correction:
		return s.lang.Say("history.correction")
	case article.FromWire:
		return s.lang.Say("history.wire")
	case article.Returning:
		return s.lang.Say("history.return")
	default:
		return s.lang.Say("history.edit")
	}
}

// compare sets what has changed between two versions, or all of one that is the
// first.
func (s *Site) compare(v *versionView, before, after article.Content) {
	marks := richtext.Marks{
		Added: s.lang.Say("history.added"), Removed: s.lang.Say("history.removed"),
		Picture: s.lang.Say("history.picture"), Video: s.lang.Say("history.video"), Credit: strings.TrimSpace(s.lang.Say("image", "")),
	}
	for _, f := range []struct{ name, before, after string }{
		{s.lang.Say("history.sponsor"), before.Sponsor, after.Sponsor},
		{s.lang.Say("history.kicker"), before.Kicker, after.Kicker},
		{s.lang.Say("history.headline"), before.Headline, after.Headline},
		{s.lang.Say("history.standfirst"), before.Standfirst, after.Standfirst},
		{s.lang.Say("history.byline"), s.names(before.Bylines), s.names(after.Bylines)},
		{s.lang.Say("history.dateline"), before.Dateline, after.Dateline},
		{s.lang.Say("history.source"), before.SourceNotice, after.SourceNotice},
	} {
		if f.before != f.after || v.First && f.after != "" {
			v.Lines = append(v.Lines, diffLine{f.name, richtext.RunsHTML(richtext.DiffText(f.before, f.after), marks)})
		}
	}
	changes := richtext.Diff(withLead(before), withLead(after))
	if v.First {
		for _, c := range changes {
			v.Body = append(v.Body, diffPart{Block: c.HTML(marks)})
		}
		return
	}
	v.Body = s.folded(changes, marks)
	v.Same = len(v.Lines) == 0 && len(v.Body) == 0
}

// withLead is a body with the picture above it.
func withLead(c article.Content) richtext.Doc {
	if c.Lead == (article.Lead{}) {
		return c.Body
	}
	lead := richtext.Block{Kind: richtext.Figure, Picture: c.Lead.Picture, Credit: c.Lead.Credit, Alt: c.Lead.Alt, Video: c.Lead.Video}
	if c.Lead.Caption != "" {
		lead.Text = []richtext.Span{{Text: c.Lead.Caption}}
	}
	return richtext.Doc{Blocks: append([]richtext.Block{lead}, c.Body.Blocks...)}
}

// folded sets changes with a block on either side of each; of the others it says
// how many there are. Where nothing has changed there is nothing.
func (s *Site) folded(changes []richtext.Change, marks richtext.Marks) (parts []diffPart) {
	near := func(i int) bool { return i >= 0 && i < len(changes) && changes[i].How != richtext.Kept }
	if !slices.ContainsFunc(changes, func(c richtext.Change) bool { return c.How != richtext.Kept }) {
		return nil
	}
	left := 0
	fold := func() {
		if left > 0 {
			parts = append(parts, diffPart{Folded: s.lang.Count("history.folded", left)})
			left = 0
		}
	}
	for i, c := range changes {
		if !near(i-1) && !near(i) && !near(i+1) {
			left++
			continue
		}
		fold()
		parts = append(parts, diffPart{Block: c.HTML(marks)})
	}
	fold()
	return parts
}
