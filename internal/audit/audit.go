// Package audit keeps the log of what was done in the newspaper's name and by
// whom: log-ins, changes of roles and ways in, publishing, moderation.
//
// Rows are only ever added. Each carries a hash of itself and of the row before
// it, and the head of that chain is signed with a key that is not in the
// database: whoever changes, removes, reorders or cuts off rows without that key
// is found out by Verify (SECURITY D16). The database refuses changes too. A file
// beside the database remembers how long the log has been: whoever has only the
// database cannot put back an older one, or an empty one, unseen.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/secret"
)

// An Act is what was done, such as "reader.login". It is fixed text.
type Act string

// An Entry is one row of the log. It holds no secret: no password, no token, no
// address of a network.
type Entry struct {
	Seq     int64
	At      time.Time
	Actor   string // id of who did it; "" is nobody who is known, "console" the command line
	Act     Act
	Subject string // id of what it was done to
	Detail  string // before and after, in a few words
}

// Console is the actor of what was done on the command line.
const Console = "console"

// A Log adds to the log of one database.
type Log struct {
	DB      *db.DB
	Keys    *secret.Keyring
	Now     func() time.Time
	Witness string // the file that remembers the log's length; "" for none
}

// Add writes e, with the time of now, in the transaction of what it tells of:
// both are kept or neither is. Transactions that add wait for one another, so
// it is the last thing that a transaction does.
func (l *Log) Add(ctx context.Context, tx *db.Tx, e Entry) error {
	var before string
	// Taking the head first makes those who add wait for one another.
	err := tx.QueryRow(ctx, `update audit_head set seq = seq + 1 where one = 1 returning seq, hash`).Scan(&e.Seq, &before)
	if err != nil {
		return fmt.Errorf("take the head of the audit log: %w", err)
	}
	e.At = l.Now().UTC().Truncate(time.Microsecond)
	hash := e.hash(before)
	_, err = tx.Exec(ctx, `insert into audit (seq, at, actor, act, subject, detail, hash) values ($1, $2, $3, $4, $5, $6, $7)`,
		e.Seq, db.Time(e.At), e.Actor, string(e.Act), e.Subject, e.Detail, hash)
	if err != nil {
		return fmt.Errorf("add to the audit log: %w", err)
	}
	_, err = tx.Exec(ctx, `update audit_head set hash = $1, sign = $2 where one = 1`, hash, string(l.Keys.Seal(secret.AuditHead, "", []byte(statement(e.Seq, hash)))))
	if err != nil {
		return fmt.Errorf("sign the audit log: %w", err)
	}
	return nil
}

// hash is the seal of e upon the row before it. Every text goes in with its
// length, so that two rows cannot be read as two others.
func (e Entry) hash(before string) string {
	h := sha256.New()
	var size [8]byte
	for _, s := range []string{before, fmt.Sprint(e.Seq), fmt.Sprint(e.At.UnixMicro()), e.Actor, string(e.Act), e.Subject, e.Detail} {
		binary.BigEndian.PutUint64(size[:], uint64(len(s)))
		h.Write(size[:])
		h.Write([]byte(s))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func statement(seq int64, hash string) string { return fmt.Sprintf("audit %d %s", seq, hash) }

// page is how many rows are read at a time.
const page = 500

// Read calls f for the entries about subject, or about everything when it is
// "", oldest first, after the entry with this number.
func Read(ctx context.Context, q db.Querier, subject string, after int64, f func(e Entry, hash string) error) error {
	for {
		args := []any{after}
		where := `seq > $1`
		if subject != "" {
			where += ` and subject = ` + db.Arg(&args, subject)
		}
		var list []Entry
		var hashes []string
		rows, err := q.Query(ctx, `select seq, at, actor, act, subject, detail, hash
			from audit
			where `+where+`
			order by seq
			limit `+db.Arg(&args, page), args...)
		if err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		for rows.Next() {
			var e Entry
			var hash string
			if err := rows.Scan(&e.Seq, (*db.Time)(&e.At), &e.Actor, &e.Act, &e.Subject, &e.Detail, &hash); err != nil {
				return errors.Join(fmt.Errorf("read the audit log: %w", err), rows.Close())
			}
			list, hashes = append(list, e), append(hashes, hash)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("read the audit log: %w", err)
		}
		for i, e := range list {
			if err := f(e, hashes[i]); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
		after = list[len(list)-1].Seq
	}
}
