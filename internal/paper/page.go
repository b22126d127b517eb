package paper

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// A Page is about the paper: who makes it, by which rules, and how to reach it.
type Page struct {
	ID      string
	Slug    string
	Title   string
	Body    richtext.Doc
	Shown   bool // readers have it
	Version int  // 0 for one that is new
	Author  string
	Changed time.Time
}

// A Title is a page without its body.
type Title struct {
	ID, Slug, Title string
	Shown           bool
	Author          string
	Changed         time.Time
}

// Slugs with a place of their own.
const (
	About      = "about"       // /about itself
	HouseRules = "rules"       // stands above the list at /rules
	Ethics     = "ethics"      // what the paper binds itself to
	ContactUs  = "contact"     // how to reach it
	Correcting = "corrections" // how it corrects
)

// Path is the address of the page with a slug.
func Path(slug string) string {
	switch slug {
	case About:
		return "/about"
	case HouseRules:
		return "/rules"
	default:
		return "/about/" + slug
	}
}

// Path is the page's address.
func (p Page) Path() string { return Path(p.Slug) }

// Path is the page's address.
func (t Title) Path() string { return Path(t.Slug) }

// PageTag is the page cache's tag of what shows the page with this id.
func PageTag(id string) string { return "page:" + id }

// PageChanged says that a page does not say what it said.
type PageChanged struct{ ID string }

// EventKind and EventSubject make it a fact (package event).
func (PageChanged) EventKind() string      { return "paper.page-changed" }
func (e PageChanged) EventSubject() string { return e.ID }

const (
	maxTitle = 120
	maxSlug  = 60
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Titles lists the pages, oldest first; only those that readers have, or all.
func (s *Store) Titles(ctx context.Context, drafts bool) (list []Title, err error) {
	rows, err := s.DB.Query(ctx, `select id, slug, title, shown, coalesce(author, ''), changed from paper_page order by id`)
	if err != nil {
		return nil, fmt.Errorf("read the pages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Title
		if err := rows.Scan(&t.ID, &t.Slug, &t.Title, &t.Shown, &t.Author, (*db.Time)(&t.Changed)); err != nil {
			return nil, fmt.Errorf("read the pages: %w", err)
		}
		if t.Shown || drafts {
			list = append(list, t)
		}
	}
	return list, rows.Err()
}

// Page returns a page by its id, for the newsroom.
func (s *Store) Page(ctx context.Context, id string) (Page, error) {
	return s.page(ctx, s.DB, `where p.id = $1`, id)
}

// Find returns the page that readers have at an address that it has or had.
func (s *Store) Find(ctx context.Context, slug string) (Page, error) {
	p, err := s.page(ctx, s.DB, `join paper_address a on a.page = p.id where a.slug = $1`, slug)
	if err == nil && !p.Shown {
		return Page{}, &problem.Problem{Kind: problem.NotFound}
	}
	return p, err
}

func (s *Store) page(ctx context.Context, q db.Querier, tail string, arg string) (p Page, err error) {
	body := ""
	err = q.QueryRow(ctx, `select p.id, p.slug, p.title, p.body, p.shown, p.version, coalesce(p.author, ''), p.changed from paper_page p `+tail, arg).
		Scan(&p.ID, &p.Slug, &p.Title, &body, &p.Shown, &p.Version, &p.Author, (*db.Time)(&p.Changed))
	if err != nil {
		return p, db.Found(err, "There is no such page.")
	}
	if err := json.Unmarshal([]byte(body), &p.Body); err != nil {
		return p, fmt.Errorf("the body of page %s is damaged: %w", p.ID, err)
	}
	return p, nil
}

// Save keeps a page: a new one when it has no id. Its Version is the one that was
// seen. It returns the page's id.
func (s *Store) Save(ctx context.Context, actor string, p Page) (id string, err error) {
	p.Title, p.Slug = tidy(p.Title), strings.TrimSpace(p.Slug)
	if err := p.check(); err != nil {
		return "", err
	}
	fresh := p.ID == ""
	if fresh {
		p.ID = s.ID()
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var was Page
		if fresh {
			err = s.insert(ctx, tx, actor, p)
		} else {
			was, err = s.update(ctx, tx, actor, p)
		}
		if err != nil {
			return err
		}
		if err := s.address(ctx, tx, p); err != nil {
			return err
		}
		facts := []event.Fact{PageChanged{p.ID}}
		if (was.Shown || p.Shown) && (was.Shown != p.Shown || was.Title != p.Title || was.Slug != p.Slug) {
			facts = append(facts, Changed{})
		}
		if err := event.Record(ctx, tx, facts...); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: PageSet, Subject: p.ID, Detail: state(was) + " → " + state(p)})
	})
	return p.ID, err
}

