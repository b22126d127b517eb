package main

import (
	"context"
	"net/url"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/comment"
	"kawaraban/internal/event"
)

// counting puts together what counts readers.
func (p *paper) counting() {
	p.opens = &audience.Store{
		DB: p.db, Now: time.Now,
		Discussed: func(ctx context.Context, since time.Time, limit int) (list []audience.Count, err error) {
			said, err := p.comments.MostSaid(ctx, since, limit)
			for _, t := range said {
				list = append(list, audience.Count{Article: t.Article, Readers: t.Comments})
			}
			return list, err
		},
	}
	p.house.Audience, p.house.Ranks = audience.NewNow(time.Now), new(audience.Ranks)
	if base, err := url.Parse(p.settings.base()); err == nil {
		p.house.Audience.Hosts = map[string]audience.Origin{base.Host: audience.Here}
	}
}

// count writes down what is read until ctx ends, and has pages follow the lists.
func (p *paper) count(ctx context.Context) {
	p.opens.Run(ctx, p.house.Audience, p.house.Ranks, func(tags []string) { p.face.Load().site.Reranked(tags) }, p.log)
}

// hearSaid lets what is discussed most be listed again.
func (p *paper) hearSaid(_ context.Context, e event.Event) error {
	switch e.Kind {
	case comment.Appeared{}.EventKind(), comment.Changed{}.EventKind():
		p.house.Ranks.Said()
	}
	return nil
}
