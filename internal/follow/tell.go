package follow

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
)

const (
	// LetterJob is the kind of the jobs that write a Letter.
	LetterJob = "follow.letter"

	tellJob = "follow.tell"
	batch   = 200            // readers who are told in one transaction
	fresh   = 24 * time.Hour // what is older when it is heard of is no news
	burst   = time.Hour      // comments of that long are one message
)

// What a Letter is about: these, or the number of a version.
const (
	appeared = "appeared"
	hourly   = "hour:"
	version  = "version:"
)

// A Letter is what one reader is to be told of one article.
type Letter struct {
	Reader, Article, What string
	Way                   Way // Mail or Push
	Comments              int // of a thread
}

// A telling is what is to be told of an article.
type telling struct {
	Article string
	Hour    time.Time // of its thread; else zero
}

// Work lets the queue do this package's jobs. Letters (LetterJob) are a face's.
func (s *Store) Work() { job.Handle(s.Jobs, tellJob, s.tell) }

// Hear begins to tell what has happened. The names of the facts about threads are
// given: package comment is not known here. It may hear the same more than once, and
// in several processes.
func (s *Store) Hear(ctx context.Context, e event.Event, commented string) error {
	switch e.Kind {
	case article.Appeared{}.EventKind(), article.Changed{}.EventKind():
		return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.Jobs.Add(ctx, tx, tellJob, time.Time{}, telling{Article: e.Subject}) })
	case commented:
		followed := false
		err := s.DB.QueryRow(ctx, `select exists (select 1 from follow where kind = 'thread' and key = $1)`, e.Subject).Scan(&followed)
		if err != nil || !followed {
			return err
		}
		begun := e.Created.UTC().Truncate(burst)
		return s.DB.Tx(ctx, func(tx *db.Tx) error {
			return s.Jobs.AddUnique(ctx, tx, tellJob, begun.Add(burst), telling{Article: e.Subject, Hour: begun})
		})
	}
	return nil
}

// tell tells all followers what is new, a batch at a time. It may run twice.
func (s *Store) tell(ctx context.Context, t telling) error {
	readable, err := s.Articles.Readable(ctx, t.Article)
	if err != nil {
		return err
	}
	card, ok := readable[t.Article]
	switch {
	case !ok && t.Hour.IsZero():
		return nil
	case !t.Hour.IsZero():
		return s.tellThread(ctx, t)
	}
	now := s.Now()
	if now.Sub(card.Published) < fresh && !card.Paid() { // that somebody has paid is no news
		a, err := s.Articles.Get(ctx, s.DB, t.Article)
		if err != nil {
			return gone(err)
		}
		// Who begins to follow after it appeared has seen it, or is told of the next.
		if err := s.each(ctx, of(a), card.Published, t, appeared, nil); err != nil {
			return err
		}
	}
	list, err := s.Articles.Developments(ctx, t.Article, now.Add(-fresh))
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := s.each(ctx, []What{{Story, t.Article}}, d.At, t, version+strconv.Itoa(d.Number), nil); err != nil {
			return err
		}
	}
	return nil
}

// tellThread tells of the comments of an hour. One's own are no news.
func (s *Store) tellThread(ctx context.Context, t telling) error {
	if _, err := s.Articles.Known(ctx, t.Article); err != nil {
		return gone(err)
	}
	end := t.Hour.Add(burst)
	said, err := s.Comments(ctx, t.Article, t.Hour, end)
	if err != nil || len(said) == 0 {
		return err
	}
	return s.each(ctx, []What{{Thread, t.Article}}, end, t, hourly+strconv.FormatInt(t.Hour.Unix(), 10), func(reader string, since time.Time) (n int) {
		for _, c := range said {
			if c.Author != reader && c.At.After(since) {
				n++
			}
		}
		return n
	})
}

