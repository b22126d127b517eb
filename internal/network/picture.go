package network

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"kawaraban/internal/blob"
	"kawaraban/internal/db"
	"kawaraban/internal/fetch"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
)

// DrawKind is the job of fetching and drawing the pictures of a sister.
const DrawKind = "network.draw"

// Drawing names the sister.
type Drawing struct{ Sister string }

const (
	drawWidth   = 320              // of a picture in the panel, in pixels
	maxPicture  = 3 << 20          // bytes
	maxMega     = 12_000_000       // pixels: memory for opening one
	perRun      = 8                // pictures that one job fetches
	drawTime    = 40 * time.Second // for all of them
	drawAgain   = 6 * time.Hour    // one that could not be had is asked for again
	keptPicture = 3                // times as many as a list has items
)

// drawn is a picture of ours.
type drawn struct {
	id            string
	width, height int
	tried         time.Time
}

func blobKey(id string) string { return "network/" + id[:2] + "/" + id + ".jpg" }

// PicturePath is where readers have a picture.
func PicturePath(id string) string { return "/network/picture/" + id + ".jpg" }

// pictures are those that we have of a sister, by address.
func (s *Store) pictures(ctx context.Context, sister string) (map[string]drawn, error) {
	rows, err := s.DB.Query(ctx, `select id, address, width, height, tried from network_picture where sister = $1 order by tried, id`, sister)
	if err != nil {
		return nil, fmt.Errorf("list pictures of a sister: %w", err)
	}
	defer rows.Close()
	have := map[string]drawn{}
	for rows.Next() {
		var d drawn
		var address string
		if err := rows.Scan(&d.id, &address, &d.width, &d.height, (*db.Time)(&d.tried)); err != nil {
			return nil, err
		}
		have[address] = d
	}
	return have, rows.Err()
}

// Draw fetches the pictures of a sister's list that we do not have, draws each anew, and
// drops those that no list of it names any more.
func (s *Store) Draw(ctx context.Context, d Drawing) error {
	x, err := s.sister(ctx, s.DB, d.Sister)
	if problem.Is(err, problem.NotFound) || err == nil && x.State != On {
		return nil
	}
	if err != nil {
		return err
	}
	have, err := s.pictures(ctx, x.ID)
	if err != nil {
		return err
	}
	if err := s.dropPictures(ctx, x, have); err != nil {
		return err
	}
	until, cancel := context.WithTimeout(ctx, drawTime)
	defer cancel()
	tried, some := 0, false
	for _, i := range x.Items {
		if i.Picture == nil || tried == perRun || until.Err() != nil {
			continue
		}
		if had, ok := have[i.Picture.Address]; ok && (had.width > 0 || s.Now().Sub(had.tried) < drawAgain) {
			continue
		}
		tried++
		done, err := s.draw(until, x, i.Picture.Address)
		if err != nil {
			return err
		}
		some = some || done
	}
	if !some {
		return nil
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error { return s.changed(ctx, tx) })
}

// draw fetches one picture, and notes one that cannot be had.
func (s *Store) draw(ctx context.Context, x Sister, address string) (done bool, err error) {
	r, err := s.fetchPicture(ctx, x, address)
	if problem.Of(err) == nil && err != nil && ctx.Err() == nil {
		return false, err
	}
	if ctx.Err() != nil {
		return false, nil // it is not its fault
	}
	return err == nil, s.keepPicture(context.WithoutCancel(ctx), x.ID, address, r)
}

func (s *Store) fetchPicture(ctx context.Context, x Sister, address string) (r media.Rendition, err error) {
	may, err := s.reach(x)
	if err != nil || !may.holds(address) {
		return r, &problem.Problem{Kind: problem.Invalid, Detail: "The picture is not the sister's own."}
	}
	resp, err := s.Fetch.Get(ctx, address, fetch.Options{Accept: "image/jpeg, image/png, image/webp", MaxBytes: maxPicture})
	if err != nil {
		return r, err
	}
	if !may.holds(resp.URL.String()) {
		return r, &problem.Problem{Kind: problem.Invalid, Detail: "The picture is not the sister's own."}
	}
	return s.redraw(ctx, resp.Body)
}

// redraw makes a small picture of ours. One after another: an opened picture takes memory.
func (s *Store) redraw(ctx context.Context, data []byte) (r media.Rendition, err error) {
	info, err := media.Inspect(data)
	if err != nil {
		return r, err
	}
	if info.Width*info.Height > maxMega {
		return r, &problem.Problem{Kind: problem.TooLarge, Detail: "The picture has too many pixels."}
	}
	s.drawing.Lock()
	defer s.drawing.Unlock()
	list, err := media.Render(ctx, data, []int{drawWidth}, media.JPEG)
	if err != nil {
		return r, err
	}
	return list[0], nil
}

// keepPicture stores a picture that we have drawn; a zero one says that there is none.
func (s *Store) keepPicture(ctx context.Context, sister, address string, r media.Rendition) error {
	sum := sha256.Sum256(append([]byte(sister+"\n"+address+"\n"), r.Data...))
	id := hex.EncodeToString(sum[:12])
	if r.Width > 0 {
		if _, err := s.Blobs.Put(ctx, blobKey(id), bytes.NewReader(r.Data)); err != nil {
			return fmt.Errorf("keep a picture of a sister: %w", err)
		}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into network_picture (id, sister, address, width, height, tried)
			values ($1, $2, $3, $4, $5, $6)
			on conflict (sister, address) do update
			set id = excluded.id, width = excluded.width, height = excluded.height, tried = excluded.tried`,
			id, sister, address, r.Width, r.Height, db.Time(s.Now()))
		return err
	})
}

// dropPictures takes away what the sister does not name any more.
func (s *Store) dropPictures(ctx context.Context, x Sister, have map[string]drawn) error {
	named := map[string]bool{}
	for _, i := range x.Items {
		if i.Picture != nil {
			named[i.Picture.Address] = true
		}
	}
	for address, d := range have {
		// What pages still show that are some minutes old stays for an hour.
		if named[address] || s.Now().Sub(d.tried) < time.Hour {
			continue
		}
		err := s.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `delete from network_picture where id = $1`, d.id)
			return err
		})
		if err != nil {
			return fmt.Errorf("drop a picture of a sister: %w", err)
		}
		if err := s.Blobs.Delete(ctx, blobKey(d.id)); err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	return nil
}

// OpenPicture is a picture by the last part of its address; it is there while its sister
// is on.
func (s *Store) OpenPicture(ctx context.Context, name string) (*blob.File, error) {
	none := &problem.Problem{Kind: problem.NotFound}
	id, ok := strings.CutSuffix(name, ".jpg")
	if !ok || len(id) != 24 {
		return nil, none
	}
	if !s.Panel().pictures[id] {
		return nil, none
	}
	f, err := s.Blobs.Open(ctx, blobKey(id))
	if problem.Is(err, problem.NotFound) {
		return nil, none
	}
	return f, err
}
