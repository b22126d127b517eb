package media

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// An Upload is a file on its way. It comes in pieces, so that what has arrived
// stays when the connection is lost, and the rest follows.
type Upload struct {
	ID      string
	Name    string // of the file, as its owner knows it
	Size    int64
	Got     int64  // bytes from the beginning that have arrived
	Picture string // id of what it has become, "" while it is on its way
	Video   bool   // that is a video, and no picture
	Known   bool   // the paper had it already
	owner   string
	parts   string
}

const (
	// MaxPiece is the most that one piece may have, in bytes.
	MaxPiece = 1 << 20

	maxName      = 200            // bytes of a file's name that are kept
	maxUploads   = 200            // files that one person may have on their way
	maxOnTheWay  = 5 << 30        // bytes that these may have together
	uploadLife   = 24 * time.Hour // of a file of which nothing more comes
	uploadPrefix = "upload"
)

// BeginUpload says that a file will come.
func (s *Store) BeginUpload(ctx context.Context, owner, name string, size int64) (u Upload, err error) {
	switch {
	case size < 1:
		return u, refuse(problem.Invalid, nil, "This file is empty. Send a JPEG, PNG, WebP or GIF.")
	case size > MaxVideoBytes && maybeVideo(name):
		return u, tooLargeVideo(size)
	case size > MaxBytes && !maybeVideo(name):
		return u, tooLarge(size)
	}
	u = Upload{ID: s.ID(), Name: clean(cut(name, maxName)), Size: size, owner: owner}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var n int
		var bytes int64
		err := tx.QueryRow(ctx, `select count(*), cast(coalesce(sum(size), 0) as bigint) from upload where owner = $1 and picture = ''`, owner).Scan(&n, &bytes)
		if err != nil {
			return err
		}
		if n >= maxUploads {
			return &problem.Problem{Kind: problem.TooMany, Detail: "You have 200 files on their way. Wait until some have arrived, or give up some."}
		}
		if bytes+size > maxOnTheWay {
			return &problem.Problem{Kind: problem.TooMany, Detail: "You have 5 GB on their way. Wait until some files have arrived, or give up some."}
		}
		_, err = tx.Exec(ctx, `insert into upload (id, owner, name, size, got, parts, picture, known, created) values ($1, $2, $3, $4, 0, '', '', false, $5)`,
			u.ID, owner, u.Name, size, db.Time(s.Now()))
		return err
	})
	if err != nil && problem.Of(err) == nil {
		err = fmt.Errorf("begin an upload: %w", err)
	}
	return u, err
}

// maybeVideo reports whether a file may be a video by its name. What it is, its bytes
// say when they have come.
func maybeVideo(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".mp4", ".m4v", ".webm", ".mov", ".mkv":
		return true
	}
	return false
}

func tooLarge(size int64) error {
	return refuse(problem.TooLarge, nil,
		"This picture has %.0f MB; the limit is %d. Make it smaller and send it again.", float64(size)/bytesPerMega, MaxBytes>>20)
}

// Uploaded returns how much of a file has arrived. Of what somebody else sends
// nobody is told that it is there.
func (s *Store) Uploaded(ctx context.Context, owner, id string) (Upload, error) {
	return s.upload(ctx, s.DB, owner, id)
}

func (s *Store) upload(ctx context.Context, q db.Querier, owner, id string) (u Upload, err error) {
	err = q.QueryRow(ctx, `select id, owner, name, size, got, parts, picture, video, known from upload where id = $1 and owner = $2`, id, owner).
		Scan(&u.ID, &u.owner, &u.Name, &u.Size, &u.Got, &u.parts, &u.Picture, &u.Video, &u.Known)
	return u, db.Found(err, "This file is not on its way any more. Send it again from its beginning.")
}

// Append adds a piece to a file, from the byte on where it stood. A piece that
// does not follow on what has arrived changes nothing: the answer tells where to
// go on. With the last piece the file becomes a picture; a file that is none is
// given up, and the problem says why.
func (s *Store) Append(ctx context.Context, owner, id string, from int64, piece []byte) (Upload, error) {
	u, err := s.upload(ctx, s.DB, owner, id)
	if err != nil || u.Picture != "" {
		return u, err
	}
	if n := int64(len(piece)); n > 0 && from == u.Got {
		if n > MaxPiece || from+n > u.Size {
			return u, &problem.Problem{Kind: problem.Invalid, Detail: "More came than the file was said to have. Send it again from its beginning."}
		}
		if from == 0 && u.Size > MaxBytes && sniffVideo(piece) == "" { // before the rest comes
			return u, s.giveUp(ctx, u, &problem.Problem{Kind: problem.Unsupported, Detail: whyNot(piece)})
		}
		if u, err = s.take(ctx, u, piece); err != nil {
			return u, err
		}
	}
	if u.Got < u.Size || u.Picture != "" {
		return u, nil
	}
	return s.finish(ctx, u)
}

