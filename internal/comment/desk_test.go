package comment

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// rule makes a rule of the paper.
func (k *kit) rule(name string) string {
	k.t.Helper()
	r, err := k.AddRule(k.t.Context(), "pia", name, "What "+name+" means.")
	check(k.t, err)
	return r.ID
}

// judge decides on a comment as it is now, as a moderator would.
func (k *kit) judge(c string, act Act, rule string) Decision {
	k.t.Helper()
	d, err := k.Judge(k.t.Context(), k.judgement(c, act, rule))
	check(k.t, err)
	return d
}

func (k *kit) judgement(c string, act Act, rule string) Judgement {
	j := Judgement{Comment: c, Version: k.now(c).Version, Act: act, Moderator: "mia", Reason: "Because."}
	if act.Restricts() {
		j.Rule, j.Ground = rule, GroundRules
	}
	if act == ActEdit {
		j.Body = "The moderator's version of " + c
	}
	return j
}

// now is a comment with all that is known of it.
func (k *kit) now(id string) Comment {
	k.t.Helper()
	c, err := byID(k.t.Context(), k.DB, id)
	check(k.t, err)
	return c
}

// held posts a comment that a moderator has to look at.
func (k *kit) held(author, body string) Comment {
	k.t.Helper()
	c, err := k.Post(k.t.Context(), New{About: k.about, Author: author, Body: body + " https://one.example https://two.example https://three.example"})
	check(k.t, err)
	if c.State != Held || !c.Flagged {
		k.t.Fatalf("%q is %s: %v", body, c.State, c.HeldFor)
	}
	return c
}

// report reports a comment.
func (k *kit) report(reporter, c string, why Reason) Report {
	k.t.Helper()
	r, err := k.Report(k.t.Context(), Complaint{Comment: c, Reporter: reporter, Reason: why, Text: "Look at it."})
	check(k.t, err)
	return r
}

// count asks for one number.
func (k *kit) count(query string, args ...any) (n int) {
	k.t.Helper()
	check(k.t, k.DB.QueryRow(k.t.Context(), query, args...).Scan(&n))
	return n
}

// jobs counts the jobs of a kind that were added.
func (k *kit) jobs(kind string) int {
	k.t.Helper()
	return k.count(`select count(*) from river_job where kind = $1`, kind)
}

// told lists what a reader was told of, by kind.
func (k *kit) told(reader string) string {
	k.t.Helper()
	kinds, err := texts(k.t.Context(), k.DB, `select kind from notice where reader = $1 and created > 0 order by created, id`, reader)
	check(k.t, err)
	return strings.Join(kinds, " ")
}

// settle does what the jobs after a decision do.
func (k *kit) settle(d Decision) {
	k.t.Helper()
	check(k.t, k.answer(k.t.Context(), d.ID))
	if d.Act.onBar() {
		check(k.t, k.reverse(k.t.Context(), d.Reader))
	}
}

// atOnce runs f eight times beside each other and returns how often it
// succeeded; the other times it must end in a Problem of this kind.
func (k *kit) atOnce(refused problem.Kind, f func(i int) error) int {
	k.t.Helper()
	var all sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		all.Go(func() { results[i] = f(i) })
	}
	all.Wait()
	won := 0
	for i, err := range results {
		if err == nil {
			won++
		} else if !problem.Is(err, refused) {
			k.t.Errorf("number %d: %v", i, err)
		}
	}
	return won
}

