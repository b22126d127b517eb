package job

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kawaraban/internal/db"
)

// forgetPage is how many jobs are read at a time.
const forgetPage = 1000

// Forget removes the jobs of a kind whose argument match picks, those that are
// done too: a job may name somebody who is to be forgotten. One that runs just
// now goes on, and its row goes when its time has come.
func Forget[T any](ctx context.Context, q *Queue, tx *db.Tx, kind string, match func(T) bool) error {
	params := river.NewJobListParams().Kinds(kind).First(forgetPage).States(
		rivertype.JobStateAvailable, rivertype.JobStateCancelled, rivertype.JobStateCompleted, rivertype.JobStateDiscarded,
		rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateScheduled)
	ctx = context.WithoutCancel(ctx) // as in add
	for {
		found, err := q.list(ctx, tx, params)
		if err != nil {
			return fmt.Errorf("look for jobs of %s: %w", kind, err)
		}
		for _, row := range found.Jobs {
			var p payload
			var arg T
			if json.Unmarshal(row.EncodedArgs, &p) != nil || p.decode(&arg) != nil || !match(arg) {
				continue
			}
			if err := q.remove(ctx, tx, row.ID); err != nil {
				return fmt.Errorf("forget a job of %s: %w", kind, err)
			}
		}
		if len(found.Jobs) < forgetPage {
			return nil
		}
		params = params.After(found.LastCursor)
	}
}

func (q *Queue) list(ctx context.Context, tx *db.Tx, p *river.JobListParams) (*river.JobListResult, error) {
	if q.postgres != nil {
		return q.postgres.JobListTx(ctx, tx.Pgx(), p)
	}
	return q.sqlite.JobListTx(ctx, tx.SQL(), p)
}

func (q *Queue) remove(ctx context.Context, tx *db.Tx, id int64) (err error) {
	if q.postgres != nil {
		_, err = q.postgres.JobDeleteTx(ctx, tx.Pgx(), id)
	} else {
		_, err = q.sqlite.JobDeleteTx(ctx, tx.SQL(), id)
	}
	return err
}
