package article

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// Publish lets readers have the article from at on (the zero time is now), or
// from the end of its embargo if that is later. Publishing a published article
// changes nothing.
func (s *Store) Publish(ctx context.Context, tx *db.Tx, id string, at time.Time) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := a.mayAppear(); err != nil || a.State == Published {
		return err
	}
	if at.IsZero() {
		at = s.Now()
	}
	if at.Before(a.Embargo) {
		at = a.Embargo
	}
	return s.publish(ctx, tx, a, at)
}

func (s *Store) publish(ctx context.Context, tx *db.Tx, a *Article, at time.Time) error {
	_, err := tx.Exec(ctx, `update article set state = 'published', published = $2, changed = $3 where id = $1`,
		a.ID, db.Time(at), db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("publish %s: %w", a.ID, err)
	}
	if err := s.show(ctx, tx, a.ID, a.Live, at); err != nil {
		return err
	}
	return s.tell(ctx, tx, a)
}

// mayAppear refuses what readers cannot have.
func (a *Article) mayAppear() error {
	if a.State == Withdrawn {
		return &problem.Problem{Kind: problem.Conflict, Detail: "This article was withdrawn. It must be returned before it can be published."}
	}
	return a.Content.Check()
}

// Schedule has the article published at a time to come, or at the end of its
// embargo if that is later. The clock does the rest (Clock).
func (s *Store) Schedule(ctx context.Context, tx *db.Tx, id string, at time.Time) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := a.mayAppear(); err != nil {
		return err
	}
	switch {
	case a.State == Published:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This article is published already."}
	case !at.After(s.Now()):
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "This time has passed. Choose one that is to come, or publish now.",
			Fields: map[string]string{"at": "Choose a time that is to come."},
		}
	case a.EmbargoOpen:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This article is under an embargo without an end. It can be scheduled when its end is known."}
	case at.Before(a.Embargo):
		at = a.Embargo
	}
	_, err = tx.Exec(ctx, `update article set state = 'scheduled', published = $2, changed = $3 where id = $1`, id, db.Time(at), db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("schedule %s: %w", id, err)
	}
	return s.tell(ctx, tx, a)
}

// SetDraft makes an article that readers have not had yet a draft, or puts it
// before an editor (Review). What was scheduled is not any more.
func (s *Store) SetDraft(ctx context.Context, tx *db.Tx, id string, state State) error {
	a, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.State == Published || a.State == Withdrawn {
		return &problem.Problem{Kind: problem.Conflict, Detail: "This article has been published, and is no draft any more."}
	}
	if state != Draft && state != Review {
		return fmt.Errorf("%s is no state of a draft", state)
	}
	_, err = tx.Exec(ctx, `update article set state = $2, published = 0, changed = $3 where id = $1`, id, state, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("make %s a draft: %w", id, err)
	}
	return s.tell(ctx, tx, a)
}

// Touch notes that somebody works on an article under this headline, by which the
// newsroom finds it. Lists show a draft first then; what readers have is as it was.
func (s *Store) Touch(ctx context.Context, tx *db.Tx, id, headline string) error {
	_, err := tx.Exec(ctx, `update article
		set folded = $2, changed = case when state = 'published' then changed else cast($3 as bigint) end
		where id = $1`, id, Fold(headline), db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("touch %s: %w", id, err)
	}
	return nil
}

// tick is how often the clock is looked at: what is scheduled appears within so
// much of its second, also after the clock was set.
const tick = 100 * time.Millisecond

// Clock publishes what is scheduled when its time comes, until ctx ends. What came
// due while nobody was there appears at once. Several processes may do it.
func (s *Store) Clock(ctx context.Context, log *slog.Logger) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		if err := s.PublishDue(ctx); err != nil && ctx.Err() == nil {
			log.Error("what is scheduled waits", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// PublishDue publishes what is scheduled and due.
func (s *Store) PublishDue(ctx context.Context) error {
	for {
		var id string
		var at time.Time
		err := s.DB.QueryRow(ctx, `select id, published from article
			where state = 'scheduled'
			order by published, id
			limit 1`).Scan(&id, (*db.Time)(&at))
		if err := db.Found(err, "Nothing is scheduled."); problem.Is(err, problem.NotFound) {
			return nil
		} else if err != nil {
			return fmt.Errorf("look for what is scheduled: %w", err)
		}
		if at.After(s.Now()) {
			return nil
		}
		if err := s.appear(ctx, id); err != nil {
			return err
		}
	}
}

// appear publishes an article whose time has come, unless somebody was faster.
func (s *Store) appear(ctx context.Context, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		a, err := s.lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.State != Scheduled || a.Published.After(s.Now()) {
			return nil
		}
		return s.publish(ctx, tx, a, a.Published)
	})
}
