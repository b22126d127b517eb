package newsroom

import (
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// memberView is what the threads know of a member, in brief or whole.
type memberView struct {
	personView
	Posted, Visible, Removed, Warned int
	Bar                              string
	Last                             string
	Since                            string
	Decisions                        []decisionView
	Comments                         []lineView
}

// briefly is how many decisions and comments of a member stand beside an item.
const briefly = 5

func (d *Desk) memberView(v *visit, n names, m comment.Member) (*memberView, error) {
	r := &memberView{
		personView: n.person(m.Reader), Posted: m.Posted, Visible: m.Visible, Removed: m.Removed, Warned: m.Warned,
		Bar: bar(v.words, m.Bar, m.Until),
	}
	if !m.Last.IsZero() {
		r.Last = v.words.Moment(m.Last)
	}
	who, err := d.Readers.ByID(v.Context(), m.Reader)
	switch {
	case err == nil:
		r.Since = v.words.Day(who.Created)
	case !problem.Is(err, problem.NotFound):
		return nil, err
	}
	r.Decisions, err = d.decisions(v, n, m.Decisions[:min(len(m.Decisions), briefly)])
	r.Comments = ownLines(v, n, m.Comments[:min(len(m.Comments), briefly)])
	return r, err
}

// ownLines are the comments of one member, whose name stands above them.
func ownLines(v *visit, n names, list []comment.Comment) []lineView {
	all := lines(v, n, list)
	for i := range all {
		all[i].Name = ""
	}
	return all
}

// memberPage is what member.html shows: a member's history and sanctions.
type memberPage struct {
	modPage
	Member   *memberView
	Conflict *decisionView
	Refused  string
	Sanction *sanctionForm
	Older    string // address of older decisions, "" on the last page
}

// history is how many decisions about a member stand on a page.
const history = 20

func (d *Desk) showMember(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := d.memberPage(v, a, v.Path("id"), typed{})
	if err != nil {
		return nil, err
	}
	return page.Show(v.member.With(p)), nil
}

func (d *Desk) memberPage(v *visit, a *reader.Actor, id string, t typed) (p memberPage, err error) {
	r, err := d.Readers.ByID(v.Context(), id)
	if err != nil {
		return p, err
	}
	if p.modPage, err = d.modPage(v, a, "mod.member"); err != nil {
		return p, err
	}
	p.Title = r.Name
	m, err := d.Comments.Member(v.Context(), id)
	if err != nil {
		return p, err
	}
	list, older, err := d.Comments.DecisionsAbout(v.Context(), id, v.Get("before"), history)
	if err != nil {
		return p, err
	}
	if older != "" {
		p.Older = with(moderation+"/member/"+id, "before", older)
	}
	n, err := d.names(v, append(append(deciders(list), deciders(m.Decisions)...), id)...)
	if err != nil {
		return p, err
	}
	if p.Member, err = d.memberView(v, n, m); err != nil {
		return p, err
	}
	if p.Member.Decisions, err = d.decisions(v, n, list); err != nil {
		return p, err
	}
	for i, x := range list {
		if x.Comment != "" {
			p.Member.Decisions[i].Comment = queuePath(commentQueue, x.Comment, "")
		}
	}
	p.Member.Comments = ownLines(v, n, m.Comments)
	if id == a.Reader.ID {
		p.Refused = v.words.Say("mod.self")
		return p, nil
	}
	rules, err := d.Comments.Rules(v.Context())
	p.Sanction = d.sanctionForm(v, m, r.Role.Staff(), rules, t)
	p.Sanction.Open = true
	return p, err
}

// failMember shows the page of a member again with what was typed and what is
// wrong.
func (d *Desk) failMember(v *visit, a *reader.Actor, id string, t typed, err error) (*page.Answer, error) {
	p := problem.Of(err)
	if p == nil {
		return nil, err
	}
	t.say(v, p)
	shown, other := d.memberPage(v, a, id, t)
	if other != nil {
		return nil, other
	}
	if shown.Sanction == nil {
		shown.Notice, shown.Bad = v.tells(p), true
	}
	if shown.Conflict, other = d.conflict(v, err); other != nil {
		return nil, other
	}
	return page.WithStatus(v.member.With(shown), p.Kind.Status()), nil
}