func TestJudge(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Insults")
		k.reader("mia")
		make := map[State]func(i int) string{
			Visible: func(i int) string { return k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID },
			Held:    func(i int) string { return k.held(ana, fmt.Sprintf("Comment number %d.", i)).ID },
			Removed: func(i int) string {
				id := k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID
				k.judge(id, ActRemove, rule)
				return id
			},
			Deleted: func(i int) string {
				id := k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID
				check(t, k.Delete(t.Context(), ana, id))
				return id
			},
		}
		for i, test := range []struct {
			from State
			act  Act
			to   State // "" is refused
		}{
			{Visible, ActApprove, Visible},
			{Visible, ActRemove, Removed},
			{Visible, ActRestore, ""},
			{Visible, ActEdit, Visible},
			{Visible, ActHold, Held},
			{Visible, ActWarn, Visible},
			{Held, ActApprove, Visible},
			{Held, ActRemove, Removed},
			{Held, ActRestore, ""},
			{Held, ActEdit, Held},
			{Held, ActHold, ""},
			{Held, ActWarn, Held},
			{Removed, ActApprove, ""},
			{Removed, ActRemove, ""},
			{Removed, ActRestore, Visible},
			{Removed, ActEdit, ""},
			{Removed, ActHold, Held},
			{Removed, ActWarn, Removed},
			{Deleted, ActApprove, ""},
			{Deleted, ActRemove, ""},
			{Deleted, ActRestore, ""},
			{Deleted, ActEdit, ""},
			{Deleted, ActHold, ""},
			{Deleted, ActWarn, Deleted},
		} {
			k.clock.Add(2 * 60e9) // fewer than 30 comments an hour
			id := make[test.from](i)
			before := k.now(id)
			d, err := k.Judge(t.Context(), k.judgement(id, test.act, rule))
			after := k.now(id)
			if test.to == "" {
				if !problem.Is(err, problem.Conflict) || after.State != before.State || after.Version != before.Version || after.Body != before.Body {
					t.Errorf("%s %s: %v, and then it is %+v", test.act, test.from, err, after)
				}
				continue
			}
			check(t, err)
			if after.State != test.to || after.Version != before.Version+1 || d.Version != after.Version || d.Was != string(test.from) || d.Reader != ana {
				t.Errorf("%s %s: %+v, by %+v", test.act, test.from, after, d)
			}
			if got, err := k.DecisionByID(t.Context(), d.ID); err != nil || got != d {
				t.Errorf("kept is %+v, %v, returned was %+v", got, err, d)
			}
			if after.Marked != (test.act == ActEdit) || (after.Body != before.Body) != (test.act == ActEdit) {
				t.Errorf("%s %s: the text is %q, marked %t", test.act, test.from, after.Body, after.Marked)
			}
			if (test.to == Visible) != (after.State == Visible && after.Seat > 0) {
				t.Errorf("%s %s: %+v", test.act, test.from, after)
			}
		}
		m, err := k.Member(t.Context(), ana)
		if err != nil || m.Warned != 4 {
			t.Errorf("ana was warned %d times, %v", m.Warned, err)
		}
		k.whole()
	})
}

// TestJudgeNeeds holds what every act needs.
func TestJudgeNeeds(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Insults")
		retired := k.rule("Old")
		check(t, k.RetireRule(t.Context(), "pia", retired))
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		for _, test := range []struct {
			field  string
			change func(*Judgement)
		}{
			{"act", func(j *Judgement) { j.Act = "" }},
			{"act", func(j *Judgement) { j.Act = ActBan }},
			{"act", func(j *Judgement) { j.Act = ActReopen }},
			{"act", func(j *Judgement) { j.Act = ActUnwarn }},
			{"rule", func(j *Judgement) { j.Rule = "" }},
			{"rule", func(j *Judgement) { j.Rule = "nope" }},
			{"rule", func(j *Judgement) { j.Rule = retired }},
			{"ground", func(j *Judgement) { j.Ground = "" }},
			{"ground", func(j *Judgement) { j.Ground = "Rules" }},
			{"reason", func(j *Judgement) { j.Reason = " \u200b\n" }},
			{"reason", func(j *Judgement) { j.Reason = strings.Repeat("語", MaxWords+1) }},
			{"body", func(j *Judgement) { j.Act, j.Body = ActEdit, " " }},
			{"body", func(j *Judgement) { j.Act, j.Body = ActEdit, c.Body+"\r\n" }},
		} {
			j := k.judgement(c.ID, ActRemove, rule)
			test.change(&j)
			_, err := k.Judge(t.Context(), j)
			if p := problem.Of(err); p == nil || p.Kind != problem.Invalid || p.Fields[test.field] == "" {
				t.Errorf("a judgement with a bad %s: %v", test.field, err)
			}
		}
		j := k.judgement(c.ID, ActRemove, rule)
		j.Comment = "nope"
		if _, err := k.Judge(t.Context(), j); !problem.Is(err, problem.NotFound) {
			t.Errorf("a comment that is not there: %v", err)
		}
		if n := k.count(`select count(*) from decision`); n != 0 || k.now(c.ID).Version != 1 {
			t.Errorf("%d decisions after all", n)
		}
		// All at once: each by itself.
		second := k.say(ana, "", "Who pays?")
		bad := k.judgement(c.ID, ActRestore, "")
		verdicts, err := k.JudgeAll(t.Context(), []Judgement{bad, k.judgement(second.ID, ActRemove, rule)})
		if err != nil || !problem.Is(verdicts[0].Err, problem.Conflict) || verdicts[1].Err != nil || k.now(second.ID).State != Removed {
			t.Errorf("two at once: %+v, %v", verdicts, err)
		}
		if _, err := k.JudgeAll(t.Context(), make([]Judgement, MaxJudgements+1)); !problem.Is(err, problem.TooLarge) {
			t.Errorf("too many at once: %v", err)
		}
		k.whole()
	})
}

