package article

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// Access is what a reader may have of an article at a moment.
type Access int

const (
	Hidden   Access = iota // nothing, not even that it exists
	Readable               // all of it
	Expired                // headline and thread; body and pictures have ended
	Gone                   // a notice that it was withdrawn
)

// access is the one place that decides what a reader may have. readableSQL asks
// the same of the index so that lists need not look at every row; whatever it
// lets through is put to access again when it is read, and a test holds the two
// against each other.
//
// What readers never had leaves no notice when it is withdrawn: an address that
// answers 410 would tell that there was a draft, and what it was about.
func (a *Article) access(now time.Time) Access {
	switch {
	case a.Published.IsZero() || a.Published.After(now),
		a.EmbargoOpen || a.Embargo.After(now):
		return Hidden
	case a.State == Withdrawn && !a.Withdrawal.At.After(now):
		return Gone
	case a.State != Published:
		return Hidden
	case !a.Expires.IsZero() && !a.Expires.After(now):
		return Expired
	default:
		return Readable
	}
}

// readableSQL is access(now) == Readable, in the words of the index.
func readableSQL(args *[]any, now time.Time) string {
	n := db.Arg(args, db.Time(now))
	return fmt.Sprintf(`a.state = 'published' and a.published > 0 and a.published <= %[1]s
		and a.embargo <= %[1]s and not a.embargo_open and (a.expires = 0 or a.expires > %[1]s)`, n)
}

// MayShow reports whether readers may have a picture or a video now: an article that
// they may read shows it.
func (s *Store) MayShow(ctx context.Context, picture string) (bool, error) {
	args := []any{picture}
	rows, err := s.DB.Query(ctx, `select `+columns+`
		from article_picture p
		join article a on a.id = p.article
		join section s on s.slug = a.section
		where p.picture = $1
		order by a.id`, args...)
	if err != nil {
		return false, fmt.Errorf("who shows picture %s: %w", picture, err)
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scan(rows)
		if err != nil {
			return false, err
		}
		if a.access(s.Now()) == Readable {
			return true, nil
		}
	}
	return false, rows.Err()
}
