package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A PlanState is what became of a plan.
type PlanState string

const (
	PlanOpen    PlanState = "open"
	PlanDone    PlanState = "done"
	PlanDropped PlanState = "dropped"
)

// A Plan is something that the paper is going to have: an assignment, or, as long
// as it has no day, an idea.
type Plan struct {
	ID       string
	Title    string
	Note     string
	Section  string    // slug, "" is open
	Assignee string    // reader id, "" is nobody yet
	Due      time.Time // zero: an idea
	Article  string    // that was made of it, "" for none yet
	State    PlanState
	Version  int
	Author   string // reader id
	Changed  time.Time
}

// Assigned is the audit log's word for an assignment.
const Assigned audit.Act = "plan.assigned"

// AssignmentJob is the job of writing to whoever has been assigned something.
const AssignmentJob = "letter.assignment"

// An Assignment is a letter to be: what somebody is to write.
type Assignment struct{ Plan, To string }

const planColumns = `p.id, p.title, p.note, coalesce(p.section, ''), coalesce(p.assignee, ''), p.due, coalesce(p.article, ''), p.state, p.version, p.author, p.changed`

func scanPlan(row interface{ Scan(...any) error }) (p Plan, err error) {
	err = row.Scan(&p.ID, &p.Title, &p.Note, &p.Section, &p.Assignee, (*db.Time)(&p.Due), &p.Article, &p.State, &p.Version, &p.Author, (*db.Time)(&p.Changed))
	return p, err
}

// May reports whether somebody may change a plan: whoever may edit, and its author
// as long as nobody else is to write it.
func (p *Plan) May(a *reader.Actor) bool {
	own := p.Author == a.Reader.ID && (p.Assignee == "" || p.Assignee == a.Reader.ID)
	return a.May(reader.MayEdit) || a.May(reader.MayWrite) && own
}

// MayRead reports whether somebody may see a plan. Ideas that are nobody's yet are
// for all who write.
func (p *Plan) MayRead(a *reader.Actor) bool {
	return p.May(a) || a.May(reader.MayWrite) && (p.Assignee == a.Reader.ID || p.Assignee == "" && p.Due.IsZero())
}

// Plan returns a plan to whoever may see it.
func (s *Store) Plan(ctx context.Context, a *reader.Actor, id string) (Plan, error) {
	p, err := s.plan(ctx, s.DB, id)
	if err == nil && !p.MayRead(a) {
		err = noPlan()
	}
	return p, err
}

// PlanToTell returns a plan for a letter: a job has nobody who asks.
func (s *Store) PlanToTell(ctx context.Context, id string) (Plan, error) {
	return s.plan(ctx, s.DB, id)
}

func (s *Store) plan(ctx context.Context, q db.Querier, id string) (Plan, error) {
	p, err := scanPlan(q.QueryRow(ctx, `select `+planColumns+` from plan as p where p.id = $1`, id))
	return p, db.Found(err, "There is no such plan, or it is somebody else's.")
}

func noPlan() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such plan, or it is somebody else's."}
}

const (
	maxPlanTitle = 300
	maxPlanNote  = 4_000
)

// check tidies what somebody has typed of a plan, and refuses what cannot be.
func (p *Plan) check(a *reader.Actor) error {
	p.Title = strings.Join(strings.Fields(clean(p.Title)), " ")
	p.Note = strings.TrimSpace(clean(p.Note))
	switch {
	case p.Title == "":
		return &problem.Problem{Kind: problem.Invalid, Detail: "A plan needs a title.", Fields: map[string]string{"title": "Say what it is about."}}
	case utf8.RuneCountInString(p.Title) > maxPlanTitle:
		return &problem.Problem{Kind: problem.Invalid, Detail: "The title is longer than 300 characters.", Fields: map[string]string{"title": "Shorten it."}}
	case utf8.RuneCountInString(p.Note) > maxPlanNote:
		return &problem.Problem{Kind: problem.Invalid, Detail: "The note is longer than 4,000 characters.", Fields: map[string]string{"note": "Shorten it."}}
	case p.Assignee != "" && p.Assignee != a.Reader.ID && !a.May(reader.MayEdit):
		return &problem.Problem{Kind: problem.Forbidden, Detail: "Only editors assign work to others. Leave it open, or take it yourself."}
	}
	return nil
}