// TestOvertaken: who decides on what is no longer there learns of it, and
// changes nothing.
func TestOvertaken(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Insults")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		stale := k.judgement(c.ID, ActApprove, "")
		stale.Moderator = "moe"
		d := k.judge(c.ID, ActRemove, rule)
		_, err := k.Judge(t.Context(), stale)
		var o *Overtaken
		if !problem.Is(err, problem.Conflict) || !errors.As(err, &o) || o.Decision != d || o.Decision.Moderator != "mia" || o.Comment.State != Removed {
			t.Errorf("after a removal: %v, %+v", err, o)
		}
		if strings.Contains(err.Error(), "mia") {
			t.Errorf("the sentence has an id: %v", err)
		}
		e := k.say(ana, "", "Who pays?")
		stale = k.judgement(e.ID, ActRemove, rule)
		_, err = k.Edit(t.Context(), e.ID, New{About: k.about, Author: ana, Body: "Who pays for it?"})
		check(t, err)
		_, err = k.Judge(t.Context(), stale)
		o = nil
		if !problem.Is(err, problem.Conflict) || !errors.As(err, &o) || o.Decision.ID != "" || o.Comment.Body != "Who pays for it?" {
			t.Errorf("after an edit of the author: %v, %+v", err, o)
		}
		// Eight moderators at once: one decides.
		f := k.say(ana, "", "And who repairs it?")
		won := k.atOnce(problem.Conflict, func(i int) error {
			act := []Act{ActRemove, ActHold, ActEdit, ActApprove}[i%4]
			j := k.judgement(f.ID, act, rule)
			j.Version, j.Moderator = 1, fmt.Sprint("moderator", i)
			_, err := k.Judge(t.Context(), j)
			return err
		})
		if n := k.count(`select count(*) from decision where comment = $1`, f.ID); won != 1 || n != 1 {
			t.Errorf("%d moderators decided, and there are %d decisions", won, n)
		}
		if n := k.now(f.ID).Version; n != 2 {
			t.Errorf("the version is %d", n)
		}
		k.whole()
	})
}

// TestDecisionStays: the database itself refuses to change a decision.
func TestDecisionStays(t *testing.T) {
	onBoth(t, func(k *kit) {
		c := k.say(k.reader("ana"), "", "The bridge was closed in 1998 too.")
		k.judge(c.ID, ActApprove, "")
		check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			for _, act := range Acts() {
				if err := k.record(t.Context(), tx, &Decision{Act: act, Source: SourceOwn}); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, query := range []string{`update decision set moderator = 'x'`, `delete from decision`} {
			err := k.DB.Tx(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), query)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "never changed") {
				t.Errorf("%s: %v", query, err)
			}
		}
		if n := k.count(`select count(*) from audit where act = 'comment.approve' and actor = 'mia' and subject = $1`, c.ID); n != 1 {
			t.Errorf("the audit log has %d entries", n)
		}
	})
}

