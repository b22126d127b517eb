package newsletter

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/reader"
)

// A Stage is where an edition stands.
type Stage string

const (
	Draft     Stage = "draft"
	Waiting   Stage = "waiting" // for somebody else to approve it
	Scheduled Stage = "scheduled"
	Sending   Stage = "sending"
	Paused    Stage = "paused"
	Sent      Stage = "sent"
	Cancelled Stage = "cancelled"
)

// An Edition is one issue of a list.
type Edition struct {
	ID       string
	List     string
	Number   int
	Code     uint32 // names it in short, in links
	Stage    Stage
	Subject  string
	Preview  string // what programs for mail show beside the subject
	Parts    []Part
	Article  string // of an alert, or ""
	Author   string // "" is the calendar
	Approver string
	Created  time.Time
	At       time.Time // when it is to go out
	Begun    time.Time
	Ended    time.Time
	Rate     int // letters a minute, of late
	Tally
	Version int // changes with what staff changes
}

// A Tally is what became of an edition. Machines are clicks by programs that look
// through mail; Clicks are those by people, as far as that can be told (see click.go).
type Tally struct {
	Wanted     int // members when it began
	Accepted   int // by the servers of those who get it
	Later      int // what waits to be tried again
	Skipped    int // nothing in it was new to them
	Refused    int
	Bounced    int // taken, and came back
	Complained int
	Departed   int // left by its link
	Clicks     int
	Machines   int
}

// Done is how many of the members are through.
func (t Tally) Done() int { return t.Accepted + t.Skipped + t.Refused }

// Path is the address of an edition in the archive of its list.
func (e Edition) Path(l List) string { return fmt.Sprintf("%s/%d", l.Path(), e.Number) }

// End is when an edition will be through at its present rate; the zero time when that
// cannot be told.
func (e Edition) End(now time.Time) time.Time {
	left := e.Wanted - e.Done()
	if e.Stage != Sending || e.Rate == 0 || left <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(left) * time.Minute / time.Duration(e.Rate))
}

// An EditionChange is the fact that an edition stands elsewhere.
type EditionChange struct{ ID string }

// EventKind and EventSubject make it a fact (package event).
func (EditionChange) EventKind() string      { return "newsletter.edition-changed" }
func (e EditionChange) EventSubject() string { return e.ID }

func recordChange(ctx context.Context, tx *db.Tx, list string) error {
	return event.Record(ctx, tx, ListChange{list})
}

const editionColumns = `id, list, number, code, state, subject, preview, parts, coalesce(article, ''), coalesce(author, ''), coalesce(approver, ''),
	created, at, begun, ended, rate, wanted, accepted, later, skipped, refused, bounced, complained, departed, clicks, machines, version`

func scanEdition(row interface{ Scan(dest ...any) error }) (e Edition, err error) {
	var parts string
	err = row.Scan(&e.ID, &e.List, &e.Number, &e.Code, &e.Stage, &e.Subject, &e.Preview, &parts, &e.Article, &e.Author, &e.Approver,
		(*db.Time)(&e.Created), (*db.Time)(&e.At), (*db.Time)(&e.Begun), (*db.Time)(&e.Ended), &e.Rate, &e.Wanted, &e.Accepted, &e.Later, &e.Skipped,
		&e.Refused, &e.Bounced, &e.Complained, &e.Departed, &e.Clicks, &e.Machines, &e.Version)
	if err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(parts), &e.Parts)
}

func editionBy(ctx context.Context, q db.Querier, where string, args ...any) (Edition, error) {
	e, err := scanEdition(q.QueryRow(ctx, `select `+editionColumns+` from edition where `+where, args...))
	if err != nil {
		return Edition{}, db.Found(err, "There is no such edition.")
	}
	return e, nil
}

// EditionByID returns an edition, for staff.
func (s *Store) EditionByID(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	if !a.May(reader.MayEdit) {
		return Edition{}, forbidden()
	}
	return editionBy(ctx, s.DB, `id = $1`, id)
}

// Editions lists the editions of a list, or of all where it is "", newest first;
// stages narrow them. older is the cursor of the next page.
func (s *Store) Editions(ctx context.Context, a *reader.Actor, list, before string, limit int, stages ...Stage) (found []Edition, older string, err error) {
	if !a.May(reader.MayEdit) {
		return nil, "", forbidden()
	}
	where, args := []string{"1 = 1"}, []any{}
	if list != "" {
		where = append(where, "list = "+db.Arg(&args, list))
	}
	if len(stages) > 0 {
		where = append(where, "state "+db.In(&args, stages))
	}
	if before != "" {
		where = append(where, "id < "+db.Arg(&args, before))
	}
	return s.editions(ctx, limit, `where `+strings.Join(where, " and ")+` order by id desc limit `+db.Arg(&args, limit+1), args...)
}

func (s *Store) editions(ctx context.Context, limit int, tail string, args ...any) (list []Edition, older string, err error) {
	rows, err := s.DB.Query(ctx, `select `+editionColumns+` from edition `+tail, args...)
	if err != nil {
		return nil, "", fmt.Errorf("list editions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(list) == limit {
			return list, list[limit-1].ID, nil
		}
		e, err := scanEdition(rows)
		if err != nil {
			return nil, "", fmt.Errorf("list editions: %w", err)
		}
		list = append(list, e)
	}
	return list, "", rows.Err()
}

// lockEdition makes those who change an edition wait for one another.
func lockEdition(ctx context.Context, tx *db.Tx, id string) (Edition, error) {
	if _, err := tx.Exec(ctx, `update edition set version = version where id = $1`, id); err != nil {
		return Edition{}, err
	}
	return editionBy(ctx, tx, `id = $1`, id)
}

// insert stores a new edition of a list that is locked, and numbers it.
func (s *Store) insert(ctx context.Context, tx *db.Tx, e *Edition) error {
	if err := tx.QueryRow(ctx, `update list set number = number + 1 where id = $1 returning number`, e.List).Scan(&e.Number); err != nil {
		return fmt.Errorf("number an edition: %w", err)
	}
	var code [4]byte
	rand.Read(code[:])
	e.ID, e.Code, e.Created, e.Version = s.ID(), binary.BigEndian.Uint32(code[:]), s.Now(), 1
	_, err := tx.Exec(ctx, `insert into edition (id, list, number, code, state, subject, preview, parts, article, author, approver, created, at, begun, ended,
			cursor, floor, whole, pushed, runner, beat, rate, wanted, accepted, later, skipped, refused, bounced, complained, departed, clicks, machines, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9, ''), nullif($10, ''), null, $11, $12, 0, 0,
			'', '', $13, $13, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)`,
		e.ID, e.List, e.Number, int64(e.Code), string(e.Stage), e.Subject, e.Preview, asJSON(e.Parts), e.Article, e.Author, db.Time(e.Created), db.Time(e.At), false)
	if err != nil {
		return fmt.Errorf("store an edition: %w", err)
	}
	return nil
}
