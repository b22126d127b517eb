package site

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/follow"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/topic"
)

// nameFeed is the address of the feed of an author or a topic. Names may have any
// characters, so that they are no part of a path.
func nameFeed(kind follow.Kind, name string) string {
	return "/feed/" + string(kind) + "?" + url.Values{"name": {name}}.Encode()
}

func (s *Site) showAuthorFeed(ctx context.Context, q page.Query) (*page.Body, error) {
	name := q.Get("name")
	return s.namedFeed(ctx, follow.What{Kind: follow.Author, Key: name}, name, article.Filter{Author: name})
}

func (s *Site) showTopicFeed(ctx context.Context, q page.Query) (*page.Body, error) {
	name := q.Get("name")
	return s.namedFeed(ctx, follow.What{Kind: follow.Topic, Key: name}, topic.Load().Word(name, s.lang.Tag.String()), article.Filter{Topic: name})
}

// namedFeed is the feed of an author or a topic of which readers have something.
func (s *Site) namedFeed(ctx context.Context, w follow.What, name string, f article.Filter) (*page.Body, error) {
	if _, err := s.Follows.Named(ctx, w); err != nil {
		return nil, err
	}
	ch := s.channel("/", nameFeed(w.Kind, w.Key))
	ch.Title = s.lang.Say("title", name, s.Paper.Name)
	ch.Description = s.lang.Say("section.description", name, s.Paper.Name)
	return s.feed(ctx, ch, f)
}

// channel is what feeds begin with: the page that they belong to, and their own address.
func (s *Site) channel(path, self string) rssChannel {
	return rssChannel{
		Title: s.Paper.Name, Link: s.Paper.URL(path), Description: s.Paper.about(),
		Language: s.lang.Tag.String(), Copyright: s.Paper.Notice,
		Self: rssSelf{Href: s.Paper.URL(self), Rel: "self", Type: "application/rss+xml"},
	}
}

// showStoryFeed is the feed of the updates and corrections of one story.
func (s *Site) showStoryFeed(ctx context.Context, q page.Query) (*page.Body, error) {
	id := q.Path("article")
	readable, err := s.Articles.Readable(ctx, id)
	if err != nil {
		return nil, err
	}
	card, ok := readable[id]
	if !ok || card.Feed == article.FeedNone || card.Paid() {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such article."}
	}
	list, err := s.Articles.Developments(ctx, id, time.Time{})
	if err != nil {
		return nil, err
	}
	ch := s.channel(card.Path(), "/feed/story/"+id)
	ch.Title = s.lang.Say("title", card.Headline, s.Paper.Name)
	ch.Image = rssImage{URL: s.mark(), Title: ch.Title, Link: ch.Link}
	for i, d := range list[:min(len(list), feedCount)] {
		at := rfc822(d.At.In(s.lang.Zone))
		if i == 0 {
			ch.Built = at
		}
		it := rssItem{
			Title: development(s.lang, d, card.Headline), Link: s.Paper.URL(fed(card.Path())), Published: at, Category: card.Section.Name,
			GUID: rssGUID{false, s.Paper.URL("/a/" + id + "#" + strconv.Itoa(d.Number))}, Rights: card.SourceNotice, Description: card.Standfirst,
		}
		if d.Note != "" {
			it.Description = d.Note
		}
		ch.Items = append(ch.Items, it)
	}
	b := page.Rendered("application/rss+xml", writeXML(newRSS(ch))).Tagged(article.Tag(id))
	return ends(b, []article.Card{card}), nil
}

// development says what has become of a story.
func development(w *page.Language, d article.Development, headline string) string {
	if d.Reason == article.Correction {
		return w.Say("following.correction", headline)
	}
	return w.Say("following.update", headline)
}
