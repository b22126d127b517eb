package newsroom

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/wire"
)

// Elsewhere is what the desk is told of copies of an article by subjects that it does not
// know, and how long what is outside keeps what it had.
type Elsewhere struct {
	Told    func(ctx context.Context, article string) (letters, notices int, err error) // to those who follow what it is of
	Indexed func(ctx context.Context, article string) (bool, error)                     // it is in the search index

	Pages    time.Duration // caches outside keep a page so long at most
	Pictures time.Duration // and a picture
	Browsers time.Duration // a reader's browser keeps a picture
}

// recallPage is what wirereport.html shows: every copy that was ever made of a story that
// its agency has recalled, what was done about it, and what is out of our hands.
type recallPage struct {
	chrome
	Notice  string
	Bad     bool
	Story   string // its page
	Here    string
	Parts   []recallPart
	Plain   string // the same as text
	Sent    []recallLine
	To      string
	Subject string
	Preview bool // the letter is shown as it would be sent
	Errors  recallErrors
}

// recallErrors say what is wrong with the letter, each at its field.
type recallErrors struct{ To, Subject, Text string }

// A recallPart is some facts under a title.
type recallPart struct {
	Title string
	Lines []recallLine
}

// A recallLine is one fact, and since when it is one.
type recallLine struct {
	When, At string // "" for what has no time
	Text     string
	Path     string // where it can be seen in the newsroom, "" for nowhere
}

// maxRecall is how long the form of a report may be.
const maxRecall = 128 << 10

func recallPath(first int64) string { return wireAt + "/report/" + strconv.FormatInt(first, 36) }

func (d *Desk) showRecall(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, _, err := d.recallPage(v, a)
	if err != nil {
		return nil, err
	}
	if v.Get("done") == "sent" {
		p.Notice = v.words.Say("recall.sent")
	}
	return page.Show(v.wireReport.With(p)), nil
}

// sendRecall shows the letter before it goes, and then sends it.
func (d *Desk) sendRecall(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, first, err := d.recallPage(v, a)
	if err != nil {
		return nil, err
	}
	p.To, p.Subject, p.Plain = strings.TrimSpace(v.Field("to")), strings.TrimSpace(v.Field("subject")), strings.ReplaceAll(v.Field("text"), "\r\n", "\n")
	if v.Field("act") != "send" {
		p.Preview = true
		return page.Show(v.wireReport.With(p)), nil
	}
	err = d.Work.SendRecallReport(v.Context(), a, desk.RecallReport{Story: first, To: p.To, Subject: p.Subject, Text: p.Plain})
	if why := problem.Of(err); why != nil && (why.Kind == problem.Invalid || why.Kind == problem.TooMany) {
		p.Notice, p.Bad = v.tells(why), true
		p.Errors = recallErrors{v.words.Say(why.Fields["to"]), v.words.Say(why.Fields["subject"]), v.words.Say(why.Fields["text"])}
		return page.Show(v.wireReport.With(p)).Status(why.Kind.Status()), nil
	}
	if err != nil {
		return nil, err
	}
	return page.SeeOther(recallPath(first) + "?done=sent"), nil
}

func (d *Desk) recallPage(v *visit, a *reader.Actor) (p recallPage, first int64, err error) {
	if first, err = d.wireStory(v); err != nil {
		return p, 0, err
	}
	w := v.words
	if p.chrome, err = d.chrome(v, "recall.title"); err != nil {
		return p, 0, err
	}
	l, versions, err := d.Wire.Story(v.Context(), first)
	if err != nil {
		return p, 0, err
	}
	if l.Recall == "" {
		return p, 0, &problem.Problem{Kind: problem.NotFound, Detail: "This story is not recalled."}
	}
	r := recallReport{d: d, v: v, a: a, line: l}
	if p.Parts, err = r.parts(versions); err != nil {
		return p, 0, err
	}
	headline := cmp.Or(l.Headline, l.Slug, w.Say("stories.untitled"))
	p.Title = w.Say("recall.of", headline)
	p.Story, p.Here = wirePath(first), recallPath(first)
	p.Subject = w.Say("recall.subject", headline, l.ID)
	p.Plain = plainRecall(w.Say("recall.lead", d.Paper.Name, headline, l.Agency, l.ID, w.Moment(d.Now())), p.Parts)
	sent, err := d.Work.RecallReports(v.Context(), first)
	if err != nil {
		return p, 0, err
	}
	for _, x := range sent {
		p.Sent = append(p.Sent, recallLine{w.Second(x.Created), w.Machine(x.Created), w.Say("recall.sent.to", x.To), ""})
		p.To = x.To
	}
	return p, first, nil
}

