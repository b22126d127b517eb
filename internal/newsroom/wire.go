package newsroom

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/topic"
	"kawaraban/internal/wire"
)

// wireAt is the address of the room of what agencies send.
const wireAt = "/newsroom/wire"

func wirePath(first int64) string { return wireAt + "/" + strconv.FormatInt(first, 36) }

func (d *Desk) wireRoutes(rt *page.Router) {
	d.room(rt, room{wireAt, "wire.title", "c", reader.MayEdit, d.waitingWire}, d.showWire)
	d.staff(rt, "GET "+wireAt+"/unread", reader.MayEdit, d.showUnread)
	d.staff(rt, "POST "+wireAt+"/unread/{id}", reader.MayEdit, d.readAgain)
	d.staff(rt, "GET "+wireAt+"/unread/{id}", reader.MayEdit, d.showRaw)
	d.staff(rt, "POST "+wireAt+"/views", reader.MayEdit, d.keepWireView)
	d.staff(rt, "GET "+sourcesAt, reader.MayEdit, d.showSources)
	d.staff(rt, "POST "+sourcesAt, reader.MayManage, d.addSource)
	d.staff(rt, "GET "+sourcesAt+"/new/{kind}", reader.MayManage, d.newSource)
	d.staff(rt, "GET "+sourcesAt+"/{id}", reader.MayManage, d.showSource)
	d.staff(rt, "POST "+sourcesAt+"/{id}", reader.MayManage, d.actOnSource)
	d.staff(rt, "GET "+wireRulesAt, reader.MayEdit, d.showWireRules)
	d.staff(rt, "POST "+wireRulesAt, reader.MayManage, d.actOnWireRules)
	d.staff(rt, "GET "+wireRulesAt+"/{rule}", reader.MayManage, d.showWireRule)
	d.staff(rt, "POST "+wireRulesAt+"/{rule}", reader.MayManage, d.saveWireRule)
	d.staff(rt, "GET "+wireAt+"/{story}", reader.MayEdit, d.showWireStory)
	d.staff(rt, "POST "+wireAt+"/{story}", reader.MayEdit, d.actOnWire)
	d.staff(rt, "GET "+wireAt+"/report/{story}", reader.MayEdit, d.showRecall)
	d.long(rt, "POST "+wireAt+"/report/{story}", reader.MayEdit, maxRecall, d.sendRecall)
}

// wirePage is what wire.html shows: what has come from the agencies, newest first.
type wirePage struct {
	chrome
	Notice   string
	Bad      bool
	Undo     *wireUndo
	Views    []view
	Saved    []savedWire
	Query    string // of this view, without the page
	Words    string
	Topic    string
	View     string
	Sources  []option
	Sections []option
	Filtered bool
	Troubles []string // what keeps an agency's copy from coming
	Unread   bool     // something could not be read
	Flash    *wireRow // came a moment ago, and nobody has looked after it
	Rows     []wireRow
	None     bool // nothing has ever come
	First    string
	Older    string
}

// A wireUndo takes back what has just been done.
type wireUndo struct{ Path, Back string }

// A savedWire is a view that this person has kept.
type savedWire struct {
	Path, Name string
	Here       bool
}

// A wireRow is a story of the wire.
type wireRow struct {
	Key, Path, Headline string
	Agency, Section     string
	Urgency, Change     string
	Flash               bool
	Picture             bool
	Versions            string
	State, Mark, Shape  string
	Reason              string
	Rule                string // which rule has decided, "" for none
	Alert               bool   // a rule asks for a news alert
	Who                 string // to whom it is given
	When, At            string
	Article             string // address, "" for none
	Embargo             string // until when, "" for none
	MayUse, MayEdit     bool
	MayIgnore           bool
	Open, Ignored       bool
	Report              string // of what was recalled: what became of its copies
}

// fresh is how long a flash stands over the list.
const fresh = 10 * time.Minute

// waitingWire is how many stories wait for an editor, for the bar.
func (d *Desk) waitingWire(ctx context.Context) (string, error) {
	if d.Wire == nil {
		return "", nil
	}
	n, err := d.Wire.Count(ctx)
	switch {
	case err != nil || n == 0:
		return "", err
	case n > 99:
		return "99+", nil
	}
	return strconv.Itoa(n), nil
}

func (d *Desk) showWire(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.wirePage(v, a)
	if err != nil {
		return nil, err
	}
	return page.Show(v.wire.With(p)), nil
}

