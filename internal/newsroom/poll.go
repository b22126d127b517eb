package newsroom

import (
	"strconv"
	"strings"

	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A pollGroup is the poll of a story beside its text. It is there for every format,
// and shown for polls only: whoever chooses that format finds it.
type pollGroup struct {
	Options      string // one a line
	Closes       string // as it is typed
	Version      int
	Save         string // where the script saves it by itself; "" once readers have it
	May          bool
	Begun        bool // somebody has voted
	Closed       bool
	Settled      bool // readers have it, or will
	Zone         string
	Voters       string
	End          string
	Reworded     string
	Results      []pollResult
	OptionsWrong string
	ClosesWrong  string
}

// A pollResult is an option with what became of it.
type pollResult struct{ Words, Said string }

func (d *Desk) pollGroup(v *visit, a *reader.Actor, t *desk.Story) (g pollGroup, err error) {
	p, err := d.Work.Poll(v.Context(), a, t.Article.ID)
	if err != nil {
		return g, err
	}
	w, now := v.words, d.Now()
	g = pollGroup{
		Version: p.Version, Begun: p.Votes() > 0, Closed: p.Closed(now), Settled: t.Article.Settled(),
		Zone: now.In(d.Paper.Zone).Format("MST"), May: t.Mine(a) && (!t.Article.Settled() || a.May(reader.MayEdit)),
		Voters: w.Count("poll.voters", p.Votes()),
	}
	if g.May && !g.Settled {
		g.Save = storyPath(t.Article.ID) + "/poll"
	}
	if !p.Closes.IsZero() {
		g.Closes = p.Closes.In(d.Paper.Zone).Format(localTime)
		g.End = w.Say("poll.until", w.Moment(p.Closes))
	}
	if g.Closed {
		g.End = w.Say("poll.closed", w.Moment(p.Closes))
	}
	if !p.Reworded.IsZero() {
		g.Reworded = w.Say("poll.reworded", w.Moment(p.Reworded))
	}
	if p.Votes() == 0 {
		g.Voters = w.Say("poll.nobody")
	}
	shares := p.Shares()
	var lines []string
	for i, o := range p.Options {
		lines = append(lines, o.Words)
		g.Results = append(g.Results, pollResult{o.Words, w.Say("poll.result", strconv.Itoa(shares[i]), w.Count("poll.votes", o.Votes))})
	}
	g.Options = strings.Join(lines, "\n")
	return g, nil
}

// typed puts back what was typed into the form.
func (g *pollGroup) typed(v *visit) {
	if v.Checked("poll_options") {
		g.Options, g.Closes = v.Field("poll_options"), v.Field("poll_closes")
	}
}

// savePoll saves what the form of a story holds of its poll; every button of the page
// does, so that nothing typed is lost.
func (d *Desk) savePoll(v *visit, a *reader.Actor, id string) error {
	if !v.Checked("poll_options") {
		return nil
	}
	now, err := d.Work.Poll(v.Context(), a, id)
	if err != nil {
		return err
	}
	draft := poll.Draft{Options: poll.Tidy(strings.Split(v.Field("poll_options"), "\n"))}
	if draft.Version, err = strconv.Atoi(v.Field("poll_version")); err != nil {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again."}
	}
	// Of an end that was not touched the field has the minute only.
	closes := v.Field("poll_closes")
	switch {
	case closes == "":
	case !now.Closes.IsZero() && closes == now.Closes.In(d.Paper.Zone).Format(localTime):
		draft.Closes = now.Closes
	default:
		if draft.Closes, err = d.parseLocal(closes, "closes"); err != nil {
			return err
		}
	}
	if untouched(now, draft) {
		return nil
	}
	return d.Work.SetPoll(v.Context(), a, id, draft)
}

// untouched reports whether a form holds what the poll is already: then it does not
// matter that somebody has changed it meanwhile and back.
func untouched(p poll.Poll, d poll.Draft) bool {
	if len(p.Options) != len(d.Options) || !p.Closes.Equal(d.Closes) {
		return false
	}
	for i, o := range p.Options {
		if o.Words != d.Options[i] {
			return false
		}
	}
	return true
}

// keepPoll saves a poll for the script, while nobody but the newsroom has it.
func (d *Desk) keepPoll(v *visit, a *reader.Actor) (*page.Answer, error) {
	id := v.Path("id")
	if err := d.savePoll(v, a, id); err != nil {
		return d.refuse(v, err)
	}
	p, err := d.Work.Poll(v.Context(), a, id)
	if err != nil {
		return d.refuse(v, err)
	}
	return page.JSON(struct {
		Version int `json:"version"`
	}{p.Version})
}

// endPoll closes a poll or opens it again.
func (d *Desk) endPoll(v *visit, a *reader.Actor, id string, closes bool) error {
	if closes {
		return d.Work.ClosePoll(v.Context(), a, id)
	}
	return d.Work.ReopenPoll(v.Context(), a, id)
}
