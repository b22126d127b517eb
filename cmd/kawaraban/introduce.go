package main

import (
	"context"
	"fmt"
	"path"
	"strings"

	papers "kawaraban/internal/paper"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// introduce gives a paper of the demo its sections, its name and its looks, once: they
// are changed in the newsroom from then on. The database may have been another paper's.
func (p *paper) introduce(ctx context.Context, id papers.Identity) error {
	v, err := p.papers.Identity(ctx)
	if err != nil || v.Number > 0 {
		return err
	}
	sections, err := p.settings.sections()
	if err != nil {
		return err
	}
	if err := p.articles.SetSections(ctx, sections); err != nil {
		return err
	}
	id.Language, id.Zone = p.papers.Operator.Language, p.papers.Operator.Zone
	for part := range p.papers.Fixed {
		*part.Of(&id) = *part.Of(&p.papers.Operator)
	}
	if err := p.papers.SetIdentity(ctx, "", 0, id); err != nil {
		return err
	}
	return p.learn(ctx)
}

// demoPages are the pages about the demo paper, in order; each is a file of demo/pages.
var demoPages = []string{papers.About, papers.Ethics, papers.ContactUs}

// about gives the demo paper the pages about it, once.
func (r *demoRun) about(ctx context.Context) error {
	publisher, err := r.actor(ctx, reader.Publisher)
	if err != nil {
		return err
	}
	there, err := r.papers.Titles(ctx, true)
	if err != nil {
		return err
	}
	had := map[string]bool{}
	for _, t := range there {
		had[t.Slug] = true
	}
	if len(there) >= len(demoPages) {
		return nil // it was done, and perhaps changed since
	}
	for _, slug := range demoPages {
		if had[slug] {
			continue
		}
		text, err := demoFiles.ReadFile(path.Join("demo/pages", slug+".txt"))
		if err != nil {
			return err
		}
		title, source, _ := strings.Cut(string(text), "\n\n")
		body, err := richtext.FromSource(source)
		if err != nil {
			return fmt.Errorf("the demo's page %s: %w", slug, err)
		}
		if _, err := r.papers.Save(ctx, publisher.Reader.ID, papers.Page{Slug: slug, Title: title, Body: body, Shown: true}); err != nil {
			return fmt.Errorf("the demo's page %s: %w", slug, err)
		}
	}
	return nil
}
