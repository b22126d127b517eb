package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/papertest"
)

// A queue is the dpa's queue, played: an entry that is given is hidden until its receipt
// is sent back, or until it is shown again.
type queue struct {
	mu      sync.Mutex
	entries []map[string]any
	given   map[string]int // receipt → entry
	hidden  map[int]bool
	gone    map[int]bool
	n       int
	refuses int // receipts that are not taken
	wait    string
}

func (q *queue) add(n int, version int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries = append(q.entries, map[string]any{
		"format": "digitalwires@0.9.1", "type": "composite", "urn": fmt.Sprintf("urn:newsml:kpa.example:%d", n), "version": version,
		"version_created": "2025-11-03T09:58:00+01:00", "pubstatus": "usable", "headline": fmt.Sprintf("Kran %d.%d", n, version),
		"article_html": "<section class=\"main\"><p>Er steht.</p></section>", "creditline": "kpa",
	})
}

// show shows again what was given and not confirmed.
func (q *queue) show() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hidden = map[int]bool{}
}

func (q *queue) left() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.entries) - len(q.gone)
}

func (q *queue) serve(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.given == nil {
		q.given, q.hidden, q.gone = map[string]int{}, map[int]bool{}, map[int]bool{}
	}
	switch receipt, of := strings.CutPrefix(r.URL.Path, "/kunde/entry/"); {
	case r.Method == http.MethodGet && r.URL.Path == "/kunde/entries.json":
		list := []map[string]any{}
		for i, e := range q.entries {
			if len(list) == 2 || q.hidden[i] || q.gone[i] {
				continue
			}
			q.n++
			e["_wireq_receipt"] = fmt.Sprintf("AQEB/%d+", q.n)
			q.given[fmt.Sprintf("AQEB/%d+", q.n)], q.hidden[i] = i, true
			list = append(list, e)
		}
		if q.wait != "" {
			w.Header().Set("Retry-After", q.wait)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"entries": list})
	case of && r.Method == http.MethodDelete && q.refuses > 0:
		q.refuses--
		w.WriteHeader(http.StatusBadGateway)
	case of && r.Method == http.MethodDelete:
		i, ok := q.given[receipt]
		if !ok || !q.hidden[i] {
			w.WriteHeader(http.StatusGone) // it was shown again meanwhile
			return
		}
		q.gone[i] = true
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestDPA empties a queue, sends back a receipt for what is stored and for nothing else,
// and has each entry once, whatever comes between.
//
// Seen red: a receipt that is sent back before the entry is stored.
func TestDPA(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		r, q := newRoom(t, d), &queue{}
		a := r.serves(q.serve)
		src := r.way("dpa", Way{Kind: ByDPA, Address: a.URL + "/kunde/"}, "")
		for n := range 5 {
			q.add(n, 1)
		}
		items := func() int { return r.count("wire_item where source = $1", src.ID) }
		if g, err := r.Look(t.Context(), src.ID); err != nil || g.Waiting != 2 || g.Newest.IsZero() || q.left() != 5 || items() != 0 {
			t.Errorf("a look: %+v, %v; %d in the queue", g, err, q.left())
		}
		q.show()

		// There is more, and it is asked for at once; or when the queue wants it.
		w, trouble := r.polled(src)
		if trouble != "" || items() != 2 || q.left() != 3 || w.Due.After(r.Now()) || w.Lag != 2*time.Minute {
			t.Fatalf("%q, %d items, %d in the queue, next in %v, lag %v", trouble, items(), q.left(), w.Due.Sub(r.Now()), w.Lag)
		}
		q.wait = "7"
		if w, trouble = r.polled(src); trouble != "" || items() != 4 || w.Due.Sub(r.Now()) != 7*time.Second {
			t.Errorf("%q, %d items, next in %v", trouble, items(), w.Due.Sub(r.Now()))
		}

		// The receipt does not arrive: the entry is stored, comes again, and is known.
		q.wait, q.refuses = "", 1
		if _, trouble = r.polled(src); !strings.Contains(trouble, "trouble of its own") || items() != 5 || q.left() != 1 {
			t.Errorf("%q, %d items, %d in the queue", trouble, items(), q.left())
		}
		q.show()
		if _, trouble = r.polled(src); trouble != "" || items() != 5 || q.left() != 0 || r.deliveries(src) != 5 {
			t.Errorf("%q, %d items, %d in the queue, %d deliveries", trouble, items(), q.left(), r.deliveries(src))
		}
		q.wait = "120"
		if w, trouble = r.polled(src); trouble != "" || w.Due.Sub(r.Now()) != 2*time.Minute {
			t.Errorf("empty: %q, next in %v", trouble, w.Due.Sub(r.Now()))
		}

		// What cannot be stored is not confirmed.
		q.wait = ""
		q.add(9, 1)
		h, err := dpaWay{r.Store}.collect(t.Context(), src, &w, func(context.Context, Piece) error { return errors.New("disk full") })
		if err == nil || q.left() != 1 {
			t.Errorf("not stored: %+v, %v; %d in the queue", h, err, q.left())
		}
		q.show()
		q.add(0, 2)
		if _, trouble = r.polled(src); trouble != "" || q.left() != 0 || items() != 7 || r.read(src, "urn:newsml:kpa.example:0") != "Kran 0.2" {
			t.Errorf("a new version: %q, %d in the queue, %d items, readers have %q", trouble, q.left(), items(), r.read(src, "urn:newsml:kpa.example:0"))
		}
		a.play(answers("text/html", "<p>portal</p>"))
		if _, trouble = r.polled(src); !strings.Contains(trouble, "does not answer as the dpa's queue does") {
			t.Errorf("not a queue: %q", trouble)
		}
		r.whole()
	})
}
