// Package audience counts what people read.
//
// Nobody is followed: a reader is a number that is made of the network's address,
// the browser's name and a secret that dies with the process, and that is good for
// one article and ten minutes. Neither is written down. What is written down is how
// often an article was opened: by the hour, and after some days by the day.
package audience

import (
	"cmp"
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// Window is how long somebody counts as reading what he has opened.
const Window = 10 * time.Minute

const (
	maxReadings = 100_000 // remembered at a time: some 15 MB; further ones are not counted
	maxID       = 40      // bytes; ids are shorter
)

// A Now knows what is read at this moment, on this machine.
type Now struct {
	now func() time.Time

	mu       sync.Mutex
	seed     maphash.Seed
	swept    time.Time
	readings map[uint64]reading
	readers  map[string]int // of each article
	opens    map[hour]int   // not yet written down
}

type reading struct {
	article string
	at      time.Time
}

// NewNow returns one that has seen nobody yet. now is the paper's clock.
func NewNow(now func() time.Time) *Now {
	return &Now{now: now, seed: maphash.MakeSeed(), readings: map[uint64]reading{}, readers: map[string]int{}, opens: map[hour]int{}}
}

// Opened notes that somebody has opened an article. Programs that say that they
// are no people are left out.
func (n *Now) Opened(article string, from netip.Addr, agent string) {
	if article == "" || len(article) > maxID || robot(agent) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sweep()
	var h maphash.Hash
	h.SetSeed(n.seed)
	for _, s := range []string{article, from.String(), agent} {
		h.WriteString(s)
		h.WriteByte(0)
	}
	key := h.Sum64()
	if _, known := n.readings[key]; !known {
		if len(n.readings) == maxReadings {
			return
		}
		n.readers[article]++
		n.open(hour{article, beginning(n.now(), time.Hour)}, 1)
	}
	n.readings[key] = reading{article, n.now()}
}

// robots are parts of the names of programs that read for machines.
var robots = []string{"bot", "crawl", "spider", "slurp", "preview", "fetch", "monitor"}

func robot(agent string) bool {
	agent = strings.ToLower(agent)
	return agent == "" || slices.ContainsFunc(robots, func(word string) bool { return strings.Contains(agent, word) })
}

// sweep forgets who has read long ago. It looks at all of them, so it does so
// twice a minute at most.
func (n *Now) sweep() {
	now := n.now()
	if now.Sub(n.swept).Abs() < Window/20 {
		return
	}
	n.swept = now
	for key, r := range n.readings {
		if now.Sub(r.at).Abs() < Window {
			continue
		}
		delete(n.readings, key)
		if n.readers[r.article]--; n.readers[r.article] == 0 {
			delete(n.readers, r.article)
		}
	}
}

// A Count is how many people read an article.
type Count struct {
	Article string
	Readers int
}

// Most lists what most people read now, at most so many articles. An id may be of
// an article that is not there: anybody can send one.
func (n *Now) Most(limit int) (list []Count) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sweep()
	for id, readers := range n.readers {
		list = append(list, Count{id, readers})
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(b.Readers-a.Readers, cmp.Compare(a.Article, b.Article)) })
	return list[:min(limit, len(list))]
}
