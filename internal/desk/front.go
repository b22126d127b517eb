package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Page is one that editors curate: the front page, or that of a section.
type Page string

// FrontPage is the front of the paper.
const FrontPage Page = "front"

// SectionPage is the page of a section.
func SectionPage(section string) Page { return FrontPage + "/" + Page(section) }

// Section is whose page it is, "" for the front page.
func (p Page) Section() string {
	_, section, _ := strings.Cut(string(p), "/")
	return section
}

// Tag is the page cache's tag of the page.
func (p Page) Tag() string { return "curated:" + string(p) }

// FrontChanged says that a page has another layout now, or will have.
type FrontChanged struct{ Page Page }

// EventKind and EventSubject make it a fact (package event).
func (FrontChanged) EventKind() string      { return "desk.front-changed" }
func (e FrontChanged) EventSubject() string { return string(e.Page) }

// What the audit log tells of pages.
const (
	FrontPublished   audit.Act = "front.published"
	FrontScheduled   audit.Act = "front.scheduled"
	FrontUnscheduled audit.Act = "front.unscheduled"
	FrontUndone      audit.Act = "front.undone"
	FrontBroughtBack audit.Act = "front.brought-back"
)

// A Place is where an editor has put a story, and who that was.
type Place struct {
	article.Place
	By string `json:"by"` // reader id
}

// A Layout is one version of what editors have placed on a page. Versions are
// counted from 1; number 0 is the page that fills itself.
type Layout struct {
	Page    Page
	Number  int
	At      time.Time // from when it holds
	Places  []Place
	Again   int // the version that it brings back, 0 for one of its own
	Author  string
	Created time.Time
}

// selfFilling stands in Again for the page that fills itself.
const selfFilling = -1

// Layout is what the page is composed from.
func (l Layout) Layout() (placed article.Layout) {
	for _, p := range l.Places {
		placed.Places = append(placed.Places, p.Place)
	}
	return placed
}

const layoutColumns = `page, number, at, places, again, author, created`

func scanLayout(row interface{ Scan(dest ...any) error }) (l Layout, err error) {
	var places string
	if err := row.Scan(&l.Page, &l.Number, (*db.Time)(&l.At), &places, &l.Again, &l.Author, (*db.Time)(&l.Created)); err != nil {
		return l, err
	}
	if err := json.Unmarshal([]byte(places), &l.Places); err != nil {
		return l, fmt.Errorf("version %d of %s is damaged: %w", l.Number, l.Page, err)
	}
	return l, nil
}

// layout reads the newest version of a page that a condition lets through; number
// 0 when there is none.
func layout(ctx context.Context, q db.Querier, page Page, where string, args ...any) (Layout, error) {
	l, err := scanLayout(q.QueryRow(ctx, `select `+layoutColumns+` from front_layout
		where page = $1 and `+where+`
		order by at desc, number desc
		limit 1`, append([]any{page}, args...)...))
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return Layout{Page: page}, nil
	} else if err != nil {
		return l, fmt.Errorf("read the layout of %s: %w", page, err)
	}
	return l, nil
}

func (s *Store) holds(ctx context.Context, q db.Querier, page Page) (Layout, error) {
	return layout(ctx, q, page, `at > 0 and at <= $2`, db.Time(s.Now()))
}

// Holds returns the layout that a page has now, and until when the page is what it
// is: until another layout comes, or a pin ends. The zero time is for good.
func (s *Store) Holds(ctx context.Context, page Page) (l Layout, until time.Time, err error) {
	now := s.Now()
	if l, err = s.holds(ctx, s.DB, page); err != nil {
		return l, until, err
	}
	for _, p := range l.Places {
		if p.Until.After(now) && (until.IsZero() || p.Until.Before(until)) {
			until = p.Until
		}
	}
	var next time.Time
	err = s.DB.QueryRow(ctx, `select at from front_layout where page = $1 and at > $2 order by at, number limit 1`, page, db.Time(now)).Scan((*db.Time)(&next))
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return l, until, nil
	} else if err != nil {
		return l, until, fmt.Errorf("read the next layout of %s: %w", page, err)
	}
	if until.IsZero() || next.Before(until) {
		until = next
	}
	return l, until, nil
}

// Layouts lists the versions that a page has had, the newest first, and those that
// are to come, the next first.
func (s *Store) Layouts(ctx context.Context, a *reader.Actor, page Page, limit int) (had, coming []Layout, err error) {
	if !a.May(reader.MayEdit) {
		return nil, nil, forbidden()
	}
	now := db.Time(s.Now())
	if had, err = s.layouts(ctx, `at > 0 and at <= $2 order by at desc, number desc`, page, now, limit); err != nil {
		return nil, nil, err
	}
	coming, err = s.layouts(ctx, `at > $2 order by at, number`, page, now, limit)
	return had, coming, err
}

