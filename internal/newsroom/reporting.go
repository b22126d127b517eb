package newsroom

import (
	"context"
	"html/template"
	"slices"
	"strconv"

	"kawaraban/internal/desk"
	"kawaraban/internal/live"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// reportingPage is what reporting.html shows: the entries of a live report, to be
// written while something happens.
type reportingPage struct {
	chrome
	ID      string
	Story   string // its headline
	Public  string // the address of what readers have, "" for nothing
	State   string
	Mark    string
	Zone    string
	Person  string
	Changes int // of the report: an open page asks whether there is more
	Running bool
	Since   string // how long it goes on, or when it ended

	Attempt string     // what the next entry's form is called
	Typed   entryTyped // into that form
	Errors  entryErrors
	Fresh   bool // nothing was typed: what the browser has kept may be put back

	Summary        string // as it is typed
	SummaryVersion int
	SummaryTheirs  template.HTML // what a colleague wrote meanwhile
	SummaryError   string

	Done, Error string
	Entries     []entryLine
	Newest      string // address of the first page where this is another one
	Older       string
}

// entryTyped is what was typed into the form of an entry.
type entryTyped struct {
	Headline, Source, At, Signed, Correction string
	Key                                      bool
}

// entryErrors say what is wrong, each at its field.
type entryErrors struct{ Headline, Body, At, Signed, Correction string }

func (e *entryErrors) put(field, said string) {
	if into := map[string]*string{"headline": &e.Headline, "body": &e.Body, "at": &e.At, "signed": &e.Signed, "correction": &e.Correction}[field]; into != nil {
		*into = said
	}
}

// An entryLine is an entry in the list of those who write.
type entryLine struct {
	ID      string
	Article string
	Version int
	Zone    string
	When    string
	Who     string // who wrote it, "" where it is signed so
	Edited  string
	Body    template.HTML
	Key     bool
	Removed bool
	Told    string // what readers are told was wrong
	Typed   entryTyped
	Errors  entryErrors
	Open    bool // it is being changed
	Theirs  bool // what stands above the form is what a colleague wrote meanwhile
	Before  []earlierLine
	Head    string
}

// An earlierLine is what an entry said before.
type earlierLine struct {
	When     string // when it was changed, and by whom
	Headline string
	Body     template.HTML
}

// maxEntry is how long the form of an entry may be.
const maxEntry = 512 << 10

func (d *Desk) reportingRoutes(rt *page.Router) {
	d.staff(rt, "GET /newsroom/articles/{id}/live", reader.MayWrite, d.showReporting)
	d.long(rt, "POST /newsroom/articles/{id}/live", reader.MayWrite, maxEntry, d.actOnReport)
	d.long(rt, "POST /newsroom/articles/{id}/live/{entry}", reader.MayWrite, maxEntry, d.actOnEntry)
}

func reportingPath(id string) string { return storyPath(id) + "/live" }

// showReporting shows the entries; a script that looks whether there is more is told
// the number of the newest change.
func (d *Desk) showReporting(v *visit, a *reader.Actor) (*page.Answer, error) {
	if v.WantsJSON() {
		if _, err := d.Work.Reporting(v.Context(), a, v.Path("id")); err != nil {
			return d.refuse(v, err)
		}
		r, err := d.Work.Live.Report(v.Context(), v.Path("id"))
		if err != nil {
			return nil, err
		}
		return page.JSON(struct {
			Changes int `json:"changes"`
		}{r.Changes})
	}
	p, err := d.reportingPage(v, a, v.Path("id"), v.Get("entry"))
	if err != nil {
		return nil, err
	}
	p.Done = reportingWord(v.words, v.Get("done"))
	return page.Show(v.reporting.With(*p)), nil
}

// reportingWord says what has been done.
func reportingWord(w *page.Language, done string) string {
	switch done {
	case "posted":
		return w.Say("reporting.done.posted")
	case "edited":
		return w.Say("reporting.done.edited")
	case "removed":
		return w.Say("reporting.done.removed")
	case "restored":
		return w.Say("reporting.done.restored")
	case "summary":
		return w.Say("reporting.done.summary")
	case "ended":
		return w.Say("reporting.done.ended")
	case "resumed":
		return w.Say("reporting.done.resumed")
	}
	return ""
}

// reportingPage is the page that begins with an entry; "" is the newest.
func (d *Desk) reportingPage(v *visit, a *reader.Actor, id, from string) (*reportingPage, error) {
	w := v.words
	t, err := d.Work.Reporting(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	r, err := d.Work.Live.Report(v.Context(), id)
	if err != nil {
		return nil, err
	}
	list, older, err := d.Work.Live.List(v.Context(), id, live.Extent{From: from, All: true})
	if err != nil {
		return nil, err
	}
	p := &reportingPage{
		ID: id, Story: t.Copy.Headline, State: stateWord(w, t.Article.State), Mark: stateMark(t.Article.State),
		Zone: d.Now().In(d.Paper.Zone).Format("MST"), Person: a.Reader.ID, Changes: r.Changes, Running: r.Running(),
		Fresh: true, Attempt: secret.NewToken().Reveal(), Typed: entryTyped{Signed: a.Reader.Name},
		Summary: richtext.Source(r.Summary), SummaryVersion: r.Version,
	}
	if p.chrome, err = d.chrome(v, "reporting.title"); err != nil {
		return nil, err
	}
	if p.Story == "" {
		p.Story = w.Say("stories.untitled")
	}
	switch {
	case !r.Running():
		p.Since = w.Say("reporting.ended", w.Moment(r.Ended))
	case !r.Started.IsZero():
		p.Since = w.Say("reporting.since", w.Moment(r.Started))
	}
	if p.Public, err = d.publicPath(v.Context(), t); err != nil {
		return nil, err
	}
	if from != "" {
		p.Newest = reportingPath(id)
	}
	if older != "" {
		p.Older = reportingPath(id) + "?entry=" + older
	}
	p.Keys = append([]shortcut{{[]string{"Ctrl", "Enter"}, w.Say("reporting.key.post")}, {[]string{"n"}, w.Say("reporting.key.new")}}, p.Keys...)
	p.Entries, err = d.entryLines(v, list, p.Zone)
	return p, err
}

// publicPath is where readers have a story; "" for nowhere.
func (d *Desk) publicPath(ctx context.Context, t *desk.Story) (string, error) {
	path, err := d.Articles.Locate(ctx, t.Article.ID)
	if problem.Of(err) != nil {
		return "", nil
	}
	return path, err
}

func (d *Desk) entryLines(v *visit, list []live.Entry, zone string) (lines []entryLine, err error) {
	before := map[string][]live.Earlier{}
	var who []string
	for _, e := range list {
		who = append(who, e.Author)
		if e.Edited.IsZero() {
			continue
		}
		if before[e.ID], err = d.Work.Live.Earlier(v.Context(), e.ID); err != nil {
			return nil, err
		}
		for _, b := range before[e.ID] {
			who = append(who, b.Author)
		}
	}
	names, err := d.names(v, who...)
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		x := entryLine{
			ID: e.ID, Article: e.Article, Version: e.Version, Zone: zone, When: v.words.Moment(e.At), Key: e.Key, Removed: e.State != live.Shown,
			Head: e.Headline, Told: e.Correction, Who: names.name(e.Author),
			Typed: entryTyped{Headline: e.Headline, Source: richtext.Source(e.Body), At: e.At.In(d.Paper.Zone).Format(localTime), Signed: e.Signed, Correction: e.Correction, Key: e.Key},
		}
		if x.Body, err = v.shots(e.Body); err != nil {
			return nil, err
		}
		if !e.Edited.IsZero() {
			x.Edited = v.words.Say("live.edited", v.words.Moment(e.Edited))
		}
		for _, b := range before[e.ID] {
			body, err := v.shots(b.Body)
			if err != nil {
				return nil, err
			}
			x.Before = append(x.Before, earlierLine{v.words.Say("story.saved.by", v.words.Moment(b.Replaced), names.name(b.Author)), b.Headline, body})
		}
		lines = append(lines, x)
	}
	return lines, nil
}

// An entryShot is a picture in an entry, as the newsroom sees it.
type entryShot struct{ Picture, Alt, Credit string }

// shots is a text with its pictures, small.
func (v *visit) shots(d richtext.Doc) (template.HTML, error) {
	var failed error
	html := d.Web(func(b richtext.Block) template.HTML {
		s, err := v.shot.Fragment(entryShot{b.Picture, b.Alt, b.Credit})
		if err != nil {
			failed = err
		}
		return s
	})
	return html, failed
}

// typedEntry reads the form of an entry. was is the time that the form had: one that
// nobody touched stays as it is, to the second.
func (d *Desk) typedEntry(v *visit, was string) (typed entryTyped, w live.Words, err error) {
	typed = entryTyped{
		Headline: v.Field("headline"), Source: v.Field("source"), At: v.Field("at"), Signed: v.Field("signed"), Correction: v.Field("correction"),
		Key: v.Checked("event"),
	}
	w = live.Words{Headline: typed.Headline, Key: typed.Key, Signed: typed.Signed}
	if typed.At != "" && typed.At != was {
		if w.At, err = d.parseLocal(typed.At, "at"); err != nil {
			return typed, w, err
		}
	}
	if w.Body, err = richtext.FromSource(typed.Source); err != nil {
		p := problem.Of(err)
		if p == nil {
			return typed, w, err
		}
		said := *p
		said.Fields = map[string]string{"body": p.Detail}
		return typed, w, &said
	}
	return typed, w, nil
}

// actOnReport does what a form of the page says that is about no entry yet.
func (d *Desk) actOnReport(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	switch v.Field("act") {
	case "post":
		return d.postEntry(v, a, id)
	case "summary":
		return d.summarise(v, a, id)
	case "end", "resume":
		done := "resumed"
		if v.Field("act") == "end" {
			done = "ended"
		}
		if err := d.Work.EndReport(v.Context(), a, id, done == "ended"); err != nil {
			return nil, err
		}
		return d.reportDone(v, id, done, "")
	}
	return nil, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
}

// reportDone answers a form that was taken: a script with a word, a browser with the
// page.
func (d *Desk) reportDone(v *visit, id, done, entry string) (*page.Answer, error) {
	if v.WantsJSON() {
		return page.JSON(struct {
			Done string `json:"done"`
		}{reportingWord(v.words, done)})
	}
	to := reportingPath(id) + "?done=" + done
	if entry == "" {
		return page.SeeOther(to), nil
	}
	from, err := d.pageOf(v, id, entry)
	if from != "" {
		to += "&entry=" + from
	}
	return page.SeeOther(to + "#entry-" + entry), err
}

// pageOf is the entry with which a page begins that shows an entry; "" for the newest.
func (d *Desk) pageOf(v *visit, id, entry string) (from string, err error) {
	list, _, err := d.Work.Live.List(v.Context(), id, live.Extent{All: true})
	if slices.ContainsFunc(list, func(e live.Entry) bool { return e.ID == entry }) {
		return "", err
	}
	return entry, err
}

func (d *Desk) postEntry(v *visit, a *reader.Actor, id string) (*page.Answer, error) {
	typed, words, err := d.typedEntry(v, "")
	if err == nil {
		_, err = d.Work.PostEntry(v.Context(), a, id, live.New{Attempt: v.Field("attempt"), Words: words})
	}
	switch p := problem.Of(err); {
	case err == nil:
		return d.reportDone(v, id, "posted", "")
	case p == nil || v.WantsJSON():
		return d.refuse(v, err)
	default:
		shown, other := d.reportingPage(v, a, id, "")
		if other != nil {
			return nil, other
		}
		shown.Typed, shown.Error, shown.Attempt, shown.Fresh = typed, v.tells(p), v.Field("attempt"), false
		for field, said := range p.Fields {
			shown.Errors.put(field, v.words.Say(said))
		}
		return page.Show(v.reporting.With(*shown)).Status(p.Kind.Status()), nil
	}
}

func (d *Desk) summarise(v *visit, a *reader.Actor, id string) (*page.Answer, error) {
	text, err := richtext.FromSource(v.Field("summary"))
	version, wrong := strconv.Atoi(v.Field("version"))
	if wrong != nil {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	if err == nil {
		err = d.Work.Summarise(v.Context(), a, id, version, text)
	}
	switch p := problem.Of(err); {
	case err == nil:
		return d.reportDone(v, id, "summary", "")
	case p == nil || p.Kind == problem.NotFound || v.WantsJSON():
		return d.refuse(v, err)
	default:
		shown, other := d.reportingPage(v, a, id, "")
		if other != nil {
			return nil, other
		}
		if p.Kind == problem.Conflict {
			now, other := d.Work.Live.Report(v.Context(), id)
			if other != nil {
				return nil, other
			}
			if shown.SummaryTheirs, other = v.shots(now.Summary); other != nil {
				return nil, other
			}
		} else {
			shown.SummaryVersion = version
		}
		shown.Summary, shown.SummaryError = v.Field("summary"), v.tells(p)
		return page.Show(v.reporting.With(*shown)).Status(p.Kind.Status()), nil
	}
}

// actOnEntry does what a form of an entry says.
func (d *Desk) actOnEntry(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, entry, ctx := v.Path("id"), v.Path("entry"), v.Context()
	switch v.Field("act") {
	case "edit":
		return d.editEntry(v, a, id, entry)
	case "remove":
		if err := d.Work.RemoveEntry(ctx, a, id, entry, true); err != nil {
			return nil, err
		}
		return d.reportDone(v, id, "removed", entry)
	case "restore":
		if err := d.Work.RemoveEntry(ctx, a, id, entry, false); err != nil {
			return nil, err
		}
		return d.reportDone(v, id, "restored", entry)
	case "key", "nokey":
		if err := d.Work.MarkEntry(ctx, a, id, entry, v.Field("act") == "key"); err != nil {
			return nil, err
		}
		return d.reportDone(v, id, "edited", entry)
	}
	return nil, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
}

func (d *Desk) editEntry(v *visit, a *reader.Actor, id, entry string) (*page.Answer, error) {
	typed, words, err := d.typedEntry(v, v.Field("was"))
	version, wrong := strconv.Atoi(v.Field("version"))
	if wrong != nil {
		return nil, &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	if err == nil {
		_, err = d.Work.EditEntry(v.Context(), a, id, live.Change{Entry: entry, Version: version, Words: words, Correction: typed.Correction})
	}
	p := problem.Of(err)
	switch {
	case err == nil:
		return d.reportDone(v, id, "edited", entry)
	case p == nil || p.Kind == problem.NotFound || v.WantsJSON():
		return d.refuse(v, err)
	}
	from, other := d.pageOf(v, id, entry)
	if other != nil {
		return nil, other
	}
	shown, other := d.reportingPage(v, a, id, from)
	if other != nil {
		return nil, other
	}
	for i := range shown.Entries {
		x := &shown.Entries[i]
		if x.ID != entry {
			continue
		}
		x.Typed, x.Open, x.Theirs = typed, true, p.Kind == problem.Conflict
		for field, said := range p.Fields {
			x.Errors.put(field, v.words.Say(said))
		}
	}
	shown.Error = v.tells(p)
	return page.Show(v.reporting.With(*shown)).Status(p.Kind.Status()), nil
}
