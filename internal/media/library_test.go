package media

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// employs makes somebody who may own pictures.
func (s *Store) employs(t testing.TB, id string) string {
	t.Helper()
	s.exec(t, `insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, letters, leaving, leave_how, erased, created)
		values ($1, $1, $1, $1, '', '', 'en', 'editor', '', '', 0, 'now', 0, '', 0, 1)`, id)
	return id
}

func (s *Store) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hangs adds a row of a picture without bytes, and returns its id.
func (s *Store) hangs(t testing.TB, m Meta) (id string) {
	t.Helper()
	err := s.DB.Tx(t.Context(), func(tx *db.Tx) (err error) {
		id, err = s.Add(t.Context(), tx, &Kept{Info: Info{Format: JPEG, Width: 6, Height: 4, Meta: m}, hash: db.NewID()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// ids of a list, in its order.
func ids(list []*Picture) (ids []string) {
	for _, p := range list {
		ids = append(ids, p.ID)
	}
	return ids
}

// TestList looks for pictures by what is said of them.
//
// Seen red: Marks that do not fold; an "or" in the place of "and".
func TestList(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		clock := new(papertest.Clock)
		s.Now = clock.Now
		names := map[string]string{}
		hang := func(name string, m Meta) {
			clock.Add(time.Second)
			names[s.hangs(t, m)] = name
		}
		hang("ferry", Meta{Caption: "The ferry at Orrin’s Wharf", Credit: "Åsa Ink/HPA"})
		hang("market", Meta{Caption: "100 % wool_at the market", Byline: "Bo Æsc", Keywords: []string{"Sheep"}})
		hang("sambashi", Meta{Caption: "港の桟橋に着くフェリー", Credit: "共同"})
		hang("bare", Meta{Headline: "A ferry in fog"})
		for _, test := range []struct {
			f    Filter
			want string
		}{
			{Filter{}, "bare sambashi market ferry"},
			{Filter{Words: "FERRY"}, "bare ferry"},
			{Filter{Words: "ferry asa"}, "ferry"},
			{Filter{Words: "wharf ferr"}, "ferry"},
			{Filter{Words: "aesc"}, "market"},
			{Filter{Words: "sheep"}, "market"},
			{Filter{Words: "100 %"}, "market"},
			{Filter{Words: "wool_at"}, "market"},
			{Filter{Words: "wool%at"}, "market"},
			{Filter{Words: "erry"}, ""},
			{Filter{Words: "HPA"}, "ferry"},
			{Filter{Words: "%"}, ""},
			{Filter{Words: "桟橋"}, "sambashi"},
			{Filter{Words: "橋"}, "sambashi"},
			{Filter{Words: "桟橋に着く"}, "sambashi"},
			{Filter{Words: "港に"}, ""},
			{Filter{Words: "同"}, "sambashi"},
			{Filter{Words: "ﾌｪﾘｰ"}, "sambashi"},
			{Filter{Words: "no such thing"}, ""},
			{Filter{Bare: true}, "bare market"},
			{Filter{Bare: true, Words: "fog"}, "bare"},
		} {
			test.f.Limit = 10
			list, older, err := s.List(t.Context(), test.f)
			if err != nil || older != "" {
				t.Fatal(err, older)
			}
			var got []string
			for _, id := range ids(list) {
				got = append(got, names[id])
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("%+v: %s, want %s", test.f, got, test.want)
			}
		}
		var walked []string
		for before := ""; ; {
			list, older, err := s.List(t.Context(), Filter{Limit: 1, Before: before})
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids(list) {
				walked = append(walked, names[id])
			}
			if before = older; before == "" {
				break
			}
		}
		if got := strings.Join(walked, " "); got != "bare sambashi market ferry" {
			t.Errorf("page by page: %s", got)
		}
		if _, _, err := s.List(t.Context(), Filter{Before: strings.Repeat("x", 41)}); !problem.Is(err, problem.NotFound) {
			t.Errorf("a cursor that is none: %v", err)
		}
	})
}

// TestWords is about what editors say of a picture in the place of its file.
func TestWords(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		ida := s.employs(t, "ida")
		id := s.hangs(t, Meta{Caption: "Old words", Credit: "Nobody", Keywords: []string{"quay"}, City: "Orrin"})
		set := func(seen time.Time, w Words) error {
			return s.DB.Tx(t.Context(), func(tx *db.Tx) error { return s.Set(t.Context(), tx, id, ida, seen, w) })
		}
		if err := set(time.Time{}, Words{Caption: " New\x00 words ", Alt: "A quay", Credit: "Ada Ink"}); err != nil {
			t.Fatal(err)
		}
		p, err := s.Picture(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if p.Caption != "New words" || p.Alt != "A quay" || p.Credit != "Ada Ink" || p.City != "Orrin" || p.EditedBy != ida || p.Edited.IsZero() {
			t.Errorf("the picture says %+v", p)
		}
		if err := set(time.Time{}, Words{Caption: "Somebody else's"}); !problem.Is(err, problem.Conflict) {
			t.Errorf("words that were changed meanwhile are written over: %v", err)
		}
		if err := set(p.Edited, Words{Caption: strings.Repeat("x", 1001)}); !problem.Is(err, problem.Invalid) {
			t.Errorf("an endless caption: %v", err)
		}
		if err := set(p.Edited, Words{Caption: "Third"}); err != nil {
			t.Error(err)
		}
		s.exec(t, `delete from picture_word`) // as before there was an index
		s.exec(t, `update picture set folded = ''`)
		if err := s.Index(t.Context()); err != nil {
			t.Fatal(err)
		}
		for words, want := range map[string]int{"third": 1, "orrin": 1, "old": 0, "ada": 0} {
			if list, _, err := s.List(t.Context(), Filter{Words: words, Limit: 9}); err != nil || len(list) != want {
				t.Errorf("%q finds %d (%v)", words, len(list), err)
			}
		}
		err = s.DB.Tx(t.Context(), func(tx *db.Tx) error { return s.Set(t.Context(), tx, "none", ida, time.Time{}, Words{}) })
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("a picture that is not there: %v", err)
		}
	})
}

// TestRightsEnd is about pictures that are lent.
func TestRightsEnd(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, _ := newStore(t, d)
		clock := new(papertest.Clock)
		s.Now = clock.Now
		lend := func(days int) string {
			id := s.hangs(t, Meta{Caption: fmt.Sprint(days), Credit: "x"})
			err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
				return s.SetRights(t.Context(), tx, id, clock.Now().Add(time.Duration(days)*24*time.Hour), "Lent by the museum.")
			})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		own, week, year := s.hangs(t, Meta{Credit: "x"}), lend(7), lend(365)
		listed := func(f Filter, want ...string) {
			t.Helper()
			f.Limit = 10
			list, _, err := s.List(t.Context(), f)
			got := ids(list)
			slices.Sort(got)
			if slices.Sort(want); err != nil || !slices.Equal(got, want) {
				t.Errorf("%+v: %v (%v), want %v", f, got, err, want)
			}
		}
		listed(Filter{Ending: true}, week)
		listed(Filter{Usable: true}, own, week, year)
		clock.Add(7 * 24 * time.Hour)
		p, err := s.Picture(t.Context(), week)
		if err != nil || !p.Ended || p.Rights != "Lent by the museum." {
			t.Errorf("when its rights have ended: %+v, %v", p, err)
		}
		listed(Filter{Ending: true}, week)
		listed(Filter{Usable: true}, own, year)
	})
}

