package newsroom

import (
	"html/template"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/wire"
)

// wireStoryPage is what wirestory.html shows: one story of an agency, with all its
// versions, what the last one changed, and what is for editors only.
type wireStoryPage struct {
	chrome
	Notice   string
	Bad      bool
	Row      wireRow
	Here     string // address
	Agency   string // its id of the story, for a call to its desk
	Warnings []wireNote
	Notes    []wireNote
	Facts    []wireNote
	Versions []wireVersion
	Chosen   wireVersion
	Fields   []changedField
	Changed  []changedBlock
	Whole    template.HTML
	Pictures []wirePicture
	Related  []wireRow
	Staff    []option
	Mine     string // this person's id, where the story is not theirs
}

// A wireNote is something that an agency tells, under its name.
type wireNote struct{ Name, Text string }

// A wireVersion is one version of the story in the list.
type wireVersion struct {
	Path, Version, When, At, What string
	Here                          bool
	Headline                      string
	Reason                        string
	Rule                          string
	Delivery                      string
}

// A wirePicture is a picture that came with the story.
type wirePicture struct{ Path, Small, Caption, Credit string }

// related is how many other stories of the same name are shown.
const related = 8

func (d *Desk) showWireStory(v *visit, a *reader.Actor) (*page.Answer, error) {
	first, err := d.wireStory(v)
	if err != nil {
		return nil, err
	}
	p, err := d.wireStoryPage(v, a, first)
	if err != nil {
		return nil, err
	}
	if v.Get("done") == "assigned" {
		p.Notice = v.words.Say("wire.done.assigned")
	}
	return page.Show(v.wireStory.With(p)), nil
}

func (d *Desk) wireStoryPage(v *visit, a *reader.Actor, first int64) (p wireStoryPage, err error) {
	w, ctx := v.words, v.Context()
	if p.chrome, err = d.chrome(v, "wire.title"); err != nil {
		return p, err
	}
	l, versions, err := d.Wire.Story(ctx, first)
	if err != nil {
		return p, err
	}
	rows, err := d.wireRows(v, []wire.Line{l})
	if err != nil {
		return p, err
	}
	p.Row, p.Here, p.Agency = rows[0], wirePath(first), l.ID
	p.Title = p.Row.Headline
	at := 0
	for i, x := range versions {
		if x.Version == v.Get("version") {
			at = i
		}
	}
	for i, x := range versions {
		p.Versions = append(p.Versions, d.wireVersion(w, first, x, i == at))
	}
	if len(versions) > 0 {
		p.Chosen = p.Versions[at]
		d.wireChosen(w, &p, versions, at)
	}
	if err := d.wireBeside(v, a, &p, l); err != nil {
		return p, err
	}
	p.Keys = append([]shortcut{
		{[]string{"u"}, w.Say("wire.use")},
		{[]string{"e"}, w.Say("wire.edit")},
		{[]string{"x"}, w.Say("wire.ignore")},
		{[]string{"m"}, w.Say("wire.mine")},
	}, p.Keys...)
	return p, nil
}

func (d *Desk) wireVersion(w *page.Language, first int64, x wire.Version, here bool) wireVersion {
	l := wire.Line{Decision: x.Decision}
	if x.Status == wire.Canceled || x.Status == wire.Withheld {
		l.Recall = x.Status
	}
	what, _, _ := wireState(w, l)
	reason := w.Say(x.Reason)
	if x.Ruling.Tells(x.Reason) {
		reason = ""
	}
	return wireVersion{
		Path: wirePath(first) + "?" + url.Values{"version": {x.Version}}.Encode(), Version: x.Version, When: w.Moment(x.Received), At: w.Machine(x.Received), What: what,
		Here: here, Headline: x.Headline, Reason: reason, Rule: ruledWord(w, x.Decision, x.Reason, x.Ruling), Delivery: x.Delivery,
	}
}

