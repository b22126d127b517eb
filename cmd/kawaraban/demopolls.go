package main

import (
	"context"
	"fmt"
	"slices"
)

// demoOption is one option of a poll of the demo, and how many of its readers choose
// it.
type demoOption struct {
	words string
	votes int
}

// words are the words of options.
func words(list []demoOption) (words []string) {
	for _, o := range list {
		words = append(words, o.words)
	}
	return words
}

// poll has the demo's readers vote in its polls: the first names for the first
// option, and so on.
func (p *paper) poll(ctx context.Context, names []string, ids map[string]string) error {
	stories, err := readStories("stories", p.settings.Language)
	if err != nil {
		return err
	}
	for _, s := range slices.DeleteFunc(stories, func(s demoStory) bool { return len(s.options) == 0 }) {
		if err := p.voteAbout(ctx, s, names, ids); err != nil {
			return fmt.Errorf("the demo's poll %s: %w", s.Slug, err)
		}
	}
	return nil
}

func (p *paper) voteAbout(ctx context.Context, s demoStory, names []string, ids map[string]string) error {
	id, err := p.articles.BySlug(ctx, s.Slug)
	if err != nil {
		return err
	}
	asked, err := p.polls.Of(ctx, id)
	if err != nil {
		return err
	}
	var votes []func() error
	for i, o := range s.options {
		n := min(o.votes, len(names))
		for _, name := range names[:n] {
			votes = append(votes, func() error {
				_, err := p.polls.Vote(ctx, id, ids[name], asked.Options[i].ID)
				return err
			})
		}
		names = names[n:]
	}
	return together(votes)
}