// TestDelete takes a picture away with its bytes, but not from one who sends it
// again.
func TestDelete(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		s, start := newStore(t, d)
		var later atomic.Int64 // by how much the clock has been set forward
		s.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
		data := encodeAs(t, harbour(64, 48), JPEG)
		id, err := s.add(t.Context(), data)
		if err != nil {
			t.Fatal(err)
		}
		start()
		s.idle(t)
		p, err := s.Picture(t.Context(), id)
		if err != nil || len(p.Renditions) == 0 {
			t.Fatal(err, p)
		}
		remove := func() error {
			return s.DB.Tx(t.Context(), func(tx *db.Tx) error { return s.Delete(t.Context(), tx, id) })
		}
		if err := remove(); err != nil {
			t.Fatal(err)
		}
		if err := remove(); !problem.Is(err, problem.NotFound) {
			t.Errorf("a second time: %v", err)
		}
		s.idle(t)
		f := Forgetting{ID: id, Hash: p.hash}
		for _, r := range p.Renditions {
			f.Files = append(f.Files, r.Key)
		}
		if err := s.Forget(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		there := func(key string) bool {
			ok, err := s.Blobs.Exists(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if there(rendition(f.Files[0])) || !there(original(p.hash)) {
			t.Error("the renditions are to go at once, the original later")
		}
		// The job of the deletion has run, and left another one for an hour from now.
		papertest.Eventually(t, func() bool {
			var open int
			err := s.DB.QueryRow(t.Context(), `select count(*) from river_job where kind = $1 and state not in ('completed', 'scheduled')`, ForgetKind).Scan(&open)
			return err == nil && open == 0
		})
		later.Store(int64(2 * time.Hour))
		if _, err := s.add(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		s.idle(t)
		if err := s.Forget(t.Context(), f); err != nil || !there(original(p.hash)) {
			t.Errorf("the original of a picture that came again is gone (%v)", err)
		}
		s.exec(t, `delete from rendition`)
		s.exec(t, `delete from picture`)
		if err := s.Forget(t.Context(), f); err != nil || there(original(p.hash)) {
			t.Errorf("the original stays (%v)", err)
		}
	})
}

// TestSearchCost looks among 100,000 pictures, newest first, for what is rare, what
// is common and what is not there. The bound is generous: the machine has others.
func TestSearchCost(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills a database")
	}
	const pictures = 100_000
	t.Run("sqlite", func(t *testing.T) {
		s, _ := newStore(t, papertest.SQLite(t))
		random := rand.New(rand.NewPCG(1, 2))
		var vocabulary []string
		for range 20_000 {
			var b strings.Builder
			for range 2 + random.IntN(3) {
				b.WriteString([]string{"ka", "wa", "ra", "ban", "to", "rin", "har", "bo", "ur", "mel", "sen", "ti", "gu", "lo", "dy", "ost", "vik"}[random.IntN(17)])
			}
			vocabulary = append(vocabulary, b.String())
		}
		var entries [][2]string // sorted, so that they are quickly written
		err := s.DB.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range pictures {
				var b strings.Builder
				for b.Len() < 160 {
					b.WriteString(vocabulary[int(float64(len(vocabulary))*random.Float64()*random.Float64())] + " ")
				}
				p := Picture{Meta: Meta{Caption: b.String(), Credit: "Ada Ink/HPA"}, Name: "dsc.jpg"}
				p.ID = db.NewID()
				_, err := tx.Exec(t.Context(), `insert into picture (id, hash, state, reason, format, width, height, headline, caption, alt, byline, credit, copyright, usage_terms,
						meta, focus_x, focus_y, created, name, folded)
					values ($1, $1, 'ready', '', 'jpeg', 6, 4, '', $2, '', '', 'Ada Ink/HPA', '', '', $3, 0, 0, $4, 'dsc.jpg', $5)`,
					p.ID, b.String(), `{"Headline":"`+strings.Repeat("meta ", 150)+`"}`, i, p.folded())
				if err != nil {
					return err
				}
				for _, word := range tokens(p.folded()) {
					entries = append(entries, [2]string{word, p.ID})
				}
			}
			slices.SortFunc(entries, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
			for batch := range slices.Chunk(entries, 400) {
				var args []any
				rows := make([]string, len(batch))
				for i, e := range batch {
					rows[i] = "(" + db.Arg(&args, e[0]) + ", " + db.Arg(&args, e[1]) + ")"
				}
				if _, err := tx.Exec(t.Context(), `insert into picture_word (word, picture) values `+strings.Join(rows, ", "), args...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.exec(t, `analyze`)
		for _, words := range []string{"", "ink", "zeppelin", "k", "ka", "kawa", "hpa kawa", "vikvik urur", "k w r b t", vocabulary[0], vocabulary[9_000], vocabulary[19_999], vocabulary[10] + " " + vocabulary[19_000]} {
			best := time.Hour
			found := 0
			for range 5 {
				began := time.Now()
				list, _, err := s.List(t.Context(), Filter{Words: words, Limit: 60})
				if err != nil {
					t.Fatal(err)
				}
				best, found = min(best, time.Since(began)), len(list)
			}
			t.Logf("%-28q %3d found of %d in %s", words, found, pictures, best.Round(10*time.Microsecond))
			if most := papertest.Slow(100 * time.Millisecond); best > most {
				t.Errorf("%q takes %s, more than %s", words, best, most)
			}
		}
	})
}
