package main

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/newsroom"
	"kawaraban/internal/page"
	papers "kawaraban/internal/paper"
	"kawaraban/internal/problem"
	"kawaraban/internal/site"
)

// A face is the paper as it is served under one identity. It is never changed:
// another identity gets another face, with a page cache of its own, so that nothing
// which the old one still renders is ever kept for the new one.
type face struct {
	look     look
	site     *site.Site
	newsroom *newsroom.Desk
	handler  http.Handler
}

// A look is what a face is made from.
type look struct {
	Identity papers.Identity
	Sections []article.Section
	Menu     papers.Menu
	Pages    []papers.Title
	Offers   []site.Offer
}

// look reads what the face is to be made from. An identity that the paper cannot be
// served under is no reason not to open.
func (p *paper) look(ctx context.Context) (l look, err error) {
	v, err := p.papers.Identity(ctx)
	if err != nil {
		return l, err
	}
	if l.Identity = v.Identity; p.servable(l.Identity) != nil {
		p.log.Error("the paper cannot be served as the newsroom has set it, and has the identity of its settings",
			"version", v.Number, "error", p.servable(l.Identity))
		l.Identity = p.papers.Operator
	}
	if l.Sections, err = p.articles.Sections(ctx); err != nil {
		return l, err
	}
	menu, err := p.papers.Menu(ctx)
	if err != nil {
		return l, err
	}
	l.Menu = menu.Menu
	if l.Pages, err = p.papers.Titles(ctx, false); err != nil {
		return l, err
	}
	offered, err := p.letters.Offered(ctx)
	for _, o := range offered {
		l.Offers = append(l.Offers, site.Offer{Slug: o.Slug, Name: o.Name, Promise: o.Promise})
	}
	return l, err
}

// renew gives the paper the face that it is to have now, at once and for all who
// come from now on. Open pages that listen are told to come back.
func (p *paper) renew(ctx context.Context) error {
	p.renewing.Lock()
	defer p.renewing.Unlock()
	l, err := p.look(ctx)
	if err != nil {
		return err
	}
	old := p.face.Load()
	if p.stopping || old != nil && reflect.DeepEqual(old.look, l) {
		return nil
	}
	f, err := p.dress(l, old)
	if err != nil {
		return err
	}
	p.known.Store(&l.Identity)
	if p.face.Store(f); old != nil {
		old.site.EndStreams()
	}
	return nil
}

// dress makes a face.
func (p *paper) dress(l look, old *face) (*face, error) {
	s, id := p.settings, l.Identity
	zone, err := time.LoadLocation(id.Zone)
	if err != nil {
		return nil, err
	}
	before := p.house
	if old != nil {
		before = old.site
	}
	f := &face{look: l, site: before.Next(), newsroom: &newsroom.Desk{
		Readers: p.readers, Articles: p.articles, Comments: p.comments, Work: p.desk, Papers: p.papers, Audit: p.audit, Audience: p.house.Audience, Opens: p.opens, Ranks: p.house.Ranks, Simulated: p.simulated, Now: time.Now,
		SectionsFixed: p.sectionsFixed, Renew: p.renew,
	}}
	if f.site.Mail, err = s.mail(id.Name); err != nil {
		return nil, err
	}
	f.site.Letters = p.letters
	f.site.Cache = page.NewCache(int64(s.CacheMB)<<20, time.Now)
	f.site.Also = []func(*page.Router) error{f.newsroom.Routes}
	colours := page.Colours{Accent: id.Accent, AccentDark: id.AccentDark}
	f.site.Paper = site.Paper{
		Name: id.Name, Edition: id.Edition, Notice: id.Notice, Contact: id.Contact,
		Language: id.Language, Zone: zone, BaseURL: s.base(), Hosts: s.hosts(), Sections: l.Sections,
		Menu: l.Menu, Pages: l.Pages, Offers: l.Offers,
		Colours: colours, Publisher: id.Publisher,
		AdsTxt: s.AdsTxt, OwnerDomain: s.OwnerDomain, SecurityContact: s.SecurityContact,
	}
	f.newsroom.Paper = newsroom.Paper{Name: id.Name, Language: id.Language, Zone: zone, Colours: colours, BaseURL: s.base()}
	f.newsroom.Looks, f.newsroom.Proof = looks(f.site), proof(f.site)
	f.newsroom.Newsletters, f.newsroom.Editions = p.letters, f.site.Proofread
	f.newsroom.Copies = p.copies()
	f.newsroom.Wire, f.newsroom.Network, f.newsroom.Promo = p.wire, p.network, p.promo
	f.handler, err = f.site.Handler()
	return f, err
}

// hear changes the face when what it was made from has changed, here or in another
// process, and tells it everything else.
func (p *paper) hear(ctx context.Context, e event.Event) error {
	switch e.Kind {
	case papers.Changed{}.EventKind(), article.SectionsChanged{}.EventKind():
		return errors.Join(p.renew(ctx), p.letters.Rezone(ctx))
	case newsletter.ListChange{}.EventKind():
		if err := p.renew(ctx); err != nil {
			return err
		}
	}
	return p.face.Load().site.Hear(ctx, e)
}

// ServeHTTP answers with the face of this moment.
func (p *paper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.face.Load().handler.ServeHTTP(w, r)
}

// endStreams lets a server stop: no page listens any more, and none begins to.
func (p *paper) endStreams() {
	p.renewing.Lock()
	defer p.renewing.Unlock()
	p.stopping = true
	p.face.Load().site.EndStreams()
}

// sends is a job that sends a letter in the name that the paper has then.
func sends[T any](p *paper, kind string, send func(*site.Site, context.Context, T) error) {
	job.Handle(p.jobs, kind, func(ctx context.Context, what T) error {
		return send(p.face.Load().site, ctx, what)
	})
}

// servable refuses an identity that the paper cannot be served under, at the part
// that is wrong.
func (p *paper) servable(id papers.Identity) error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The paper cannot be served so.", Fields: map[string]string{}}
	zone, err := time.LoadLocation(id.Zone)
	if err != nil || id.Zone == "" {
		bad.Fields[string(papers.Zone)], zone = "This machine knows no such time zone. Choose one of the list.", time.UTC
	}
	if _, err := page.NewLanguage(id.Language, zone); err != nil {
		bad.Fields[string(papers.Language)] = "The interface does not speak this language. Choose one of the list."
	}
	light := page.Colours{Accent: id.Accent, AccentDark: page.Colours{}.Dark()}
	if err := light.Check(); err != nil {
		bad.Fields[string(papers.Accent)] = err.Error()
	} else if err := (page.Colours{Accent: id.Accent, AccentDark: id.AccentDark}).Check(); err != nil {
		bad.Fields[string(papers.AccentDark)] = err.Error()
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// identity is what the settings say of the paper.
func (s *settings) identity() papers.Identity {
	return papers.Identity{
		Name: s.PaperName, Edition: s.Edition, Notice: s.Notice, Publisher: s.Publisher,
		Language: s.Language, Zone: s.Zone, Accent: s.Accent, AccentDark: s.AccentDark,
	}
}

// fixed are the parts of the identity that the operator has given, and where.
func (p *paper) fixed() map[papers.Part]string {
	parts := map[papers.Part]string{}
	for _, part := range papers.Parts() {
		if from := p.origins[string(part)]; from != "" && from != "default" {
			parts[part] = from
		}
	}
	return parts
}
