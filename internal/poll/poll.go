// Package poll holds the polls of articles: a question, two to ten options, and
// one vote of each reader who takes part.
//
// A vote is a row; how many have chosen an option is derived from the rows in the
// transaction that changes them, and Verify holds both against each other. A poll is
// open until its time has come, by the clock of whoever looks, or until somebody
// closes it. Who may have results is decided in Poll.Results: those who have voted,
// and after the end everybody.
//
// An article is an id here. Whether readers may have it is for others to say.
package poll

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Poll is what readers are asked, as it stands.
type Poll struct {
	Article  string
	Options  []Option
	Closes   time.Time // zero: nobody has said when
	Reworded time.Time // when words were changed after somebody had voted; zero for never
	Version  int       // changes with what the desk changes; 0 where there is no poll yet
}

// An Option is one that can be chosen.
type Option struct {
	ID    string
	Words string
	Votes int
}

// Votes is how many readers have voted.
func (p Poll) Votes() (n int) {
	for _, o := range p.Options {
		n += o.Votes
	}
	return n
}

// Closed reports whether the poll has ended by now.
func (p Poll) Closed(now time.Time) bool { return !p.Closes.IsZero() && !p.Closes.After(now) }

// Results reports whether somebody may have the results at a moment: choice is the
// option that they have chosen, "" for none.
func (p Poll) Results(now time.Time, choice string) bool { return choice != "" || p.Closed(now) }

// Shares are the options' shares in percent. They are whole numbers, and together
// a hundred when there is a vote.
func (p Poll) Shares() []int {
	all := p.Votes()
	shares, rests, left := make([]int, len(p.Options)), make([]int, len(p.Options)), 100
	if all == 0 {
		return shares
	}
	for i, o := range p.Options {
		shares[i], rests[i] = o.Votes*100/all, o.Votes*100%all
		left -= shares[i]
	}
	for ; left > 0; left-- { // the largest remainders, the first of equals
		most := 0
		for i, r := range rests {
			if r > rests[most] {
				most = i
			}
		}
		shares[most]++
		rests[most] = -1
	}
	return shares
}

// A Store keeps polls in a database.
type Store struct {
	DB  *db.DB
	Now func() time.Time
	ID  func() string
}

// Of returns the poll of an article; one without options where there is none.
func (s *Store) Of(ctx context.Context, article string) (Poll, error) { return of(ctx, s.DB, article) }

// In is Of inside a transaction.
func (s *Store) In(ctx context.Context, tx *db.Tx, article string) (Poll, error) {
	return of(ctx, tx, article)
}

func of(ctx context.Context, q db.Querier, article string) (p Poll, err error) {
	p.Article = article
	err = q.QueryRow(ctx, `select closes, reworded, version from poll where article = $1`, article).
		Scan((*db.Time)(&p.Closes), (*db.Time)(&p.Reworded), &p.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err == nil {
		p.Options, err = options(ctx, q, article)
	}
	if err != nil {
		return p, fmt.Errorf("read the poll of %s: %w", article, err)
	}
	return p, nil
}

func options(ctx context.Context, q db.Querier, article string) (list []Option, err error) {
	rows, err := q.Query(ctx, `select id, words, votes from poll_option where article = $1 order by position, id`, article)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var o Option
		if err := rows.Scan(&o.ID, &o.Words, &o.Votes); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// Counts returns how many readers have voted in the polls of articles.
func (s *Store) Counts(ctx context.Context, articles ...string) (counts map[string]int, err error) {
	counts = map[string]int{}
	if len(articles) == 0 {
		return counts, nil
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select article, cast(sum(votes) as bigint) from poll_option where article `+db.In(&args, articles)+` group by article order by article`, args...)
	if err != nil {
		return nil, fmt.Errorf("count the votes of polls: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, fmt.Errorf("count the votes of polls: %w", err)
		}
		counts[id] = n
	}
	return counts, rows.Err()
}

// Changed is the fact that a poll has other options or another end.
type Changed struct{ Article string }

// Voted is the fact that the numbers of a poll have changed. It is told once a
// second at most.
type Voted struct{ Article string }

// EventKind and EventSubject make them facts (package event).
func (Changed) EventKind() string { return "poll.changed" }
func (Voted) EventKind() string   { return "poll.voted" }

func (e Changed) EventSubject() string { return e.Article }
func (e Voted) EventSubject() string   { return e.Article }

// Tag is that of every page that shows the poll of an article.
func Tag(article string) string { return "poll:" + article }

// CountTag is that of every page that says how many have voted in it.
func CountTag(article string) string { return "polled:" + article }

func refuse(kind problem.Kind, field, detail string) error {
	return &problem.Problem{Kind: kind, Detail: detail, Fields: map[string]string{field: detail}}
}
