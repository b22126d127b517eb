package site

import (
	"context"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// showReport is where somebody says that a comment breaks the rules or the law.
// What is illegal can be reported without an account (Regulation (EU)
// 2022/2065, article 16).
func (s *Site) showReport(v *visit) (*page.Answer, error) {
	shown, err := s.reportPage(v)
	if err != nil {
		return nil, err
	}
	return page.Show(v.form.With(shown)), nil
}

// reported finds the comment of a report, and the article it stands on.
func (s *Site) reported(v *visit) (c comment.Comment, a article.Card, err error) {
	c, a, err = s.commentOn(v.Context(), v.Path("id"))
	if err == nil && c.State != comment.Visible {
		err = &problem.Problem{Kind: problem.Conflict, Detail: "This comment is not there any more."}
	}
	return c, a, err
}

func (s *Site) reportPage(v *visit) (p formPage, err error) {
	w := v.words
	c, a, err := s.reported(v)
	if err != nil {
		return p, err
	}
	faces, err := s.Readers.Faces(v.Context(), c.Author)
	if err != nil {
		return p, err
	}
	name, _, _ := setter{words: w, faces: faces}.author(c.Author)
	p = formPage{
		chrome: s.personal(v, "report.title"), Lead: w.Say("report.lead", name, a.Headline),
		Links: []link{{"/comment/" + c.ID, w.Say("report.back")}, {"/rules", w.Say("rules.title")}},
	}
	f := form{Action: "/comment/" + c.ID + "/report", Button: w.Say("report.button")}
	if v.who.Actor != nil {
		reason := field{Name: "reason", Label: w.Say("report.reason"), Type: "radio"}
		for _, o := range []option{
			{Value: string(comment.Insult), Name: w.Say("report.insult")},
			{Value: string(comment.Spam), Name: w.Say("report.spam")},
			{Value: string(comment.OffTopic), Name: w.Say("report.offtopic")},
			{Value: string(comment.Illegal), Name: w.Say("report.illegal")},
			{Value: string(comment.Other), Name: w.Say("report.other")},
		} {
			o.On = v.Field("reason") == o.Value
			reason.Options = append(reason.Options, o)
		}
		f.Fields = []field{
			reason,
			{Name: "text", Label: w.Say("report.text"), Type: "textarea", Value: v.Field("text"), Hint: w.Say("report.text.hint"), Max: comment.MaxWords},
		}
		p.Forms = []form{f}
		return p, nil
	}
	p.Links = append([]link{{withNext("/login", "/comment/"+c.ID+"/report"), w.Say("report.login")}}, p.Links...)
	place := v.Field("place")
	if !v.Sends() {
		place = s.Paper.URL("/comment/" + c.ID)
	}
	f.Legend, f.Button = w.Say("report.legal.title"), w.Say("report.legal.button")
	f.Fields = []field{
		{Name: "place", Label: w.Say("report.legal.place"), Type: "url", Value: place, Need: true, Max: 2000},
		{Name: "text", Label: w.Say("report.legal.text"), Type: "textarea", Value: v.Field("text"), Hint: w.Say("report.legal.text.hint"), Max: comment.MaxWords, Need: true},
		{Name: "name", Label: w.Say("report.legal.name"), Type: "text", Value: v.Field("name"), Auto: "name", Max: 200},
		{Name: "email", Label: w.Say("email"), Type: "email", Value: v.Field("email"), Auto: "email", Hint: w.Say("report.legal.email.hint")},
		{Name: "minors", Label: w.Say("report.legal.minors"), Type: "checkbox", On: v.Checked("minors")},
		{Name: "goodfaith", Label: w.Say("report.legal.goodfaith"), Type: "checkbox", On: v.Checked("goodfaith")},
	}
	p.Forms = []form{f}
	return p, nil
}

func (s *Site) report(v *visit) (*page.Answer, error) {
	shown, err := s.reportPage(v)
	if err != nil {
		return nil, err
	}
	if err := s.brakes.report(v); err != nil {
		return s.complain(v, shown, err)
	}
	if err := s.takeReport(v); err != nil {
		return s.complain(v, shown, err)
	}
	lead := v.words.Say("report.thanks.lead")
	if v.who.Actor == nil {
		lead = v.words.Say("report.thanks.legal")
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "report.thanks"), Lead: lead, Links: []link{{"/comment/" + v.Path("id"), v.words.Say("report.back")}},
	})), nil
}

