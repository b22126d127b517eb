package main

import (
	"context"
	"net/url"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/comment"
	"kawaraban/internal/event"
	"kawaraban/internal/network"
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
}

// knowHosts tells who counts readers which hosts are the paper's own and its sisters'.
func (p *paper) knowHosts(ctx context.Context) error {
	sisters, err := p.network.Sisters(ctx)
	if err != nil {
		return err
	}
	hosts := map[string]audience.Origin{}
	for _, x := range sisters {
		if x.State != network.On {
			continue
		}
		if u, err := url.Parse(x.Address); err == nil {
			hosts[u.Host] = audience.Sister
		}
		for _, host := range x.Hosts { // to which its feed leads
			hosts[host] = audience.Sister
		}
	}
	if base, err := url.Parse(p.settings.base()); err == nil {
		hosts[base.Host] = audience.Here
	}
	p.house.Audience.Know(hosts)
	return nil
}

// count writes down what is read until ctx ends, and has pages follow the lists.
func (p *paper) count(ctx context.Context) {
	p.opens.Run(ctx, p.house.Audience, p.house.Ranks, func(tags []string) { p.face.Load().site.Reranked(tags) }, p.log)
}

// hearSaid lets what is discussed most be listed again, and readers who come from
// another paper be known as a sister's.
func (p *paper) hearSaid(ctx context.Context, e event.Event) error {
	switch e.Kind {
	case network.Changed{}.EventKind():
		return p.knowHosts(ctx)
	case comment.Appeared{}.EventKind(), comment.Changed{}.EventKind():
		p.house.Ranks.Said()
	}
	return nil
}
