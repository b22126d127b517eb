package comment

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

// sanction bars a reader, as a moderator would who has just looked.
func (k *kit) sanction(reader string, act Act, until time.Time, rule string) Decision {
	k.t.Helper()
	m, err := k.Member(k.t.Context(), reader)
	check(k.t, err)
	d, err := k.Sanction(k.t.Context(), Sanction{
		Reader: reader, Act: act, Until: until, Seen: m.Sanction, Moderator: "mia",
		Rule: rule, Ground: GroundRules, Reason: "Because.",
	})
	check(k.t, err)
	return d
}

// TestSanction holds what each bar forbids, from the next moment on and until
// its end.
func TestSanction(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		acts := func(i int) map[string]error {
			d := k.say(ana, "", fmt.Sprintf("Comment number %d.", i))
			_, post := k.Post(t.Context(), New{About: k.about, Author: bo, Body: fmt.Sprintf("Answer number %d.", i)})
			_, vote := k.Vote(t.Context(), Ballot{About: k.about, Comment: d.ID, Voter: bo, Way: Up})
			_, report := k.Report(t.Context(), Complaint{Comment: d.ID, Reporter: bo, Reason: Spam})
			return map[string]error{"post": post, "vote": vote, "report": report}
		}
		for i, test := range []struct {
			act     Act
			until   time.Duration
			forbids []string
		}{
			{ActMute, time.Hour, []string{"post"}},
			{ActSuspend, time.Hour, []string{"post", "vote", "report"}},
			{ActBan, 0, []string{"post", "vote", "report"}},
		} {
			mine := k.say(bo, "", fmt.Sprintf("Before sanction %d.", i))
			until := time.Time{}
			if test.until > 0 {
				until = k.Now().Add(test.until)
			}
			d := k.sanction(bo, test.act, until, rule)
			bar, end, err := k.Barred(t.Context(), bo)
			if err != nil || bar != bars[test.act] || !end.Equal(until) {
				t.Errorf("%s: barred is %q until %s, %v", test.act, bar, end, err)
			}
			for act, err := range acts(i) {
				forbidden := false
				for _, f := range test.forbids {
					forbidden = forbidden || f == act
				}
				if forbidden != problem.Is(err, problem.Forbidden) || !forbidden && err != nil {
					t.Errorf("%s, and then %s: %v", test.act, act, err)
				}
			}
			if _, err := k.Edit(t.Context(), mine.ID, New{About: k.about, Author: bo, Body: fmt.Sprintf("Changed %d.", i)}); !problem.Is(err, problem.Forbidden) {
				t.Errorf("%s, and then editing: %v", test.act, err)
			}
			check(t, k.Delete(t.Context(), bo, mine.ID)) // one's own words can always be taken back
			if test.until > 0 {
				k.clock.Add(test.until + time.Second)
			} else {
				k.clock.Add(1000 * 24 * time.Hour)
				k.sanction(bo, ActLift, time.Time{}, "")
			}
			for act, err := range acts(10 + i) {
				if err != nil {
					t.Errorf("after %s: %s: %v", test.act, act, err)
				}
			}
			if got, err := k.DecisionByID(t.Context(), d.ID); err != nil || got != d {
				t.Errorf("kept is %+v, %v, returned was %+v", got, err, d)
			}
		}
		for _, test := range []struct {
			name string
			x    Sanction
			want problem.Kind
		}{
			{"oneself", Sanction{Reader: "mia", Act: ActBan, Rule: rule, Ground: GroundRules, Reason: "x"}, problem.Forbidden},
			{"another act", Sanction{Reader: bo, Act: ActRemove, Rule: rule, Ground: GroundRules, Reason: "x"}, problem.Invalid},
			{"no rule", Sanction{Reader: bo, Act: ActBan, Ground: GroundRules, Reason: "x"}, problem.Invalid},
			{"no ground", Sanction{Reader: bo, Act: ActBan, Rule: rule, Reason: "x"}, problem.Invalid},
			{"no reason", Sanction{Reader: bo, Act: ActBan, Rule: rule, Ground: GroundLaw}, problem.Invalid},
			{"no end", Sanction{Reader: bo, Act: ActMute, Rule: rule, Ground: GroundRules, Reason: "x"}, problem.Invalid},
			{"an end too far away", Sanction{Reader: bo, Act: ActMute, Until: k.Now().Add(31 * 24 * time.Hour), Rule: rule, Ground: GroundRules, Reason: "x"}, problem.Invalid},
			{"nobody", Sanction{Reader: "nobody", Act: ActBan, Rule: rule, Ground: GroundRules, Reason: "x"}, problem.NotFound},
			{"nothing to lift", Sanction{Reader: ana, Act: ActLift}, problem.Conflict},
			{"for a comment of somebody else", Sanction{Reader: bo, Act: ActBan, Rule: rule, Ground: GroundRules, Reason: "x", Comment: c.ID}, problem.Invalid},
		} {
			m, err := k.Member(t.Context(), test.x.Reader)
			check(t, err)
			test.x.Seen, test.x.Moderator = m.Sanction, "mia"
			if _, err := k.Sanction(t.Context(), test.x); !problem.Is(err, test.want) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		// Undoing.
		first := k.sanction(bo, ActSuspend, k.Now().Add(time.Hour), rule)
		second := k.sanction(bo, ActBan, time.Time{}, rule)
		if _, err := k.Undo(t.Context(), "mia", first.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("undoing what was replaced: %v", err)
		}
		back, err := k.Undo(t.Context(), "mia", second.ID)
		if err != nil || back.Act != ActSuspend || back.Rule != rule || !back.Until.Equal(first.Until) {
			t.Errorf("undone by %+v, %v", back, err)
		}
		if bar, _, _ := k.Barred(t.Context(), bo); bar != Suspension {
			t.Errorf("bo has %q", bar)
		}
		k.whole()
	})
}