func (s *Store) layouts(ctx context.Context, tail string, args ...any) (list []Layout, err error) {
	rows, err := s.DB.Query(ctx, `select `+layoutColumns+` from front_layout where page = $1 and `+tail+` limit $3`, args...)
	if err != nil {
		return nil, fmt.Errorf("list the layouts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := scanLayout(rows)
		if err != nil {
			return nil, fmt.Errorf("list the layouts: %w", err)
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Version returns one version of a page.
func (s *Store) Version(ctx context.Context, a *reader.Actor, page Page, number int) (Layout, error) {
	if !a.May(reader.MayEdit) {
		return Layout{}, forbidden()
	}
	return version(ctx, s.DB, page, number)
}

func version(ctx context.Context, q db.Querier, page Page, number int) (Layout, error) {
	l, err := layout(ctx, q, page, `number = $2`, number)
	if err == nil && l.Number == 0 {
		err = &problem.Problem{Kind: problem.NotFound, Detail: "There is no such version of this page any more."}
	}
	return l, err
}

// Overtaken is the cause of the Problem that a page has another layout than the
// one that an editor began from.
type Overtaken struct{ Holds Layout }

func (e *Overtaken) Error() string { return fmt.Sprintf("version %d holds", e.Holds.Number) }

// A change of a page makes its next version of the one that holds.
type change func(tx *db.Tx, holds Layout) (next Layout, err error)

// tries is how often a version is numbered: colleagues may take the same number.
const tries = 10

// put stores the next version of a page, if the one that holds is still the one
// that the editor began from.
func (s *Store) put(ctx context.Context, a *reader.Actor, page Page, base int, act audit.Act, f change) (next Layout, err error) {
	if !a.May(reader.MayEdit) {
		return next, forbidden()
	}
	for range tries {
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			// The number comes before the look at what holds: whoever is faster from
			// here on takes it away.
			number := 1
			err := tx.QueryRow(ctx, `select coalesce(max(number), 0) + 1 from front_layout where page = $1`, page).Scan(&number)
			if err != nil {
				return fmt.Errorf("number the versions of %s: %w", page, err)
			}
			holds, err := s.holds(ctx, tx, page)
			if err != nil {
				return err
			}
			if holds.Number != base {
				return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed this page in the meantime. Nothing is lost: look at both, and publish again.", Err: &Overtaken{holds}}
			}
			if next, err = f(tx, holds); err != nil || next.Number > 0 { // what holds is what is wanted
				return err
			}
			next.Number = number
			return s.insert(ctx, tx, a, act, holds, &next)
		})
		if !db.IsUnique(err) {
			return next, err
		}
	}
	return next, fmt.Errorf("number the versions of %s: %w", page, err)
}

func (s *Store) insert(ctx context.Context, tx *db.Tx, a *reader.Actor, act audit.Act, holds Layout, next *Layout) error {
	now := s.Now()
	next.Page, next.Author, next.Created = holds.Page, a.Reader.ID, now
	if next.At.IsZero() {
		// A clock that was set back, or another machine's, must not hide the newest.
		if next.At = now; next.At.Before(holds.At) {
			next.At = holds.At
		}
	}
	if next.Places == nil {
		next.Places = []Place{}
	}
	places, err := json.Marshal(next.Places)
	if err != nil {
		return fmt.Errorf("write a layout: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into front_layout (`+layoutColumns+`) values ($1, $2, $3, $4, $5, $6, $7)`,
		next.Page, next.Number, db.Time(next.At), string(places), next.Again, next.Author, db.Time(now))
	if err != nil {
		return fmt.Errorf("store a layout of %s: %w", next.Page, err)
	}
	if err := event.Record(ctx, tx, FrontChanged{next.Page}); err != nil {
		return err
	}
	detail := fmt.Sprintf("version %d", next.Number)
	switch {
	case next.Again > 0:
		detail += fmt.Sprintf(", as version %d", next.Again)
	case act == FrontScheduled:
		detail += " from " + next.At.UTC().Format(time.RFC3339)
	}
	return s.note(ctx, tx, a, act, string(next.Page), detail)
}

// Curate gives a page another layout, from at on; the zero time is now. base is the
// version that the editor began from: when another one holds, that is a Problem
// Conflict with *Overtaken as its cause. A layout that is no other makes no version.
func (s *Store) Curate(ctx context.Context, a *reader.Actor, page Page, base int, places []article.Place, at time.Time) (Layout, error) {
	act := FrontPublished
	if !at.IsZero() {
		act = FrontScheduled
		if !at.After(s.Now()) {
			return Layout{}, &problem.Problem{
				Kind: problem.Invalid, Detail: "This time has passed. Choose one that is to come, or publish now.",
				Fields: map[string]string{"at": "Choose a time that is to come."},
			}
		}
	}
	return s.put(ctx, a, page, base, act, func(tx *db.Tx, holds Layout) (next Layout, err error) {
		if next.Places, err = s.arrange(ctx, tx, a, holds, places, at); err != nil {
			return next, err
		}
		if at.IsZero() && slices.EqualFunc(next.Places, holds.Places, func(a, b Place) bool { return a.Same(b.Place) }) {
			return holds, nil
		}
		next.At = at
		return next, nil
	})
}

// Undo gives a page the layout that it had before. Undoing again goes one further
// back.
func (s *Store) Undo(ctx context.Context, a *reader.Actor, page Page, base int) (Layout, error) {
	return s.put(ctx, a, page, base, FrontUndone, func(tx *db.Tx, holds Layout) (Layout, error) {
		from := holds
		if holds.Again > 0 {
			var err error
			if from, err = version(ctx, tx, page, holds.Again); err != nil {
				return from, err
			}
		}
		if holds.Number == 0 || holds.Again == selfFilling {
			return from, wrongState("There is nothing to undo: nobody had changed this page before.")
		}
		before, err := layout(ctx, tx, page, `at > 0 and (at, number) < ($2, $3)`, db.Time(from.At), from.Number)
		if err != nil {
			return before, err
		}
		return s.again(ctx, tx, a, holds, before)
	})
}

// BringBack gives a page the layout of an earlier version.
func (s *Store) BringBack(ctx context.Context, a *reader.Actor, page Page, base, number int) (Layout, error) {
	return s.put(ctx, a, page, base, FrontBroughtBack, func(tx *db.Tx, holds Layout) (Layout, error) {
		old, err := version(ctx, tx, page, number)
		if err != nil {
			return old, err
		}
		if old.At.IsZero() || old.At.After(s.Now()) {
			return old, wrongState("Nobody has seen this layout yet.")
		}
		return s.again(ctx, tx, a, holds, old)
	})
}

// again is an old version as a new one: what can stand no more is left out.
func (s *Store) again(ctx context.Context, tx *db.Tx, a *reader.Actor, holds, old Layout) (next Layout, err error) {
	if next.Again = old.Again; next.Again == 0 {
		next.Again = old.Number
	}
	if next.Again == 0 {
		next.Again = selfFilling
	}
	next.Places, err = s.arrange(ctx, tx, a, Layout{Page: holds.Page, Places: slices.Concat(old.Places, holds.Places)}, old.Layout().Places, time.Time{})
	return next, err
}

// TakeBack lets a layout that is still to come never hold.
func (s *Store) TakeBack(ctx context.Context, a *reader.Actor, page Page, number int) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update front_layout set at = 0 where page = $1 and number = $2 and at > $3`, page, number, db.Time(s.Now())))
		if problem.Is(err, problem.NotFound) {
			return wrongState("This layout holds already, or somebody has taken it back.")
		}
		if err != nil {
			return fmt.Errorf("take back a layout of %s: %w", page, err)
		}
		if err := event.Record(ctx, tx, FrontChanged{page}); err != nil {
			return err
		}
		return s.note(ctx, tx, a, FrontUnscheduled, string(page), fmt.Sprintf("version %d", number))
	})
}

// keptLayouts is how many versions of a page are kept, those aside that are to come
// and the one that holds.
const keptLayouts = 200

func (s *Store) sweepLayouts(ctx context.Context) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from front_layout
			where at <= $1
				and number <= (select max(n.number) from front_layout as n where n.page = front_layout.page) - $2
				and exists (select 1 from front_layout as n
					where n.page = front_layout.page and n.at <= $1 and (n.at, n.number) > (front_layout.at, front_layout.number))`,
			db.Time(s.Now()), keptLayouts)
		if err != nil {
			return fmt.Errorf("remove old layouts: %w", err)
		}
		_, err = tx.Exec(ctx, `delete from breaking where number <= (select max(n.number) from breaking as n) - $1`, keptLayouts)
		if err != nil {
			return fmt.Errorf("remove old bars: %w", err)
		}
		return nil
	})
}
