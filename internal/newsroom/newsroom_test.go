package newsroom

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"kawaraban/internal/article"
	"kawaraban/internal/audience"
	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/comment"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/event"
	"kawaraban/internal/fetch"
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
	"kawaraban/internal/promo"
	"kawaraban/internal/reader"
	"kawaraban/internal/search"
	"kawaraban/internal/secret"
	"kawaraban/internal/site"
	"kawaraban/internal/wire"
)

// house is a paper with its newsroom, put together as cmd does, on an empty
// database and with a clock that tests set.
type house struct {
	*Desk
	t       *testing.T
	db      *db.DB
	clock   papertest.Clock
	handler http.Handler
	site    *site.Site
	ids     atomic.Int64
	top     []string // what the front page shows

	base    string                  // of a house that is served
	trouble atomic.Pointer[trouble] // on the way to it
}

// id makes ids that golden files can hold.
func (h *house) id() string { return fmt.Sprintf("id%04d", h.ids.Add(1)) }

// start opens a paper on d at an address; also may add rooms of the test's own.
func start(t *testing.T, d *db.DB, base string, also ...func(h *house, rt *page.Router)) *house {
	t.Helper()
	h := &house{t: t, db: d}
	blobs, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	keys, jobs := secret.NewKeyring(), job.New(d, log)
	readers := &reader.Store{
		DB: d, Passwords: secret.CheapPasswords(keys), Keys: keys, Jobs: jobs, Blobs: blobs,
		Audit: &audit.Log{DB: d, Keys: keys, Now: h.clock.Now}, Now: h.clock.Now, ID: h.id,
	}
	readers.Work()
	articles := &article.Store{DB: d, Jobs: jobs, Audit: readers.Audit, Now: h.clock.Now, ID: h.id}
	comments := &comment.Store{DB: d, Keys: keys, Jobs: jobs, Audit: readers.Audit, Now: h.clock.Now, ID: h.id}
	comments.Work()
	pictures := &media.Store{DB: d, Blobs: blobs, Jobs: jobs, Now: h.clock.Now, ID: db.NewID, Log: log}
	reports := &live.Store{DB: d, Now: h.clock.Now, ID: h.id}
	polls := &poll.Store{DB: d, Now: h.clock.Now, ID: h.id}
	work := &desk.Store{
		DB: d, Articles: articles, Readers: readers, Media: pictures, Live: reports, Polls: polls, Jobs: jobs, Audit: readers.Audit, Keys: keys, Now: h.clock.Now, ID: h.id,
	}
	job.Handle(jobs, article.DueKind, articles.ComeDue)
	job.Handle(jobs, media.DrawKind, pictures.Draw)
	job.Handle(jobs, media.ForgetKind, pictures.Forget)
	job.Handle(jobs, desk.AssignmentJob, func(context.Context, desk.Assignment) error { return nil })
	job.Handle(jobs, comment.NoticeJob, func(context.Context, string) error { return nil })
	job.Handle(jobs, comment.ReportJob, func(context.Context, comment.ReportLetter) error { return nil })
	zone := time.FixedZone("JST", 9*60*60)
	papers := &paper.Store{DB: d, Audit: readers.Audit, Now: h.clock.Now, ID: h.id, Operator: paper.Identity{Name: "The Arl Valley Post", Language: "en", Zone: "Asia/Tokyo"}}
	h.Desk = &Desk{Paper: Paper{Name: "The Arl Valley Post and Upper Weir Advertiser", Language: "en", Zone: zone, BaseURL: base}, Readers: readers, Articles: articles, Comments: comments, Work: work, Papers: papers, Audit: readers.Audit, Audience: audience.NewNow(h.clock.Now), Opens: &audience.Store{DB: d, Now: h.clock.Now}, Ranks: new(audience.Ranks), Now: h.clock.Now}
	s := &site.Site{
		Paper:    site.Paper{Name: h.Paper.Name, Language: "en", Zone: zone, BaseURL: base},
		Readers:  readers,
		Mail:     &mail.Sender{From: "post@post.example", Outbox: t.TempDir()},
		Articles: articles,
		Comments: comments,
		Live:     reports,
		Desk:     work,
		Polls:    polls,
		Papers:   papers,
		Media:    pictures,
		Search:   &search.Store{DB: d, Articles: articles, Jobs: jobs, Now: h.clock.Now, Log: log},
		Cache:    page.NewCache(1<<20, h.clock.Now),
		Log:      log,
		Now:      h.clock.Now,
		Also: []func(*page.Router) error{h.Routes, func(rt *page.Router) error {
			for _, add := range also {
				add(h, rt)
			}
			return nil
		}},
	}
	h.Looks = looks(s)
	h.Newsletters = &newsletter.Store{
		DB: d, Articles: articles, Readers: readers, Jobs: jobs, Audit: readers.Audit, Keys: keys, Now: h.clock.Now, ID: db.NewID, Log: log,
		Zone: func() *time.Location { return zone }, Office: &mail.Office{Sender: s.Mail}, Press: s.Press,
		Sources: newsletter.Sources{
			Front:   func(context.Context) ([]string, error) { return h.top, nil },
			Read:    func(context.Context, time.Time) ([]string, error) { return nil, nil },
			Best:    func(context.Context, time.Time) (string, error) { return "", nil },
			Comment: func(context.Context, string) (q newsletter.Quoted, ok bool, err error) { return q, false, nil },
		},
	}
	s.Letters, h.Editions = h.Newsletters, s.Proofread
	h.Network = &network.Store{
		DB: d, Articles: articles, Media: pictures, Blobs: blobs, Jobs: jobs, Keys: keys, Audit: readers.Audit, Fetch: fetch.New(fetch.Settings{}),
		Paper:    func() network.Paper { return network.Paper{Name: h.Paper.Name, Language: "en", Base: base} },
		Trending: func(context.Context, int) ([]string, error) { return h.top, nil }, Now: h.clock.Now, ID: h.id, Log: log,
	}
	h.Network.Work()
	h.Wire = &wire.Store{
		DB: d, Articles: articles, Media: pictures, Fetch: fetch.New(fetch.Settings{}), Keys: keys, Audit: readers.Audit,
		Language: func() string { return "en" }, Zone: func() *time.Location { return zone }, Now: h.clock.Now, ID: db.NewID, Log: log,
		Index: s.Search.PutSent, Find: s.Search.FindSent,
	}
	h.Promo = &promo.Store{
		DB: d, Media: pictures, Keys: keys, Audit: readers.Audit, Zone: func() *time.Location { return zone }, Now: h.clock.Now, ID: db.NewID, Log: log,
	}
	work.Elsewhere = desk.Elsewhere{Holds: h.Promo.Holds, Free: promo.Free, Replace: h.Promo.Replace}
	s.Network = h.Network
	for _, kind := range []string{newsletter.SendJob, newsletter.AlertJob} {
		job.Handle(jobs, kind, h.Newsletters.Send)
	}
	job.Handle(jobs, newsletter.AskingJob, func(context.Context, newsletter.Asking) error { return nil })
	h.Proof = func(ctx context.Context, section string, placed article.Layout, dark bool, pictures string) (*page.Answer, error) {
		b, err := s.ShowFront(ctx, section, placed, dark, pictures)
		if err != nil {
			return nil, err
		}
		return site.Framed(page.Show(b)), nil
	}
	h.handler, err = s.Handler()
	check(t, err)
	h.site = s
	return h
}

