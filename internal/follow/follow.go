// Package follow keeps what readers follow, and tells them what is new of it.
//
// A reader follows a section, a topic, an author, a story (its updates and
// corrections) or a thread (new comments), each in a way of its own: by mail, by a
// notice on the reader's devices, as lines in the newsletters that the reader gets anyway, or by a feed only, which
// asks nothing of us.
//
// What is told is a row for each reader, article and cause, written together with
// the job that sends it: a fact that is heard twice, or by several processes, is
// told once. Whether readers may have an article is asked again when a letter is
// written.
package follow

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
)

// A Kind is what sort of thing is followed.
type Kind string

const (
	Section Kind = "section"
	Topic   Kind = "topic"
	Author  Kind = "author"
	Story   Kind = "story"  // its updates and corrections
	Thread  Kind = "thread" // its new comments
)

// A Way is how a reader learns of what is new.
type Way string

const (
	Mail   Way = "mail"
	Push   Way = "push"   // a notice on the reader's devices
	Digest Way = "digest" // lines in newsletters
	Feed   Way = "feed"   // the reader asks
)

// Ways are those in which something of a kind can be followed, the usual one first.
// A thread has no feed, and newsletters bring stories.
func (k Kind) Ways() []Way {
	switch k {
	case Section, Topic, Author:
		return []Way{Digest, Mail, Push, Feed}
	case Story:
		return []Way{Mail, Push, Digest, Feed}
	case Thread:
		return []Way{Mail, Push}
	}
	return nil
}

// A What is one thing that can be followed. Key is a section's slug, the name of a
// topic or an author, or the id of the article of a story or a thread.
type What struct {
	Kind Kind
	Key  string
}

// A Follow is what a reader follows, and how.
type Follow struct {
	What
	Way     Way
	Created time.Time
}

// A Said is a new comment: who wrote it, and since when others can read it.
type Said struct {
	Author string
	At     time.Time
}

// A Store keeps what is followed in a database.
type Store struct {
	DB       *db.DB
	Articles *article.Store
	Jobs     *job.Queue
	Now      func() time.Time

	// Comments are the comments on an article that readers got to see between two
	// moments. Package comment is not known here.
	Comments func(ctx context.Context, article string, from, to time.Time) ([]Said, error)
	// MayWrite reports whether an address may be written to.
	MayWrite func(ctx context.Context, email string) (bool, error)
}

const (
	most   = 200 // that one reader follows
	maxKey = 200 // bytes
)

// Add makes a reader follow something, or follow it in another way. What readers
// may not have cannot be followed.
func (s *Store) Add(ctx context.Context, reader string, w What, way Way) error {
	if !slices.Contains(w.Kind.Ways(), way) {
		return &problem.Problem{Kind: problem.Invalid, Detail: "This cannot be followed so. Choose one of the ways in the list.", Fields: map[string]string{"way": "Choose one of the list."}}
	}
	if _, err := s.Named(ctx, w); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from follow where reader = $1 and not (kind = $2 and key = $3)`, reader, w.Kind, w.Key).Scan(&n); err != nil {
			return fmt.Errorf("follow: %w", err)
		}
		if n >= most {
			return &problem.Problem{Kind: problem.Conflict, Detail: "You follow 200 things, and there is no room for more. Stop following something first."}
		}
		_, err := tx.Exec(ctx, `insert into follow (reader, kind, key, way, created) values ($1, $2, $3, $4, $5)
			on conflict (reader, kind, key) do update set way = excluded.way`, reader, w.Kind, w.Key, way, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("follow: %w", err)
		}
		return nil
	})
}

// Stop makes a reader follow something no more.
func (s *Store) Stop(ctx context.Context, reader string, w What) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from follow where reader = $1 and kind = $2 and key = $3`, reader, w.Kind, w.Key)
		return err
	})
}

// EndMail ends all mail about what a reader follows: it is followed by feed from
// then on, and threads, which have none, no more.
func (s *Store) EndMail(ctx context.Context, reader string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `delete from follow where reader = $1 and way = 'mail' and kind = 'thread'`, reader); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update follow set way = 'feed' where reader = $1 and way = 'mail'`, reader)
		return err
	})
}

// Of lists what a reader follows, the newest first.
func (s *Store) Of(ctx context.Context, reader string) (list []Follow, err error) {
	rows, err := s.DB.Query(ctx, `select kind, key, way, created
		from follow
		where reader = $1
		order by created desc, kind, key`, reader)
	if err != nil {
		return nil, fmt.Errorf("list what is followed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f Follow
		if err := rows.Scan(&f.Kind, &f.Key, &f.Way, (*db.Time)(&f.Created)); err != nil {
			return nil, fmt.Errorf("list what is followed: %w", err)
		}
		list = append(list, f)
	}
	return list, rows.Err()
}

// A Named is something that can be followed, as readers know it.
type Named struct {
	What
	Name string // of a section, the topic, the author, or a headline
	Path string // where it is to be read, "" for nowhere
}

// Named finds what can be followed. A Problem of kind NotFound says that readers
// have nothing of it.
func (s *Store) Named(ctx context.Context, w What) (n Named, err error) {
	n.What = w
	none := &problem.Problem{Kind: problem.NotFound, Detail: "What you want to follow is not there."}
	if len(w.Key) > maxKey || w.Key == "" || !utf8.ValidString(w.Key) {
		return n, none
	}
	switch w.Kind {
	case Section:
		sec, err := s.Articles.Section(ctx, w.Key)
		n.Name, n.Path = sec.Name, sec.Path()
		return n, err
	case Story, Thread:
		card, err := s.Articles.Known(ctx, w.Key)
		n.Name, n.Path = card.Headline, card.Path()
		return n, err
	case Topic, Author:
		f := article.Filter{Topic: w.Key, Limit: 1}
		if w.Kind == Author {
			f = article.Filter{Author: w.Key, Limit: 1}
		}
		cards, _, err := s.Articles.Latest(ctx, f)
		if err == nil && len(cards) == 0 {
			err = none
		}
		n.Name = w.Key
		return n, err
	}
	return n, none
}

// Offered is what can be followed from an article's page: its story, its thread, its
// section, its authors and topics.
func (s *Store) Offered(ctx context.Context, id string) (list []Named, err error) {
	card, err := s.Articles.Known(ctx, id)
	if err != nil {
		return nil, err
	}
	list = append(list,
		Named{What{Story, id}, card.Headline, card.Path()}, Named{What{Thread, id}, card.Headline, card.Path()},
		Named{What{Section, card.Section.Slug}, card.Section.Name, card.Section.Path()})
	readable, err := s.Articles.Readable(ctx, id)
	if _, ok := readable[id]; !ok || err != nil {
		return list, err
	}
	a, err := s.Articles.Get(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	for _, w := range of(a) {
		if w.Kind != Section && len(w.Key) <= maxKey {
			list = append(list, Named{What: w, Name: w.Key})
		}
	}
	return list, nil
}

// of is what an article that appears is news of.
func of(a *article.Article) (all []What) {
	all = append(all, What{Section, a.Section.Slug})
	for _, name := range a.Bylines {
		all = append(all, What{Author, name})
	}
	for _, name := range a.Topics {
		all = append(all, What{Topic, name})
	}
	return all
}
