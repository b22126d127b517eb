package reader

import (
	"context"
	"time"

	"kawaraban/internal/db"
)

// BrakeWish counts that somebody asks for newsletters, or returns the Problem of
// whoever has to wait.
func (s *Store) BrakeWish(ctx context.Context, b Browser) error {
	return s.brake(ctx,
		counted{wishes, b.region(), "Many have asked for newsletters from your network a short while ago. Please try again later."},
		counted{wishesAll, "all", "Many ask for newsletters at this moment. Please try again in a few minutes."},
	)
}

// MayWriteTo counts a letter to an address of which nobody knows whether it wants
// any: one a day, however often and by whomever it is asked for. It returns 0, or
// how long to wait.
func (s *Store) MayWriteTo(ctx context.Context, tx *db.Tx, email string) (wait time.Duration, err error) {
	if wait, err = s.take(ctx, tx, wishLetters, email); err != nil || wait > 0 {
		return wait, err
	}
	return s.take(ctx, tx, mailboxes, mailbox(email))
}
