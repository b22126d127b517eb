package newsletter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/newsletter/roster"
	"kawaraban/internal/problem"
)

// A standing is what the paper knows of an address that is imported.
type standing struct {
	subscriber string
	silent     bool      // gets nothing from the paper
	state      State     // of the list; "" for never
	imported   bool      // it has the list by an import
	proof      time.Time // when it confirmed last, here, something that it gets
}

// since reports whether an address that said no elsewhere has said yes here since
// then, or nobody knows when it said no.
func (k standing) since(no time.Time) bool {
	return !k.proof.IsZero() && (no.IsZero() || k.proof.After(no))
}

// A fate is what becomes of a row.
type fate int

const (
	isAdded  fate = iota // gets the list
	isHad                // changes nothing
	isLeft               // has left the list here
	isSilent             // gets nothing from the paper
	isNoted              // never had the list, and is not to get it
	isEnded              // has the list, and is not to have it any more
	isStruck             // is to get nothing from the paper
	isKept               // said no elsewhere, and yes here since
)

// fate says what becomes of a row about an address of which the paper knows this.
func (k standing) fate(row roster.Row) fate {
	switch row.State {
	case roster.Subscribed:
		switch {
		case k.silent:
			return isSilent
		case k.state == Ended:
			return isLeft
		case k.state == Active:
			return isHad
		}
		return isAdded
	case roster.Unsubscribed:
		switch {
		case k.state == "":
			return isNoted
		case k.state == Ended:
			return isHad
		case k.state == Asked, !k.imported && k.since(row.Since):
			return isKept
		}
		return isEnded
	}
	switch { // bounced, complained
	case k.silent:
		return isHad
	case k.since(row.Since):
		return isKept
	}
	return isStruck
}

// store brings the rows that wait into the database. Subscribers are made, and then
// taken, before anything is counted: who holds a list waits for no subscriber.
func (in *importer) store(ctx context.Context, tx *db.Tx) (b Intake, err error) {
	rows := gravest(in.rows, &b)
	if len(rows) == 0 {
		return b, nil
	}
	known, err := in.stand(ctx, tx, rows)
	if err != nil {
		return b, err
	}
	by := map[fate][]roster.Row{}
	for _, row := range rows {
		f := known[fold(row.Address)].fate(row)
		by[f] = append(by[f], row)
	}
	b.Added, b.Had, b.Left, b.Silent = len(by[isAdded]), b.Had+len(by[isHad]), len(by[isLeft]), len(by[isSilent])
	b.Ended, b.Struck, b.Kept = len(by[isNoted])+len(by[isEnded]), len(by[isStruck]), len(by[isKept])
	if err := in.subscribe(ctx, tx, known, by[isAdded], Active); err != nil {
		return b, err
	}
	if err := in.subscribe(ctx, tx, known, by[isNoted], Ended); err != nil {
		return b, err
	}
	for _, row := range by[isEnded] {
		if _, err := in.s.end(ctx, tx, in.list, known[fold(row.Address)].subscriber, ByImport); err != nil {
			return b, err
		}
	}
	for _, row := range by[isStruck] {
		reason := Hard
		if row.State == roster.Complained {
			reason = Complaint
		}
		if err := in.s.suppress(ctx, tx, row.Address, reason, "import "+row.Form); err != nil {
			return b, err
		}
	}
	if b.Added == 0 {
		return b, nil
	}
	return b, in.s.counted(ctx, tx, in.list, b.Added, "joined")
}

// gravest leaves of several rows about one address the one that says no most; the
// others change nothing.
func gravest(rows []roster.Row, b *Intake) (list []roster.Row) {
	at := map[string]int{}
	for _, row := range rows {
		i, twice := at[fold(row.Address)]
		if !twice {
			at[fold(row.Address)] = len(list)
			list = append(list, row)
			continue
		}
		if b.Had++; slices.Index(roster.States(), row.State) > slices.Index(roster.States(), list[i].State) {
			list[i] = row
		}
	}
	return list
}

