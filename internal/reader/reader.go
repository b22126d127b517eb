// Package reader holds the people who have an account with the paper.
//
// Staff are readers with a role. An account is known by an address of mail
// that its owner has proved, or by the word of a provider such as Facebook. A
// registration is somebody who has not proved the address yet, and is no
// account. A session is a browser in which somebody is logged in; it is pending
// while the second factor is missing, and a pending session may do nothing else
// than show that.
//
// Passwords are kept as hashes, everything else that opens a door as the hash of
// a random token: who steals the database can log in nowhere. Nothing that this
// package answers tells whether an address has an account.
package reader

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A Store keeps accounts.
type Store struct {
	DB        *db.DB
	Passwords *secret.Passwords
	Keys      *secret.Keyring
	Jobs      *job.Queue
	Audit     *audit.Log
	Blobs     *blob.Folder
	Providers []*Provider   // whose word on who somebody is we take, in the order in which they are offered
	Paper     func() string // the paper's name, which makes a poor password; nil: it has none
	Now       func() time.Time
	ID        func() string

	// Known are what other subjects know of a reader, for the file that the
	// reader may ask for.
	Known []func(ctx context.Context, reader string) ([]Table, error)
	// Forget are how other subjects remove what they keep of a reader whose
	// account is erased, in the same transaction.
	Forget []func(ctx context.Context, tx *db.Tx, who Leaver) error
}

// A Reader is an account.
type Reader struct {
	ID       string
	Email    string // "" when only a provider knows this reader
	Name     string // what others see
	Handle   string // in the address of the profile
	Bio      string
	Portrait string // key of the picture, "" for none
	Language string // "" is the paper's
	Role     Role
	Letters  Letters   // how letters about answers come
	TOTP     bool      // a second factor is set up
	Password bool      // there is one
	Leaving  time.Time // when the account is erased; zero: it stays
	LeaveHow Leave     // what becomes of the comments then
	Erased   bool
	Created  time.Time
}

// Letters are how a reader wants letters about answers and decisions.
type Letters string

const (
	LettersNow   Letters = "now"
	LettersDaily Letters = "daily" // once a day, when there is something
	LettersOff   Letters = "off"
)

// columns are what scan reads, of a reader that a query calls r.
const columns = `r.id, r.email, r.name, r.handle, r.bio, r.portrait, r.language, r.role, r.letters,
	r.totp <> '', r.password <> '', r.leaving, r.leave_how, r.erased > 0, r.created`

// into lists where the columns go.
func (r *Reader) into() []any {
	return []any{
		&r.ID, &r.Email, &r.Name, &r.Handle, &r.Bio, &r.Portrait, &r.Language, &r.Role, &r.Letters,
		&r.TOTP, &r.Password, (*db.Time)(&r.Leaving), &r.LeaveHow, &r.Erased, (*db.Time)(&r.Created),
	}
}

// errNobody is the answer where an account does not exist, or no more.
const errNobody = "There is no such member."

// ByID returns an account, a Problem if there is none.
func (s *Store) ByID(ctx context.Context, id string) (r Reader, err error) {
	return byID(ctx, s.DB, id)
}

// Get is ByID for who is in a transaction, which must not wait for a connection
// beside its own.
func (s *Store) Get(ctx context.Context, tx *db.Tx, id string) (Reader, error) {
	return byID(ctx, tx, id)
}

func byID(ctx context.Context, q db.Querier, id string) (r Reader, err error) {
	err = q.QueryRow(ctx, `select `+columns+` from reader as r where r.id = $1 and r.erased = 0`, id).Scan(r.into()...)
	return r, db.Found(err, errNobody)
}

// ByHandle returns the account of a profile, a Problem if there is none.
func (s *Store) ByHandle(ctx context.Context, handle string) (r Reader, err error) {
	err = s.DB.QueryRow(ctx, `select `+columns+` from reader as r where r.handle = $1 and r.erased = 0`, handle).Scan(r.into()...)
	return r, db.Found(err, errNobody)
}

// ByEmail returns the account of an address, a Problem if there is none. It is
// for the command line: a face that asked it would tell who has an account.
func (s *Store) ByEmail(ctx context.Context, email string) (Reader, error) {
	return byEmail(ctx, s.DB, normal(email))
}

func byEmail(ctx context.Context, q db.Querier, email string) (r Reader, err error) {
	err = q.QueryRow(ctx, `select `+columns+` from reader as r where r.email = $1 and r.email <> '' and r.erased = 0`, email).Scan(r.into()...)
	return r, db.Found(err, errNobody)
}

