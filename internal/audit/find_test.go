package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/secret"
)

// TestFind looks for entries in each way.
func TestFind(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		clock := new(papertest.Clock)
		l := &Log{DB: d, Keys: secret.NewKeyring(), Now: clock.Now}
		began := clock.Now()
		write := func(e Entry) {
			t.Helper()
			if err := d.Tx(t.Context(), func(tx *db.Tx) error { return l.Add(t.Context(), tx, e) }); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 4 { // one a day
			write(Entry{Actor: "ana", Act: "reader.role", Subject: "bo", Detail: fmt.Sprint("Reader to EDITOR ", i)})
			write(Entry{Actor: "eve", Act: "article.published", Subject: "a1", Detail: "100% \\ Kōbe_x"})
			clock.Set(clock.Now().Add(24 * time.Hour))
		}
		for name, test := range map[string]struct {
			f    Filter
			want []int64
		}{
			"all":             {Filter{}, []int64{8, 7, 6, 5, 4, 3, 2, 1}},
			"who":             {Filter{Actor: "eve"}, []int64{8, 6, 4, 2}},
			"about":           {Filter{Subject: "bo"}, []int64{7, 5, 3, 1}},
			"what":            {Filter{Acts: []string{"front.", "article."}}, []int64{8, 6, 4, 2}},
			"words":           {Filter{Words: "editor 2"}, []int64{5}},
			"signs":           {Filter{Words: `% \ KŌBE_`}, []int64{8, 6, 4, 2}},
			"no pattern":      {Filter{Words: "r%r"}, nil},
			"since":           {Filter{Since: began.Add(48 * time.Hour)}, []int64{8, 7, 6, 5}},
			"until":           {Filter{Until: began.Add(24 * time.Hour)}, []int64{2, 1}},
			"a day":           {Filter{Since: began.Add(time.Hour), Until: began.Add(25 * time.Hour)}, []int64{4, 3}},
			"in the future":   {Filter{Since: began.Add(999 * time.Hour)}, nil},
			"before all":      {Filter{Until: began}, nil},
			"nobody":          {Filter{Actor: "nobody"}, nil},
			"several at once": {Filter{Actor: "ana", Acts: []string{"reader."}, Words: "3", Since: began.Add(time.Hour)}, []int64{7}},
		} {
			for _, limit := range []int{1, 3, 100} {
				var got []int64
				f := test.f
				for f.Limit = limit; ; {
					list, older, err := l.Find(t.Context(), f)
					if err != nil || len(list) > limit {
						t.Fatal(name, len(list), err)
					}
					for _, e := range list {
						got = append(got, e.Seq)
					}
					if f.Before = older; older == 0 {
						break
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("%s, %d at a time: %d, want %d", name, limit, got, test.want)
				}
			}
		}
	})
}

// TestFindFar looks for what is far back: several pages lead there, and none of
// them looks at more than its reach.
func TestFindFar(t *testing.T) {
	d := papertest.SQLite(t)
	l := newLog(t, d)
	err := d.Tx(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into audit (seq, at, actor, act, subject, detail, hash)
			with recursive count(n) as (select 1 union all select n + 1 from count where n < cast($1 as bigint))
			select n, n, 'ana', 'reader.login', 'ana', case when n = 7 then 'rare' else '' end, ''
			from count`, 2*reach+10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f, pages, found := Filter{Words: "rare", Limit: 10}, 0, 0
	for {
		list, older, err := l.Find(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		pages, found = pages+1, found+len(list)
		if f.Before = older; older == 0 {
			break
		}
	}
	if pages != 3 || found != 1 {
		t.Errorf("%d found on %d pages, want 1 on 3", found, pages)
	}
}
