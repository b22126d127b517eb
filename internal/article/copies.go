package article

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// A Revised is a revision that was made of an article, for whoever has to answer for each of them.
type Revised struct {
	Number  int
	Reason  Reason
	By      string
	Created time.Time
	Shown   time.Time // from when readers had it; zero: never
}

// An Addressed is an address that an article has had.
type Addressed struct {
	Path  string
	Since time.Time
}

// Copies are what the paper itself has of an article, in whatever state.
type Copies struct {
	Addresses []Addressed
	Revisions []Revised // the newest first
	More      bool      // there are more revisions
	Pictures  []string  // ids of all pictures and videos that a revision shows
}

// mostRevisions is how many revisions are listed, the newest.
const mostRevisions = 100

// Copies lists what there is of an article.
func (s *Store) Copies(ctx context.Context, id string) (c Copies, err error) {
	rows, err := s.DB.Query(ctx, `select s.path, d.slug, d.created
		from address d
		join section s on s.slug = d.section
		where d.article = $1
		order by d.created, d.slug, d.section`, id)
	if err != nil {
		return c, fmt.Errorf("list the addresses of %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var section, slug string
		var a Addressed
		if err := rows.Scan(&section, &slug, (*db.Time)(&a.Since)); err != nil {
			return c, fmt.Errorf("list the addresses of %s: %w", id, err)
		}
		a.Path = path(section, slug)
		c.Addresses = append(c.Addresses, a)
	}
	if err := rows.Err(); err != nil {
		return c, err
	}
	if err := s.revisionsOf(ctx, id, &c); err != nil {
		return c, err
	}
	return c, s.picturesOf(ctx, id, &c)
}

func (s *Store) revisionsOf(ctx context.Context, id string, c *Copies) error {
	rows, err := s.DB.Query(ctx, `select number, kind, author, created, shown
		from revision
		where article = $1
		order by number desc
		limit $2`, id, mostRevisions+1)
	if err != nil {
		return fmt.Errorf("list the revisions of %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Revised
		if err := rows.Scan(&r.Number, &r.Reason, &r.By, (*db.Time)(&r.Created), (*db.Time)(&r.Shown)); err != nil {
			return fmt.Errorf("list the revisions of %s: %w", id, err)
		}
		if c.More = len(c.Revisions) == mostRevisions; c.More {
			break
		}
		c.Revisions = append(c.Revisions, r)
	}
	return rows.Err()
}

func (s *Store) picturesOf(ctx context.Context, id string, c *Copies) error {
	rows, err := s.DB.Query(ctx, `select content from revision where article = $1 order by number desc limit $2`, id, mostRevisions)
	if err != nil {
		return fmt.Errorf("list the pictures of %s: %w", id, err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		content, err := scanContent(rows)
		if err != nil {
			return fmt.Errorf("list the pictures of %s: %w", id, err)
		}
		for _, p := range content.Shown() {
			if !seen[p] {
				seen[p] = true
				c.Pictures = append(c.Pictures, p)
			}
		}
	}
	return rows.Err()
}
