package reader

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// AskEmail has a letter written to the address that the actor wants to have,
// with a link that makes it the account's. It does the same, and answers the
// same, whether the address has an account or not; the letter differs.
func (s *Store) AskEmail(ctx context.Context, a *Actor, email string) error {
	if err := s.sure(a); err != nil {
		return err
	}
	email, err := address(email)
	if err != nil {
		return err
	}
	if email == a.Reader.Email {
		return refuse("email", "This is the address that your account has.")
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		wait, err := s.take(ctx, tx, changes, a.Reader.ID)
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany("You have asked for several letters to new addresses. Please try again in a few hours.", wait)
		}
		// The address that was wanted before is wanted no more.
		if _, err := tx.Exec(ctx, `delete from reader_link where reader = $1 and purpose = $2`, a.Reader.ID, emailLink); err != nil {
			return err
		}
		// As with registering: one letter a day, whoever asks for them, and a few
		// to all spellings of the mailbox.
		if wait, err = s.take(ctx, tx, confirmations, wanted(email)); err != nil || wait > 0 {
			return err
		}
		if wait, err = s.take(ctx, tx, mailboxes, wanted(mailbox(email))); err != nil || wait > 0 {
			return err
		}
		return s.write(ctx, tx, Letter{Kind: ConfirmEmail, Reader: a.Reader.ID, Email: email, Detail: email})
	})
}

// wanted is the key under which letters to a new address are counted.
func wanted(email string) string { return "new " + email }

// composeTaken makes the letter to a new address that has an account, or is
// this account's already; nil where there is nothing in the way.
func (s *Store) composeTaken(ctx context.Context, l Letter, r Reader) (*Post, error) {
	holder, err := byEmail(ctx, s.DB, l.Email)
	if problem.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Post{Kind: EmailTaken, To: l.Email, Language: holder.Language, At: l.At}, nil
}

// NewEmail returns the address that the link of a letter would give the actor,
// and changes nothing. The link is good for nobody else: whoever has come by
// the letter, by a slip in the address, must not come by the account.
func (s *Store) NewEmail(ctx context.Context, a *Actor, token string) (email string, err error) {
	reader, email, err := s.link(ctx, s.DB, emailLink, token)
	if err != nil {
		return "", err
	}
	if reader != a.Reader.ID {
		return "", &problem.Problem{Kind: problem.Forbidden, Detail: errOther}
	}
	return email, nil
}

// errOther is what somebody is told who has the link of another account.
const errOther = "This link belongs to another account. Log in with that one and open it again."

// SetEmail gives the actor the address of the link. The old address is told,
// and can undo it for 14 days.
func (s *Store) SetEmail(ctx context.Context, a *Actor, token string) (email string, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var reader string
		if reader, email, err = s.use(ctx, tx, emailLink, token); err != nil {
			return err
		}
		if reader != a.Reader.ID {
			return &problem.Problem{Kind: problem.Forbidden, Detail: errOther}
		}
		before, err := lock(ctx, tx, reader)
		if err != nil || before.Email == email {
			return err
		}
		if err := s.moveTo(ctx, tx, before, email); err != nil {
			return err
		}
		if before.Email != "" {
			if err := s.write(ctx, tx, Letter{Kind: EmailWasSet, Reader: reader, Email: before.Email, Detail: email}); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, audit.Entry{Actor: reader, Act: EmailChanged, Subject: reader})
	})
	if db.IsUnique(err) {
		return "", &problem.Problem{Kind: problem.Conflict, Detail: "This address has another account in the meantime. Choose another address.", Err: err}
	}
	return email, err
}

// moveTo gives an account another address, and makes useless what was sent to
// the one before and what waits for this one.
func (s *Store) moveTo(ctx context.Context, tx *db.Tx, r Reader, email string) error {
	if _, err := tx.Exec(ctx, `update reader set email = $1 where id = $2`, email, r.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from reader_link where reader = $1 and purpose in ('reset', 'invite', 'email')`, r.ID)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from registration where email = $1`, email); err != nil {
		return err
	}
	return s.release(ctx, tx, confirmations, wanted(email))
}

// earlier is the address that an account had until it was changed, as the link
// that undoes the change keeps it.
type earlier struct {
	at    time.Time
	email string
}

