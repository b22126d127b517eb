package comment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

func TestAppeal(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		d := k.judge(c.ID, ActRemove, rule)
		for _, test := range []struct {
			name, reader, decision, text string
			want                         problem.Kind
		}{
			{"somebody else", bo, d.ID, "Why?", problem.NotFound},
			{"nobody", "", d.ID, "Why?", problem.NotFound},
			{"none", ana, "nope", "Why?", problem.NotFound},
			{"no words", ana, d.ID, " \n", problem.Invalid},
			{"too many words", ana, d.ID, strings.Repeat("a", MaxWords+1), problem.Invalid},
		} {
			if _, err := k.Appeal(t.Context(), test.reader, test.decision, test.text); !problem.Is(err, test.want) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		k.clock.Add(181 * 24 * time.Hour) // six months have at least so many days
		if won := k.atOnce(problem.Conflict, func(int) error { _, err := k.Appeal(t.Context(), ana, d.ID, "It is true."); return err }); won != 1 {
			t.Errorf("%d appeals against one decision", won)
		}
		items, _, err := k.Queue(t.Context(), QueueAppeals, "")
		if err != nil || len(items) != 1 || items[0].Appeal.Text != "It is true." || items[0].Comment.Body != c.Body || len(items[0].Decisions) != 1 || items[0].Decisions[0] != d {
			t.Errorf("waiting: %+v, %v", items, err)
		}
		answer := AppealAnswer{Decision: d.ID, Moderator: "moe", Outcome: AppealOverturned, Text: "You are right.", Others: true}
		for _, test := range []struct {
			name   string
			change func(*AppealAnswer)
			want   problem.Kind
		}{
			{"one's own decision", func(a *AppealAnswer) { a.Moderator = "mia" }, problem.Forbidden},
			{"one's own appeal", func(a *AppealAnswer) { a.Moderator = ana }, problem.Forbidden},
			{"another outcome", func(a *AppealAnswer) { a.Outcome = AppealOpen }, problem.Invalid},
			{"no words", func(a *AppealAnswer) { a.Text = "" }, problem.Invalid},
			{"none", func(a *AppealAnswer) { a.Decision = "nope" }, problem.NotFound},
		} {
			a := answer
			test.change(&a)
			if _, err := k.AnswerAppeal(t.Context(), a); !problem.Is(err, test.want) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if won := k.atOnce(problem.Conflict, func(i int) error {
			a := answer
			a.Moderator = fmt.Sprint("moderator", i)
			_, err := k.AnswerAppeal(t.Context(), a)
			return err
		}); won != 1 {
			t.Errorf("%d answers to one appeal", won)
		}
		now := k.now(c.ID)
		if now.State != Visible || k.told(ana) != "decision appeal" {
			t.Errorf("overturned: %+v; ana was told %q", now, k.told(ana))
		}
		last, err := latest(t.Context(), k.DB, lastOnComment, c.ID)
		if err != nil || last.Act != ActRestore || last.Source != SourceAppeal || last.Undoes != d.ID || last.Reason != "You are right." {
			t.Errorf("by %+v, %v", last, err)
		}
		// A moderator alone answers for everything.
		e := k.judge(c.ID, ActRemove, rule)
		_, err = k.Appeal(t.Context(), ana, e.ID, "Again?")
		check(t, err)
		back, err := k.AnswerAppeal(t.Context(), AppealAnswer{Decision: e.ID, Moderator: "mia", Outcome: AppealUpheld, Text: "It stays."})
		if err != nil || back.ID != "" || k.now(c.ID).State != Removed {
			t.Errorf("upheld: %+v, %v", back, err)
		}
		a, err := k.AppealAgainst(t.Context(), e.ID)
		if err != nil || a.State != AppealUpheld || a.Decider != "mia" || a.Answer != "It stays." || a.Decided.IsZero() {
			t.Errorf("answered: %+v, %v", a, err)
		}
		// Too late, and against what takes nothing.
		f := k.judge(c.ID, ActRestore, "")
		if _, err := k.Appeal(t.Context(), ana, f.ID, "Thanks."); !problem.Is(err, problem.Conflict) {
			t.Errorf("against a restoring: %v", err)
		}
		w := k.judge(c.ID, ActWarn, rule)
		k.clock.Add(185 * 24 * time.Hour)
		if _, err := k.Appeal(t.Context(), ana, w.ID, "Now I see it."); !problem.Is(err, problem.Conflict) {
			t.Errorf("after six months: %v", err)
		}
		k.whole()
	})
}

// TestOverturn holds what is left of each decision when it is overturned.
func TestOverturn(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Insults")
		overturn := func(d Decision) Decision {
			t.Helper()
			_, err := k.Appeal(t.Context(), ana, d.ID, "Why?")
			check(t, err)
			back, err := k.AnswerAppeal(t.Context(), AppealAnswer{Decision: d.ID, Moderator: "moe", Outcome: AppealOverturned, Text: "Right."})
			check(t, err)
			return back
		}
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		if back := overturn(k.judge(c.ID, ActEdit, rule)); back.Act != ActEdit || k.now(c.ID).Body != c.Body || k.now(c.ID).Marked {
			t.Errorf("an edit: %+v, %+v", back, k.now(c.ID))
		}
		if back := overturn(k.judge(c.ID, ActWarn, rule)); back.Act != ActUnwarn {
			t.Errorf("a warning: %+v", back)
		}
		if m, _ := k.Member(t.Context(), ana); m.Warned != 0 {
			t.Errorf("ana is warned: %+v", m)
		}
		first := k.judge(c.ID, ActEdit, rule)
		k.exec(`update comment set body = 'x' where id = $1`, c.ID)
		k.judge(c.ID, ActEdit, rule)
		if back := overturn(first); back.ID != "" || !k.now(c.ID).Marked {
			t.Errorf("an edit that was edited: %+v", back)
		}
		d := k.judge(c.ID, ActRemove, rule)
		check(t, k.Delete(t.Context(), ana, c.ID))
		if back := overturn(d); back.ID != "" || k.now(c.ID).State != Deleted {
			t.Errorf("the removal of what is deleted: %+v", back)
		}
		b := k.sanction(ana, ActBan, time.Time{}, rule)
		if back := overturn(b); back.Act != ActLift {
			t.Errorf("a ban: %+v", back)
		}
		if bar, _, _ := k.Barred(t.Context(), ana); bar != NoBar {
			t.Errorf("ana has %q", bar)
		}
		s := k.sanction(ana, ActSuspend, k.Now().Add(time.Hour), rule)
		k.clock.Add(2 * time.Hour)
		if back := overturn(s); back.ID != "" {
			t.Errorf("a suspension that is over: %+v", back)
		}
		if k.told(ana) == "" || k.count(`select count(*) from audit where act = 'comment.appeal-overturned'`) != 6 {
			t.Errorf("ana was told %q", k.told(ana))
		}
		k.whole()
	})
}
