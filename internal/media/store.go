package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/job"
	"kawaraban/internal/problem"
)

// A Picture is one picture of the paper and what there is of it to serve.
type Picture struct {
	ID            string
	Width, Height int // of the original, upright
	Format        Format
	State         State
	Reason        string // of a failed one
	Meta
	Focus      Focus
	Renditions []File // narrowest first, both formats; empty until they are drawn
	Base       string // where a page finds the renditions; "" is /media/, where readers do

	Expires  time.Time // when the paper may not show it any more; zero: never
	Ended    bool      // that time has come: readers must not have it
	Rights   string    // what else there is to know of its rights; never leaves the newsroom
	Name     string    // of the file, as it was sent
	Owner    string    // reader id of whoever sent it, "" for what came by wire
	Created  time.Time
	Edited   time.Time // when its words were changed; zero: they are the file's
	EditedBy string    // reader id
	hash     string
}

// A File is a rendition as pages name it: readers have it at /media/{Key}.
type File struct {
	Width, Height int
	Format        Format
	Key           string
}

// Ready says that there is more of a picture to show, or another way to show it.
type Ready struct{ ID string }

// EventKind and EventSubject make it a fact (package event).
func (Ready) EventKind() string      { return "media.ready" }
func (r Ready) EventSubject() string { return r.ID }

// Tag is the page cache's tag of everything that shows the picture.
func Tag(id string) string { return "picture:" + id }

// A Store keeps pictures: their rows in the database, their bytes in blobs.
type Store struct {
	DB    *db.DB
	Blobs *blob.Folder
	Jobs  *job.Queue
	Now   func() time.Time
	ID    func() string
	Log   *slog.Logger

	finishing sync.Mutex // of uploads
}

// A Kept picture has its bytes in a blob and no row yet.
type Kept struct {
	Info
	Owner string // reader id of whoever sent it; "" for what came by wire
	Name  string // of the file, as it was sent
	Known bool   // after Add: the paper had it already
	hash  string
}

// Keep checks a picture and stores its bytes. It is a picture of the paper only
// after Add; bytes that no Add follows take room and do nothing else.
func (s *Store) Keep(ctx context.Context, data []byte) (*Kept, error) {
	info, err := Inspect(data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	k := &Kept{Info: info, hash: hex.EncodeToString(sum[:])}
	if _, err := s.Blobs.Put(ctx, original(k.hash), bytes.NewReader(data)); err != nil {
		return nil, fmt.Errorf("keep a picture: %w", err)
	}
	return k, nil
}

func original(hash string) string { return "original/" + hash[:2] + "/" + hash }

// Add makes a kept picture one of the paper's and has its renditions drawn. The
// same bytes are the same picture.
func (s *Store) Add(ctx context.Context, tx *db.Tx, k *Kept) (id string, err error) {
	meta, err := json.Marshal(k.Meta)
	if err != nil {
		return "", fmt.Errorf("add a picture: %w", err)
	}
	own := s.ID()
	err = tx.QueryRow(ctx, `insert into picture (
			id, hash, state, reason, format, width, height, headline, caption, alt, byline, credit, copyright, usage_terms,
			meta, focus_x, focus_y, created, owner, name)
		values ($1, $2, 'waiting', '', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, $14, nullif($15, ''), $16)
		on conflict (hash) do update set hash = excluded.hash
		returning id`,
		own, k.hash, k.Format, k.Width, k.Height, k.Meta.Headline, k.Meta.Caption, k.Meta.Alt, k.Meta.Byline, k.Meta.Credit,
		k.Meta.Copyright, k.Meta.UsageTerms, string(meta), db.Time(s.Now()), k.Owner, clean(cut(k.Name, maxName))).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("add a picture: %w", err)
	}
	if k.Known = id != own; k.Known {
		return id, nil // and drawn or being drawn
	}
	p := Picture{Meta: k.Meta, Name: k.Name}
	if err := index(ctx, tx, id, "", p.folded()); err != nil {
		return "", err
	}
	return id, s.Jobs.Add(ctx, tx, DrawKind, time.Time{}, Drawing{ID: id})
}

