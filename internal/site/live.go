package site

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/comment"
	"kawaraban/internal/live"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
)

// showScores is a small resource for pages that are open: how many comments
// there are, and the scores of one part. It is a second old at most, and no
// vote purges anything (SECURITY F19).
func (s *Site) showScores(ctx context.Context, q page.Query) (*page.Body, error) {
	a, err := s.Articles.Known(ctx, q.Path("article"))
	if err != nil {
		return nil, err
	}
	t, err := s.Comments.Thread(ctx, about(a))
	if err != nil {
		return nil, err
	}
	if t.State == comment.Off {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "This article has no comments."}
	}
	l, err := s.Comments.List(ctx, a.ID, partOf(q.Get))
	if err != nil {
		return nil, err
	}
	said := scores{Comments: t.Visible, Scores: map[string]string{}}
	for _, b := range l.Branches {
		said.add(b.Comment)
		for _, c := range b.Below {
			said.add(c)
		}
	}
	b := page.Rendered("application/json", func(w *bytes.Buffer) error { return json.NewEncoder(w).Encode(said) })
	return b.Tagged(comment.Tag(a.ID), article.Tag(a.ID)).Until(s.Now().Add(scoresLife)), nil
}

const scoresLife = time.Second

// scores is what showScores says.
type scores struct {
	Comments int               `json:"comments"`
	Scores   map[string]string `json:"scores"`
}

func (s *scores) add(c comment.Comment) {
	if c.State == comment.Visible {
		s.Scores[c.ID] = c.Score.String()
	}
}

// liveThread tells a page that is open that something has come to the thread, or that
// votes have, or that a live report goes on; what it is stands in showScores and in
// showEntries, once for everybody.
func (s *Site) liveThread(v *page.Visit) (*page.Answer, error) {
	a, err := s.Articles.Known(v.Context(), v.Path("article"))
	if err != nil {
		return nil, err
	}
	changed, leave := s.watchers.watch(comment.Tag(a.ID))
	reported, leaveReport := s.watchers.watch(live.Tag(a.ID))
	return page.Streams(func(st *page.Stream) error {
		defer leave()
		defer leaveReport()
		beat := time.NewTicker(st.Beat())
		defer beat.Stop()
		for {
			select {
			case <-st.Done():
				return nil
			case <-beat.C:
				if err := st.Tell("", ""); err != nil {
					return err
				}
			case <-reported:
				if err := st.Tell("live", a.ID); err != nil {
					return err
				}
				rest(st)
			case <-changed:
				if err := st.Tell("thread", a.ID); err != nil {
					return err
				}
				rest(st)
			}
		}
	}), nil
}

// rest waits a little: one word a second is enough, whatever happens.
func rest(st *page.Stream) {
	pause := time.NewTimer(scoresLife)
	defer pause.Stop()
	select {
	case <-st.Done():
	case <-pause.C:
	}
}

// hearThread does what a fact about a thread means for the pages.
func (s *Site) hearThread(kind, subject string) {
	switch kind {
	case comment.Appeared{}.EventKind(), comment.Changed{}.EventKind():
		s.Cache.Purge(comment.Tag(subject))
		s.Cache.Age(comment.CountTag(subject), moderationTag)
	case comment.Voted{}.EventKind():
		s.Cache.Age(comment.Tag(subject))
	case comment.SettingsChanged{}.EventKind():
		s.Comments.ForgetSettings()
		s.Cache.Purge(moderationTag, rulesTag)
		return
	case comment.SectionChanged{}.EventKind():
		s.Cache.PurgeAll()
		return
	default:
		return
	}
	s.watchers.wake(comment.Tag(subject))
}
