package promo

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A kit is a paper that sells its slot, with one film in the library.
type kit struct {
	*Store
	t     testing.TB
	clock *papertest.Clock
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) // a Monday

func newKit(t testing.TB, d *db.DB) *kit {
	clock := new(papertest.Clock)
	clock.Set(noon)
	keys := secret.NewKeyring()
	k := &kit{t: t, clock: clock}
	k.Store = &Store{
		DB: d, Keys: keys, Now: clock.Now, ID: db.NewID, Zone: func() *time.Location { return time.UTC }, Log: slog.New(slog.DiscardHandler),
		Media: &media.Store{DB: d, Now: clock.Now, ID: db.NewID},
		Audit: &audit.Log{DB: d, Keys: keys, Now: clock.Now},
	}
	k.film("film")
	return k
}

// film puts a film of twenty seconds into the library.
func (k *kit) film(id string) {
	k.t.Helper()
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(k.t.Context(), `insert into video (
				id, hash, kind, codec, size, duration, width, height, address, title, credit, captions, captions_lang, expires, rights, name, created, edited, folded)
			values ($1, $1, 'mp4', 'avc1', 1000, 20000, 640, 360, '', 'A film', '', '', '', 0, '', 'film.mp4', 1, 0, '')`, id)
		return err
	}))
}

func booking(kind Kind, begins time.Time, days int, places ...string) *Booking {
	b := &Booking{
		Sponsor: "Fjeld Bakery", Title: "Bread at six", Link: "https://bakery.example/", Kind: kind, Source: Library, Video: "film",
		Begins: begins, Ends: begins.AddDate(0, 0, days), Places: places,
	}
	switch kind {
	case Impressions:
		b.Goal = 10_000
	case Share:
		b.Share = 50
	}
	return b
}

// on keeps a booking and lets it run.
func (k *kit) on(b *Booking) *Booking {
	k.t.Helper()
	check(k.t, k.Add(k.t.Context(), "", b))
	check(k.t, k.Switch(k.t.Context(), "", b.ID, On))
	check(k.t, k.Refresh(k.t.Context()))
	return b
}

func today() time.Time { return noon.Truncate(24 * time.Hour) }

// TestRule gives the slot away: to what is exclusive, to what is behind its plan, to
// shares, to the house.
func TestRule(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		shown := func(place string, dice float64) string {
			if x := k.pick(k.now(), Visit{Place: place}, k.Now(), nil, dice); x != nil {
				return x.Title
			}
			return ""
		}
		add := func(title string, b *Booking) *Booking {
			b.Title = title
			return k.on(b)
		}
		if got := shown("city", 0); got != "" {
			t.Errorf("nothing is booked: %q", got)
		}
		house := booking(House, today(), 1)
		house.Ends = time.Time{}
		add("house", house)
		add("half", booking(Share, today(), 1, "city"))
		quarter := booking(Share, today(), 1)
		quarter.Share = 25
		add("quarter", quarter)
		for dice, want := range map[float64]string{0: "half", 0.49: "half", 0.51: "quarter", 0.74: "quarter", 0.76: "house", 0.99: "house"} {
			if got := shown("city", dice); got != want {
				t.Errorf("with %.2f the city has %q, want %q", dice, got, want)
			}
		}
		if got := shown("sport", 0.3); got != "house" {
			t.Errorf("sport has %q, of which nobody has a half", got)
		}
		promised := add("promised", booking(Impressions, today(), 2, "city"))
		if got := shown("city", 0); got != "promised" {
			t.Errorf("what is behind its plan comes before shares: %q", got)
		}
		urgent := booking(Impressions, today().AddDate(0, 0, -1), 3, "city")
		urgent.Priority, urgent.Goal = 1, 100
		add("urgent", urgent)
		if got := shown("city", 0); got != "urgent" {
			t.Errorf("what has priority comes first: %q", got)
		}
		add("alone", booking(Exclusive, today(), 1, Front))
		if got := shown(Front, 0.9); got != "alone" {
			t.Errorf("what is exclusive is alone: %q", got)
		}
		check(t, k.Switch(t.Context(), "", urgent.ID, Stopped))
		check(t, k.Switch(t.Context(), "", promised.ID, Stopped))
		check(t, k.Refresh(t.Context()))
		if got := shown("city", 0); got != "half" {
			t.Errorf("what is stopped is shown no more: %q", got)
		}
		k.clock.Add(24 * time.Hour)
		if got := shown("city", 0); got != "house" {
			t.Errorf("the next day: %q", got)
		}
	})
}

