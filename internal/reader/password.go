package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// errWrong is what every log-in that fails is told, whatever is wrong with it.
// It speaks of the letter to everybody: if only those heard it whose account
// waits, anybody could register an address with a password and see by trying it
// whether there is an account already.
const errWrong = "The address or the password is not right. If you have just registered, open the link in our letter first."

func wrongPassword() error {
	return &problem.Problem{Kind: problem.Invalid, Detail: errWrong, Fields: map[string]string{"password": errWrong}}
}

// Login begins a session for whoever knows the password of an address. It
// answers and takes the same whether the address has an account or not.
func (s *Store) Login(ctx context.Context, email string, pw secret.Password, b Browser) (e Entry, err error) {
	if email, err = address(email); err != nil {
		return e, err
	}
	if err := s.Passwords.Room(); err != nil {
		return e, err // before it costs a write
	}
	id, hash, err := s.passwordOf(ctx, email)
	if err != nil {
		return e, err
	}
	if err := s.brakeGuess(ctx, email, id, b); err != nil {
		return e, err
	}
	ok, stale, err := s.Passwords.Check(ctx, pw, hash)
	if err != nil {
		return e, err
	}
	if !ok {
		if err := s.failed(ctx, LoginFailed, id); err != nil {
			return e, err
		}
		return e, wrongPassword()
	}
	renewed := hash
	if stale {
		if renewed, err = s.Passwords.Hash(ctx, pw); err != nil {
			return e, err
		}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		// Taking the row first: a password that was changed since it was read is
		// not let in with.
		res, err := tx.Exec(ctx, `update reader set password = $1 where id = $2 and password = $3 and erased = 0`, string(renewed), id, string(hash))
		if problem.Is(db.One(res, err), problem.NotFound) {
			return wrongPassword()
		}
		if err != nil {
			return err
		}
		if err := s.release(ctx, tx, guesses, email); err != nil {
			return err
		}
		r, err := byID(ctx, tx, id)
		if err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, r, "password", single, b)
		return err
	})
	return e, err
}

// passwordOf finds the hash of an address; "" where there is no account.
func (s *Store) passwordOf(ctx context.Context, email string) (id string, hash secret.PasswordHash, err error) {
	err = s.DB.QueryRow(ctx, `select id, password from reader where email = $1 and email <> '' and erased = 0`, email).Scan(&id, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return id, hash, err
}

// brakeGuess counts a guess before it is looked at, so that a thousand at once
// are not all looked at. The owner on a known browser has a count apart: nobody
// else's guesses lock the owner out, not even those of a neighbour in the same
// network.
func (s *Store) brakeGuess(ctx context.Context, email, id string, b Browser) error {
	known, err := s.knows(ctx, id, b)
	if err != nil {
		return err
	}
	const said = "Too many attempts. Wait a few minutes, or set a new password by mail."
	if known {
		return s.brake(ctx, counted{guessesKnown, b.Known, said})
	}
	return s.brake(ctx, counted{guessesRegion, b.Region, said}, counted{guessesNetwork, b.Network, said}, counted{guesses, email, said})
}

// failed notes an attempt that failed. It costs the same for an account that
// there is not.
func (s *Store) failed(ctx context.Context, act audit.Act, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.note(ctx, tx, audit.Entry{Act: act, Subject: id}) })
}

// Forgot has a letter with a link written to an address, if it has an account.
// It answers and takes the same if it has none.
func (s *Store) Forgot(ctx context.Context, email string, b Browser) error {
	email, err := address(email)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := s.takeAll(ctx, tx, counted{resetsNetwork, b.region(), "Many links were asked for from your network a short while ago. Please try again later."})
		if err != nil {
			return err
		}
		if wait, err := s.take(ctx, tx, resets, email); err != nil || wait > 0 {
			return err // there are letters enough in that mailbox
		}
		return s.write(ctx, tx, Letter{Kind: ResetPassword, Email: email})
	})
}

