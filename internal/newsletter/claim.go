package newsletter

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A claimed is a row of somebody who is about to be taken up.
type claimed struct {
	recipient
	sections   []string
	account    string
	quiet      Quiet
	suppressed bool
	active     bool
	again      bool // was tried before
}

// fill takes up the next subscribers: first those who are to be tried again, then new
// ones. Their rows are there before the first letter goes. The caller holds t.mu.
func (t *turnOf) fill(ctx context.Context) error {
	s := t.s
	if time.Since(t.mayAt) >= freshFor {
		if err := t.look(ctx); err != nil {
			return err
		}
	}
	if err := t.follow(ctx); err != nil {
		return err
	}
	var taken []recipient
	var whole bool
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		taken, whole = nil, false
		res, err := tx.Exec(ctx, `update edition set beat = $3 where id = $1 and runner = $2 and state = 'sending'`, t.e.ID, t.me, db.Time(s.Now()))
		if err := db.One(res, err); err != nil {
			return err
		}
		rows, err := t.tried(ctx, tx)
		if err != nil {
			return err
		}
		if len(rows) < batch {
			fresh, last, err := t.fresh(ctx, tx, batch-len(rows))
			if err != nil {
				return err
			}
			whole = len(fresh) < batch-len(rows)
			rows = append(rows, fresh...)
			if _, err := tx.Exec(ctx, `update edition set cursor = case when $2 = '' then cursor else $2 end, whole = $3 where id = $1`, t.e.ID, last, whole); err != nil {
				return err
			}
		}
		taken, err = t.takeUp(ctx, tx, rows)
		return err
	})
	if problem.Is(err, problem.NotFound) { // paused, cancelled, or somebody else's
		t.over = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("take up subscribers of edition %s: %w", t.e.ID, err)
	}
	for i := range taken {
		if err := t.print(ctx, taken[i].variant); err != nil {
			return err
		}
	}
	t.waiting = taken
	t.over = len(taken) == 0 && whole
	return nil
}

// tried are those whose letter is due once more.
func (t *turnOf) tried(ctx context.Context, tx *db.Tx) ([]claimed, error) {
	return t.read(ctx, tx, `select s.id, s.email, coalesce(s.reader, ''), s.sections, s.quiet_from, s.quiet_to, d.tries,
			case when p.folded is null then 0 else 1 end, case when u.state = 'active' then 1 else 0 end, 1
		from delivery as d
		join subscriber as s on s.id = d.subscriber
		left join subscription as u on u.subscriber = d.subscriber and u.list = $2
		left join suppression as p on p.folded = s.folded
		where d.edition = $1 and d.state = 'later' and d.due <= $3
		order by d.due, d.subscriber
		limit $4`, t.e.ID, t.e.List, db.Time(t.s.Now()), batch)
}

// fresh are the next members of the list, and the last of them.
func (t *turnOf) fresh(ctx context.Context, tx *db.Tx, limit int) (rows []claimed, last string, err error) {
	rows, err = t.read(ctx, tx, `select s.id, s.email, coalesce(s.reader, ''), s.sections, s.quiet_from, s.quiet_to, 0,
			case when p.folded is null then 0 else 1 end, 1, 0
		from subscription as u
		join subscriber as s on s.id = u.subscriber
		left join suppression as p on p.folded = s.folded
		where u.list = $1 and u.state = 'active' and u.confirmed <= $2
			and u.subscriber > (select cursor from edition where id = $3)
		order by u.subscriber
		limit $4`, t.e.List, db.Time(t.e.Begun), t.e.ID, limit)
	if len(rows) > 0 {
		last = rows[len(rows)-1].id
	}
	return rows, last, err
}

