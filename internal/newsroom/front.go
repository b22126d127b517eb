package newsroom

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// front is the address of the room where pages are curated.
const front = "/newsroom/front"

// A Proof shows a page as it would be with a layout. The face of the readers makes
// it: faces do not know each other, so cmd gives it here.
type Proof func(ctx context.Context, section string, placed article.Layout, dark bool, pictures string) (*page.Answer, error)

// frontPage is what front.html shows: a page of the paper, to be curated.
type frontPage struct {
	chrome
	Page    desk.Page
	Path    string
	Public  string // what readers have
	Pages   []view
	Base    int
	Since   string // when the layout that holds was made, and by whom
	Areas   []areaView
	Blank   slotView // for the script
	Held    string   // the places that hold, for the script
	Draft   string   // those that are about to be published
	Changed bool     // the places are not those that hold
	Slots   []option // to choose from
	Picks   []pick
	NoPick  pick
	Words   string // that are looked for
	In      []option
	Zone    string
	At      string // typed, for a layout to come
	AtError string
	Had     []versionView
	Coming  []versionView
	Undo    bool
	Bar     *barForm // on the front page
	Says    map[string]string
	Done    string
	Error   string
	Clash   []clashView
}

// A pick is a story to choose.
type pick struct {
	Story    string `json:"story"`
	Headline string `json:"headline"`
	Path     string `json:"path"`
	About    string `json:"about"`
	Mark     string `json:"mark"`
	Shape    string `json:"shape"`
	Chosen   bool   `json:"-"` // somebody has come with it
}

// A versionView is a layout that a page had, or will have.
type versionView struct {
	Number int
	When   string
	Who    string
	What   string
	Holds  bool
}

// A clashView is a place that two editors have filled differently.
type clashView struct{ Name, Mine, Theirs string }

func (d *Desk) frontRoutes(rt *page.Router) {
	d.room(rt, room{front, "front.title", "f", reader.MayEdit, nil}, d.showFront)
	d.staff(rt, "POST /newsroom/front", reader.MayEdit, d.actOnFront)
	d.staff(rt, "GET /newsroom/front/{section}", reader.MayEdit, d.showFront)
	d.staff(rt, "POST /newsroom/front/{section}", reader.MayEdit, d.actOnFront)
	d.staff(rt, "POST /newsroom/proof", reader.MayEdit, d.showProof)
	d.staff(rt, "POST /newsroom/breaking", reader.MayEdit, d.setBar)
}

// pageOf is the page that an address names.
func pageOf(section string) desk.Page {
	if section == "" {
		return desk.FrontPage
	}
	return desk.SectionPage(section)
}

// maxPicks is how many stories are offered at a time.
const maxPicks = 30

func (d *Desk) showFront(v *visit, a *reader.Actor) (*page.Answer, error) {
	if v.WantsJSON() {
		picks, err := d.picks(v, a)
		if err != nil {
			return nil, err
		}
		return page.JSON(picks)
	}
	of := pageOf(v.Path("section"))
	holds, _, err := d.Work.Holds(v.Context(), of)
	if err != nil {
		return nil, err
	}
	p, err := d.frontPage(v, a, of, holds, nil)
	if err != nil {
		return nil, err
	}
	p.Done = frontDone(v.words, v.Get("done"))
	return d.front(v, p), nil
}

// front answers with the page; it has one of ours in a frame.
func (d *Desk) front(v *visit, p frontPage) *page.Answer {
	return page.Show(v.front.With(p)).Allow("frame-src", "'self'")
}

