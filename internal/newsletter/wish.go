package newsletter

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// A Wish is that an address is to get lists. Anybody can have one for any address, so
// that only a link in a letter to it makes it true.
type Wish struct {
	Email    string
	Lists    []string // their slugs
	Language string   // "" is the paper's
	Source   string   // "form", "article"
	Words    string   // what whoever asks was shown
	Browser  reader.Browser
}

// AskingJob is the kind of the jobs that answer wishes by a letter.
const AskingJob = "letter.newsletter"

// An Asking is a wish that is to be answered by a letter. Again is that of somebody
// who had been written to that day already.
type Asking struct {
	Email    string
	Language string
	Lists    []string
	Source   string
	Promise  int
	Block    string
	At       time.Time
	Again    bool
}

// Life of the link in a letter that asks to confirm.
const ConfirmLife = 7 * 24 * time.Hour

// Ask takes a wish. What it does and how long that takes is the same for every
// address, whether it has subscriptions, an account or neither (SECURITY R07).
func (s *Store) Ask(ctx context.Context, w Wish) error {
	email, err := address(w.Email)
	if err != nil {
		return err
	}
	lists, err := s.Offered(ctx)
	if err != nil {
		return err
	}
	a := Asking{Email: email, Language: w.Language, Source: w.Source, Block: block(w.Browser), At: s.Now()}
	for _, slug := range w.Lists {
		i := slices.IndexFunc(lists, func(l List) bool { return l.Slug == slug })
		if i < 0 || slices.Contains(a.Lists, lists[i].ID) {
			continue // closed, gone or never there: all the same to whoever asks (SECURITY R22)
		}
		a.Lists = append(a.Lists, lists[i].ID)
	}
	if len(a.Lists) == 0 {
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "Choose at least one newsletter.",
			Fields: map[string]string{"list": "Choose at least one newsletter."},
		}
	}
	if err := s.Readers.BrakeWish(ctx, w.Browser); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if a.Promise, err = s.promised(ctx, tx, w.Words); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, tx, AskingJob, time.Time{}, a)
	})
}

// A Confirming is what the letter says that answers a wish.
type Confirming struct {
	To       string
	Language string
	Lists    []List
	Token    secret.Token // of the link that confirms; the zero Token when all is there already
	Own      string       // the token of the subscriber's own page, when all is there already
	Life     time.Duration
}

// Answer makes the letter that answers a wish; nil when there is none to write. An
// address gets one of them a day: a wish that comes too early for another one is
// answered when the day is over, and once.
func (s *Store) Answer(ctx context.Context, a Asking) (c *Confirming, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		c = nil // a transaction may run twice
		u, err := s.known(ctx, tx, a.Email, a.Language)
		if err != nil {
			return err
		}
		for _, id := range a.Lists {
			if err := s.ask(ctx, tx, id, u.ID, proof{a.Source, a.Promise, a.Block, a.At}); err != nil {
				return err
			}
		}
		if no, err := s.refuses(ctx, tx, u.Email); err != nil || no {
			return err
		}
		asked, err := s.unconfirmed(ctx, tx, u.ID)
		if err != nil || len(asked) == 0 && a.Again {
			return err // all was confirmed in the meantime: no letter is spent on it
		}
		wait, err := s.Readers.MayWriteTo(ctx, tx, u.Email)
		if err != nil {
			return err
		}
		if wait > 0 {
			if a.Again {
				return nil
			}
			return s.Jobs.AddUnique(ctx, tx, AskingJob, s.Now().Add(wait+time.Minute), Asking{Email: fold(u.Email), Language: a.Language, Again: true})
		}
		c, err = s.confirming(ctx, tx, u, a, asked)
		return err
	})
	return c, err
}

// refuses reports whether an address must not even be asked. One that bounced may
// work again: whoever reads its mail can say so.
func (s *Store) refuses(ctx context.Context, q db.Querier, email string) (bool, error) {
	var reason Reason
	err := q.QueryRow(ctx, `select reason from suppression where folded = $1`, fold(email)).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return reason != Hard && reason != Soft, err
}

// unconfirmed are the lists that a subscriber has asked for of late.
func (s *Store) unconfirmed(ctx context.Context, tx *db.Tx, subscriber string) (asked []string, err error) {
	all, err := subscriptions(ctx, tx, subscriber)
	for _, have := range all {
		if have.State == Asked && have.Asked.After(s.Now().Add(-ConfirmLife)) {
			asked = append(asked, have.List)
		}
	}
	return asked, err
}

// confirming makes the link that confirms all that a subscriber has asked for.
func (s *Store) confirming(ctx context.Context, tx *db.Tx, u Subscriber, a Asking, asked []string) (_ *Confirming, err error) {
	c := &Confirming{To: u.Email, Language: a.Language, Life: ConfirmLife}
	names := asked
	if len(asked) == 0 {
		names, c.Own = a.Lists, s.ownToken(u.ID)
	}
	args := []any{}
	if c.Lists, err = s.lists(ctx, tx, `where id `+db.In(&args, names)+` order by position, id`, args...); err != nil {
		return nil, err
	}
	if len(asked) == 0 {
		return c, nil
	}
	c.Token = secret.NewToken()
	_, err = tx.Exec(ctx, `insert into confirmation (hash, subscriber, lists, expires) values ($1, $2, $3, $4)`,
		c.Token.Hash().String(), u.ID, asJSON(asked), db.Time(s.Now().Add(ConfirmLife)))
	if err != nil {
		return nil, fmt.Errorf("make a link that confirms: %w", err)
	}
	return c, nil
}

