package site

import "sync"

// watchers are the open pages that want to know when something about their
// reader changes. The zero value works.
type watchers struct {
	mu   sync.Mutex
	next int
	by   map[string]map[int]chan struct{}
}

// watching counts the open pages of a reader.
func (w *watchers) watching(reader string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.by[reader])
}

// watch returns a channel that receives when the sessions of a reader change.
func (w *watchers) watch(reader string) (changed <-chan struct{}, leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[string]map[int]chan struct{}{}
	}
	if w.by[reader] == nil {
		w.by[reader] = map[int]chan struct{}{}
	}
	w.next++
	id, ch := w.next, make(chan struct{}, 1)
	w.by[reader][id] = ch
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(w.by[reader], id); len(w.by[reader]) == 0 {
			delete(w.by, reader)
		}
	}
}

// wake tells those who watch a reader.
func (w *watchers) wake(reader string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.by[reader] {
		select {
		case ch <- struct{}{}:
		default: // told already and not yet looked
		}
	}
}
