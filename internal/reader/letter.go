package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A LetterKind is what a letter is about.
type LetterKind string

const (
	Confirm       LetterKind = "confirm"        // an address is to be proved: a link
	AlreadyMember LetterKind = "already-member" // somebody registers an address that has an account
	ResetPassword LetterKind = "reset"          // a link to set a new password
	PasswordSet   LetterKind = "password"       // the password was changed
	ConfirmEmail  LetterKind = "email"          // to the new address: a link that makes it the account's
	EmailTaken    LetterKind = "email-taken"    // to the new address: it has an account
	EmailWasSet   LetterKind = "email-changed"  // to the old address: a link that undoes it
	NewDevice     LetterKind = "device"         // somebody logged in from a browser that is new
	FactorSet     LetterKind = "factor"         // a second factor or a passkey was added or removed
	ConnectionSet LetterKind = "connection"     // a provider was connected or disconnected
	Invite        LetterKind = "invite"         // to staff: a link that sets up the account
	Alerts        LetterKind = "alerts"         // an invitation to the news alerts
	ExportReady   LetterKind = "export"         // a link to all that we know of a reader
	LeaveBegins   LetterKind = "leaving"        // the account will be erased: a link that undoes it
)

// LetterJob is the kind of the jobs that write letters. They have a lane of
// their own: a newsletter must not keep them waiting.
const LetterJob = "letter.send"

// A Letter is a letter that is to be written. It holds no token: those are made
// when it is, so that the database never holds one.
type Letter struct {
	Kind   LetterKind
	Reader string    // its id; "" for who has no account
	Email  string    // the address it goes to; "" is the reader's
	Detail string    // what happened, such as the browser that is new
	At     time.Time // when it happened; write knows
}

// A Post is what a letter says, for the face that sets it.
type Post struct {
	Kind     LetterKind
	To       string
	Language string // "" is the paper's
	Detail   string
	Token    secret.Token // of the link in it; the zero Token for none
	Life     time.Duration
	At       time.Time
}

// How long links are good.
const (
	ConfirmLife = 24 * time.Hour
	resetLife   = 30 * time.Minute
	emailLife   = 24 * time.Hour
	undoLife    = 14 * 24 * time.Hour
	inviteLife  = 72 * time.Hour
	alertsLife  = 30 * 24 * time.Hour
	exportLife  = 3 * 24 * time.Hour
)

// links says which letters carry a link, what it is for and how long it is good.
var links = map[LetterKind]struct {
	purpose purpose
	life    time.Duration
}{
	ResetPassword: {resetLink, resetLife},
	ConfirmEmail:  {emailLink, emailLife},
	EmailWasSet:   {emailUndoLink, undoLife},
	Invite:        {inviteLink, inviteLife},
	Alerts:        {alertsLink, alertsLife},
	ExportReady:   {exportLink, exportLife},
	LeaveBegins:   {leaveUndoLink, leaveTime},
}

// write has a letter written once tx is kept.
func (s *Store) write(ctx context.Context, tx *db.Tx, l Letter) error {
	l.At = s.Now()
	return s.Jobs.Add(ctx, tx, LetterJob, time.Time{}, l)
}

// tell tells others of facts, without a row in the audit log.
func (s *Store) tell(ctx context.Context, tx *db.Tx, facts ...event.Fact) error {
	return event.Record(ctx, tx, facts...)
}

// Compose makes what a letter says, with a new token where it has a link. It is
// nil when there is nothing to say any more: the account is gone, the address
// has none. Composing a letter again makes the earlier link useless.
func (s *Store) Compose(ctx context.Context, l Letter) (p *Post, err error) {
	if l.Kind == Confirm {
		return s.composeConfirm(ctx, l)
	}
	if l.At.IsZero() {
		l.At = s.Now()
	}
	r, err := s.addressee(ctx, l)
	if problem.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if l.Kind == ConfirmEmail {
		if p, err := s.composeTaken(ctx, l, r); p != nil || err != nil {
			return p, err
		}
	}
	p = &Post{Kind: l.Kind, To: l.Email, Language: r.Language, Detail: l.Detail, At: l.At}
	if p.To == "" {
		p.To = r.Email
	}
	if p.To == "" {
		return nil, nil // a provider knows this reader, and no mail reaches them
	}
	if link, ok := links[l.Kind]; ok {
		p.Life = link.life
		if l.Kind == EmailWasSet {
			l.Detail = earlier{l.At, l.Email}.String()
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			p.Token, err = s.newLink(ctx, tx, link.purpose, r.ID, l.Detail, link.life)
			return err
		})
	}
	return p, err
}

func (s *Store) addressee(ctx context.Context, l Letter) (Reader, error) {
	if l.Reader == "" {
		return byEmail(ctx, s.DB, l.Email)
	}
	return byID(ctx, s.DB, l.Reader)
}

// A purpose says what a link is good for, and nothing else is it good for.
type purpose string

const (
	resetLink     purpose = "reset"
	inviteLink    purpose = "invite"
	emailLink     purpose = "email"
	emailUndoLink purpose = "email-undo"
	leaveUndoLink purpose = "leave-undo"
	alertsLink    purpose = "alerts"
	exportLink    purpose = "export"
)

// newLink makes a link; an earlier one of the same sort stops working.
func (s *Store) newLink(ctx context.Context, tx *db.Tx, p purpose, reader, detail string, life time.Duration) (t secret.Token, err error) {
	t = secret.NewToken()
	if _, err = tx.Exec(ctx, `delete from reader_link where reader = $1 and purpose = $2 and detail = $3`, reader, p, detail); err != nil {
		return t, fmt.Errorf("make a link: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into reader_link (hash, purpose, reader, detail, expires) values ($1, $2, $3, $4, $5)`,
		t.Hash().String(), p, reader, detail, db.Time(s.Now().Add(life)))
	if err != nil {
		return t, fmt.Errorf("make a link: %w", err)
	}
	return t, nil
}

// errLink is what whoever has a link that does not work any more is told.
const errLink = "This link has been used, or is too old. Ask for a new one."

// link looks whether a link is good, without using it.
func (s *Store) link(ctx context.Context, q db.Querier, p purpose, token string) (reader, detail string, err error) {
	gone := &problem.Problem{Kind: problem.Gone, Detail: errLink}
	t, ok := secret.ParseToken(token)
	if !ok {
		return "", "", gone
	}
	err = q.QueryRow(ctx, `select l.reader, l.detail
		from reader_link as l
		join reader as r on r.id = l.reader
		where l.hash = $1 and l.purpose = $2 and l.expires > $3 and r.erased = 0`, t.Hash().String(), p, db.Time(s.Now())).Scan(&reader, &detail)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", gone
	}
	return reader, detail, err
}

// use uses a link up. Of two who use it at once, one has it.
func (s *Store) use(ctx context.Context, tx *db.Tx, p purpose, token string) (reader, detail string, err error) {
	if reader, detail, err = s.link(ctx, tx, p, token); err != nil {
		return "", "", err
	}
	t, _ := secret.ParseToken(token)
	res, err := tx.Exec(ctx, `delete from reader_link where hash = $1`, t.Hash().String())
	if problem.Is(db.One(res, err), problem.NotFound) {
		return "", "", &problem.Problem{Kind: problem.Gone, Detail: errLink}
	}
	return reader, detail, err
}
