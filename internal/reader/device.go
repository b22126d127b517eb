package reader

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// DeviceLife is how long a browser is remembered in which nobody logs in.
const DeviceLife = 365 * 24 * time.Hour

// maxDevices is how many browsers of a reader are remembered: the latest.
const maxDevices = 50

// recognise makes the browser known, and reports whether it is new to an
// account that has known others.
func (s *Store) recognise(ctx context.Context, tx *db.Tx, e *Entry, b Browser) (fresh bool, err error) {
	id, now := e.Reader.ID, db.Time(s.Now())
	if err := tx.QueryRow(ctx, `select exists (select 1 from device where reader = $1)`, id).Scan(&fresh); err != nil {
		return false, fmt.Errorf("recognise a browser: %w", err)
	}
	e.Known = secret.NewToken()
	if t, ok := secret.ParseToken(b.Known); ok {
		e.Known = t
	}
	res, err := tx.Exec(ctx, `update device set seen = $1 where reader = $2 and hash = $3`, now, id, e.Known.Hash().String())
	if err := db.One(res, err); !problem.Is(err, problem.NotFound) {
		return false, err
	}
	if _, err = tx.Exec(ctx, `insert into device (reader, hash, seen) values ($1, $2, $3)`, id, e.Known.Hash().String(), now); err != nil {
		return false, fmt.Errorf("recognise a browser: %w", err)
	}
	_, err = tx.Exec(ctx, `delete from device
		where reader = $1 and hash not in (select hash from device where reader = $1 order by seen desc, hash desc limit $2)`, id, maxDevices)
	if err != nil {
		return false, fmt.Errorf("recognise a browser: %w", err)
	}
	return fresh, nil
}

// knows reports whether somebody has logged in to an account from this browser.
func (s *Store) knows(ctx context.Context, reader string, b Browser) (known bool, err error) {
	t, ok := secret.ParseToken(b.Known)
	if !ok {
		return false, nil
	}
	err = s.DB.QueryRow(ctx, `select exists (select 1 from device where reader = $1 and hash = $2)`, reader, t.Hash().String()).Scan(&known)
	return known, err
}

// forgetDevices makes every browser a stranger to an account: whoever had got in
// with the password that was guesses no faster than others from now on. One row
// that fits no browser remembers that there were some, so that the next one is
// not taken for the first.
func forgetDevices(ctx context.Context, tx *db.Tx, reader string, now time.Time) error {
	res, err := tx.Exec(ctx, `delete from device where reader = $1`, reader)
	if err := db.One(res, err); err != nil {
		if problem.Is(err, problem.NotFound) {
			return nil
		}
		return fmt.Errorf("forget browsers: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into device (reader, hash, seen) values ($1, '', $2)`, reader, db.Time(now)); err != nil {
		return fmt.Errorf("forget browsers: %w", err)
	}
	return nil
}

// Device names a browser as its owner would, from its User-Agent: "Firefox,
// Linux". What is not known is left out; nothing of it is believed.
func Device(agent string) string {
	find := func(names ...[2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	// The order matters: each calls itself what those before it are called.
	program := find([2]string{"Edg", "Edge"}, [2]string{"OPR/", "Opera"}, [2]string{"SamsungBrowser", "Samsung Internet"},
		[2]string{"Firefox/", "Firefox"}, [2]string{"FxiOS", "Firefox"}, [2]string{"CriOS", "Chrome"}, [2]string{"Chrome/", "Chrome"},
		[2]string{"Safari/", "Safari"}, [2]string{"curl/", "curl"})
	system := find([2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"}, [2]string{"Android", "Android"}, [2]string{"Windows", "Windows"},
		[2]string{"CrOS", "ChromeOS"}, [2]string{"Mac OS X", "Mac"}, [2]string{"Linux", "Linux"})
	return strings.Trim(program+", "+system, ", ")
}
