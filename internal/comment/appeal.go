package comment

import (
	"context"
	"errors"
	"time"
)

// An AppealState is what became of an appeal.
type AppealState string

const (
	AppealOpen       AppealState = "open"
	AppealUpheld     AppealState = "upheld"     // the decision stays
	AppealOverturned AppealState = "overturned" // the decision was undone
)

// ParseAppealOutcome reads upheld or overturned strictly.
func ParseAppealOutcome(s string) (AppealState, error) { return "", errors.ErrUnsupported }

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

// Appeal notes the appeal of the reader concerned, once per decision and within
// six months.
func (s *Store) Appeal(ctx context.Context, reader, decision, text string) (Appeal, error) {
	return Appeal{}, errors.ErrUnsupported
}

// AppealAgainst returns the appeal against a decision; a Problem NotFound when
// there is none.
func (s *Store) AppealAgainst(ctx context.Context, decision string) (Appeal, error) {
	return Appeal{}, errors.ErrUnsupported
}

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
func (s *Store) AnswerAppeal(ctx context.Context, a AppealAnswer) (Decision, error) {
	return Decision{}, errors.ErrUnsupported
}
