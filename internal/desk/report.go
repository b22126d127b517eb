package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/mail"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// A ReportState is what became of a reader's report of an error.
type ReportState string

const (
	ReportOpen      ReportState = "open"
	ReportCorrected ReportState = "corrected" // we were wrong, and have said so
	ReportKept      ReportState = "kept"      // we have looked, and the text stays as it is
	ReportNoise     ReportState = "noise"     // nothing that can be answered
)

// ReportStates lists them for those who choose.
func ReportStates() []ReportState {
	return []ReportState{ReportOpen, ReportCorrected, ReportKept, ReportNoise}
}

// ParseReportState reads a state strictly.
func ParseReportState(s string) (ReportState, error) {
	for _, state := range ReportStates() {
		if s == string(state) {
			return state, nil
		}
	}
	return "", &problem.Problem{Kind: problem.NotFound, Detail: "There are no such reports."}
}

// Answered is the audit log's word for the answer to a report.
const Answered audit.Act = "error.answered"

// An ErrorReport is what a reader says is wrong in an article.
type ErrorReport struct {
	ID        string
	Article   string
	Passage   string // the words that are meant, "" for none
	Words     string // what is wrong with them
	Email     string // to hear what became of it; "" for nobody, and 90 days after the answer
	Language  string // in which to answer
	State     ReportState
	Answer    string // to the reader, in the editor's words; may be ""
	Decided   time.Time
	DecidedBy string // reader id
	Created   time.Time
}

// MaxReport is how long a report and its answer may be, in characters.
const MaxReport = 2_000

// A NewReport is a report to be.
type NewReport struct {
	Article  string
	Passage  string
	Words    string
	Email    string // may be ""
	Language string
}

// Report notes what a reader says is wrong in an article that readers may have. Who
// left an address gets a letter that it has come. Saying the same again while the
// first is open changes nothing. Its Problems name the fields words and email.
func (s *Store) Report(ctx context.Context, n NewReport) (id string, err error) {
	r := ErrorReport{Article: n.Article, Language: n.Language, Passage: passageOf(n.Passage)}
	if r.Words, err = reportWords("words", n.Words); err != nil {
		return "", err
	}
	if r.Words == "" {
		const said = "Say what is wrong."
		return "", &problem.Problem{Kind: problem.Invalid, Detail: said, Fields: map[string]string{"words": said}}
	}
	if n.Email = strings.TrimSpace(n.Email); n.Email != "" {
		if r.Email, err = mail.ParseAddress(n.Email); err != nil {
			said := problem.Of(err).Detail
			return "", &problem.Problem{Kind: problem.Invalid, Detail: said, Fields: map[string]string{"email": said}}
		}
	}
	if _, err := s.Articles.Known(ctx, r.Article); err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := tx.QueryRow(ctx, `select id
			from error_report
			where article = $1 and state = 'open' and passage = $2 and words = $3 and email = $4
			order by created, id
			limit 1`, r.Article, r.Passage, r.Words, r.Email).Scan(&id)
		if err := db.Found(err, "It is a new one."); err == nil || !problem.Is(err, problem.NotFound) {
			return err
		}
		id = s.ID()
		_, err = tx.Exec(ctx, `insert into error_report (id, article, passage, words, email, language, state, answer, decided, created)
			values ($1, $2, $3, $4, $5, $6, 'open', '', 0, $7)`,
			id, r.Article, r.Passage, r.Words, r.Email, r.Language, db.Time(s.Now()))
		if err != nil || r.Email == "" {
			return err
		}
		return s.Jobs.Add(ctx, tx, ErrorLetterJob, time.Time{}, ErrorLetter{id, ErrorReceived})
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("note an error in %s: %w", r.Article, err)
	}
	return id, err
}

// passageOf is a passage on one line, and not too long.
func passageOf(s string) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if utf8.RuneCountInString(s) > maxPassage {
		s = string([]rune(s)[:maxPassage])
	}
	return s
}

func reportWords(field, s string) (string, error) {
	s = strings.TrimSpace(clean(strings.ReplaceAll(s, "\r\n", "\n")))
	if utf8.RuneCountInString(s) > MaxReport {
		const said = "This text has at most 2,000 characters. Shorten it."
		return "", &problem.Problem{Kind: problem.Invalid, Detail: said, Fields: map[string]string{field: said}}
	}
	return s, nil
}

// ErrorLetterJob is the job of writing to whoever has reported an error.
const ErrorLetterJob = "letter.error"

// ErrorNews is what a letter tells of a report.
type ErrorNews string

const (
	ErrorReceived ErrorNews = "received"
	ErrorAnswered ErrorNews = "answered"
)

// An ErrorLetter is a letter to be, about a report.
type ErrorLetter struct {
	Report string
	News   ErrorNews
}

const reportColumns = `e.id, e.article, e.passage, e.words, e.email, e.language, e.state, e.answer, e.decided, coalesce(e.decided_by, ''), e.created`

func (r *ErrorReport) into() []any {
	return []any{
		&r.ID, &r.Article, &r.Passage, &r.Words, &r.Email, &r.Language, &r.State, &r.Answer, (*db.Time)(&r.Decided), &r.DecidedBy, (*db.Time)(&r.Created),
	}
}

// ReportToTell returns the report that a letter is about: a job has nobody who asks.
func (s *Store) ReportToTell(ctx context.Context, l ErrorLetter) (ErrorReport, error) {
	return s.report(ctx, s.DB, l.Report)
}

