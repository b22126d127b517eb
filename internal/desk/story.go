package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A Story is an article as the newsroom works on it.
type Story struct {
	Article   *article.Article
	Copy      Copy
	Owner     string // reader id, "" for what came by wire
	Base      int    // the revision that the copy began from
	Version   int    // of the copy, from 1; 0: nobody has opened it yet
	Kept      int    // the version that the newest revision has
	Published int    // the version that readers have
	Changed   time.Time
	ChangedBy string // reader id
	seat
	keptAt time.Time // when the newest revision was made
}

// Waits reports whether the copy has something that readers of the published
// article have not.
func (s *Story) Waits() bool { return s.Article.Settled() && s.Version != s.Published }

// Behind reports whether the article was changed past the copy: by its agency, or
// by a hand of ours in another way.
func (s *Story) Behind() bool { return s.Version > 0 && s.Base != s.Article.Live }

// Mine reports whether somebody may write in the story now, the seat aside:
// whoever may edit, and its owner while it is a draft.
func (s *Story) Mine(a *reader.Actor) bool {
	return a.May(reader.MayEdit) || s.owns(a) && s.Article.State == article.Draft
}

func (s *Story) owns(a *reader.Actor) bool {
	return a.May(reader.MayWrite) && s.Owner != "" && s.Owner == a.Reader.ID
}

// errNone is the answer about a story that is not there, and about one that is not
// for whoever asks: the two must not be told apart.
func errNone() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article in the newsroom, or it is a colleague's draft."}
}

const storyColumns = `t.article, coalesce(t.owner, ''), t.base, t.version, t.kept, t.published, t.copy, t.changed, coalesce(t.changed_by, ''),
	t.seat, coalesce(t.seat_by, ''), t.seat_seen, t.asked, coalesce(t.asked_by, ''), t.asked_at`

// Open returns a story as Story does, and makes it one if nobody has opened the
// article before.
func (s *Store) Open(ctx context.Context, a *reader.Actor, id string) (t *Story, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err = s.lock(ctx, tx, a, id)
		return err
	})
	return t, err
}

// Story returns a story to whoever may look at it: those who edit, and its owner.
func (s *Store) Story(ctx context.Context, a *reader.Actor, id string) (*Story, error) {
	return s.story(ctx, s.DB, a, id)
}

func (s *Store) story(ctx context.Context, q db.Querier, a *reader.Actor, id string) (*Story, error) {
	t, err := s.find(ctx, q, id)
	if problem.Is(err, problem.NotFound) {
		return nil, errNone()
	}
	if err != nil {
		return nil, err
	}
	if !a.May(reader.MayEdit) && !t.owns(a) {
		return nil, errNone()
	}
	return t, nil
}

// find returns a story whoever asks. Of an article that nobody has opened yet it
// is the article's own words.
func (s *Store) find(ctx context.Context, q db.Querier, id string) (*Story, error) {
	a, err := s.Articles.Get(ctx, q, id)
	if err != nil {
		return nil, err
	}
	t := &Story{Article: a}
	var text, own string
	err = q.QueryRow(ctx, `select `+storyColumns+` from story as t where t.article = $1`, id).Scan(
		&own, &t.Owner, &t.Base, &t.Version, &t.Kept, &t.Published, &text, (*db.Time)(&t.Changed), &t.ChangedBy,
		&t.page, &t.by, (*db.Time)(&t.seen), &t.asked, &t.askedBy, (*db.Time)(&t.askedAt))
	if err := db.Found(err, "Nobody has opened this article."); problem.Is(err, problem.NotFound) {
		t.Copy, t.Base = copyOf(a), a.Live
		return t, nil
	} else if err != nil {
		return nil, fmt.Errorf("read story %s: %w", id, err)
	}
	if err := json.Unmarshal([]byte(text), &t.Copy); err != nil {
		return nil, fmt.Errorf("the copy of story %s is damaged: %w", id, err)
	}
	t.Copy.Class = t.Copy.Whole() // copies from before there were formats
	return t, nil
}

// A New is a story to be.
type New struct {
	Section  string
	Format   article.Format
	Language string
	Headline string
	Byline   string
}

