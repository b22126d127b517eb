package newsroom

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/promo"
	"kawaraban/internal/reader"
)

var keptFields = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// monday is the day on which the tests of the room book.
var monday = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) // at noon in the paper's zone

// A booth is a house that sells its slot, with a film in the library.
type booth struct {
	*house
	film, poster string
	pub, ed      string
	asPub, asEd  string // their sessions
}

func sells(h *house) *booth {
	h.t.Helper()
	h.clock.Set(monday)
	check(h.t, h.Articles.SetSections(h.t.Context(), []article.Section{{Slug: "city", Name: "City"}, {Slug: "world", Name: "World"}}))
	b := &booth{house: h}
	b.film, b.poster = h.films()
	b.pub, b.ed = h.hires("Pia", reader.Publisher), h.hires("Maren", reader.Editor)
	b.at(monday)
	return b
}

// at is some time, at which everybody has logged in.
func (b *booth) at(now time.Time) {
	b.clock.Set(now)
	b.asPub, b.asEd = b.own(b.pub, reader.Publisher), b.own(b.ed, reader.Editor)
}

// form is a booking of impressions, with some fields otherwise.
func (b *booth) form(other ...string) []string {
	f := map[string]string{
		"sponsor": "Fjeld Bakery", "title": "Bread at six", "link": "https://bakery.example/bread", "source": "video", "film": b.film,
		"kind": "impressions", "goal": "10,000", "begins": "2026-11-23", "ends": "2026-11-29", "priority": "2",
	}
	for i := 0; i < len(other); i += 2 {
		f[other[i]] = other[i+1]
	}
	var list []string
	for _, k := range slices.Sorted(maps.Keys(f)) {
		list = append(list, k, f[k])
	}
	return list
}

// books keeps a booking, and returns its address.
func (b *booth) books(other ...string) string {
	b.t.Helper()
	res, body := b.fills(promoAt, b.asPub, b.form(other...)...)
	to := res.Header.Get("Location")
	at, ok := strings.CutSuffix(to, "?done=added")
	if res.StatusCode != http.StatusSeeOther || !ok {
		b.t.Fatalf("a booking is answered with %d to %q\n%s", res.StatusCode, to, body)
	}
	return at
}

// acts presses a button of a booking, and returns the page to which that leads.
func (b *booth) acts(at, act string) string {
	b.t.Helper()
	res, body := b.fills(at, b.asPub, "act", act)
	if res.StatusCode == http.StatusSeeOther {
		_, body = b.asks(http.MethodGet, res.Header.Get("Location"), b.asPub)
	}
	return body
}

func (b *booth) holds(body string, wanted ...string) {
	b.t.Helper()
	for _, w := range wanted {
		if !strings.Contains(body, w) {
			b.t.Errorf("there is no %q in\n%s", w, body)
		}
	}
}

func (b *booth) page(at, token string) string {
	b.t.Helper()
	res, body := b.asks(http.MethodGet, at, token)
	if res.StatusCode != http.StatusOK {
		b.t.Errorf("%s answers %d", at, res.StatusCode)
	}
	return body
}

