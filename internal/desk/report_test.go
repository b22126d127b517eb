package desk

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/article"
	"kawaraban/internal/db"
	"kawaraban/internal/job"
	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
	"kawaraban/internal/richtext"
)

// letters counts the letters that wait for whoever reports errors.
func (k *kit) letters() map[ErrorNews]int {
	k.t.Helper()
	sent := map[ErrorNews]int{}
	rows, err := k.DB.Query(k.t.Context(), `select cast(args as text) from river_job where kind = 'letter.error' order by id`)
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var args string
		check(k.t, rows.Scan(&args))
		for _, news := range []ErrorNews{ErrorReceived, ErrorAnswered} {
			if strings.Contains(args, string(news)) {
				sent[news]++
			}
		}
	}
	check(k.t, rows.Err())
	return sent
}

// shown publishes a story that readers may report.
func (k *kit) shown(headline string) (id string) {
	k.t.Helper()
	job.Handle(k.Jobs, ErrorLetterJob, func(context.Context, ErrorLetter) error { return nil })
	check(k.t, k.DB.Tx(k.t.Context(), func(tx *db.Tx) (err error) {
		id, err = k.Articles.Create(k.t.Context(), tx, article.New{Section: "city", Class: article.Class{Language: "en"}, Content: article.Content{Headline: headline, Body: richtext.FromText("It opens on Monday.")}})
		if err != nil {
			return err
		}
		return k.Articles.Publish(k.t.Context(), tx, id, time.Time{})
	}))
	return id
}

// TestReport tells what becomes of what a reader reports.
func TestReport(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx, id := t.Context(), k.shown("Harbour opens")
		first, err := k.Report(ctx, NewReport{Article: id, Passage: "  It opens\non Monday ", Words: " It is\r\nTuesday.\x00 ", Email: "ana@readers.example", Language: "ja"})
		check(t, err)
		if again, err := k.Report(ctx, NewReport{Article: id, Passage: "It opens on Monday", Words: "It is\nTuesday.", Email: "ana@readers.example"}); err != nil || again != first {
			t.Errorf("the same again: %q, %v", again, err)
		}
		k.clock.Add(time.Minute)
		second, err := k.Report(ctx, NewReport{Article: id, Words: "The name is wrong."})
		check(t, err)
		k.clock.Add(time.Minute)
		third, err := k.Report(ctx, NewReport{Article: id, Words: "buy pills", Email: "x@spam.example"})
		check(t, err)

		list, next, err := k.Reports(ctx, k.ida, ReportFilter{Limit: 2})
		if err != nil || len(list) != 2 || list[0].ID != first || list[1].ID != second || next == "" {
			t.Fatalf("Reports = %+v, %q, %v", list, next, err)
		}
		if r := list[0]; r.Passage != "It opens on Monday" || r.Words != "It is\nTuesday." || r.Language != "ja" || r.State != ReportOpen || r.Email != "ana@readers.example" {
			t.Errorf("the report is %+v", r)
		}
		if rest, next, err := k.Reports(ctx, k.ida, ReportFilter{Limit: 2, After: next}); err != nil || len(rest) != 1 || rest[0].ID != third || next != "" {
			t.Errorf("the rest: %+v, %q, %v", rest, next, err)
		}
		if n, err := k.OpenReports(ctx); err != nil || n != 3 {
			t.Errorf("OpenReports = %d, %v", n, err)
		}

		k.clock.Add(time.Hour)
		r, err := k.Answer(ctx, k.ida, first, ReportCorrected, " Thank you, Ana. ")
		if err != nil || r.State != ReportCorrected || r.Answer != "Thank you, Ana." || r.DecidedBy != k.ida.Reader.ID || !r.Decided.Equal(k.clock.Now()) {
			t.Errorf("Answer = %+v, %v", r, err)
		}
		if r, err := k.Answer(ctx, k.jon, first, ReportKept, ""); !problem.Is(err, problem.Conflict) || r.State != ReportCorrected {
			t.Errorf("a second answer: %+v, %v", r, err)
		}
		_, err = k.Answer(ctx, k.ida, second, ReportKept, "It is spelt so.")
		check(t, err)
		_, err = k.Answer(ctx, k.ida, third, ReportNoise, "")
		check(t, err)
		if sent := k.letters(); sent[ErrorReceived] != 2 || sent[ErrorAnswered] != 1 {
			t.Errorf("letters: %v", sent)
		}
		if list, _, err := k.Reports(ctx, k.ida, ReportFilter{State: ReportCorrected, Limit: 10}); err != nil || len(list) != 1 || list[0].ID != first {
			t.Errorf("what was corrected: %+v, %v", list, err)
		}

		// The address of who reported goes 90 days after the answer, not before.
		k.clock.Add(keptAddress)
		check(t, k.Sweep(ctx))
		if r, err := k.ErrorReport(ctx, k.ida, first); err != nil || r.Email == "" {
			t.Errorf("on the day: %+v, %v", r, err)
		}
		k.clock.Add(time.Second)
		check(t, k.Sweep(ctx))
		if r, err := k.ErrorReport(ctx, k.ida, first); err != nil || r.Email != "" || r.Words == "" {
			t.Errorf("after it: %+v, %v", r, err)
		}
	})
}