// AddPlan adds a plan. Whoever is to write it, and did not say so, gets a letter.
func (s *Store) AddPlan(ctx context.Context, a *reader.Actor, p Plan) (id string, err error) {
	if !a.May(reader.MayWrite) {
		return "", forbidden()
	}
	if err := p.check(a); err != nil {
		return "", err
	}
	id = s.ID()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into plan (id, title, note, section, assignee, due, article, state, version, author, created, changed)
			values ($1, $2, $3, $4, $5, $6, null, 'open', 1, $7, $8, $8)`,
			id, p.Title, p.Note, null(p.Section), null(p.Assignee), db.Time(p.Due), a.Reader.ID, db.Time(s.Now()))
		if err != nil {
			return planError(err)
		}
		return s.assign(ctx, tx, a, id, "", p.Assignee)
	})
	return id, err
}

func planError(err error) error {
	if db.IsForeign(err) {
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "This section or this colleague is not of this paper.",
			Fields: map[string]string{"section": "Choose one of the list."}, Err: err,
		}
	}
	return fmt.Errorf("store a plan: %w", err)
}

// assign tells somebody of work that another has given.
func (s *Store) assign(ctx context.Context, tx *db.Tx, a *reader.Actor, id, before, now string) error {
	if now == before || now == "" {
		return nil
	}
	who, err := s.Readers.Get(ctx, tx, now)
	if err != nil {
		return err
	}
	if !who.Role.May(reader.MayWrite) {
		return &problem.Problem{Kind: problem.Invalid, Detail: "This colleague does not write articles.", Fields: map[string]string{"assignee": "Choose somebody who writes."}}
	}
	if err := s.Audit.Add(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: Assigned, Subject: id, Detail: now}); err != nil {
		return err
	}
	if now == a.Reader.ID {
		return nil
	}
	return s.Jobs.Add(ctx, tx, AssignmentJob, time.Time{}, Assignment{id, now})
}

// changePlan runs f on a plan that the actor may change, at the version that they
// have seen.
func (s *Store) changePlan(ctx context.Context, a *reader.Actor, id string, version int, f func(tx *db.Tx, p Plan) error) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := db.One(tx.Exec(ctx, `update plan set version = version where id = $1`, id)); err != nil {
			if problem.Is(err, problem.NotFound) {
				return noPlan()
			}
			return err
		}
		p, err := s.plan(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !p.MayRead(a):
			return noPlan()
		case !p.May(a):
			return forbidden()
		case p.Version != version:
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed this plan since. Look at it again."}
		}
		return f(tx, p)
	})
}

// ChangePlan gives a plan other words, another day, or somebody else to write it.
func (s *Store) ChangePlan(ctx context.Context, a *reader.Actor, id string, version int, to Plan) error {
	if err := to.check(a); err != nil {
		return err
	}
	return s.changePlan(ctx, a, id, version, func(tx *db.Tx, p Plan) error {
		_, err := tx.Exec(ctx, `update plan set title = $2, note = $3, section = $4, assignee = $5, due = $6, version = version + 1, changed = $7 where id = $1`,
			id, to.Title, to.Note, null(to.Section), null(to.Assignee), db.Time(to.Due), db.Time(s.Now()))
		if err != nil {
			return planError(err)
		}
		return s.assign(ctx, tx, a, id, p.Assignee, to.Assignee)
	})
}

// SettlePlan says what became of a plan; PlanOpen takes that back.
func (s *Store) SettlePlan(ctx context.Context, a *reader.Actor, id string, version int, state PlanState) error {
	if !slices.Contains([]PlanState{PlanOpen, PlanDone, PlanDropped}, state) {
		return &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
	}
	return s.changePlan(ctx, a, id, version, func(tx *db.Tx, _ Plan) error {
		_, err := tx.Exec(ctx, `update plan set state = $2, version = version + 1, changed = $3 where id = $1`, id, state, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("settle plan %s: %w", id, err)
		}
		return nil
	})
}

// WritePlan makes an article of a plan: a draft of whoever is to write it, else of
// the actor. A plan of which there is one already leads to that.
func (s *Store) WritePlan(ctx context.Context, a *reader.Actor, id, language, section string) (story string, err error) {
	if !a.May(reader.MayWrite) {
		return "", forbidden()
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := db.One(tx.Exec(ctx, `update plan set version = version where id = $1`, id)); problem.Is(err, problem.NotFound) {
			return noPlan()
		} else if err != nil {
			return err
		}
		p, err := s.plan(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case !p.MayRead(a):
			return noPlan()
		case p.Article != "":
			story = p.Article
			return nil
		}
		if p.Assignee == "" {
			p.Assignee = a.Reader.ID
		}
		if p.Section == "" {
			p.Section = section
		}
		who, err := s.Readers.Get(ctx, tx, p.Assignee)
		if err != nil {
			return err
		}
		c := Copy{Section: p.Section, Class: article.Class{Language: language}, Notes: p.Note}
		c.Headline, c.Bylines = p.Title, []string{who.Name}
		if story, err = s.begin(ctx, tx, who.ID, a.Reader.Name, c); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update plan set article = $2, assignee = $3, version = version + 1, changed = $4 where id = $1`, id, story, p.Assignee, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("make an article of plan %s: %w", id, err)
		}
		return nil
	})
	return story, err
}

