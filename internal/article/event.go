package article

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// Appeared says that readers can have an article which they could not have
// before, or can have it again.
type Appeared struct{ ID string }

// Changed says that an article which readers may have is not what it was.
type Changed struct{ ID string }

// Vanished says that readers must not have an article any more: it was
// withdrawn or its licence has ended.
type Vanished struct{ ID string }

// EventKind and EventSubject make them facts (package event).
func (Appeared) EventKind() string { return "article.appeared" }
func (Changed) EventKind() string  { return "article.changed" }
func (Vanished) EventKind() string { return "article.vanished" }

func (e Appeared) EventSubject() string { return e.ID }
func (e Changed) EventSubject() string  { return e.ID }
func (e Vanished) EventSubject() string { return e.ID }

// tell records what a change means for readers, and has it told again when the
// clock makes it so: at the end of an embargo and of a licence.
func (s *Store) tell(ctx context.Context, tx *db.Tx, before *Article) error {
	after, err := s.Get(ctx, tx, before.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	for _, at := range []time.Time{after.Published, after.Embargo, after.Expires} {
		if at.After(now) && after.State == Published {
			if err := s.Jobs.AddUnique(ctx, tx, DueKind, at, Due{ID: after.ID, At: at}); err != nil {
				return err
			}
		}
	}
	was, is := before.access(now), after.access(now)
	switch {
	case was != Readable && is == Readable:
		return event.Record(ctx, tx, Appeared{after.ID})
	case was == Readable && is != Readable, was != Gone && is == Gone:
		return event.Record(ctx, tx, Vanished{after.ID})
	case is != Hidden:
		return event.Record(ctx, tx, Changed{after.ID})
	}
	return nil
}

// DueKind is the job of telling what the clock has changed.
const DueKind = "article.due"

// Due names an article that the clock changes, and when: at its publication, at
// the end of its embargo or of its licence.
type Due struct {
	ID string
	At time.Time
}

// ComeDue tells what the clock has changed about an article. It tells nothing
// when the article has been given another time since.
func (s *Store) ComeDue(ctx context.Context, d Due) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		a, err := s.Get(ctx, tx, d.ID)
		if problem.Is(err, problem.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		now := s.Now()
		if d.At.After(now) {
			return fmt.Errorf("article %s: the job of %s runs at %s: the clocks of two machines differ", d.ID, d.At, now)
		}
		switch a.access(now) {
		case Readable:
			if d.At.Equal(a.Published) || d.At.Equal(a.Embargo) {
				return event.Record(ctx, tx, Appeared{a.ID})
			}
		case Expired:
			if d.At.Equal(a.Expires) {
				return event.Record(ctx, tx, Vanished{a.ID})
			}
		}
		return nil
	})
}
