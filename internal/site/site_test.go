package site

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
	"kawaraban/internal/follow"
	"kawaraban/internal/job"
	"kawaraban/internal/live"
	"kawaraban/internal/mail"
	"kawaraban/internal/media"
	"kawaraban/internal/network"
	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/paper"
	"kawaraban/internal/papertest"
	"kawaraban/internal/poll"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/push"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
	"kawaraban/internal/search"
	"kawaraban/internal/secret"
	"kawaraban/internal/wire"
)

// press is a paper that a test prints: real stores on an empty database, with
// a clock that stands at six in the evening of 3 November 2025, JST.
type press struct {
	*Site
	t       *testing.T
	db      *db.DB
	clock   papertest.Clock
	handler http.Handler
	trend   []string // ids of what is trending
}

var testSections = []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}, {Slug: "opinion", Name: "Opinion"}}

// start opens a paper on d. change may alter what the paper is.
func start(t *testing.T, d *db.DB, change func(*Paper)) *press {
	t.Helper()
	p := &press{t: t, db: d}
	blobs, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	jobs := job.New(d, log)
	job.Handle(jobs, article.DueKind, func(context.Context, article.Due) error { return nil })
	job.Handle(jobs, media.DrawKind, func(context.Context, media.Drawing) error { return nil })
	job.Handle(jobs, reader.LetterJob, func(ctx context.Context, l reader.Letter) error { return p.SendLetter(ctx, l) })
	job.Handle(jobs, comment.NoticeJob, func(ctx context.Context, id string) error { return p.SendNotice(ctx, id) })
	job.Handle(jobs, comment.DailyJob, func(ctx context.Context, d comment.Daily) error { return p.SendDaily(ctx, d) })
	keys := secret.NewKeyring()
	p.Site = &Site{
		Paper: Paper{
			Name: "The Arl Valley Post", Edition: "Printed at the mill bridge since 1874", Notice: "© 2025 Arl Valley Press",
			Language: "en", Zone: time.FixedZone("JST", 9*60*60), BaseURL: "https://post.example", Sections: testSections,
			SecurityContact: "security@post.example",
		},
		Readers: &reader.Store{
			DB: d, Passwords: secret.CheapPasswords(keys), Keys: keys, Jobs: jobs, Blobs: blobs,
			Audit: &audit.Log{DB: d, Keys: keys, Now: p.clock.Now}, Now: p.clock.Now, ID: db.NewID,
		},
		Comments: &comment.Store{
			DB: d, Keys: keys, Jobs: jobs, Audit: &audit.Log{DB: d, Keys: keys, Now: p.clock.Now}, Now: p.clock.Now, ID: counter("c"),
		},
		Mail:     &mail.Sender{From: "post@post.example", Outbox: t.TempDir()},
		Articles: &article.Store{DB: d, Jobs: jobs, Now: p.clock.Now, ID: counter("a")},
		Media:    &media.Store{DB: d, Blobs: blobs, Jobs: jobs, Now: p.clock.Now, ID: counter("p"), Log: log},
		Cache:    page.NewCache(8<<20, p.clock.Now),
		Log:      log,
		Now:      p.clock.Now,
	}
	p.Papers = &paper.Store{DB: d, Audit: p.Readers.Audit, Now: p.clock.Now, ID: counter("g")}
	p.Live = &live.Store{DB: d, Now: p.clock.Now, ID: counter("l")}
	p.Polls = &poll.Store{DB: d, Now: p.clock.Now, ID: counter("o")}
	p.Letters = &newsletter.Store{
		DB: d, Articles: p.Articles, Readers: p.Readers, Jobs: jobs, Audit: p.Readers.Audit, Keys: keys, Now: p.clock.Now, ID: db.NewID, Log: log,
		Zone: func() *time.Location { return p.Paper.Zone }, Office: &mail.Office{Sender: p.Mail}, Press: func(ctx context.Context, c newsletter.Content) (*mail.Stencil, error) { return p.Press(ctx, c) },
	}
	job.Handle(jobs, newsletter.AskingJob, func(ctx context.Context, a newsletter.Asking) error { return p.SendConfirm(ctx, a) })
	job.Handle(jobs, newsletter.SendJob, p.Letters.Send)
	p.Follows = &follow.Store{DB: d, Articles: p.Articles, Jobs: jobs, Now: p.clock.Now, MayWrite: p.Letters.MayWrite}
	p.Follows.Work()
	p.Pushes = &push.Store{
		DB: d, Keys: keys, Fetch: fetch.New(fetch.Settings{AllowHosts: push.Services()}), Contact: "desk@post.example", Now: p.clock.Now, ID: db.NewID, Log: log,
	}
	p.Search = searcher(p)
	job.Handle(jobs, follow.LetterJob, func(ctx context.Context, l follow.Letter) error { return p.SendFollowed(ctx, l) })
	job.Handle(jobs, newsletter.AlertJob, p.Letters.Send)
	p.Comments.OnBan = append(p.Comments.OnBan, p.Polls.Bar)
	p.Desk = &desk.Store{DB: d, Articles: p.Articles, Readers: p.Readers, Media: p.Media, Live: p.Live, Polls: p.Polls, Jobs: jobs, Audit: p.Readers.Audit, Keys: keys, Now: p.clock.Now, ID: counter("e")}
	job.Handle(jobs, desk.ErrorLetterJob, func(ctx context.Context, l desk.ErrorLetter) error { return p.SendErrorLetter(ctx, l) })
	job.Handle(jobs, desk.AssignmentJob, func(context.Context, desk.Assignment) error { return nil })
	job.Handle(jobs, comment.ReportJob, func(ctx context.Context, l comment.ReportLetter) error { return p.SendReport(ctx, l) })
	p.Network = &network.Store{
		DB: d, Articles: p.Articles, Media: p.Media, Blobs: blobs, Jobs: jobs, Keys: keys, Audit: p.Readers.Audit, Fetch: fetch.New(fetch.Settings{}),
		Paper: func() network.Paper {
			return network.Paper{Name: p.Paper.Name, Language: p.Paper.Language, Base: p.Paper.BaseURL}
		},
		Trending: func(context.Context, int) ([]string, error) { return p.trend, nil }, Vanished: func() { p.Cache.Age(network.Tag) },
		Now: p.clock.Now, ID: counter("n"), Log: log,
	}
	p.Network.Work()
	p.Promo = &promo.Store{
		DB: d, Media: p.Media, Keys: keys, Audit: p.Readers.Audit, Jobs: jobs, Fetch: fetch.New(fetch.Settings{}), Base: p.Paper.BaseURL,
		Zone: func() *time.Location { return p.Paper.Zone }, Vanished: func() { p.Cache.PurgeAll() }, Now: p.clock.Now, ID: db.NewID, Log: log,
	}
	p.Promo.Work()
	p.Hooks = letters(p).Hook
	p.Wire = &wire.Store{
		DB: d, Articles: p.Articles, Media: p.Media, Keys: keys, Language: func() string { return "en" }, Now: p.clock.Now, ID: db.NewID, Log: log,
	}
	p.Comments.Work()
	p.Readers.Work()
	if change != nil {
		change(&p.Paper)
	}
	check(t, p.Articles.SetSections(t.Context(), p.Paper.Sections))
	p.handler, err = p.Handler()
	check(t, err)
	return p
}

