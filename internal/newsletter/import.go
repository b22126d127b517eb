package newsletter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"kawaraban/internal/db"
	"kawaraban/internal/newsletter/roster"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// An Intake is what became, or would become, of a table of subscribers.
type Intake struct {
	Form     string // whose table it is (package roster)
	Rows     int
	Added    int // get the list from now on
	Had      int // nothing changed: it is so already
	Left     int // have left the list here, and stay so
	Silent   int // get nothing from the paper, and stay so
	Ended    int // have unsubscribed elsewhere, which is noted here
	Struck   int // bounced or complained elsewhere, and get nothing from here
	Kept     int // said no elsewhere, and yes here since then
	Pending  int // never confirmed it, and are left out
	Problems int // rows that cannot be used
}

// Importing is how a table is imported.
type Importing struct {
	Dry  bool                                 // only find out what would become of it
	Step func(Intake)                         // told after some hundred rows, or nil
	Bad  func(line int, why *problem.Problem) // told of each row that cannot be used, or nil
}

// importBatch is how many rows are stored at once.
const importBatch = 500

// errDry takes back what a dry run has done.
var errDry = errors.New("newsletter: a dry run")

// languages are those in which letters can be written to somebody.
var languages = []string{"en", "ja"}

// Import brings the subscribers of a table to a list. Who has confirmed elsewhere has
// it here; who said no elsewhere, or here, gets nothing. It may be broken off and done
// again: what is done already changes nothing.
func (s *Store) Import(ctx context.Context, a *reader.Actor, list string, table io.Reader, o Importing) (done Intake, err error) {
	if a != nil && !a.May(reader.MayManage) {
		return done, forbidden()
	}
	l, err := s.ListByID(ctx, list)
	if err != nil {
		return done, err
	}
	if !l.Retired.IsZero() {
		return done, &problem.Problem{Kind: problem.Conflict, Detail: "This newsletter has taken its leave. Reopen it first."}
	}
	in := &importer{s: s, list: list, o: o, seen: map[string]roster.State{}}
	_, err = roster.Read(table, func(row roster.Row) error { return in.row(ctx, row) })
	if err == nil {
		err = in.flush(ctx)
	}
	if err != nil || o.Dry {
		return in.done, err
	}
	return in.done, s.DB.Tx(ctx, func(tx *db.Tx) error {
		return s.note(ctx, tx, a, Imported, list, fmt.Sprintf("%s: %d of %d", in.done.Form, in.done.Added, in.done.Rows))
	})
}

// An importer is one import under way.
type importer struct {
	s    *Store
	list string
	o    Importing
	rows []roster.Row            // that wait to be stored
	seen map[string]roster.State // in a dry run, what an earlier row has said
	done Intake
}

// row takes a row, and stores some when there are enough.
func (in *importer) row(ctx context.Context, row roster.Row) error {
	in.done.Rows++
	in.done.Form = row.Form
	email, err := address(row.Address)
	if p := problem.Of(err); row.Problem == nil && p != nil {
		row.Problem = p
	}
	switch {
	case row.Problem != nil:
		if in.done.Problems++; in.o.Bad != nil {
			in.o.Bad(row.Line, row.Problem)
		}
		return nil
	case row.State == roster.Pending:
		in.done.Pending++
		return nil
	case in.o.Dry && in.seen[fold(email)] == row.State:
		in.done.Had++ // the import itself will find it there
		return nil
	case in.o.Dry:
		in.seen[fold(email)] = row.State
	}
	row.Address = email
	if !slices.Contains(languages, row.Language) {
		row.Language = ""
	}
	if in.rows = append(in.rows, row); len(in.rows) < importBatch {
		return nil
	}
	return in.flush(ctx)
}

// flush stores the rows that wait, all or none.
func (in *importer) flush(ctx context.Context) error {
	var b Intake
	err := in.s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
		if b, err = in.store(ctx, tx); err == nil && in.o.Dry {
			return errDry
		}
		return err
	})
	if err != nil && !errors.Is(err, errDry) {
		return err
	}
	in.rows = in.rows[:0]
	d := &in.done
	d.Added, d.Had, d.Left, d.Silent = d.Added+b.Added, d.Had+b.Had, d.Left+b.Left, d.Silent+b.Silent
	d.Ended, d.Struck, d.Kept = d.Ended+b.Ended, d.Struck+b.Struck, d.Kept+b.Kept
	if in.o.Step != nil {
		in.o.Step(in.done)
	}
	return nil
}
