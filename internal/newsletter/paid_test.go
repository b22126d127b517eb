package newsletter

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/richtext"
)

// sponsored publishes a story that somebody pays for, or lets somebody pay for one.
func (k *kit) sponsored(id, headline string) string {
	k.t.Helper()
	c := article.Content{Headline: headline, Body: richtext.FromText("Something happened."), Sponsor: "Fjeld Bakery"}
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		if id != "" {
			return k.Articles.Revise(k.t.Context(), tx, id, c, article.Revision{Reason: article.Update})
		}
		if id, err = k.Articles.Create(k.t.Context(), tx, article.New{Section: "city", By: "the desk", Content: c}); err != nil {
			return err
		}
		return k.Articles.Publish(k.t.Context(), tx, id, time.Time{})
	}))
	return id
}

// TestUnpaid fills parts with nothing that somebody has paid for, whatever the source
// brings, and sends nothing that somebody paid for since; what an editor has chosen by hand
// goes out.
func TestUnpaid(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		blocks := []Block{{Kind: Front, Limit: 5}, {Kind: Read, Limit: 5}, {Kind: Section, Section: "city", Limit: 5}, {Kind: Followed, Limit: 5}}
		l := k.list(List{Name: "Daily", Blocks: blocks})
		check(t, k.ChooseAs(ctx, k.ida, Setting{}, "words", from("192.0.2")))
		paid := k.sponsored("", "Bread")
		k.clock.Add(time.Minute)
		late, free := k.story("city", "Rope"), k.story("city", "Tide")
		all := []string{paid, late, free}
		k.front, k.read = all, all
		k.Sources.Followed = func(_ context.Context, accounts []string, _ time.Time) (map[string][]string, error) {
			return map[string][]string{accounts[0]: all}, nil
		}
		for _, b := range blocks {
			p, err := k.Fill(ctx, k.ida, l.ID, b)
			check(t, err)
			if slices.Contains(p.Stories, paid) || b.Kind != Followed && !slices.Contains(p.Stories, free) {
				t.Errorf("%s brings %v", b.Kind, p.Stories)
			}
		}
		var ready []Edition
		for _, b := range append(blocks, Block{Kind: Words, Text: "Chosen by hand."}) {
			one := k.list(List{Name: string(b.Kind), Blocks: []Block{b}}) // each alone: no story comes twice in one letter
			to := string(b.Kind) + "@example.com"                         // and to each a reader: what somebody has had does not come again
			if b.Kind == Followed {
				to = k.ida.Reader.Email
			}
			k.member(one, to)
			e, err := k.Begin(ctx, k.ida, one.ID)
			check(t, err)
			if b.Kind == Words {
				e, err = k.Write(ctx, k.ida, e.ID, e.Version, Manuscript{Subject: "Bread", Parts: []Part{{Block: Block{Kind: Stories}, Stories: all, Show: 5}}})
				check(t, err)
			}
			e, err = k.Schedule(ctx, k.ida, e.ID, e.Version, time.Time{})
			check(t, err)
			ready = append(ready, e)
		}
		k.sponsored(late, "Rope")
		for i, e := range ready {
			check(t, k.Send(ctx, Run{e.ID}))
			var letters []string
			for _, to := range k.letters() {
				letters = append(letters, to...)
			}
			if len(letters) != 1 || !strings.Contains(letters[0], ": Tide") {
				t.Errorf("list %d sends %q", i, letters)
				continue
			}
			byHand := i == len(blocks)
			if strings.Contains(letters[0], ": Bread") != byHand || strings.Contains(letters[0], ": Rope") != byHand {
				t.Errorf("list %d sends %q", i, letters)
			}
		}
	})
}
