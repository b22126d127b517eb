package search

import (
	"context"
	"math"

	"kawaraban/internal/db"
)

// PutSent has what an agency has sent found by the words of its texts. n is its number,
// and old the one that it has no more, 0 for none; numbers go with time as those of articles do.
func (s *Store) PutSent(ctx context.Context, tx *db.Tx, old, n int64, texts ...string) error {
	return s.putSent(ctx, tx, Sent{n, texts}, old, soon)
}

func (s *Store) putSent(ctx context.Context, tx *db.Tx, c Sent, old int64, p pace) error {
	if old != 0 {
		if err := drop(ctx, tx, s.DB.Postgres(), sent, old); err != nil {
			return err
		}
	}
	return put(ctx, tx, s.DB.Postgres(), sent, p, doc{c.N, held(append([]string{all, gap}, words(c.Texts...)...))})
}

// FindSent returns the numbers of what agencies have sent that has the words, newest
// first: those before one, or from the newest on when it is 0.
func (s *Store) FindSent(ctx context.Context, words string, before int64, limit int) ([]int64, error) {
	l, err := s.understand(Query{Words: words})
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	return s.numbers(ctx, sent, l.e, span{0, before}, limit)
}

// rebuildSent indexes all that agencies have sent anew.
func (s *Store) rebuildSent(ctx context.Context, run int64) error {
	if s.Sent == nil {
		return nil
	}
	after := int64(0)
	for {
		list, err := s.Sent(ctx, after, perRun)
		if err != nil || len(list) == 0 {
			return err
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			for _, c := range list {
				if err := s.putSent(ctx, tx, c, c.N, together); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = list[len(list)-1].N
		if err := s.beat(ctx, run); err != nil {
			return err
		}
	}
}
