package comment

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

const (
	keptText   = 30 * 24 * time.Hour  // of a comment that its author has deleted
	keptNotice = 365 * 24 * time.Hour // name and address of a legal notice, after the decision
	sweepBatch = 2000
)

// Sweep removes what need not be kept any longer. It is to run every hour.
func (s *Store) Sweep(ctx context.Context) error {
	now := s.Now()
	for _, old := range []struct {
		what, query string
		before      time.Time
	}{
		{
			"how many voted together",
			`delete from vote_crowd where (comment, kind, name, at) in (select comment, kind, name, at from vote_crowd where at < $1 order by at limit $2)`,
			now.Add(-crowdMemory),
		},
		{
			"attempts to comment",
			`delete from comment_key where (author, name) in (select author, name from comment_key where created < $1 order by created limit $2)`,
			now.Add(-keyLife),
		},
		{
			"drafts",
			`delete from comment_draft where hash in (select hash from comment_draft where expires < $1 order by expires limit $2)`,
			now,
		},
		{
			"texts of deleted comments",
			`delete from comment_edit where (comment, number) in (select comment, number from comment_edit where gone and created < $1 order by created limit $2)`,
			now.Add(-keptText),
		},
		{
			"names of those who gave notice",
			`update report set name = '', email = '' where id in (
				select r.id from report as r
				join decision as d on d.id = r.decision
				where r.decision <> '' and (r.name <> '' or r.email <> '') and d.created < $1
				order by r.id limit $2)`,
			now.Add(-keptNotice),
		},
	} {
		for {
			var n int64
			err := s.DB.Tx(ctx, func(tx *db.Tx) error {
				res, err := tx.Exec(ctx, old.query, db.Time(old.before), sweepBatch)
				if err == nil {
					n, err = res.RowsAffected()
				}
				return err
			})
			if err != nil {
				return fmt.Errorf("remove old %s: %w", old.what, err)
			}
			if n < sweepBatch {
				break
			}
		}
	}
	return nil
}
