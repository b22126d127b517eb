package newsletter

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// TestSend sends an edition as it stands to whoever looks at it, and to nobody else:
// its links count no clicks and end no subscription.
func (s *Store) TestSend(ctx context.Context, a *reader.Actor, id string) error {
	e, err := s.EditionByID(ctx, a, id)
	if err != nil {
		return err
	}
	if a.Reader.Email == "" {
		return &problem.Problem{Kind: problem.Invalid, Detail: "Your account has no e-mail address. Give it one, and choose again."}
	}
	if err := (Manuscript{e.Subject, e.Preview, e.Parts}).check(false); err != nil {
		return err
	}
	c, err := s.Preview(ctx, e)
	if err != nil {
		return err
	}
	c.Web, c.Places = false, Places{Unsubscribe: rand.Text(), Preferences: rand.Text(), Click: rand.Text()}
	c.Edition.Subject = "[Test] " + e.Subject
	st, err := s.Press(ctx, c)
	if err != nil {
		return err
	}
	raw, err := st.Fill(nil, mail.Filling{
		To: a.Reader.Email, ReturnTo: s.Office.Sender.From, ID: "test." + s.ID(),
		Values: []string{s.LeaveToken(e.List, ""), s.ownToken(""), "test"},
	})
	if err != nil {
		return err
	}
	given, fate := false, mail.Outcome{}
	err = s.Office.Deliver(ctx, func(context.Context) (*mail.Parcel, bool) {
		if given {
			return nil, false
		}
		given = true
		return &mail.Parcel{From: s.Office.Sender.From, To: a.Reader.Email, Raw: raw}, true
	}, func(_ context.Context, _ *mail.Parcel, o mail.Outcome) <-chan error { fate = o; return nil })
	if err != nil {
		return fmt.Errorf("send an edition to try it: %w", err)
	}
	if fate.Fate != mail.Accepted {
		const said = "The letter did not go out. The mail server said: %s."
		return &problem.Problem{Kind: problem.Unavailable, Format: said, Args: []any{strings.TrimSuffix(fate.Text, ".")}, Detail: fmt.Sprintf(said, strings.TrimSuffix(fate.Text, "."))}
	}
	return nil
}
