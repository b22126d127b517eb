package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// pieces read an upload from its beginning to its end, a piece at a time: a video
// never lies in memory whole.
type pieces struct {
	ctx  context.Context
	s    *Store
	left []string
	open io.ReadCloser
}

func (s *Store) whole(ctx context.Context, u Upload) *pieces {
	return &pieces{ctx: ctx, s: s, left: strings.Fields(u.parts)}
}

func (p *pieces) Read(b []byte) (int, error) {
	for {
		if p.open == nil {
			if len(p.left) == 0 {
				return 0, io.EOF
			}
			f, err := p.s.Blobs.Open(p.ctx, p.left[0])
			if err != nil {
				return 0, fmt.Errorf("put an upload together: %w", err)
			}
			p.open, p.left = f, p.left[1:]
		}
		n, err := p.open.Read(b)
		if err == io.EOF {
			p.open.Close()
			p.open, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (p *pieces) Close() error {
	if p.open == nil {
		return nil
	}
	return p.open.Close()
}

// head returns how an upload begins.
func (s *Store) head(ctx context.Context, u Upload) ([]byte, error) {
	r := s.whole(ctx, u)
	defer r.Close()
	b := make([]byte, 1024)
	n, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return b[:n], err
}

// keepVideo stores the bytes of a video, and says what it is. open reads them from the
// beginning. The first reading is for its hash, under which it is kept; the second writes it.
func (s *Store) keepVideo(ctx context.Context, size int64, owner, name string, open func() io.ReadCloser) (*Video, error) {
	sum := sha256.New()
	r := open()
	n, err := io.Copy(sum, r)
	r.Close()
	if err != nil {
		return nil, err
	}
	if n != size {
		return nil, fmt.Errorf("%s has %d bytes of %d", name, n, size)
	}
	v := &Video{Size: n, Name: name, Owner: owner, hash: hex.EncodeToString(sum.Sum(nil))}
	r = open()
	defer r.Close()
	if _, err := s.Blobs.Put(ctx, filmBlob(v.hash), r); err != nil {
		return nil, fmt.Errorf("keep a video: %w", err)
	}
	f, err := s.Blobs.Open(ctx, filmBlob(v.hash))
	if err != nil {
		return nil, fmt.Errorf("keep a video: %w", err)
	}
	defer f.Close()
	if v.Film, err = InspectVideo(f, n); problem.Of(err) != nil {
		// No video has these bytes: they are refused whenever they come.
		if gone := s.Blobs.Delete(context.WithoutCancel(ctx), filmBlob(v.hash)); gone != nil {
			return nil, gone
		}
	}
	return v, err
}

// IsVideo reports whether bytes begin as a video does.
func IsVideo(data []byte) bool { return sniffVideo(data) != "" }

// SendVideo takes a video that has come whole, in a form, into the library. known says
// that it was there.
func (s *Store) SendVideo(ctx context.Context, owner, name string, data []byte) (id string, known bool, err error) {
	v, err := s.keepVideo(ctx, int64(len(data)), owner, name, func() io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) })
	if err != nil {
		return "", false, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		id, known, err = s.addVideo(ctx, tx, v)
		return err
	})
	return id, known, err
}

var captionsLanguage = regexp.MustCompile(`^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$`)

// SetCaptions gives a video its captions, in the place of those that it had.
func (s *Store) SetCaptions(ctx context.Context, id string, data []byte, language string) error {
	language = strings.TrimSpace(language)
	if !captionsLanguage.MatchString(language) {
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "Say in which language the captions are.",
			Fields: map[string]string{"language": "Write the language as a code: en, ja, pt-BR."},
		}
	}
	list, err := ReadCaptions(data)
	if err != nil {
		return err
	}
	text := list.VTT()
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	if _, err := s.Blobs.Put(ctx, captionsBlob(id, hash), bytes.NewReader(text)); err != nil {
		return fmt.Errorf("keep captions: %w", err)
	}
	return s.caption(ctx, id, hash, language)
}

// RemoveCaptions takes the captions of a video away.
func (s *Store) RemoveCaptions(ctx context.Context, id string) error {
	return s.caption(ctx, id, "", "")
}

