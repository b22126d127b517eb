package comment

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

func TestLog(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		begin := k.Now()
		c := k.say(ana, "", "A canary in a comment.")
		k.report(bo, c.ID, Insult)
		k.clock.Add(4 * time.Hour)
		d := k.judge(c.ID, ActRemove, rule)
		h := k.held(ana, "Look here.")
		k.clock.Add(2 * time.Hour)
		k.judge(h.ID, ActApprove, "")
		k.clock.Add(time.Hour)
		_, err := k.Appeal(t.Context(), ana, d.ID, "Why?")
		check(t, err)
		_, err = k.AnswerAppeal(t.Context(), AppealAnswer{Decision: d.ID, Moderator: "moe", Outcome: AppealOverturned, Text: "Right."})
		check(t, err)
		k.clock.Add(time.Hour)
		_, err = k.Sanction(t.Context(), Sanction{Reader: ana, Act: ActMute, Until: k.Now().Add(time.Hour), Moderator: "mia", Rule: rule, Ground: GroundRules, Reason: "Because.", Comment: c.ID})
		check(t, err)
		_, err = k.SetThread(t.Context(), ThreadChange{Article: "bridge", Set: Setting{Slow: time.Minute}, Moderator: "mia"})
		check(t, err)
		// A change of the rule's name does not change what was.
		_, err = k.ChangeRule(t.Context(), "pia", rule, "Offences", "x")
		check(t, err)

		var all []LogEntry
		for before := ""; ; {
			page, older, err := k.Log(t.Context(), before, 2)
			check(t, err)
			all = append(all, page...)
			if before = older; before == "" {
				break
			}
		}
		var acts []string
		for _, e := range all {
			acts = append(acts, fmt.Sprintf("%s/%s/%s/%s/%t", e.Act, e.Rule, e.Article, e.Detail, e.Appeal))
		}
		want := []string{"thread-slow//bridge/60/false", "mute/Insults///false", "restore//bridge//true", "remove/Insults/bridge//false"}
		if !slices.Equal(acts, want) {
			t.Errorf("the log has %q, want %q", acts, want)
		}
		text, err := json.Marshal(all)
		check(t, err)
		for _, secret := range []string{"canary", "Because", "Why?", `"ana"`, `"bo"`, c.ID, d.ID} {
			if strings.Contains(string(text), secret) {
				t.Errorf("the public log has %q: %s", secret, text)
			}
		}
		f, err := k.Figures(t.Context(), begin, k.Now().Add(time.Second))
		if err != nil || f.Reports != 1 || f.ReportHours != 4 || f.HeldHours != 2 || f.Appeals != 1 || f.Upheld != 0 || f.Overturned != 1 {
			t.Errorf("%+v, %v", f, err)
		}
		if got := fmt.Sprint(f.Acts); got != "[{approve  1} {remove Insults 1} {restore  1} {mute Insults 1} {thread-slow  1}]" {
			t.Errorf("acts: %s", got)
		}
		if f, err = k.Figures(t.Context(), begin.Add(-time.Hour), begin); err != nil || f.Reports != 0 || len(f.Acts) != 0 || f.ReportHours != 0 {
			t.Errorf("before: %+v, %v", f, err)
		}
	})
}

func TestStatement(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		h := k.held(ana, "Look here.")
		d := k.judge(h.ID, ActRemove, rule)
		_, err := k.ChangeRule(t.Context(), "pia", rule, "Offences", "x")
		check(t, err)
		st, err := k.Statement(t.Context(), ana, d.ID)
		if err != nil || st.Decision != d || st.Rule.Name != "Insults" || !strings.Contains(st.Rule.Text, "Insults") || st.Comment.Body != h.Body || !st.Automatic || st.Reported ||
			st.Comment.HeldFor != nil || !st.Until.Equal(d.Created.AddDate(0, 6, 0)) || st.Appeal != nil {
			t.Errorf("%+v, %v", st, err)
		}
		for _, other := range []string{bo, "", "mia"} {
			if _, err := k.Statement(t.Context(), other, d.ID); !problem.Is(err, problem.NotFound) {
				t.Errorf("%q reads it: %v", other, err)
			}
		}
		_, err = k.Appeal(t.Context(), ana, d.ID, "Why?")
		check(t, err)
		if st, err = k.Statement(t.Context(), ana, d.ID); err != nil || st.Appeal == nil || st.Appeal.Text != "Why?" {
			t.Errorf("with an appeal: %+v, %v", st, err)
		}
		rule = k.rule("Names")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		e := k.judge(c.ID, ActEdit, rule)
		if st, err = k.Statement(t.Context(), ana, e.ID); err != nil || st.Before != c.Body || st.Comment.Body == c.Body {
			t.Errorf("an edit: %+v, %v", st, err)
		}
		mine, older, err := k.DecisionsAbout(t.Context(), ana, "", 1)
		if err != nil || len(mine) != 1 || mine[0] != e || older == "" {
			t.Fatalf("about ana: %+v, %q, %v", mine, older, err)
		}
		if mine, older, err = k.DecisionsAbout(t.Context(), ana, older, 1); err != nil || len(mine) != 1 || mine[0] != d || older != "" {
			t.Errorf("and before: %+v, %q, %v", mine, older, err)
		}
	})
}

