package newsletter

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Subscriber is an address that has asked for mail.
type Subscriber struct {
	ID       string
	Email    string
	Reader   string   // the account, or ""
	Language string   // "" is the paper's
	Sections []string // of a digest; none is all of them
	Quiet    Quiet
	Strikes  int // letters in a row that came back for the moment
	Created  time.Time
}

// Quiet are the hours, by the paper's clock, in which no alert is sent to somebody:
// minutes of the day. From equal to To is never.
type Quiet struct{ From, To int }

// until is the end of the quiet hours in which now is; the zero time when it is not.
func (q Quiet) until(now time.Time, zone *time.Location) time.Time {
	if q.From == q.To {
		return time.Time{}
	}
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	in := q.From <= minute && minute < q.To
	if q.From > q.To {
		in = minute >= q.From || minute < q.To
	}
	if !in {
		return time.Time{}
	}
	y, m, d := local.Date()
	end := time.Date(y, m, d, q.To/60, q.To%60, 0, 0, zone)
	if !end.After(now) {
		end = time.Date(y, m, d+1, q.To/60, q.To%60, 0, 0, zone)
	}
	return end
}

func (q Quiet) valid() bool { return q.From >= 0 && q.From < 24*60 && q.To >= 0 && q.To < 24*60 }

// A State is where a subscription stands.
type State string

const (
	Asked  State = "asked"  // nobody has confirmed it
	Active State = "active" // it gets what is sent
	Ended  State = "ended"
)

// Why a subscription ended.
type Why string

const (
	ByReader     Why = "reader"
	ByBounce     Why = "bounce"
	ByComplaint  Why = "complaint"
	ByStaff      Why = "staff"
	ByImport     Why = "import" // it had ended where it came from
	ByAccountEnd Why = "account"
)

// A Subscription is that an address gets a list, with the proof that it wanted it.
type Subscription struct {
	List, Subscriber string
	State            State
	Source           string // where it was asked for: "form", "article", "account", "invitation", "import …"
	Promise          string // the words that were shown
	Asked            time.Time
	AskedBlock       string // the network from which, without its last part
	Confirmed        time.Time
	ConfirmedBlock   string
	Ended            time.Time
	Why              Why
}

const subscriberColumns = `s.id, s.email, coalesce(s.reader, ''), s.language, s.sections, s.quiet_from, s.quiet_to, s.strikes, s.created`

func scanSubscriber(row interface{ Scan(dest ...any) error }) (u Subscriber, err error) {
	var sections string
	err = row.Scan(&u.ID, &u.Email, &u.Reader, &u.Language, &sections, &u.Quiet.From, &u.Quiet.To, &u.Strikes, (*db.Time)(&u.Created))
	if err != nil {
		return u, err
	}
	return u, json.Unmarshal([]byte(sections), &u.Sections)
}

func subscriberBy(ctx context.Context, q db.Querier, where string, args ...any) (Subscriber, error) {
	u, err := scanSubscriber(q.QueryRow(ctx, `select `+subscriberColumns+` from subscriber as s where `+where, args...))
	if err != nil {
		return Subscriber{}, db.Found(err, "There is no such subscriber.")
	}
	return u, nil
}

// fold is an address as it is looked for: a mailbox's name has case for its own
// server only, and nobody has two that differ by it.
func fold(email string) string { return strings.ToLower(email) }

// known returns the subscriber with this address, and makes one where there is none.
func (s *Store) known(ctx context.Context, tx *db.Tx, email, language string) (Subscriber, error) {
	_, err := tx.Exec(ctx, `insert into subscriber (id, email, folded, reader, language, sections, quiet_from, quiet_to, strikes, struck, created)
		values ($1, $2, $3, null, $4, '[]', 0, 0, 0, 0, $5)
		on conflict (folded) do nothing`, s.ID(), email, fold(email), language, db.Time(s.Now()))
	if err != nil {
		return Subscriber{}, fmt.Errorf("store a subscriber: %w", err)
	}
	// The row is taken first: those who change one subscriber wait for one another.
	if _, err := tx.Exec(ctx, `update subscriber set created = created where folded = $1`, fold(email)); err != nil {
		return Subscriber{}, err
	}
	return subscriberBy(ctx, tx, `s.folded = $1`, fold(email))
}

// lock makes those who change one subscriber wait for one another.
func (s *Store) lock(ctx context.Context, tx *db.Tx, id string) (Subscriber, error) {
	if _, err := tx.Exec(ctx, `update subscriber set created = created where id = $1`, id); err != nil {
		return Subscriber{}, err
	}
	return subscriberBy(ctx, tx, `s.id = $1`, id)
}

// A proof is what is kept of somebody's wish.
type proof struct {
	source  string
	promise int
	block   string
	at      time.Time
}

// promised returns the number of the words that somebody was shown.
func (s *Store) promised(ctx context.Context, tx *db.Tx, words string) (n int, err error) {
	for range 10 {
		err = tx.QueryRow(ctx, `select number from list_promise where text = $1`, words).Scan(&n)
		if !errors.Is(err, sql.ErrNoRows) {
			return n, err
		}
		_, err = tx.Exec(ctx, `insert into list_promise (number, text, created)
			select coalesce(max(number), 0) + 1, cast($1 as text), cast($2 as bigint) from list_promise
			having true
			on conflict do nothing`, words, db.Time(s.Now()))
		if err != nil {
			return 0, fmt.Errorf("store what was promised: %w", err)
		}
	}
	return 0, errors.New("newsletter: a promise that is never there")
}

