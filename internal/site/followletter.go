package site

import (
	"context"
	"fmt"
	"strings"

	"kawaraban/internal/follow"
	"kawaraban/internal/mail"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
	"kawaraban/internal/topic"
)

// followList is the name of the letters about what somebody follows, as mail
// programs know it.
const followList = "following"

// SendFollowed writes a letter about something that a reader follows, or wakes the
// reader's devices. It is a job.
func (s *Site) SendFollowed(ctx context.Context, l follow.Letter) error {
	t, err := s.Follows.Due(ctx, l)
	if err != nil || t == nil {
		return err
	}
	if l.Way == follow.Push {
		return s.pushFollowed(ctx, t)
	}
	r, err := s.Readers.ByID(ctx, l.Reader)
	if problem.Is(err, problem.NotFound) || err == nil && r.Email == "" {
		return nil
	}
	if err != nil {
		return err
	}
	if may, err := s.Follows.MayWrite(ctx, r.Email); err != nil || !may {
		return err
	}
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return err
	}
	return s.mailFollowed(ctx, v, r, t)
}

func (s *Site) mailFollowed(ctx context.Context, v *rooms, r reader.Reader, t *follow.Telling) error {
	l := s.followLetter(v.words, t)
	leave := s.Paper.URL("/unsubscribe/" + s.Readers.Keys.Sign(secret.Link{Purpose: secret.Unsubscribe, Subject: r.ID, List: followList, Issued: s.Now()}))
	l.After = append(l.After, v.words.Say("following.letter.own", s.Paper.URL(followingPath)), v.words.Say("following.letter.leave", leave))
	html, err := v.letter.Fragment(l)
	if err != nil {
		return fmt.Errorf("set a letter: %w", err)
	}
	err = s.Mail.Send(ctx, mail.Message{
		To: r.Email, Subject: l.Subject, Text: l.plain(), HTML: string(html), Automatic: true,
		List: &mail.List{ID: followList, Unsubscribe: leave},
	})
	if mail.Permanent(err) {
		s.Log.Warn("a letter cannot arrive", "letter", "following", "error", err)
		return nil
	}
	return err
}

// followLetter is what a letter says, without the way out.
func (s *Site) followLetter(w *page.Language, t *follow.Telling) letter {
	l := s.frame(w, t.Card.Headline)
	l.Title, l.Button, l.Link = t.Card.Headline, w.Say("following.letter.read"), s.Paper.URL(t.Card.Path())
	l.Why = w.Say("following.letter.why", s.followed(w, t), s.Paper.Name)
	switch {
	case t.Development != nil:
		l.Subject = development(w, *t.Development, t.Card.Headline)
		l.Title = l.Subject
		if t.Development.Note != "" {
			l.Text = []string{t.Development.Note}
		}
	case t.Comments > 0:
		l.Subject = w.Count("following.comments", t.Comments) + ": " + t.Card.Headline
		l.Text = []string{w.Count("following.comments", t.Comments)}
		l.Button, l.Link = w.Say("following.letter.comments"), l.Link+"#comments"
	case t.Card.Standfirst != "":
		l.Text = []string{t.Card.Standfirst}
	}
	if t.Card.Paid() {
		l.Text = append([]string{sponsored(w, t.Card)}, l.Text...)
	}
	return l
}

// followed names what a letter comes from.
func (s *Site) followed(w *page.Language, t *follow.Telling) string {
	var names []string
	for _, what := range t.Why {
		name := what.Key
		switch what.Kind {
		case follow.Section:
			name = t.Card.Section.Name
		case follow.Topic:
			name = topic.Load().Word(what.Key, w.Tag.String())
		case follow.Story, follow.Thread:
			name = kindName(w, what.Kind)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// showEndFollowing asks before letters end: mail scanners open links too.
func (s *Site) showEndFollowing(v *visit) (*page.Answer, error) {
	return page.Show(v.form.With(formPage{
		chrome: s.personal(v, "following.end.title"), Lead: v.words.Say("following.end.lead"),
		Forms: []form{{Action: v.Here(), Button: v.words.Say("following.end.button")}},
		Links: []link{{followingPath, v.words.Say("following.title")}},
	})), nil
}

// endFollowing ends the letters at one POST (RFC 8058).
func (s *Site) endFollowing(pv *page.Visit, id string) (*page.Answer, error) {
	if err := s.Follows.EndMail(pv.Context(), id); err != nil {
		return nil, err
	}
	r, err := s.Readers.ByID(pv.Context(), id)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	v, err := s.roomsIn(r.Language)
	if err != nil {
		return nil, err
	}
	stranger := &visit{Visit: pv, rooms: v}
	return page.Show(v.note.With(notePage{
		chrome: s.personal(stranger, "following.end.done"), Lead: v.words.Say("following.end.done.lead"),
		Links: []link{{followingPath, v.words.Say("following.title")}, {"/", v.words.Say("home")}},
	})), nil
}
