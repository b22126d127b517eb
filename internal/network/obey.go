package network

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// mostNotices is how many notices a sister has obeyed in a minute: each makes the panel
// again, and all pages that show it. What comes beyond that its list says, too.
const mostNotices = 20

// A minute remembers when notices of each sister were obeyed, in this process.
type minute struct {
	mu sync.Mutex
	at map[string][]time.Time
}

// take reports whether a sister may have one more, and counts it.
func (m *minute) take(sister string, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == nil {
		m.at = map[string][]time.Time{}
	}
	m.at[sister] = slices.DeleteFunc(m.at[sister], func(t time.Time) bool { return now.Sub(t).Abs() >= time.Minute })
	if len(m.at[sister]) >= mostNotices {
		return false
	}
	m.at[sister] = append(m.at[sister], now)
	return true
}

// HearNotice obeys a sister that has withdrawn something: it is in no panel from then on,
// and its picture is deleted. A list that was made before does not bring it back.
func (s *Store) HearNotice(ctx context.Context, document []byte) error {
	now := s.Now()
	n, key, err := openNotice(document, now)
	if err != nil {
		return deaf(err)
	}
	x, err := s.author(ctx, n.From, n.To, key)
	if err != nil {
		return err
	}
	if !x.shows(n.Withdrawn) && !n.Made.After(x.recalled) {
		return nil // it is done
	}
	if !s.notices.take(x.ID, now) {
		return &problem.Problem{Kind: problem.TooMany, Detail: "Notices come too fast. The list says the same.", Wait: time.Minute}
	}
	var addresses []string
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		addresses = nil
		if err := db.One(tx.Exec(ctx, `update network_sister set name = name where id = $1 and state = 'on'`, x.ID)); err != nil {
			return err
		}
		x, err := s.sister(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		shown := x.shows(n.Withdrawn)
		for _, i := range x.Items {
			if i.Picture != nil && slices.Contains(n.Withdrawn, i.ID) {
				addresses = append(addresses, i.Picture.Address)
			}
		}
		x.recall(n.Withdrawn)
		list, err := json.Marshal(kept{x.Items, x.Gone})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update network_sister
			set list = $2, etag = '', modified = '', recalled = case when recalled < $3 then $3 else recalled end
			where id = $1`, x.ID, string(list), db.Time(n.Made))
		if err != nil {
			return fmt.Errorf("keep what a sister has withdrawn: %w", err)
		}
		if !shown {
			return nil
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return err
	}
	return s.deletePictures(ctx, x.ID, addresses)
}

// shows reports whether one of the ids is of an item that we have.
func (x Sister) shows(ids []string) bool {
	return slices.ContainsFunc(x.Items, func(i Item) bool { return slices.Contains(ids, i.ID) })
}

// recall takes ids out of what we have of a sister.
func (x *Sister) recall(ids []string) {
	x.Items = slices.DeleteFunc(slices.Clone(x.Items), func(i Item) bool { return slices.Contains(ids, i.ID) })
	gone := slices.Clone(ids)
	for _, id := range x.Gone {
		if len(gone) < maxWithdrawn && !slices.Contains(gone, id) {
			gone = append(gone, id)
		}
	}
	x.Gone = gone
}

// deletePictures deletes what we have drawn of pictures at these addresses.
func (s *Store) deletePictures(ctx context.Context, sister string, addresses []string) error {
	for _, address := range addresses {
		var ids []string
		err := s.DB.Tx(ctx, func(tx *db.Tx) (err error) {
			ids, err = claimed(ctx, tx, `delete from network_picture where sister = $1 and address = $2 returning id`, sister, address)
			return err
		})
		if err != nil {
			return fmt.Errorf("delete a picture that a sister has withdrawn: %w", err)
		}
		for _, id := range ids {
			if err := s.Blobs.Delete(ctx, blobKey(id)); err != nil && !problem.Is(err, problem.NotFound) {
				return err
			}
		}
	}
	return nil
}