// TestPromoRoom books, lets it run, stops, takes back, and removes a draft.
func TestPromoRoom(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		b.holds(b.page(promoAt, b.asPub), "Nothing is booked.", "Book the first video")
		b.holds(b.page(promoAt, b.asEd), "Nothing is booked.", "Publishers book and change.")
		at := b.books("place", "city", "cap", "3", "note", "Paid in bread.")
		body := b.page(at, b.asEd)
		b.holds(body, "draft", "10,000 impressions", "Nov. 23, 2026 to Nov. 29, 2026", "City", "3 times", "Paid in bread.", "bakery.example", "Publishers book and change.")
		if strings.Contains(body, `name="act"`) || strings.Contains(body, "/change") {
			t.Errorf("an editor has buttons\n%s", body)
		}
		b.holds(b.acts(at, "run"), "It is on.", `name="act" value="draft">Undo<`, "runs")
		b.holds(b.acts(at, "draft"), "It is a draft again.", "○", `name="act" value="run"`, `name="act" value="remove"`)
		b.holds(b.acts(at, "run"), "It is on.", "0 of 10,000 impressions; the plan has", "runs")
		b.holds(b.acts(at, "stop"), "Stopped.", `name="act" value="run">Undo<`)
		b.holds(b.acts(at, "run"), "It is on.", `name="act" value="stop">Undo<`)
		b.holds(b.acts(at, "stop"), "Stopped.")
		b.holds(b.acts(at, "remove"), "This booking has run, so it stays for the books.")
		b.holds(b.acts(at, "dance"), "The form did not arrive whole.")
		b.holds(b.page(promoAt, b.asEd), "Fjeld Bakery", "stopped", "0 of 10,000 impressions")

		b.at(monday.AddDate(0, 0, 10))
		if body := b.page(promoAt, b.asEd); strings.Contains(body, "Fjeld Bakery") {
			t.Errorf("what is over stands among what is booked\n%s", body)
		}
		b.holds(b.page(promoAt+"?view=over", b.asEd), "Fjeld Bakery", "over")
		b.holds(b.page(promoAt+"/new?copy="+strings.TrimPrefix(at, promoAt+"/"), b.asPub), `value="Fjeld Bakery"`, `name="begins" type="date" value=""`, `value="10000"`)

		// What somebody has seen is for the books.
		seen := b.books("sponsor", "Tern & Sons", "begins", "2026-12-03", "ends", "2026-12-09")
		b.acts(seen, "run")
		b.counted(monday.Truncate(time.Hour), strings.TrimPrefix(seen, promoAt+"/"), map[promo.Event]int{promo.Served: 1}, 1)
		b.holds(b.acts(seen, "draft"), "It was shown already, so it is stopped", "■")

		// A draft that was removed comes back as it was.
		draft := b.books("sponsor", "Tern & Sons", "begins", "2026-12-07", "ends", "2026-12-08", "place", "~")
		body = b.acts(draft, "remove")
		b.holds(body, "The draft for Tern &amp; Sons was removed.", "Bring it back")
		if res, _ := b.asks(http.MethodGet, draft, b.asPub); res.StatusCode != http.StatusNotFound {
			t.Errorf("a removed draft answers %d", res.StatusCode)
		}
		var kept []string
		for _, m := range keptFields.FindAllStringSubmatch(between(t, body, `action="/newsroom/promo">`, "</form>"), -1) {
			kept = append(kept, m[1], unescape.Replace(m[2]))
		}
		res, body := b.fills(promoAt, b.asPub, kept...)
		back, _, _ := strings.Cut(res.Header.Get("Location"), "?")
		if res.StatusCode != http.StatusSeeOther {
			t.Fatalf("what was removed comes back with %d\n%s", res.StatusCode, body)
		}
		b.holds(b.page(back, b.asPub), "Tern &amp; Sons", "Front page", "Dec. 7, 2026 to Dec. 8, 2026")
	})
}

