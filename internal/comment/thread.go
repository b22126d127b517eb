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

// A Switch is what readers may do in a thread.
type Switch string

const (
	AsSection Switch = ""       // what the section says; open where it says nothing
	Open      Switch = "open"   // everything
	OnHold    Switch = "held"   // comments wait for a moderator
	Closed    Switch = "closed" // reading only
	Off       Switch = "off"    // there is no thread
)

// Switches lists them for those who choose.
func Switches() []Switch { return []Switch{AsSection, Open, OnHold, Closed, Off} }

// About is what a thread has to know of its article. The face asks package
// article, which decides whether readers may have it at all.
type About struct {
	Article   string
	Section   string // slug
	Quiet     bool   // an obituary, or paid for: no thread unless somebody opens it
	Published time.Time
}

// A Thread is all comments on one article.
type Thread struct {
	State   Switch // never AsSection
	Late    bool   // it is closed because its days are over
	Slow    time.Duration
	Seats   int // top comments that were ever shown
	Visible int // comments that can be read, replies too
}

// Takes reports whether somebody can comment and vote.
func (t Thread) Takes() bool { return t.State == Open || t.State == OnHold }

// Thread returns the thread of an article; one that nobody has used yet is
// empty.
func (s *Store) Thread(ctx context.Context, a About) (Thread, error) { return s.thread(ctx, s.DB, a) }

func (s *Store) thread(ctx context.Context, q db.Querier, a About) (t Thread, err error) {
	var own, section Switch
	var slow, days int64
	err = q.QueryRow(ctx, `select state, slow, seats, visible from thread where article = $1`, a.Article).Scan(&own, &slow, &t.Seats, &t.Visible)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("read the thread of %s: %w", a.Article, err)
	}
	err = q.QueryRow(ctx, `select state, days from thread_section where section = $1`, a.Section).Scan(&section, &days)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, fmt.Errorf("read the threads of %s: %w", a.Section, err)
	}
	t.Slow = time.Duration(slow) * time.Second
	t.State = standing(own, section, a.Quiet)
	// What somebody has opened by hand stays open.
	if days > 0 && own == AsSection && t.Takes() && s.Now().After(a.Published.AddDate(0, 0, int(days))) {
		t.State, t.Late = Closed, true
	}
	return t, nil
}

// A Setting is what a thread, or all threads of a section, are to be.
type Setting struct {
	State Switch
	Slow  time.Duration // between two comments of one reader; of a thread only
	Days  int           // after which threads close, 0 for never; of a section only
}

// ThreadSetting returns what was set for the thread of an article itself.
func (s *Store) ThreadSetting(ctx context.Context, article string) (set Setting, err error) {
	var slow int64
	err = s.DB.QueryRow(ctx, `select state, slow from thread where article = $1`, article).Scan(&set.State, &slow)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return set, fmt.Errorf("read the thread of %s: %w", article, err)
	}
	set.Slow = time.Duration(slow) * time.Second
	return set, nil
}

// SectionSetting returns what was set for the threads of a section.
func (s *Store) SectionSetting(ctx context.Context, section string) (set Setting, err error) {
	err = s.DB.QueryRow(ctx, `select state, days from thread_section where section = $1`, section).Scan(&set.State, &set.Days)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return set, fmt.Errorf("read the threads of %s: %w", section, err)
	}
	return set, nil
}

const (
	maxSlow = 24 * time.Hour
	maxDays = 3650
)

func (set Setting) check() error {
	switch {
	case !slices.Contains(Switches(), set.State):
		return refuse(problem.Invalid, "state", "Choose what the thread is to be.")
	case set.Slow < 0 || set.Slow > maxSlow:
		return refuse(problem.Invalid, "slow", "Slow mode is from 0 seconds to one day.")
	case set.Days < 0 || set.Days > maxDays:
		return refuse(problem.Invalid, "days", "Threads close after 0 (never) to 3,650 days.")
	}
	return nil
}

// SetThread changes the thread of an article, inside the transaction of the
// decision that says why.
func (s *Store) setThread(ctx context.Context, tx *db.Tx, article string, set Setting) error {
	if err := set.check(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into thread (article, state, slow, seats, visible, voted) values ($1, $2, $3, 0, 0, 0)
		on conflict (article) do update set state = excluded.state, slow = excluded.slow`, article, set.State, int64(set.Slow/time.Second))
	if db.IsForeign(err) {
		return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article.", Err: err}
	}
	if err != nil {
		return fmt.Errorf("set the thread of %s: %w", article, err)
	}
	return event.Record(ctx, tx, Changed{article})
}

// SetSection changes the threads of a section that say nothing themselves.
func (s *Store) setSection(ctx context.Context, tx *db.Tx, section string, set Setting) error {
	if err := set.check(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into thread_section (section, state, days) values ($1, $2, $3)
		on conflict (section) do update set state = excluded.state, days = excluded.days`, section, set.State, set.Days)
	if db.IsForeign(err) {
		return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such section.", Err: err}
	}
	if err != nil {
		return fmt.Errorf("set the threads of %s: %w", section, err)
	}
	return event.Record(ctx, tx, SectionChanged{section})
}

// SectionChanged is the fact that all threads of a section may have changed.
type SectionChanged struct{ Section string }

// EventKind and EventSubject make it a fact.
func (SectionChanged) EventKind() string      { return "comment.section-changed" }
func (e SectionChanged) EventSubject() string { return e.Section }

// standing is what readers may do where nothing but the switches decides.
func standing(own, section Switch, quiet bool) Switch {
	switch {
	case own != AsSection:
		return own
	case quiet:
		return Off
	case section != AsSection:
		return section
	default:
		return Open
	}
}

// Counts returns how many comments the articles have, by their ids. One without
// a thread is missing: nothing of what was said there is shown anywhere.
func (s *Store) Counts(ctx context.Context, articles ...About) (map[string]int, error) {
	counts := make(map[string]int, len(articles))
	if len(articles) == 0 {
		return counts, nil
	}
	sections, err := s.sectionSwitches(ctx)
	if err != nil {
		return nil, fmt.Errorf("count comments: %w", err)
	}
	for batch := range slices.Chunk(articles, 500) {
		own, visible, err := s.switches(ctx, batch)
		if err != nil {
			return nil, fmt.Errorf("count comments: %w", err)
		}
		for _, a := range batch {
			if standing(own[a.Article], sections[a.Section], a.Quiet) != Off {
				counts[a.Article] = visible[a.Article]
			}
		}
	}
	return counts, nil
}

// sectionSwitches are what was set for the sections.
func (s *Store) sectionSwitches(ctx context.Context) (map[string]Switch, error) {
	rows, err := s.DB.Query(ctx, `select section, state from thread_section order by section`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	set := map[string]Switch{}
	for rows.Next() {
		var section string
		var state Switch
		if err := rows.Scan(&section, &state); err != nil {
			return nil, err
		}
		set[section] = state
	}
	return set, rows.Err()
}

// switches are what was set for the threads of articles, and how many comments
// can be read there.
func (s *Store) switches(ctx context.Context, articles []About) (own map[string]Switch, visible map[string]int, err error) {
	ids := make([]string, len(articles))
	for i, a := range articles {
		ids[i] = a.Article
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select article, state, visible from thread where article `+db.In(&args, ids)+` order by article`, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	own, visible = map[string]Switch{}, map[string]int{}
	for rows.Next() {
		var id string
		var state Switch
		var n int
		if err := rows.Scan(&id, &state, &n); err != nil {
			return nil, nil, err
		}
		own[id], visible[id] = state, n
	}
	return own, visible, rows.Err()
}
