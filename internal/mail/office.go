package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An Office delivers letters to many over the servers of a Sender, each as far
// as its limits allow. Letters that somebody waits for do not pass through it:
// Sender.Send has a connection of its own. It is safe for use by many
// goroutines, and knows the same limits for all of them.
type Office struct {
	Sender *Sender

	mu      sync.Mutex
	free    *sync.Cond // a server can be used again, or somebody is to stop
	posts   []*post
	domains map[string]*domain
	busy    int // how many Deliver run
}

// A Parcel is one letter on its way.
type Parcel struct {
	From, To string // of the envelope
	Raw      []byte // not signed yet
	Ref      any    // what the caller knows it by
	Tries    int    // how often it was sent before: pauses grow with that
}

// A Fate is what became of a parcel.
type Fate string

const (
	Accepted Fate = "accepted" // a server has it
	Later    Fate = "later"    // not now
	Refused  Fate = "refused"  // never, for this recipient
)

// An Outcome says what became of a parcel.
type Outcome struct {
	Fate   Fate
	Server string    // which was asked; "" when nothing was sent, and the letter has not been tried
	After  time.Time // Later: when to try again
	Unsure bool      // Later: a server may have it all the same, for the connection was lost before it said so
	Code   int       // what the server answered, or 0
	Status string    // its enhanced status, such as "4.7.1", or ""
	Text   string    // its words, or why nothing was sent, in one line
	Out    int       // how many letters of the same Deliver are with servers at this moment
}

// maxHanded is how often one Deliver gives a parcel to a server.
const maxHanded = 3

// outboxHands put letters into the outbox where there is no server.
const outboxHands = 4

// Deliver takes parcels from next until it has no more or ctx ends, and calls
// done for each, from many goroutines. What done returns, if anything, is heard
// when it is noted for good what became of the parcel. Meanwhile the connection
// makes its next letter ready, but it does not send it before: a process that
// dies can double no more letters than there are connections. An error ends the
// work of that connection.
func (o *Office) Deliver(ctx context.Context, next func(context.Context) (*Parcel, bool), done func(context.Context, *Parcel, Outcome) (noted <-chan error)) error {
	hands := o.begin()
	defer o.end()
	r := &round{o: o, next: next, done: done, turn: make(chan struct{}, 1), changed: make(chan struct{}, 1)}
	wake := context.AfterFunc(ctx, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.free.Broadcast()
	})
	defer wake()
	var all sync.WaitGroup
	for range hands {
		all.Go(func() { r.work(ctx) })
	}
	all.Wait()
	return ctx.Err()
}

// begin makes the office ready, and returns how many letters may be out.
func (o *Office) begin() (hands int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.free == nil {
		o.free, o.domains = sync.NewCond(&o.mu), map[string]*domain{}
		for i := range o.Sender.Servers {
			o.posts = append(o.posts, newPost(&o.Sender.Servers[i]))
		}
	}
	o.busy++
	for _, p := range o.posts {
		hands += p.limit
	}
	if len(o.posts) == 0 {
		hands = outboxHands
	}
	return hands
}

// end takes leave of the servers when nobody else is sending.
func (o *Office) end() {
	o.mu.Lock()
	var idle []*line
	if o.busy--; o.busy == 0 {
		for _, p := range o.posts {
			idle, p.idle = append(idle, p.idle...), nil
		}
	}
	o.mu.Unlock()
	var all sync.WaitGroup
	for _, l := range idle {
		all.Go(l.quit)
	}
	all.Wait()
}

// A round is one Deliver.
type round struct {
	o    *Office
	next func(context.Context) (*Parcel, bool)
	done func(context.Context, *Parcel, Outcome) <-chan error

	turn    chan struct{} // held by who asks next
	changed chan struct{} // something was given back, or is finished

	sent atomic.Int64 // letters that are with servers

	mu   sync.Mutex
	back []task
	out  int
	over bool
}

// A task is a parcel and how often a server has had it in this round.
type task struct {
	*Parcel
	handed int
}

// work delivers parcels until there are none.
func (r *round) work(ctx context.Context) {
	h := &hand{press: r.o.Sender.press(), sent: &r.sent}
	defer h.wait()
	for {
		t, ok := r.take(ctx)
		if !ok {
			return
		}
		out, again := r.o.deliver(ctx, h, &t)
		if !again {
			// What became of a letter is noted also when we are to stop.
			out.Out = int(r.sent.Load())
			_ = h.wait()
			h.noted = r.done(context.WithoutCancel(ctx), t.Parcel, out)
		}
		r.mu.Lock()
		if r.out--; again {
			r.back = append(r.back, t)
		}
		r.mu.Unlock()
		select {
		case r.changed <- struct{}{}:
		default:
		}
	}
}

// A hand delivers one letter after the other.
type hand struct {
	press  *press
	sent   *atomic.Int64
	letter []byte       // signed
	noted  <-chan error // that the last one is
	err    error        // why it was not
}

// wait waits until it is noted what became of the last letter.
func (h *hand) wait() error {
	if h.noted != nil {
		h.err = cmp.Or(h.err, <-h.noted)
		h.noted = nil
	}
	return h.err
}

// take returns the next parcel: one that was given back first.
func (r *round) take(ctx context.Context) (task, bool) {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	for {
		r.mu.Lock()
		if n := len(r.back); n > 0 {
			t := r.back[n-1]
			r.back = r.back[:n-1]
			r.out++
			r.mu.Unlock()
			return t, true
		}
		over, out := r.over || ctx.Err() != nil, r.out
		r.mu.Unlock()
		if over && out == 0 {
			return task{}, false
		}
		if over {
			<-r.changed // what is still out may come back
			continue
		}
		p, ok := r.next(ctx)
		r.mu.Lock()
		if ok && p != nil {
			r.out++
			r.mu.Unlock()
			return task{Parcel: p}, true
		}
		r.over = true
		r.mu.Unlock()
	}
}

