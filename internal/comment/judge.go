package comment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A Judgement is what a moderator wants done with a comment.
type Judgement struct {
	Comment   string
	Version   int // of the comment that the moderator saw
	Act       Act // ActApprove, ActRemove, ActRestore, ActEdit, ActHold or ActWarn
	Moderator string
	Rule      string // where the act restricts
	Ground    Ground
	Reason    string
	Body      string // ActEdit: what it is to say
	Warn      bool   // with ActRemove and ActEdit: the author is warned too

	// Seen is when the moderator's page was made. Approving refuses only reports
	// that were there then; the zero time is all.
	Seen time.Time
}

// Judge decides on a comment and returns the decision. When the comment is not
// what the moderator saw, nothing is changed: that is a Problem Conflict whose
// cause is *Overtaken. The author is told of what restricts and of what is
// restored, reporters of what became of their reports.
func (s *Store) Judge(ctx context.Context, j Judgement) (d Decision, err error) {
	if !slices.Contains([]Act{ActApprove, ActRemove, ActRestore, ActEdit, ActHold, ActWarn}, j.Act) {
		return d, refuse(problem.Invalid, "act", "Choose what to do.")
	}
	y, err := whyOf(j.Act, j.Rule, j.Ground, j.Reason)
	if err != nil {
		return d, err
	}
	if j.Act == ActEdit {
		if j.Body, err = Clean(j.Body); err != nil {
			return d, err
		}
	}
	acts := []Act{j.Act}
	if j.Warn && (j.Act == ActRemove || j.Act == ActEdit) {
		acts = append(acts, ActWarn)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		c, who, err := s.take(ctx, tx, j.Comment)
		if err != nil {
			return err
		}
		switch {
		case c.Author == j.Moderator:
			return &problem.Problem{Kind: problem.Forbidden, Detail: "You cannot judge your own comment. Leave it to another moderator."}
		case c.Version != j.Version:
			return s.overtaken(ctx, tx, c)
		}
		if y.rule != "" {
			if err := ruled(ctx, tx, y.rule); err != nil {
				return err
			}
		}
		all := make([]Decision, len(acts))
		for i, a := range acts {
			all[i] = Decision{Act: a, Moderator: j.Moderator, Rule: y.rule, Ground: y.ground, Reason: y.reason}
		}
		if err := s.carry(ctx, tx, c, who, deed{body: j.Body, seen: j.Seen}, all); err != nil {
			return err
		}
		d = all[0]
		return s.account(ctx, tx, all...)
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("%s comment %s: %w", j.Act, j.Comment, err)
	}
	return d, err
}

// overtaken says what happened to a comment since a moderator saw it.
func (s *Store) overtaken(ctx context.Context, tx *db.Tx, c Comment) error {
	d, err := latest(ctx, tx, lastOnComment, c.ID)
	if err != nil {
		return err
	}
	if d.Version != c.Version { // what came last was no decision
		d = Decision{}
	}
	return (&Overtaken{Decision: d, Comment: c}).problem()
}

// A deed is what decisions need to be carried out.
type deed struct {
	body string    // what the comment is to say
	seen time.Time // until when reports were read
}

// carry carries out what was decided at once about one comment: all of it is one
// new version. The caller has taken the comment.
func (s *Store) carry(ctx context.Context, tx *db.Tx, c Comment, who commenter, how deed, all []Decision) error {
	source, err := s.source(ctx, tx, c)
	if err != nil {
		return err
	}
	waited, err := s.waited(ctx, tx, c)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update comment set version = version + 1 where id = $1`, c.ID); err != nil {
		return err
	}
	c.Version++
	for i := range all {
		d := &all[i]
		d.Comment, d.Article, d.Reader, d.Version, d.Was, d.Waited = c.ID, c.Article, c.Author, c.Version, string(c.State), waited
		if d.Source == "" {
			d.Source = source
		}
		visible := c.State == Visible
		if err := s.effect(ctx, tx, &c, who, d, how.body); err != nil {
			return err
		}
		if err := s.record(ctx, tx, d); err != nil {
			return err
		}
		if err := s.closeReports(ctx, tx, c, *d, how.seen); err != nil {
			return err
		}
		if d.Act.Restricts() || d.Act == ActRestore || d.Act == ActUnwarn || d.Act == ActHold && visible || d.Act == ActApprove && !visible {
			if err := s.tellDecided(ctx, tx, *d); err != nil {
				return err
			}
		}
	}
	return s.train(ctx, tx, c, all[0])
}

// source is what led a moderator to a comment.
func (s *Store) source(ctx context.Context, tx *db.Tx, c Comment) (Source, error) {
	if c.Reports > 0 {
		var notice bool
		err := tx.QueryRow(ctx, `select exists (select 1 from report where comment = $1 and state = 'open' and notice)`, c.ID).Scan(&notice)
		if err != nil {
			return "", fmt.Errorf("read the reports of %s: %w", c.ID, err)
		}
		if notice {
			return SourceNotice, nil
		}
		return SourceReport, nil
	}
	if c.State == Held && c.Flagged {
		return SourceRule, nil
	}
	return SourceOwn, nil
}

// waited is for how long a comment has been held.
func (s *Store) waited(ctx context.Context, tx *db.Tx, c Comment) (time.Duration, error) {
	if c.State != Held {
		return 0, nil
	}
	since := c.Created
	if !c.Shown.IsZero() {
		d, err := latest(ctx, tx, lastOnComment, c.ID)
		if err != nil {
			return 0, err
		}
		for _, t := range []time.Time{c.Edited, d.Created} {
			if t.After(since) {
				since = t
			}
		}
	}
	return s.Now().Sub(since), nil
}

// effect does to a comment, or to its author, what was decided.
func (s *Store) effect(ctx context.Context, tx *db.Tx, c *Comment, who commenter, d *Decision, body string) error {
	switch d.Act {
	case ActApprove:
		switch c.State {
		case Removed:
			return &problem.Problem{Kind: problem.Conflict, Detail: "This comment was removed. Restore it to show it again."}
		case Held:
			return s.reveal(ctx, tx, c)
		}
	case ActRestore:
		if c.State != Removed && (c.State != Held || d.Undoes == "") {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This comment is not one that a moderator has removed."}
		}
		return s.reveal(ctx, tx, c)
	case ActRemove:
		if c.State == Removed {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This comment has been removed already."}
		}
		if c.State != Deleted {
			return s.conceal(ctx, tx, c, Removed, nil)
		}
	case ActHold:
		if c.State == Held || c.State == Deleted {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This comment cannot be held: it waits already, or is gone."}
		}
		return s.conceal(ctx, tx, c, Held, Holds{{Rule: HeldByHand}})
	case ActEdit:
		return s.rewrite(ctx, tx, c, d, body)
	case ActWarn:
		_, err := tx.Exec(ctx, `update commenter set warned = warned + 1 where reader = $1`, who.id)
		return err
	case ActUnwarn:
		_, err := tx.Exec(ctx, `update commenter set warned = warned - 1 where reader = $1 and warned > 0`, who.id)
		return err
	}
	if c.State == Deleted && c.Reports == 0 && d.Act != ActReopen {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Its author has deleted this comment."}
	}
	return nil
}

// reveal shows a held or removed comment, and counts it.
func (s *Store) reveal(ctx context.Context, tx *db.Tx, c *Comment) error {
	if err := s.show(ctx, tx, c, nil); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update commenter set visible = visible + 1 where reader = $1`, c.Author)
	return err
}

