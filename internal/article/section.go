package article

import (
	"context"
	"fmt"
	"slices"

	"kawaraban/internal/db"
)

// A Section is a part of the paper: "World".
type Section struct {
	Slug string
	Name string
}

// Path is the section's address.
func (s Section) Path() string { return "/category/" + s.Slug }

// SetSections makes sections the paper's sections, in this order. A section that
// is missing from the list is not shown any more; its articles keep their
// addresses.
func (s *Store) SetSections(ctx context.Context, sections []Section) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update section set shown = false where shown`); err != nil {
			return fmt.Errorf("hide the sections: %w", err)
		}
		for i, sec := range sections {
			_, err := tx.Exec(ctx, `insert into section (slug, name, position, shown) values ($1, $2, $3, true)
				on conflict (slug) do update set name = excluded.name, position = excluded.position, shown = true`,
				sec.Slug, sec.Name, i)
			if err != nil {
				return fmt.Errorf("set section %s: %w", sec.Slug, err)
			}
		}
		return nil
	})
}

// Sections lists the paper's sections in order.
func (s *Store) Sections(ctx context.Context) ([]Section, error) { return s.SectionsIn(ctx, s.DB) }

// SectionsIn is Sections for who is in a transaction, which must not wait for a
// connection beside its own.
func (s *Store) SectionsIn(ctx context.Context, q db.Querier) ([]Section, error) {
	rows, err := q.Query(ctx, `select slug, name from section where shown order by position, slug`)
	if err != nil {
		return nil, fmt.Errorf("read the sections: %w", err)
	}
	defer rows.Close()
	var list []Section
	for rows.Next() {
		var sec Section
		if err := rows.Scan(&sec.Slug, &sec.Name); err != nil {
			return nil, fmt.Errorf("read the sections: %w", err)
		}
		list = append(list, sec)
	}
	return list, rows.Err()
}

// Section returns one of the paper's sections.
func (s *Store) Section(ctx context.Context, slug string) (Section, error) {
	list, err := s.Sections(ctx)
	if err != nil {
		return Section{}, err
	}
	i := slices.IndexFunc(list, func(sec Section) bool { return sec.Slug == slug })
	if i < 0 {
		return Section{}, notFound("There is no such section in this paper.")
	}
	return list[i], nil
}
