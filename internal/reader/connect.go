package reader

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// An Aim is what somebody goes to a provider for.
type Aim string

const (
	ToLogin   Aim = "login"   // to log in, or to make an account
	ToConnect Aim = "connect" // to have one more way into an account
	ToProve   Aim = "prove"   // to show once more that this is the same person
)

// ConnectLife is how long somebody may be away at a provider.
const ConnectLife = 10 * time.Minute

// Going is somebody who is about to go to a provider.
type Going struct {
	Provider string // its slug
	Callback string // the whole address to which the provider sends back
	Aim      Aim
	Actor    *Actor // nil for ToLogin
	Language string
	Next     string // where to go on afterwards
	Bound    string // the browser's cookie, "" for none yet
}

// Gone is what is to be done with a browser that goes to a provider.
type Gone struct {
	Provider *Provider
	Address  string       // where it is sent
	Bound    secret.Token // what it keeps, and shows when it comes back
}

// An errand is what we remember of somebody who has gone to a provider. It
// holds nothing that would let in: its key is the hash of the state, the browser
// is a hash, and what proves the code is made from what the browser keeps.
type errand struct {
	Provider string `json:"provider"`
	Browser  string `json:"browser"`
	Aim      Aim    `json:"aim"`
	Session  string `json:"session,omitempty"`
	Language string `json:"language,omitempty"`
	Next     string `json:"next,omitempty"`

	reader string
	begun  time.Time
}

// GoToProvider begins an errand. Who goes to connect must have proved a short
// while ago who this is.
func (s *Store) GoToProvider(ctx context.Context, g Going, b Browser) (to Gone, err error) {
	if to.Provider, err = s.Provider(g.Provider); err != nil {
		return to, err
	}
	c := errand{Provider: g.Provider, Aim: g.Aim, Language: g.Language, Next: g.Next}
	if g.Aim != ToLogin {
		if g.Aim == ToConnect {
			if err := s.sure(g.Actor); err != nil {
				return to, err
			}
		}
		c.reader, c.Session = g.Actor.Reader.ID, g.Actor.Session.ID
	}
	// One cookie serves several windows: each has a state of its own.
	var ok bool
	if to.Bound, ok = secret.ParseToken(g.Bound); !ok {
		to.Bound = secret.NewToken()
	}
	c.Browser = to.Bound.Hash().String()
	at := call{callback: g.Callback, state: secret.NewToken(), bound: to.Bound, again: g.Aim == ToProve}
	// Counted first: a provider that is down would else fill the audit log.
	if err := s.brakeConnect(ctx, b); err != nil {
		return to, err
	}
	if to.Address, err = to.Provider.talk.begin(ctx, at); err != nil {
		return to, s.blame(ctx, g.Provider, c.reader, err)
	}
	content, err := json.Marshal(c)
	if err != nil {
		return to, err
	}
	return to, s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err = tx.Exec(ctx, `insert into ceremony (hash, kind, reader, content, expires) values ($1, 'connect', $2, $3, $4)`,
			at.state.Hash().String(), c.reader, string(content), db.Time(s.Now().Add(ConnectLife)))
		if err != nil {
			return fmt.Errorf("begin a connection: %w", err)
		}
		return nil
	})
}

func (s *Store) brakeConnect(ctx context.Context, b Browser) error {
	const said = "Too many attempts from your network. Please try again later."
	return s.brake(ctx, counted{connectsRegion, b.Region, said}, counted{connects, b.Network, said})
}

// An Arrival is somebody who has come back from a provider.
type Arrival struct {
	Provider *Provider
	Aim      Aim   // what they went for, also where that has failed
	Entry    Entry // ToLogin: the session that has begun
	New      bool  // and the account with it
	Next     string
}

