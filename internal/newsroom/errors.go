package newsroom

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// errorsPath is the address of the room where readers' reports of errors wait.
const errorsPath = "/newsroom/errors"

const errorsPerPage = 30

func (d *Desk) errorRoutes(rt *page.Router) {
	d.room(rt, room{errorsPath, "errors.title", "e", reader.MayEdit, d.waitingErrors}, d.showErrors)
	d.staff(rt, "GET /newsroom/errors/{id}", reader.MayEdit, d.showErrorReport)
	d.staff(rt, "POST /newsroom/errors/{id}", reader.MayEdit, d.answerError)
}

// waitingErrors is how many reports wait, for the bar.
func (d *Desk) waitingErrors(ctx context.Context) (string, error) {
	switch n, err := d.Work.OpenReports(ctx); {
	case err != nil || n == 0:
		return "", err
	case n >= desk.CountedReports:
		return strconv.Itoa(desk.CountedReports-1) + "+", nil
	default:
		return strconv.Itoa(n), nil
	}
}

// errorsPage is what errors.html shows: what readers say is wrong.
type errorsPage struct {
	chrome
	Notice string
	Views  []view
	Open   bool
	Lines  []errorLine
	First  string // address of the first page, "" there
	Next   string // and of the one that follows, "" on the last
}

// An errorLine is one report in the list.
type errorLine struct {
	Path     string
	Headline string
	Passage  string
	Words    string
	When, At string
	Letter   bool // somebody waits for an answer
}

func reportWord(w *page.Language, s desk.ReportState) string {
	switch s {
	case desk.ReportCorrected:
		return w.Say("errors.corrected")
	case desk.ReportKept:
		return w.Say("errors.kept")
	case desk.ReportNoise:
		return w.Say("errors.noise")
	default:
		return w.Say("errors.open")
	}
}

func (d *Desk) showErrors(v *visit, a *reader.Actor) (*page.Answer, error) {
	state := desk.ReportOpen
	var err error
	if named := v.Get("state"); named != "" {
		if state, err = desk.ParseReportState(named); err != nil {
			return nil, err
		}
	}
	f := desk.ReportFilter{State: state, After: v.Get("after"), Limit: errorsPerPage}
	list, next, err := d.Work.Reports(v.Context(), a, f)
	if err != nil {
		return nil, err
	}
	p := errorsPage{Open: state == desk.ReportOpen}
	if p.chrome, err = d.chrome(v, "errors.title"); err != nil {
		return nil, err
	}
	here := func(s desk.ReportState, after string) string {
		q := url.Values{}
		if s != desk.ReportOpen {
			q.Set("state", string(s))
		}
		if after != "" {
			q.Set("after", after)
		}
		if len(q) == 0 {
			return errorsPath
		}
		return errorsPath + "?" + q.Encode()
	}
	for _, s := range desk.ReportStates() {
		p.Views = append(p.Views, view{here(s, ""), reportWord(v.words, s), s == state})
	}
	if f.After != "" {
		p.First = here(state, "")
	}
	if next != "" {
		p.Next = here(state, next)
	}
	if v.Get("done") != "" {
		p.Notice = v.words.Say("errors.done")
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Article)
	}
	known, err := d.Articles.KnownAll(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		p.Lines = append(p.Lines, errorLine{
			Path: errorsPath + "/" + r.ID, Headline: headlineOf(v.words, known, r.Article), Passage: excerpt(r.Passage, 160), Words: excerpt(r.Words, 240),
			When: v.words.Moment(r.Created), At: v.words.Machine(r.Created), Letter: r.Email != "",
		})
	}
	p.Keys = append([]shortcut{{[]string{"j"}, v.words.Say("stories.down")}, {[]string{"k"}, v.words.Say("stories.up")}}, p.Keys...)
	return page.Show(v.errors.With(p)), nil
}

// headlineOf names an article of which readers may know.
func headlineOf(w *page.Language, known map[string]article.Card, id string) string {
	if c, ok := known[id]; ok {
		return c.Headline
	}
	return w.Say("errors.gone")
}

// errorPage is what errorreport.html shows: one report, and its answer.
type errorPage struct {
	chrome
	Notice   string
	Bad      bool
	Headline string
	Path     string // where readers have the article, "" where they have not
	Story    string // where it is in the newsroom
	Passage  string
	Words    string
	When, At string
	Letter   bool
	Open     bool

	Outcome, Answer, By  string // of one that is answered
	Decided, DecidedTime string

	Action      string
	States      []option
	StateError  string
	Typed       string
	AnswerError string
	Max         int
	Preview     *letterPreview
}

// A letterPreview is a letter as the reader will have it.
type letterPreview struct {
	Title    string
	Text     []string
	Language string
}

