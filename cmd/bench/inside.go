package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/job"
	"kawaraban/internal/live"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	papers "kawaraban/internal/paper"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/search"
	"kawaraban/internal/secret"
	"kawaraban/internal/site"
)

// A paper is one inside this process, so that its cache can be purged. It
// serves by HTTP like any other.
type paper struct {
	db       *db.DB
	articles *article.Store
	comments *comment.Store
	site     *site.Site
	cache    *page.Cache
	server   *http.Server
	url      string
}

// openPaper opens the paper in a data folder, which may be empty.
func openPaper(ctx context.Context, folder string, sections []article.Section) (p *paper, err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d, err := db.Open(ctx, db.Settings{URL: filepath.Join(folder, "kawaraban.db")})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if _, err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := job.Migrate(ctx, d); err != nil {
		return nil, err
	}
	blobs, err := blob.OpenFolder(filepath.Join(folder, "blobs"))
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	jobs := job.New(d, log)
	p = &paper{db: d, cache: page.NewCache(48<<20, time.Now), url: "http://" + l.Addr().String()}
	p.articles = &article.Store{DB: d, Jobs: jobs, Now: time.Now, ID: db.NewID}
	keys := secret.NewKeyring()
	told := &audit.Log{DB: d, Keys: keys, Now: time.Now, Witness: filepath.Join(folder, "audit.head")}
	p.comments = &comment.Store{DB: d, Keys: keys, Jobs: jobs, Audit: told, Now: time.Now, ID: db.NewID}
	if sections == nil {
		sections, err = p.articles.Sections(ctx)
	} else {
		err = p.articles.SetSections(ctx, sections)
	}
	if err != nil {
		return nil, err
	}
	p.site = &site.Site{
		Paper:    site.Paper{Name: "The Bench", Language: "en", Zone: time.UTC, BaseURL: p.url, Sections: sections},
		Articles: p.articles, Comments: p.comments,
		Live:    &live.Store{DB: d, Now: time.Now, ID: db.NewID},
		Papers:  &papers.Store{DB: d, Audit: told, Now: time.Now, ID: db.NewID},
		Readers: &reader.Store{DB: d, Keys: keys, Jobs: jobs, Audit: told, Blobs: blobs, Now: time.Now, ID: db.NewID},
		Media:   &media.Store{DB: d, Blobs: blobs, Jobs: jobs, Now: time.Now, ID: db.NewID, Log: log},
		Polls:   &poll.Store{DB: d, Now: time.Now, ID: db.NewID},
		Cache:   p.cache, Now: time.Now, Log: log,
	}
	p.site.Search = &search.Store{DB: d, Articles: p.articles, Jobs: jobs, Now: time.Now, Log: log}
	p.site.Search.Work()
	p.site.Desk = &desk.Store{
		DB: d, Articles: p.articles, Readers: p.site.Readers, Media: p.site.Media, Live: p.site.Live, Polls: p.site.Polls,
		Jobs: jobs, Audit: told, Keys: keys, Now: time.Now, ID: db.NewID,
	}
	job.Handle(jobs, article.DueKind, p.articles.ComeDue)
	job.Handle(jobs, comment.NoticeJob, p.site.SendNotice)
	p.comments.Work()
	handler, err := p.site.Handler()
	if err != nil {
		return nil, err
	}
	p.server = &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	go p.server.Serve(l)
	return p, nil
}

func (p *paper) close() {
	p.server.Close()
	p.db.Close()
}

