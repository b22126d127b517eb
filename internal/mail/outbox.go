package mail

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// outboxTime begins the name of a letter, so that names sort by time.
const outboxTime = "20060102T150405.000000Z"

// keep puts a letter into the outbox, whole or not at all: whoever watches the
// folder for *.eml never finds half of one. Letters hold links that log people
// in, so that only our user may read them.
func (s *Sender) keep(_, _ string, raw []byte) error {
	if err := keep(s.Outbox, s.now().UTC().Format(outboxTime), raw); err != nil {
		return fmt.Errorf("put a letter into the outbox: %w", err)
	}
	return nil
}

func keep(folder, when string, raw []byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".letter-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// Two letters of one moment differ in their sum; two with the same sum
	// are the same letter.
	sum := sha256.Sum256(raw)
	name := fmt.Sprintf("%s-%x.eml", when, sum[:6])
	if err := os.Rename(f.Name(), filepath.Join(folder, name)); err != nil {
		return err
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
