package comment

import (
	"context"
	"errors"
	"time"
)

// A LogEntry is a decision as everybody may read it: neither the reader nor the
// comment can be told from it.
type LogEntry struct {
	Act       Act
	At        time.Time
	Rule      string // its name then, "" for none
	Ground    Ground
	Article   string
	Section   string
	Detail    string // of ActSlow and ActSection
	Until     time.Time
	Moderator string // whom the face names where Settings.Names says so
	Appeal    bool   // it was made on an appeal
}

// Log lists what moderators did, the newest first. Approving, holding and
// taking a warning back are nobody's business. older is the cursor of the next
// page.
func (s *Store) Log(ctx context.Context, before string, limit int) (entries []LogEntry, older string, err error) {
	return nil, "", errors.ErrUnsupported
}

// Figures are the numbers of moderation between two moments.
type Figures struct {
	From, To    time.Time
	Acts        []ActCount // by act and rule, in the order of Acts and of the rules' names
	Reports     int        // received
	ReportHours float64    // median between a report and its decision; 0 for none
	HeldHours   float64    // median time that a comment waited
	Appeals     int        // received
	Upheld      int        // appeals answered
	Overturned  int
}

// An ActCount is how often something was done under a rule.
type ActCount struct {
	Act  Act
	Rule string // its name, "" for none
	N    int
}

// Figures counts what happened from one moment until another, such as in a
// month. It costs what happened then, not what happened ever.
func (s *Store) Figures(ctx context.Context, from, to time.Time) (Figures, error) {
	return Figures{}, errors.ErrUnsupported
}