// TestReportRefused tells what cannot be reported or answered, and by whom.
func TestReportRefused(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx, id := t.Context(), k.shown("Harbour opens")
		draft, err := k.Begin(ctx, k.ida, New{Section: "city", Language: "en", Headline: "secret"})
		check(t, err)
		for name, test := range map[string]struct {
			report NewReport
			kind   problem.Kind
			field  string
		}{
			"no words":     {NewReport{Article: id, Words: " \n"}, problem.Invalid, "words"},
			"many words":   {NewReport{Article: id, Words: strings.Repeat("é", MaxReport+1)}, problem.Invalid, "words"},
			"no address":   {NewReport{Article: id, Words: "x", Email: "ana at home"}, problem.Invalid, "email"},
			"no article":   {NewReport{Article: "nothing", Words: "x"}, problem.NotFound, ""},
			"a draft":      {NewReport{Article: draft, Words: "x"}, problem.NotFound, ""},
			"two articles": {NewReport{Article: id + "," + draft, Words: "x"}, problem.NotFound, ""},
		} {
			_, err := k.Report(ctx, test.report)
			if p := problem.Of(err); p == nil || p.Kind != test.kind || test.field != "" && p.Fields[test.field] == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n, err := k.OpenReports(ctx); err != nil || n != 0 {
			t.Errorf("%d reports were kept, %v", n, err)
		}
		report, err := k.Report(ctx, NewReport{Article: id, Passage: strings.Repeat("日", 2*maxPassage), Words: strings.Repeat("é", MaxReport)})
		check(t, err)
		for name, a := range map[string]*reader.Actor{"a contributor": k.ana, "a moderator": k.mods} {
			_, _, listed := k.Reports(ctx, a, ReportFilter{})
			_, read := k.ErrorReport(ctx, a, report)
			_, answered := k.Answer(ctx, a, report, ReportKept, "")
			if !problem.Is(listed, problem.Forbidden) || !problem.Is(read, problem.Forbidden) || !problem.Is(answered, problem.Forbidden) {
				t.Errorf("%s: %v, %v, %v", name, listed, read, answered)
			}
		}
		if _, err := k.Answer(ctx, k.ida, report, ReportOpen, ""); !problem.Is(err, problem.Invalid) {
			t.Errorf("answered with nothing: %v", err)
		}
		if _, err := k.Answer(ctx, k.ida, "nothing", ReportKept, ""); !problem.Is(err, problem.NotFound) {
			t.Errorf("an answer to nothing: %v", err)
		}
		for _, bad := range []string{"x", "!.y", "1." + strings.Repeat("a", 41)} {
			if _, _, err := k.Reports(ctx, k.ida, ReportFilter{After: bad}); !problem.Is(err, problem.NotFound) {
				t.Errorf("after %q: %v", bad, err)
			}
		}
	})
}

// TestAnswerUnderEight holds that a report is answered once, and one letter sent.
func TestAnswerUnderEight(t *testing.T) {
	onBoth(t, func(k *kit) {
		ctx, id := t.Context(), k.shown("Harbour opens")
		report, err := k.Report(ctx, NewReport{Article: id, Words: "x", Email: "ana@readers.example"})
		check(t, err)
		var mu sync.Mutex
		won := 0
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				_, err := k.Answer(ctx, k.ida, report, ReportKept, fmt.Sprint(i))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !problem.Is(err, problem.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if sent := k.letters(); won != 1 || sent[ErrorAnswered] != 1 {
			t.Errorf("%d answers, letters %v", won, sent)
		}
	})
}

// TestReportPlans holds that the lists are read from their index.
func TestReportPlans(t *testing.T) {
	k := newKit(t, papertest.SQLite(t))
	for name, f := range map[string]ReportFilter{
		"open": {}, "the next": {After: "1.x"}, "closed": {State: ReportKept}, "older": {State: ReportKept, After: "1.x"},
	} {
		query, args, err := reportsSQL(f, 31)
		check(t, err)
		rows, err := k.DB.Query(t.Context(), `explain query plan `+query, args...)
		check(t, err)
		var plan strings.Builder
		for rows.Next() {
			var a, b, c int
			var detail string
			check(t, rows.Scan(&a, &b, &c, &detail))
			plan.WriteString(detail + "\n")
		}
		check(t, rows.Err())
		check(t, rows.Close())
		if !strings.Contains(plan.String(), "error_report_state") || strings.Contains(plan.String(), "TEMP B-TREE") {
			t.Errorf("%s:\n%s", name, plan.String())
		}
	}
}
