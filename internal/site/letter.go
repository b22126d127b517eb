package site

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/mail"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// A letter is what letter.html shows, and the text beside it says.
type letter struct {
	Language string
	Paper    string
	Home     string
	Accent   string
	Subject  string
	Title    string
	Text     []string
	Button   string // the words of the link, "" for none
	Link     string
	After    []string
	Why      string // why this letter comes, at its foot
	Notice   string
}

// where says to which page a letter's link leads.
var where = map[reader.LetterKind]string{
	reader.Confirm:       "/verify-email",
	reader.AlreadyMember: "/login",
	reader.ResetPassword: "/reset-password",
	reader.PasswordSet:   "/forgot-password",
	reader.ConfirmEmail:  "/account/email/confirm",
	reader.EmailTaken:    "/login",
	reader.EmailWasSet:   "/account/email/undo",
	reader.NewDevice:     "/account/sessions",
	reader.FactorSet:     "/account",
	reader.ConnectionSet: "/account",
	reader.Invite:        "/invite",
	reader.Alerts:        "/newsletter/confirm",
	reader.ExportReady:   "/account/data/file",
	reader.LeaveBegins:   "/account/leave/undo",
}

// SendLetter writes one letter and sends it. It is a job: what fails for the
// moment is tried again, what can never arrive is given up.
func (s *Site) SendLetter(ctx context.Context, l reader.Letter) error {
	p, err := s.Readers.Compose(ctx, l)
	if err != nil || p == nil {
		return err
	}
	m, err := s.message(p)
	if err != nil {
		return err
	}
	err = s.Mail.Send(ctx, m)
	if mail.Permanent(err) {
		s.Log.Warn("a letter cannot arrive", "letter", p.Kind, "error", err)
		return nil
	}
	return err
}

// deliver sets a letter in the paper's face and sends it, of a kind that the log
// names. That an address takes no mail is nobody's fault, and is not tried again.
func (s *Site) deliver(ctx context.Context, v *rooms, kind, to string, l letter) error {
	html, err := v.letter.Fragment(l)
	if err != nil {
		return fmt.Errorf("set a letter: %w", err)
	}
	err = s.Mail.Send(ctx, mail.Message{To: to, Subject: l.Subject, Text: l.plain(), HTML: string(html), Automatic: true})
	if mail.Permanent(err) {
		s.Log.Warn("a letter cannot arrive", "letter", kind, "error", err)
		return nil
	}
	return err
}

// message sets a letter in the paper's face. The name of whoever it is about
// stands nowhere in it: anybody can type any name (SECURITY R33).
func (s *Site) message(p *reader.Post) (m mail.Message, err error) {
	r, err := s.roomsIn(p.Language)
	if err != nil {
		return m, err
	}
	w, key := r.words, "letter."+string(p.Kind)
	l := letter{
		Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(),
		Subject: w.Say(key+".subject", s.Paper.Name), Title: w.Say(key + ".title"),
		Why: w.Say("letter.why", s.Paper.Name), Notice: s.Paper.Notice,
	}
	l.Text = []string{strings.NewReplacer("{what}", s.happened(w, p), "{when}", w.Moment(p.At)).Replace(w.Say(key + ".text"))}
	if path := where[p.Kind]; path != "" {
		l.Button, l.Link = w.Say(key+".button"), s.Paper.URL(path)
		if p.Token.Reveal() != "" {
			l.Link += "?" + url.Values{"token": {p.Token.Reveal()}}.Encode()
		}
	}
	switch {
	case p.Kind == reader.ExportReady:
		l.After = append(l.After, w.Say("letter.life.again", s.span(w, p.Life)))
	case p.Life > 0:
		l.After = append(l.After, w.Say("letter.life", s.span(w, p.Life)))
	}
	l.After = append(l.After, w.Say(key+".else"))
	html, err := r.letter.Fragment(l)
	if err != nil {
		return m, fmt.Errorf("set a letter: %w", err)
	}
	return mail.Message{
		To: p.To, Subject: l.Subject, Text: l.plain(), HTML: string(html), Automatic: true,
	}, nil
}

// happened is what a letter tells of, in its language.
func (s *Site) happened(w *page.Language, p *reader.Post) string {
	switch p.Kind {
	case reader.ConnectionSet:
		if provider, ended := strings.CutPrefix(p.Detail, reader.ConnectionEnded); ended {
			return w.Say("letter.connection.ended", provider)
		}
		return w.Say("letter.connection.made", p.Detail)
	case reader.LeaveBegins:
		if at, err := time.Parse(time.RFC3339, p.Detail); err == nil {
			return w.Moment(at)
		}
	}
	return w.Say(p.Detail)
}

// span writes how long something is good: "30 minutes", "3 days".
func (s *Site) span(w *page.Language, d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return w.Count("minutes", int(d/time.Minute))
	case d <= 48*time.Hour:
		return w.Count("hours", int(d/time.Hour))
	default:
		return w.Count("days", int(d/(24*time.Hour)))
	}
}

// plain is the letter as text.
func (l letter) plain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n%s\n\n", l.Paper, strings.Repeat("=", min(60, utf8.RuneCountInString(l.Paper))), l.Title)
	for _, t := range l.Text {
		fmt.Fprintf(&b, "%s\n\n", t)
	}
	if l.Button != "" {
		fmt.Fprintf(&b, "%s:\n%s\n\n", strings.TrimRight(l.Button, "."), l.Link)
	}
	for _, t := range l.After {
		fmt.Fprintf(&b, "%s\n\n", t)
	}
	fmt.Fprintf(&b, "-- \n%s\n", cmp.Or(l.Why, l.Paper))
	return b.String()
}