// TestSanctionOvertaken: of eight moderators who saw the same, one decides.
func TestSanctionOvertaken(t *testing.T) {
	onBoth(t, func(k *kit) {
		bo, rule := k.reader("bo"), k.rule("Insults")
		won := k.atOnce(problem.Conflict, func(i int) error {
			_, err := k.Sanction(t.Context(), Sanction{
				Reader: bo, Act: []Act{ActMute, ActBan}[i%2], Until: k.Now().Add(time.Hour), Moderator: fmt.Sprint("moderator", i),
				Rule: rule, Ground: GroundRules, Reason: "Because.",
			})
			var o *Overtaken
			if err != nil && (!errors.As(err, &o) || o.Decision.ID == "") {
				t.Errorf("number %d is told %v", i, err)
			}
			return err
		})
		if n := k.count(`select count(*) from decision`); won != 1 || n != 1 {
			t.Errorf("%d moderators decided, and there are %d decisions", won, n)
		}
	})
}

// TestBan: the votes of who is banned do not count, and count again when the
// ban is lifted, whatever is voted meanwhile.
func TestBan(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, cy, rule := k.reader("ana"), k.reader("bo"), k.reader("cy"), k.rule("Insults")
		var all []string
		for i := range reverseBatch + 7 {
			k.clock.Add(3 * time.Minute)
			all = append(all, k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID)
		}
		vote := func(voter, c string, w Way) {
			t.Helper()
			_, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: c, Voter: voter, Way: w})
			check(t, err)
		}
		for i, c := range all {
			vote(bo, c, []Way{Up, Down}[i%2])
			vote(cy, c, Up)
		}
		d := k.sanction(bo, ActBan, time.Time{}, rule)
		k.whole() // also before the job has run
		if n := k.jobs(reverseJob); n != 1 {
			t.Errorf("%d jobs", n)
		}
		k.settle(d)
		k.settle(d)
		k.whole()
		for _, c := range all {
			if s := k.now(c).Score; s != (Score{1, 0}) {
				t.Fatalf("a comment has %s", s)
			}
		}
		d = k.sanction(bo, ActLift, time.Time{}, "")
		// Before the job: what does not count yet is changed, taken back and left.
		vote(bo, all[0], Down)
		vote(bo, all[1], Withdraw)
		vote(bo, all[2], Up)
		k.whole()
		k.settle(d)
		k.whole()
		for i, want := range []Score{{1, 1}, {1, 0}, {2, 0}, {1, 1}} {
			if s := k.now(all[i]).Score; s != want {
				t.Errorf("comment %d has %s, want %s", i, s, want)
			}
		}
	})
}

