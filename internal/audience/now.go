// Package audience counts what people read.
//
// Nobody is followed: a reader is a number that is made of the network's address,
// the browser's name and a secret that is forgotten every day, and that is good for
// one article and ten minutes. Neither is written down. What is written down is how
// often an article was opened, from what sort of place its readers came and how far
// they read: by the hour, and after some days by the day.
//
// A page says by a line of script that it is read (Opened, Reached). Of what the server
// has sent to browsers that say nothing (Served) it counts what is left when those that
// do have spoken. From these numbers come the lists of what is most read and of what
// is trending (Ranks).
package audience

import (
	"cmp"
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Window is how long somebody counts as reading what he has opened.
const Window = 10 * time.Minute

const (
	maxReadings = 400_000          // remembered at a time: some 15 MB
	maxID       = 40               // bytes; ids are shorter
	maxCrowd    = 8                // readers of one article behind one address in a Window
	memory      = 3 * Window       // how long is known how far somebody has read
	day         = 24 * time.Hour   // how long the secret lives
	maxScripted = 200_000          // browsers known to run scripts: some 4 MB
	places      = 1 << 20          // where crowds are counted: a byte each
	sweepEvery  = 30 * time.Second // readings are looked through
)

// A Now knows what is read at this moment, on this machine, and holds what is still to
// be written down.
type Now struct {
	now func() time.Time

	mu       sync.Mutex
	hosts    map[string]Origin
	seed     maphash.Seed
	seeded   time.Time
	swept    time.Time
	readings map[uint64]reading
	articles map[string]*attention
	crowds   []uint8 // readers behind an address, of an article, by hash
	crowded  time.Time
	scripted map[uint64]struct{} // browsers that have said something
	tally                        // not yet written down

	sentMu sync.Mutex
	sent   []sending // pages whose readers have said nothing yet, the oldest first
}

// Know tells which hosts are no other site: the paper's own, and those of sister papers.
func (n *Now) Know(hosts map[string]Origin) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts = hosts
}

// An attention is what an article has of its readers.
type attention struct {
	article string
	readers int // who read it now
	known   int // readings that are remembered
}

type reading struct {
	of   *attention
	at   uint32 // in seconds since 1970
	far  uint8  // quarters
	gone bool   // it was opened too long ago to be read now
}

// NewNow returns one that has seen nobody yet. now is the paper's clock.
func NewNow(now func() time.Time) *Now {
	return &Now{
		now: now, seed: maphash.MakeSeed(), seeded: now(), crowded: now(), tally: newTally(),
		readings: map[uint64]reading{}, articles: map[string]*attention{}, scripted: map[uint64]struct{}{}, crowds: make([]uint8, places),
	}
}

// A View is that somebody has an article before him, as far as a request tells.
type View struct {
	Article  string
	From     netip.Addr
	Agent    string // what the browser calls itself
	Referrer string // the address that led here, or its beginning; "" for none
	Query    string // of the article's own address
}

// Opened notes that a page has said that somebody looks at it. Programs that say that
// they are no people are left out.
func (n *Now) Opened(v View) {
	if !countable(v) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.renew()
	n.sweep()
	if len(n.scripted) < maxScripted {
		n.scripted[n.digest("", v)] = struct{}{}
	}
	n.open(v, byScript)
}

// Reached notes that somebody has seen so many quarters of an article that he has opened.
// More than four are what stands below it.
func (n *Now) Reached(v View, quarters int) {
	if quarters < 1 || !countable(v) {
		return
	}
	quarters = min(quarters, len(quarterNames))
	n.mu.Lock()
	defer n.mu.Unlock()
	key := n.digest(v.Article, v)
	r, known := n.readings[key]
	if !known {
		return // nobody has opened it, or too long ago
	}
	for q := int(r.far) + 1; q <= quarters; q++ {
		n.part(n.hour(v.Article), Depth, quarterNames[q-1], 1)
		r.far = uint8(q)
	}
	if !r.gone {
		r.at = uint32(n.now().Unix())
	}
	n.readings[key] = r
}

func countable(v View) bool { return v.Article != "" && len(v.Article) <= maxID && !Program(v.Agent) }