// frontPage makes the page. mine are the places that somebody is about to publish;
// nil: those that hold.
func (d *Desk) frontPage(v *visit, a *reader.Actor, of desk.Page, holds desk.Layout, mine []article.Place) (p frontPage, err error) {
	w, ctx := v.words, v.Context()
	p = frontPage{
		Page: of, Path: "/newsroom/" + string(of), Public: "/", Base: holds.Number, Words: v.Get("q"),
		Zone: d.Now().In(d.Paper.Zone).Format("MST"), Undo: holds.Number > 0, Changed: mine != nil, Says: frontSays(w),
	}
	if p.chrome, err = d.chrome(v, "front.title"); err != nil {
		return p, err
	}
	if _, err := d.Work.Areas(ctx, of); err != nil {
		return p, err
	}
	sections, err := d.Articles.Sections(ctx)
	if err != nil {
		return p, err
	}
	p.Pages = []view{{front, w.Say("front.title"), of == desk.FrontPage}}
	for _, sec := range sections {
		here := of == desk.SectionPage(sec.Slug)
		p.Pages = append(p.Pages, view{front + "/" + sec.Slug, sec.Name, here})
		if here {
			p.Public, p.Title = sec.Path(), w.Say("front.section", sec.Name)
		}
	}
	places := mine
	if places == nil {
		places = holds.Layout().Places
	}
	if p.Areas, err = d.compose(v, a, of, holds, places); err != nil {
		return p, err
	}
	p.Held, p.Draft = draftJSON(holds.Layout().Places), draftJSON(places)
	p.Blank, p.NoPick = slotView{Act: p.Path}, pick{}
	to := v.Field("to")
	for _, area := range p.Areas {
		for _, s := range area.Slots {
			value := slotValue(s.Area, s.Slot)
			p.Slots = append(p.Slots, option{value, s.Name, value == to})
		}
	}
	if p.Picks, err = d.picks(v, a); err != nil {
		return p, err
	}
	if p.In, err = d.sectionOptions(v, v.Get("section")); err != nil {
		return p, err
	}
	if err := d.versions(v, a, &p, holds); err != nil {
		return p, err
	}
	if of == desk.FrontPage {
		if p.Bar, err = d.barForm(v, a); err != nil {
			return p, err
		}
	}
	p.Keys = append([]shortcut{
		{[]string{"m"}, w.Say("front.key.move")},
		{[]string{"p"}, w.Say("front.key.pin")},
		{[]string{"Delete"}, w.Say("front.key.remove")},
		{[]string{"u"}, w.Say("front.undo")},
		{[]string{"Ctrl", "Enter"}, w.Say("front.publish")},
		{[]string{"/"}, w.Say("stories.find")},
	}, p.Keys...)
	return p, nil
}

// compose finds what would stand on a page with these places.
func (d *Desk) compose(v *visit, a *reader.Actor, of desk.Page, holds desk.Layout, places []article.Place) (areas []areaView, err error) {
	ctx, w := v.Context(), v.words
	set := setter{Desk: d, w: w, base: holds.Number, act: "/newsroom/" + string(of), whose: map[string]string{}}
	var who []string
	for _, p := range holds.Places {
		who = append(who, p.By)
		if slices.ContainsFunc(places, func(o article.Place) bool { return o.Same(p.Place) }) {
			set.whose[p.Article] = p.By
		}
	}
	if set.by, err = d.names(v, who...); err != nil {
		return nil, err
	}
	if set.lines, err = d.linesOf(v, a, places); err != nil {
		return nil, err
	}
	if of != desk.FrontPage {
		top, err := d.Articles.Top(ctx, article.Layout{Places: places})
		if err != nil {
			return nil, err
		}
		newest, _, err := d.Articles.Latest(ctx, article.Filter{Section: of.Section(), Limit: 25})
		if err != nil {
			return nil, err
		}
		list, lead := top.Over(newest)
		var leads []article.Card
		if lead >= 0 {
			leads = list[lead : lead+1]
		}
		return []areaView{
			set.slots(article.AreaLead, w.Say("front.lead"), places, leads),
			set.slots(article.AreaTop, w.Say("front.top.area"), places, top.Rest),
		}, nil
	}
	f, err := d.Articles.Front(ctx, article.Layout{Places: places})
	if err != nil {
		return nil, err
	}
	var leads []article.Card
	if f.Lead != nil {
		leads = []article.Card{*f.Lead}
	}
	areas = []areaView{
		set.slots(article.AreaLead, w.Say("front.lead"), places, leads),
		set.slots(article.AreaSeconds, w.Say("front.seconds"), places, f.Seconds),
		set.slots(article.AreaOpinion, w.Say("opinion"), places, f.Opinion),
	}
	sections, err := d.Articles.Sections(ctx)
	if err != nil {
		return nil, err
	}
	for _, sec := range sections {
		var cards []article.Card
		if i := slices.IndexFunc(f.Sections, func(b article.FrontSection) bool { return b.Slug == sec.Slug }); i >= 0 {
			cards = f.Sections[i].Cards
		}
		areas = append(areas, set.slots(article.AreaBlock(sec.Slug), sec.Name, places, cards))
	}
	return areas, nil
}

