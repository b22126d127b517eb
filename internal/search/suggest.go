package search

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/article"
)

// Suggest returns the newest readable articles whose headlines have what was typed
// so far; the last word may be unfinished.
func (s *Store) Suggest(ctx context.Context, typed string, limit int) ([]article.Card, error) {
	terms, _ := parse(typed)
	if len(terms) == 0 {
		return nil, nil
	}
	last := &terms[len(terms)-1]
	if end, _ := utf8.DecodeLastRuneInString(typed); !unicode.IsSpace(end) && !strings.ContainsRune(quotes, end) {
		last.prefix = true
	}
	if last.not || last.prefix && len([]rune(strings.Join(last.words, ""))) < 2 && last.words[0][0] < utf8.RuneSelf {
		return nil, nil // nothing yet, or one letter, with which very many begin
	}
	list, err := s.numbers(ctx, head, expression(s.DB.Postgres(), terms, nil), ever(), 2*limit)
	if err != nil {
		return nil, err
	}
	return s.cards(ctx, list, "", limit)
}
