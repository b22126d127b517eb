package site

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/mail"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// noticesPage is what notices.html shows: what a reader was told.
type noticesPage struct {
	chrome
	List  []noticeRow
	Older string
}

// A noticeRow is one notice as it is set.
type noticeRow struct {
	Text string
	Path string
	When string
	At   string
	New  bool
}

func (s *Site) noticeRoutes(rt *page.Router) {
	s.member(rt, "GET /account/notices", reader.MayManageSelf, s.showNotices)
	s.anyone(rt, "GET /unsubscribe/{token}", s.showUnsubscribe)
	s.machine(rt, "POST /unsubscribe/{token}", s.unsubscribe)
}

// noticesPerPage is how many notices a page has.
const noticesPerPage = 50

func (s *Site) showNotices(v *visit, a *reader.Actor) (*page.Answer, error) {
	ctx := v.Context()
	list, older, err := s.Comments.Notices(ctx, a.Reader.ID, v.Get("before"), noticesPerPage)
	if err != nil {
		return nil, err
	}
	p := noticesPage{chrome: s.personal(v, "notices.title"), Older: older}
	for _, n := range list {
		t, ok, err := s.noticeRow(ctx, v.words, n)
		if err != nil {
			return nil, err
		}
		if ok {
			t.New = n.Seen.IsZero()
			p.List = append(p.List, t)
		}
	}
	if err := s.Comments.See(ctx, a.Reader.ID); err != nil {
		return nil, err
	}
	return page.Show(v.notices.With(p)), nil
}

// noticeRow sets a notice. ok is false when there is nothing to tell any more: what
// it was about is gone.
func (s *Site) noticeRow(ctx context.Context, w *page.Language, n comment.Notice) (t noticeRow, ok bool, err error) {
	t = noticeRow{When: w.Moment(n.Created), At: w.Machine(n.Created)}
	switch n.Kind {
	case comment.NoticeReply, comment.NoticeMention:
		c, a, err := s.commentOn(ctx, n.Subject)
		if problem.Of(err) != nil || err == nil && c.State != comment.Visible {
			return t, false, nil
		}
		if err != nil {
			return t, false, err
		}
		faces, err := s.Readers.Faces(ctx, c.Author)
		if err != nil {
			return t, false, err
		}
		name, _, _ := setter{words: w, faces: faces}.author(c.Author)
		t.Path = "/comment/" + c.ID
		if n.Kind == comment.NoticeReply {
			t.Text = w.Say("notices.reply", name, a.Headline)
		} else {
			t.Text = w.Say("notices.mention", name, a.Headline)
		}
	default:
		return s.noticeOfDecision(ctx, w, n, t)
	}
	return t, true, nil
}

// commentOn is a comment that readers may have, with its article.
func (s *Site) commentOn(ctx context.Context, id string) (c comment.Comment, a article.Card, err error) {
	if c, err = s.Comments.ByID(ctx, id); err == nil {
		a, err = s.Articles.Known(ctx, c.Article)
	}
	return c, a, err
}

// dailyHour is when letters come that gather a day, in the paper's zone.
const dailyHour = 7

// SendNotice writes the letter of one notice, at once or with the others of the
// day, as its reader wants. It is a job.
func (s *Site) SendNotice(ctx context.Context, id string) error {
	n, ok, err := s.Comments.Notice(ctx, id)
	if err != nil || !ok {
		return err
	}
	r, err := s.Readers.ByID(ctx, n.Reader)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	switch {
	case err != nil:
		return err
	case r.Letters == reader.LettersOff || r.Email == "":
		return nil
	case r.Letters == reader.LettersDaily:
		return s.Comments.MailLater(ctx, r.ID, s.nextMorning())
	}
	return s.mailNotices(ctx, r, []comment.Notice{n})
}

// nextMorning is when the next letters come that gather a day.
func (s *Site) nextMorning() time.Time {
	now := s.Now().In(s.lang.Zone)
	y, m, d := now.Date()
	at := time.Date(y, m, d, dailyHour, 0, 0, 0, s.lang.Zone)
	if !at.After(now) {
		at = time.Date(y, m, d+1, dailyHour, 0, 0, 0, s.lang.Zone)
	}
	return at
}