// TestFile holds what is filed against the schema of the Transparency Database
// (2025-07-01), as far as it can be said in a table.
func TestFile(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		from := k.Now()
		ids := map[Act]string{}
		for _, act := range []Act{ActRemove, ActEdit, ActWarn, ActHold, ActApprove} {
			c := k.say(ana, "", "A canary called "+string(act)+".")
			k.report(bo, c.ID, Insult)
			j := k.judgement(c.ID, act, rule)
			j.Reason = "Ana Example, you know why."
			if act == ActRemove {
				j.Ground = GroundLaw
			}
			d, err := k.Judge(t.Context(), j)
			check(t, err)
			ids[act] = d.ID
		}
		for _, act := range []Act{ActMute, ActSuspend, ActBan} {
			ids[act] = k.sanction(ana, act, k.Now().Add(30*time.Hour), rule).ID
		}
		k.clock.Add(time.Hour)
		got := map[string]map[string]any{}
		f := Filing{Territory: []string{"DE", "FR"}, Language: "en", RulesURL: "https://paper.example/rules"}
		check(t, k.File(t.Context(), f, from, k.Now(), func(st FiledStatement) error {
			b, err := json.Marshal(st)
			check(t, err)
			for _, secret := range []string{"canary", "Ana", `"ana"`, "mia", "Because"} {
				if strings.Contains(string(b), secret) {
					t.Errorf("it names %q: %s", secret, b)
				}
			}
			var m map[string]any
			check(t, json.Unmarshal(b, &m))
			got[st.ID] = m
			return nil
		}))
		if len(got) != 5 {
			t.Errorf("%d statements: %v", len(got), got)
		}
		for id, m := range got {
			for _, key := range []string{
				"decision_ground", "content_type", "category", "territorial_scope", "content_date", "application_date", "decision_facts",
				"source_type", "automated_detection", "automated_decision", "puid",
			} {
				if m[key] == nil {
					t.Errorf("%s has no %s: %v", id, key, m)
				}
			}
			if m["decision_visibility"] == nil && m["decision_provision"] == nil || len(m["decision_facts"].(string)) > 5000 {
				t.Errorf("%s: %v", id, m)
			}
		}
		for _, test := range []struct {
			act  Act
			want map[string]any
		}{
			{ActRemove, map[string]any{
				"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground": "Insults", "illegal_content_explanation": "What Insults means.",
				"source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "automated_detection": "No", "content_date": "2025-11-03", "application_date": "2025-11-03",
			}},
			{ActEdit, map[string]any{
				"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": "Insults", "decision_visibility_other": "A part of the text was changed, and the change is marked.",
			}},
			{ActMute, map[string]any{"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION", "end_date_service_restriction": "2025-11-04"}},
			{ActSuspend, map[string]any{"decision_provision": "DECISION_PROVISION_TOTAL_SUSPENSION", "source_type": "SOURCE_VOLUNTARY"}},
			{ActBan, map[string]any{"decision_provision": "DECISION_PROVISION_TOTAL_TERMINATION", "end_date_service_restriction": nil}},
		} {
			for key, want := range test.want {
				if m := got[ids[test.act]]; m[key] != want {
					t.Errorf("%s: %s is %v, want %v", test.act, key, m[key], want)
				}
			}
		}
		// Batch by batch, at one moment: each once.
		const many = 2*fileBatch + 3
		check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range many {
				d := Decision{Act: ActBan, Reader: ana, Moderator: "mia", Rule: rule, Ground: GroundRules, Source: SourceOwn, Was: fmt.Sprint(i)}
				if err := k.record(t.Context(), tx, &d); err != nil {
					return err
				}
			}
			return nil
		}))
		seen := map[string]bool{}
		check(t, k.File(t.Context(), f, k.Now(), k.Now().Add(time.Hour), func(st FiledStatement) error { seen[st.ID] = true; return nil }))
		if len(seen) != many {
			t.Errorf("%d of %d were filed", len(seen), many)
		}
		check(t, k.File(t.Context(), f, k.Now().Add(time.Hour), k.Now().Add(2*time.Hour), func(FiledStatement) error { t.Error("filed before its time"); return nil }))
	})
}
