package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// draftLife is how long a text waits for its author to log in.
const draftLife = 24 * time.Hour

// A Draft is what somebody wrote who has to log in first.
type Draft struct {
	Article string
	Parent  string
	Body    string
}

// KeepDraft keeps a text until its author comes back with the token.
func (s *Store) KeepDraft(ctx context.Context, d Draft) (secret.Token, error) {
	t := secret.NewToken()
	if len(d.Body) > 8*MaxBody {
		return t, tooLong()
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into comment_draft (hash, article, parent, body, expires) values ($1, $2, $3, $4, $5)`,
			t.Hash().String(), d.Article, d.Parent, d.Body, db.Time(s.Now().Add(draftLife)))
		return err
	})
	if err != nil {
		return t, fmt.Errorf("keep a draft: %w", err)
	}
	return t, nil
}

// TakeDraft returns what was kept; nothing when the token is old or unknown.
func (s *Store) TakeDraft(ctx context.Context, token string) (d Draft, err error) {
	t, ok := secret.ParseToken(token)
	if !ok {
		return d, nil
	}
	err = s.DB.QueryRow(ctx, `select article, parent, body from comment_draft where hash = $1 and expires > $2`,
		t.Hash().String(), db.Time(s.Now())).Scan(&d.Article, &d.Parent, &d.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{}, nil
	}
	if err != nil {
		return d, fmt.Errorf("read a draft: %w", err)
	}
	return d, nil
}

// Own returns a comment of its author's with its text, whatever became of it.
func (s *Store) Own(ctx context.Context, author, id string) (Comment, error) {
	c, err := byID(ctx, s.DB, id)
	if err != nil {
		return c, err
	}
	if err := s.own(c, author); err != nil {
		return Comment{}, err
	}
	return c, nil
}

// Waiting lists the comments of an author on an article that wait for a
// moderator, the newest first: nobody else sees them.
func (s *Store) Waiting(ctx context.Context, author, article string) ([]Comment, error) {
	found, err := list(ctx, s.DB, `select `+columns+`
		from comment as c
		where c.author = $1 and c.article = $2 and c.state = 'held'
		order by c.created desc, c.id desc
		limit 20`, author, article)
	if err != nil {
		return nil, fmt.Errorf("list what waits of %s: %w", author, err)
	}
	return found, nil
}

// Editable reports whether its author can still change a comment.
func (c Comment) Editable(now time.Time) bool {
	return (c.State == Visible || c.State == Held) && now.Sub(c.Created) <= EditTime
}

// wrongForm is the Problem of a form that has been changed on its way.
func wrongForm(err error) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: "The form did not arrive whole. Go back and send it again.", Err: err}
}