// linesOf are the stories that are placed, in whatever state.
func (d *Desk) linesOf(v *visit, a *reader.Actor, places []article.Place) (map[string]desk.Line, error) {
	ids := []string{}
	for _, p := range places {
		ids = append(ids, p.Article)
	}
	lines := map[string]desk.Line{}
	for batch := range slices.Chunk(ids, 500) {
		list, _, err := d.Work.List(v.Context(), a, desk.Filter{IDs: batch, Limit: len(batch)})
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			lines[l.ID] = l
		}
	}
	return lines, nil
}

// picks are the stories to choose: the one that somebody comes with, what is
// scheduled, and the newest that are published.
func (d *Desk) picks(v *visit, a *reader.Actor) (list []pick, err error) {
	list = []pick{}
	filters := []desk.Filter{
		{State: article.Scheduled, Coming: true}, {State: article.Published},
	}
	for i := range filters {
		filters[i].Words, filters[i].Section, filters[i].Limit = v.Get("q"), v.Get("section"), maxPicks
	}
	if id := v.Get("story"); id != "" {
		filters = slices.Insert(filters, 0, desk.Filter{IDs: []string{id}, Limit: 1})
	}
	for _, f := range filters {
		lines, _, err := d.Work.List(v.Context(), a, f)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			known := slices.ContainsFunc(list, func(p pick) bool { return p.Story == l.ID })
			if known || len(list) >= maxPicks || l.State != article.Published && l.State != article.Scheduled {
				continue
			}
			line := d.storyLine(v.words, l)
			list = append(list, pick{l.ID, line.Headline, line.Path, line.about(line.State), line.Mark, string(line.Shape), l.ID == v.Get("story")})
		}
	}
	return list, nil
}

// shownVersions is how many versions the page lists.
const shownVersions = 20

func (d *Desk) versions(v *visit, a *reader.Actor, p *frontPage, holds desk.Layout) error {
	had, coming, err := d.Work.Layouts(v.Context(), a, p.Page, shownVersions)
	if err != nil {
		return err
	}
	var who []string
	for _, l := range append(had, coming...) {
		who = append(who, l.Author)
	}
	names, err := d.names(v, who...)
	if err != nil {
		return err
	}
	view := func(l desk.Layout) versionView {
		s := versionView{Number: l.Number, When: v.words.Moment(l.At), Who: names.name(l.Author), Holds: l.Number == holds.Number}
		switch {
		case l.Again > 0:
			s.What = v.words.Say("front.as", l.Again)
		case len(l.Places) == 0:
			s.What = v.words.Say("front.as.itself")
		default:
			s.What = v.words.Count("front.places", len(l.Places))
		}
		return s
	}
	for _, l := range had {
		p.Had = append(p.Had, view(l))
	}
	for _, l := range coming {
		p.Coming = append(p.Coming, view(l))
	}
	if p.Since = v.words.Say("front.since.never"); holds.Number > 0 {
		p.Since = v.words.Say("front.since", v.words.Moment(holds.At), names.name(holds.Author))
	}
	return nil
}

// showProof shows a page as it would be with the places of a form, or with those of
// one of its versions.
func (d *Desk) showProof(v *visit, a *reader.Actor) (*page.Answer, error) {
	of := desk.Page(v.Field("page"))
	if of != desk.FrontPage && of != desk.SectionPage(of.Section()) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such preview."}
	}
	places, err := placesTyped(v)
	if err != nil {
		return nil, err
	}
	if number := v.Field("number"); number != "" {
		l, err := d.Work.Version(v.Context(), a, of, numberTyped(number))
		if err != nil {
			return nil, err
		}
		places = l.Layout().Places
	}
	return d.Proof(v.Context(), of.Section(), article.Layout{Places: places}, v.Field("as") == "dark", pictureBase)
}

func slotValue(area article.Area, slot int) string { return fmt.Sprintf("%s/%d", area, slot) }

// draftJSON are places as the page keeps them.
func draftJSON(places []article.Place) string {
	if len(places) == 0 {
		return "[]"
	}
	b, err := json.Marshal(places)
	if err != nil {
		return "[]" // places hold nothing that cannot be written
	}
	return string(b)
}