func (d *Desk) showErrorReport(v *visit, a *reader.Actor) (*page.Answer, error) {
	r, err := d.Work.ErrorReport(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	p, err := d.errorPage(v, r)
	if err != nil {
		return nil, err
	}
	return page.Show(v.report.With(p)), nil
}

func (d *Desk) errorPage(v *visit, r desk.ErrorReport) (p errorPage, err error) {
	w := v.words
	if p.chrome, err = d.chrome(v, "errors.one"); err != nil {
		return p, err
	}
	known, err := d.Articles.KnownAll(v.Context(), r.Article)
	if err != nil {
		return p, err
	}
	n, err := d.names(v, r.DecidedBy)
	if err != nil {
		return p, err
	}
	p.Headline, p.Story = headlineOf(w, known, r.Article), storyPath(r.Article)
	if c, ok := known[r.Article]; ok {
		p.Path = c.Path()
	}
	p.Passage, p.Words, p.When, p.At = r.Passage, r.Words, w.Moment(r.Created), w.Machine(r.Created)
	p.Letter, p.Open = r.Email != "", r.State == desk.ReportOpen
	if !p.Open {
		p.Outcome, p.Answer, p.By = reportWord(w, r.State), r.Answer, n.name(r.DecidedBy)
		p.Decided, p.DecidedTime = w.Moment(r.Decided), w.Machine(r.Decided)
		return p, nil
	}
	p.Action, p.Typed, p.Max = errorsPath+"/"+r.ID, v.Field("answer"), desk.MaxReport
	for _, s := range desk.ReportStates()[1:] {
		p.States = append(p.States, option{string(s), reportWord(w, s), v.Field("state") == string(s)})
	}
	return p, nil
}

// answerError shows the letter first where that is asked for, and closes the
// report otherwise.
func (d *Desk) answerError(v *visit, a *reader.Actor) (*page.Answer, error) {
	r, err := d.Work.ErrorReport(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	state := desk.ReportState(v.Field("state"))
	if v.Field("do") == "preview" && r.State == desk.ReportOpen && state != "" {
		p, err := d.errorPage(v, r)
		if err != nil {
			return nil, err
		}
		if p.Preview, err = d.letterPreview(v, r, state, v.Field("answer")); err != nil {
			return nil, err
		}
		return page.Show(v.report.With(p)), nil
	}
	if v.Field("do") == "preview" {
		err = missing("state", "Choose what became of it.")
	} else {
		var answered desk.ErrorReport
		if answered, err = d.Work.Answer(v.Context(), a, r.ID, state, v.Field("answer")); err == nil {
			return page.SeeOther(errorsPath + "?done=" + r.ID), nil
		}
		if answered.ID != "" {
			r = answered
		}
	}
	fault := problem.Of(err)
	if fault == nil || fault.Kind == problem.NotFound {
		return nil, err
	}
	p, err := d.errorPage(v, r)
	if err != nil {
		return nil, err
	}
	if said := fault.Fields["state"]; said != "" {
		p.StateError = v.words.Say(said)
	}
	if said := fault.Fields["answer"]; said != "" {
		p.AnswerError = v.words.Say(said)
	}
	if len(fault.Fields) == 0 {
		p.Notice, p.Bad = v.tells(fault), true
	}
	return page.WithStatus(v.report.With(p), fault.Kind.Status()), nil
}

// letterPreview sets the letter that the reader would get, in the reader's language; nil
// where nobody gets one.
func (d *Desk) letterPreview(v *visit, r desk.ErrorReport, state desk.ReportState, answer string) (*letterPreview, error) {
	if r.Email == "" || state != desk.ReportCorrected && state != desk.ReportKept {
		return &letterPreview{Title: v.words.Say("errors.letter.none"), Language: v.words.Tag.String()}, nil
	}
	theirs, err := d.viewsIn(r.Language)
	if err != nil {
		return nil, err
	}
	w := theirs.words
	known, err := d.Articles.KnownAll(v.Context(), r.Article)
	if err != nil {
		return nil, err
	}
	what := w.Say("error.letter.gone")
	if c, ok := known[r.Article]; ok {
		what = w.Say("error.letter.about", c.Headline)
	}
	p := &letterPreview{Title: w.Say("error.letter.kept"), Text: []string{w.Say("error.letter.kept.text", what)}, Language: w.Tag.String()}
	if state == desk.ReportCorrected {
		p.Title, p.Text = w.Say("error.letter.corrected"), []string{w.Say("error.letter.corrected.text", what)}
	}
	for line := range strings.SplitSeq(answer, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			p.Text = append(p.Text, line)
		}
	}
	return p, nil
}
