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
