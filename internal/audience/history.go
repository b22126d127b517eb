package audience

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
)

// A Point is how often something was opened in an hour or a day, which begins then.
type Point struct {
	At    time.Time
	Opens int
}

// A Named is a part of opens.
type Named struct {
	Name  string
	Opens int
}

// History lists how often an article was opened, or the whole paper (""), from one
// moment on: for each hour or day until now, the oldest first. Of what is more than eight
// days past only days are known.
func (s *Store) History(ctx context.Context, article string, since time.Time, unit time.Duration) (list []Point, err error) {
	since = beginning(since, unit)
	args := []any{db.Time(since)}
	of := ""
	if article != "" {
		of = " and article = " + db.Arg(&args, article)
	}
	rows, err := s.DB.Query(ctx, `select at, cast(sum(opens) as bigint)
		from (
			select hour as at, opens from audience_hour where hour >= $1`+of+`
			union all
			select day as at, opens from audience_day where day >= $1`+of+`
		) as o
		group by at
		order by at`, args...)
	if err != nil {
		return nil, fmt.Errorf("tell what was read: %w", err)
	}
	defer rows.Close()
	sums := map[time.Time]int{}
	for rows.Next() {
		var at time.Time
		var opens int
		if err := rows.Scan((*db.Time)(&at), &opens); err != nil {
			return nil, fmt.Errorf("tell what was read: %w", err)
		}
		sums[beginning(at, unit)] += opens
	}
	for at := since; !at.After(s.Now()); at = at.Add(unit) {
		list = append(list, Point{at, sums[at]})
	}
	return list, rows.Err()
}

// Parts lists of what parts an article's opens are made, or those of the whole paper
// (""), since then; the largest first.
func (s *Store) Parts(ctx context.Context, article string, since time.Time) (map[Sort][]Named, error) {
	args := []any{db.Time(beginning(since, time.Hour))}
	of := ""
	if article != "" {
		of = " and article = " + db.Arg(&args, article)
	}
	rows, err := s.DB.Query(ctx, `select sort, name, cast(sum(opens) as bigint) as opened
		from audience_part
		where hour >= $1`+of+`
		group by sort, name
		order by opened desc, sort, name`, args...)
	if err != nil {
		return nil, fmt.Errorf("tell whence people came: %w", err)
	}
	defer rows.Close()
	parts := map[Sort][]Named{}
	for rows.Next() {
		var sort Sort
		var n Named
		if err := rows.Scan(&sort, &n.Name, &n.Opens); err != nil {
			return nil, fmt.Errorf("tell whence people came: %w", err)
		}
		parts[sort] = append(parts[sort], n)
	}
	return parts, rows.Err()
}

// Came counts how often each of these articles was opened in a time by readers from one
// sort of place.
func (s *Store) Came(ctx context.Context, o Origin, since, until time.Time, articles ...string) (map[string]int, error) {
	came := map[string]int{}
	for some := range slices.Chunk(articles, 500) {
		args := []any{db.Time(since), db.Time(until), From, o}
		of := db.In(&args, some)
		err := s.each(ctx, func(scan func(...any) error) error {
			var id string
			var opens int
			err := scan(&id, &opens)
			came[id] = opens
			return err
		}, `select article, cast(sum(opens) as bigint)
			from audience_part
			where hour >= $1 and hour < $2 and sort = $3 and name = $4 and article `+of+`
			group by article
			order by article`, args...)
		if err != nil {
			return nil, err
		}
	}
	return came, nil
}

// Sections lists how often the articles of each section were opened since then, the
// sections being those in which they are now.
func (s *Store) Sections(ctx context.Context, since time.Time) (list []Named, err error) {
	rows, err := s.DB.Query(ctx, `select a.section, cast(sum(o.opens) as bigint) as opened
		from (
			select article, opens from audience_hour where hour >= $1
			union all
			select article, opens from audience_day where day >= $1
		) as o
		join article a on a.id = o.article
		group by a.section
		order by opened desc, a.section`, db.Time(beginning(since, time.Hour)))
	if err != nil {
		return nil, fmt.Errorf("tell which sections were read: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n Named
		if err := rows.Scan(&n.Name, &n.Opens); err != nil {
			return nil, fmt.Errorf("tell which sections were read: %w", err)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// A Line is all that is known of an article's readers in some time.
type Line struct {
	Article string
	Section string
	Opens   int
	Parts   map[Sort]map[string]int
}

// maxTable is how many articles a table has.
const maxTable = 5000

// Table lists the articles that were opened since then with their parts, the most opened
// first.
func (s *Store) Table(ctx context.Context, since time.Time) ([]Line, error) {
	since = beginning(since, time.Hour)
	lines := map[string]*Line{}
	err := s.each(ctx, func(scan func(...any) error) error {
		var l Line
		if err := scan(&l.Article, &l.Section, &l.Opens); err != nil {
			return err
		}
		l.Parts = map[Sort]map[string]int{}
		lines[l.Article] = &l
		return nil
	}, `select o.article, a.section, cast(sum(o.opens) as bigint) as opened
		from (
			select article, opens from audience_hour where hour >= $1
			union all
			select article, opens from audience_day where day >= $1
		) as o
		join article a on a.id = o.article
		group by o.article, a.section
		order by opened desc, o.article
		limit $2`, db.Time(since), maxTable)
	if err == nil {
		err = s.each(ctx, func(scan func(...any) error) error {
			var id, name string
			var sort Sort
			var opens int
			if err := scan(&id, &sort, &name, &opens); err != nil {
				return err
			}
			if l := lines[id]; l != nil {
				if l.Parts[sort] == nil {
					l.Parts[sort] = map[string]int{}
				}
				l.Parts[sort][name] = opens
			}
			return nil
		}, `select article, sort, name, cast(sum(opens) as bigint)
			from audience_part
			where hour >= $1 and sort <> 'campaign'
			group by article, sort, name
			order by article, sort, name`, db.Time(since))
	}
	if err != nil {
		return nil, fmt.Errorf("make a table of what was read: %w", err)
	}
	list := make([]Line, 0, len(lines))
	for _, l := range lines {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Opens, a.Opens), cmp.Compare(a.Article, b.Article))
	})
	return list, nil
}

// each gives f every row of an answer.
func (s *Store) each(ctx context.Context, f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