// lock reads an account and makes others who change it wait: two who take away
// its last two ways in at once must not both succeed.
func lock(ctx context.Context, tx *db.Tx, id string) (r Reader, err error) {
	res, err := tx.Exec(ctx, `update reader set created = created where id = $1 and erased = 0`, id)
	if problem.Is(db.One(res, err), problem.NotFound) {
		return r, &problem.Problem{Kind: problem.NotFound, Detail: errNobody}
	}
	if err != nil {
		return r, err
	}
	return byID(ctx, tx, id)
}

// New is an account to be.
type New struct {
	Email    string // "" where only a provider knows the reader
	Name     string
	Language string
	Role     Role
	Password secret.Password // "" for none
}

// Add stores an account whose address nobody has to prove: the command line's
// and the demo's.
func (s *Store) Add(ctx context.Context, n New) (id string, err error) {
	if n.Name, err = cleanName(n.Name); err != nil {
		return "", err
	}
	if n.Email, err = address(n.Email); err != nil {
		return "", err
	}
	if !n.Role.known() {
		return "", refuse("role", fmt.Sprintf("There is no role %q.", n.Role))
	}
	var hash secret.PasswordHash
	if n.Password != "" {
		if err := CheckPassword(n.Password, s.about(n.Email, n.Name)...); err != nil {
			return "", err
		}
		if hash, err = s.Passwords.Hash(ctx, n.Password); err != nil {
			return "", err
		}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if id, err = s.insert(ctx, tx, n, hash); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: audit.Console, Act: Joined, Subject: id, Detail: string(n.Role)})
	})
	if db.IsUnique(err) {
		return "", &problem.Problem{Kind: problem.Conflict, Detail: "There is an account with the address " + n.Email + " already.", Err: err}
	}
	if err != nil && problem.Of(err) == nil {
		return "", fmt.Errorf("add an account: %w", err)
	}
	return id, err
}

// insert adds the row of a reader. The handle is made from the name.
func (s *Store) insert(ctx context.Context, tx *db.Tx, n New, hash secret.PasswordHash) (id string, err error) {
	id = s.ID()
	for range handleTries {
		handle, err := s.freeHandle(ctx, tx, n.Name)
		if err != nil {
			return "", err
		}
		res, err := tx.Exec(ctx, `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
			values ($1, $2, $3, $4, '', '', $5, $6, $7, '', 0, 'now', 0, '', 0, $8)
			on conflict (handle) do nothing`,
			id, n.Email, n.Name, handle, n.Language, n.Role, string(hash), db.Time(s.Now()))
		// On PostgreSQL somebody of the same name may have got the handle since we
		// looked.
		if err := db.One(res, err); !problem.Is(err, problem.NotFound) {
			return id, err
		}
	}
	return "", fmt.Errorf("no handle stays free for %q", n.Name)
}

// handleTries is how often a handle is looked for that nobody takes meanwhile.
const handleTries = 20

// Changed is the fact that what others see of a reader is not what it was.
type Changed struct{ ID string }

// EventKind is "reader.changed".
func (Changed) EventKind() string { return "reader.changed" }

// EventSubject is the reader's id.
func (c Changed) EventSubject() string { return c.ID }

// SessionsEnded is the fact that a reader is logged out somewhere.
type SessionsEnded struct{ ID string }

// EventKind is "reader.sessions-ended".
func (SessionsEnded) EventKind() string { return "reader.sessions-ended" }

// EventSubject is the reader's id.
func (e SessionsEnded) EventSubject() string { return e.ID }

// Erased is the fact that an account is gone.
type Erased struct{ ID string }

// EventKind is "reader.erased".
func (Erased) EventKind() string { return "reader.erased" }

// EventSubject is the reader's id.
func (e Erased) EventSubject() string { return e.ID }

// Tag is that of every page that shows a reader.
func Tag(id string) string { return "reader:" + id }

// note writes what was done into the audit log, and tells others of the facts.
func (s *Store) note(ctx context.Context, tx *db.Tx, e audit.Entry, facts ...event.Fact) error {
	if len(facts) > 0 {
		if err := event.Record(ctx, tx, facts...); err != nil {
			return err
		}
	}
	return s.Audit.Add(ctx, tx, e)
}

// refuse is the Problem of one field of a form.
func refuse(field, detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{field: detail}}
}
