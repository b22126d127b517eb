package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/wire"
)

// addresses are, for each route by which something leaves the house, the addresses at
// which a story could be found. A new route fails the test until it stands here.
func addresses(s *shot) map[string][]string {
	day := time.Now().UTC()
	return map[string][]string{
		"GET /{$}":                                 {"/"},
		"GET /category/{section}":                  {"/category/city"},
		"GET /category/{section}/{slug}":           {s.path, s.path + "?comment-order=oldest"},
		"GET /category/{section}/{slug}/error":     {s.path + "/error"},
		"GET /category/{section}/{slug}/history":   {s.path + "/history"},
		"GET /category/{section}/feed":             {"/category/city/feed"},
		"GET /a/{id}":                              {"/a/" + s.id},
		"GET /feed":                                {"/feed"},
		"GET /feed.json":                           {"/feed.json"},
		"GET /feed/author":                         {"/feed/author?name=" + url.QueryEscape("Ada "+s.word)},
		"GET /feed/topic":                          {"/feed/topic?name=" + url.QueryEscape(s.topic)},
		"GET /feed/story/{article}":                {"/feed/story/" + s.id},
		"GET /most-read/feed":                      {"/most-read/feed"},
		"GET /corrections":                         {"/corrections"},
		"GET /corrections/feed":                    {"/corrections/feed"},
		"GET /search":                              {"/search?q=bridge+closed", "/search?q=bridge+closed&order=newest", "/search?section=city", "/search?q=plain&in=comments"},
		"GET /search/suggest":                      {"/search/suggest?q=bridge"},
		"GET /archive":                             {"/archive"},
		"GET /archive/{year}":                      {day.Format("/archive/2006")},
		"GET /archive/{year}/{month}":              {day.Format("/archive/2006/01")},
		"GET /archive/{year}/{month}/{day}":        {day.Format("/archive/2006/01/02")},
		"GET /sitemap.xml":                         {"/sitemap.xml"},
		"GET /sitemap/{file}":                      {day.Format("/sitemap/2006-01.xml"), "/sitemap/sections.xml"},
		"GET /news-sitemap.xml":                    {"/news-sitemap.xml"},
		"GET /newsletter":                          {"/newsletter"},
		"GET /newsletter/asked":                    {"/newsletter/asked"},
		"GET /newsletter/confirm":                  {"/newsletter/confirm?token=x"},
		"GET /newsletter/preferences":              {"/newsletter/preferences?token=" + s.own},
		"GET /newsletter/{list}":                   {"/newsletter/daily"},
		"GET /newsletter/{list}/feed":              {"/newsletter/daily/feed"},
		"GET /newsletter/{list}/{edition}":         {"/newsletter/daily/" + strconv.Itoa(s.edition.Number)},
		"GET /to/{edition}/{link}/{key}":           {"/to/" + strconv.FormatUint(uint64(s.edition.Code), 36) + "/1/x"},
		"GET /unsubscribe/{token}":                 {"/unsubscribe/" + s.leaves},
		"GET /network/trending.json":               {"/network/trending.json"},
		"GET /network/picture/{file}":              nil, // the sister's
		"GET /network/to/{item}":                   nil, // the sister's
		"GET /media/{key}":                         pictures(s),
		"GET /preview/{token}":                     {"/preview/" + s.token},
		"GET /preview/{token}/media/{key}":         under("/preview/"+s.token, pictures(s)),
		"GET /live/{article}":                      {"/live/" + s.id},
		"GET /live/{article}/entries":              {"/live/" + s.id + "/entries?since=0"},
		"GET /live/{article}/{id}":                 {"/live/" + s.id + "/x"},
		"GET /poll/{article}":                      {"/poll/" + s.id},
		"GET /me/poll/{article}":                   {"/me/poll/" + s.id},
		"GET /scores/{article}":                    {"/scores/" + s.id},
		"GET /me/thread/{article}":                 {"/me/thread/" + s.id},
		"GET /thread/{article}":                    {"/thread/" + s.id},
		"GET /comment/{id}":                        {"/comment/" + s.comment},
		"GET /comment/{id}/edit":                   {"/comment/" + s.comment + "/edit"},
		"GET /comment/{id}/delete":                 {"/comment/" + s.comment + "/delete"},
		"GET /comment/{id}/report":                 {"/comment/" + s.comment + "/report"},
		"GET /member/{handle}":                     {"/member/" + s.member},
		"GET /moderation":                          {"/moderation"},
		"GET /account/following":                   {"/account/following", "/account/following?add=story:" + s.id, "/account/following?add=thread:" + s.id},
		"GET /account/notices":                     {"/account/notices"},
		"GET /account/decisions":                   {"/account/decisions"},
		"GET /account/data":                        {"/account/data"},
		"GET /account/newsletters":                 {"/account/newsletters"},
		"GET /me":                                  {"/me"},
		"GET /account":                             {"/account"},
		"GET /about":                               {"/about"},
		"GET /login":                               {"/login"},
		"GET /promo/play/{ticket}":                 {"/promo/play/x"},
		"GET /promo/to/{ticket}":                   {"/promo/to/x"},
		"GET /promo/vast/{file}":                   {"/promo/vast/x"},
		"GET /promo/report/{token}":                {"/promo/report/x"},
		"GET /promo/report/{token}/{file}":         {"/promo/report/x/report.csv"},
		"GET /promo/event/{ticket}/{what}":         {"/promo/event/x/start"},
		"GET /category/{section}/{slug}/{unknown}": nil,
	}
}

