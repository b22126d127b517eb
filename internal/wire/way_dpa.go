package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
	"kawaraban/internal/wire/digitalwires"
)

// dpaWay empties a queue of the dpa, wireQ. The address is the one that the dpa gives a
// customer, and names the queue; there is no other password. An entry is given with a
// receipt, and comes again until that has been sent back: which is done when it is stored.
type dpaWay struct{ s *Store }

// mostEntries is the size of an answer of the queue, in bytes.
const mostEntries = 20 << 20

func (d dpaWay) check(w *Way) error {
	if !strings.HasPrefix(w.Address, "https://") {
		return invalid("address", "Copy the address of your queue from the dpa's portal: it begins with https://.")
	}
	return d.s.checkWeb(w)
}

func (dpaWay) header(w *Way) http.Header {
	h := http.Header{}
	if w.secret != "" {
		h.Set("Authorization", "Bearer "+w.secret)
	}
	return h
}

// entries asks for what lies in the queue.
func (d dpaWay) entries(ctx context.Context, w *Way) (*fetch.Response, []digitalwires.Part, error) {
	r, err := d.s.Fetch.Get(ctx, strings.TrimSuffix(w.Address, "/")+"/entries.json", fetch.Options{Header: d.header(w), Accept: "application/json", MaxBytes: mostEntries})
	if r, err = d.s.heard(ctx, r, err); err != nil {
		return r, nil, err
	}
	parts, err := digitalwires.Split(r.Body)
	if err != nil {
		return r, nil, &problem.Problem{Kind: problem.Unsupported, Detail: "The server does not answer as the dpa's queue does. Check the address.", Err: err}
	}
	return r, parts, nil
}

func (d dpaWay) collect(ctx context.Context, src Source, w *Way, take func(context.Context, Piece) error) (h Haul, err error) {
	r, parts, err := d.entries(ctx, w)
	if err != nil {
		return h, err
	}
	h.Wait, h.More = d.s.asksToWait(r.Header), len(parts) > 0
	for _, p := range parts {
		piece := Piece{Name: entryName(p), Data: p.Data, Far: d.s.far(w, nil)}
		if err := take(ctx, piece); err != nil {
			return h, err
		}
		if p.Receipt == "" {
			h.More = false // who has nothing to send back gets the same again
			continue
		}
		if err := d.thank(ctx, w, p.Receipt); err != nil {
			return h, err // it comes again, and is known then
		}
	}
	return h, nil
}

// thank sends back a receipt. One that is no longer good is no trouble: the entry comes
// again with another.
func (d dpaWay) thank(ctx context.Context, w *Way, receipt string) error {
	r, err := d.s.Fetch.Delete(ctx, strings.TrimSuffix(w.Address, "/")+"/entry/"+url.PathEscape(receipt), fetch.Options{Header: d.header(w)})
	if r != nil && (r.Status == http.StatusNotFound || r.Status == http.StatusGone) {
		return nil
	}
	_, err = d.s.heard(ctx, r, err)
	return err
}

// entryName is the name of an entry: the same each time that it comes.
func entryName(p digitalwires.Part) string {
	if p.URN == "" {
		sum := sha256.Sum256(p.Data)
		return "entry-" + hex.EncodeToString(sum[:8]) + ".json"
	}
	return oneLine(fmt.Sprintf("%s v%s.json", p.URN, p.Version), 200)
}

// look asks for the entries and sends no receipt back, so that they come again: the queue
// hides them for some minutes.
func (d dpaWay) look(ctx context.Context, src Source, w *Way) (g Glance, err error) {
	r, parts, err := d.entries(ctx, w)
	if err != nil {
		return g, err
	}
	for _, p := range parts {
		g.Waiting++
		if items, err := Read("", p.Data); err == nil {
			for i := range items {
				if at := items[i].made(); at.After(g.Newest) {
					g.Newest = at
				}
			}
		}
	}
	g.More = len(parts) > 0 && d.s.asksToWait(r.Header) > 0 && d.s.asksToWait(r.Header) < usually
	return g, nil
}
