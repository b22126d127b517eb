package comment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// queued lists the first words of what waits, page by page.
func (k *kit) queued(q Queue) (all []string) {
	k.t.Helper()
	for after := ""; ; {
		items, next, err := k.Queue(k.t.Context(), q, after)
		check(k.t, err)
		for _, i := range items {
			all = append(all, i.Comment.ID)
		}
		if after = next; after == "" {
			return all
		}
	}
}

func TestQueues(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
		var flagged, reported []string
		for i := range QueuePageSize + 3 {
			k.clock.Add(5 * time.Minute)
			flagged = append(flagged, k.held(ana, fmt.Sprintf("Look here, number %d.", i)).ID)
			c := k.say(bo, "", fmt.Sprintf("Comment number %d.", i))
			k.report(ana, c.ID, Spam)
			reported = append(reported, c.ID)
		}
		check(t, k.SetSettings(t.Context(), "pia", Settings{First: 1, Links: 2, Threshold: 0.9}))
		first, err := k.Post(t.Context(), New{About: k.about, Author: k.reader("cy"), Body: "My first."})
		check(t, err)
		for q, want := range map[Queue][]string{QueueFlagged: flagged, QueueReported: reported, QueueHeld: {first.ID}, QueueAppeals: nil} {
			if got := k.queued(q); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%s: %v, want %v", q, got, want)
			}
		}
		sizes, err := k.QueueSizes(t.Context())
		if err != nil || sizes[QueueFlagged] != 23 || sizes[QueueReported] != 23 || sizes[QueueHeld] != 1 || sizes[QueueAppeals] != 0 {
			t.Errorf("sizes %v, %v", sizes, err)
		}
		if MaxSize.String() != "99+" || Size(99).String() != "99" {
			t.Errorf("%s, %s", MaxSize, Size(99))
		}
		for _, q := range append(Queues(), "nope") {
			if _, _, err := k.Queue(t.Context(), q, "bad cursor"); !problem.Is(err, problem.NotFound) {
				t.Errorf("%s at a bad place: %v", q, err)
			}
		}
		// Everything about one.
		c := reported[0]
		k.judge(c, ActEdit, rule)
		k.exec(`insert into vote_crowd (comment, kind, name, at, votes) values ($1, 'block', 'x', 1, 4), ($1, 'young', '', 1, 7), ($1, 'young', '', 2, 9), ($1, 'referrer', 'y', 3, 11)`, c)
		k.report(k.reader("dee"), c, Other)
		i, err := k.Item(t.Context(), c)
		check(t, err)
		if len(i.Reports) != 1 || i.Reports[0].Reporter != "dee" || len(i.Edits) != 1 || i.Edits[0].Body != "Comment number 0." || i.Edits[0].Editor != "mia" ||
			len(i.Decisions) != 1 || i.Decisions[0].Act != ActEdit || len(i.Crowds) != 2 || i.Crowds[0].Kind != CrowdYoung || i.Crowds[0].Votes != 9 || i.Crowds[1].Kind != CrowdBlock {
			t.Errorf("%+v", i)
		}
		// What its author has deleted is still there for moderators while it is reported.
		check(t, k.Delete(t.Context(), bo, reported[1]))
		i, err = k.Item(t.Context(), reported[1])
		if err != nil || i.Comment.State != Deleted || i.Comment.Body != "Comment number 1." || len(i.Edits) != 0 {
			t.Errorf("deleted: %+v, %v", i, err)
		}
		d := k.judge(reported[1], ActRemove, rule)
		if now := k.now(reported[1]); now.State != Deleted || now.Reports != 0 || d.Was != string(Deleted) {
			t.Errorf("deleted and judged: %+v", now)
		}
		i, err = k.Item(t.Context(), flagged[0])
		if err != nil || len(i.Comment.HeldFor) != 1 || i.Comment.HeldFor[0] != (Hold{HeldLinks, "3"}) || i.Comment.Body == "" {
			t.Errorf("held: %+v, %v", i, err)
		}
		k.whole()
	})
}

func TestSurroundings(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Insults")
		var tops, replies []string
		for i := range 9 {
			tops = append(tops, k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID)
		}
		for i := range 5 {
			replies = append(replies, k.say(ana, tops[4], fmt.Sprintf("Reply number %d.", i)).ID)
		}
		k.judge(tops[3], ActRemove, rule)
		ids := func(list []Comment) string {
			var all []string
			for _, c := range list {
				all = append(all, c.ID)
			}
			return strings.Join(all, " ")
		}
		a, err := k.Surroundings(t.Context(), tops[4])
		if err != nil || a.Parent != nil || ids(a.Before) != strings.Join(tops[0:3], " ") || ids(a.After) != strings.Join(tops[5:8], " ") {
			t.Errorf("around a top comment: %+v, %v", a, err)
		}
		a, err = k.Surroundings(t.Context(), replies[1])
		if err != nil || a.Parent == nil || a.Parent.ID != tops[4] || ids(a.Before) != replies[0] || ids(a.After) != strings.Join(replies[2:5], " ") {
			t.Errorf("around a reply: %+v, %v", a, err)
		}
		h := k.held(ana, "Look here.")
		a, err = k.Surroundings(t.Context(), h.ID)
		if err != nil || ids(a.Before) != strings.Join(tops[6:9], " ") || len(a.After) != 0 {
			t.Errorf("around what waits: %+v, %v", a, err)
		}
	})
}

