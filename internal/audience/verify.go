package audience

import (
	"context"
	"fmt"
)

// Verify tells of articles of which more is known than that they were opened: each open
// comes from one place, and has one way in which we know of it.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	return s.each(ctx, func(scan func(...any) error) error {
		var article, sort string
		if err := scan(&article, &sort); err != nil {
			return err
		}
		tell(fmt.Sprintf("Article %s has more opens by %q than it has altogether.", article, sort))
		return nil
	}, `select p.article, p.sort
		from (
			select article, sort, cast(sum(opens) as bigint) as opens from audience_part where sort in ('from', 'way') group by article, sort
		) as p
		left join (
			select article, cast(sum(opens) as bigint) as opens
			from (select article, opens from audience_hour union all select article, opens from audience_day) as seen
			group by article
		) as o on o.article = p.article
		where p.opens > coalesce(o.opens, 0)
		order by p.article, p.sort
		limit 100`)
}