func pictures(s *shot) (list []string) {
	for _, f := range s.files {
		list = append(list, "/media/"+f)
	}
	return list
}

func under(at string, paths []string) (list []string) {
	for _, p := range paths {
		list = append(list, at+p)
	}
	return list
}

// nothing are routes, by their beginnings, that know of no story: who somebody is, what
// the program brings itself, and what only staff sees.
var nothing = []string{
	"GET /newsroom", "GET /assets/", "GET /healthz", "GET /readyz", "GET /robots.txt", "GET /ads.txt", "GET /.well-known/", "GET /favicon.ico", "GET /sw.js",
	"GET /portrait/", "GET /rules", "GET /about/", "GET /invite", "GET /connect/", "GET /register", "GET /verify-email", "GET /forgot-password", "GET /reset-password",
	"GET /logout", "GET /login/", "GET /me/live", "GET /account/sessions", "GET /account/connections", "GET /account/second-factor", "GET /account/recovery-codes",
	"GET /account/passkeys", "GET /account/profile", "GET /account/email", "GET /account/password", "GET /account/leave", "GET /account/people", "GET /account/muted",
	"GET /account/data/file", "GET /account/decisions/", "GET /account/reports/",
}

// ways are all addresses at which a story could be, of the routes that a node has.
func ways(t *testing.T, p *paper, s *shot) (list []string) {
	t.Helper()
	known := addresses(s)
	for _, pattern := range routes(t, p) {
		if !strings.HasPrefix(pattern, "GET ") || slices.ContainsFunc(nothing, func(begin string) bool { return strings.HasPrefix(pattern, begin) }) {
			continue
		}
		paths, ok := known[pattern]
		if !ok {
			t.Fatalf("nobody has said at which addresses of %q a story could be found", pattern)
		}
		list = append(list, paths...)
	}
	return list
}

// A sight is where a word was seen, and how long after the kill that was asked.
type sight struct {
	node         int // -1 is the sister
	path, cookie string
	asked        time.Duration
}

// look asks all nodes, and the sister, as a stranger and as the member. Found are those
// places that show a word or a picture of the story.
func (k *flock) look(s *shot, began time.Time, words ...string) (found []sight) {
	k.t.Helper()
	at := func(n int, p *paper, path, cookie string) {
		if asked := time.Since(began); k.shows(p, path, cookie, words...) {
			found = append(found, sight{n, path, cookie, asked})
		}
	}
	for n, p := range k.nodes {
		for _, path := range ways(k.t, p, s) {
			at(n, p, path, "")
			at(n, p, path, k.cookie)
		}
	}
	for _, path := range []string{"/", "/network/to/" + s.atSister} {
		at(-1, k.sister, path, "")
	}
	return found
}

// shows reports whether an answer tells of a word. What somebody has typed comes back in
// the addresses of a page, and is no sign.
func (k *flock) shows(p *paper, path, cookie string, words ...string) bool {
	status, whole := get(p, path, cookie)
	if strings.Contains(path, "/media/") {
		return status == http.StatusOK
	}
	for _, typed := range []string{path, url.QueryEscape(path), url.PathEscape(path)} {
		if len(typed) > 1 {
			whole = strings.ReplaceAll(whole, typed, "")
		}
	}
	whole = strings.ToLower(whole)
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(whole, word) })
}

// gone asks again and again until no place shows a word. Last is the place that was asked
// last and still did; left are those that do for ever.
func (k *flock) gone(s *shot, began time.Time, words ...string) (last sight, left []sight) {
	k.t.Helper()
	const patience = 20 * time.Second
	for left = k.look(s, began, words...); len(left) > 0 && time.Since(began) < patience; {
		var still []sight
		for _, at := range left {
			last = at
			p := k.sister
			if at.node >= 0 {
				p = k.nodes[at.node]
			}
			if at.asked = time.Since(began); k.shows(p, at.path, at.cookie, words...) {
				still = append(still, at)
			}
		}
		if left = still; len(left) == 0 {
			left = k.look(s, began, words...) // nothing has come back
		}
	}
	return last, left
}

