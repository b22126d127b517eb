package article

import (
	"context"
	"fmt"

	"kawaraban/internal/richtext"
)

// Verify looks for articles that are not whole, and tells each in a sentence.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	rows, err := s.DB.Query(ctx, `select a.id, a.body, a.revision,
			(select count(*) from revision r where r.article = a.id),
			(select count(*) from address d where d.section = a.section and d.slug = a.slug and d.article = a.id)
		from article a
		order by a.id`)
	if err != nil {
		return fmt.Errorf("verify articles: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, body string
		var revision, revisions, addresses int
		if err := rows.Scan(&id, &body, &revision, &revisions, &addresses); err != nil {
			return fmt.Errorf("verify articles: %w", err)
		}
		if _, err := richtext.Parse([]byte(body)); err != nil {
			tell(fmt.Sprintf("The body of article %s is damaged (%v). Restore it from a revision.", id, err))
		}
		if revision != revisions {
			tell(fmt.Sprintf("Article %s counts %d revisions and has %d. Restore the database from a backup.", id, revision, revisions))
		}
		if addresses != 1 {
			tell(fmt.Sprintf("The address of article %s leads nowhere. Restore the database from a backup.", id))
		}
	}
	return rows.Err()
}
