package article

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// Known returns what readers may have of an article in a list, with its present
// address; also of one whose licence has ended, whose thread stays. What readers
// may not know of is not found, what was withdrawn is a Problem of kind Gone.
func (s *Store) Known(ctx context.Context, id string) (Card, error) {
	a, err := scanCard(s.DB.QueryRow(ctx, selectCards+`where a.id = $1`, id))
	if err != nil {
		return Card{}, db.Found(err, "There is no such article.")
	}
	switch a.access(s.Now()) {
	case Readable:
		return a.card(), nil
	case Expired:
		return a.card().ended(), nil
	case Gone:
		return Card{}, &problem.Problem{Kind: problem.Gone, Detail: a.Withdrawal.Why, Err: a.Withdrawal}
	default:
		return Card{}, notFound("There is no such article.")
	}
}

// Readable returns those of the articles that readers may have now, whole.
func (s *Store) Readable(ctx context.Context, ids ...string) (map[string]Card, error) {
	return s.cardsOf(ctx, ids, func(a *Article) bool { return a.access(s.Now()) == Readable })
}

// Headlines returns what articles are called, in whatever state, for the desk; ids
// of nothing are left out.
func (s *Store) Headlines(ctx context.Context, ids ...string) (map[string]string, error) {
	cards, err := s.cardsOf(ctx, ids, func(*Article) bool { return true })
	if err != nil {
		return nil, err
	}
	headlines := make(map[string]string, len(cards))
	for id, c := range cards {
		headlines[id] = c.Headline
	}
	return headlines, nil
}

// cardsOf returns those of the articles that f lets through.
func (s *Store) cardsOf(ctx context.Context, ids []string, f func(*Article) bool) (map[string]Card, error) {
	cards := make(map[string]Card, len(ids))
	for batch := range slices.Chunk(ids, 500) {
		if err := s.knownBatch(ctx, batch, func(a *Article) {
			if f(a) {
				cards[a.ID] = a.card()
			}
		}); err != nil {
			return nil, fmt.Errorf("read articles: %w", err)
		}
	}
	return cards, nil
}

// KnownAll is Known for many; what readers may not have is left out.
func (s *Store) KnownAll(ctx context.Context, ids ...string) (map[string]Card, error) {
	known := make(map[string]Card, len(ids))
	now := s.Now()
	for batch := range slices.Chunk(ids, 500) {
		if err := s.knownBatch(ctx, batch, func(a *Article) {
			switch a.access(now) {
			case Readable:
				known[a.ID] = a.card()
			case Expired:
				known[a.ID] = a.card().ended()
			}
		}); err != nil {
			return nil, fmt.Errorf("read articles: %w", err)
		}
	}
	return known, nil
}

func (s *Store) knownBatch(ctx context.Context, ids []string, f func(*Article)) error {
	var args []any
	rows, err := s.DB.Query(ctx, selectCards+`where a.id `+db.In(&args, ids)+` order by a.id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		a, err := scanCard(rows)
		if err != nil {
			return err
		}
		f(a)
	}
	return rows.Err()
}

// BySlug returns the id of the article that has had an address of this slug,
// for the command line and the demo.
func (s *Store) BySlug(ctx context.Context, slug string) (id string, err error) {
	err = s.DB.QueryRow(ctx, `select article from address where slug = $1 order by created desc, article limit 1`, slug).Scan(&id)
	return id, db.Found(err, "There is no such article.")
}

// Find returns readable articles whose headline has all these words, newest first,
// for those who look for one to link to.
func (s *Store) Find(ctx context.Context, words string, limit int) ([]Card, error) {
	now := s.Now()
	var args []any
	where := readableSQL(&args, now)
	fields := strings.Fields(Fold(words))
	for _, word := range fields[:min(len(fields), 10)] {
		where += " and a.folded like " + db.Arg(&args, "%"+db.Like(word)+"%") + ` escape '\'`
	}
	found, err := s.readable(ctx, now, `where `+where+`
		order by a.changed desc, a.id desc
		limit `+db.Arg(&args, limit), args)
	if err != nil {
		return nil, fmt.Errorf("find articles: %w", err)
	}
	cards := make([]Card, len(found))
	for i, a := range found {
		cards[i] = a.card()
	}
	return cards, nil
}
