package desk

import (
	"context"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/poll"
	"kawaraban/internal/reader"
)

// What the audit log tells of polls.
const (
	PollReworded audit.Act = "poll.reworded"
	PollClosed   audit.Act = "poll.closed"
	PollReopened audit.Act = "poll.reopened"
)

// lacks says what a copy lacks of what its format is made of, each at its field.
func (s *Store) lacks(ctx context.Context, tx *db.Tx, t *Story) (map[string]string, error) {
	said := map[string]string{}
	switch t.Copy.Format {
	case article.Picture:
		if t.Copy.Lead.Picture == "" {
			said["pictures"] = "This is to be a picture, and has none. Choose a lead picture, or another format."
		}
	case article.Quote:
		if _, _, ok := article.Quotation(t.Copy.Body); !ok {
			said["source"] = "A quote of the day needs a quote that says whose it is. Set one in the text as a quote, with the name below it."
		}
	case article.Poll:
		p, err := s.Polls.In(ctx, tx, t.Article.ID)
		if err != nil {
			return nil, err
		}
		if len(p.Options) < poll.Least {
			said["options"] = "A poll needs at least two options. Write them, one a line."
		}
	}
	return said, nil
}

// Poll returns the poll of a story with its results, for those who write in it.
func (s *Store) Poll(ctx context.Context, a *reader.Actor, id string) (poll.Poll, error) {
	if _, err := s.Story(ctx, a, id); err != nil {
		return poll.Poll{}, err
	}
	return s.Polls.Of(ctx, id)
}

// SetPoll changes the options and the end of a story's poll. Readers who have the
// article have them at once.
func (s *Store) SetPoll(ctx context.Context, a *reader.Actor, id string, d poll.Draft) error {
	return s.polled(ctx, a, id, func(tx *db.Tx, t *Story) error {
		least := 0
		if t.Article.Settled() && t.Article.Format == article.Poll {
			least = poll.Least
		}
		reworded, err := s.Polls.Set(ctx, tx, id, d, least)
		if err != nil || !reworded {
			return err
		}
		return s.note(ctx, tx, a, PollReworded, id, "")
	})
}

// ClosePoll ends a story's poll now.
func (s *Store) ClosePoll(ctx context.Context, a *reader.Actor, id string) error {
	return s.polled(ctx, a, id, func(tx *db.Tx, _ *Story) error {
		if err := s.Polls.Close(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, a, PollClosed, id, s.Now().UTC().Format(time.RFC3339))
	})
}

// ReopenPoll takes votes in a story's poll again.
func (s *Store) ReopenPoll(ctx context.Context, a *reader.Actor, id string) error {
	return s.polled(ctx, a, id, func(tx *db.Tx, _ *Story) error {
		if err := s.Polls.Reopen(ctx, tx, id); err != nil {
			return err
		}
		return s.note(ctx, tx, a, PollReopened, id, "")
	})
}

// polled runs f for those who may write in a story; once readers have it that is for
// those who edit.
func (s *Store) polled(ctx context.Context, a *reader.Actor, id string, f func(tx *db.Tx, t *Story) error) error {
	if !a.May(reader.MayWrite) {
		return forbidden()
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		t, err := s.lock(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if !t.Mine(a) || t.Article.Settled() && !a.May(reader.MayEdit) {
			return forbidden()
		}
		return f(tx, t)
	})
}
