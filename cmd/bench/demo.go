package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// measureDemo starts the demo on an empty folder, and again on a full one. The
// other steps use the folder it leaves.
func (b *bench) measureDemo(ctx context.Context) error {
	p, first, err := b.demo(ctx)
	if err != nil {
		return err
	}
	err = p.settle(ctx) // it draws pictures; later starts have none to draw
	p.end()
	if err != nil {
		return err
	}
	var later []time.Duration
	for range 3 {
		p, took, err := b.demo(ctx)
		if err != nil {
			return err
		}
		p.end()
		later = append(later, took)
	}
	b.atMost("demo, first start", first.Seconds(), 10, " s", "three papers with stories and pictures, until the addresses are printed")
	b.atMost("demo, later start", median(later).Seconds(), 1, " s", "median of 3")
	return nil
}

// measureStart starts the paper a few times, as after an update.
func (b *bench) measureStart(ctx context.Context) error {
	var starts []time.Duration
	for i := range 6 {
		p, took, err := b.serve(ctx, "")
		if err != nil {
			return err
		}
		p.end()
		if i > 0 {
			starts = append(starts, took)
		}
	}
	b.atMost("start to first page", milliseconds(median(starts)), 100, " ms",
		fmt.Sprintf("from exec to the whole front page, on the demo's data; median of %d, slowest %.0f ms", len(starts), milliseconds(slices.Max(starts))))
	return nil
}

// measureMemory is about the process with nothing to do, and after some readers.
func (b *bench) measureMemory(ctx context.Context) error {
	p, _, err := b.serve(ctx, "")
	if err != nil {
		return err
	}
	defer p.end()
	if err := pause(ctx, 5*time.Second); err != nil {
		return err
	}
	idle, err := p.memory()
	if err != nil {
		return err
	}
	pages, err := p.articles(ctx)
	if err != nil {
		return err
	}
	for i := range 1000 {
		if _, err := get(ctx, pages[i%len(pages)], "gzip"); err != nil {
			return err
		}
	}
	read, err := p.memory()
	if err != nil {
		return err
	}
	b.atMost("memory, idle", idle, 50, " MB", "VmRSS of serve on the demo's data, 5 s after its first page")
	b.atMost("memory, after 1,000 pages", read, 50, " MB", fmt.Sprintf("VmRSS after %d different articles were read, 1,000 times together", len(pages)))
	return nil
}

// measureWeight weighs what a phone loads before it can show the longest
// article.
func (b *bench) measureWeight(ctx context.Context) error {
	p, _, err := b.serve(ctx, "")
	if err != nil {
		return err
	}
	defer p.end()
	pages, err := p.articles(ctx)
	if err != nil {
		return err
	}
	longest, err := get(ctx, pages[len(pages)-1], "")
	if err != nil {
		return err
	}
	css := stylesheet.FindSubmatch(longest.content)
	if css == nil {
		return errors.New("the article names no style sheet")
	}
	for _, coding := range []string{"br", "gzip"} {
		page, err := getIn(ctx, pages[len(pages)-1], coding)
		if err != nil {
			return err
		}
		style, err := get(ctx, p.url+string(css[1]), coding)
		if err != nil {
			return err
		}
		b.atMost("article page, "+coding, float64(len(page.content)+len(style.content))/1000, 30, " KB",
			fmt.Sprintf("the demo's longest: HTML %d bytes (%d plain), CSS %d", len(page.content), len(longest.content), len(style.content)))
	}
	return nil
}

// getIn asks for a page until it comes in a coding: the paper makes the brotli
// spelling of a new page in the background.
func getIn(ctx context.Context, address, coding string) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		a, err := get(ctx, address, coding)
		if err != nil || a.header.Get("Content-Encoding") == coding {
			return a, err
		}
		if err := pause(ctx, time.Millisecond); err != nil {
			return nil, fmt.Errorf("%s is not sent as %s: %w", address, coding, err)
		}
	}
}

var (
	stylesheet = regexp.MustCompile(`href="(/assets/[^"]+\.css)"`)
	location   = regexp.MustCompile(`<loc>([^<]+)</loc>`)
	anArticle  = regexp.MustCompile(`/category/[^/]+/[^/]+$`)
)

// articles lists the addresses of the paper's articles by the length of their
// pages, the longest last.
func (p *process) articles(ctx context.Context) (list []string, err error) {
	index, err := get(ctx, p.url+"/sitemap.xml", "")
	if err != nil {
		return nil, err
	}
	length := map[string]int{}
	for _, month := range location.FindAllSubmatch(index.content, -1) {
		sitemap, err := get(ctx, string(month[1]), "")
		if err != nil {
			return nil, err
		}
		for _, loc := range location.FindAllSubmatch(sitemap.content, -1) {
			address := string(loc[1])
			if !anArticle.MatchString(address) {
				continue
			}
			page, err := get(ctx, address, "")
			if err != nil {
				return nil, err
			}
			if length[address] == 0 {
				list = append(list, address)
			}
			length[address] = len(page.content)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("the sitemap names no article")
	}
	slices.SortStableFunc(list, func(a, b string) int { return length[a] - length[b] })
	return list, nil
}