// take stores a piece, unless another one came first to its place.
func (s *Store) take(ctx context.Context, u Upload, piece []byte) (now Upload, err error) {
	part := uploadPrefix + "/" + u.ID + "-" + s.ID()
	if _, err := s.Blobs.Put(ctx, part, bytes.NewReader(piece)); err != nil {
		return u, fmt.Errorf("keep a piece of an upload: %w", err)
	}
	taken := false
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update upload set got = got + $3, parts = parts || $4 where id = $1 and got = $2 and picture = ''`,
			u.ID, u.Got, len(piece), part+"\n"))
		if taken = err == nil; !taken && !problem.Is(err, problem.NotFound) {
			return err
		}
		now, err = s.upload(ctx, tx, u.owner, u.ID)
		return err
	})
	if err == nil && taken {
		return now, nil
	}
	if gone := s.Blobs.Delete(context.WithoutCancel(ctx), part); gone != nil && err == nil {
		err = gone
	}
	return now, err
}

// finish makes a picture or a video of a file that has arrived. Files are opened one
// after the other: a picture may have 25 MB.
func (s *Store) finish(ctx context.Context, u Upload) (Upload, error) {
	s.finishing.Lock()
	defer s.finishing.Unlock()
	now, err := s.upload(ctx, s.DB, u.owner, u.ID)
	if err != nil || now.Picture != "" {
		return now, err // somebody was faster
	}
	u = now
	add, err := s.arrived(ctx, &u)
	if bad := problem.Of(err); bad != nil && bad.Kind != problem.Unavailable {
		return u, s.giveUp(ctx, u, err)
	}
	if err != nil {
		return u, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := db.One(tx.Exec(ctx, `update upload set got = got where id = $1 and picture = ''`, u.ID)); problem.Is(err, problem.NotFound) {
			now, err = s.upload(ctx, tx, u.owner, u.ID)
			return err
		} else if err != nil {
			return err
		}
		now = u
		if now.Picture, now.Known, err = add(tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update upload set picture = $2, video = $3, known = $4, parts = '' where id = $1`, u.ID, now.Picture, u.Video, now.Known)
		return err
	})
	if err != nil {
		return u, err
	}
	return now, s.drop(context.WithoutCancel(ctx), u)
}

// giveUp forgets a file that is refused, and returns why.
func (s *Store) giveUp(ctx context.Context, u Upload, why error) error {
	if gone := s.CancelUpload(ctx, u.owner, u.ID); gone != nil {
		return gone
	}
	return why
}

// arrived keeps the bytes of a file that has arrived, and returns what adds it to the
// library. It sets whether it is a video.
func (s *Store) arrived(ctx context.Context, u *Upload) (add func(*db.Tx) (id string, known bool, err error), err error) {
	head, err := s.head(ctx, *u)
	if err != nil {
		return nil, err
	}
	if u.Video = sniffVideo(head) != ""; u.Video {
		v, err := s.keepVideo(ctx, u.Size, u.owner, u.Name, func() io.ReadCloser { return s.whole(ctx, *u) })
		return func(tx *db.Tx) (string, bool, error) { return s.addVideo(ctx, tx, v) }, err
	}
	if u.Size > MaxBytes {
		return nil, tooLarge(u.Size)
	}
	data, err := s.assemble(ctx, *u)
	if err != nil {
		return nil, err
	}
	k, err := s.Keep(ctx, data)
	if err != nil {
		return nil, err
	}
	k.Owner, k.Name = u.owner, u.Name
	return func(tx *db.Tx) (string, bool, error) {
		id, err := s.Add(ctx, tx, k)
		return id, k.Known, err
	}, nil
}

// assemble puts the pieces of a file together.
func (s *Store) assemble(ctx context.Context, u Upload) ([]byte, error) {
	data := make([]byte, 0, u.Size)
	for _, part := range strings.Fields(u.parts) {
		f, err := s.Blobs.Open(ctx, part)
		if err != nil {
			return nil, fmt.Errorf("put an upload together: %w", err)
		}
		piece, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("put an upload together: %w", err)
		}
		data = append(data, piece...)
	}
	if int64(len(data)) != u.Size {
		return nil, fmt.Errorf("upload %s has %d bytes of %d", u.ID, len(data), u.Size)
	}
	return data, nil
}

// drop removes the pieces of a file.
func (s *Store) drop(ctx context.Context, u Upload) error {
	for _, part := range strings.Fields(u.parts) {
		if err := s.Blobs.Delete(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// CancelUpload gives a file up. It may have been given up before.
func (s *Store) CancelUpload(ctx context.Context, owner, id string) error {
	u, err := s.upload(ctx, s.DB, owner, id)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from upload where id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("give up an upload: %w", err)
	}
	return s.drop(ctx, u)
}

// Sweep forgets files that have not come to their end within a day, with whatever
// pieces of them there are.
func (s *Store) Sweep(ctx context.Context) error {
	old := s.Now().Add(-uploadLife)
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `delete from upload where created < $1`, db.Time(old))
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep the uploads: %w", err)
	}
	// A piece is younger than its row, so what is older than a day and an hour is nobody's.
	return s.sweepPieces(ctx, old.Add(-time.Hour))
}

func (s *Store) sweepPieces(ctx context.Context, old time.Time) error {
	var gone []string
	err := s.Blobs.Walk(ctx, uploadPrefix, func(b blob.Info) error {
		if b.ModTime.Before(old) {
			gone = append(gone, b.Key)
		}
		return nil
	})
	for _, key := range gone {
		if err == nil {
			err = s.Blobs.Delete(ctx, key)
		}
	}
	if err != nil {
		return fmt.Errorf("sweep the pieces of uploads: %w", err)
	}
	return nil
}
