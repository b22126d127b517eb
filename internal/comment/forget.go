package comment

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/job"
)

// Work lets the queue do this package's jobs. Letters (NoticeJob, ReportJob)
// are a face's.
func (s *Store) Work() {
	job.Handle(s.Jobs, answerJob, s.answer)
	job.Handle(s.Jobs, reverseJob, s.reverse)
	job.Handle(s.Jobs, forgetJob, s.deleteAll)
}

// Forget takes everything personal of a reader out of the threads, in the
// transaction that erases the account. Comments stay without a name, or a job
// deletes them. Drafts have no name on them, and expire.
func (s *Store) Forget(ctx context.Context, tx *db.Tx, reader string, removeComments bool) error {
	for _, query := range []string{
		`delete from notice where reader = $1`,
		`update notice set origin = '' where origin = $1`,
		`delete from mute where reader = $1 or muted = $1`,
		`delete from appeal where reader = $1 and state = 'open'`,
		`update appeal set text = '' where reader = $1`,
		`delete from comment_key where author = $1`,
		`update report set reporter = '' where reporter = $1 and reporter <> ''`,
	} {
		if _, err := tx.Exec(ctx, query, reader); err != nil {
			return fmt.Errorf("forget %s in the threads: %w", reader, err)
		}
	}
	if !removeComments {
		return nil
	}
	return s.Jobs.Add(ctx, tx, forgetJob, time.Time{}, reader)
}

// forgetJob deletes all comments of a reader who is gone; the argument is the
// reader's id.
const forgetJob = "comment.forget"

const forgetBatch = 20

// deleteAll deletes what a reader has written, a few comments at a time. It may
// run twice, and be cut off.
func (s *Store) deleteAll(ctx context.Context, reader string) error {
	for {
		ids, err := texts(ctx, s.DB, `select id from comment where author = $1 and state <> 'deleted' order by created desc, id desc limit $2`, reader, forgetBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			err := s.DB.Tx(ctx, func(tx *db.Tx) error {
				c, _, err := s.take(ctx, tx, id)
				if err != nil || c.State == Deleted {
					return err
				}
				return s.delete(ctx, tx, c)
			})
			if err != nil {
				return fmt.Errorf("delete the comments of %s: %w", reader, err)
			}
		}
	}
}

// A Table is one sort of thing that the threads know of a reader.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

// Known returns everything that the threads know of a reader, for the reader.
func (s *Store) Known(ctx context.Context, reader string) (tables []Table, err error) {
	for _, known := range []struct {
		name    string
		columns []string
		query   string // as many texts as columns, then a time
	}{
		{
			"comments",
			[]string{"id", "article", "answers", "state", "text", "up", "down", "written"},
			`select id, article, parent, state, body, cast(up as text), cast(down as text), created from comment where author = $1 order by created, id`,
		},
		{
			"earlier-texts",
			[]string{"comment", "text", "until"},
			`select e.comment, e.body, e.created from comment as c join comment_edit as e on e.comment = c.id where c.author = $1 order by e.comment, e.number`,
		},
		{
			"votes",
			[]string{"comment", "value", "cast"},
			`select comment, cast(value as text), created from vote where reader = $1 order by comment`,
		},
		{
			"reports",
			[]string{"id", "comment", "reason", "text", "state", "decision", "reported"},
			`select id, comment, reason, text, state, decision, created from report where reporter = $1 and reporter <> '' order by created, id`,
		},
		{
			"decisions",
			[]string{"id", "act", "comment", "rule", "ground", "reason", "decided"},
			`select d.id, d.act, d.comment, coalesce(r.name, ''), d.ground, d.reason, d.created
				from decision as d left join house_rule as r on r.id = d.rule
				where d.reader = $1 order by d.created, d.id`,
		},
		{
			"appeals",
			[]string{"decision", "text", "state", "answer", "appealed"},
			`select decision, text, state, answer, created from appeal where reader = $1 order by created, decision`,
		},
		{
			"notices",
			[]string{"kind", "subject", "told"},
			`select kind, subject, created from notice where reader = $1 and created > 0 order by created, id`,
		},
		{
			"muted-members",
			[]string{"member", "since"},
			`select muted, created from mute where reader = $1 order by created, muted`,
		},
	} {
		t := Table{Name: known.name, Columns: known.columns}
		if t.Rows, err = timedRows(ctx, s.DB, len(known.columns), known.query, reader); err != nil {
			return nil, fmt.Errorf("read the %s of %s: %w", known.name, reader, err)
		}
		tables = append(tables, t)
	}
	who, err := s.peek(ctx, s.DB, reader)
	if err != nil {
		return nil, fmt.Errorf("read what the threads know of %s: %w", reader, err)
	}
	until := ""
	if !who.until.IsZero() {
		until = who.until.UTC().Format(time.RFC3339)
	}
	return append(tables, Table{
		Name: "commenter", Columns: []string{"posted", "visible", "warned", "barred", "until"},
		Rows: [][]string{{strconv.Itoa(who.posted), strconv.Itoa(who.visible), strconv.Itoa(who.warned), string(who.barred), until}},
	}), nil
}

// timedRows reads texts, and a time in the last column.
func timedRows(ctx context.Context, q db.Querier, columns int, query string, args ...any) (all [][]string, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row := make([]string, columns)
		into := make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		var at time.Time
		into[columns-1] = (*db.Time)(&at)
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row[columns-1] = at.UTC().Format(time.RFC3339)
		all = append(all, row)
	}
	return all, rows.Err()
}