// errLink is what whoever has a link is told that does not work any more.
const errLink = "This link has been used, or is too old. Ask for the newsletter again."

// Confirmable looks what a link would confirm, without using it: programs that look
// through mail follow links too.
func (s *Store) Confirmable(ctx context.Context, token string) (u Subscriber, lists []List, err error) {
	id, ids, err := s.confirmation(ctx, s.DB, token)
	if err != nil {
		return u, nil, err
	}
	if u, err = subscriberBy(ctx, s.DB, `s.id = $1`, id); err != nil {
		return u, nil, err
	}
	args := []any{}
	lists, err = s.lists(ctx, s.DB, `where id `+db.In(&args, ids)+` order by position, id`, args...)
	return u, lists, err
}

func (s *Store) confirmation(ctx context.Context, q db.Querier, token string) (subscriber string, lists []string, err error) {
	gone := &problem.Problem{Kind: problem.Gone, Detail: errLink}
	t, ok := secret.ParseToken(token)
	if !ok {
		return "", nil, gone
	}
	var stored string
	err = q.QueryRow(ctx, `select subscriber, lists from confirmation where hash = $1 and expires > $2`, t.Hash().String(), db.Time(s.Now())).
		Scan(&subscriber, &stored)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, gone
	}
	if err != nil {
		return "", nil, fmt.Errorf("read a link that confirms: %w", err)
	}
	return subscriber, lists, json.Unmarshal([]byte(stored), &lists)
}

// Confirm uses a link up: its lists come from now on. It returns the token of the
// subscriber's own page.
func (s *Store) Confirm(ctx context.Context, token string, b reader.Browser) (own string, lists []List, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, ids, err := s.confirmation(ctx, tx, token)
		if err != nil {
			return err
		}
		t, _ := secret.ParseToken(token)
		res, err := tx.Exec(ctx, `delete from confirmation where hash = $1`, t.Hash().String())
		if problem.Is(db.One(res, err), problem.NotFound) {
			return &problem.Problem{Kind: problem.Gone, Detail: errLink}
		} else if err != nil {
			return err
		}
		u, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, list := range ids {
			if _, err := s.activate(ctx, tx, list, id, block(b)); err != nil {
				return err
			}
		}
		own = s.ownToken(id)
		args := []any{}
		if lists, err = s.lists(ctx, tx, `where id `+db.In(&args, ids)+` order by position, id`, args...); err != nil {
			return err
		}
		return s.works(ctx, tx, u)
	})
	return own, lists, err
}

// works notes that somebody reads the mail of an address: what has come back before
// counts no more.
func (s *Store) works(ctx context.Context, tx *db.Tx, u Subscriber) error {
	if _, err := tx.Exec(ctx, `delete from suppression where folded = $1 and reason in ('hard', 'soft')`, fold(u.Email)); err != nil {
		return fmt.Errorf("lift what was suppressed: %w", err)
	}
	_, err := tx.Exec(ctx, `update subscriber set strikes = 0, struck = 0 where id = $1`, u.ID)
	return err
}

// Invited begins a subscription of an address whose owner has followed a link in a
// letter, such as the invitation to the news alerts.
func (s *Store) Invited(ctx context.Context, email string, kind Kind, words string, b reader.Browser) (lists []List, own string, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		lists, own = nil, ""
		u, err := s.known(ctx, tx, email, "")
		if err != nil {
			return err
		}
		n, err := s.promised(ctx, tx, words)
		if err != nil {
			return err
		}
		if lists, err = s.lists(ctx, tx, `where kind = $1 and open and retired = 0 order by position, id limit 1`, string(kind)); err != nil {
			return err
		}
		for _, l := range lists {
			if err := s.ask(ctx, tx, l.ID, u.ID, proof{"invitation", n, block(b), s.Now()}); err != nil {
				return err
			}
			if _, err := s.activate(ctx, tx, l.ID, u.ID, block(b)); err != nil {
				return err
			}
		}
		own = s.ownToken(u.ID)
		return s.works(ctx, tx, u)
	})
	return lists, own, err
}

// Enrol begins subscriptions of an address whose owner has confirmed them elsewhere:
// in the paper that was before this one, on paper, in a demo.
func (s *Store) Enrol(ctx context.Context, email, source, words string, slugs ...string) error {
	email, err := address(email)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		u, err := s.known(ctx, tx, email, "")
		if err != nil {
			return err
		}
		n, err := s.promised(ctx, tx, words)
		if err != nil {
			return err
		}
		for _, slug := range slugs {
			l, err := listBy(ctx, tx, `slug = $1`, slug)
			if err != nil {
				return err
			}
			if err := s.ask(ctx, tx, l.ID, u.ID, proof{source, n, "", s.Now()}); err != nil {
				return err
			}
			if _, err := s.activate(ctx, tx, l.ID, u.ID, ""); err != nil {
				return err
			}
		}
		return nil
	})
}
