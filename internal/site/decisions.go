package site

import (
	"context"
	"html/template"

	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// decisionsPage is what decisions.html shows: what was decided about a reader.
type decisionsPage struct {
	chrome
	List  []noticeRow
	Older string
}

// decisionPage is what decision.html shows: why something was decided, and how
// to appeal.
type decisionPage struct {
	chrome
	Notice   string
	Bad      bool
	What     string
	When, At string
	Until    string
	Rule     string
	RuleText string
	Law      bool
	Reason   string
	Found    string // how it came to the moderator's eyes
	Article  string
	Path     string
	Said     template.HTML // the reader's own comment
	Before   template.HTML // what it said before a moderator changed it
	Appeal   *appealView
	Form     *form // to appeal; nil where that cannot be done
	Deadline string
}

type appealView struct{ Text, When, State, Answer string }

func (s *Site) decisionRoutes(rt *page.Router) {
	rt.Public("GET /moderation", s.showModeration, "before", "month")
	rt.Public("GET /rules", s.showRules)
	s.anyone(rt, "GET /comment/{id}/report", s.showReport)
	s.anyone(rt, "POST /comment/{id}/report", s.report)
	s.member(rt, "GET /account/decisions", reader.MayManageSelf, s.showDecisions)
	s.member(rt, "GET /account/decisions/{id}", reader.MayManageSelf, s.showDecision)
	s.member(rt, "POST /account/decisions/{id}", reader.MayManageSelf, s.appeal)
	s.member(rt, "GET /account/reports/{id}", reader.MayManageSelf, s.showOutcome)
}

func (s *Site) showDecisions(v *visit, a *reader.Actor) (*page.Answer, error) {
	list, older, err := s.Comments.DecisionsAbout(v.Context(), a.Reader.ID, v.Get("before"), noticesPerPage)
	if err != nil {
		return nil, err
	}
	p := decisionsPage{chrome: s.personal(v, "decisions.title"), Older: older}
	for _, d := range list {
		p.List = append(p.List, noticeRow{
			Text: actWords(v.words, d.Act), Path: "/account/decisions/" + d.ID,
			When: v.words.Moment(d.Created), At: v.words.Machine(d.Created),
		})
	}
	return page.Show(v.decisions.With(p)), nil
}

func (s *Site) showDecision(v *visit, a *reader.Actor) (*page.Answer, error) {
	p, err := s.decisionPage(v, a)
	if err != nil {
		return nil, err
	}
	if v.Get("done") != "" {
		p.Notice = v.words.Say("appeal.sent")
	}
	return page.Show(v.decision.With(p)), nil
}

// decisionPage sets the statement of reasons of one decision (Regulation (EU)
// 2022/2065, article 17).
func (s *Site) decisionPage(v *visit, a *reader.Actor) (p decisionPage, err error) {
	w := v.words
	st, err := s.Comments.Statement(v.Context(), a.Reader.ID, v.Path("id"))
	if err != nil {
		return p, err
	}
	d := st.Decision
	p = decisionPage{
		chrome: s.personal(v, "decision.title"), What: actWords(w, d.Act), When: w.Moment(d.Created), At: w.Machine(d.Created),
		Rule: st.Rule.Name, RuleText: st.Rule.Text, Law: d.Ground == comment.GroundLaw, Reason: d.Reason,
	}
	if !d.Until.IsZero() {
		p.Until = w.Moment(d.Until)
	}
	switch {
	case st.Automatic:
		p.Found = w.Say("decision.found.rule")
	case st.Reported:
		p.Found = w.Say("decision.found.report")
	default:
		p.Found = w.Say("decision.found.own")
	}
	if st.Comment.ID != "" && st.Comment.Body != "" {
		p.Said = richtext.Comment(st.Comment.Body)
	}
	if st.Before != "" {
		p.Before = richtext.Comment(st.Before)
	}
	if d.Article != "" {
		known, err := s.Articles.KnownAll(v.Context(), d.Article)
		if err != nil {
			return p, err
		}
		if art, ok := known[d.Article]; ok {
			p.Article, p.Path = art.Headline, art.Path()
		}
	}
	if st.Appeal != nil {
		p.Appeal = &appealView{Text: st.Appeal.Text, When: w.Moment(st.Appeal.Created), State: appealWords(w, st.Appeal.State), Answer: st.Appeal.Answer}
	} else if st.Until.After(s.Now()) {
		p.Deadline = w.Say("appeal.until", w.Day(st.Until))
		p.Form = &form{
			Action: "/account/decisions/" + d.ID, Legend: w.Say("appeal.title"), Button: w.Say("appeal.button"),
			Fields: []field{{Name: "text", Label: w.Say("appeal.text"), Type: "textarea", Max: comment.MaxWords, Need: true, Value: v.Field("text")}},
		}
	}
	return p, nil
}

func appealWords(w *page.Language, s comment.AppealState) string {
	switch s {
	case comment.AppealUpheld:
		return w.Say("appeal.upheld")
	case comment.AppealOverturned:
		return w.Say("appeal.overturned")
	default:
		return w.Say("appeal.open")
	}
}

func (s *Site) appeal(v *visit, a *reader.Actor) (*page.Answer, error) {
	_, err := s.Comments.Appeal(v.Context(), a.Reader.ID, v.Path("id"), v.Field("text"))
	if err == nil {
		return page.SeeOther("/account/decisions/" + v.Path("id") + "?done=appeal"), nil
	}
	p := problem.Of(err)
	if p == nil || p.Kind == problem.NotFound {
		return nil, err
	}
	shown, other := s.decisionPage(v, a)
	if other != nil {
		return nil, other
	}
	if shown.Form == nil || !shown.Form.says(v, p.Fields) {
		shown.Notice, shown.Bad = v.tells(p), true
	}
	return page.WithStatus(v.decision.With(shown), p.Kind.Status()), nil
}

// showOutcome tells a reader what became of a report of the reader's; the id is
// that of the decision that answered it.
func (s *Site) showOutcome(v *visit, a *reader.Actor) (*page.Answer, error) {
	o, err := s.Comments.ReportOutcome(v.Context(), a.Reader.ID, v.Path("id"))
	if err != nil {
		return nil, err
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "outcome.title"), Text: outcome(v.words, o, s.Paper.URL("/comment/"+o.Report.Comment)),
		Links: []link{{"/comment/" + o.Report.Comment, v.words.Say("report.back")}, {"/account/notices", v.words.Say("notices.title")}},
	})), nil
}

// noticeOfDecision sets a notice about a decision, a report or an appeal.
func (s *Site) noticeOfDecision(ctx context.Context, w *page.Language, n comment.Notice, t noticeRow) (noticeRow, bool, error) {
	switch n.Kind {
	case comment.NoticeReport:
		t.Text, t.Path = w.Say("notices.report"), "/account/reports/"+n.Subject
		return t, true, nil
	case comment.NoticeAppeal:
		t.Text, t.Path = w.Say("notices.appeal"), "/account/decisions/"+n.Subject
		return t, true, nil
	case comment.NoticeDecision:
		d, err := s.Comments.DecisionByID(ctx, n.Subject)
		if problem.Is(err, problem.NotFound) {
			return t, false, nil
		}
		t.Text, t.Path = w.Say("notices.decision", actWords(w, d.Act)), "/account/decisions/"+n.Subject
		return t, err == nil, err
	}
	return t, false, nil
}