// searcher finds what is on the press, comments too.
func searcher(p *press) *search.Store {
	said := func(list []comment.Comment) (all []search.Said) {
		for _, c := range list {
			all = append(all, search.Said{ID: c.ID, Article: c.Article, Author: c.Author, Body: c.Body, Version: c.Version, Shown: c.Shown})
		}
		return all
	}
	s := &search.Store{
		DB: p.db, Articles: p.Articles, Jobs: p.Articles.Jobs, Now: p.clock.Now, Log: p.Log,
		Thread: func(ctx context.Context, article, after string, limit int) ([]search.Said, error) {
			list, err := p.Comments.Readable(ctx, article, after, limit)
			return said(list), err
		},
		Entries: func(ctx context.Context, q db.Querier, article string, limit int) ([]search.Entry, error) {
			r, err := p.Live.ReportIn(ctx, q, article)
			if err != nil {
				return nil, err
			}
			list, err := p.Live.Newest(ctx, q, article, limit)
			parts := []search.Entry{{Text: r.Summary.Text()}}
			for _, e := range list {
				parts = append(parts, search.Entry{ID: e.ID, At: e.At, Headline: e.Headline, Text: e.Body.Text()})
			}
			return parts, err
		},
		Comments: func(ctx context.Context, ids ...string) (map[string]search.Said, error) {
			list, err := p.Comments.ReadableOf(ctx, ids...)
			found := map[string]search.Said{}
			for _, c := range said(list) {
				found[c.ID] = c
			}
			return found, err
		},
	}
	s.Work()
	return s
}

type testWriter struct{ t *testing.T }

