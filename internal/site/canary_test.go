package site

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// bird is the word that is planted in what readers must not have. Each hidden
// story carries its own in every field.
const bird = "canary"

var birds = regexp.MustCompile(`(?i)canary[a-z-]*`)

// caged is a story with the word in everything that can hold words.
func (p *press) caged(name string, shade uint8) article.New {
	word := bird + "-" + name
	n := story("city", "Headline "+word)
	n.Slug, n.Kicker, n.Standfirst, n.Dateline, n.SourceNotice = word, word, word, word, word
	n.Bylines, n.Body, n.Weight = []string{word}, text(word+" "+word, word), 5
	n.Lead = article.Lead{Picture: p.picture(shade, word, true), Caption: word, Credit: word, Alt: word}
	return n
}

// TestCanary plants words in everything that readers must not have, and looks
// for them in everything that they can reach.
func TestCanary(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		now := p.clock.Now()
		hidden := map[string]string{} // id of the story to its name
		var pictures []string
		plant := func(name string, change func(*article.New), publish bool) string {
			n := p.caged(name, uint8(10*len(hidden)+5))
			change(&n)
			pictures = append(pictures, n.Lead.Picture)
			var id string
			if publish {
				id = p.publish(n, time.Hour)
			} else {
				id = p.draft(n)
			}
			hidden[id] = name
			return id
		}
		nothing := func(*article.New) {}

		plant("draft", nothing, false)
		for _, state := range []article.State{article.Review, article.Scheduled} {
			id := plant(string(state), nothing, false)
			p.tx(func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `update article set state = $2, published = $3 where id = $1`, id, state, db.Time(now.Add(-time.Hour)))
				return err
			})
		}
		future := plant("future", nothing, false)
		p.tx(func(tx *db.Tx) error { return p.Articles.Publish(t.Context(), tx, future, now.Add(time.Hour)) })
		plant("embargoed", func(n *article.New) { n.Embargo = now.Add(time.Hour) }, true)
		plant("embargoed-openly", func(n *article.New) { n.EmbargoOpen = true }, true)
		late := plant("embargoed-late", nothing, true)
		p.tx(func(tx *db.Tx) error {
			return p.Articles.SetRights(t.Context(), tx, late, article.Rights{Embargo: now.Add(time.Hour)})
		})
		withdrawn := plant("withdrawn", nothing, true)
		p.page("/category/city/" + bird + "-withdrawn") // into the cache, to be purged
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, withdrawn, article.Withdrawal{By: "Valley Wire"})
		})
		// Of an expired story the headline, kicker and source may stay.
		plant("expired", func(n *article.New) {
			n.Expires = now.Add(-time.Minute)
			n.Headline, n.Slug, n.Kicker, n.SourceNotice = "Lent and given back", "lent", "", ""
		}, true)

		// A story that may be read, with secrets in its history.
		open := p.caged("rewritten", 200)
		pictures = append(pictures, open.Lead.Picture)
		id := p.publish(open, 2*time.Hour)
		shown := story("city", "An open story").Content
		p.tx(func(tx *db.Tx) error {
			err := p.Articles.Revise(t.Context(), tx, id, shown, article.Revision{Reason: article.Edit, By: bird + "-editor", Note: bird + "-note"})
			if err != nil {
				return err
			}
			return p.Articles.Move(t.Context(), tx, id, "city", "open")
		})

		// Everybody reads what nobody may have.
		p.trend = append(slices.Collect(maps.Keys(hidden)), id)
		if list := p.page("/network/trending.json"); !strings.Contains(list, `"title":"An open story"`) || strings.Count(list, `"title"`) != 1 {
			t.Errorf("sister papers are offered %s", list)
		}

		// The search index knows more than readers may: it was made when they could have
		// what is to come.
		p.clock.Set(now.Add(2 * time.Hour))
		p.index()
		p.clock.Set(now)

		paths := []string{
			"/network/trending.json",
			"/search?q=headline", "/search?q=headline&order=newest", "/search?section=city", "/search?from=2025-01-01", "/search?q=-zeppelin&section=city&to=2025-12-31",
			"/search?q=headline&in=comments", "/search/suggest?q=headline", "/search/suggest?q=he",
			"/archive", "/archive/2025", "/archive/2025/11", "/archive/2025/11/02", "/archive/2025/11/03", "/archive/2025/11/04",
			"/", "/category/city", "/category/world", "/category/city?before=zzzzzzzzzz.z", "/feed", "/feed.json", "/category/city/feed",
			"/sitemap.xml", "/sitemap/sections.xml", "/sitemap/2025-11.xml", "/news-sitemap.xml", "/robots.txt", "/category/city/open",
			"/category/city/lent", "/nothing", "/" + "sitemap/2025-12.xml",
		}
		for id, name := range hidden {
			paths = append(paths, "/a/"+id, "/category/city/"+bird+"-"+name)
		}
		for _, path := range paths {
			res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
			status, body := p.get(path)
			if found := birds.FindAllString(body, -1); found != nil {
				slices.Sort(found)
				t.Errorf("%s (%d) shows %v", path, status, slices.Compact(found))
			}
			if headers := strings.ToLower(fmt.Sprint(res.Header)); strings.Contains(headers, bird) {
				t.Errorf("%s tells in its headers: %s", path, headers)
			}
			for _, picture := range pictures {
				if strings.Contains(body, picture) {
					t.Errorf("%s names the picture %s", path, picture)
				}
			}
		}
		for id, name := range hidden {
			want := http.StatusNotFound
			switch name {
			case "withdrawn":
				want = http.StatusGone
			case "expired":
				continue
			}
			for _, path := range []string{"/a/" + id, "/category/city/" + bird + "-" + name} {
				if status, _ := p.get(path); status != want {
					t.Errorf("%s answers %d, want %d", path, status, want)
				}
			}
		}
		for _, picture := range pictures {
			for _, file := range []string{"-320.jpg", "-320.webp", "-330.jpg", "-330.webp"} {
				if status, _ := p.get("/media/" + picture + file); status != http.StatusNotFound {
					t.Errorf("/media/%s%s answers %d", picture, file, status)
				}
			}
		}

		// What only waits for its time comes when the time does.
		p.clock.Set(now.Add(2 * time.Hour))
		p.Cache.PurgeAll() // as the job does that tells of the time
		for _, name := range []string{"future", "embargoed", "embargoed-late"} {
			if !strings.Contains(p.page("/"), bird+"-"+name) {
				t.Errorf("the story %s has not come", name)
			}
		}
	})
}
