package newsletter

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/newsletter/bounce"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// strikes is how many letters in a row may come back for the moment; strikeLife is
// when one of them is forgotten.
const (
	strikes    = 3
	strikeLife = 60 * 24 * time.Hour
)

// tokenSize is the length of a return token's bytes: subscriber, edition, stamp.
const tokenSize = 16 + 4 + secret.StampSize

// traced reads the token of a letter that came back.
func (s *Store) traced(token string) (subscriber string, code uint32, ok bool) {
	b, err := base32lower.DecodeString(strings.ToLower(token))
	if err != nil || len(b) != tokenSize || !s.Keys.Stamped("return", b[:20], b[20:]) {
		return "", 0, false
	}
	return db.IDOf(b[:16]), binary.BigEndian.Uint32(b[16:20]), true
}

// Known reports whether a token is of a letter of ours: nothing else is taken in.
func (s *Store) Known(token string) bool {
	_, _, ok := s.traced(token)
	return ok
}

// Returned reads a mail that came back to the address with this token, and does what
// it says. Programs that answer, and what nobody understands, touch nobody.
func (s *Store) Returned(ctx context.Context, token string, raw []byte) error {
	subscriber, code, ok := s.traced(token)
	if !ok {
		return nil
	}
	report, err := bounce.Parse(raw)
	if err != nil {
		s.Log.Info("a mail that came back is not understood", "error", err)
		return nil
	}
	// A letter is to one person: more recipients are one who forwards it.
	why, waits := "", len(report.Recipients) > 0
	for _, r := range report.Recipients {
		if waits = waits && r.Delayed; r.Kind == report.Kind && why == "" {
			why = r.Diagnostic
		}
	}
	if waits {
		return nil // its server still tries
	}
	return s.hears(ctx, subscriber, code, report.Kind, why)
}

// hears does what a report says about a letter of ours.
func (s *Store) hears(ctx context.Context, subscriber string, code uint32, kind bounce.Kind, why string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.hear(ctx, tx, subscriber, code, kind, why) })
}

func (s *Store) hear(ctx context.Context, tx *db.Tx, subscriber string, code uint32, kind bounce.Kind, why string) error {
	if kind != bounce.Hard && kind != bounce.Soft && kind != bounce.Complaint {
		return nil
	}
	u, err := s.lock(ctx, tx, subscriber)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := editionBy(ctx, tx, `code = $1`, int64(code))
	if problem.Is(err, problem.NotFound) {
		return s.learn(ctx, tx, u, kind, why)
	}
	if err != nil {
		return err
	}
	// One letter comes back once, however many servers say so.
	var was string
	err = tx.QueryRow(ctx, `select why from delivery where edition = $1 and subscriber = $2`, e.ID, u.ID).Scan(&was)
	if err = db.Found(err, "There was no such letter."); problem.Is(err, problem.NotFound) && e.Stage == Sending {
		return fmt.Errorf("a letter of edition %s came back before it was stored that it went out", e.ID) // it comes again
	} else if problem.Is(err, problem.NotFound) || was == "came back" && kind != bounce.Complaint || was == "complaint" {
		return nil
	} else if err != nil {
		return err
	}
	column, mark := "bounced", "came back"
	if kind == bounce.Complaint {
		column, mark = "complained", "complaint"
	}
	if _, err := tx.Exec(ctx, `update delivery set why = $3 where edition = $1 and subscriber = $2`, e.ID, u.ID, mark); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update edition set `+column+` = `+column+` + 1 where id = $1`, e.ID); err != nil {
		return fmt.Errorf("count what came back: %w", err)
	}
	return s.learn(ctx, tx, u, kind, why)
}

// A Hearing is what a provider tells of one letter.
type Hearing struct {
	ID      string // of the report: each counts once
	Email   string
	Message string // the Message-ID of the letter, where it is told
	Token   string // of the address to which the letter was to come back, where it is told
	Kind    bounce.Kind
	Detail  string
}

// Heard does what a provider tells, once for each report.
func (s *Store) Heard(ctx context.Context, r Hearing) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `insert into heard_report (id, created) values ($1, $2) on conflict do nothing`, r.ID, db.Time(s.Now()))
		if problem.Is(db.One(res, err), problem.NotFound) {
			return nil // it was heard before
		} else if err != nil {
			return fmt.Errorf("note a report: %w", err)
		}
		subscriber, code, err := s.about(ctx, tx, r)
		if err != nil || subscriber == "" {
			return err
		}
		return s.hear(ctx, tx, subscriber, code, r.Kind, r.Detail)
	})
}

// about finds out to whom the letter went of which a provider tells: by the address
// to which it was to come back, by its own id, or by the reader's address.
func (s *Store) about(ctx context.Context, tx *db.Tx, r Hearing) (subscriber string, code uint32, err error) {
	if subscriber, code, ok := s.traced(r.Token); ok {
		return subscriber, code, nil
	}
	n, who, _ := strings.Cut(strings.TrimPrefix(r.Message, "<"), ".")
	who, _, _ = strings.Cut(who, "@")
	if id, err := strconv.ParseUint(n, 16, 32); err == nil { // other programs make ids that look like ours
		u, err := subscriberBy(ctx, tx, `s.id = $1`, who)
		if err == nil {
			return u.ID, uint32(id), nil
		}
		if !problem.Is(err, problem.NotFound) {
			return "", 0, err
		}
	}
	u, err := subscriberBy(ctx, tx, `s.folded = $1`, fold(r.Email))
	if problem.Is(err, problem.NotFound) {
		return "", 0, nil
	}
	return u.ID, 0, err
}

// learn does what the fate of a letter says of its address: a mailbox that is not
// there gets nothing more, one that is full may fail three times in a row, and who
// calls a letter unwanted never gets another one. u is locked.
func (s *Store) learn(ctx context.Context, tx *db.Tx, u Subscriber, kind bounce.Kind, why string) error {
	switch kind {
	case bounce.Hard:
		return s.suppress(ctx, tx, u.Email, Hard, why)
	case bounce.Complaint:
		return s.suppress(ctx, tx, u.Email, Complaint, why)
	case bounce.Soft:
		var n int
		err := tx.QueryRow(ctx, `update subscriber
			set strikes = case when struck < $2 then 1 else strikes + 1 end, struck = $3
			where id = $1
			returning strikes`, u.ID, db.Time(s.Now().Add(-strikeLife)), db.Time(s.Now())).Scan(&n)
		if err != nil {
			return fmt.Errorf("count what came back: %w", err)
		}
		if n >= strikes {
			return s.suppress(ctx, tx, u.Email, Soft, why)
		}
	}
	return nil
}
