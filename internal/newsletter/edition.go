package newsletter

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
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

// Begin begins an edition of a list: a digest is composed, another one is empty.
func (s *Store) Begin(ctx context.Context, a *reader.Actor, list string) (e Edition, err error) {
	if !a.May(reader.MayEdit) {
		return e, forbidden()
	}
	l, err := s.ListByID(ctx, list)
	if err != nil {
		return e, err
	}
	if l.Kind == Alert {
		return e, &problem.Problem{Kind: problem.Invalid, Detail: "Alerts are written on their own page."}
	}
	e = Edition{List: l.ID, Stage: Draft, Author: a.Reader.ID, Subject: l.Name}
	if l.Kind == Digest {
		if e.Parts, e.Subject, err = s.compose(ctx, l); err != nil {
			return e, err
		}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if _, err := lockList(ctx, tx, l.ID); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &e); err != nil {
			return err
		}
		return s.note(ctx, tx, a, EditionBegan, e.ID, l.Slug)
	})
	return e, err
}

// A Manuscript is what staff writes of an edition.
type Manuscript struct {
	Subject string
	Preview string
	Parts   []Part
}

const (
	maxSubject = 150
	maxParts   = 30
	maxStories = 60
)

// check refuses a manuscript that cannot be sent, at the field that is wrong; a
// draft may lack things.
func (m Manuscript) check(draft bool) error {
	bad := &problem.Problem{Kind: problem.Invalid, Detail: "Some fields need another look.", Fields: map[string]string{}}
	for field, text := range map[string]string{"subject": m.Subject, "preview": m.Preview} {
		switch {
		case utf8.RuneCountInString(text) > maxSubject:
			bad.Fields[field] = "This is too long."
		case strings.ContainsAny(text, "\r\n\x00") || !utf8.ValidString(text):
			bad.Fields[field] = "Write it on one line."
		}
	}
	if strings.TrimSpace(m.Subject) == "" && !draft {
		bad.Fields["subject"] = "An edition needs a subject."
	}
	if len(m.Parts) > maxParts {
		bad.Fields["parts"] = "These are too many parts."
	}
	for _, p := range m.Parts {
		if why := p.wrong(); why != "" && !draft {
			bad.Fields["parts"] = why
		}
		if len(p.Stories) > maxStories || len(p.Text) > maxText {
			bad.Fields["parts"] = "A part is too long."
		}
	}
	if len(m.Parts) == 0 && !draft {
		bad.Fields["parts"] = "There is nothing in this edition yet."
	}
	if len(bad.Fields) > 0 {
		return bad
	}
	return nil
}

// wrong says what is wrong with a part, "" for nothing.
func (p Part) wrong() string {
	switch p.Kind {
	case Stories:
		if len(p.Stories) == 0 {
			return "Choose at least one story for the part, or take it out."
		}
		return ""
	case Front, Section, Read, Followed:
		return "" // what a calendar composed; it may be empty
	}
	return p.Block.wrong()
}

// Write stores what somebody wrote, at the version that they have seen. Only a
// draft can be written on.
func (s *Store) Write(ctx context.Context, a *reader.Actor, id string, version int, m Manuscript) (Edition, error) {
	return s.step(ctx, a, id, version, "", []Stage{Draft}, func(tx *db.Tx, e *Edition) error {
		if err := m.check(true); err != nil {
			return err
		}
		e.Subject, e.Preview, e.Parts = m.Subject, m.Preview, m.Parts
		return nil
	})
}

// Compose makes a draft of a digest anew from the paper of this moment.
func (s *Store) Compose(ctx context.Context, a *reader.Actor, id string, version int) (Edition, error) {
	e, err := s.EditionByID(ctx, a, id)
	if err != nil {
		return e, err
	}
	l, err := s.ListByID(ctx, e.List)
	if err != nil {
		return e, err
	}
	parts, subject, err := s.compose(ctx, l)
	if err != nil {
		return e, err
	}
	return s.step(ctx, a, id, version, "", []Stage{Draft}, func(tx *db.Tx, e *Edition) error {
		e.Parts, e.Subject = parts, subject
		return nil
	})
}

