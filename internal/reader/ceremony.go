package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A ceremony is something that a browser has begun, and must answer soon.
type ceremony string

const (
	passkeyAdd   ceremony = "passkey-add"
	passkeyLogin ceremony = "passkey-login"
	totpAdd      ceremony = "totp-add"
)

// CeremonyLife is how long a browser has to answer a challenge.
const CeremonyLife = 5 * time.Minute

// How often one network, and the wider one that it is part of, may ask for a
// challenge. The page where people log in asks for one whenever it is opened.
var (
	challenges       = rate{"challenge-network", time.Second / 2, 300}
	challengesRegion = rate{"challenge-region", time.Second / 10, 1500}
)

// A Party is the paper as passkeys know it (the relying party of WebAuthn):
// they are good at its address and nowhere else.
type Party struct {
	Name string
	URL  string // scheme and host, as a browser shows them
}

// Possible reports whether browsers make passkeys for this address: it must have
// a name, and https unless it is this machine.
func (p Party) Possible() bool {
	u, err := url.Parse(p.URL)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return false
	}
	return u.Scheme == "https" || u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost")
}

func (p Party) webauthn() (*webauthn.WebAuthn, error) {
	if !p.Possible() {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There are no passkeys at this address: it has no name of its own, or no https."}
	}
	u, err := url.Parse(p.URL)
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: p.Name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired, // so that nobody types a name to log in
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationRequired, // so that a passkey is two factors
		},
		// Some keepers of passkeys answer what nobody asked. We read none of it.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return w, nil
}

// A Challenge is what a browser is asked, and what it is known by until it
// answers.
type Challenge struct {
	Options any // for the browser (WebAuthn, 5.1.8 and 5.1.9)
	Browser secret.Token
}

// pose keeps a challenge, as a hash, together with the hash of what only this
// browser holds: who reads the database can answer none.
func (s *Store) pose(ctx context.Context, k ceremony, reader, challenge, browser string, b Browser) (secret.Token, error) {
	t, ok := secret.ParseToken(browser)
	if !ok {
		t = secret.NewToken() // one for all tabs of the browser
	}
	c, ok := secret.ParseToken(challenge)
	if !ok {
		return t, errors.New("a challenge that is not 32 bytes")
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		const said = "Many people log in from your network at this moment. Please try again in a minute."
		if err := s.takeAll(ctx, tx, counted{challengesRegion, b.Region, said}, counted{challenges, b.Network, said}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into ceremony (hash, kind, reader, content, expires) values ($1, $2, $3, $4, $5)`,
			c.Hash().String(), k, reader, t.Hash().String(), db.Time(s.Now().Add(CeremonyLife)))
		return err
	})
	return t, err
}

// errChallenge is what whoever answers no challenge of ours is told.
const errChallenge = "That took too long, or was sent twice. Please try once more."

// consume uses up the challenge that a browser has answered, whatever the
// answer is worth. Of two who answer it at once, one is heard.
func (s *Store) consume(ctx context.Context, k ceremony, reader, challenge, browser string) error {
	late := &problem.Problem{Kind: problem.Invalid, Detail: errChallenge}
	t, ok := secret.ParseToken(browser)
	c, fits := secret.ParseToken(challenge)
	if !ok || !fits {
		return late
	}
	var posed struct {
		kind    ceremony
		reader  string
		expires time.Time
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `delete from ceremony where hash = $1 and content = $2 returning kind, reader, expires`,
			c.Hash().String(), t.Hash().String()).Scan(&posed.kind, &posed.reader, (*db.Time)(&posed.expires))
		if errors.Is(err, sql.ErrNoRows) {
			return late
		}
		return err
	})
	if err != nil {
		return err
	}
	if posed.kind != k || posed.reader != reader || !s.Now().Before(posed.expires) {
		return late
	}
	return nil
}
