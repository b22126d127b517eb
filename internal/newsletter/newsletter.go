// Package newsletter brings the paper to people by mail.
//
// A list is what somebody can subscribe to: a digest that is made from the paper by
// a calendar, a newsletter that somebody writes, or news alerts. A subscriber is an
// address; a subscription is that one address gets one list, with the proof that
// whoever reads its mail wanted it: asked, then active when a link was followed by a
// button, then ended. An edition is one issue of a list. It is drafted, may have to
// be approved, is scheduled, sent (and paused and gone on with meanwhile), or
// cancelled. A delivery is one edition on its way to one subscriber: a row from the
// moment at which it is taken up, so that neither a server that fails nor a process
// that dies loses one or sends it twice.
//
// What an edition brings are ids of articles. They are read when letters are made,
// through package article like everything else: what readers may not have is in no
// letter, and what was already sent is answered for in the next edition.
package newsletter

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// A Store keeps lists, subscriptions and editions in a database, and sends.
type Store struct {
	DB       *db.DB
	Articles *article.Store
	Readers  *reader.Store
	Jobs     *job.Queue
	Audit    *audit.Log
	Keys     *secret.Keyring
	Now      func() time.Time
	ID       func() string
	Log      *slog.Logger

	Zone    func() *time.Location // the paper's, in which calendars and quiet hours are meant
	Sources Sources
	Office  *mail.Office
	Return  func(token string) string                             // the address to which a letter comes back, by its token; "" is the paper's
	Press   func(context.Context, Content) (*mail.Stencil, error) // sets an edition in the paper's face
	Hooks   map[string]string                                     // secrets of providers that tell what became of letters, by their names (package bounce)

	halted atomic.Bool
	clicks clicks
}

// Sources are what editions take from subjects that this one does not know, by ids.
type Sources struct {
	Front func(context.Context) ([]string, error)                      // what the front page shows, in its order
	Read  func(context.Context, time.Time) ([]string, error)           // what was most read since then
	Best  func(context.Context, time.Time) (comment string, err error) // the best-voted comment since then, or ""
	// Followed tells what is new since then in what accounts follow, by their ids; nil
	// where nobody can follow anything.
	Followed func(ctx context.Context, accounts []string, since time.Time) (map[string][]string, error)
	// Push shows an alert on the devices of accounts; nil where there are none.
	Push    func(ctx context.Context, n Note, accounts []string) error
	Comment func(context.Context, string) (q Quoted, ok bool, err error) // what readers may have of a comment
}

// A Quoted is a comment as an edition brings it.
type Quoted struct {
	ID, Author, Text string
	Article          string
	Net              int
}

// What the audit log tells of newsletters.
const (
	ListMade       audit.Act = "list.made"
	ListChanged    audit.Act = "list.changed"
	ListRetired    audit.Act = "list.retired"
	ListReopened   audit.Act = "list.reopened"
	EditionBegan   audit.Act = "edition.began"
	EditionAsked   audit.Act = "edition.asked"
	EditionBrought audit.Act = "edition.brought-back"
	EditionSet     audit.Act = "edition.scheduled"
	EditionUnset   audit.Act = "edition.unscheduled"
	EditionPaused  audit.Act = "edition.paused"
	EditionResumed audit.Act = "edition.resumed"
	EditionStopped audit.Act = "edition.cancelled"
	AlertSent      audit.Act = "alert.sent"
	Suppressed     audit.Act = "suppression.added"
	Unsuppressed   audit.Act = "suppression.lifted"
	Imported       audit.Act = "subscribers.imported"
	Exported       audit.Act = "subscribers.exported"
	Removed        audit.Act = "subscription.ended"
)

func (s *Store) note(ctx context.Context, tx *db.Tx, a *reader.Actor, act audit.Act, subject, detail string) error {
	who := audit.Console
	if a != nil {
		who = a.Reader.ID
	}
	return s.Audit.Add(ctx, tx, audit.Entry{Actor: who, Act: act, Subject: subject, Detail: detail})
}

func forbidden() error {
	return &problem.Problem{Kind: problem.Forbidden, Detail: "Your role does not allow this."}
}

func notFound(detail string) error {
	return &problem.Problem{Kind: problem.NotFound, Detail: detail}
}

func overtaken() error {
	return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed this in the meantime. Look at it again."}
}

// asJSON writes what is stored as JSON; our own types can always be written.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("newsletter: %v", err))
	}
	return string(b)
}
