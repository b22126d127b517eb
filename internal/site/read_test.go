package site

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/papertest"
)

// A countingPress is a paper that counts its readers.
type countingPress struct {
	*press
	opens *audience.Store
}

func counts(t *testing.T, d *db.DB) *countingPress {
	p := start(t, d, nil)
	p.Audience, p.Ranks = audience.NewNow(p.clock.Now), new(audience.Ranks)
	handler, err := p.Handler()
	check(t, err)
	p.handler = handler
	return &countingPress{p, &audience.Store{DB: d, Now: p.clock.Now}}
}

// reads has a page say that somebody reads an article.
func (p *countingPress) reads(id string, n int, says url.Values) int {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "https://post.example/read/"+id, strings.NewReader(says.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	r.RemoteAddr = fmt.Sprintf("198.51.%d.%d:443", n>>8, n&255)
	return p.do(r).StatusCode
}

// settles writes down what was read, and renders what has aged.
func (p *countingPress) settles() {
	p.t.Helper()
	check(p.t, p.opens.Keep(p.t.Context(), p.Audience))
	_, err := p.opens.Rank(p.t.Context(), p.Ranks)
	check(p.t, err)
	p.Cache.PurgeAll() // in the tests of package page, ageing is looked at
}

// opened is how often an article was opened, as far as that is written down.
func (p *countingPress) opened(id string) (opens int) {
	p.t.Helper()
	list, err := p.opens.MostRead(p.t.Context(), p.clock.Now().Add(-time.Hour), 50)
	check(p.t, err)
	for _, c := range list {
		if c.Article == id {
			opens = c.Readers
		}
	}
	return opens
}

// TestRead takes from pages what they say, and nothing of what readers may not have.
//
// Seen red: no question whether readers may have it; the brake before the address.
func TestRead(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := counts(t, d)
		bridge, lent := p.publish(story("city", "The bridge"), time.Hour), story("city", "A lent story")
		lent.Expires = p.clock.Now().Add(-time.Minute)
		expired, gone, secret := p.publish(lent, 2*time.Hour), p.publish(story("city", "The ferry"), time.Hour), p.draft(story("city", "The tunnel"))
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, gone, article.Withdrawal{By: "us", Why: "It is not so."})
		})
		opens := url.Values{"from": {"https://www.google.com"}, "q": {"?utm_campaign=fair"}}
		for _, test := range []struct {
			what, id string
			want     int
		}{
			{"an article", bridge, 204},
			{"it again", bridge, 204},
			{"an expired one", expired, 404},
			{"a withdrawn one", gone, 404},
			{"a draft", secret, 404},
			{"nothing", "01JZZZZZZZZZZZZZZZZZZZZZZZ", 404},
			{"a long name", strings.Repeat("x", 500), 404},
			{"a path", "..%2Fnewsroom", 404},
			{"what is no text", "%00", 404},
		} {
			if got := p.reads(test.id, 1, opens); got != test.want {
				t.Errorf("%s answers %d, want %d", test.what, got, test.want)
			}
		}
		// He reads to the middle, and says so as often as he likes.
		for _, far := range []string{"2", "2", "1", "0", "-1", "x", "2"} {
			p.reads(bridge, 1, url.Values{"far": {far}})
		}
		p.settles()
		parts, err := p.opens.Parts(t.Context(), "", p.clock.Now().Add(-time.Hour))
		check(t, err)
		const want = "map[campaign:[{fair 1}] depth:[{1 1} {2 1}] from:[{search 1}] way:[{script 1}]]"
		if got := fmt.Sprint(parts); got != want || p.opened(bridge) != 1 {
			t.Errorf("%s, want %s", got, want)
		}
		// An article that goes is not counted any more, whatever was remembered of it.
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, bridge, article.Withdrawal{By: "us", Why: "It is not so."})
		})
		p.clock.Add(countedFor)
		if got := p.reads(bridge, 2, opens); got != 404 {
			t.Errorf("an article that is gone answers %d", got)
		}
	})
}

// TestReadBrake lets one network say so much, and others not wait for it.
func TestReadBrake(t *testing.T) {
	p := counts(t, papertest.SQLite(t))
	bridge := p.publish(story("city", "The bridge"), time.Hour)
	let := 0
	for range 1000 {
		if p.reads(bridge, 7, nil) == http.StatusNoContent {
			let++
		}
	}
	if let != 400 {
		t.Errorf("one network says %d things in a row", let)
	}
	if got := p.reads(bridge, 8, nil); got != http.StatusNoContent {
		t.Errorf("another answers %d", got)
	}
	p.settles()
	if got := p.opened(bridge); got != 2 {
		t.Errorf("two readers are %d", got)
	}
}

