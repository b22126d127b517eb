package newsletter

import (
	"context"
	"fmt"
	"io"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/newsletter/roster"
	"kawaraban/internal/reader"
)

// exportPage is how many rows are read at once.
const exportPage = 1000

// Export writes who has, had or asked for a list, in the paper's own form, which
// Import reads; list is its id. With "" it writes all lists, a row for each, and
// whoever gets nothing besides. It returns how many rows there were.
func (s *Store) Export(ctx context.Context, a *reader.Actor, list string, w io.Writer) (n int, err error) {
	if a != nil && !a.May(reader.MayManage) {
		return 0, forbidden()
	}
	if list != "" {
		if _, err := s.ListByID(ctx, list); err != nil {
			return 0, err
		}
	}
	n, err = roster.Write(w, func(yield func(roster.Row, error) bool) {
		last := position{}
		for {
			rows, next, err := s.exported(ctx, list, last)
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
			if err != nil {
				yield(roster.Row{}, err)
				return
			}
			if last = next; len(rows) < exportPage {
				break
			}
		}
		if list == "" {
			s.silent(ctx, yield)
		}
	})
	if err != nil {
		return n, err
	}
	return n, s.DB.Tx(ctx, func(tx *db.Tx) error { return s.note(ctx, tx, a, Exported, list, fmt.Sprint(n)) })
}

// A position is how far an export has come.
type position struct{ folded, list string }

// exported reads a page of subscriptions. Who gets nothing at all is told as that,
// whatever became of the subscription.
func (s *Store) exported(ctx context.Context, list string, after position) (page []roster.Row, last position, err error) {
	var args []any
	where := `(s.folded > ` + db.Arg(&args, after.folded) + ` or s.folded = ` + db.Arg(&args, after.folded) + ` and u.list > ` + db.Arg(&args, after.list) + `)`
	if list != "" {
		where += ` and u.list = ` + db.Arg(&args, list)
	}
	rows, err := s.DB.Query(ctx, `select s.folded, u.list, s.email, s.language, l.slug, u.state, u.why, u.asked, u.confirmed, u.ended,
			coalesce(p.reason, ''), coalesce(p.created, 0)
		from subscriber as s
		join subscription as u on u.subscriber = s.id
		join list as l on l.id = u.list
		left join suppression as p on p.folded = s.folded
		where `+where+`
		order by s.folded, u.list
		limit `+db.Arg(&args, exportPage), args...)
	if err != nil {
		return nil, last, fmt.Errorf("export subscribers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row roster.Row
		var slug string
		var state State
		var why Why
		var reason Reason
		var asked, confirmed, ended, silent time.Time
		if err := rows.Scan(&last.folded, &last.list, &row.Address, &row.Language, &slug, &state, &why,
			(*db.Time)(&asked), (*db.Time)(&confirmed), (*db.Time)(&ended), &reason, (*db.Time)(&silent)); err != nil {
			return page, last, fmt.Errorf("export subscribers: %w", err)
		}
		row.Lists = []string{slug}
		switch {
		case reason != "":
			row.State, row.Since = reason.elsewhere(), silent
		case state == Active:
			row.State, row.Since = roster.Subscribed, confirmed
		case state == Asked:
			row.State, row.Since = roster.Pending, asked
		default:
			row.State, row.Since = why.elsewhere(), ended
		}
		page = append(page, row)
	}
	return page, last, rows.Err()
}

// silent tells of addresses that get nothing and have no subscription, so that no
// list tells of them.
func (s *Store) silent(ctx context.Context, yield func(roster.Row, error) bool) {
	rows, err := s.DB.Query(ctx, `select p.folded, p.reason, p.created
		from suppression as p
		where not exists (select 1 from subscriber as s join subscription as u on u.subscriber = s.id where s.folded = p.folded)
		order by p.folded`)
	if err != nil {
		yield(roster.Row{}, fmt.Errorf("export who gets nothing: %w", err))
		return
	}
	defer rows.Close()
	for rows.Next() {
		var row roster.Row
		var reason Reason
		if err := rows.Scan(&row.Address, &reason, (*db.Time)(&row.Since)); err != nil {
			yield(roster.Row{}, fmt.Errorf("export who gets nothing: %w", err))
			return
		}
		if row.State = reason.elsewhere(); !yield(row, nil) {
			return
		}
	}
	if err := rows.Err(); err != nil {
		yield(roster.Row{}, fmt.Errorf("export who gets nothing: %w", err))
	}
}

// elsewhere is a reason in the words of package roster.
func (r Reason) elsewhere() roster.State {
	switch r {
	case Hard, Soft:
		return roster.Bounced
	case Complaint:
		return roster.Complained
	}
	return roster.Unsubscribed
}

// elsewhere is why a subscription ended in the words of package roster. A bounce that
// ended it and was lifted since is somebody who has left.
func (w Why) elsewhere() roster.State {
	if w == ByComplaint {
		return roster.Complained
	}
	return roster.Unsubscribed
}