func (d *Desk) wirePage(v *visit, a *reader.Actor) (p wirePage, err error) {
	if d.Wire == nil {
		return p, &problem.Problem{Kind: problem.NotFound}
	}
	w, ctx := v.words, v.Context()
	if p.chrome, err = d.chrome(v, "wire.title"); err != nil {
		return p, err
	}
	f, query, err := d.wireFilter(v, a)
	if err != nil {
		return p, err
	}
	p.View, p.Words, p.Topic, p.Query = string(f.View), f.Words, v.Get("topic"), query.Encode()
	p.Filtered = p.Query != ""
	p.Views = wireViews(w, query)
	if p.Sections, err = d.sectionOptions(v, f.Section); err != nil {
		return p, err
	}
	sources, err := d.Wire.Sources(ctx)
	if err != nil {
		return p, err
	}
	for _, s := range sources {
		p.Sources = append(p.Sources, option{s.ID, s.Name, s.ID == f.Source})
		if s.Problem != "" {
			p.Troubles = append(p.Troubles, s.Name+": "+w.Say(s.Problem))
		}
	}
	if err := d.savedViews(v, a, &p); err != nil {
		return p, err
	}
	if p.Unread, err = d.Wire.HasUnread(ctx); err != nil {
		return p, err
	}
	lines, before, err := d.Wire.List(ctx, f)
	if wrong := problem.Of(err); wrong != nil && wrong.Kind == problem.Invalid {
		p.Notice, p.Bad, err = v.tells(wrong), true, nil // words that cannot be looked for
	}
	if err != nil {
		return p, err
	}
	var top []wire.Line
	if f.Before == 0 {
		if top, err = d.flash(v); err != nil {
			return p, err
		}
	}
	rows, err := d.wireRows(v, slices.Concat(top, lines))
	if err != nil {
		return p, err
	}
	if p.Rows = rows[len(top):]; len(top) > 0 {
		p.Flash = &rows[0]
	}
	p.None = len(lines) == 0 && !p.Filtered && f.Before == 0
	if f.Before > 0 {
		p.First = wireAt + "?" + p.Query
	}
	if before > 0 {
		query.Set("before", strconv.FormatInt(before, 36))
		p.Older = wireAt + "?" + query.Encode()
	}
	p.told(v)
	p.Keys = append([]shortcut{
		{[]string{"/"}, w.Say("wire.find")},
		{[]string{"j"}, w.Say("stories.down")},
		{[]string{"k"}, w.Say("stories.up")},
		{[]string{"u"}, w.Say("wire.use")},
		{[]string{"e"}, w.Say("wire.edit")},
		{[]string{"x"}, w.Say("wire.ignore")},
	}, p.Keys...)
	return p, nil
}

// told says what has just been done, and offers to take it back.
func (p *wirePage) told(v *visit) {
	if p.Bad {
		return
	}
	switch v.Get("done") {
	case "used":
		p.Notice = v.words.Say("wire.done.used")
	case "waits":
		p.Notice = v.words.Say("wire.done.waits")
	case "ignored":
		p.Notice = v.words.Say("wire.done.ignored")
		p.Undo = &wireUndo{wireAt + "/" + url.PathEscape(v.Get("story")), p.Query}
		p.Keys = append([]shortcut{{[]string{"z"}, v.words.Say("wire.undo")}}, p.Keys...)
	case "open":
		p.Notice = v.words.Say("wire.done.open")
	case "no-alert":
		p.Notice = v.words.Say("wire.done.no-alert")
	case "kept":
		p.Notice = v.words.Say("wire.done.kept")
	case "dropped":
		p.Notice = v.words.Say("wire.done.dropped")
	}
}

// wireFilter reads the address: what is wanted, and the same without the page.
func (d *Desk) wireFilter(v *visit, a *reader.Actor) (f wire.Filter, query url.Values, err error) {
	f = wire.Filter{View: wire.View(v.Get("view")), Who: a.Reader.ID, Source: v.Get("source"), Section: v.Get("section"), Words: v.Get("q")}
	query = url.Values{}
	for _, key := range []string{"view", "source", "section", "topic", "q"} {
		if value := strings.TrimSpace(v.Get(key)); value != "" {
			query.Set(key, value)
		}
	}
	if words := strings.TrimSpace(v.Get("topic")); words != "" {
		f.Topic = topicNamed(words)
	}
	if text := v.Get("before"); text != "" {
		if f.Before, err = strconv.ParseInt(text, 36, 64); err != nil || f.Before <= 0 {
			return f, nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such page of the wire."}
		}
	}
	return f, query, nil
}

// topicNamed is the entry of the vocabulary that somebody means by a code or by words; the
// words themselves when there is none.
func topicNamed(words string) string {
	known := topic.Load()
	if list := known.Entries([]string{words}); len(list) > 0 {
		return list[0]
	}
	if found := known.Find(words, 1); known.Read(words) == nil && len(found) > 0 {
		return found[0].Entry()
	}
	return words
}

func wireViews(w *page.Language, query url.Values) (list []view) {
	here := query.Get("view")
	for _, x := range []struct {
		key  wire.View
		name string
	}{
		{wire.Everything, "wire.view.all"},
		{wire.Waiting, "wire.view.waiting"},
		{wire.Urgent, "wire.view.urgent"},
		{wire.Photos, "wire.view.pictures"},
		{wire.Killed, "wire.view.recalled"},
		{wire.Unwanted, "wire.view.dropped"},
		{wire.Mine, "wire.view.mine"},
	} {
		other := url.Values{}
		for key := range query {
			other.Set(key, query.Get(key))
		}
		if other.Del("view"); x.key != "" {
			other.Set("view", string(x.key))
		}
		list = append(list, view{strings.TrimSuffix(wireAt+"?"+other.Encode(), "?"), w.Say(x.name), string(x.key) == here})
	}
	return list
}