// TestSlotStays has the slot on pages also while a promise is up to its plan: a page is
// kept for long, and who comes later is due again.
func TestSlotStays(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	b := booking(Impressions, today(), 1)
	b.Goal = 100
	k.on(b)
	given := func() (n int) {
		for {
			if x, _ := k.Serve(Visit{Place: "city", Agent: "browser"}); x == nil {
				return n
			}
			n++
		}
	}
	if n := given(); n == 0 || n > 100 {
		t.Errorf("%d were given away at noon", n)
	}
	if x, _ := k.Slot("city"); x == nil {
		t.Error("a page that is made now has no slot")
	}
	k.clock.Add(3 * time.Hour)
	if given() == 0 {
		t.Error("three hours later nothing is due")
	}
	check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
		return addUp(t.Context(), tx, "promo_total", "booking, what", []counted{{[]any{b.ID, Viewed}, "", 100}})
	}))
	check(t, k.Refresh(t.Context()))
	if x, _ := k.Slot("city"); x != nil {
		t.Error("a promise that is kept has the slot on")
	}
}

// TestAlone books the same days for eight sponsors at once: one has them.
func TestAlone(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		list := make([]*Booking, 8)
		for i := range list {
			list[i] = booking(Exclusive, today().AddDate(0, 0, i%3), 3, "city")
			if i%2 == 0 {
				list[i].Places = nil // everywhere
			}
			check(t, k.Add(t.Context(), "", list[i]))
		}
		var wg sync.WaitGroup
		errs := make([]error, len(list))
		for i, b := range list {
			wg.Go(func() { errs[i] = k.Switch(t.Context(), "", b.ID, On) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if p := problem.Of(err); p == nil || p.Kind != problem.Conflict || p.Fields["ends"] == "" {
				t.Errorf("who comes late is told so: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d have the same days, want 1: %v", won, errs)
		}
		// Other places and days are free; what is stopped gives its days back.
		k.on(booking(Exclusive, today().AddDate(0, 0, 7), 1, "city"))
		k.on(booking(Exclusive, today().AddDate(0, 0, 7), 1, "sport"))
		all := booking(Exclusive, today().AddDate(0, 0, 7), 1)
		check(t, k.Add(t.Context(), "", all))
		if err := k.Switch(t.Context(), "", all.ID, On); !problem.Is(err, problem.Conflict) {
			t.Errorf("every place, of which two are taken: %v", err)
		}
		for i, b := range list {
			if errs[i] == nil {
				check(t, k.Switch(t.Context(), "", b.ID, Stopped))
			}
		}
		free := k.on(list[1])
		free.Ends = today().AddDate(0, 0, 8)
		free, err := k.Get(t.Context(), free.ID)
		check(t, err)
		free.Ends = today().AddDate(0, 0, 8)
		if err := k.Set(t.Context(), "", free); !problem.Is(err, problem.Conflict) {
			t.Errorf("longer, into days that another has: %v", err)
		}
	})
}

// TestAloneElsewhere holds what is exclusive apart by its moments: the days of a paper
// that has moved to another zone begin at others.
func TestAloneElsewhere(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		zone := time.UTC
		k.Zone = func() *time.Location { return zone }
		first := k.on(booking(Exclusive, today(), 1, "city"))
		second := k.on(booking(Exclusive, today().AddDate(0, 0, 1), 1, "city"))
		zone = time.FixedZone("there", 9*60*60)
		refused := func(begins time.Time, places ...string) {
			t.Helper()
			b := booking(Exclusive, begins, 1, places...)
			check(t, k.Add(t.Context(), "", b))
			if err := k.Switch(t.Context(), "", b.ID, On); !problem.Is(err, problem.Conflict) {
				t.Errorf("from %v, nine hours of which another has: %v", begins, err)
			}
		}
		refused(today().Add(-9*time.Hour), "city")
		refused(today().Add(15*time.Hour), "city", "sport")
		refused(today().Add(39 * time.Hour))
		k.on(booking(Exclusive, today().Add(15*time.Hour), 1, "sport"))
		// Neighbours stay neighbours, whatever the clock says at their border.
		for _, b := range []*Booking{first, second} {
			check(t, k.Switch(t.Context(), "", b.ID, Stopped))
			check(t, k.Switch(t.Context(), "", b.ID, On))
		}
		check(t, k.Verify(t.Context(), func(said string) { t.Error(said) }))
	})
}

