package site

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/live"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/search"
)

// searchPage is what search.html shows.
type searchPage struct {
	chrome
	Typed   string
	Words   field
	Filters []field
	Open    bool   // one of the filters is used
	Asked   bool   // something was looked for
	Notice  string // what was wrong with it, or left out of it
	Count   string // how many were found, "" where nobody knows
	Results []result
	Next    string // address of the page that follows, "" on the last
	Cut     string // that there is more than the order of the best goes through
	Newest  string // where that goes on
	Tips    []link // what to try when nothing was found
	Inside  bool   // comments were looked through
}

// A result is one thing that was found.
type result struct {
	card
	Heading []search.Piece
	Passage []search.Piece
	Comment bool   // it is one
	Author  string // of a comment
	Place   string // of a comment, or of an entry of a live report
	From    string // from where in a live report the passage is; "" is the article
	At      time.Time
	Date    string
}

// searchLife is how long an answer may be kept: a story that has appeared since is
// found after that, one that is gone leaves at once.
const searchLife = time.Minute

// nothingLife is how long an answer may be kept that has found nothing.
const nothingLife = 10 * time.Second

func (s *Site) searchRoutes(rt *page.Router) {
	rt.Public("GET /search", s.showSearch, page.Told("q"), page.Told("section"), page.Told("by"), page.Told("from"), page.Told("to"), "order", "in", page.Told("after"))
	rt.Public("GET /search/suggest", s.suggest, "q")
	rt.Public("GET /archive", s.showYears)
	rt.Public("GET /archive/{year}", s.showYears)
	rt.Public("GET /archive/{year}/{month}", s.showMonth)
	rt.Public("GET /archive/{year}/{month}/{day}", s.showDay, "before")
}

const (
	inComments  = "comments"
	orderNewest = "newest"
)

// A search request is what the form sends.
type searching struct {
	search.Query
	from, to, in string
	errors       map[string]string
}

// searching reads the form. Days are the paper's, the last one included.
func (s *Site) searching(q page.Query) searching {
	a := searching{in: q.Get("in"), from: q.Get("from"), to: q.Get("to"), errors: map[string]string{}}
	a.Query = search.Query{Words: q.Get("q"), Section: q.Get("section"), By: q.Get("by"), Newest: q.Get("order") == orderNewest, After: q.Get("after")}
	for _, name := range []string{"q", "by"} {
		if q.Refused(name) {
			a.errors[name] = s.lang.Say("search.long")
		}
	}
	if q.Refused("section") || a.Section != "" && !slices.ContainsFunc(s.Paper.Sections, func(sec article.Section) bool { return sec.Slug == a.Section }) {
		a.errors["section"] = s.lang.Say("There is no such section. Choose one of the list.")
	}
	if q.Refused("after") {
		a.After = "?" // no page has that
	}
	for _, d := range []struct {
		name, given string
		at          *time.Time
		days        int
	}{{"from", a.from, &a.From, 0}, {"to", a.to, &a.To, 1}} {
		if d.given == "" && !q.Refused(d.name) {
			continue
		}
		day, ok := dayIn(d.given, s.lang.Zone)
		if !ok {
			a.errors[d.name] = s.lang.Say("search.day")
			continue
		}
		*d.at = time.Date(day.Year(), day.Month(), day.Day()+d.days, 0, 0, 0, 0, s.lang.Zone)
	}
	return a
}

// path is the address of what is asked, changed.
func (a searching) path(change func(*searching)) string {
	change(&a)
	v := url.Values{}
	for _, p := range []struct{ name, value string }{
		{"q", a.Words}, {"section", a.Section}, {"by", a.By}, {"from", a.from}, {"to", a.to}, {"in", a.in}, {"after", a.After},
	} {
		if p.value != "" {
			v.Set(p.name, p.value)
		}
	}
	if a.Newest {
		v.Set("order", orderNewest)
	}
	return "/search?" + v.Encode()
}

func (s *Site) showSearch(ctx context.Context, q page.Query) (*page.Body, error) {
	a := s.searching(q)
	p := searchPage{chrome: s.chrome("search"), Typed: a.Words, Asked: !a.Blank() || len(a.errors) > 0, Inside: a.in == inComments}
	p.Title, p.NoIndex = s.lang.Say("search.title"), true
	p.Description = s.lang.Say("search.description", s.Paper.Name)
	if a.Words != "" {
		p.Title = s.lang.Say("search.for", a.Words)
	}
	var tags []string
	if p.Asked && len(a.errors) == 0 {
		done, err := s.brakes.search(ctx)
		if err != nil {
			return nil, err
		}
		tags, err = s.look(ctx, a, &p)
		done()
		if bad := problem.Of(err); bad != nil && bad.Kind == problem.Invalid {
			for name, sentence := range bad.Fields {
				a.errors[name] = s.lang.Say(sentence)
			}
		} else if err != nil {
			return nil, err
		}
	}
	p.Words, p.Filters = s.searchFields(a)
	p.Open = a.Section != "" || a.By != "" || a.from != "" || a.to != "" || p.Inside || len(a.errors) > 0 && a.errors["q"] == ""
	b := s.views.search.With(p).Tagged(tags...)
	if b.Robots = "noindex"; len(a.errors) > 0 {
		b.Status = problem.Invalid.Status()
	}
	for _, r := range p.Results {
		b.Until(r.Expires)
	}
	life := searchLife
	if p.Asked && len(p.Results) == 0 {
		life = nothingLife
	}
	return s.dated(b).Until(s.Now().Add(life)), nil
}

