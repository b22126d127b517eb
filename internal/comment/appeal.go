package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// An AppealState is what became of an appeal.
type AppealState string

const (
	AppealOpen       AppealState = "open"
	AppealUpheld     AppealState = "upheld"     // the decision stays
	AppealOverturned AppealState = "overturned" // the decision was undone
)

// ParseAppealOutcome reads upheld or overturned strictly.
func ParseAppealOutcome(s string) (AppealState, error) {
	return parse(s, []AppealState{AppealUpheld, AppealOverturned}, "outcome", "Choose whether the decision stays.")
}

// An Appeal asks for another look at a decision.
type Appeal struct {
	Decision string // which is its name too
	Reader   string
	Text     string
	State    AppealState
	Decider  string // the moderator who answered
	Answer   string
	Decided  time.Time
	Created  time.Time
}

const appealColumns = `a.decision, a.reader, a.text, a.state, a.decider, a.answer, a.decided, a.created`

func (a *Appeal) into() []any {
	return []any{&a.Decision, &a.Reader, &a.Text, &a.State, &a.Decider, &a.Answer, (*db.Time)(&a.Decided), (*db.Time)(&a.Created)}
}

// appealEnds is when a decision can be appealed against no more.
func appealEnds(d Decision) time.Time { return d.Created.AddDate(0, 6, 0) }

// Appeal notes the appeal of the reader concerned, once per decision and within
// six months.
func (s *Store) Appeal(ctx context.Context, reader, decision, text string) (a Appeal, err error) {
	if text, err = words("text", text, true); err != nil {
		return a, err
	}
	a = Appeal{Decision: decision, Reader: reader, Text: text, State: AppealOpen}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		d, err := decisionByID(ctx, tx, decision)
		if err != nil {
			return err
		}
		a.Created = s.Now()
		switch {
		case d.Reader != reader:
			return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such decision."}
		case !d.Restricts():
			return &problem.Problem{Kind: problem.Conflict, Detail: "This decision takes nothing from you. There is nothing to appeal against."}
		case a.Created.After(appealEnds(d)):
			return &problem.Problem{Kind: problem.Conflict, Detail: "An appeal can be made within six months, and these have passed."}
		}
		undone, err := isUndone(ctx, tx, d)
		if err != nil {
			return err
		}
		if undone {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This decision has been taken back already."}
		}
		_, err = tx.Exec(ctx, `insert into appeal (decision, reader, text, state, decider, answer, decided, created) values ($1, $2, $3, 'open', '', '', 0, $4)`,
			decision, reader, text, db.Time(a.Created))
		if err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: reader, Act: "comment.appealed", Subject: decision})
	})
	if db.IsUnique(err) {
		return a, &problem.Problem{Kind: problem.Conflict, Detail: "You have appealed against this decision already.", Err: err}
	}
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("appeal against %s: %w", decision, err)
	}
	return a, err
}

// isUndone reports whether a later decision takes this one back.
func isUndone(ctx context.Context, q db.Querier, d Decision) (undone bool, err error) {
	err = q.QueryRow(ctx, `select exists (select 1 from decision where reader = $1 and undoes = $2)`, d.Reader, d.ID).Scan(&undone)
	return undone, err
}

// AppealAgainst returns the appeal against a decision; a Problem NotFound when
// there is none.
func (s *Store) AppealAgainst(ctx context.Context, decision string) (a Appeal, err error) {
	err = s.DB.QueryRow(ctx, `select `+appealColumns+` from appeal as a where a.decision = $1`, decision).Scan(a.into()...)
	return a, db.Found(err, errNoAppeal)
}

const errNoAppeal = "There is no such appeal."

// An AppealAnswer is what a moderator says to an appeal.
type AppealAnswer struct {
	Decision  string // the decision that was appealed against
	Moderator string
	Outcome   AppealState // AppealUpheld or AppealOverturned
	Text      string      // for the reader; required
	Others    bool        // there is another moderator than the one who decided: then that one must not answer
}

