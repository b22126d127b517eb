package comment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
)

// A LogEntry is a decision as everybody may read it: neither the reader nor the
// comment can be told from it.
type LogEntry struct {
	Act       Act
	At        time.Time
	Rule      string // its name then, "" for none
	Ground    Ground
	Article   string
	Section   string
	Detail    string // of ActSlow and ActSection
	Until     time.Time
	Moderator string // whom the face names where Settings.Names says so
	Appeal    bool   // it was made on an appeal
	Undone    bool   // it takes an earlier one back
}

// published are the acts that the public log has. Approving, holding, opening
// reports again and taking a warning back are nobody's business. The index
// decision_public says the same.
const published = `d.act not in ('approve', 'hold', 'reopen', 'unwarn')`

// logQuery reads a page of the public log.
func logQuery(before string, limit int) (query string, args []any, err error) {
	where, err := olderThan(&args, "d", before)
	if err != nil {
		return "", nil, err
	}
	return `select d.id, d.act, d.created, coalesce(r.name, ''), d.ground, d.article, d.section, d.detail, d.until, d.moderator, d.source, d.undoes
		from decision as d
		left join house_rule as r on r.id = d.rule
		where ` + published + where + `
		order by d.created desc, d.id desc
		limit ` + db.Arg(&args, limit), args, nil
}

// Log lists what moderators did, the newest first. older is the cursor of the
// next page.
func (s *Store) Log(ctx context.Context, before string, limit int) (entries []LogEntry, older string, err error) {
	query, args, err := logQuery(before, limit+1)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, "", fmt.Errorf("read the public log: %w", err)
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var e LogEntry
		var id, undoes string
		var source Source
		err := rows.Scan(&id, &e.Act, (*db.Time)(&e.At), &e.Rule, &e.Ground, &e.Article, &e.Section, &e.Detail, (*db.Time)(&e.Until), &e.Moderator, &source, &undoes)
		if err != nil {
			return nil, "", fmt.Errorf("read the public log: %w", err)
		}
		if len(entries) == limit {
			older = last
			break
		}
		last = timeCursor(e.At, id)
		e.Appeal, e.Undone = source == SourceAppeal, undoes != ""
		if e.Act != ActSlow && e.Act != ActSection {
			e.Detail = ""
		}
		if e.Act.onBar() { // together with the time it would tell whom
			e.Article = ""
		}
		entries = append(entries, e)
	}
	return entries, older, rows.Err()
}

// Figures are the numbers of moderation between two moments.
type Figures struct {
	From, To    time.Time
	Acts        []ActCount // by act and rule, in the order of Acts and of the rules' names
	Reports     int        // received
	ReportHours float64    // median between a report and its decision; 0 for none
	HeldHours   float64    // median time that a comment waited
	Appeals     int        // received
	Upheld      int        // appeals answered
	Overturned  int
}

// An ActCount is how often something was done under a rule.
type ActCount struct {
	Act  Act
	Rule string // its name, "" for none
	N    int
}

// Figures counts what happened from one moment until another, such as in a
// month. It costs what happened then, not what happened ever.
func (s *Store) Figures(ctx context.Context, from, to time.Time) (f Figures, err error) {
	f = Figures{From: from, To: to}
	span := []any{db.Time(from), db.Time(to)}
	for _, step := range []func(context.Context, []any) error{f.countActs(s.DB), f.countReports(s.DB), f.countAppeals(s.DB)} {
		if err := step(ctx, span); err != nil {
			return f, fmt.Errorf("count what moderators did: %w", err)
		}
	}
	return f, nil
}

// The queries of Figures, each on an index by time.
const (
	actsQuery = `select d.act, coalesce(r.name, '') as rule, count(*)
		from decision as d
		left join house_rule as r on r.id = d.rule
		where d.created >= $1 and d.created < $2
		group by d.act, coalesce(r.name, '')
		order by d.act, rule`
	heldQuery        = `select d.waited from decision as d where d.created >= $1 and d.created < $2 and d.waited > 0 and d.act in ('approve', 'remove') order by d.waited`
	reportsQuery     = `select count(*) from report as r where r.created >= $1 and r.created < $2`
	reportTimesQuery = `select (d.created - r.created) * 1000 as took
		from report as r
		join decision as d on d.id = r.decision
		where r.created >= $1 and r.created < $2
		order by took`
	appealsQuery  = `select count(*) from appeal as a where a.created >= $1 and a.created < $2`
	outcomesQuery = `select coalesce(sum(case when a.state = 'upheld' then 1 else 0 end), 0), coalesce(sum(case when a.state = 'overturned' then 1 else 0 end), 0)
		from appeal as a
		where a.decided > 0 and a.decided >= $1 and a.decided < $2`
)

func (f *Figures) countActs(q db.Querier) func(context.Context, []any) error {
	return func(ctx context.Context, span []any) error {
		rows, err := q.Query(ctx, actsQuery, span...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c ActCount
			if err := rows.Scan(&c.Act, &c.Rule, &c.N); err != nil {
				return err
			}
			f.Acts = append(f.Acts, c)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		order := Acts()
		slices.SortStableFunc(f.Acts, func(a, b ActCount) int { return slices.Index(order, a.Act) - slices.Index(order, b.Act) })
		f.HeldHours, err = median(ctx, q, heldQuery, span)
		return err
	}
}

func (f *Figures) countReports(q db.Querier) func(context.Context, []any) error {
	return func(ctx context.Context, span []any) (err error) {
		if err = q.QueryRow(ctx, reportsQuery, span...).Scan(&f.Reports); err == nil {
			f.ReportHours, err = median(ctx, q, reportTimesQuery, span)
		}
		return err
	}
}

func (f *Figures) countAppeals(q db.Querier) func(context.Context, []any) error {
	return func(ctx context.Context, span []any) (err error) {
		if err = q.QueryRow(ctx, appealsQuery, span...).Scan(&f.Appeals); err == nil {
			err = q.QueryRow(ctx, outcomesQuery, span...).Scan(&f.Upheld, &f.Overturned)
		}
		return err
	}
}

// median is that of times in nanoseconds that a query puts in order, in hours.
func median(ctx context.Context, q db.Querier, query string, args []any) (hours float64, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var all []time.Duration
	for rows.Next() {
		var d time.Duration
		if err := rows.Scan(&d); err != nil {
			return 0, err
		}
		all = append(all, d)
	}
	if n := len(all); n > 0 {
		hours = (all[(n-1)/2].Hours() + all[n/2].Hours()) / 2
	}
	return hours, rows.Err()
}
