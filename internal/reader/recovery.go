package reader

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

const (
	codeCount   = 10
	codeLetters = "23456789abcdefghijkmnpqrstuvwxyz" // 32 of them, none like another
	codeLength  = 16                                 // of 5 bits: 80 bits in all
	codeGroup   = 4
)

// newCodes makes a set of recovery codes in the place of the one before. Only
// their hashes are kept: with 80 random bits there is nothing to guess.
func (s *Store) newCodes(ctx context.Context, tx *db.Tx, reader string) (list []string, err error) {
	if _, err := tx.Exec(ctx, `delete from recovery_code where reader = $1`, reader); err != nil {
		return nil, fmt.Errorf("replace recovery codes: %w", err)
	}
	for range codeCount {
		code := newCode()
		if _, err := tx.Exec(ctx, `insert into recovery_code (reader, hash) values ($1, $2)`, reader, codeHash(reader, code)); err != nil {
			return nil, fmt.Errorf("make recovery codes: %w", err)
		}
		list = append(list, code)
	}
	return list, nil
}

// newCode is a code as it is shown: "k3mn-9xqa-…".
func newCode() string {
	random := make([]byte, codeLength)
	rand.Read(random)
	var b strings.Builder
	for i, r := range random {
		if i > 0 && i%codeGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(codeLetters[int(r)%len(codeLetters)]) // 256 is a multiple of 32: none comes more often
	}
	return b.String()
}

// codeHash is what is kept of a code, however it was typed.
func codeHash(reader, code string) string {
	h := sha256.Sum256([]byte("recovery " + reader + " " + typed(code)))
	return hex.EncodeToString(h[:])
}

func codesLeft(ctx context.Context, q db.Querier, reader string) (n int, err error) {
	if err = q.QueryRow(ctx, `select count(*) from recovery_code where reader = $1`, reader).Scan(&n); err != nil {
		err = fmt.Errorf("count recovery codes: %w", err)
	}
	return n, err
}

// NewRecoveryCodes makes ten new codes and returns them; the old ones stop
// working. It is a Problem when no second factor asks for any.
func (s *Store) NewRecoveryCodes(ctx context.Context, a *Actor) (list []string, err error) {
	if err := s.sure(a); err != nil {
		return nil, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		r, err := lock(ctx, tx, a.Reader.ID)
		if err != nil {
			return err
		}
		if has, err := hasFactor(ctx, tx, r); err != nil || !has {
			return orElse(err, func() error {
				return &problem.Problem{Kind: problem.Conflict, Detail: "Recovery codes stand in for a second factor. Set one up first."}
			})
		}
		if list, err = s.newCodes(ctx, tx, r.ID); err != nil {
			return err
		}
		if err := s.write(ctx, tx, Letter{Kind: FactorSet, Reader: r.ID, Detail: "New recovery codes were made, and the old ones stopped working."}); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: r.ID, Act: FactorAdded, Subject: r.ID, Detail: "recovery codes"})
	})
	return list, err
}

// RecoveryCode makes a whole session of a pending one with a recovery code,
// which is used up.
func (s *Store) RecoveryCode(ctx context.Context, p *Pending, code string, b Browser) (e Entry, err error) {
	key, err := s.brakeCode(ctx, p.Reader.ID, b)
	if err != nil {
		return e, err
	}
	unknown := false
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `delete from recovery_code where reader = $1 and hash = $2`, p.Reader.ID, codeHash(p.Reader.ID, code))
		if err := db.One(res, err); err != nil {
			unknown = problem.Is(err, problem.NotFound)
			return err
		}
		if err := s.release(ctx, tx, codes, key); err != nil {
			return err
		}
		if e, err = s.upgrade(ctx, tx, p, b); err != nil {
			return err
		}
		if err := s.write(ctx, tx, Letter{Kind: FactorSet, Reader: p.Reader.ID, Detail: "A recovery code was used to log in."}); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: p.Reader.ID, Act: RecoveryUsed, Subject: p.Reader.ID})
	})
	if unknown {
		return e, errors.Join(refuse("recovery", "This recovery code is not right, or it has been used. Try the next one on your list."), s.failed(ctx, FactorFailed, p.Reader.ID))
	}
	return e, err
}
