package main

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/live"
	"kawaraban/internal/search"
)

// searching puts together what finds articles and comments.
func (p *paper) searching() {
	p.search = &search.Store{
		DB: p.db, Articles: p.articles, Jobs: p.jobs, Now: time.Now, Log: p.log,
		Thread: func(ctx context.Context, article, after string, limit int) ([]search.Said, error) {
			list, err := p.comments.Readable(ctx, article, after, limit)
			return saidAll(list), err
		},
		Comments: func(ctx context.Context, ids ...string) (map[string]search.Said, error) {
			list, err := p.comments.ReadableOf(ctx, ids...)
			found := make(map[string]search.Said, len(list))
			for _, c := range saidAll(list) {
				found[c.ID] = c
			}
			return found, err
		},
		Entries: p.entries,
	}
	p.search.Sent = func(ctx context.Context, after int64, limit int) ([]search.Sent, error) {
		list, err := p.wire.Listed(ctx, after, limit)
		found := make([]search.Sent, len(list))
		for i, l := range list {
			found[i] = search.Sent(l)
		}
		return found, err
	}
	p.wire.Index, p.wire.Find = p.search.PutSent, p.search.FindSent
	p.search.Work()
	p.house.Search = p.search
}

// saidAll are comments as search knows them.
func saidAll(list []comment.Comment) []search.Said {
	all := make([]search.Said, len(list))
	for i, c := range list {
		all[i] = search.Said{ID: c.ID, Article: c.Article, Author: c.Author, Body: c.Body, Version: c.Version, Shown: c.Shown}
	}
	return all
}

// entries are the parts of a live report as search knows them: what we know so far, and
// the newest entries.
func (p *paper) entries(ctx context.Context, q db.Querier, article string, limit int) ([]search.Entry, error) {
	r, err := p.live.ReportIn(ctx, q, article)
	if err != nil {
		return nil, err
	}
	list, err := p.live.Newest(ctx, q, article, limit)
	if err != nil {
		return nil, err
	}
	parts := []search.Entry{{Text: r.Summary.Text()}}
	for _, e := range list {
		parts = append(parts, search.Entry{ID: e.ID, At: e.At, Headline: e.Headline, Text: e.Body.Text() + "\n" + e.Correction})
	}
	return parts, nil
}

// hearSearched has the search index follow what has happened.
func (p *paper) hearSearched(ctx context.Context, e event.Event) error {
	return p.search.Hear(ctx, e, live.Changed{}.EventKind(), comment.Appeared{}.EventKind(), comment.Changed{}.EventKind())
}

type searchCommands struct {
	Rebuild searchRebuild `cmd:"" help:"Build the search index anew, also while the paper is served."`
}

type searchRebuild struct{}

// indexedEvery is after how many articles a run says how far it is.
const indexedEvery = 1000

// Run builds the index anew. Readers have the old one meanwhile.
func (searchRebuild) Run(ctx context.Context, p *process) error {
	paper, err := openPaper(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	told, began := 0, time.Now()
	there, err := paper.search.Rebuild(ctx, func(seen int) {
		if seen >= told+indexedEvery {
			told = seen
			fmt.Fprintf(p.stderr, "%d articles …\n", seen)
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%d articles can be searched; it took %s.\n", there, time.Since(began).Round(100*time.Millisecond))
	return nil
}
