package newsletter

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// ownToken is the token of the page on which a subscriber chooses. It names nobody
// to whoever has not our keys.
func (s *Store) ownToken(subscriber string) string {
	return s.Keys.Sign(secret.Link{Purpose: secret.Preferences, Subject: subscriber, Issued: s.Now()})
}

// LeaveToken is the token by which one click ends one subscription.
func (s *Store) LeaveToken(list, subscriber string) string {
	return s.Keys.Sign(secret.Link{Purpose: secret.Unsubscribe, Subject: subscriber, List: list, Issued: s.Now()})
}

// An Own is what a subscriber gets, for their own page.
type Own struct {
	Subscriber
	Lists []Choice
}

// A Choice is a list that somebody has or could have.
type Choice struct {
	List
	Has   bool
	Asked bool // a link in a letter waits to be followed
}

// Own returns what the holder of a token gets. What they have that is not offered
// any more stands among it, so that it can be left.
func (s *Store) Own(ctx context.Context, token string) (o Own, err error) {
	id, err := s.holder(token)
	if err != nil {
		return o, err
	}
	return s.own(ctx, id)
}

// holder is the subscriber to whom a token belongs.
func (s *Store) holder(token string) (subscriber string, err error) {
	l, err := s.Keys.Verify(secret.Preferences, token, s.Now())
	return l.Subject, err
}

func (s *Store) own(ctx context.Context, id string) (o Own, err error) {
	if o.Subscriber, err = subscriberBy(ctx, s.DB, `s.id = $1`, id); err != nil {
		return o, err
	}
	all, err := s.Lists(ctx)
	if err != nil {
		return o, err
	}
	have, err := s.Subscriptions(ctx, id)
	if err != nil {
		return o, err
	}
	o.Lists = choices(all, have)
	return o, nil
}

// choices are the lists that somebody has or could have.
func choices(all []List, have []Subscription) (list []Choice) {
	for _, l := range all {
		c := Choice{List: l}
		if i := slices.IndexFunc(have, func(u Subscription) bool { return u.List == l.ID }); i >= 0 {
			c.Has, c.Asked = have[i].State == Active, have[i].State == Asked
		}
		if c.Has || l.Open && l.Retired.IsZero() {
			list = append(list, c)
		}
	}
	return list
}

// A Setting is what a subscriber chooses.
type Setting struct {
	Lists    []string // their ids: these and no others
	Sections []string // of the digests; none is all
	Quiet    Quiet
}

// Choose lets the holder of a token have these lists and no others. Whoever has the
// token reads the address's mail: no letter has to ask once more.
func (s *Store) Choose(ctx context.Context, token string, set Setting, words string, b reader.Browser) error {
	id, err := s.holder(token)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		u, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		return s.choose(ctx, tx, u, set, proofOf("own page", words, b))
	})
}

type wordsProof struct {
	source, words, block string
}

func proofOf(source, words string, b reader.Browser) wordsProof {
	return wordsProof{source, words, block(b)}
}

