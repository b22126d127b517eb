package main

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"kawaraban/internal/audience"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/network"
)

// sisters puts together what the paper has to do with other papers.
func (p *paper) sisters() {
	p.network = &network.Store{
		DB: p.db, Articles: p.articles, Media: p.media, Blobs: p.blobs, Jobs: p.jobs, Keys: p.keys, Audit: p.audit,
		Fetch: fetch.New(sisterFetch()), Now: time.Now, ID: db.NewID, Log: p.log,
		Paper: func() network.Paper {
			return network.Paper{Name: p.name(), Language: p.language(), Base: p.settings.base()}
		},
		Trending: p.trending, Arrived: p.arrived,
		Vanished: func() {
			if f := p.face.Load(); f != nil {
				f.site.Cache.Age(network.Tag)
			}
		},
		Recalled: func() {
			if f := p.face.Load(); f != nil {
				f.site.Cache.Purge(network.Tag)
			}
		},
	}
	p.network.Work()
	p.house.Network = p.network
}

func sisterFetch() fetch.Settings {
	return fetch.Settings{Agent: "Kawaraban", Timeout: 8 * time.Second}
}

// trending are the articles that we offer to sisters: what is trending, then what most
// people read in the last day, then what the front page shows. An article may come more
// than once.
func (p *paper) trending(ctx context.Context, limit int) (ids []string, err error) {
	for _, t := range p.house.Ranks.Trending("") {
		ids = append(ids, t.Article)
	}
	for _, c := range p.house.Ranks.MostRead(audience.Day, "") {
		ids = append(ids, c.Article)
	}
	front, err := p.frontStories(ctx)
	ids = append(ids, front...)
	return ids[:min(limit, len(ids))], err
}

// arrived counts the readers who came to articles from sister papers on a day.
func (p *paper) arrived(ctx context.Context, day time.Time, articles ...string) (map[string]int, error) {
	return p.opens.Came(ctx, audience.Sister, day, day.AddDate(0, 0, 1), articles...)
}

// neighbours lets the paper of a demo ask those on the other addresses, which are on this
// machine and without https.
func (p *paper) neighbours(listeners []net.Listener) error {
	s := sisterFetch()
	for _, l := range listeners {
		at, err := netip.ParseAddrPort(l.Addr().String())
		if err != nil {
			return err
		}
		s.AllowPorts = append(s.AllowPorts, at.Port())
	}
	s.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	p.network.Fetch, p.network.Local = fetch.New(s), true
	return nil
}

// acquaint makes papers of the demo sisters of one another, once, as their publishers
// would: each asks the other's address, and both compare the key.
func acquaint(ctx context.Context, papers []*demoRun) {
	for _, p := range papers {
		known, err := p.network.Sisters(ctx)
		if err == nil && len(known) == 0 {
			err = p.meet(ctx, papers)
			if p == papers[0] {
				p.offer(ctx)
				p.book(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			p.log.Error("the sister papers of the demo are not acquainted", "error", err)
		}
	}
	// Pictures of a new demo are still being drawn, and wanted at once.
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for range 15 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, p := range papers {
			p.askAgain(ctx)
		}
	}
}

func (r *demoRun) meet(ctx context.Context, papers []*demoRun) error {
	var errs []error
	for _, other := range papers {
		if other == r {
			continue
		}
		key, err := other.network.Key(ctx)
		if err != nil {
			return err
		}
		id, err := r.network.Add(ctx, "", other.settings.base())
		if err == nil {
			err = r.network.Confirm(ctx, "", id, key)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// askAgain fetches the lists of sisters of which something has no picture yet.
func (r *demoRun) askAgain(ctx context.Context) {
	for _, i := range r.network.Panel().Items {
		if i.Picture == "" && i.Sister != "" {
			r.network.FetchNow(ctx, i.Sister)
		}
	}
}

// demoOffer is what the demo paper offers in its panel.
const (
	demoOfferTitle = "The Courier by mail: every weekday at seven, free"
	demoOfferDays  = 60
)

// offer puts an offer into the panel of a new demo.
func (r *demoRun) offer(ctx context.Context) {
	o := network.OwnOffer{Kind: network.Offer, Title: demoOfferTitle, Address: "/newsletter", Category: "Newsletters", Ends: time.Now().AddDate(0, 0, demoOfferDays)}
	if _, err := r.network.AddOffer(ctx, "", o); err != nil && ctx.Err() == nil {
		r.log.Error("the offer of the demo is missing", "error", err)
	}
}
