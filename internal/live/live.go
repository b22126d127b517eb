// Package live keeps live reports: what is written of something while it happens.
//
// A live report belongs to an article, which it knows by its id. It has entries,
// each with the time at which what it tells of happened, the newest first; some of
// them are key events. Above them stands a summary of what is known so far. An entry
// that is removed keeps its row and its place, so that it can come back; what an
// entry said before it was changed is kept for the desk. Whether readers may have any
// of it is not known here: whoever shows it asks for the article first.
package live

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A State says whether readers have an entry.
type State string

const (
	Shown   State = "shown"
	Removed State = "removed"
)

// A Report is a live report without its entries. That of an article which has none
// yet is empty.
type Report struct {
	Article    string
	Summary    richtext.Doc // what we know so far
	Summarised time.Time    // when it was written; zero for none
	Version    int          // of the summary
	Started    time.Time    // the time of the first entry; zero before
	Ended      time.Time    // zero while it goes on
	Entries    int          // that readers have
	Changes    int          // the number of the newest change
}

// Running reports whether something is still to come.
func (r Report) Running() bool { return r.Ended.IsZero() }

// An Entry is one thing that has happened.
type Entry struct {
	ID         string
	Article    string
	At         time.Time // when it happened
	Headline   string    // may be ""
	Body       richtext.Doc
	Key        bool   // a key event
	Signed     string // who tells it, as readers see it; "" for the paper
	Correction string // what was wrong with it, for readers; "" for nothing
	State      State
	Author     string // reader id
	Version    int
	Edited     time.Time // when its words were changed last; zero for never
	Corrected  time.Time // when readers were told what was wrong; zero where nothing was
	Created    time.Time
	Change     int // the number of the report's change that made it what it is
}

// Title is the entry in a line: its headline, or how its text begins.
func (e Entry) Title() string {
	if e.Headline != "" {
		return e.Headline
	}
	return e.Body.FirstSentence(titleLength)
}

const titleLength = 90

// Pictures lists the pictures that a report and entries show.
func Pictures(r Report, entries []Entry) (ids []string) {
	docs := []richtext.Doc{r.Summary}
	for _, e := range entries {
		docs = append(docs, e.Body)
	}
	for _, d := range docs {
		for _, f := range d.Figures() {
			ids = append(ids, f.Picture)
		}
	}
	return ids
}

// Tag is the page cache's tag of everything that shows the live report of an article.
func Tag(article string) string { return "live:" + article }

// Changed says that a live report is not what it was.
type Changed struct{ Article string }

// EventKind and EventSubject make it a fact (package event).
func (Changed) EventKind() string      { return "live.changed" }
func (e Changed) EventSubject() string { return e.Article }

// A Store keeps live reports in a database.
type Store struct {
	DB  *db.DB
	Now func() time.Time // the paper's clock; tests set it
	ID  func() string
}

const reportColumns = `r.article, r.summary, r.summary_changed, r.version, r.started, r.ended, r.entries, r.changes`

// Report returns the live report of an article.
func (s *Store) Report(ctx context.Context, article string) (Report, error) {
	return report(ctx, s.DB, article)
}

// ReportIn is Report for those who have a transaction.
func (s *Store) ReportIn(ctx context.Context, q db.Querier, article string) (Report, error) {
	return report(ctx, q, article)
}

func report(ctx context.Context, q db.Querier, article string) (r Report, err error) {
	var summary string
	err = q.QueryRow(ctx, `select `+reportColumns+` from live_report as r where r.article = $1`, article).Scan(
		&r.Article, &summary, (*db.Time)(&r.Summarised), &r.Version, (*db.Time)(&r.Started), (*db.Time)(&r.Ended), &r.Entries, &r.Changes)
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return Report{Article: article}, nil
	} else if err != nil {
		return r, fmt.Errorf("read the live report of %s: %w", article, err)
	}
	r.Summary, err = richtext.Parse([]byte(summary))
	if err != nil {
		return r, fmt.Errorf("the summary of %s is damaged: %w", article, err)
	}
	return r, nil
}

// Running returns which of the articles have a live report that goes on. One that
// nobody has written anything in yet has.
func (s *Store) Running(ctx context.Context, articles ...string) (map[string]bool, error) {
	running := make(map[string]bool, len(articles))
	if len(articles) == 0 {
		return running, nil
	}
	for _, id := range articles {
		running[id] = true
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select r.article from live_report as r where r.article `+db.In(&args, articles)+` and r.ended > 0 order by r.article`, args...)
	if err != nil {
		return nil, fmt.Errorf("which live reports go on: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("which live reports go on: %w", err)
		}
		delete(running, id)
	}
	return running, rows.Err()
}

// Showing lists the articles whose live reports show a picture to their readers.
func (s *Store) Showing(ctx context.Context, picture string) (articles []string, err error) {
	rows, err := s.DB.Query(ctx, `select p.article
		from live_picture as p
		left join live_entry as e on e.id = p.entry
		where p.picture = $1 and (p.entry = '' or e.state = 'shown')
		group by p.article
		order by p.article`, picture)
	if err != nil {
		return nil, fmt.Errorf("which live reports show picture %s: %w", picture, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("which live reports show picture %s: %w", picture, err)
		}
		articles = append(articles, id)
	}
	return articles, rows.Err()
}