// Discard throws a draft away.
func (s *Store) Discard(ctx context.Context, a *reader.Actor, id string, version int) error {
	_, err := s.step(ctx, a, id, version, EditionStopped, []Stage{Draft, Waiting, Scheduled}, func(tx *db.Tx, e *Edition) error {
		e.Stage, e.Ended = Cancelled, s.Now()
		return nil
	})
	return err
}

// Schedule has a draft go out at a time; the zero time is now. Where the list asks
// for it somebody else has to approve it first.
func (s *Store) Schedule(ctx context.Context, a *reader.Actor, id string, version int, at time.Time) (Edition, error) {
	return s.step(ctx, a, id, version, EditionSet, []Stage{Draft}, func(tx *db.Tx, e *Edition) error {
		if err := (Manuscript{e.Subject, e.Preview, e.Parts}).check(false); err != nil {
			return err
		}
		l, err := listBy(ctx, tx, `id = $1`, e.List)
		if err != nil {
			return err
		}
		if !at.IsZero() && !at.After(s.Now()) {
			return &problem.Problem{
				Kind: problem.Invalid, Detail: "This time has passed. Choose one that is to come, or send now.",
				Fields: map[string]string{"at": "Choose a time that is to come."},
			}
		}
		e.Stage, e.At = Scheduled, at
		if e.Author == "" {
			e.Author = a.Reader.ID
		}
		if l.Approve {
			e.Stage = Waiting
			return nil
		}
		return s.setOut(ctx, tx, e)
	})
}

// Approve lets an edition go out that waits for it. Whoever wrote it does not
// approve it.
func (s *Store) Approve(ctx context.Context, a *reader.Actor, id string, version int) (Edition, error) {
	return s.step(ctx, a, id, version, EditionSet, []Stage{Waiting}, func(tx *db.Tx, e *Edition) error {
		if e.Author == a.Reader.ID {
			return &problem.Problem{Kind: problem.Forbidden, Detail: "You have written this edition: somebody else has to approve it."}
		}
		e.Stage, e.Approver = Scheduled, a.Reader.ID
		return s.setOut(ctx, tx, e)
	})
}

// setOut sends an edition whose time has come at once.
func (s *Store) setOut(ctx context.Context, tx *db.Tx, e *Edition) error {
	if e.At.After(s.Now()) {
		return nil
	}
	return s.begin(ctx, tx, e)
}

// Unschedule makes a draft again of what has not begun to go out.
func (s *Store) Unschedule(ctx context.Context, a *reader.Actor, id string, version int) (Edition, error) {
	return s.step(ctx, a, id, version, EditionUnset, []Stage{Waiting, Scheduled}, func(tx *db.Tx, e *Edition) error {
		e.Stage, e.At, e.Approver = Draft, time.Time{}, ""
		return nil
	})
}

// Pause stops the sending of an edition until it is resumed. Letters that are with a
// server at this moment still go.
func (s *Store) Pause(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionPaused, []Stage{Sending}, func(tx *db.Tx, e *Edition) error {
		e.Stage = Paused
		return nil
	})
}

// Resume goes on where sending was paused.
func (s *Store) Resume(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionResumed, []Stage{Paused}, func(tx *db.Tx, e *Edition) error {
		l, err := listBy(ctx, tx, `id = $1`, e.List)
		if err != nil {
			return err
		}
		e.Stage = Sending
		return s.Jobs.Add(ctx, tx, jobOf(l), time.Time{}, Run{e.ID})
	})
}

// Cancel ends the sending of an edition for good.
func (s *Store) Cancel(ctx context.Context, a *reader.Actor, id string) (Edition, error) {
	return s.step(ctx, a, id, 0, EditionStopped, []Stage{Sending, Paused}, func(tx *db.Tx, e *Edition) error {
		e.Stage, e.Ended = Cancelled, s.Now()
		return nil
	})
}

