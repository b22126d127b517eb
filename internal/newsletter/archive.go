package newsletter

import (
	"context"
	"fmt"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
)

// Archive lists what was sent of a list whose editions are public, newest first.
func (s *Store) Archive(ctx context.Context, slug, before string, limit int) (l List, found []Edition, older string, err error) {
	if l, err = s.ListBySlug(ctx, slug); err != nil || !l.Public {
		return l, nil, "", err
	}
	args := []any{l.ID}
	where := ""
	if before != "" {
		where = ` and number < ` + db.Arg(&args, number(before))
	}
	found, _, err = s.editions(ctx, limit, `where list = $1 and state in ('sending', 'sent')`+where+` order by number desc limit `+db.Arg(&args, limit+1), args...)
	if err == nil && len(found) == limit {
		older = fmt.Sprint(found[limit-1].Number)
	}
	if err != nil {
		return l, nil, "", err
	}
	shown := make([]*Edition, len(found))
	for i := range found {
		shown[i] = &found[i]
	}
	return l, found, older, s.unsay(ctx, l, shown...)
}

func number(s string) (n int) {
	_, _ = fmt.Sscanf(s, "%d", &n) // 0 finds nothing
	return n
}

// Archived returns an edition as anybody may read it: what has been withdrawn or has
// expired since is not in it.
func (s *Store) Archived(ctx context.Context, slug, n string) (c Content, err error) {
	gone := notFound("There is no such edition.")
	l, err := s.ListBySlug(ctx, slug)
	if err != nil || !l.Public {
		return c, gone
	}
	e, err := editionBy(ctx, s.DB, `list = $1 and number = $2 and state in ('sending', 'sent')`, l.ID, number(n))
	if err != nil {
		return c, err
	}
	return s.asWeb(ctx, l, e)
}

// Preview returns an edition as somebody would get it who has had nothing.
func (s *Store) Preview(ctx context.Context, e Edition) (c Content, err error) {
	l, err := s.ListByID(ctx, e.List)
	if err != nil {
		return c, err
	}
	return s.asWeb(ctx, l, e)
}

func (s *Store) asWeb(ctx context.Context, l List, e Edition) (c Content, err error) {
	may := map[string]article.Card{}
	if all := stories(e.Parts); len(all) > 0 {
		if may, err = s.Articles.Readable(ctx, all...); err != nil {
			return c, err
		}
	}
	return s.content(ctx, l, e, everything(e.Parts, may), nil)
}

// Brings lists the editions that brought a story, for whoever has to answer for it.
func (s *Store) Brings(ctx context.Context, story string) (list []Edition, err error) {
	list, _, err = s.editions(ctx, 100, `where id in (select edition from edition_story where article = $1) order by id desc limit 101`, story)
	return list, err
}
