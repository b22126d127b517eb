package comment

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// answerJob tells those whose reports a decision has answered; the argument is
// its id.
const answerJob = "comment.answer"

const answerBatch = 50

func (s *Store) answer(ctx context.Context, decision string) error {
	for after := ""; ; {
		var found []Report
		err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
			found, err = reports(ctx, tx, `where r.decision = $1 and r.decision <> '' and r.id > $2 order by r.id limit $3`, decision, after, answerBatch)
			if err != nil {
				return err
			}
			for _, r := range found {
				switch {
				case r.Reporter != "":
					err = s.tell(ctx, tx, Notice{Reader: r.Reporter, Kind: NoticeReport, Subject: decision})
				case r.Email != "":
					err = s.Jobs.AddUnique(ctx, tx, ReportJob, time.Time{}, ReportLetter{r.ID, ReportDecided})
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("tell those who reported of %s: %w", decision, err)
		}
		if len(found) < answerBatch {
			return nil
		}
		after = found[len(found)-1].ID
	}
}

// ReportJob is the kind of the jobs that write letters to those who reported
// without an account; the argument is a ReportLetter.
const ReportJob = "letter.report"

// ReportNews is what a letter about a report tells.
type ReportNews string

const (
	ReportReceived ReportNews = "received"
	ReportDecided  ReportNews = "decided"
)

// A ReportLetter is a letter about a report that is to be written.
type ReportLetter struct {
	Report string
	News   ReportNews
}

// A ReportAnswer is what a letter, or a page, about a report says.
type ReportAnswer struct {
	Report   Report
	Article  string
	Outcome  ReportState
	Decision Decision // the zero Decision while it is open; of it only the act, the ground and the time
	Rule     Rule     // that the comment broke; the zero Rule when none
}

// ReportAnswer composes what a letter about a report says. What needs no letter
// any more (the address is forgotten, the decision was undone) is a Problem
// NotFound.
func (s *Store) ReportAnswer(ctx context.Context, l ReportLetter) (a ReportAnswer, err error) {
	err = s.DB.QueryRow(ctx, `select `+reportColumns+` from report as r where r.id = $1`, l.Report).Scan(a.Report.into()...)
	if err != nil {
		return a, db.Found(err, errNoReport)
	}
	if a.Report.Email == "" || l.News == ReportDecided && a.Report.State == ReportOpen {
		return a, &problem.Problem{Kind: problem.NotFound, Detail: errNoReport}
	}
	if l.News == ReportReceived {
		a.Report.State, a.Report.Decision = ReportOpen, ""
	}
	return s.answered(ctx, a)
}

const errNoReport = "There is no such report."

// ReportOutcome is ReportAnswer for the reader who has reported, by the
// decision that a NoticeReport names as its subject.
func (s *Store) ReportOutcome(ctx context.Context, reader, decision string) (a ReportAnswer, err error) {
	err = s.DB.QueryRow(ctx, `select `+reportColumns+` from report as r
		where r.decision = $1 and r.decision <> '' and r.reporter = $2 and r.reporter <> ''
		order by r.id
		limit 1`, decision, reader).Scan(a.Report.into()...)
	if err != nil {
		return a, db.Found(err, errNoReport)
	}
	return s.answered(ctx, a)
}

func (s *Store) answered(ctx context.Context, a ReportAnswer) (_ ReportAnswer, err error) {
	a.Outcome = a.Report.State
	if err := s.DB.QueryRow(ctx, `select article from comment where id = $1`, a.Report.Comment).Scan(&a.Article); err != nil {
		return a, fmt.Errorf("read the comment of a report: %w", err)
	}
	if a.Report.Decision == "" {
		return a, nil
	}
	d, err := decisionByID(ctx, s.DB, a.Report.Decision)
	if err != nil {
		return a, err
	}
	// Nothing of what was said to the author.
	a.Decision = Decision{ID: d.ID, Act: d.Act, Comment: d.Comment, Article: d.Article, Rule: d.Rule, Ground: d.Ground, Created: d.Created}
	if d.Rule != "" {
		a.Rule, err = s.RuleByID(ctx, d.Rule)
	}
	return a, err
}
