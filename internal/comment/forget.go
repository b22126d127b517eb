package comment

import (
	"context"
	"errors"

	"kawaraban/internal/db"
)

// Forget takes everything personal of a reader out of the threads, in the
// transaction that erases the account. Comments stay without a name, or a job
// deletes them.
func (s *Store) Forget(ctx context.Context, tx *db.Tx, reader string, removeComments bool) error {
	return errors.ErrUnsupported
}

// A Table is one sort of thing that the threads know of a reader.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// Known returns everything that the threads know of a reader, for the reader.
func (s *Store) Known(ctx context.Context, reader string) ([]Table, error) {
	return nil, errors.ErrUnsupported
}

// Sweep removes what need not be kept any longer. It is to run every hour.
func (s *Store) Sweep(ctx context.Context) error { return errors.ErrUnsupported }

// Work lets the queue do this package's jobs. Letters (NoticeJob, ReportJob)
// are a face's.
func (s *Store) Work() {}
