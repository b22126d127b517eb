package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kawaraban/internal/db"
)

// A payload carries any argument through River, which wants a type for each
// kind. It is stored as {"arg": …}, so that an argument need not be an object.
type payload struct {
	kind string
	Arg  json.RawMessage `json:"arg"`
}

// Kind is River's name for what sort of job it is.
func (p payload) Kind() string { return p.kind }

func (p payload) decode(into any) error { return json.Unmarshal(p.Arg, into) }

// Add adds a job to tx. It runs after the commit, not before at; the zero time
// and times that have passed mean at once. A job for later starts up to five
// seconds late. The kind must have been given to Handle, even in a process that
// never calls Start: so a misspelt one is found where it is written.
func (q *Queue) Add(ctx context.Context, tx *db.Tx, kind string, at time.Time, arg any) error {
	return q.add(ctx, tx, kind, at, arg, river.UniqueOpts{})
}

// AddUnique is Add, but adds nothing when a job with the same kind and argument
// waits or runs. It is for deeds that are named by their argument, such as
// "send edition 7". It is not for "something changed, look again": the job that
// runs just now may have looked already.
func (q *Queue) AddUnique(ctx context.Context, tx *db.Tx, kind string, at time.Time, arg any) error {
	return q.add(ctx, tx, kind, at, arg, river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}})
}

func (q *Queue) add(ctx context.Context, tx *db.Tx, kind string, at time.Time, arg any, unique river.UniqueOpts) error {
	encoded, err := json.Marshal(arg)
	if err != nil {
		return fmt.Errorf("add job %s: %w", kind, err)
	}
	if !at.After(time.Now()) {
		at = time.Time{} // River lets even a time that has passed wait for its next round
	}
	p := payload{kind: kind, Arg: encoded}
	opts := &river.InsertOpts{Queue: queueOf(kind), ScheduledAt: at, UniqueOpts: unique}
	// A statement that is cancelled on SQLite takes other people's writes with it.
	ctx = context.WithoutCancel(ctx)
	if q.postgres != nil {
		_, err = q.postgres.InsertTx(ctx, tx.Pgx(), p, opts)
	} else {
		_, err = q.sqlite.InsertTx(ctx, tx.SQL(), p, opts)
		tx.Notify(wakeUp(opts.Queue))
	}
	if err != nil {
		return fmt.Errorf("add job %s: %w", kind, err)
	}
	return nil
}