// Begin makes a draft that the actor owns.
func (s *Store) Begin(ctx context.Context, a *reader.Actor, n New) (id string, err error) {
	if !a.May(reader.MayWrite) {
		return "", forbidden()
	}
	c := Copy{Section: n.Section, Class: article.Class{Format: n.Format, Language: n.Language}}
	c.Headline = n.Headline
	if n.Byline != "" {
		c.Bylines = []string{n.Byline}
	}
	if err := c.Tidy(); err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, err = s.begin(ctx, tx, a.Reader.ID, a.Reader.Name, c)
		return err
	})
	return id, err
}

// begin makes a draft of a copy that is somebody's.
func (s *Store) begin(ctx context.Context, tx *db.Tx, owner, by string, c Copy) (id string, err error) {
	text, err := c.json()
	if err != nil {
		return "", err
	}
	id, err = s.Articles.Create(ctx, tx, article.New{Section: c.Section, Slug: "", Class: c.Class, Content: c.Content, By: by})
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(ctx, `insert into story (article, owner, base, version, kept, published, copy, title, words, changed, changed_by, seat, seat_seen, asked, asked_at)
		values ($1, $2, 1, 1, 1, 0, $3, $4, 0, $5, $2, '', 0, '', 0)`, id, owner, text, c.Headline, db.Time(s.Now()))
	if err != nil {
		return "", fmt.Errorf("begin a story: %w", err)
	}
	return id, nil
}

func forbidden() error {
	return &problem.Problem{Kind: problem.Forbidden, Detail: "Your role may not do this. Ask an editor."}
}

// Saved is what became of a save.
type Saved struct {
	Version int
	At      time.Time
	Words   int
}

// Stale is the cause of the Problem that somebody saved since: the copy is not the
// one that the page began from.
type Stale struct{ Story *Story }

func (e *Stale) Error() string { return fmt.Sprintf("the copy is at version %d", e.Story.Version) }

// Taken is the cause of the Problem that another page has the seat.
type Taken struct{ By string }

func (e *Taken) Error() string { return "the seat is " + e.By + "'s" }

// A Save is what an open page has written.
type Save struct {
	Page    string // which page it is: the seat is a page's
	Version int    // that the page began from
	Copy    Copy
}

// keepAfter is how long somebody writes until what was there is kept as a revision.
const keepAfter = 10 * time.Minute

// Save stores a copy. The page takes the seat if nobody has it. A save that does
// not follow on the newest version, or that comes from a page without the seat,
// changes nothing: that is a Problem Conflict, whose cause is *Stale or *Taken.
func (s *Store) Save(ctx context.Context, a *reader.Actor, id string, w Save) (done Saved, err error) {
	if err := checkPage(w.Page); err != nil {
		return done, err
	}
	text, err := w.Copy.json()
	if err != nil {
		return done, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.take(ctx, tx, a, id)
		if err != nil {
			return err
		}
		now := s.Now()
		if err := s.sit(ctx, tx, t, a, w.Page); err != nil {
			return err
		}
		if w.Version != t.Version {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has saved this story since.", Err: &Stale{t}}
		}
		if err := maySponsor(a, t.Copy, w.Copy); err != nil {
			return err
		}
		before, err := t.Copy.json()
		if err != nil {
			return err
		}
		done = Saved{Version: t.Version, At: now, Words: w.Copy.Body.Words()}
		if before == text {
			return nil
		}
		if t.Kept != t.Version && (t.ChangedBy != a.Reader.ID || now.Sub(t.keptAt) > keepAfter) {
			if _, err := s.keep(ctx, tx, t); err != nil {
				return err
			}
		}
		done.Version++
		return s.write(ctx, tx, t, a, w.Copy)
	})
	return done, err
}

// write stores the next version of a copy.
func (s *Store) write(ctx context.Context, tx *db.Tx, t *Story, a *reader.Actor, c Copy) error {
	c, err := s.posters(ctx, tx, c)
	if err != nil {
		return err
	}
	text, err := c.json()
	if err != nil {
		return err
	}
	now := s.Now()
	err = db.One(tx.Exec(ctx, `update story set copy = $2, title = $3, words = $4, version = version + 1, changed = $5, changed_by = $6 where article = $1`,
		t.Article.ID, text, c.Headline, c.Body.Words(), db.Time(now), a.Reader.ID))
	if err != nil {
		return fmt.Errorf("save the copy of %s: %w", t.Article.ID, err)
	}
	t.Version++
	t.Copy, t.Changed, t.ChangedBy = c, now, a.Reader.ID
	if err := show(ctx, tx, t.Article.ID, c); err != nil {
		return err
	}
	return s.Articles.Touch(ctx, tx, t.Article.ID, c.Headline)
}

