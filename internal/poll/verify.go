package poll

import (
	"context"
	"fmt"

	"kawaraban/internal/db"
)

// wrongCounts are the options whose number differs from the rows that it is derived
// from.
const wrongCounts = `select id, votes, ought from (
		select o.id, o.votes, o.gone + (select count(*) from poll_vote as v where v.choice = o.id and v.counted) as ought
		from poll_option as o
	) as t
	where votes <> ought
	order by id`

// A miscount is an option that says another number than its rows.
type miscount struct {
	option    string
	is, ought int
}

func (m miscount) String() string {
	return fmt.Sprintf("Option %s of a poll counts %d votes and has %d.", m.option, m.is, m.ought)
}

// Verify looks for numbers that differ from the votes, and tells each in a sentence.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	list, err := miscounts(ctx, s.DB)
	for _, m := range list {
		tell(m.String())
	}
	return err
}

// Repair counts again what Verify finds wrong, and tells what it was.
func (s *Store) Repair(ctx context.Context, tell func(string)) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		// The polls first: nobody votes meanwhile.
		if _, err := tx.Exec(ctx, `update poll set voted = voted`); err != nil {
			return fmt.Errorf("repair the polls: %w", err)
		}
		list, err := miscounts(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range list {
			if _, err := tx.Exec(ctx, `update poll_option set votes = $2 where id = $1`, m.option, m.ought); err != nil {
				return fmt.Errorf("repair the polls: %w", err)
			}
			tell(m.String())
		}
		return nil
	})
}

func miscounts(ctx context.Context, q db.Querier) (list []miscount, err error) {
	rows, err := q.Query(ctx, wrongCounts)
	if err != nil {
		return nil, fmt.Errorf("verify the polls: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m miscount
		if err := rows.Scan(&m.option, &m.is, &m.ought); err != nil {
			return nil, fmt.Errorf("verify the polls: %w", err)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}