// conceal takes a comment from the readers, who may not have had it, and counts
// it no more.
func (s *Store) conceal(ctx context.Context, tx *db.Tx, c *Comment, to State, holds Holds) error {
	if c.State == Visible {
		if err := s.hide(ctx, tx, c, to); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update commenter set visible = visible - 1 where reader = $1`, c.Author); err != nil {
			return err
		}
	} else if c.Seat > 0 {
		if err := event.Record(ctx, tx, Changed{c.Article}); err != nil {
			return err
		}
	}
	c.State, c.HeldFor, c.Flagged = to, holds, false
	_, err := tx.Exec(ctx, `update comment set state = $2, held_for = $3, flagged = false where id = $1`, c.ID, to, holds)
	return err
}

// rewrite changes what a comment says, and keeps what it said.
func (s *Store) rewrite(ctx context.Context, tx *db.Tx, c *Comment, d *Decision, body string) error {
	switch {
	case c.State != Visible && c.State != Held:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This comment cannot be edited: it was removed or deleted."}
	case body == c.Body:
		return refuse(problem.Invalid, "body", "You have changed nothing in the text.")
	}
	if err := s.unlearn(ctx, tx, *c); err != nil {
		return err
	}
	if err := keepEdit(ctx, tx, *c, d.Moderator, s.Now()); err != nil {
		return err
	}
	var number int
	if err := tx.QueryRow(ctx, `select max(number) from comment_edit where comment = $1`, c.ID).Scan(&number); err != nil {
		return err
	}
	d.Detail = strconv.Itoa(number)
	c.Body, c.Marked = body, true
	if d.Undoes != "" && d.Rule == "" {
		// The mark stays where another edit does.
		err := tx.QueryRow(ctx, `select exists (
			select 1 from decision as d
			where d.comment = $1 and d.act = 'edit' and d.rule <> '' and d.id <> $2
				and not exists (select 1 from decision as u where u.comment = $1 and u.undoes = d.id))`, c.ID, d.Undoes).Scan(&c.Marked)
		if err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `update comment set body = $2, hash = $3, marked = $4 where id = $1`, c.ID, body, hash(body), c.Marked); err != nil {
		return err
	}
	if c.State != Visible {
		return nil
	}
	return event.Record(ctx, tx, Changed{c.Article})
}

// train lets the filter learn from a decision.
func (s *Store) train(ctx context.Context, tx *db.Tx, c Comment, d Decision) error {
	switch d.Act {
	case ActApprove, ActRestore:
		return s.learn(ctx, tx, c, false)
	case ActRemove:
		return s.learn(ctx, tx, c, true)
	case ActHold, ActReopen:
		return s.unlearn(ctx, tx, c)
	}
	return nil
}

// A Verdict is what became of one Judgement of many.
type Verdict struct {
	Judgement Judgement
	Decision  Decision
	Err       error
}

// MaxJudgements is how many comments can be judged at once.
const MaxJudgements = 100

// JudgeAll judges many comments, each by itself: one that fails leaves the
// others.
func (s *Store) JudgeAll(ctx context.Context, all []Judgement) ([]Verdict, error) {
	if len(all) > MaxJudgements {
		return nil, &problem.Problem{Kind: problem.TooLarge, Detail: "At most 100 comments can be judged at once."}
	}
	verdicts := make([]Verdict, len(all))
	for i, j := range all {
		verdicts[i].Judgement = j
		verdicts[i].Decision, verdicts[i].Err = s.Judge(ctx, j)
	}
	return verdicts, nil
}