func (s *Store) caption(ctx context.Context, id, hash, language string) error {
	was := ""
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		v, err := s.lockVideo(ctx, tx, id)
		if err != nil {
			return err
		}
		was = v.spoken
		if _, err := tx.Exec(ctx, `update video set captions = $2, captions_lang = $3 where id = $1`, id, hash, language); err != nil {
			return fmt.Errorf("set the captions of video %s: %w", id, err)
		}
		return event.Record(ctx, tx, Ready{id})
	})
	if err != nil {
		return err
	}
	if was != "" && was != hash {
		return s.Blobs.Delete(context.WithoutCancel(ctx), captionsBlob(id, was))
	}
	return nil
}

// CaptionsOf returns the captions of a video; none when it has none.
func (s *Store) CaptionsOf(ctx context.Context, v *Video) (Captions, error) {
	if v.spoken == "" {
		return nil, nil
	}
	data, err := s.bytes(ctx, captionsBlob(v.ID, v.spoken))
	if err != nil {
		return nil, fmt.Errorf("read the captions of video %s: %w", v.ID, err)
	}
	return ReadCaptions(data)
}

// openVideo opens the file or the captions of a video by a name as Key and
// CaptionsKey make it; nil when the name is no such name.
func (s *Store) openVideo(ctx context.Context, name string) (*Open, error) {
	id, _, dotted := strings.Cut(name, ".")
	id, _, _ = strings.Cut(id, "-")
	if !dotted || !strings.HasSuffix(name, ".mp4") && !strings.HasSuffix(name, ".webm") && !strings.HasSuffix(name, ".vtt") {
		return nil, nil
	}
	v, err := s.Video(ctx, id)
	if err != nil {
		return nil, err
	}
	o := &Open{Type: v.Kind.Type(), Hash: v.hash, Picture: v.ID, Expires: v.Expires, Ended: v.Ended, Video: true}
	key := ""
	switch name {
	case v.Key():
		key = filmBlob(v.hash)
	case v.CaptionsKey():
		key, o.Type, o.Hash = captionsBlob(v.ID, v.spoken), "text/vtt; charset=utf-8", v.spoken
	default:
		return nil, noVideo()
	}
	f, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	o.ReadSeekCloser, o.Modified = f, f.ModTime
	return o, nil
}

// forgetVideo removes the bytes of a video that was deleted, but for a file that has
// come again or may be coming.
func (s *Store) forgetVideo(ctx context.Context, f Forgetting) error {
	if f.Captions != "" {
		if err := s.Blobs.Delete(ctx, f.Captions); err != nil {
			return err
		}
	}
	if f.Hash == "" {
		return nil
	}
	var n int
	if err := s.DB.QueryRow(ctx, `select count(*) from video where hash = $1`, f.Hash).Scan(&n); err != nil || n > 0 {
		return err
	}
	return s.forgetFile(ctx, filmBlob(f.Hash), Forgetting{ID: f.ID, Hash: f.Hash, Video: true})
}

// verifyVideos looks for videos and captions whose bytes are missing or are not what
// was written.
func (s *Store) verifyVideos(ctx context.Context, tell func(string)) error {
	rows, err := s.DB.Query(ctx, `select id, coalesce(hash, ''), captions from video order by id`)
	if err != nil {
		return fmt.Errorf("verify videos: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, film, spoken string
		if err := rows.Scan(&id, &film, &spoken); err != nil {
			return fmt.Errorf("verify videos: %w", err)
		}
		if film != "" {
			s.verifyBlob(ctx, tell, "video "+id, filmBlob(film), film)
		}
		if spoken != "" {
			s.verifyBlob(ctx, tell, "captions of video "+id, captionsBlob(id, spoken), spoken)
		}
	}
	return rows.Err()
}

func (s *Store) verifyBlob(ctx context.Context, tell func(string), name, key, want string) {
	sum := sha256.New()
	f, err := s.Blobs.Open(ctx, key)
	if err == nil {
		_, err = io.Copy(sum, f)
		f.Close()
	}
	switch {
	case err != nil:
		tell(fmt.Sprintf("The %s cannot be read (%v). Restore it from a backup.", name, err))
	case hex.EncodeToString(sum.Sum(nil)) != want:
		tell(fmt.Sprintf("The %s is not what was written. Restore it from a backup.", name))
	}
}