// The two ways in which we learn that an article is read.
type way string

const (
	byScript way = "script"
	byServer way = "server"
)

// open counts a reader, each once in a Window, and only so many behind one address. The
// lock is held.
func (n *Now) open(v View, how way) {
	key := n.digest(v.Article, v)
	now := uint32(n.now().Unix())
	if r, known := n.readings[key]; known && !r.gone {
		r.at = now
		n.readings[key] = r
		return
	}
	if tellsApart(v.From) {
		crowd := &n.crowds[n.digest(v.Article, View{From: v.From})%places]
		if *crowd == maxCrowd {
			return
		}
		*crowd++
	}
	if len(n.readings) >= maxReadings {
		n.forget()
	}
	of := n.articles[v.Article]
	if of == nil {
		of = &attention{article: v.Article}
		n.articles[v.Article] = of
	}
	if _, known := n.readings[key]; !known {
		of.known++
	}
	of.readers++
	n.readings[key] = reading{of: of, at: now}
	n.count(n.hour(v.Article), n.origin(v), how, v.Query)
}

// tellsApart reports whether an address tells readers apart. That of this machine is a
// proxy's that nobody has named in the settings, or the owner's own.
func tellsApart(a netip.Addr) bool { return a.IsValid() && !a.IsLoopback() }

// digest is a reader's number for an article, or for none.
func (n *Now) digest(article string, v View) uint64 {
	var h maphash.Hash
	h.SetSeed(n.seed)
	h.WriteString(article)
	h.WriteByte(0)
	a := v.From.As16()
	if v.From.Is6() {
		clear(a[8:]) // the /64 that one household has
	}
	h.Write(a[:])
	h.WriteString(v.Agent)
	return h.Sum64()
}

// renew forgets once a day by what readers were known.
func (n *Now) renew() {
	now := n.now()
	if now.Sub(n.crowded).Abs() >= Window {
		clear(n.crowds)
		n.crowded = now
	}
	if now.Sub(n.seeded).Abs() >= day {
		n.seed, n.seeded = maphash.MakeSeed(), now
		clear(n.scripted)
	}
}

// sweep forgets who has read long ago. It looks at all of them, so it does so
// twice a minute at most.
func (n *Now) sweep() {
	now := n.now()
	if now.Sub(n.swept).Abs() < sweepEvery {
		return
	}
	n.swept = now
	n.leave(now, Window, memory)
}

// leave has those leave who have opened something so long ago, and forgets them later.
func (n *Now) leave(now time.Time, after, forgotten time.Duration) {
	for key, r := range n.readings {
		age := now.Sub(time.Unix(int64(r.at), 0)).Abs()
		if age < after {
			continue
		}
		if !r.gone {
			r.gone = true
			r.of.readers--
			n.readings[key] = r
		}
		if age < forgotten {
			continue
		}
		delete(n.readings, key)
		if r.of.known--; r.of.known == 0 {
			delete(n.articles, r.of.article)
		}
	}
}

// forget makes room when there are more readers than can be remembered: who came
// first goes first. Should they come back, they are counted again.
func (n *Now) forget() {
	now := n.now()
	for after := memory / 2; len(n.readings) > maxReadings*3/4 && after > time.Second; after /= 2 {
		n.leave(now, min(after, Window), after)
	}
	if len(n.readings) > maxReadings*3/4 {
		n.leave(now, 0, 0)
	}
}

// A Count is how many people read an article.
type Count struct {
	Article string
	Readers int
}

// Most lists what most people read now, at most so many articles.
func (n *Now) Most(limit int) (list []Count) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sweep()
	for id, of := range n.articles {
		if of.readers > 0 {
			list = append(list, Count{id, of.readers})
		}
	}
	slices.SortFunc(list, byReaders)
	return list[:min(limit, len(list))]
}

// Readers is how many people read an article now; "" is all articles together.
func (n *Now) Readers(article string) (readers int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sweep()
	for id, of := range n.articles {
		if article == "" || article == id {
			readers += of.readers
		}
	}
	return readers
}

func byReaders(a, b Count) int {
	return cmp.Or(cmp.Compare(b.Readers, a.Readers), cmp.Compare(a.Article, b.Article))
}
