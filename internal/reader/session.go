package reader

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/secret"
)

// A Kind is what sort of credential a session is. They are not
// interchangeable: a route names those that it takes (SECURITY D2).
type Kind string

const (
	PendingSession Kind = "pending" // the password was right, the second factor is missing
	ReaderSession  Kind = "reader"
	StaffSession   Kind = "staff"
)

// How long sessions live: unused, and at all (SECURITY §2).
const (
	pendingLife = 15 * time.Minute
	readerIdle  = 30 * 24 * time.Hour
	readerLife  = 180 * 24 * time.Hour
	staffIdle   = time.Hour
	staffLife   = 24 * time.Hour

	// ProofLife is how long a log-in counts as proof for what is dangerous:
	// changing the address, the second factor, roles.
	ProofLife = 10 * time.Minute

	// sight is how exactly it is kept when a session was last used.
	sight = time.Minute

	// skew is how far two clocks may differ, of nodes or of a provider. What is further in the
	// future than that was written by a clock that was wrong, and proves nothing.
	skew = 5 * time.Minute

	// maxSessions is in how many browsers one reader may be logged in; the
	// oldest session ends for one more.
	maxSessions = 100
)

// Life is how long a browser may keep the token of a session of this kind.
func (k Kind) Life() time.Duration {
	switch k {
	case ReaderSession:
		return readerLife
	case StaffSession:
		return staffLife
	default:
		return pendingLife
	}
}

func (k Kind) idle() time.Duration {
	switch k {
	case ReaderSession:
		return readerIdle
	case StaffSession:
		return staffIdle
	default:
		return pendingLife
	}
}

// SessionCookie is where a browser keeps the token of its session. Every face
// reads it; the one that logs people in sets it.
const SessionCookie = "session"

// A Session is a browser in which somebody is logged in, as its owner sees it.
type Session struct {
	ID      string // no secret: it names the session in lists
	Kind    Kind
	Way     string // how the reader came in: "password", "passkey", a provider's name
	Device  string // "Firefox, Linux"
	Proved  time.Time
	Seen    time.Time
	Created time.Time
}

// An Actor is somebody who is logged in with all that the account asks for.
// Only Who makes one.
type Actor struct {
	Reader   Reader
	Session  Session
	Passkeys bool // the account has passkeys
}

// May reports whether the actor may do p.
func (a *Actor) May(p Permission) bool { return a != nil && a.Reader.Role.May(p) }

// Sure reports whether the actor has proved who this is a short while ago.
func (a *Actor) Sure(now time.Time) bool { return within(now, a.Session.Proved, ProofLife) }

// within reports whether then was less than life ago.
func within(now, then time.Time, life time.Duration) bool {
	age := now.Sub(then)
	return age < life && age > -skew
}

// A Pending is somebody whose second factor is missing.
type Pending struct {
	Reader   Reader
	Session  Session
	Passkeys bool // the account has passkeys
}

// Enrol reports whether there is no second factor yet, and one must be set up.
func (p *Pending) Enrol() bool { return !p.Reader.TOTP && !p.Passkeys }

// A Visitor is who asks: nobody who is known, or one of the two.
type Visitor struct {
	Actor   *Actor
	Pending *Pending
}

// Who returns who holds a token, and notes that the session is in use. A token
// that is unknown, too old or ended is nobody. The answer is as fresh as the
// database.
func (s *Store) Who(ctx context.Context, token string) (v Visitor, err error) {
	v, at, err := s.look(ctx, token)
	if err != nil || at == nil || s.Now().Sub(at.Seen) <= sight {
		return v, err
	}
	at.Seen = s.Now()
	return v, s.see(ctx, at.ID, at.Seen)
}

// Look is Who for what asks by itself, such as a page that is open: it is no
// use of the session, or an open page would keep it alive for ever.
func (s *Store) Look(ctx context.Context, token string) (Visitor, error) {
	v, _, err := s.look(ctx, token)
	return v, err
}

