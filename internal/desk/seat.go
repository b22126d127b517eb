package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// seat is who may write in a story.
type seat struct {
	page    string // "" is nobody
	by      string // reader id
	seen    time.Time
	asked   string // the page that wants it
	askedBy string
	askedAt time.Time
}

const (
	// SeatLife is how long a page keeps the seat that says nothing: a laptop that was
	// closed, a network that is gone. Browsers let a page that nobody sees speak once
	// a minute.
	SeatLife = 90 * time.Second
	// patience is how long somebody who asks for the seat waits for an answer.
	patience = 30 * time.Second
	// presence is how long a page that says nothing is still taken for open.
	presence = 90 * time.Second
)

func (t *seat) free(now time.Time) bool { return t.page == "" || now.Sub(t.seen) > SeatLife }

// A SeatAct is what an open page does about the seat.
type SeatAct string

const (
	Stay   SeatAct = "stay"   // the page is open; it has the seat if nobody else has
	Take   SeatAct = "take"   // from another page of one's own, or after asking in vain
	Ask    SeatAct = "ask"    // for the seat
	Give   SeatAct = "give"   // it to whoever asks
	Refuse SeatAct = "refuse" // to give it
	Leave  SeatAct = "leave"  // the page is closed
)

// Whose says who has the seat, as a page is told.
type Whose string

const (
	Mine  Whose = "mine"
	Other Whose = "other"
	Free  Whose = "free"
)

// A Seat is what an open page is told of the seat, and of the story around it.
type Seat struct {
	Whose   Whose
	By      string // the name of whoever has it
	Self    bool   // it is another page of one's own
	Asked   string // the name of whoever wants it
	Version int
	Here    []string // who else has the story open
}

// Seat does what a page wants with the seat and answers how things are then.
func (s *Store) Seat(ctx context.Context, a *reader.Actor, id, page string, act SeatAct) (seat Seat, err error) {
	if err := checkPage(page); err != nil {
		return seat, err
	}
	if !slices.Contains([]SeatAct{Stay, Take, Ask, Give, Refuse, Leave}, act) {
		return seat, &problem.Problem{Kind: problem.Invalid, Detail: "There is no such act."}
	}
	var t *Story
	now := s.Now()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if t, err = s.lock(ctx, tx, a, id); err != nil {
			return err
		}
		t.seat.act(a, page, act, now, t.Mine(a))
		if err := s.sitDown(ctx, tx, id, t.seat); err != nil {
			return err
		}
		return s.present(ctx, tx, id, page, a, act == Leave, now)
	})
	if err != nil {
		return seat, err
	}
	return s.seatOf(ctx, t, a, page, now)
}

// act changes who has the seat.
func (t *seat) act(a *reader.Actor, page string, act SeatAct, now time.Time, may bool) {
	if t.asked != "" && now.Sub(t.askedAt) > patience+SeatLife {
		t.asked, t.askedBy = "", "" // whoever asked has gone
	}
	own, asked := t.page == page, t.asked == page && page != ""
	switch {
	case act == Leave:
		if own {
			t.page, t.by = "", ""
		}
		if asked {
			t.asked, t.askedBy = "", ""
		}
	case act == Give && own && t.asked != "":
		t.page, t.by, t.seen = t.asked, t.askedBy, now
		t.asked, t.askedBy = "", ""
	case act == Refuse && own:
		t.asked, t.askedBy = "", ""
	case !may:
	case own:
		t.seen = now
	case act == Take && (t.by == a.Reader.ID || asked && now.Sub(t.askedAt) > patience),
		t.free(now) && act != Give && act != Refuse && (t.asked == "" || asked):
		t.page, t.by, t.seen = page, a.Reader.ID, now
		if asked {
			t.asked, t.askedBy = "", ""
		}
	case act == Ask:
		t.asked, t.askedBy, t.askedAt = page, a.Reader.ID, now
	}
}

