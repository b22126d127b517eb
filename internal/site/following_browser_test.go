package site

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/follow"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// TestFollowingPage looks at what a reader follows, empty and full, and follows
// something as anybody would.
func TestFollowingPage(t *testing.T) {
	p := served(t)
	ctx := papertest.Browser(t) // closed before the server, which waits for open pages
	id, err := p.Readers.Add(t.Context(), reader.New{Email: "ana@readers.example", Name: "Ana", Role: reader.Member, Password: goodPassword})
	check(t, err)
	n := story("city", "The bridge "+strings.Repeat("averylongword", 8))
	n.Topics = []string{"bridges"}
	art := p.publish(n, time.Hour)
	enters(t, ctx, p, "ana@readers.example")
	look := func(path, name string) {
		t.Helper()
		for _, width := range []int64{320, 360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			photograph(t, ctx, fmt.Sprintf("%d-following-%s", width, name))
			examine(t, ctx, fmt.Sprintf("%s at %d", name, width))
		}
	}
	look("/account/following", "empty")
	look("/account/following?add=story:"+art, "offer")
	fills(t, ctx, "/account/following", map[string]string{"way-section:city": "digest", "way-topic:bridges": "mail"})
	becomes(t, ctx, `location.search.startsWith("?done=followed") && document.querySelectorAll("main .rows li").length === 3`)
	look("/account/following?done=stopped&what=section:city", "list")
	list, err := p.Follows.Of(t.Context(), id)
	check(t, err)
	ways := map[follow.Kind]follow.Way{}
	for _, f := range list {
		ways[f.Kind] = f.Way
	}
	if len(list) != 3 || ways[follow.Story] != follow.Mail || ways[follow.Section] != follow.Digest || ways[follow.Topic] != follow.Mail {
		t.Errorf("ana follows %v", list)
	}
}
