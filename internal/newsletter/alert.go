package newsletter

import (
	"context"
	"fmt"
	"strings"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// An AlertText is what a news alert says.
type AlertText struct {
	Subject string
	Text    string // a source text (package richtext), or ""
	Article string // the id of a story, or ""
}

// SendAlert sends a news alert to a list, now. Editors of one paper who press the
// button at once send it once: the same story, or the same words, go out once a day.
func (s *Store) SendAlert(ctx context.Context, a *reader.Actor, list string, t AlertText) (e Edition, err error) {
	if !a.May(reader.MayEdit) {
		return e, forbidden()
	}
	l, err := s.ListByID(ctx, list)
	if err != nil {
		return e, err
	}
	if l.Kind != Alert || !l.Retired.IsZero() {
		return e, &problem.Problem{Kind: problem.Invalid, Detail: "Choose a list of news alerts."}
	}
	e = Edition{List: l.ID, Stage: Scheduled, Author: a.Reader.ID, Subject: strings.TrimSpace(t.Subject), Article: t.Article}
	if t.Text != "" {
		e.Parts = append(e.Parts, Part{Block: Block{Kind: Words, Text: t.Text}})
	}
	if t.Article != "" {
		e.Parts = append(e.Parts, Part{Block: Block{Kind: Stories}, Stories: []string{t.Article}, Show: 1})
		may, err := s.Articles.Readable(ctx, t.Article)
		if err != nil {
			return e, err
		}
		c, ok := may[t.Article]
		switch {
		case !ok:
			return e, &problem.Problem{Kind: problem.Invalid, Detail: "Readers cannot have this story yet: publish it first."}
		case c.Paid():
			return e, &problem.Problem{Kind: problem.Invalid, Detail: "This story is sponsored, and what is paid for is no news alert."}
		}
	}
	if err := (Manuscript{e.Subject, "", e.Parts}).check(false); err != nil {
		return e, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if l, err = lockList(ctx, tx, l.ID); err != nil {
			return err
		}
		if err := s.once(ctx, tx, l, e); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &e); err != nil {
			return err
		}
		if err := s.begin(ctx, tx, &e); err != nil {
			return err
		}
		return s.note(ctx, tx, a, AlertSent, e.ID, e.Subject)
	})
	return e, err
}

// once refuses an alert that has gone out today, and one more than the list's cap.
func (s *Store) once(ctx context.Context, tx *db.Tx, l List, e Edition) error {
	var all, same int
	err := tx.QueryRow(ctx, `select count(*), count(case when subject = $3 or article = nullif($4, '') then 1 end)
		from edition
		where list = $1 and created >= $2 and state <> 'cancelled'`, l.ID, db.Time(s.midnight()), e.Subject, e.Article).Scan(&all, &same)
	if err != nil {
		return fmt.Errorf("count the alerts of today: %w", err)
	}
	switch {
	case same > 0:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This alert has gone out today already."}
	case l.Cap > 0 && all >= l.Cap:
		return &problem.Problem{Kind: problem.Conflict, Detail: "As many alerts as this list allows have gone out today. The list says how many."}
	}
	return nil
}
