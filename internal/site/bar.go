package site

import (
	"context"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/desk"
	"kawaraban/internal/page"
)

// A bar is the breaking news above a page.
type bar struct {
	Shown   bool // readers may have it: its story, where it has one, is theirs
	Words   string
	Path    string // of the story that it leads to, "" for none
	Updated time.Time
	When    string

	story string
	ends  time.Time
}

// newsChrome is chrome for a page of news, which shows the bar.
func (s *Site) newsChrome(ctx context.Context, class string) (c chrome, err error) {
	c = s.chrome(class)
	c.Bar, err = s.bar(ctx)
	return c, err
}

// bar is what is up now; nil for nothing. One that leads to a story which readers
// may not have is not shown: what it tells is the story's.
func (s *Site) bar(ctx context.Context) (*bar, error) {
	b, err := s.Desk.Bar(ctx)
	now := s.Now()
	if err != nil || !b.Up(now) {
		return nil, err
	}
	up := &bar{Words: b.Words, Updated: b.Updated, Shown: b.Article == "", story: b.Article, ends: b.Ends}
	if up.When = s.lang.Clock(b.Updated); !s.lang.SameDay(b.Updated, now) {
		up.When = s.lang.Moment(b.Updated)
	}
	if b.Article == "" {
		return up, nil
	}
	known, err := s.Articles.Readable(ctx, b.Article)
	if err != nil {
		return nil, err
	}
	if c, ok := known[b.Article]; ok {
		up.Path, up.Shown = c.Path(), true
		if c.Expires.Before(up.ends) && !c.Expires.IsZero() {
			up.ends = c.Expires
		}
	}
	return up, nil
}

// withBar has b rendered again when the bar changes: when it is another one, when
// it ends, and when the story that it leads to comes or goes.
func (s *Site) withBar(b *page.Body, up *bar) *page.Body {
	b.Tagged(desk.BarTag)
	if up != nil {
		b.Until(up.ends)
		if up.story != "" {
			b.Tagged(article.Tag(up.story))
		}
	}
	return b
}
