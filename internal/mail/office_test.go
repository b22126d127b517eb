package mail

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kawaraban/internal/papertest"
)

// A wire is a listener in memory, so that time can be made to pass.
type wire struct {
	calls  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newWire() *wire { return &wire{calls: make(chan net.Conn), closed: make(chan struct{})} }

func (w *wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.calls:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Addr() net.Addr { return &net.TCPAddr{} }

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case w.calls <- theirs:
		return ours, nil
	case <-w.closed:
		return nil, fmt.Errorf("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reached returns a server that leads to sink.
func reached(t *testing.T, host string, sink *papertest.Sink) Server {
	w := newWire()
	go func() { _ = sink.Serve(w) }()
	t.Cleanup(func() {
		sink.Close()
		w.Close()
		<-time.After(time.Hour) // of the bubble: a server that plays a slow one comes to its end
	})
	return Server{SMTP: SMTP{Host: host, Security: Plain, dial: w.dial}}
}

// officeOf returns an office with these servers.
func officeOf(t *testing.T, servers ...Server) *Office {
	return &Office{Sender: &Sender{From: "paper@paper.example", Servers: servers, Outbox: t.TempDir()}}
}

// A tray hands out parcels and remembers what became of them.
type tray struct {
	mu       sync.Mutex
	parcels  []*Parcel
	outcomes map[string][]Outcome
}

func parcels(n int, domain string) (list []*Parcel) {
	for i := range n {
		list = append(list, &Parcel{
			From: fmt.Sprintf("bounce+%d@paper.example", i), To: fmt.Sprintf("r%d@%s", i, domain),
			Raw: []byte("Subject: x\r\n\r\nHello\r\n"),
		})
	}
	return list
}

func (y *tray) next(context.Context) (*Parcel, bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if len(y.parcels) == 0 {
		return nil, false
	}
	p := y.parcels[0]
	y.parcels = y.parcels[1:]
	return p, true
}

func (y *tray) done(_ context.Context, p *Parcel, out Outcome) <-chan error {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.outcomes == nil {
		y.outcomes = map[string][]Outcome{}
	}
	y.outcomes[p.To] = append(y.outcomes[p.To], out)
	return nil
}

// fates counts the last outcomes.
func (y *tray) fates() map[Fate]int {
	y.mu.Lock()
	defer y.mu.Unlock()
	all := map[Fate]int{}
	for _, list := range y.outcomes {
		all[list[len(list)-1].Fate]++
	}
	return all
}

// persist delivers list until nothing is to be tried later, as the queue does.
func persist(t *testing.T, o *Office, list []*Parcel) *tray {
	t.Helper()
	y := &tray{}
	for range 60 {
		y.parcels = list
		if err := o.Deliver(t.Context(), y.next, y.done); err != nil {
			t.Fatal(err)
		}
		var later []*Parcel
		after := time.Time{}
		for _, p := range list {
			outs := y.outcomes[p.To]
			if out := outs[len(outs)-1]; out.Fate == Later {
				if out.Server != "" {
					p.Tries++
				}
				later = append(later, p)
				if after.IsZero() || out.After.Before(after) {
					after = out.After
				}
			}
		}
		if list = later; len(list) == 0 {
			return y
		}
		<-time.After(time.Until(after) + time.Second)
	}
	t.Fatalf("%d letters are never sent: %+v", len(list), y.outcomes[list[0].To])
	return nil
}

// once plays a fault for each recipient of whom is true, the first times.
type once struct {
	mu   sync.Mutex
	seen map[string]int
}

func (o *once) first(to string, times int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		o.seen = map[string]int{}
	}
	o.seen[to]++
	return o.seen[to] <= times
}

// TestReg_F11 plays each fault of a mail server against 300 letters: none is
// lost, and none is sent twice but those whose answer was lost.
func TestReg_F11(t *testing.T) {
	every := func(to string, n int) bool {
		var i int
		_, err := fmt.Sscanf(to, "r%d@", &i)
		return err == nil && i%n == 0
	}
	for name, test := range map[string]struct {
		play     func(o *once, began time.Time) func(stage papertest.Stage, from, to string) error
		refused  int
		twiceMax int
	}{
		"4xx": {play: func(o *once, _ time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, to string) error {
				if s == papertest.OnRcpt && every(to, 3) && o.first(to, 2) {
					return papertest.Answer(452, "4.2.2", "mailbox full")
				}
				return nil
			}
		}},
		"5xx": {refused: 75, play: func(*once, time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, to string) error {
				if s == papertest.OnRcpt && every(to, 4) {
					return papertest.Answer(550, "5.1.1", "nobody here")
				}
				return nil
			}
		}},
		"5xx after the text": {refused: 75, play: func(*once, time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, to string) error {
				if s == papertest.OnData && every(to, 4) {
					return papertest.Answer(554, "5.7.1", "spam")
				}
				return nil
			}
		}},
		"greylisting": {play: func(_ *once, began time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, _ string) error {
				if s == papertest.OnRcpt && time.Since(began) < 5*time.Minute {
					return papertest.Answer(451, "4.7.1", "Greylisted, come back in 5 minutes")
				}
				return nil
			}
		}},
		"slow replies": {play: func(o *once, _ time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, to string) error {
				if s == papertest.OnRcpt && every(to, 50) && o.first(to, 1) {
					<-time.After(time.Minute)
				}
				return nil
			}
		}},
		"lost before the text": {play: func(o *once, _ time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, to string) error {
				if s == papertest.OnRcpt && every(to, 20) && o.first(to, 1) {
					return papertest.ErrDrop
				}
				return nil
			}
		}},
		"lost after the text": {twiceMax: 15, play: func(o *once, _ time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, to string) error {
				if s == papertest.OnTaken && every(to, 20) && o.first(to, 1) {
					return papertest.ErrDrop
				}
				return nil
			}
		}},
		"we are refused": {play: func(o *once, _ time.Time) func(papertest.Stage, string, string) error {
			return func(s papertest.Stage, _, _ string) error {
				if s == papertest.OnMail && o.first("", 20) {
					return papertest.Answer(550, "5.7.1", "your address is on a list")
				}
				return nil
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &papertest.Sink{Keep: true}
				sink.Play = test.play(&once{}, time.Now())
				y := persist(t, officeOf(t, reached(t, "a.example", sink)), parcels(300, "post.example"))
				if got := y.fates(); got[Refused] != test.refused || got[Accepted] != 300-test.refused {
					t.Errorf("%v, want %d refused", got, test.refused)
				}
				times := map[string]int{}
				for _, l := range sink.Letters() {
					times[l.To]++
				}
				if len(times) != 300-test.refused || sink.Taken()-len(times) > test.twiceMax {
					t.Errorf("%d letters for %d people, want %d", sink.Taken(), len(times), 300-test.refused)
				}
				for to, n := range times {
					if n > 2 || n == 2 && !y.outcomes[to][0].Unsure {
						t.Errorf("%s got %d letters: %+v", to, n, y.outcomes[to])
					}
				}
				for _, outs := range y.outcomes {
					if len(outs) > 21 { // where the server rests, one letter after the other sees whether it still refuses us
						t.Fatalf("a letter was tried %d times", len(outs))
					}
				}
			})
		})
	}
}

