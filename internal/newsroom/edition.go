package newsroom

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// maxEdition is how long the form of an edition may be: its parts twice, as they
// were and as they are typed.
const maxEdition = 2 << 20

// editionPage is what edition.html shows: an edition, to be written, or as it went.
type editionPage struct {
	lettersPage
	Action  string
	List    string
	Stage   string
	When    string
	Who     string
	Version int
	Held    string // the parts as the form was made, for the next form
	Subject string
	Preview string
	Parts   []partView
	Add     []option
	Draft   bool
	Digest  bool
	Proof   bool // it can be seen
	Approve bool // somebody else has to
	Zone    string
	At      string
	Public  string // in the archive, "" for nowhere
	Gone    string // a part that was just taken out, to be put back
	GoneAt  int
	Default string // what Enter does
	Theirs  *theirEdition
	Mine    string // what was typed and cannot be saved any more
	Errors  editionErrors
	May     editionMay
	Now     *sendingView
	Numbers *numbersView
	Says    map[string]string
	Person  string
	Tongue  string            // of the list's letters
	Words   map[string]string // of the editor, nil without it
	Focus   string            // the first field that is wrong
}

// editionMay is what can be done with an edition.
type editionMay struct{ Approve, Unschedule, Discard, Undiscard bool }

// editionErrors are what is wrong, at its field.
type editionErrors struct{ Subject, Preview, Parts, At string }

// theirEdition is what somebody else has saved meanwhile.
type theirEdition struct{ Subject, Text string }

// A partView is one part of an edition in the form.
type partView struct {
	Wrong       partErrors
	Focus       string        // the field of it that is the first wrong one
	Body        *richtext.Doc // its text for the editor, nil where it can only be typed as a source
	N           int
	Kind        string
	Name        string
	Title       string
	Text        string
	By, Link    string
	Writes      bool // it has a text
	Sponsor     bool
	Picks       bool // its stories are chosen
	Moves       bool // its stories can be moved
	Stories     []storyRow
	About       string
	First, Last bool
	Query       string
	Finding     bool
	Found       []pick
}

// partErrors are what is wrong with a part, at its field.
type partErrors struct{ Title, By, Link, Text, Stories string }

// A storyRow is a story in a part.
type storyRow struct {
	Wrong, Focus              bool // it is why the part is wrong, and the first that is
	ID, Headline, Path, About string
	Gone                      bool // readers may not have it: it is in no letter
	First, Last               bool
}