// TestPromoWrong says all that is wrong with a booking at once, each at its field, and
// keeps what was typed.
func TestPromoWrong(t *testing.T) {
	b := sells(start(t, papertest.SQLite(t), here))
	for _, test := range []struct {
		typed  []string
		wanted []string
	}{
		{[]string{"sponsor", "", "title", " "}, []string{`id="sponsor-e">Readers must see this. Write it.`, `id="title-e">Readers must see`}},
		{[]string{"link", "http://x.example"}, []string{`id="link-e">Type an address that begins with https://.`, `value="http://x.example"`}},
		{[]string{"film", ""}, []string{`id="film_id-e">Choose a video of the library.`}},
		{[]string{"film_id", "nothing"}, []string{`id="film_id-e">There is no such video in the library.`, `value="nothing"`}},
		{[]string{"poster", "nothing"}, []string{`id="poster-e">There is no such picture in the library.`}},
		{[]string{"place", "mars"}, []string{`id="places-e">There is no such section.`}},
		{[]string{"goal", "many"}, []string{`id="goal-e">Say how many impressions are promised`, `value="many"`}},
		{[]string{"kind", "share", "share", "0"}, []string{`id="share-e">Say how many of a hundred views`}},
		{[]string{"begins", "someday"}, []string{`id="begins-e">Choose a day.`, `value="someday"`}},
		{[]string{"kind", "house", "ends", "someday"}, []string{`id="ends-e">Choose a day.`}},
		{[]string{"ends", ""}, []string{`id="ends-e">Choose the last day.`}},
		{[]string{"ends", "2026-11-22"}, []string{`id="ends-e">It ends before it begins.`}},
		{[]string{"ends", "2028-11-22"}, []string{`id="ends-e">A booking is for a year at most.`}},
		{[]string{"cap", "often"}, []string{`id="cap-e">Say how often a day`}},
		{[]string{"source", "embed", "address", "https://evil.example/"}, []string{`id="address-e">Type the address of a player`, `id="poster-e">Choose a picture`}},
		{[]string{"source", "tag", "address", "vast"}, []string{`id="address-e">Type the address of the tag.`}},
		{[]string{"source", "moon"}, []string{`id="source-e">Choose where the video is.`}},
		{[]string{"kind", "everything"}, []string{`id="kind-e">Choose what is booked.`}},
		{[]string{"priority", "9"}, []string{`id="priority-e">Choose 1, 2 or 3.`}},
		{[]string{"sponsor", "", "cap", "-1", "ends", ""}, []string{`id="sponsor-e"`, `id="cap-e"`, `id="ends-e"`}},
	} {
		res, body := b.fills(promoAt, b.asPub, b.form(test.typed...)...)
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%v is answered with %d", test.typed, res.StatusCode)
		}
		b.holds(body, test.wanted...)
		if strings.Count(between(t, body, "<main", "</main>"), " autofocus") != 1 {
			t.Errorf("%v: not one field has the focus", test.typed)
		}
	}
	list, _, err := b.Promo.List(t.Context(), promo.Filter{Limit: 10})
	check(t, err)
	if len(list) != 0 {
		t.Errorf("%d wrong bookings were kept", len(list))
	}
}

// TestPromoTaken refuses days that another has for itself, and says who that is: when a
// booking is let run, and when one that runs is changed.
func TestPromoTaken(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		b.acts(b.books("kind", "exclusive"), "run")
		second := b.books("kind", "exclusive", "sponsor", "Tern", "begins", "2026-11-29", "ends", "2026-12-02", "place", "city")
		const said = "The slot is booked for Fjeld Bakery alone from 2026-11-23 to 2026-11-29."
		res, body := b.fills(second, b.asPub, "act", "run")
		if res.StatusCode != http.StatusConflict {
			t.Errorf("days that are taken are answered with %d", res.StatusCode)
		}
		b.holds(body, said, "draft")

		seen := func(at string) string {
			return between(t, b.page(at+"/change", b.asPub), `name="seen" value="`, `"`)
		}
		tern := func(other ...string) []string {
			return b.form(append([]string{"kind", "exclusive", "sponsor", "Tern", "place", "city"}, other...)...)
		}
		res, body = b.fills(second+"/change", b.asPub, tern("begins", "2026-11-30", "ends", "2026-12-02", "seen", seen(second))...)
		if to := res.Header.Get("Location"); to != second+"?done=changed" {
			t.Fatalf("a change leads to %q (%d)\n%s", to, res.StatusCode, body)
		}
		b.holds(b.acts(second, "run"), "It is on.", "to come")
		res, body = b.fills(second+"/change", b.asPub, tern("begins", "2026-11-25", "ends", "2026-12-02", "seen", seen(second))...)
		if res.StatusCode != http.StatusConflict {
			t.Errorf("a change to taken days is answered with %d", res.StatusCode)
		}
		b.holds(body, `id="ends-e">`+said, `value="2026-11-25"`)
		b.holds(b.page(second, b.asPub), "Nov. 30, 2026 to Dec. 2, 2026")
	})
}