// A server that dies gives way to another, and comes back.
func TestOfficeServersFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var killed sync.Once
		dying := &papertest.Sink{Keep: true}
		dying.Play = func(s papertest.Stage, _, _ string) error {
			if s == papertest.OnRcpt && dying.Taken() >= 2 {
				killed.Do(dying.Close)
			}
			return nil
		}
		well := &papertest.Sink{Keep: true}
		o := officeOf(t, reached(t, "a.example", dying), reached(t, "b.example", well))
		y := persist(t, o, parcels(200, "post.example"))
		if n := y.fates()[Accepted]; n != 200 {
			t.Errorf("%d letters were accepted", n)
		}
		times := map[string]int{}
		for _, l := range append(dying.Letters(), well.Letters()...) {
			times[l.To]++
		}
		if twice := dying.Taken() + well.Taken() - len(times); len(times) != 200 || twice > usualConnections || dying.Taken() == 0 {
			t.Errorf("%d people got a letter, %d two", len(times), twice)
		}
		if s := o.State(); s[0].LastError == "" || s[0].Rests.IsZero() || s[1].LastError != "" {
			t.Errorf("the servers are %+v", s)
		}
	})
}

// Where nothing can be reached, letters come back at once.
func TestOfficeAllRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dead := Server{SMTP: SMTP{Host: "a.example", Security: Plain, dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, fmt.Errorf("connection refused")
		}}}
		o, y := officeOf(t, dead, dead), &tray{parcels: parcels(1000, "post.example")}
		began := time.Now()
		if err := o.Deliver(t.Context(), y.next, y.done); err != nil {
			t.Fatal(err)
		}
		if y.fates()[Later] != 1000 || time.Since(began) > time.Second {
			t.Errorf("%v after %v", y.fates(), time.Since(began))
		}
		if out := y.outcomes["r999@post.example"][0]; out.Text != "every mail server rests" || out.After.Sub(began) != shortRest {
			t.Errorf("the last is %+v", out)
		}
	})
}

