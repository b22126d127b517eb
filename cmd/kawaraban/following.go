package main

import (
	"context"
	"strings"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
	"kawaraban/internal/follow"
	"kawaraban/internal/push"
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
	p.pushes = &push.Store{
		DB: p.db, Keys: p.keys, Now: time.Now, ID: db.NewID, Log: p.log, Contact: p.settings.pushContact(),
		Fetch: fetch.New(fetch.Settings{Agent: "Kawaraban", PerHost: perPushService, AllowHosts: push.Services()}),
	}
	p.house.Follows, p.house.Pushes = p.follows, p.pushes
	sends(p, follow.LetterJob, (*site.Site).SendFollowed)
}

// perPushService is how many messages go to one push service at a time.
const perPushService = 32

// pushContact is how push services reach whoever runs the paper: its address, or
// where that is not of the web, as with a demo, one that nobody reads.
func (s *settings) pushContact() string {
	if base := s.base(); strings.HasPrefix(base, "https:") {
		return base
	}
	return "postmaster@localhost"
}

// hearFollowed tells followers what has happened.
func (p *paper) hearFollowed(ctx context.Context, e event.Event) error {
	return p.follows.Hear(ctx, e, comment.Appeared{}.EventKind())
}
