package newsletter

import (
	"context"
	"fmt"
	"strings"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A Note is an alert as a device shows it.
type Note struct{ Title, Text, Path, Edition string }

// pushBatch is how many accounts are told at a time.
const pushBatch = 500

// Push shows an alert on the devices of those who get its list with an account, but for
// those who want to be left alone at this hour. It is done once, and not again when a
// process dies in the middle: two notices of one thing are worse than one less.
func (s *Store) Push(ctx context.Context, r Run) error {
	var e Edition
	err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
		if err := db.One(tx.Exec(ctx, `update edition set pushed = $2 where id = $1 and state = 'sending' and pushed <> $2`, r.Edition, true)); err != nil {
			return err
		}
		e, err = editionBy(ctx, tx, `id = $1`, r.Edition)
		return err
	})
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n, ok, err := s.onDevice(ctx, e)
	if err != nil || !ok {
		return err
	}
	for after := ""; ; {
		accounts, last, err := s.awake(ctx, e.List, after)
		if err != nil || last == "" {
			return err
		}
		if after = last; len(accounts) == 0 {
			continue
		}
		if err := s.Sources.Push(ctx, n, accounts); err != nil {
			return err
		}
	}
}

// onDevice is what a device shows of an alert; ok is false when its story is gone.
func (s *Store) onDevice(ctx context.Context, e Edition) (n Note, ok bool, err error) {
	n = Note{Title: e.Subject, Path: "/", Edition: e.ID}
	for _, p := range e.Parts {
		if doc, err := richtext.FromSource(p.Text); p.Text != "" && err == nil {
			n.Text = shorten(strings.Join(strings.Fields(doc.Text()), " "), maxSubject)
		}
	}
	if e.Article == "" {
		return n, true, nil
	}
	may, err := s.Articles.Readable(ctx, e.Article)
	if err != nil {
		return n, false, err
	}
	card, ok := may[e.Article]
	if n.Path = card.Path(); n.Text == "" {
		n.Text = card.Headline
	}
	return n, ok, nil
}

// awake lists accounts that get a list and may be told of it now; last is "" when there
// are no more.
func (s *Store) awake(ctx context.Context, list, after string) (accounts []string, last string, err error) {
	rows, err := s.DB.Query(ctx, `select s.id, s.reader, s.quiet_from, s.quiet_to
		from subscription as u
		join subscriber as s on s.id = u.subscriber
		where u.list = $1 and u.state = 'active' and u.subscriber > $2 and s.reader is not null
		order by u.subscriber
		limit $3`, list, after, pushBatch)
	if err != nil {
		return nil, "", fmt.Errorf("read whose devices are told: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var account string
		var q Quiet
		if err := rows.Scan(&last, &account, &q.From, &q.To); err != nil {
			return nil, "", fmt.Errorf("read whose devices are told: %w", err)
		}
		if q.until(s.Now(), s.Zone()).IsZero() {
			accounts = append(accounts, account)
		}
	}
	return accounts, last, rows.Err()
}
