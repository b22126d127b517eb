// Package paper holds what a newspaper says of itself: what it is called and how it
// looks (its identity), which items its masthead and footer show (its menu), and the
// pages about it.
//
// The identity and the menu are versions that are never changed; the newest holds.
// Who sets one names the version that was seen, and of two who set at once the second
// is told. What the operator has set in the program's settings is fixed: it holds,
// whatever the newest version says, and is changed there.
package paper

import (
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Store keeps what the paper says of itself in a database.
type Store struct {
	DB    *db.DB
	Audit *audit.Log
	Now   func() time.Time // the paper's clock; tests set it
	ID    func() string

	Operator Identity             // as the settings of the program, or their defaults, have it
	Fixed    map[Part]string      // which parts the operator has set, and where: "paper.toml line 3"
	Serves   func(Identity) error // refuses what the paper cannot be served with; nil: nothing is refused
}

// Changed says that what is around the paper's pages is not what it was: the
// identity, the menu, or the pages that there are.
type Changed struct{}

// EventKind and EventSubject make it a fact (package event).
func (Changed) EventKind() string    { return "paper.changed" }
func (Changed) EventSubject() string { return "paper" }

// What the audit log tells of the paper.
const (
	IdentitySet audit.Act = "paper.identity"
	MenuSet     audit.Act = "paper.menu"
	PageSet     audit.Act = "paper.page"
)

// A Late is the cause of the Problem that the second of two gets who have changed
// something at once.
type Late struct{ Now int }

func (l Late) Error() string { return fmt.Sprintf("version %d holds by now", l.Now) }

func late(now int) error {
	return &problem.Problem{
		Kind: problem.Conflict, Err: Late{now},
		Detail: "Somebody else has saved in the meantime. Nothing of yours is lost: compare, and save again.",
	}
}