// afterPurge purges everything n times and takes the time from then until a
// reader has the whole page.
func (p *paper) afterPurge(ctx context.Context, address string, n int) (times []time.Duration, err error) {
	for range n {
		began := time.Now()
		p.cache.PurgeAll()
		if _, err := get(ctx, address, "gzip"); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

// measurePurge is about the reader who comes right after a change.
func (b *bench) measurePurge(ctx context.Context) error {
	p, err := openPaper(ctx, b.data, nil)
	if err != nil {
		return err
	}
	defer p.close()
	list, err := (&process{url: p.url}).articles(ctx)
	if err != nil {
		return err
	}
	const n = 50
	for _, test := range []struct{ name, address string }{
		{"article after a purge", list[len(list)-1]},
		{"front page after a purge", p.url + "/"},
	} {
		if _, err := p.afterPurge(ctx, test.address, 5); err != nil { // warms up
			return err
		}
		times, err := p.afterPurge(ctx, test.address, n)
		if err != nil {
			return err
		}
		how := fmt.Sprintf("from purge to the last byte: query, template and gzip, while the brotli of the page before is made beside it; %d times on the demo's data", n)
		b.atMost(test.name+", p50", milliseconds(median(times)), 10, " ms", how)
		b.atMost(test.name+", p95", milliseconds(quantile(times, 0.95)), 10, " ms", how)
	}
	return nil
}

// sections of the papers that measureFront makes.
var sections = []article.Section{
	{Slug: "city", Name: "City"},
	{Slug: "world", Name: "World"},
	{Slug: "business", Name: "Business"},
	{Slug: "culture", Name: "Culture"},
	{Slug: "sport", Name: "Sport"},
	{Slug: "opinion", Name: "Opinion"},
}

// measureFront holds the front page of a young paper against that of an old one.
func (b *bench) measureFront(ctx context.Context) error {
	sizes := []int{100, b.articles}
	papers, times := make([]*paper, len(sizes)), make([][]time.Duration, len(sizes))
	for i, n := range sizes {
		p, err := openPaper(ctx, filepath.Join(b.dir, fmt.Sprint("paper-", n)), sections)
		if err != nil {
			return err
		}
		defer p.close()
		began := time.Now()
		if err := p.fill(ctx, n); err != nil {
			return err
		}
		if i > 0 {
			b.tell(fmt.Sprintf("%d articles written", n), number(float64(n)/time.Since(began).Seconds())+" /s", "created and published, with revision and event, 500 in a transaction")
		}
		papers[i] = p
	}
	const rounds, each = 20, 5
	for round := range rounds + 2 {
		for i, p := range papers {
			took, err := p.afterPurge(ctx, p.url+"/", each)
			if err != nil {
				return err
			}
			if round > 1 { // the first two warm up
				times[i] = append(times[i], took...)
			}
		}
	}
	young, old := median(times[0]), median(times[1])
	b.atMost(fmt.Sprintf("front page, %d articles to 100", b.articles), float64(old)/float64(young), 1.2, "×",
		fmt.Sprintf("%.2f ms and %.2f ms from purge to the last byte, medians of %d in turn", milliseconds(old), milliseconds(young), rounds*each))
	return nil
}

// fill writes n articles.
func (p *paper) fill(ctx context.Context, n int) error {
	body := richtext.FromHTML(strings.Repeat("<p>The harbour of Kawara Bay is to have a second crane, the council decided. "+
		"Fishermen had asked for one since the old one stood still for a winter.</p>", 8), "")
	return publish(ctx, p.articles, n, func(i int) article.New {
		return article.New{
			Class:   article.Class{Language: "en", Weight: i % 5},
			Content: article.Content{Headline: fmt.Sprintf("The council decides, for the %dth time", i), Standfirst: "A second crane.", Bylines: []string{"Ada Kern"}, Body: body},
		}
	})
}

// publish writes n articles, one for each of the last n quarters of an hour, in all
// sections, 500 in a transaction.
func publish(ctx context.Context, s *article.Store, n int, story func(i int) article.New) error {
	const batch = 500
	now := time.Now()
	for first := 0; first < n; first += batch {
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			for i := first; i < min(n, first+batch); i++ {
				at := now.Add(-time.Duration(n-i) * 15 * time.Minute)
				then := *s
				then.Now = func() time.Time { return at }
				new := story(i)
				new.Section, new.Slug, new.By = sections[i%len(sections)].Slug, fmt.Sprint("story-", i), "bench"
				id, err := then.Create(ctx, tx, new)
				if err != nil {
					return err
				}
				if err := then.Publish(ctx, tx, id, at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// measureAllocations counts what a page from the cache costs the collector.
func (b *bench) measureAllocations(context.Context) error {
	rt := &page.Router{
		Cache: page.NewCache(1<<20, time.Now), Log: slog.New(slog.DiscardHandler),
		Problem: func(*problem.Problem, string) (*page.Body, error) { return page.Text("", nil), nil },
	}
	if err := rt.Start(); err != nil {
		return err
	}
	rt.Public("GET /story", func(context.Context, page.Query) (*page.Body, error) {
		return page.Text("", []byte(strings.Repeat("news ", 5000))).Tagged("article:1"), nil
	})
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/story"}, Header: http.Header{"Accept-Encoding": {"gzip, deflate, br"}}}
	w := &sink{http.Header{}}
	hit := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		rt.ServeHTTP(w, r)
	})
	if rt.Cache.Stats().Hits < 1000 {
		return errors.New("the page did not come from the cache")
	}
	headers := w.header.Clone()
	bare := testing.AllocsPerRun(1000, func() {
		clear(w.header)
		for name, values := range headers {
			w.header.Set(name, values[0])
		}
		w.Write(nil)
	})
	b.atMost("allocations of a hit", hit, 5, "", fmt.Sprintf("through Router.ServeHTTP; a handler that sets the same %d headers makes %.0f", len(headers), bare))
	return nil
}

// A sink is a ResponseWriter that is used again and again.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
