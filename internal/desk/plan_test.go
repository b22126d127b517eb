package desk

import (
	"fmt"
	"testing"
	"time"

	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// assigned counts the letters that wait to be written about assignments.
func (k *kit) assigned() (n int) {
	k.t.Helper()
	check(k.t, k.DB.QueryRow(k.t.Context(), `select count(*) from river_job where kind = $1`, AssignmentJob).Scan(&n))
	return n
}

// TestPlan follows an idea to the article that is made of it.
func TestPlan(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		id, err := k.AddPlan(ctx, k.ida, Plan{Title: " The  old bridge ", Note: "Who owns it?"})
		check(t, err)
		// Ideas that are nobody's are for all who write.
		for _, a := range []*reader.Actor{k.ida, k.ana} {
			list, _, err := k.Ideas(ctx, a, "")
			check(t, err)
			if len(list) != 1 || list[0].Title != "The old bridge" {
				t.Errorf("%s finds %+v", a.Reader.Name, list)
			}
		}
		refused(t, "a contributor gives work away", k.ChangePlan(ctx, k.ana, id, 1, Plan{Title: "X", Assignee: k.jon.Reader.ID}), problem.Forbidden)
		due := k.clock.Now().Add(48 * time.Hour)
		check(t, k.ChangePlan(ctx, k.ida, id, 1, Plan{Title: "The old bridge", Assignee: k.ana.Reader.ID, Due: due}))
		if n := k.assigned(); n != 1 {
			t.Errorf("%d letters", n)
		}
		p := refused(t, "past what another has changed", k.ChangePlan(ctx, k.jon, id, 1, Plan{Title: "No"}), problem.Conflict)
		if p.Detail == "" {
			t.Error("without a word")
		}
		refused(t, "a moderator writes it", k.ChangePlan(ctx, k.ida, id, 2, Plan{Title: "X", Assignee: k.mods.Reader.ID}), problem.Invalid)
		if list, _, _ := k.Ideas(ctx, k.ida, ""); len(list) != 0 {
			t.Errorf("it is still an idea: %+v", list)
		}
		for _, a := range []*reader.Actor{k.ida, k.ana} {
			list, err := k.Calendar(ctx, a, k.clock.Now(), due.Add(time.Hour))
			check(t, err)
			if len(list) != 1 || list[0].Plan == nil || !list[0].At.Equal(due) {
				t.Errorf("the calendar of %s: %+v", a.Reader.Name, list)
			}
		}
		story, err := k.WritePlan(ctx, k.ana, id, "en", "city")
		check(t, err)
		again, err := k.WritePlan(ctx, k.ida, id, "en", "city")
		check(t, err)
		if s, err := k.Story(ctx, k.ana, story); err != nil || s.Owner != k.ana.Reader.ID || s.Copy.Headline != "The old bridge" || again != story {
			t.Errorf("the article is %+v, %v, and then %s", s, err, again)
		}
		check(t, k.SettlePlan(ctx, k.ida, id, 3, PlanDone))
		check(t, k.SettlePlan(ctx, k.ida, id, 4, PlanOpen))
	})
}

// TestPlanOthers holds that a contributor's calendar has nothing of others.
func TestPlanOthers(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx, soon := t.Context(), k.clock.Now().Add(time.Hour)
		others, err := k.AddPlan(ctx, k.ida, Plan{Title: "Mayor steps down", Assignee: k.jon.Reader.ID, Due: soon})
		check(t, err)
		story := k.began(k.ida, "Mayor to step down")
		check(t, k.Publish(ctx, k.ida, story, Publication{At: k.at(k.ida, story), When: soon}))
		mine := k.began(k.ana, "Bridge closed")
		check(t, k.Submit(ctx, k.ana, mine, k.at(k.ana, mine)))
		check(t, k.Publish(ctx, k.ida, mine, Publication{At: k.at(k.ida, mine), When: soon}))
		list, err := k.Calendar(ctx, k.ana, k.clock.Now(), soon.Add(time.Hour))
		check(t, err)
		if len(list) != 1 || list[0].Story == nil || list[0].Story.ID != mine {
			t.Errorf("a contributor's calendar: %+v", list)
		}
		list, err = k.Calendar(ctx, k.ida, k.clock.Now(), soon.Add(time.Hour))
		check(t, err)
		if len(list) != 3 {
			t.Errorf("an editor's calendar: %+v", list)
		}
		for name, try := range map[string]error{
			"read":   func() error { _, err := k.Plan(ctx, k.ana, others); return err }(),
			"change": k.ChangePlan(ctx, k.ana, others, 1, Plan{Title: "X"}),
			"settle": k.SettlePlan(ctx, k.ana, others, 1, PlanDropped),
			"write":  func() error { _, err := k.WritePlan(ctx, k.ana, others, "en", "city"); return err }(),
		} {
			refused(t, name, try, problem.NotFound)
		}
		if _, err := k.Calendar(ctx, k.mods, k.clock.Now(), soon); problem.Of(err) == nil {
			t.Error("a moderator has a calendar")
		}
	})
}

// TestIdeas reads the ideas page by page.
func TestIdeas(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx := t.Context()
		for i := range 2*ideasPage + 1 {
			_, err := k.AddPlan(ctx, k.ida, Plan{Title: fmt.Sprint("Idea ", i)})
			check(t, err)
		}
		seen := map[string]bool{}
		for before := ""; ; {
			list, older, err := k.Ideas(ctx, k.ana, before)
			check(t, err)
			for _, p := range list {
				seen[p.ID] = true
			}
			if before = older; older == "" {
				break
			}
		}
		if len(seen) != 2*ideasPage+1 {
			t.Errorf("%d ideas", len(seen))
		}
		for _, p := range []Plan{{}, {Title: " \n"}, {Title: string(make([]byte, 400))}, {Title: "x", Section: "nowhere"}} {
			_, err := k.AddPlan(ctx, k.ida, p)
			refused(t, fmt.Sprintf("%.20q", p.Title), err, problem.Invalid)
		}
	})
}
