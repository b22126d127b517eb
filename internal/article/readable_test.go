package article

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestAccess tells in a table what a reader may have.
func TestAccess(t *testing.T) {
	now := time.Date(2025, time.November, 3, 9, 0, 0, 0, time.UTC)
	before, after, never := now.Add(-time.Microsecond), now.Add(time.Microsecond), time.Time{}
	for _, test := range []struct {
		name    string
		article Article
		want    Access
	}{
		{"a draft", Article{State: Draft}, Hidden},
		{"a draft with a time", Article{State: Draft, Published: before}, Hidden},
		{"in review", Article{State: Review, Published: before}, Hidden},
		{"scheduled", Article{State: Scheduled, Published: before}, Hidden},
		{"published", Article{State: Published, Published: before}, Readable},
		{"published now", Article{State: Published, Published: now}, Readable},
		{"published later", Article{State: Published, Published: after}, Hidden},
		{"published never", Article{State: Published, Published: never}, Hidden},
		{"embargo pending", Article{State: Published, Published: before, Rights: Rights{Embargo: after}}, Hidden},
		{"embargo over", Article{State: Published, Published: before, Rights: Rights{Embargo: now}}, Readable},
		{"embargo without an end", Article{State: Published, Published: before, Rights: Rights{EmbargoOpen: true}}, Hidden},
		{"licence ends later", Article{State: Published, Published: before, Rights: Rights{Expires: after}}, Readable},
		{"licence ends now", Article{State: Published, Published: before, Rights: Rights{Expires: now}}, Expired},
		{"licence over, embargo pending", Article{State: Published, Published: before, Rights: Rights{Expires: before, Embargo: after}}, Hidden},
		{"withdrawn", Article{State: Withdrawn, Published: before, Withdrawal: Withdrawal{At: now}}, Gone},
		{"withdrawn and expired", Article{State: Withdrawn, Published: before, Rights: Rights{Expires: before}, Withdrawal: Withdrawal{At: now}}, Gone},
		{"withdrawn later", Article{State: Withdrawn, Published: before, Withdrawal: Withdrawal{At: after}}, Hidden},
		{"withdrawn draft", Article{State: Withdrawn, Published: never, Withdrawal: Withdrawal{At: now}}, Hidden},
		{"withdrawn before its time", Article{State: Withdrawn, Published: after, Withdrawal: Withdrawal{At: now}}, Hidden},
		{"withdrawn under an embargo", Article{State: Withdrawn, Published: before, Rights: Rights{EmbargoOpen: true}, Withdrawal: Withdrawal{At: now}}, Hidden},
	} {
		if got := test.article.access(now); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

// TestEveryWayOut draws papers at random and holds that every list and every
// look is what access says of each article: were access and readableSQL to
// differ, or one way out to forget them, this would tell.
func TestEveryWayOut(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		base := s.clock.Now()
		const articles = 6
		ids := make([]string, articles)
		for i := range ids {
			n := headline("Story")
			n.Lead.Picture = "picture" + string(rune('a'+i))
			ids[i] = s.draft(n)
		}
		// Each was corrected a microsecond after it was published, whenever that was.
		correct := func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update revision
				set kind = 'correction', note = 'It opens on Tuesday.',
					shown = (select case when a.published = 0 then 1 else a.published + 1 end from article a where a.id = revision.article)`)
			return err
		}
		rapid.Check(t, func(t *rapid.T) {
			// Half a microsecond past the hour: what is stored is whole ones.
			s.clock.Set(base.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "ns"))))
			moment := rapid.Custom(func(t *rapid.T) int64 {
				at := rapid.SampledFrom([]time.Duration{-40 * 24 * time.Hour, -time.Hour, -time.Microsecond, 0, time.Microsecond, time.Hour}).Draw(t, "at")
				return base.Add(at).UnixMicro()
			})
			maybe := rapid.OneOf(rapid.Just(int64(0)), moment)
			err := d.Tx(ctx, func(tx *db.Tx) error {
				for _, id := range ids {
					state := rapid.SampledFrom([]State{Draft, Review, Scheduled, Published, Published, Published, Withdrawn}).Draw(t, "state")
					published, withdrawn := maybe.Draw(t, "published"), maybe.Draw(t, "withdrawn")
					if state == Published && published == 0 || state == Withdrawn && withdrawn == 0 {
						published, withdrawn = moment.Draw(t, "published"), moment.Draw(t, "withdrawn") // the table's checks demand it
					}
					_, err := tx.Exec(ctx, `update article
						set state = $2, published = $3, embargo = $4, embargo_open = $5, expires = $6, withdrawn = $7
						where id = $1`,
						id, state, published, maybe.Draw(t, "embargo"), rapid.IntRange(0, 4).Draw(t, "open") == 0, maybe.Draw(t, "expires"), withdrawn)
					if err != nil {
						return err
					}
				}
				return correct(tx)
			})
			if err != nil {
				t.Fatal(err)
			}
			checkWaysOut(ctx, t, s, ids)
		})
	})
}

// checkWaysOut compares each way out with access.
func checkWaysOut(ctx context.Context, t *rapid.T, s *desk, ids []string) {
	now := s.clock.Now()
	var readable []*Article
	corrected := func(a *Article) bool { return !a.Published.Add(time.Microsecond).After(now) }
	for _, id := range ids {
		a, err := s.Get(ctx, s.DB, id)
		if err != nil {
			t.Fatal(err)
		}
		access := a.access(now)
		if access == Readable {
			readable = append(readable, a)
		}
		r, moved, err := s.Read(ctx, a.Section.Slug, a.Slug)
		_, located := s.Locate(ctx, id)
		show, errShow := s.MayShow(ctx, a.Lead.Picture)
		if errShow != nil || moved != "" || show != (access == Readable) {
			t.Fatalf("access %d: moved %q, picture shown %v, %v", access, moved, show, errShow)
		}
		h, moved, told := s.History(ctx, a.Section.Slug, a.Slug, "")
		if moved != "" || told == nil && (access == Readable && corrected(a)) != (len(h.Versions) > 0) || (told == nil) != (err == nil) ||
			told != nil && problem.Of(told).Kind != problem.Of(err).Kind {
			t.Fatalf("access %d: history %+v, %q, %v; Read: %v", access, h, moved, told, err)
		}
		switch access {
		case Readable:
			if err != nil || located != nil || r.Ended || len(r.Body.Blocks) == 0 {
				t.Fatalf("readable: %+v, %v, %v", r, err, located)
			}
		case Expired:
			if err != nil || located != nil || !r.Ended || len(r.Body.Blocks) > 0 || r.Lead != (Lead{}) || r.Words > 0 {
				t.Fatalf("expired: %+v, %v, %v", r, err, located)
			}
		case Gone:
			if !problem.Is(err, problem.Gone) || !problem.Is(located, problem.Gone) || r != nil {
				t.Fatalf("gone: %+v, %v, %v", r, err, located)
			}
		default:
			if !problem.Is(err, problem.NotFound) || !problem.Is(located, problem.NotFound) || r != nil {
				t.Fatalf("hidden: %+v, %v, %v", r, err, located)
			}
		}
	}
	slices.SortFunc(readable, func(a, b *Article) int {
		if n := b.Published.Compare(a.Published); n != 0 {
			return n
		}
		if a.ID < b.ID {
			return 1
		}
		return -1
	})
	want, paths, months := []string{}, map[string]bool{}, map[time.Time]bool{}
	for _, a := range readable {
		want, paths[a.Path()] = append(want, a.ID), true
		months[time.Date(a.Published.Year(), a.Published.Month(), 1, 0, 0, 0, 0, time.UTC)] = true
	}
	same := func(what string, got []string, err error) {
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%s: %q, %v; want %q", what, got, err, want)
		}
	}
	indexed, err := index(ctx, s.Store, now)
	same("readableSQL", indexed, err) // Latest would hide it if this let through too much
	cards, _, err := s.Latest(ctx, Filter{Limit: 100})
	same("Latest", cardIDs(cards), err)
	cards, _, err = s.Latest(ctx, Filter{Limit: 100, Section: "city"})
	same("Latest of a section", cardIDs(cards), err)
	full, err := s.Full(ctx, Filter{Limit: 100})
	var fullIDs []string
	for _, r := range full {
		fullIDs = append(fullIDs, r.ID)
	}
	same("Full", append([]string{}, fullIDs...), err)
	log, _, err := s.Corrections(ctx, "", 100)
	logged, wanted := []string{}, []string{}
	for _, c := range log {
		logged = append(logged, c.ID)
	}
	for _, a := range readable {
		if corrected(a) {
			wanted = append(wanted, a.ID)
		}
	}
	slices.Sort(logged)
	slices.Sort(wanted)
	if err != nil || !slices.Equal(logged, wanted) {
		t.Fatalf("corrections of %q, %v; want %q", logged, err, wanted)
	}
	listed := 0
	for month := range months {
		list, err := s.Month(ctx, month)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			listed++
			if !paths[l.Path] {
				t.Fatalf("Month lists %s", l.Path)
			}
		}
	}
	if listed != len(want) {
		t.Fatalf("the months list %d, want %d", listed, len(want))
	}
	first, last, err := s.Span(ctx)
	if err != nil || len(readable) == 0 && (!first.IsZero() || !last.IsZero()) ||
		len(readable) > 0 && (!first.Equal(readable[len(readable)-1].Published) || !last.Equal(readable[0].Published)) {
		t.Fatalf("Span = %s, %s, %v", first, last, err)
	}
	f, err := s.Front(ctx, Layout{})
	if err != nil {
		t.Fatal(err)
	}
	onFront := frontIDs(f)
	for _, id := range want {
		if !slices.Contains(onFront, id) {
			t.Fatalf("%s is not on the front page", id)
		}
	}
	for _, id := range onFront {
		if !slices.Contains(want, id) {
			t.Fatalf("%s is on the front page", id)
		}
	}
}

// index lists what readableSQL alone lets through.
func index(ctx context.Context, s *Store, now time.Time) (ids []string, err error) {
	var args []any
	rows, err := s.DB.Query(ctx, `select a.id from article a where `+readableSQL(&args, now)+` order by a.published desc, a.id desc`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func cardIDs(cards []Card) []string {
	ids := make([]string, len(cards))
	for i, c := range cards {
		ids[i] = c.ID
	}
	return ids
}

// frontIDs lists the stories of the front page, the list by the clock last.
func frontIDs(f *FrontPage) (ids []string) {
	return append(placed(f), cardIDs(f.Latest)...)
}

// placed lists the stories of the front page above the list by the clock.
func placed(f *FrontPage) (ids []string) {
	if f.Lead != nil {
		ids = append(ids, f.Lead.ID)
	}
	ids = append(ids, cardIDs(f.Seconds)...)
	ids = append(ids, cardIDs(f.Opinion)...)
	for _, sec := range f.Sections {
		ids = append(ids, cardIDs(sec.Cards)...)
	}
	return ids
}

// TestMayShow holds that one readable article is enough, in whatever order the
// others stand, and that figures in a body count.
func TestMayShow(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, ctx := newDesk(t, d), t.Context()
		n := headline("With a picture")
		n.Lead.Picture = "p1"
		n.Body.Blocks = figures("p2", "p2", "p1")
		shown := func(picture string, want bool) {
			t.Helper()
			if got, err := s.MayShow(ctx, picture); err != nil || got != want {
				t.Errorf("MayShow(%s) = %v, %v", picture, got, err)
			}
		}
		s.draft(n)
		shown("p1", false)
		id := s.story(n)
		s.draft(n)
		shown("p1", true)
		shown("p2", true)
		shown("p3", false)
		s.tx(func(tx *db.Tx) error {
			return s.Revise(ctx, tx, id, Content{Headline: "Without"}, Revision{Reason: Edit})
		})
		shown("p2", false)
	})
}
