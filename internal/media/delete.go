package media

import (
	"context"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// ForgetKind is the job of removing the bytes of a picture or a video that was deleted.
const ForgetKind = "media.forget"

// Forgetting names what is to be removed.
type Forgetting struct {
	ID    string
	Hash  string
	Files []string // keys of renditions

	Video    bool   `json:",omitempty"` // it is one, and no picture
	Captions string `json:",omitempty"` // key of a blob
}

// rest is how old the bytes of an original must be before they are removed: the
// same picture may be sent again just now, and has its bytes before its row.
const rest = time.Hour

// Delete takes a picture out of the library. Whoever calls it knows that it is
// shown nowhere. Its bytes are removed soon after.
func (s *Store) Delete(ctx context.Context, tx *db.Tx, id string) error {
	p, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	gone := Forgetting{ID: id, Hash: p.hash}
	rows, err := tx.Query(ctx, `delete from rendition where picture = $1 returning width, format`, id)
	if err != nil {
		return fmt.Errorf("delete picture %s: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var width int
		var format Format
		if err := rows.Scan(&width, &format); err != nil {
			return fmt.Errorf("delete picture %s: %w", id, err)
		}
		gone.Files = append(gone.Files, key(id, width, format))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("delete picture %s: %w", id, err)
	}
	rows.Close()
	if err := index(ctx, tx, id, p.folded(), ""); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from picture where id = $1`, id); err != nil {
		return fmt.Errorf("delete picture %s: %w", id, err)
	}
	if err := s.Jobs.Add(ctx, tx, ForgetKind, time.Time{}, gone); err != nil {
		return err
	}
	return event.Record(ctx, tx, Ready{id})
}

// Forget removes the bytes of a picture that was deleted, but for an original that
// has come again or may be coming.
func (s *Store) Forget(ctx context.Context, f Forgetting) error {
	if f.Video {
		return s.forgetVideo(ctx, f)
	}
	for _, name := range f.Files {
		if err := s.Blobs.Delete(ctx, rendition(name)); err != nil {
			return err
		}
	}
	var n int
	if err := s.DB.QueryRow(ctx, `select count(*) from picture where hash = $1`, f.Hash).Scan(&n); err != nil || n > 0 {
		return err
	}
	return s.forgetFile(ctx, original(f.Hash), Forgetting{ID: f.ID, Hash: f.Hash})
}

// forgetFile removes a file that nothing in the library needs any more. One that has
// just come may be somebody's who is about to say so: again is the job to look at it
// later.
func (s *Store) forgetFile(ctx context.Context, name string, again Forgetting) error {
	o, err := s.Blobs.Open(ctx, name)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	age := s.Now().Sub(o.ModTime)
	o.Close()
	if age >= rest {
		return s.Blobs.Delete(ctx, name)
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return s.Jobs.Add(ctx, tx, ForgetKind, s.Now().Add(rest-age), again)
	})
}
