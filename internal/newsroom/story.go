package newsroom

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/secret"
)

// storyPage is what story.html shows: one article, to be written.
type storyPage struct {
	chrome
	ID      string
	Version int
	Open    string // the name of this open page, which may get the seat
	Seat    desk.Whose
	Lang    string // of the article
	Copy    desk.Copy
	Source  string            // the body as it is typed without the editor
	Words   map[string]string // of the editor
	Editor  bool              // it was built
	Mine    bool              // whoever asks may write in it
	Person  string            // who that is: what a browser keeps is one person's

	Sections  []option
	Kinds     []option
	Formats   []option
	Needs     []option // what each format is made of
	Poll      pollGroup
	Languages []option
	Weights   []option
	Bylines   string // one a line
	Topics    string

	State     string
	Mark      string
	Shape     article.State
	When      string // of publication
	Public    string // the address of what readers have, "" for nothing
	Place     string // where it can be put on the front page, "" while it cannot
	Alert     string // where a news alert about it is written, "" while there can be none
	Waits     bool
	Behind    bool
	Sent      *sentVersion
	Owner     string
	Saved     string // when the copy was saved, and by whom
	Embargo   string
	Zone      string // the paper's, for what is typed as a time
	May       storyActs
	Typed     storyTyped
	Done      string
	Error     string
	Errors    storyErrors
	Remarks   []remarkView
	Clashes   []desk.Clash
	Derived   []derivedRow // what an agency has recalled, and may be in this
	Revisions string
	Entries   string // where the entries of a live report are written, "" where it is none
}

// storyActs are the buttons that somebody has.
type storyActs struct {
	Submit, Back, TakeBack, Publish, Reschedule, Unschedule, Revise, Withdraw, PutAway, Return, Embargo, Catch, Sponsor bool
}

// storyTyped is what was typed into the forms of the acts.
type storyTyped struct {
	At, Why, By, Note, Bare, Words, Reason, Until string
	Open                                          bool
}

// storyErrors say what is wrong, each at its field.
type storyErrors struct{ Headline, Section, Slug, Format, Sponsor, Source, Options, Closes, Reason, Note, Bare, Pictures, At, Until, Why, Words string }

// put puts a message at its field; it reports whether there is one of this name.
func (e *storyErrors) put(field, said string) bool {
	into := map[string]*string{
		"headline": &e.Headline, "section": &e.Section, "slug": &e.Slug, "format": &e.Format, "sponsor": &e.Sponsor, "source": &e.Source, "options": &e.Options, "closes": &e.Closes, "reason": &e.Reason, "note": &e.Note, "bare": &e.Bare, "pictures": &e.Pictures,
		"at": &e.At, "until": &e.Until, "why": &e.Why, "words": &e.Words,
	}[field]
	if into != nil {
		*into = said
	}
	return into != nil
}

// A remarkView is a remark beside the story.
type remarkView struct {
	ID, Who, When, Passage, Words string
	Done                          string // by whom and when, "" while it is open
}

// A linkView is a link for somebody outside the house.
type linkView struct{ ID, Note, Who, Until string }

// maxStory is how long the form of a story may be: a copy and its other fields.
const maxStory = 4 << 20

