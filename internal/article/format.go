package article

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"kawaraban/internal/db"
	"kawaraban/internal/richtext"
)

// Quotation is what a quote of the day consists of: the first quote of a body that
// says whose it is. rest is the body without it.
func Quotation(d richtext.Doc) (q richtext.Block, rest richtext.Doc, ok bool) {
	for i, b := range d.Blocks {
		if b.Kind == richtext.Quote && len(b.Text) > 0 && richtext.Plain(b.Attribution) != "" {
			return b, richtext.Doc{Blocks: slices.Delete(slices.Clone(d.Blocks), i, i+1)}, true
		}
	}
	return q, d, false
}

// Quotations returns the quotations of those of the articles that readers may have
// now, by the articles' ids.
func (s *Store) Quotations(ctx context.Context, ids ...string) (quotes map[string]richtext.Block, err error) {
	quotes = map[string]richtext.Block{}
	for batch := range slices.Chunk(ids, 500) {
		var args []any
		where := readableSQL(&args, s.Now())
		err := s.quotations(ctx, `select a.id, a.body from article a where a.id `+db.In(&args, batch)+` and `+where+` order by a.id`, args, quotes)
		if err != nil {
			return nil, fmt.Errorf("read quotations: %w", err)
		}
	}
	return quotes, nil
}

func (s *Store) quotations(ctx context.Context, query string, args []any, into map[string]richtext.Block) error {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, body string
		var d richtext.Doc
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &d); err != nil {
			return fmt.Errorf("the body of article %s is damaged: %w", id, err)
		}
		if q, _, ok := Quotation(d); ok {
			into[id] = q
		}
	}
	return rows.Err()
}
