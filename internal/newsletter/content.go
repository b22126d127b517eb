package newsletter

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// stories are all that an edition may bring, each once.
func stories(parts []Part) (ids []string) {
	for _, p := range parts {
		for _, id := range p.Stories {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// everything is a selection for somebody who has had nothing.
func everything(parts []Part, may map[string]article.Card) [][]string {
	return pick(parts, may, nil, nil, nil)
}

// A ways tells by which number of an edition's links something is reached.
type ways struct {
	code     uint32
	click    string // the key, or the mark that stands for it
	articles map[string]int
	urls     map[string]int
}

// to is the address of a story from an edition: by its link where there is one, so
// that a click counts, else straight.
func (w *ways) to(c article.Card) string {
	if w != nil {
		if n, ok := w.articles[c.ID]; ok {
			return w.link(n)
		}
	}
	return c.Path()
}

// toURL is the same of another address.
func (w *ways) toURL(url string) string {
	if w != nil {
		if n, ok := w.urls[url]; ok {
			return w.link(n)
		}
	}
	return url
}

func (w *ways) link(n int) string {
	return fmt.Sprintf("/to/%s/%d/%s", strconv.FormatUint(uint64(w.code), 36), n, w.click)
}

// To is the address of a link in a text of the edition.
func (c Content) To(href string) string { return c.ways.toURL(href) }

// content makes what stands in an edition, for one selection of its stories. w is nil
// where clicks are nobody's business.
func (s *Store) content(ctx context.Context, l List, e Edition, picked [][]string, w *ways) (c Content, err error) {
	if err := s.unsay(ctx, l, &e); err != nil {
		return c, err
	}
	c = Content{List: l, Edition: e, Web: w == nil, ways: w}
	cards, err := s.Articles.Readable(ctx, slices.Concat(picked...)...)
	if err != nil {
		return c, err
	}
	for i, p := range e.Parts {
		shown := Shown{Part: p}
		for _, id := range picked[i] {
			if card, ok := cards[id]; ok {
				shown.Cards = append(shown.Cards, Linked{card, w.to(card)})
			}
		}
		switch {
		case p.Kind == Best:
			if err := s.quote(ctx, &shown, w); err != nil {
				return c, err
			}
		case p.Kind == Corrections:
			if err := s.noteCorrections(ctx, &shown, w); err != nil {
				return c, err
			}
		case p.Kind == Sponsor && p.Link != "":
			shown.Link = w.toURL(p.Link)
		}
		if shown.empty() {
			continue
		}
		c.Parts = append(c.Parts, shown)
	}
	c.Notices, err = s.notices(ctx, e)
	return c, err
}

// empty reports whether there is nothing to show of a part.
func (p Shown) empty() bool {
	switch p.Kind {
	case Best:
		return p.Quoted == nil
	case Corrections:
		return len(p.Corrected) == 0
	case Front, Section, Read, Followed, Stories:
		return len(p.Cards) == 0
	}
	return strings.TrimSpace(p.Text) == ""
}

// quote reads the comment of a part, as far as readers may have it now.
func (s *Store) quote(ctx context.Context, p *Shown, w *ways) error {
	if p.Comment == "" {
		return nil
	}
	q, ok, err := s.Sources.Comment(ctx, p.Comment)
	if err != nil || !ok {
		return err
	}
	cards, err := s.Articles.Readable(ctx, q.Article)
	if err != nil {
		return err
	}
	card, ok := cards[q.Article]
	if !ok {
		return nil
	}
	p.Quoted, p.Cards, p.Link = &q, []Linked{{card, w.to(card)}}, w.toURL("/comment/"+q.ID)
	return nil
}

// maxCorrections is how many of the paper's corrections are looked through.
const maxCorrections = 100

// noteCorrections reads the corrections of a part, as far as readers may have them.
func (s *Store) noteCorrections(ctx context.Context, p *Shown, w *ways) error {
	list, _, err := s.Articles.Corrections(ctx, "", maxCorrections)
	if err != nil {
		return err
	}
	for i, id := range p.Stories {
		j := slices.IndexFunc(list, func(c article.Corrected) bool {
			return c.ID == id && i < len(p.Corrections) && c.Number == p.Corrections[i]
		})
		if j >= 0 {
			p.Corrected = append(p.Corrected, Correction{Linked{list[j].Card, w.to(list[j].Card)}, list[j].Note})
		}
	}
	return nil
}

// notices reads what an edition has to tell of earlier ones; one that has not begun to go
// out, what it would have to tell now.
func (s *Store) notices(ctx context.Context, edition Edition) (list []Notice, err error) {
	which, of := `n.told = $1`, edition.ID
	if edition.Begun.IsZero() {
		which, of = `n.list = $1 and n.told is null`, edition.List
	}
	rows, err := s.DB.Query(ctx, `select n.kind, n.article, e.begun
		from list_notice as n
		join edition as e on e.id = n.edition
		where `+which+`
		order by n.created, n.article, n.kind`, of)
	if err != nil {
		return nil, fmt.Errorf("read the notices of edition %s: %w", edition.ID, err)
	}
	defer rows.Close()
	for rows.Next() {
		var n Notice
		if err := rows.Scan(&n.Kind, &n.Article, (*db.Time)(&n.Sent)); err != nil {
			return nil, fmt.Errorf("read the notices of edition %s: %w", edition.ID, err)
		}
		list = append(list, n)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if err := s.nameNotice(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	// What was put right and can be read again needs no notice any more.
	return slices.DeleteFunc(list, func(n Notice) bool { return n.Kind == WasWithdrawn && n.Card.ID != "" && n.By == "" }), nil
}

// nameNotice says of a story what readers may have of it.
func (s *Store) nameNotice(ctx context.Context, n *Notice) error {
	card, err := s.Articles.Known(ctx, n.Article)
	switch {
	case err == nil:
		n.Card = card
		return nil
	case problem.Is(err, problem.Gone):
		n.By = withdrawnBy(err)
		return nil
	case problem.Is(err, problem.NotFound):
		return nil
	}
	return err
}

// freeze writes down where the links of an edition lead, and what it owes readers
// for earlier ones.
func (s *Store) freeze(ctx context.Context, tx *db.Tx, e *Edition) error {
	if _, err := tx.Exec(ctx, `update list_notice set told = $2 where list = $1 and told is null`, e.List, e.ID); err != nil {
		return fmt.Errorf("take up the notices of list %s: %w", e.List, err)
	}
	number := 0
	add := func(article, url string) error {
		number++
		_, err := tx.Exec(ctx, `insert into edition_link (edition, number, article, url, clicks, machines) values ($1, $2, nullif($3, ''), $4, 0, 0)
			on conflict do nothing`, e.ID, number, article, url)
		if err != nil {
			return fmt.Errorf("store the links of edition %s: %w", e.ID, err)
		}
		return nil
	}
	for _, id := range stories(e.Parts) {
		if err := add(id, ""); err != nil {
			return err
		}
	}
	for _, url := range urls(e.Parts) {
		if err := add("", url); err != nil {
			return err
		}
	}
	return nil
}

// urls are the addresses, other than stories, to which an edition leads.
func urls(parts []Part) []string {
	seen := map[string]bool{}
	for _, p := range parts {
		if p.Link != "" {
			seen[p.Link] = true
		}
		if p.Comment != "" {
			seen["/comment/"+p.Comment] = true
		}
		for _, href := range hrefs(p.Text) {
			seen[href] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// hrefs are the links of a source text that lead to pages.
func hrefs(source string) (list []string) {
	doc, err := richtext.FromSource(source)
	if err != nil {
		return nil
	}
	take := func(spans []richtext.Span) {
		for _, span := range spans {
			if strings.HasPrefix(span.Href, "http") || strings.HasPrefix(span.Href, "/") {
				list = append(list, span.Href)
			}
		}
	}
	for _, b := range doc.Blocks {
		take(b.Text)
		for _, item := range b.Items {
			take(item)
		}
	}
	return list
}

// ways reads where the links of an edition lead.
func (s *Store) ways(ctx context.Context, e Edition, click string) (*ways, error) {
	w := &ways{e.Code, click, map[string]int{}, map[string]int{}}
	rows, err := s.DB.Query(ctx, `select number, coalesce(article, ''), url from edition_link where edition = $1 order by number`, e.ID)
	if err != nil {
		return nil, fmt.Errorf("read the links of edition %s: %w", e.ID, err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		var article, url string
		if err := rows.Scan(&n, &article, &url); err != nil {
			return nil, fmt.Errorf("read the links of edition %s: %w", e.ID, err)
		}
		if article != "" {
			w.articles[article] = n
		} else {
			w.urls[url] = n
		}
	}
	return w, rows.Err()
}

// base32lower writes bytes for where case may be lost.
var base32lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// withdrawnBy is who asked for a withdrawal that is the cause of err.
func withdrawnBy(err error) string {
	if w, ok := errors.AsType[article.Withdrawal](err); ok {
		return w.By
	}
	return ""
}
