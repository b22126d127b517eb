package desk

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Bar is the breaking news above the paper's pages. One that names a story
// stands while readers may have that story.
type Bar struct {
	Number  int // of its version, from 1; 0: there was never one
	Words   string
	Article string // "" for none
	Begins  time.Time
	Ends    time.Time
	Updated time.Time
	Author  string // reader id
}

// Up reports whether the bar is shown at a time.
func (b Bar) Up(now time.Time) bool { return b.Words != "" && b.Ends.After(now) }

// BarTag is the page cache's tag of every page that shows the bar.
const BarTag = "breaking"

// BarChanged says that the bar says something else, or nothing any more.
type BarChanged struct{}

// EventKind and EventSubject make it a fact (package event).
func (BarChanged) EventKind() string    { return "desk.bar-changed" }
func (BarChanged) EventSubject() string { return BarTag }

// What the audit log tells of the bar.
const (
	BarRaised  audit.Act = "breaking.raised"
	BarLowered audit.Act = "breaking.lowered"
)

// BarLife is how long a bar stands when nobody says otherwise; maxBar is the most.
const (
	BarLife   = 2 * time.Hour
	maxBar    = 7 * 24 * time.Hour
	maxBarLen = 200 // characters
)

// Bar returns the newest version of the bar, whether it is up or not.
func (s *Store) Bar(ctx context.Context) (Bar, error) { return s.bar(ctx, s.DB) }

func (s *Store) bar(ctx context.Context, q db.Querier) (b Bar, err error) {
	err = q.QueryRow(ctx, `select number, words, coalesce(article, ''), begins, ends, updated, author
		from breaking
		order by number desc
		limit 1`).Scan(&b.Number, &b.Words, &b.Article, (*db.Time)(&b.Begins), (*db.Time)(&b.Ends), (*db.Time)(&b.Updated), &b.Author)
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return Bar{}, nil
	} else if err != nil {
		return b, fmt.Errorf("read the bar: %w", err)
	}
	return b, nil
}

// RaiseBar puts up the bar, or changes the one that is up: its words, the story
// that it leads to ("" for none) and when it ends (the zero time is in two hours).
// base is the version that the editor has seen.
func (s *Store) RaiseBar(ctx context.Context, a *reader.Actor, base int, b Bar) error {
	now := s.Now()
	b.Words = strings.Join(strings.Fields(clean(b.Words)), " ")
	if b.Ends.IsZero() {
		b.Ends = now.Add(BarLife)
	}
	bad := problem.Problem{Kind: problem.Invalid, Detail: "The bar cannot be put up so.", Fields: map[string]string{}}
	switch n := utf8.RuneCountInString(b.Words); {
	case n == 0:
		bad.Fields["words"] = "Write what has happened."
	case n > maxBarLen:
		bad.Fields["words"] = "The bar has at most 200 characters. Shorten it."
	}
	if !b.Ends.After(now) || b.Ends.Sub(now) > maxBar {
		bad.Fields["ends"] = "Choose a time within the next seven days."
	}
	if len(bad.Fields) > 0 {
		return &bad
	}
	return s.setBar(ctx, a, base, BarRaised, func(tx *db.Tx, was Bar) (Bar, error) {
		if b.Begins = now; was.Up(now) {
			b.Begins = was.Begins
		}
		if b.Article != "" {
			states, err := statesOf(ctx, tx, []article.Place{{Article: b.Article}})
			if err != nil {
				return b, err
			}
			if st := states[b.Article]; st != article.Published && st != article.Scheduled {
				return b, &problem.Problem{
					Kind: problem.Invalid, Detail: "The bar can lead to a story that is published or scheduled.",
					Fields: map[string]string{"article": "Choose a story that is published or scheduled."},
				}
			}
			story, err := s.Articles.Get(ctx, tx, b.Article)
			if err != nil {
				return b, err
			}
			if story.Sponsor != "" {
				return b, &problem.Problem{
					Kind: problem.Invalid, Detail: "This story is sponsored, and what is paid for is no breaking news.",
					Fields: map[string]string{"article": "Choose a story that nobody has paid for."},
				}
			}
		}
		return b, nil
	})
}

// LowerBar takes the bar down.
func (s *Store) LowerBar(ctx context.Context, a *reader.Actor, base int) error {
	return s.setBar(ctx, a, base, BarLowered, func(*db.Tx, Bar) (Bar, error) {
		return Bar{Begins: s.Now(), Ends: s.Now()}, nil
	})
}

// setBar stores the next version of the bar. Two that come at once want the same
// number, and the key refuses one.
func (s *Store) setBar(ctx context.Context, a *reader.Actor, base int, act audit.Act, f func(tx *db.Tx, was Bar) (Bar, error)) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	late := &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed the bar in the meantime. Look at it again."}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		was, err := s.bar(ctx, tx)
		if err != nil {
			return err
		}
		if was.Number != base {
			return late
		}
		b, err := f(tx, was)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into breaking (number, words, article, begins, ends, updated, author) values ($1, $2, nullif($3, ''), $4, $5, $6, $7)`,
			base+1, b.Words, b.Article, db.Time(b.Begins), db.Time(b.Ends), db.Time(s.Now()), a.Reader.ID)
		if err != nil {
			return fmt.Errorf("set the bar: %w", err)
		}
		if err := event.Record(ctx, tx, BarChanged{}); err != nil {
			return err
		}
		return s.note(ctx, tx, a, act, BarTag, b.Words)
	})
	if db.IsUnique(err) {
		return late
	}
	return err
}
