package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
)

// A Decision is what became of an item.
type Decision string

const (
	Released  Decision = "published" // readers have it
	Updated   Decision = "updated"   // readers have the new version
	Embargoed Decision = "embargoed" // readers get it when the embargo ends
	Held      Decision = "held"      // an editor decides
	Recalled  Decision = "withdrawn" // readers have a notice instead
	Kept      Decision = "kept"      // stored, and nothing else to do
	Dropped   Decision = "dropped"   // kept because a rule of the desk wants no article of it
)

// A Result says what became of one item, or of a whole delivery that could not
// be read (then ID is empty and Decision is Quarantined or Known).
type Result struct {
	Name     string // of the delivery
	ID       string
	Version  string
	Headline string
	Decision Decision
	Reason   string    // a sentence, "" where the decision says it all
	Article  string    // id, "" when there is none
	Dated    time.Time // when the agency made it; zero when it does not say

	ruling  Ruling
	section string // where its story is listed from now on, "" for where it was
	alert   Alerting
}

// Quarantined and Known are the decisions on whole deliveries.
const (
	Quarantined Decision = "quarantined" // it could not be read; kept with the reason
	Known       Decision = "known"       // the same bytes came under this name before
)

// Beside opens a file of the folder from which a delivery comes, by its name in
// that folder, as the delivery's own name is. It returns fs.ErrNotExist while
// the file is not there, or is not there whole.
type Beside func(name string) ([]byte, error)

// Deliver takes one delivery in: its bytes and its items are stored in one
// transaction, and the articles that follow from them. A delivery that cannot be
// read is stored with the reason; only a fault of ours is an error, and then
// nothing is stored and Deliver can be called again.
func (s *Store) Deliver(ctx context.Context, src Source, name string, data []byte, beside Beside) ([]Result, error) {
	return s.deliver(ctx, src, name, data, beside, nil)
}

// deliver is Deliver; pictures at addresses elsewhere are fetched with far, unless it is nil.
func (s *Store) deliver(ctx context.Context, src Source, name string, data []byte, beside Beside, far Far) ([]Result, error) {
	sum := sha256.Sum256(data)
	d := delivery{id: s.ID(), source: src, name: name, data: data, hash: hex.EncodeToString(sum[:])}
	if known, err := s.known(ctx, d); err != nil || known {
		return d.known(), err
	}
	short, left := window(data)
	items, err := Read(name, short)
	if p := problem.Of(err); p != nil {
		return s.quarantine(ctx, d, p.Detail)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	kept, err := s.pictures(ctx, name, items, beside)
	if err != nil {
		return nil, err
	}
	if far != nil {
		if err := s.farPictures(ctx, src, items, kept, far); err != nil {
			return nil, err
		}
	}
	var results []Result
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		results = nil // the closure may run twice
		n, err := s.begin(ctx, tx, &d, len(items))
		if err != nil {
			return err
		}
		if err := s.store(ctx, tx, d, "read", left); err != nil {
			return err
		}
		if left != "" {
			results = append(results, Result{Name: name, Decision: Kept, Reason: left})
		}
		filed, err := s.fileAll(ctx, tx, d, items, kept, n)
		results = append(results, filed...)
		return err
	})
	if db.IsUnique(err) { // another process took the same file at the same time
		return d.known(), nil
	}
	return results, err
}

// fileAll files the items of a delivery, which have the numbers from n on.
func (s *Store) fileAll(ctx context.Context, tx *db.Tx, d delivery, items []Item, kept map[string]*media.Kept, n int64) (results []Result, err error) {
	looks := maxLooks
	for i, sent := range items {
		takes, err := s.join(ctx, tx, d.source, sent, &looks)
		if err != nil {
			return nil, err
		}
		number := n + int64(i)
		for j, it := range takes {
			if j > 0 { // a kill of more than one story
				if number, _, err = s.number(ctx, tx, 1); err != nil {
					return nil, err
				}
			}
			r, err := s.file(ctx, tx, d, it, kept, number)
			if err != nil {
				return nil, fmt.Errorf("file %s version %s: %w", it.ID, it.Version, err)
			}
			results = append(results, r)
		}
	}
	return results, nil
}

// Refuse stores the name of a delivery that is too large to be read at all.
func (s *Store) Refuse(ctx context.Context, src Source, name string, size int64) ([]Result, error) {
	d := delivery{id: s.ID(), source: src, name: name, size: size, hash: fmt.Sprintf("size:%d", size)}
	if known, err := s.known(ctx, d); err != nil || known {
		return d.known(), err
	}
	return s.quarantine(ctx, d, fmt.Sprintf("This file has %d MB; the limit is %d. It stays in the folder and is not read.", size>>20, maxKept>>20))
}

