package article

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"kawaraban/internal/db"
)

// A Section is a part of the paper: "World". Its slug is its name inside the house
// for ever; its address can change.
type Section struct {
	Slug    string
	Name    string
	Address string // what stands in its path; "" is the slug
}

// Path is the section's address.
func (s Section) Path() string { return "/category/" + cmp.Or(s.Address, s.Slug) }

// SetSections makes sections the paper's sections, in this order, each at the
// address of its slug. A section that is missing from the list is not shown any
// more; its articles keep their addresses. A slug that is or was the address of a
// section means that section.
func (s *Store) SetSections(ctx context.Context, sections []Section) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return setSections(ctx, tx, sections) })
}

// PlantSections is SetSections for a paper that has no section yet; another one is
// left alone.
func (s *Store) PlantSections(ctx context.Context, sections []Section) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		// Taking the list first makes two processes that open the paper at once wait.
		if err := takeSections(ctx, tx); err != nil {
			return err
		}
		switch list, _, err := allSections(ctx, tx); {
		case err != nil:
			return err
		case len(list) > 0:
			return nil
		default:
			return setSections(ctx, tx, sections)
		}
	})
}

func setSections(ctx context.Context, tx *db.Tx, sections []Section) error {
	if _, err := tx.Exec(ctx, `update section set shown = false where shown`); err != nil {
		return fmt.Errorf("hide the sections: %w", err)
	}
	for i, sec := range sections {
		slug := sec.Slug
		err := tx.QueryRow(ctx, `select section from section_address where path = $1`, sec.Slug).Scan(&slug)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("set section %s: %w", sec.Slug, err)
		}
		_, err = tx.Exec(ctx, `insert into section (slug, name, path, position, shown) values ($1, $2, $3, $4, true)
			on conflict (slug) do update set name = excluded.name, path = excluded.path, position = excluded.position, shown = true`,
			slug, sec.Name, sec.Slug, i)
		if err != nil {
			return fmt.Errorf("set section %s: %w", sec.Slug, err)
		}
		if err := sectionAddress(ctx, tx, slug, sec.Slug); err != nil {
			return err
		}
	}
	return nil
}

// Sections lists the paper's sections in order.
func (s *Store) Sections(ctx context.Context) ([]Section, error) { return s.SectionsIn(ctx, s.DB) }

// SectionsIn is Sections for who is in a transaction, which must not wait for a
// connection beside its own.
func (s *Store) SectionsIn(ctx context.Context, q db.Querier) ([]Section, error) {
	rows, err := q.Query(ctx, `select slug, name, path from section where shown order by position, slug`)
	if err != nil {
		return nil, fmt.Errorf("read the sections: %w", err)
	}
	defer rows.Close()
	var list []Section
	for rows.Next() {
		var sec Section
		if err := rows.Scan(&sec.Slug, &sec.Name, &sec.Address); err != nil {
			return nil, fmt.Errorf("read the sections: %w", err)
		}
		list = append(list, sec)
	}
	return list, rows.Err()
}

// SectionAt returns the section of the paper that has an address, or had it.
func (s *Store) SectionAt(ctx context.Context, address string) (sec Section, err error) {
	err = s.DB.QueryRow(ctx, `select s.slug, s.name, s.path
		from section_address a
		join section s on s.slug = a.section
		where a.path = $1 and s.shown`, address).Scan(&sec.Slug, &sec.Name, &sec.Address)
	return sec, db.Found(err, "There is no such section in this paper.")
}

// Section returns one of the paper's sections by its slug.
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
