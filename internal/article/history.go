package article

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Version is an article as readers had it from a moment on. Who of ours made it
// is not told: the paper did.
type Version struct {
	Number int
	Reason Reason // First of the oldest, whatever the desk did before
	Note   string // of a correction
	Shown  time.Time
	Content
}

// A History is the versions of an article that readers had, newest first.
type History struct {
	Card
	Language string
	Ended    bool // the licence has ended, and with it all that the article said
	Versions []Version
	Before   *Version // what the last of Versions was made from; nil when it was the first
	Older    string   // cursor of the next page, "" on the last
}

// versionsPerPage is how many versions a page of a history has.
const versionsPerPage = 20

// History returns the versions of the article at an address that readers had. It
// keeps to the same rules as Read: moved is the article's present address when
// that is another one, and then there is no History.
func (s *Store) History(ctx context.Context, section, slug, before string) (h *History, moved string, err error) {
	r, moved, err := s.Read(ctx, section, slug)
	if err != nil || moved != "" {
		return nil, moved, err
	}
	h = &History{Card: r.Card, Language: r.Language, Ended: r.Ended}
	if r.Ended {
		return h, "", nil
	}
	newest := 0
	if before != "" {
		if newest, err = strconv.Atoi(before); err != nil || newest < 1 {
			return nil, "", &problem.Problem{Kind: problem.NotFound, Detail: "This page of the history does not exist. Begin again at the newest version.", Err: err}
		}
	}
	// One more than is shown has what the last was made from, and one after it
	// would tell no more.
	list, err := s.versions(ctx, r.ID, newest, versionsPerPage+1)
	if err != nil {
		return nil, "", fmt.Errorf("read the history of %s: %w", r.ID, err)
	}
	h.Versions = list
	if n := len(list); n > versionsPerPage {
		h.Versions, h.Before = list[:n-1], &list[n-1]
		h.Older = strconv.Itoa(list[n-2].Number)
	} else if n > 0 {
		first := &list[n-1]
		first.Reason, first.Note = First, ""
	}
	return h, "", nil
}