func (s *Store) report(ctx context.Context, q db.Querier, id string) (r ErrorReport, err error) {
	err = q.QueryRow(ctx, `select `+reportColumns+` from error_report as e where e.id = $1`, id).Scan(r.into()...)
	return r, db.Found(err, "There is no such report.")
}

// ErrorReport returns a report to whoever may answer it.
func (s *Store) ErrorReport(ctx context.Context, a *reader.Actor, id string) (ErrorReport, error) {
	if !a.May(reader.MayEdit) {
		return ErrorReport{}, forbidden()
	}
	return s.report(ctx, s.DB, id)
}

// A ReportFilter says which reports a list holds.
type ReportFilter struct {
	State ReportState // "" is open
	After string      // cursor: only those that follow the one it names
	Limit int         // at most this many, 1 to 100
}

// Reports lists reports: the open ones oldest first, others newest first. next is
// the cursor of the page that follows, "" on the last.
func (s *Store) Reports(ctx context.Context, a *reader.Actor, f ReportFilter) (list []ErrorReport, next string, err error) {
	if !a.May(reader.MayEdit) {
		return nil, "", forbidden()
	}
	limit := min(max(f.Limit, 1), 100)
	query, args, err := reportsSQL(f, limit+1)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, "", fmt.Errorf("list reports of errors: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r ErrorReport
		if err := rows.Scan(r.into()...); err != nil {
			return nil, "", fmt.Errorf("list reports of errors: %w", err)
		}
		list = append(list, r)
	}
	if len(list) > limit {
		list = list[:limit]
		next = strconv.FormatInt(list[limit-1].Created.UnixMicro(), 36) + "." + list[limit-1].ID
	}
	return list, next, rows.Err()
}

func reportsSQL(f ReportFilter, limit int) (query string, args []any, err error) {
	if f.State == "" {
		f.State = ReportOpen
	}
	order, follows := "e.created desc, e.id desc", "<"
	if f.State == ReportOpen {
		order, follows = "e.created, e.id", ">"
	}
	where := "e.state = " + db.Arg(&args, f.State)
	if f.After != "" {
		at, id, ok := strings.Cut(f.After, ".")
		created, err := strconv.ParseInt(at, 36, 64)
		if !ok || err != nil || len(id) > 40 {
			return "", nil, &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at its first page.", Err: err}
		}
		where += fmt.Sprintf(" and (e.created, e.id) %s (%s, %s)", follows, db.Arg(&args, created), db.Arg(&args, id))
	}
	return `select ` + reportColumns + `
		from error_report as e
		where ` + where + `
		order by ` + order + `
		limit ` + db.Arg(&args, limit), args, nil
}

// CountedReports is how many reports are counted: a bar need not know of more.
const CountedReports = 100

// OpenReports counts the reports that wait for an answer, up to CountedReports.
func (s *Store) OpenReports(ctx context.Context) (n int, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) from (select id from error_report where state = 'open' limit $1) as waiting`, CountedReports).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count reports of errors: %w", err)
	}
	return n, nil
}

// Answer closes a report. Whoever left an address is told, in the editor's words
// if there are any; of noise nobody is. A report that somebody else has answered is
// a Problem Conflict.
func (s *Store) Answer(ctx context.Context, a *reader.Actor, id string, state ReportState, words string) (r ErrorReport, err error) {
	if !a.May(reader.MayEdit) {
		return r, forbidden()
	}
	if words, err = reportWords("answer", words); err != nil {
		return r, err
	}
	switch state {
	case ReportCorrected, ReportKept, ReportNoise:
	default:
		const said = "Choose what became of it."
		return r, &problem.Problem{Kind: problem.Invalid, Detail: said, Fields: map[string]string{"state": said}}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update error_report
			set state = $2, answer = $3, decided = $4, decided_by = $5
			where id = $1 and state = 'open'`, id, state, words, db.Time(s.Now()), a.Reader.ID))
		if problem.Is(err, problem.NotFound) {
			if r, err = s.report(ctx, tx, id); err == nil {
				err = &problem.Problem{Kind: problem.Conflict, Detail: "This report has been answered already."}
			}
		}
		if err != nil {
			return err
		}
		if r, err = s.report(ctx, tx, id); err != nil {
			return err
		}
		if r.Email != "" && state != ReportNoise {
			if err := s.Jobs.Add(ctx, tx, ErrorLetterJob, time.Time{}, ErrorLetter{id, ErrorAnswered}); err != nil {
				return err
			}
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: Answered, Subject: id, Detail: string(state)})
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("answer report %s: %w", id, err)
	}
	return r, err
}

const (
	keptAddress = 90 * 24 * time.Hour // of who reported an error, after the answer
	sweepBatch  = 1_000
)

// forgetReporters removes the addresses of those whose reports were answered long
// ago.
func (s *Store) forgetReporters(ctx context.Context) error {
	for {
		var n int64
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			res, err := tx.Exec(ctx, `update error_report
				set email = ''
				where id in (
					select id
					from error_report
					where email <> '' and decided > 0 and decided < $1
					order by decided, id
					limit $2)`, db.Time(s.Now().Add(-keptAddress)), sweepBatch)
			if err == nil {
				n, err = res.RowsAffected()
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("forget who reported errors: %w", err)
		}
		if n < sweepBatch {
			return nil
		}
	}
}
