package media

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// pictureColumns are what a row of picture is read from.
const pictureColumns = `p.id, p.hash, p.state, p.reason, p.format, p.width, p.height, p.meta,
	p.headline, p.caption, p.alt, p.byline, p.credit, p.copyright, p.usage_terms,
	p.focus_x, p.focus_y, coalesce(p.owner, ''), p.name, p.expires, p.rights, p.edited, coalesce(p.edited_by, ''), p.created`

// scan reads a row. What the columns say wins over what the file said of itself.
func (s *Store) scan(row interface{ Scan(...any) error }) (*Picture, error) {
	p, meta := new(Picture), ""
	var w Words
	err := row.Scan(&p.ID, &p.hash, &p.State, &p.Reason, &p.Format, &p.Width, &p.Height, &meta,
		&p.Headline, &w.Caption, &w.Alt, &w.Byline, &w.Credit, &w.Copyright, &w.UsageTerms,
		&p.Focus.X, &p.Focus.Y, &p.Owner, &p.Name, (*db.Time)(&p.Expires), &p.Rights, (*db.Time)(&p.Edited), &p.EditedBy, (*db.Time)(&p.Created))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(meta), &p.Meta); err != nil {
		return nil, fmt.Errorf("the metadata of picture %s is damaged: %w", p.ID, err)
	}
	w.into(&p.Meta)
	p.Ended = p.endedAt(s.Now())
	return p, nil
}

// endedAt reports whether the right to show the picture has ended at a moment.
func (p *Picture) endedAt(at time.Time) bool { return !p.Expires.IsZero() && !p.Expires.After(at) }

// MayShowAt reports whether the picture may be shown at a moment.
func (p *Picture) MayShowAt(at time.Time) bool { return !p.endedAt(at) }

// A State is how far the renditions of a picture are.
type State string

const (
	Waiting State = "waiting" // they are being drawn
	Drawn   State = "ready"
	Failed  State = "failed" // the picture cannot be drawn, for its Reason
)

// Words are what editors say of a picture, in the place of what its file says.
type Words struct {
	Caption, Alt, Byline, Credit, Copyright, UsageTerms string
}

// WordsOf returns the words of a picture.
func WordsOf(m Meta) Words {
	return Words{m.Caption, m.Alt, m.Byline, m.Credit, m.Copyright, m.UsageTerms}
}

func (w Words) into(m *Meta) {
	m.Caption, m.Alt, m.Byline, m.Credit, m.Copyright, m.UsageTerms = w.Caption, w.Alt, w.Byline, w.Credit, w.Copyright, w.UsageTerms
}

// tidy brings words into the form in which they are kept.
func (w *Words) tidy() error {
	fields := map[string]*string{
		"caption": &w.Caption, "alt": &w.Alt, "byline": &w.Byline, "credit": &w.Credit, "copyright": &w.Copyright, "usage_terms": &w.UsageTerms,
	}
	for name, text := range fields {
		if utf8.RuneCountInString(*text) > maxWords {
			return &problem.Problem{
				Kind: problem.Invalid, Detail: "One of the fields is longer than 1,000 characters. Shorten it.",
				Fields: map[string]string{name: "Shorten it to 1,000 characters."},
			}
		}
		*text = clean(*text)
	}
	return nil
}

// maxWords is how many characters one of the words may have.
const maxWords = 1_000

// Set gives a picture other words. seen is when they were last changed as whoever
// changes them knows it: words that somebody has changed since are not written
// over. The renditions are drawn again, so that they carry the words as well.
func (s *Store) Set(ctx context.Context, tx *db.Tx, id, by string, seen time.Time, w Words) error {
	if err := w.tidy(); err != nil {
		return err
	}
	p, err := s.lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if !p.Edited.Equal(seen) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed the words of this picture since. Look at them, and change them once more."}
	}
	if WordsOf(p.Meta) == w {
		return nil
	}
	before := p.folded()
	w.into(&p.Meta)
	now := s.Now()
	if !now.After(p.Edited) {
		now = p.Edited.Add(time.Microsecond)
	}
	_, err = tx.Exec(ctx, `update picture
		set caption = $2, alt = $3, byline = $4, credit = $5, copyright = $6, usage_terms = $7, edited = $8, edited_by = $9
		where id = $1`,
		id, w.Caption, w.Alt, w.Byline, w.Credit, w.Copyright, w.UsageTerms, db.Time(now), by)
	if err != nil {
		return fmt.Errorf("change the words of picture %s: %w", id, err)
	}
	if err := index(ctx, tx, id, before, p.folded()); err != nil {
		return err
	}
	if err := s.Jobs.Add(ctx, tx, DrawKind, time.Time{}, Drawing{ID: id}); err != nil {
		return err
	}
	return event.Record(ctx, tx, Ready{id})
}

// lock takes a picture's row, so that those who change one wait for one another.
func (s *Store) lock(ctx context.Context, tx *db.Tx, id string) (*Picture, error) {
	if err := db.One(tx.Exec(ctx, `update picture set reason = reason where id = $1`, id)); err != nil {
		return nil, db.Found(err, "There is no such picture.")
	}
	p, err := s.scan(tx.QueryRow(ctx, `select `+pictureColumns+` from picture as p where p.id = $1`, id))
	return p, db.Found(err, "There is no such picture.")
}

// SetRights says until when a picture may be shown, the zero time for ever, and
// what else there is to know about that; the note never leaves the newsroom.
func (s *Store) SetRights(ctx context.Context, tx *db.Tx, id string, until time.Time, note string) error {
	if utf8.RuneCountInString(note) > maxWords {
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "One of the fields is longer than 1,000 characters. Shorten it.",
			Fields: map[string]string{"rights": "Shorten it to 1,000 characters."},
		}
	}
	err := db.One(tx.Exec(ctx, `update picture set expires = $2, rights = $3 where id = $1`, id, db.Time(until), clean(note)))
	if err != nil {
		return db.Found(err, "There is no such picture.")
	}
	return event.Record(ctx, tx, Ready{id})
}

// Picture returns one picture.
func (s *Store) Picture(ctx context.Context, id string) (*Picture, error) {
	found, err := s.Pictures(ctx, id)
	if err != nil {
		return nil, err
	}
	if found[id] == nil {
		return nil, &problem.Problem{Kind: problem.NotFound, Detail: "There is no such picture."}
	}
	return found[id], nil
}

// Original returns the bytes of a picture as they came, and what they say. They
// are for those who work here, to be saved and not to be shown.
func (s *Store) Original(ctx context.Context, p *Picture) ([]byte, Info, error) {
	data, err := s.bytes(ctx, original(p.hash))
	if err != nil {
		return nil, Info{}, fmt.Errorf("read the original of picture %s: %w", p.ID, err)
	}
	info, err := Inspect(data)
	return data, info, err
}
