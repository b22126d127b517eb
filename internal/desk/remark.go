package desk

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Remark is what a colleague says of a passage of a story.
type Remark struct {
	ID      string
	Author  string // reader id
	Passage string // the words that are meant, "" for the whole story
	Words   string
	Created time.Time
	Done    time.Time // zero while it is open
	DoneBy  string
}

const (
	maxRemark  = 4_000 // characters
	maxPassage = 500
)

// Remark adds a remark on a passage, which the story holds in these words.
func (s *Store) Remark(ctx context.Context, a *reader.Actor, id, passage, words string) (remark string, err error) {
	if !a.May(reader.MayWrite) {
		return "", forbidden()
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, a, id); err != nil {
			return err
		}
		remark, err = s.remark(ctx, tx, a, id, passage, words)
		return err
	})
	return remark, err
}

func (s *Store) remark(ctx context.Context, tx *db.Tx, a *reader.Actor, id, passage, words string) (remark string, err error) {
	words, passage = strings.TrimSpace(clean(words)), strings.Join(strings.Fields(clean(passage)), " ")
	switch {
	case words == "":
		return "", &problem.Problem{Kind: problem.Invalid, Detail: "Write what you have to say.", Fields: map[string]string{"words": "Write what you have to say."}}
	case utf8.RuneCountInString(words) > maxRemark:
		return "", &problem.Problem{Kind: problem.Invalid, Detail: "A remark has at most 4,000 characters.", Fields: map[string]string{"words": "Shorten it."}}
	case utf8.RuneCountInString(passage) > maxPassage:
		passage = string([]rune(passage)[:maxPassage])
	}
	remark = s.ID()
	_, err = tx.Exec(ctx, `insert into story_remark (id, article, author, passage, words, created, done) values ($1, $2, $3, $4, $5, $6, 0)`,
		remark, id, a.Reader.ID, passage, words, db.Time(s.Now()))
	if err != nil {
		return "", fmt.Errorf("add a remark to %s: %w", id, err)
	}
	return remark, nil
}

// SettleRemark says that a remark has been dealt with, or that it has not.
func (s *Store) SettleRemark(ctx context.Context, a *reader.Actor, id, remark string, done bool) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, a, id); err != nil {
			return err
		}
		var at, by any = int64(0), nil
		if done {
			at, by = db.Time(s.Now()), a.Reader.ID
		}
		return db.One(tx.Exec(ctx, `update story_remark set done = $3, done_by = $4 where id = $1 and article = $2`, remark, id, at, by))
	})
}

// maxRemarks is how many remarks a page shows: the newest.
const maxRemarks = 200

// Remarks lists the remarks on a story, oldest first.
func (s *Store) Remarks(ctx context.Context, a *reader.Actor, id string) (list []Remark, err error) {
	if _, err := s.Story(ctx, a, id); err != nil {
		return nil, err
	}
	rows, err := s.DB.Query(ctx, `select id, author, passage, words, created, done, coalesce(done_by, '')
		from (select * from story_remark where article = $1 order by created desc, id desc limit $2) as r
		order by created, id`, id, maxRemarks)
	if err != nil {
		return nil, fmt.Errorf("read the remarks on %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Remark
		if err := rows.Scan(&r.ID, &r.Author, &r.Passage, &r.Words, (*db.Time)(&r.Created), (*db.Time)(&r.Done), &r.DoneBy); err != nil {
			return nil, fmt.Errorf("read the remarks on %s: %w", id, err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
