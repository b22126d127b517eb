package live

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

const (
	// PageSize is how many entries a page has.
	PageSize = 20

	// maxKeys is how many key events are listed.
	maxKeys = 20

	// maxSince is how many entries an open page is told of at once. One that has
	// missed more is told to open the page again.
	maxSince = 40
)

const columns = `e.id, e.article, e.at, e.headline, e.body, e.key_event, e.signed, e.correction, e.state, e.author, e.version, e.edited, e.corrected, e.created, e.change`

type row interface{ Scan(dest ...any) error }

func scan(r row) (e Entry, err error) {
	var body string
	err = r.Scan(&e.ID, &e.Article, (*db.Time)(&e.At), &e.Headline, &body, &e.Key, &e.Signed, &e.Correction, &e.State, &e.Author, &e.Version,
		(*db.Time)(&e.Edited), (*db.Time)(&e.Corrected), (*db.Time)(&e.Created), &e.Change)
	if err != nil {
		return e, err
	}
	if e.Body, err = richtext.Parse([]byte(body)); err != nil {
		return e, fmt.Errorf("entry %s is damaged: %w", e.ID, err)
	}
	return e, nil
}

func one(ctx context.Context, q db.Querier, where string, args ...any) (Entry, error) {
	e, err := scan(q.QueryRow(ctx, `select `+columns+` from live_entry as e where `+where, args...))
	return e, db.Found(err, "There is no such entry. It may have been removed.")
}

func many(ctx context.Context, q db.Querier, query string, args ...any) (list []Entry, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// An Extent says which entries a list holds.
type Extent struct {
	From string // the entry that the page begins with; "" is the newest
	All  bool   // removed ones too, for the desk
}

// List returns a page of the entries of an article, the newest first. older is the
// entry with which the next page begins, "" on the last.
func (s *Store) List(ctx context.Context, article string, x Extent) (list []Entry, older string, err error) {
	var from Entry
	if x.From != "" {
		if from, err = one(ctx, s.DB, `e.article = $1 and e.id = $2`, article, x.From); err != nil {
			return nil, "", err
		}
	}
	query, args := x.sql(article, from)
	if list, err = many(ctx, s.DB, query, args...); err != nil {
		return nil, "", fmt.Errorf("list the entries of %s: %w", article, err)
	}
	if len(list) > PageSize {
		older = list[PageSize].ID
		list = list[:PageSize]
	}
	return list, older, nil
}

func (x Extent) sql(article string, from Entry) (query string, args []any) {
	where := "e.article = " + db.Arg(&args, article)
	if !x.All {
		where += " and e.state = 'shown'"
	}
	if x.From != "" {
		where += fmt.Sprintf(" and (e.at, e.id) <= (%s, %s)", db.Arg(&args, db.Time(from.At)), db.Arg(&args, from.ID))
	}
	return `select ` + columns + `
		from live_entry as e
		where ` + where + `
		order by e.at desc, e.id desc
		limit ` + db.Arg(&args, PageSize+1), args
}

// Newest lists the newest entries of an article that readers have, for those who look
// through their words. It reads in q.
func (s *Store) Newest(ctx context.Context, q db.Querier, article string, limit int) (list []Entry, err error) {
	list, err = many(ctx, q, newestSQL, article, limit)
	if err != nil {
		return nil, fmt.Errorf("read the newest entries of %s: %w", article, err)
	}
	return list, nil
}

const newestSQL = `select ` + columns + `
	from live_entry as e
	where e.article = $1 and e.state = 'shown'
	order by e.at desc, e.id desc
	limit $2`

// Keys lists the newest key events of an article.
func (s *Store) Keys(ctx context.Context, article string) (list []Entry, err error) {
	list, err = many(ctx, s.DB, keysSQL, article, maxKeys)
	if err != nil {
		return nil, fmt.Errorf("list the key events of %s: %w", article, err)
	}
	return list, nil
}

const keysSQL = `select ` + columns + `
	from live_entry as e
	where e.article = $1 and e.state = 'shown' and e.key_event
	order by e.at desc, e.id desc
	limit $2`

// Last is when the newest entry of an article that readers have happened; zero for
// none.
func (s *Store) Last(ctx context.Context, article string) (at time.Time, err error) {
	err = s.DB.QueryRow(ctx, lastSQL, article).Scan((*db.Time)(&at))
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return at, nil
	} else if err != nil {
		return at, fmt.Errorf("when the newest entry of %s happened: %w", article, err)
	}
	return at, nil
}

const lastSQL = `select e.at from live_entry as e where e.article = $1 and e.state = 'shown' order by e.at desc, e.id desc limit 1`

// Since lists the entries that were posted, changed or removed after a change, in
// the order of the changes. more says that there are too many to tell.
func (s *Store) Since(ctx context.Context, article string, change int) (list []Entry, more bool, err error) {
	list, err = many(ctx, s.DB, sinceSQL, article, change, maxSince+1)
	if err != nil {
		return nil, false, fmt.Errorf("what has changed in %s: %w", article, err)
	}
	if len(list) > maxSince {
		return nil, true, nil
	}
	return list, false, nil
}

const sinceSQL = `select ` + columns + `
	from live_entry as e
	where e.article = $1 and e.change > $2
	order by e.change, e.id
	limit $3`

// Entry returns an entry that readers have, and whether it stands on the newest page.
func (s *Store) Entry(ctx context.Context, article, id string) (e Entry, newest bool, err error) {
	if e, err = one(ctx, s.DB, `e.article = $1 and e.id = $2`, article, id); err != nil {
		return e, false, err
	}
	if e.State != Shown {
		return e, false, &problem.Problem{Kind: problem.NotFound, Detail: "This entry of the live report was removed."}
	}
	list, _, err := s.List(ctx, article, Extent{})
	for _, other := range list {
		newest = newest || other.ID == id
	}
	return e, newest, err
}

// An Earlier is what an entry said before it was changed.
type Earlier struct {
	Version  int
	At       time.Time
	Headline string
	Body     richtext.Doc
	Author   string    // reader id of whoever changed it
	Replaced time.Time // when
}

// maxEarlier is how many earlier versions of an entry are listed.
const maxEarlier = 50

// Earlier lists what an entry said before, the newest first.
func (s *Store) Earlier(ctx context.Context, entry string) (list []Earlier, err error) {
	rows, err := s.DB.Query(ctx, `select v.version, v.at, v.headline, v.body, v.author, v.replaced
		from live_entry_version as v
		where v.entry = $1
		order by v.version desc
		limit $2`, entry, maxEarlier)
	if err != nil {
		return nil, fmt.Errorf("what entry %s said: %w", entry, err)
	}
	defer rows.Close()
	for rows.Next() {
		var v Earlier
		var body string
		if err := rows.Scan(&v.Version, (*db.Time)(&v.At), &v.Headline, &body, &v.Author, (*db.Time)(&v.Replaced)); err != nil {
			return nil, fmt.Errorf("what entry %s said: %w", entry, err)
		}
		if v.Body, err = richtext.Parse([]byte(body)); err != nil {
			return nil, fmt.Errorf("what entry %s said is damaged: %w", entry, err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