func (t *turnOf) read(ctx context.Context, tx *db.Tx, query string, args ...any) (list []claimed, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c claimed
		var sections string
		var suppressed, active, again int
		if err := rows.Scan(&c.id, &c.email, &c.account, &sections, &c.quiet.From, &c.quiet.To, &c.tries, &suppressed, &active, &again); err != nil {
			return nil, err
		}
		if c.suppressed, c.active, c.again = suppressed == 1, active == 1, again == 1; sections != "[]" {
			if err := json.Unmarshal([]byte(sections), &c.sections); err != nil {
				return nil, err
			}
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// takeUp decides for each who is claimed: a letter now, later, or none; and stores it.
func (t *turnOf) takeUp(ctx context.Context, tx *db.Tx, rows []claimed) (taken []recipient, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	had, err := t.had(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	now := t.s.Now()
	var values []string
	var args []any
	edition := db.Arg(&args, t.e.ID)
	skipped, later := 0, 0
	for _, c := range rows {
		state, due, why, number := "out", time.Time{}, "", 0
		v := t.variant(had[c.id], c)
		quiet := time.Time{}
		if t.l.Kind == Alert {
			quiet = c.quiet.until(now, t.s.Zone())
		}
		switch {
		case c.suppressed:
			state, why = "skipped", "suppressed"
		case !c.active:
			state, why = "skipped", "left"
		case v.nothing() && t.l.Kind == Digest && !t.l.Empty:
			state, why = "skipped", "nothing new"
		case !quiet.IsZero():
			state, due, why = "later", quiet, "quiet hours"
		default:
			if err := t.numbered(ctx, tx, v); err != nil {
				return nil, err
			}
			number = v.number
			taken = append(taken, recipient{id: c.id, email: c.email, tries: c.tries + 1, variant: v})
		}
		switch {
		case state == "skipped":
			skipped++
		case state == "later" && !c.again:
			later++
		}
		if c.again && state != "later" {
			later-- // it waits no more
		}
		tries := c.tries
		if state == "out" {
			tries++
		}
		values = append(values, fmt.Sprintf("(%s, %s, %s, %s, %s, %s, %s, %s)", edition, db.Arg(&args, c.id), db.Arg(&args, state),
			db.Arg(&args, number), db.Arg(&args, tries), db.Arg(&args, db.Time(due)), db.Arg(&args, db.Time(now)), db.Arg(&args, why)))
	}
	_, err = tx.Exec(ctx, `insert into delivery (edition, subscriber, state, variant, tries, due, at, why) values `+strings.Join(values, ", ")+`
		on conflict (edition, subscriber) do update
		set state = excluded.state, variant = excluded.variant, tries = excluded.tries, due = excluded.due, at = excluded.at, why = excluded.why
		where delivery.state = 'later'`, args...)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `update edition set skipped = skipped + $2, later = later + $3 where id = $1`, t.e.ID, skipped, later)
	return taken, err
}

// had are the stories of this edition that each of the claimed has had by another
// one. Only digests mind: what somebody chose by hand is meant to be there.
func (t *turnOf) had(ctx context.Context, tx *db.Tx, rows []claimed) (map[string]map[string]bool, error) {
	had := map[string]map[string]bool{}
	candidates := t.candidates()
	if t.l.Kind != Digest || len(candidates) == 0 {
		return had, nil
	}
	brought, editions, err := t.brought(ctx, tx, candidates)
	if err != nil || len(editions) == 0 {
		return had, err
	}
	ids := make([]string, len(rows))
	for i, c := range rows {
		ids[i] = c.id
	}
	var args []any
	found, err := tx.Query(ctx, `select subscriber, edition, variant
		from delivery
		where edition `+db.In(&args, editions)+` and subscriber `+db.In(&args, ids)+` and state = 'accepted'
		order by subscriber, edition`, args...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	for found.Next() {
		var subscriber string
		var k selection
		if err := found.Scan(&subscriber, &k.edition, &k.variant); err != nil {
			return nil, err
		}
		for _, article := range brought[k] {
			if had[subscriber] == nil {
				had[subscriber] = map[string]bool{}
			}
			had[subscriber][article] = true
		}
	}
	return had, found.Err()
}

// A selection is one variant of an edition.
type selection struct {
	edition string
	variant int
}

// brought are the variants of other editions that brought some of these stories.
func (t *turnOf) brought(ctx context.Context, tx *db.Tx, articles []string) (by map[selection][]string, editions []string, err error) {
	var args []any
	rows, err := tx.Query(ctx, `select edition, variant, article
		from edition_story
		where article `+db.In(&args, articles)+` and edition <> `+db.Arg(&args, t.e.ID)+`
		order by edition, variant, article`, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	by = map[selection][]string{}
	for rows.Next() {
		var k selection
		var article string
		if err := rows.Scan(&k.edition, &k.variant, &article); err != nil {
			return nil, nil, err
		}
		if by[k] = append(by[k], article); !slices.Contains(editions, k.edition) {
			editions = append(editions, k.edition)
		}
	}
	return by, editions, rows.Err()
}

// maxFollowed is how many stories that somebody follows are looked at for one edition.
const maxFollowed = 300

// follow reads what is new in what those follow who are taken up next. It asks other
// subjects, so it comes before the transaction that claims them.
func (t *turnOf) follow(ctx context.Context) error {
	if t.s.Sources.Followed == nil || !slices.ContainsFunc(t.e.Parts, func(p Part) bool { return p.Kind == Followed }) {
		return nil
	}
	accounts, err := ids(ctx, t.s.DB, `select s.reader
		from subscription as u
		join subscriber as s on s.id = u.subscriber
		where u.list = $1 and u.state = 'active' and u.subscriber > (select cursor from edition where id = $2) and s.reader is not null
		order by u.subscriber
		limit $3`, t.e.List, t.e.ID, batch)
	if err != nil {
		return err
	}
	again, err := ids(ctx, t.s.DB, `select s.reader
		from delivery as d
		join subscriber as s on s.id = d.subscriber
		where d.edition = $1 and d.state = 'later' and d.due <= $2 and s.reader is not null
		order by d.due, d.subscriber
		limit $3`, t.e.ID, db.Time(t.s.Now()), batch)
	if err != nil || len(accounts)+len(again) == 0 {
		return err
	}
	lines, err := t.s.Sources.Followed(ctx, append(accounts, again...), t.since)
	if err != nil {
		return err
	}
	known := len(t.followed)
	clear(t.lines)
	for account, stories := range lines {
		t.lines[account] = stories
		for _, id := range stories {
			if !slices.Contains(t.followed, id) && len(t.followed) < maxFollowed {
				t.followed = append(t.followed, id)
			}
		}
	}
	if len(t.followed) == known {
		return nil
	}
	return t.look(ctx)
}

// candidates are all stories that this edition may bring somebody.
func (t *turnOf) candidates() []string { return append(stories(t.e.Parts), t.followed...) }

// maxVariants is how many variants are kept printed: some 40 KB each.
const maxVariants = 64

// variant is the edition as somebody gets it who has had these stories and reads
// these sections.
func (t *turnOf) variant(had map[string]bool, c claimed) *variant {
	picked := pick(t.e.Parts, t.may, had, c.sections, t.lines[c.account])
	key := keyOf(picked)
	v := t.variants[key]
	if v == nil {
		if len(t.variants) >= maxVariants {
			for k, old := range t.variants { // any: those who hold it still do
				if old.number > 0 {
					delete(t.variants, k)
					break
				}
			}
		}
		v = &variant{picked: picked}
		t.variants[key] = v
	}
	return v
}

func keyOf(picked [][]string) string {
	var b strings.Builder
	for _, ids := range picked {
		b.WriteString(strings.Join(ids, ","))
		b.WriteByte(';')
	}
	return b.String()
}

// nothing reports whether a variant brings no story.
func (v *variant) nothing() bool {
	return !slices.ContainsFunc(v.picked, func(ids []string) bool { return len(ids) > 0 })
}

// numbered stores which stories a variant brings.
func (t *turnOf) numbered(ctx context.Context, tx *db.Tx, v *variant) error {
	if v.number > 0 && v.stored {
		return nil
	}
	if v.number == 0 {
		t.count++
		v.number = t.count
	}
	for _, ids := range v.picked {
		for _, id := range ids {
			_, err := tx.Exec(ctx, `insert into edition_story (edition, variant, article) values ($1, $2, $3) on conflict do nothing`, t.e.ID, v.number, id)
			if err != nil {
				return fmt.Errorf("store a variant: %w", err)
			}
		}
	}
	tx.AfterCommit(func() { v.stored = true })
	return nil
}