// MayReset looks whether the link of a letter is good, and changes nothing.
func (s *Store) MayReset(ctx context.Context, token string) error {
	_, _, err := s.link(ctx, s.DB, resetLink, token)
	return err
}

// Reset sets a new password for whoever has the link of the letter. Every
// session ends. It logs nobody in: the second factor is still to be asked for.
func (s *Store) Reset(ctx context.Context, token string, pw secret.Password) error {
	id, _, err := s.link(ctx, s.DB, resetLink, token)
	if err != nil {
		return err
	}
	r, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	if err := s.mayHave(ctx, pw, r); err != nil {
		return err
	}
	hash, err := s.Passwords.Hash(ctx, pw)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, _, err := s.use(ctx, tx, resetLink, token); err != nil {
			return err
		}
		return s.setPassword(ctx, tx, r, hash, "")
	})
}

// setPassword makes hash that of the password, ends all sessions but one and
// forgets the browsers.
func (s *Store) setPassword(ctx context.Context, tx *db.Tx, r Reader, hash secret.PasswordHash, spare string) error {
	res, err := tx.Exec(ctx, `update reader set password = $1 where id = $2 and erased = 0`, string(hash), r.ID)
	if err := db.One(res, err); err != nil {
		return err
	}
	if err := s.endAll(ctx, tx, r.ID, spare); err != nil {
		return err
	}
	if err := forgetDevices(ctx, tx, r.ID, s.Now()); err != nil {
		return err
	}
	if err := s.release(ctx, tx, guesses, r.Email); err != nil {
		return err
	}
	if err := s.write(ctx, tx, Letter{Kind: PasswordSet, Reader: r.ID}); err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{Actor: r.ID, Act: PasswordChanged, Subject: r.ID})
}

// ChangePassword sets the actor's password. One who has a password must have
// proved who this is a short while ago (Actor.Sure).
func (s *Store) ChangePassword(ctx context.Context, a *Actor, pw secret.Password) error {
	if err := s.sure(a); err != nil {
		return err
	}
	if a.Reader.Email == "" {
		return &problem.Problem{Kind: problem.Conflict, Detail: "One logs in with an address and a password, and your account has no address. Add one first."}
	}
	if err := s.mayHave(ctx, pw, a.Reader); err != nil {
		return err
	}
	hash, err := s.Passwords.Hash(ctx, pw)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.setPassword(ctx, tx, a.Reader, hash, a.Session.ID) })
}

// sure refuses an actor whose proof is too old. Faces ask for it before; this
// is for the one that forgets.
func (s *Store) sure(a *Actor) error {
	if a.Sure(s.Now()) {
		return nil
	}
	return &problem.Problem{Kind: problem.Forbidden, Detail: "Show once more that this is you, and try again."}
}

// Prove takes the actor's password as proof that this is still the same person.
func (s *Store) Prove(ctx context.Context, a *Actor, pw secret.Password, b Browser) error {
	if err := s.brakeGuess(ctx, a.Reader.Email, a.Reader.ID, b); err != nil {
		return err
	}
	var hash secret.PasswordHash
	if err := s.DB.QueryRow(ctx, `select password from reader where id = $1`, a.Reader.ID).Scan(&hash); err != nil {
		return fmt.Errorf("read a password: %w", err)
	}
	ok, _, err := s.Passwords.Check(ctx, pw, hash)
	if err != nil {
		return err
	}
	if !ok {
		return errors.Join(refuse("password", "This is not your password."), s.failed(ctx, LoginFailed, a.Reader.ID))
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.prove(ctx, tx, a) })
}

// leaveTime is how long a deletion can be undone.
const leaveTime = 14 * 24 * time.Hour

// Leave is what becomes of a reader's comments.
type Leave string

const (
	KeepComments   Leave = "keep" // they stay, by a "deleted member"
	RemoveComments Leave = "remove"
)
