package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A New is a comment to be.
type New struct {
	About     About
	Author    string   // a reader's id
	Parent    string   // the comment that it answers, "" for the article
	Body      string   // as it was typed
	Mentioned []string // the ids of the readers whom it calls by their handles
	Vetted    bool     // somebody of the paper has read it: nothing holds it
	Key       string   // what the browser calls this attempt; sent twice, it makes one comment
}

const (
	// EditTime is how long authors can change what they wrote.
	EditTime = 10 * time.Minute

	maxKey = 64

	// keyLife is how long an attempt is known again.
	keyLife = 24 * time.Hour
)

// Post stores a comment. It is visible at once unless something holds it, which
// the comment says; the text of a Problem is still the author's own.
func (s *Store) Post(ctx context.Context, n New) (c Comment, err error) {
	if n.Body, err = Clean(n.Body); err != nil {
		return c, err
	}
	if len(n.Key) > maxKey {
		return c, wrongForm(nil)
	}
	suspect, err := s.sift(ctx, n.Author, n.Body, "")
	if err != nil {
		return c, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		c, err = s.post(ctx, tx, n, slices.Clone(suspect))
		return err
	})
	if err != nil && problem.Of(err) == nil {
		return c, fmt.Errorf("post a comment on %s: %w", n.About.Article, err)
	}
	return c, err
}

func (s *Store) post(ctx context.Context, tx *db.Tx, n New, suspect Holds) (c Comment, err error) {
	// The author's row first: whoever sends one form twice waits here for the first.
	who, err := s.commenter(ctx, tx, n.Author)
	if err != nil {
		return c, err
	}
	if n.Key != "" {
		before, err := attempt(ctx, tx, n)
		if before.ID != "" || err != nil {
			return before, err
		}
	}
	now := s.Now()
	if err := who.may(now, Mute); err != nil {
		return c, err
	}
	t, err := s.thread(ctx, tx, n.About)
	if err != nil {
		return c, err
	}
	if err := s.takes(ctx, tx, t, n, now); err != nil {
		return c, err
	}
	c = Comment{
		ID: s.ID(), Article: n.About.Article, Author: n.Author, Body: n.Body, State: Visible,
		Version: 1, Created: now, Parent: n.Parent,
	}
	if n.Parent != "" {
		if err := c.under(ctx, tx, n.Parent); err != nil {
			return c, err
		}
	}
	if !n.Vetted {
		c.HeldFor, c.Flagged = s.holds(suspect, who, t)
	}
	if len(c.HeldFor) > 0 {
		c.State = Held
	}
	if err := insert(ctx, tx, c); err != nil {
		return c, err
	}
	shown := 0
	if c.State == Visible {
		shown = 1
		if err := s.show(ctx, tx, &c, n.Mentioned); err != nil {
			return c, err
		}
	} else if err := remember(ctx, tx, c.ID, n.Mentioned); err != nil {
		return c, err
	}
	if n.Key != "" {
		_, err = tx.Exec(ctx, `insert into comment_key (author, name, comment, created) values ($1, $2, $3, $4)`, n.Author, n.Key, c.ID, db.Time(now))
		if err != nil {
			return c, err
		}
	}
	_, err = tx.Exec(ctx, `update commenter set posted = posted + 1, visible = visible + $2, last = $3 where reader = $1`, n.Author, shown, db.Time(now))
	return c, err
}

// attempt finds the comment that an earlier sending of the same form has made.
func attempt(ctx context.Context, tx *db.Tx, n New) (c Comment, err error) {
	err = tx.QueryRow(ctx, `select `+columns+`
		from comment_key as k
		join comment as c on c.id = k.comment
		where k.author = $1 and k.name = $2`, n.Author, n.Key).Scan(c.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Comment{}, nil
	}
	if err == nil && c.Article != n.About.Article {
		return Comment{}, &problem.Problem{Kind: problem.Conflict, Detail: "This form has been sent already, for another article. Open the article again and write there."}
	}
	return c, err
}

// takes reports why the thread does not take this comment now.
func (s *Store) takes(ctx context.Context, tx *db.Tx, t Thread, n New, now time.Time) error {
	switch {
	case t.State == Off:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This article has no comments."}
	case t.Late:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This thread is closed: its days are over. You can still read it."}
	case !t.Takes():
		return &problem.Problem{Kind: problem.Conflict, Detail: "This thread is closed. You can still read it."}
	}
	if _, err := tx.Exec(ctx, `insert into thread (article, state, slow, seats, visible, voted) values ($1, '', 0, 0, 0, 0) on conflict (article) do nothing`, n.About.Article); err != nil {
		return err
	}
	if t.Slow > 0 {
		var last time.Time
		err := tx.QueryRow(ctx, `select coalesce(max(created), 0) from comment where author = $1 and article = $2 and created > $3`,
			n.Author, n.About.Article, db.Time(now.Add(-t.Slow))).Scan((*db.Time)(&last))
		if err != nil {
			return err
		}
		if wait := last.Add(t.Slow).Sub(now); !last.IsZero() && wait > 0 {
			return &problem.Problem{Kind: problem.TooMany, Wait: wait, Detail: "This thread is in slow mode. Wait a little before you write again; your text is kept."}
		}
	}
	again := false
	err := tx.QueryRow(ctx, `select exists (select 1 from comment where hash = $1 and created > $2 and author = $3 and article = $4 and state <> 'deleted')`,
		hash(n.Body), db.Time(now.Add(-repeatTime)), n.Author, n.About.Article).Scan(&again)
	if err == nil && again {
		err = refuse(problem.Conflict, "body", "You have written this here already.")
	}
	return err
}

