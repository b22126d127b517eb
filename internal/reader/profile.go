package reader

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kawaraban/internal/audit"
	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Profile is what others see of a reader, beside the portrait.
type Profile struct {
	Name   string
	Handle string
	Bio    string
}

// SetProfile changes what others see of the actor. The address of the profile
// changes with the handle; the one before leads nowhere, and somebody else may
// take it.
func (s *Store) SetProfile(ctx context.Context, a *Actor, p Profile) error {
	var fields fieldErrors
	var err error
	p.Name, err = cleanName(p.Name)
	fields.add(err)
	p.Handle = strings.ToLower(strings.TrimSpace(p.Handle))
	if p.Handle != a.Reader.Handle { // one that was made, or is kept, may be what nobody could choose
		fields.add(CheckHandle(p.Handle))
	}
	p.Bio, err = cleanBio(p.Bio)
	fields.add(err)
	if err := fields.err(); err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		before, err := lock(ctx, tx, a.Reader.ID)
		if err != nil {
			return err
		}
		if p.Handle != before.Handle {
			if gone, err := s.wasHandle(ctx, tx, p.Handle); err != nil || gone {
				return errors.Join(err, errHandle)
			}
		}
		_, err = tx.Exec(ctx, `update reader set name = $1, handle = $2, bio = $3 where id = $4`, p.Name, p.Handle, p.Bio, a.Reader.ID)
		if err != nil {
			return err
		}
		// The log says what was changed and never to what: it is kept for good.
		changed := differing([][3]string{{"name", before.Name, p.Name}, {"handle", before.Handle, p.Handle}, {"bio", before.Bio, p.Bio}})
		if changed == "" {
			return nil
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: ProfileChanged, Subject: a.Reader.ID, Detail: changed}, Changed{a.Reader.ID})
	})
	if db.IsUnique(err) || errors.Is(err, errHandle) {
		const taken = "Somebody has this handle. Choose another."
		return &problem.Problem{Kind: problem.Conflict, Detail: taken, Fields: map[string]string{"handle": taken}, Err: err}
	}
	return err
}

// errHandle is that of a handle whose owner was erased.
var errHandle = errors.New("reader: the handle was somebody's")

// differing lists the names of what is not as it was.
func differing(pairs [][3]string) string {
	var names []string
	for _, p := range pairs {
		if p[1] != p[2] {
			names = append(names, p[0])
		}
	}
	return strings.Join(names, ", ")
}

// cleanBio is a text of a few lines as others see it.
func cleanBio(bio string) (string, error) {
	bio = strings.TrimSpace(norm.NFC.String(strings.Map(func(r rune) rune {
		if r == '\n' || !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) {
			return r
		}
		return -1
	}, strings.ReplaceAll(bio, "\r\n", "\n"))))
	for strings.Contains(bio, "\n\n\n") {
		bio = strings.ReplaceAll(bio, "\n\n\n", "\n\n")
	}
	if utf8.RuneCountInString(bio) > maxBio {
		return "", refuse("bio", "What you say about yourself has at most 300 letters.")
	}
	return bio, nil
}

// Settings are how the paper speaks to a reader.
type Settings struct {
	Language string // "" is the paper's
	Letters  Letters
}

// SetSettings changes how the paper speaks to the actor. Faces know which
// languages there are.
func (s *Store) SetSettings(ctx context.Context, a *Actor, n Settings) error {
	if n.Letters != LettersNow && n.Letters != LettersDaily && n.Letters != LettersOff {
		return refuse("letters", "Choose how letters come.")
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		before, err := lock(ctx, tx, a.Reader.ID)
		if err != nil {
			return err
		}
		if before.Language == n.Language && before.Letters == n.Letters {
			return nil
		}
		if _, err := tx.Exec(ctx, `update reader set language = $1, letters = $2 where id = $3`, n.Language, n.Letters, a.Reader.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: ProfileChanged, Subject: a.Reader.ID, Detail: "settings"})
	})
}

