// Package wire brings agency copy into the paper.
//
// A wire source is an agency and the way its copy comes: a watched folder, one of
// several interfaces that are asked, or what the agency sends to us (Way). Each file
// or answer is a delivery, kept as it came. What it holds are wire items, each one
// version of one story. The source's rule says whether an item is published or
// held for an editor; the rules of the desk come before it, and what the agency says
// about an item wins over both. A recall (withheld, canceled) stays on a story for good, whatever arrives late,
// so the order of arrival never matters.
package wire

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/media"
	"kawaraban/internal/secret"
)

// A Rule says what becomes of a source's items that an agency has released.
type Rule string

const (
	Auto Rule = "auto" // published as they come
	Hold Rule = "hold" // a draft for an editor
)

// A Source is an agency.
type Source struct {
	ID       string
	Name     string // "AFP": also the credit where an item names none
	Folder   string // the one that is watched, an absolute path; "" for none
	Section  string // slug of the section that its articles go to
	Publish  Rule
	Feeds    bool // RSS and Atom entries follow Publish too; else they are held
	Created  time.Time
	Received time.Time // the last delivery; zero before the first
	Problem  string    // what is wrong now, in a sentence; "" when all is well
}

// A Store keeps wire sources, deliveries and items.
type Store struct {
	DB       *db.DB
	Articles *article.Store
	Media    *media.Store
	Fetch    *fetch.Client   // asks agencies
	Keys     *secret.Keyring // seal what they want to know of us
	Audit    *audit.Log      // of what people change; nil: nothing is written
	Language func() string   // of items that name none

	// Index has the words of what has come found by its number n, and no more by the old
	// one; Find returns the numbers of what has the words, below one (0: from the newest
	// on), newest first. Searching is another subject's. Nil: nothing is searched.
	Index func(ctx context.Context, tx *db.Tx, old, n int64, texts ...string) error
	Find  func(ctx context.Context, words string, before int64, limit int) ([]int64, error)

	// Recalled is told of a story that its agency has recalled, by the number of its first
	// arrival, in the transaction in which that is obeyed. Nil: nobody wants to know.
	Recalled func(ctx context.Context, tx *db.Tx, first int64) error

	Now func() time.Time
	ID  func() string
	Log *slog.Logger

	Zone func() *time.Location // the paper's clock, by which rules have their hours; nil is UTC

	// Alert sends a news alert that a rule asks for, after the transaction. Nil: an editor does.
	Alert func(ctx context.Context, tx *db.Tx, a Alert) error

	book atomic.Pointer[ruleBook] // the live rules as this process has used them last
	once sync.Once                // guards made
	made map[Kind]puller
}

// A folder that is not watched now is none.
const sourceColumns = `id, name,
	coalesce((select address from wire_way where source = wire_source.id and kind = 'folder' and not paused), ''),
	section, publish, feeds, created, received, problem`

func scanSource(row interface{ Scan(...any) error }) (s Source, err error) {
	err = row.Scan(&s.ID, &s.Name, &s.Folder, &s.Section, &s.Publish, &s.Feeds, (*db.Time)(&s.Created), (*db.Time)(&s.Received), &s.Problem)
	return s, err
}

// AddSource adds a source whose files appear in its folder, or are handed to us when it
// has none, and returns it with its id.
func (s *Store) AddSource(ctx context.Context, src Source) (Source, error) {
	w := Way{}
	if src.Folder != "" {
		w = Way{Kind: ByFolder, Address: src.Folder}
	}
	return s.Add(ctx, audit.Console, src, w, "")
}

// Sources lists the sources by name.
func (s *Store) Sources(ctx context.Context) ([]Source, error) {
	rows, err := s.DB.Query(ctx, `select `+sourceColumns+` from wire_source where removed = 0 order by name`)
	if err != nil {
		return nil, fmt.Errorf("list wire sources: %w", err)
	}
	defer rows.Close()
	var list []Source
	for rows.Next() {
		src, err := scanSource(rows)
		if err != nil {
			return nil, fmt.Errorf("list wire sources: %w", err)
		}
		list = append(list, src)
	}
	return list, rows.Err()
}

// Source returns the source with a name.
func (s *Store) Source(ctx context.Context, name string) (Source, error) {
	src, err := scanSource(s.DB.QueryRow(ctx, `select `+sourceColumns+` from wire_source where name = $1 and removed = 0`, name))
	if err != nil {
		return src, db.Found(err, "There is no wire source "+name+". List them with: kawaraban wire list")
	}
	return src, nil
}

// report stores what is wrong with a source, "" when all is well again.
func (s *Store) report(ctx context.Context, src *Source, sentence string) {
	if src.Problem == sentence {
		return
	}
	src.Problem = sentence
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update wire_source set problem = $2 where id = $1`, src.ID, sentence)
		return err
	})
	if err != nil {
		s.Log.Error("a wire source's state is not stored", "source", src.Name, "error", err)
	}
	if sentence != "" {
		s.Log.Warn("wire source", "source", src.Name, "problem", sentence)
	}
}