// Write says nothing once the test is over: pages that have aged are rendered
// again some seconds later, and find the database closed.
func (w testWriter) Write(b []byte) (int, error) {
	if w.t.Context().Err() == nil {
		w.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

func counter(prefix string) func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%s%04d", prefix, n)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// story is an article of the tests: a headline and two paragraphs.
func story(section, headline string) article.New {
	return article.New{
		Section: section, Class: article.Class{Language: "en", Weight: 2}, By: "test",
		Content: article.Content{
			Headline: headline, Standfirst: "What " + strings.ToLower(headline) + " means for the valley.",
			Bylines: []string{"Ida Fjeld"}, Dateline: "ARLMOUTH", SourceNotice: "© 2025 Valley Wire",
			Body: text("The council met on Monday. It decided.", "Nobody left before the end."),
		},
	}
}

func text(paragraphs ...string) richtext.Doc {
	return richtext.FromText(strings.Join(paragraphs, "\n\n"))
}

// publish stores n and lets readers have it since ago.
func (p *press) publish(n article.New, ago time.Duration) (id string) {
	p.t.Helper()
	id = p.draft(n)
	p.tx(func(tx *db.Tx) error {
		return p.Articles.Publish(p.t.Context(), tx, id, p.clock.Now().Add(-ago))
	})
	return id
}

func (p *press) draft(n article.New) (id string) {
	p.t.Helper()
	p.tx(func(tx *db.Tx) (err error) {
		id, err = p.Articles.Create(p.t.Context(), tx, n)
		return err
	})
	return id
}

// tx changes the database and tells the site what happened, at once.
func (p *press) tx(fn func(tx *db.Tx) error) {
	p.t.Helper()
	check(p.t, p.db.Tx(p.t.Context(), fn))
	rows, err := p.db.Query(p.t.Context(), `select id, kind, subject from outbox order by id`)
	check(p.t, err)
	defer rows.Close()
	for rows.Next() {
		var e event.Event
		check(p.t, rows.Scan(&e.ID, &e.Kind, &e.Subject))
		check(p.t, p.Hear(p.t.Context(), e))
	}
	check(p.t, rows.Err())
}

// picture stores a drawn picture of one shade, and has its renditions made.
func (p *press) picture(shade uint8, caption string, drawn bool) (id string) {
	p.t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 330, 220))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	check(p.t, png.Encode(&b, img))
	k, err := p.Media.Keep(p.t.Context(), b.Bytes())
	check(p.t, err)
	k.Meta.Caption, k.Meta.Credit = caption, "Valley Wire/Ida Fjeld"
	p.tx(func(tx *db.Tx) (err error) {
		id, err = p.Media.Add(p.t.Context(), tx, k)
		return err
	})
	if drawn {
		check(p.t, p.Media.Draw(p.t.Context(), media.Drawing{ID: id}))
		check(p.t, p.Media.Draw(p.t.Context(), media.Drawing{ID: id, WebP: true}))
	}
	return id
}

func (p *press) do(r *http.Request) *http.Response {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w.Result()
}

// get returns the status and the text of an address.
func (p *press) get(path string) (int, string) {
	p.t.Helper()
	res := p.do(httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil))
	b, err := io.ReadAll(res.Body)
	check(p.t, err)
	return res.StatusCode, string(b)
}

// page returns the text of an address that answers 200.
func (p *press) page(path string) string {
	p.t.Helper()
	status, body := p.get(path)
	if status != http.StatusOK {
		p.t.Fatalf("GET %s: %d\n%s", path, status, body)
	}
	return body
}

// hashes are what changes in a page when only an asset does.
var hashes = regexp.MustCompile(`(/assets/\w+\.)[0-9a-f]{12}|(integrity=")[^"]+`)

func plain(body string) string { return hashes.ReplaceAllString(body, "${1}${2}HASH") }

