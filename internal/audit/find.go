package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
)

// A Filter says which entries somebody looks for. The zero Filter is all.
type Filter struct {
	Actor   string    // an id; "" is anybody
	Subject string    // an id; "" is everything
	Acts    []string  // what acts begin with, such as "reader."; none is all
	Words   string    // part of the detail, whatever the case
	Since   time.Time // at or after
	Until   time.Time // before
	Before  int64     // cursor: only entries with a smaller number; 0 is the newest
	Limit   int       // at most this many, 1 to 1,000
}

// reach is how many entries are looked at in one answer: what is rare in a long
// log is found over several pages, and no page takes long.
const reach = 20_000

// Find lists entries, newest first. older is the cursor of the next page, 0 when
// there is none; a page may be short, or empty, and there may be more for all that.
func (l *Log) Find(ctx context.Context, f Filter) (list []Entry, older int64, err error) {
	where, args := f.where()
	rows, err := l.DB.Query(ctx, `select seq, at, actor, act, subject, detail
		from audit
		where `+where+`
		order by seq desc
		limit `+db.Arg(&args, reach), args...)
	if err != nil {
		return nil, 0, fmt.Errorf("look through the audit log: %w", err)
	}
	defer rows.Close()
	looked, last := 0, int64(0)
	for rows.Next() {
		var e Entry
		if err := rows.Scan(&e.Seq, (*db.Time)(&e.At), &e.Actor, &e.Act, &e.Subject, &e.Detail); err != nil {
			return nil, 0, fmt.Errorf("look through the audit log: %w", err)
		}
		if f.fits(e) {
			if len(list) == f.Limit {
				return list, list[f.Limit-1].Seq, nil
			}
			list = append(list, e)
		}
		looked, last = looked+1, e.Seq
	}
	if looked == reach {
		older = last
	}
	return list, older, rows.Err()
}

// where is what the database looks for, by its indexes.
func (f Filter) where() (text string, args []any) {
	where := []string{"1 = 1"}
	if f.Before > 0 {
		where = append(where, "seq < "+db.Arg(&args, f.Before))
	}
	if f.Actor != "" {
		where = append(where, "actor = "+db.Arg(&args, f.Actor))
	}
	if f.Subject != "" {
		where = append(where, "subject = "+db.Arg(&args, f.Subject))
	}
	// Entries come in the order of their times, so that a day is a span of numbers.
	const first = `coalesce((select min(seq) from audit where at >= %s), 9223372036854775807)`
	if !f.Since.IsZero() {
		where = append(where, "seq >= "+fmt.Sprintf(first, db.Arg(&args, db.Time(f.Since))))
	}
	if !f.Until.IsZero() {
		where = append(where, "seq < "+fmt.Sprintf(first, db.Arg(&args, db.Time(f.Until))))
	}
	return strings.Join(where, " and "), args
}

// fits is the rest.
func (f Filter) fits(e Entry) bool {
	begins := func(act string) bool { return strings.HasPrefix(string(e.Act), act) }
	if len(f.Acts) > 0 && !slices.ContainsFunc(f.Acts, begins) {
		return false
	}
	return strings.Contains(strings.ToLower(e.Detail), strings.ToLower(f.Words))
}
