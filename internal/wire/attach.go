package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
)

// want remembers the pictures that the item names and that have not come.
func (s *Store) want(ctx context.Context, tx *db.Tx, d delivery, it Item, kept map[string]*media.Kept) error {
	for _, p := range it.Pictures {
		if !delivered(p.Href) || kept[p.Href] != nil {
			continue
		}
		_, err := tx.Exec(ctx, `insert into wire_wanted (source, name, id, version) values ($1, $2, $3, $4) on conflict do nothing`,
			d.source.ID, path.Join(path.Dir(d.name), p.Href), it.ID, it.Version)
		if err != nil {
			return fmt.Errorf("remember the picture %s: %w", p.Href, err)
		}
	}
	return nil
}

// Attach gives a picture that has come to the items that wait for it; name is
// as in Deliver. It does nothing for a picture that none names.
func (s *Store) Attach(ctx context.Context, src Source, name string, beside Beside) ([]Result, error) {
	list, err := s.waiting(ctx, src.ID, name)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var given []waiting
	var kept []map[string]*media.Kept
	for _, w := range list {
		k, err := s.pictures(ctx, w.delivery, []Item{w.item}, beside)
		if err != nil {
			return nil, err
		}
		if w.has(name, k) { // else it waits on: for what cannot be read now, or is no picture
			given, kept = append(given, w), append(kept, k)
		}
	}
	if len(given) == 0 {
		return nil, nil
	}
	var results []Result
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		results = nil // the closure may run twice
		for i, w := range given {
			it := w.item
			// What was ruled when it came holds: nothing but the picture is new.
			r := Result{Name: name, ID: it.ID, Version: it.Version, Headline: it.Headline, ruling: w.ruling}
			ch, err := takeChain(ctx, tx, src, it.ID, 0) // it is there
			if err != nil {
				return err
			}
			// Readers are not told of an update: only its picture was late.
			if err := s.release(ctx, tx, src, it, kept[i], article.Edit, &ch, &r); err != nil {
				return err
			}
			if r.alert != NoAlert {
				r.alert = DraftAlert // nobody is told late without an editor
			}
			if err := s.filed(ctx, tx, src, it, &ch, &r, 0, false); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `delete from wire_wanted where source = $1 and name = $2 and id = $3 and version = $4`, src.ID, name, it.ID, it.Version)
			if err != nil {
				return fmt.Errorf("forget the picture %s: %w", name, err)
			}
			results = append(results, r)
		}
		return nil
	})
	return results, err
}

// has reports whether the file of this name is among the pictures that were kept.
func (w waiting) has(name string, kept map[string]*media.Kept) bool {
	return slices.ContainsFunc(w.item.Pictures, func(p PictureRef) bool {
		return kept[p.Href] != nil && path.Join(path.Dir(w.delivery), p.Href) == name
	})
}

// A waiting item has been filed without one of its pictures.
type waiting struct {
	delivery string // the name that it came under
	item     Item
	ruling   Ruling
}

// waiting returns the items that wait for the file of this name.
func (s *Store) waiting(ctx context.Context, source, name string) (list []waiting, err error) {
	rows, err := s.DB.Query(ctx, `select d.name, i.content, i.ruling
		from wire_wanted w
		join wire_item i on i.source = w.source and i.id = w.id and i.version = w.version
		join wire_delivery d on d.id = i.delivery
		where w.source = $1 and w.name = $2
		order by w.id, w.version`, source, name)
	if err != nil {
		return nil, fmt.Errorf("who waits for %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var w waiting
		var content, ruled string
		if err := rows.Scan(&w.delivery, &content, &ruled); err != nil {
			return nil, fmt.Errorf("who waits for %s: %w", name, err)
		}
		if err := json.Unmarshal([]byte(content), &w.item); err != nil {
			return nil, fmt.Errorf("a stored item is damaged: %w", err)
		}
		w.ruling = ruling(ruled)
		list = append(list, w)
	}
	return list, rows.Err()
}