// TestPromoSince keeps what was typed when somebody else was faster, says what that one
// has written, and takes it when it is sent once more.
func TestPromoSince(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		at := b.books()
		seen := between(t, b.page(at+"/change", b.asPub), `name="seen" value="`, `"`)
		b.at(monday.Add(time.Minute))
		res, _ := b.fills(at+"/change", b.asPub, b.form("title", "Bread at five", "place", "world", "seen", seen)...)
		if to := res.Header.Get("Location"); to != at+"?done=changed" {
			t.Fatalf("the first change leads to %q", to)
		}
		res, body := b.fills(at+"/change", b.asPub, b.form("title", "Bread at seven", "seen", seen)...)
		if res.StatusCode != http.StatusConflict {
			t.Errorf("the second change is answered with %d", res.StatusCode)
		}
		b.holds(body, "Somebody has changed this booking since.", `value="Bread at seven"`, "<dt>Title</dt><dd>Bread at five</dd>", "<dt>Places</dt><dd>World</dd>")
		if strings.Contains(body, "<dt>Sponsor</dt>") {
			t.Error("what is the same is told as different")
		}
		// To look at what is usual is not to have looked at what somebody else wrote.
		_, looked := b.fills(at+"/change", b.asPub, b.form("title", "Bread at eight", "act", "look", "seen", seen)...)
		if got := between(t, looked, `name="seen" value="`, `"`); got != seen {
			t.Errorf("looking ahead makes %s of %s", got, seen)
		}
		res, _ = b.fills(at+"/change", b.asPub, b.form("title", "Bread at seven", "seen", between(t, body, `name="seen" value="`, `"`))...)
		if to := res.Header.Get("Location"); to != at+"?done=changed" {
			t.Errorf("sent once more it leads to %q", to)
		}
		b.holds(b.page(at, b.asPub), "Bread at seven")
	})
}

// counted writes down that a place was seen and that a booking had something, an hour
// long.
func (b *booth) counted(at time.Time, id string, events map[promo.Event]int, chances int) {
	b.t.Helper()
	check(b.t, b.db.Tx(b.t.Context(), func(tx *db.Tx) error {
		for e, n := range events {
			if _, err := tx.Exec(b.t.Context(), `insert into promo_hour (booking, hour, what, n) values ($1, $2, $3, $4)`, id, db.Time(at), e, n); err != nil {
				return err
			}
			if _, err := tx.Exec(b.t.Context(), `insert into promo_total (booking, what, n) values ($1, $2, $3)
				on conflict (booking, what) do update set n = promo_total.n + excluded.n`, id, e, n); err != nil {
				return err
			}
		}
		_, err := tx.Exec(b.t.Context(), `insert into promo_chance (place, hour, n) values ('city', $1, $2)`, db.Time(at), chances)
		return err
	}))
}

