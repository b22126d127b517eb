package wire

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Version is one of a story, as it came.
type Version struct {
	Item
	Decision Decision
	Reason   string
	Received time.Time
	Delivery string // the name of the file or message
	Ruling   Ruling
}

// mostVersions is how many versions of a story are shown, the newest.
const mostVersions = 50

// Story returns a story by the number of its first arrival, with its versions, newest
// first.
func (s *Store) Story(ctx context.Context, first int64) (Line, []Version, error) {
	lines, err := s.lines(ctx, `where w.first = $1`, []any{first})
	if err != nil {
		return Line{}, nil, err
	}
	if len(lines) == 0 {
		return Line{}, nil, &problem.Problem{Kind: problem.NotFound, Detail: "The wire has no such story."}
	}
	l := lines[0]
	rows, err := s.DB.Query(ctx, `select i.content, case when i.dropped then 'dropped' else i.decision end, i.reason, i.received, d.name, i.ruling
		from wire_item i
		join wire_delivery d on d.id = i.delivery
		where i.source = $1 and i.id = $2
		order by i.ord desc, i.version desc
		limit $3`, l.Source, l.ID, mostVersions)
	if err != nil {
		return l, nil, fmt.Errorf("read a story of the wire: %w", err)
	}
	defer rows.Close()
	var list []Version
	for rows.Next() {
		var v Version
		var content, ruled string
		if err := rows.Scan(&content, &v.Decision, &v.Reason, (*db.Time)(&v.Received), &v.Delivery, &ruled); err != nil {
			return l, nil, fmt.Errorf("read a story of the wire: %w", err)
		}
		if err := json.Unmarshal([]byte(content), &v.Item); err != nil {
			return l, nil, fmt.Errorf("a stored item is damaged: %w", err)
		}
		v.Ruling = ruling(ruled)
		list = append(list, v)
	}
	return l, list, rows.Err()
}

// Related returns other stories of the same slug, newest first.
func (s *Store) Related(ctx context.Context, l Line, limit int) ([]Line, error) {
	if l.Slug == "" {
		return nil, nil
	}
	return s.lines(ctx, `where w.slug = $1 and w.first <> $2 and w.slug <> '' order by w.n desc limit $3`, []any{l.Slug, l.First, limit})
}

// Mark notes what an editor has done with a story, and who.
func (s *Store) Mark(ctx context.Context, first int64, done Done, who string) error {
	if done == Open {
		who = ""
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return gone(tx.Exec(ctx, `update wire_story set done = $2, done_by = $3 where first = $1`, first, done, who))
	})
}

// SetAlert notes what has become of the news alert that a rule asks for.
func (s *Store) SetAlert(ctx context.Context, first int64, a AlertState) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return gone(tx.Exec(ctx, `update wire_story set alert = $2 where first = $1 and alert <> ''`, first, a))
	})
}

// SettleAlert is SetAlert for the story of a source.
func (s *Store) SettleAlert(ctx context.Context, source, id string, a AlertState) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update wire_story set alert = $3 where source = $1 and id = $2 and alert = 'send'`, source, id, a)
		return err
	})
}

// Assign gives a story to somebody, or to nobody.
func (s *Store) Assign(ctx context.Context, first int64, who string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return gone(tx.Exec(ctx, `update wire_story set assignee = $2 where first = $1`, first, who))
	})
}

func gone(res sql.Result, err error) error {
	err = db.One(res, err)
	if problem.Is(err, problem.NotFound) {
		return &problem.Problem{Kind: problem.NotFound, Detail: "The wire has no such story."}
	}
	return err
}

// A Bad is a delivery that could not be read.
type Bad struct {
	ID, Source, Agency, Name, Reason string
	Size                             int64
	Whole                            bool // its bytes are kept
	Received                         time.Time
}

// Quarantine lists the deliveries that could not be read, newest first, those with ids
// before one; "" is from the newest on.
func (s *Store) Quarantine(ctx context.Context, before string) (list []Bad, older string, err error) {
	where, args := `d.state = 'quarantined'`, []any{}
	if before != "" {
		where += ` and d.id < ` + db.Arg(&args, before)
	}
	rows, err := s.DB.Query(ctx, `select d.id, d.source, s.name, d.name, d.reason, d.size, d.received, d.hash not like 'size:%'
		from wire_delivery d
		join wire_source s on s.id = d.source
		where `+where+`
		order by d.id desc
		limit `+db.Arg(&args, PerPage+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list what could not be read: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var b Bad
		if err := rows.Scan(&b.ID, &b.Source, &b.Agency, &b.Name, &b.Reason, &b.Size, (*db.Time)(&b.Received), &b.Whole); err != nil {
			return nil, "", fmt.Errorf("list what could not be read: %w", err)
		}
		list = append(list, b)
	}
	if len(list) > PerPage {
		list = list[:PerPage]
		older = list[PerPage-1].ID
	}
	return list, older, rows.Err()
}

// HasUnread reports whether there is a delivery that could not be read.
func (s *Store) HasUnread(ctx context.Context) (has bool, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) > 0 from (select 1 from wire_delivery where state = 'quarantined' limit 1) as d`).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for what could not be read: %w", err)
	}
	return has, nil
}