func (s *Store) choose(ctx context.Context, tx *db.Tx, u Subscriber, set Setting, p wordsProof) error {
	if !set.Quiet.valid() {
		return &problem.Problem{Kind: problem.Invalid, Detail: "Some fields need another look.", Fields: map[string]string{"quiet": "Write two times such as 22:00 and 07:00."}}
	}
	have, err := subscriptions(ctx, tx, u.ID)
	if err != nil {
		return err
	}
	all, err := s.lists(ctx, tx, `order by position, id`)
	if err != nil {
		return err
	}
	n, err := s.promised(ctx, tx, p.words)
	if err != nil {
		return err
	}
	for _, c := range choices(all, have) {
		wants := slices.Contains(set.Lists, c.ID)
		switch {
		case wants && !c.Has:
			if err := s.ask(ctx, tx, c.ID, u.ID, proof{p.source, n, p.block, s.Now()}); err != nil {
				return err
			}
			if _, err := s.activate(ctx, tx, c.ID, u.ID, p.block); err != nil {
				return err
			}
		case !wants && (c.Has || c.Asked):
			if _, err := s.end(ctx, tx, c.ID, u.ID, ByReader); err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(ctx, `update subscriber set sections = $2, quiet_from = $3, quiet_to = $4 where id = $1`,
		u.ID, asJSON(set.Sections), set.Quiet.From, set.Quiet.To)
	if err != nil {
		return fmt.Errorf("store what a subscriber chose: %w", err)
	}
	if len(set.Lists) > 0 {
		return s.works(ctx, tx, u)
	}
	return nil
}

// Of returns what a reader with an account gets, and the token of their page.
func (s *Store) Of(ctx context.Context, a *reader.Actor) (o Own, token string, err error) {
	var id string
	err = s.DB.QueryRow(ctx, `select id from subscriber where reader = $1 or folded = $2 order by case when reader is null then 1 else 0 end limit 1`,
		a.Reader.ID, fold(a.Reader.Email)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		o.Email = a.Reader.Email
		offered, err := s.Offered(ctx)
		o.Lists = choices(offered, nil)
		return o, "", err
	}
	if err != nil {
		return o, "", fmt.Errorf("find the subscriber of a reader: %w", err)
	}
	if o, err = s.own(ctx, id); err != nil {
		return o, "", err
	}
	return o, s.ownToken(id), nil
}

// ChooseAs lets a reader with an account have these lists, at the address of the
// account, which is proved.
func (s *Store) ChooseAs(ctx context.Context, a *reader.Actor, set Setting, words string, b reader.Browser) error {
	if a.Reader.Email == "" {
		return &problem.Problem{Kind: problem.Invalid, Detail: "Your account has no e-mail address. Give it one, and choose again."}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		u, err := s.ofReader(ctx, tx, a.Reader)
		if err != nil {
			return err
		}
		return s.choose(ctx, tx, u, set, proofOf("account", words, b))
	})
}

// ofReader returns the subscriber of an account, locked, at the account's address.
func (s *Store) ofReader(ctx context.Context, tx *db.Tx, r reader.Reader) (u Subscriber, err error) {
	if u, err = s.known(ctx, tx, r.Email, r.Language); err != nil || u.Reader == r.ID {
		return u, err
	}
	// The account had another address, or none: its subscriptions stay where their
	// letters go, and this address is the account's from now on.
	if _, err = tx.Exec(ctx, `update subscriber set reader = null where reader = $1 and id <> $2`, r.ID, u.ID); err != nil {
		return u, err
	}
	_, err = tx.Exec(ctx, `update subscriber set reader = $2 where id = $1`, u.ID, r.ID)
	u.Reader = r.ID
	return u, err
}

// A Leaving is a subscription that a link would end.
type Leaving struct {
	List List
	Has  bool
}

// Leavable looks what a link would end, without ending it: programs that look
// through mail follow links too (SECURITY R35).
func (s *Store) Leavable(ctx context.Context, token string) (l Leaving, err error) {
	link, err := s.Keys.Verify(secret.Unsubscribe, token, s.Now())
	if err != nil {
		return l, err
	}
	if l.List, err = listBy(ctx, s.DB, `id = $1`, link.List); err != nil {
		return l, err
	}
	err = s.DB.QueryRow(ctx, `select state = 'active' from subscription where list = $1 and subscriber = $2`, link.List, link.Subject).Scan(&l.Has)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return l, err
}

// Leave ends the subscription of a link. Leaving twice is leaving once.
func (s *Store) Leave(ctx context.Context, token string) (l List, own string, err error) {
	link, err := s.Keys.Verify(secret.Unsubscribe, token, s.Now())
	if err != nil {
		return l, "", err
	}
	if l, err = listBy(ctx, s.DB, `id = $1`, link.List); err != nil {
		return l, "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, link.Subject); err != nil {
			return err
		}
		ended, err := s.end(ctx, tx, link.List, link.Subject, ByReader)
		if err != nil || !ended {
			return err
		}
		return s.blame(ctx, tx, link.List, link.Subject, "departed")
	})
	if problem.Is(err, problem.NotFound) {
		err = nil // whoever it was has been forgotten since, and gets nothing
	}
	return l, s.ownToken(link.Subject), err
}

// blame counts something at the last edition of a list that somebody got. The column
// is a word of ours.
func (s *Store) blame(ctx context.Context, tx *db.Tx, list, subscriber, what string) error {
	_, err := tx.Exec(ctx, `update edition set `+what+` = `+what+` + 1
		where id = (
			select e.id
			from delivery as d
			join edition as e on e.id = d.edition
			where d.subscriber = $1 and d.state = 'accepted' and e.list = $2
			order by e.begun desc, e.id desc
			limit 1)`, subscriber, list)
	if err != nil {
		return fmt.Errorf("count what an edition led to: %w", err)
	}
	return nil
}

