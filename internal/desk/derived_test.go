package desk

import (
	"context"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/richtext"
)

const killed = "The board of the harbour closed both tracks on Friday after a crane fell across them, and it does not know until when."

// ofWire is an article that came by wire and that nobody of ours has touched.
func (k *kit) ofWire(headline, text string) (id string) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		n := article.New{Section: "city", Class: article.Class{Language: "en"}, By: "HPA", Content: article.Content{Headline: headline, Body: richtext.FromText(text)}}
		if id, err = k.Articles.Create(k.t.Context(), tx, n); err != nil {
			return err
		}
		return k.Articles.Publish(k.t.Context(), tx, id, time.Time{})
	}))
	return id
}

// story of the wire with this number, recalled.
func (k *kit) recalls(number int64, of string, texts ...string) {
	k.t.Helper()
	k.exec(`insert into wire_source (id, name, section, publish, feeds, created, received, problem) values ('hpa', 'HPA', 'city', 'auto', false, 1, 1, '') on conflict do nothing`)
	k.exec(`insert into wire_story (source, id, article, newest, recall, recalled, n, first) values ('hpa', $1, $2, 1, 'canceled', 1, $3, $3)`, of+"-story", of, number)
	since := k.clock.Now()
	k.Recalls = func(_ context.Context, story int64) (Recalled, error) {
		if story != number {
			return Recalled{}, &problem.Problem{Kind: problem.NotFound}
		}
		return Recalled{Article: of, Texts: texts, Since: since}, nil
	}
}

// with gives a story of somebody another text.
func (k *kit) with(id, source string) {
	k.t.Helper()
	doc, err := richtext.FromSource(source)
	check(k.t, err)
	k.writes(k.ida, id, "page-of-"+k.ida.Reader.Name, func(c *Copy) { c.Body = doc })
}

// TestDerived finds what was made of a killed story: what quotes it, links to it, or is
// the story itself in our words; and lets none of that out before somebody has said what
// was done.
//
// Seen red: without mayGo in Publish and Return.
func TestDerived(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		own := k.ofWire("Crane falls", killed)
		other := k.ofWire("Another agency on the crane", "Reporters heard: "+killed)
		quotes, links, plain := k.began(k.ida, "Who owns the crane?"), k.began(k.ida, "A week at the harbour"), k.began(k.ida, "Gulls")
		k.with(quotes, "<p>We have read that the board of the HARBOUR closed both tracks on Friday, after a crane fell across them. Why?</p>")
		k.with(links, `<p>See <a href="/a/`+own+`">the crane</a>.</p>`)
		k.with(plain, "<p>On Friday the gulls of the harbour sat on both tracks.</p>")
		for _, id := range []string{links, plain} {
			check(t, k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}))
		}
		k.writes(k.ida, own, "page-of-"+k.ida.Reader.Name, func(c *Copy) { c.Headline = "A crane falls on the tracks" })
		check(t, k.Publish(ctx, k.ida, own, Publication{At: k.at(k.ida, own), Reason: article.Update}))
		later := k.began(k.ida, "Tomorrow’s column")
		k.with(later, "<p>"+killed+"</p>")
		check(t, k.Publish(ctx, k.ida, later, Publication{At: k.at(k.ida, later), When: k.clock.Now().Add(time.Hour)}))

		k.recalls(7, own, "Crane falls", killed)
		check(t, k.DB.Tx(ctx, func(tx *db.Tx) error {
			return k.Articles.Withdraw(ctx, tx, own, article.Withdrawal{By: "HPA"})
		}))
		for range 2 { // should the job run twice
			check(t, k.derive(ctx, deriving{7}))
		}
		found := map[string]Derived{}
		list, err := k.OpenDerived(ctx, k.ida, 20)
		check(t, err)
		for _, d := range list {
			found[d.Article] = d
		}
		for id, want := range map[string]Why{own: Made, quotes: Quotes, links: Linked, later: Quotes} {
			if found[id].Why != want {
				t.Errorf("%s is found for %q, want %q", id, found[id].Why, want)
			}
		}
		if got := found[quotes].Headline; got != "Who owns the crane?" {
			t.Errorf("the draft is called %q", got)
		}
		if len(list) != 4 || list[0].Article != links || !list[0].Public {
			t.Errorf("found are %+v; %s is another agency's", list, other)
		}
		if got := found[quotes].Passage; got != "the board of the harbour closed both tracks on friday after a crane fell across them" {
			t.Errorf("the passage is %q", got)
		}

		// What the clock was to publish is before an editor again, and none goes out.
		if s, err := k.Story(ctx, k.ida, later); err != nil || s.Article.State != article.Review {
			t.Errorf("what was scheduled is %v, %v", s.Article.State, err)
		}
		for _, id := range []string{quotes, later} {
			if err := k.Publish(ctx, k.ida, id, Publication{At: k.at(k.ida, id)}); !problem.Is(err, problem.Conflict) {
				t.Errorf("%s can be published: %v", id, err)
			}
		}
		if err := k.Publish(ctx, k.ida, links, Publication{At: k.at(k.ida, links), Reason: article.Update}); !problem.Is(err, problem.Conflict) {
			t.Errorf("what is public can be updated: %v", err)
		}
		if err := k.Return(ctx, k.ida, own); !problem.Is(err, problem.Conflict) {
			t.Errorf("the story itself can be returned: %v", err)
		}
		if k.reads(links) == nil {
			t.Error("what is public was taken away")
		}

		// An editor says what was done; nobody else does, and not with nothing.
		if err := k.Settle(ctx, k.ana, quotes, 7, "I say"); !problem.Is(err, problem.Forbidden) {
			t.Errorf("a contributor settles it: %v", err)
		}
		if err := k.Settle(ctx, k.ida, quotes, 7, " \n"); !problem.Is(err, problem.Invalid) {
			t.Errorf("it is settled with nothing: %v", err)
		}
		check(t, k.Settle(ctx, k.ida, quotes, 7, "The passage is out, the fact comes from the port office."))
		if err := k.Settle(ctx, k.jon, quotes, 7, "Again"); !problem.Is(err, problem.Conflict) {
			t.Errorf("it is settled twice: %v", err)
		}
		check(t, k.Publish(ctx, k.ida, quotes, Publication{At: k.at(k.ida, quotes)}))
		check(t, k.derive(ctx, deriving{7}))
		if list, err := k.DerivedIn(ctx, quotes); err != nil || len(list) != 0 {
			t.Errorf("it is raised again: %v, %v", list, err)
		}
		if list, err := k.DerivedFrom(ctx, k.jon, 7); err != nil || len(list) != 4 {
			t.Errorf("the report has %v, %v", list, err)
		}
	})
}
