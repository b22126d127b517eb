package comment

import (
	"context"

	"kawaraban/internal/db"
)

// Decided lists what moderators have decided, the newest first, for moderators;
// of one of them when moderator is not "". older is the cursor of the next page.
func (s *Store) Decided(ctx context.Context, moderator, before string, limit int) (found []Decision, older string, err error) {
	var args []any
	where := "where d.created > " + db.Arg(&args, 0)
	if moderator != "" {
		where += " and d.moderator = " + db.Arg(&args, moderator)
	}
	after, err := olderThan(&args, "d", before)
	if err != nil {
		return nil, "", err
	}
	where += after
	found, err = decisions(ctx, s.DB, where+` order by d.created desc, d.id desc limit `+db.Arg(&args, limit+1), args...)
	if len(found) > limit {
		found = found[:limit]
		older = timeCursor(found[limit-1].Created, found[limit-1].ID)
	}
	return found, older, err
}
