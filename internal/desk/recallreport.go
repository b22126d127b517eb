package desk

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// ReportSent is what the audit log tells of a report to an agency.
const ReportSent audit.Act = "recall.reported"

// RecallLetterJob is the job of sending such a report.
const RecallLetterJob = "letter.recall"

// A RecallLetter names the report.
type RecallLetter struct{ Report string }

// A RecallReport is what an agency was told of what became of its story, as it was sent.
type RecallReport struct {
	ID      string
	Story   int64 // of the wire, by the number of its first arrival
	To      string
	Subject string
	Text    string
	Author  string // reader id
	Created time.Time
}

const (
	maxReports    = 20 // of one story
	maxReportText = 60_000
	maxSubject    = 200 // characters
)

// SendRecallReport sends an agency a report, and keeps what it says.
func (s *Store) SendRecallReport(ctx context.Context, a *reader.Actor, r RecallReport) error {
	if !a.May(reader.MayEdit) {
		return forbidden()
	}
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "The report was not sent.", Fields: map[string]string{}}
	r.Subject = strings.Join(strings.Fields(clean(r.Subject)), " ")
	to, err := mail.ParseAddress(strings.TrimSpace(r.To))
	if err != nil {
		bad.Fields["to"] = "Type the agency’s address, such as desk@agency.example."
	}
	if r.Subject == "" || utf8.RuneCountInString(r.Subject) > maxSubject {
		bad.Fields["subject"] = "Write a subject of at most 200 characters."
	}
	if strings.TrimSpace(r.Text) == "" || len(r.Text) > maxReportText || !utf8.ValidString(r.Text) {
		bad.Fields["text"] = "The report is empty, or too long for a letter."
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	r.ID, r.To, r.Author, r.Created = s.ID(), to, a.Reader.ID, s.Now()
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from recall_report where story = $1`, r.Story).Scan(&n); err != nil {
			return err
		}
		if n >= maxReports {
			return &problem.Problem{Kind: problem.TooMany, Detail: "Twenty reports of this story were sent already. Copy the text, and send it by hand."}
		}
		_, err := tx.Exec(ctx, `insert into recall_report (id, story, address, subject, text, author, created) values ($1, $2, $3, $4, $5, $6, $7)`,
			r.ID, r.Story, r.To, r.Subject, r.Text, r.Author, db.Time(r.Created))
		if err != nil {
			return fmt.Errorf("keep a report to an agency: %w", err)
		}
		if err := s.Jobs.Add(ctx, tx, RecallLetterJob, time.Time{}, RecallLetter{r.ID}); err != nil {
			return err
		}
		return s.note(ctx, tx, a, ReportSent, r.ID, r.To+": "+r.Subject)
	})
}

const recallReportColumns = `id, story, address, subject, text, author, created`

func (r *RecallReport) into() []any {
	return []any{&r.ID, &r.Story, &r.To, &r.Subject, &r.Text, &r.Author, (*db.Time)(&r.Created)}
}

// RecallReportToSend returns a report, for who sends it.
func (s *Store) RecallReportToSend(ctx context.Context, l RecallLetter) (r RecallReport, err error) {
	err = s.DB.QueryRow(ctx, `select `+recallReportColumns+` from recall_report where id = $1`, l.Report).Scan(r.into()...)
	return r, db.Found(err, "There is no such report.")
}

// RecallReports lists what was told of a story, the oldest first.
func (s *Store) RecallReports(ctx context.Context, story int64) (list []RecallReport, err error) {
	rows, err := s.DB.Query(ctx, `select `+recallReportColumns+` from recall_report where story = $1 order by created, id`, story)
	if err != nil {
		return nil, fmt.Errorf("list reports to an agency: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r RecallReport
		if err := rows.Scan(r.into()...); err != nil {
			return nil, fmt.Errorf("list reports to an agency: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
