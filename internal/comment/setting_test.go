package comment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

func TestSettings(t *testing.T) {
	onBoth(t, func(k *kit) {
		k.exec(`delete from comment_setting`)
		set, err := k.Settings(t.Context())
		if want := (Settings{First: 1, Links: 2, Filter: true, Threshold: 0.95}); err != nil || set != want {
			t.Errorf("without any: %+v, %v", set, err)
		}
		want := Settings{First: 3, Links: 0, Words: "darn\nfar*", Names: true, Threshold: 0.8}
		set = want
		set.Words = "darn\r\nfar*"
		check(t, k.SetSettings(t.Context(), "pia", set))
		if set, err = k.Settings(t.Context()); err != nil || set != want {
			t.Errorf("kept is %+v, %v", set, err)
		}
		for _, test := range []struct {
			field  string
			change func(*Settings)
		}{
			{"first", func(s *Settings) { s.First = -1 }},
			{"first", func(s *Settings) { s.First = 101 }},
			{"links", func(s *Settings) { s.Links = 21 }},
			{"threshold", func(s *Settings) { s.Threshold = 0 }},
			{"threshold", func(s *Settings) { s.Threshold = 1 }},
			{"words", func(s *Settings) { s.Words = "good\n*" }},
			{"words", func(s *Settings) { s.Words = strings.Repeat("x", 101) }},
			{"words", func(s *Settings) { s.Words = strings.Repeat("word\n", 5001) }},
			{"words", func(s *Settings) { s.Words = strings.Repeat("#\n", 100_000) }},
		} {
			bad := want
			test.change(&bad)
			err := k.SetSettings(t.Context(), "pia", bad)
			if p := problem.Of(err); p == nil || p.Kind != problem.Invalid || p.Fields[test.field] == "" {
				t.Errorf("a bad %s: %v", test.field, err)
			}
		}
		bad := want
		bad.Threshold = nan()
		if err := k.SetSettings(t.Context(), "pia", bad); !problem.Is(err, problem.Invalid) {
			t.Errorf("no number: %v", err)
		}
	})
}

func nan() float64 { zero := 0.0; return zero / zero }

// TestHolds holds what makes a comment wait, and how soon a change of the
// settings counts.
func TestHolds(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana := k.reader("ana")
		post := func(body string) Holds {
			t.Helper()
			k.clock.Add(3 * time.Minute)
			c, err := k.Post(t.Context(), New{About: k.about, Author: ana, Body: body})
			check(t, err)
			if c.Flagged != (len(c.HeldFor) > 0) && len(c.HeldFor) > 0 && c.HeldFor[0].Rule != HeldFirst {
				t.Errorf("%q: %+v", body, c)
			}
			return c.HeldFor
		}
		if h := post("A darn thing."); h != nil {
			t.Errorf("before: %v", h)
		}
		check(t, k.SetSettings(t.Context(), "pia", Settings{Words: "darn\nsilly goose\n馬鹿", Links: 1, Threshold: 0.95}))
		for _, test := range []struct {
			body string
			want string
		}{
			{"A darned thing, and it is long.", "[]"},
			{"What a D\u200bÁrn thing, you ｓｉｌｌｙ   goose!", "[{words darn, silly goose}]"},
			{"この馬鹿者が。", "[{words 馬鹿}]"},
			{"See https://one.example and https://two.example now.", "[{links 2}]"},
			{"See https://one.example only, this time.", "[]"},
		} {
			if got := fmt.Sprint(post(test.body)); got != test.want {
				t.Errorf("%q waits for %s, want %s", test.body, got, test.want)
			}
		}
		// Another node has changed them: a minute later it counts here.
		k.clock.Add(2 * time.Minute)
		post("This reads the settings.")
		k.exec(`update comment_setting set value = 'tulip' where name = 'words'`)
		k.clock.Add(-3 * time.Minute) // post adds them
		if h := post("A tulip so soon."); h != nil {
			t.Errorf("at once: %v", h)
		}
		if h := post("A tulip a little later."); len(h) != 1 || h[0].Detail != "tulip" {
			t.Errorf("later: %v", h)
		}
		k.exec(`update comment_setting set value = 'rose' where name = 'words'`)
		k.ForgetSettings()
		k.clock.Add(-3 * time.Minute)
		if h := post("A rose as soon as the fact is heard."); len(h) != 1 || h[0].Detail != "rose" {
			t.Errorf("when told: %v", h)
		}
		k.exec(`update comment_setting set value = '2' where name = 'first'`)
		k.ForgetSettings()
		c, err := k.Post(t.Context(), New{About: k.about, Author: k.reader("new"), Body: "My first."})
		if err != nil || len(c.HeldFor) != 1 || c.HeldFor[0].Rule != HeldFirst || c.Flagged {
			t.Errorf("a first: %+v, %v", c, err)
		}
		k.whole()
	})
}

