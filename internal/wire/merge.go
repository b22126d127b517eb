package wire

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A Pending version is one of an agency that waits to be merged into an article which
// an editor has made the paper's own. Had is what the agency said in the version that
// the article began from, Has what it says now; neither has pictures.
type Pending struct {
	First    int64 // the story's address
	Agency   string
	Version  string
	Advisory string
	Had, Has article.Content
}

// Pending returns the version that waits for an article, nil when none does.
func (s *Store) Pending(ctx context.Context, id string) (*Pending, error) {
	var ch chain
	var src Source
	var story string
	p, q := &Pending{}, s.DB
	err := q.QueryRow(ctx, `select w.first, w.id, w.newest, w.recall, w.recalled, s.id, s.name, s.section
		from wire_story w
		join wire_source s on s.id = w.source
		where w.article = $1
		order by w.source, w.id
		limit 1`, id).Scan(&p.First, &story, &ch.newest, &ch.recall, &ch.recalled, &src.ID, &src.Name, &src.Section)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for what waits for %s: %w", id, err)
	}
	has, err := s.version(ctx, q, `source = $1 and id = $2 and ord > $3 and decision = 'held' and status <> 'canceled' and status <> 'withheld'`, src.ID, story, ch.newest)
	if err != nil || has == nil || ch.recalls(has.Order) {
		return nil, err
	}
	had, err := s.version(ctx, q, `source = $1 and id = $2 and ord = $3`, src.ID, story, ch.newest)
	if err != nil || had == nil {
		return nil, err
	}
	p.Agency, p.Version, p.Advisory = src.Name, has.Version, has.Advisory
	if p.Had, err = s.words(ctx, src, *had); err != nil {
		return nil, err
	}
	p.Has, err = s.words(ctx, src, *has)
	return p, err
}

// version is the newest item that fits, nil for none.
func (s *Store) version(ctx context.Context, q db.Querier, where string, args ...any) (*Item, error) {
	var content string
	err := q.QueryRow(ctx, `select content from wire_item where `+where+` order by ord desc, version desc limit 1`, args...).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a version: %w", err)
	}
	it := new(Item)
	if err := json.Unmarshal([]byte(content), it); err != nil {
		return nil, fmt.Errorf("a stored item is damaged: %w", err)
	}
	return it, nil
}

// words is what an item says, without its pictures: those of the article stay.
func (s *Store) words(ctx context.Context, src Source, it Item) (article.Content, error) {
	it.Pictures = nil
	c, err := s.content(ctx, nil, src, it, nil)
	c.Lead = article.Lead{}
	if c.Body.Blocks == nil {
		c.Body.Blocks = []richtext.Block{}
	}
	return c, err
}

// Settled notes that the version of a story that waited has been merged into its
// article, or that an editor leaves it out. A Conflict says that another one is waiting
// by now.
func (s *Store) Settled(ctx context.Context, first int64, version, who string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		var source, id string
		err := tx.QueryRow(ctx, `update wire_story set done = 'used', done_by = $2 where first = $1 returning source, id`, first, who).Scan(&source, &id)
		if err != nil {
			return db.Found(err, "The wire has no such story.")
		}
		var order int64
		err = tx.QueryRow(ctx, `select ord from wire_item where source = $1 and id = $2 and version = $3`, source, id, version).Scan(&order)
		if err != nil {
			return db.Found(err, "The wire has no such version.")
		}
		err = db.One(tx.Exec(ctx, `update wire_story set newest = $2 where first = $1 and newest < $2`, first, order))
		if problem.Is(err, problem.NotFound) {
			return &problem.Problem{Kind: problem.Conflict, Detail: "The agency has sent another version since. Look at it again."}
		}
		return err
	})
}