// Hears has the site hear of all that has happened.
func (h *house) Hears(t *testing.T) {
	t.Helper()
	rows, err := h.db.Query(t.Context(), `select kind, subject from outbox order by id`)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var e event.Event
		check(t, rows.Scan(&e.Kind, &e.Subject))
		check(t, h.site.Hear(t.Context(), e))
	}
	check(t, rows.Err())
}

// looks are how cmd lets an article be seen before it is published.
func looks(s *site.Site) (list []Look) {
	for _, l := range []struct {
		name, word string
		look       site.Look
	}{
		{"desktop", "preview.desktop", site.LookPage},
		{"phone", "preview.phone", site.LookPage},
		{"dark", "preview.dark", site.LookDark},
		{"feed", "preview.feed", site.LookFeed},
		{"mail", "preview.mail", site.LookMail},
		{"card", "preview.card", site.LookCard},
	} {
		list = append(list, Look{Name: l.name, Word: l.word, Show: func(ctx context.Context, a *article.Article, pictures string) (*page.Answer, error) {
			b, err := s.ShowDraft(ctx, a, l.look, pictures)
			if err != nil {
				return nil, err
			}
			if l.look == site.LookMail {
				return site.FramedLetter(page.Show(b)), nil
			}
			return site.Framed(page.Show(b)), nil
		}})
	}
	return list
}

const here = "https://post.example"

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hires adds somebody with a role.
func (h *house) hires(name string, role reader.Role) (id string) {
	h.t.Helper()
	id, err := h.Readers.Add(h.t.Context(), reader.New{
		Email: strings.ToLower(name) + "@post.example", Name: name, Role: role, Password: "correct horse battery staple",
	})
	check(h.t, err)
	return id
}

// session begins a session of a kind and returns its token.
func (h *house) session(id string, kind reader.Kind) string {
	h.t.Helper()
	token := secret.NewToken()
	check(h.t, h.db.Tx(h.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(h.t.Context(), `insert into session (hash, id, reader, kind, way, device, proved, seen, created) values ($1, $2, $3, $4, 'password', '', $5, $5, $5)`,
			token.Hash().String(), db.NewID(), id, kind, db.Time(h.clock.Now()))
		return err
	}))
	return token.Reveal()
}

