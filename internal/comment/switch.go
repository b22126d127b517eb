package comment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A ThreadChange is what a moderator wants the thread of an article to be.
type ThreadChange struct {
	Article   string
	Set       Setting // State and Slow
	Seen      Setting // what ThreadSetting told the moderator
	Moderator string
	Reason    string // may be ""
}

// threadActs says which act makes a thread what it is to be.
var threadActs = map[Switch]Act{
	AsSection: ActThreadDefault, Open: ActThreadOpen, OnHold: ActThreadHold, Closed: ActThreadClose, Off: ActThreadOff,
}

// SetThread opens, closes, holds or slows a thread. Each change is a decision;
// none is no error.
func (s *Store) SetThread(ctx context.Context, c ThreadChange) (all []Decision, err error) {
	if c.Reason, err = words("reason", c.Reason, false); err != nil {
		return nil, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		now, err := lockThread(ctx, tx, c.Article)
		if err != nil {
			return err
		}
		if now.State != c.Seen.State || now.Slow != c.Seen.Slow {
			last, err := latest(ctx, tx, lastOnThread, c.Article)
			if err != nil {
				return err
			}
			return (&Overtaken{Decision: last}).problem()
		}
		if all, err = s.changeThread(ctx, tx, c, ""); err != nil {
			return err
		}
		return s.account(ctx, tx, all...)
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("set the thread of %s: %w", c.Article, err)
	}
	return all, err
}

// lockThread reads what was set for a thread, and makes others wait who change
// that.
func lockThread(ctx context.Context, tx *db.Tx, article string) (set Setting, err error) {
	var slow int64
	err = tx.QueryRow(ctx, `insert into thread (article, state, slow, seats, visible, voted) values ($1, '', 0, 0, 0, 0)
		on conflict (article) do update set article = excluded.article
		returning state, slow`, article).Scan(&set.State, &slow)
	if db.IsForeign(err) {
		return set, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article.", Err: err}
	}
	set.Slow = time.Duration(slow) * time.Second
	return set, err
}

// changeThread does what a moderator wants, and keeps a decision for each thing
// that is not as it was.
func (s *Store) changeThread(ctx context.Context, tx *db.Tx, c ThreadChange, undoes string) (all []Decision, err error) {
	was, err := lockThread(ctx, tx, c.Article)
	if err != nil {
		return nil, err
	}
	c.Set.Slow = c.Set.Slow.Truncate(time.Second)
	one := Decision{Article: c.Article, Moderator: c.Moderator, Source: SourceOwn, Reason: c.Reason, Undoes: undoes}
	if c.Set.State != was.State {
		one.Act, one.Was = threadActs[c.Set.State], string(was.State)
		all = append(all, one)
	}
	if c.Set.Slow != was.Slow {
		one.Act, one.Was, one.Detail = ActSlow, seconds(was.Slow), seconds(c.Set.Slow)
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, nil
	}
	if err := s.setThread(ctx, tx, c.Article, c.Set); err != nil {
		return nil, err
	}
	for i := range all {
		if err := s.record(ctx, tx, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// slowOf reads what seconds wrote.
func slowOf(s string) time.Duration {
	n, _ := strconv.Atoi(s)
	return time.Duration(n) * time.Second
}

// A SectionChange is what a moderator wants the threads of a section to be.
type SectionChange struct {
	Section   string
	Set       Setting // State and Days
	Seen      Setting // what SectionSetting told the moderator
	Moderator string
	Reason    string
}

// SetSection changes the threads of a section that say nothing themselves.
func (s *Store) SetSection(ctx context.Context, c SectionChange) (all []Decision, err error) {
	if c.Reason, err = words("reason", c.Reason, false); err != nil {
		return nil, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		now, err := lockSection(ctx, tx, c.Section)
		if err != nil {
			return err
		}
		if now.State != c.Seen.State || now.Days != c.Seen.Days {
			last, err := latest(ctx, tx, lastOnSection, c.Section)
			if err != nil {
				return err
			}
			return (&Overtaken{Decision: last}).problem()
		}
		if all, err = s.changeSection(ctx, tx, c, ""); err != nil {
			return err
		}
		return s.account(ctx, tx, all...)
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("set the threads of %s: %w", c.Section, err)
	}
	return all, err
}

// lockSection is lockThread for the threads of a section.
func lockSection(ctx context.Context, tx *db.Tx, section string) (set Setting, err error) {
	err = tx.QueryRow(ctx, `insert into thread_section (section, state, days) values ($1, '', 0)
		on conflict (section) do update set section = excluded.section
		returning state, days`, section).Scan(&set.State, &set.Days)
	if db.IsForeign(err) {
		return set, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such section.", Err: err}
	}
	return set, err
}

func (s *Store) changeSection(ctx context.Context, tx *db.Tx, c SectionChange, undoes string) (all []Decision, err error) {
	was, err := lockSection(ctx, tx, c.Section)
	if err != nil {
		return nil, err
	}
	if was.State == c.Set.State && was.Days == c.Set.Days {
		return nil, nil
	}
	if err := s.setSection(ctx, tx, c.Section, c.Set); err != nil {
		return nil, err
	}
	d := Decision{
		Act: ActSection, Section: c.Section, Moderator: c.Moderator, Source: SourceOwn, Reason: c.Reason, Undoes: undoes,
		Was: sectionText(was), Detail: sectionText(c.Set),
	}
	err = s.record(ctx, tx, &d)
	return []Decision{d}, err
}

func sectionText(set Setting) string { return fmt.Sprintf("%s %d", set.State, set.Days) }

// parseSection reads what sectionText wrote.
func parseSection(text string) (set Setting, err error) {
	state, days, _ := strings.Cut(text, " ")
	set.State = Switch(state)
	if set.Days, err = strconv.Atoi(days); err != nil {
		err = fmt.Errorf("a section's threads were %q: %w", text, err)
	}
	return set, err
}
