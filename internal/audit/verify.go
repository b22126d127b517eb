package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"kawaraban/internal/secret"
)

// Verify walks the log and tells, in one sentence each, where it was tampered
// with.
func (l *Log) Verify(ctx context.Context, tell func(string)) error {
	witness, err := l.witness()
	if err != nil {
		return err
	}
	var seq int64
	before := ""
	err = Read(ctx, l.DB, "", 0, func(e Entry, hash string) error {
		seq++
		switch {
		case e.Seq != seq:
			tell(fmt.Sprintf("The audit log misses its entries %d to %d. Compare it with a backup.", seq, e.Seq-1))
			seq = e.Seq
		case e.hash(before) != hash:
			tell(fmt.Sprintf("Entry %d of the audit log, or the one before it, was changed. Compare it with a backup.", e.Seq))
		}
		if seq == witness.seq && hash != witness.hash {
			tell(fmt.Sprintf("Entry %d of the audit log is not the one that %s remembers. Compare it with a backup.", seq, l.Witness))
		}
		before = hash
		return nil
	})
	if err != nil {
		return err
	}
	if seq < witness.seq {
		tell(fmt.Sprintf("The audit log has %d entries and %s remembers %d: it was cut off, or the database is an older one.", seq, l.Witness, witness.seq))
	}
	at, sign, err := l.head(ctx)
	if err != nil || at == (head{}) && seq == 0 && sign == "" {
		return err
	}
	said, err := l.Keys.Open(secret.AuditHead, "", secret.Sealed(sign))
	switch {
	case err != nil || string(said) != statement(at.seq, at.hash):
		tell("The head of the audit log does not carry the paper's signature. Compare it with a backup.")
	case at != head{seq, before}:
		tell(fmt.Sprintf("The audit log ends with entry %d, and its head speaks of %d. Compare it with a backup.", seq, at.seq))
	}
	return nil
}

// A head is the last entry of the log.
type head struct {
	seq  int64
	hash string
}

func (l *Log) head(ctx context.Context) (h head, sign string, err error) {
	err = l.DB.QueryRow(ctx, `select seq, hash, sign from audit_head where one = 1`).Scan(&h.seq, &h.hash, &sign)
	if err != nil {
		return h, "", fmt.Errorf("read the head of the audit log: %w", err)
	}
	return h, sign, nil
}

// Remember notes in the witness file how long the log is. It is a job of every
// hour. A log that is shorter than before is not noted: Verify is to see it.
func (l *Log) Remember(ctx context.Context) error {
	now, _, err := l.head(ctx)
	if err != nil || l.Witness == "" {
		return err
	}
	before, err := l.witness()
	if err != nil || now.seq <= before.seq {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(l.Witness), ".audit-*")
	if err != nil {
		return fmt.Errorf("remember the audit log: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = fmt.Fprintln(temp, statement(now.seq, now.hash))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("remember the audit log: %w", err)
	}
	return os.Rename(temp.Name(), l.Witness)
}

// witness reads what the file remembers; nothing where there is none.
func (l *Log) witness() (h head, err error) {
	if l.Witness == "" {
		return h, nil
	}
	text, err := os.ReadFile(l.Witness)
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err == nil {
		_, err = fmt.Sscanf(string(text), "audit %d %s", &h.seq, &h.hash)
	}
	if err != nil {
		return h, fmt.Errorf("read %s, which remembers the audit log: %w", l.Witness, err)
	}
	return h, nil
}
