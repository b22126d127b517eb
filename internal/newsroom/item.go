package newsroom

import (
	"errors"
	"html/template"
	"strconv"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// itemView is one thing that waits, with what a moderator needs to know of it.
type itemView struct {
	ID       string
	Action   string // where its forms go
	After    string // the page of the queue that it stands on
	NextID   string
	Seen     string // when this was made: what is reported later nobody has read
	Next     string // addresses of its neighbours, "" for none
	Previous string
	List     string // address of the list

	Error    string        // what is wrong with what the moderator wanted
	Conflict *decisionView // what another moderator did meanwhile

	Said      *saidView // nil for an appeal that is about no comment
	Appeal    *appealView
	Member    *memberView
	Thread    *threadLine
	Parent    *lineView
	Before    []lineView
	Following []lineView
	History   []decisionView

	Refused  string // why this moderator can do nothing here, "" otherwise
	Ruleless bool   // the paper has no rules: nothing can be restricted
	Approve  string // the label of the button, "" where there is nothing to approve
	Restore  bool
	Hold     bool
	Remove   *actForm
	Edit     *actForm
	Sanction *sanctionForm
	Answer   *answerForm
}

// saidView is a comment as moderators see it.
type saidView struct {
	ID      string
	Version int
	Author  personView
	When    string
	At      string
	State   string
	Shown   string // its place in the thread, "" for one that readers do not have
	Marked  bool
	Edited  bool
	Score   string
	Body    template.HTML
	Why     []string
	Crowds  []string
	Reports []reportView
	More    int // further reports
	Edits   []editView
}

// reportView is a report as moderators see it.
type reportView struct {
	Reason, Text, Who, When string
	Notice                  bool
}

// editView is what a comment said before.
type editView struct {
	Who, When string
	Body      template.HTML
}

// A lineView is a comment in brief.
type lineView struct {
	Path, Name, When, Text, State string
}

// A threadLine is the thread in which a comment stands.
type threadLine struct {
	Headline string
	Path     string // of the article, "" while readers cannot have it
	Desk     string // of the page about the thread
	State    string
}

// item sets one item for a moderator.
func (d *Desk) item(v *visit, a *reader.Actor, it comment.Item, at place, t typed) (*itemView, error) {
	i := &itemView{
		ID: itemID(it), Action: queuePath(at.queue, itemID(it), ""), After: at.after, NextID: at.next, Seen: d.moment(),
	}
	if t.Form != "bulk" && t.Form != "sanction" { // those say it themselves
		i.Error = t.Error
	}
	if at.queue != commentQueue {
		i.List = queuePath(at.queue, "", at.after)
	}
	if at.next != "" {
		i.Next = queuePath(at.queue, at.next, at.after)
	}
	if at.previous != "" {
		i.Previous = queuePath(at.queue, at.previous, at.after)
	}
	author := it.Comment.Author
	if it.Appeal != nil {
		author = it.Appeal.Reader
	}
	member, err := d.Comments.Member(v.Context(), author)
	if err != nil {
		return nil, err
	}
	var around comment.Surroundings
	if it.Comment.ID != "" {
		if around, err = d.Comments.Surroundings(v.Context(), it.Comment.ID); err != nil {
			return nil, err
		}
	}
	n, err := d.namesOf(v, it, member, around)
	if err != nil {
		return nil, err
	}
	if i.Member, err = d.memberView(v, n, member); err != nil {
		return nil, err
	}
	if it.Comment.ID != "" {
		i.Said = d.said(v, n, it)
		if i.Thread, err = d.threadLine(v, it.Comment.Article); err != nil {
			return nil, err
		}
		if around.Parent != nil {
			l := line(v, n, *around.Parent)
			i.Parent = &l
		}
		i.Before, i.Following = lines(v, n, around.Before), lines(v, n, around.After)
	}
	if it.Appeal != nil {
		return i, d.appeal(v, a, n, it, i, t)
	}
	if i.History, err = d.decisions(v, n, it.Decisions); err != nil {
		return nil, err
	}
	return i, d.offer(v, a, n, it.Comment, member, at, i, t)
}

// namesOf reads everybody whom an item names.
func (d *Desk) namesOf(v *visit, it comment.Item, m comment.Member, around comment.Surroundings) (names, error) {
	ids := []string{it.Comment.Author, it.Comment.Answered, m.Reader}
	for _, r := range it.Reports {
		ids = append(ids, r.Reporter)
	}
	for _, e := range it.Edits {
		ids = append(ids, e.Editor)
	}
	for _, c := range append(around.Before, around.After...) {
		ids = append(ids, c.Author)
	}
	if around.Parent != nil {
		ids = append(ids, around.Parent.Author)
	}
	ids = append(ids, deciders(it.Decisions)...)
	ids = append(ids, deciders(m.Decisions)...)
	if it.Appeal != nil {
		ids = append(ids, it.Appeal.Decider)
	}
	return d.names(v, ids...)
}

func (d *Desk) said(v *visit, n names, it comment.Item) *saidView {
	c := it.Comment
	s := &saidView{
		ID: c.ID, Version: c.Version, Author: n.person(c.Author), When: v.words.Moment(c.Created), At: v.words.Machine(c.Created),
		State: state(v.words, c.State), Marked: c.Marked, Edited: !c.Edited.IsZero(), Score: c.Score.String(), Body: richtext.Comment(c.Body),
		More: max(0, c.Reports-len(it.Reports)),
	}
	if c.State == comment.Visible {
		s.Shown = "/comment/" + c.ID
	}
	for _, h := range c.HeldFor {
		s.Why = append(s.Why, why(v.words, h))
	}
	for _, x := range it.Crowds {
		s.Crowds = append(s.Crowds, crowd(v.words, x))
	}
	for _, r := range it.Reports {
		one := reportView{Reason: reason(v.words, r.Reason), Text: r.Text, When: v.words.Moment(r.Created), Notice: r.Notice}
		switch {
		case r.Reporter != "":
			one.Who = n.name(r.Reporter)
		case r.Name != "":
			one.Who = r.Name
		default:
			one.Who = v.words.Say("mod.report.nameless")
		}
		s.Reports = append(s.Reports, one)
	}
	for _, e := range it.Edits {
		s.Edits = append(s.Edits, editView{Who: n.name(e.Editor), When: v.words.Moment(e.Created), Body: richtext.Comment(e.Body)})
	}
	return s
}

func line(v *visit, n names, c comment.Comment) lineView {
	l := lineView{Path: queuePath(commentQueue, c.ID, ""), Name: n.name(c.Author), When: v.words.Moment(c.Created), Text: excerpt(c.Body, 160)}
	if c.State != comment.Visible {
		l.State = state(v.words, c.State)
	}
	return l
}

func lines(v *visit, n names, list []comment.Comment) (all []lineView) {
	for _, c := range list {
		all = append(all, line(v, n, c))
	}
	return all
}

func (d *Desk) threadLine(v *visit, article string) (*threadLine, error) {
	t := &threadLine{Headline: v.words.Say("mod.article.away"), Desk: moderation + "/thread/" + article}
	known, err := d.Articles.KnownAll(v.Context(), article)
	if err != nil {
		return nil, err
	}
	a, ok := known[article]
	if !ok {
		return t, nil
	}
	t.Headline, t.Path = a.Headline, a.Path()
	now, err := d.Comments.Thread(v.Context(), about(a))
	if err != nil {
		return nil, err
	}
	t.State = setting(v.words, now.State)
	return t, nil
}

// conflict is what another moderator did meanwhile, nil when nobody did.
func (d *Desk) conflict(v *visit, err error) (*decisionView, error) {
	var o *comment.Overtaken
	if !errors.As(err, &o) || o.Decision.ID == "" {
		return nil, nil
	}
	n, err := d.names(v, o.Decision.Moderator)
	if err != nil {
		return nil, err
	}
	views, err := d.decisions(v, n, []comment.Decision{o.Decision})
	if err != nil {
		return nil, err
	}
	return &views[0], nil
}

// offer puts down what a moderator can do with a comment as it is.
func (d *Desk) offer(v *visit, a *reader.Actor, n names, c comment.Comment, m comment.Member, at place, i *itemView, t typed) error {
	if c.Author == a.Reader.ID {
		i.Refused = v.words.Say("mod.own")
		return nil
	}
	rules, err := d.Comments.Rules(v.Context())
	if err != nil {
		return err
	}
	i.Ruleless = len(rules) == 0
	staff := n.staff(c.Author)
	switch {
	case c.State == comment.Held:
		i.Approve = v.words.Say("mod.approve")
	case c.State != comment.Removed && c.Reports > 0:
		i.Approve = v.words.Say("mod.keep")
	}
	i.Restore = c.State == comment.Removed
	i.Hold = c.State == comment.Visible
	if i.Ruleless {
		return nil
	}
	if c.State == comment.Visible || c.State == comment.Held || c.State == comment.Deleted && c.Reports > 0 {
		i.Remove = t.act("remove", rules, !staff)
	}
	if c.State == comment.Visible || c.State == comment.Held {
		i.Edit = t.act("edit", rules, !staff)
		if t.Form != "edit" {
			i.Edit.Body = c.Body
		}
	}
	if n.person(c.Author).Path == "" {
		return nil // who has left cannot be kept out
	}
	i.Sanction = d.sanctionForm(v, m, staff, rules, t)
	i.Sanction.Comment, i.Sanction.Version = c.ID, c.Version
	i.Sanction.Queue, i.Sanction.After, i.Sanction.Next = at.queue, at.after, at.next
	return nil
}

// today is the day in the paper's zone, days from now, as forms write it.
func (d *Desk) today(days int) string {
	return d.Now().In(d.zone()).AddDate(0, 0, days).Format(time.DateOnly)
}

func (d *Desk) zone() *time.Location {
	if d.Paper.Zone == nil {
		return time.UTC
	}
	return d.Paper.Zone
}

// moment is now, for a form that comes back.
func (d *Desk) moment() string { return strconv.FormatInt(d.Now().UnixMicro(), 10) }

// momentOf reads what moment wrote; the zero time for anything else.
func momentOf(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
