package comment

import (
	"context"
	"errors"
)

// A Judgement is what a moderator wants done with a comment.
type Judgement struct {
	Comment   string
	Version   int // of the comment that the moderator saw
	Act       Act // on a comment, or ActWarn
	Moderator string
	Rule      string // where the act restricts
	Ground    Ground
	Reason    string
	Body      string // ActEdit: what it is to say
	Warn      bool   // with ActRemove and ActEdit: the author is warned too
}

// Judge decides on a comment and returns the decision. When the comment is not
// what the moderator saw, nothing is changed: that is a Problem Conflict whose
// cause is *Overtaken. The author is told of what restricts and of what is
// restored, reporters of what became of their reports.
func (s *Store) Judge(ctx context.Context, j Judgement) (Decision, error) {
	return Decision{}, errors.ErrUnsupported
}

// A Verdict is what became of one Judgement of many.
type Verdict struct {
	Judgement Judgement
	Decision  Decision
	Err       error
}

// MaxJudgements is how many comments can be judged at once.
const MaxJudgements = 100

// JudgeAll judges many comments, each by itself: one that fails leaves the
// others.
func (s *Store) JudgeAll(ctx context.Context, all []Judgement) ([]Verdict, error) {
	return nil, errors.ErrUnsupported
}

// Undo takes back a moderator's own decision, as a decision of its own, while
// nothing else was decided since.
func (s *Store) Undo(ctx context.Context, moderator, decision string) (Decision, error) {
	return Decision{}, errors.ErrUnsupported
}
