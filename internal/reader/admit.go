package reader

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// admit lets somebody in whom a provider knows, with a new account when we do
// not. Nobody is let in to an account because of an address.
func (s *Store) admit(ctx context.Context, p *Provider, who persona, c errand, b Browser, nameless string) (e Entry, fresh bool, err error) {
	for range attempts {
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			r, err := byIdentity(ctx, tx, who)
			if fresh = problem.Is(err, problem.NotFound); fresh {
				r, err = s.join(ctx, tx, p, who, c, b, nameless)
			}
			if err != nil {
				return err
			}
			if e, err = s.enter(ctx, tx, r, p.Label, single, b); err != nil || !fresh {
				return err
			}
			return s.note(ctx, tx, audit.Entry{Actor: r.ID, Act: Joined, Subject: r.ID, Detail: p.Slug})
		})
		if !errors.Is(err, errRaced) && !db.IsUnique(err) {
			break
		}
	}
	e.Next = c.Next
	return e, fresh, err
}

// byIdentity finds the account of somebody whom a provider knows, and keeps the
// address that the provider tells now.
func byIdentity(ctx context.Context, tx *db.Tx, who persona) (r Reader, err error) {
	var id string
	err = tx.QueryRow(ctx, `update identity set email = $1 where issuer = $2 and subject = $3 returning reader`, who.email, who.issuer, who.subject).Scan(&id)
	if err := db.Found(err, errNobody); err != nil {
		return r, err
	}
	return byID(ctx, tx, id)
}

// join makes an account for somebody whom a provider knows and we do not.
func (s *Store) join(ctx context.Context, tx *db.Tx, p *Provider, who persona, c errand, b Browser, nameless string) (r Reader, err error) {
	n := New{Name: nameOf(who.name, nameless), Language: c.Language, Role: Member}
	if who.proved && who.email != "" {
		// An address that the provider has not proved is not even looked for: who
		// is not known to own it must not learn whether it has an account.
		if _, err := byEmail(ctx, tx, who.email); err == nil {
			return r, &problem.Problem{
				Kind:   problem.Conflict,
				Detail: "Your address has an account here already. Log in to it as you are used to, then connect the provider in your account.",
			}
		} else if !problem.Is(err, problem.NotFound) {
			return r, err
		}
		n.Email = who.email
		// Whoever registered this address and did not prove it has no use for it now.
		if _, err := tx.Exec(ctx, `delete from registration where email = $1`, n.Email); err != nil {
			return r, err
		}
	}
	if err := s.takeAll(ctx, tx, joining(b)...); err != nil {
		return r, err
	}
	id, err := s.insert(ctx, tx, n, "")
	if err != nil {
		return r, err
	}
	if taken, err := s.identify(ctx, tx, p, who, id); err != nil || !taken {
		return r, errors.Join(err, errRaced)
	}
	if p.Facebook && who.email != "" {
		if err := s.inviteToAlerts(ctx, tx, id, who.email); err != nil {
			return r, err
		}
	}
	return byID(ctx, tx, id)
}

// identify makes an identity an account's, and reports whether it was free.
func (s *Store) identify(ctx context.Context, tx *db.Tx, p *Provider, who persona, reader string) (taken bool, err error) {
	res, err := tx.Exec(ctx, `insert into identity (issuer, subject, reader, provider, email, created) values ($1, $2, $3, $4, $5, $6)
		on conflict (issuer, subject) do nothing`, who.issuer, who.subject, reader, p.Slug, who.email, db.Time(s.Now()))
	if err != nil {
		return false, fmt.Errorf("keep an identity: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// still is the account whose session has gone to a provider, if that session
// has not ended meanwhile. It makes those who change the account's ways in wait
// for one another.
func (s *Store) still(ctx context.Context, tx *db.Tx, c errand) (a *Actor, err error) {
	ended := &problem.Problem{Kind: problem.Forbidden, Detail: "You were logged out meanwhile. Nothing was changed. Log in and begin again."}
	a = &Actor{}
	if a.Reader, err = lock(ctx, tx, c.reader); problem.Is(err, problem.NotFound) {
		return nil, ended
	} else if err != nil {
		return nil, err
	}
	err = tx.QueryRow(ctx, `select s.id, s.kind, s.way, s.device, s.proved, s.seen, s.created
		from session as s
		where s.id = $1 and s.reader = $2 and s.kind <> 'pending'`, c.Session, c.reader).Scan(a.Session.into()...)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !a.Session.alive(s.Now()) {
		return nil, ended
	}
	if err != nil {
		return nil, fmt.Errorf("read a session: %w", err)
	}
	return a, nil
}

// attach makes a provider one more way into an account.
func (s *Store) attach(ctx context.Context, p *Provider, who persona, c errand) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		a, err := s.still(ctx, tx, c)
		if err != nil {
			return err
		}
		var other string
		err = tx.QueryRow(ctx, `select subject from identity where reader = $1 and provider = $2 and not (issuer = $3 and subject = $4) limit 1`,
			c.reader, p.Slug, who.issuer, who.subject).Scan(&other)
		if err == nil {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Your account is connected with somebody else at this provider. Disconnect that first."}
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		taken, err := s.identify(ctx, tx, p, who, c.reader)
		if err != nil {
			return err
		}
		if !taken {
			if r, err := byIdentity(ctx, tx, who); err != nil || r.ID == a.Reader.ID {
				return err // it is connected already
			}
			return &problem.Problem{
				Kind:   problem.Conflict,
				Detail: "This person at the provider belongs to another account here. Log in to that account with the provider, disconnect it there, and connect it here then.",
			}
		}
		if err := s.write(ctx, tx, Letter{Kind: ConnectionSet, Reader: c.reader, Detail: p.Label}); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: c.reader, Act: Connected, Subject: c.reader, Detail: p.Slug})
	})
}

// proveBy takes a provider's word that this is still the same person: it must
// have asked just now, and not only remember.
func (s *Store) proveBy(ctx context.Context, who persona, c errand) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		a, err := s.still(ctx, tx, c)
		if err != nil {
			return err
		}
		r, err := byIdentity(ctx, tx, who)
		if problem.Is(err, problem.NotFound) || err == nil && r.ID != a.Reader.ID {
			return &problem.Problem{Kind: problem.Forbidden, Detail: "This is not the person at the provider with whom your account is connected. Nothing was changed."}
		}
		if err != nil {
			return err
		}
		// Clocks differ; a minute is less than what anybody could make of it.
		if who.asked.Before(c.begun.Add(-time.Minute)) || who.asked.After(s.Now().Add(skew)) {
			return &problem.Problem{
				Kind:   problem.Forbidden,
				Detail: "The provider did not ask you just now who you are, or does not say so. Log out here and log in again: that counts as proof too.",
				Err:    failure{"it has not asked again", nil},
			}
		}
		return s.prove(ctx, tx, a)
	})
}