func TestUndo(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		mia := "mia"
		undo := func(d Decision) Decision {
			t.Helper()
			back, err := k.Undo(t.Context(), mia, d.ID)
			check(t, err)
			if back.Undoes != d.ID || back.Moderator != mia {
				t.Errorf("undone by %+v", back)
			}
			return back
		}
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		k.report(bo, c.ID, Insult)

		// A removal with a warning, and the reports that it answered.
		j := k.judgement(c.ID, ActRemove, rule)
		j.Warn = true
		d, err := k.Judge(t.Context(), j)
		check(t, err)
		if m, _ := k.Member(t.Context(), ana); m.Warned != 1 || m.Removed != 1 {
			t.Errorf("ana: %+v", m)
		}
		if _, err := k.Undo(t.Context(), "moe", d.ID); !problem.Is(err, problem.Forbidden) {
			t.Errorf("undoing somebody else's: %v", err)
		}
		back := undo(d)
		if now := k.now(c.ID); back.Act != ActRestore || now.State != Visible || now.Reports != 1 || now.Seat != c.Seat {
			t.Errorf("%s: %+v", back.Act, now)
		}
		if m, _ := k.Member(t.Context(), ana); m.Warned != 0 || m.Removed != 0 {
			t.Errorf("ana: %+v", m)
		}
		if _, err := k.Undo(t.Context(), mia, d.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("undoing twice: %v", err)
		}
		if won := k.atOnce(problem.Conflict, func(int) error { _, err := k.Undo(t.Context(), mia, d.ID); return err }); won != 0 {
			t.Errorf("undone %d times more", won)
		}
		// The undoing undone: removed under the same rule.
		again := undo(back)
		if now := k.now(c.ID); again.Act != ActRemove || again.Rule != rule || again.Reason != "Because." || now.State != Removed {
			t.Errorf("%+v: %+v", again, now)
		}
		undo(again)

		// Approving what was reported.
		d = k.judge(c.ID, ActApprove, "")
		if now := k.now(c.ID); now.Reports != 0 {
			t.Errorf("approved: %+v", now)
		}
		if back = undo(d); back.Act != ActReopen || k.now(c.ID).Reports != 1 || k.now(c.ID).State != Visible {
			t.Errorf("%s: %+v", back.Act, k.now(c.ID))
		}
		if _, err := k.Undo(t.Context(), mia, back.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("undoing the opening of reports: %v", err)
		}

		// An edit, which gives the text back and takes the mark away.
		d = k.judge(c.ID, ActEdit, rule)
		if now := k.now(c.ID); !now.Marked || now.Body == c.Body {
			t.Errorf("edited: %+v", now)
		}
		if back = undo(d); k.now(c.ID).Body != c.Body || k.now(c.ID).Marked || back.Restricts() {
			t.Errorf("%+v: %+v", back, k.now(c.ID))
		}
		d = k.judge(c.ID, ActHold, "")
		e := k.judge(k.say(ana, "", "Who pays?").ID, ActRemove, rule)
		if won := k.atOnce(problem.Conflict, func(int) error { _, err := k.Undo(t.Context(), mia, e.ID); return err }); won != 1 {
			t.Errorf("one decision was undone %d times", won)
		}
		if back = undo(d); back.Act != ActRestore || k.now(c.ID).State != Visible || k.now(c.ID).Reports != 1 {
			t.Errorf("%s: %+v", back.Act, k.now(c.ID))
		}

		// What was held is held again.
		h := k.held(ana, "Look here.")
		for _, act := range []Act{ActApprove, ActRemove} {
			d = k.judge(h.ID, act, rule)
			if back = undo(d); back.Act != ActHold || k.now(h.ID).State != Held {
				t.Errorf("%s undone: %s: %+v", act, back.Act, k.now(h.ID))
			}
		}
		k.whole()
	})
}