// searchTime is how long one page is searched for. Only phrases of words that are in
// most articles and hardly ever side by side take as long (decision 67).
const searchTime = 2 * time.Second

// look searches, and returns the tags of what it has found.
func (s *Site) look(ctx context.Context, a searching, p *searchPage) (tags []string, err error) {
	within, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	if tags, err = s.lookWithin(within, a, p); err != nil && within.Err() != nil && ctx.Err() == nil {
		const slow = "This takes too long to look for. Add a rarer word, or choose days."
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: slow, Fields: map[string]string{"q": slow}, Err: err}
	}
	return tags, err
}

func (s *Site) lookWithin(ctx context.Context, a searching, p *searchPage) (tags []string, err error) {
	if p.Inside {
		tags, err = s.lookSaid(ctx, a, p)
	} else {
		tags, err = s.lookArticles(ctx, a, p)
	}
	if err != nil {
		return nil, err
	}
	if n := len(p.Results); n > 0 && p.Next == "" && a.After == "" && p.Cut == "" {
		p.Count = s.lang.Count("search.found", n)
	}
	if len(p.Results) == 0 {
		p.Tips, err = s.searchTips(ctx, a)
	}
	return tags, err
}

func (s *Site) lookArticles(ctx context.Context, a searching, p *searchPage) (tags []string, err error) {
	found, err := s.Search.Find(ctx, a.Query)
	if err != nil {
		return nil, err
	}
	if found.More {
		p.Notice = s.lang.Say("search.more", search.MostTerms)
	}
	l := lister{s, p.Today, nil, nil, formatted{}}
	for _, f := range found.List {
		r := result{card: l.card(f.Card), Heading: f.Headline, Passage: f.Passage, At: f.Published, Date: s.lang.Day(f.Published)}
		if r.Place = f.Path(); f.Entry != "" {
			r.Place = entryPath(live.Entry{ID: f.Entry, Article: f.ID})
		}
		if f.Report {
			r.From = s.fromReport(f)
		}
		p.Results = append(p.Results, r)
		tags = append(tags, article.Tag(f.ID))
	}
	if found.Next != "" {
		p.Next = a.path(func(a *searching) { a.After = found.Next })
	} else if found.Cut {
		p.Cut, p.Newest = s.lang.Say("search.cut", search.Deep), a.path(func(a *searching) { a.Newest, a.After = true, "" })
	}
	return tags, nil
}

// fromReport says from where in its live report a passage is: its article's day stands over
// it already.
func (s *Site) fromReport(f search.Found) string {
	switch {
	case f.Entry == "":
		return s.lang.Say("search.report.known")
	case s.lang.SameDay(f.Told, f.Published):
		return s.lang.Say("search.report", s.lang.Clock(f.Told))
	}
	return s.lang.Say("search.report", s.lang.Moment(f.Told))
}

// lookSaid looks through comments. One whose thread is switched off is not shown.
func (s *Site) lookSaid(ctx context.Context, a searching, p *searchPage) (tags []string, err error) {
	found, next, err := s.Search.FindSaid(ctx, a.Query)
	if err != nil {
		return nil, err
	}
	var cards []article.Card
	var authors []string
	for _, f := range found {
		cards, authors = append(cards, f.On), append(authors, f.Author)
	}
	threads, err := s.counts(ctx, cards)
	if err != nil {
		return nil, err
	}
	faces, err := s.Readers.Faces(ctx, authors...)
	if err != nil {
		return nil, err
	}
	l := lister{s, p.Today, nil, nil, formatted{}}
	for _, f := range found {
		if _, ok := threads[f.On.ID]; !ok {
			continue
		}
		r := result{card: l.card(f.On), Passage: f.Passage, Comment: true, Author: faces[f.Author].Name, Place: "/comment/" + f.Said.ID, At: f.Shown, Date: s.lang.Day(f.Shown)}
		r.Heading = []search.Piece{{Text: f.On.Headline}}
		p.Results = append(p.Results, r)
		tags = append(tags, article.Tag(f.On.ID), comment.Tag(f.On.ID), reader.Tag(f.Author))
	}
	if next != "" {
		p.Next = a.path(func(a *searching) { a.After = next })
	}
	return tags, nil
}

// maxTips is how many of the words are tried one by one when all together are found
// nowhere.
const maxTips = 4

