package reader

import (
	"context"
	"fmt"

	"kawaraban/internal/blob"
	"kawaraban/internal/job"
)

// The kinds of this package's jobs, beside that of letters.
const (
	exportJob = "reader.export"
	eraseJob  = "reader.erase"
	dropJob   = "reader.drop" // of a blob that nothing names any more
)

// Work lets the queue do this package's jobs. Letters are a face's.
func (s *Store) Work() {
	job.Handle(s.Jobs, exportJob, s.export)
	job.Handle(s.Jobs, eraseJob, s.erase)
	job.Handle(s.Jobs, dropJob, s.drop)
}

// drop removes a blob for good.
func (s *Store) drop(ctx context.Context, key string) error {
	if err := s.Blobs.Delete(ctx, key); err != nil {
		return fmt.Errorf("remove a reader's file: %w", err)
	}
	return nil
}

// dropAll removes every blob under a prefix.
func (s *Store) dropAll(ctx context.Context, prefix string) error {
	return s.Blobs.Walk(ctx, prefix, func(i blob.Info) error { return s.drop(ctx, i.Key) })
}
