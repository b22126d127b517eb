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
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A demoThread is one thread of demo/threads.txt.
type demoThread struct {
	slug string // of the article
	said []demoComment
	acts []demoAct
}

// A demoComment is one comment of it.
type demoComment struct {
	id, author, parent string
	ago                time.Duration
	up, down           int
	waits              bool // for the paper's rules
	body               string
}

// talk fills the threads of the demo paper with what its readers say, and its
// moderators' desk with what waits. A paper where that was done is left alone.
func (p *paper) talk(ctx context.Context) error {
	data, err := demoFiles.ReadFile("demo/threads.txt")
	if err != nil {
		return err
	}
	threads, names, err := parseThreads(string(data))
	if err != nil {
		return fmt.Errorf("the demo's threads: %w", err)
	}
	if done, err := p.finished(ctx, threads); done || err != nil {
		return err
	}
	found := make([]string, len(names))
	tasks := []func() error{func() error { return p.wordList(ctx) }}
	for i, name := range names {
		tasks = append(tasks, func() (err error) {
			if found[i], err = p.demoReader(ctx, name); err != nil {
				return fmt.Errorf("the demo's %s: %w", name, err)
			}
			return nil
		})
	}
	if err := together(tasks); err != nil {
		return err
	}
	ids := map[string]string{}
	for i, name := range names {
		ids[name] = found[i]
	}
	// All at once: on SQLite they share commits, and the demo opens sooner.
	tasks = nil
	for _, t := range threads {
		tasks = append(tasks, func() error {
			if err := p.talkAbout(ctx, t, names, ids); err != nil {
				return fmt.Errorf("the demo's thread %s: %w", t.slug, err)
			}
			return nil
		})
	}
	if err := together(tasks); err != nil {
		return err
	}
	if err := p.poll(ctx, names, ids); err != nil {
		return err
	}
	return p.finish(ctx, threads, ids)
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

// demoEmail is the address of somebody in the demo; whoever works for the paper
// has one there.
func demoEmail(name string) string {
	first, last, _ := strings.Cut(strings.ToLower(name), " ")
	for _, who := range demoPeople {
		if who.name == name {
			return first + "@courier.example"
		}
	}
	if name == demoModerator {
		return first + "." + last + "@courier.example"
	}
	return first + "." + last + "@readers.example"
}

// demoReader makes an account that nobody logs in to; one that is there, of
// staff or of a start that was cut off, is taken as it is.
func (p *paper) demoReader(ctx context.Context, name string) (id string, err error) {
	email := demoEmail(name)
	r, err := p.readers.ByEmail(ctx, email)
	if !problem.Is(err, problem.NotFound) {
		return r.ID, err
	}
	role := reader.Member
	if name == demoModerator {
		role = reader.Moderator
	}
	then := *p.readers
	then.Now = func() time.Time { return time.Now().AddDate(0, -3, 0) }
	return then.Add(ctx, reader.New{Email: email, Name: name, Role: role})
}

// about is what a thread has to know of the demo's story.
func (p *paper) about(ctx context.Context, slug string) (a comment.About, err error) {
	id, err := p.articles.BySlug(ctx, slug)
	if err != nil {
		return a, err
	}
	art, err := p.articles.Known(ctx, id)
	return comment.About{Article: id, Section: art.Section.Slug, Published: art.Published}, err
}

// talkAbout fills one thread: it is held where it is, then everybody speaks,
// votes, and does the rest in this order.
func (p *paper) talkAbout(ctx context.Context, t demoThread, names []string, ids map[string]string) error {
	about, err := p.about(ctx, t.slug)
	if err != nil {
		return err
	}
	posted := map[string]string{}
	for _, a := range t.acts {
		if a.what == "hold" {
			err = p.act(ctx, about, a, ids, posted)
		}
		if err != nil {
			return err
		}
	}
	now := time.Now()
	var votes []func() error
	for _, d := range t.said {
		said := p.comments.At(now.Add(-d.ago))
		c, err := said.Post(ctx, comment.New{
			About: about, Author: ids[d.author], Parent: posted[d.parent], Body: d.body, Vetted: !d.waits, Key: "demo " + t.slug + " " + d.id,
		})
		if err != nil {
			return err
		}
		posted[d.id] = c.ID
		if c.State != comment.Visible {
			continue
		}
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
	if err := together(votes); err != nil {
		return err
	}
	for _, a := range t.acts {
		if a.what == "hold" || a.what == "close" {
			continue
		}
		if err := p.act(ctx, about, a, ids, posted); err != nil {
			return fmt.Errorf("%s %s: %w", a.what, a.comment, err)
		}
	}
	return nil
}

// parseThreads reads demo/threads.txt: "@ slug" begins a thread, "# id | author
// | hours | > answered | +up -down" a comment, with "waits" for the votes where
// the paper's rules hold it, and "! what id | who | hours" an act.
func parseThreads(text string) (threads []demoThread, names []string, err error) {
	head, rest, _ := strings.Cut(text, "\n\n")
	for n := range strings.SplitSeq(strings.TrimPrefix(head, "Readers:"), ";") {
		names = append(names, strings.TrimSpace(n))
	}
	for _, block := range blocks(rest) {
		line, body, _ := strings.Cut(block, "\n")
		kind, line, _ := strings.Cut(line, " ")
		body = strings.TrimSpace(body)
		if kind == "@" {
			threads = append(threads, demoThread{slug: line})
			continue
		}
		t := &threads[len(threads)-1]
		who := ""
		if kind == "#" {
			d, err := parseDemoComment(line, body)
			if err != nil {
				return nil, nil, err
			}
			t.said, who = append(t.said, d), d.author
		} else {
			a, err := parseDemoAct(line, body)
			if err != nil {
				return nil, nil, err
			}
			t.acts, who = append(t.acts, a), a.who
		}
		if !slices.Contains(names, who) {
			names = append(names, who)
		}
	}
	return threads, names, nil
}

// blocks cuts a text before every line that begins with a mark.
func blocks(text string) (list []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "@ ") || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "! ") {
			list = append(list, line)
		} else if len(list) > 0 {
			list[len(list)-1] += line
		}
	}
	return list
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
	if last := parts[len(parts)-1]; last == "waits" {
		d.waits = true
	} else {
		_, err = fmt.Sscanf(last, "+%d -%d", &d.up, &d.down)
	}
	return d, err
}