// TestWords keeps nothing that is wrong, and says so at the field.
func TestWords(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	for _, c := range []struct {
		field string
		spoil func(*Booking)
	}{
		{"sponsor", func(b *Booking) { b.Sponsor = " \t" }},
		{"title", func(b *Booking) { b.Title = "" }},
		{"title", func(b *Booking) { b.Title = string(make([]rune, 161)) }},
		{"link", func(b *Booking) { b.Link = "javascript:alert(1)" }},
		{"link", func(b *Booking) { b.Link = "http://bakery.example/" }},
		{"link", func(b *Booking) { b.Link = "https://user@bakery.example/" }},
		{"video", func(b *Booking) { b.Video = "" }},
		{"video", func(b *Booking) { b.Video = "gone" }},
		{"address", func(b *Booking) { b.Source, b.Address = Embed, "https://evil.example/embed/1" }},
		{"poster", func(b *Booking) { b.Source, b.Address = Embed, "https://player.vimeo.com/video/1" }},
		{"address", func(b *Booking) { b.Source, b.Address = Server, "http://ads.example/tag" }},
		{"source", func(b *Booking) { b.Source = "film" }},
		{"kind", func(b *Booking) { b.Kind = "gift" }},
		{"goal", func(b *Booking) { b.Kind = Impressions }},
		{"share", func(b *Booking) { b.Kind, b.Share = Share, 101 }},
		{"begins", func(b *Booking) { b.Begins = time.Time{} }},
		{"ends", func(b *Booking) { b.Ends = time.Time{} }},
		{"ends", func(b *Booking) { b.Ends = b.Begins }},
		{"ends", func(b *Booking) { b.Ends = b.Begins.AddDate(2, 0, 0) }},
		{"priority", func(b *Booking) { b.Priority = 4 }},
		{"cap", func(b *Booking) { b.Cap = -1 }},
	} {
		b := booking(Exclusive, today(), 1)
		c.spoil(b)
		err := k.Add(t.Context(), "", b)
		if p := problem.Of(err); p == nil || p.Fields[c.field] == "" {
			t.Errorf("%s: %v", c.field, err)
		}
	}
	list, _, err := k.List(t.Context(), Filter{Limit: 10})
	check(t, err)
	if len(list) != 0 {
		t.Errorf("%d were kept", len(list))
	}
}

// TestSeenTwice refuses the second of two who change a booking at once.
func TestSeenTwice(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		b := booking(Share, today(), 1, "city", Front)
		check(t, k.Add(t.Context(), "", b))
		one, err := k.Get(t.Context(), b.ID)
		check(t, err)
		two := *one
		one.Title, two.Title = "First", "Second"
		check(t, k.Set(t.Context(), "", one))
		if err := k.Set(t.Context(), "", &two); !problem.Is(err, problem.Conflict) {
			t.Errorf("the second: %v", err)
		}
		got, err := k.Get(t.Context(), b.ID)
		check(t, err)
		if got.Title != "First" || fmt.Sprint(got.Places) != "[city ~]" {
			t.Errorf("%q in %v", got.Title, got.Places)
		}
		check(t, k.Remove(t.Context(), "", b.ID))
		if _, err := k.Get(t.Context(), b.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("a draft that was removed: %v", err)
		}
		if err := k.Remove(t.Context(), "", k.on(booking(House, today(), 1)).ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("what has run is for the books: %v", err)
		}
	})
}

