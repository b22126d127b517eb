package comment

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
)

// A NoticeKind is what a reader is told of.
type NoticeKind string

const (
	NoticeReply    NoticeKind = "reply"    // somebody has answered
	NoticeMention  NoticeKind = "mention"  // somebody has called the reader by the handle
	NoticeDecision NoticeKind = "decision" // a moderator has decided about the reader or a comment of the reader's
	NoticeReport   NoticeKind = "report"   // what became of a report
	NoticeAppeal   NoticeKind = "appeal"   // and of an appeal
)

// A Notice is one thing that a reader is told.
type Notice struct {
	ID      string
	Reader  string
	Kind    NoticeKind
	Subject string // the comment, or the decision
	Origin  string // the reader who caused it, "" for the paper
	Seen    time.Time
	Created time.Time
}

// NoticeJob is the kind of the jobs that write letters about notices; the
// argument is the notice's id.
const NoticeJob = "letter.notice"

// tell notes what a reader is told, and has a letter written where the reader
// wants one. The same is told once.
func (s *Store) tell(ctx context.Context, tx *db.Tx, n Notice) error {
	n.ID, n.Created = s.ID(), s.Now()
	var id string
	rows, err := tx.Query(ctx, `insert into notice (id, reader, kind, subject, origin, seen, mailed, created) values ($1, $2, $3, $4, $5, 0, 0, $6)
		on conflict (reader, kind, subject) do update set created = excluded.created where notice.created = 0
		returning id`, n.ID, n.Reader, n.Kind, n.Subject, n.Origin, db.Time(n.Created))
	if err != nil {
		return fmt.Errorf("tell %s: %w", n.Reader, err)
	}
	if rows.Next() {
		err = rows.Scan(&id)
	}
	if e := rows.Close(); err == nil {
		err = e
	}
	if err != nil || id == "" {
		return err
	}
	return s.Jobs.Add(ctx, tx, NoticeJob, time.Time{}, id)
}

// tellAnswered tells those whom a comment answers or calls, unless they have
// muted its author.
func (s *Store) tellAnswered(ctx context.Context, tx *db.Tx, c Comment, mentioned []string) error {
	waiting, err := texts(ctx, tx, `select reader from notice where subject = $1 and kind = 'mention' and created = 0 order by reader`, c.ID)
	if err != nil {
		return fmt.Errorf("read whom %s calls: %w", c.ID, err)
	}
	told := map[string]bool{"": true, c.Author: true}
	one := func(reader string, kind NoticeKind) error {
		if told[reader] {
			return nil
		}
		told[reader] = true
		var muted bool
		err := tx.QueryRow(ctx, `select exists (select 1 from mute where reader = $1 and muted = $2)`, reader, c.Author).Scan(&muted)
		if err != nil || muted {
			return err
		}
		return s.tell(ctx, tx, Notice{Reader: reader, Kind: kind, Subject: c.ID, Origin: c.Author})
	}
	if err := one(c.Answered, NoticeReply); err != nil {
		return err
	}
	for _, reader := range append(waiting, mentioned...) {
		if err := one(reader, NoticeMention); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps whom a comment calls that nobody can read yet.
func remember(ctx context.Context, tx *db.Tx, id string, mentioned []string) error {
	for _, reader := range mentioned {
		_, err := tx.Exec(ctx, `insert into notice (id, reader, kind, subject, origin, seen, mailed, created) values ($1, $2, 'mention', $3, '', 0, 0, 0)
			on conflict do nothing`, db.NewID(), reader, id)
		if err != nil {
			return fmt.Errorf("remember whom %s calls: %w", id, err)
		}
	}
	return nil
}

const noticeColumns = `n.id, n.reader, n.kind, n.subject, n.origin, n.seen, n.created`

func (n *Notice) into() []any {
	return []any{&n.ID, &n.Reader, &n.Kind, &n.Subject, &n.Origin, (*db.Time)(&n.Seen), (*db.Time)(&n.Created)}
}

func notices(ctx context.Context, q db.Querier, query string, args ...any) (list []Notice, err error) {
	rows, err := q.Query(ctx, `select `+noticeColumns+` from notice as n where `+query, args...)
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n Notice
		if err := rows.Scan(n.into()...); err != nil {
			return nil, fmt.Errorf("read notices: %w", err)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

// Notice returns a notice of which no letter was sent yet; ok is false when it
// was, when its reader has seen it, or when it is gone.
func (s *Store) Notice(ctx context.Context, id string) (n Notice, ok bool, err error) {
	list, err := notices(ctx, s.DB, `n.id = $1 and n.mailed = 0 and n.seen = 0`, id)
	if err != nil || len(list) == 0 {
		return n, false, err
	}
	return list[0], true, nil
}

// perLetter is how many notices one letter tells of at most.
const perLetter = 50

// Unmailed lists what a reader has not been told yet, the oldest first.
func (s *Store) Unmailed(ctx context.Context, reader string) ([]Notice, error) {
	return notices(ctx, s.DB, `n.reader = $1 and n.mailed = 0 and n.seen = 0 and n.created > 0 order by n.created, n.id limit $2`, reader, perLetter)
}

// Mailed notes that a letter has told of notices.
func (s *Store) Mailed(ctx context.Context, list ...Notice) error {
	ids := make([]string, len(list))
	for i, n := range list {
		ids[i] = n.ID
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		args := []any{db.Time(s.Now())}
		_, err := tx.Exec(ctx, `update notice set mailed = $1 where id `+db.In(&args, ids), args...)
		return err
	})
}

// DailyJob is the kind of the jobs that write one letter a day to a reader; the
// argument is a Daily.
const DailyJob = "letter.notices"

// A Daily is the letter of one day.
type Daily struct {
	Reader string
	At     time.Time
}

// MailLater has what a reader is told gathered into one letter at a time.
func (s *Store) MailLater(ctx context.Context, reader string, at time.Time) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return s.Jobs.AddUnique(ctx, tx, DailyJob, at, Daily{reader, at})
	})
}

// Notices lists what a reader was told, the newest first. older is the cursor
// of the next page.
func (s *Store) Notices(ctx context.Context, reader, before string, limit int) (found []Notice, older string, err error) {
	args := []any{reader}
	where, err := olderThan(&args, "n", before)
	if err != nil {
		return nil, "", err
	}
	found, err = notices(ctx, s.DB, `n.reader = $1 and n.created > 0`+where+` order by n.created desc, n.id desc limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", err
	}
	if len(found) > limit {
		found = found[:limit]
		older = timeCursor(found[limit-1].Created, found[limit-1].ID)
	}
	return found, older, nil
}

// See notes that a reader has seen what there is.
func (s *Store) See(ctx context.Context, reader string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update notice set seen = $2 where reader = $1 and seen = 0 and created > 0`, reader, db.Time(s.Now()))
		return err
	})
}

// maxUnread is the greatest number of unread notices that is counted.
const maxUnread = 100

// Unread returns how many notices a reader has not seen, 100 for that many or
// more.
func (s *Store) Unread(ctx context.Context, reader string) (n int, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) from (select 1 from notice where reader = $1 and seen = 0 and created > 0 limit $2) as n`, reader, maxUnread).Scan(&n)
	return n, err
}
