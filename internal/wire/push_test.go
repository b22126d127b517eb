package wire

import (
	"strconv"
	"sync"
	"testing"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// TestPushOnce has an agency send the same to all processes at once, because it did not
// hear an answer: all say that it has come, and it is stored once.
func TestPushOnce(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, ctx := newRoom(t, d), t.Context()
		src := r.way("Kestrel", Way{Kind: ByPush}, "")
		key, err := r.NewSecret(ctx, "", src.ID)
		if err != nil {
			t.Fatal(err)
		}
		at, body := strconv.FormatInt(r.Now().Unix(), 10), version(1, nil).bytes()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				results, err := r.Receive(ctx, Pushed{src.ID, at, Sign(key, at, body), body})
				if err != nil || len(results) != 1 || results[0].Decision != Released && results[0].Decision != Known {
					t.Errorf("%+v, %v", results, err)
				}
			})
		}
		group.Wait()
		if r.deliveries(src) != 1 || r.count("wire_item where source = $1", src.ID) != 1 || r.read(src, "urn:hpa.example:ferry") != "Ferry 1" {
			t.Errorf("%d deliveries", r.deliveries(src))
		}
		r.whole()
	})
}
