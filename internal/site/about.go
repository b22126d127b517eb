package site

import (
	"context"
	"html/template"

	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

// aboutPage is what about.html shows: a page about the paper.
type aboutPage struct {
	chrome
	Body    template.HTML
	Changed string // when, for people and for machines
	At      string
	Write   string // the newsroom's mail address, on the page that says how to reach it
}

// pagesTag is that of the addresses at which there is no page about the paper, or
// not any more.
const pagesTag = "pages"

func (s *Site) aboutRoutes(rt *page.Router) {
	rt.Public("GET /about", func(ctx context.Context, _ page.Query) (*page.Body, error) {
		return s.showPage(ctx, paper.About, "/about")
	})
	rt.Public("GET /about/{slug}", func(ctx context.Context, q page.Query) (*page.Body, error) {
		return s.showPage(ctx, q.Path("slug"), "/about/"+q.Path("slug"))
	})
}

func (s *Site) showPage(ctx context.Context, slug, asked string) (*page.Body, error) {
	found, err := s.Papers.Find(ctx, slug)
	if problem.Is(err, problem.NotFound) {
		return nil, &problem.Problem{Kind: problem.NotFound}
	}
	if err != nil {
		return nil, err
	}
	if found.Path() != asked {
		return page.Moved(found.Path()), nil
	}
	p := aboutPage{chrome: s.chrome("member-page"), Body: pageHTML(found.Body), Changed: s.lang.Day(found.Changed), At: s.lang.Machine(found.Changed)}
	p.Title, p.Description = found.Title, found.Body.FirstSentence(160)
	p.Canonical = s.Paper.URL(found.Path())
	if found.Slug == paper.ContactUs {
		p.Write = s.Paper.Contact
	}
	p.Share = &share{Type: "website", Title: found.Title, Card: "summary", Image: s.mark(), Width: markSize, Height: markSize}
	p.Data = s.pageData(found, p.Description)
	return s.dated(s.views.about.With(p)).Tagged(paper.PageTag(found.ID), pagesTag), nil
}

// pageHTML is the text of a page about the paper, which has no pictures.
func pageHTML(d richtext.Doc) template.HTML { return d.Web(nil) }

// pageKinds are the vocabulary's words for what pages about a paper are.
var pageKinds = map[string]string{paper.About: "AboutPage", paper.ContactUs: "ContactPage"}

// pageData is a page about the paper for machines.
func (s *Site) pageData(p paper.Page, description string) *data {
	kind := pageKinds[p.Slug]
	if kind == "" {
		kind = "WebPage"
	}
	at := s.Paper.URL(p.Path())
	return &data{Context: schema, Graph: []node{{
		Type: kind, ID: at + "#page", URL: at, Name: p.Title, Description: description,
		Modified: s.lang.Machine(p.Changed), Language: s.lang.Tag.String(), Publisher: s.publisher(),
	}}}
}

// policies says where the paper tells by which rules it works.
func (s *Site) policies(n *node) {
	for _, p := range s.Paper.Pages {
		at := s.Paper.URL(p.Path())
		switch p.Slug {
		case paper.Ethics:
			n.Ethics, n.Principles = at, at
		case paper.Correcting:
			n.Correcting = at
		}
	}
	n.Email = s.Paper.Contact
}

// houseRules is what stands above the rules of the threads, "" for nothing.
func (s *Site) houseRules(ctx context.Context) (title string, body template.HTML, err error) {
	p, err := s.Papers.Find(ctx, paper.HouseRules)
	if problem.Is(err, problem.NotFound) || err == nil && p.Slug != paper.HouseRules {
		return "", "", nil
	}
	return p.Title, pageHTML(p.Body), err
}