// AnswerAppeal closes an appeal and tells the reader. Overturning undoes the
// decision by another one, which is returned; the zero Decision when the appeal
// is upheld, or nothing is left to undo. Who comes second gets a Problem
// Conflict.
func (s *Store) AnswerAppeal(ctx context.Context, a AppealAnswer) (back Decision, err error) {
	if a.Outcome, err = ParseAppealOutcome(string(a.Outcome)); err != nil {
		return back, err
	}
	if a.Text, err = words("text", a.Text, true); err != nil {
		return back, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		back, err = s.answerAppeal(ctx, tx, a)
		return err
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("answer the appeal against %s: %w", a.Decision, err)
	}
	return back, err
}

func (s *Store) answerAppeal(ctx context.Context, tx *db.Tx, a AppealAnswer) (back Decision, err error) {
	// The appeal's row first: of two who answer at once one waits here, and finds
	// it answered.
	var state AppealState
	err = tx.QueryRow(ctx, `update appeal set decision = decision where decision = $1 returning state`, a.Decision).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return back, &problem.Problem{Kind: problem.NotFound, Detail: errNoAppeal}
	}
	if err != nil {
		return back, err
	}
	d, err := decisionByID(ctx, tx, a.Decision)
	if err != nil {
		return back, err
	}
	switch {
	case state != AppealOpen:
		return back, &problem.Problem{Kind: problem.Conflict, Detail: "Another moderator has answered this appeal in the meantime. Nothing was changed."}
	case d.Reader == a.Moderator:
		return back, &problem.Problem{Kind: problem.Forbidden, Detail: "You cannot answer your own appeal. Leave it to another moderator."}
	case d.Moderator == a.Moderator && a.Others:
		return back, &problem.Problem{Kind: problem.Forbidden, Detail: "This appeal is against your own decision. Leave it to another moderator."}
	}
	if a.Outcome == AppealOverturned {
		if back, err = s.overturn(ctx, tx, d, a); err != nil {
			return back, err
		}
	}
	_, err = tx.Exec(ctx, `update appeal set state = $2, decider = $3, answer = $4, decided = $5 where decision = $1`,
		a.Decision, a.Outcome, a.Moderator, a.Text, db.Time(s.Now()))
	if err != nil {
		return back, err
	}
	if err := s.tell(ctx, tx, Notice{Reader: d.Reader, Kind: NoticeAppeal, Subject: d.ID}); err != nil {
		return back, err
	}
	if back.ID != "" {
		if err := s.account(ctx, tx, back); err != nil {
			return back, err
		}
	}
	return back, s.Audit.Add(ctx, tx, audit.Entry{Actor: a.Moderator, Act: audit.Act("comment.appeal-" + string(a.Outcome)), Subject: d.ID})
}

// overturn takes back what is left of a decision.
func (s *Store) overturn(ctx context.Context, tx *db.Tx, d Decision, a AppealAnswer) (Decision, error) {
	back := Decision{Moderator: a.Moderator, Source: SourceAppeal, Reason: a.Text, Undoes: d.ID, Reader: d.Reader, Comment: d.Comment, Article: d.Article}
	if d.Act.onBar() {
		who, err := s.commenter(ctx, tx, d.Reader)
		if err != nil {
			return Decision{}, err
		}
		last, err := latest(ctx, tx, lastOnBar, d.Reader)
		if err != nil || last.ID != d.ID || who.bar(s.Now()) == NoBar {
			return Decision{}, err
		}
		back.Act = ActLift
		err = s.setBar(ctx, tx, who, &back, NoBar)
		return back, err
	}
	c, who, err := s.take(ctx, tx, d.Comment)
	if err != nil {
		return Decision{}, err
	}
	if undone, err := isUndone(ctx, tx, d); err != nil || undone {
		return Decision{}, err
	}
	body := ""
	switch d.Act {
	case ActRemove:
		if c.State != Removed {
			return Decision{}, nil
		}
		back.Act = ActRestore
	case ActEdit:
		back.Act = ActEdit
		body, err = s.textBefore(ctx, tx, d)
		if problem.Of(err) != nil || err == nil && c.State != Visible && c.State != Held {
			return Decision{}, nil
		}
		if err != nil {
			return Decision{}, err
		}
	case ActWarn:
		back.Act = ActUnwarn
	}
	all := []Decision{back}
	err = s.carry(ctx, tx, c, who, deed{body: body}, all)
	return all[0], err
}