// under places a reply in the branch of the comment that it answers.
func (c *Comment) under(ctx context.Context, tx *db.Tx, parent string) error {
	p, err := byID(ctx, tx, parent)
	if problem.Is(err, problem.NotFound) || err == nil && (p.Seat == 0 || p.Article != c.Article) {
		return notFound()
	}
	if err != nil {
		return err
	}
	if p.State != Visible {
		return &problem.Problem{Kind: problem.Conflict, Detail: "The comment that you answer is not there any more. Your text is kept: you can post it on the article."}
	}
	c.Top, c.Answered = p.Top, p.Author
	if c.Top == "" {
		c.Top = p.ID
	}
	return nil
}

func insert(ctx context.Context, tx *db.Tx, c Comment) error {
	state := c.State
	if state == Visible {
		state = Held // until show gives it a seat
	}
	_, err := tx.Exec(ctx, `insert into comment (id, article, top, parent, answered, author, body, hash, state, held_for, flagged, shown, seat, seats, replies,
			up, down, heavy_up, heavy_down, rank, reports, version, edited, marked, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $12, 0, false, $13)`,
		c.ID, c.Article, c.Top, c.Parent, c.Answered, c.Author, c.Body, hash(c.Body), state, c.HeldFor, c.Flagged, c.Version, db.Time(c.Created))
	return err
}

// show lets readers have a comment: it takes a seat if it has none, is counted,
// and whoever it answers or calls is told. The caller has locked its author's
// row, and counts there.
func (s *Store) show(ctx context.Context, tx *db.Tx, c *Comment, mentioned []string) error {
	first := c.Seat == 0
	take := 0
	if first {
		take = 1
	}
	if first {
		c.Shown = s.Now()
	}
	// The thread first, then the top comment, then this one: all who count take
	// the rows in this order.
	var err error
	if c.Top == "" {
		var seat int
		err = tx.QueryRow(ctx, `update thread set seats = seats + $2, visible = visible + 1 where article = $1 returning seats`, c.Article, take).Scan(&seat)
		if first {
			c.Seat = seat
		}
	} else {
		if err = db.One(tx.Exec(ctx, `update thread set visible = visible + 1 where article = $1`, c.Article)); err != nil {
			return err
		}
		var seat int
		err = tx.QueryRow(ctx, `update comment set seats = seats + $2, replies = replies + 1 where id = $1 returning seats`, c.Top, take).Scan(&seat)
		if first {
			c.Seat = seat
		}
	}
	if err != nil {
		return err
	}
	c.State, c.HeldFor, c.Flagged = Visible, nil, false
	_, err = tx.Exec(ctx, `update comment set state = 'visible', held_for = '', flagged = false, shown = $2, seat = $3 where id = $1`, c.ID, db.Time(c.Shown), c.Seat)
	if err != nil {
		return err
	}
	if first {
		if err := s.tellAnswered(ctx, tx, *c, mentioned); err != nil {
			return err
		}
		return event.Record(ctx, tx, Appeared{c.Article})
	}
	return event.Record(ctx, tx, Changed{c.Article})
}

// hide takes a visible comment from the readers. Its place stays. The caller
// has locked the rows of its author and of the comment, and counts at the
// author's.
func (s *Store) hide(ctx context.Context, tx *db.Tx, c *Comment, to State) error {
	if err := db.One(tx.Exec(ctx, `update thread set visible = visible - 1 where article = $1`, c.Article)); err != nil {
		return err
	}
	if c.Top != "" {
		if err := db.One(tx.Exec(ctx, `update comment set replies = replies - 1 where id = $1`, c.Top)); err != nil {
			return err
		}
	}
	c.State = to
	if _, err := tx.Exec(ctx, `update comment set state = $2 where id = $1`, c.ID, to); err != nil {
		return err
	}
	return event.Record(ctx, tx, Changed{c.Article})
}

// take locks what a change of one comment may touch, in the order in which all
// do it, and returns the comment as it then is: author, thread, top, comment.
func (s *Store) take(ctx context.Context, tx *db.Tx, id string) (c Comment, who commenter, err error) {
	if c, err = byID(ctx, tx, id); err != nil {
		return c, who, err
	}
	if who, err = s.commenter(ctx, tx, c.Author); err != nil {
		return c, who, err
	}
	if err := db.One(tx.Exec(ctx, `update thread set slow = slow where article = $1`, c.Article)); err != nil {
		return c, who, err
	}
	if c.Top != "" {
		if _, err := lock(ctx, tx, c.Top); err != nil {
			return c, who, err
		}
	}
	c, err = lock(ctx, tx, id)
	return c, who, err
}