// newsday prints a day's paper: enough of everything for the golden pages.
func newsday(t *testing.T, change func(*Paper)) *press {
	p := start(t, papertest.SQLite(t), change)
	lead := story("city", "Council votes for a new mill bridge")
	lead.Weight, lead.Kicker, lead.Bylines = 5, "Town hall", []string{"Ida Fjeld", "Jon Aker", "Mei Sato"}
	lead.Lead = article.Lead{
		Picture: p.picture(200, "The mill bridge, closed to carts since spring.", true),
		Caption: "The bridge at dusk.", Alt: "A stone bridge with two arches.",
	}
	lead.Body = richtext.FromHTML(`<p>The council voted on Monday. <a href="/category/world/grain">Grain</a> prices fell.</p><h2>What it costs</h2>
		<blockquote><p>It will stand longer than I.</p><footer>Ola Moen, mason</footer></blockquote>
		<table><caption>The vote</caption><thead><tr><th>Group</th><th>Seats</th></tr></thead><tbody><tr><td>Mill List</td><td>9</td></tr></tbody></table>
		<ul><li>stone from the upper valley</li></ul>`, "https://post.example/")
	id := p.publish(lead, 5*time.Hour)
	p.tx(func(tx *db.Tx) error {
		return p.Articles.Revise(t.Context(), tx, id, lead.Content, article.Revision{Reason: article.Update, By: "Ida"})
	})
	p.argue(id)
	for i, headline := range []string{"School kitchen opens", "Tram stops at the weir", "Library lends ladders", "Night bus returns"} {
		p.publish(story("city", headline), time.Duration(i+6)*time.Hour)
	}
	waiting := story("world", "Grain strike ends & ships sail")
	waiting.Lead = article.Lead{Picture: p.picture(90, "Ships in the straits.", false), Alt: "Ships."}
	waiting.Feed, waiting.Standfirst = article.FeedSummary, ""
	p.publish(waiting, 7*time.Hour)
	p.amend(p.publish(story("world", "Clocks stay as they are"), 50*time.Hour))
	voice := story("opinion", "In praise of slow bridges")
	voice.Kind = article.Opinion
	p.publish(voice, 20*time.Hour)
	ended := story("world", "A picture story that was lent")
	ended.Expires = p.clock.Now().Add(-time.Hour)
	p.publish(ended, 30*time.Hour)
	gone := p.publish(story("world", "A story that was withdrawn"), 31*time.Hour)
	p.tx(func(tx *db.Tx) error {
		return p.Articles.Withdraw(t.Context(), tx, gone, article.Withdrawal{By: "Valley Wire", Why: "The agency could not confirm it."})
	})
	return p
}

