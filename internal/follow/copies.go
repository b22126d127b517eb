package follow

import (
	"context"
	"fmt"
)

// ToldOf counts what followers were told of an article: letters, and notices on devices.
// What was told more than a month ago is not known any more.
func (s *Store) ToldOf(ctx context.Context, article string) (letters, notices int, err error) {
	err = s.DB.QueryRow(ctx, `select count(case when what like 'push:%' then null else 1 end), count(case when what like 'push:%' then 1 end)
		from follow_told
		where article = $1`, article).Scan(&letters, &notices)
	if err != nil {
		return 0, 0, fmt.Errorf("count who was told of %s: %w", article, err)
	}
	return letters, notices, nil
}