// ideasPage is how many ideas a page lists.
const ideasPage = 30

// Ideas lists what has no day yet, what was changed last first. older is the cursor
// of the next page, "" on the last.
func (s *Store) Ideas(ctx context.Context, a *reader.Actor, before string) (list []Plan, older string, err error) {
	if !a.May(reader.MayWrite) {
		return nil, "", forbidden()
	}
	args, where := []any{}, []string{"p.state = 'open' and p.due = 0"}
	if !a.May(reader.MayEdit) {
		where = append(where, "(p.assignee is null or p.assignee = "+db.Arg(&args, a.Reader.ID)+")")
	}
	if before != "" {
		at, id, ok := strings.Cut(before, ".")
		n, err := strconv.ParseInt(at, 36, 64)
		if !ok || err != nil || len(id) > 40 {
			return nil, "", &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at the top.", Err: err}
		}
		where = append(where, fmt.Sprintf("(p.changed, p.id) < (%s, %s)", db.Arg(&args, n), db.Arg(&args, id)))
	}
	list, err = s.plans(ctx, `where `+strings.Join(where, " and ")+` order by p.changed desc, p.id desc limit `+db.Arg(&args, ideasPage+1), args)
	if len(list) > ideasPage {
		list = list[:ideasPage]
		last := list[ideasPage-1]
		older = strconv.FormatInt(last.Changed.UnixMicro(), 36) + "." + last.ID
	}
	return list, older, err
}

func (s *Store) plans(ctx context.Context, tail string, args []any) (list []Plan, err error) {
	rows, err := s.DB.Query(ctx, `select `+planColumns+` from plan as p `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scanPlan(rows)
		if err != nil {
			return nil, fmt.Errorf("list plans: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// A Coming is something that the calendar shows: a plan that is due, or an article
// that the clock lets out.
type Coming struct {
	At    time.Time
	Plan  *Plan
	Story *Line // scheduled for At, or under embargo until then
}

// maxComing is how many of each sort a calendar shows at most.
const maxComing = 500

// Calendar lists what comes from one moment to another, in order. Contributors see
// what is theirs.
func (s *Store) Calendar(ctx context.Context, a *reader.Actor, from, to time.Time) (list []Coming, err error) {
	if !a.May(reader.MayWrite) {
		return nil, forbidden()
	}
	args := []any{db.Time(from), db.Time(to)}
	where := "p.state = 'open' and p.due > 0 and p.due >= $1 and p.due < $2"
	if !a.May(reader.MayEdit) {
		own := db.Arg(&args, a.Reader.ID)
		where += " and (p.assignee = " + own + " or p.author = " + own + " and p.assignee is null)"
	}
	plans, err := s.plans(ctx, `where `+where+` order by p.due, p.id limit `+db.Arg(&args, maxComing), args)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		list = append(list, Coming{At: p.Due, Plan: &p})
	}
	for _, f := range []Filter{{State: article.Scheduled, Coming: true}, {Coming: true}} {
		f.From, f.To, f.Limit = from, to, maxComing
		lines, _, err := s.List(ctx, a, f)
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			at := l.Embargo
			if f.State == article.Scheduled {
				at = l.Published
			} else if l.State == article.Scheduled {
				continue // by its time already
			}
			list = append(list, Coming{At: at, Story: &l})
		}
	}
	slices.SortStableFunc(list, func(a, b Coming) int { return a.At.Compare(b.At) })
	return list, nil
}

func null(id string) any {
	if id == "" {
		return nil
	}
	return id
}
