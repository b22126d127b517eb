package newsroom

import (
	"slices"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

const overview = "/newsroom/desk"

// overviewPage is what overview.html shows: how the paper stands, for one who
// makes it.
type overviewPage struct {
	chrome
	Read   []readLine // what readers read now
	Board  string     // the whole of it, "" for those who may not see it
	Groups []group
	Tasks  []derivedRow // what an agency has recalled, and is in work of ours
	Empty  bool
}

// A group is some articles that have something in common.
type group struct {
	Name  string
	All   string // address of the whole list, "" for none
	Lines []storyLine
}

// A readLine is an article that is being read.
type readLine struct {
	Headline string
	Path     string
	Readers  int
}

// readNow is what most readers have before them. The ids are what browsers sent;
// what readers may not have is none of them.
func (d *Desk) readNow(v *visit) (lines []readLine, err error) {
	most := d.Audience.Most(4 * groupSize)
	var ids []string
	for _, c := range most {
		ids = append(ids, c.Article)
	}
	cards, err := d.Articles.Readable(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	for _, c := range most {
		if card, ok := cards[c.Article]; ok && len(lines) < groupSize {
			lines = append(lines, readLine{card.Headline, card.Path(), c.Readers})
		}
	}
	return lines, nil
}

// groupSize is how many articles a group shows.
const groupSize = 8

func (d *Desk) showOverview(v *visit, a *reader.Actor) (*page.Answer, error) {
	p := overviewPage{}
	var err error
	if p.chrome, err = d.chrome(v, "overview.title"); err != nil {
		return nil, err
	}
	if p.Read, err = d.readNow(v); err != nil {
		return nil, err
	}
	if a.May(reader.MayEdit) {
		p.Board = readership
	}
	if p.Tasks, err = d.derivedTasks(v, a); err != nil {
		return nil, err
	}
	add := func(name, view string, filters ...desk.Filter) error {
		g := group{Name: name}
		for _, f := range filters {
			f.Limit = groupSize
			list, _, err := d.Work.List(v.Context(), a, f)
			if err != nil {
				return err
			}
			for _, l := range list {
				line := d.storyLine(v.words, l)
				if !slices.ContainsFunc(g.Lines, func(other storyLine) bool { return other.Path == line.Path }) {
					g.Lines = append(g.Lines, line)
				}
			}
		}
		if view != "" {
			g.All = articles + "?view=" + view
		}
		if len(g.Lines) > 0 {
			p.Groups = append(p.Groups, g)
		}
		return nil
	}
	w, own := v.words, a.Reader.ID
	if !a.May(reader.MayEdit) {
		for _, err := range []error{
			add(w.Say("overview.mine.draft"), "", desk.Filter{State: article.Draft, Owner: own}),
			add(w.Say("overview.mine.review"), "", desk.Filter{State: article.Review, Owner: own}),
			add(w.Say("overview.mine.published"), "", desk.Filter{State: article.Published, Owner: own}),
		} {
			if err != nil {
				return nil, err
			}
		}
	} else {
		for _, err := range []error{
			add(w.Say("overview.review"), "review", desk.Filter{State: article.Review}),
			add(w.Say("overview.mine"), "mine", desk.Filter{State: article.Draft, Owner: own}),
			add(w.Say("overview.waiting"), "waiting", desk.Filter{Waiting: true}),
			add(w.Say("overview.coming"), "scheduled", desk.Filter{State: article.Scheduled, Coming: true}),
			add(w.Say("overview.held"), "", desk.Filter{Coming: true}, desk.Filter{Held: true}),
			add(w.Say("overview.drafts"), "draft", desk.Filter{State: article.Draft}),
			add(w.Say("overview.live"), "published", desk.Filter{State: article.Published}),
		} {
			if err != nil {
				return nil, err
			}
		}
	}
	p.Empty = len(p.Groups) == 0 && len(p.Tasks) == 0
	p.Keys = append([]shortcut{
		{[]string{"n"}, w.Say("stories.new")}, {[]string{"j"}, w.Say("stories.down")}, {[]string{"k"}, w.Say("stories.up")},
	}, p.Keys...)
	return page.Show(v.overview.With(p)), nil
}

// A hit is something that quick open leads to.
type hit struct {
	Name  string `json:"name"`
	About string `json:"about"`
	Path  string `json:"path"`
}

// maxHits is how many of each sort quick open offers.
const maxHits = 8

// quickOpen answers what somebody types: rooms, articles and people whom they may
// go to.
func (d *Desk) quickOpen(v *visit, a *reader.Actor) (*page.Answer, error) {
	q, w := strings.TrimSpace(v.Get("q")), v.words
	hits := []hit{}
	match := func(name string) bool { return strings.Contains(article.Fold(name), article.Fold(q)) }
	for _, r := range d.rooms {
		if name := w.Say(r.Name); a.May(r.Permission) && match(name) {
			hits = append(hits, hit{name, w.Say("quick.room"), r.Path})
		}
	}
	if a.May(reader.MayWrite) {
		if name := w.Say("stories.new"); match(name) {
			hits = append(hits, hit{name, w.Say("quick.room"), articles + "/new"})
		}
		list, _, err := d.Work.List(v.Context(), a, desk.Filter{Words: q, Limit: maxHits})
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			line := d.storyLine(w, l)
			hits = append(hits, hit{line.Headline, line.Mark + " " + line.State + " · " + line.Section, line.Path})
		}
	}
	if a.May(reader.MayManage) {
		if name := w.Say("people.title"); match(name) {
			hits = append(hits, hit{name, w.Say("quick.setting"), "/account/people"})
		}
		for _, t := range paperTabs() {
			if name := w.Say(t.name); t.path != paperPath && (match(name) || match(w.Say(t.words))) {
				hits = append(hits, hit{name, w.Say("quick.setting"), t.path})
			}
		}
		if match(w.Say("paper.tab.identity.words")) && !match(w.Say("paper.title")) {
			hits = append(hits, hit{w.Say("paper.title"), w.Say("quick.setting"), paperPath})
		}
	}
	if q != "" {
		staff, err := d.Readers.Staff(v.Context())
		if err != nil {
			return nil, err
		}
		n := 0
		for _, c := range staff {
			if n < maxHits && (match(c.Name) || match(c.Handle)) {
				hits, n = append(hits, hit{c.Name, roleName(w, c.Role), "/member/" + c.Handle}), n+1
			}
		}
	}
	return page.JSON(hits)
}

// showNewStory asks whether to begin an article, for those who come by an address:
// opening one changes nothing.
func (d *Desk) showNewStory(v *visit, _ *reader.Actor) (*page.Answer, error) {
	p := newStoryPage{Formats: formatOptions(v.words, article.Story)}
	var err error
	if p.chrome, err = d.chrome(v, "stories.new"); err != nil {
		return nil, err
	}
	if p.Sections, err = d.sectionOptions(v, ""); err != nil {
		return nil, err
	}
	return page.Show(v.newStory.With(p)), nil
}

// newStoryPage is what newstory.html shows: the form that begins an article.
type newStoryPage struct {
	chrome
	Sections []option
	Formats  []option
}

// backPage is what back.html shows to who has logged in again for a story that is
// open in another window.
type backPage struct{ chrome }

func (d *Desk) showBack(v *visit, _ *reader.Actor) (*page.Answer, error) {
	c, err := d.chrome(v, "back.title")
	if err != nil {
		return nil, err
	}
	return page.Show(v.returned.With(backPage{c})), nil
}