// SetFocus chooses the point of a picture that must stay in sight when a page
// crops it.
func (s *Store) SetFocus(ctx context.Context, tx *db.Tx, id string, f Focus) error {
	if !(f.X >= 0 && f.X <= 1 && f.Y >= 0 && f.Y <= 1) { // NaN is outside too
		return &problem.Problem{Kind: problem.Invalid, Detail: "A focal point lies inside the picture: two numbers from 0 to 1."}
	}
	if err := db.One(tx.Exec(ctx, `update picture set focus_x = $2, focus_y = $3 where id = $1`, id, f.X, f.Y)); err != nil {
		return err
	}
	return event.Record(ctx, tx, Ready{id})
}

// DrawKind is the job of drawing a picture's renditions.
const DrawKind = "media.draw"

// Drawing names the picture to draw and the pass: JPEG first, which is quick
// and which every browser shows, then WebP.
type Drawing struct {
	ID   string
	WebP bool `json:",omitempty"`
}

// Draw makes a picture's renditions of one pass. Drawing them again replaces
// them. A picture that cannot be drawn is marked as failed, with the reason.
func (s *Store) Draw(ctx context.Context, d Drawing) error {
	p, err := s.scan(s.DB.QueryRow(ctx, `select `+pictureColumns+` from picture as p where p.id = $1`, d.ID))
	if err := db.Found(err, "There is no such picture."); problem.Is(err, problem.NotFound) {
		return nil
	} else if err != nil {
		return fmt.Errorf("draw %s: %w", d.ID, err)
	}
	data, err := s.bytes(ctx, original(p.hash))
	if err != nil {
		return fmt.Errorf("draw %s: %w", d.ID, err)
	}
	format := JPEG
	if d.WebP {
		format = WebP
	}
	list, err := render(ctx, data, Widths(), func(m *Meta) { WordsOf(p.Meta).into(m) }, format)
	if bad := problem.Of(err); bad != nil {
		s.Log.Warn("a picture cannot be drawn", "picture", d.ID, "reason", bad.Detail)
		return s.fail(ctx, d.ID, bad.Detail)
	}
	if err != nil {
		return fmt.Errorf("draw %s: %w", d.ID, err)
	}
	hashes := make([]string, len(list))
	for i, r := range list {
		if hashes[i], err = s.Blobs.Put(ctx, rendition(key(d.ID, r.Width, r.Format)), bytes.NewReader(r.Data)); err != nil {
			return fmt.Errorf("draw %s: %w", d.ID, err)
		}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for i, r := range list {
			_, err := tx.Exec(ctx, `insert into rendition (picture, width, format, height, size, hash)
				values ($1, $2, $3, $4, $5, $6)
				on conflict (picture, width, format) do update set height = excluded.height, size = excluded.size, hash = excluded.hash`,
				d.ID, r.Width, r.Format, r.Height, len(r.Data), hashes[i])
			if err != nil {
				return fmt.Errorf("store a rendition of %s: %w", d.ID, err)
			}
		}
		if err := db.One(tx.Exec(ctx, `update picture set state = 'ready', reason = '' where id = $1`, d.ID)); err != nil {
			return err
		}
		if !d.WebP {
			if err := s.Jobs.Add(ctx, tx, DrawKind, time.Time{}, Drawing{ID: d.ID, WebP: true}); err != nil {
				return err
			}
		}
		return event.Record(ctx, tx, Ready{d.ID})
	})
}

func (s *Store) fail(ctx context.Context, id, reason string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		return db.One(tx.Exec(ctx, `update picture set state = 'failed', reason = $2 where id = $1`, id, reason))
	})
}

