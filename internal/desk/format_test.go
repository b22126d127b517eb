package desk

import (
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// TestFormatsLack publishes each format without what it is made of, and with it.
func TestFormatsLack(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		for _, test := range []struct {
			format article.Format
			field  string
			mend   func(id string)
		}{
			{article.Story, "", nil},
			{article.Question, "", nil},
			{article.Picture, "pictures", nil},
			{article.Quote, "source", func(id string) {
				k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) {
					c.Body = richtext.FromHTML(`<blockquote><p>It lifts.</p><footer>A pilot</footer></blockquote>`, "")
				})
			}},
			{article.Poll, "options", func(id string) {
				if err := k.SetPoll(ctx, k.ida, id, poll.Draft{Options: []string{"Yes", "No"}, Version: 1}); err != nil {
					t.Error(err)
				}
			}},
		} {
			id := k.began(k.ida, "Is it foggy?")
			k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Format = test.format })
			if test.format == article.Poll {
				check(t, k.SetPoll(ctx, k.ida, id, poll.Draft{Options: []string{"Yes"}}))
			}
			err := k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)})
			if test.field == "" {
				check(t, err)
				continue
			}
			if p := refused(t, string(test.format), err, problem.Invalid); p.Fields[test.field] == "" {
				t.Errorf("%s is refused at %v", test.format, p.Fields)
			}
			if test.mend == nil {
				continue
			}
			test.mend(id)
			check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}))
			if r := k.reads(id); r == nil || r.Format != test.format {
				t.Errorf("%s is published as %+v", test.format, r)
			}
		}
	})
}

// TestPollOfStory is about who may change a poll, and when.
func TestPollOfStory(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ana, "Is it foggy?")
		k.writes(k.ana, id, "page-of-Ana Ruiz", func(c *Copy) { c.Format = article.Poll })
		two := poll.Draft{Options: []string{"Yes", "No"}}
		check(t, k.SetPoll(ctx, k.ana, id, two))
		refused(t, "a moderator", k.SetPoll(ctx, k.mods, id, two), problem.Forbidden)
		if _, err := k.Poll(ctx, k.mods, id); err == nil {
			t.Error("a moderator reads a draft's poll")
		}
		check(t, k.Submit(ctx, k.ana, id, k.at(k.ana, id)))
		refused(t, "its owner, when it is the editors'", k.SetPoll(ctx, k.ana, id, poll.Draft{Options: []string{"Yes", "No", "?"}, Version: 1}), problem.Forbidden)
		check(t, k.Publish(ctx, k.ida, id, Publication{At: At{Page: "page-of-Ida Holm", Version: k.at(k.ida, id).Version}}))
		refused(t, "one option in what readers have", k.SetPoll(ctx, k.ida, id, poll.Draft{Options: []string{"Yes"}, Version: 1}), problem.Invalid)
		refused(t, "its owner closes it", k.ClosePoll(ctx, k.ana, id), problem.Forbidden)

		p, err := k.Poll(ctx, k.ida, id)
		check(t, err)
		voter := k.joins("Vera Lund", reader.Member)
		_, err = k.Polls.Vote(ctx, id, voter.Reader.ID, p.Options[0].ID)
		check(t, err)
		check(t, k.SetPoll(ctx, k.ida, id, poll.Draft{Options: []string{"Yes!", "No"}, Version: 1}))
		k.clock.Add(time.Minute)
		check(t, k.ClosePoll(ctx, k.ida, id))
		check(t, k.ReopenPoll(ctx, k.ida, id))
		var acts []string
		rows, err := k.DB.Query(ctx, `select act from audit where subject = $1 order by seq`, id)
		check(t, err)
		defer rows.Close()
		for rows.Next() {
			var act string
			check(t, rows.Scan(&act))
			acts = append(acts, act)
		}
		if got := strings.Join(acts, " "); !strings.HasSuffix(got, "poll.reworded poll.closed poll.reopened") {
			t.Errorf("the audit log tells %s", got)
		}
	})
}
