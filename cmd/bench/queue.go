package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
)

// fillThread puts n comments straight into the table, of which each tops-th is
// on the article and the others are below it.
func (p *paper) fillThread(ctx context.Context, article string, n, below int, state string) error {
	return p.db.Tx(ctx, func(tx *db.Tx) error {
		shown := "1"
		if state == "held" {
			shown = "0"
		}
		_, err := tx.Exec(ctx, `insert into thread (article, state, slow, seats, visible, voted) values ($1, '', 0, $2, $3, 0)
			on conflict (article) do update set seats = excluded.seats, visible = excluded.visible`, article, n/(below+1), n)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf(`insert into comment (id, article, top, parent, answered, author, body, hash, state, held_for, flagged, shown, seat, seats, replies,
				up, down, heavy_up, heavy_down, rank, reports, version, edited, marked, created)
			with recursive count(n) as (select 0 union all select n + 1 from count where n + 1 < cast($2 as bigint))
			select $1 || '-' || n, $1,
				case when n %% $3 = 0 then '' else $1 || '-' || (n - n %% $3) end,
				case when n %% $3 = 0 then '' else $1 || '-' || (n - n %% $3) end,
				case when n %% $3 = 0 then '' else 'reader-1' end,
				'reader-' || (n %% 200),
				'The crane stood still again, and nobody on the quay could say whose turn it was to climb up. The %s of this morning is the number ' || n || '.',
				'h' || n, '%s', '', false, %s * $4, %s * (case when n %% $3 = 0 then n / $3 + 1 else n %% $3 end),
				case when n %% $3 = 0 then $3 - 1 else 0 end, case when n %% $3 = 0 then $3 - 1 else 0 end,
				n %% 7, n %% 3, (n %% 7) * 1000, (n %% 3) * 1000, n %% 1000, 0, 1, 0, false, $4 + n
			from count`, "remark", state, shown, shown), article, n, below+1, time.Now().Add(-time.Hour).UnixMicro())
		return err
	})
}

// measureThreadPages renders articles whose threads are long, with nothing in
// the cache.
func (b *bench) measureThreadPages(ctx context.Context) error {
	c, err := b.gather(ctx, filepath.Join(b.dir, "pages"), 200, 3)
	if err != nil {
		return err
	}
	p, err := openPaper(ctx, c.folder, sections)
	if err != nil {
		return err
	}
	defer p.close()
	sizes := []int{500, 10_000}
	for i, n := range sizes {
		if err := p.fillThread(ctx, c.articles[i], n, 4, "visible"); err != nil {
			return err
		}
	}
	times := make([][]time.Duration, len(sizes))
	const rounds = 60
	for round := range rounds + 5 {
		for i := range sizes {
			took, err := p.afterPurge(ctx, fmt.Sprint(p.url, "/category/city/thread-", i), 1)
			if err != nil {
				return err
			}
			if round >= 5 {
				times[i] = append(times[i], took...)
			}
		}
	}
	for i, n := range sizes {
		b.atMost(fmt.Sprintf("article with %d comments, cold, p50", n), milliseconds(median(times[i])), 5, " ms",
			fmt.Sprintf("first page, 50 comments with 3 of 4 replies each, from purge to the last byte with gzip, as the reader has it; %d times, p95 %.1f ms", rounds, milliseconds(quantile(times[i], 0.95))))
	}
	return b.measureVoteStorm(ctx, p, c)
}

// measureVoteStorm is SECURITY F19: votes as fast as the store takes them, while
// the page is in the cache.
func (b *bench) measureVoteStorm(ctx context.Context, p *paper, c crowd) error {
	bus := &event.Bus{DB: p.db, Log: p.site.Log}
	bus.Listen(p.site.Hear)
	work, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	workers.Go(func() { bus.Run(work) })
	at := p.url + "/category/city/thread-0"
	if _, err := get(ctx, at, ""); err != nil {
		return err
	}
	before, began := p.cache.Stats().Purges, time.Now()
	var votes atomic.Int64
	var failed atomic.Value
	var all sync.WaitGroup
	for g := range 128 {
		all.Go(func() {
			for n := 0; time.Since(began) < b.seconds; n++ {
				way := comment.Up
				if n%2 == 1 {
					way = comment.Withdraw
				}
				_, err := p.comments.Vote(ctx, comment.Ballot{
					About:   comment.About{Article: c.articles[0], Section: "city", Published: began},
					Comment: fmt.Sprintf("%s-%d", c.articles[0], (n+g*7)%500), Voter: fmt.Sprint("reader-", (g+n*11)%200), Way: way, Joined: began.AddDate(-1, 0, 0),
				})
				if err == nil {
					votes.Add(1)
					p.cache.Age(comment.Tag(c.articles[0]))
				} else if ctx.Err() != nil {
					failed.Store(err)
					return
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	stop()
	workers.Wait()
	purges := p.cache.Stats().Purges - before
	b.atMost("page purges by votes", float64(purges), 0, "", fmt.Sprintf("%.0f votes a second for %s, each through its transaction", float64(votes.Load())/took.Seconds(), b.seconds))
	return nil
}

// measureQueue holds the pages of a short queue against those of a long one.
func (b *bench) measureQueue(ctx context.Context) error {
	sizes := []int{10, 1_000_000}
	var papers []*paper
	for _, n := range sizes {
		c, err := b.gather(ctx, filepath.Join(b.dir, fmt.Sprint("queue-", n)), 200, 1)
		if err != nil {
			return err
		}
		p, err := openPaper(ctx, c.folder, sections)
		if err != nil {
			return err
		}
		defer p.close()
		if err := p.fillThread(ctx, c.articles[0], n, 0, "held"); err != nil {
			return err
		}
		papers = append(papers, p)
	}
	// The pages of both have as many items: what differs is what lies behind.
	times := make([][]time.Duration, len(sizes))
	for range 200 {
		for i, p := range papers {
			began := time.Now()
			items, _, err := p.comments.Queue(ctx, comment.QueueHeld, "")
			if err != nil {
				return err
			}
			if _, err := p.comments.QueueSizes(ctx); err != nil {
				return err
			}
			took := time.Since(began)
			times[i] = append(times[i], took/time.Duration(len(items)))
		}
	}
	short, long := median(times[0]), median(times[1])
	b.atMost("queue of 1,000,000 to one of 10", float64(long)/float64(short), 1.2, "×",
		fmt.Sprintf("%.0f µs and %.0f µs for each item of the first page, with the sizes of all queues; medians of 200 in turn", float64(long.Nanoseconds())/1000, float64(short.Nanoseconds())/1000))
	return nil
}