func (d *Desk) showStory(v *visit, a *reader.Actor) (*page.Answer, error) {
	t, err := d.Work.Open(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	p, err := d.storyPage(v, a, t)
	if err != nil {
		return nil, err
	}
	p.Done = doneWord(v.words, v.Get("done"), p.When)
	return d.story(v, p), nil
}

// story answers with the page of a story. The editor reads what is pasted through
// a policy of its own.
func (d *Desk) story(v *visit, p storyPage) *page.Answer {
	return page.Show(v.story.With(p)).Allow("trusted-types", "ProseMirrorClipboard")
}

func (d *Desk) storyPage(v *visit, a *reader.Actor, t *desk.Story) (p storyPage, err error) {
	w := v.words
	p = storyPage{
		ID: t.Article.ID, Version: t.Version, Open: secret.NewToken().Reveal(), Lang: t.Copy.Language, Copy: t.Copy, Words: editorWords(w),
		Editor: d.editor, Person: a.Reader.ID,
		Source: richtext.Source(t.Copy.Body), Mine: t.Mine(a), Bylines: strings.Join(t.Copy.Bylines, "\n"), Topics: strings.Join(t.Copy.Topics, "\n"),
		State: stateWord(w, t.Article.State), Mark: stateMark(t.Article.State), Shape: t.Article.State, Waits: t.Waits(), Behind: t.Behind(),
		Zone: d.Now().In(d.Paper.Zone).Format("MST"), Revisions: storyPath(t.Article.ID) + "/revisions",
	}
	if p.chrome, err = d.chrome(v, "story.title"); err != nil {
		return p, err
	}
	if p.Title = t.Copy.Headline; p.Title == "" {
		p.Title = w.Say("stories.untitled")
	}
	if p.Sections, err = d.sectionOptions(v, t.Copy.Section); err != nil {
		return p, err
	}
	for _, k := range article.Kinds() {
		p.Kinds = append(p.Kinds, option{string(k), kindWord(w, k), k == t.Copy.Kind})
	}
	p.Formats, p.Needs = formatOptions(w, t.Copy.Format), formatNeeds(w, t.Copy.Format)
	if p.Poll, err = d.pollGroup(v, a, t); err != nil {
		return p, err
	}
	p.Languages = languageOptions(t.Copy.Language)
	for i := range 6 {
		p.Weights = append(p.Weights, option{strconv.Itoa(i), weightWord(w, i), i == t.Copy.Weight})
	}
	if t.Article.State == article.Published || t.Article.State == article.Withdrawn {
		if path, err := d.Articles.Locate(v.Context(), p.ID); err == nil {
			p.Public = path
		} else if problem.Of(err) == nil {
			return p, err
		}
	}
	if !t.Article.Published.IsZero() {
		p.When = w.Moment(t.Article.Published)
	}
	switch e := t.Article.Embargo; {
	case t.Article.EmbargoOpen:
		p.Embargo, p.Typed.Open = w.Say("story.embargo.open"), true
	case !e.IsZero():
		p.Embargo, p.Typed.Until = w.Say("story.embargo.until", w.Moment(e)), e.In(d.Paper.Zone).Format(localTime)
	}
	if state := t.Article.State; a.May(reader.MayEdit) && (state == article.Published || state == article.Scheduled) {
		p.Place = front + "?" + url.Values{"story": {p.ID}}.Encode()
		if t.Article.State == article.Published {
			p.Alert = alertPath(p.ID)
		}
	}
	p.May = mayAct(a, t)
	if t.IsLive() {
		p.Entries = reportingPath(p.ID)
	}
	names, err := d.names(v, t.Owner, t.ChangedBy)
	if err != nil {
		return p, err
	}
	p.Owner = w.Say("stories.wire")
	if t.Owner != "" {
		p.Owner = names.name(t.Owner)
	}
	if p.Saved = w.Moment(t.Changed); t.ChangedBy != "" {
		p.Saved = w.Say("story.saved.by", p.Saved, names.name(t.ChangedBy))
	}
	p.Seat = desk.Other
	if seat := t.Seat(); p.Mine && (seat.Page == "" || d.Now().Sub(seat.Seen) > desk.SeatLife) {
		p.Seat = desk.Free
	}
	if p.Sent, err = d.sent(v, t); err != nil {
		return p, err
	}
	open, err := d.Work.DerivedIn(v.Context(), p.ID)
	if err != nil {
		return p, err
	}
	if p.Derived, err = d.derivedRows(v, a, open); err != nil {
		return p, err
	}
	p.Remarks, err = d.remarks(v, a, p.ID)
	p.Keys = append([]shortcut{
		{[]string{"Ctrl", "S"}, w.Say("story.key.save")},
		{[]string{"Alt", "F10"}, w.Say("story.key.tools")},
		{[]string{"v"}, w.Say("preview.title")},
		{[]string{"r"}, w.Say("revisions.title")},
	}, p.Keys...)
	return p, err
}

// A sentVersion is one of the article's agency that waits to be merged into the copy.
type sentVersion struct{ Says, Version, Path, Advisory string }

func (d *Desk) sent(v *visit, t *desk.Story) (*sentVersion, error) {
	if d.Wire == nil || t.Behind() {
		return nil, nil
	}
	p, err := d.Wire.Pending(v.Context(), t.Article.ID)
	if p == nil {
		return nil, err
	}
	return &sentVersion{v.words.Say("story.sent", p.Agency, p.Version), p.Version, wirePath(p.First), p.Advisory}, err
}

// mayAct says which acts the state of a story and somebody's role allow.
func mayAct(a *reader.Actor, t *desk.Story) (may storyActs) {
	editor, state := a.May(reader.MayEdit), t.Article.State
	may.Submit = state == article.Draft && t.Mine(a)
	may.Back = editor && state == article.Review
	may.TakeBack = !editor && state == article.Review
	may.Publish = editor && !t.Article.Settled()
	may.Reschedule = editor && state == article.Scheduled
	may.Unschedule = may.Reschedule
	may.Revise = editor && state == article.Published
	may.Withdraw = may.Revise
	may.PutAway = editor && state != article.Published && state != article.Withdrawn
	may.Return = editor && state == article.Withdrawn
	may.Embargo = editor && state != article.Withdrawn
	may.Catch = t.Behind() && t.Mine(a)
	may.Sponsor = editor
	return may
}

func kindWord(w *page.Language, k article.Kind) string {
	switch k {
	case article.News:
		return w.Say("kind.news")
	case article.Opinion:
		return w.Say("kind.opinion")
	case article.Analysis:
		return w.Say("kind.analysis")
	case article.Criticism:
		return w.Say("kind.review")
	case article.Interview:
		return w.Say("kind.interview")
	case article.Obituary:
		return w.Say("kind.obituary")
	}
	return string(k)
}

func weightWord(w *page.Language, n int) string {
	switch n {
	case 0:
		return w.Say("story.weight.0")
	case 5:
		return w.Say("story.weight.5")
	}
	return w.Number(n)
}

// languageOptions are the languages that an article can be in: those whose quotes
// and words the editor knows, and its own.
func languageOptions(chosen string) (list []option) {
	var known []option
	for _, l := range page.Tongues() {
		known = append(known, option{l.Code, l.Name, false})
	}
	seen := false
	for _, o := range known {
		if o.On = o.Value == chosen; o.On {
			seen = true
		}
		list = append(list, o)
	}
	if !seen && chosen != "" {
		list = append(list, option{chosen, chosen, true})
	}
	return list
}

// doneWord says what has been done.
func doneWord(w *page.Language, done, when string) string {
	switch done {
	case "saved":
		return w.Say("story.done.saved")
	case "kept":
		return w.Say("story.done.kept")
	case "submitted":
		return w.Say("story.done.submitted")
	case "back":
		return w.Say("story.done.back")
	case "published":
		return w.Say("story.done.published")
	case "revised":
		return w.Say("story.done.revised")
	case "corrected":
		return w.Say("story.done.corrected")
	case "scheduled":
		return w.Say("story.done.scheduled", when)
	case "withdrawn":
		return w.Say("story.done.withdrawn")
	case "returned":
		return w.Say("story.done.returned")
	case "embargo":
		return w.Say("story.done.embargo")
	case "restored":
		return w.Say("story.done.restored")
	case "left":
		return w.Say("story.done.left")
	case "merged":
		return w.Say("story.done.merged")
	case "poll":
		return w.Say("story.done.poll")
	case "poll-close":
		return w.Say("story.done.poll.closed")
	case "poll-reopen":
		return w.Say("story.done.poll.open")
	case "settled":
		return w.Say("story.done.settled")
	case "remarked":
		return w.Say("story.done.remarked")
	case "unshared":
		return w.Say("story.done.unshared")
	}
	return ""
}

func (d *Desk) remarks(v *visit, a *reader.Actor, id string) (list []remarkView, err error) {
	remarks, err := d.Work.Remarks(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	var who []string
	for _, r := range remarks {
		who = append(who, r.Author, r.DoneBy)
	}
	names, err := d.names(v, who...)
	if err != nil {
		return nil, err
	}
	for _, r := range remarks {
		rv := remarkView{ID: r.ID, Who: names.name(r.Author), When: v.words.Moment(r.Created), Passage: r.Passage, Words: r.Words}
		if !r.Done.IsZero() {
			rv.Done = v.words.Say("story.remark.done", names.name(r.DoneBy), v.words.Moment(r.Done))
		}
		list = append(list, rv)
	}
	return list, nil
}

func (d *Desk) links(v *visit, a *reader.Actor, id string) (list []linkView, err error) {
	links, err := d.Work.PreviewLinks(v.Context(), a, id)
	if err != nil {
		return nil, err
	}
	var who []string
	for _, l := range links {
		who = append(who, l.Author)
	}
	names, err := d.names(v, who...)
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		list = append(list, linkView{l.ID, l.Note, names.name(l.Author), v.words.Moment(l.Expires)})
	}
	return list, nil
}

// localTime is how browsers write a time without a zone.
const localTime = "2006-01-02T15:04"

// parseLocal reads a time of the paper's zone. An hour that the clock leaps over
// is none; of one that comes twice the first is meant.
func (d *Desk) parseLocal(text, field string) (time.Time, error) {
	wrong := func(detail string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{field: detail}}
	}
	var wall time.Time
	var err error
	for _, layout := range []string{localTime, localTime + ":05", "2006-01-02 15:04"} {
		if wall, err = time.Parse(layout, strings.TrimSpace(text)); err == nil {
			break
		}
	}
	if err != nil {
		return time.Time{}, wrong("Choose a day and a time.")
	}
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, d.Paper.Zone)
	if at.Hour() != wall.Hour() || at.Minute() != wall.Minute() {
		return time.Time{}, wrong("This time does not exist: the clocks go forward over it. Choose an earlier or a later one.")
	}
	// In the hour that comes twice the earlier moment has the same face.
	for _, back := range []time.Duration{time.Hour, 30 * time.Minute} {
		if e := at.Add(-back); e.In(d.Paper.Zone).Format(localTime) == at.Format(localTime) {
			at = e
		}
	}
	return at, nil
}
