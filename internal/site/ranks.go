package site

import (
	"context"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/page"
)

// ranked is what ranks.html shows: what is read and discussed most.
type ranked struct {
	Most      []card
	Trending  []card
	Discussed []card
}

const (
	perRank    = 5 // articles of a list
	leastRanks = 2 // a list of one is none
)

// ranks are the lists of a section, or of the paper (""), as far as readers may have what
// is in them; nil for none. with are the articles that it shows.
func (s *Site) ranks(ctx context.Context, section string) (r *ranked, with []article.Card, err error) {
	var most, trending, discussed []string
	for _, c := range s.Ranks.MostRead(audience.Day, section) {
		most = append(most, c.Article)
	}
	for _, t := range s.Ranks.Trending(section) {
		trending = append(trending, t.Article)
	}
	if section == "" {
		for _, c := range s.Ranks.MostDiscussed() {
			discussed = append(discussed, c.Article)
		}
	}
	cards, err := s.Articles.Readable(ctx, append(append(append([]string(nil), most...), trending...), discussed...)...)
	if err != nil || len(cards) == 0 {
		return nil, nil, err
	}
	r = new(ranked)
	for _, list := range []struct {
		into *[]card
		ids  []string
	}{{&r.Most, most}, {&r.Trending, trending}, {&r.Discussed, discussed}} {
		if with, err = s.rank(ctx, list.into, list.ids, cards, with); err != nil {
			return nil, nil, err
		}
	}
	if len(with) == 0 {
		return nil, nil, nil
	}
	return r, with, nil
}

// rank fills one list. What is paid for is in none: that it is read is no news.
func (s *Site) rank(ctx context.Context, into *[]card, ids []string, cards map[string]article.Card, with []article.Card) ([]article.Card, error) {
	var list []article.Card
	for _, id := range ids {
		if c, ok := cards[id]; ok && !c.Paid() && len(list) < perRank {
			list = append(list, c)
		}
	}
	if len(list) < leastRanks {
		return with, nil
	}
	counted, err := s.counts(ctx, list)
	if err != nil {
		return nil, err
	}
	formats, err := s.formats(ctx, list)
	if err != nil {
		return nil, err
	}
	*into = lister{s, s.Now(), nil, counted, formats}.cards(list)
	return append(with, list...), nil
}

// showMostRead is the feed of what was read most in a day.
func (s *Site) showMostRead(ctx context.Context, _ page.Query) (*page.Body, error) {
	ch := s.channel("/", "/most-read/feed")
	ch.Title, ch.Description = s.lang.Say("title", s.lang.Say("ranks.most"), s.Paper.Name), s.lang.Say("ranks.most.about", s.Paper.Name)
	ids := []string{} // none are not all
	for _, c := range s.Ranks.MostRead(audience.Day, "") {
		ids = append(ids, c.Article)
	}
	b, err := s.feed(ctx, ch, article.Filter{Among: ids})
	if err != nil {
		return nil, err
	}
	return b.Tagged(audience.Tag("")), nil
}

// Reranked says that readers would see other lists than before: pages that show them are
// rendered again in a while. Nothing is purged, however much is read.
func (s *Site) Reranked(tags []string) { s.Cache.Age(tags...) }