// ComeBack ends the errand of a browser that a provider has sent back, and
// does what it was begun for. Where it fails nothing has changed, but that the
// errand is over.
func (s *Store) ComeBack(ctx context.Context, a Answered, b Browser) (arrived Arrival, err error) {
	if arrived.Provider, err = s.Provider(a.Provider); err != nil {
		return arrived, err
	}
	c, at, err := s.endErrand(ctx, a)
	arrived.Aim, arrived.Next = c.Aim, c.Next
	if err != nil {
		return arrived, s.blame(ctx, a.Provider, c.reader, err)
	}
	who, err := s.hear(ctx, arrived.Provider, at, a)
	if err != nil {
		return arrived, s.blame(ctx, a.Provider, c.reader, err)
	}
	switch c.Aim {
	case ToLogin:
		arrived.Entry, arrived.New, err = s.admit(ctx, arrived.Provider, who, c, b, a.Nameless)
	case ToConnect:
		err = s.attach(ctx, arrived.Provider, who, c)
	case ToProve:
		err = s.proveBy(ctx, who, c)
	default:
		err = fmt.Errorf("an errand is for %q", c.Aim)
	}
	return arrived, s.blame(ctx, a.Provider, c.reader, err)
}

// endErrand takes an errand out of the database: of two who come with one
// state, one has it. It must have been begun in this browser, with the provider
// whose address was called.
func (s *Store) endErrand(ctx context.Context, a Answered) (c errand, at call, err error) {
	over := &problem.Problem{Kind: problem.Gone, Detail: "This way to log in has been used, is too old, or was begun in another browser. Nothing was changed. Begin again."}
	var ok bool
	if at.state, ok = secret.ParseToken(a.State); !ok {
		return c, at, over
	}
	var content string
	var expires time.Time
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `delete from ceremony where hash = $1 and kind = 'connect' returning reader, content, expires`, at.state.Hash().String()).
			Scan(&c.reader, &content, (*db.Time)(&expires))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return c, at, over
	}
	if err != nil {
		return c, at, fmt.Errorf("end a connection: %w", err)
	}
	if err := json.Unmarshal([]byte(content), &c); err != nil {
		return c, at, fmt.Errorf("end a connection: %w", err)
	}
	c.begun = expires.Add(-ConnectLife)
	if !expires.After(s.Now()) {
		return c, at, over
	}
	at.callback, at.again = a.Callback, c.Aim == ToProve
	at.bound, ok = secret.ParseToken(a.Bound)
	switch {
	case !ok || !hmac.Equal([]byte(at.bound.Hash().String()), []byte(c.Browser)):
		over.Err = failure{"another browser", nil}
		return c, at, over
	case c.Provider != a.Provider:
		return c, at, untrue("another provider's answer", nil)
	}
	return c, at, nil
}

// hear asks the provider who it has sent back.
func (s *Store) hear(ctx context.Context, p *Provider, at call, a Answered) (who persona, err error) {
	switch {
	case a.Error == "access_denied", a.Error == "user_cancelled_authorize": // the second is Apple's
		return who, &problem.Problem{Kind: problem.Forbidden, Detail: errDenied}
	case a.Error != "" || a.Code == "":
		return who, away("the provider tells of an error", nil)
	}
	return p.talk.finish(ctx, at, a)
}

// blame notes in the audit log why somebody's way over a provider has failed,
// where that may be an attack, and returns the error.
func (s *Store) blame(ctx context.Context, provider, reader string, err error) error {
	var f failure
	if !errors.As(err, &f) {
		return err
	}
	ctx = context.WithoutCancel(ctx) // the reader may have left; what happened has happened
	noted := s.DB.Tx(ctx, func(tx *db.Tx) error {
		return s.note(ctx, tx, audit.Entry{Actor: reader, Act: ConnectFailed, Subject: reader, Detail: provider + ": " + f.reason})
	})
	return errors.Join(err, noted)
}

// errRaced says that somebody else was a moment faster.
var errRaced = errors.New("reader: the identity was taken meanwhile")

// attempts is how often a new account is tried to be made when others are made
// at the same moment with the same name or for the same person.
const attempts = 12
