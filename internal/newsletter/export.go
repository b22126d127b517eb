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
		last, more := "", true
		for more {
			var page []roster.Row
			var err error
			if page, last, more, err = s.exported(ctx, list, last); err != nil {
				yield(roster.Row{}, err)
				return
			}
			for _, row := range page {
				if !yield(row, nil) {
					return
				}
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

// exported reads what some subscribers have who come after one, in the order of their
// addresses. Who gets nothing at all is told as that, whatever became of the
// subscription.
func (s *Store) exported(ctx context.Context, list, after string) (page []roster.Row, last string, more bool, err error) {
	var args []any
	begin, limit, which := db.Arg(&args, after), db.Arg(&args, exportPage), ""
	if list != "" {
		which = ` and u.list = ` + db.Arg(&args, list)
	}
	rows, err := s.DB.Query(ctx, `select s.folded, s.email, s.language, coalesce(l.slug, ''), coalesce(u.state, ''), coalesce(u.why, ''),
			coalesce(u.asked, 0), coalesce(u.confirmed, 0), coalesce(u.ended, 0), coalesce(p.reason, ''), coalesce(p.created, 0)
		from (select id, folded, email, language from subscriber where folded > `+begin+` order by folded limit `+limit+`) as s
		left join subscription as u on u.subscriber = s.id`+which+`
		left join list as l on l.id = u.list
		left join suppression as p on p.folded = s.folded
		order by s.folded, l.slug`, args...)
	if err != nil {
		return nil, "", false, fmt.Errorf("export subscribers: %w", err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var row roster.Row
		var folded, slug string
		var state State
		var why Why
		var reason Reason
		var asked, confirmed, ended, silent time.Time
		if err := rows.Scan(&folded, &row.Address, &row.Language, &slug, &state, &why,
			(*db.Time)(&asked), (*db.Time)(&confirmed), (*db.Time)(&ended), &reason, (*db.Time)(&silent)); err != nil {
			return nil, "", false, fmt.Errorf("export subscribers: %w", err)
		}
		if folded != last {
			last = folded
			n++
		}
		if state == "" {
			continue
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
	return page, last, n == exportPage, rows.Err()
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