func TestMember(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Insults")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		k.judge(c.ID, ActWarn, rule)
		k.judge(c.ID, ActRemove, rule)
		k.say(ana, "", "Who pays?")
		m, err := k.Member(t.Context(), ana)
		if err != nil || m.Posted != 2 || m.Visible != 1 || m.Removed != 1 || m.Warned != 1 || len(m.Decisions) != 2 || len(m.Comments) != 2 || m.Comments[1].Body != c.Body {
			t.Errorf("%+v, %v", m, err)
		}
		if m, err = k.Member(t.Context(), "nobody"); err != nil || m.Posted != 0 || m.Sanction != "" {
			t.Errorf("nobody: %+v, %v", m, err)
		}
	})
}

// TestPlans holds that what moderators and readers of the log ask is read from
// an index, in its order: its cost does not grow with the paper.
func TestPlans(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	ana := k.reader("ana")
	k.say(ana, "", "The bridge was closed in 1998 too.")
	check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
		for i := range 2000 {
			state, reports := "visible", 0
			if i%100 == 0 {
				state = "held"
			}
			if i%150 == 0 {
				reports = 1
			}
			_, err := tx.Exec(t.Context(), `insert into comment (id, article, top, parent, answered, author, body, hash, state, held_for, flagged, shown, seat, seats, replies,
					up, down, heavy_up, heavy_down, rank, reports, version, edited, marked, created)
				values ('fill' || $1, 'bridge', '', '', '', $2, 'x', $1, $3, '', $4, $5, $5, 0, 0, 0, 0, 0, 0, 0, $6, 1, 0, false, $5)`, fmt.Sprint(i), ana, state, i%200 == 0, i+10, reports)
			if err != nil {
				return err
			}
			_, err = tx.Exec(t.Context(), `insert into decision (id, act, comment, article, section, reader, moderator, rule, ground, source, reason, detail, was, until, version, undoes, waited, created)
				values ('fill' || $1, 'approve', 'fill' || $1, 'bridge', '', $2, 'mia', '', '', 'own', '', '', '', 0, 2, '', 1, $3)`, fmt.Sprint(i), ana, i)
			if err != nil {
				return err
			}
			_, err = tx.Exec(t.Context(), `insert into report (id, comment, reporter, notice, name, email, reason, text, language, state, decision, created)
				values ('fill' || $1, 'fill' || $1, 'bo', false, '', '', 'spam', '', '', 'refused', 'fill' || $1, $2)`, fmt.Sprint(i), i)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	type plan struct {
		name, query string
		args        []any
		index       string
		sorts       bool // what it answers is small, and may be sorted
	}
	var plans []plan
	for q, index := range map[Queue]string{QueueHeld: "comment_held", QueueFlagged: "comment_held", QueueReported: "comment_reported", QueueAppeals: "appeal_open"} {
		for _, after := range []string{"", "1.id"} {
			query, args, err := q.query(after, 21)
			check(t, err)
			plans = append(plans, plan{string(q) + after, query, args, index, false})
		}
		query, args, err := q.sizeQuery()
		check(t, err)
		plans = append(plans, plan{"how many " + string(q), query, args, index, false})
	}
	for _, before := range []string{"", "1.id"} {
		query, args, err := logQuery(before, 21)
		check(t, err)
		plans = append(plans, plan{"log" + before, query, args, "decision_public", false})
	}
	span := []any{int64(1), int64(100)}
	plans = append(
		plans,
		plan{"acts", actsQuery, span, "decision_created", true},
		plan{"waited", heldQuery, span, "decision_created", true},
		plan{"reports", reportsQuery, span, "report_created", false},
		plan{"report times", reportTimesQuery, span, "report_created", true},
		plan{"appeals", appealsQuery, span, "appeal_created", false},
		plan{"outcomes", outcomesQuery, span, "appeal_decided", false},
		plan{"last on a comment", `select d.id from decision as d ` + lastOnComment + ` limit 1`, []any{"x"}, "decision_comment", false},
		plan{"last on a bar", `select d.id from decision as d ` + lastOnBar + ` limit 1`, []any{"x"}, "decision_bar", false},
		plan{"last on a thread", `select d.id from decision as d ` + lastOnThread + ` limit 1`, []any{"x"}, "decision_article", false},
		plan{"last on a section", `select d.id from decision as d ` + lastOnSection + ` limit 1`, []any{"x"}, "decision_section", false},
		plan{"reported", `select comment from report where reporter = $1 and reporter <> '' and comment in ($2, $3)`, []any{"a", "b", "c"}, "report_", false},
		plan{"answered", `select id from report as r where r.decision = $1 and r.decision <> '' and r.id > $2 order by r.id limit 5`, []any{"a", "b"}, "report_decision", false},
		plan{"removed", `select count(*) from comment where author = $1 and state = 'removed'`, []any{ana}, "comment_removed", false},
		plan{"crowds", `select kind from vote_crowd where comment = $1 and votes >= 4 order by at desc limit 100`, []any{"x"}, "vote_crowd_many", false},
		plan{"old notices", `select r.id from report as r where r.decision <> '' and (r.name <> '' or r.email <> '') limit 5`, nil, "report_named", false},
		plan{"old texts", `select comment from comment_edit where gone and created < $1 order by created limit 5`, []any{int64(1)}, "comment_edit_gone", false},
	)
	for _, analysed := range []bool{false, true} {
		if analysed {
			k.exec(`analyze`)
		}
		for _, p := range plans {
			if got := k.explain(p.query, p.args); !strings.Contains(got, p.index) || !p.sorts && strings.Contains(got, "TEMP B-TREE") {
				t.Errorf("%s, analysed %v:\n%s", p.name, analysed, got)
			}
		}
	}
}

func (k *kit) explain(query string, args []any) string {
	k.t.Helper()
	rows, err := k.DB.Query(k.t.Context(), `explain query plan `+query, args...)
	check(k.t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		check(k.t, rows.Scan(&id, &parent, &unused, &detail))
		plan.WriteString(detail + "\n")
	}
	return plan.String()
}
