package comment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
)

// A Reason is what somebody says is wrong with a comment.
type Reason string

const (
	Insult   Reason = "insult"
	Spam     Reason = "spam"
	OffTopic Reason = "off-topic"
	Illegal  Reason = "illegal"
	Other    Reason = "other" // said in words
)

// Reasons lists them for those who choose.
func Reasons() []Reason { return []Reason{Insult, Spam, OffTopic, Illegal, Other} }

// ParseReason reads a reason strictly.
func ParseReason(s string) (Reason, error) {
	return parse(s, Reasons(), "reason", "Choose what is wrong with the comment.")
}

// A ReportState is what became of a report.
type ReportState string

const (
	ReportOpen    ReportState = "open"
	ReportUpheld  ReportState = "upheld"  // a moderator has acted on the comment
	ReportRefused ReportState = "refused" // a moderator found nothing wrong
)

// A Report says that a comment breaks the rules or the law.
type Report struct {
	ID       string
	Comment  string
	Reporter string // a reader's id, "" for whoever wrote without an account, and for who is gone
	Notice   bool   // a legal one, without an account
	Name     string // of who wrote that; "" where a child is to be protected, and a year after the decision
	Email    string
	Reason   Reason
	Text     string
	Language string // in which to answer
	State    ReportState
	Decision string // that closed it
	Created  time.Time
}

const reportColumns = `r.id, r.comment, r.reporter, r.notice, r.name, r.email, r.reason, r.text, r.language, r.state, r.decision, r.created`

func (r *Report) into() []any {
	return []any{
		&r.ID, &r.Comment, &r.Reporter, &r.Notice, &r.Name, &r.Email, &r.Reason, &r.Text, &r.Language, &r.State, &r.Decision, (*db.Time)(&r.Created),
	}
}

