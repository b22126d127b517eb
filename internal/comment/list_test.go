package comment

import (
	"testing"
	"time"
)

// TestMostSaid lists what most is said about, as far as it can still be read.
func TestMostSaid(t *testing.T) {
	onBoth(t, func(k *kit) {
		begin := k.Now()
		ana, ben := k.reader("ana"), k.reader("ben")
		most := func(since time.Time, limit int) []Talk {
			t.Helper()
			list, err := k.MostSaid(t.Context(), since, limit)
			check(t, err)
			return list
		}
		if got := most(begin, 5); len(got) != 0 {
			t.Errorf("before anybody spoke: %v", got)
		}
		k.say(ana, "", "One.")
		second := k.say(ben, "", "Two.")
		if got := most(begin.Add(-time.Second), 5); len(got) != 1 || got[0] != (Talk{k.about.Article, 2}) {
			t.Errorf("of two comments: %v", got)
		}
		check(t, k.Delete(t.Context(), ben, second.ID))
		if got := most(begin.Add(-time.Second), 5); len(got) != 1 || got[0].Comments != 1 {
			t.Errorf("after one was taken back: %v", got)
		}
		if got := most(k.Now().Add(time.Hour), 5); len(got) != 0 {
			t.Errorf("since then: %v", got)
		}
		if got := most(begin.Add(-time.Second), 0); len(got) != 0 {
			t.Errorf("none of them: %v", got)
		}
	})
}
