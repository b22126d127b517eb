package site

import (
	"net/url"
	"strconv"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/page"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// pollView is what poll.html shows: a poll for everybody, or for one reader.
type pollView struct {
	Article  string
	Action   string
	Open     bool
	Options  []pollOption
	Voters   string // how many have voted
	End      string // until when it is open, or since when it is not; "" while nobody has said
	Reworded string // that words have been changed
	Button   string
	Error    string // what is wrong with the choice
	Voted    bool

	closes time.Time
}

// A pollOption is one that can be chosen, with its result where that may be had.
type pollOption struct {
	ID, Words string
	On        bool // it is chosen in the form
	Mine      bool // it is the reader's vote
	Share     int  // in percent
	Result    string
}

// A ballot is what is one reader's own on a poll.
type ballot struct {
	choice string // the option that was voted for, "" for none
	typed  string // the option that is chosen in the form
	wrong  string
}

// pollView sets a poll. Results are in it only where b or the end of the poll allows
// them.
func (s *Site) pollView(w *page.Language, a article.Card, p poll.Poll, b ballot) *pollView {
	now := s.Now()
	v := &pollView{
		Article: a.ID, Action: "/poll/" + a.ID, Open: !p.Closed(now), Voters: votersWord(w, p.Votes()),
		Button: w.Say("poll.vote"), Error: b.wrong, Voted: b.choice != "",
		closes: p.Closes,
	}
	switch {
	case p.Closed(now):
		v.End = w.Say("poll.closed", w.Moment(p.Closes))
	case !p.Closes.IsZero():
		v.End = w.Say("poll.until", w.Moment(p.Closes))
	}
	if !p.Reworded.IsZero() {
		v.Reworded = w.Say("poll.reworded", w.Moment(p.Reworded))
	}
	if v.Voted {
		v.Button = w.Say("poll.change")
	}
	if b.typed == "" {
		b.typed = b.choice
	}
	shares := p.Shares()
	for i, o := range p.Options {
		view := pollOption{ID: o.ID, Words: o.Words, On: o.ID == b.typed, Mine: o.ID == b.choice}
		if p.Results(now, b.choice) {
			view.Share, view.Result = shares[i], w.Say("poll.result", strconv.Itoa(shares[i]), w.Count("poll.votes", o.Votes))
		}
		v.Options = append(v.Options, view)
	}
	return v
}

// hearPoll does what a fact about a poll means for the pages. A vote purges none.
func (s *Site) hearPoll(kind, subject string) {
	switch kind {
	case poll.Changed{}.EventKind():
		s.Cache.Purge(poll.Tag(subject))
		s.Cache.Age(poll.CountTag(subject))
	case poll.Voted{}.EventKind():
		s.Cache.Age(poll.Tag(subject), poll.CountTag(subject))
	}
}

// votersWord says how many have voted.
func votersWord(w *page.Language, n int) string {
	if n == 0 {
		return w.Say("poll.nobody")
	}
	return w.Count("poll.voters", n)
}

// pollPage is what ballot.html shows: a poll for one reader.
type pollPage struct {
	chrome
	Path     string // of the article
	Headline string
	Lang     string
	Notice   string
	Bad      bool
	Poll     *pollView
}

// pollRoutes are the addresses of polls. All of them are one reader's own: the page
// for everybody is the article's.
func (s *Site) pollRoutes(rt *page.Router) {
	s.member(rt, "GET /poll/{article}", reader.MayComment, s.showPoll)
	s.anyone(rt, "POST /poll/{article}", s.votePoll)
	s.open(rt, "GET /me/poll/{article}", s.showMyPoll)
}

// poll finds the poll of an article that readers may have, now.
func (s *Site) poll(v *visit) (a article.Card, p poll.Poll, err error) {
	id := v.Path("article")
	if _, err = s.Articles.Known(v.Context(), id); err != nil {
		return a, p, err
	}
	found, err := s.Articles.Readable(v.Context(), id)
	if err != nil {
		return a, p, err
	}
	a, ok := found[id]
	if !ok || a.Format != article.Poll {
		return a, p, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such poll."}
	}
	p, err = s.Polls.Of(v.Context(), id)
	return a, p, err
}

func (s *Site) showPoll(v *visit, a *reader.Actor) (*page.Answer, error) {
	art, p, err := s.poll(v)
	if err != nil {
		return nil, err
	}
	choice, err := s.Polls.Choice(v.Context(), art.ID, a.Reader.ID)
	if err != nil {
		return nil, err
	}
	shown := s.pollPage(v, art, p, ballot{choice: choice, typed: v.Get("option")})
	switch v.Get("done") {
	case "voted":
		shown.Notice = v.words.Say("poll.done")
	case "":
		if v.Get("option") != "" && choice == "" && shown.Poll.Open {
			shown.Notice = v.words.Say("poll.kept")
		}
	}
	return page.Show(v.ballot.With(shown)), nil
}

func (s *Site) pollPage(v *visit, art article.Card, p poll.Poll, b ballot) pollPage {
	shown := pollPage{
		chrome: s.personal(v, "format.poll"), Path: art.Path(), Headline: art.Headline, Lang: s.foreign(art.Language),
		Poll: s.pollView(v.words, art, p, b),
	}
	shown.Here, shown.Title = art.Section.Slug, art.Headline
	return shown
}

// votePoll takes a vote. Whoever is not logged in does that first, and finds the
// choice made.
func (s *Site) votePoll(v *visit) (*page.Answer, error) {
	art, p, err := s.poll(v)
	if err != nil {
		return s.said(v, err)
	}
	option := v.Field("option")
	a := v.who.Actor
	if a == nil {
		return s.pollLogin(v, art, p, option)
	}
	if !a.May(reader.MayComment) {
		return s.said(v, &problem.Problem{Kind: problem.Forbidden, Detail: "Your account may not do this."})
	}
	now, err := s.castPoll(v, a, art, option)
	if err != nil {
		return s.pollWrong(v, a, art, p, option, err)
	}
	if v.WantsJSON() {
		return page.JSON(newPollSaid(v.words, s.pollView(v.words, art, now, ballot{choice: option})))
	}
	return page.SeeOther("/poll/" + art.ID + "?done=voted"), nil
}

func (s *Site) castPoll(v *visit, a *reader.Actor, art article.Card, option string) (p poll.Poll, err error) {
	if err := s.brakes.vote(v, a.Reader.ID); err != nil {
		return p, err
	}
	if err := s.Comments.MayVote(v.Context(), a.Reader.ID); err != nil {
		return p, err
	}
	if p, err = s.Polls.Vote(v.Context(), art.ID, a.Reader.ID, option); err == nil {
		s.Cache.Age(poll.Tag(art.ID), poll.CountTag(art.ID))
	}
	return p, err
}

// pollLogin sends a voter to the log-in, and from there to the poll with the choice.
func (s *Site) pollLogin(v *visit, art article.Card, p poll.Poll, option string) (*page.Answer, error) {
	next := "/poll/" + art.ID
	if p.Has(option) {
		next += "?" + url.Values{"option": {option}}.Encode()
	}
	return logInFirst(v, next)
}

// pollWrong shows the poll again with what is wrong with a vote.
func (s *Site) pollWrong(v *visit, a *reader.Actor, art article.Card, p poll.Poll, option string, err error) (*page.Answer, error) {
	bad := problem.Of(err)
	if bad == nil || v.WantsJSON() {
		return s.said(v, err)
	}
	choice, other := s.Polls.Choice(v.Context(), art.ID, a.Reader.ID)
	if other != nil {
		return nil, other
	}
	b := ballot{choice: choice, typed: option}
	if said := bad.Fields["option"]; said != "" {
		b.wrong = v.words.Say(said)
	}
	shown := s.pollPage(v, art, p, b)
	if b.wrong == "" {
		shown.Notice, shown.Bad = v.tells(bad), true
	}
	return page.WithStatus(v.ballot.With(shown), bad.Kind.Status()).Wait(bad.Wait), nil
}

// showMyPoll tells our script what a reader who has voted may see.
func (s *Site) showMyPoll(v *visit) (*page.Answer, error) {
	if v.who.Actor == nil {
		return page.Nothing(), nil
	}
	art, p, err := s.poll(v)
	if err != nil {
		return nil, err
	}
	choice, err := s.Polls.Choice(v.Context(), art.ID, v.who.Actor.Reader.ID)
	if err != nil {
		return nil, err
	}
	if choice == "" {
		return page.Nothing(), nil
	}
	return page.JSON(newPollSaid(v.words, s.pollView(v.words, art, p, ballot{choice: choice})))
}

// pollSaid is a poll with its results, for our script.
type pollSaid struct {
	Voters  string               `json:"voters"`
	Button  string               `json:"button"`
	Options map[string][3]string `json:"options"` // share, result, and that it is one's own
}

func newPollSaid(w *page.Language, v *pollView) pollSaid {
	said := pollSaid{v.Voters, v.Button, map[string][3]string{}}
	for _, o := range v.Options {
		line := [3]string{strconv.Itoa(o.Share), o.Result, ""}
		if o.Mine {
			line[2] = w.Say("poll.mine")
		}
		said.Options[o.ID] = line
	}
	return said
}