// look returns the session of a visitor too, nil for nobody.
func (s *Store) look(ctx context.Context, token string) (v Visitor, session *Session, err error) {
	t, ok := secret.ParseToken(token)
	if !ok {
		return v, nil, nil
	}
	var r Reader
	var at Session
	var passkeys bool
	err = s.DB.QueryRow(ctx, `select s.id, s.kind, s.way, s.device, s.proved, s.seen, s.created,
			exists (select 1 from passkey as p where p.reader = s.reader), `+columns+`
		from session as s
		join reader as r on r.id = s.reader
		where s.hash = $1 and r.erased = 0`, t.Hash().String()).
		Scan(append(append(at.into(), &passkeys), r.into()...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return v, nil, nil
	}
	if err != nil {
		return v, nil, fmt.Errorf("read a session: %w", err)
	}
	if !at.alive(s.Now()) || at.Kind == ReaderSession && r.Role.Staff() {
		return v, nil, nil
	}
	if at.Kind == PendingSession {
		v.Pending = &Pending{Reader: r, Session: at, Passkeys: passkeys}
		return v, &v.Pending.Session, nil
	}
	v.Actor = &Actor{Reader: r, Session: at, Passkeys: passkeys}
	return v, &v.Actor.Session, nil
}

func (at *Session) into() []any {
	return []any{&at.ID, &at.Kind, &at.Way, &at.Device, (*db.Time)(&at.Proved), (*db.Time)(&at.Seen), (*db.Time)(&at.Created)}
}

func (at *Session) alive(now time.Time) bool {
	return within(now, at.Seen, at.Kind.idle()) && within(now, at.Created, at.Kind.Life())
}

func (s *Store) see(ctx context.Context, id string, now time.Time) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update session set seen = $1 where id = $2 and seen < $1`, db.Time(now), id)
		return err
	})
}

// A Browser is where somebody logs in from.
type Browser struct {
	Agent   string // its User-Agent
	Network string // the network of its address, for the brakes; never stored as it is
	Region  string // the wider network that this one is part of; "" is unknown
	Known   string // the token by which the browser is known, "" for none
	Before  string // the token of the session that it has now, which ends
}

// region is the wider network of a browser, or the only one that is known.
func (b Browser) region() string { return cmp.Or(b.Region, b.Network) }

// An Entry is a session that has begun, and what the browser is to keep of it.
type Entry struct {
	Reader Reader
	Kind   Kind
	Token  secret.Token // of the session
	Known  secret.Token // by which the browser is known from now on
	Next   string       // where the reader was going, where that is known
}

// proof is how well somebody has proved who this is.
type proof int

const (
	single proof = iota // one factor: a password, a provider's word
	double              // two: a passkey that verified its user, or both
)

// enter begins a session for a reader who has proved who this is, and ends the
// one that the browser had. It is pending when the account asks for more.
func (s *Store) enter(ctx context.Context, tx *db.Tx, r Reader, way string, p proof, b Browser) (e Entry, err error) {
	// Those who begin and those who end the sessions of a reader wait for one
	// another: on PostgreSQL, who ends them all would not see the one that begins
	// just now, and spare it. And the role may have changed while we waited.
	if r, err = lock(ctx, tx, r.ID); err != nil {
		return e, err
	}
	e = Entry{Reader: r, Kind: ReaderSession, Token: secret.NewToken()}
	has, err := hasFactor(ctx, tx, r)
	if err != nil {
		return e, err
	}
	switch {
	case p == single && (has || r.Role.Staff()):
		e.Kind = PendingSession
	case r.Role.Staff():
		e.Kind = StaffSession
	}
	if err := s.endBefore(ctx, tx, b); err != nil {
		return e, err
	}
	now := db.Time(s.Now())
	_, err = tx.Exec(ctx, `insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, $2, $3, $4, $5, $6, $7, $7, $7)`,
		e.Token.Hash().String(), s.ID(), r.ID, e.Kind, way, Device(b.Agent), now)
	if err != nil {
		return e, fmt.Errorf("begin a session: %w", err)
	}
	_, err = tx.Exec(ctx, `delete from session
		where reader = $1 and id not in (select id from session where reader = $1 order by created desc, id desc limit $2)`, r.ID, maxSessions)
	if err != nil {
		return e, fmt.Errorf("end the oldest session: %w", err)
	}
	if e.Kind == PendingSession {
		return e, nil
	}
	fresh, err := s.recognise(ctx, tx, &e, b)
	if err != nil {
		return e, err
	}
	if fresh {
		// A new device is never silent (SECURITY D10).
		if err := s.write(ctx, tx, Letter{Kind: NewDevice, Reader: r.ID, Detail: Device(b.Agent)}); err != nil {
			return e, err
		}
	}
	return e, s.note(ctx, tx, audit.Entry{Actor: r.ID, Act: LoggedIn, Subject: r.ID, Detail: way})
}

// endBefore ends the session that the browser has had, whosever it is; the
// pages that are open in it are told.
func (s *Store) endBefore(ctx context.Context, tx *db.Tx, b Browser) error {
	t, ok := secret.ParseToken(b.Before)
	if !ok {
		return nil
	}
	var reader string
	err := tx.QueryRow(ctx, `delete from session where hash = $1 returning reader`, t.Hash().String()).Scan(&reader)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end the earlier session: %w", err)
	}
	return s.tell(ctx, tx, SessionsEnded{reader})
}

// hasFactor reports whether an account has a second factor.
func hasFactor(ctx context.Context, q db.Querier, r Reader) (has bool, err error) {
	if r.TOTP {
		return true, nil
	}
	err = q.QueryRow(ctx, `select exists (select 1 from passkey where reader = $1)`, r.ID).Scan(&has)
	return has, err
}

// upgrade makes a whole session of a pending one: a new token, because the old
// one has less right.
func (s *Store) upgrade(ctx context.Context, tx *db.Tx, p *Pending, b Browser) (Entry, error) {
	// First the reader, then the session, as whoever ends them all does.
	if _, err := lock(ctx, tx, p.Reader.ID); err != nil {
		return Entry{}, err
	}
	res, err := tx.Exec(ctx, `delete from session where id = $1 and kind = 'pending'`, p.Session.ID)
	if err := db.One(res, err); err != nil {
		return Entry{}, err
	}
	b.Before = ""
	return s.enter(ctx, tx, p.Reader, p.Session.Way, double, b)
}

// prove notes that the actor has proved once more who this is.
func (s *Store) prove(ctx context.Context, tx *db.Tx, a *Actor) error {
	res, err := tx.Exec(ctx, `update session set proved = $1 where id = $2`, db.Time(s.Now()), a.Session.ID)
	if err := db.One(res, err); err != nil {
		return err
	}
	return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: ProvedAgain, Subject: a.Reader.ID})
}

// Sessions lists where a reader is logged in, the latest first.
func (s *Store) Sessions(ctx context.Context, reader string) (list []Session, err error) {
	rows, err := s.DB.Query(ctx, `select s.id, s.kind, s.way, s.device, s.proved, s.seen, s.created
		from session as s
		where s.reader = $1 and s.kind <> 'pending'
		order by s.seen desc, s.id desc
		limit 100`, reader)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var at Session
		if err := rows.Scan(at.into()...); err != nil {
			return nil, fmt.Errorf("list sessions: %w", err)
		}
		if at.alive(s.Now()) {
			list = append(list, at)
		}
	}
	return list, rows.Err()
}
