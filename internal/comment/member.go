package comment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// Surroundings are what stands around a comment.
type Surroundings struct {
	Parent *Comment  // that it answers, as readers have it
	Before []Comment // up to 3 visible neighbours, in the order of reading
	After  []Comment
}

const (
	neighbours = 3
	// lookAround is how many seats are looked at for visible neighbours.
	lookAround = 50
)

// Surroundings returns what stands around a comment in its thread or branch. One
// that was never shown would stand at the end.
func (s *Store) Surroundings(ctx context.Context, comment string) (around Surroundings, err error) {
	c, err := byID(ctx, s.DB, comment)
	if err != nil {
		return around, err
	}
	if c.Parent != "" {
		p, err := s.ByID(ctx, c.Parent)
		if err == nil {
			around.Parent = &p
		} else if !problem.Is(err, problem.NotFound) {
			return around, err
		}
	}
	row, key := "c.article = $1 and c.top = '' and c.shown > 0", c.Article
	if c.Top != "" {
		row, key = "c.top = $1 and c.top <> '' and c.shown > 0", c.Top
	}
	next := func(where, order string, seat int) ([]Comment, error) {
		found, err := list(ctx, s.DB, `select `+columns+` from comment as c where `+row+where+` order by c.seat `+order+` limit $3`, key, seat, lookAround)
		if err != nil {
			return nil, fmt.Errorf("read what stands around %s: %w", comment, err)
		}
		found = slices.DeleteFunc(found, func(c Comment) bool { return c.State != Visible })
		return found[:min(len(found), neighbours)], nil
	}
	seat := c.Seat
	if seat == 0 {
		seat = 1 << 30
	}
	if around.Before, err = next(" and c.seat < $2", "desc", seat); err != nil {
		return around, err
	}
	slices.Reverse(around.Before)
	around.After, err = next(" and c.seat > $2", "", seat)
	return around, err
}

// A Member is what the threads know of a reader, for moderators.
type Member struct {
	Reader    string
	Posted    int // comments, whatever became of them
	Visible   int
	Removed   int
	Warned    int
	Bar       Bar
	Until     time.Time
	Last      time.Time  // the last comment
	Sanction  string     // the id of the latest decision on the bar, for Sanction.Seen
	Decisions []Decision // the last 20 about the reader
	Comments  []Comment  // the last 20, in any state, with their text
}

// Member returns the history of a reader; one whom nobody has heard of yet is
// new.
func (s *Store) Member(ctx context.Context, reader string) (m Member, err error) {
	who, err := s.peek(ctx, s.DB, reader)
	if err != nil {
		return m, fmt.Errorf("read what the threads know of %s: %w", reader, err)
	}
	m = Member{Reader: reader, Posted: who.posted, Visible: who.visible, Warned: who.warned, Bar: who.bar(s.Now()), Last: who.last}
	if m.Bar != NoBar {
		m.Until = who.until
	}
	if m.Removed, err = removed(ctx, s.DB, reader); err != nil {
		return m, err
	}
	last, err := latest(ctx, s.DB, lastOnBar, reader)
	if err != nil {
		return m, err
	}
	m.Sanction = last.ID
	if m.Decisions, _, err = s.DecisionsAbout(ctx, reader, "", itemParts); err != nil {
		return m, err
	}
	m.Comments, err = list(ctx, s.DB, `select `+columns+` from comment as c where c.author = $1 order by c.created desc, c.id desc limit $2`, reader, itemParts)
	if err != nil {
		return m, fmt.Errorf("read the comments of %s: %w", reader, err)
	}
	return m, nil
}

func removed(ctx context.Context, q db.Querier, reader string) (n int, err error) {
	err = q.QueryRow(ctx, `select count(*) from comment where author = $1 and state = 'removed'`, reader).Scan(&n)
	if err != nil {
		return n, fmt.Errorf("count what was removed of %s: %w", reader, err)
	}
	return n, nil
}
