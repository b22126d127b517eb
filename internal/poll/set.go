package poll

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

const (
	// Least and Most are how many options readers can choose from.
	Least = 2
	Most  = 10

	maxWords = 140 // characters of an option
)

// A Draft is what the desk makes of a poll.
type Draft struct {
	Options []string
	Closes  time.Time // zero: it is open until somebody closes it
	Version int       // of the poll that whoever sends this has before their eyes
}

// Tidy brings what was typed, one option a line, into the form in which it is kept.
func Tidy(lines []string) (words []string) {
	for _, l := range lines {
		l = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && !unicode.IsSpace(r) || r == utf8.RuneError {
				return -1
			}
			return r
		}, l)
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			words = append(words, l)
		}
	}
	return words
}

func (d Draft) check(least int) error {
	if len(d.Options) > Most {
		return refuse(problem.Invalid, "options", "A poll has at most 10 options. Leave some out.")
	}
	if len(d.Options) < least {
		return refuse(problem.Invalid, "options", "A poll needs at least two options. Write them, one a line.")
	}
	seen := map[string]bool{}
	for _, w := range d.Options {
		if utf8.RuneCountInString(w) > maxWords {
			return refuse(problem.Invalid, "options", "One of the options is longer than 140 characters. Shorten it.")
		}
		if f := db.Fold(w); seen[f] {
			return refuse(problem.Invalid, "options", "Two of the options are the same. Change one, or leave it out.")
		} else {
			seen[f] = true
		}
	}
	return nil
}

// Set gives a poll its options and its end; least is how many options it must have.
// It reports whether that put options into other words for which somebody had voted.
// While nobody has, everything can be changed; afterwards only words, and readers are
// told.
func (s *Store) Set(ctx context.Context, tx *db.Tx, article string, d Draft, least int) (reworded bool, err error) {
	d.Options = Tidy(d.Options)
	if err := d.check(least); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `insert into poll (article, closes, reworded, voted, version) values ($1, 0, 0, 0, 0) on conflict do nothing`, article)
	if err != nil {
		return false, fmt.Errorf("set the poll of %s: %w", article, err)
	}
	p, err := lock(ctx, tx, article)
	if err != nil {
		return false, fmt.Errorf("set the poll of %s: %w", article, err)
	}
	if p.Version != d.Version {
		return false, &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed the poll since. Look at it again."}
	}
	now := s.Now()
	if d.Closes = d.Closes.Truncate(time.Microsecond); !d.Closes.IsZero() && !d.Closes.Equal(p.Closes) && !d.Closes.After(now) {
		return false, refuse(problem.Invalid, "closes", "This time is past. Choose one that is to come, or close the poll now.")
	}
	if slices.Equal(words(p.Options), d.Options) && d.Closes.Equal(p.Closes) {
		return false, nil
	}
	begun, err := begun(ctx, tx, article)
	if err != nil {
		return false, fmt.Errorf("set the poll of %s: %w", article, err)
	}
	if begun {
		reworded, err = reword(ctx, tx, p, d.Options)
	} else {
		err = s.replace(ctx, tx, p, d.Options)
	}
	if err != nil {
		return false, err
	}
	if reworded {
		p.Reworded = now
	}
	return reworded, s.change(ctx, tx, p, d.Closes)
}

// change writes the end of a poll, and that it is another one now.
func (s *Store) change(ctx context.Context, tx *db.Tx, p Poll, closes time.Time) error {
	_, err := tx.Exec(ctx, `update poll set closes = $2, reworded = $3, version = version + 1 where article = $1`, p.Article, db.Time(closes), db.Time(p.Reworded))
	if err != nil {
		return fmt.Errorf("set the poll of %s: %w", p.Article, err)
	}
	return event.Record(ctx, tx, Changed{p.Article})
}

func words(list []Option) (words []string) {
	for _, o := range list {
		words = append(words, o.Words)
	}
	return words
}

// begun reports whether somebody has voted in a poll, whoever they are now.
func begun(ctx context.Context, tx *db.Tx, article string) (is bool, err error) {
	err = tx.QueryRow(ctx, `select exists (select 1 from poll_vote where article = $1)
		or exists (select 1 from poll_option where article = $1 and gone > 0)`, article).Scan(&is)
	return is, err
}

// replace gives a poll in which nobody has voted other options. Those that stay keep
// their ids: pages that are open name them.
func (s *Store) replace(ctx context.Context, tx *db.Tx, p Poll, to []string) error {
	ids := map[string]string{}
	for _, o := range p.Options {
		if slices.Contains(to, o.Words) {
			ids[o.Words] = o.ID
		} else if _, err := tx.Exec(ctx, `delete from poll_option where id = $1`, o.ID); err != nil {
			return fmt.Errorf("set the poll of %s: %w", p.Article, err)
		}
	}
	for i, w := range to {
		id := ids[w]
		if id == "" {
			id = s.ID()
		}
		_, err := tx.Exec(ctx, `insert into poll_option (id, article, position, words, votes, gone) values ($1, $2, $3, $4, 0, 0)
			on conflict (id) do update set position = excluded.position`, id, p.Article, i, w)
		if err != nil {
			return fmt.Errorf("set the poll of %s: %w", p.Article, err)
		}
	}
	return nil
}

// reword changes the words of options that have votes. What would give votes to an
// option that nobody chose is refused.
func reword(ctx context.Context, tx *db.Tx, p Poll, to []string) (changed bool, err error) {
	if len(to) != len(p.Options) {
		return false, refuse(problem.Conflict, "options", "Readers have voted: no option can be added or removed any more, only its words changed.")
	}
	for i, o := range p.Options {
		if o.Words == to[i] {
			continue
		}
		if slices.Contains(words(p.Options), to[i]) {
			return false, refuse(problem.Conflict, "options", "Readers have voted: the options stay in their order. Only the words of each can be changed.")
		}
		if _, err := tx.Exec(ctx, `update poll_option set words = $2 where id = $1`, o.ID, to[i]); err != nil {
			return false, fmt.Errorf("reword the poll of %s: %w", p.Article, err)
		}
		changed = true
	}
	return changed, nil
}

// Close ends a poll now.
func (s *Store) Close(ctx context.Context, tx *db.Tx, article string) error {
	return s.end(ctx, tx, article, true)
}

// Reopen opens a poll that has ended; it stays open until somebody closes it.
func (s *Store) Reopen(ctx context.Context, tx *db.Tx, article string) error {
	return s.end(ctx, tx, article, false)
}

func (s *Store) end(ctx context.Context, tx *db.Tx, article string, closed bool) error {
	p, err := lock(ctx, tx, article)
	if err != nil {
		return err
	}
	now := s.Now()
	if p.Closed(now) == closed {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has closed or opened the poll meanwhile. Look at it again."}
	}
	closes := time.Time{}
	if closed {
		closes = now
	}
	return s.change(ctx, tx, p, closes)
}
