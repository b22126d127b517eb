package comment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
)

func TestForget(t *testing.T) {
	for _, remove := range []bool{false, true} {
		onBoth(t, func(k *kit) {
			ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Insults")
			c := k.say(ana, "", "The bridge was closed in 1998 too.")
			reply := k.say(bo, c.ID, "It was 1997.")
			var all []string
			for i := range forgetBatch + 3 {
				k.clock.Add(3 * time.Minute)
				all = append(all, k.say(ana, "", fmt.Sprintf("Comment number %d.", i)).ID)
			}
			d := k.judge(all[0], ActRemove, rule)
			k.held(ana, "Look here.")
			_, err := k.Appeal(t.Context(), ana, d.ID, "Why?")
			check(t, err)
			r := k.report(ana, reply.ID, Insult)
			k.report(bo, all[1], Insult)
			_, err = k.Vote(t.Context(), Ballot{About: k.about, Comment: reply.ID, Voter: ana, Way: Up})
			check(t, err)
			check(t, k.MuteMember(t.Context(), ana, bo, true))
			check(t, k.MuteMember(t.Context(), bo, ana, true))

			tables, err := k.Known(t.Context(), ana)
			check(t, err)
			rows := map[string]int{}
			for _, table := range tables {
				rows[table.Name] = len(table.Rows)
				for _, row := range table.Rows {
					if len(row) != len(table.Columns) {
						t.Errorf("%s: %d cells for %d columns", table.Name, len(row), len(table.Columns))
					}
					if strings.Contains(strings.Join(row, " "), "mia") {
						t.Errorf("%s names the moderator: %v", table.Name, row)
					}
				}
			}
			want := map[string]int{
				"comments": len(all) + 2, "earlier-texts": 0, "votes": 1, "reports": 1, "decisions": 1, "appeals": 1, "notices": 2, "muted-members": 1, "commenter": 1,
			}
			for name, n := range want {
				if rows[name] != n {
					t.Errorf("known are %d %s, want %d", rows[name], name, n)
				}
			}

			check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error { return k.Forget(t.Context(), tx, ana, remove) }))
			for _, query := range []string{
				`select count(*) from notice where reader = 'ana'`,
				`select count(*) from mute`,
				`select count(*) from appeal where state = 'open'`,
				`select count(*) from report where reporter = 'ana'`,
			} {
				if n := k.count(query); n != 0 {
					t.Errorf("%s: %d", query, n)
				}
			}
			if got, _ := reports(t.Context(), k.DB, `where r.id = $1`, r.ID); len(got) != 1 || got[0].Reporter != "" || got[0].Notice || k.now(reply.ID).Reports != 1 {
				t.Errorf("the report is %+v", got)
			}
			d = k.judge(reply.ID, ActApprove, "") // and nobody is told
			k.settle(d)
			if d.Source != SourceReport || k.jobs(ReportJob) != 0 {
				t.Errorf("%+v", d)
			}
			if n := k.jobs(forgetJob); (n == 1) != remove {
				t.Errorf("%d jobs", n)
			}
			if remove {
				check(t, k.deleteAll(t.Context(), ana))
				check(t, k.deleteAll(t.Context(), ana))
				if n := k.count(`select count(*) from comment where author = 'ana' and (state <> 'deleted' or body <> '')`); n != 0 {
					t.Errorf("%d comments are left", n)
				}
			} else if k.now(c.ID).State != Visible {
				t.Errorf("a comment is gone: %+v", k.now(c.ID))
			}
			k.whole()
		})
	}
}

func TestSweep(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, rule := k.reader("ana"), k.reader("bo"), k.rule("Crimes")
		_, err := k.Post(t.Context(), New{About: k.about, Author: ana, Body: "With a key.", Key: "one"})
		check(t, err)
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		k.report(bo, c.ID, Insult)
		check(t, k.Delete(t.Context(), ana, c.ID))
		e := k.say(ana, "", "Who pays?")
		k.judge(e.ID, ActEdit, rule)
		var notices []Report
		for i := range 2 {
			f := k.say(ana, "", fmt.Sprintf("Number %d.", i))
			r, err := k.NoticeIllegal(t.Context(), LegalNotice{Place: f.ID, Text: "x", Name: "Nora", Email: "nora@notes.example", GoodFaith: true})
			check(t, err)
			notices = append(notices, r)
		}
		k.judge(notices[0].Comment, ActRemove, rule)
		check(t, k.DB.Tx(t.Context(), func(tx *db.Tx) error {
			for i := range sweepBatch + 5 {
				if _, err := tx.Exec(t.Context(), `insert into vote_crowd (comment, kind, name, at, votes) values ($1, 'block', $2, $3, 1)`, e.ID, fmt.Sprint(i), db.Time(k.Now())); err != nil {
					return err
				}
			}
			_, err := tx.Exec(t.Context(), `insert into comment_draft (hash, article, parent, body, expires) values ('x', 'bridge', '', 'x', $1)`, db.Time(k.Now().Add(time.Hour)))
			return err
		}))
		left := func() string {
			t.Helper()
			check(t, k.Sweep(t.Context()))
			return fmt.Sprint(
				k.count(`select count(*) from vote_crowd`), k.count(`select count(*) from comment_key`), k.count(`select count(*) from comment_draft`),
				k.count(`select count(*) from comment_edit`), k.count(`select count(*) from report where email <> ''`))
		}
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{0, fmt.Sprint(sweepBatch+5, 1, 1, 2, 2)},
			{2 * time.Hour, fmt.Sprint(sweepBatch+5, 1, 0, 2, 2)},
			{25 * time.Hour, fmt.Sprint(sweepBatch+5, 0, 0, 2, 2)},
			{30 * 24 * time.Hour, fmt.Sprint(0, 0, 0, 1, 2)},
			{366 * 24 * time.Hour, fmt.Sprint(0, 0, 0, 1, 1)}, // the open one stays
		} {
			k.clock.Add(step.after)
			if got := left(); got != step.want {
				t.Errorf("after %s there are %s, want %s", step.after, got, step.want)
			}
		}
		k.whole()
	})
}
