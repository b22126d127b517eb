package comment

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A Sanction keeps a reader from taking part, or ends that. Who works for the
// paper cannot be sanctioned: the face, which knows the roles, looks.
type Sanction struct {
	Reader    string
	Act       Act       // ActMute, ActSuspend, ActBan, ActLift
	Until     time.Time // the end of a mute (up to 30 days) or a suspension (up to a year)
	Seen      string    // Member.Sanction as the moderator saw it
	Moderator string
	Rule      string
	Ground    Ground
	Reason    string
	Comment   string // the one that led to it, "" for none
}

const (
	maxMuted     = 30 * 24 * time.Hour
	maxSuspended = 366 * 24 * time.Hour
)

// bars says what each act makes of a reader.
var bars = map[Act]Bar{ActMute: Mute, ActSuspend: Suspension, ActBan: Ban, ActLift: NoBar}

func (x *Sanction) check(now time.Time) error {
	if !x.Act.onBar() {
		return refuse(problem.Invalid, "act", "Choose what to do.")
	}
	most := maxMuted
	switch x.Act {
	case ActBan, ActLift:
		x.Until = time.Time{}
		return nil
	case ActSuspend:
		most = maxSuspended
	}
	if !x.Until.After(now) || x.Until.Sub(now) > most {
		return refuse(problem.Invalid, "until", "A mute ends within 30 days, and a suspension within a year.")
	}
	x.Until = x.Until.Truncate(time.Microsecond)
	return nil
}

// Sanction bars a reader from now on. A ban also takes the reader's votes out
// of the scores, and lifting it counts them again; both are done by jobs. When
// somebody else has decided about the reader meanwhile nothing is changed: a
// Problem Conflict whose cause is *Overtaken.
func (s *Store) Sanction(ctx context.Context, x Sanction) (d Decision, err error) {
	if err := x.check(s.Now()); err != nil {
		return d, err
	}
	y, err := whyOf(x.Act, x.Rule, x.Ground, x.Reason)
	if err != nil {
		return d, err
	}
	if x.Reader == x.Moderator {
		return d, &problem.Problem{Kind: problem.Forbidden, Detail: "You cannot sanction yourself."}
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		d = Decision{
			Act: x.Act, Reader: x.Reader, Moderator: x.Moderator, Rule: y.rule, Ground: y.ground, Reason: y.reason,
			Source: SourceOwn, Until: x.Until,
		}
		who, err := s.commenter(ctx, tx, x.Reader)
		if db.IsForeign(err) {
			return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such member.", Err: err}
		}
		if err != nil {
			return err
		}
		last, err := latest(ctx, tx, lastOnBar, x.Reader)
		if err != nil {
			return err
		}
		if last.ID != x.Seen {
			return (&Overtaken{Decision: last}).problem()
		}
		if x.Act == ActLift && who.bar(s.Now()) == NoBar {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Nothing keeps this reader out of the threads."}
		}
		if y.rule != "" {
			if err := ruled(ctx, tx, y.rule); err != nil {
				return err
			}
		}
		if x.Comment != "" {
			c, err := byID(ctx, tx, x.Comment)
			if err != nil {
				return err
			}
			if c.Author != x.Reader {
				return &problem.Problem{Kind: problem.Invalid, Detail: "This comment is somebody else's."}
			}
			d.Comment, d.Article = c.ID, c.Article
		}
		if err := s.setBar(ctx, tx, who, &d, bars[x.Act]); err != nil {
			return err
		}
		return s.account(ctx, tx, d)
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("%s reader %s: %w", x.Act, x.Reader, err)
	}
	return d, err
}

// setBar changes what keeps a reader out, whose row is locked, and keeps the
// decision.
func (s *Store) setBar(ctx context.Context, tx *db.Tx, who commenter, d *Decision, to Bar) error {
	end := int64(0)
	if !who.until.IsZero() {
		end = who.until.UnixMicro()
	}
	d.Was = fmt.Sprintf("%s %d", who.barred, end)
	if _, err := tx.Exec(ctx, `update commenter set barred = $2, until = $3 where reader = $1`, who.id, to, db.Time(d.Until)); err != nil {
		return err
	}
	if err := s.record(ctx, tx, d); err != nil {
		return err
	}
	if (who.barred == Ban) != (to == Ban) {
		if err := s.Jobs.Add(ctx, tx, reverseJob, time.Time{}, who.id); err != nil {
			return err
		}
	}
	return s.tellDecided(ctx, tx, *d)
}

// reverseJob takes the votes of a banned reader out of the scores, or counts
// those of one who is banned no more; the argument is the reader's id.
const reverseJob = "comment.reverse"

const reverseBatch = 50

// reverse makes every vote of a reader count as the reader's bar says. It may
// run twice, be cut off, and run beside itself.
func (s *Store) reverse(ctx context.Context, reader string) error {
	for after, more := "", true; more; {
		err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
			after, more, err = s.reverseSome(ctx, tx, reader, after)
			return err
		})
		if err != nil {
			return fmt.Errorf("count the votes of %s anew: %w", reader, err)
		}
	}
	return nil
}

func (s *Store) reverseSome(ctx context.Context, tx *db.Tx, reader, after string) (last string, more bool, err error) {
	// Whoever votes takes this row too: nothing that counts slips in between.
	who, err := s.commenter(ctx, tx, reader)
	if err != nil {
		return after, false, err
	}
	count := who.barred != Ban
	type cast struct {
		comment string
		way     Way
		weight  int64
	}
	var votes []cast
	rows, err := tx.Query(ctx, `select comment, value, weight from vote
		where reader = $1 and counted = $2 and comment > $3
		order by comment
		limit $4`, reader, !count, after, reverseBatch)
	if err != nil {
		return after, false, err
	}
	for rows.Next() {
		var v cast
		if err := rows.Scan(&v.comment, &v.way, &v.weight); err != nil {
			rows.Close()
			return after, false, err
		}
		votes = append(votes, v)
	}
	if err := rows.Err(); err != nil {
		return after, false, err
	}
	sign, told := int64(-1), map[string]bool{}
	if count {
		sign = 1
	}
	for _, v := range votes {
		var article string
		if err := tx.QueryRow(ctx, `update comment set seats = seats where id = $1 returning article`, v.comment).Scan(&article); err != nil {
			return after, false, err
		}
		if _, err := tx.Exec(ctx, `update vote set counted = $3 where comment = $1 and reader = $2`, v.comment, reader, count); err != nil {
			return after, false, err
		}
		var change tallyChange
		change.count(v.way, sign, v.weight)
		if _, err := change.apply(ctx, tx, v.comment); err != nil {
			return after, false, err
		}
		if !told[article] {
			told[article] = true
			if err := event.Record(ctx, tx, Voted{article}); err != nil {
				return after, false, err
			}
		}
		after = v.comment
	}
	if more = len(votes) == reverseBatch; !more {
		for _, f := range s.OnBan {
			if err := f(ctx, tx, reader, !count); err != nil {
				return after, false, err
			}
		}
	}
	return after, more, nil
}