// step changes an edition in one of these stages; version 0 is any.
func (s *Store) step(ctx context.Context, a *reader.Actor, id string, version int, act audit.Act, from []Stage, f func(tx *db.Tx, e *Edition) error) (e Edition, err error) {
	if !a.May(reader.MayEdit) {
		return e, forbidden()
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if e, err = lockEdition(ctx, tx, id); err != nil {
			return err
		}
		if version > 0 && e.Version != version || !slices.Contains(from, e.Stage) {
			return overtaken()
		}
		if err := f(tx, &e); err != nil {
			return err
		}
		e.Version++
		_, err := tx.Exec(ctx, `update edition
			set state = $2, subject = $3, preview = $4, parts = $5, author = nullif($6, ''), approver = nullif($7, ''), at = $8, ended = $9, version = $10
			where id = $1`, e.ID, string(e.Stage), e.Subject, e.Preview, asJSON(e.Parts), e.Author, e.Approver, db.Time(e.At), db.Time(e.Ended), e.Version)
		if err != nil {
			return fmt.Errorf("change edition %s: %w", id, err)
		}
		if act == EditionSet && e.Stage == Waiting {
			act = EditionAsked // nothing goes out before somebody else has looked at it
		}
		if err := event.Record(ctx, tx, EditionChange{e.ID}, ListChange{e.List}); err != nil || act == "" {
			return err
		}
		return s.note(ctx, tx, a, act, e.ID, fmt.Sprintf("%s, number %d", e.List, e.Number))
	})
	return e, err
}

// An AlertText is what a news alert says.
type AlertText struct {
	Subject string
	Text    string // a source text (package richtext), or ""
	Article string // the id of a story, or ""
}

// SendAlert sends a news alert to a list, now. Editors of one paper who press the
// button at once send it once: the same story, or the same words, go out once a day.
func (s *Store) SendAlert(ctx context.Context, a *reader.Actor, list string, t AlertText) (e Edition, err error) {
	if !a.May(reader.MayEdit) {
		return e, forbidden()
	}
	l, err := s.ListByID(ctx, list)
	if err != nil {
		return e, err
	}
	if l.Kind != Alert || !l.Retired.IsZero() {
		return e, &problem.Problem{Kind: problem.Invalid, Detail: "Choose a list of news alerts."}
	}
	e = Edition{List: l.ID, Stage: Scheduled, Author: a.Reader.ID, Subject: strings.TrimSpace(t.Subject), Article: t.Article}
	if t.Text != "" {
		e.Parts = append(e.Parts, Part{Block: Block{Kind: Words, Text: t.Text}})
	}
	if t.Article != "" {
		e.Parts = append(e.Parts, Part{Block: Block{Kind: Stories}, Stories: []string{t.Article}, Show: 1})
		may, err := s.Articles.Readable(ctx, t.Article)
		if err != nil {
			return e, err
		}
		if _, ok := may[t.Article]; !ok {
			return e, &problem.Problem{Kind: problem.Invalid, Detail: "Readers cannot have this story yet: publish it first."}
		}
	}
	if err := (Manuscript{e.Subject, "", e.Parts}).check(false); err != nil {
		return e, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if l, err = lockList(ctx, tx, l.ID); err != nil {
			return err
		}
		if err := s.once(ctx, tx, l, e); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, &e); err != nil {
			return err
		}
		if err := s.begin(ctx, tx, &e); err != nil {
			return err
		}
		return s.note(ctx, tx, a, AlertSent, e.ID, e.Subject)
	})
	return e, err
}

// once refuses an alert that has gone out today, and one more than the list's cap.
func (s *Store) once(ctx context.Context, tx *db.Tx, l List, e Edition) error {
	var all, same int
	err := tx.QueryRow(ctx, `select count(*), count(case when subject = $3 or article = nullif($4, '') then 1 end)
		from edition
		where list = $1 and created >= $2 and state <> 'cancelled'`, l.ID, db.Time(s.midnight()), e.Subject, e.Article).Scan(&all, &same)
	if err != nil {
		return fmt.Errorf("count the alerts of today: %w", err)
	}
	switch {
	case same > 0:
		return &problem.Problem{Kind: problem.Conflict, Detail: "This alert has gone out today already."}
	case l.Cap > 0 && all >= l.Cap:
		return &problem.Problem{Kind: problem.Conflict, Detail: "As many alerts as this list allows have gone out today. The list says how many."}
	}
	return nil
}
