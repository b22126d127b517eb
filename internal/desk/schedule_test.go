package desk

import (
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/problem"
)

// TestSchedule is about what appears by the clock.
func TestSchedule(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ida, "Bridge closed")
		six := k.clock.Now().Add(6 * time.Hour)
		p := refused(t, "in the past", k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), When: k.clock.Now().Add(-time.Second)}), problem.Invalid)
		if p.Fields["at"] == "" {
			t.Errorf("the field is %v", p.Fields)
		}
		if k.state(id) != article.Draft {
			t.Fatal("a refusal has changed it")
		}
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), When: six}))
		// What is written now waits, and the text that was scheduled appears.
		k.writes(k.ida, id, "page-of-Ida Holm", func(c *Copy) { c.Headline = "Half a thou" })
		for _, at := range []time.Time{six.Add(-time.Microsecond), six.Add(-time.Hour)} {
			k.clock.Set(at)
			check(t, k.Articles.PublishDue(ctx))
			if k.reads(id) != nil {
				t.Errorf("readers have it at %s", at)
			}
		}
		k.clock.Set(six)
		var work sync.WaitGroup
		for range 8 { // as many processes look at the clock
			work.Go(func() {
				if err := k.Articles.PublishDue(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		work.Wait()
		r := k.reads(id)
		if r == nil || r.Headline != "Bridge closed" || !r.Published.Equal(six) {
			t.Fatalf("at six readers have %+v", r)
		}
		var told int
		check(t, k.DB.QueryRow(ctx, `select count(*) from outbox where kind = 'article.appeared' and subject = $1`, id).Scan(&told))
		if told != 1 {
			t.Errorf("it was told %d times", told)
		}
		// What was due while nobody was there appears at once.
		id = k.began(k.ida, "Bridge open")
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), When: k.clock.Now().Add(time.Hour)}))
		k.clock.Add(48 * time.Hour)
		check(t, k.Articles.PublishDue(ctx))
		if k.reads(id) == nil {
			t.Error("it was missed")
		}
		// And what is not scheduled any more does not.
		id = k.began(k.ida, "Bridge gone")
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id), When: k.clock.Now().Add(time.Hour)}))
		check(t, k.SendBack(ctx, k.ida, id, ""))
		k.clock.Add(48 * time.Hour)
		check(t, k.Articles.PublishDue(ctx))
		if k.reads(id) != nil || k.state(id) != article.Draft {
			t.Errorf("it is %s", k.state(id))
		}
	})
}

// TestPreview is about the link for somebody outside the house.
func TestPreview(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ana, "Bridge closed")
		token, err := k.ShareDraft(ctx, k.ana, id, "the engineer", k.clock.Now().Add(24*time.Hour))
		check(t, err)
		p, err := k.Preview(ctx, token.Reveal())
		check(t, err)
		if p.Headline != "Bridge closed" {
			t.Errorf("the link shows %+v", p.Article)
		}
		other := token.Reveal()[:42] + "A"
		if other == token.Reveal() {
			other = token.Reveal()[:42] + "Q"
		}
		for _, bad := range []string{"", "x", other, strings.Repeat("A", 43)} {
			if _, err := k.Preview(ctx, bad); !problem.Is(err, problem.NotFound) {
				t.Errorf("%q leads to %v", bad, err)
			}
		}
		for _, far := range []time.Duration{-time.Second, 0, maxPreview + time.Second} {
			_, err := k.ShareDraft(ctx, k.ana, id, "", k.clock.Now().Add(far))
			refused(t, far.String(), err, problem.Invalid)
		}
		k.clock.Add(24 * time.Hour)
		if _, err := k.Preview(ctx, token.Reveal()); !problem.Is(err, problem.NotFound) {
			t.Errorf("after a day: %v", err)
		}
		check(t, k.Sweep(ctx))
		token, err = k.ShareDraft(ctx, k.ana, id, "", k.clock.Now().Add(time.Hour))
		check(t, err)
		links, err := k.PreviewLinks(ctx, k.ana, id)
		check(t, err)
		if len(links) != 1 {
			t.Fatalf("links: %+v", links)
		}
		check(t, k.Unshare(ctx, k.ana, id, links[0].ID))
		if _, err := k.Preview(ctx, token.Reveal()); !problem.Is(err, problem.NotFound) {
			t.Errorf("after it was taken back: %v", err)
		}
	})
}