func (s *Store) sitDown(ctx context.Context, tx *db.Tx, id string, t seat) error {
	_, err := tx.Exec(ctx, `update story set seat = $2, seat_by = $3, seat_seen = $4, asked = $5, asked_by = $6, asked_at = $7 where article = $1`,
		id, t.page, null(t.by), db.Time(t.seen), t.asked, null(t.askedBy), db.Time(t.askedAt))
	if err != nil {
		return fmt.Errorf("give the seat of %s: %w", id, err)
	}
	return nil
}

// present notes that a page is open, or that it is not any more.
func (s *Store) present(ctx context.Context, tx *db.Tx, id, page string, a *reader.Actor, leaves bool, now time.Time) (err error) {
	if leaves {
		_, err = tx.Exec(ctx, `delete from story_present where article = $1 and page = $2`, id, page)
	} else {
		_, err = tx.Exec(ctx, `insert into story_present (article, page, reader, seen) values ($1, $2, $3, $4)
			on conflict (article, page) do update set seen = excluded.seen, reader = excluded.reader`, id, page, a.Reader.ID, db.Time(now))
	}
	if err == nil {
		_, err = tx.Exec(ctx, `delete from story_present where article = $1 and seen < $2`, id, db.Time(now.Add(-presence)))
	}
	if err != nil {
		return fmt.Errorf("note who has %s open: %w", id, err)
	}
	return nil
}

// sit makes sure that a page that saves has the seat.
func (s *Store) sit(ctx context.Context, tx *db.Tx, t *Story, a *reader.Actor, page string) error {
	t.seat.act(a, page, Stay, s.Now(), true)
	if t.page != page {
		by, err := s.name(ctx, tx, t.by)
		if err != nil {
			return err
		}
		return &problem.Problem{Kind: problem.Conflict, Detail: "This story is being written in another page. What you have typed is kept on this one.", Err: &Taken{by}}
	}
	return s.sitDown(ctx, tx, t.Article.ID, t.seat)
}

// seatOf is the seat as a page is told of it.
func (s *Store) seatOf(ctx context.Context, t *Story, a *reader.Actor, page string, now time.Time) (seat Seat, err error) {
	here, err := s.others(ctx, t.Article.ID, a.Reader.ID)
	if err != nil {
		return seat, err
	}
	faces, err := s.Readers.Faces(ctx, append(here, t.by, t.askedBy)...)
	if err != nil {
		return seat, err
	}
	seat = Seat{Whose: Other, Version: t.Version, Asked: faces[t.askedBy].Name}
	switch {
	case t.page == page:
		seat.Whose = Mine
	case t.free(now):
		seat.Whose = Free
	default:
		seat.Self, seat.By = t.by == a.Reader.ID, faces[t.by].Name
	}
	for _, id := range here {
		seat.Here = append(seat.Here, faces[id].Name)
	}
	slices.Sort(seat.Here)
	return seat, nil
}

// others are those who have a story open beside one, by their ids.
func (s *Store) others(ctx context.Context, id, self string) (ids []string, err error) {
	rows, err := s.DB.Query(ctx, `select distinct reader from story_present where article = $1 and reader <> $2 and seen >= $3 order by reader`,
		id, self, db.Time(s.Now().Add(-presence)))
	if err != nil {
		return nil, fmt.Errorf("who has %s open: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var reader string
		if err := rows.Scan(&reader); err != nil {
			return nil, fmt.Errorf("who has %s open: %w", id, err)
		}
		ids = append(ids, reader)
	}
	return ids, rows.Err()
}

// checkPage refuses what is no name of a page: a page's own script makes it.
func checkPage(page string) error {
	if len(page) < 8 || len(page) > 64 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "This page has no name. Open the story again."}
	}
	return nil
}

// A Holder is the page that has the seat of a story; the zero Holder is nobody.
type Holder struct {
	Page string
	By   string // reader id
	Seen time.Time
}

// Seat says who has the seat.
func (t *Story) Seat() Holder { return Holder{t.page, t.by, t.seen} }
