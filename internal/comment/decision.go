package comment

import (
	"context"
	"errors"
	"time"
)

// An Act is what a moderator does.
type Act string

const (
	// On a comment.
	ActApprove Act = "approve" // a held comment is shown, reports of it are refused
	ActRemove  Act = "remove"
	ActRestore Act = "restore" // a removed comment is shown again
	ActEdit    Act = "edit"    // its text is changed, with a mark that readers see
	ActHold    Act = "hold"    // it waits for another look

	// On the author of a comment.
	ActWarn   Act = "warn"
	ActUnwarn Act = "unwarn" // takes a warning back

	// On a reader.
	ActMute    Act = "mute"
	ActSuspend Act = "suspend"
	ActBan     Act = "ban"
	ActLift    Act = "lift" // ends any of the three

	// On a thread; the detail of ActSlow are seconds.
	ActThreadDefault Act = "thread-default"
	ActThreadOpen    Act = "thread-open"
	ActThreadHold    Act = "thread-hold"
	ActThreadClose   Act = "thread-close"
	ActThreadOff     Act = "thread-off"
	ActSlow          Act = "thread-slow"

	// On the threads of a section; the detail is the switch and the days, such as
	// "held 14".
	ActSection Act = "section"
)

// Acts lists all acts.
func Acts() []Act {
	return []Act{
		ActApprove, ActRemove, ActRestore, ActEdit, ActHold, ActWarn, ActUnwarn, ActMute, ActSuspend, ActBan, ActLift,
		ActThreadDefault, ActThreadOpen, ActThreadHold, ActThreadClose, ActThreadOff, ActSlow, ActSection,
	}
}

// ParseAct reads an act strictly.
func ParseAct(s string) (Act, error) { return "", errors.ErrUnsupported }

// Restricts reports whether an act takes something from a reader, and so needs
// a rule, a ground and a reason, and can be appealed against.
func (a Act) Restricts() bool { return false }

// A Ground is what a restriction rests on.
type Ground string

const (
	NoGround    Ground = ""
	GroundRules Ground = "rules" // of the paper
	GroundLaw   Ground = "law"
)

// ParseGround reads a ground strictly.
func ParseGround(s string) (Ground, error) { return "", errors.ErrUnsupported }

// A Source is what led to a decision.
type Source string

const (
	SourceOwn    Source = "own"    // the paper looked by itself
	SourceReport Source = "report" // a reader's
	SourceNotice Source = "notice" // a legal one (article 16)
	SourceRule   Source = "rule"   // a rule of the paper had held the comment: found automatically
	SourceAppeal Source = "appeal"
)

// A Decision is what a moderator has done. It is never changed.
type Decision struct {
	ID        string
	Act       Act
	Comment   string // "" when it is about none
	Article   string
	Section   string
	Reader    string // whom it concerns: the author
	Moderator string
	Rule      string // the id of a Rule, "" for none
	Ground    Ground
	Source    Source
	Reason    string    // in the moderator's words, for the reader concerned
	Detail    string    // see the acts
	Was       string    // what was before: a State, a Bar with its end, a Switch with its numbers
	Until     time.Time // the end of a mute or suspension
	Version   int       // of the comment after it
	Undoes    string    // the id of an earlier Decision that this one undoes
	Waited    time.Duration
	Created   time.Time
}

// Automatic reports whether what the decision is about was found by a rule. No
// decision is taken by one.
func (d Decision) Automatic() bool { return d.Source == SourceRule }

// DecisionByID returns one decision, for moderators.
func (s *Store) DecisionByID(ctx context.Context, id string) (Decision, error) {
	return Decision{}, errors.ErrUnsupported
}

// DecisionsAbout lists what was decided about a reader and the reader's
// comments, the newest first, for the reader and for moderators. older is the
// cursor of the next page.
func (s *Store) DecisionsAbout(ctx context.Context, reader, before string, limit int) (found []Decision, older string, err error) {
	return nil, "", errors.ErrUnsupported
}

// Overtaken is the cause of the Problem Conflict of a moderator who was too
// late (errors.As finds it).
type Overtaken struct {
	Decision Decision // what happened meanwhile; the zero Decision when its author has changed or deleted the comment
	Comment  Comment  // as it is now; the zero Comment for a reader or a thread
}

// Error says what happened, for the log.
func (o *Overtaken) Error() string { return "" }