func (s *Site) takeReport(v *visit) error {
	language := v.words.Tag.String()
	if a := v.who.Actor; a != nil {
		reason, err := comment.ParseReason(v.Field("reason"))
		if err != nil {
			return err
		}
		_, err = s.Comments.Report(v.Context(), comment.Complaint{
			Comment: v.Path("id"), Reporter: a.Reader.ID, Reason: reason, Text: v.Field("text"), Language: language,
		})
		return err
	}
	_, err := s.Comments.NoticeIllegal(v.Context(), comment.LegalNotice{
		Place: v.Field("place"), Text: v.Field("text"), Name: v.Field("name"), Email: v.Field("email"),
		Minors: v.Checked("minors"), GoodFaith: v.Checked("goodfaith"), Language: language,
	})
	return err
}

// SendReport writes a letter to whoever has reported without an account: that
// the report has come, and what became of it. It is a job.
func (s *Site) SendReport(ctx context.Context, l comment.ReportLetter) error {
	a, err := s.Comments.ReportAnswer(ctx, l)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v, err := s.roomsIn(a.Report.Language)
	if err != nil {
		return err
	}
	w := v.words
	place := s.Paper.URL("/comment/" + a.Report.Comment)
	set := letter{
		Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(),
		Why: w.Say("report.letter.why", s.Paper.Name), Notice: s.Paper.Notice,
		Subject: w.Say("report.letter.subject", s.Paper.Name), Title: w.Say("report.letter.received"),
		Text: []string{w.Say("report.letter.received.text", place, w.Moment(a.Report.Created))},
	}
	if l.News == comment.ReportDecided {
		set.Title = w.Say("report.letter.decided")
		set.Text = outcome(w, a, place)
		set.After = []string{w.Say("report.letter.redress")}
	}
	return s.deliver(ctx, v, "report", a.Report.Email, set)
}

// outcome says what became of a report.
func outcome(w *page.Language, a comment.ReportAnswer, place string) (said []string) {
	if a.Outcome != comment.ReportUpheld {
		return []string{w.Say("report.refused", place)}
	}
	said = []string{w.Say("report.upheld", actWords(w, a.Decision.Act), place)}
	if a.Rule.Name != "" {
		said = append(said, w.Say("report.rule", a.Rule.Name))
	}
	if a.Decision.Ground == comment.GroundLaw {
		said = append(said, w.Say("ground.law"))
	}
	return said
}

// actWords names what a moderator did.
func actWords(w *page.Language, a comment.Act) string {
	switch a {
	case comment.ActApprove:
		return w.Say("act.approve")
	case comment.ActRemove:
		return w.Say("act.remove")
	case comment.ActRestore:
		return w.Say("act.restore")
	case comment.ActEdit:
		return w.Say("act.edit")
	case comment.ActHold:
		return w.Say("act.hold")
	case comment.ActWarn:
		return w.Say("act.warn")
	case comment.ActUnwarn:
		return w.Say("act.unwarn")
	case comment.ActMute:
		return w.Say("act.mute")
	case comment.ActSuspend:
		return w.Say("act.suspend")
	case comment.ActBan:
		return w.Say("act.ban")
	case comment.ActLift:
		return w.Say("act.lift")
	case comment.ActThreadDefault:
		return w.Say("act.thread.default")
	case comment.ActThreadOpen:
		return w.Say("act.thread.open")
	case comment.ActThreadHold:
		return w.Say("act.thread.hold")
	case comment.ActThreadClose:
		return w.Say("act.thread.close")
	case comment.ActThreadOff:
		return w.Say("act.thread.off")
	case comment.ActSlow:
		return w.Say("act.thread.slow")
	case comment.ActSection:
		return w.Say("act.section")
	default:
		return w.Say("act.other")
	}
}
