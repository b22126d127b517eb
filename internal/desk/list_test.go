package desk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// TestList reads a list page by page, in every filter.
func TestList(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		var all []string
		for i := range 7 {
			k.clock.Add(time.Minute)
			all = append(all, k.began(k.ida, fmt.Sprintf("Brücke %d closed", i)))
		}
		k.clock.Add(time.Minute)
		anas := k.began(k.ana, "A story of Ana's, 100%")
		k.clock.Add(time.Second)
		check(t, k.Publish(ctx, k.ida, all[0], Publication{At: k.at(k.ida, all[0])}))
		walk := func(a *reader.Actor, f Filter) (ids []string) {
			t.Helper()
			for f.Limit = 3; ; {
				list, older, err := k.List(ctx, a, f)
				check(t, err)
				for _, l := range list {
					ids = append(ids, l.ID)
				}
				if f.Before = older; older == "" {
					return ids
				}
			}
		}
		for _, test := range []struct {
			name string
			who  *reader.Actor
			f    Filter
			want int
		}{
			{"all", k.ida, Filter{}, 8},
			{"drafts", k.ida, Filter{State: article.Draft}, 7},
			{"published", k.ida, Filter{State: article.Published}, 1},
			{"a section", k.ida, Filter{Section: "world"}, 0},
			{"words", k.ida, Filter{Words: "BRUCKE closed"}, 7},
			{"a percent sign", k.ida, Filter{Words: "100%"}, 1},
			{"another percent sign", k.ida, Filter{Words: "1%0"}, 0},
			{"own", k.ida, Filter{Owner: k.ida.Reader.ID}, 7},
			{"a contributor's", k.ana, Filter{}, 1},
			{"what waits", k.ida, Filter{Waiting: true}, 0},
		} {
			got := walk(test.who, test.f)
			seen := map[string]bool{}
			for _, id := range got {
				seen[id] = true
			}
			if len(got) != test.want || len(seen) != test.want {
				t.Errorf("%s: %d stories, %d of them once, want %d", test.name, len(got), len(seen), test.want)
			}
		}
		if list, _, err := k.List(ctx, k.ida, Filter{}); err != nil || list[0].ID != all[0] || list[1].ID != anas || list[1].Owner != "Ana Ruiz" {
			t.Errorf("the list begins with %+v, %v", list[:2], err)
		}
		k.writes(k.ida, all[0], "page-of-Ida Holm", func(c *Copy) { c.Kicker = "Transport" })
		if got := walk(k.ida, Filter{Waiting: true}); len(got) != 1 || got[0] != all[0] {
			t.Errorf("what waits: %v", got)
		}
		for _, bad := range []string{"x", ".", "1.", "zz.'; drop table story; --", strings.Repeat("9", 99) + ".a"} {
			if _, _, err := k.List(ctx, k.ida, Filter{Before: bad}); err != nil && problem.Of(err) == nil {
				t.Errorf("the cursor %q: %v", bad, err)
			}
		}
	})
}