func (s *Store) bytes(ctx context.Context, key string) ([]byte, error) {
	f, err := s.Blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

func rendition(key string) string { return "rendition/" + key }

func key(id string, width int, f Format) string {
	return id + "-" + strconv.Itoa(width) + f.Ext()
}

// parseKey is the inverse of key. A number has one spelling: "0640" is no key.
func parseKey(name string) (id string, width int, f Format, ok bool) {
	for _, f := range []Format{JPEG, WebP} {
		rest, found := strings.CutSuffix(name, f.Ext())
		if !found {
			continue
		}
		id, w, _ := strings.Cut(rest, "-")
		width, err := strconv.Atoi(w)
		return id, width, f, err == nil && id != "" && name == key(id, width, f)
	}
	return "", 0, "", false
}

// Pictures returns those of the pictures that exist, by id.
func (s *Store) Pictures(ctx context.Context, ids ...string) (map[string]*Picture, error) {
	found := make(map[string]*Picture, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var args []any
	rows, err := s.DB.Query(ctx, `select `+pictureColumns+` from picture as p where p.id `+db.In(&args, ids)+` order by p.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read pictures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		p, err := s.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read pictures: %w", err)
		}
		found[p.ID] = p
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read pictures: %w", err)
	}
	rows.Close()
	return found, s.files(ctx, found, ids)
}

// files fills in the renditions.
func (s *Store) files(ctx context.Context, found map[string]*Picture, ids []string) error {
	var args []any
	rows, err := s.DB.Query(ctx, `select picture, width, format, height from rendition
		where picture `+db.In(&args, ids)+`
		order by picture, width, format`, args...)
	if err != nil {
		return fmt.Errorf("read renditions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var f File
		if err := rows.Scan(&id, &f.Width, &f.Format, &f.Height); err != nil {
			return fmt.Errorf("read renditions: %w", err)
		}
		f.Key = key(id, f.Width, f.Format)
		found[id].Renditions = append(found[id].Renditions, f)
	}
	return rows.Err()
}

// Open is a rendition's bytes, to be closed.
type Open struct {
	io.ReadSeekCloser
	Type     string // media type
	Hash     string
	Picture  string // id
	Modified time.Time
	Expires  time.Time // when readers may not have it any more; zero: never
	Ended    bool      // that time has come
	Video    bool      // it is the file or the captions of a video, whose id is Picture
}

// Open returns the rendition under a File's Key, or the file or the captions of a
// video under theirs. Whether readers may have it is
// the article's to say (article.MayShow).
func (s *Store) Open(ctx context.Context, name string) (*Open, error) {
	if o, err := s.openVideo(ctx, name); o != nil || err != nil {
		return o, err
	}
	id, width, format, ok := parseKey(name)
	if !ok {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such picture."}
	}
	o := &Open{Type: format.Type(), Picture: id}
	err := s.DB.QueryRow(ctx, `select r.hash, p.expires
		from rendition as r join picture as p on p.id = r.picture
		where r.picture = $1 and r.width = $2 and r.format = $3`, id, width, format).Scan(&o.Hash, (*db.Time)(&o.Expires))
	if err != nil {
		return nil, db.Found(err, "There is no such picture.")
	}
	o.Ended = !o.Expires.IsZero() && !o.Expires.After(s.Now())
	f, err := s.Blobs.Open(ctx, rendition(name))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	o.ReadSeekCloser, o.Modified = f, f.ModTime
	return o, nil
}

// Waiting counts the pictures whose renditions are still to be drawn.
func (s *Store) Waiting(ctx context.Context) (n int, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) from picture where state = 'waiting'`).Scan(&n)
	return n, err
}

// Verify looks for pictures and renditions whose bytes are missing or are not
// what was written, and tells each in a sentence.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	rows, err := s.DB.Query(ctx, `select id, 0 as width, format, hash from picture
		union all
		select picture, width, format, hash from rendition
		order by 1, 2, 3`)
	if err != nil {
		return fmt.Errorf("verify pictures: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, want string
		var width int
		var format Format
		if err := rows.Scan(&id, &width, &format, &want); err != nil {
			return fmt.Errorf("verify pictures: %w", err)
		}
		name, blob := "original of picture "+id, original(want)
		if width > 0 {
			name, blob = "rendition "+key(id, width, format), rendition(key(id, width, format))
		}
		data, err := s.bytes(ctx, blob)
		if err != nil {
			tell(fmt.Sprintf("The %s cannot be read (%v). Restore it from a backup.", name, err))
			continue
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			tell(fmt.Sprintf("The %s is not what was written. Restore it from a backup.", name))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	return s.verifyVideos(ctx, tell)
}
