package comment

import (
	"context"
	"fmt"

	"kawaraban/internal/db"
)

// The derived numbers, each with what it is derived from.
var derived = []struct{ what, query, repair string }{
	{
		"The tally of comment %s is %s and its votes say %s.",
		`select id, is_, ought from (
			select c.id, cast(c.up as text) || '/' || cast(c.down as text) || '/' || cast(c.heavy_up as text) || '/' || cast(c.heavy_down as text) as is_,
				cast(coalesce(v.up, 0) as text) || '/' || cast(coalesce(v.down, 0) as text) || '/' || cast(coalesce(v.heavy_up, 0) as text) || '/' || cast(coalesce(v.heavy_down, 0) as text) as ought
			from comment as c
			left join (` + tallies + `) as v on v.comment = c.id
		) as t
		where is_ <> ought
		order by id`,
		`update comment
		set up = coalesce((select up from (` + tallies + `) as v where v.comment = comment.id), 0),
			down = coalesce((select down from (` + tallies + `) as v where v.comment = comment.id), 0),
			heavy_up = coalesce((select heavy_up from (` + tallies + `) as v where v.comment = comment.id), 0),
			heavy_down = coalesce((select heavy_down from (` + tallies + `) as v where v.comment = comment.id), 0)
		where id = $1`,
	},
	{
		"Comment %s counts %s replies and has %s.",
		`select id, is_, ought from (
			select t.id, cast(t.replies as text) as is_, cast((select count(*) from comment as c where c.top = t.id and c.state = 'visible') as text) as ought
			from comment as t where t.top = '') as t
		where is_ <> ought order by id`,
		`update comment set replies = (select count(*) from comment as c where c.top = comment.id and c.state = 'visible') where id = $1`,
	},
	{
		"The thread of article %s counts %s comments and has %s.",
		`select article, is_, ought from (
			select t.article, cast(t.visible as text) as is_, cast((select count(*) from comment as c where c.article = t.article and c.state = 'visible') as text) as ought
			from thread as t) as t
		where is_ <> ought order by article`,
		`update thread set visible = (select count(*) from comment as c where c.article = thread.article and c.state = 'visible') where article = $1`,
	},
	{
		"The threads count %[2]s visible comments of reader %[1]s and have %[3]s.",
		`select reader, is_, ought from (
			select w.reader, cast(w.visible as text) as is_, cast((select count(*) from comment as c where c.author = w.reader and c.state = 'visible') as text) as ought
			from commenter as w) as t
		where is_ <> ought order by reader`,
		`update commenter set visible = (select count(*) from comment as c where c.author = commenter.reader and c.state = 'visible') where reader = $1`,
	},
	{
		"Comment %s counts %s open reports and has %s.",
		`select id, is_, ought from (
			select c.id, cast(c.reports as text) as is_, cast((select count(*) from report as r where r.comment = c.id and r.state = 'open') as text) as ought
			from comment as c) as t
		where is_ <> ought order by id`,
		`update comment set reports = (select count(*) from report as r where r.comment = comment.id and r.state = 'open') where id = $1`,
	},
}

// tallies are the votes of each comment, added up.
const tallies = `select comment,
		sum(case when value = 1 then 1 else 0 end) as up,
		sum(case when value = -1 then 1 else 0 end) as down,
		sum(case when value = 1 then weight else 0 end) as heavy_up,
		sum(case when value = -1 then weight else 0 end) as heavy_down
	from vote
	where counted
	group by comment`

// Verify looks for numbers that differ from what they are derived from, and
// tells each in a sentence.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	for _, d := range derived {
		wrong, err := differences(ctx, s.DB, d.query)
		if err != nil {
			return fmt.Errorf("verify the threads: %w", err)
		}
		for _, w := range wrong {
			tell(fmt.Sprintf(d.what, w[0], w[1], w[2]))
		}
	}
	return nil
}

// Repair derives again what Verify finds wrong, and tells what it was.
func (s *Store) Repair(ctx context.Context, tell func(string)) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, d := range derived {
			wrong, err := differences(ctx, tx, d.query)
			if err != nil {
				return fmt.Errorf("repair the threads: %w", err)
			}
			for _, w := range wrong {
				if _, err := tx.Exec(ctx, d.repair, w[0]); err != nil {
					return fmt.Errorf("repair the threads: %w", err)
				}
				if err := rerank(ctx, tx, w[0]); err != nil {
					return err
				}
				tell(fmt.Sprintf(d.what, w[0], w[1], w[2]))
			}
		}
		return nil
	})
}

// rerank derives the rank of a comment from its tally; an id that is none's
// changes nothing.
func rerank(ctx context.Context, tx *db.Tx, id string) error {
	rows, err := tx.Query(ctx, `select heavy_up, heavy_down from comment where id = $1`, id)
	if err != nil {
		return err
	}
	var up, down int64
	found := rows.Next()
	if found {
		err = rows.Scan(&up, &down)
	}
	if e := rows.Close(); err == nil {
		err = e
	}
	if err == nil && found {
		_, err = tx.Exec(ctx, `update comment set rank = $2 where id = $1`, id, rank(up, down))
	}
	return err
}

func differences(ctx context.Context, q db.Querier, query string) (wrong [][3]string, err error) {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w [3]string
		if err := rows.Scan(&w[0], &w[1], &w[2]); err != nil {
			return nil, err
		}
		wrong = append(wrong, w)
	}
	return wrong, rows.Err()
}
