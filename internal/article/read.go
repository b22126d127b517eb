package article

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// columns are what a row of article is read from, body last so that lists can
// leave it out.
const (
	cardColumns = `a.id, a.section, s.name, s.path, a.slug, a.state, a.kind, a.format, a.language, a.weight,
		a.headline, a.kicker, a.standfirst, a.dateline, a.words, a.picture, a.caption, a.credit, a.alt, a.video, a.source_notice, a.sponsor,
		a.canonical, a.noindex, a.feed, a.published, a.updated, a.embargo, a.embargo_open, a.expires,
		a.withdrawn, a.withdrawn_by, a.withdrawn_why, a.revision, a.live, a.edited, a.created, a.changed`
	columns = cardColumns + `, a.body`
)

type row interface{ Scan(dest ...any) error }

func (a *Article) fields() []any {
	return []any{
		&a.ID, &a.Section.Slug, &a.Section.Name, &a.Section.Address, &a.Slug, &a.State, &a.Kind, &a.Format, &a.Language, &a.Weight,
		&a.Headline, &a.Kicker, &a.Standfirst, &a.Dateline, &a.Words, &a.Lead.Picture, &a.Lead.Caption, &a.Lead.Credit, &a.Lead.Alt, &a.Lead.Video, &a.SourceNotice, &a.Sponsor,
		&a.Canonical, &a.NoIndex, &a.Feed, (*db.Time)(&a.Published), (*db.Time)(&a.Updated), (*db.Time)(&a.Embargo), &a.EmbargoOpen, (*db.Time)(&a.Expires),
		(*db.Time)(&a.Withdrawal.At), &a.Withdrawal.By, &a.Withdrawal.Why, &a.Revision, &a.Live, &a.Edited, (*db.Time)(&a.Created), (*db.Time)(&a.Changed),
	}
}

// scanCard reads a row without the body.
func scanCard(r row) (a *Article, err error) {
	a = new(Article)
	if err := r.Scan(a.fields()...); err != nil {
		return nil, err
	}
	return a, nil
}

func scan(r row) (*Article, error) {
	a, body := new(Article), ""
	if err := r.Scan(append(a.fields(), &body)...); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(body), &a.Body); err != nil {
		return nil, fmt.Errorf("the body of article %s is damaged: %w", a.ID, err)
	}
	return a, nil
}

// Get returns an article in whatever state, for the desk and other subjects;
// never for a page that readers see.
func (s *Store) Get(ctx context.Context, q db.Querier, id string) (*Article, error) {
	return s.one(ctx, q, `from article a join section s on s.slug = a.section where a.id = $1`, id)
}

func (s *Store) one(ctx context.Context, q db.Querier, from string, args ...any) (*Article, error) {
	a, err := scan(q.QueryRow(ctx, `select `+columns+` `+from, args...))
	if err != nil {
		return nil, db.Found(err, "There is no such article.")
	}
	names, topics, err := aside(ctx, q, []string{a.ID})
	if err != nil {
		return nil, err
	}
	a.Bylines, a.Topics = names[a.ID], topics[a.ID]
	return a, nil
}

// aside returns whose names stand over the articles, and what these are about, by the
// articles' ids.
func aside(ctx context.Context, q db.Querier, ids []string) (names, topics map[string][]string, err error) {
	var args []any
	of := db.In(&args, ids)
	rows, err := q.Query(ctx, `select 'name', article, name, position from byline where article `+of+`
		union all select 'topic', article, name, position from article_topic where article `+of+`
		order by 2, 4`, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read bylines and topics: %w", err)
	}
	defer rows.Close()
	names, topics = map[string][]string{}, map[string][]string{}
	for rows.Next() {
		var part, id, name string
		var position int
		if err := rows.Scan(&part, &id, &name, &position); err != nil {
			return nil, nil, fmt.Errorf("read bylines and topics: %w", err)
		}
		list := names
		if part == "topic" {
			list = topics
		}
		list[id] = append(list[id], name)
	}
	return names, topics, rows.Err()
}

// Bylines returns whose names stand over articles, by the articles' ids.
func (s *Store) Bylines(ctx context.Context, ids ...string) (map[string][]string, error) {
	return bylines(ctx, s.DB, ids)
}

// bylines returns whose names stand over the articles, by the articles' ids.
func bylines(ctx context.Context, q db.Querier, ids []string) (map[string][]string, error) {
	names := make(map[string][]string, len(ids))
	for batch := range slices.Chunk(ids, 500) {
		if err := namesOf(ctx, q, batch, names); err != nil {
			return nil, fmt.Errorf("read the bylines: %w", err)
		}
	}
	return names, nil
}

func namesOf(ctx context.Context, q db.Querier, ids []string, names map[string][]string) error {
	var args []any
	rows, err := q.Query(ctx, `select article, name from byline where article `+db.In(&args, ids)+` order by article, position`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		names[id] = append(names[id], name)
	}
	return rows.Err()
}

// A Reading is what a reader may have of one article: all of it, or, when its
// licence has ended, only what may stay.
type Reading struct {
	Card
	Ended     bool // the licence has ended: there is no body and no picture
	Body      richtext.Doc
	Topics    []string // entries of package topic
	Language  string
	Feed      FeedRight
	NoIndex   bool
	Canonical string
	Expires   time.Time
}

// Read returns what readers may have of the article at an address. moved is its
// present address when that is another one; then there is no Reading. An article
// that readers may not know of is not found, a withdrawn one is a Problem of
// kind Gone with the Withdrawal as its cause.
func (s *Store) Read(ctx context.Context, section, slug string) (r *Reading, moved string, err error) {
	a, err := s.one(ctx, s.DB, `from section_address p
		join address d on d.section = p.section
		join article a on a.id = d.article
		join section s on s.slug = a.section
		where p.path = $1 and d.slug = $2`, section, slug)
	if err != nil {
		return nil, "", err
	}
	return s.reading(a, path(section, slug))
}

// Locate returns the address of an article that readers may know of.
func (s *Store) Locate(ctx context.Context, id string) (path string, err error) {
	a, err := s.Get(ctx, s.DB, id)
	if err != nil {
		return "", err
	}
	_, moved, err := s.reading(a, "")
	return moved, err
}

func (s *Store) reading(a *Article, asked string) (*Reading, string, error) {
	switch a.access(s.Now()) {
	case Gone:
		return nil, "", &problem.Problem{Kind: problem.Gone, Detail: a.Withdrawal.Why, Err: a.Withdrawal}
	case Hidden:
		return nil, "", notFound("There is no such article.")
	case Expired:
		if asked != a.Path() {
			return nil, a.Path(), nil
		}
		return &Reading{Card: a.card().ended(), Ended: true, Language: a.Language, NoIndex: true, Feed: FeedNone}, "", nil
	}
	if asked != a.Path() {
		return nil, a.Path(), nil
	}
	return a.Draft(), "", nil
}

// Draft is the article as readers will have it if they ever do: for those who may
// look before, and for nobody else.
func (a *Article) Draft() *Reading {
	return &Reading{
		Card: a.card(), Body: a.Body, Topics: a.Topics, Language: a.Language, Feed: a.Feed,
		NoIndex: a.NoIndex, Canonical: a.Canonical, Expires: a.Expires,
	}
}

func notFound(detail string) error {
	return &problem.Problem{Kind: problem.NotFound, Detail: detail}
}
