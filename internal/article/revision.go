package article

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// A Stored is a revision as it was stored.
type Stored struct {
	Number  int
	Reason  Reason
	Note    string // of a correction, for readers
	By      string // a colleague's name, or a wire source's
	Created time.Time
	Shown   time.Time // from when readers had it; zero: never
	Content
}

const storedColumns = `number, kind, note, author, created, shown, content`

func scanStored(r row) (v Stored, err error) {
	var content string
	if err := r.Scan(&v.Number, &v.Reason, &v.Note, &v.By, (*db.Time)(&v.Created), (*db.Time)(&v.Shown), &content); err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(content), &v.Content); err != nil {
		return v, fmt.Errorf("revision %d is damaged: %w", v.Number, err)
	}
	return v, nil
}

// Revision returns one revision of an article, for the desk.
func (s *Store) Revision(ctx context.Context, q db.Querier, id string, number int) (Stored, error) {
	v, err := scanStored(q.QueryRow(ctx, `select `+storedColumns+` from revision where article = $1 and number = $2`, id, number))
	return v, db.Found(err, "There is no such revision.")
}

// revisionsPage is how many revisions a page lists.
const revisionsPage = 30

// Revisions lists the revisions of an article for the desk, newest first, those
// before number; 0 begins with the newest. before is where the next page begins, 0
// on the last.
func (s *Store) Revisions(ctx context.Context, id string, number int) (list []Stored, before int, err error) {
	if number == 0 {
		number = 1 << 30
	}
	rows, err := s.DB.Query(ctx, `select `+storedColumns+` from revision
		where article = $1 and number < $2
		order by number desc
		limit $3`, id, number, revisionsPage+1)
	if err != nil {
		return nil, 0, fmt.Errorf("list the revisions of %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scanStored(rows)
		if err != nil {
			return nil, 0, fmt.Errorf("list the revisions of %s: %w", id, err)
		}
		list = append(list, v)
	}
	if len(list) > revisionsPage {
		list = list[:revisionsPage]
		before = list[revisionsPage-1].Number
	}
	return list, before, rows.Err()
}
