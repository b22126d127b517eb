package comment

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/problem"
)

func TestReport(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, bo, cy, rule := k.reader("ana"), k.reader("bo"), k.reader("cy"), k.rule("Insults")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		gone := k.say(ana, "", "Who pays?")
		k.judge(gone.ID, ActRemove, rule)
		held := k.held(ana, "Look here.")
		for _, test := range []struct {
			name string
			m    Complaint
			want problem.Kind
		}{
			{"one's own", Complaint{Comment: c.ID, Reporter: ana, Reason: Insult}, problem.Forbidden},
			{"no reason", Complaint{Comment: c.ID, Reporter: bo}, problem.Invalid},
			{"another reason", Complaint{Comment: c.ID, Reporter: bo, Reason: "Insult"}, problem.Invalid},
			{"other without words", Complaint{Comment: c.ID, Reporter: bo, Reason: Other, Text: " \n"}, problem.Invalid},
			{"too many words", Complaint{Comment: c.ID, Reporter: bo, Reason: Other, Text: strings.Repeat("a", MaxWords+1)}, problem.Invalid},
			{"none", Complaint{Comment: "nope", Reporter: bo, Reason: Spam}, problem.NotFound},
			{"removed", Complaint{Comment: gone.ID, Reporter: bo, Reason: Spam}, problem.Conflict},
			{"never shown", Complaint{Comment: held.ID, Reporter: bo, Reason: Spam}, problem.NotFound},
		} {
			if _, err := k.Report(t.Context(), test.m); !problem.Is(err, test.want) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		r := k.report(bo, c.ID, Insult)
		if _, err := k.Report(t.Context(), Complaint{Comment: c.ID, Reporter: bo, Reason: Spam}); !problem.Is(err, problem.Conflict) {
			t.Errorf("twice: %v", err)
		}
		k.report(cy, c.ID, OffTopic)
		if n := k.now(c.ID).Reports; n != 2 {
			t.Errorf("%d reports", n)
		}
		if public, err := k.ByID(t.Context(), c.ID); err != nil || public.Reports != 0 {
			t.Errorf("readers see %d reports, %v", public.Reports, err)
		}
		mine, err := k.Reported(t.Context(), bo, []string{c.ID, gone.ID})
		if err != nil || len(mine) != 1 || !mine[c.ID] {
			t.Errorf("bo reported %v, %v", mine, err)
		}
		// The decision answers both.
		d := k.judge(c.ID, ActRemove, rule)
		if d.Source != SourceReport || k.now(c.ID).Reports != 0 {
			t.Errorf("%+v", d)
		}
		k.settle(d)
		k.settle(d) // a job may run twice
		if k.told(bo) != "report" || k.told(cy) != "report" || k.told(ana) != "decision decision" {
			t.Errorf("told were bo %q, cy %q, ana %q", k.told(bo), k.told(cy), k.told(ana))
		}
		a, err := k.ReportOutcome(t.Context(), bo, d.ID)
		if err != nil || a.Report.ID != r.ID || a.Outcome != ReportUpheld || a.Rule.Name != "Insults" || a.Decision.Act != ActRemove ||
			a.Decision.Reason != "" || a.Decision.Reader != "" || a.Decision.Moderator != "" {
			t.Errorf("bo learns %+v, %v", a, err)
		}
		if _, err := k.ReportOutcome(t.Context(), ana, d.ID); !problem.Is(err, problem.NotFound) {
			t.Errorf("ana learns of reports: %v", err)
		}
		// Approving refuses.
		e := k.say(ana, "", "And who repairs it?")
		k.report(bo, e.ID, Spam)
		d = k.judge(e.ID, ActApprove, "")
		if a, err := k.ReportOutcome(t.Context(), bo, d.ID); err != nil || a.Outcome != ReportRefused || a.Rule.ID != "" {
			t.Errorf("refused: %+v, %v", a, err)
		}
		// A report that the moderator has not seen stays.
		f := k.say(ana, "", "Nobody knows.").ID
		k.report(bo, f, Spam)
		j := k.judgement(f, ActApprove, "")
		j.Seen = k.Now()
		k.clock.Add(time.Second)
		k.report(cy, f, Illegal)
		d, err = k.Judge(t.Context(), j)
		if err != nil || k.now(f).Reports != 1 {
			t.Errorf("%+v, %v; %d reports", d, err, k.now(f).Reports)
		}
		k.whole()
	})
}

