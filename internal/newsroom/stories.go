package newsroom

import (
	"net/url"
	"slices"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// articles is the address of the room of those who write.
const articles = "/newsroom/articles"

func storyPath(id string) string { return articles + "/" + id }

// storiesPage is what stories.html shows: the articles of the paper, as those who
// make them see them.
type storiesPage struct {
	chrome
	Views    []view
	View     string
	Sections []option
	Words    string
	Lines    []storyLine
	Older    string // address of the next page, "" on the last
	First    string // and of the first, "" there
	Filtered bool
	MayEdit  bool
}

// A view is one way to look at the articles.
type view struct {
	Path, Name string
	Here       bool
}

// An option is one of a list to choose from.
type option struct {
	Value, Name string
	On          bool
}

// A storyLine is an article in the list.
type storyLine struct {
	Path     string
	Headline string
	Section  string
	State    string // its word
	Mark     string // its sign, for the eye
	Shape    article.State
	When     string // of publication, where that is to come or has been
	Owner    string
	Changed  string
	At       string // the same for machines
	Words    string
	Sponsor  string // that somebody pays for it, in words; "" for nobody
	Waits    bool
	Writing  string
	Remarks  int
}

// about says in a line where a story belongs, and that it is paid for; state is its
// word, "" where all have the same.
func (l storyLine) about(state string) string {
	return strings.Join(slices.DeleteFunc([]string{l.Sponsor, l.Section, state, l.When}, func(s string) bool { return s == "" }), " · ")
}

// views are the ways to look at the articles, in order.
func (d *Desk) storyViews(w *page.Language, a *reader.Actor, here string) (list []view) {
	add := func(key, name string) {
		path := articles
		if key != "" {
			path += "?" + url.Values{"view": {key}}.Encode()
		}
		list = append(list, view{path, name, key == here})
	}
	if !a.May(reader.MayEdit) {
		add("", w.Say("stories.mine"))
		return list
	}
	add("", w.Say("stories.all"))
	add("mine", w.Say("stories.mine"))
	add("draft", w.Say("stories.draft"))
	add("review", w.Say("stories.review"))
	add("scheduled", w.Say("stories.scheduled"))
	add("published", w.Say("stories.published"))
	add("waiting", w.Say("stories.waiting"))
	add("withdrawn", w.Say("stories.withdrawn"))
	return list
}

func stateWord(w *page.Language, s article.State) string {
	switch s {
	case article.Draft:
		return w.Say("state.draft")
	case article.Review:
		return w.Say("state.review")
	case article.Scheduled:
		return w.Say("state.scheduled")
	case article.Published:
		return w.Say("state.published")
	case article.Withdrawn:
		return w.Say("state.withdrawn")
	}
	return string(s)
}

// stateMark is a state's shape: words alone are slow to find in a list.
func stateMark(s article.State) string {
	switch s {
	case article.Draft:
		return "○"
	case article.Review:
		return "◐"
	case article.Scheduled:
		return "◷"
	case article.Published:
		return "●"
	}
	return "×"
}

func (d *Desk) showStories(v *visit, a *reader.Actor) (*page.Answer, error) {
	p := storiesPage{View: v.Get("view"), Words: v.Get("q"), MayEdit: a.May(reader.MayEdit)}
	section := v.Get("section")
	var err error
	if p.chrome, err = d.chrome(v, "stories.title"); err != nil {
		return nil, err
	}
	p.Views = d.storyViews(v.words, a, p.View)
	f := desk.Filter{Section: section, Words: p.Words, Before: v.Get("before")}
	switch p.View {
	case "mine":
		f.Owner = a.Reader.ID
	case "waiting":
		f.Waiting = true
	case "draft", "review", "scheduled", "published", "withdrawn":
		f.State = article.State(p.View)
	default:
		p.View = ""
	}
	if p.Sections, err = d.sectionOptions(v, section); err != nil {
		return nil, err
	}
	p.Filtered = p.View != "" || section != "" || p.Words != ""
	list, older, err := d.Work.List(v.Context(), a, f)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		p.Lines = append(p.Lines, d.storyLine(v.words, l))
	}
	here := url.Values{}
	for key, value := range map[string]string{"view": p.View, "section": section, "q": p.Words} {
		if value != "" {
			here.Set(key, value)
		}
	}
	if f.Before != "" {
		p.First = articles + "?" + here.Encode()
	}
	if older != "" {
		here.Set("before", older)
		p.Older = articles + "?" + here.Encode()
	}
	p.Keys = append([]shortcut{
		{[]string{"n"}, v.words.Say("stories.new")},
		{[]string{"/"}, v.words.Say("stories.find")},
		{[]string{"j"}, v.words.Say("stories.down")},
		{[]string{"k"}, v.words.Say("stories.up")},
	}, p.Keys...)
	return page.Show(v.stories.With(p)), nil
}

