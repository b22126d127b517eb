package main

import (
	"context"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/event"
	"kawaraban/internal/follow"
	"kawaraban/internal/site"
)

// following puts together what tells readers of what they follow.
func (p *paper) following() {
	p.follows = &follow.Store{
		DB: p.db, Articles: p.articles, Jobs: p.jobs, Now: time.Now, MayWrite: p.letters.MayWrite,
		Comments: func(ctx context.Context, article string, from, to time.Time) (list []follow.Said, err error) {
			said, err := p.comments.Said(ctx, article, from, to)
			for _, c := range said {
				list = append(list, follow.Said(c))
			}
			return list, err
		},
	}
	p.follows.Work()
	p.house.Follows = p.follows
	sends(p, follow.LetterJob, (*site.Site).SendFollowed)
}

// hearFollowed tells followers what has happened.
func (p *paper) hearFollowed(ctx context.Context, e event.Event) error {
	return p.follows.Hear(ctx, e, comment.Appeared{}.EventKind())
}
