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
	DB       *db.DB
	Articles *article.Store
	Readers  *reader.Store
	Media    *media.Store
	Live     *live.Store
	Polls    *poll.Store
	Jobs     *job.Queue
	Audit    *audit.Log
	Keys     *secret.Keyring
	// Elsewhere refuses to let go of a picture or a video that something else than
	// articles shows; nil: nothing else does.
	Elsewhere func(ctx context.Context, tx *db.Tx, id string) error
	Now       func() time.Time // the paper's clock; tests set it
	ID        func() string
}