func (d *Desk) savedViews(v *visit, a *reader.Actor, p *wirePage) error {
	list, err := d.Wire.Views(v.Context(), a.Reader.ID)
	for _, s := range list {
		p.Saved = append(p.Saved, savedWire{wireAt + "?" + s.Query, s.Name, s.Query == p.Query})
	}
	return err
}

// flash is the newest flash that has just come and stands, and that nobody has looked
// after yet, or nothing.
func (d *Desk) flash(v *visit) ([]wire.Line, error) {
	lines, _, err := d.Wire.List(v.Context(), wire.Filter{View: wire.Urgent})
	for i, l := range lines {
		if d.Now().Sub(l.Received) > fresh {
			break
		}
		if l.Done == wire.Open && l.Recall == "" {
			return lines[i : i+1], nil
		}
	}
	return nil, err
}

func (d *Desk) wireRows(v *visit, lines []wire.Line) (rows []wireRow, err error) {
	var people []string
	for _, l := range lines {
		people = append(people, l.Assignee)
	}
	names, err := d.names(v, people...)
	if err != nil {
		return nil, err
	}
	sections, err := d.placeNames(v)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		r := wireRow{
			Key: strconv.FormatInt(l.First, 36), Path: wirePath(l.First), Headline: cmp.Or(l.Headline, l.Slug, v.words.Say("stories.untitled")),
			Agency: l.Agency, Section: cmp.Or(sections[l.Section], l.Section), Change: changeWord(v.words, l.Change), Flash: l.Flash(), Picture: l.Class == wire.Picture,
			When: d.shortMoment(v.words, l.Received), At: v.words.Machine(l.Received), Embargo: d.embargoWord(v.words, l),
			Open: l.Done == wire.Open, Ignored: l.Done == wire.Ignored,
		}
		if l.Urgency > 0 {
			r.Urgency = strconv.Itoa(l.Urgency)
		}
		if l.Versions > 1 {
			r.Versions = v.words.Count("wire.versions", l.Versions)
		}
		if l.Assignee != "" {
			r.Who = names.name(l.Assignee)
		}
		r.Rule = ruledWord(v.words, l.Decision, l.Reason, l.Ruling)
		if l.Reason != wire.HeldByRule && l.Decision != wire.Embargoed && !l.Ruling.Tells(l.Reason) {
			r.Reason = v.words.Say(l.Reason)
		}
		r.Alert = l.Alert == wire.AlertDrafted && l.Article != "" && l.Recall == ""
		undecided := l.Recall == "" && l.Decision == wire.Held && l.Done != wire.Used
		if l.Article != "" {
			r.Article, r.MayUse, r.MayEdit = storyPath(l.Article), undecided, undecided
		}
		r.MayIgnore = l.Done == wire.Open && (undecided || l.Decision == wire.Kept && l.Recall == "")
		if l.Recall != "" {
			r.Report = recallPath(l.First)
		}
		r.State, r.Mark, r.Shape = wireState(v.words, l)
		rows = append(rows, r)
	}
	return rows, nil
}

// shortMoment is a moment without its day where that is today.
func (d *Desk) shortMoment(w *page.Language, t time.Time) string {
	if w.SameDay(t, d.Now()) {
		return w.Clock(t)
	}
	return w.Moment(t)
}

func (d *Desk) embargoWord(w *page.Language, l wire.Line) string {
	switch {
	case l.Sealed:
		return w.Say("story.embargo.open")
	case l.Embargo.After(d.Now()):
		return w.Say("story.embargo.until", w.Moment(l.Embargo))
	}
	return ""
}

// changeWord is what a version changes: the agency's own words, or the name of its
// signal in ours.
func changeWord(w *page.Language, change string) string {
	switch change {
	case "update":
		return w.Say("wire.change.update")
	case "correction":
		return w.Say("wire.change.correction")
	case "repeat":
		return w.Say("wire.change.repeat")
	}
	return change
}

// wireState is what became of a story, in a word, a sign and a colour.
func wireState(w *page.Language, l wire.Line) (word, mark, shape string) {
	switch {
	case l.Recall == wire.Withheld:
		return w.Say("wire.state.withheld"), "×", "withdrawn"
	case l.Recall != "":
		return w.Say("wire.state.canceled"), "×", "withdrawn"
	case l.Done == wire.Ignored:
		return w.Say("wire.state.ignored"), "–", ""
	}
	switch l.Decision {
	case wire.Released, wire.Updated:
		return w.Say("wire.state.published"), "●", "published"
	case wire.Embargoed:
		return w.Say("wire.state.embargoed"), "◷", "scheduled"
	case wire.Held:
		if l.Done == wire.Used {
			return w.Say("wire.state.used"), "✓", "published"
		}
		return w.Say("wire.state.held"), "○", "review"
	case wire.Dropped:
		return w.Say("wire.state.dropped"), "–", ""
	}
	return w.Say("wire.state.kept"), "·", ""
}