// TestServedPages counts readers without a script, also of pages out of the cache, and
// writes nothing for it while it answers.
func TestServedPages(t *testing.T) {
	p := counts(t, papertest.SQLite(t))
	bridge := p.publish(story("city", "The bridge"), time.Hour)
	path, err := p.Articles.Locate(t.Context(), bridge)
	check(t, err)
	for i := range 3 {
		r := httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)
		r.Header.Set("User-Agent", "Lynx/2.9")
		r.RemoteAddr = fmt.Sprintf("198.51.100.%d:443", i%2)
		p.do(r)
	}
	p.do(httptest.NewRequest(http.MethodGet, "https://post.example/", nil))
	p.settles()
	if got := p.opened(bridge); got != 0 {
		t.Errorf("at once %d are counted", got)
	}
	p.clock.Add(time.Minute)
	p.settles()
	if got := p.opened(bridge); got != 2 {
		t.Errorf("two readers are %d", got)
	}
}

var rankedAt = regexp.MustCompile(`(?s)<h2 id="([\w-]+)">[^<]*</h2>\n<ol class="titles">(.*?)</ol>`)

// lists are the lists of a page, by what they are of.
func lists(body string) map[string][]string {
	found := map[string][]string{}
	for _, m := range rankedAt.FindAllStringSubmatch(body, -1) {
		for _, link := range regexp.MustCompile(`<li><a href="([^"]+)"`).FindAllStringSubmatch(m[2], -1) {
			found[m[1]] = append(found[m[1]], link[1])
		}
	}
	return found
}

// TestRankedPages shows lists of what readers may have, from two articles on.
func TestRankedPages(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := counts(t, d)
		var ids, paths []string
		for i, section := range []string{"city", "city", "world", "city", "city", "city", "city"} {
			id := p.publish(story(section, fmt.Sprint("Story ", i)), time.Duration(i+1)*time.Hour)
			path, err := p.Articles.Locate(t.Context(), id)
			check(t, err)
			ids, paths = append(ids, id), append(paths, path)
		}
		for _, path := range []string{"/", "/category/city", "/category/world"} {
			if got := lists(p.page(path)); len(got) != 0 {
				t.Errorf("before anybody came %s has %v", path, got)
			}
		}
		if feed := p.page("/most-read/feed"); strings.Contains(feed, "<item>") {
			t.Errorf("before anybody came the feed has\n%s", feed)
		}
		reader := 0
		read := func(i, people int) {
			for range people {
				reader++
				p.reads(ids[i], reader, nil)
			}
		}
		read(2, 9)
		p.settles()
		if got := lists(p.page("/")); len(got) != 0 {
			t.Errorf("of one article it has %v", got)
		}
		for i, people := range []int{2, 8, 0, 6, 5, 4, 3} {
			read(i, people)
		}
		p.settles()
		body := p.page("/")
		want := []string{paths[2], paths[1], paths[3], paths[4], paths[5]}
		if got := lists(body)["most-read"]; !slices.Equal(got, want) {
			t.Errorf("the front page has %v, want %v", got, want)
		}
		if got := lists(body)["trending"]; len(got) < 2 {
			t.Errorf("trending is %v", got)
		}
		if got := lists(p.page("/category/city"))["most-read"]; !slices.Equal(got, []string{paths[1], paths[3], paths[4], paths[5], paths[6]}) {
			t.Errorf("the city has %v", got)
		}
		if got := lists(p.page("/category/world")); len(got) != 0 {
			t.Errorf("the world has %v", got)
		}
		feed := p.page("/most-read/feed")
		order := regexp.MustCompile(`<item>\s*<title>Story (\d)`).FindAllStringSubmatch(feed, -1)
		var numbers []string
		for _, m := range order {
			numbers = append(numbers, m[1])
		}
		if got := strings.Join(numbers, ""); got != "2134560" {
			t.Errorf("the feed has %s", got)
		}

		// What is withdrawn is in no list, without anybody ranking anew.
		p.tx(func(tx *db.Tx) error {
			return p.Articles.Withdraw(t.Context(), tx, ids[2], article.Withdrawal{By: "us", Why: "It is not so."})
		})
		check(t, p.Hear(t.Context(), event.Event{Kind: article.Vanished{}.EventKind(), Subject: ids[2]}))
		if got := lists(p.page("/"))["most-read"]; !slices.Equal(got, []string{paths[1], paths[3], paths[4], paths[5], paths[6]}) {
			t.Errorf("after one was withdrawn the front page has %v", got)
		}
		if feed := p.page("/most-read/feed"); strings.Contains(feed, "Story 2") {
			t.Error("the feed has what was withdrawn")
		}
	})
}
