package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// Areas are the areas of a page, in the order in which it shows them.
func (s *Store) Areas(ctx context.Context, page Page) ([]article.Area, error) {
	return s.areas(ctx, s.DB, page)
}

func (s *Store) areas(ctx context.Context, q db.Querier, page Page) ([]article.Area, error) {
	sections, err := s.Articles.SectionsIn(ctx, q)
	if err != nil {
		return nil, err
	}
	section := page.Section()
	if section == "" {
		return article.FrontAreas(sections), nil
	}
	if !slices.ContainsFunc(sections, func(sec article.Section) bool { return sec.Slug == section }) {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such section in this paper."}
	}
	return article.SectionAreas(), nil
}

// arrange brings the places of a layout into their order and notes who has put each
// there. What stood there before and can stand no more is left out: a pin that has
// ended, a story that was withdrawn, a section that the paper has no more.
func (s *Store) arrange(ctx context.Context, tx *db.Tx, a *reader.Actor, holds Layout, places []article.Place, from time.Time) ([]Place, error) {
	areas, err := s.areas(ctx, tx, holds.Page)
	if err != nil {
		return nil, err
	}
	states, err := statesOf(ctx, tx, places)
	if err != nil {
		return nil, err
	}
	if now := s.Now(); from.Before(now) {
		from = now
	}
	var list []Place
	for _, p := range places {
		stood := slices.ContainsFunc(holds.Places, func(o Place) bool { return o.Article == p.Article })
		state := states[p.Article]
		switch {
		case !p.Until.IsZero() && !p.Until.After(from), stood && state == article.Withdrawn:
			continue
		case !slices.Contains(areas, p.Area) && p.Area.Block() != "":
			continue
		case !slices.Contains(areas, p.Area) || p.Slot < 0 || p.Slot >= p.Area.Size():
			return nil, invalidPlace("There is no such place on this page.")
		case !stood && state != article.Published && state != article.Scheduled:
			return nil, invalidPlace("Only stories that are published or scheduled can be placed.")
		}
		own := Place{p, a.Reader.ID}
		if i := slices.IndexFunc(holds.Places, func(o Place) bool { return own.Same(o.Place) }); i >= 0 {
			own.By = holds.Places[i].By
		}
		list = append(list, own)
	}
	slices.SortFunc(list, func(a, b Place) int {
		return cmp.Or(slices.Index(areas, a.Area)-slices.Index(areas, b.Area), a.Slot-b.Slot)
	})
	stories := map[string]bool{}
	for i, p := range list {
		if stories[p.Article] || i > 0 && list[i-1].Area == p.Area && list[i-1].Slot == p.Slot {
			return nil, invalidPlace("A story stands in one place of a page, and a place has one story.")
		}
		stories[p.Article] = true
	}
	return list, nil
}

func invalidPlace(detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail}
}

// statesOf finds where stories stand between the desk and the reader.
func statesOf(ctx context.Context, q db.Querier, places []article.Place) (states map[string]article.State, err error) {
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.Article
	}
	states = map[string]article.State{}
	for batch := range slices.Chunk(ids, 500) {
		if err := stateBatch(ctx, q, batch, states); err != nil {
			return nil, fmt.Errorf("look at what is placed: %w", err)
		}
	}
	return states, nil
}

func stateBatch(ctx context.Context, q db.Querier, ids []string, states map[string]article.State) error {
	var args []any
	rows, err := q.Query(ctx, `select id, state from article where id `+db.In(&args, ids)+` order by id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var state article.State
		if err := rows.Scan(&id, &state); err != nil {
			return err
		}
		states[id] = state
	}
	return rows.Err()
}
