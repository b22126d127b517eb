package newsletter

import (
	"slices"
	"testing"
	"time"

	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// TestFill fills a part of an edition from the paper of this moment: with what is new
// since the last edition, or as far back as its block says, and with nothing that readers
// may not have.
func TestFill(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		l := k.list(List{Name: "Daily", Blocks: []Block{{Kind: Front, Limit: 3}}})
		k.members(l, 1)
		old := k.story("city", "Old")
		k.front = []string{old}
		k.clock.Add(time.Hour)
		k.sends(l) // from now on only what comes after it is new
		k.clock.Add(time.Hour)
		gone := k.story("city", "Gone")
		var city, world []string
		for range 4 {
			k.clock.Add(time.Minute)
			city, world = append(city, k.story("city", "City")), append(world, k.story("world", "World"))
		}
		k.withdraw(gone)
		k.clock.Add(time.Minute)
		newest := func(ids []string, n int) []string {
			ids = slices.Clone(ids)
			slices.Reverse(ids)
			return ids[:n]
		}
		k.front = []string{old, gone, city[0], world[0], city[1], world[1], city[2]}
		k.read = []string{world[2], old, gone, "no-story"}
		k.best = Quoted{ID: "c1", Article: city[0]}
		for _, test := range []struct {
			name  string
			block Block
			want  Part
		}{
			{"the front page, in its order", Block{Kind: Front, Limit: 1}, Part{Show: 1, Stories: []string{city[0], world[0], city[1]}}},
			{"as far back as it says", Block{Kind: Front, Limit: 20, Hours: 24}, Part{Show: 20, Stories: []string{old, city[0], world[0], city[1], world[1], city[2]}}},
			{"a section, newest first", Block{Kind: Section, Section: "city", Limit: 1}, Part{Show: 1, Stories: newest(city, 3)}},
			{"no section", Block{Kind: Section, Section: "nowhere", Limit: 5}, Part{Show: 5}},
			{"what was read", Block{Kind: Read, Limit: 5}, Part{Show: 5, Stories: []string{world[2]}}},
			{"the best comment", Block{Kind: Best}, Part{Comment: "c1"}},
			{"no corrections", Block{Kind: Corrections}, Part{}},
			{"words, which are by hand", Block{Kind: Words, Text: "Hello."}, Part{}},
			{"what readers follow, which is their own", Block{Kind: Followed, Limit: 3}, Part{Show: 3}},
		} {
			t.Run(test.name, func(t *testing.T) {
				got, err := k.Fill(ctx, k.ida, l.ID, test.block)
				check(t, err)
				if got.Show != test.want.Show || got.Comment != test.want.Comment || !slices.Equal(got.Stories, test.want.Stories) || got.Kind != test.block.Kind || got.Text != test.block.Text {
					t.Errorf("%+v brings %+v, not %+v", test.block, got, test.want)
				}
			})
		}
		if _, err := k.Fill(ctx, &reader.Actor{Reader: reader.Reader{ID: "r", Role: reader.Contributor}}, l.ID, Block{Kind: Front, Limit: 1}); !problem.Is(err, problem.Forbidden) {
			t.Errorf("a contributor fills a part: %v", err)
		}
	})
}
