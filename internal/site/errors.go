package site

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/mail"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// errorRoutes are where readers tell us what is wrong in an article.
func (s *Site) errorRoutes(rt *page.Router) {
	s.anyone(rt, "GET /category/{section}/{slug}/error", s.showErrorForm)
	s.anyone(rt, "POST /category/{section}/{slug}/error", s.reportError)
}

// maxMarked is how many characters of a marked passage come along.
const maxMarked = 500

// wrongIn finds the article of a report. moved is where to go instead: its present
// address, or the article itself when its licence has ended.
func (s *Site) wrongIn(v *visit) (r *article.Reading, moved string, err error) {
	r, moved, err = s.Articles.Read(v.Context(), v.Path("section"), v.Path("slug"))
	switch {
	case err != nil:
		return nil, "", err
	case moved != "":
		moved += "/error"
		if marked := v.Get("passage"); marked != "" {
			moved += "?" + url.Values{"passage": {marked}}.Encode()
		}
		return nil, moved, nil
	case r.Ended:
		return r, r.Path(), nil // for as long as it is
	}
	return r, "", nil
}

func (s *Site) showErrorForm(v *visit) (*page.Answer, error) {
	r, moved, err := s.wrongIn(v)
	if err != nil {
		return nil, err
	}
	if moved != "" {
		a := page.SeeOther(moved)
		if r == nil {
			a.Status(http.StatusMovedPermanently)
		}
		return a, nil
	}
	return page.Show(v.form.With(s.errorForm(v, r))), nil
}

func (s *Site) errorForm(v *visit, r *article.Reading) formPage {
	w := v.words
	passage := v.Field("passage")
	if !v.Sends() {
		passage = v.Get("passage")
	}
	if runes := []rune(passage); len(runes) > maxMarked {
		passage = string(runes[:maxMarked])
	}
	p := formPage{
		chrome: s.personal(v, "error.title"), Lead: w.Say("error.lead", r.Headline),
		Links: []link{{r.Path(), w.Say("history.back")}, {"/corrections", w.Say("corrections.title")}},
	}
	p.Forms = []form{{
		Action: r.Path() + "/error", Button: w.Say("error.button"),
		Fields: []field{
			{Name: "passage", Label: w.Say("error.passage"), Type: "textarea", Value: passage, Hint: w.Say("error.passage.hint"), Max: maxMarked},
			{Name: "words", Label: w.Say("error.words"), Type: "textarea", Value: v.Field("words"), Need: true, Max: desk.MaxReport},
			{Name: "email", Label: w.Say("error.email"), Type: "email", Value: v.Field("email"), Auto: "email", Hint: w.Say("error.email.hint")},
		},
	}}
	return p
}

func (s *Site) reportError(v *visit) (*page.Answer, error) {
	r, moved, err := s.wrongIn(v)
	if err != nil {
		return nil, err
	}
	if moved != "" {
		return page.SeeOther(moved), nil
	}
	email := strings.TrimSpace(v.Field("email"))
	if err := s.brakes.wrong(v, email); err != nil {
		return s.complain(v, s.errorForm(v, r), err)
	}
	_, err = s.Desk.Report(v.Context(), desk.NewReport{
		Article: r.ID, Passage: v.Field("passage"), Words: v.Field("words"), Email: email, Language: v.words.Tag.String(),
	})
	if err != nil {
		return s.complain(v, s.errorForm(v, r), err)
	}
	lead := v.words.Say("error.thanks.lead")
	if email != "" {
		lead = v.words.Say("error.thanks.mail")
	}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(v, "report.thanks"), Lead: lead, Links: []link{{r.Path(), v.words.Say("history.back")}},
	})), nil
}

// SendErrorLetter writes to whoever has reported an error and left an address: that
// the report has come, and what became of it. What the reader wrote stands nowhere
// in it: anybody can type any address. It is a job.
func (s *Site) SendErrorLetter(ctx context.Context, l desk.ErrorLetter) error {
	r, err := s.Desk.ReportToTell(ctx, l)
	if problem.Is(err, problem.NotFound) || err == nil && r.Email == "" {
		return nil
	}
	if err != nil {
		return err
	}
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return err
	}
	w := v.words
	set := letter{
		Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(),
		Subject: w.Say("error.letter.subject", s.Paper.Name), Why: w.Say("error.letter.why", s.Paper.Name), Notice: s.Paper.Notice,
	}
	what := w.Say("error.letter.gone")
	c, err := s.Articles.Known(ctx, r.Article)
	switch {
	case err == nil:
		what = w.Say("error.letter.about", c.Headline)
		set.Button, set.Link = w.Say("error.letter.button"), s.Paper.URL(c.Path())
	case problem.Of(err) == nil:
		return err
	}
	switch {
	case l.News == desk.ErrorReceived:
		set.Title, set.Text = w.Say("error.letter.received"), []string{w.Say("error.letter.received.text", what)}
	case r.State == desk.ReportCorrected:
		set.Title, set.Text = w.Say("error.letter.corrected"), []string{w.Say("error.letter.corrected.text", what)}
		set.After = []string{w.Say("error.letter.erased")}
	default:
		set.Title, set.Text = w.Say("error.letter.kept"), []string{w.Say("error.letter.kept.text", what)}
		set.After = []string{w.Say("error.letter.erased")}
	}
	for _, line := range strings.Split(r.Answer, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			set.Text = append(set.Text, line)
		}
	}
	return s.deliver(ctx, v, "error", r.Email, set)
}

// wrong counts reports of errors by network, and by the address that letters go to:
// whoever types somebody else's cannot have many sent there.
func (b *brakes) wrong(v *visit, email string) error {
	const said = "Many reports came from your network in a short time. What you wrote is kept: wait a little and send it again."
	limits := []braked{{b.wrongs, page.Network(v.Address())}}
	if email != "" {
		limits = append(limits, braked{b.wrongMail, strings.ToLower(email)})
	}
	return all(said, limits...)
}

// SendRecallReport sends an agency the report on a story that it has recalled, as an editor
// has seen it. It is a job.
func (s *Site) SendRecallReport(ctx context.Context, l desk.RecallLetter) error {
	r, err := s.Desk.RecallReportToSend(ctx, l)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Mail.Send(ctx, mail.Message{To: r.To, Subject: r.Subject, Text: r.Text, ID: "recall." + r.ID})
}