// plainRecall is a report as text.
func plainRecall(lead string, parts []recallPart) string {
	var b strings.Builder
	b.WriteString(lead + "\n")
	for _, part := range parts {
		b.WriteString("\n" + part.Title + "\n")
		for _, l := range part.Lines {
			b.WriteString("- ")
			if l.When != "" {
				b.WriteString(l.When + ": ")
			}
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()
}

// A recallReport gathers what is known of the copies of one story. Each line comes from a
// row that somebody has stored; what nobody knows is said to be unknown.
type recallReport struct {
	d    *Desk
	v    *visit
	a    *reader.Actor
	line wire.Line

	art      *article.Article // nil: there never was one
	shown    bool             // readers could have it
	letters  int              // with it, that servers have taken
	notices  int              // to devices
	alerted  bool
	pictured bool     // it had pictures
	unheard  []string // sister papers that have not said that they heard
	feeds    []string // sister papers that read our feeds
}

func (r *recallReport) say(key string, args ...any) string { return r.v.words.Say(key, args...) }

func (r *recallReport) at(t time.Time, text string) recallLine {
	if t.IsZero() {
		return recallLine{Text: text}
	}
	return recallLine{When: r.v.words.Second(t), At: r.v.words.Machine(t), Text: text}
}

func (r *recallReport) parts(versions []wire.Version) (list []recallPart, err error) {
	if r.line.Article != "" {
		if r.art, err = r.d.Work.Article(r.v.Context(), r.a, r.line.Article); err != nil {
			return nil, err
		}
		r.shown = !r.art.Published.IsZero() && !r.art.Published.After(r.d.Now()) && (r.art.Withdrawal.At.IsZero() || r.art.Published.Before(r.art.Withdrawal.At))
	}
	list = append(list, r.came(versions))
	if r.art == nil {
		list = append(list, recallPart{r.say("recall.article"), []recallLine{{Text: r.say("recall.article.none")}}})
	} else {
		for _, f := range []func() (recallPart, error){r.article, r.pictures, r.places, r.mail, r.sisters, r.others} {
			part, err := f()
			if err != nil {
				return nil, err
			}
			list = append(list, part)
		}
	}
	derived, err := r.derived()
	if err != nil {
		return nil, err
	}
	return append(list, derived, r.done(versions), r.beyond()), nil
}

// came is what the agency has sent.
func (r *recallReport) came(versions []wire.Version) recallPart {
	p := recallPart{Title: r.say("recall.came")}
	for _, x := range versions {
		what := r.v.words.Say("recall.version", x.Version, statusWord(r.v.words, x.Status), x.Delivery)
		p.Lines = append(p.Lines, recallLine{r.v.words.Second(x.Received), r.v.words.Machine(x.Received), what, wirePath(r.line.First) + "?" + url.Values{"version": {x.Version}}.Encode()})
	}
	if more := r.line.Versions - len(versions); more > 0 {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.version.more", more)})
	}
	p.Lines = append(p.Lines, recallLine{Text: r.say("recall.version.kept")})
	return p
}

func statusWord(w *page.Language, s wire.Status) string {
	switch s {
	case wire.Usable:
		return w.Say("recall.status.usable")
	case wire.Canceled:
		return w.Say("recall.status.canceled")
	case wire.Withheld:
		return w.Say("recall.status.withheld")
	}
	return w.Say("recall.status.other")
}

// article is the article with its addresses and revisions.
func (r *recallReport) article() (p recallPart, err error) {
	p.Title = r.say("recall.article")
	c, err := r.d.Articles.Copies(r.v.Context(), r.art.ID)
	if err != nil {
		return p, err
	}
	for _, a := range c.Addresses {
		p.Lines = append(p.Lines, r.at(a.Since, r.say("recall.address", r.d.Paper.BaseURL+a.Path)))
	}
	p.Lines = append(p.Lines, recallLine{Text: r.say("recall.address", r.d.Paper.BaseURL+"/a/"+r.art.ID)})
	switch {
	case !r.shown:
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.public.never")})
	case r.art.Withdrawal.At.IsZero():
		p.Lines = append(p.Lines, r.at(r.art.Published, r.say("recall.public.still")))
	default:
		p.Lines = append(p.Lines, r.at(r.art.Published, r.say("recall.public", r.v.words.Second(r.art.Withdrawal.At))))
	}
	for _, x := range c.Revisions {
		text := r.say("recall.revision.never", x.Number, x.By)
		if !x.Shown.IsZero() {
			text = r.say("recall.revision", x.Number, x.By, r.v.words.Second(x.Shown))
		}
		l := r.at(x.Created, text)
		l.Path = storyPath(r.art.ID) + "/revisions/" + strconv.Itoa(x.Number)
		p.Lines = append(p.Lines, l)
	}
	if c.More {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.revision.more")})
	}
	return p, nil
}

// pictures are those that any revision showed, with each file that was drawn of them.
func (r *recallReport) pictures() (p recallPart, err error) {
	p.Title = r.say("recall.pictures")
	c, err := r.d.Articles.Copies(r.v.Context(), r.art.ID)
	if err != nil {
		return p, err
	}
	for _, id := range c.Pictures {
		pic, err := r.d.Work.Picture(r.v.Context(), r.a, id)
		if problem.Is(err, problem.NotFound) {
			p.Lines = append(p.Lines, recallLine{Text: r.say("recall.picture.deleted", id)})
			continue
		}
		if err != nil {
			return p, err
		}
		var files []string
		for _, f := range pic.Renditions {
			files = append(files, f.Key)
		}
		l := r.at(pic.Created, r.say("recall.picture", id, len(files), strings.Join(files, ", ")))
		l.Path = picturePath(id)
		p.Lines = append(p.Lines, l)
		still, err := r.d.Articles.MayShow(r.v.Context(), id)
		if err != nil {
			return p, err
		}
		if still {
			p.Lines = append(p.Lines, recallLine{Text: r.say("recall.picture.elsewhere", id), Path: picturePath(id)})
		}
	}
	if r.pictured = len(c.Pictures) > 0; !r.pictured {
		p.Lines = []recallLine{{Text: r.say("recall.pictures.none")}}
	} else {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.pictures.kept")})
	}
	return p, nil
}

// places are where editors had put it.
func (r *recallReport) places() (p recallPart, err error) {
	p.Title = r.say("recall.places")
	list, err := r.d.Work.Placements(r.v.Context(), r.art.ID)
	if err != nil {
		return p, err
	}
	for _, x := range list {
		until := x.Until
		if w := r.art.Withdrawal.At; !w.IsZero() && (until.IsZero() || until.After(w)) {
			until = w
		}
		name := string(x.Page)
		switch {
		case x.Page == "":
			name = r.say("recall.place.bar")
		case x.Page == desk.FrontPage:
			name = r.say("recall.place.front")
		}
		text := r.say("recall.place", name)
		if !until.IsZero() {
			text = r.say("recall.place.until", name, r.v.words.Second(until))
		}
		p.Lines = append(p.Lines, r.at(x.From, text))
	}
	if len(list) == 0 {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.places.none")})
	}
	if r.shown {
		p.Lines = append(p.Lines, recallLine{Text: r.say("recall.places.lists", r.line.Section)})
	}
	return p, nil
}
