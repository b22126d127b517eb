package search

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
)

const (
	// mostEntries is how many entries of a live report are looked through, the newest.
	mostEntries = 500
	// firstEntries is how many of them are read first where one is looked for.
	firstEntries = 40
)

// entries are the parts of an article's live report; none where it is no such.
func (s *Store) entries(ctx context.Context, q db.Querier, r *article.Reading, limit int) ([]Entry, error) {
	if s.Entries == nil || r.Format != article.LiveReport {
		return nil, nil
	}
	return s.Entries(ctx, q, r.ID, limit)
}

// entry is where a live report says what its article does not: the part that says most
// of that, and of those the newest. ok is false where there is none.
func (s *Store) entry(ctx context.Context, r *article.Reading, terms []term) (e Entry, ok bool, err error) {
	if s.Entries == nil || r.Format != article.LiveReport {
		return e, false, nil
	}
	missing := unsaid(terms, r.Headline, r.Standfirst, r.Lead.Caption, r.Body.Text())
	if len(missing) == 0 {
		return e, false, nil
	}
	seen, best := 0, 0
	for _, limit := range []int{firstEntries, mostEntries} {
		list, err := s.entries(ctx, s.DB, r, limit)
		if err != nil {
			return e, false, err
		}
		for _, other := range list[min(seen, len(list)):] {
			if says := len(missing) - len(unsaid(missing, other.Headline, other.Text)); says > best {
				e, best = other, says
			}
		}
		if seen = len(list); best == len(missing) || seen <= limit { // the summary is one more
			break
		}
	}
	return e, best > 0, nil
}

// unsaid are those of the terms that none of the texts says. Who wrote it is not said
// in a text.
func unsaid(terms []term, texts ...string) (list []term) {
	var tokens [][]token
	for _, text := range texts {
		tokens = append(tokens, analyse(norm.NFC.String(text)))
	}
	for _, t := range terms {
		if t.not || len(t.words) == 0 || strings.HasPrefix(t.words[0], by) {
			continue
		}
		if !slices.ContainsFunc(tokens, func(list []token) bool { return t.in(list) }) {
			list = append(list, t)
		}
	}
	return list
}

// in reports whether a text says the term.
func (t term) in(tokens []token) bool {
	for at := range tokens {
		if n := len(t.words); at+n <= len(tokens) && t.fits(tokens[at:at+n]) {
			return true
		}
	}
	return false
}
