package comment

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// Edit changes what an author wrote a short while ago. What holds new comments
// may hold the changed one. Of n the article, the author, the text and whether it
// is vetted count.
func (s *Store) Edit(ctx context.Context, id string, n New) (c Comment, err error) {
	if n.Body, err = Clean(n.Body); err != nil {
		return c, err
	}
	suspect, err := s.sift(ctx, n.Author, n.Body, id)
	if err != nil {
		return c, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var who commenter
		if c, who, err = s.take(ctx, tx, id); err != nil {
			return err
		}
		if err := s.own(c, n.Author); err != nil {
			return err
		}
		now := s.Now()
		switch {
		case c.State == Removed:
			return &problem.Problem{Kind: problem.Conflict, Detail: "A moderator has removed this comment. It cannot be changed; you can appeal."}
		case now.Sub(c.Created) > EditTime:
			return &problem.Problem{Kind: problem.Conflict, Detail: "A comment can be changed for 10 minutes. Answer it to add something."}
		case n.Body == c.Body:
			return nil
		}
		if err := who.may(now, Mute); err != nil {
			return err
		}
		t, err := s.thread(ctx, tx, n.About)
		if err != nil {
			return err
		}
		if !t.Takes() {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This thread is closed. You can still read it."}
		}
		if err := s.unlearn(ctx, tx, c); err != nil {
			return err
		}
		if err := keepEdit(ctx, tx, c, n.Author, now); err != nil {
			return err
		}
		c.Body, c.Edited, c.Version = n.Body, now, c.Version+1
		_, err = tx.Exec(ctx, `update comment set body = $2, hash = $3, edited = $4, version = version + 1 where id = $1`, id, n.Body, hash(n.Body), db.Time(now))
		if err != nil {
			return err
		}
		if c.State == Held {
			return nil
		}
		if holds, flagged := s.holds(suspect, who, t); len(holds) > 0 && !n.Vetted {
			if err := s.hold(ctx, tx, &c, holds, flagged); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `update commenter set visible = visible - 1 where reader = $1`, n.Author)
			return err
		}
		return event.Record(ctx, tx, Changed{c.Article})
	})
	return c, err
}

// hold makes a visible comment wait for a moderator.
func (s *Store) hold(ctx context.Context, tx *db.Tx, c *Comment, holds Holds, flagged bool) error {
	if err := s.hide(ctx, tx, c, Held); err != nil {
		return err
	}
	c.HeldFor, c.Flagged = holds, flagged
	_, err := tx.Exec(ctx, `update comment set held_for = $2, flagged = $3 where id = $1`, c.ID, holds, flagged)
	return err
}

// own makes sure that a comment is the reader's own. That of somebody else is
// not even known to be there when others cannot see it.
func (s *Store) own(c Comment, reader string) error {
	if c.Author == reader && c.State != Deleted {
		return nil
	}
	if _, ok := c.public(); !ok || c.State == Deleted {
		return notFound()
	}
	return &problem.Problem{Kind: problem.Forbidden, Detail: "This comment is somebody else's."}
}

// keepEdit keeps what a comment says now, for moderators.
func keepEdit(ctx context.Context, tx *db.Tx, c Comment, editor string, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into comment_edit (comment, number, editor, body, gone, created)
		select $1, coalesce(max(number), 0) + 1, $2, $3, false, $4 from comment_edit where comment = $1`, c.ID, editor, c.Body, db.Time(now))
	if err != nil {
		return fmt.Errorf("keep what %s said: %w", c.ID, err)
	}
	return nil
}

// Delete takes away the text of an author's own comment for good; the place
// stays. While somebody has reported it, moderators can still see it.
func (s *Store) Delete(ctx context.Context, author, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		c, _, err := s.take(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.own(c, author); err != nil {
			return err
		}
		return s.delete(ctx, tx, c)
	})
}

func (s *Store) delete(ctx context.Context, tx *db.Tx, c Comment) error {
	if c.State == Visible {
		if err := s.hide(ctx, tx, &c, Deleted); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update commenter set visible = visible - 1 where reader = $1`, c.Author); err != nil {
			return err
		}
	}
	var err error
	if c.Reports > 0 {
		if err = keepEdit(ctx, tx, c, c.Author, s.Now()); err == nil {
			_, err = tx.Exec(ctx, `update comment_edit set gone = true where comment = $1`, c.ID)
		}
	} else {
		_, err = tx.Exec(ctx, `delete from comment_edit where comment = $1`, c.ID)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update comment set state = 'deleted', body = '', hash = '', held_for = '', flagged = false, version = version + 1 where id = $1`, c.ID)
	if err != nil || c.Seat == 0 {
		return err
	}
	return event.Record(ctx, tx, Changed{c.Article})
}