// stand makes the subscribers that are missing, takes all, and says what is known of
// each.
func (in *importer) stand(ctx context.Context, tx *db.Tx, rows []roster.Row) (map[string]*standing, error) {
	known := map[string]*standing{}
	var all []string
	for _, row := range rows {
		known[fold(row.Address)] = &standing{}
		all = append(all, fold(row.Address))
	}
	slices.Sort(all) // two imports wait for one another, and not in a ring
	var args []any
	err := in.each(ctx, tx, `select folded from suppression where folded `+db.In(&args, all)+` order by folded`, args, func(scan func(...any) error) error {
		var folded string
		err := scan(&folded)
		if err == nil {
			known[folded].silent = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := in.make(ctx, tx, known, rows); err != nil {
		return nil, err
	}
	args = nil
	if _, err := tx.Exec(ctx, `update subscriber set created = created where folded `+db.In(&args, all), args...); err != nil {
		return nil, fmt.Errorf("take subscribers: %w", err)
	}
	args = nil
	list := db.Arg(&args, in.list)
	err = in.each(ctx, tx, `select s.folded, s.id, coalesce(u.state, ''), coalesce(u.source, ''),
			coalesce((select max(o.confirmed) from subscription as o where o.subscriber = s.id and o.state = 'active' and substr(o.source, 1, 7) <> 'import '), 0)
		from subscriber as s
		left join subscription as u on u.subscriber = s.id and u.list = `+list+`
		where s.folded `+db.In(&args, all)+`
		order by s.folded`, args, func(scan func(...any) error) error {
		var folded, source string
		var k standing
		if err := scan(&folded, &k.subscriber, &k.state, &source, (*db.Time)(&k.proof)); err != nil {
			return err
		}
		k.imported, k.silent = strings.HasPrefix(source, "import "), known[folded].silent
		*known[folded] = k
		return nil
	})
	return known, err
}

func (in *importer) each(ctx context.Context, tx *db.Tx, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read what is known of subscribers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return fmt.Errorf("read what is known of subscribers: %w", err)
		}
	}
	return rows.Err()
}

// make stores the addresses that are new and of which there is something to say
// about a list.
func (in *importer) make(ctx context.Context, tx *db.Tx, known map[string]*standing, rows []roster.Row) error {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b roster.Row) int { return strings.Compare(fold(a.Address), fold(b.Address)) })
	var values []string
	var args []any
	at := db.Arg(&args, db.Time(in.s.Now()))
	for _, row := range rows {
		if row.State == roster.Unsubscribed || row.State == roster.Subscribed && !known[fold(row.Address)].silent {
			values = append(values, fmt.Sprintf("(%s, %s, %s, null, %s, '[]', 0, 0, 0, 0, %s)",
				db.Arg(&args, in.s.ID()), db.Arg(&args, row.Address), db.Arg(&args, fold(row.Address)), db.Arg(&args, row.Language), at))
		}
	}
	if len(values) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into subscriber (id, email, folded, reader, language, sections, quiet_from, quiet_to, strikes, struck, created)
		values `+strings.Join(values, ", ")+`
		on conflict (folded) do nothing`, args...)
	if err != nil {
		return fmt.Errorf("store subscribers: %w", err)
	}
	return nil
}

// subscribe notes for each row that it has the list, or never will. All are taken, so
// that nobody else changes them meanwhile.
func (in *importer) subscribe(ctx context.Context, tx *db.Tx, known map[string]*standing, rows []roster.Row, state State) error {
	if len(rows) == 0 {
		return nil
	}
	now := in.s.Now()
	promise, err := in.s.promised(ctx, tx, "As "+rows[0].Form+" has it: confirmed there.")
	if err != nil {
		return err
	}
	var values []string
	var args []any
	list, as, source, words := db.Arg(&args, in.list), db.Arg(&args, string(state)), db.Arg(&args, "import "+rows[0].Form), db.Arg(&args, promise)
	why := ""
	if state == Ended {
		why = string(ByImport)
	}
	ending := db.Arg(&args, why)
	for _, row := range rows {
		k, at := known[fold(row.Address)], row.Since
		if k.subscriber == "" {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed this in the meantime. Look at it again."}
		}
		if at.IsZero() || at.After(now) {
			at = now
		}
		confirmed, ended := at, time.Time{}
		if state == Ended {
			confirmed, ended = time.Time{}, at
		}
		values = append(values, fmt.Sprintf("(%s, %s, %s, %s, %s, %s, '', %s, '', %s, %s)", list, db.Arg(&args, k.subscriber), as, source, words,
			db.Arg(&args, db.Time(at)), db.Arg(&args, db.Time(confirmed)), db.Arg(&args, db.Time(ended)), ending))
	}
	_, err = tx.Exec(ctx, `insert into subscription (list, subscriber, state, source, promise, asked, asked_block, confirmed, confirmed_block, ended, why)
		values `+strings.Join(values, ", ")+`
		on conflict (list, subscriber) do update
		set state = excluded.state, source = excluded.source, promise = excluded.promise, asked = excluded.asked, asked_block = '',
			confirmed = excluded.confirmed, confirmed_block = '', ended = excluded.ended, why = excluded.why`, args...)
	if err != nil {
		return fmt.Errorf("import subscriptions: %w", err)
	}
	return nil
}
