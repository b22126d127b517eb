package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A rate is how often something may be done: once in every, and burst times in
// a row (the generic cell rate algorithm). It is kept in the database, so that
// neither a restart nor a second node forgets it.
type rate struct {
	name  string
	every time.Duration
	burst int
}

// The rates of SECURITY §2 and R33. Nobody is ever locked out for good.
var (
	guesses        = rate{"guess", 4 * time.Minute, 5}             // of one account's password, from anywhere
	guessesKnown   = rate{"guess-known", time.Minute, 10}          // from a browser that has logged in to it
	guessesNetwork = rate{"guess-network", 10 * time.Second, 60}   // of all accounts, from one network
	guessesRegion  = rate{"guess-region", 2 * time.Second, 300}    // and from the wider network that it is part of
	codes          = rate{"code", 2 * time.Minute, 5}              // of the second factor
	joins          = rate{"join-region", 3 * time.Minute, 10}      // registrations from one wider network: 20 an hour and 10 in a row
	joinsAll       = rate{"join-all", 2 * time.Second, 300}        // and from everywhere
	confirmations  = rate{"confirm", 24 * time.Hour, 1}            // letters to confirm, to one address
	mailboxes      = rate{"mailbox", 6 * time.Hour, 4}             // and to all spellings of one mailbox
	resets         = rate{"reset", 2 * time.Hour, 3}               // letters to set a new password, to one address
	resetsNetwork  = rate{"reset-region", 3 * time.Minute, 10}     // asked for from one wider network
	connects       = rate{"connect-network", 10 * time.Second, 30} // ways to a provider, begun from one network
	exports        = rate{"export", 24 * time.Hour, 2}             // of all that we know of a reader
	invitations    = rate{"alerts", 365 * 24 * time.Hour, 1}       // to the news alerts
	changes        = rate{"change-email", 6 * time.Hour, 3}        // letters to a new address
)

// take counts one act under r for whoever key names. It returns 0, or how long
// to wait: then nothing was counted. The key is kept only as a digest.
func (s *Store) take(ctx context.Context, tx *db.Tx, r rate, key string) (wait time.Duration, err error) {
	key = s.brakeKey(r, key)
	now, every := s.Now().UnixMicro(), r.every.Microseconds()
	most := now + every*int64(r.burst-1)
	wrong := most + every + skew.Microseconds() // no clock that is right has written this
	var free int64
	err = tx.QueryRow(ctx, `insert into brake (key, free) values ($1, $2)
		on conflict (key) do update
		set free = case when brake.free > $3 and brake.free <= $6 then brake.free else $3 end + $4
		where brake.free <= $5 or brake.free > $6
		returning free`, key, now+every, now, every, most, wrong).Scan(&free)
	if err == nil {
		return 0, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("count %s: %w", r.name, err)
	}
	if err := tx.QueryRow(ctx, `select free from brake where key = $1`, key).Scan(&free); err != nil {
		return 0, fmt.Errorf("count %s: %w", r.name, err)
	}
	return time.Duration(free-most) * time.Microsecond, nil
}

// A counted is one act under one rate.
type counted struct {
	rate
	key string
}

// takeAll counts one act under each rate, and returns how long to wait for the
// first that refuses: the caller then returns an error, so that nothing of it is
// kept. A rate without a key does not count.
func (s *Store) takeAll(ctx context.Context, tx *db.Tx, acts ...counted) (wait time.Duration, err error) {
	for _, c := range acts {
		if c.key == "" {
			continue
		}
		if wait, err = s.take(ctx, tx, c.rate, c.key); err != nil || wait > 0 {
			return wait, err
		}
	}
	return 0, nil
}

// release forgets what was counted: the right password has been given.
func (s *Store) release(ctx context.Context, tx *db.Tx, r rate, key string) error {
	_, err := tx.Exec(ctx, `delete from brake where key = $1`, s.brakeKey(r, key))
	return err
}

func (s *Store) brakeKey(r rate, key string) string {
	return r.name + " " + s.Keys.Digest("brake", key)
}

// tooMany is the Problem of somebody who has to wait.
func tooMany(detail string, wait time.Duration) error {
	return &problem.Problem{Kind: problem.TooMany, Detail: detail, Wait: wait}
}
