package main

import (
	"context"

	"kawaraban/internal/article"
	"kawaraban/internal/newsroom"
	"kawaraban/internal/page"
	"kawaraban/internal/site"
)

// looks are the ways to see an article before it is published: the newsroom frames
// what the readers' face renders.
func looks(s *site.Site) []newsroom.Look {
	as := func(look site.Look) func(context.Context, *article.Article, string) (*page.Answer, error) {
		return func(ctx context.Context, a *article.Article, pictures string) (*page.Answer, error) {
			b, err := s.ShowDraft(ctx, a, look, pictures)
			if err != nil {
				return nil, err
			}
			if look == site.LookMail {
				return site.FramedLetter(page.Show(b)), nil
			}
			return site.Framed(page.Show(b)), nil
		}
	}
	return []newsroom.Look{
		{Name: "desktop", Word: "preview.desktop", Show: as(site.LookPage)},
		{Name: "phone", Word: "preview.phone", Show: as(site.LookPage)},
		{Name: "dark", Word: "preview.dark", Show: as(site.LookDark)},
		{Name: "feed", Word: "preview.feed", Show: as(site.LookFeed)},
		{Name: "mail", Word: "preview.mail", Show: as(site.LookMail)},
		{Name: "card", Word: "preview.card", Show: as(site.LookCard)},
	}
}

// proof shows a page as it would be with a layout.
func proof(s *site.Site) newsroom.Proof {
	return func(ctx context.Context, section string, placed article.Layout, dark bool, pictures string) (*page.Answer, error) {
		b, err := s.ShowFront(ctx, section, placed, dark, pictures)
		if err != nil {
			return nil, err
		}
		return site.Framed(page.Show(b)), nil
	}
}
