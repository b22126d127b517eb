package desk

import (
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/live"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// TestReporting is about who writes in a live report, and what its article has of it.
func TestReporting(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id := k.began(k.ana, "Bridge closed")
		entry := func(text string) live.New {
			return live.New{Words: live.Words{Body: richtext.FromText(text)}}
		}
		_, err := k.PostEntry(ctx, k.ana, id, entry("It is so."))
		refused(t, "an entry of a story", err, problem.NotFound)
		k.writes(k.ana, id, "page-of-Ana Ruiz", func(c *Copy) { c.Format = article.LiveReport })
		e, err := k.PostEntry(ctx, k.ana, id, entry("It is so."))
		check(t, err)
		for _, a := range []*reader.Actor{k.mods, k.joins("Bo Lind", reader.Contributor)} {
			if _, err := k.PostEntry(ctx, a, id, entry("Mine.")); problem.Of(err) == nil {
				t.Errorf("%s posts: %v", a.Reader.Name, err)
			}
			if _, err := k.Reporting(ctx, a, id); problem.Of(err) == nil {
				t.Errorf("%s looks: %v", a.Reader.Name, err)
			}
		}
		check(t, k.Submit(ctx, k.ana, id, k.at(k.ana, id)))
		k.clock.Add(SeatLife + time.Second)
		check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}))
		if r := k.reads(id); !r.Updated.IsZero() {
			t.Errorf("what was posted before is an update of %s", r.Updated)
		}

		// Published, its owner goes on; each entry is news, a mark is none.
		k.clock.Add(time.Minute)
		_, err = k.PostEntry(ctx, k.ana, id, entry("It goes on."))
		check(t, err)
		posted := k.clock.Now()
		k.clock.Add(time.Minute)
		check(t, k.MarkEntry(ctx, k.jon, id, e.ID, true))
		check(t, k.RemoveEntry(ctx, k.jon, id, e.ID, true))
		if r := k.reads(id); !r.Updated.Equal(posted) {
			t.Errorf("updated %s, want %s", r.Updated, posted)
		}
		_, err = k.EditEntry(ctx, k.ana, id, live.Change{Entry: e.ID, Version: 3, Words: live.Words{Headline: "x"}})
		refused(t, "a change of what was removed", err, problem.Conflict)
		check(t, k.RemoveEntry(ctx, k.ana, id, e.ID, false))
		refused(t, "an entry that is none", k.RemoveEntry(ctx, k.ana, id, "nothing", true), problem.NotFound)
		figure := richtext.Doc{Blocks: []richtext.Block{{Kind: richtext.Figure, Picture: "nothing"}}}
		p := refused(t, "a summary with a picture that is none", k.Summarise(ctx, k.ana, id, 0, figure), problem.Invalid)
		if p.Fields["summary"] == "" {
			t.Errorf("at %v", p.Fields)
		}
		check(t, k.Summarise(ctx, k.ana, id, 0, richtext.FromText("It is closed.")))
		check(t, k.EndReport(ctx, k.ana, id, true))
		_, err = k.PostEntry(ctx, k.ida, id, entry("Late."))
		refused(t, "an entry after the end", err, problem.Conflict)
		check(t, k.Live.Verify(ctx, func(s string) { t.Error(s) }))
	})
}