func (e earlier) String() string { return fmt.Sprintf("%d %s", e.at.UnixMicro(), e.email) }

func parseEarlier(detail string) (e earlier, err error) {
	at, email, _ := strings.Cut(detail, " ")
	micro, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return e, fmt.Errorf("read a link that undoes a change of address: %w", err)
	}
	return earlier{time.UnixMicro(micro).UTC(), email}, nil
}

// OldEmail returns the address that the link of a letter would bring back, and
// changes nothing.
func (s *Store) OldEmail(ctx context.Context, token string) (email string, err error) {
	_, detail, err := s.link(ctx, s.DB, emailUndoLink, token)
	if err != nil {
		return "", err
	}
	e, err := parseEarlier(detail)
	return e.email, err
}

// UndoEmail brings back the address that an account had, for whoever has the
// letter that was sent there. Somebody else may have been in the account: every
// session ends, the password is no more, and so are the ways in that were added
// since; an account that was to be erased stays. The owner sets a new password with "Forgot password?".
func (s *Store) UndoEmail(ctx context.Context, token string) (email string, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, detail, err := s.use(ctx, tx, emailUndoLink, token)
		if err != nil {
			return err
		}
		e, err := parseEarlier(detail)
		if err != nil {
			return err
		}
		email = e.email
		before, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.moveTo(ctx, tx, before, email); err != nil {
			return err
		}
		if err := s.undoSince(ctx, tx, id, e.at); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update reader set password = '', leaving = 0, leave_how = '' where id = $1`, id); err != nil {
			return err
		}
		if err := s.endAll(ctx, tx, id, ""); err != nil {
			return err
		}
		if err := s.release(ctx, tx, resets, email); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: id, Act: EmailRestored, Subject: id})
	})
	if db.IsUnique(err) {
		return "", &problem.Problem{Kind: problem.Conflict, Detail: "Your old address has an account of its own in the meantime. Write to us, and we sort it out.", Err: err}
	}
	return email, err
}

// undoSince takes away the ways into an account that were added since at, and
// the links that would undo later changes of its address. Links of earlier
// changes stay: whoever has taken the account over must not get rid of them.
func (s *Store) undoSince(ctx context.Context, tx *db.Tx, id string, at time.Time) error {
	for _, query := range []string{
		`delete from passkey where reader = $1 and created >= $2`,
		`delete from identity where reader = $1 and created >= $2`,
	} {
		if _, err := tx.Exec(ctx, query, id, db.Time(at)); err != nil {
			return fmt.Errorf("take away new ways in: %w", err)
		}
	}
	codes, seed := false, false
	err := audit.Read(ctx, tx, id, 0, func(e audit.Entry, _ string) error {
		if e.Act == FactorAdded && !e.At.Before(at.Truncate(time.Microsecond)) {
			codes, seed = true, seed || e.Detail == oneTimeCodes
		}
		return nil
	})
	if err != nil {
		return err
	}
	if seed {
		if _, err := tx.Exec(ctx, `update reader set totp = '', totp_step = 0 where id = $1`, id); err != nil {
			return fmt.Errorf("take away a new second factor: %w", err)
		}
	}
	if codes {
		if _, err := tx.Exec(ctx, `delete from recovery_code where reader = $1`, id); err != nil {
			return fmt.Errorf("take away a new second factor: %w", err)
		}
	}
	return s.dropLaterUndos(ctx, tx, id, at)
}

func (s *Store) dropLaterUndos(ctx context.Context, tx *db.Tx, id string, at time.Time) error {
	rows, err := tx.Query(ctx, `select hash, detail from reader_link where reader = $1 and purpose = $2 order by hash`, id, emailUndoLink)
	if err != nil {
		return err
	}
	var later []string
	for rows.Next() {
		var hash, detail string
		if err := rows.Scan(&hash, &detail); err != nil {
			return errors.Join(err, rows.Close())
		}
		if e, err := parseEarlier(detail); err != nil || e.at.After(at) {
			later = append(later, hash)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, hash := range later {
		if _, err := tx.Exec(ctx, `delete from reader_link where hash = $1`, hash); err != nil {
			return err
		}
	}
	return nil
}