// take locks a story that the actor may write in, and makes it one if nobody has
// opened the article before.
func (s *Store) take(ctx context.Context, tx *db.Tx, a *reader.Actor, id string) (*Story, error) {
	t, err := s.lock(ctx, tx, a, id)
	if err != nil {
		return nil, err
	}
	if !t.Mine(a) {
		return nil, &problem.Problem{Kind: problem.Forbidden, Detail: "This story is with the editors now. Take it back first, or write to them in a remark."}
	}
	return t, nil
}

// lock is take for whoever may look at the story.
func (s *Store) lock(ctx context.Context, tx *db.Tx, a *reader.Actor, id string) (*Story, error) {
	err := db.One(tx.Exec(ctx, `update story set version = version where article = $1`, id))
	if problem.Is(err, problem.NotFound) {
		t, err := s.story(ctx, tx, a, id)
		if err != nil {
			return nil, err
		}
		text, err := t.Copy.json()
		if err != nil {
			return nil, err
		}
		_, err = tx.Exec(ctx, `insert into story (article, owner, base, version, kept, published, copy, title, words, changed, changed_by, seat, seat_seen, asked, asked_at)
			values ($1, null, $2, 1, 1, 1, $3, $4, $5, $6, null, '', 0, '', 0)
			on conflict (article) do update set version = story.version`,
			id, t.Base, text, t.Copy.Headline, t.Article.Words, db.Time(t.Article.Changed))
		if err != nil {
			return nil, fmt.Errorf("open story %s: %w", id, err)
		}
		if err := show(ctx, tx, id, t.Copy); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	t, err := s.story(ctx, tx, a, id)
	if err != nil {
		return nil, err
	}
	return t, s.keptWhen(ctx, tx, t)
}

// keep makes the copy a revision, under the name of whoever wrote it. A copy that
// is longer than an article may be is not kept, and is not lost: it stays the copy.
func (s *Store) keep(ctx context.Context, tx *db.Tx, t *Story) (number int, err error) {
	by, err := s.name(ctx, tx, t.ChangedBy)
	if err != nil {
		return 0, err
	}
	number, err = s.Articles.Keep(ctx, tx, t.Article.ID, t.Copy.Content, by)
	if problem.Is(err, problem.TooLarge) || problem.Is(err, problem.Invalid) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	base := t.Base
	if !t.Article.Settled() {
		base = number // the draft is this revision
	}
	_, err = tx.Exec(ctx, `update story set kept = version, base = $2 where article = $1`, t.Article.ID, base)
	if err != nil {
		return 0, fmt.Errorf("keep a revision of %s: %w", t.Article.ID, err)
	}
	t.Kept, t.Base = t.Version, base
	t.Article.Revision, t.keptAt = number, s.Now()
	if !t.Article.Settled() {
		t.Article.Live = number
	}
	return number, nil
}

// keptWhen finds out how old the newest revision is.
func (s *Store) keptWhen(ctx context.Context, q db.Querier, t *Story) error {
	err := q.QueryRow(ctx, `select created from revision where article = $1 and number = $2`, t.Article.ID, t.Article.Revision).Scan((*db.Time)(&t.keptAt))
	if err != nil {
		return fmt.Errorf("read the newest revision of %s: %w", t.Article.ID, err)
	}
	return nil
}

// name is what a colleague is called; "" for nobody.
func (s *Store) name(ctx context.Context, tx *db.Tx, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	r, err := s.Readers.Get(ctx, tx, id)
	if problem.Is(err, problem.NotFound) {
		return "", nil // has left
	}
	return r.Name, err
}

// IsStale returns the story as it is now when a save came too late, else nil.
func IsStale(err error) *Story {
	var stale *Stale
	if errors.As(err, &stale) {
		return stale.Story
	}
	return nil
}
