package poll

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

func TestShares(t *testing.T) {
	for _, test := range []struct{ votes, want []int }{
		{[]int{0, 0}, []int{0, 0}},
		{[]int{1, 0}, []int{100, 0}},
		{[]int{1, 1, 1}, []int{34, 33, 33}},
		{[]int{1, 2, 3}, []int{17, 33, 50}},
		{[]int{2, 1, 1, 1, 1, 1}, []int{29, 15, 14, 14, 14, 14}},
		{[]int{1, 999}, []int{0, 100}},
	} {
		var p Poll
		for _, n := range test.votes {
			p.Options = append(p.Options, Option{Votes: n})
		}
		if got := p.Shares(); !slices.Equal(got, test.want) {
			t.Errorf("the shares of %v are %v, want %v", test.votes, got, test.want)
		}
	}
}

func TestSet(t *testing.T) {
	onBoth(t, func(k *kit) {
		many := strings.Fields("a b c d e f g h i j k")
		for what, test := range map[string][]string{
			"eleven":        many,
			"too long":      {"no", strings.Repeat("ä", 141)},
			"twice":         {"Yes", "yes"},
			"twice, spaced": {"not now", " not  now "},
		} {
			_, err := k.set("bridge", time.Time{}, test...)
			refused(t, what, err, problem.Invalid, "options")
		}
		check(t, k.tx(func(tx *db.Tx) error {
			_, err := k.Set(t.Context(), tx, "bridge", Draft{Options: []string{"one", " "}}, Least)
			refused(t, "one", err, problem.Invalid, "options")
			return nil
		}))
		_, err := k.set("bridge", k.clock.Now().Add(-time.Second), "yes", "no")
		refused(t, "an end that is past", err, problem.Invalid, "closes")

		_, err = k.set("bridge", time.Time{}, " yes ", "", "no\t", strings.Repeat("ä", 140))
		check(t, err)
		k.looks("yes:0 no:0 " + strings.Repeat("ä", 140) + ":0")
		yes := k.of("bridge").Options[0].ID
		_, err = k.set("bridge", time.Time{}, "no", "perhaps", "yes")
		check(t, err)
		k.looks("no:0 perhaps:0 yes:0")
		if p := k.of("bridge"); p.Options[2].ID != yes || p.Version != 2 {
			t.Errorf("the option that stays is another one: %+v", p)
		}
		check(t, k.tx(func(tx *db.Tx) error {
			_, err := k.Set(t.Context(), tx, "bridge", Draft{Options: []string{"a", "b"}, Version: 1}, 0)
			refused(t, "an old version", err, problem.Conflict, "")
			return nil
		}))

		// Once somebody has voted only words change, and that is told.
		check(t, k.votes(k.reader("ana"), "perhaps"))
		for what, options := range map[string][]string{
			"removed": {"no", "yes"}, "added": {"no", "perhaps", "yes", "never"}, "reordered": {"yes", "perhaps", "no"}, "moved": {"no", "yes", "never"},
		} {
			_, err = k.set("bridge", time.Time{}, options...)
			refused(t, what, err, problem.Conflict, "options")
		}
		k.looks("no:0 perhaps:1 yes:0")
		if !k.of("bridge").Reworded.IsZero() {
			t.Error("nothing was reworded")
		}
		k.clock.Add(time.Hour)
		reworded, err := k.set("bridge", time.Time{}, "no", "maybe", "yes")
		check(t, err)
		k.looks("no:0 maybe:1 yes:0")
		if p := k.of("bridge"); !reworded || !p.Reworded.Equal(k.clock.Now()) {
			t.Errorf("the change is not told: %+v", p)
		}
		reworded, err = k.set("bridge", k.clock.Now().Add(time.Hour), "no", "maybe", "yes")
		check(t, err)
		if reworded {
			t.Error("another end is no other words")
		}
	})
}

func TestVote(t *testing.T) {
	onBoth(t, func(k *kit) {
		end := k.clock.Now().Add(time.Hour)
		_, err := k.set("bridge", end, "yes", "no")
		check(t, err)
		ana, bo := k.reader("ana"), k.reader("bo")
		refused(t, "no option", k.votes(ana, "other"), problem.Invalid, "option")
		_, err = k.Vote(t.Context(), "nowhere", ana, "x")
		refused(t, "no poll", err, problem.NotFound, "")
		check(t, k.votes(ana, "yes"))
		check(t, k.votes(ana, "yes"))
		check(t, k.votes(bo, "yes"))
		k.looks("yes:2 no:0")
		check(t, k.votes(bo, "no"))
		k.looks("yes:1 no:1")
		counts, err := k.Counts(t.Context(), "bridge", "other")
		check(t, err)
		if len(counts) != 1 || counts["bridge"] != 2 {
			t.Errorf("the counts are %v", counts)
		}

		// It is open until its time, to the moment.
		k.clock.Set(end.Add(-time.Microsecond))
		check(t, k.votes(bo, "yes"))
		if p := k.of("bridge"); p.Closed(k.clock.Now()) || p.Results(k.clock.Now(), "") || !p.Results(k.clock.Now(), "x") {
			t.Error("it is closed before its time")
		}
		k.clock.Set(end)
		refused(t, "after the end", k.votes(bo, "no"), problem.Conflict, "")
		if p := k.of("bridge"); !p.Closed(k.clock.Now()) || !p.Results(k.clock.Now(), "") {
			t.Error("it is open after its time")
		}
		k.looks("yes:2 no:0")
		refused(t, "closed twice", k.tx(func(tx *db.Tx) error { return k.Close(t.Context(), tx, "bridge") }), problem.Conflict, "")
		check(t, k.tx(func(tx *db.Tx) error { return k.Reopen(t.Context(), tx, "bridge") }))
		check(t, k.votes(bo, "no"))
		check(t, k.tx(func(tx *db.Tx) error { return k.Close(t.Context(), tx, "bridge") }))
		refused(t, "after it was closed", k.votes(bo, "yes"), problem.Conflict, "")
		k.looks("yes:1 no:1")
	})
}

