// Package desk is the newsroom's work on the paper: who writes what, who reads it
// before it is published, and what readers tell us of our errors.
//
// A story is an article as the newsroom works on it. Its copy is what is being
// written; readers have it only when it is published, and then it is a revision of
// the article. One open page at a time has the seat and may write; the others
// look on, and may ask for it. Contributors have the stories that they own, those
// who edit have all. Every method that somebody's hand leads to takes that person
// as a reader.Actor and refuses what is not theirs.
package desk

import (
	"context"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/live"
	"kawaraban/internal/media"
	"kawaraban/internal/poll"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// A Store keeps the newsroom's work in a database.
type Store struct {
	DB        *db.DB
	Articles  *article.Store
	Readers   *reader.Store
	Media     *media.Store
	Live      *live.Store
	Polls     *poll.Store
	Jobs      *job.Queue
	Audit     *audit.Log
	Keys      *secret.Keyring
	Elsewhere Elsewhere
	Recalls   func(ctx context.Context, story int64) (Recalled, error) // of the wire
	Now       func() time.Time                                         // the paper's clock; tests set it
	ID        func() string
}

// Elsewhere is what something else than articles, of which the desk knows nothing, does
// with the library. The zero Elsewhere does nothing with it.
type Elsewhere struct {
	// Holds refuses to let go of a picture or a video that is shown there.
	Holds func(ctx context.Context, tx *db.Tx, id string) error
	// Free is a condition on picture p, in SQL: it is not shown there.
	Free string
	// Replace puts one picture in the place of another, and returns in how many things.
	Replace func(ctx context.Context, tx *db.Tx, actor, id, by string) (n int, err error)
}