// searchTips are searches that find something in the place of one that does not.
func (s *Site) searchTips(ctx context.Context, a searching) (tips []link, err error) {
	if a.After != "" {
		return []link{{a.path(func(a *searching) { a.After = "" }), s.lang.Say("search.again")}}, nil
	}
	try := func(change func(*searching), text string) error {
		changed := a
		change(&changed)
		found, err := s.Search.Find(ctx, changed.Query)
		if problem.Of(err) != nil || ctx.Err() != nil || err == nil && len(found.List) == 0 {
			return nil
		}
		if err == nil {
			tips = append(tips, link{changed.path(func(*searching) {}), text})
		}
		return err
	}
	everywhere := func(b *searching) {
		b.Section, b.By, b.from, b.to, b.in = "", "", "", "", ""
		b.From, b.To = time.Time{}, time.Time{}
	}
	if strings.TrimSpace(a.Words) == "" {
		return nil, nil
	}
	if a.Section != "" || a.By != "" || a.from != "" || a.to != "" || a.in != "" {
		if err := try(everywhere, s.lang.Say("search.everywhere")); err != nil {
			return nil, err
		}
	}
	words := strings.Fields(a.Words)
	if len(words) < 2 {
		return tips, nil
	}
	for _, w := range words[:min(len(words), maxTips)] {
		w = strings.Trim(w, "\"“”„-−－")
		if w == "" {
			continue
		}
		err := try(func(b *searching) {
			everywhere(b)
			b.Words = w
		}, s.lang.Say("search.only", w))
		if err != nil {
			return nil, err
		}
	}
	return tips, nil
}

// searchFields are the fields of the form.
func (s *Site) searchFields(a searching) (words field, filters []field) {
	say := s.lang.Say
	words = field{Name: "q", ID: "words", Label: say("search.words"), Type: "search", Value: a.Words, Hint: say("search.hint"), Error: a.errors["q"], First: a.Blank()}
	sections := []option{{"", say("search.section.all"), a.Section == ""}}
	for _, sec := range s.Paper.Sections {
		sections = append(sections, option{sec.Slug, sec.Name, sec.Slug == a.Section})
	}
	order, where := "", ""
	if a.Newest {
		order = orderNewest
	}
	if a.in == inComments {
		where = inComments
	}
	return words, []field{
		{Name: "section", Label: say("search.section"), Type: "select", Options: sections, Error: a.errors["section"]},
		{Name: "by", Label: say("search.by"), Type: "text", Value: a.By, Error: a.errors["by"]},
		dayField("from", say("search.from"), a.from, a.errors["from"]),
		dayField("to", say("search.to"), a.to, a.errors["to"]),
		{Name: "order", Label: say("search.order"), Type: "select", Options: []option{{"", say("search.order.best"), order == ""}, {orderNewest, say("search.order.newest"), order != ""}}},
		{Name: "in", Label: say("search.in"), Type: "select", Options: []option{{"", say("search.in.articles"), where == ""}, {inComments, say("search.in.comments"), where != ""}}},
	}
}

// dayField is a field for a day; one for text where what was typed is none, because a
// browser would not show it.
func dayField(name, label, typed, wrong string) field {
	f := field{Name: name, Label: label, Type: "date", Value: typed, Error: wrong}
	if _, ok := dayIn(typed, time.UTC); typed != "" && !ok {
		f.Type = "text"
	}
	return f
}

// dayIn is a day as browsers write it, of a year that nobody has mistyped.
func dayIn(typed string, zone *time.Location) (day time.Time, ok bool) {
	day, err := time.ParseInLocation(time.DateOnly, typed, zone)
	return day, err == nil && day.Year() >= 1000 && day.Year() < 3000
}

// suggested is how many headlines are suggested.
const suggested = 6

// suggest answers with headlines that have what was typed so far, as JSON.
func (s *Site) suggest(ctx context.Context, q page.Query) (*page.Body, error) {
	done, err := s.brakes.search(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	cards, err := s.Search.Suggest(ctx, q.Get("q"), suggested)
	if err != nil {
		return nil, err
	}
	headlines, tags := []string{}, []string{}
	for _, c := range cards {
		if tags = append(tags, article.Tag(c.ID)); !c.Paid() { // a suggestion has no place for its label
			headlines = append(headlines, c.Headline)
		}
	}
	text, err := json.Marshal(headlines)
	if err != nil {
		return nil, err
	}
	b := ends(page.Text("application/json", text), cards).Tagged(tags...)
	b.Robots = "noindex"
	return b.Until(s.Now().Add(searchLife)), nil
}

// related are stories that are about the same as one, and more of its section.
func (s *Site) related(ctx context.Context, r *article.Reading) (same, more []article.Card, err error) {
	if !r.Ended {
		if same, err = s.Search.Related(ctx, r, relatedCount); err != nil {
			return nil, nil, err
		}
	}
	list, _, err := s.Articles.Latest(ctx, article.Filter{Section: r.Section.Slug, Without: r.ID, Limit: relatedCount + len(same)})
	if err != nil {
		return nil, nil, err
	}
	named := map[string]bool{}
	for _, c := range same {
		named[c.ID] = true
	}
	for _, c := range list {
		if !named[c.ID] && len(more) < relatedCount {
			more = append(more, c)
		}
	}
	return same, more, nil
}
