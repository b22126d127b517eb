package site

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/desk"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
)

// editor is somebody who may curate.
func (p *press) editor() *reader.Actor {
	p.t.Helper()
	id, err := p.Readers.Add(p.t.Context(), reader.New{Email: "ida@post.example", Name: "Ida", Role: reader.Editor, Password: goodPassword})
	check(p.t, err)
	return &reader.Actor{Reader: reader.Reader{ID: id, Name: "Ida", Role: reader.Editor}}
}

// leads is the headline of the lead on the front page that readers get.
func (p *press) leads() string {
	p.t.Helper()
	_, rest, _ := strings.Cut(p.page("/"), `<article class="lead">`)
	_, rest, _ = strings.Cut(rest, "<h2>")
	rest, _, _ = strings.Cut(rest, "</a>")
	return rest[strings.LastIndexByte(rest, '>')+1:]
}

// TestCurated is about pages in the cache: they change when an editor says so, and
// when the clock does, without anybody's doing.
//
// Seen red: a page without Until; one without its tag.
func TestCurated(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ctx, ida := t.Context(), p.editor()
		small := story("city", "Small")
		small.Weight = 0
		old := p.publish(small, 48*time.Hour)
		p.publish(story("city", "Big"), time.Hour)
		other := p.publish(story("world", "Other"), 2*time.Hour)
		leads := func(what, want string) {
			t.Helper()
			if got := p.leads(); got != want {
				t.Errorf("%s: %q leads, want %q", what, got, want)
			}
		}
		told := func() { p.tx(func(*db.Tx) error { return nil }) }
		leads("by itself", "Big")
		pin := p.clock.Now().Add(20 * time.Second)
		_, err := p.Desk.Curate(ctx, ida, desk.FrontPage, 0, []article.Place{{Area: article.AreaLead, Article: old, Until: pin}}, time.Time{})
		check(t, err)
		told()
		leads("placed", "Small")
		p.clock.Set(pin.Add(-time.Millisecond))
		leads("before the pin ends", "Small")
		p.clock.Set(pin)
		leads("when the pin ends", "Big")

		at := p.clock.Now().Add(10 * time.Second)
		_, err = p.Desk.Curate(ctx, ida, desk.FrontPage, 1, []article.Place{{Area: article.AreaLead, Article: other}}, at)
		check(t, err)
		told()
		leads("before the layout comes", "Big")
		p.clock.Set(at.Add(-time.Millisecond))
		leads("just before", "Big")
		p.clock.Set(at)
		leads("when it has come", "Other")

		// A section: the top over the river, and never twice.
		if first := p.page("/category/city"); strings.Index(first, ">Small<") < strings.Index(first, ">Big<") {
			t.Error("a section does not begin with its newest")
		}
		_, err = p.Desk.Curate(ctx, ida, desk.SectionPage("city"), 0, []article.Place{{Area: article.AreaLead, Article: old}, {Area: article.AreaTop, Article: other}}, time.Time{})
		check(t, err)
		told()
		page := p.page("/category/city")
		if !(strings.Index(page, ">Small<") < strings.Index(page, ">Other<") && strings.Index(page, ">Other<") < strings.Index(page, ">Big<")) || strings.Count(page, ">Small<") != 1 {
			t.Errorf("a section that is curated:\n%s", page)
		}
		if older := p.page("/category/city?before=zzzzzzzzzz.z"); strings.Contains(older, ">Other<") {
			t.Error("an older page is curated too")
		}
	})
}

// TestCuratedCanary places what readers must not have in every place, and above it a
// bar: no word of it gets out.
func TestCuratedCanary(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		ctx, ida := t.Context(), p.editor()
		p.publish(story("city", "Open"), time.Hour)
		embargoed := p.publish(p.caged("embargoed", 5), time.Hour)
		withdrawn := p.publish(p.caged("withdrawn", 15), time.Hour)
		expired := p.publish(p.caged("expired", 25), time.Hour)
		planned := p.draft(p.caged("planned", 35))
		p.tx(func(tx *db.Tx) error { return p.Articles.Schedule(ctx, tx, planned, p.clock.Now().Add(time.Hour)) })
		places := []article.Place{
			{Area: article.AreaLead, Article: embargoed},
			{Area: article.AreaSeconds, Article: withdrawn},
			{Area: article.AreaOpinion, Article: expired},
			{Area: article.AreaBlock("world"), Article: planned},
		}
		_, err := p.Desk.Curate(ctx, ida, desk.FrontPage, 0, places, time.Time{})
		check(t, err)
		_, err = p.Desk.Curate(ctx, ida, desk.SectionPage("world"), 0, []article.Place{{Area: article.AreaLead, Article: planned}, {Area: article.AreaTop, Article: embargoed}, {Area: article.AreaTop, Slot: 1, Article: withdrawn}}, time.Time{})
		check(t, err)
		check(t, p.Desk.RaiseBar(ctx, ida, 0, desk.Bar{Words: bird + "-bar", Article: embargoed}))
		p.tx(func(tx *db.Tx) error {
			if err := p.Articles.SetRights(ctx, tx, embargoed, article.Rights{Embargo: p.clock.Now().Add(time.Hour)}); err != nil {
				return err
			}
			if err := p.Articles.SetRights(ctx, tx, expired, article.Rights{Expires: p.clock.Now()}); err != nil {
				return err
			}
			return p.Articles.Withdraw(ctx, tx, withdrawn, article.Withdrawal{By: "Wire"})
		})
		for _, path := range []string{"/", "/category/world", "/category/city", "/category/city/open", "/feed", "/feed.json"} {
			if status, body := p.get(path); status != http.StatusOK || birds.MatchString(body) {
				t.Errorf("%s (%d) shows %v", path, status, birds.FindAllString(body, -1))
			}
		}
		_, placed := p.get("/")
		if !strings.Contains(placed, ">Open<") {
			t.Error("the places are not given back")
		}
		// At its time it stands where it was put.
		p.clock.Add(time.Hour)
		p.Cache.PurgeAll() // as the job does that tells of the time
		if got := p.leads(); got != "Headline "+bird+"-embargoed" {
			t.Errorf("%q leads when the embargo has ended", got)
		}
		if !strings.Contains(p.page("/"), bird+"-bar</a>") {
			t.Error("the bar does not come with its story")
		}
	})
}