// TestReportCounts: many who report at once are all counted, and one who does so
// many times is counted once.
func TestReportCounts(t *testing.T) {
	onBoth(t, func(k *kit) {
		c := k.say(k.reader("ana"), "", "The bridge was closed in 1998 too.")
		var readers []string
		for i := range 8 {
			readers = append(readers, k.reader(fmt.Sprint("reader", i)))
		}
		if won := k.atOnce("", func(i int) error {
			_, err := k.Report(t.Context(), Complaint{Comment: c.ID, Reporter: readers[i], Reason: Spam})
			return err
		}); won != 8 || k.now(c.ID).Reports != 8 {
			t.Errorf("%d reported, %d counted", won, k.now(c.ID).Reports)
		}
		dee := k.reader("dee")
		if won := k.atOnce(problem.Conflict, func(int) error {
			_, err := k.Report(t.Context(), Complaint{Comment: c.ID, Reporter: dee, Reason: Spam})
			return err
		}); won != 1 || k.now(c.ID).Reports != 9 {
			t.Errorf("%d of one, %d counted", won, k.now(c.ID).Reports)
		}
		k.whole()
	})
}

func TestNoticeIllegal(t *testing.T) {
	onBoth(t, func(k *kit) {
		ana, rule := k.reader("ana"), k.rule("Crimes")
		c := k.say(ana, "", "The bridge was closed in 1998 too.")
		good := LegalNotice{Place: c.ID, Text: "This is a crime.", Name: "Nora Note", Email: "nora@notes.example", GoodFaith: true, Language: "en"}
		for _, test := range []struct {
			field  string
			change func(*LegalNotice)
		}{
			{"place", func(n *LegalNotice) { n.Place = "" }},
			{"place", func(n *LegalNotice) { n.Place = "https://paper.example/category/city/bridge" }},
			{"place", func(n *LegalNotice) { n.Place = "nope" }},
			{"place", func(n *LegalNotice) { n.Place = "%zz/" + strings.Repeat("/", 5000) }},
			{"text", func(n *LegalNotice) { n.Text = "" }},
			{"name", func(n *LegalNotice) { n.Name = " " }},
			{"name", func(n *LegalNotice) { n.Name = strings.Repeat("a", 201) }},
			{"email", func(n *LegalNotice) { n.Email = "" }},
			{"email", func(n *LegalNotice) { n.Email = "nora" }},
			{"email", func(n *LegalNotice) { n.Email, n.Minors = "nora", true }},
			{"goodfaith", func(n *LegalNotice) { n.GoodFaith = false }},
		} {
			n := good
			test.change(&n)
			_, err := k.NoticeIllegal(t.Context(), n)
			if p := problem.Of(err); p == nil || p.Kind != problem.Invalid || p.Fields[test.field] == "" {
				t.Errorf("a notice with a bad %s: %v", test.field, err)
			}
		}
		r, err := k.NoticeIllegal(t.Context(), good)
		check(t, err)
		for _, place := range []string{"https://paper.example/comment/" + c.ID, "https://paper.example/category/city/bridge?comment-order=oldest#comment-" + c.ID} {
			n := good
			n.Place = place
			if again, err := k.NoticeIllegal(t.Context(), n); err != nil || again.ID != r.ID {
				t.Errorf("%s: %+v, %v", place, again, err)
			}
		}
		anonymous := LegalNotice{Place: c.ID, Text: "A child is hurt.", Minors: true, GoodFaith: true}
		_, err = k.NoticeIllegal(t.Context(), anonymous)
		check(t, err)
		if n := k.now(c.ID).Reports; n != 2 || k.jobs(ReportJob) != 1 {
			t.Errorf("%d reports, %d letters", n, k.jobs(ReportJob))
		}
		a, err := k.ReportAnswer(t.Context(), ReportLetter{r.ID, ReportReceived})
		if err != nil || a.Report.Email != good.Email || a.Report.Name != good.Name || a.Article != c.Article || a.Outcome != ReportOpen {
			t.Errorf("received: %+v, %v", a, err)
		}
		if _, err := k.ReportAnswer(t.Context(), ReportLetter{r.ID, ReportDecided}); !problem.Is(err, problem.NotFound) {
			t.Errorf("decided before it was: %v", err)
		}
		d := k.judge(c.ID, ActRemove, rule)
		k.settle(d)
		if d.Source != SourceNotice || k.jobs(ReportJob) != 2 {
			t.Errorf("%+v, %d letters", d, k.jobs(ReportJob))
		}
		a, err = k.ReportAnswer(t.Context(), ReportLetter{r.ID, ReportDecided})
		if err != nil || a.Outcome != ReportUpheld || a.Decision.Act != ActRemove || a.Rule.Text == "" || a.Decision.Reason != "" {
			t.Errorf("decided: %+v, %v", a, err)
		}
		// At once: one report, one letter.
		e := k.say(ana, "", "Who pays?")
		n := good
		n.Place = e.ID
		if won := k.atOnce("", func(int) error { _, err := k.NoticeIllegal(t.Context(), n); return err }); won != 8 || k.now(e.ID).Reports != 1 {
			t.Errorf("%d sent it, %d reports", won, k.now(e.ID).Reports)
		}
		k.whole()
	})
}
