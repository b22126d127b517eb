package promo

import (
	"encoding/binary"
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// An Event is what can become of a video in the slot.
type Event string

const (
	Served    Event = "served"
	Viewed    Event = "viewed" // half of it was on the screen for two seconds: an impression
	Started   Event = "started"
	Quarter   Event = "quarter"
	Half      Event = "half"
	Third     Event = "third" // three quarters
	Completed Event = "completed"
	Clicked   Event = "clicked"
	LeftOut   Event = "leftout" // what no reader can have done: repeated, too early, or by too many behind one address
)

// Events lists them in the order in which they happen.
func Events() []Event {
	return []Event{Served, Viewed, Started, Quarter, Half, Third, Completed, Clicked, LeftOut}
}

const (
	lookTime   = 1900 * time.Millisecond // two seconds, as clocks run
	clickTime  = 300 * time.Millisecond  // nobody reads faster
	fastest    = 2.2                     // times as fast as it was made is a video played at most
	maxTickets = 200_000                 // remembered at a time: some 15 MB; what comes beyond is not counted
	maxHeard   = 400_000                 // things that wait to be written down: some 40 MB, while the database is away
	maxPeople  = 200_000
	maxCrowd   = 60      // tickets for one booking behind one address in an hour
	crowds     = 1 << 18 // where they are counted: a byte each
)

// A counter counts in memory, for this process, what is still to be written down.
type counter struct {
	mu      sync.Mutex
	seed    maphash.Seed
	seeded  time.Time
	people  map[uint64]uint8  // how often somebody had a booking with a limit today
	crowd   []uint8           // tickets behind an address, by hash
	crowded time.Time         // the hour they are of
	tickets map[uint64]stages // by number
	swept   time.Time
	flows   map[string]*flow // by booking
	tally   tally
}

// stages are what was counted of a ticket.
type stages struct {
	at      time.Time // of the ticket
	started time.Time
	done    uint16 // a bit for each event
}

// A tally is what was counted since the last time.
type tally struct {
	events  map[countKey]int
	chances map[chanceKey]int
	heard   []heard
}

// A heard is one thing of a ticket. It counts unless another process has written it down
// before us.
type heard struct {
	of     time.Time // the hour of the ticket
	number int64     // its moment in that and its number, and in the lowest four bits what it is
	countKey
}

type countKey struct {
	booking string
	hour    time.Time
	what    Event
}

type chanceKey struct {
	place string
	hour  time.Time
}

func newTally() tally { return tally{events: map[countKey]int{}, chances: map[chanceKey]int{}} }

// A person is somebody in a place, who is known for a day at most.
type person struct {
	c   *counter
	key uint64
}

// begin says who that is; nil for one that is told from nobody.
func (c *counter) begin(now time.Time, v Visit) *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now)
	if v.Machine || !tellsApart(v.From) {
		return nil
	}
	return &person{c, c.digest(v.From, v.Agent)}
}

// tellsApart reports whether an address tells people apart. That of this machine is a
// proxy's that nobody has named in the settings, or the owner's own.
func tellsApart(a netip.Addr) bool { return a.IsValid() && !a.IsLoopback() }

func (c *counter) digest(from netip.Addr, texts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	a := from.As16()
	if from.Is6() {
		clear(a[8:]) // the /64 that one household has
	}
	h.Write(a[:])
	for _, t := range texts {
		h.WriteString(t)
		h.WriteByte(0)
	}
	return h.Sum64()
}

func (c *counter) of(key uint64, booking string) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	h.Write(binary.BigEndian.AppendUint64(nil, key))
	h.WriteString(booking)
	return h.Sum64()
}

// hasEnough reports whether somebody has seen a booking as often today as he may.
func (p *person) hasEnough(x *Spot) bool {
	if p == nil || x.Cap == 0 {
		return false
	}
	p.c.mu.Lock()
	defer p.c.mu.Unlock()
	return int(p.c.people[p.c.of(p.key, x.ID)]) >= x.Cap
}

// renew forgets once a day who was here, and makes what is made once.
func (c *counter) renew(now time.Time) {
	if c.tickets == nil {
		c.tickets, c.flows, c.tally, c.crowd = map[uint64]stages{}, map[string]*flow{}, newTally(), make([]uint8, crowds)
		c.swept = now
	}
	if c.people == nil || now.Sub(c.seeded).Abs() >= 24*time.Hour {
		c.seed, c.seeded, c.people = maphash.MakeSeed(), now, map[uint64]uint8{}
	}
	if hour := now.Truncate(time.Hour); !hour.Equal(c.crowded) {
		clear(c.crowd)
		c.crowded = hour
	}
	if now.Sub(c.swept).Abs() >= 10*time.Minute {
		c.swept = now
		for n, s := range c.tickets {
			if now.Sub(s.at) >= ticketLife {
				delete(c.tickets, n)
			}
		}
	}
}

