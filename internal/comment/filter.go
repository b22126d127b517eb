package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kawaraban/internal/comment/sift"
	"kawaraban/internal/db"
)

// minKnown is how many approved and how many removed comments the filter must
// have seen before it says anything.
const minKnown = 30

// filter judges a Plain text by what the paper has approved and removed.
func (s *Store) filter(ctx context.Context, plain string) (p float64, telling []string, err error) {
	tokens := sift.Tokens(plain)
	all, known := sift.Count{}, make(map[string]sift.Count, len(tokens))
	var args []any
	rows, err := s.DB.Query(ctx, `select word, good, bad from sift_word where word `+db.In(&args, append([]string{""}, tokens...))+` order by word`, args...)
	if err != nil {
		return 0, nil, fmt.Errorf("read what the filter knows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var word string
		var c sift.Count
		if err := rows.Scan(&word, &c.Good, &c.Bad); err != nil {
			return 0, nil, fmt.Errorf("read what the filter knows: %w", err)
		}
		if word == "" {
			all = c
		} else {
			known[word] = c
		}
	}
	if err := rows.Err(); err != nil || all.Good < minKnown || all.Bad < minKnown {
		return 0, nil, err
	}
	p, telling = sift.Judge(tokens, all, known)
	return p, telling, nil
}

// learn lets the filter know what a moderator thinks of a comment whose row is
// locked. Each comment counts once: one that was removed and is approved now
// moves over.
func (s *Store) learn(ctx context.Context, tx *db.Tx, c Comment, bad bool) error {
	if c.Body == "" {
		return nil
	}
	var before bool
	err := tx.QueryRow(ctx, `select bad from sift_comment where comment = $1`, c.ID).Scan(&before)
	known := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read what the filter knows of %s: %w", c.ID, err)
	}
	if known && before == bad {
		return nil
	}
	_, err = tx.Exec(ctx, `insert into sift_comment (comment, bad) values ($1, $2) on conflict (comment) do update set bad = excluded.bad`, c.ID, bad)
	if err != nil {
		return fmt.Errorf("let the filter know of %s: %w", c.ID, err)
	}
	add := sift.Count{Good: 1}
	if bad {
		add = sift.Count{Bad: 1}
	}
	if known {
		add.Good, add.Bad = add.Good-add.Bad, add.Bad-add.Good
	}
	return s.count(ctx, tx, c.Body, add)
}

// unlearn lets the filter forget a comment whose text is about to change, or
// about which the moderator was wrong.
func (s *Store) unlearn(ctx context.Context, tx *db.Tx, c Comment) error {
	var bad bool
	err := tx.QueryRow(ctx, `delete from sift_comment where comment = $1 returning bad`, c.ID).Scan(&bad)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("let the filter forget %s: %w", c.ID, err)
	}
	if bad {
		return s.count(ctx, tx, c.Body, sift.Count{Bad: -1})
	}
	return s.count(ctx, tx, c.Body, sift.Count{Good: -1})
}

// count adds to the counts of the words of a text, and of all texts.
func (s *Store) count(ctx context.Context, tx *db.Tx, body string, add sift.Count) error {
	// Everybody takes the rows in one order, that of all texts first.
	tokens := append([]string{""}, sift.Tokens(sift.Plain(body))...)
	slices.Sort(tokens)
	args := []any{add.Good, add.Bad, max(add.Good, 0), max(add.Bad, 0)}
	values := make([]string, len(tokens))
	for i, t := range tokens {
		values[i] = "(" + db.Arg(&args, t) + ", $3, $4)"
	}
	_, err := tx.Exec(ctx, `insert into sift_word (word, good, bad) values `+strings.Join(values, ", ")+`
		on conflict (word) do update
		set good = case when sift_word.good + $1 > 0 then sift_word.good + $1 else 0 end,
			bad = case when sift_word.bad + $2 > 0 then sift_word.bad + $2 else 0 end`, args...)
	if err != nil {
		return fmt.Errorf("let the filter count: %w", err)
	}
	return nil
}