// TestBanBesideVotes: votes that are cast while their voter is banned are in or
// out, and never half.
func TestBanBesideVotes(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		var all []string
		for i := range 24 {
			all = append(all, k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID)
		}
		var voting sync.WaitGroup
		for i := range 8 {
			voting.Go(func() {
				for j := i; j < len(all); j += 8 {
					_, err := k.Vote(t.Context(), Ballot{About: k.about, Comment: all[j], Voter: bo, Way: Up})
					if err != nil && !problem.Is(err, problem.Forbidden) {
						t.Errorf("voting: %v", err)
					}
				}
			})
		}
		d := k.sanction(bo, ActBan, time.Time{}, rule)
		var reversing sync.WaitGroup
		for range 2 {
			reversing.Go(func() { check(t, k.reverse(t.Context(), bo)) })
		}
		reversing.Wait()
		voting.Wait()
		if n := k.count(`select count(*) from vote where counted`); n != 0 {
			t.Errorf("%d votes of the banned reader count, after %s", n, d.Act)
		}
		k.whole()
	})
}

func TestSwitches(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana := k.reader("ana")
		set := func(s Setting) []Decision {
			t.Helper()
			seen, err := k.ThreadSetting(t.Context(), k.about.Article)
			check(t, err)
			all, err := k.SetThread(t.Context(), ThreadChange{Article: k.about.Article, Set: s, Seen: seen, Moderator: "mia", Reason: "Night."})
			check(t, err)
			return all
		}
		all := set(Setting{State: Closed, Slow: time.Minute})
		if len(all) != 2 || all[0].Act != ActThreadClose || all[1].Act != ActSlow || all[1].Detail != "60" || all[0].Article != k.about.Article {
			t.Errorf("closed: %+v", all)
		}
		if _, err := k.Post(t.Context(), New{About: k.about, Author: ana, Body: "Too late."}); !problem.Is(err, problem.Conflict) {
			t.Errorf("writing in a closed thread: %v", err)
		}
		if again := set(Setting{State: Closed, Slow: time.Minute}); len(again) != 0 {
			t.Errorf("nothing: %+v", again)
		}
		back, err := k.Undo(t.Context(), "mia", all[0].ID)
		if err != nil || back.Act != ActThreadDefault {
			t.Errorf("undone by %+v, %v", back, err)
		}
		if now, _ := k.ThreadSetting(t.Context(), k.about.Article); now.State != AsSection || now.Slow != time.Minute {
			t.Errorf("then it is %+v", now)
		}
		if _, err := k.Undo(t.Context(), "mia", all[0].ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("twice: %v", err)
		}
		_, err = k.SetThread(t.Context(), ThreadChange{Article: k.about.Article, Set: Setting{State: Open}, Moderator: "moe"})
		var o *Overtaken
		if !errors.As(err, &o) || !problem.Is(err, problem.Conflict) || o.Decision.ID != back.ID {
			t.Errorf("what moe saw has changed: %v", err)
		}
		for _, bad := range []Setting{{State: "ajar"}, {Slow: -time.Second}, {Slow: 25 * time.Hour}} {
			if _, err := k.SetThread(t.Context(), ThreadChange{Article: "bridge", Set: bad, Seen: Setting{Slow: time.Minute}}); !problem.Is(err, problem.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := k.SetThread(t.Context(), ThreadChange{Article: "nope", Set: Setting{State: Open}}); !problem.Is(err, problem.NotFound) {
			t.Errorf("no article: %v", err)
		}
		if _, err := k.SetSection(t.Context(), SectionChange{Section: "nope", Set: Setting{State: Open}}); !problem.Is(err, problem.NotFound) {
			t.Errorf("no section: %v", err)
		}
		all, err = k.SetSection(t.Context(), SectionChange{Section: "city", Set: Setting{State: OnHold, Days: 14}, Moderator: "mia"})
		if err != nil || len(all) != 1 || all[0].Detail != "held 14" || all[0].ID == "" {
			t.Errorf("section: %+v, %v", all, err)
		}
		if now, _ := k.SectionSetting(t.Context(), "city"); now.State != OnHold || now.Days != 14 {
			t.Errorf("then it is %+v", now)
		}
		if _, err = k.Undo(t.Context(), "mia", all[0].ID); err != nil {
			t.Error(err)
		}
		if now, _ := k.SectionSetting(t.Context(), "city"); now != (Setting{}) {
			t.Errorf("undone: %+v", now)
		}
		won := k.atOnce(problem.Conflict, func(i int) error {
			_, err := k.SetThread(t.Context(), ThreadChange{Article: k.about.Article, Set: Setting{State: Switches()[1+i%4]}, Seen: Setting{Slow: time.Minute}, Moderator: "mia"})
			return err
		})
		if won != 1 {
			t.Errorf("%d moderators changed one thread", won)
		}
	})
}
