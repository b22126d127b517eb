package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

func cannotUndo() error {
	return &problem.Problem{Kind: problem.Conflict, Detail: "This cannot be taken back any more. Decide anew."}
}

// Undo takes back a moderator's own decision, as a decision of its own, while
// nothing else was decided since. Undoing a removal or an edit takes back the
// warning that came with it; reports that it had answered are open again.
func (s *Store) Undo(ctx context.Context, moderator, decision string) (back Decision, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		d, err := decisionByID(ctx, tx, decision)
		if err != nil {
			return err
		}
		if d.Moderator != moderator {
			return &problem.Problem{Kind: problem.Forbidden, Detail: "This is another moderator's decision."}
		}
		var all []Decision
		switch {
		case d.Act.onBar():
			all, err = s.undoBar(ctx, tx, d)
		case d.Act.onThread() || d.Act == ActSection:
			all, err = s.undoSetting(ctx, tx, d)
		default:
			all, err = s.undoOnComment(ctx, tx, d)
		}
		if err != nil {
			return err
		}
		back = all[0]
		return s.account(ctx, tx, all...)
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("undo decision %s: %w", decision, err)
	}
	return back, err
}

func (s *Store) undoOnComment(ctx context.Context, tx *db.Tx, d Decision) ([]Decision, error) {
	c, who, err := s.take(ctx, tx, d.Comment)
	if err != nil {
		return nil, err
	}
	if c.Version != d.Version {
		return nil, s.overtaken(ctx, tx, c)
	}
	together := []Decision{d}
	if d.Act == ActRemove || d.Act == ActEdit {
		warnings, err := decisions(ctx, tx, `where d.comment = $1 and d.version = $2 and d.act = 'warn' order by d.created, d.id`, c.ID, d.Version)
		if err != nil {
			return nil, err
		}
		together = append(together, warnings...)
	}
	all := make([]Decision, len(together))
	body := ""
	for i, t := range together {
		all[i] = Decision{Moderator: d.Moderator, Source: SourceOwn, Undoes: t.ID}
		text, err := s.inverse(ctx, tx, t, &all[i])
		if err != nil {
			return nil, err
		}
		if t.Act == ActEdit {
			body = text
		}
	}
	if err := s.carry(ctx, tx, c, who, deed{body: body}, all); err != nil {
		return nil, err
	}
	for _, t := range together {
		if err := s.reopenReports(ctx, tx, t); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// inverse finds what takes back a decision about a comment, and the text where
// that is an edit.
func (s *Store) inverse(ctx context.Context, tx *db.Tx, d Decision, back *Decision) (body string, err error) {
	was := State(d.Was)
	switch d.Act {
	case ActRemove:
		switch was {
		case Held:
			back.Act = ActHold
		case Deleted:
			back.Act = ActReopen
		default:
			back.Act = ActRestore
		}
	case ActApprove:
		back.Act = ActReopen
		if was == Held {
			back.Act = ActHold
		}
	case ActHold:
		back.Act = ActRestore
		if was == Removed {
			return "", s.removeAgain(ctx, tx, d, back)
		}
	case ActRestore:
		if was == Held {
			back.Act = ActHold
			return "", nil
		}
		return "", s.removeAgain(ctx, tx, d, back)
	case ActEdit:
		back.Act = ActEdit
		return s.textBefore(ctx, tx, d)
	case ActWarn:
		back.Act = ActUnwarn
	default:
		return "", cannotUndo()
	}
	return "", nil
}

// removeAgain is the removal that a decision had taken back.
func (s *Store) removeAgain(ctx context.Context, tx *db.Tx, d Decision, back *Decision) error {
	first, err := latest(ctx, tx, `where d.comment = $1 and d.act = 'remove' order by d.created desc, d.id desc`, d.Comment)
	if err != nil {
		return err
	}
	if first.ID == "" {
		return cannotUndo()
	}
	back.Act, back.Rule, back.Ground, back.Reason = ActRemove, first.Rule, first.Ground, first.Reason
	return nil
}

// textBefore is what a comment said before an edit; a Problem Conflict when it
// was edited again, or nobody knows any more.
func (s *Store) textBefore(ctx context.Context, q db.Querier, d Decision) (body string, err error) {
	number, err := strconv.Atoi(d.Detail)
	if err != nil {
		return "", fmt.Errorf("the edit %s does not say which text it changed: %w", d.ID, err)
	}
	err = q.QueryRow(ctx, `select body from comment_edit
		where comment = $1 and number = $2 and not exists (select 1 from comment_edit where comment = $1 and number > $2)`, d.Comment, number).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", cannotUndo()
	}
	return body, err
}

// undoBar puts a reader's bar back to what it was.
func (s *Store) undoBar(ctx context.Context, tx *db.Tx, d Decision) ([]Decision, error) {
	who, err := s.commenter(ctx, tx, d.Reader)
	if err != nil {
		return nil, err
	}
	last, err := latest(ctx, tx, lastOnBar, d.Reader)
	if err != nil {
		return nil, err
	}
	if last.ID != d.ID {
		return nil, (&Overtaken{Decision: last}).problem()
	}
	back := Decision{Act: ActLift, Moderator: d.Moderator, Source: SourceOwn, Undoes: d.ID, Reader: d.Reader, Comment: d.Comment, Article: d.Article}
	bar, until, err := parseBar(d.Was)
	if err != nil {
		return nil, err
	}
	if (commenter{barred: bar, until: until}).bar(s.Now()) == NoBar {
		bar, until = NoBar, time.Time{}
	}
	for act, b := range bars {
		if b == bar {
			back.Act = act
		}
	}
	if back.Act != ActLift {
		before, err := latest(ctx, tx, `where d.reader = $1 and d.act = $2 and d.act in ('mute', 'suspend', 'ban', 'lift') and (d.created, d.id) < ($3, $4)
			order by d.created desc, d.id desc`, d.Reader, back.Act, db.Time(d.Created), d.ID)
		if err != nil {
			return nil, err
		}
		back.Rule, back.Ground, back.Reason, back.Until = before.Rule, before.Ground, before.Reason, until
	}
	if err := s.setBar(ctx, tx, who, &back, bar); err != nil {
		return nil, err
	}
	return []Decision{back}, nil
}

// parseBar reads Decision.Was of what was decided about a reader.
func parseBar(was string) (Bar, time.Time, error) {
	bar, end, _ := strings.Cut(was, " ")
	us, err := strconv.ParseInt(end, 10, 64)
	if err != nil {
		return NoBar, time.Time{}, fmt.Errorf("a bar was %q: %w", was, err)
	}
	if us == 0 {
		return Bar(bar), time.Time{}, nil
	}
	return Bar(bar), time.UnixMicro(us).UTC(), nil
}

// undoSetting puts a thread, or those of a section, back to what they were.
func (s *Store) undoSetting(ctx context.Context, tx *db.Tx, d Decision) ([]Decision, error) {
	if d.Act == ActSection {
		if _, err := lockSection(ctx, tx, d.Section); err != nil {
			return nil, err
		}
		last, err := latest(ctx, tx, lastOnSection, d.Section)
		if err != nil {
			return nil, err
		}
		if last.ID != d.ID {
			return nil, (&Overtaken{Decision: last}).problem()
		}
		set, err := parseSection(d.Was)
		if err != nil {
			return nil, err
		}
		return s.changeSection(ctx, tx, SectionChange{Section: d.Section, Set: set, Moderator: d.Moderator}, d.ID)
	}
	set, err := lockThread(ctx, tx, d.Article)
	if err != nil {
		return nil, err
	}
	last, err := latest(ctx, tx, lastOnThread, d.Article)
	if err != nil {
		return nil, err
	}
	if d.Act == ActSlow && set.Slow != slowOf(d.Detail) || d.Act != ActSlow && threadActs[set.State] != d.Act {
		return nil, (&Overtaken{Decision: last}).problem()
	}
	if d.Act == ActSlow {
		set.Slow = slowOf(d.Was)
	} else {
		set.State = Switch(d.Was)
	}
	return s.changeThread(ctx, tx, ThreadChange{Article: d.Article, Set: set, Moderator: d.Moderator}, d.ID)
}
