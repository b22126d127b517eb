package newsroom

import (
	"context"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// moderation is where the room of the moderators is.
const moderation = "/newsroom/moderation"

// A modPage is what stands around the work on every page of moderation.
type modPage struct {
	chrome
	Queues []navLink
	Others []navLink
	Last   *lastDecision
	Notice string // what has just happened, or is wrong
	Bad    bool   // the notice is of something wrong
}

// A navLink leads to another page of the room.
type navLink struct {
	Path, Name string
	Queue      string // for our script, which keeps the size up to date
	Size       string
	Here       bool
}

// A lastDecision is what this moderator has decided last, which can be undone.
type lastDecision struct {
	ID    string
	What  string
	Whose string
	When  string
	Fresh bool   // it was this very moment
	Queue string // in which the moderator is, to come back to
}

// undoable is for how long the last decision is offered to be undone.
const undoable = 12 * time.Hour

// modPage makes what is around a page of moderation.
func (d *Desk) modPage(v *visit, a *reader.Actor, title string) (p modPage, err error) {
	if p.chrome, err = d.chrome(v, title); err != nil {
		return p, err
	}
	sizes, err := d.Comments.QueueSizes(v.Context())
	if err != nil {
		return p, err
	}
	path, _, _ := strings.Cut(v.Here(), "?")
	for _, q := range comment.Queues() {
		at := queuePath(string(q), "", "")
		p.Queues = append(p.Queues, navLink{
			Path: at, Name: queueName(v.words, q), Queue: string(q), Size: sizes[q].String(),
			Here: path == at || len(path) > len(at) && path[:len(at)+1] == at+"/",
		})
	}
	for _, l := range []navLink{
		{Path: moderation + "/sections", Name: v.words.Say("mod.sections")},
		{Path: moderation + "/rules", Name: v.words.Say("mod.rules")},
		{Path: moderation + "/log", Name: v.words.Say("mod.log")},
		{Path: moderation + "/settings", Name: v.words.Say("mod.settings")},
	} {
		if l.Path == moderation+"/settings" && !a.May(reader.MayManage) {
			continue
		}
		l.Here = path == l.Path
		p.Others = append(p.Others, l)
	}
	switch {
	case v.Sends():
	case v.Get("undone") != "":
		p.Notice = v.words.Say("mod.undone")
	case v.Get("answered") != "":
		p.Notice = v.words.Say("mod.appeal.told")
	case v.Get("kept") != "":
		p.Notice = v.words.Say("mod.kept")
	}
	p.Last, err = d.lastDecision(v, a)
	p.Keys = append([]shortcut{
		{[]string{"j"}, v.words.Say("mod.next")},
		{[]string{"k"}, v.words.Say("mod.previous")},
		{[]string{"a"}, v.words.Say("mod.approve")},
		{[]string{"r"}, v.words.Say("mod.remove")},
		{[]string{"e"}, v.words.Say("mod.edit")},
		{[]string{"s"}, v.words.Say("mod.sanction")},
		{[]string{"x"}, v.words.Say("mod.select")},
		{[]string{"u"}, v.words.Say("mod.undo.last")},
		{[]string{"Ctrl", "Enter"}, v.words.Say("mod.send")},
	}, p.Keys...)
	return p, err
}

// lastDecision finds what the moderator has decided last. Of a decision with a
// warning it is the decision, whose undoing takes both back.
func (d *Desk) lastDecision(v *visit, a *reader.Actor) (*lastDecision, error) {
	found, _, err := d.Comments.Decided(v.Context(), a.Reader.ID, "", 2)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	last := found[0]
	if last.Act == comment.ActWarn && len(found) > 1 && found[1].Comment == last.Comment && found[1].Version == last.Version {
		last = found[1]
	}
	if last.Undoes != "" || last.Source == comment.SourceAppeal || d.Now().Sub(last.Created) > undoable {
		return nil, nil
	}
	if overtaken, err := d.overtaken(v, last); err != nil || overtaken {
		return nil, err
	}
	l := &lastDecision{ID: last.ID, What: did(v.words, last.Act), When: v.words.Clock(last.Created), Fresh: v.Get("done") == last.ID}
	if last.Reader != "" {
		names, err := d.names(v, last.Reader)
		if err != nil {
			return nil, err
		}
		l.Whose = names.name(last.Reader)
	}
	return l, nil
}

// overtaken reports whether something has happened since a decision, so that it
// cannot be undone any more. Of threads and sections the undoing itself says so.
func (d *Desk) overtaken(v *visit, x comment.Decision) (bool, error) {
	switch x.Act {
	case comment.ActMute, comment.ActSuspend, comment.ActBan, comment.ActLift:
		m, err := d.Comments.Member(v.Context(), x.Reader)
		return m.Sanction != x.ID, err
	}
	if x.Comment == "" {
		return false, nil
	}
	it, err := d.Comments.Item(v.Context(), x.Comment)
	return it.Comment.Version != x.Version, err
}

// waiting is how much waits for moderators, for the bar.
func (d *Desk) waiting(ctx context.Context) (string, error) {
	sizes, err := d.Comments.QueueSizes(ctx)
	if err != nil {
		return "", err
	}
	var all comment.Size
	for _, n := range sizes {
		all += n
	}
	if all == 0 {
		return "", nil
	}
	return all.String(), nil
}

// sizesSaid is what an open page asks for now and then.
type sizesSaid struct {
	Waits  string                        `json:"waits"`
	Queues map[comment.Queue]queuedCount `json:"queues"`
}

// A queuedCount is a size to count with, and as it is shown.
type queuedCount struct {
	N    int    `json:"n"`
	Text string `json:"text"`
}

func (d *Desk) showSizes(v *visit, _ *reader.Actor) (*page.Answer, error) {
	sizes, err := d.Comments.QueueSizes(v.Context())
	if err != nil {
		return nil, err
	}
	said := sizesSaid{Queues: map[comment.Queue]queuedCount{}}
	if said.Waits, err = d.waiting(v.Context()); err != nil {
		return nil, err
	}
	for q, n := range sizes {
		said.Queues[q] = queuedCount{int(n), n.String()}
	}
	return page.JSON(said)
}

// enterModeration leads to the first queue in which something waits.
func (d *Desk) enterModeration(v *visit, _ *reader.Actor) (*page.Answer, error) {
	sizes, err := d.Comments.QueueSizes(v.Context())
	if err != nil {
		return nil, err
	}
	for _, q := range comment.Queues() {
		if sizes[q] > 0 {
			return page.SeeOther(queuePath(string(q), "", "")), nil
		}
	}
	return page.SeeOther(queuePath(string(comment.Queues()[0]), "", "")), nil
}

// undo takes back a decision of the moderator's own.
func (d *Desk) undo(v *visit, a *reader.Actor) (*page.Answer, error) {
	back, err := d.Comments.Undo(v.Context(), a.Reader.ID, v.Path("id"))
	if err != nil {
		return d.sorry(v, a, err)
	}
	to := moderation
	switch {
	case back.Comment != "":
		to = queuePath(commentQueue, back.Comment, "")
		if q, err := comment.ParseQueue(v.Field("queue")); err == nil && q != comment.QueueAppeals {
			to = queuePath(string(q), back.Comment, "")
		}
	case back.Reader != "":
		to = moderation + "/member/" + back.Reader
	case back.Article != "":
		to = moderation + "/thread/" + back.Article
	case back.Section != "":
		to = moderation + "/sections"
	}
	return page.SeeOther(to + "?undone=1"), nil
}

// sorryPage says what is wrong where no form is shown again: sorry.html.
type sorryPage struct {
	modPage
	Conflict *decisionView
}

// sorry answers with a Problem inside the room; a fault goes on.
func (d *Desk) sorry(v *visit, a *reader.Actor, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	shown, other := d.modPage(v, a, "mod.title")
	if other != nil {
		return nil, other
	}
	shown.Notice, shown.Bad = v.tells(p), true
	s := sorryPage{modPage: shown}
	if s.Conflict, other = d.conflict(v, err); other != nil {
		return nil, other
	}
	return page.WithStatus(v.sorry.With(s), p.Kind.Status()), nil
}

// queuePath is the address of a queue, or of one item of it.
func queuePath(queue, id, after string) string {
	path := moderation + "/" + queue
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	if after != "" {
		path += "?" + url.Values{"after": {after}}.Encode()
	}
	return path
}

// with adds a parameter to a path.
func with(path, name, value string) string {
	base, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	q.Set(name, value)
	return base + "?" + q.Encode()
}
