package live

import (
	"context"
	"fmt"
)

// Verify looks for live reports that are not whole, and tells each in a sentence.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	rows, err := s.DB.Query(ctx, `select r.article, r.entries, r.changes,
			(select count(*) from live_entry as e where e.article = r.article and e.state = 'shown'),
			(select coalesce(max(e.change), 0) from live_entry as e where e.article = r.article)
		from live_report as r
		order by r.article`)
	if err != nil {
		return fmt.Errorf("verify live reports: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var article string
		var entries, changes, shown, newest int
		if err := rows.Scan(&article, &entries, &changes, &shown, &newest); err != nil {
			return fmt.Errorf("verify live reports: %w", err)
		}
		if entries != shown {
			tell(fmt.Sprintf("The live report of article %s counts %d entries and has %d. Restore the database from a backup.", article, entries, shown))
		}
		if newest > changes {
			tell(fmt.Sprintf("The live report of article %s has a change %d beyond its %d. Restore the database from a backup.", article, newest, changes))
		}
	}
	return rows.Err()
}