// reports reads reports.
func reports(ctx context.Context, q db.Querier, query string, args ...any) (found []Report, err error) {
	rows, err := q.Query(ctx, `select `+reportColumns+` from report as r `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read reports: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Report
		if err := rows.Scan(r.into()...); err != nil {
			return nil, fmt.Errorf("read reports: %w", err)
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// A Complaint is a reader's report to be.
type Complaint struct {
	Comment  string
	Reporter string // a reader's id
	Reason   Reason
	Text     string // required for Other; at most 2,000 characters
	Language string
}

// MaxWords is how long a report, a reason, an appeal and its answer may be, in
// characters.
const MaxWords = 2000

// Report notes a reader's complaint. Each reader reports a comment once: doing
// it again is a Problem Conflict. Own comments and barred readers are refused.
func (s *Store) Report(ctx context.Context, m Complaint) (r Report, err error) {
	r = Report{Comment: m.Comment, Reporter: m.Reporter, Language: m.Language}
	if r.Reason, err = ParseReason(string(m.Reason)); err != nil {
		return r, err
	}
	if r.Text, err = words("text", m.Text, m.Reason == Other); err != nil {
		return r, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		who, err := s.commenter(ctx, tx, m.Reporter)
		if err != nil {
			return err
		}
		if err := who.may(s.Now(), Suspension); err != nil {
			return err
		}
		return s.file(ctx, tx, &r)
	})
	if db.IsUnique(err) {
		return r, &problem.Problem{Kind: problem.Conflict, Detail: "You have reported this comment already. A moderator will look at it.", Err: err}
	}
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("report comment %s: %w", m.Comment, err)
	}
	return r, err
}

// file stores a report and counts it.
func (s *Store) file(ctx context.Context, tx *db.Tx, r *Report) error {
	c, err := lock(ctx, tx, r.Comment)
	if err != nil {
		return err
	}
	switch {
	case c.Seat == 0:
		return notFound()
	case c.State != Visible:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This comment is not there any more."}
	case r.Reporter != "" && c.Author == r.Reporter:
		return &problem.Problem{Kind: problem.Forbidden, Detail: "You cannot report your own comment. You can delete it."}
	}
	if r.Notice && r.Email != "" {
		var there Report
		err := tx.QueryRow(ctx, `select `+reportColumns+` from report as r
			where r.comment = $1 and r.state = 'open' and r.email = $2`, r.Comment, r.Email).Scan(there.into()...)
		if err == nil {
			*r = there
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	r.ID, r.State, r.Created = s.ID(), ReportOpen, s.Now()
	_, err = tx.Exec(ctx, `insert into report (id, comment, reporter, notice, name, email, reason, text, language, state, decision, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11)`,
		r.ID, r.Comment, r.Reporter, r.Notice, r.Name, r.Email, r.Reason, r.Text, r.Language, r.State, db.Time(r.Created))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update comment set reports = reports + 1 where id = $1`, r.Comment); err != nil {
		return err
	}
	if !r.Notice || r.Email == "" {
		return nil
	}
	return s.Jobs.Add(ctx, tx, ReportJob, time.Time{}, ReportLetter{r.ID, ReportReceived})
}

// Reported tells which of the comments a reader has reported.
func (s *Store) Reported(ctx context.Context, reader string, comments []string) (map[string]bool, error) {
	args := []any{reader}
	ids, err := texts(ctx, s.DB, `select comment from report where reporter = $1 and reporter <> '' and comment `+db.In(&args, comments)+` order by comment`, args...)
	if err != nil {
		return nil, fmt.Errorf("read what %s has reported: %w", reader, err)
	}
	found := make(map[string]bool, len(ids))
	for _, id := range ids {
		found[id] = true
	}
	return found, nil
}

// A LegalNotice says without an account that a comment is illegal, as article
// 16 of Regulation (EU) 2022/2065 wants it.
type LegalNotice struct {
	Place     string // the comment's exact address, or its id
	Text      string // why it is illegal
	Name      string // of who says so
	Email     string
	Minors    bool // it is about the abuse of children: name and e-mail may be missing
	GoodFaith bool // the statement that all of this is true
	Language  string
}

// NoticeIllegal notes a legal notice and has a letter of receipt written. The
// same address telling of the same comment while that is open gets the report
// that is there already, and no second letter. Its Problems name the fields
// place, text, name, email and goodfaith.
func (s *Store) NoticeIllegal(ctx context.Context, n LegalNotice) (r Report, err error) {
	r = Report{Notice: true, Reason: Illegal, Language: n.Language}
	if r.Comment, err = placed(n.Place); err != nil {
		return r, err
	}
	if r.Text, err = words("text", n.Text, true); err != nil {
		return r, err
	}
	if r.Name, err = line("name", n.Name, maxNoticeName, !n.Minors); err != nil {
		return r, err
	}
	if n.Email != "" || !n.Minors {
		if r.Email, err = mail.ParseAddress(strings.TrimSpace(n.Email)); err != nil {
			return r, refuse(problem.Invalid, "email", err.Error())
		}
	}
	if !n.GoodFaith {
		return r, refuse(problem.Invalid, "goodfaith", "Confirm that what you say is true as far as you know.")
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		again := r // the transaction may run twice
		if err := s.file(ctx, tx, &again); err != nil {
			return err
		}
		r = again
		return nil
	})
	if problem.Is(err, problem.NotFound) {
		return r, refuse(problem.Invalid, "place", "We do not find this comment. Copy its exact address: the link at its date.")
	}
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("note a legal notice about %s: %w", r.Comment, err)
	}
	return r, err
}

const (
	maxNoticeName = 200
	maxPlace      = 2000
)

// placed finds the comment's id in its address: /comment/{id}, or the fragment
// #comment-{id} of an article.
func placed(place string) (string, error) {
	place = strings.TrimSpace(place)
	id := place
	if u, err := url.Parse(place); err == nil && len(place) <= maxPlace && strings.ContainsAny(place, "/#") {
		if _, after, ok := strings.Cut(u.Path, "/comment/"); ok {
			id = strings.TrimSuffix(after, "/")
		} else {
			id = strings.TrimPrefix(u.Fragment, "comment-")
		}
	}
	if id == "" || len(id) > 40 || strings.ContainsFunc(id, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-')
	}) {
		return "", refuse(problem.Invalid, "place", "We do not find this comment. Copy its exact address: the link at its date.")
	}
	return id, nil
}

// closeReports answers the open reports of a comment where a decision does
// that. Those who reported are told by a job: they may be many.
func (s *Store) closeReports(ctx context.Context, tx *db.Tx, c Comment, d Decision, seen time.Time) error {
	var to ReportState
	switch d.Act {
	case ActApprove:
		to = ReportRefused
	case ActRemove, ActEdit, ActWarn:
		to = ReportUpheld
	}
	if to == "" || d.Act != ActApprove && !d.Restricts() {
		return nil
	}
	args, unread := []any{c.ID, to, d.ID}, ""
	if d.Act == ActApprove && !seen.IsZero() {
		unread = " and created <= " + db.Arg(&args, db.Time(seen)) // nobody has read what came later
	}
	res, err := tx.Exec(ctx, `update report set state = $2, decision = $3 where comment = $1 and state = 'open'`+unread, args...)
	if err != nil {
		return fmt.Errorf("answer the reports of %s: %w", c.ID, err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `update comment set reports = reports - $2 where id = $1`, c.ID, n); err != nil {
		return err
	}
	return s.Jobs.Add(ctx, tx, answerJob, time.Time{}, d.ID)
}

// reopenReports opens again the reports that a decision had answered.
func (s *Store) reopenReports(ctx context.Context, tx *db.Tx, d Decision) error {
	res, err := tx.Exec(ctx, `update report set state = 'open', decision = '' where decision = $1 and decision <> ''`, d.ID)
	if err != nil {
		return fmt.Errorf("open the reports of %s again: %w", d.Comment, err)
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(ctx, `update comment set reports = reports + $2 where id = $1`, d.Comment, n)
	return err
}