// begin takes numbers for so many items, and the rules that are live by now.
func (s *Store) begin(ctx context.Context, tx *db.Tx, d *delivery, count int) (n int64, err error) {
	n, version, err := s.number(ctx, tx, count)
	if err != nil {
		return 0, err
	}
	d.book, err = s.liveBook(ctx, tx, version)
	return n, err
}

type delivery struct {
	id     string
	source Source
	name   string
	data   []byte
	size   int64 // when data is left out
	book   *ruleBook
	hash   string
}

func (d delivery) known() []Result {
	return []Result{{Name: d.name, Decision: Known, Reason: "The same file came before."}}
}

func (s *Store) known(ctx context.Context, d delivery) (known bool, err error) {
	err = s.DB.QueryRow(ctx, `select count(*) > 0 from wire_delivery where source = $1 and name = $2 and hash = $3`,
		d.source.ID, d.name, d.hash).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for delivery %s: %w", d.name, err)
	}
	return known, nil
}

func (s *Store) store(ctx context.Context, tx *db.Tx, d delivery, state, reason string) error {
	size := max(d.size, int64(len(d.data)))
	if d.data == nil {
		d.data = []byte{}
	}
	_, err := tx.Exec(ctx, `insert into wire_delivery (id, source, name, size, hash, raw, state, reason, received)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.id, d.source.ID, d.name, size, d.hash, d.data, state, reason, db.Time(s.Now()))
	if err != nil {
		return fmt.Errorf("store delivery %s: %w", d.name, err)
	}
	_, err = tx.Exec(ctx, `update wire_source set received = $2 where id = $1`, d.source.ID, db.Time(s.Now()))
	return err
}

func (s *Store) quarantine(ctx context.Context, d delivery, reason string) ([]Result, error) {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error { return s.store(ctx, tx, d, "quarantined", reason) })
	if err != nil && !db.IsUnique(err) {
		return nil, err
	}
	return []Result{{Name: d.name, Decision: Quarantined, Reason: reason}}, nil
}

// pictures keeps the pictures that items name and that lie beside the delivery,
// by the name that the items use. One that cannot be used is left out: the
// story is worth more than its picture.
func (s *Store) pictures(ctx context.Context, delivery string, items []Item, beside Beside) (map[string]*media.Kept, error) {
	kept := map[string]*media.Kept{}
	for _, it := range items {
		for _, p := range it.Pictures {
			data, inside := it.Files[p.Href]
			if !delivered(p.Href) || kept[p.Href] != nil || beside == nil && !inside {
				continue
			}
			var err error
			if !inside {
				data, err = beside(path.Join(path.Dir(delivery), p.Href))
			}
			if errors.Is(err, fs.ErrNotExist) {
				continue // it may come later
			}
			if err != nil {
				s.Log.Warn("a picture of the wire cannot be read", "item", it.ID, "picture", p.Href, "error", err)
				continue
			}
			k, err := s.Media.Keep(ctx, data)
			if p := problem.Of(err); p != nil && p.Kind != problem.Unavailable {
				s.Log.Warn("a picture of the wire is left out", "item", it.ID, "reason", p.Detail)
				continue
			}
			if err != nil {
				return nil, err
			}
			kept[p.Href] = k
		}
	}
	return kept, nil
}

// mostFar is how many pictures of one delivery are fetched.
const mostFar = 20

// farPictures fetches the pictures that new items name by an address. One that does not
// come is left out.
func (s *Store) farPictures(ctx context.Context, src Source, items []Item, kept map[string]*media.Kept, far Far) error {
	here, err := s.here(ctx, src, items)
	if err != nil {
		return err
	}
	tried := map[string]bool{}
	for _, it := range items {
		if here[key{it.ID, it.Version}] {
			continue
		}
		for _, p := range it.Pictures {
			if !strings.HasPrefix(p.Href, "https://") || kept[p.Href] != nil || tried[p.Href] || len(tried) == mostFar || it.Status != Usable {
				continue
			}
			tried[p.Href] = true
			data, err := far(ctx, p.Href)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var k *media.Kept
			if err == nil {
				k, err = s.Media.Keep(ctx, data)
			}
			if p := problem.Of(err); p != nil {
				s.Log.Warn("a picture of the wire is left out", "item", it.ID, "reason", p.Detail)
				continue
			}
			if err != nil {
				return err
			}
			kept[p.Href] = k
		}
	}
	return nil
}

// delivered reports whether a picture is a file beside the delivery, and not an
// address elsewhere.
func delivered(href string) bool {
	clean := path.Clean(href) // "." for ""
	return clean != "." && !strings.Contains(href, ":") && !strings.HasPrefix(href, "//") && fs.ValidPath(clean)
}

// content is an item as it is stored.
func (it *Item) content() (string, error) {
	b, err := json.Marshal(it)
	return string(b), err
}
