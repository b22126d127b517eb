package promo

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// A Visit is that somebody has a place before him, as far as a request tells.
type Visit struct {
	Place   string
	From    netip.Addr
	Agent   string // what the browser calls itself
	Machine bool   // it says that it is no person's
	Library bool   // only a film of our library will do
}

// Slot returns what a page shows in a place when nobody in particular looks at it; nil
// when nothing is booked. until is when that may change; zero: not for a while.
func (s *Store) Slot(place string) (spot *Spot, until time.Time) {
	x, now := s.now(), s.Now()
	if spot = s.pick(x, Visit{Place: place}, now, nil, 0.5); spot == nil {
		spot = s.promised(x, place, now)
	}
	return spot, x.next
}

// promised is what is up to its plan now and will be due later: a page that is made
// meanwhile keeps its slot, and whoever comes near it is served or not.
func (s *Store) promised(x *slate, place string, now time.Time) *Spot {
	for _, spot := range x.spots {
		if spot.Kind == Impressions && spot.At(place) && spot.Showable(now) && s.counter.expected(spot, now) < float64(spot.Goal) {
			return spot
		}
	}
	return nil
}

// Serve chooses what somebody sees in a place, and counts that; nil when nothing is there
// for him. By the ticket is counted what becomes of it; "" means that nothing is to be.
func (s *Store) Serve(v Visit) (*Spot, Ticket) {
	now := s.Now()
	who := s.counter.begin(now, v)
	spot := s.pick(s.now(), v, now, who, rand.Float64())
	if !s.counter.offer(spot, v, who, now) {
		return spot, ""
	}
	return spot, s.newTicket(spot.ID, now)
}

// pick is the rule by which the slot is given away: what is exclusive; then those
// promised impressions that are behind, the most behind of the highest priority first;
// then shares of what is left; then the house's own. who is nil for nobody; dice is 0 to 1.
func (s *Store) pick(x *slate, v Visit, now time.Time, who *person, dice float64) *Spot {
	var behind *Spot
	var gap float64
	var shares, house []*Spot
	for _, spot := range x.spots {
		if !spot.At(v.Place) || !spot.Showable(now) || v.Library && spot.Source != Library || who.hasEnough(spot) {
			continue
		}
		switch spot.Kind {
		case Exclusive:
			return spot
		case Impressions:
			g := (spot.plan.due(now) - s.counter.expected(spot, now)) / float64(spot.Goal)
			if g > 0 && (behind == nil || spot.Priority == behind.Priority && g > gap) { // they are in order of priority
				behind, gap = spot, g
			}
		case Share:
			shares = append(shares, spot)
		case House:
			house = append(house, spot)
		}
	}
	if behind != nil {
		return behind
	}
	if spot := share(shares, dice, len(house) > 0); spot != nil {
		return spot
	}
	if len(house) == 0 {
		return nil
	}
	first := 0
	for first < len(house) && house[first].Priority == house[0].Priority {
		first++
	}
	return house[min(int(dice*float64(first)), first-1)]
}

// share gives each its part of a hundred. What is left belongs to the house, or when it
// has nothing, to all of them.
func share(spots []*Spot, dice float64, house bool) *Spot {
	sum := 0
	for _, x := range spots {
		sum += x.Share
	}
	if sum == 0 {
		return nil
	}
	whole := 100.0
	if sum < 100 && !house {
		whole = float64(sum)
	}
	at := dice * whole
	for _, x := range spots {
		if at -= float64(x.Share); at < 0 {
			return x
		}
	}
	return nil
}