// own is the session that somebody with a role has.
func (h *house) own(id string, role reader.Role) string {
	if role.Staff() {
		return h.session(id, reader.StaffSession)
	}
	return h.session(id, reader.ReaderSession)
}

// asks sends a request with a session's token and further headers, as one of our
// own pages would, and returns the answer with its text.
func (h *house) asks(method, target, token string, header ...string) (*http.Response, string) {
	h.t.Helper()
	return h.send(httptest.NewRequest(method, here+target, nil), token, header...)
}

// fills sends a form: names and values of its fields in turn.
func (h *house) fills(target, token string, fields ...string) (*http.Response, string) {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, here+target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.send(r, token)
}

func (h *house) send(r *http.Request, token string, header ...string) (*http.Response, string) {
	h.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.AddCookie(&http.Cookie{Name: "__Host-session", Value: token})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Result().Body)
	check(h.t, err)
	return w.Result(), string(b)
}

var hashes = regexp.MustCompile(`(/assets/\w+\.)[0-9a-f]{12}|(integrity=")[^"]+`)

// TestTemplates holds each template against the struct that it shows.
func TestTemplates(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	for _, language := range page.Languages() {
		v, err := h.viewsIn(language)
		check(t, err)
		check(t, templatecheck.CheckHTML(v.again.HTML(), againPage{}))
		check(t, templatecheck.CheckHTML(v.returned.HTML(), backPage{}))
		check(t, templatecheck.CheckHTML(v.overview.HTML(), overviewPage{}))
		check(t, templatecheck.CheckHTML(v.newStory.HTML(), newStoryPage{}))
		check(t, templatecheck.CheckHTML(v.topics.HTML(), topicsPage{}))
		check(t, templatecheck.CheckHTML(v.audit.HTML(), auditPage{}))
		check(t, templatecheck.CheckHTML(v.plans.HTML(), plansPage{}))
		check(t, templatecheck.CheckHTML(v.plan.HTML(), planPage{}))
		check(t, templatecheck.CheckHTML(v.stories.HTML(), storiesPage{}))
		check(t, templatecheck.CheckHTML(v.wireWays.HTML(), wireSourcesPage{}))
		check(t, templatecheck.CheckHTML(v.wireWay.HTML(), wireSourcePage{}))
		check(t, templatecheck.CheckHTML(v.story.HTML(), storyPage{}))
		check(t, templatecheck.CheckHTML(v.preview.HTML(), previewPage{}))
		check(t, templatecheck.CheckHTML(v.front.HTML(), frontPage{}))
		check(t, templatecheck.CheckHTML(v.reporting.HTML(), reportingPage{}))
		check(t, templatecheck.CheckHTML(v.shot.HTML(), entryShot{}))
		check(t, templatecheck.CheckHTML(v.revisions.HTML(), revisionsPage{}))
		check(t, templatecheck.CheckHTML(v.pictures.HTML(), picturesPage{}))
		check(t, templatecheck.CheckHTML(v.picture.HTML(), picturePage{}))
		check(t, templatecheck.CheckHTML(v.video.HTML(), videoPage{}))
		check(t, templatecheck.CheckHTML(v.errors.HTML(), errorsPage{}))
		check(t, templatecheck.CheckHTML(v.report.HTML(), errorPage{}))
		check(t, templatecheck.CheckHTML(v.queue.HTML(), queuePage{}))
		check(t, templatecheck.CheckHTML(v.bulk.HTML(), bulkPage{}))
		check(t, templatecheck.CheckHTML(v.sorry.HTML(), sorryPage{}))
		check(t, templatecheck.CheckHTML(v.member.HTML(), memberPage{}))
		check(t, templatecheck.CheckHTML(v.thread.HTML(), threadPage{}))
		check(t, templatecheck.CheckHTML(v.sections.HTML(), sectionsPage{}))
		check(t, templatecheck.CheckHTML(v.rules.HTML(), rulesPage{}))
		check(t, templatecheck.CheckHTML(v.settings.HTML(), settingsPage{}))
		check(t, templatecheck.CheckHTML(v.newsletters.HTML(), newslettersPage{}))
		check(t, templatecheck.CheckHTML(v.edition.HTML(), editionPage{}))
		check(t, templatecheck.CheckHTML(v.send.HTML(), sendPage{}))
		check(t, templatecheck.CheckHTML(v.alert.HTML(), alertPage{}))
		check(t, templatecheck.CheckHTML(v.lists.HTML(), listsPage{}))
		check(t, templatecheck.CheckHTML(v.list.HTML(), listPage{}))
		check(t, templatecheck.CheckHTML(v.subscribers.HTML(), subscribersPage{}))
		check(t, templatecheck.CheckHTML(v.subscriber.HTML(), subscriberPage{}))
		check(t, templatecheck.CheckHTML(v.intake.HTML(), intakePage{}))
		check(t, templatecheck.CheckHTML(v.suppressions.HTML(), suppressionsPage{}))
		check(t, templatecheck.CheckHTML(v.log.HTML(), logPage{}))
		check(t, templatecheck.CheckHTML(v.bookings.HTML(), bookingsPage{}))
		check(t, templatecheck.CheckHTML(v.booking.HTML(), bookingPage{}))
		check(t, templatecheck.CheckHTML(v.books.HTML(), bookingForm{}))
	}
}

