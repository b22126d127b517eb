package search

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kawaraban/internal/article"
)

// A FoundSaid is a comment that fits, with the article on which it stands.
type FoundSaid struct {
	Said
	On      article.Card
	Passage []Piece
}

const (
	perLook = 100 // comments that are looked at in one go
	looks   = 5   // and how often, for one page
)

// FindSaid returns the comments that fit, newest first, with the cursor of the page
// that follows. Comments have no byline.
func (s *Store) FindSaid(ctx context.Context, q Query) (list []FoundSaid, next string, err error) {
	if strings.TrimSpace(q.By) != "" {
		return nil, "", refuse("by", "Comments have no byline. Leave this empty, or search articles only.")
	}
	section := q.Section
	q.Section = ""
	l, err := s.understand(q)
	if err != nil || s.Comments == nil {
		return nil, "", err
	}
	if q.After != "" {
		n, err := strconv.ParseInt(q.After, 36, 64)
		if err != nil || n <= 0 {
			return nil, "", noPage(err)
		}
		l.in.before = min(l.in.before, n)
	}
	for range looks {
		found, err := s.numbers(ctx, said, l.e, l.in, perLook)
		if err != nil {
			return nil, "", err
		}
		read, err := s.readSaid(ctx, found)
		if err != nil {
			return nil, "", err
		}
		for _, n := range found {
			f, ok := read[n]
			if ok && (section == "" || f.On.Section.Slug == section) {
				if len(list) == PerPage {
					return list, strconv.FormatInt(l.in.before, 36), nil
				}
				f.Passage = passage("", f.Body, l.terms)
				list = append(list, f)
			}
			l.in.before = n
		}
		if len(found) < perLook {
			return list, "", nil
		}
	}
	return list, strconv.FormatInt(l.in.before, 36), nil
}

// readSaid returns those of the comments that readers may have, by number.
func (s *Store) readSaid(ctx context.Context, list []int64) (map[int64]FoundSaid, error) {
	found := map[int64]FoundSaid{}
	ids, err := s.ids(ctx, "search_said", "comment", list)
	if err != nil || len(ids) == 0 {
		return found, err
	}
	comments, err := s.Comments(ctx, slices.Collect(values(ids))...)
	if err != nil {
		return nil, err
	}
	var articles []string
	for _, c := range comments {
		articles = append(articles, c.Article)
	}
	known, err := s.Articles.KnownAll(ctx, articles...)
	if err != nil {
		return nil, err
	}
	for n, id := range ids {
		if c, ok := comments[id]; ok && known[c.Article].ID != "" {
			found[n] = FoundSaid{Said: c, On: known[c.Article]}
		}
	}
	return found, nil
}
