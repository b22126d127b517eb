package newsroom

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

const readership = "/newsroom/audience"

func (d *Desk) audienceRoutes(rt *page.Router) {
	d.room(rt, room{readership, "audience.title", "r", reader.MayEdit, nil}, d.showAudience)
	d.staff(rt, "GET "+readership+"/table", reader.MayEdit, d.audienceTable)
	d.staff(rt, "GET "+readership+"/{id}", reader.MayWrite, d.showArticleAudience)
}

// audiencePage is what audience.html shows: what readers read, of the paper or of one
// article.
type audiencePage struct {
	chrome
	Simulated bool      // its readers are none
	Article   *readLine // nil: the whole paper
	Story     string    // the article's place in the newsroom
	Reading   string    // "12 readers"
	Spans     []tab
	Plot      plot
	Total     string
	Lists     []rankList
	Shares    []shareList
	Table     string // address of the table, "" for none
	Long      bool   // days are of UTC
}

// A tab leads to the same page of another span.
type tab struct {
	Path, Name string
	On         bool
}

// A rankList is a list of articles, the first of them first.
type rankList struct {
	ID, Name, None string
	Lines          []rankLine
}

// A rankLine is one article of it.
type rankLine struct{ Headline, Path, Says, About string }

// A shareList is what something is made of.
type shareList struct {
	ID, Name, Means, None string
	Rows                  []shareRow
}

// A shareRow is one part of it.
type shareRow struct {
	Name, Says string
	Percent    int
}

// A span is how far the page looks back, and by what steps.
type span struct {
	name string
	back time.Duration
	unit time.Duration
}

const day = 24 * time.Hour

var spanList = [...]span{{"day", 23 * time.Hour, time.Hour}, {"week", 6 * day, day}, {"quarter", 89 * day, day}}

// spanOf is the one that an address asks for.
func spanOf(v *visit) span {
	for _, s := range spanList {
		if v.Get("span") == s.name {
			return s
		}
	}
	return spanList[0]
}

// since is when it begins.
func (s span) since(now time.Time) time.Time { return now.UTC().Truncate(s.unit).Add(-s.back) }

func spanWord(w *page.Language, name string) string {
	switch name {
	case "day":
		return w.Say("audience.day")
	case "week":
		return w.Say("audience.week")
	default:
		return w.Say("audience.quarter")
	}
}

func (d *Desk) showAudience(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.audiencePage(v, "", readership)
	if err != nil {
		return nil, err
	}
	s := spanOf(v)
	if p.Lists, err = d.rankLists(v, a, s); err != nil {
		return nil, err
	}
	sections, err := d.Opens.Sections(v.Context(), s.since(d.Now()))
	if err != nil {
		return nil, err
	}
	names, _, err := d.Articles.ArrangedSections(v.Context())
	if err != nil {
		return nil, err
	}
	for i := range sections {
		for _, n := range names {
			if n.Slug == sections[i].Name {
				sections[i].Name = n.Name
			}
		}
	}
	p.Shares = append(p.Shares, shares(v.words, "sections", v.words.Say("audience.sections"), "", sections))
	p.Table = readership + "/table?span=" + s.name
	return page.Show(v.audience.With(p)), nil
}

