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
// ones. Their rows are there before the first letter goes.
func (t *turnOf) fill(ctx context.Context) error {
	s := t.s
	if err := t.follow(ctx); err != nil {
		return err
	}
	var taken []*recipient
	var whole bool
	var new *span
	floor := t.stored()
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		taken, whole, new = nil, false, nil
		res, err := tx.Exec(ctx, `update edition set beat = $3, floor = $4 where id = $1 and runner = $2 and state = 'sending'`, t.e.ID, t.me, db.Time(s.Now()), floor)
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
			if rows = append(rows, fresh...); last != "" {
				new = &span{last: last}
			}
			if _, err := tx.Exec(ctx, `update edition set cursor = case when $2 = '' then cursor else $2 end, whole = $3 where id = $1`, t.e.ID, last, whole); err != nil {
				return err
			}
		}
		taken, err = t.takeUp(ctx, tx, rows, new)
		return err
	})
	if problem.Is(err, problem.NotFound) { // paused, cancelled, or somebody else's
		t.end()
		return nil
	}
	if err != nil {
		return fmt.Errorf("take up subscribers of edition %s: %w", t.e.ID, err)
	}
	for _, r := range taken {
		if err := t.print(ctx, r.variant); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if new != nil {
		t.spans = append(t.spans, new)
		t.advance()
	}
	if !t.over {
		t.waiting, t.over = append(t.waiting, taken...), len(taken) == 0 && whole
	}
	t.more.Broadcast()
	return nil
}

// stored is the last subscriber up to whom all have a row.
func (t *turnOf) stored() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.floor
}

// tried are those whose letter is due once more.
func (t *turnOf) tried(ctx context.Context, tx *db.Tx) ([]claimed, error) {
	return t.read(ctx, tx, `select s.id, s.email, coalesce(s.reader, ''), s.sections, s.quiet_from, s.quiet_to, d.tries,
			case when p.folded is null then 0 else 1 end, case when u.state = 'active' then 1 else 0 end, 1
		from delivery as d
		join subscriber as s on s.id = d.subscriber
		left join subscription as u on u.subscriber = d.subscriber and u.list = $2
		left join suppression as p on p.folded = s.folded
		where d.edition = $1 and d.state in ('out', 'later') and d.state = 'later' and d.due <= $3
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
			and (u.subscriber > $5 or not exists (select 1 from delivery as d where d.edition = $3 and d.subscriber = u.subscriber))
		order by u.subscriber
		limit $4`, t.e.List, db.Time(t.e.Begun), t.e.ID, limit, t.again)
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

// takeUp decides for each who is claimed: a letter now, later, or none. That is stored,
// but for a first letter now: of that the cursor speaks until there is a result.
func (t *turnOf) takeUp(ctx context.Context, tx *db.Tx, rows []claimed, fresh *span) (taken []*recipient, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	had, err := t.had(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	now := t.s.Now()
	var kinds []claim // most are of one
	who := map[claim][]string{}
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
			r := &recipient{id: c.id, email: c.email, tries: c.tries + 1, variant: v}
			if taken = append(taken, r); !c.again {
				r.span = fresh
				fresh.left++
				continue
			}
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
		k := claim{state, why, due, number, tries}
		if who[k] == nil {
			kinds = append(kinds, k)
		}
		who[k] = append(who[k], c.id)
	}
	for _, k := range kinds {
		if err := t.claim(ctx, tx, k, now, who[k]); err != nil {
			return nil, err
		}
	}
	if skipped == 0 && later == 0 {
		return taken, nil
	}
	_, err = tx.Exec(ctx, `update edition set skipped = skipped + $2, later = later + $3 where id = $1`, t.e.ID, skipped, later)
	return taken, err
}

// A claim is what a row says of somebody who is taken up.
type claim struct {
	state, why string
	due        time.Time
	variant    int
	tries      int
}

// claim stores rows that say the same, new ones or over those that wait.
func (t *turnOf) claim(ctx context.Context, tx *db.Tx, k claim, now time.Time, subscribers []string) error {
	args := []any{t.e.ID, k.state, k.variant, k.tries, db.Time(k.due), db.Time(now), strings.ToValidUTF8(k.why, "")}
	_, err := tx.Exec(ctx, `insert into delivery (edition, subscriber, state, variant, tries, due, at, why)
		select $1, id, $2, cast($3 as bigint), cast($4 as bigint), cast($5 as bigint), cast($6 as bigint), $7
		from subscriber
		where id `+db.In(&args, subscribers)+`
		on conflict (edition, subscriber) do update
		set state = excluded.state, variant = excluded.variant, tries = excluded.tries, due = excluded.due, at = excluded.at, why = excluded.why
		where delivery.state in ('out', 'later')`, args...)
	if err != nil {
		return fmt.Errorf("store what becomes of letters of edition %s: %w", t.e.ID, err)
	}
	return nil
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
		where d.edition = $1 and d.state in ('out', 'later') and d.state = 'later' and d.due <= $2 and s.reader is not null
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
	return t.readable(ctx)
}
