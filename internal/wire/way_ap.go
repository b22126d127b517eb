package wire

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"kawaraban/internal/fetch"
	"kawaraban/internal/problem"
	"kawaraban/internal/wire/ap"
)

// apWay follows a feed of the AP Media API. Each page names the next, which is asked for
// as it is; so the address of the next page is where we are. An item points at its text:
// both are one delivery, named by the item's revision.
type apWay struct{ s *Store }

const (
	apHeader   = "X-Api-Key"
	mostPages  = 5 // at once; then others have a turn
	mostLinked = 30
	mostAnswer = 20 << 20
	// patience is how often a text that does not come keeps its item waiting. Then the
	// item is taken without it, so that what is behind it comes.
	patience = 4
)

// An apPlace is where we are in a feed.
type apPlace struct {
	Next string `json:"next,omitempty"` // address of the next page
}

func (a apWay) check(w *Way) error {
	if w.Address == "" {
		w.Address = "https://api.ap.org/media/v/content/feed?page_size=50"
	}
	if err := needsSecret(w); err != nil {
		return err
	}
	return a.s.checkWeb(w)
}

func (apWay) header(w *Way) http.Header { return http.Header{apHeader: {w.secret}} }

// page asks for a page of the feed.
func (a apWay) page(ctx context.Context, w *Way, address string) (r *fetch.Response, parts []ap.Part, next string, err error) {
	r, err = a.s.Fetch.Get(ctx, address, fetch.Options{Header: a.header(w), Accept: "application/json", MaxBytes: mostAnswer})
	if r, err = a.s.heard(ctx, r, err); err != nil {
		return r, nil, "", err
	}
	parts, next, err = ap.Split(r.Body)
	if err != nil {
		return r, nil, "", &problem.Problem{Kind: problem.Unsupported, Detail: "The server does not answer as the AP Media API does. Check the address, and whether the key is for a feed.", Err: err}
	}
	if next != "" && door(next) != door(w.Address) {
		// The key is told to the host that somebody has typed, and to no other.
		return r, nil, "", &problem.Problem{Kind: problem.Unsupported, Detail: "The next page of the feed is on another host, which is not told the key. Ask the agency for an address on one host."}
	}
	return r, parts, next, nil
}

func (a apWay) collect(ctx context.Context, src Source, w *Way, take func(context.Context, Piece) error) (Haul, error) {
	h := Haul{Cursor: w.Cursor}
	var at apPlace
	if w.Cursor != "" {
		_ = json.Unmarshal([]byte(w.Cursor), &at) // one that is damaged begins again
	}
	for range mostPages {
		address := at.Next
		if address == "" || door(address) != door(w.Address) {
			address = w.Address
		}
		r, parts, next, err := a.page(ctx, w, address)
		if r != nil && address != w.Address && (r.Status == http.StatusNotFound || r.Status == http.StatusGone || r.Status == http.StatusBadRequest) {
			h.Cursor = "" // the place is no longer there: from the beginning, where what is here is known
		}
		if err != nil {
			return h, err
		}
		for _, p := range parts {
			if err := a.item(ctx, src, w, p, take); err != nil {
				return h, err
			}
		}
		if at.Next = next; next != "" {
			text, err := json.Marshal(at)
			if err != nil {
				return h, err
			}
			h.Cursor = string(text)
		}
		h.Wait, h.More = a.s.asksToWait(r.Header), len(parts) > 0 && next != "" && next != address
		if !h.More || h.Wait > 0 {
			break
		}
	}
	return h, nil
}

// item takes one item with its text and the items of its pictures.
func (a apWay) item(ctx context.Context, src Source, w *Way, p ap.Part, take func(context.Context, Piece) error) error {
	piece := Piece{Name: oneLine(orElse(p.ETag, p.ID)+".json", 200), Data: p.Data, Far: a.s.far(w, a.header(w)), Once: p.ETag != ""}
	if piece.Once {
		if came, err := a.s.came(ctx, src, piece.Name); err != nil || came {
			return err
		}
	}
	answer, err := ap.Parse(p.Data)
	if err != nil {
		return take(ctx, piece) // it is kept with the reason
	}
	fetched, missing, err := a.linked(ctx, w, answer.Wants())
	if err != nil && (w.Failures < patience || ctx.Err() != nil) {
		return err
	}
	if len(fetched) > 0 {
		joined, err := ap.Join(p.Data, fetched)
		if err == nil {
			piece.Data = joined
		}
	}
	if missing || err != nil {
		piece.Name, piece.Once = "without "+piece.Name, false // so that it can come with it
	}
	return take(ctx, piece)
}

// linked fetches what an item points at. What is not there is missing; what may be there
// later is an error.
func (a apWay) linked(ctx context.Context, w *Way, addresses []string) (fetched map[string][]byte, missing bool, err error) {
	fetched = map[string][]byte{}
	for i, address := range addresses {
		if i == mostLinked || door(address) != door(w.Address) {
			missing = true
			continue
		}
		r, err := a.s.Fetch.Get(ctx, address, fetch.Options{Header: a.header(w), MaxBytes: maxKept})
		if r, err = a.s.heard(ctx, r, err); err != nil {
			if r != nil && (r.Status == http.StatusNotFound || r.Status == http.StatusGone || r.Status == http.StatusForbidden) || problem.Is(err, problem.TooLarge) {
				missing = true
				continue
			}
			return fetched, true, err
		}
		fetched[address] = r.Body
	}
	return fetched, missing, nil
}

func (a apWay) look(ctx context.Context, src Source, w *Way) (g Glance, err error) {
	var at apPlace
	if w.Cursor != "" {
		_ = json.Unmarshal([]byte(w.Cursor), &at)
	}
	_, parts, next, err := a.page(ctx, w, orElse(at.Next, w.Address))
	if err != nil {
		return g, err
	}
	for _, p := range parts {
		if items, err := Read("", p.Data); err == nil {
			if err := a.s.count(ctx, src, items, &g); err != nil {
				return g, err
			}
		}
	}
	g.More = len(parts) > 0 && next != "" && !strings.EqualFold(next, w.Address)
	return g, nil
}