// showArticleAudience is the same of one article, for whoever may look at its story.
func (d *Desk) showArticleAudience(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	story, err := d.Work.Story(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	p, err := d.audiencePage(v, id, readership+"/"+id)
	if err != nil {
		return nil, err
	}
	p.Article = &readLine{Headline: cmp.Or(story.Article.Headline, v.words.Say("stories.untitled"))}
	p.Story = articles + "/" + id
	cards, err := d.Articles.Readable(v.Context(), id)
	if err != nil {
		return nil, err
	}
	if c, ok := cards[id]; ok {
		p.Article.Path = c.Path()
	}
	return page.Show(v.audience.With(p)), nil
}

// audiencePage is what both pages have.
func (d *Desk) audiencePage(v *visit, id, path string) (p audiencePage, err error) {
	if d.Opens == nil || d.Audience == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	if p.chrome, err = d.chrome(v, "audience.title"); err != nil {
		return p, err
	}
	w, now, s := v.words, d.Now(), spanOf(v)
	p.Simulated = d.Simulated
	p.Reading = w.Count("overview.readers", d.Audience.Readers(id))
	for _, one := range spanList {
		p.Spans = append(p.Spans, tab{path + "?span=" + one.name, spanWord(w, one.name), one == s})
	}
	points, err := d.Opens.History(v.Context(), id, s.since(now), s.unit)
	if err != nil {
		return p, err
	}
	total := 0
	for _, at := range points {
		total += at.Opens
	}
	p.Plot, p.Total, p.Long = newPlot(w, points, s.unit, "audience.opens"), w.Count("audience.opens", total), s.unit == day
	parts, err := d.Opens.Parts(v.Context(), id, s.since(now))
	if err != nil {
		return p, err
	}
	p.Shares = partShares(w, parts, total)
	return p, nil
}

// partShares are the parts of what was opened, in the order in which they are told.
func partShares(w *page.Language, parts map[audience.Sort][]audience.Named, total int) []shareList {
	var from, depth, way []audience.Named
	for _, o := range audience.Origins() {
		from = append(from, audience.Named{Name: originWord(w, o), Opens: opensOf(parts[audience.From], string(o))})
	}
	for q := 1; q <= 4; q++ {
		depth = append(depth, audience.Named{Name: quarterWord(w, q), Opens: opensOf(parts[audience.Depth], strconv.Itoa(q))})
	}
	script := opensOf(parts[audience.Way], "script")
	way = []audience.Named{
		{Name: w.Say("audience.way.script"), Opens: script},
		{Name: w.Say("audience.way.server"), Opens: opensOf(parts[audience.Way], "server")},
	}
	if total == 0 {
		from, depth, way = nil, nil, nil
	}
	list := []shareList{
		shares(w, "from", w.Say("audience.from"), "", from),
		sharesOf(w, "depth", w.Say("audience.depth"), w.Say("audience.depth.means"), depth, script),
		shares(w, "ways", w.Say("audience.ways"), w.Say("audience.ways.means"), way),
	}
	if len(parts[audience.Campaign]) > 0 {
		list = append(list, sharesOf(w, "campaigns", w.Say("audience.campaigns"), w.Say("audience.campaigns.means"), parts[audience.Campaign], total))
	}
	return list
}

func opensOf(parts []audience.Named, name string) int {
	for _, p := range parts {
		if p.Name == name {
			return p.Opens
		}
	}
	return 0
}

// shares are parts of their own sum.
func shares(w *page.Language, id, name, means string, parts []audience.Named) shareList {
	sum := 0
	for _, p := range parts {
		sum += p.Opens
	}
	return sharesOf(w, id, name, means, parts, sum)
}

func sharesOf(w *page.Language, id, name, means string, parts []audience.Named, of int) shareList {
	l := shareList{ID: id, Name: name, Means: means, None: w.Say("audience.none")}
	for _, p := range parts {
		l.Rows = append(l.Rows, shareRow{p.Name, w.Number(p.Opens), min(100*p.Opens/max(of, 1), 100)})
	}
	return l
}

func originWord(w *page.Language, o audience.Origin) string {
	switch o {
	case audience.Search:
		return w.Say("audience.from.search")
	case audience.Social:
		return w.Say("audience.from.social")
	case audience.Mail:
		return w.Say("audience.from.mail")
	case audience.Feed:
		return w.Say("audience.from.feed")
	case audience.Sister:
		return w.Say("audience.from.sister")
	case audience.Here:
		return w.Say("audience.from.here")
	case audience.Other:
		return w.Say("audience.from.other")
	default:
		return w.Say("audience.from.none")
	}
}

func quarterWord(w *page.Language, q int) string {
	switch q {
	case 1:
		return w.Say("audience.depth.1")
	case 2:
		return w.Say("audience.depth.2")
	case 3:
		return w.Say("audience.depth.3")
	default:
		return w.Say("audience.depth.4")
	}
}

// perAudience is how many articles a list of the board has.
const perAudience = 10

// rankLists are the lists of the board.
func (d *Desk) rankLists(v *visit, a *reader.Actor, s span) ([]rankList, error) {
	w := v.words
	most := d.Ranks.MostRead(audience.Day, "")
	switch s.name {
	case "week":
		most = d.Ranks.MostRead(audience.Week, "")
	case "quarter":
		var err error
		if most, err = d.Opens.MostRead(v.Context(), s.since(d.Now()), perAudience); err != nil {
			return nil, err
		}
	}
	opened := func(c audience.Count) rankLine { return rankLine{Says: w.Number(c.Readers)} }
	counts := func(id, name string, list []audience.Count) rankListed {
		l := rankListed{rankList: rankList{ID: id, Name: name, None: w.Say("audience.none")}}
		for _, c := range list[:min(len(list), perAudience)] {
			l.ids, l.Lines = append(l.ids, c.Article), append(l.Lines, opened(c))
		}
		return l
	}
	trending := rankListed{rankList: rankList{ID: "trending", Name: w.Say("audience.trending"), None: w.Say("audience.trending.none")}}
	for i, t := range d.Ranks.Trending("") {
		if i < perAudience {
			trending.ids = append(trending.ids, t.Article)
			trending.Lines = append(trending.Lines, rankLine{Says: w.Say("audience.rate", fmt.Sprintf("%.0f", t.Rate)), About: w.Say("audience.usual", fmt.Sprintf("%.0f", t.Usual))})
		}
	}
	all := []rankListed{
		counts("now", w.Say("overview.read"), d.Audience.Most(perAudience)),
		trending,
		counts("hour", w.Say("audience.most.hour"), d.Ranks.MostRead(audience.Hour, "")),
		counts("most", w.Say("audience.most", spanWord(w, s.name)), most),
		counts("discussed", w.Say("audience.discussed"), d.Ranks.MostDiscussed()),
	}
	return d.named(v, a, all)
}

// A rankListed is a list whose articles have no names yet.
type rankListed struct {
	rankList
	ids []string
}

// named gives the articles of lists their names.
func (d *Desk) named(v *visit, a *reader.Actor, lists []rankListed) (named []rankList, err error) {
	var ids []string
	for _, l := range lists {
		ids = append(ids, l.ids...)
	}
	rows, err := d.storyRows(v, a, ids)
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		for i, id := range l.ids {
			row := rows[id]
			line := &l.Lines[i]
			line.Headline, line.Path = row.Headline, readership+"/"+id
			if row.Gone {
				line.About = v.words.Say("audience.gone")
			}
		}
		named = append(named, l.rankList)
	}
	return named, nil
}