// A domain that has had enough rests; others go on.
func TestOfficeDomainRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var mu sync.Mutex
		sink := &papertest.Sink{Keep: true, Play: func(s papertest.Stage, _, to string) error {
			if s == papertest.OnRcpt && strings.HasSuffix(to, "@busy.example") {
				mu.Lock()
				defer mu.Unlock()
				if asked++; asked <= 20 {
					return papertest.Answer(451, "4.7.650", "too many letters from you")
				}
			}
			return nil
		}}
		o := officeOf(t, reached(t, "a.example", sink))
		y := &tray{parcels: append(parcels(500, "busy.example"), parcels(100, "post.example")...)}
		began := time.Now()
		if err := o.Deliver(t.Context(), y.next, y.done); err != nil {
			t.Fatal(err)
		}
		if f := y.fates(); f[Accepted] != 100 || f[Later] != 500 {
			t.Errorf("%v", f)
		}
		if asked > enough+usualConnections || sink.Taken() != 100 {
			t.Errorf("the busy domain was asked %d times", asked)
		}
		rest := o.Resting()
		if len(rest) != 1 || rest[0].Name != "busy.example" || rest[0].Rests.Sub(began) != 5*time.Minute || rest[0].Why != "too many letters from you" {
			t.Errorf("%+v rest", rest)
		}
		if y := persist(t, o, parcels(500, "busy.example")); y.fates()[Accepted] != 500 || len(o.Resting()) != 0 {
			t.Errorf("in the end %v", y.fates())
		}
	})
}

// Limits hold for all who send at once, and servers share by weight.
func TestOfficeLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(s papertest.Stage, _, _ string) error {
			if s == papertest.OnRcpt {
				<-time.After(10 * time.Millisecond)
			}
			return nil
		}
		sink := &papertest.Sink{Play: slow}
		server := reached(t, "a.example", sink)
		server.Rate, server.Connections = 20, 3
		o, began := officeOf(t, server), time.Now()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				y := &tray{parcels: parcels(25, fmt.Sprintf("d%d.example", i))}
				if err := o.Deliver(t.Context(), y.next, y.done); err != nil || y.fates()[Accepted] != 25 {
					t.Errorf("%v, %v", y.fates(), err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took < 9900*time.Millisecond || took > 11*time.Second || sink.Most() > 3 || sink.Opened() > 3 || sink.Taken() != 200 {
			t.Errorf("%d letters in %v over %d connections, %d at once", sink.Taken(), took, sink.Opened(), sink.Most())
		}
		if s := o.State()[0]; s.Rate < 18 || s.Rate > 22 || s.Connections != 0 || s.Limit != 3 {
			t.Errorf("the server is %+v", s)
		}
	})
}