// state is a page in a few words, for the audit log.
func state(p Page) string {
	switch {
	case p.Slug == "":
		return "none"
	case p.Shown:
		return fmt.Sprintf("%s %q, shown, %d words", p.Slug, p.Title, p.Body.Words())
	default:
		return fmt.Sprintf("%s %q, a draft, %d words", p.Slug, p.Title, p.Body.Words())
	}
}

func (s *Store) insert(ctx context.Context, tx *db.Tx, actor string, p Page) error {
	_, err := tx.Exec(ctx, `insert into paper_page (id, slug, title, body, shown, version, author, changed) values ($1, $2, $3, $4, $5, 1, nullif($6, ''), $7)`,
		p.ID, p.Slug, p.Title, string(p.Body.JSON()), p.Shown, actor, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("add the page %s: %w", p.Slug, err)
	}
	return nil
}

func (s *Store) update(ctx context.Context, tx *db.Tx, actor string, p Page) (was Page, err error) {
	// Taking the row first makes those who save it wait for one another.
	if _, err := tx.Exec(ctx, `update paper_page set version = version where id = $1`, p.ID); err != nil {
		return was, fmt.Errorf("save the page %s: %w", p.ID, err)
	}
	if was, err = s.page(ctx, tx, `where p.id = $1`, p.ID); err != nil {
		return was, err
	}
	if was.Version != p.Version {
		return was, late(was.Version)
	}
	_, err = tx.Exec(ctx, `update paper_page set slug = $2, title = $3, body = $4, shown = $5, version = version + 1, author = nullif($6, ''), changed = $7 where id = $1`,
		p.ID, p.Slug, p.Title, string(p.Body.JSON()), p.Shown, actor, db.Time(s.Now()))
	if err != nil {
		return was, fmt.Errorf("save the page %s: %w", p.ID, err)
	}
	return was, nil
}

// address makes the page's slug an address of it, unless another page has or had it.
func (s *Store) address(ctx context.Context, tx *db.Tx, p Page) error {
	owner := ""
	err := tx.QueryRow(ctx, `insert into paper_address (slug, page) values ($1, $2)
		on conflict (slug) do update set page = paper_address.page
		returning page`, p.Slug, p.ID).Scan(&owner)
	if err != nil {
		return fmt.Errorf("give the page %s its address: %w", p.ID, err)
	}
	if owner != p.ID {
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "Another page has this address, or had it.",
			Fields: map[string]string{"slug": "Another page has this address, or had it. Choose another."},
		}
	}
	return nil
}

func (p *Page) check() error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The page cannot be kept so.", Fields: map[string]string{}}
	switch n := utf8.RuneCountInString(p.Title); {
	case n == 0:
		bad.Fields["title"] = "Write a title."
	case n > maxTitle:
		bad.Fields["title"] = "A title has at most 120 characters. Shorten it."
	}
	if !slugForm.MatchString(p.Slug) || len(p.Slug) > maxSlug {
		bad.Fields["slug"] = "An address is small letters, digits and hyphens, such as contact."
	}
	if p.Shown && len(p.Body.Blocks) == 0 {
		bad.Fields["source"] = "Write something before readers get the page."
	}
	if len(p.Body.Figures()) > 0 {
		bad.Fields["source"] = "A page about the paper has no pictures. Take them out."
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}
