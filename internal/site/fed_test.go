package site

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/db"
	"kawaraban/internal/follow"
	"kawaraban/internal/papertest"
)

// TestFed has the link of every item say that a feed led to it, so that its readers are
// counted as such; what an item is called for ever, and the page itself, know nothing of it.
func TestFed(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := counts(t, d)
		n := story("city", "The bridge")
		n.Bylines, n.Topics = []string{"Ida Fjeld"}, []string{"bridges"}
		id := p.publish(n, time.Hour)
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Revise(t.Context(), tx, id, n.Content, article.Revision{Reason: article.Correction, Note: "It is a weir."})
		})
		const at = "https://post.example/category/city/the-bridge"
		link := func(path, got, want, name string) {
			t.Helper()
			if got != want {
				t.Errorf("%s leads to %s, want %s", path, got, want)
			}
			if strings.Contains(name, "utm_") || name == "" {
				t.Errorf("%s calls its item %q", path, name)
			}
		}
		for path, want := range map[string]string{
			"/feed": at + "?utm_medium=feed", "/category/city/feed": at + "?utm_medium=feed", nameFeed(follow.Author, "Ida Fjeld"): at + "?utm_medium=feed",
			nameFeed(follow.Topic, "bridges"): at + "?utm_medium=feed", "/feed/story/" + id: at + "?utm_medium=feed",
			"/corrections/feed": at + "?utm_medium=feed#corrections",
		} {
			var f struct {
				Items []struct {
					Link string `xml:"link"`
					GUID string `xml:"guid"`
				} `xml:"channel>item"`
			}
			check(t, xml.Unmarshal([]byte(p.page(path)), &f))
			if len(f.Items) != 1 {
				t.Fatalf("%s has %d items", path, len(f.Items))
			}
			link(path, f.Items[0].Link, want, f.Items[0].GUID)
		}
		var f struct {
			Items []struct{ ID, URL string } `json:"items"`
		}
		check(t, json.Unmarshal([]byte(p.page("/feed.json")), &f))
		link("/feed.json", f.Items[0].URL, at+"?utm_medium=feed", f.Items[0].ID)

		if plain, fed := p.page("/category/city/the-bridge"), p.page("/category/city/the-bridge?utm_medium=feed"); plain != fed {
			t.Error("the page is another one for those who come from a feed")
		}
		p.reads(id, 1, url.Values{"from": {"https://www.google.com"}, "q": {"?utm_medium=feed"}})
		p.settles()
		came, err := p.opens.Came(t.Context(), audience.Feed, p.clock.Now().Add(-time.Hour), p.clock.Now().Add(time.Hour), id)
		check(t, err)
		if came[id] != 1 {
			t.Errorf("%d readers came from feeds", came[id])
		}
	})
}