// offer counts that somebody has a place before him, and what he was given there, nil for
// nothing. It reports whether what becomes of that is to be counted.
func (c *counter) offer(x *Spot, v Visit, who *person, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now)
	if v.Machine {
		return false
	}
	hour := now.UTC().Truncate(time.Hour)
	c.tally.chances[chanceKey{v.Place, hour}]++
	if x == nil {
		return false
	}
	if tellsApart(v.From) {
		n := &c.crowd[c.digest(v.From, x.ID)%crowds]
		if *n >= maxCrowd {
			c.tally.events[countKey{x.ID, hour, LeftOut}]++
			return false
		}
		*n++
	}
	if who != nil && x.Cap > 0 && len(c.people) < maxPeople {
		c.people[c.of(who.key, x.ID)]++
	}
	c.tally.events[countKey{x.ID, hour, Served}]++
	c.flow(x.ID).serve(now)
	return true
}

func (c *counter) flow(booking string) *flow {
	f := c.flows[booking]
	if f == nil {
		f = new(flow)
		c.flows[booking] = f
	}
	return f
}

// Count counts that something has become of what a ticket is for, once. What cannot have
// happened is left out; it is true only for what was counted.
func (s *Store) Count(t Ticket, what Event, v Visit) bool {
	now := s.Now()
	x, ok := s.read(t, now)
	if !ok || v.Machine {
		return false
	}
	spot, ok := s.Spot(x.booking)
	if !ok {
		return false
	}
	if !s.counter.count(spot, x, what, now) {
		return false
	}
	s.tell(spot, what)
	return true
}

func (c *counter) count(spot *Spot, x stub, what Event, now time.Time) bool {
	bit := bitOf(what)
	if bit == 0 {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now)
	st, known := c.tickets[x.number]
	if !known && len(c.tickets) >= maxTickets || len(c.tally.heard) >= maxHeard {
		return false
	}
	hour := now.UTC().Truncate(time.Hour)
	if st.done&bit != 0 || !possible(spot, x, st, what, now) {
		c.tally.events[countKey{x.booking, hour, LeftOut}]++
		return false
	}
	st.at, st.done = x.at, st.done|bit
	if what == Started {
		st.started = now
	}
	c.tickets[x.number] = st
	c.hear(x, what, hour)
	if what == Viewed {
		c.flow(x.booking).view(x.at)
	}
	return true
}

// hear notes what is to be written down of a ticket. Its number there begins with the
// moment within its hour: tickets of one time lie side by side, so few pages are written.
func (c *counter) hear(x stub, what Event, hour time.Time) {
	of := x.at.UTC().Truncate(time.Hour)
	number := x.at.Sub(of).Milliseconds()<<41 | int64(x.number>>27)<<4 | int64(slices.Index(Events(), what))
	c.tally.heard = append(c.tally.heard, heard{of, number, countKey{x.booking, hour, what}})
}

// bitOf is an event's bit in what was counted of a ticket; 0 for what nobody may tell us.
func bitOf(what Event) uint16 {
	for i, e := range Events() {
		if e == what && what != Served && what != LeftOut {
			return 1 << i
		}
	}
	return 0
}

// possible reports whether that can have happened by now.
func possible(spot *Spot, x stub, st stages, what Event, now time.Time) bool {
	played := func(part float64) bool {
		if st.started.IsZero() {
			return false
		}
		if spot.Film == nil || spot.Film.Duration == 0 {
			return true
		}
		return now.Sub(st.started).Seconds()*fastest+1 >= part*spot.Film.Duration.Seconds()
	}
	switch what {
	case Viewed:
		return now.Sub(x.at) >= lookTime
	case Started, Clicked:
		return now.Sub(x.at) >= clickTime
	case Quarter:
		return played(0.25)
	case Half:
		return played(0.5)
	case Third:
		return played(0.75)
	case Completed:
		return played(0.95)
	}
	return false
}

// expected is how many impressions a booking has, with those that are on their way.
func (c *counter) expected(x *Spot, now time.Time) float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(now)
	f := c.flow(x.ID)
	return float64(f.total+f.unkept) + f.coming(now)
}
