package mail

import (
	"context"
	"slices"
	"time"
)

// usualConnections are those to a server that says nothing of it.
const usualConnections = 4

// How long a server rests after it could not be used: longer each time.
const (
	shortRest = 10 * time.Second
	longRest  = 15 * time.Minute
)

// lostAgain is after how many connections, lost one after the other, a server
// rests that otherwise answers.
const lostAgain = 3

// A post is a server as the office knows it. The office's lock guards it.
type post struct {
	server *Server
	limit  int
	weight int

	taken  int     // connections that send
	idle   []*line // connections that do not
	credit int     // for sharing by weight
	next   time.Time

	faults int // one after the other
	lost   int
	until  time.Time
	said   string
	saidAt time.Time
	speed  speed
}

func newPost(s *Server) *post {
	p := &post{server: s, limit: s.Connections, weight: s.Weight}
	if p.limit == 0 {
		p.limit = usualConnections
	}
	if p.weight == 0 {
		p.weight = 1
	}
	return p
}

// choose takes a connection of the server whose turn it is, waiting until one is
// free. It returns nil, and until when, where every server rests or we are to
// stop.
func (o *Office) choose(ctx context.Context) (*post, time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		now := o.Sender.now()
		if ctx.Err() != nil {
			return nil, now
		}
		var free []*post
		awake, until := false, time.Time{}
		for _, p := range o.posts {
			switch {
			case p.until.After(now):
				if until.IsZero() || p.until.Before(until) {
					until = p.until
				}
				continue
			case p.taken < p.limit:
				free = append(free, p)
			}
			awake = true
		}
		if !awake {
			return nil, until
		}
		if p := inTurn(free, now); p != nil {
			p.taken++
			return p, until
		}
		o.free.Wait()
	}
}

// inTurn shares letters by weight, evenly mixed, among servers that may send at
// once, or else among all.
func inTurn(free []*post, now time.Time) (best *post) {
	late := func(p *post) bool { return p.next.After(now) }
	if ready := slices.DeleteFunc(slices.Clone(free), late); len(ready) > 0 {
		free = ready
	}
	total := 0
	for _, p := range free {
		p.credit += p.weight
		total += p.weight
		if best == nil || p.credit > best.credit {
			best = p
		}
	}
	if best != nil {
		best.credit -= total
	}
	return best
}

// line returns a connection that is open already, or nil.
func (o *Office) line(p *post) (l *line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(p.idle); n > 0 {
		l, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	return l
}

// wait keeps a server's rate, and reports false when ctx ends before.
func (p *post) wait(ctx context.Context, o *Office) bool {
	if p.server.Rate <= 0 {
		return true
	}
	o.mu.Lock()
	now := o.Sender.now()
	if p.next.Before(now) {
		p.next = now
	}
	wait := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(float64(time.Second) / p.server.Rate))
	o.mu.Unlock()
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// release gives a connection back, and remembers what the server said with f
// where it was asked.
func (o *Office) release(p *post, l *line, f *fault, unasked bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p.taken--
	if l != nil {
		p.idle = append(p.idle, l)
	}
	if unasked {
		o.free.Signal()
		return
	}
	now := o.Sender.now()
	if rest := p.note(f, now); rest > 0 {
		p.until = now.Add(rest)
		time.AfterFunc(rest, func() { // those who wait look again
			o.mu.Lock()
			defer o.mu.Unlock()
			o.free.Broadcast()
		})
		o.free.Broadcast() // perhaps all rest now
		return
	}
	o.free.Signal()
}

// note remembers what became of a letter, and returns how long the server is to
// rest. Answers about a letter are no fault of the server's.
func (p *post) note(f *fault, now time.Time) (rest time.Duration) {
	p.speed.count(now)
	if f == nil {
		p.faults, p.lost = 0, 0
		return 0
	}
	p.said, p.saidAt = words(f.Error()), now
	switch {
	case f.about == aboutLetter && !f.unsure:
		p.faults, p.lost = 0, 0
		return 0
	case f.unsure:
		if p.lost++; p.lost < lostAgain {
			return 0
		}
	}
	if p.until.After(now) {
		return 0 // the same fault, seen by another connection
	}
	p.faults++
	return min(shortRest<<min(p.faults-1, 10), longRest)
}

// A speed is how many letters go out in a second, of late.
type speed struct {
	since  time.Time // of the span that is counted
	n      int
	before float64 // of the span before
}

// span is how long letters are counted for a speed.
const span = 10 * time.Second

func (s *speed) count(now time.Time) {
	if past := now.Sub(s.since); past >= span {
		s.before = 0
		if past < 2*span {
			s.before = float64(s.n) / span.Seconds()
		}
		s.since, s.n = now, 0
	}
	s.n++
}

// at is the speed at a time.
func (s *speed) at(now time.Time) float64 {
	past := now.Sub(s.since)
	switch {
	case past >= 2*span:
		return 0
	case past >= span || s.before == 0:
		return float64(s.n) / max(past.Seconds(), 1)
	default:
		return s.before
	}
}