// TestTakenBack makes what was let run a draft again, while nobody has been given it. What
// was on its way to be counted of one that is gone by then keeps nothing else from it.
func TestTakenBack(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		b := k.on(booking(Exclusive, today(), 1))
		k.Serve(Visit{Place: "city", Agent: "browser"})
		check(t, k.Switch(t.Context(), "", b.ID, Draft))
		check(t, k.Switch(t.Context(), "", k.on(booking(Exclusive, today(), 1)).ID, Stopped)) // its days are free
		check(t, k.Remove(t.Context(), "", b.ID))
		house := k.on(booking(House, today(), 1))
		k.Serve(Visit{Place: "city", Agent: "browser"})
		check(t, k.Keep(t.Context()))
		total, err := k.Total(t.Context(), house.ID)
		check(t, err)
		if total[Served] != 1 {
			t.Errorf("of another %d were given away, want 1", total[Served])
		}
		if err := k.Switch(t.Context(), "", house.ID, Draft); !problem.Is(err, problem.Conflict) {
			t.Errorf("what was given away is a draft: %v", err)
		}
		check(t, k.Switch(t.Context(), "", house.ID, Stopped))
		if err := k.Switch(t.Context(), "", house.ID, Draft); !problem.Is(err, problem.Conflict) {
			t.Errorf("what has run is a draft: %v", err)
		}
		// One of an ad server has an answer by then, and one may be counted as a draft.
		tag := booking(House, today(), 1)
		tag.Source, tag.Video, tag.Address = Server, "", "https://ads.example/"
		k.on(tag)
		late := k.on(booking(House, today(), 1))
		check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into promo_tag (booking, tried, good, trouble, answer) values ($1, 1, 0, 'empty', '')`, tag.ID)
			return err
		}))
		for _, x := range []*Booking{tag, late} {
			check(t, k.Switch(t.Context(), "", x.ID, Draft))
		}
		check(t, k.Remove(t.Context(), "", tag.ID))
		check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			return addUp(t.Context(), tx, "promo_total", "booking, what", []counted{{[]any{late.ID, Served}, "", 1}})
		}))
		if err := k.Remove(t.Context(), "", late.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("what was counted is removed: %v", err)
		}
	})
}

// TestLink shares a report until it is taken back; another link is another.
func TestLink(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	b := k.on(booking(House, today(), 1))
	again := func() string {
		t.Helper()
		got, err := k.Get(t.Context(), b.ID)
		check(t, err)
		return k.Link(got)
	}
	if again() != "" {
		t.Error("there is a link before one was made")
	}
	check(t, k.SetLink(t.Context(), "", b.ID, true))
	first := again()
	if got, err := k.Reported(t.Context(), first); err != nil || got.ID != b.ID {
		t.Errorf("%v, %v", got, err)
	}
	check(t, k.SetLink(t.Context(), "", b.ID, false))
	if _, err := k.Reported(t.Context(), first); !problem.Is(err, problem.NotFound) || again() != "" {
		t.Errorf("what was taken back: %v", err)
	}
	check(t, k.SetLink(t.Context(), "", b.ID, true))
	if _, err := k.Reported(t.Context(), first); !problem.Is(err, problem.NotFound) {
		t.Errorf("an old link lives again: %v", err)
	}
	if _, err := k.Reported(t.Context(), again()); err != nil {
		t.Error(err)
	}
	if _, err := k.Reported(t.Context(), "AAAA"); err == nil || errors.Is(err, t.Context().Err()) {
		t.Error("nonsense is a link")
	}
}

// TestVerify finds what does not add up, and nothing in what does.
func TestVerify(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		k := newKit(t, d)
		k.on(booking(Exclusive, today(), 1))
		second := booking(Exclusive, today(), 1, "city")
		second.Title = "Second"
		check(t, k.Add(t.Context(), "", second))
		k.Serve(Visit{Place: "city", Agent: "browser"})
		check(t, k.Keep(t.Context()))
		said := func() (n int) {
			t.Helper()
			check(t, k.Verify(t.Context(), func(string) { n++ }))
			return n
		}
		if n := said(); n != 0 {
			t.Errorf("%d things are wrong", n)
		}
		for spoil, want := range map[string]int{
			`update promo_total set n = n + 1`:      1,
			`update promo_booking set state = 'on'`: 2,
			`update promo_booking set begins = begins + 7200000000, ends = ends + 7200000000, state = 'on' where title = 'Second'`: 2,
			`update promo_booking set state = 'on', begins = ends, ends = ends + 3600000000 where title = 'Second'`:                0,
		} {
			check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), spoil)
				return err
			}))
			if n := said(); n != want {
				t.Errorf("after %q %d things are wrong, want %d", spoil, n, want)
			}
			check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `update promo_total set n = 1`)
				if err == nil {
					_, err = tx.Exec(t.Context(), `update promo_booking set state = 'stopped', begins = $1, ends = $2 where title = 'Second'`,
						db.Time(second.Begins), db.Time(second.Ends))
				}
				return err
			}))
		}
	})
}
