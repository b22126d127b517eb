package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/reader"
)

// Article returns an article in whatever state, for those who answer for it.
func (s *Store) Article(ctx context.Context, a *reader.Actor, id string) (*article.Article, error) {
	if !a.May(reader.MayEdit) {
		return nil, forbidden()
	}
	return s.Articles.Get(ctx, s.DB, id)
}

// Picture returns a picture in whatever state, for those who answer for it.
func (s *Store) Picture(ctx context.Context, a *reader.Actor, id string) (*media.Picture, error) {
	if !a.May(reader.MayEdit) {
		return nil, forbidden()
	}
	return s.Media.Picture(ctx, id)
}

// A Placement is where editors have put a story: on a page, or into the bar.
type Placement struct {
	Page  Page // "" is the bar
	From  time.Time
	Until time.Time // zero: it stands there still, as far as readers may have the story
}

// mostPlacements is how many placements of a story are listed, the newest.
const mostPlacements = 50

// Placements lists where editors have put a story, for whoever has to answer for it.
func (s *Store) Placements(ctx context.Context, id string) (list []Placement, err error) {
	rows, err := s.DB.Query(ctx, `select l.page, l.at, l.places, coalesce((
			select min(n.at) from front_layout as n where n.page = l.page and n.number > l.number
		), 0)
		from front_layout as l
		where l.places like $1
		order by l.at desc, l.page, l.number desc
		limit $2`, `%"`+id+`"%`, mostPlacements)
	if err != nil {
		return nil, fmt.Errorf("list where %s was placed: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Placement
		var text string
		var places []Place
		if err := rows.Scan(&p.Page, (*db.Time)(&p.From), &text, (*db.Time)(&p.Until)); err != nil {
			return nil, fmt.Errorf("list where %s was placed: %w", id, err)
		}
		if err := json.Unmarshal([]byte(text), &places); err != nil {
			return nil, fmt.Errorf("a layout is damaged: %w", err)
		}
		for _, at := range places {
			if at.Article == id && !at.Until.IsZero() && (p.Until.IsZero() || at.Until.Before(p.Until)) {
				p.Until = at.Until
			}
		}
		list = append(list, p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return s.barred(ctx, id, list)
}

// barred adds when the bar led to a story.
func (s *Store) barred(ctx context.Context, id string, list []Placement) ([]Placement, error) {
	rows, err := s.DB.Query(ctx, `select b.updated, b.ends, coalesce((select min(n.updated) from breaking as n where n.number > b.number), 0)
		from breaking as b
		where b.article = $1
		order by b.number desc
		limit $2`, id, mostPlacements)
	if err != nil {
		return nil, fmt.Errorf("list when the bar led to %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Placement
		var next time.Time
		if err := rows.Scan((*db.Time)(&p.From), (*db.Time)(&p.Until), (*db.Time)(&next)); err != nil {
			return nil, fmt.Errorf("list when the bar led to %s: %w", id, err)
		}
		if !next.IsZero() && next.Before(p.Until) {
			p.Until = next
		}
		list = append(list, p)
	}
	return list, rows.Err()
}