func TestBar(t *testing.T) {
	onBoth(t, func(k *kit) {
		_, err := k.set("bridge", time.Time{}, "yes", "no")
		check(t, err)
		ana, bo := k.reader("ana"), k.reader("bo")
		check(t, k.votes(ana, "yes"))
		check(t, k.votes(bo, "no"))
		k.bar(ana, true)
		k.bar(ana, true)
		k.looks("yes:0 no:1")
		refused(t, "a barred voter", k.votes(ana, "no"), problem.Forbidden, "")
		k.bar(ana, false)
		k.bar(ana, false)
		k.looks("yes:1 no:1")
		check(t, k.votes(ana, "no"))
		k.looks("yes:0 no:2")
	})
}

func TestForget(t *testing.T) {
	onBoth(t, func(k *kit) {
		_, err := k.set("bridge", time.Time{}, "yes", "no")
		check(t, err)
		for _, name := range []string{"ana", "bo", "cy", "di"} {
			check(t, k.votes(k.reader(name), "yes"))
		}
		forget := func(name string) {
			t.Helper()
			check(t, k.tx(func(tx *db.Tx) error { return k.Forget(t.Context(), tx, name) }))
		}
		known, err := k.Known(t.Context(), "ana")
		check(t, err)
		if len(known) != 1 || len(known[0].Rows) != 1 || known[0].Rows[0][1] != "yes" {
			t.Errorf("ana is told %v", known)
		}
		forget("ana") // while it is open
		k.looks("yes:3 no:0")
		check(t, k.tx(func(tx *db.Tx) error { return k.Close(t.Context(), tx, "bridge") }))
		forget("bo") // what has been read stays
		k.bar("cy", true)
		forget("cy") // what did not count does not begin to
		forget("cy")
		k.looks("yes:2 no:0")
		var rows int
		check(t, k.DB.QueryRow(t.Context(), `select count(*) from poll_vote`).Scan(&rows))
		if rows != 1 {
			t.Errorf("%d rows are left", rows)
		}
		// Whose vote it was is gone, that there was one is not.
		forget("di")
		_, err = k.set("bridge", k.of("bridge").Closes, "yes")
		refused(t, "an option less", err, problem.Conflict, "options")
	})
}

func TestRepair(t *testing.T) {
	onBoth(t, func(k *kit) {
		_, err := k.set("bridge", time.Time{}, "yes", "no")
		check(t, err)
		check(t, k.votes(k.reader("ana"), "yes"))
		k.exec(`update poll_option set votes = votes + 7`)
		var told []string
		check(t, k.Verify(t.Context(), func(s string) { told = append(told, s) }))
		if len(told) != 2 || !strings.Contains(told[0]+told[1], "counts 8 votes and has 1") {
			t.Errorf("what is told: %q", told)
		}
		check(t, k.Repair(t.Context(), func(string) {}))
		k.looks("yes:1 no:0")
	})
}

// TestUnderEight has eight readers vote and change at once, while some are barred
// and let in again: no vote is lost, and none counts twice.
func TestUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		_, err := k.set("bridge", time.Time{}, "a", "b", "c")
		check(t, err)
		ids := k.of("bridge").Options
		const each = 12
		for i := range 8 {
			k.reader("r" + strconv.Itoa(i))
		}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				me := "r" + strconv.Itoa(i%4) // two at a time are the same reader
				for j := range each {
					if i >= 6 && j%4 == 3 {
						if err := k.tx(func(tx *db.Tx) error { return k.Bar(t.Context(), tx, me, j%8 == 3) }); err != nil {
							t.Error(err)
						}
					}
					_, err := k.Vote(t.Context(), "bridge", me, ids[(i+j)%3].ID)
					if err != nil && !problem.Is(err, problem.Forbidden) {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for _, me := range []string{"r2", "r3"} {
			k.bar(me, false)
		}
		check(t, k.Verify(t.Context(), func(s string) { t.Error(s) }))
		if n := k.of("bridge").Votes(); n != 4 {
			t.Errorf("%d have voted, want 4", n)
		}
	})
}

// TestFirstUnderEight has eight desks make the same poll at once: one does.
func TestFirstUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				err := k.tx(func(tx *db.Tx) error {
					_, err := k.Set(t.Context(), tx, "bridge", Draft{Options: []string{"yes", "no", strconv.Itoa(i)}}, 0)
					return err
				})
				if err != nil && !problem.Is(err, problem.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p := k.of("bridge"); p.Version != 1 || len(p.Options) != 3 {
			t.Errorf("the poll is %+v", p)
		}
	})
}

// FuzzTidy holds what is typed to what may be kept.
func FuzzTidy(f *testing.F) {
	f.Add("yes\nno")
	f.Add(" \t\x00a\u00a0 b\r\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		once := Tidy(strings.Split(text, "\n"))
		for _, w := range once {
			if w == "" || strings.ContainsAny(w, "\n\r\t\x00") || strings.TrimSpace(w) != w {
				t.Errorf("%q is kept", w)
			}
		}
		if again := Tidy(once); !slices.Equal(once, again) {
			t.Errorf("%q becomes %q", once, again)
		}
	})
}