func (d *Desk) showEdition(v *visit, a *reader.Actor) (*page.Answer, error) {
	e, err := d.Newsletters.EditionByID(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	p, err := d.editionPage(v, a, e)
	if err != nil {
		return nil, err
	}
	return d.edition(v, p), nil
}

// edition answers with the page; it has a letter in a frame.
func (d *Desk) edition(v *visit, p editionPage) *page.Answer {
	answer := page.Show(v.edition.With(p)).Allow("frame-src", "'self'")
	if p.Writes {
		answer.Allow("trusted-types", "ProseMirrorClipboard")
	}
	return answer
}

// editionPage shows an edition with what it holds, or with what was typed into it.
func (d *Desk) editionPage(v *visit, a *reader.Actor, e newsletter.Edition) (p editionPage, err error) {
	w := v.words
	if p.lettersPage, err = d.lettersPage(v, a, "", "edition.title"); err != nil {
		return p, err
	}
	l, err := d.Newsletters.ListByID(v.Context(), e.List)
	if err != nil {
		return p, err
	}
	n, err := d.names(v, e.Author, e.Approver)
	if err != nil {
		return p, err
	}
	p.Title = cmp.Or(e.Subject, w.Say("letters.untitled"))
	p.Action, p.List, p.Stage = editionAt+"/"+e.ID, fmt.Sprintf("%s %d", l.Name, e.Number), stageWord(w, e.Stage)
	p.Version, p.Subject, p.Preview, p.Held = e.Version, e.Subject, e.Preview, partsJSON(e.Parts)
	p.Draft, p.Digest, p.Approve = e.Stage == newsletter.Draft, l.Kind == newsletter.Digest, l.Approve
	p.Proof = d.Editions != nil
	p.Zone, p.At = d.Now().In(d.Paper.Zone).Format("MST"), v.Field("at")
	if p.Who = w.Say("letters.by.calendar"); e.Author != "" {
		p.Who = n.name(e.Author)
	}
	if e.Approver != "" {
		p.Who += " · " + w.Say("edition.approved", n.name(e.Approver))
	}
	before := e.Stage == newsletter.Waiting || e.Stage == newsletter.Scheduled
	switch {
	case before && e.At.IsZero():
		p.When = w.Say("letters.at.once")
	case before:
		p.When = w.Moment(e.At)
	case !e.Begun.IsZero():
		p.When = w.Say("edition.begun", w.Moment(e.Begun))
	}
	p.May = editionMay{
		Approve: e.Stage == newsletter.Waiting && e.Author != a.Reader.ID, Unschedule: before, Discard: p.Draft || before,
		Undiscard: e.Stage == newsletter.Cancelled && e.Begun.IsZero(),
	}
	if p.Parts, err = d.partViews(v, a, e.Parts); err != nil {
		return p, err
	}
	p.Default = "save"
	for _, part := range p.Parts {
		if part.Finding {
			p.Default = fmt.Sprintf("find/%d", part.N)
		}
	}
	if p.Draft {
		p.Says, p.Person, p.Tongue = editionSays(w), a.Reader.ID, cmp.Or(l.Language, d.Paper.Language)
		if p.Writes = d.editor; p.Writes {
			p.Words = editorWords(w)
		}
		if p.Add, err = d.addable(v); err != nil {
			return p, err
		}
		p.Keys = append([]shortcut{{[]string{"Ctrl", "S"}, w.Say("edition.save")}}, p.Keys...)
	}
	return p, d.progress(v, a, l, e, &p)
}

// progress adds how far an edition has got and what became of it.
func (d *Desk) progress(v *visit, a *reader.Actor, l newsletter.List, e newsletter.Edition, p *editionPage) (err error) {
	if e.Begun.IsZero() {
		return nil
	}
	if e.Stage == newsletter.Sending || e.Stage == newsletter.Paused {
		s := d.sendingView(v.words, l, e)
		p.Now = &s
	}
	if l.Public && e.Stage != newsletter.Cancelled {
		p.Public = e.Path(l)
	}
	p.Numbers, err = d.numbersView(v, a, e)
	return err
}

// editionSays are the words of the script.
func editionSays(w *page.Language) map[string]string {
	return map[string]string{
		"saving": w.Say("edition.says.saving"), "saved": w.Say("edition.says.saved"),
		"unsaved": w.Say("edition.says.unsaved"), "failed": w.Say("edition.says.failed"),
		"left": w.Say("edition.says.left"), "forget": w.Say("edition.says.forget"),
	}
}

// partsJSON writes parts into a form.
func partsJSON(parts []newsletter.Part) string {
	b, err := json.Marshal(parts)
	if err != nil || len(parts) == 0 {
		return "[]" // parts hold nothing that cannot be written
	}
	return string(b)
}

// addable is what can be added to an edition.
func (d *Desk) addable(v *visit) (list []option, err error) {
	for _, k := range []newsletter.BlockKind{
		newsletter.Words, newsletter.Stories, newsletter.Events, newsletter.Sponsor, newsletter.Front, newsletter.Read, newsletter.Best, newsletter.Corrections,
	} {
		list = append(list, option{string(k), blockWord(v.words, k), false})
	}
	sections, err := d.Articles.Sections(v.Context())
	if err != nil {
		return nil, err
	}
	for _, s := range sections {
		list = append(list, option{"section:" + s.Slug, v.words.Say("block.section.of", s.Name), false})
	}
	return list, nil
}

// blockWord names what a part brings.
func blockWord(w *page.Language, k newsletter.BlockKind) string {
	switch k {
	case newsletter.Front:
		return w.Say("block.front")
	case newsletter.Section:
		return w.Say("block.section")
	case newsletter.Read:
		return w.Say("block.read")
	case newsletter.Best:
		return w.Say("block.comment")
	case newsletter.Corrections:
		return w.Say("block.corrections")
	case newsletter.Events:
		return w.Say("block.events")
	case newsletter.Sponsor:
		return w.Say("block.sponsor")
	case newsletter.Stories:
		return w.Say("block.stories")
	case newsletter.Words:
		return w.Say("block.words")
	}
	return string(k)
}

// partViews sets the parts of an edition; the address says in which of them stories
// are being looked for.
func (d *Desk) partViews(v *visit, a *reader.Actor, parts []newsletter.Part) (list []partView, err error) {
	var ids []string
	for _, p := range parts {
		ids = append(ids, p.Stories...)
	}
	rows, err := d.storyRows(v, a, ids)
	if err != nil {
		return nil, err
	}
	finding, err := strconv.Atoi(v.Get("part"))
	if err != nil {
		finding = -1
	}
	for i, p := range parts {
		x := partView{
			N: i, Kind: string(p.Kind), Name: blockWord(v.words, p.Kind), Title: p.Title, Text: p.Text, By: p.By, Link: p.Link,
			Writes: p.Kind == newsletter.Words || p.Kind == newsletter.Events || p.Kind == newsletter.Sponsor, Sponsor: p.Kind == newsletter.Sponsor,
			Picks: p.Kind == newsletter.Stories, Moves: p.Kind != newsletter.Corrections, First: i == 0, Last: i == len(parts)-1,
		}
		if x.Writes && d.editor {
			x.Body = written(p.Text)
		}
		for j, id := range p.Stories {
			row := rows[id]
			row.First, row.Last = j == 0, j == len(p.Stories)-1
			x.Stories = append(x.Stories, row)
		}
		if p.Show > 0 && p.Show < len(p.Stories) {
			x.About = v.words.Say("edition.part.spare", v.words.Number(p.Show))
		}
		if x.Finding = x.Picks && i == finding; x.Finding {
			x.Query = v.Get("q")
			if x.Found, err = d.published(v, a, x.Query, p.Stories); err != nil {
				return nil, err
			}
		}
		list = append(list, x)
	}
	return list, nil
}

// written is a text for the editor; nil when it is one that the editor cannot show
// whole: then its source can be typed.
func written(source string) *richtext.Doc {
	doc, err := richtext.FromSource(source)
	if err != nil || doc.Uncarried() != "" {
		return nil
	}
	return &doc
}

// storyRows are stories as an edition lists them.
func (d *Desk) storyRows(v *visit, a *reader.Actor, ids []string) (map[string]storyRow, error) {
	rows := map[string]storyRow{}
	if len(ids) == 0 {
		return rows, nil
	}
	may, err := d.Articles.Readable(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	lines, _, err := d.Work.List(v.Context(), a, desk.Filter{IDs: ids, Limit: len(ids)})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		rows[id] = storyRow{ID: id, Headline: v.words.Say("edition.story.gone"), Gone: true}
	}
	for _, l := range lines {
		line := d.storyLine(v.words, l)
		_, ok := may[l.ID]
		rows[l.ID] = storyRow{ID: l.ID, Headline: line.Headline, Path: line.Path, About: line.Section + " · " + line.State, Gone: !ok}
	}
	return rows, nil
}

// published are stories that readers can have, to choose from; those that are known
// are left out.
func (d *Desk) published(v *visit, a *reader.Actor, words string, known []string) (list []pick, err error) {
	lines, _, err := d.Work.List(v.Context(), a, desk.Filter{State: "published", Words: words, Limit: maxPicks})
	if err != nil {
		return nil, err
	}
	had := map[string]bool{}
	for _, id := range known {
		had[id] = true
	}
	for _, l := range lines {
		if had[l.ID] {
			continue
		}
		line := d.storyLine(v.words, l)
		list = append(list, pick{Story: l.ID, Headline: line.Headline, Path: line.Path, About: line.about(""), Mark: line.Mark, Shape: string(line.Shape)})
	}
	return list, nil
}

// A sendPage is what send.html shows: the last look before an edition goes out.
type sendPage struct {
	lettersPage
	Action  string
	Back    string
	Subject string
	List    string
	Version int
	People  string
	None    bool // nobody has subscribed
	Approve bool
	Proof   bool
}

// askToSend says to how many an edition goes.
func (d *Desk) askToSend(v *visit, a *reader.Actor) (*page.Answer, error) {
	e, err := d.Newsletters.EditionByID(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	if e.Stage != newsletter.Draft {
		return page.SeeOther(editionAt + "/" + e.ID), nil
	}
	l, err := d.Newsletters.ListByID(v.Context(), e.List)
	if err != nil {
		return nil, err
	}
	p := sendPage{
		Action: editionAt + "/" + e.ID, Back: editionAt + "/" + e.ID, Subject: e.Subject, List: fmt.Sprintf("%s %d", l.Name, e.Number),
		Version: e.Version, People: v.words.Count("letters.people", l.Members), None: l.Members == 0, Approve: l.Approve, Proof: d.Editions != nil,
	}
	if p.lettersPage, err = d.lettersPage(v, a, "", "edition.send"); err != nil {
		return nil, err
	}
	return page.Show(v.send.With(p)).Allow("frame-src", "'self'"), nil
}

// timeTyped is a time of the form of an edition; the zero time when none was chosen.
func (d *Desk) timeTyped(v *visit, field string) (time.Time, error) {
	if v.Field(field) == "" {
		return time.Time{}, nil
	}
	return d.parseLocal(v.Field(field), field)
}
