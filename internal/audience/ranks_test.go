package audience

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"kawaraban/internal/db"
)

func (k *kit) rank(r *Ranks) []string {
	k.t.Helper()
	tags, err := k.Rank(k.t.Context(), r)
	check(k.t, err)
	return tags
}

func ids(list []Count) (ids []string) {
	for _, c := range list {
		ids = append(ids, c.Article)
	}
	return ids
}

// TestRanks follows a day: what is most read of an hour is not what is of a week.
func TestRanks(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.exec(`insert into section (slug, name, position, shown) values ('sport', 'Sport', 2, true)`)
		k.exec(`update article set section = 'sport' where id = 'ferry'`)
		var none *Ranks
		if none.MostRead(Day, "") != nil || none.Trending("") != nil || none.MostDiscussed() != nil {
			t.Error("there are lists of nothing")
		}
		n, r := NewNow(k.clock.Now), new(Ranks)
		if tags := k.rank(r); len(tags) != 0 || len(r.MostRead(Week, "")) != 0 {
			t.Errorf("before anybody came: %v", tags)
		}
		step := func(article string, readers int) []string {
			k.read(n, article, readers)
			check(t, k.Keep(t.Context(), n))
			return k.rank(r)
		}
		if tags := step("market", 9); !slices.Equal(tags, []string{Tag(""), Tag("city")}) {
			t.Errorf("changed: %v", tags)
		}
		if tags := step("market", 9); len(tags) != 0 { // the same readers
			t.Errorf("changed: %v", tags)
		}
		k.clock.Add(30 * time.Hour)
		if tags := step("ferry", 5); !slices.Equal(tags, []string{Tag(""), Tag("city"), Tag("sport")}) {
			t.Errorf("changed: %v", tags)
		}
		k.clock.Add(3 * time.Hour)
		step("bridge", 4)
		for _, test := range []struct {
			span    Span
			section string
			want    []string
		}{
			{Hour, "", []string{"bridge"}},
			{Day, "", []string{"ferry", "bridge"}},
			{Week, "", []string{"market", "ferry", "bridge"}},
			{Day, "sport", []string{"ferry"}},
			{Week, "city", []string{"market", "bridge"}},
			{Day, "nowhere", nil},
		} {
			if got := ids(r.MostRead(test.span, test.section)); !slices.Equal(got, test.want) {
				t.Errorf("most read of the %s in %q: %v, want %v", test.span, test.section, got, test.want)
			}
		}
		// Half an hour into the next hour, half of the last one counts.
		k.clock.Set(beginning(k.Now(), time.Hour).Add(90 * time.Minute))
		k.rank(r)
		if got := r.MostRead(Hour, ""); !slices.Equal(got, []Count{{"bridge", 2}}) {
			t.Errorf("an hour ago: %v", got)
		}
		// A process that begins now has the same.
		again := new(Ranks)
		k.rank(again)
		for _, s := range Spans() {
			if a, b := r.MostRead(s, ""), again.MostRead(s, ""); !slices.Equal(a, b) {
				t.Errorf("of the %s one has %v, the other %v", s, a, b)
			}
		}
	})
}

// TestTrending has what stands out from what is usual for its section at this hour.
func TestTrending(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.exec(`insert into section (slug, name, position, shown) values ('sport', 'Sport', 2, true)`)
		k.exec(`update article set section = 'sport' where id = 'ferry'`)
		// Sport has hundred readers an hour at this time of every day, the city five.
		for d := 1; d <= 7; d++ {
			at := db.Time(beginning(k.Now(), time.Hour).AddDate(0, 0, -d))
			k.exec(`insert into audience_hour (article, hour, opens) values ('ferry', $1, 100)`, at)
			k.exec(`insert into audience_hour (article, hour, opens) values ('market', $1, 5)`, at)
		}
		n, r := NewNow(k.clock.Now), new(Ranks)
		for _, a := range []string{"ferry", "market"} {
			for i := range 60 {
				n.Opened(View{Article: a, From: address(i), Agent: browser})
			}
		}
		for i := range 2 {
			n.Opened(View{Article: "bridge", From: address(i), Agent: browser})
		}
		check(t, k.Keep(t.Context(), n))
		k.rank(r)
		got := r.Trending("")
		if len(got) != 1 || got[0].Article != "market" || got[0].Usual != 5 || got[0].Rate < 30 || got[0].Rate > 42 {
			t.Errorf("trending: %+v", got)
		}
		if got := r.Trending("sport"); len(got) != 0 {
			t.Errorf("trending in sport: %+v", got)
		}
		before := got[0].Rate
		k.clock.Add(time.Hour)
		k.rank(r)
		if got := r.Trending("city"); len(got) != 1 || got[0].Rate < before*0.49 || got[0].Rate > before*0.51 {
			t.Errorf("an hour later: %+v, before it %v", got, before)
		}
		k.clock.Add(6 * time.Hour)
		if k.rank(r); len(r.Trending("")) != 0 || len(r.heats) > 2 {
			t.Errorf("in the evening: %+v, %d are warm", r.Trending(""), len(r.heats))
		}
		k.clock.Add(6 * time.Hour)
		if k.rank(r); len(r.heats) != 0 {
			t.Errorf("at night %d are warm", len(r.heats))
		}
	})
}

// TestDiscussed asks when something was said, and not all the time.
func TestDiscussed(t *testing.T) {
	onBoth(t, func(k *kit) {
		asked, fails := 0, false
		k.Discussed = func(_ context.Context, since time.Time, limit int) ([]Count, error) {
			if asked++; fails {
				return nil, errors.New("away")
			}
			return []Count{{fmt.Sprint("said", asked), 1}}, nil
		}
		r := new(Ranks)
		if tags := k.rank(r); !slices.Equal(tags, []string{Tag("")}) {
			t.Errorf("changed: %v", tags)
		}
		k.clock.Add(talkEvery)
		k.rank(r)
		if r.Said(); asked != 1 {
			t.Errorf("nobody has said anything, and it asked %d times", asked)
		}
		k.rank(r)
		if got := ids(r.MostDiscussed()); !slices.Equal(got, []string{"said2"}) {
			t.Errorf("discussed: %v", got)
		}
		r.Said()
		k.clock.Add(talkEvery)
		fails = true
		if _, err := k.Rank(t.Context(), r); err == nil {
			t.Error("what failed is told by nobody")
		}
		fails = false
		k.rank(r)
		if got := ids(r.MostDiscussed()); !slices.Equal(got, []string{"said4"}) {
			t.Errorf("after it failed: %v", got)
		}
	})
}