// wireChosen shows a version: what it changed, its whole text, and what it tells editors.
func (d *Desk) wireChosen(w *page.Language, p *wireStoryPage, versions []wire.Version, at int) {
	x := versions[at]
	p.Whole = x.Body.Web(nil)
	if at+1 < len(versions) {
		old, marks := versions[at+1], marksIn(w)
		for _, f := range []struct{ name, was, is string }{
			{w.Say("story.headline"), old.Headline, x.Headline},
			{w.Say("story.standfirst"), old.Standfirst, x.Standfirst},
			{w.Say("story.bylines"), inLine(old.Bylines), inLine(x.Bylines)},
			{w.Say("story.dateline"), old.Dateline, x.Dateline},
		} {
			if f.was != f.is && f.is != "" {
				p.Fields = append(p.Fields, changedField{f.name, richtext.RunsHTML(richtext.DiffText(f.was, f.is), marks)})
			}
		}
		if len(x.Body.Blocks) > 0 {
			p.Changed = changedBlocks(richtext.Diff(old.Body, x.Body), marks)
		}
	}
	note := func(to *[]wireNote, key, text string) {
		if text = strings.TrimSpace(text); text != "" {
			*to = append(*to, wireNote{w.Say(key), text})
		}
	}
	switch {
	case x.EmbargoOpen:
		note(&p.Warnings, "wire.embargo", w.Say("wire.embargo.open"))
	case x.Embargo.After(d.Now()):
		note(&p.Warnings, "wire.embargo", w.Say("wire.embargo.until", w.Moment(x.Embargo)))
	}
	note(&p.Warnings, "wire.advisory", x.Advisory)
	note(&p.Warnings, "wire.terms", x.UsageTerms)
	note(&p.Notes, "wire.ednote", x.EdNote)
	note(&p.Notes, "wire.internal", x.Internal)
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return w.Moment(t)
	}
	for _, f := range []wireNote{
		{"wire.slug", x.Slugline},
		{"story.standfirst", x.Standfirst},
		{"story.bylines", inLine(x.Bylines)},
		{"story.dateline", x.Dateline},
		{"story.source_notice", x.Copyright},
		{"wire.places", inLine(x.Places)},
		{"wire.signals", inLine(x.Signals)},
		{"wire.written", moment(x.Updated)},
		{"wire.expires", moment(x.Expires)},
		{"wirerules.products", inLine(x.Products)},
		{"wirerules.genres", inLine(x.Genres)},
		{"wire.language", x.Language},
		{"wire.format", x.Format},
		{"wire.link", x.Link},
		{"wire.delivery", p.Chosen.Delivery},
		{"wire.id", p.Agency},
	} {
		note(&p.Facts, f.Name, f.Text)
	}
}

// wireBeside gathers what stands beside the text: pictures, other stories, and people.
func (d *Desk) wireBeside(v *visit, a *reader.Actor, p *wireStoryPage, l wire.Line) error {
	if l.Article != "" {
		t, err := d.Work.Story(v.Context(), a, l.Article)
		if err != nil {
			return err
		}
		p.Pictures = picturesOf(t.Article.Content)
	}
	others, err := d.Wire.Related(v.Context(), l, related)
	if err != nil {
		return err
	}
	if p.Related, err = d.wireRows(v, others); err != nil {
		return err
	}
	staff, err := d.Readers.Staff(v.Context())
	if err != nil {
		return err
	}
	p.Staff = append(p.Staff, option{"", v.words.Say("plan.nobody"), l.Assignee == ""})
	for _, s := range staff {
		if s.Role.May(reader.MayEdit) {
			p.Staff = append(p.Staff, option{s.ID, s.Name, s.ID == l.Assignee})
		}
	}
	if l.Assignee != a.Reader.ID {
		p.Mine = a.Reader.ID
	}
	return nil
}

func picturesOf(c article.Content) (list []wirePicture) {
	add := func(id, caption, credit string) {
		if id != "" {
			list = append(list, wirePicture{picturePath(id), picturePath(id) + "/small", caption, credit})
		}
	}
	add(c.Lead.Picture, c.Lead.Caption, c.Lead.Credit)
	for _, b := range c.Body.Figures() {
		add(b.Picture, richtext.Plain(b.Text), b.Credit)
	}
	return list
}
