package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A Registration is somebody who wants an account.
type Registration struct {
	Email    string
	Name     string
	Password secret.Password
	Language string
	Next     string // where the reader was going
}

// Register notes that somebody wants an account, and has a letter written to
// the address. It does the same, and takes the same time, whether the address
// has an account or not; the letter differs. browser is what only the browser
// that registers knows: with it the link in the letter is enough, without it the
// password is asked for, so that nobody confirms what a stranger has begun.
func (s *Store) Register(ctx context.Context, n Registration, b Browser) (browser secret.Token, err error) {
	var fields fieldErrors
	n.Email, err = address(n.Email)
	fields.add(err)
	n.Name, err = cleanName(n.Name)
	fields.add(err)
	fields.add(CheckPassword(n.Password, s.about(n.Email, n.Name)...))
	if err := fields.err(); err != nil {
		return browser, err
	}
	if err := s.Passwords.Room(); err != nil {
		return browser, err
	}
	if err := s.brake(ctx, joining(b)...); err != nil {
		return browser, err
	}
	hash, err := s.Passwords.Hash(ctx, n.Password)
	if err != nil {
		return browser, err
	}
	browser = secret.NewToken()
	return browser, s.enlist(ctx, n, hash, browser)
}

// enlist keeps a registration, in place of an earlier one of the address, and
// has a letter written.
func (s *Store) enlist(ctx context.Context, n Registration, hash secret.PasswordHash, browser secret.Token) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into registration (email, name, password, language, browser, link, next, expires)
			values ($1, $2, $3, $4, $5, '', $6, $7)
			on conflict (email) do update
			set name = excluded.name, password = excluded.password, language = excluded.language, browser = excluded.browser,
				next = excluded.next, expires = excluded.expires`,
			n.Email, n.Name, string(hash), n.Language, browser.Hash().String(), n.Next, db.Time(s.Now().Add(ConfirmLife)))
		if err != nil {
			return fmt.Errorf("register: %w", err)
		}
		// One letter a day: whoever types a stranger's address again and again
		// fills nobody's mailbox. The link of the first one stays good.
		wait, err := s.take(ctx, tx, confirmations, n.Email)
		if err != nil || wait > 0 {
			return err
		}
		if wait, err = s.take(ctx, tx, mailboxes, mailbox(n.Email)); err != nil || wait > 0 {
			return err
		}
		return s.write(ctx, tx, Letter{Kind: Confirm, Email: n.Email})
	})
}

// mailbox is an address without what its owner may add to it at will: the many
// spellings of one mailbox are not many mailboxes.
func mailbox(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	local, _, _ = strings.Cut(local, "+")
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

// joining is what counts when somebody wants an account, with a password or by a
// provider.
func joining(b Browser) []counted {
	return []counted{
		{joins, b.region(), "Many accounts were made from your network a short while ago. Please try again later."},
		{joinsAll, "all", "Many accounts are being made at this moment. Please try again in a few minutes."},
	}
}

// composeConfirm makes the letter that answers a registration.
func (s *Store) composeConfirm(ctx context.Context, l Letter) (*Post, error) {
	p := &Post{Kind: Confirm, To: l.Email, Life: ConfirmLife, At: s.Now()}
	r, err := byEmail(ctx, s.DB, l.Email)
	if err == nil {
		p.Kind, p.Language, p.Life = AlreadyMember, r.Language, 0
		return p, nil
	}
	if !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	p.Token = secret.NewToken()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `update registration set link = $1 where email = $2 and expires > $3 returning language`,
			p.Token.Hash().String(), l.Email, db.Time(s.Now())).Scan(&p.Language)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return p, err
}

// A Claim is a registration whose link somebody has opened.
type Claim struct {
	Email string
	Name  string
	Ours  bool // this is the browser that registered: no password is asked for
}

// Claim looks whether the link of a letter is good. It changes nothing: mail
// scanners open links too.
func (s *Store) Claim(ctx context.Context, token, browser string) (c Claim, err error) {
	r, err := s.claim(ctx, s.DB, token)
	return Claim{Email: r.email, Name: r.name, Ours: r.begunBy(browser)}, err
}

type registration struct {
	email, name, password, language, browser, next string
}

func (r registration) begunBy(browser string) bool {
	t, ok := secret.ParseToken(browser)
	if !ok {
		return false
	}
	h, err := secret.ParseHash(r.browser)
	return err == nil && h.Equal(t.Hash())
}

func (s *Store) claim(ctx context.Context, q db.Querier, token string) (r registration, err error) {
	t, ok := secret.ParseToken(token)
	if !ok {
		return r, linkUsed()
	}
	err = q.QueryRow(ctx, `select email, name, password, language, browser, next
		from registration
		where link = $1 and expires > $2`, t.Hash().String(), db.Time(s.Now())).
		Scan(&r.email, &r.name, &r.password, &r.language, &r.browser, &r.next)
	if errors.Is(err, sql.ErrNoRows) {
		return r, linkUsed()
	}
	return r, err
}

func linkUsed() error {
	return &problem.Problem{Kind: problem.Gone, Detail: "This link has been used, or is too old. Log in, or register once more."}
}

// Verify makes the account of whoever has the link of the letter and either
// registered in this browser or knows the password, and logs in.
func (s *Store) Verify(ctx context.Context, token, browser string, pw secret.Password, b Browser) (e Entry, err error) {
	r, err := s.claim(ctx, s.DB, token)
	if err != nil {
		return e, err
	}
	if !r.begunBy(browser) {
		if err := s.brakeGuess(ctx, r.email, "", b); err != nil {
			return e, err
		}
		ok, _, err := s.Passwords.Check(ctx, pw, secret.PasswordHash(r.password))
		if err != nil {
			return e, err
		}
		if !ok {
			return e, refuse("password", "This is not the password with which the account was made.")
		}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		again, err := s.claim(ctx, tx, token)
		if err != nil {
			return err
		}
		if again != r {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has just registered this address once more. Open the link again."}
		}
		res, err := tx.Exec(ctx, `delete from registration where email = $1`, r.email)
		if err := db.One(res, err); err != nil {
			if problem.Is(err, problem.NotFound) {
				return linkUsed() // by somebody who was a moment earlier
			}
			return err
		}
		id, err := s.insert(ctx, tx, New{Email: r.email, Name: r.name, Language: r.language, Role: Member}, secret.PasswordHash(r.password))
		if err != nil {
			return err
		}
		if err := s.note(ctx, tx, audit.Entry{Actor: id, Act: Joined, Subject: id, Detail: "e-mail"}); err != nil {
			return err
		}
		who, err := byID(ctx, tx, id)
		if err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, who, "password", single, b)
		e.Next = r.next
		return err
	})
	if db.IsUnique(err) {
		return e, &problem.Problem{Kind: problem.Conflict, Detail: "This address has an account already. Log in.", Err: err}
	}
	return e, err
}

// fieldErrors gathers what is wrong with the fields of a form, so that all of
// it is told at once.
type fieldErrors struct {
	fields map[string]string
	first  string
	other  error
}

func (f *fieldErrors) add(err error) {
	if err == nil {
		return
	}
	p := problem.Of(err)
	if p == nil || len(p.Fields) == 0 {
		f.other = err
		return
	}
	if f.fields == nil {
		f.fields, f.first = map[string]string{}, p.Detail
	}
	for name, said := range p.Fields {
		f.fields[name] = said
	}
}

func (f *fieldErrors) err() error {
	if f.other != nil || f.fields == nil {
		return f.other
	}
	return &problem.Problem{Kind: problem.Invalid, Detail: f.first, Fields: f.fields}
}