// versions reads what readers had before the version of a number, 0 for all, newest
// first. A version is shown later than those before it, so that their numbers are
// in order.
func (s *Store) versions(ctx context.Context, id string, before, limit int) (list []Version, err error) {
	query, args := versionsSQL(id, s.Now(), before, limit)
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v Version
		var content string
		if err := rows.Scan(&v.Number, &v.Reason, &v.Note, (*db.Time)(&v.Shown), &content); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(content), &v.Content); err != nil {
			return nil, fmt.Errorf("revision %d is damaged: %w", v.Number, err)
		}
		if v.Reason != Correction {
			v.Note = "" // the desk's own
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

func versionsSQL(id string, now time.Time, before, limit int) (query string, args []any) {
	where := []string{"article = " + db.Arg(&args, id), "shown > 0", "shown <= " + db.Arg(&args, db.Time(now))}
	if before > 0 {
		where = append(where, "number < "+db.Arg(&args, before))
	}
	return `select number, kind, note, shown, content
		from revision
		where ` + strings.Join(where, " and ") + `
		order by number desc
		limit ` + db.Arg(&args, limit), args
}

// A Correcting is a correction as its article shows it: of something that readers
// had, so that what was put right before is none.
type Correcting struct {
	Number int
	Note   string
	At     time.Time
}

// mostVersions is how many versions of an article are looked through for what its
// page says of them.
const mostVersions = 500

// CorrectionsOf returns the corrections of an article that was read, newest first,
// and whether readers had more than one version of it. Of one whose licence has
// ended they have none.
func (s *Store) CorrectionsOf(ctx context.Context, r *Reading) (list []Correcting, changed bool, err error) {
	if r.Ended {
		return nil, false, nil
	}
	rows, err := s.DB.Query(ctx, `select number, kind, note, shown
		from revision
		where article = $1 and shown > 0 and shown <= $2
		order by number desc
		limit $3`, r.ID, db.Time(s.Now()), mostVersions)
	if err != nil {
		return nil, false, fmt.Errorf("read the corrections of %s: %w", r.ID, err)
	}
	defer rows.Close()
	versions := 0
	for rows.Next() {
		var c Correcting
		var reason Reason
		if err := rows.Scan(&c.Number, &reason, &c.Note, (*db.Time)(&c.At)); err != nil {
			return nil, false, fmt.Errorf("read the corrections of %s: %w", r.ID, err)
		}
		if versions++; reason == Correction && c.At.After(r.Published) {
			list = append(list, c)
		}
	}
	return list, versions > 1, rows.Err()
}

// A Development is something new of a story that readers had: news moved, or we
// were wrong.
type Development struct {
	Correcting
	Reason Reason // Update or Correction
}

// Developments are those of an article since then, newest first. Of what readers may
// not have now there are none.
func (s *Store) Developments(ctx context.Context, id string, since time.Time) (list []Development, err error) {
	readable, err := s.Readable(ctx, id)
	card, ok := readable[id]
	if err != nil || !ok {
		return nil, err
	}
	rows, err := s.DB.Query(ctx, `select number, kind, note, shown
		from revision
		where article = $1 and kind in ('update', 'correction') and shown > $2 and shown > $3 and shown <= $4
		order by number desc
		limit $5`, id, db.Time(since), db.Time(card.Published), db.Time(s.Now()), mostVersions)
	if err != nil {
		return nil, fmt.Errorf("read what became of %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Development
		if err := rows.Scan(&d.Number, &d.Reason, &d.Note, (*db.Time)(&d.At)); err != nil {
			return nil, fmt.Errorf("read what became of %s: %w", id, err)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// A Corrected is an entry of the paper's log of corrections.
type Corrected struct {
	Card
	Correcting
}

// Corrections lists the corrections of the articles that readers may have, newest
// first. older is the cursor of the next page, "" on the last.
func (s *Store) Corrections(ctx context.Context, before string, limit int) (list []Corrected, older string, err error) {
	now := s.Now()
	query, args, err := correctionsSQL(now, before, limit+1)
	if err != nil {
		return nil, "", err
	}
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, "", fmt.Errorf("list corrections: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(list) == limit {
			last := list[limit-1]
			return list, strings.Join([]string{strconv.FormatInt(last.At.UnixMicro(), 36), last.ID, strconv.Itoa(last.Number)}, "."), rows.Err()
		}
		a, c := new(Article), Correcting{}
		if err := rows.Scan(append(a.fields(), &c.Number, &c.Note, (*db.Time)(&c.At))...); err != nil {
			return nil, "", fmt.Errorf("list corrections: %w", err)
		}
		if a.access(now) == Readable {
			list = append(list, Corrected{a.card(), c})
		}
	}
	return list, "", rows.Err()
}

func correctionsSQL(now time.Time, before string, limit int) (query string, args []any, err error) {
	last, where := now.UnixMicro(), []string{readableSQL(&args, now)}
	if before != "" {
		parts := strings.Split(before, ".")
		if len(parts) != 3 || len(parts[1]) > 40 {
			return "", nil, noSuchCorrections(nil)
		}
		at, err := strconv.ParseInt(parts[0], 36, 64)
		if err != nil {
			return "", nil, noSuchCorrections(err)
		}
		number, err := strconv.Atoi(parts[2])
		if err != nil {
			return "", nil, noSuchCorrections(err)
		}
		last = min(last, at)
		where = append(where, fmt.Sprintf("not (r.shown = %s and (r.article, r.number) <= (%s, %s))",
			db.Arg(&args, at), db.Arg(&args, parts[1]), db.Arg(&args, number)))
	}
	return `select ` + cardColumns + `, r.number, r.note, r.shown
		from revision r
		join article a on a.id = r.article
		join section s on s.slug = a.section
		where r.kind = 'correction' and r.shown > 0 and r.shown <= ` + db.Arg(&args, last) + ` and r.shown > a.published and ` + strings.Join(where, " and ") + `
		order by r.shown desc, r.article, r.number
		limit ` + db.Arg(&args, limit), args, nil
}

func noSuchCorrections(err error) error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at the newest corrections.", Err: err}
}
