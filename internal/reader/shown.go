package reader

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// PasskeyCopied is in the audit log when a passkey's counter goes back: there
// are two of it.
const PasskeyCopied audit.Act = "reader.passkey-copied"

// errPasskey is what whoever shows a passkey that opens nothing is told.
const errPasskey = "This passkey does not open an account here. It may have been removed: choose another one, or another way."

// AskPasskey makes the challenge for who logs in, whoever that will be; for who
// has logged in, wholly or not, it asks for one of their own passkeys.
func (s *Store) AskPasskey(ctx context.Context, v Visitor, p Party, browser string, b Browser) (c Challenge, err error) {
	w, err := p.webauthn()
	if err != nil {
		return c, err
	}
	var h keyholder
	switch {
	case v.Actor != nil:
		h.r = v.Actor.Reader
	case v.Pending != nil:
		h.r = v.Pending.Reader
	}
	var options *protocol.CredentialAssertion
	var session *webauthn.SessionData
	if h.r.ID == "" {
		options, session, err = w.BeginDiscoverableLogin()
	} else {
		if h.keys, err = keysOf(ctx, s.DB, h.r.ID); err != nil {
			return c, err
		}
		if len(h.keys) == 0 {
			return c, &problem.Problem{Kind: problem.Conflict, Detail: "Your account has no passkey."}
		}
		options, session, err = w.BeginLogin(h)
	}
	if err != nil {
		return c, fmt.Errorf("ask for a passkey: %w", err)
	}
	c.Options = options.Response
	c.Browser, err = s.pose(ctx, passkeyLogin, h.r.ID, session.Challenge, browser, b)
	return c, err
}

// A Shown is a passkey that a browser shows, as it was sent.
type Shown struct {
	Answer  string
	Browser string // what the browser is known by
}

// shown checks the passkey with which a browser has answered a challenge, and
// returns whose it is. It has to be reader's, unless that is "".
func (s *Store) shown(ctx context.Context, p Party, reader string, sh Shown) (r Reader, k heldKey, err error) {
	w, err := p.webauthn()
	if err != nil {
		return r, k, err
	}
	wrong := &problem.Problem{Kind: problem.Invalid, Detail: errPasskey}
	if len(sh.Answer) > maxAnswer {
		return r, k, wrong
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(sh.Answer))
	if err != nil {
		wrong.Err = err
		return r, k, wrong
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if err := s.consume(ctx, passkeyLogin, reader, challenge, sh.Browser); err != nil {
		return r, k, err
	}
	err = s.DB.QueryRow(ctx, `select p.id, p.name, p.credential, p.used, p.created, `+columns+`
		from passkey as p
		join reader as r on r.id = p.reader
		where p.id = $1 and r.erased = 0`, keyID(parsed.RawID)).Scan(append(k.into(), r.into()...)...)
	if errors.Is(err, sql.ErrNoRows) || err == nil && reader != "" && r.ID != reader {
		return Reader{}, k, errors.Join(wrong, s.failed(ctx, FactorFailed, reader))
	}
	if err != nil {
		return r, k, fmt.Errorf("read a passkey: %w", err)
	}
	if err := k.open(); err != nil {
		return r, k, err
	}
	if reader == "" && len(parsed.Response.UserHandle) == 0 {
		return r, k, errors.Join(wrong, s.failed(ctx, FactorFailed, r.ID))
	}
	credential, err := w.ValidateLogin(keyholder{r, []heldKey{k}}, webauthn.SessionData{
		Challenge: challenge, UserID: []byte(r.ID), UserVerification: protocol.VerificationRequired,
	}, parsed)
	if err != nil {
		wrong.Err = err
		return r, k, errors.Join(wrong, s.failed(ctx, FactorFailed, r.ID))
	}
	if credential.Authenticator.CloneWarning {
		return r, k, errors.Join(&problem.Problem{
			Kind: problem.Forbidden, Detail: "This passkey may have been copied, and is not taken any more. Log in another way and remove it.",
		}, s.failed(ctx, PasskeyCopied, r.ID))
	}
	k.credential = *credential
	return r, k, nil
}

// mark notes that a passkey was used, with its counter. One whose counter was
// moved by somebody else meanwhile is not taken.
func (s *Store) mark(ctx context.Context, tx *db.Tx, k heldKey) error {
	now, err := json.Marshal(k.credential)
	if err != nil {
		return fmt.Errorf("keep a passkey: %w", err)
	}
	res, err := tx.Exec(ctx, `update passkey set credential = $1, used = $2 where id = $3 and credential = $4`, string(now), db.Time(s.Now()), k.ID, k.stored)
	if problem.Is(db.One(res, err), problem.NotFound) {
		return &problem.Problem{Kind: problem.Invalid, Detail: errChallenge}
	}
	return err
}

// LoginPasskey begins the session of whoever's passkey it is. It has verified
// its user, and so is two factors by itself.
func (s *Store) LoginPasskey(ctx context.Context, p Party, sh Shown, b Browser) (e Entry, err error) {
	r, k, err := s.shown(ctx, p, "", sh)
	if err != nil {
		return e, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.mark(ctx, tx, k); err != nil {
			return err
		}
		if r, err = byID(ctx, tx, r.ID); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, r, "passkey", double, b)
		return err
	})
	return e, err
}

// PasskeyFactor makes a whole session of a pending one with a passkey.
func (s *Store) PasskeyFactor(ctx context.Context, pending *Pending, p Party, sh Shown, b Browser) (e Entry, err error) {
	_, k, err := s.shown(ctx, p, pending.Reader.ID, sh)
	if err != nil {
		return e, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.mark(ctx, tx, k); err != nil {
			return err
		}
		e, err = s.upgrade(ctx, tx, pending, b)
		return err
	})
	return e, err
}

// ProvePasskey takes one of the actor's passkeys as proof that this is still
// the same person.
func (s *Store) ProvePasskey(ctx context.Context, a *Actor, p Party, sh Shown) error {
	_, k, err := s.shown(ctx, p, a.Reader.ID, sh)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.mark(ctx, tx, k); err != nil {
			return err
		}
		return s.prove(ctx, tx, a)
	})
}