// TestPromoNumbers shows what was counted, as a page and as a table, says what is usual,
// and warns of a promise that is greater.
func TestPromoNumbers(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		b.holds(b.page(promoAt+"/new", b.asPub), `value="look"`)
		_, body := b.fills(promoAt, b.asPub, b.form("act", "look", "ends", "")...)
		b.holds(body, "Choose impressions and both days first.", `value="Bread at six"`, "data-dirty")
		_, body = b.fills(promoAt, b.asPub, b.form("act", "look")...)
		b.holds(body, "is not known yet")

		at := b.books("sponsor", "=Bakery()")
		id := strings.TrimPrefix(at, promoAt+"/")
		b.acts(at, "run")
		b.counted(monday.Truncate(time.Hour), id, map[promo.Event]int{promo.Served: 400, promo.Viewed: 300, promo.Started: 60, promo.Completed: 15, promo.Clicked: 3, promo.LeftOut: 7}, 4000)
		b.counted(monday.Add(24*time.Hour).Truncate(time.Hour), id, map[promo.Event]int{promo.Served: 100, promo.Viewed: 75}, 1000)
		b.at(monday.Add(26 * time.Hour))
		body = b.page(at, b.asEd)
		b.holds(body, "375 of 10,000 impressions; the plan has", "375 · 75.0%", "15 · 25.0%", "3 · 0.8%", "Most: 300 impressions at Nov. 23.")
		if n := strings.Count(body, "<rect "); n != 7 || strings.Count(body, `class="grows"`) != 1 {
			t.Errorf("there are %d bars", n)
		}
		res, table := b.asks(http.MethodGet, at+"/table", b.asEd)
		if kind := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/csv") || !strings.Contains(res.Header.Get("Content-Disposition"), "promotion-") {
			t.Errorf("the table is %d, %s", res.StatusCode, kind)
		}
		want := "day,sponsor,title,served,viewed,started,quarter,half,third,completed,clicked,leftout\n" +
			"2026-11-23,'=Bakery(),Bread at six,400,300,60,0,0,0,15,3,7\n" +
			"2026-11-24,'=Bakery(),Bread at six,100,75,0,0,0,0,0,0,0\n"
		if table != want {
			t.Errorf("the table is\n%s, want\n%s", table, want)
		}
		_, body = b.fills(promoAt, b.asPub, b.form("act", "look", "goal", "900000", "begins", "2026-11-30", "ends", "2026-12-06")...)
		b.holds(body, "Such days had about", "the promise may not be kept")
		_, body = b.fills(promoAt, b.asPub, b.form("act", "look", "goal", "10", "begins", "2026-11-30", "ends", "2026-12-06")...)
		if strings.Contains(body, "may not be kept") {
			t.Errorf("ten are too many\n%s", body)
		}
	})
}

// TestPromoLink makes the sponsor's link, makes another, and takes it back.
func TestPromoLink(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		at := b.books()
		b.holds(b.page(at, b.asPub), "Make a link")
		link := func(body string) string {
			t.Helper()
			return between(t, body, `readonly value="`+here+"/promo/report/", `"`)
		}
		first := link(b.acts(at, "link"))
		second := link(b.acts(at, "link"))
		if _, err := b.Promo.Reported(t.Context(), first); err == nil || first == second {
			t.Error("the first link lives when there is a second")
		}
		one, err := b.Promo.Reported(t.Context(), second)
		check(t, err)
		if bookingAt(one.ID) != at {
			t.Errorf("the link leads to %s", one.ID)
		}
		b.holds(b.acts(at, "unlink"), "Taken back", "Make a link")
		if _, err := b.Promo.Reported(t.Context(), second); err == nil {
			t.Error("a link that was taken back lives")
		}
	})
}

// TestPromoHolds keeps what a booking shows in the library, and says whose booking that is.
func TestPromoHolds(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		still := b.sends(b.asPub, shot(t, 90, "", ""))
		at := b.books("poster", still)
		for _, path := range []string{picturePath(still), videoPath(b.film)} {
			body := b.page(path, b.asEd)
			b.holds(body, `<a href="`+at+`">A booking of Fjeld Bakery shows it.</a>`)
			if strings.Contains(body, path+"/delete") {
				t.Errorf("%s offers to delete what is booked", path)
			}
			res, body := b.fills(path+"/delete", b.asEd)
			if res.StatusCode != http.StatusConflict {
				t.Errorf("%s, deleted while booked: %d", path, res.StatusCode)
			}
			b.holds(body, "A booking of Fjeld Bakery shows it. Choose something else there first.")
		}
		b.acts(at, "remove")
		if res, body := b.fills(picturePath(still)+"/delete", b.asEd); res.StatusCode != http.StatusSeeOther {
			t.Errorf("a picture that nothing shows is not deleted: %d\n%s", res.StatusCode, body)
		}
	})
}