// ask notes that a subscriber wants a list; whoever has it keeps it.
func (s *Store) ask(ctx context.Context, tx *db.Tx, list, subscriber string, p proof) error {
	_, err := tx.Exec(ctx, `insert into subscription (list, subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why)
		values ($1, $2, 'asked', $3, $4, $5, $6, 0, '', 0, '')
		on conflict (list, subscriber) do update
		set state = 'asked', source = excluded.source, promise = excluded.promise, asked = excluded.asked, asked_block = excluded.asked_block
		where subscription.state <> 'active'`, list, subscriber, p.source, p.promise, db.Time(p.at), p.block)
	if err != nil {
		return fmt.Errorf("note who wants list %s: %w", list, err)
	}
	return nil
}

// activate lets a subscriber have a list that was asked for; first reports whether it
// had none.
func (s *Store) activate(ctx context.Context, tx *db.Tx, list, subscriber string, block string) (first bool, err error) {
	now := s.Now()
	res, err := tx.Exec(ctx, `update subscription
		set state = 'active', confirmed = $3, confirmed_block = $4, ended = 0, why = ''
		where list = $1 and subscriber = $2 and state = 'asked'`, list, subscriber, db.Time(now), block)
	if err := db.One(res, err); problem.Is(err, problem.NotFound) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("begin a subscription: %w", err)
	}
	return true, s.counted(ctx, tx, list, 1, "joined")
}

// end ends a subscription, if there is one.
func (s *Store) end(ctx context.Context, tx *db.Tx, list, subscriber string, why Why) (ended bool, err error) {
	var was State
	err = tx.QueryRow(ctx, `select state from subscription where list = $1 and subscriber = $2`, list, subscriber).Scan(&was)
	if errors.Is(err, sql.ErrNoRows) || err == nil && was == Ended {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("end a subscription: %w", err)
	}
	res, err := tx.Exec(ctx, `update subscription set state = 'ended', ended = $4, why = $5
		where list = $1 and subscriber = $2 and state = $3`, list, subscriber, string(was), db.Time(s.Now()), string(why))
	if err := db.One(res, err); problem.Is(err, problem.NotFound) {
		return false, nil // somebody else has, who held no lock on the subscriber
	} else if err != nil {
		return false, fmt.Errorf("end a subscription: %w", err)
	}
	if was != Active {
		return true, nil
	}
	day := "departed"
	switch why {
	case ByBounce:
		day = "bounced"
	case ByComplaint:
		day = "complained"
	}
	return true, s.counted(ctx, tx, list, -1, day)
}

// counted keeps the number of a list's members, and its day.
func (s *Store) counted(ctx context.Context, tx *db.Tx, list string, by int, what string) error {
	if _, err := tx.Exec(ctx, `update list set members = members + $2 where id = $1`, list, by); err != nil {
		return fmt.Errorf("count the members of list %s: %w", list, err)
	}
	// The column is one of four words of ours.
	_, err := tx.Exec(ctx, `insert into list_day (list, day, joined, departed, bounced, complained)
		values ($1, $2, 0, 0, 0, 0)
		on conflict (list, day) do nothing`, list, s.day())
	if err == nil {
		_, err = tx.Exec(ctx, `update list_day set `+what+` = `+what+` + $3 where list = $1 and day = $2`, list, s.day(), max(by, -by))
	}
	if err != nil {
		return fmt.Errorf("count the day of list %s: %w", list, err)
	}
	return nil
}

func (s *Store) day() string { return s.Now().In(s.Zone()).Format(time.DateOnly) }

// Subscriptions returns all that a subscriber has, had or asked for.
func (s *Store) Subscriptions(ctx context.Context, subscriber string) ([]Subscription, error) {
	return subscriptions(ctx, s.DB, subscriber)
}

func subscriptions(ctx context.Context, q db.Querier, subscriber string) (list []Subscription, err error) {
	rows, err := q.Query(ctx, `select u.list, u.subscriber, u.state, u.source, p.text, u.asked, u.asked_block, u.confirmed, u.confirmed_block, u.ended, u.why
		from subscription as u
		join list_promise as p on p.number = u.promise
		where u.subscriber = $1
		order by u.list`, subscriber)
	if err != nil {
		return nil, fmt.Errorf("read subscriptions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var u Subscription
		if err := rows.Scan(&u.List, &u.Subscriber, &u.State, &u.Source, &u.Promise, (*db.Time)(&u.Asked), &u.AskedBlock,
			(*db.Time)(&u.Confirmed), &u.ConfirmedBlock, (*db.Time)(&u.Ended), &u.Why); err != nil {
			return nil, fmt.Errorf("read subscriptions: %w", err)
		}
		list = append(list, u)
	}
	return list, rows.Err()
}

// address reads an address as somebody typed it.
func address(email string) (string, error) {
	a, err := mail.ParseAddress(strings.TrimSpace(email))
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		p.Fields = map[string]string{"email": p.Detail}
		return "", p
	}
	return a, err
}

// block is what is kept of a browser's address.
func block(b reader.Browser) string {
	if b.Region != "" {
		return b.Region
	}
	return b.Network
}
