package paper

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A Kind says what an item of the menu leads to.
type Kind string

const (
	ToSection  Kind = "section"  // Target is its slug
	ToPage     Kind = "page"     // Target is its id
	ToStanding Kind = "standing" // a page that every paper has: Target is one of Standing
	ToLink     Kind = "link"     // Target is a path of ours or an address with https
)

// Standing lists the pages that every paper has and that a menu can show.
func Standing() []string { return []string{"rules", "corrections", "moderation", "feed"} }

// An Item of the menu. Label is "" where the name of what it leads to is shown.
type Item struct {
	Kind   Kind   `json:"kind"`
	Target string `json:"target"`
	Label  string `json:"label,omitempty"`
}

// A Menu is which items masthead and footer show. nil is what the paper shows by
// itself: all sections, and in the footer also its pages and the standing ones.
type Menu struct {
	Masthead []Item `json:"masthead"`
	Footer   []Item `json:"footer"`
}

// Filled is the menu with what the paper shows by itself where nobody has chosen.
func (m Menu) Filled(sections []string, pages []Title) Menu {
	var first, rest []Item
	for _, slug := range sections {
		first = append(first, Item{Kind: ToSection, Target: slug})
	}
	for _, p := range pages {
		if p.Slug != HouseRules { // that is the standing one
			rest = append(rest, Item{Kind: ToPage, Target: p.ID})
		}
	}
	for _, name := range Standing() {
		rest = append(rest, Item{Kind: ToStanding, Target: name})
	}
	if m.Masthead == nil {
		m.Masthead = first
	}
	if m.Footer == nil {
		m.Footer = append(slices.Clip(first), rest...)
	}
	return m
}

// A MenuVersion is the menu as somebody has set it. Number 0: nobody has.
type MenuVersion struct {
	Number int
	Menu
	Author string
	At     time.Time
}

const (
	maxItems = 30
	maxLabel = 60
)

// Menu returns the menu that holds.
func (s *Store) Menu(ctx context.Context) (MenuVersion, error) { return s.menu(ctx, s.DB, 0) }

// EarlierMenu returns a version of the menu.
func (s *Store) EarlierMenu(ctx context.Context, number int) (MenuVersion, error) {
	if number < 1 {
		return MenuVersion{}, nil
	}
	return s.menu(ctx, s.DB, number)
}

func (s *Store) menu(ctx context.Context, q db.Querier, number int) (v MenuVersion, err error) {
	where, args := "number > $1", []any{0}
	if number > 0 {
		where, args = "number = $1", []any{number}
	}
	items := ""
	err = q.QueryRow(ctx, `select number, items, coalesce(author, ''), created
		from paper_menu
		where `+where+`
		order by number desc
		limit 1`, args...).Scan(&v.Number, &items, &v.Author, (*db.Time)(&v.At))
	if err := db.Found(err, ""); problem.Is(err, problem.NotFound) {
		return MenuVersion{}, nil
	} else if err != nil {
		return v, fmt.Errorf("read the menu: %w", err)
	}
	if err := json.Unmarshal([]byte(items), &v.Menu); err != nil {
		return v, fmt.Errorf("version %d of the menu is damaged: %w", v.Number, err)
	}
	return v, nil
}

// SetMenu makes m the menu. base is the version that was seen.
func (s *Store) SetMenu(ctx context.Context, actor string, base int, m Menu) error {
	if err := m.check(); err != nil {
		return err
	}
	items, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("set the menu: %w", err)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		was, err := s.menu(ctx, tx, 0)
		if err != nil {
			return err
		}
		if was.Number != base {
			return late(was.Number)
		}
		_, err = tx.Exec(ctx, `insert into paper_menu (number, items, author, created) values ($1, $2, nullif($3, ''), $4)`,
			base+1, string(items), actor, db.Time(s.Now()))
		if err != nil {
			return fmt.Errorf("set the menu: %w", err)
		}
		if err := event.Record(ctx, tx, Changed{}); err != nil {
			return err
		}
		before, err := json.Marshal(was.Menu)
		if err != nil {
			return fmt.Errorf("set the menu: %w", err)
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: MenuSet, Subject: "paper", Detail: string(before) + " → " + string(items)})
	})
	if db.IsUnique(err) {
		return late(base + 1)
	}
	return err
}

func (m *Menu) check() error {
	for _, list := range [][]Item{m.Masthead, m.Footer} {
		if len(list) > maxItems {
			return &problem.Problem{Kind: problem.Invalid, Detail: "A menu has at most 30 items. Take one out first."}
		}
		for i := range list {
			if err := list[i].check(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (i *Item) check() error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The item cannot be added so.", Fields: map[string]string{}}
	i.Label, i.Target = tidy(i.Label), tidy(i.Target)
	if utf8.RuneCountInString(i.Label) > maxLabel {
		bad.Fields["label"] = "A label has at most 60 characters. Shorten it."
	}
	if i.Kind == ToLink {
		if i.Label == "" {
			bad.Fields["label"] = "Write what the link is called."
		}
		if !leads(i.Target) {
			bad.Fields["target"] = "Write an address that begins with https://, or a path of this paper that begins with /."
		}
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// leads reports whether an address may stand in the menu: a path of ours, or
// another site by https.
func leads(to string) bool {
	u, err := url.Parse(to)
	if err != nil || len(to) > 1000 || strings.ContainsAny(to, "\\ ") || u.User != nil {
		return false
	}
	if strings.HasPrefix(to, "/") {
		return u.Host == "" && !strings.HasPrefix(to, "//")
	}
	return u.Scheme == "https" && u.Host != ""
}
