package reader

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
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
func (a *Actor) Sure(now time.Time) bool { return now.Sub(a.Session.Proved) < ProofLife }

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

// Who returns who holds a token. A token that is unknown, too old or ended is
// nobody. The answer is as fresh as the database.
func (s *Store) Who(ctx context.Context, token string) (v Visitor, err error) {
	t, ok := secret.ParseToken(token)
	if !ok {
		return v, nil
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
		return v, nil
	}
	if err != nil {
		return v, fmt.Errorf("read a session: %w", err)
	}
	now := s.Now()
	if !at.alive(now) || at.Kind == ReaderSession && r.Role.Staff() {
		return v, nil
	}
	if now.Sub(at.Seen) > sight {
		if err := s.see(ctx, at.ID, now); err != nil {
			return v, err
		}
		at.Seen = now
	}
	if at.Kind == PendingSession {
		v.Pending = &Pending{Reader: r, Session: at, Passkeys: passkeys}
	} else {
		v.Actor = &Actor{Reader: r, Session: at, Passkeys: passkeys}
	}
	return v, nil
}

func (at *Session) into() []any {
	return []any{&at.ID, &at.Kind, &at.Way, &at.Device, (*db.Time)(&at.Proved), (*db.Time)(&at.Seen), (*db.Time)(&at.Created)}
}

func (at *Session) alive(now time.Time) bool {
	return now.Sub(at.Seen) < at.Kind.idle() && now.Sub(at.Created) < at.Kind.Life()
}

func (s *Store) see(ctx context.Context, id string, now time.Time) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update session set seen = $1 where id = $2`, db.Time(now), id)
		return err
	})
}

// A Browser is where somebody logs in from.
type Browser struct {
	Agent   string // its User-Agent
	Network string // the network of its address, for the brakes; never stored as it is
	Known   string // the token by which the browser is known, "" for none
	Before  string // the token of the session that it has now, which ends
}

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
	if t, ok := secret.ParseToken(b.Before); ok {
		if _, err := tx.Exec(ctx, `delete from session where hash = $1`, t.Hash().String()); err != nil {
			return e, fmt.Errorf("end the earlier session: %w", err)
		}
	}
	now := db.Time(s.Now())
	_, err = tx.Exec(ctx, `insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, $2, $3, $4, $5, $6, $7, $7, $7)`,
		e.Token.Hash().String(), s.ID(), r.ID, e.Kind, way, Device(b.Agent), now)
	if err != nil {
		return e, fmt.Errorf("begin a session: %w", err)
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

// hasFactor reports whether an account has a second factor.
func hasFactor(ctx context.Context, q db.Querier, r Reader) (has bool, err error) {
	if r.TOTP {
		return true, nil
	}
	err = q.QueryRow(ctx, `select exists (select 1 from passkey where reader = $1)`, r.ID).Scan(&has)
	return has, err
}

// DeviceLife is how long a browser is remembered in which nobody logs in.
const DeviceLife = 365 * 24 * time.Hour

// recognise makes the browser known, and reports whether it is new to an
// account that has known others.
func (s *Store) recognise(ctx context.Context, tx *db.Tx, e *Entry, b Browser) (fresh bool, err error) {
	var others int
	if err := tx.QueryRow(ctx, `select count(*) from (select 1 from device where reader = $1 limit 1) as d`, e.Reader.ID).Scan(&others); err != nil {
		return false, err
	}
	e.Known = secret.NewToken()
	if t, ok := secret.ParseToken(b.Known); ok {
		e.Known = t
	}
	res, err := tx.Exec(ctx, `update device set seen = $1 where reader = $2 and hash = $3`, db.Time(s.Now()), e.Reader.ID, e.Known.Hash().String())
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `insert into device (reader, hash, seen) values ($1, $2, $3)`, e.Reader.ID, e.Known.Hash().String(), db.Time(s.Now()))
	return others > 0, err
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

// upgrade makes a whole session of a pending one: a new token, because the old
// one has less right.
func (s *Store) upgrade(ctx context.Context, tx *db.Tx, p *Pending, b Browser) (Entry, error) {
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

// Logout ends the session of a token, whatever it is.
func (s *Store) Logout(ctx context.Context, token string) error {
	t, ok := secret.ParseToken(token)
	if !ok {
		return nil
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		var reader string
		err := tx.QueryRow(ctx, `delete from session where hash = $1 returning reader`, t.Hash().String()).Scan(&reader)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("log out: %w", err)
		}
		return s.note(ctx, tx, audit.Entry{Actor: reader, Act: LoggedOut, Subject: reader}, SessionsEnded{reader})
	})
}

// EndSession ends one of the actor's own sessions by its id.
func (s *Store) EndSession(ctx context.Context, a *Actor, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `delete from session where id = $1 and reader = $2`, id, a.Reader.ID)
		if problem.Is(db.One(res, err), problem.NotFound) {
			return &problem.Problem{Kind: problem.NotFound, Detail: "This session has ended already."}
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: LoggedOut, Subject: a.Reader.ID, Detail: "another session"}, SessionsEnded{a.Reader.ID})
	})
}

// EndOthers ends all of the actor's sessions but this one.
func (s *Store) EndOthers(ctx context.Context, a *Actor) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := s.endAll(ctx, tx, a.Reader.ID, a.Session.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: LoggedOut, Subject: a.Reader.ID, Detail: "everywhere else"})
	})
}

// endAll ends every session of a reader but one (none is spared when it is ""),
// and what was begun and not finished, and every link that would let in.
func (s *Store) endAll(ctx context.Context, tx *db.Tx, reader, spare string) error {
	for _, query := range []string{
		`delete from session where reader = $1 and id <> $2`,
		`delete from ceremony where reader = $1 and $2 <> '-'`,
		`delete from reader_link where reader = $1 and purpose in ('reset', 'invite') and $2 <> '-'`,
	} {
		if _, err := tx.Exec(ctx, query, reader, spare); err != nil {
			return fmt.Errorf("end the sessions of %s: %w", reader, err)
		}
	}
	return s.tell(ctx, tx, SessionsEnded{reader})
}

// Sweep removes what time has ended. It is a job of every hour.
func (s *Store) Sweep(ctx context.Context) error {
	return errors.Join(s.sweep(ctx), s.sweepLeaving(ctx))
}

func (s *Store) sweep(ctx context.Context) error {
	now := s.Now()
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, old := range []struct {
			query string
			until time.Time
		}{
			{`delete from session where seen < $1`, now.Add(-readerIdle)},
			{`delete from session where kind = 'staff' and seen < $1`, now.Add(-staffLife)},
			{`delete from session where kind = 'pending' and seen < $1`, now.Add(-pendingLife)},
			{`delete from session where created < $1`, now.Add(-readerLife)},
			{`delete from registration where expires < $1`, now},
			{`delete from reader_link where expires < $1`, now},
			{`delete from ceremony where expires < $1`, now},
			{`delete from facebook_deletion where asked < $1`, now.Add(-deletionLife)},
			{`delete from brake where free < $1`, now},
			{`delete from device where seen < $1`, now.Add(-DeviceLife)},
		} {
			if _, err := tx.Exec(ctx, old.query, db.Time(old.until)); err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
		}
		return nil
	})
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
	return strings.Trim(cmp.Or(program, "")+", "+system, ", ")
}
