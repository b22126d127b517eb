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
	joins          = rate{"join-region", 6 * time.Minute, 10}      // registrations from one wider network: 10 in a row, and no more than 20 in any hour
	joinsAll       = rate{"join-all", 2 * time.Second, 300}        // and from everywhere
	confirmations  = rate{"confirm", 24 * time.Hour, 1}            // letters to confirm, to one address
	mailboxes      = rate{"mailbox", 6 * time.Hour, 4}             // and to all spellings of one mailbox
	resets         = rate{"reset", 2 * time.Hour, 3}               // letters to set a new password, to one address
	resetsNetwork  = rate{"reset-region", 3 * time.Minute, 10}     // asked for from one wider network
	connects       = rate{"connect-network", 10 * time.Second, 30} // ways to a provider, begun from one network
	connectsRegion = rate{"connect-region", 2 * time.Second, 150}  // and from the wider network
	exports        = rate{"export", 24 * time.Hour, 2}             // of all that we know of a reader
	invitations    = rate{"alerts", 365 * 24 * time.Hour, 1}       // to the news alerts
	wishes         = rate{"wish-region", 6 * time.Minute, 10}      // for newsletters, from one wider network: no more than 20 in any hour
	wishesAll      = rate{"wish-all", 2 * time.Second, 300}        // and from everywhere
	wishLetters    = rate{"wish", 24 * time.Hour, 1}               // letters that ask to confirm one, to one address
	changes        = rate{"change-email", 6 * time.Hour, 3}        // letters to a new address
)

// take counts one act under r for whoever key names. It returns 0, or how long
// to wait: then nothing was counted. The key is kept only as a digest.
func (s *Store) take(ctx context.Context, tx *db.Tx, r rate, key string) (wait time.Duration, err error) {
	key = s.brakeKey(r, key)
	now, every := s.Now().UnixMicro(), r.every.Microseconds()
	most, wrong := r.limits(now)
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
	// Somebody may have released it in this very moment; it is refused all the same.
	wait, err = s.waits(ctx, tx, r, key, now)
	return max(wait, time.Microsecond), err
}

// limits are the moment up to which a brake may be filled for one act more, and
// the one after which no clock that is right has filled it.
func (r rate) limits(now int64) (most, wrong int64) {
	most = now + r.every.Microseconds()*int64(r.burst-1)
	return most, most + (r.every + skew).Microseconds()
}

// waits is how long somebody has to wait under r at a moment, 0 for not at all.
// It counts nothing.
func (s *Store) waits(ctx context.Context, q db.Querier, r rate, digest string, now int64) (time.Duration, error) {
	var free int64
	err := q.QueryRow(ctx, `select free from brake where key = $1`, digest).Scan(&free)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", r.name, err)
	}
	if most, wrong := r.limits(now); free > most && free <= wrong {
		return time.Duration(free-most) * time.Microsecond, nil
	}
	return 0, nil
}

// A counted is one act under one rate, and what somebody is told who has to wait.
type counted struct {
	rate
	key  string // "" does not count
	said string
}

// brake counts one act under each rate, or returns the Problem of the first that
// refuses, and has counted nothing then.
func (s *Store) brake(ctx context.Context, acts ...counted) error {
	// Whoever has to wait is told so before anything is written: a rush of
	// thousands must not keep everybody else from the database. Only the count
	// below decides who is let through.
	now := s.Now().UnixMicro()
	for _, c := range acts {
		if c.key == "" {
			continue
		}
		wait, err := s.waits(ctx, s.DB, c.rate, s.brakeKey(c.rate, c.key), now)
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany(c.said, wait)
		}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.takeAll(ctx, tx, acts...) })
}

// takeAll is brake inside a transaction, which the caller gives up when there is
// an error.
func (s *Store) takeAll(ctx context.Context, tx *db.Tx, acts ...counted) error {
	for _, c := range acts {
		if c.key == "" {
			continue
		}
		wait, err := s.take(ctx, tx, c.rate, c.key)
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany(c.said, wait)
		}
	}
	return nil
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
