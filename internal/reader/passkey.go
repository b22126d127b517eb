package reader

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

const (
	maxPasskeys = 20
	maxAnswer   = 32 << 10 // bytes of what a browser answers
	maxKeyID    = 1023     // bytes of a passkey's id (WebAuthn, 5.8.3)
)

// A Passkey is a key that a reader's telephone, computer or password manager
// keeps, and uses after it has seen to it that this is its owner.
type Passkey struct {
	ID      string
	Name    string
	Synced  bool // its keeper has a copy of it elsewhere
	Used    time.Time
	Created time.Time
}

// Passkeys lists the passkeys of a reader, the oldest first.
func (s *Store) Passkeys(ctx context.Context, reader string) (list []Passkey, err error) {
	held, err := keysOf(ctx, s.DB, reader)
	for _, k := range held {
		list = append(list, k.Passkey)
	}
	return list, err
}

// Passkey returns one passkey of a reader, a Problem if there is none.
func (s *Store) Passkey(ctx context.Context, reader, id string) (Passkey, error) {
	held, err := keysOf(ctx, s.DB, reader)
	for _, k := range held {
		if k.ID == id {
			return k.Passkey, nil
		}
	}
	return Passkey{}, orElse(err, errNoPasskey)
}

func errNoPasskey() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "This passkey has been removed already."}
}

// A heldKey is a passkey with all that is kept of it.
type heldKey struct {
	Passkey
	stored     string
	credential webauthn.Credential
}

func (k *heldKey) into() []any {
	return []any{&k.ID, &k.Name, &k.stored, (*db.Time)(&k.Used), (*db.Time)(&k.Created)}
}

func (k *heldKey) open() error {
	if err := json.Unmarshal([]byte(k.stored), &k.credential); err != nil {
		return fmt.Errorf("read passkey %s: %w", k.ID, err)
	}
	k.Synced = k.credential.Flags.BackupState
	return nil
}

func keysOf(ctx context.Context, q db.Querier, reader string) (list []heldKey, err error) {
	rows, err := q.Query(ctx, `select id, name, credential, used, created
		from passkey
		where reader = $1
		order by created, id`, reader)
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var k heldKey
		if err := rows.Scan(k.into()...); err != nil {
			return nil, fmt.Errorf("list passkeys: %w", err)
		}
		if err := k.open(); err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, rows.Err()
}

// A keyholder is a reader as the library of WebAuthn wants to see one.
type keyholder struct {
	r    Reader
	keys []heldKey
}

// WebAuthnID is the reader's id: it names nobody.
func (h keyholder) WebAuthnID() []byte { return []byte(h.r.ID) }

// WebAuthnName tells two accounts of one person apart.
func (h keyholder) WebAuthnName() string {
	if h.r.Email == "" {
		return h.r.Handle
	}
	return h.r.Email
}

// WebAuthnDisplayName is the reader's name.
func (h keyholder) WebAuthnDisplayName() string { return h.r.Name }

// WebAuthnCredentials are the reader's passkeys.
func (h keyholder) WebAuthnCredentials() []webauthn.Credential {
	var list []webauthn.Credential
	for _, k := range h.keys {
		list = append(list, k.credential)
	}
	return list
}

// AskNewPasskey makes the challenge for a new passkey. browser is what this
// browser is known by, "" for nothing yet.
func (s *Store) AskNewPasskey(ctx context.Context, who Enroller, p Party, browser string, b Browser) (c Challenge, err error) {
	r, _, err := who.enrols(s)
	if err != nil {
		return c, err
	}
	w, err := p.webauthn()
	if err != nil {
		return c, err
	}
	h := keyholder{r: r}
	if h.keys, err = keysOf(ctx, s.DB, r.ID); err != nil {
		return c, err
	}
	if len(h.keys) >= maxPasskeys {
		return c, tooManyPasskeys()
	}
	options, session, err := w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return c, fmt.Errorf("ask for a passkey: %w", err)
	}
	c.Options = options.Response
	c.Browser, err = s.pose(ctx, passkeyAdd, r.ID, session.Challenge, browser, b)
	return c, err
}

func tooManyPasskeys() error {
	return &problem.Problem{Kind: problem.Conflict, Detail: "An account has at most 20 passkeys. Remove one that you no longer use."}
}

// AddPasskey keeps the passkey with which a browser has answered.
func (s *Store) AddPasskey(ctx context.Context, who Enroller, p Party, sh Shown, name string, b Browser) (done Enrolled, err error) {
	r, _, err := who.enrols(s)
	if err != nil {
		return done, err
	}
	if name, err = passkeyName(name, b); err != nil {
		return done, err
	}
	w, err := p.webauthn()
	if err != nil {
		return done, err
	}
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The passkey could not be made. Please try once more."}
	if len(sh.Answer) > maxAnswer {
		return done, bad
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(sh.Answer))
	if err != nil {
		bad.Err = err
		return done, bad
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if err := s.consume(ctx, passkeyAdd, r.ID, challenge, sh.Browser); err != nil {
		return done, err
	}
	credential, err := w.CreateCredential(keyholder{r: r}, webauthn.SessionData{
		Challenge: challenge, UserID: []byte(r.ID), UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil || len(credential.ID) > maxKeyID {
		bad.Err = err
		return done, bad
	}
	// We ask who made a passkey's keeper of nobody, and keep no answer.
	credential.Attestation = webauthn.CredentialAttestation{}
	stored, err := json.Marshal(credential)
	if err != nil {
		return done, fmt.Errorf("keep a passkey: %w", err)
	}
	done, err = s.enrol(ctx, who, b, audit.Entry{Act: PasskeyAdded}, "A passkey was added.", func(tx *db.Tx, r Reader) error {
		w, err := waysOf(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		if w.Passkeys >= maxPasskeys {
			return tooManyPasskeys()
		}
		_, err = tx.Exec(ctx, `insert into passkey (id, reader, name, credential, used, created) values ($1, $2, $3, $4, 0, $5)`,
			keyID(credential.ID), r.ID, name, string(stored), db.Time(s.Now()))
		return err
	})
	if db.IsUnique(err) {
		err = &problem.Problem{Kind: problem.Conflict, Detail: "This passkey is known here already.", Err: err}
	}
	return done, err
}

func keyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// passkeyName is what its owner calls a passkey, or else where it was made.
func passkeyName(name string, b Browser) (string, error) {
	if name == "" {
		if name = Device(b.Agent); name == "" {
			name = "Passkey"
		}
	}
	return cleanName(name)
}

// RenamePasskey gives one of the actor's passkeys another name.
func (s *Store) RenamePasskey(ctx context.Context, a *Actor, id, name string) error {
	if err := s.sure(a); err != nil {
		return err
	}
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `update passkey set name = $1 where id = $2 and reader = $3`, name, id, a.Reader.ID)
		if problem.Is(db.One(res, err), problem.NotFound) {
			return errNoPasskey()
		}
		return err
	})
}

// RemovePasskey makes one of the actor's passkeys open nothing any more.
func (s *Store) RemovePasskey(ctx context.Context, a *Actor, id string) error {
	return s.loseFactor(ctx, a, audit.Entry{Act: PasskeyRemoved}, "A passkey was removed.", func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `delete from passkey where id = $1 and reader = $2`, id, a.Reader.ID)
		if problem.Is(db.One(res, err), problem.NotFound) {
			return errNoPasskey()
		}
		return err
	})
}