// SetPortrait makes the square JPEG in data the actor's picture, or none when
// there is no data. The one before is served no more, and its bytes are removed
// soon. The caller has drawn it (media.Portrait): nobody's own bytes are kept.
func (s *Store) SetPortrait(ctx context.Context, a *Actor, data []byte) error {
	name, detail := "", "portrait removed"
	if len(data) > 0 {
		// The id makes each upload a file of its own: removing one can never
		// remove another that has just been put.
		sum := sha256.Sum256(append([]byte(s.ID()), data...))
		name, detail = hex.EncodeToString(sum[:16]), "portrait"
		if _, err := s.Blobs.Put(ctx, portraitKey(a.Reader.ID, name), bytes.NewReader(data)); err != nil {
			return fmt.Errorf("keep a portrait: %w", err)
		}
	}
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		before, err := lock(ctx, tx, a.Reader.ID)
		if err != nil || before.Portrait == name {
			return err
		}
		if _, err := tx.Exec(ctx, `update reader set portrait = $1 where id = $2`, name, a.Reader.ID); err != nil {
			return err
		}
		if before.Portrait != "" {
			if err := s.Jobs.Add(ctx, tx, dropJob, time.Time{}, portraitKey(a.Reader.ID, before.Portrait)); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, audit.Entry{Actor: a.Reader.ID, Act: ProfileChanged, Subject: a.Reader.ID, Detail: detail}, Changed{a.Reader.ID})
	})
	if err != nil && name != "" {
		err = errors.Join(err, s.drop(context.WithoutCancel(ctx), portraitKey(a.Reader.ID, name)))
	}
	return err
}

func portraitKey(id, name string) string { return portraits(id) + "/" + name + ".jpg" }

// portraits is the folder of a reader's portraits.
func portraits(id string) string { return "portrait/" + id }

// PortraitFile is the name under which a reader's portrait is served, "" for
// who has none.
func (r *Reader) PortraitFile() string {
	if r.Portrait == "" {
		return ""
	}
	return r.ID + "-" + r.Portrait + ".jpg"
}

// OpenPortrait opens the portrait that has this name, while it is somebody's.
func (s *Store) OpenPortrait(ctx context.Context, file string) (*blob.File, error) {
	none := &problem.Problem{Kind: problem.NotFound, Detail: "There is no such picture."}
	id, name, _ := strings.Cut(file, "-")
	name, ok := strings.CutSuffix(name, ".jpg")
	if !ok || id == "" || name == "" {
		return nil, none
	}
	r, err := s.ByID(ctx, id)
	if problem.Is(err, problem.NotFound) || err == nil && r.Portrait != name {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	return s.Blobs.Open(ctx, portraitKey(id, name))
}

// wasHandle reports whether a handle was that of somebody who was erased. It
// stays theirs: nobody is to speak in the name of who is gone.
func (s *Store) wasHandle(ctx context.Context, q db.Querier, handle string) (gone bool, err error) {
	err = q.QueryRow(ctx, `select exists (select 1 from reader where handle = $1)`, s.goneHandle(handle)).Scan(&gone)
	return gone, err
}

// goneHandle stands in the row of an erased account in place of the handle,
// which may be made of a name. No handle begins so.
func (s *Store) goneHandle(handle string) string { return "~" + s.Keys.Digest("handle", handle) }

// Member returns the reader of a public profile. Who was erased is gone, and a
// handle that never was is not found.
func (s *Store) Member(ctx context.Context, handle string) (Reader, error) {
	r, err := s.ByHandle(ctx, handle)
	if !problem.Is(err, problem.NotFound) {
		return r, err
	}
	gone, other := s.wasHandle(ctx, s.DB, handle)
	if other != nil {
		return r, other
	}
	if gone {
		return r, &problem.Problem{Kind: problem.Gone, Detail: "This member has left the paper. Nothing of the profile is kept."}
	}
	return r, err
}

// EndLetters ends the letters about answers, for whoever has the signed link of
// one of them.
func (s *Store) EndLetters(ctx context.Context, id string) (r Reader, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if r, err = lock(ctx, tx, id); err != nil || r.Letters == LettersOff {
			return err
		}
		if _, err := tx.Exec(ctx, `update reader set letters = 'off' where id = $1`, id); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Actor: id, Act: ProfileChanged, Subject: id, Detail: "settings"})
	})
	return r, err
}