// Forget removes all that is known of the holder of a token.
func (s *Store) Forget(ctx context.Context, token string) error {
	id, err := s.holder(token)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, id); err != nil {
			return err
		}
		return s.forget(ctx, tx, id, ByReader)
	})
}

// ForgetReader removes the subscriptions of an account that is erased.
func (s *Store) ForgetReader(ctx context.Context, tx *db.Tx, account string, emails ...string) error {
	folded := []string{""}
	for _, e := range emails {
		folded = append(folded, fold(e))
	}
	args := []any{account}
	all, err := ids(ctx, tx, `select id from subscriber where reader = $1 or folded `+db.In(&args, folded)+` order by id`, args...)
	if err != nil {
		return err
	}
	for _, id := range all {
		if _, err := s.lock(ctx, tx, id); err != nil {
			return err
		}
		if err := s.forget(ctx, tx, id, ByAccountEnd); err != nil {
			return err
		}
	}
	return nil
}

// forget removes a subscriber who is locked, and all that points there.
func (s *Store) forget(ctx context.Context, tx *db.Tx, id string, why Why) error {
	have, err := subscriptions(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, u := range have {
		if _, err := s.end(ctx, tx, u.List, id, why); err != nil {
			return err
		}
	}
	for _, query := range []string{
		`delete from delivery where subscriber = $1`,
		`delete from confirmation where subscriber = $1`,
		`delete from subscription where subscriber = $1`,
		`delete from subscriber where id = $1`,
	} {
		if _, err := tx.Exec(ctx, query, id); err != nil {
			return fmt.Errorf("forget a subscriber: %w", err)
		}
	}
	return nil
}

// How long what is not needed stays.
const (
	unconfirmedLife = 2 * ConfirmLife
	deliveryLife    = 90 * 24 * time.Hour
	reportLife      = 2 * 24 * time.Hour
)

// Sweep removes addresses that nobody confirmed, what became of letters long ago, and
// links that are too old.
func (s *Store) Sweep(ctx context.Context) error {
	now := s.Now()
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, q := range []struct {
			query string
			age   time.Duration
		}{
			{`delete from confirmation where expires < $1`, 0},
			{`delete from heard_report where created < $1`, reportLife},
			{`delete from subscription where state = 'asked' and asked < $1`, unconfirmedLife},
			{`delete from subscriber where created < $1 and reader is null
				and not exists (select 1 from subscription as u where u.subscriber = subscriber.id)
				and not exists (select 1 from confirmation as c where c.subscriber = subscriber.id)
				and not exists (select 1 from delivery as d where d.subscriber = subscriber.id)`, unconfirmedLife},
			{`delete from delivery where edition in (select id from edition where state in ('sent', 'cancelled') and ended < $1)`, deliveryLife},
		} {
			if _, err := tx.Exec(ctx, q.query, db.Time(now.Add(-q.age))); err != nil {
				return fmt.Errorf("sweep the subscribers: %w", err)
			}
		}
		return nil
	})
}

// A Table is what is known of a reader, for the file that they may ask for.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// KnownOf returns what is known of an account's subscriptions.
func (s *Store) KnownOf(ctx context.Context, account string) ([]Table, error) {
	t := Table{Name: "newsletters", Columns: []string{"newsletter", "state", "asked", "from", "was shown", "confirmed", "from", "ended"}}
	all, err := ids(ctx, s.DB, `select id from subscriber where reader = $1 order by id`, account)
	if err != nil {
		return nil, err
	}
	lists, err := s.Lists(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range all {
		have, err := s.Subscriptions(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, c := range have {
			name := c.List
			if i := slices.IndexFunc(lists, func(l List) bool { return l.ID == c.List }); i >= 0 {
				name = lists[i].Name
			}
			t.Rows = append(t.Rows, []string{name, string(c.State), stamp(c.Asked), c.AskedBlock, c.Promise, stamp(c.Confirmed), c.ConfirmedBlock, stamp(c.Ended)})
		}
	}
	return []Table{t}, nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