// TestPages holds whole pages against golden files.
func TestPages(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	id := h.hires("Ida", reader.Moderator)
	token := h.session(id, reader.StaffSession)
	res, body := h.asks(http.MethodGet, "/newsroom/moderation/reported", token)
	if caching := res.Header.Get("Cache-Control"); res.StatusCode != http.StatusOK || caching != "no-store" {
		t.Errorf("a room answers %d with %q", res.StatusCode, caching)
	}
	papertest.Golden(t, "room.html", hashes.ReplaceAllString(body, "${1}${2}HASH"))

	_, body = h.asks(http.MethodGet, "/newsroom/moderation", "", "Sec-Fetch-Site", "cross-site")
	papertest.Golden(t, "again.html", hashes.ReplaceAllString(body, "${1}${2}HASH"))

	check(t, h.db.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update reader set language = 'ja' where id = $1`, id)
		return err
	}))
	_, body = h.asks(http.MethodGet, "/newsroom/moderation/reported", token)
	for _, want := range []string{`<html lang="ja">`, "作業内容へ移動", "ログアウト"} {
		if !strings.Contains(body, want) {
			t.Errorf("a page for somebody who chose Japanese does not say %s\n%s", want, body)
		}
	}
}

// TestEntrance is about where /newsroom leads.
func TestEntrance(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	for _, role := range reader.Roles() {
		token := h.own(h.hires(string(role), role), role)
		res, body := h.asks(http.MethodGet, "/newsroom", token)
		switch {
		case role == reader.Member:
			if res.StatusCode != http.StatusForbidden || !strings.Contains(body, "The newsroom is for those who work for the paper.") {
				t.Errorf("a reader gets %d\n%s", res.StatusCode, body)
			}
		case role == reader.Moderator:
			if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/newsroom/moderation" {
				t.Errorf("a %s gets %d and is led to %q", role, res.StatusCode, to)
			}
		default:
			if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != "/newsroom/desk" {
				t.Errorf("a %s gets %d and is led to %q", role, res.StatusCode, to)
			}
		}
	}
}

// TestAssets loads what a page of the newsroom names: the sheet begins with the
// colours of the whole house, and with the operator's own accent.
func TestAssets(t *testing.T) {
	h := start(t, papertest.SQLite(t), here)
	for name, kind := range map[string]string{
		"newsroom.css": "text/css", "newsroom.js": "text/javascript", "moderation.css": "text/css", "moderation.js": "text/javascript",
	} {
		path := h.assets.Named(name).Path
		res, body := h.asks(http.MethodGet, path, "")
		if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(got, kind) || !strings.HasPrefix(path, "/newsroom/assets/") {
			t.Errorf("%s answers %d as %q", path, res.StatusCode, got)
		}
		if len(body) > 20<<10 {
			t.Errorf("%s has %d bytes", name, len(body))
		}
	}
	own := &Desk{Paper: Paper{Colours: page.Colours{Accent: "#1f5f8b"}}}
	rt := &page.Router{Cache: page.NewCache(1<<20, time.Now), Problem: problemPage}
	check(t, rt.Start())
	check(t, own.Routes(rt))
	w := httptest.NewRecorder()
	rt.ServeHTTP(w, httptest.NewRequest(http.MethodGet, own.assets.Named("newsroom.css").Path, nil))
	if !strings.Contains(w.Body.String(), "--accent: #1f5f8b") || !strings.Contains(w.Body.String(), "--ink-soft:") {
		t.Error("the newsroom's sheet lacks the colours of the paper")
	}
}

// drafts begins an article and returns its address.
func (h *house) drafts(session string) string {
	h.t.Helper()
	check(h.t, h.Articles.SetSections(h.t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	res, body := h.asks(http.MethodPost, "/newsroom/articles", session, "Sec-Fetch-Site", "same-origin")
	if res.StatusCode != http.StatusSeeOther {
		h.t.Fatalf("an article is begun: %d\n%s", res.StatusCode, body)
	}
	return res.Header.Get("Location")
}
