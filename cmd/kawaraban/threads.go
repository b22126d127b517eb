package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kawaraban/internal/comment"
	"kawaraban/internal/reader"
)

// demoComment is one comment of demo/threads.txt.
type demoComment struct {
	id, author, parent string
	ago                time.Duration
	up, down           int
	body               string
}

// talk fills the threads of the demo paper with what its readers say. A paper
// that has comments is left alone.
func (p *paper) talk(ctx context.Context) error {
	data, err := demoFiles.ReadFile("demo/threads.txt")
	if err != nil {
		return err
	}
	threads, names, err := parseThreads(string(data))
	if err != nil {
		return fmt.Errorf("the demo's threads: %w", err)
	}
	ids := map[string]string{}
	found := make([]string, len(names))
	var joins []func() error
	for i, name := range names {
		joins = append(joins, func() (err error) {
			if found[i], err = p.demoReader(ctx, name); err != nil {
				return fmt.Errorf("the demo's %s: %w", name, err)
			}
			return nil
		})
	}
	if err := together(joins); err != nil {
		return err
	}
	for i, name := range names {
		ids[name] = found[i]
	}
	// All at once: on SQLite they share commits, and the demo opens sooner.
	var tasks []func() error
	for slug, list := range threads {
		tasks = append(tasks, func() error {
			if err := p.talkAbout(ctx, slug, list, names, ids); err != nil {
				return fmt.Errorf("the demo's thread %s: %w", slug, err)
			}
			return nil
		})
	}
	return together(tasks)
}

// together does all tasks at once.
func together(tasks []func() error) error {
	errs := make([]error, len(tasks))
	var all sync.WaitGroup
	for i, do := range tasks {
		all.Go(func() { errs[i] = do() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// demoReader makes an account that nobody logs in to; one that is there, of
// staff or of a start that was cut off, is taken as it is.
func (p *paper) demoReader(ctx context.Context, name string) (id string, err error) {
	first, last, _ := strings.Cut(strings.ToLower(name), " ")
	for _, who := range demoPeople {
		if who.name == name {
			r, err := p.readers.ByEmail(ctx, first+"@courier.example")
			return r.ID, err
		}
	}
	email := first + "." + last + "@readers.example"
	if r, err := p.readers.ByEmail(ctx, email); err == nil {
		return r.ID, nil
	}
	then := *p.readers
	then.Now = func() time.Time { return time.Now().AddDate(0, -3, 0) }
	return then.Add(ctx, reader.New{Email: email, Name: name, Role: reader.Member})
}

func (p *paper) talkAbout(ctx context.Context, slug string, list []demoComment, names []string, ids map[string]string) error {
	id, err := p.articles.BySlug(ctx, slug)
	if err != nil {
		return err
	}
	art, err := p.articles.Known(ctx, id)
	if err != nil {
		return err
	}
	about := comment.About{Article: id, Section: art.Section.Slug, Published: art.Published}
	now := time.Now()
	posted := map[string]string{}
	var votes []func() error
	for _, d := range list {
		said := p.comments.At(now.Add(-d.ago))
		c, err := said.Post(ctx, comment.New{About: about, Author: ids[d.author], Parent: posted[d.parent], Body: d.body, Vetted: true, Key: "demo " + slug + " " + d.id})
		if err != nil {
			return err
		}
		posted[d.id] = c.ID
		voters := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == d.author })
		for i, name := range voters[:min(len(voters), d.up+d.down)] {
			way := comment.Up
			if i >= d.up {
				way = comment.Down
			}
			votes = append(votes, func() error {
				_, err := said.Vote(ctx, comment.Ballot{About: about, Comment: c.ID, Voter: ids[name], Way: way})
				return err
			})
		}
	}
	return together(votes)
}

// parseThreads reads demo/threads.txt: "@ slug" begins a thread, "# id | author
// | hours ago | > answered | +up -down" a comment.
func parseThreads(text string) (threads map[string][]demoComment, names []string, err error) {
	threads = map[string][]demoComment{}
	head, rest, _ := strings.Cut(text, "\n\n")
	for n := range strings.SplitSeq(strings.TrimPrefix(head, "Readers:"), ";") {
		names = append(names, strings.TrimSpace(n))
	}
	slug := ""
	for block := range strings.SplitSeq("\n"+rest, "\n# ") {
		line, body, _ := strings.Cut(block, "\n")
		body, next, _ := strings.Cut(body, "\n@ ")
		if slug != "" {
			d, err := parseDemoComment(line, strings.TrimSpace(body))
			if err != nil {
				return nil, nil, err
			}
			threads[slug] = append(threads[slug], d)
			if !slices.Contains(names, d.author) {
				names = append(names, d.author)
			}
		} else {
			next = strings.TrimPrefix(strings.TrimSpace(block), "@ ")
		}
		if next = strings.TrimSpace(next); next != "" {
			slug = next
		}
	}
	return threads, names, nil
}

func parseDemoComment(line, body string) (d demoComment, err error) {
	parts := strings.Split(line, " | ")
	if len(parts) < 4 {
		return d, fmt.Errorf("%q is no head of a comment", line)
	}
	d = demoComment{id: parts[0], author: parts[1], body: body}
	if d.ago, err = hours(parts[2]); err != nil {
		return d, err
	}
	if len(parts) == 5 {
		d.parent = strings.TrimPrefix(parts[3], "> ")
	}
	_, err = fmt.Sscanf(parts[len(parts)-1], "+%d -%d", &d.up, &d.down)
	return d, err
}