// each tells those who had begun by then to follow one of the things by mail or push.
// count says how many comments there are for a reader, who is not told of none.
func (s *Store) each(ctx context.Context, things []What, then time.Time, t telling, what string, count func(reader string, since time.Time) int) error {
	for _, way := range []Way{Mail, Push} {
		if err := s.eachBy(ctx, way, things, then, t, what, count); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eachBy(ctx context.Context, way Way, things []What, then time.Time, t telling, what string, count func(reader string, since time.Time) int) error {
	after := ""
	for {
		found, err := s.followers(ctx, way, things, then, after)
		if err != nil || len(found) == 0 {
			return err
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			for _, f := range found {
				l := Letter{Reader: f.reader, Article: t.Article, What: what, Way: way}
				if count != nil {
					if l.Comments = count(f.reader, f.since); l.Comments == 0 {
						continue
					}
				}
				if err := s.once(ctx, tx, l); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("tell of %s: %w", t.Article, err)
		}
		after = found[len(found)-1].reader
	}
}

// once adds the letter unless the reader was told already.
func (s *Store) once(ctx context.Context, tx *db.Tx, l Letter) error {
	told := l.What
	if l.Way == Push {
		told = "push:" + told
	}
	res, err := tx.Exec(ctx, `insert into follow_told (reader, article, what, created) values ($1, $2, $3, $4)
		on conflict (reader, article, what) do nothing`, l.Reader, l.Article, told, db.Time(s.Now()))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return err
	}
	return s.Jobs.Add(ctx, tx, LetterJob, time.Time{}, l)
}

type follower struct {
	reader string
	since  time.Time
}

// followers are the next of those who follow one of the things in a way.
func (s *Store) followers(ctx context.Context, way Way, things []What, then time.Time, after string) (list []follower, err error) {
	args := []any{db.Time(then), after, way}
	rows, err := s.DB.Query(ctx, `select reader, min(created)
		from follow
		where way = $3 and created <= $1 and reader > $2 and `+among(&args, things)+`
		group by reader
		order by reader
		limit `+db.Arg(&args, batch), args...)
	if err != nil {
		return nil, fmt.Errorf("find followers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var f follower
		if err := rows.Scan(&f.reader, (*db.Time)(&f.since)); err != nil {
			return nil, fmt.Errorf("find followers: %w", err)
		}
		list = append(list, f)
	}
	return list, rows.Err()
}

// among is a condition: that a follow is of one of the things.
func among(args *[]any, things []What) string {
	parts := make([]string, len(things))
	for i, w := range things {
		parts[i] = "(kind = " + db.Arg(args, w.Kind) + " and key = " + db.Arg(args, w.Key) + ")"
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// A Telling is a letter that is to be written now.
type Telling struct {
	Letter
	Card        article.Card
	Why         []What               // what the reader follows that it comes from
	Development *article.Development // of a story; nil for others
}

// Due is what a letter has to say at this moment; nil when there is nothing to say any
// more: the reader does not follow it so now, or readers may not have it.
func (s *Store) Due(ctx context.Context, l Letter) (*Telling, error) {
	t := &Telling{Letter: l}
	var err error
	switch {
	case strings.HasPrefix(l.What, hourly):
		if t.Card, err = s.Articles.Known(ctx, l.Article); err != nil {
			return nil, gone(err)
		}
		t.Why, err = s.still(ctx, l, []What{{Thread, l.Article}})
	default:
		readable, e := s.Articles.Readable(ctx, l.Article)
		if t.Card = readable[l.Article]; e != nil || t.Card.ID == "" {
			return nil, e
		}
		if err := s.about(ctx, t); err != nil {
			return nil, gone(err)
		}
	}
	if err != nil || len(t.Why) == 0 {
		return nil, err
	}
	return t, nil
}

// about finds out why a letter about a story comes, and what has become of it.
func (s *Store) about(ctx context.Context, t *Telling) (err error) {
	if t.What == appeared {
		a, err := s.Articles.Get(ctx, s.DB, t.Article)
		if err != nil {
			return err
		}
		t.Why, err = s.still(ctx, t.Letter, of(a))
		return err
	}
	list, err := s.Articles.Developments(ctx, t.Article, time.Time{})
	if err != nil {
		return err
	}
	for _, d := range list {
		if t.What == version+strconv.Itoa(d.Number) {
			t.Development = &d
		}
	}
	if t.Development == nil {
		return nil
	}
	t.Why, err = s.still(ctx, t.Letter, []What{{Story, t.Article}})
	return err
}

// still are those of the things that a reader follows in the way of a letter.
func (s *Store) still(ctx context.Context, l Letter, things []What) (list []What, err error) {
	args := []any{l.Reader, l.Way}
	rows, err := s.DB.Query(ctx, `select kind, key
		from follow
		where reader = $1 and way = $2 and `+among(&args, things)+`
		order by kind, key`, args...)
	if err != nil {
		return nil, fmt.Errorf("ask what is followed: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w What
		if err := rows.Scan(&w.Kind, &w.Key); err != nil {
			return nil, fmt.Errorf("ask what is followed: %w", err)
		}
		list = append(list, w)
	}
	return list, rows.Err()
}

// gone makes no fault of an article that readers may not have any more.
func gone(err error) error {
	if p := problem.Of(err); p != nil && (p.Kind == problem.NotFound || p.Kind == problem.Gone) {
		return nil
	}
	return err
}