// deliver sends one parcel, or reports that another server is to have it.
func (o *Office) deliver(ctx context.Context, h *hand, t *task) (out Outcome, again bool) {
	now := o.Sender.now()
	if ctx.Err() != nil {
		return Outcome{Fate: Later, After: now, Text: "the paper is stopping"}, false
	}
	from, to, err := envelope(t.Parcel)
	if err != nil {
		return Outcome{Fate: Refused, Text: words(err.Error())}, false
	}
	if until, why := o.rests(domainOf(to)); until.After(now) {
		return Outcome{Fate: Later, After: until, Text: why}, false
	}
	if h.letter, err = h.press.sign(h.letter[:0], t.Raw); err != nil {
		return Outcome{Fate: Refused, Text: words(err.Error())}, false
	}
	if h.wait() != nil {
		return Outcome{Fate: Later, After: now, Text: "what became of the last letter could not be noted"}, false
	}
	if len(o.posts) == 0 {
		if err := o.Sender.keep(from, to, h.letter); err != nil {
			return Outcome{Fate: Later, After: now.Add(pause(t.Tries)), Text: words(err.Error())}, false
		}
		return Outcome{Fate: Accepted}, false
	}
	p, until := o.choose(ctx)
	if p == nil {
		return Outcome{Fate: Later, After: until, Text: "every mail server rests"}, false
	}
	t.handed++
	h.sent.Add(1)
	f, ended := o.send(ctx, p, from, to, h.letter)
	h.sent.Add(-1)
	if ended {
		return Outcome{Fate: Later, After: o.Sender.now(), Text: "the paper is stopping"}, false
	}
	return o.judge(p, t, domainOf(to), f)
}

// envelope checks the addresses of a parcel.
func envelope(p *Parcel) (from, to string, err error) {
	from, errFrom := ParseAddress(p.From)
	to, errTo := ParseAddress(p.To)
	return from, to, errors.Join(errFrom, errTo)
}

// send gives a letter to a server that was chosen. A connection that was idle
// may have been closed meanwhile, of which nobody is to blame: then a new one
// has another try. It has ended when we are to stop and nothing was sent.
func (o *Office) send(ctx context.Context, p *post, from, to string, letter []byte) (f *fault, ended bool) {
	l := o.line(p)
	defer func() {
		if f != nil && f.about == aboutUs && !f.unsure && ctx.Err() != nil {
			ended = true
		}
		o.release(p, l, f, ended)
	}()
	if !p.wait(ctx, o) {
		return nil, true
	}
	if l != nil {
		f = l.transfer(ctx, from, to, letter)
		closed := f != nil && f.about == aboutUs && (f.answer == nil || f.answer.Code == 421)
		if l.ready(ctx, f) {
			return f, false
		}
		if l = nil; !closed {
			return f, false
		}
	}
	l, err := p.server.connect(ctx, smtpTimeout)
	if err != nil {
		return &fault{err: err}, false
	}
	f = l.transfer(ctx, from, to, letter)
	if !l.ready(ctx, f) {
		l = nil
	}
	return f, false
}

// judge makes an outcome of what a server said, and remembers it.
func (o *Office) judge(p *post, t *task, domain string, f *fault) (out Outcome, again bool) {
	now := o.Sender.now()
	out = Outcome{Server: p.server.Host}
	if f == nil {
		o.heard(domain, now, Outcome{Fate: Accepted})
		out.Fate = Accepted
		return out, false
	}
	out.Fate, out.After, out.Unsure, out.Text = Later, now.Add(pause(t.Tries)), f.unsure, words(f.Error())
	if f.answer != nil {
		out.Code, out.Status, out.Text = answered(f.answer)
	}
	switch {
	case f.unsure:
	case f.about == aboutUs:
		return out, t.handed < maxHanded
	case out.Code/100 == 5:
		out.Fate, out.After = Refused, time.Time{}
	}
	o.heard(domain, now, out)
	return out, false
}

// pause is how long a letter waits after so many tries. Who delays the letters
// of strangers (greylisting) takes them after five minutes.
func pause(tries int) time.Duration {
	return min(5*time.Minute<<min(max(tries, 0), 6), 4*time.Hour)
}

// A ServerState is what the newsroom shows of a server.
type ServerState struct {
	Name        string
	Connections int       // now
	Limit       int       // of connections
	Rate        float64   // letters per second, of late
	LastError   string    // in words, or ""
	LastErrorAt time.Time // the zero time when there was none
	Rests       time.Time // until when it is not used; in the past, or zero, when it is
}

// State says how the servers are.
func (o *Office) State() (list []ServerState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.Sender.now()
	for _, p := range o.posts {
		list = append(list, ServerState{
			Name: fmt.Sprintf("%s:%d", p.server.Host, p.server.port()), Connections: len(p.idle) + p.taken, Limit: p.limit,
			Rate: p.speed.at(now), LastError: p.said, LastErrorAt: p.saidAt, Rests: p.until,
		})
	}
	return list
}

// A DomainState is a receiving domain that rests.
type DomainState struct {
	Name  string
	Rests time.Time // until when
	Why   string    // what its server said
}

// Resting lists the receiving domains that get no letters now, by name.
func (o *Office) Resting() (list []DomainState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.Sender.now()
	for name, d := range o.domains {
		if d.until.After(now) {
			list = append(list, DomainState{name, d.until, d.why})
		}
	}
	slices.SortFunc(list, func(a, b DomainState) int { return strings.Compare(a.Name, b.Name) })
	return list
}