// TestFilter: what looks like removed comments waits, once there is enough to
// compare with; each comment counts once, on the side where it stands.
func TestFilter(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Spam")
		check(t, k.SetSettings(t.Context(), "pia", Settings{Links: 2, Filter: true, Threshold: 0.95}))
		all := func() string {
			t.Helper()
			return fmt.Sprintf("%d/%d", k.count(`select coalesce(max(good), 0) from sift_word where word = ''`), k.count(`select coalesce(max(bad), 0) from sift_word where word = ''`))
		}
		post := func(body string) Comment {
			t.Helper()
			k.clock.Add(5 * time.Minute)
			c, err := k.Post(t.Context(), New{About: k.about, Author: ana, Body: body})
			check(t, err)
			return c
		}
		const spam = "Cheap pills and casino bonus, order now, number %d."
		for i := range minKnown {
			c := post(fmt.Sprintf("The council spoke about the bridge and its budget, part %d.", i))
			k.judge(c.ID, ActApprove, "")
			c = post(fmt.Sprintf(spam, i))
			if c.State != Visible {
				t.Fatalf("held after %d: %v", i, c.HeldFor)
			}
			k.judge(c.ID, ActRemove, rule)
		}
		if all() != "30/30" {
			t.Fatalf("the filter knows %s", all())
		}
		c := post(fmt.Sprintf(spam, 99))
		if len(c.HeldFor) != 1 || c.HeldFor[0].Rule != HeldFilter || !c.Flagged {
			t.Fatalf("held for %v", c.HeldFor)
		}
		if words := strings.Split(c.HeldFor[0].Detail, ", "); len(words) != 5 || !strings.Contains(fmt.Sprintf(spam, 99), words[0]) && words[0] != "cheap" {
			t.Errorf("the words that weighed most are %q", words)
		}
		if c := post("The budget of the council for the bridge is late."); c.HeldFor != nil {
			t.Errorf("held for %v", c.HeldFor)
		}
		// One comment moves from side to side, and is forgotten with its text.
		d := k.judge(c.ID, ActRemove, rule)
		if d.Source != SourceRule || all() != "30/31" {
			t.Errorf("%+v, %s", d, all())
		}
		d = k.judge(c.ID, ActRestore, "")
		if all() != "31/30" {
			t.Errorf("restored: %s", all())
		}
		k.judge(c.ID, ActApprove, "")
		if all() != "31/30" {
			t.Errorf("approved as well: %s", all())
		}
		k.judge(c.ID, ActEdit, rule)
		if all() != "30/30" || k.count(`select good + bad from sift_word where word = 'pills'`) != 30 || d.Act == "" {
			t.Errorf("edited: %s", all())
		}
		if n := k.count(`select count(*) from sift_word where good < 0 or bad < 0`); n != 0 {
			t.Errorf("%d words are known less than not at all", n)
		}
		k.whole()
	})
}

// TestLearnAtOnce: moderators who judge at once are all learnt from.
func TestLearnAtOnce(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Spam")
		var ids []string
		for i := range 8 {
			ids = append(ids, k.say(ana, "", fmt.Sprintf("Alpha beta gamma delta %d, zeta eta theta.", i)).ID)
		}
		if won := k.atOnce("", func(i int) error {
			j := Judgement{Comment: ids[i], Version: 1, Act: []Act{ActRemove, ActApprove}[i%2], Moderator: "mia", Rule: rule, Ground: GroundRules, Reason: "x"}
			_, err := k.Judge(t.Context(), j)
			return err
		}); won != 8 {
			t.Errorf("%d of 8 were judged", won)
		}
		for _, word := range []string{"", "alpha", "theta"} {
			if good, bad := k.count(`select good from sift_word where word = $1`, word), k.count(`select bad from sift_word where word = $1`, word); good != 4 || bad != 4 {
				t.Errorf("%q counts %d and %d", word, good, bad)
			}
		}
		k.whole()
	})
}