// everywhere is where a story must be before it is killed: else nothing is proved.
func (k *flock) everywhere(s *shot) {
	k.t.Helper()
	must := []string{
		"/", "/category/city", s.path, s.path + "/history", s.path + "/error", "/a/" + s.id, "/feed", "/feed.json", "/category/city/feed",
		"/feed/author?name=" + url.QueryEscape("Ada "+s.word), "/feed/topic?name=" + url.QueryEscape(s.topic), "/feed/story/" + s.id, "/most-read/feed",
		"/search?q=bridge+closed", "/search?q=bridge+closed&order=newest", "/search?section=city", "/search?q=plain&in=comments", "/search/suggest?q=bridge",
		time.Now().UTC().Format("/archive/2006/01/02"), time.Now().UTC().Format("/sitemap/2006-01.xml"), "/news-sitemap.xml",
		"/newsletter/daily", "/newsletter/daily/feed", "/newsletter/daily/" + strconv.Itoa(s.edition.Number), "/network/trending.json",
		"/preview/" + s.token, "/comment/" + s.comment, "/member/" + s.member,
	}
	must = append(must, pictures(s)...)
	for n := range k.nodes {
		missing := slices.Clone(must) // what has come is not asked for again: that would keep the rest waiting
		papertest.Eventually(k.t, func() bool {
			missing = slices.DeleteFunc(missing, func(path string) bool { return k.shows(k.nodes[n], path, "", s.word) })
			return len(missing) == 0
		}, func() string { return fmt.Sprintf("node %d has not: %v", n, missing) })
	}
	if !k.shows(k.sister, "/", "", s.word) {
		k.t.Error("the sister does not show it")
	}
}

// TestKill lets a story of the wire go wherever stories go, and kills it: a second after
// the kill was taken in, no address of any node, nor the panel of a sister, tells of it.
// The same of a story that is withheld.
//
// Seen red: a sister that only polls; an archive of newsletters that names editions by
// their subjects; a panel whose pages age.
func TestKill(t *testing.T) {
	for _, of := range []struct {
		database string
		nodes    int
	}{{"sqlite", 1}, {"postgres", 2}} {
		t.Run(of.database, func(t *testing.T) {
			t.Parallel() // most of the time is waiting until the story has spread
			address := ""
			if of.database == "postgres" {
				address = papertest.EmptyPostgres(t)
			}
			k := newFlock(t, address, of.nodes)
			for _, status := range []string{"canceled", "withheld"} {
				papertest.InTime(t, status, time.Second, func() time.Duration {
					s := k.spread()
					k.everywhere(s)
					began := time.Now()
					r := k.deliver(*s, 3, status)
					taken := time.Since(began)
					if r.Decision != wire.Recalled {
						t.Fatalf("the story is %v: %s", r.Decision, r.Reason)
					}
					began = time.Now()
					last, left := k.gone(s, began, s.word, s.picture)
					for _, at := range left {
						t.Errorf("node %d shows it for ever: %s (%t)", at.node, at.path, at.cookie != "")
					}
					for n, p := range k.nodes {
						if status, _ := get(p, s.path, ""); status != http.StatusGone {
							t.Errorf("node %d answers %d", n, status)
						}
						if _, feed := get(p, "/feed", ""); !strings.Contains(feed, `<at:deleted-entry ref="`+p.settings.base()+"/a/"+s.id+`"`) {
							t.Errorf("the feed of node %d has no tombstone", n)
						}
					}
					t.Logf("%s: taken in %v, last seen %v after, of node %d: %s", status, taken.Round(time.Millisecond), last.asked.Round(time.Millisecond), last.node, last.path)
					return last.asked
				})
			}
			k.expires(t)
		})
	}
}

// expires holds that of a story whose licence ends the body and the picture go, while its
// headline and its thread stay.
func (k *flock) expires(t *testing.T) {
	s := k.spread()
	ctx, p := t.Context(), k.nodes[0]
	a, err := p.articles.Get(ctx, p.db, s.id)
	k.check(err)
	rights := a.Rights
	end := time.Now().Add(1500 * time.Millisecond)
	rights.Expires = end
	k.check(p.db.Tx(ctx, func(tx *db.Tx) error { return p.articles.SetRights(ctx, tx, s.id, rights) }))
	papertest.Eventually(t, func() bool { return !time.Now().Before(end) })
	last, left := k.gone(s, end, "was closed on friday because of the "+s.word, s.picture)
	t.Logf("the end of a licence: last seen %v after, of node %d: %s", last.asked.Round(time.Millisecond), last.node, last.path)
	for _, at := range left {
		t.Errorf("node %d shows it for ever: %s", at.node, at.path)
	}
	if last.asked > papertest.Slow(time.Second) {
		t.Logf("that is late")
	}
	if status, whole := get(p, s.path, ""); status != http.StatusOK || !strings.Contains(whole, "The "+s.word+" bridge closes") || !strings.Contains(whole, "A plain answer") {
		t.Errorf("headline and thread do not stay: %d", status)
	}
}
