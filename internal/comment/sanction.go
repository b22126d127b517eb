package comment

import (
	"context"
	"errors"
	"time"
)

// A Sanction keeps a reader from taking part, or ends that. Who works for the
// paper cannot be sanctioned: the face, which knows the roles, looks.
type Sanction struct {
	Reader    string
	Act       Act       // ActMute, ActSuspend, ActBan, ActLift
	Until     time.Time // the end of a mute (up to 30 days) or a suspension (up to a year)
	Seen      string    // Member.Sanction as the moderator saw it
	Moderator string
	Rule      string
	Ground    Ground
	Reason    string
	Comment   string // the one that led to it, "" for none
}

// Sanction bars a reader from now on. A ban also takes the reader's votes out
// of the scores, and lifting it counts them again; both are done by jobs. When
// somebody else has decided about the reader meanwhile nothing is changed: a
// Problem Conflict whose cause is *Overtaken.
func (s *Store) Sanction(ctx context.Context, x Sanction) (Decision, error) {
	return Decision{}, errors.ErrUnsupported
}

// A ThreadChange is what a moderator wants the thread of an article to be.
type ThreadChange struct {
	Article   string
	Set       Setting // State and Slow
	Seen      Setting // what ThreadSetting told the moderator
	Moderator string
	Reason    string // may be ""
}

// SetThread opens, closes, holds or slows a thread. Each change is a decision;
// none is no error.
func (s *Store) SetThread(ctx context.Context, c ThreadChange) ([]Decision, error) {
	return nil, errors.ErrUnsupported
}

// A SectionChange is what a moderator wants the threads of a section to be.
type SectionChange struct {
	Section   string
	Set       Setting // State and Days
	Seen      Setting // what SectionSetting told the moderator
	Moderator string
	Reason    string
}

// SetSection changes the threads of a section that say nothing themselves.
func (s *Store) SetSection(ctx context.Context, c SectionChange) ([]Decision, error) {
	return nil, errors.ErrUnsupported
}
