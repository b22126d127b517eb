package article

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// An Arranged section is one as those see it who arrange them: shown or hidden.
type Arranged struct {
	Section
	Shown bool
}

// SectionsChanged says that the sections, their names, addresses or order are not
// what they were.
type SectionsChanged struct{}

// EventKind and EventSubject make it a fact (package event).
func (SectionsChanged) EventKind() string    { return "article.sections-changed" }
func (SectionsChanged) EventSubject() string { return "sections" }

// SectionsSet is what the audit log tells of a change of the sections.
const SectionsSet audit.Act = "paper.sections"

const (
	maxSections    = 40
	maxSectionName = 40 // characters
	maxAddress     = 40
)

var addressForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ArrangedSections lists all sections in order, and how often the list was changed.
func (s *Store) ArrangedSections(ctx context.Context) ([]Arranged, int, error) {
	return allSections(ctx, s.DB)
}

func allSections(ctx context.Context, q db.Querier) (list []Arranged, version int, err error) {
	if err := q.QueryRow(ctx, `select version from section_list where one = 1`).Scan(&version); err != nil {
		return nil, 0, fmt.Errorf("read the sections: %w", err)
	}
	rows, err := q.Query(ctx, `select slug, name, path, shown from section order by position, slug`)
	if err != nil {
		return nil, 0, fmt.Errorf("read the sections: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a Arranged
		if err := rows.Scan(&a.Slug, &a.Name, &a.Address, &a.Shown); err != nil {
			return nil, 0, fmt.Errorf("read the sections: %w", err)
		}
		list = append(list, a)
	}
	return list, version, rows.Err()
}

// takeSections makes those who change the sections wait for one another.
func takeSections(ctx context.Context, tx *db.Tx) error {
	if err := db.One(tx.Exec(ctx, `update section_list set version = version where one = 1`)); err != nil {
		return fmt.Errorf("take the list of sections: %w", err)
	}
	return nil
}

// AddSection adds a section at the end of the list, shown. seen is how often the
// list had been changed when actor looked at it.
func (s *Store) AddSection(ctx context.Context, actor string, seen int, sec Section) error {
	sec.Name, sec.Slug = strings.Join(strings.Fields(sec.Name), " "), strings.TrimSpace(sec.Slug)
	sec.Address = sec.Slug
	if err := checkSection(sec); err != nil {
		return err
	}
	return s.arrange(ctx, actor, seen, func(tx *db.Tx, list []Arranged) (string, error) {
		if len(list) >= maxSections {
			return "", &problem.Problem{Kind: problem.Invalid, Detail: "A paper has at most 40 sections. Hide one, and give it another name and address."}
		}
		owner := ""
		err := tx.QueryRow(ctx, `select coalesce(max(section), '') from section_address where path = $1`, sec.Slug).Scan(&owner)
		if err != nil {
			return "", fmt.Errorf("add section %s: %w", sec.Slug, err)
		}
		if owner != "" {
			return "", takenAddress()
		}
		_, err = tx.Exec(ctx, `insert into section (slug, name, path, position, shown) values ($1, $2, $1, $3, true)`, sec.Slug, sec.Name, len(list))
		if err != nil {
			return "", fmt.Errorf("add section %s: %w", sec.Slug, err)
		}
		return fmt.Sprintf("added %s %q", sec.Slug, sec.Name), sectionAddress(ctx, tx, sec.Slug, sec.Slug)
	})
}

// ChangeSection gives the section with to's slug another name or address, or shows or
// hides it. The old address leads to the new one for ever.
func (s *Store) ChangeSection(ctx context.Context, actor string, seen int, to Arranged) error {
	to.Name, to.Address = strings.Join(strings.Fields(to.Name), " "), strings.TrimSpace(to.Address)
	if err := checkSection(to.Section); err != nil {
		return err
	}
	return s.arrange(ctx, actor, seen, func(tx *db.Tx, list []Arranged) (string, error) {
		i := slices.IndexFunc(list, func(a Arranged) bool { return a.Slug == to.Slug })
		if i < 0 {
			return "", notFound("There is no such section in this paper.")
		}
		if !to.Shown && !slices.ContainsFunc(list, func(a Arranged) bool { return a.Shown && a.Slug != to.Slug }) {
			return "", &problem.Problem{Kind: problem.Invalid, Detail: "A paper shows at least one section. Show another one first."}
		}
		if err := sectionAddress(ctx, tx, to.Slug, to.Address); err != nil {
			return "", err
		}
		// No key is set: that would look through every article.
		_, err := tx.Exec(ctx, `update section set name = $2, path = $3, shown = $4 where slug = $1`, to.Slug, to.Name, to.Address, to.Shown)
		if err != nil {
			return "", fmt.Errorf("change section %s: %w", to.Slug, err)
		}
		return list[i].tells() + " → " + to.tells(), nil
	})
}

// OrderSections puts the sections into the order of these slugs; those that are not
// among them stay behind.
func (s *Store) OrderSections(ctx context.Context, actor string, seen int, slugs []string) error {
	return s.arrange(ctx, actor, seen, func(tx *db.Tx, list []Arranged) (string, error) {
		place := func(a Arranged) int {
			if i := slices.Index(slugs, a.Slug); i >= 0 {
				return i
			}
			return len(slugs)
		}
		slices.SortStableFunc(list, func(a, b Arranged) int { return place(a) - place(b) })
		var order []string
		for i, a := range list {
			if _, err := tx.Exec(ctx, `update section set position = $2 where slug = $1`, a.Slug, i); err != nil {
				return "", fmt.Errorf("order the sections: %w", err)
			}
			order = append(order, a.Slug)
		}
		return "order: " + strings.Join(order, ", "), nil
	})
}

func (a Arranged) tells() string {
	shown := "shown"
	if !a.Shown {
		shown = "hidden"
	}
	return fmt.Sprintf("%s %q at %s, %s", a.Slug, a.Name, a.Address, shown)
}

// arrange changes the list of sections in one transaction, unless somebody has
// changed it since it was seen. f says what it did, for the audit log.
func (s *Store) arrange(ctx context.Context, actor string, seen int, f func(tx *db.Tx, list []Arranged) (string, error)) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := takeSections(ctx, tx); err != nil {
			return err
		}
		list, version, err := allSections(ctx, tx)
		if err != nil {
			return err
		}
		if version != seen {
			return &problem.Problem{
				Kind: problem.Conflict, Detail: "Somebody has changed the sections in the meantime. This is how they are now: look, and do it again.",
			}
		}
		did, err := f(tx, list)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update section_list set version = version + 1 where one = 1`); err != nil {
			return fmt.Errorf("change the list of sections: %w", err)
		}
		if err := event.Record(ctx, tx, SectionsChanged{}); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: SectionsSet, Subject: "sections", Detail: did})
	})
}

// sectionAddress makes an address that of a section, unless it is or was another's.
func sectionAddress(ctx context.Context, tx *db.Tx, slug, address string) error {
	owner := ""
	err := tx.QueryRow(ctx, `insert into section_address (path, section) values ($1, $2)
		on conflict (path) do update set section = section_address.section
		returning section`, address, slug).Scan(&owner)
	if err != nil {
		return fmt.Errorf("give section %s the address %s: %w", slug, address, err)
	}
	if owner != slug {
		return takenAddress()
	}
	return nil
}

func takenAddress() error {
	return &problem.Problem{
		Kind: problem.Invalid, Detail: "Another section has this address, or had it.",
		Fields: map[string]string{"address": "Another section has this address, or had it, and it leads there for ever. Choose another."},
	}
}

func checkSection(sec Section) error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The section cannot be kept so.", Fields: map[string]string{}}
	switch n := utf8.RuneCountInString(sec.Name); {
	case n == 0:
		bad.Fields["name"] = "Write the section's name."
	case n > maxSectionName:
		bad.Fields["name"] = "A section's name has at most 40 characters. Shorten it."
	}
	if !addressForm.MatchString(sec.Address) || len(sec.Address) > maxAddress {
		bad.Fields["address"] = "An address is at most 40 small letters, digits and hyphens, such as world-news."
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}
