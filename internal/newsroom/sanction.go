package newsroom

import (
	"strconv"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A sanctionForm keeps a member from taking part, or ends that.
type sanctionForm struct {
	Action             string
	Open               bool
	Refused            string // why it cannot be used, "" where it can
	Seen               string // the latest decision on the bar, which the moderator sees
	Comment            string // the one that leads to it, "" for none
	Version            int    // of that comment
	Queue, After, Next string // where the moderator stands
	Act                string
	For                string
	Days               bool // For are days, not hours
	Until              string
	UntilError         string
	Error              string
	Bar                string // what keeps the member out now; it can be lifted
	Why                whyForm
}

// suspended is for how many days a suspension lasts where nobody says anything
// else, and muted for how many hours a mute.
const (
	suspended = 7
	muted     = "24"
)

func (d *Desk) sanctionForm(v *visit, m comment.Member, staff bool, rules []comment.Rule, t typed) *sanctionForm {
	f := &sanctionForm{
		Action: moderation + "/member/" + m.Reader, Seen: m.Sanction, Act: string(comment.ActMute), For: muted, Until: d.today(suspended),
		Bar: bar(v.words, m.Bar, m.Until), Why: t.why("sanction", rules),
	}
	if staff {
		f.Refused = v.words.Say("mod.staff")
	}
	if t.Form == "sanction" {
		f.Open, f.Act, f.For, f.Days, f.Until = true, t.Act, t.For, t.Unit == "days", t.Until
		f.UntilError, f.Error = t.Errors["until"], t.Error
	}
	return f
}

// sanctionable refuses whoever works for the paper.
func (d *Desk) sanctionable(v *visit, id string) error {
	r, err := d.Readers.ByID(v.Context(), id)
	if err != nil {
		return err
	}
	if r.Role.Staff() {
		return &problem.Problem{Kind: problem.Forbidden, Detail: "Whoever works for the paper cannot be sanctioned here. Speak to a publisher."}
	}
	return nil
}

// sanction bars a member, lifts that, or warns for a comment. The comment itself
// still waits for a decision then.
func (d *Desk) sanction(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, about := v.Path("id"), v.Field("comment")
	t := read(v, "sanction")
	x, err := d.sanctioned(v, a, id, about, t)
	back, other := parseQueue(v.Field("back"))
	fromItem := other == nil && about != ""
	switch {
	case err != nil && fromItem:
		return d.failItem(v, a, back, about, t, err)
	case err != nil:
		return d.failMember(v, a, id, t, err)
	case fromItem:
		return page.SeeOther(with(queuePath(back, about, v.Field("after")), "done", x.ID)), nil
	}
	return page.SeeOther(with(moderation+"/member/"+id, "done", x.ID)), nil
}

func (d *Desk) sanctioned(v *visit, a *reader.Actor, id, about string, t typed) (x comment.Decision, err error) {
	if err := d.sanctionable(v, id); err != nil {
		return x, err
	}
	act, err := comment.ParseAct(t.Act)
	if err != nil {
		return x, err
	}
	if act == comment.ActWarn {
		version, err := strconv.Atoi(v.Field("version"))
		if err != nil || about == "" {
			return x, &problem.Problem{Kind: problem.Invalid, Detail: "A warning is given for a comment. Open that comment first.", Err: err}
		}
		return d.Comments.Judge(v.Context(), comment.Judgement{
			Comment: about, Version: version, Act: act, Moderator: a.Reader.ID, Rule: t.Rule, Ground: t.ground(), Reason: t.Reason,
		})
	}
	s := comment.Sanction{
		Reader: id, Act: act, Seen: v.Field("seen"), Moderator: a.Reader.ID, Rule: t.Rule, Ground: t.ground(), Reason: t.Reason, Comment: about,
	}
	if s.Until, err = d.until(v, act, t); err != nil {
		return x, err
	}
	return d.Comments.Sanction(v.Context(), s)
}

// until is when a mute or a suspension ends: hours or days from now, or at the
// end of a day in the paper's zone.
func (d *Desk) until(v *visit, act comment.Act, t typed) (time.Time, error) {
	switch act {
	case comment.ActMute:
		n, err := strconv.Atoi(t.For)
		if err != nil || n < 1 || n > 1000 {
			return time.Time{}, missing("until", "Write for how many hours or days.")
		}
		unit := time.Hour
		if t.Unit == "days" {
			unit = 24 * time.Hour
		}
		return d.Now().Add(time.Duration(n) * unit), nil
	case comment.ActSuspend:
		day, err := time.ParseInLocation(time.DateOnly, t.Until, d.zone())
		if err != nil {
			return time.Time{}, missing("until", "Choose the last day of the suspension.")
		}
		return v.words.Midnight(day), nil
	}
	return time.Time{}, nil
}