func TestOfficeShares(t *testing.T) {
	free := []*post{{weight: 3}, {weight: 1}}
	var got []int
	for range 8 {
		got = append(got, slices.Index(free, inTurn(free, time.Now())))
	}
	if want := []int{0, 0, 1, 0, 0, 0, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("turns %v, want %v", got, want)
	}
	free[0].next = time.Now().Add(time.Hour)
	if inTurn(free, time.Now()) != free[1] {
		t.Error("a server that has to wait goes before one that has not")
	}
}

// Who is told to stop loses nothing: what was taken has an outcome.
func TestOfficeStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		sink := &papertest.Sink{Keep: true, Play: func(s papertest.Stage, _, to string) error {
			switch {
			case s == papertest.OnRcpt && strings.HasPrefix(to, "r30@"):
				stop()
			case s == papertest.OnData && strings.HasPrefix(to, "r31@"):
				<-time.After(time.Hour)
			}
			return nil
		}}
		o, y := officeOf(t, reached(t, "a.example", sink)), &tray{parcels: parcels(100, "post.example")}
		began := time.Now()
		if err := o.Deliver(ctx, y.next, y.done); err == nil || time.Since(began) > time.Minute {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if len(y.parcels)+len(y.outcomes) != 100 || y.fates()[Accepted] < sink.Taken()-usualConnections {
			t.Errorf("%d parcels are left, and %v; the server has %d", len(y.parcels), y.fates(), sink.Taken())
		}
	})
}

// Letters that somebody waits for have their own connection, and take the next
// server when the first does not answer.
func TestSendBesideOffice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := &papertest.Sink{Play: func(s papertest.Stage, _, _ string) error {
			if s == papertest.OnConnect {
				<-time.After(time.Minute)
			}
			return nil
		}}
		busy := &papertest.Sink{Keep: true, Play: func(s papertest.Stage, _, to string) error {
			if s == papertest.OnRcpt && strings.HasSuffix(to, "@post.example") {
				<-time.After(20 * time.Second)
			}
			return nil
		}}
		o := officeOf(t, reached(t, "a.example", silent), reached(t, "b.example", busy))
		y := &tray{parcels: parcels(20, "post.example")}
		over := make(chan error)
		go func() { over <- o.Deliver(t.Context(), y.next, y.done) }()
		<-time.After(time.Second)
		began := time.Now()
		if err := o.Sender.Send(t.Context(), Message{To: "ana@mail.example", Subject: "Your code", Text: "1234"}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("a log-in letter took %v", took)
		}
		if err := <-over; err != nil || y.fates()[Accepted] != 20 {
			t.Errorf("%v, %v", y.fates(), err)
		}
	})
}

// A server whose certificate nobody knows gets nothing; the other all, signed.
func TestOfficeTLS(t *testing.T) {
	first, strange := startServer(t, StartTLS)
	second, known := startServer(t, TLS)
	strange.RootCAs = nil
	o := officeOf(t, Server{SMTP: *strange}, Server{SMTP: *known})
	y := &tray{parcels: parcels(50, "post.example")}
	if err := o.Deliver(t.Context(), y.next, y.done); err != nil || y.fates()[Accepted] != 50 {
		t.Errorf("%v, %v", y.fates(), err)
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	if len(first.letters) != 0 || len(second.letters) != 50 {
		t.Errorf("the servers got %d and %d", len(first.letters), len(second.letters))
	}
	if s := o.State()[0]; !strings.Contains(s.LastError, "certificate") {
		t.Errorf("the first server is %+v", s)
	}
}

func TestOfficeOutbox(t *testing.T) {
	o, y := officeOf(t), &tray{parcels: append(parcels(5, "post.example"), &Parcel{From: "x", To: "y"})}
	if err := o.Deliver(t.Context(), y.next, y.done); err != nil {
		t.Fatal(err)
	}
	if f := y.fates(); !maps.Equal(f, map[Fate]int{Accepted: 5, Refused: 1}) {
		t.Errorf("%v", f)
	}
}
