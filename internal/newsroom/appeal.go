package newsroom

import (
	"html/template"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// appealView is an appeal with the statement that it is against.
type appealView struct {
	When      string
	Text      template.HTML
	Statement decisionView
	RuleText  string
	Before    template.HTML // what the comment said before it was edited, "" when it was not
	Automatic bool
	Reported  bool
	Answer    string // what was answered, "" while it is open
	Outcome   string
	Decider   string
	Decided   string
}

// An answerForm answers an appeal.
type answerForm struct {
	Text         string
	TextError    string
	OutcomeError string
	Overturn     bool // what was chosen before
	Uphold       bool
	Alone        bool // the decision is the moderator's own, and there is nobody else
}

// appeal sets an appeal for a moderator.
func (d *Desk) appeal(v *visit, a *reader.Actor, n names, it comment.Item, i *itemView, t typed) error {
	st, err := d.Comments.Statement(v.Context(), it.Appeal.Reader, it.Appeal.Decision)
	if err != nil {
		return err
	}
	views, err := d.decisions(v, n, []comment.Decision{st.Decision})
	if err != nil {
		return err
	}
	i.Appeal = &appealView{
		When: v.words.Moment(it.Appeal.Created), Text: richtext.Comment(it.Appeal.Text), Statement: views[0], RuleText: st.Rule.Text,
		Automatic: st.Automatic, Reported: st.Reported,
	}
	if st.Before != "" {
		i.Appeal.Before = richtext.Comment(st.Before)
	}
	if it.Appeal.State != comment.AppealOpen {
		i.Appeal.Answer, i.Appeal.Decider, i.Appeal.Decided = it.Appeal.Answer, n.name(it.Appeal.Decider), v.words.Moment(it.Appeal.Decided)
		i.Appeal.Outcome = v.words.Say("mod.appeal.upheld")
		if it.Appeal.State == comment.AppealOverturned {
			i.Appeal.Outcome = v.words.Say("mod.appeal.overturned")
		}
		return nil
	}
	others, err := d.Readers.OtherModerators(v.Context(), st.Decision.Moderator)
	if err != nil {
		return err
	}
	mine := st.Decision.Moderator == a.Reader.ID
	switch {
	case it.Appeal.Reader == a.Reader.ID:
		i.Refused = v.words.Say("mod.appeal.own")
		return nil
	case mine && others:
		i.Refused = v.words.Say("mod.appeal.mine")
		return nil
	}
	i.Answer = &answerForm{Alone: mine}
	if t.Form == "answer" {
		i.Answer.Text, i.Answer.TextError, i.Answer.OutcomeError = t.Body, t.Errors["text"], t.Errors["outcome"]
		i.Answer.Uphold, i.Answer.Overturn = t.Act == string(comment.AppealUpheld), t.Act == string(comment.AppealOverturned)
	}
	return nil
}

// answerAppeal takes what a moderator says to an appeal.
func (d *Desk) answerAppeal(v *visit, a *reader.Actor) (*page.Answer, error) {
	id, queue := v.Path("id"), string(comment.QueueAppeals)
	t := typed{Form: "answer", Body: v.Field("text"), Act: v.Field("outcome")}
	err := d.answered(v, a, id, t)
	if err != nil {
		return d.failItem(v, a, queue, id, t, err)
	}
	return page.SeeOther(with(onwards(v, queue, id), "answered", t.Act)), nil
}

func (d *Desk) answered(v *visit, a *reader.Actor, id string, t typed) error {
	outcome, err := comment.ParseAppealOutcome(t.Act)
	if err != nil {
		return err
	}
	x, err := d.Comments.DecisionByID(v.Context(), id)
	if err != nil {
		return err
	}
	others, err := d.Readers.OtherModerators(v.Context(), x.Moderator)
	if err != nil {
		return err
	}
	_, err = d.Comments.AnswerAppeal(v.Context(), comment.AppealAnswer{
		Decision: id, Moderator: a.Reader.ID, Outcome: outcome, Text: t.Body, Others: others,
	})
	if p := problem.Of(err); p != nil && p.Kind == problem.Invalid && len(p.Fields) == 0 {
		return missing("text", p.Detail)
	}
	return err
}
