package network

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/media"
)

const (
	offered    = 12                  // articles that we offer
	considered = 100                 // of which some come twice, and readers may not have others
	remembered = 14 * 24 * time.Hour // sisters are told so long that something was withdrawn
	wantWidth  = 480                 // of a picture, in pixels: twice what the panel shows
)

// Trend is what we offer to sisters at this moment, signed, and the cards of the
// articles on it: whoever keeps it does so until one of them changes.
func (s *Store) Trend(ctx context.Context) (document []byte, cards []article.Card, err error) {
	now, p := s.Now().UTC(), s.Paper()
	l := List{
		Version: version, Paper: p.Name, Home: p.Base, Language: p.Language, Made: now.Truncate(time.Microsecond), Expires: now.Add(life).Truncate(time.Second),
		Items: []Item{}, Withdrawn: []string{},
	}
	cards, err = s.trending(ctx)
	if err != nil {
		return nil, nil, err
	}
	var pictures []string
	for _, c := range cards {
		pictures = append(pictures, c.Lead.Picture)
	}
	offers, err := s.running(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	lent, err := s.lent(ctx, offers)
	if err != nil {
		return nil, nil, err
	}
	found, err := s.Media.Pictures(ctx, pictures...)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cards {
		l.Items = append(l.Items, Item{
			ID: c.ID, Kind: Article, Category: c.Section.Name, Title: c.Headline, Address: p.Base + c.Path(), Paper: p.Name, Language: c.Language,
			Picture: small(p.Base, found[c.Lead.Picture]), Published: c.Published, Changed: c.Changed,
		})
	}
	for _, o := range offers {
		i := Item{
			ID: o.ID, Kind: o.Kind, Category: o.Category, Title: o.Title, Address: o.absolute(p.Base), Paper: p.Name, Language: p.Language,
			Published: o.Begins, Changed: o.Begins, Until: o.Ends,
		}
		if d := lent[o.Picture]; d.width > 0 {
			i.Picture = &Picture{p.Base + PicturePath(d.id), d.width, d.height}
		}
		l.Items = append(l.Items, i)
	}
	if l.Withdrawn, err = s.Articles.WithdrawnSince(ctx, now.Add(-remembered), maxWithdrawn); err != nil {
		return nil, nil, err
	}
	key, err := s.key(ctx)
	if err != nil {
		return nil, nil, err
	}
	if document, err = sign(l, key); err != nil {
		return nil, nil, fmt.Errorf("sign what is trending: %w", err)
	}
	return document, cards, nil
}

// trending are the articles that we offer: those that most people read, as far as
// readers may have them and their rights let sisters name them.
func (s *Store) trending(ctx context.Context) (list []article.Card, err error) {
	ids, err := s.Trending(ctx, considered)
	if err != nil {
		return nil, fmt.Errorf("ask what is trending: %w", err)
	}
	readable, err := s.Articles.Readable(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if c, ok := readable[id]; ok && maySisters(c) && len(list) < offered {
			list = append(list, c)
			delete(readable, id) // once
		}
	}
	return list, nil
}

// maySisters reports whether an article's rights let sister papers name it. Agencies
// have no right of their own for that: what may leave in no feed may not leave here, and
// what is paid for leaves in none.
func maySisters(c article.Card) bool { return c.Feed != article.FeedNone && !c.Paid() }

// small is an article's picture for sisters, who draw it again; nil where there is none.
func small(base string, p *media.Picture) *Picture {
	if p == nil || p.Ended {
		return nil
	}
	f := narrow(p)
	if f == nil {
		return nil
	}
	return &Picture{Address: base + "/media/" + f.Key, Width: f.Width, Height: f.Height}
}

// narrow is the narrowest rendition that is wide enough for a panel.
func narrow(p *media.Picture) (best *media.File) {
	for i, f := range p.Renditions {
		if f.Format != media.JPEG {
			continue
		}
		if best = &p.Renditions[i]; f.Width >= wantWidth {
			break
		}
	}
	return best
}

// lent is the picture of an offer, while we may show it.
func (s *Store) lent(ctx context.Context, offers []OwnOffer) (map[string]drawn, error) {
	if len(offers) == 0 {
		return nil, nil
	}
	have, err := s.pictures(ctx, "")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, o := range offers {
		if o.Picture != "" {
			ids = append(ids, o.Picture)
		}
	}
	found, err := s.Media.Pictures(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for id := range have {
		if p := found[id]; p == nil || p.Ended {
			delete(have, id)
		}
	}
	return have, nil
}