// amend gives a story that was published days ago all that can become of one:
// an update, a correction, a small change and a version that nobody has.
func (p *press) amend(id string) {
	p.t.Helper()
	ctx := p.t.Context()
	a, err := p.Articles.Get(ctx, p.db, id)
	check(p.t, err)
	c := a.Content
	revise := func(at time.Duration, body string, r article.Revision) {
		c.Body = richtext.FromHTML(body, "")
		p.tx(func(tx *db.Tx) error {
			if err := p.Articles.Revise(ctx, tx, id, c, r); err != nil {
				return err
			}
			// As if it had been then.
			_, err := tx.Exec(ctx, `update revision set shown = $2, created = $2 where article = $1 and number = (select revision from article where id = $1)`,
				id, db.Time(p.clock.Now().Add(-at)))
			return err
		})
	}
	const rest = `<p>The bell of the mill struck seven.</p><p>The tram waited.</p><p>A dog barked.</p><p>The valley slept on.</p>`
	revise(49*time.Hour, `<p>The council met on Monday. It decided.</p><p>Nobody left before the end.</p>`+rest, article.Revision{Reason: article.Update, By: "Ida"})
	c.Headline = "Clocks stay as they were"
	revise(30*time.Hour, `<p>The council met on Tuesday. It decided.</p><p>Nobody left before the end.</p>`+rest+
		`<figure><img src="/media/x" alt="A clock"><figcaption>The clock of the town hall. <span class="credit">Ida Fjeld</span></figcaption></figure>`,
		article.Revision{Reason: article.Correction, By: "Ida Hidden", Note: "An earlier version said that the council met on Monday. It met on Tuesday."})
	revise(2*time.Hour, `<p>The council met on Tuesday. It decided.</p>`+rest+`<table><tr><th>Hour<th>Bell<tr><td>7<td>mill</table>`,
		article.Revision{Reason: article.Edit, By: "Ida Hidden", Note: "a note of the desk"})
	p.tx(func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update article set updated = $2 where id = $1`, id, db.Time(p.clock.Now().Add(-30*time.Hour))); err != nil {
			return err
		}
		c.Headline = "canary-kept"
		_, err := p.Articles.Keep(ctx, tx, id, c, "Ida Hidden")
		return err
	})
}

// TestPages holds whole pages against golden files.
func TestPages(t *testing.T) {
	p := newsday(t, nil)
	for name, path := range map[string]string{
		"front.html":         "/",
		"section.html":       "/category/world",
		"article.html":       "/category/city/council-votes-for-a-new-mill-bridge",
		"history.html":       "/category/world/clocks-stay-as-they-are/history",
		"corrected.html":     "/category/world/clocks-stay-as-they-are",
		"corrections.html":   "/corrections",
		"corrections.xml":    "/corrections/feed",
		"expired.html":       "/category/world/a-picture-story-that-was-lent",
		"feed.xml":           "/feed",
		"section.xml":        "/category/world/feed",
		"feed.json":          "/feed.json",
		"sitemap.xml":        "/sitemap.xml",
		"sitemap-month.xml":  "/sitemap/2025-11.xml",
		"sitemap-static.xml": "/sitemap/sections.xml",
		"news-sitemap.xml":   "/news-sitemap.xml",
		"robots.txt":         "/robots.txt",
		"ads.txt":            "/ads.txt",
		"security.txt":       "/.well-known/security.txt",
		"passkeys.json":      "/.well-known/passkey-endpoints",
	} {
		t.Run(name, func(t *testing.T) { papertest.Golden(t, name, plain(p.page(path))) })
	}
	for name, path := range map[string]string{
		"gone.html": "/category/world/a-story-that-was-withdrawn", "notfound.html": "/nothing/here",
	} {
		t.Run(name, func(t *testing.T) {
			_, body := p.get(path)
			papertest.Golden(t, name, plain(body))
		})
	}
}

// TestRoutes holds the addresses of the paper against a list, so that none
// appears or vanishes unseen.
func TestRoutes(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	papertest.Golden(t, "routes.txt", strings.Join(p.handler.(*page.Router).Routes(), "\n")+"\n")
}

// TestFoundation is the first day, a paper with one story, and a quiet one.
func TestFoundation(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	if body := p.page("/"); !strings.Contains(body, "The presses are ready") {
		t.Errorf("a paper without stories shows\n%s", body)
	}
	if body := p.page("/category/city"); !strings.Contains(body, "Nothing has been published in City yet.") {
		t.Errorf("an empty section shows\n%s", body)
	}
	p.page("/feed")
	p.page("/feed.json")
	p.page("/sitemap.xml")
	p.page("/news-sitemap.xml")

	p.publish(story("city", "The first story"), time.Hour)
	body := p.page("/")
	if !strings.Contains(body, `class="top alone"`) || strings.Contains(body, "presses are ready") || strings.Contains(body, "All quiet") {
		t.Errorf("a paper with one story shows\n%s", body)
	}
	p.clock.Add(30 * time.Hour)
	if body := p.page("/"); !strings.Contains(body, "All quiet. Nothing new since Nov. 3, 2025, 17:00 JST.") {
		t.Errorf("a quiet day shows\n%s", body)
	}
}

// TestSectionPages walks from the newest stories to the oldest and back.
func TestSectionPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	const stories = 2*perSection + 3
	for i := range stories {
		p.publish(story("city", fmt.Sprintf("Story number %d", i)), time.Duration(i)*time.Hour)
	}
	link := regexp.MustCompile(`href="(/category/city/story-number-\d+)"`)
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	seen, pages := map[string]bool{}, 0
	for path := "/category/city"; path != ""; pages++ {
		body := p.page(path)
		for _, m := range link.FindAllStringSubmatch(body, -1) {
			seen[m[1]] = true
		}
		if pages > 0 && !strings.Contains(body, "To the newest stories") {
			t.Errorf("%s does not lead back", path)
		}
		path = ""
		if m := next.FindStringSubmatch(body); m != nil {
			path = strings.ReplaceAll(m[1], "&amp;", "&")
		}
	}
	if len(seen) != stories || pages != 3 {
		t.Errorf("%d stories on %d pages, want %d on 3", len(seen), pages, stories)
	}
	if status, _ := p.get("/category/city?before=nonsense"); status != http.StatusNotFound {
		t.Errorf("a cursor that is none answers %d", status)
	}
}

// TestHandlerRefuses is about papers that cannot be served.
func TestHandlerRefuses(t *testing.T) {
	for name, change := range map[string]func(*Paper){
		"no address":       func(p *Paper) { p.BaseURL = "" },
		"a path":           func(p *Paper) { p.BaseURL = "https://post.example/paper" },
		"another scheme":   func(p *Paper) { p.BaseURL = "ftp://post.example" },
		"no name":          func(p *Paper) { p.Name = " " },
		"a pale accent":    func(p *Paper) { p.Colours.Accent = "#ffcc00" },
		"a pale dark one":  func(p *Paper) { p.Colours = page.Colours{Accent: "#005500", AccentDark: "#005500"} },
		"no colour at all": func(p *Paper) { p.Colours.Accent = "red;}" },
	} {
		s := &Site{Paper: Paper{Name: "Post", Language: "en", BaseURL: "https://post.example"}}
		change(&s.Paper)
		if _, err := s.Handler(); problem.Of(err) == nil {
			t.Errorf("%s: %v, want a Problem", name, err)
		}
	}
}