// SendDaily writes the letter of one day. It is a job.
func (s *Site) SendDaily(ctx context.Context, d comment.Daily) error {
	r, err := s.Readers.ByID(ctx, d.Reader)
	if problem.Is(err, problem.NotFound) || err == nil && (r.Letters == reader.LettersOff || r.Email == "") {
		return nil
	}
	if err != nil {
		return err
	}
	list, err := s.Comments.Unmailed(ctx, r.ID)
	if err != nil {
		return err
	}
	return s.mailNotices(ctx, r, list)
}

func (s *Site) mailNotices(ctx context.Context, r reader.Reader, list []comment.Notice) error {
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return err
	}
	w := v.words
	l := letter{
		Language: w.Tag.String(), Paper: s.Paper.Name, Home: s.Paper.URL("/"), Accent: s.Paper.Colours.Light(),
		Why: w.Say("notices.why", s.Paper.Name), Notice: s.Paper.Notice, Button: w.Say("notices.button"), Link: s.Paper.URL("/account/notices"),
	}
	var path string
	for _, n := range list {
		t, ok, err := s.noticeRow(ctx, w, n)
		if err != nil {
			return err
		}
		if ok {
			l.Text, path = append(l.Text, t.Text), t.Path
		}
	}
	if len(l.Text) == 1 {
		l.Link = s.Paper.URL(path)
	}
	if len(l.Text) > 0 {
		leave := s.Paper.URL("/unsubscribe/" + s.Readers.Keys.Sign(secret.Link{Purpose: secret.Unsubscribe, Subject: r.ID, List: answersList, Issued: s.Now()}))
		l.Subject = w.Say("notices.subject", s.Paper.Name)
		l.Title = w.Count("notices.letter", len(l.Text))
		l.After = []string{w.Say("notices.leave", leave)}
		html, err := v.letter.Fragment(l)
		if err != nil {
			return fmt.Errorf("set a letter: %w", err)
		}
		err = s.Mail.Send(ctx, mail.Message{
			To: r.Email, Subject: l.Subject, Text: l.plain(), HTML: string(html), Automatic: true,
			List: &mail.List{ID: answersList, Unsubscribe: leave},
		})
		if mail.Permanent(err) {
			s.Log.Warn("a letter cannot arrive", "letter", "notices", "error", err)
		} else if err != nil {
			return err
		}
	}
	return s.Comments.Mailed(ctx, list...)
}

// answersList is the name of the letters about answers, as mail programs know
// it.
const answersList = "answers"

// leaver is whose letters a signed link ends, and which: about answers, about what is
// followed, or else a newsletter.
func (s *Site) leaver(token string) (id, list string, err error) {
	l, err := s.Readers.Keys.Verify(secret.Unsubscribe, token, s.Now())
	return l.Subject, l.List, err
}

// showUnsubscribe asks before anything ends: mail scanners open links too.
func (s *Site) showUnsubscribe(v *visit) (*page.Answer, error) {
	_, list, err := s.leaver(v.Path("token"))
	switch {
	case err != nil:
		return nil, err
	case list == followList:
		return s.showEndFollowing(v)
	case list != answersList:
		return s.showEndList(v)
	}
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "unsubscribe.title"), Lead: v.words.Say("unsubscribe.lead"),
		Forms: []form{{Action: v.Here(), Button: v.words.Say("unsubscribe.button")}},
		Links: []link{{"/account/profile", v.words.Say("unsubscribe.account")}},
	})), nil
}

// unsubscribe ends the letters at one POST (RFC 8058), from a mail program or
// from the button of our own page.
func (s *Site) unsubscribe(pv *page.Visit) (*page.Answer, error) {
	id, list, err := s.leaver(pv.Path("token"))
	switch {
	case err != nil:
		return nil, err
	case list == followList:
		return s.endFollowing(pv, id)
	case list != answersList:
		return s.endList(pv)
	}
	r, err := s.Readers.EndLetters(pv.Context(), id)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return nil, err
	}
	stranger := &visit{Visit: pv, rooms: v}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(stranger, "unsubscribe.done"), Lead: v.words.Say("unsubscribe.done.lead"),
		Links: []link{{"/account/profile", v.words.Say("unsubscribe.account")}, {"/", v.words.Say("home")}},
	})), nil
}
