package main

import (
	"context"

	"kawaraban/internal/desk"
	"kawaraban/internal/newsroom"
	"kawaraban/internal/page"
	"kawaraban/internal/site"
)

// recalls puts together what the newsroom does about what an agency has recalled.
func (p *paper) recalls() {
	p.desk.Recalls = func(ctx context.Context, story int64) (desk.Recalled, error) {
		said, err := p.wire.SaidOf(ctx, story)
		return desk.Recalled(said), err
	}
	p.wire.Recalled = p.desk.Derive
	p.desk.Work()
	sends(p, desk.RecallLetterJob, (*site.Site).SendRecallReport)
}

// copies is what the newsroom is told of copies of an article by subjects that it does not
// know.
func (p *paper) copies() newsroom.Elsewhere {
	return newsroom.Elsewhere{
		Told: p.follows.ToldOf, Indexed: p.search.Has,
		Pages: page.SharedLife, Pictures: site.PictureShared, Browsers: site.PictureLife,
	}
}
