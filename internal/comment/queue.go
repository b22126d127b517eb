package comment

import (
	"context"
	"errors"
	"time"
)

// A Queue is a list of what waits for a moderator, the oldest first.
type Queue string

const (
	QueueHeld     Queue = "held"     // by the desk's own choice: first comments, held threads
	QueueFlagged  Queue = "flagged"  // by a rule: links, words, the filter
	QueueReported Queue = "reported" // whatever its state
	QueueAppeals  Queue = "appeals"
)

// Queues lists them in the order in which moderators see them.
func Queues() []Queue { return []Queue{QueueReported, QueueFlagged, QueueHeld, QueueAppeals} }

// ParseQueue reads a queue; one that we do not know is a Problem NotFound.
func ParseQueue(s string) (Queue, error) { return "", errors.ErrUnsupported }

// An Item is one thing that waits, with what a moderator needs to know.
type Item struct {
	Comment   Comment    // with its text, also where readers cannot have it; the zero Comment for an appeal that is about none
	Reports   []Report   // open ones, at most 20; Comment.Reports says how many there are
	Edits     []Edit     // what it said before, the newest first, at most 20
	Crowds    []Crowd    // signs of a brigade
	Decisions []Decision // on it, the newest first, at most 20
	Appeal    *Appeal    // in QueueAppeals; Decisions has the one that it is about
}

// An Edit is what a comment said before somebody changed it.
type Edit struct {
	Editor  string // a reader's id
	Body    string
	Created time.Time
}

// A Crowd is many votes on one comment within ten minutes from new accounts,
// from one block of addresses or from one site.
type Crowd struct {
	Kind  CrowdKind
	At    time.Time // when the ten minutes began
	Votes int
}

// A CrowdKind is what the votes of a crowd have in common.
type CrowdKind string

const (
	CrowdYoung    CrowdKind = "young" // new accounts
	CrowdBlock    CrowdKind = "block" // one block of addresses
	CrowdReferrer CrowdKind = "referrer"
)

// QueuePageSize is how many items a page of a queue has.
const QueuePageSize = 20

// Queue returns a page of a queue. next is the cursor of the page that follows,
// "" on the last.
func (s *Store) Queue(ctx context.Context, q Queue, after string) (items []Item, next string, err error) {
	return nil, "", errors.ErrUnsupported
}

// Item returns one comment as a queue shows it, whatever its state.
func (s *Store) Item(ctx context.Context, comment string) (Item, error) {
	return Item{}, errors.ErrUnsupported
}

// A Size is how long a queue is, as far as that matters.
type Size int

// MaxSize is the Size of everything longer than 99.
const MaxSize Size = 100

// String is the size as moderators see it: "7", "99+".
func (n Size) String() string { return "" }

// QueueSizes tells how long the queues are.
func (s *Store) QueueSizes(ctx context.Context) (map[Queue]Size, error) {
	return nil, errors.ErrUnsupported
}

// Surroundings are what stands around a comment.
type Surroundings struct {
	Parent *Comment  // that it answers, as readers have it
	Before []Comment // up to 3 visible neighbours, in the order of reading
	After  []Comment
}

// Surroundings returns what stands around a comment in its thread or branch.
func (s *Store) Surroundings(ctx context.Context, comment string) (Surroundings, error) {
	return Surroundings{}, errors.ErrUnsupported
}

// A Member is what the threads know of a reader, for moderators.
type Member struct {
	Reader    string
	Posted    int // comments, whatever became of them
	Visible   int
	Removed   int
	Warned    int
	Bar       Bar
	Until     time.Time
	Sanction  string     // the id of the latest decision on the bar, for Sanction.Seen
	Decisions []Decision // the last 20 about the reader
	Comments  []Comment  // the last 20, in any state, with their text
}

// Member returns the history of a reader; one whom nobody has heard of yet is
// new.
func (s *Store) Member(ctx context.Context, reader string) (Member, error) {
	return Member{}, errors.ErrUnsupported
}