// Raw returns a delivery as it came, with its name.
func (s *Store) Raw(ctx context.Context, id string) (name string, data []byte, err error) {
	err = s.DB.QueryRow(ctx, `select name, raw from wire_delivery where id = $1`, id).Scan(&name, &data)
	if err != nil {
		return "", nil, db.Found(err, "There is no such delivery.")
	}
	return name, data, nil
}

// Again reads a delivery once more that could not be read: the program may have learnt
// how. It returns what became of it; that it cannot be read again is a result, too.
func (s *Store) Again(ctx context.Context, id string) ([]Result, error) {
	var d delivery
	var state string
	err := s.DB.QueryRow(ctx, `select id, source, name, hash, raw, state from wire_delivery where id = $1`, id).
		Scan(&d.id, &d.source.ID, &d.name, &d.hash, &d.data, &state)
	if err != nil {
		return nil, db.Found(err, "There is no such delivery.")
	}
	if state != "quarantined" {
		return d.known(), nil
	}
	if strings.HasPrefix(d.hash, "size:") {
		return nil, &problem.Problem{Kind: problem.TooLarge, Detail: "Only the name of this delivery is kept, because it is too large. Ask the agency to send it in parts."}
	}
	if d.source, err = s.SourceByID(ctx, d.source.ID); err != nil {
		return nil, err
	}
	short, left := window(d.data)
	items, err := Read(d.name, short)
	if p := problem.Of(err); p != nil {
		return []Result{{Name: d.name, Decision: Quarantined, Reason: p.Detail}}, s.setState(ctx, d.id, "quarantined", p.Detail)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.name, err)
	}
	kept, err := s.pictures(ctx, d.name, items, nil) // those that came in the delivery itself
	if err != nil {
		return nil, err
	}
	var results []Result
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		n, err := s.begin(ctx, tx, &d, len(items))
		if err != nil {
			return err
		}
		err = db.One(tx.Exec(ctx, `update wire_delivery set state = 'read', reason = $2 where id = $1 and state = 'quarantined'`, d.id, left))
		if err != nil {
			return err
		}
		results, err = s.fileAll(ctx, tx, d, items, kept, n)
		return err
	})
	if problem.Is(err, problem.NotFound) { // somebody else was quicker
		return d.known(), nil
	}
	return results, err
}

func (s *Store) setState(ctx context.Context, delivery, state, reason string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update wire_delivery set state = $2, reason = $3 where id = $1`, delivery, state, reason)
		return err
	})
}

// SourceByID returns a source by its id, one that was removed too.
func (s *Store) SourceByID(ctx context.Context, id string) (Source, error) {
	src, err := scanSource(s.DB.QueryRow(ctx, `select `+sourceColumns+` from wire_source where id = $1`, id))
	return src, db.Found(err, "There is no such wire source.")
}

// A Saved view is a way to look at the wire that somebody has kept: the query of its
// address.
type Saved struct{ Name, Query string }

// mostSaved is how many views one person may keep.
const mostSaved = 12

// Views lists the views that somebody has kept, oldest first.
func (s *Store) Views(ctx context.Context, who string) (list []Saved, err error) {
	rows, err := s.DB.Query(ctx, `select name, query from wire_view where owner = $1 order by made, name`, who)
	if err != nil {
		return nil, fmt.Errorf("list the views of the wire: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var v Saved
		if err := rows.Scan(&v.Name, &v.Query); err != nil {
			return nil, fmt.Errorf("list the views of the wire: %w", err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// KeepView keeps a view under a name, in place of one of the same name.
func (s *Store) KeepView(ctx context.Context, who string, v Saved) error {
	if v.Name = oneLine(v.Name, 40); v.Name == "" {
		return &problem.Problem{Kind: problem.Invalid, Detail: "Give the view a name."}
	}
	list, err := s.Views(ctx, who)
	if err != nil {
		return err
	}
	if len(list) >= mostSaved {
		return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf("You have %d views already. Remove one first.", mostSaved)}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into wire_view (owner, name, query, made) values ($1, $2, $3, $4)
			on conflict (owner, name) do update set query = excluded.query`, who, v.Name, v.Query, db.Time(s.Now()))
		return err
	})
}

// DropView removes a view.
func (s *Store) DropView(ctx context.Context, who, name string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from wire_view where owner = $1 and name = $2`, who, name)
		return err
	})
}

// Forget removes what is kept for somebody who leaves.
func (s *Store) Forget(ctx context.Context, tx *db.Tx, who string) error {
	_, views := tx.Exec(ctx, `delete from wire_view where owner = $1`, who)
	_, stories := tx.Exec(ctx, `update wire_story set assignee = '' where assignee = $1`, who)
	return errors.Join(views, stories)
}
