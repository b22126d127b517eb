package network

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
)

// A Notice tells a sister at once what it must show no more (decision 93). Its next look
// at the list would tell it too, but only then.
type Notice struct {
	Version   int       `json:"version"`
	From      string    `json:"from"` // the home of the paper that has withdrawn
	To        string    `json:"to"`   // the home of the sister
	Made      time.Time `json:"made"`
	Withdrawn []string  `json:"withdrawn"` // ids
}

const (
	noticePreamble = "kawaraban withdrawal 1\n"
	noticePath     = "/network/withdrawn"
	maxNotice      = 16 << 10         // bytes; a full one has 8 KB
	ringFor        = 10 * time.Minute // so long a sister that does not answer is told again; it looks itself every 40 seconds

	// MaxNotice is how many bytes of a notice are read.
	MaxNotice = maxNotice
)

func signNotice(n Notice, key ed25519.PrivateKey) ([]byte, error) {
	return signed("notice", noticePreamble, n, key)
}

// openNotice reads a notice that came at now, and says with which key it is signed.
func openNotice(data []byte, now time.Time) (n Notice, key string, err error) {
	if len(data) > maxNotice {
		return n, "", TooLarge
	}
	raw, key, err := opened("notice", noticePreamble, data)
	if err != nil {
		return n, "", err
	}
	if json.Unmarshal(raw, &n) != nil || n.Version != version || len(n.Withdrawn) == 0 || len(n.Withdrawn) > maxWithdrawn ||
		slices.ContainsFunc(n.Withdrawn, func(id string) bool { return !isID(id) }) {
		return Notice{}, "", Unreadable
	}
	if err := ofNow(n.Made, now); err != nil {
		return Notice{}, key, err
	}
	return n, key, nil
}

// RingKind is the job of telling one sister that something was withdrawn.
const RingKind = "network.ring"

// A Ringing names the sister, the article, and which of its withdrawals.
type Ringing struct {
	Sister, Article string
	Withdrawn       time.Time
}

// HearWithdrawn has all sisters told that an article was withdrawn: each of them once,
// whichever process hears of it first.
func (s *Store) HearWithdrawn(ctx context.Context, e event.Event) error {
	if e.Kind != (article.Vanished{}).EventKind() {
		return nil
	}
	gone, err := s.Articles.WithdrawnOf(ctx, e.Subject)
	w, ok := gone[e.Subject]
	if err != nil || !ok {
		return err // its licence has ended: the address stays
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		ids, err := claimed(ctx, tx, `insert into network_told (sister, article, withdrawn, begun, told, answer)
			select id, cast($1 as text), cast($2 as bigint), cast($3 as bigint), 0, ''
			from network_sister
			where state = 'on' and kind = 'paper'
			on conflict (sister, article, withdrawn) do nothing
			returning sister`, e.Subject, db.Time(w.At), db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("note whom to tell of a withdrawal: %w", err)
		}
		for _, id := range ids {
			if err := s.Jobs.Add(ctx, tx, RingKind, time.Time{}, Ringing{id, e.Subject, w.At}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Ring tells a sister. Should it run twice, the sister hears the same twice, which changes
// nothing.
func (s *Store) Ring(ctx context.Context, r Ringing) error {
	x, err := s.sister(ctx, s.DB, r.Sister)
	if problem.Is(err, problem.NotFound) || err == nil && x.State != On {
		return nil
	}
	if err != nil {
		return err
	}
	key, err := s.key(ctx)
	if err != nil {
		return err
	}
	now := s.Now().UTC()
	document, err := signNotice(Notice{version, s.Paper().Base, x.Address, now.Truncate(time.Microsecond), []string{r.Article}}, key)
	if err != nil {
		return fmt.Errorf("sign a notice: %w", err)
	}
	resp, err := s.Fetch.Post(ctx, x.Address+noticePath, document, fetch.Options{MaxBytes: maxNotice})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why, told := NoTrouble, s.Now()
	switch {
	case err == nil && resp.Status == http.StatusNoContent:
	case resp == nil:
		why = whyNot(nil, err)
	case resp.Status == http.StatusForbidden:
		why = Unknown
	case resp.Status == http.StatusNotFound || resp.Status == http.StatusMethodNotAllowed || resp.Status == http.StatusGone:
		why = Deaf
	default:
		why = Failing
	}
	if why != NoTrouble {
		told = time.Time{}
	}
	var begun time.Time
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `update network_told set told = $4, answer = $5
			where sister = $1 and article = $2 and withdrawn = $3
			returning begun`, r.Sister, r.Article, db.Time(r.Withdrawn), db.Time(told), why).Scan((*db.Time)(&begun))
	})
	switch {
	case problem.Is(db.Found(err, ""), problem.NotFound):
		return nil // forgotten meanwhile
	case err != nil:
		return fmt.Errorf("note what a sister was told: %w", err)
	case (why == Unreachable || why == Failing) && now.Sub(begun) < ringFor:
		return fmt.Errorf("a sister does not hear of a withdrawal yet: %w", why)
	}
	return nil
}

// A Told is what a sister paper knows of a withdrawal, as far as we do.
type Told struct {
	Sister, Name, Address string
	State                 State
	Source                Source
	Begun                 time.Time // when we began to tell it; zero: never
	Told                  time.Time // when it said that it had heard; zero: never
	Answer                Trouble   // why it has not
}

// WhoKnows lists the sister papers with what each was told of the last withdrawal of an
// article.
func (s *Store) WhoKnows(ctx context.Context, article string) (list []Told, err error) {
	rows, err := s.DB.Query(ctx, `select x.id, x.name, x.address, x.state, x.kind, coalesce(t.begun, 0), coalesce(t.told, 0), coalesce(t.answer, '')
		from network_sister as x
		left join network_told as t on t.sister = x.id and t.article = $1
			and t.withdrawn = (select max(withdrawn) from network_told where article = $1)
		where x.state <> 'new'
		order by x.created, x.id`, article)
	if err != nil {
		return nil, fmt.Errorf("ask who was told of a withdrawal: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Told
		if err := rows.Scan(&t.Sister, &t.Name, &t.Address, &t.State, &t.Source, (*db.Time)(&t.Begun), (*db.Time)(&t.Told), &t.Answer); err != nil {
			return nil, fmt.Errorf("ask who was told of a withdrawal: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}