// TestPromoPages goes through more bookings than one page has.
func TestPromoPages(t *testing.T) {
	b := sells(start(t, papertest.SQLite(t), here))
	for i := range bookingsPerPage + 3 {
		b.books("sponsor", fmt.Sprintf("Sponsor %02d", i))
	}
	seen := map[string]int{}
	pages := 0
	for at := promoAt; at != ""; pages++ {
		body := b.page(at, b.asEd)
		for i := range bookingsPerPage + 3 {
			seen[fmt.Sprintf("Sponsor %02d", i)] += strings.Count(body, fmt.Sprintf("Sponsor %02d", i))
		}
		at = ""
		if _, rest, ok := strings.Cut(body, `<a rel="next" href="`); ok {
			at, _, _ = strings.Cut(rest, `"`)
			at = unescape.Replace(at)
		}
	}
	if pages != 2 || len(seen) != bookingsPerPage+3 {
		t.Errorf("%d pages with %d bookings", pages, len(seen))
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s is there %d times", name, n)
		}
	}
}

// TestPromoTrouble says in the list what will keep a booking from being shown.
func TestPromoTrouble(t *testing.T) {
	b := sells(start(t, papertest.SQLite(t), here))
	b.draws(b.poster)
	b.books()
	if body := b.page(promoAt, b.asEd); strings.Contains(body, `class="trouble"`) {
		t.Errorf("there is trouble\n%s", body)
	}
	b.books("source", "tag", "address", "https://ads.example/vast.xml")
	b.holds(b.page(promoAt, b.asEd), "The ad server was not asked yet.")
	rights := func(of, until string) {
		t.Helper()
		if res, body := b.fills(of+"/rights", b.asEd, "until", until, "rights", ""); res.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d\n%s", res.StatusCode, body)
		}
	}
	rights(videoPath(b.film), "2026-11-25")
	b.holds(b.page(promoAt, b.asEd), "The video may be shown until Nov. 25, 2026 only")
	rights(videoPath(b.film), "2026-11-20")
	b.holds(b.page(promoAt, b.asEd), "The right to show the video has ended")
	rights(picturePath(b.poster), "2026-11-26")
	b.holds(b.page(promoAt, b.asEd), "The poster may be shown until Nov. 26, 2026 only")
	rights(picturePath(b.poster), "2026-11-20")
	b.holds(b.page(promoAt, b.asEd), "The right to show the poster has ended")
	b.page(promoAt+"?before="+url.QueryEscape("no cursor of ours"), b.asEd) // is no fault
}

// TestPromoRace books a picture while others delete it: whoever is late is told so, and
// no booking shows what is gone.
func TestPromoRace(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		b := sells(start(t, d, here))
		editor := b.actor("Maren")
		for round := range 3 {
			still := b.sends(b.asPub, shot(t, uint8(10+round), "", ""))
			errs := make([]error, 8)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() {
					if i%2 == 0 {
						errs[i] = b.Work.DeletePicture(t.Context(), editor, still)
						return
					}
					errs[i] = b.Promo.Add(t.Context(), b.pub, &promo.Booking{
						Sponsor: "Tern", Title: "Rope", Kind: promo.House, Source: promo.Library, Video: b.film, Poster: still, Begins: monday,
					})
				})
			}
			all.Wait()
			booked := 0
			for i, err := range errs {
				if err != nil && problem.Of(err) == nil {
					t.Errorf("round %d: %v", round, err)
				}
				if i%2 == 1 && err == nil {
					booked++
				}
			}
			there, err := b.Work.Media.Pictures(t.Context(), still)
			check(t, err)
			held, err := b.Promo.Uses(t.Context(), still)
			check(t, err)
			if len(held) != booked || booked > 0 != (there[still] != nil) {
				t.Errorf("round %d: %d were booked, %d hold it, and it is there: %t", round, booked, len(held), there[still] != nil)
			}
		}
	})
}