func (d *Desk) storyLine(w *page.Language, l desk.Line) storyLine {
	line := storyLine{
		Path: storyPath(l.ID), Headline: l.Headline, Section: l.Section.Name, State: stateWord(w, l.State), Mark: stateMark(l.State), Shape: l.State,
		Owner: l.Owner, Changed: w.Moment(l.Changed), At: w.Machine(l.Changed), Waits: l.Waits, Writing: l.Writing, Remarks: l.Remarks,
	}
	if line.Headline == "" {
		line.Headline = w.Say("stories.untitled")
	}
	if l.Sponsor != "" {
		line.Sponsor = w.Say("sponsored", l.Sponsor)
	}
	if l.Words > 0 {
		line.Words = w.Number(l.Words)
	}
	switch {
	case l.Open:
		line.When = w.Say("story.embargo.open")
	case !l.Embargo.IsZero() && l.Embargo.After(d.Now()):
		line.When = w.Say("story.embargo.until", w.Moment(l.Embargo))
	case !l.Published.IsZero():
		line.When = w.Moment(l.Published)
	}
	return line
}

// sectionOptions are the sections to choose from, one of them chosen.
func (d *Desk) sectionOptions(v *visit, chosen string) (list []option, err error) {
	sections, err := d.Articles.Sections(v.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range sections {
		list = append(list, option{s.Slug, s.Name, s.Slug == chosen})
	}
	if chosen != "" && !slices.ContainsFunc(list, func(o option) bool { return o.On }) {
		list = append(list, option{chosen, chosen, true})
	}
	return list, nil
}

// beginStory makes a draft and leads to it.
func (d *Desk) beginStory(v *visit, a *reader.Actor) (*page.Answer, error) {
	section := v.Field("section")
	if section == "" {
		sections, err := d.Articles.Sections(v.Context())
		if err != nil {
			return nil, err
		}
		if len(sections) > 0 {
			section = sections[0].Slug
		}
	}
	id, err := d.Work.Begin(v.Context(), a, desk.New{Section: section, Format: article.Format(v.Field("format")), Language: d.Paper.Language, Headline: v.Field("headline"), Byline: a.Reader.Name})
	if err != nil {
		return nil, err
	}
	return page.SeeOther(storyPath(id)), nil
}

// A found is an article that somebody looks for to link to it.
type found struct {
	Headline string `json:"headline"`
	Path     string `json:"path"`
	Section  string `json:"section"`
	When     string `json:"when"`
}

// maxFound is how many articles are offered for a link.
const maxFound = 12

// findStories answers the editor that looks for an article to link to: those that
// readers have.
func (d *Desk) findStories(v *visit, _ *reader.Actor) (*page.Answer, error) {
	list := []found{}
	if q := v.Get("q"); q != "" {
		cards, err := d.Articles.Find(v.Context(), q, maxFound)
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			list = append(list, found{c.Headline, c.Path(), c.Section.Name, v.words.Day(c.Published)})
		}
	}
	return page.JSON(list)
}
