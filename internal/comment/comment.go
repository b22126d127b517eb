// Package comment holds readers' answers to articles and the votes on them.
//
// A comment is visible, held (waiting for a moderator), removed by one, or
// deleted by its author. It takes a seat when it is first shown, and keeps it:
// of what was removed or deleted the text is gone and the place stays, so that
// answers keep theirs. Comments on the article are top comments; everything
// below one is its branch, one level deep, in the order of the seats.
//
// A vote is a row; tallies, counts and the rank are derived from rows in the
// transaction that changes them, and Verify holds them against each other.
// Everything that a moderator does is a decision, which readers can see.
//
// What a reader may have of a comment is decided in one place (public).
package comment

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A State is where a comment stands between its author and the readers.
type State string

const (
	Visible State = "visible"
	Held    State = "held"    // waiting for a moderator
	Removed State = "removed" // by a moderator
	Deleted State = "deleted" // by its author
)

// A Score is what readers think of a comment.
type Score struct{ Up, Down int }

// Net is up less down.
func (s Score) Net() int { return s.Up - s.Down }

// String is the score as the paper prints it: "3 ( +5 / -2 )".
func (s Score) String() string { return fmt.Sprintf("%d ( +%d / -%d )", s.Net(), s.Up, s.Down) }

// A Comment is one answer of a reader.
type Comment struct {
	ID       string
	Article  string
	Top      string // the comment on top of its branch; "" is the article itself
	Parent   string // the comment that it answers
	Answered string // and the author of that
	Author   string // a reader's id
	Body     string // as it was typed, cleaned; "" where it may not be read
	State    State
	HeldFor  Holds // why it waits
	Flagged  bool  // a rule of the paper holds it, not the desk
	Seat     int   // its place, from 1; 0 while it has none
	Replies  int   // visible ones in its branch
	Score    Score
	Reports  int       // open ones
	Version  int       // changes with every edit and decision
	Edited   time.Time // by its author
	Marked   bool      // a moderator has changed it
	Created  time.Time
	Shown    time.Time // when readers could first have it
}

const columns = `c.id, c.article, c.top, c.parent, c.answered, c.author, c.body, c.state, c.held_for, c.flagged, c.seat, c.replies,
	c.up, c.down, c.reports, c.version, c.edited, c.marked, c.created, c.shown`

func (c *Comment) into() []any {
	return []any{
		&c.ID, &c.Article, &c.Top, &c.Parent, &c.Answered, &c.Author, &c.Body, &c.State, &c.HeldFor, &c.Flagged, &c.Seat, &c.Replies,
		&c.Score.Up, &c.Score.Down, &c.Reports, &c.Version, (*db.Time)(&c.Edited), &c.Marked, (*db.Time)(&c.Created), (*db.Time)(&c.Shown),
	}
}

// public is what every reader may have of c: of what is not visible only that
// it was there. ok is false for what was never shown.
func (c Comment) public() (_ Comment, ok bool) {
	c.HeldFor, c.Flagged, c.Reports = nil, false, 0
	if c.State != Visible {
		// Who wrote it goes with the text: the place says what became of it.
		c = Comment{ID: c.ID, Article: c.Article, Top: c.Top, Parent: c.Parent, State: c.State, Seat: c.Seat, Replies: c.Replies, Created: c.Created, Shown: c.Shown}
	}
	return c, c.Seat > 0
}

// A Store keeps threads in a database.
type Store struct {
	DB    *db.DB
	Keys  *secret.Keyring
	Jobs  *job.Queue
	Audit *audit.Log
	Now   func() time.Time
	ID    func() string

	// OnBan are called where the votes of a banned reader are taken out, or counted
	// again, with whether they are: other subjects have votes too. It is the
	// transaction under the lock of that reader's row; it may happen twice.
	OnBan []func(ctx context.Context, tx *db.Tx, reader string, barred bool) error

	sieve sieve
}

// errGone is what is told of a comment that is not there for readers.
const errGone = "There is no such comment. It may have been removed."

func notFound() error { return &problem.Problem{Kind: problem.NotFound, Detail: errGone} }

// ByID returns what readers may have of a comment; a Problem if that is nothing.
func (s *Store) ByID(ctx context.Context, id string) (Comment, error) {
	c, err := byID(ctx, s.DB, id)
	if err != nil {
		return c, err
	}
	c, ok := c.public()
	if !ok {
		return Comment{}, notFound()
	}
	return c, nil
}

// byID reads a comment with all that is known of it.
func byID(ctx context.Context, q db.Querier, id string) (c Comment, err error) {
	err = q.QueryRow(ctx, `select `+columns+` from comment as c where c.id = $1`, id).Scan(c.into()...)
	return c, db.Found(err, errGone)
}

// lock reads a comment and makes others who change it wait.
func lock(ctx context.Context, tx *db.Tx, id string) (c Comment, err error) {
	if err := db.One(tx.Exec(ctx, `update comment set seats = seats where id = $1`, id)); problem.Is(err, problem.NotFound) {
		return c, notFound()
	} else if err != nil {
		return c, err
	}
	return byID(ctx, tx, id)
}

// list reads comments.
func list(ctx context.Context, q db.Querier, query string, args ...any) (found []Comment, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Comment
		if err := rows.Scan(c.into()...); err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

// refuse is the Problem of one field of a form.
func refuse(kind problem.Kind, field, detail string) error {
	return &problem.Problem{Kind: kind, Detail: detail, Fields: map[string]string{field: detail}}
}

// Appeared is the fact that readers can have a comment which they could not
// have before. Its subject is the article.
type Appeared struct{ Article string }

// Changed is the fact that something about a thread is not what it was.
type Changed struct{ Article string }

// Voted is the fact that scores of a thread have changed. It is told once a
// second at most.
type Voted struct{ Article string }

// EventKind and EventSubject make them facts (package event).
func (Appeared) EventKind() string { return "comment.appeared" }
func (Changed) EventKind() string  { return "comment.changed" }
func (Voted) EventKind() string    { return "comment.voted" }

func (e Appeared) EventSubject() string { return e.Article }
func (e Changed) EventSubject() string  { return e.Article }
func (e Voted) EventSubject() string    { return e.Article }

// Tag is that of every page that shows the thread of an article.
func Tag(article string) string { return "thread:" + article }

// CountTag is that of every page that says how many comments an article has.
func CountTag(article string) string { return "comments:" + article }

// At is the store as it was at a moment, for what is told of the past.
func (s *Store) At(t time.Time) *Store {
	return &Store{DB: s.DB, Keys: s.Keys, Jobs: s.Jobs, Audit: s.Audit, Now: func() time.Time { return t }, ID: s.ID}
}
