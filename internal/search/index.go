package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/topic"
)

const (
	articleJob = "search.article"
	threadJob  = "search.thread"

	// calm is how long comments wait, so that a thread in which many write is looked
	// through once.
	calm = 5 * time.Second
)

// A Changed names the article whose words, or whose thread, are to be read again.
type Changed struct {
	Article string
	At      time.Time // of a thread: one job for all that is said until then
}

// Work lets the queue do this package's jobs.
func (s *Store) Work() {
	job.Handle(s.Jobs, articleJob, func(ctx context.Context, c Changed) error { return s.Index(ctx, c.Article) })
	job.Handle(s.Jobs, threadJob, func(ctx context.Context, c Changed) error { return s.indexThread(ctx, c.Article, 0) })
}

// Hear notes what has happened; Run has the index follow. It writes nothing itself: who
// tells facts waits for it, and pages are to be purged meanwhile. The names of the facts
// about live reports and about threads are given: their packages are not known here. It
// may hear the same more than once, and in several processes.
func (s *Store) Hear(_ context.Context, e event.Event, report string, threads ...string) error {
	c := Changed{Article: e.Subject}
	switch {
	case slices.Contains(threads, e.Kind):
		c.At = e.Created.UTC().Truncate(calm).Add(calm)
	case e.Kind != article.Appeared{}.EventKind() && e.Kind != article.Changed{}.EventKind() && e.Kind != article.Vanished{}.EventKind() && e.Kind != report:
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heard == nil {
		s.heard = map[Changed]bool{}
	}
	s.heard[c] = true
	return nil
}

// follow makes jobs of what was heard. What cannot be written is kept for the next time.
func (s *Store) follow(ctx context.Context) error {
	s.mu.Lock()
	heard := s.heard
	s.heard = nil
	s.mu.Unlock()
	if len(heard) == 0 {
		return nil
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		for c := range heard {
			add, kind := s.Jobs.Add, articleJob
			if !c.At.IsZero() {
				add, kind = s.Jobs.AddUnique, threadJob
			}
			if err := add(ctx, tx, kind, c.At, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.heard == nil {
			s.heard = map[Changed]bool{}
		}
		maps.Copy(s.heard, heard)
		return fmt.Errorf("follow what has happened: %w", err)
	}
	return nil
}

// Index makes the index say what readers may have of an article now: its words, or
// nothing. It may run twice, and at the same time.
func (s *Store) Index(ctx context.Context, id string) error {
	_, err := s.index(ctx, []string{id}, 0)
	return err
}

// tries is how often a transaction is tried that another was faster than.
const tries = 8

// index indexes articles in one transaction, and notes that a run of building the
// index anew has seen them. It returns how many readers may have.
func (s *Store) index(ctx context.Context, ids []string, run int64) (there int, err error) {
	for range tries {
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			there, err = s.indexAll(ctx, tx, ids, run)
			if err != nil {
				return fmt.Errorf("index articles from %s on: %w", ids[0], err)
			}
			return nil
		})
		if !db.IsUnique(err) {
			break // else somebody took the same number
		}
	}
	return there, err
}

// paceOf is the pace of a run that builds the index anew, or of none.
func paceOf(run int64) pace {
	if run != 0 {
		return together
	}
	return soon
}

func (s *Store) indexAll(ctx context.Context, tx *db.Tx, ids []string, run int64) (there int, err error) {
	numbers, err := known(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	var old []int64
	for _, id := range ids {
		if numbers[id] == 0 {
			continue
		}
		// Who has the row reads the article after all who had it before.
		var n int64
		err := tx.QueryRow(ctx, `update search_doc set built = case when built < $2 then $2 else built end where article = $1 returning n`, id, run).Scan(&n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
		if numbers[id] = n; n != 0 {
			old = append(old, n)
		}
	}
	texts, err := s.Articles.Texts(ctx, tx, ids...)
	if err != nil {
		return 0, err
	}
	for _, d := range []depth{head, lead, full} {
		if err := drop(ctx, tx, s.DB.Postgres(), d, old...); err != nil {
			return 0, err
		}
	}
	docs := map[depth][]doc{}
	for _, id := range ids {
		r := texts[id]
		n, err := numberOf(ctx, tx, id, numbers[id], r, run)
		if err != nil {
			return 0, err
		}
		if r == nil {
			continue
		}
		entries, err := s.entries(ctx, tx, r, mostEntries)
		if err != nil {
			return 0, err
		}
		for d, list := range wordsOf(r, entries) {
			docs[d] = append(docs[d], doc{n, list})
		}
	}
	return len(texts), putAll(ctx, tx, s.DB.Postgres(), paceOf(run), docs)
}

// putAll writes the words of articles into the three depths.
func putAll(ctx context.Context, tx *db.Tx, postgres bool, p pace, docs map[depth][]doc) error {
	for _, d := range []depth{head, lead, full} {
		if err := put(ctx, tx, postgres, d, p, docs[d]...); err != nil {
			return err
		}
	}
	return nil
}

// known returns the numbers of those of the articles that have one, by id.
func known(ctx context.Context, q db.Querier, ids []string) (map[string]int64, error) {
	var args []any
	rows, err := q.Query(ctx, `select article, n from search_doc where article `+db.In(&args, ids)+` order by article`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	numbers := map[string]int64{}
	for rows.Next() {
		var id string
		var n int64
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		numbers[id] = n
	}
	return numbers, rows.Err()
}

// numberOf gives an article its number, another than the old one where it has got
// another time, and takes it from one that readers may not have (r is nil).
func numberOf(ctx context.Context, tx *db.Tx, id string, old int64, r *article.Reading, run int64) (n int64, err error) {
	if r == nil {
		if old != 0 {
			_, err = tx.Exec(ctx, `delete from search_doc where article = $1`, id)
		}
		return 0, err
	}
	first := number(r.Published)
	if old >= first && old < first+places {
		return old, nil
	}
	statement := `update search_doc set n = $1, built = $3 where article = $2`
	if old == 0 {
		// Most have a millisecond to themselves.
		statement = `insert into search_doc (n, article, built) values ($1, $2, $3)`
		err = tx.QueryRow(ctx, statement+` on conflict (n) do nothing returning n`, first, id, run).Scan(&n)
		if !errors.Is(err, sql.ErrNoRows) {
			return n, err
		}
	}
	if n, err = free(ctx, tx, "search_doc", first); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, statement, n, id, run)
	return n, err
}

// free is the first number from one on that nobody has.
func free(ctx context.Context, tx *db.Tx, table string, first int64) (n int64, err error) {
	for {
		err = tx.QueryRow(ctx, `select coalesce(max(n) + 1, $1) from `+table+` where n >= $1 and n < $2`, first, first+places).Scan(&n)
		if err != nil || n < first+places {
			return n, err
		}
		first += places
	}
}

// wordsOf are an article's words, and those of its live report, in the three depths.
func wordsOf(r *article.Reading, entries []Entry) map[depth][]string {
	marks := []string{all, in + r.Section.Slug, gap}
	for _, name := range r.Bylines {
		for _, w := range words(name) {
			if w != gap {
				w = by + w
			}
			marks = append(marks, w)
		}
	}
	headline := words(r.Headline)
	around := slices.Concat(headline, words(append([]string{r.Standfirst, r.Kicker, strings.Join(r.Bylines, "\n")}, topicWords(r)...)...))
	body := words(r.Card.Lead.Caption, r.Body.Text())
	for _, e := range entries {
		body = append(body, words(e.Headline, e.Text)...)
	}
	return map[depth][]string{
		head: held(slices.Concat(marks, headline)),
		lead: held(slices.Concat(marks, around)),
		full: held(slices.Concat(marks, around, body)),
	}
}

// topicWords are what an article is about, in its language and in that of the
// vocabulary.
func topicWords(r *article.Reading) (list []string) {
	for _, entry := range r.Topics {
		word := topic.Load().Word(entry, "en")
		list = append(list, word)
		if other := topic.Load().Word(entry, r.Language); other != word {
			list = append(list, other)
		}
	}
	return list
}

// indexThread makes the index say what readers may have of an article's thread; run is
// that of building the index anew, 0 for none.
func (s *Store) indexThread(ctx context.Context, id string, run int64) error {
	if s.Thread == nil {
		return nil
	}
	after := ""
	for {
		list, err := s.Thread(ctx, id, after, batch)
		if err != nil {
			return err
		}
		until := ""
		if len(list) == batch {
			until = list[batch-1].ID
		}
		if err := s.indexSaid(ctx, id, after, until, list, paceOf(run)); err != nil || until == "" {
			return err
		}
		after = until
	}
}

// batch is how many comments are looked through in one transaction.
const batch = 500

// indexSaid makes the index of the comments between two ids what list is.
func (s *Store) indexSaid(ctx context.Context, id, after, until string, list []Said, p pace) (err error) {
	if len(list) == 0 { // of most articles, and a transaction for each of them takes its time
		if known, err := knownSaid(ctx, s.DB, id, after, until); err != nil || len(known) == 0 {
			return err
		}
	}
	for range tries {
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			known, err := knownSaid(ctx, tx, id, after, until)
			if err != nil {
				return err
			}
			for _, c := range list {
				k, there := known[c.ID]
				delete(known, c.ID)
				if there && k.version == c.Version {
					continue
				}
				if err := s.putSaid(ctx, tx, c, k.n, p); err != nil {
					return err
				}
			}
			for comment, k := range known {
				if err := drop(ctx, tx, s.DB.Postgres(), said, k.n); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `delete from search_said where comment = $1`, comment); err != nil {
					return err
				}
			}
			return nil
		})
		if !db.IsUnique(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("index the thread of %s: %w", id, err)
	}
	return nil
}

type indexed struct {
	n       int64
	version int
}

func knownSaid(ctx context.Context, q db.Querier, id, after, until string) (map[string]indexed, error) {
	where, args := `article = $1 and comment > $2`, []any{id, after}
	if until != "" {
		where += ` and comment <= ` + db.Arg(&args, until)
	}
	rows, err := q.Query(ctx, `select comment, n, version from search_said where `+where+` order by comment`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]indexed{}
	for rows.Next() {
		var comment string
		var k indexed
		if err := rows.Scan(&comment, &k.n, &k.version); err != nil {
			return nil, err
		}
		known[comment] = k
	}
	return known, rows.Err()
}

// putSaid writes a comment's words; old is its number, 0 for none.
func (s *Store) putSaid(ctx context.Context, tx *db.Tx, c Said, old int64, p pace) (err error) {
	n := old
	if old != 0 {
		if err := drop(ctx, tx, s.DB.Postgres(), said, old); err != nil {
			return err
		}
	} else if n, err = free(ctx, tx, "search_said", number(c.Shown)); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into search_said (n, comment, article, version) values ($1, $2, $3, $4)
		on conflict (comment) do update set version = excluded.version`, n, c.ID, c.Article, c.Version); err != nil {
		return err
	}
	return put(ctx, tx, s.DB.Postgres(), said, p, doc{n, held(append([]string{all, gap}, words(c.Body)...))})
}

// Has reports whether an article is in the index.
func (s *Store) Has(ctx context.Context, id string) (bool, error) {
	found, err := known(ctx, s.DB, []string{id})
	if err != nil {
		return false, fmt.Errorf("ask whether %s is in the index: %w", id, err)
	}
	_, there := found[id]
	return there, nil
}
