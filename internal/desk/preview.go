package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// A PreviewLink lets somebody outside the house read a story before it is
// published. It can be taken back.
type PreviewLink struct {
	ID      string
	Author  string // reader id
	Note    string // for whom it is
	Created time.Time
	Expires time.Time
}

const (
	maxPreview  = 30 * 24 * time.Hour
	maxPreviews = 20 // links of one story
)

// ShareDraft makes a link to a story that is good until expires.
func (s *Store) ShareDraft(ctx context.Context, a *reader.Actor, id, note string, expires time.Time) (token secret.Token, err error) {
	if !a.May(reader.MayWrite) {
		return token, forbidden()
	}
	now := s.Now()
	if !expires.After(now) || expires.Sub(now) > maxPreview {
		return token, &problem.Problem{
			Kind: problem.Invalid, Detail: "A link is good for at most 30 days.",
			Fields: map[string]string{"expires": "Choose a day within the next 30."},
		}
	}
	token = secret.NewToken()
	note = strings.Join(strings.Fields(clean(note)), " ")
	if len(note) > 200 {
		note = string([]rune(note)[:min(200, len([]rune(note)))])
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, a, id); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from preview_link where article = $1 and expires > $2`, id, db.Time(now)).Scan(&n); err != nil {
			return fmt.Errorf("share %s: %w", id, err)
		}
		if n >= maxPreviews {
			return wrongState("This story has 20 links already. Take one back first.")
		}
		_, err := tx.Exec(ctx, `insert into preview_link (hash, id, article, author, note, created, expires) values ($1, $2, $3, $4, $5, $6, $7)`,
			token.Hash().String(), s.ID(), id, a.Reader.ID, note, db.Time(now), db.Time(expires))
		if err != nil {
			return fmt.Errorf("share %s: %w", id, err)
		}
		return nil
	})
	return token, err
}

// PreviewLinks lists the links to a story that are still good.
func (s *Store) PreviewLinks(ctx context.Context, a *reader.Actor, id string) (list []PreviewLink, err error) {
	if _, err := s.Story(ctx, a, id); err != nil {
		return nil, err
	}
	rows, err := s.DB.Query(ctx, `select id, author, note, created, expires from preview_link where article = $1 and expires > $2 order by created, id`, id, db.Time(s.Now()))
	if err != nil {
		return nil, fmt.Errorf("list the links to %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var l PreviewLink
		if err := rows.Scan(&l.ID, &l.Author, &l.Note, (*db.Time)(&l.Created), (*db.Time)(&l.Expires)); err != nil {
			return nil, fmt.Errorf("list the links to %s: %w", id, err)
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Unshare takes a link back.
func (s *Store) Unshare(ctx context.Context, a *reader.Actor, id, link string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.lock(ctx, tx, a, id); err != nil {
			return err
		}
		return db.One(tx.Exec(ctx, `delete from preview_link where id = $1 and article = $2`, link, id))
	})
}

// Previewed is what somebody with a link may have.
type Previewed struct {
	*article.Article           // with the words of the copy
	Expires          time.Time // of the link
}

// Preview returns what a link leads to: the article with the words of its copy,
// and nothing that stays in the newsroom.
func (s *Store) Preview(ctx context.Context, text string) (p Previewed, err error) {
	token, ok := secret.ParseToken(text)
	if !ok {
		return p, badLink()
	}
	var id string
	err = s.DB.QueryRow(ctx, `select article, expires from preview_link where hash = $1`, token.Hash().String()).Scan(&id, (*db.Time)(&p.Expires))
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return p, badLink()
	} else if err != nil {
		return p, fmt.Errorf("find what a link leads to: %w", err)
	}
	if !p.Expires.After(s.Now()) {
		return p, badLink()
	}
	t, err := s.find(ctx, s.DB, id)
	if err != nil {
		return p, err
	}
	if t.Article.State == article.Withdrawn || !t.Article.Expires.IsZero() && !t.Article.Expires.After(s.Now()) {
		return p, badLink()
	}
	p.Article = t.Draft()
	return p, nil
}

// Draft is the article as it would be if the copy were published now.
func (t *Story) Draft() *article.Article {
	a := *t.Article
	a.Content = t.Copy.Content
	a.Class = t.Copy.Class
	a.Words = a.Body.Words()
	return &a
}

func badLink() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "This link is not good any more. Ask whoever sent it to you for a new one."}
}

// Sweep removes what time has ended.
func (s *Store) Sweep(ctx context.Context) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		now := s.Now()
		if _, err := tx.Exec(ctx, `delete from preview_link where expires <= $1`, db.Time(now)); err != nil {
			return fmt.Errorf("remove old links: %w", err)
		}
		if _, err := tx.Exec(ctx, `delete from story_present where seen < $1`, db.Time(now.Add(-presence))); err != nil {
			return fmt.Errorf("forget who had stories open: %w", err)
		}
		return nil
	})
	return errors.Join(err, s.forgetReporters(ctx), s.sweepLayouts(ctx))
}
